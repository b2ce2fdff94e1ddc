"""Made cases of each kind of finding, and properties: what adds up is never found, what cannot be always is."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reform_analysis.evidence.audit import audit
from reform_analysis.evidence.coherence import identity_checks
from reform_analysis.evidence.findings import COLUMNS, SEVERITIES
from reform_analysis.evidence.identities import RELATIONS, read_identities
from reform_analysis.evidence.printed import figure_interval

IDENTITIES_FILE = Path(__file__).parents[1] / "data" / "raw" / "identities.csv"
PROCESSED = Path(__file__).parents[1] / "data" / "processed"
KINDS = {"rate": "share", "online_share": "share", "outcome": "share", "per_commune": "rate", "left": "cumulative"}
CODES = [
    "received", "online", "in_person", "post", "resolved", "on_time", "late", "open", "rate", "outcome", "online_share",
    "left", "units", "before", "reduced", "staff", "per_commune", "central", "local", "score",
]  # fmt: skip
INDICATORS = pd.DataFrame({"code": CODES})


def identity(relation, result, parts, whole="", instead="", may_lie="", caution=""):
    return {
        "identity_id": f"{relation}_{result or parts}",
        "relation": relation,
        "result": result,
        "parts": parts,
        "whole": whole,
        "instead": instead,
        "may_lie": may_lie,
        "caution": caution,
    }


IDENTITIES = pd.DataFrame(
    [
        identity("sum", "resolved", "on_time late"),
        identity("sum", "received", "online in_person post?", may_lie="above", caution="Post is not printed."),
        identity("sum", "received", "resolved open", instead="open[carried_over]"),
        identity("sum", "left", "left@central_tier left@local_tier"),
        identity("sum", "before", "units* reduced*"),
        identity("share", "rate", "on_time", "resolved", instead="received"),
        identity("share", "online_share", "online", "received"),
        identity("share", "outcome[open]", "open", "open resolved"),
        identity("share", "outcome[filled]", "staff", "3319"),
        identity("rate", "per_commune", "staff", "units"),
        identity("complement", "", "central local"),
        identity("grows", "received", ""),
        identity("grows", "left", ""),
    ]
)


def observations(*figures):
    """Processed observations from short descriptions: indicator, phrase, value, and what differs from a default."""
    rows = []
    for number, (indicator, figure, value, *rest) in enumerate(figures, start=1):
        more = rest[0] if rest else {}
        kind = more.get("kind", KINDS.get(indicator, "share" if "%" in figure else "cumulative"))
        unit = "percent" if "%" in figure else "applications"
        options = {"value": value, "unit": unit, "qualifier": more.get("qualifier", "exact"), "cap": None}
        soft, hard = figure_interval(figure, **options), figure_interval(figure, mode="hard", **options)
        row = {
            "observation_id": f"page-{number:06x}.01", "source_id": "page", "family": None, "indicator": indicator,
            "scope": "", "breakdown": "", "place_id": "01", "figure": figure, "value": float(value),
            "qualifier": "exact", "date_precision": "day", "denominator_note": "", "reprint_group": "", "kind": kind,
            "status": "current", "reliability": "B", "phase": "window", "low": soft.low, "high": soft.high,
            "hard_low": hard.low, "hard_high": hard.high, "period_start": "2025-07-01", "period_end": "2025-08-31",
            "published": None,
        }  # fmt: skip
        row |= more
        row["family"] = row["family"] or row["source_id"]
        rows.append(row)
    frame = pd.DataFrame(rows)
    for date in ("period_start", "period_end", "published"):
        frame[date] = pd.to_datetime(frame[date])
    return frame


def found(*figures):
    return audit(observations(*figures), IDENTITIES, INDICATORS)


def on(day, **more):
    return {"period_end": day, **more}


BEFORE = on("2025-06-30", phase="baseline", period_start=None)
CONSISTENT = {
    "parts add up": [("resolved", "10", 10), ("on_time", "7", 7), ("late", "3", 3)],
    "rounded parts": [("resolved", "1.2 million", 1.2e6), ("on_time", "700,000", 7e5), ("late", "460,000", 4.6e5)],
    "hedged parts": [
        ("resolved", "more than 90", 90, {"qualifier": "more_than"}), ("on_time", "91", 91), ("late", "3", 3),
    ],
    "optional part in": [("received", "10", 10), ("online", "6", 6), ("in_person", "3", 3), ("post", "1", 1)],
    "optional part out": [("received", "9", 9), ("online", "6", 6), ("in_person", "3", 3), ("post", "1", 1)],
    "share": [("rate", "98.4 %", 98.4), ("on_time", "4,607", 4607), ("resolved", "4,684", 4684)],
    "share at a tie": [("rate", "12.5 %", 12.5), ("on_time", "1", 1), ("resolved", "8", 8)],
    "share without its count": [("rate", "31.08 %", 31.08), ("resolved", "2,896", 2896)],
    "share of part and rest": [("outcome", "75 %", 75, {"breakdown": "open"}), ("open", "3", 3), ("resolved", "1", 1)],
    "share of a constant": [("outcome", "98.7 %", 98.7, {"breakdown": "filled"}), ("staff", "3,276", 3276)],
    "rate": [("per_commune", "41.03", 41.03), ("staff", "136,261", 136261), ("units", "3,321", 3321)],
    "state before on another day": [
        ("before", "129", 129, BEFORE), ("units", "45", 45), ("reduced", "84", 84),
    ],
    "complements": [("central", "44 %", 44), ("local", "56 %", 56)],
    "tiers": [
        ("left", "146,846", 146846), ("left", "47,920", 47920, {"scope": "central_tier"}),
        ("left", "98,926", 98926, {"scope": "local_tier"}),
    ],
    "other page": [("resolved", "10", 10), ("on_time", "7", 7, {"source_id": "other"}), ("late", "5", 5)],
    "other place": [("resolved", "10", 10), ("on_time", "7", 7), ("late", "5", 5, {"place_id": "04"})],
    "other population": [("resolved", "10", 10), ("on_time", "7", 7), ("late", "5", 5, {"scope": "land"})],
    "other day": [("resolved", "10", 10), ("on_time", "7", 7), ("late", "5", 5, on("2025-09-30"))],
    "other period": [
        ("resolved", "10", 10), ("on_time", "7", 7), ("late", "5", 5, {"period_start": "2025-08-01"}),
    ],
    "a growing count": [("received", "10", 10), ("received", "10", 10, on("2025-09-30"))],
    "counts from two days": [
        ("received", "10", 10), ("received", "9", 9, on("2025-09-30", period_start="2025-09-01")),
    ],
    "rounded and full count": [
        ("received", "nearly 950", 950, {"qualifier": "nearly"}), ("received", "944", 944, {"source_id": "other"}),
    ],
    "two periods on one day": [("open", "3", 3), ("open", "5", 5, {"period_start": "2025-08-01"})],
    "withdrawn": [("open", "3", 3), ("open", "5", 5, {"status": "withdrawn"})],
    "unclear population": [
        ("open", "3", 3, {"scope": "coverage_unclear"}), ("open", "5", 5, {"scope": "coverage_unclear"}),
    ],
    "deadlines": [("open", "3", 3, {"kind": "deadline"}), ("open", "5", 5, {"kind": "deadline"})],
    "target read ahead": [("open", "3", 3, {"scope": "planned", "published": "2025-07-10"})],
}  # fmt: skip


@pytest.mark.parametrize("figures", CONSISTENT.values(), ids=CONSISTENT.keys())
def test_what_can_hold_is_not_found(figures):
    assert found(*figures)["explanation"].tolist() == []


# id: figures, kind, severity, gap, words in the explanation
FAILING = {
    "parts short of the total": (
        [("resolved", "510,541", 510541), ("on_time", "509,772", 509772), ("late", "763", 763)],
        "sum", "hard", 6, "509,772 + 763 make 510,535, printed as 510,541",
    ),
    "copies tested across sources": (
        [
            ("resolved", "10", 10, {"source_id": "a", "family": "wire"}),
            ("on_time", "7", 7, {"source_id": "b", "family": "wire"}),
            ("late", "5", 5, {"source_id": "b", "family": "wire"}),
        ],
        "sum", "hard", 2, "7 + 5 make 12",
    ),
    "tiers": (
        [
            ("left", "146,846", 146846), ("left", "47,921", 47921, {"scope": "central_tier"}),
            ("left", "98,926", 98926, {"scope": "local_tier"}),
        ],
        "sum", "hard", 1, "make 146,847",
    ),
    "caution on its side": (
        [("received", "12", 12), ("online", "6", 6), ("in_person", "3", 3)],
        "sum", "definition", 3, "Post is not printed.",
    ),
    "no caution on the other side": (
        [("received", "8", 8), ("online", "6", 6), ("in_person", "3", 3)],
        "sum", "hard", 1, "No rounding explains it",
    ),
    "no caution with the optional part printed": (
        [("received", "12", 12), ("online", "6", 6), ("in_person", "3", 3), ("post", "1", 1)],
        "sum", "hard", 2, "6 + 3 + 1 make 10",
    ),
    "another amount counted in": (
        [
            ("received", "15", 15), ("resolved", "6", 6), ("open", "4", 4),
            ("open", "5", 5, {"breakdown": "carried_over"}),
        ],
        "sum", "definition", 5, "It fits if open carried over (5) is counted in.",
    ),
    "hedge read loosely": (
        [("resolved", "more than 90", 90, {"qualifier": "more_than"}), ("on_time", "120", 120), ("late", "3", 3)],
        "sum", "hedge", 24, "read loosely",
    ),
    "share": (
        [("rate", "98.1 %", 98.1), ("on_time", "72,591", 72591), ("resolved", "73,544", 73544)],
        "share", "hard", 0.554177, "72,591 of 73,544 is 98.7042 %, printed as 98.1 %",
    ),
    "share off by less than a digit": (
        [("rate", "1.7 %", 1.7), ("on_time", "77", 77), ("resolved", "4,684", 4684)],
        "share", "rounding", 0.00610589, "last printed digit",
    ),
    "share cut": (
        [("rate", "98.9 %", 98.9), ("on_time", "145,898", 145898), ("resolved", "147,388", 147388)],
        "share", "truncation", 0.0390629, "cut after its last printed digit",
    ),
    "share of another base": (
        [("rate", "50 %", 50), ("on_time", "5", 5), ("resolved", "6", 6), ("received", "10", 10)],
        "share", "definition", 32.8333, "It fits received (10) as the base.",
    ),
    "share that no count gives": (
        [("rate", "99.99 %", 99.99), ("resolved", "4,473", 4473)],
        "share", "definition", 0.005, "No whole number out of 4,473 gives 99.99 %; the nearest share is 100 %",
    ),
    "share of a constant": (
        [("outcome", "97.7 %", 97.7, {"breakdown": "filled"}), ("staff", "3,276", 3276)],
        "share", "hard", 0.954429, "3,276 of 3,319",
    ),
    "rate": (
        [("per_commune", "42.03", 42.03), ("staff", "136,261", 136261), ("units", "3,321", 3321)],
        "rate", "hard", 0.994889, "136,261 of 3,321 is 41.0301, printed as 42.03",
    ),
    "state before on another day": (
        [("before", "130", 130, BEFORE), ("units", "45", 45), ("reduced", "84", 84)],
        "sum", "hard", 1, "45 + 84 make 129",
    ),
    "complements": (
        [("central", "44.2 %", 44.2), ("local", "56.1 %", 56.1)],
        "complement", "hard", 0.2, "44.15 to 44.25 + 56.05 to 56.15 make 100.2 to 100.4, not 100",
    ),
    "complements cut": (
        [("central", "44.1 %", 44.1), ("local", "55.7 %", 55.7)],
        "complement", "truncation", 0.1, "cut",
    ),
    "a count that falls": (
        [("left", "146,846", 146846), ("left", "146,839", 146839, on("2025-10-28"))],
        "series", "hard", 7, "146,846 by 2025-08-31, then 146,839 by 2025-10-28",
    ),
    "a fall between reports": (
        [("left", "146,846", 146846), ("left", "146,839", 146839, on("2025-10-28", source_id="other"))],
        "series", "definition", 7, "different reports",
    ),
    "a fall between vague days": (
        [("left", "20", 20), ("left", "19", 19, on("2025-10-28", date_precision="approximate"))],
        "series", "date", 1, "not printed to the day",
    ),
    "a part that outgrows its total": (
        [
            ("received", "17,710", 17710, on("2025-07-14")), ("online_share", "75.78 %", 75.78, on("2025-07-14")),
            ("received", "44,825", 44825, on("2025-07-31")), ("online_share", "91.17 %", 91.17, on("2025-07-31")),
        ],
        "series", "hard", 328.188, "the part grew by at least 27,443.1878, its total by at most 27,115",
    ),
    "two sources": (
        [("open", "25,611", 25611), ("open", "27,900", 27900, {"source_id": "other"})],
        "conflict", "hard", 2239, "25,611 (page) and 27,900 (other) exclude each other by 2,239",
    ),
    "two sources that describe the base": (
        [("open", "3", 3, {"denominator_note": "army excluded"}), ("open", "4", 4, {"source_id": "other"})],
        "conflict", "definition", 1, "do not describe what they count alike",
    ),
    "two sources, one without a start": (
        [("open", "3", 3), ("open", "4", 4, {"source_id": "other", "period_start": None})],
        "conflict", "definition", 1, "start of the count",
    ),
    "two stocks of one month": (
        [
            ("open", "3", 3, {"period_start": None, "date_precision": "month"}),
            ("open", "4", 4, {"period_start": None, "date_precision": "month"}),
        ],
        "conflict", "date", 1, "not printed to the day",
    ),
    "two flows of one month": (
        [("open", "3", 3, {"date_precision": "month"}), ("open", "4", 4, {"date_precision": "month"})],
        "conflict", "hard", 1, "exclude each other",
    ),
    "reprints": (
        [("open", "466", 466, {"reprint_group": "R001"}), ("open", "465", 465, {"reprint_group": "R001"})],
        "reprint", "hard", 1, "exclude each other by 1",
    ),
    "share over 100": ([("rate", "112 %", 112)], "impossible", "hard", 12, "between 0 and 100"),
    "end before start": (
        [("open", "3", 3, on("2025-06-29", phase="baseline"))], "impossible", "hard", 2, "ends before it starts",
    ),
    "older than the window": (
        [("open", "3", 3, on("2025-06-30", period_start=None))], "impossible", "hard", 1, "older than the reform",
    ),
    "value outside its bounds": (
        [("open", "3", 3, {"high": 2.0, "low": 1.0})], "impossible", "hard", 1, "outside the bounds",
    ),
    "printed before it happened": (
        [("open", "3", 3, {"published": "2025-08-30"})], "impossible", "hard", 1, "older than the last day",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("figures", "kind", "severity", "gap", "words"), FAILING.values(), ids=FAILING.keys())
def test_what_cannot_hold_is_found(figures, kind, severity, gap, words):
    findings = found(*figures)
    assert findings["kind"].tolist() == [kind]
    (finding,) = findings.to_dict("records")
    assert finding["severity"] == severity
    assert finding["gap"] == pytest.approx(gap, rel=1e-5)
    assert words in finding["explanation"]
    assert set(finding["observation_ids"].split()) <= set(observations(*figures)["observation_id"])


def test_every_severity_and_kind_has_a_made_case():
    kinds = {"sum", "share", "rate", "complement", "series", "conflict", "reprint", "impossible"}
    assert {case[2] for case in FAILING.values()} == set(SEVERITIES)
    assert {case[1] for case in FAILING.values()} == kinds


def counts_ending_in(digits):
    """Counts of four digits, each of its own place, with these last digits."""
    return [
        ("score", str(1000 + 10 * n + digit), 1000 + 10 * n + digit, {"place_id": f"{n:05d}"})
        for n, digit in enumerate(digits)
    ]


def test_heaped_last_digits_are_found_once_for_an_indicator():
    (finding,) = found(*counts_ending_in([0, 5, 0, 5, 0, 5, 1, 2, 3, 4] * 8)).to_dict("records")
    assert (finding["kind"], finding["indicator"], finding["expected"]) == ("heaping", "score", "20 %")
    assert len(finding["observation_ids"].split()) == 40


@pytest.mark.parametrize(
    "digits",
    [[*range(10)] * 8, [*range(10)] * 5 + [5, 5, 5, 5], [0, 5] * 20],
    ids=["even", "within chance", "too few"],
)
def test_even_or_few_last_digits_are_not_found(digits):
    assert found(*counts_ending_in(digits)).empty


def test_one_contradiction_in_several_reprints_is_one_finding():
    page = [("resolved", "10", 10), ("on_time", "7", 7), ("late", "5", 5)]
    copies = [(*figure, {"source_id": source}) for source in "abc" for figure in page]
    (finding,) = found(*copies).to_dict("records")
    assert len(finding["observation_ids"].split()) == 9


def test_findings_do_not_depend_on_the_order_of_rows():
    spread = [
        (*figure[:3], {**(figure[3] if len(figure) > 3 else {}), "place_id": str(number)})
        for number, case in enumerate(FAILING.values())
        for figure in case[0]
    ]
    frame = observations(*spread)
    expected = audit(frame, IDENTITIES, INDICATORS)
    assert sorted(expected["kind"]) == sorted(case[1] for case in FAILING.values())
    shuffled = audit(frame.sample(frac=1, random_state=1), IDENTITIES, INDICATORS)
    pd.testing.assert_frame_equal(shuffled, expected)


def test_no_figures_give_no_findings():
    findings = audit(observations(("open", "3", 3)).iloc[:0], IDENTITIES, INDICATORS)
    assert findings.empty
    assert tuple(findings.columns) == COLUMNS


def printed(number, style):
    """A number as a newspaper prints it: in full, rounded to hundreds, or in millions with one decimal."""
    # nobody prints 60 as 100: the convention takes a tenth of a figure as the most that its zeros hide
    if style == "hundreds" and number >= 1000:
        rounded = (number + 50) // 100 * 100
        return f"{rounded:,}", rounded
    if style == "millions":
        tenths = (number + 50_000) // 100_000
        return f"{tenths // 10}.{tenths % 10} million", tenths * 100_000
    return f"{number:,}", number


@settings(max_examples=40, deadline=None)
@given(
    late=st.integers(0, 10**6),
    on_time=st.integers(1, 10**7),
    still_open=st.integers(0, 10**6),
    styles=st.lists(st.sampled_from(["full", "hundreds", "millions"]), min_size=5, max_size=5),
    decimals=st.integers(0, 2),
)
def test_figures_of_one_true_state_never_raise_a_finding(late, on_time, still_open, styles, decimals):
    resolved = late + on_time
    truth = {
        "late": late,
        "on_time": on_time,
        "open": still_open,
        "resolved": resolved,
        "received": resolved + still_open,
    }
    figures = [(code, *printed(number, style)) for (code, number), style in zip(truth.items(), styles, strict=True)]
    scale = 10**decimals
    percent = (2 * 100 * scale * on_time + resolved) // (2 * resolved) / scale
    figures.append(("rate", f"{percent:.{decimals}f} %", percent))
    assert found(*figures)["explanation"].tolist() == []


@settings(max_examples=40, deadline=None)
@given(
    late=st.integers(0, 10**6),
    on_time=st.integers(1, 10**7),
    off=st.integers(1, 10**6),
    style=st.sampled_from(["full", "hundreds", "millions"]),
)
def test_a_total_outside_its_bounds_is_always_found(late, on_time, off, style):
    figure, value = printed(late + on_time, style)
    parts = [(name, f"{number}", number) for name, number in (("on_time", on_time), ("late", late + off))]
    least = sum(figure_interval(text, value=number, mode="hard").low for _, text, number in parts)
    most = figure_interval(figure, value=value, mode="hard").high
    findings = found(("resolved", figure, value), *parts)
    # bounds that exclude each other are hard, those that meet are not
    assert (findings["severity"] == "hard").tolist() in ([[True]] if least > most else [[], [False]])


@settings(max_examples=40, deadline=None)
@given(k=st.integers(0, 10**6), rest=st.integers(1, 10**6), digits=st.integers(0, 2), off=st.integers(2, 50))
def test_a_share_two_digits_off_is_always_found(k, rest, digits, off):
    unit = 10.0**-digits
    wrong = round(100 * k / (k + rest) + off * unit, digits)
    parts = [("on_time", f"{k}", k), ("resolved", f"{k + rest}", k + rest)]
    if wrong > 100 or any(len(f"{n}") - len(f"{n}".rstrip("0")) > 1 for n in (k, k + rest)):
        return
    findings = found(("rate", f"{wrong:.{digits}f} %", wrong), *parts)
    assert findings["kind"].tolist() == ["share"]
    assert findings["severity"].tolist() == ["hard"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=8), st.sampled_from(["full", "hundreds", "millions"]))
def test_a_growing_count_is_never_found_and_a_falling_one_always(steps, style):
    days = pd.date_range("2025-07-10", periods=len(steps)).strftime("%Y-%m-%d")
    rising = [
        ("received", *printed(int(total), style), on(day)) for total, day in zip(np.cumsum(steps), days, strict=True)
    ]
    assert found(*rising).empty
    high = figure_interval(rising[-1][1], value=rising[-1][2]).high
    peak = int(high) + 1_000_003
    assert found(("received", f"{peak:,}", peak, on("2025-07-05")), *rising)["kind"].tolist() == ["series"]


def test_identity_checks_hold_every_test_passed_or_failed():
    frame = observations(
        ("resolved", "10", 10), ("on_time", "7", 7), ("late", "5", 5), ("central", "44 %", 44), ("local", "56 %", 56)
    )
    checks = identity_checks(frame, IDENTITIES)
    assert checks["severity"].tolist() == ["hard", ""]
    assert checks["observation_ids"].tolist()[1] == "page-000004.01 page-000005.01"
    assert checks[["expected_low", "low", "gap"]].to_numpy().tolist() == [[12, 10, 2], [99, 100, 0]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"relation": "product"}, "relation must be one of sum, share, .*; got 'product'"),
        ({"parts": "on_time + late"}, "a term must look like .*; got '\\+'"),
        ({"parts": "on_tme late"}, "identities must name indicators of the codebook; got 'on_tme'"),
        ({"may_lie": "left"}, "may_lie must be above, below, either or empty; got 'left'"),
    ],
)
def test_an_identity_that_cannot_be_read_is_refused(change, message):
    table = pd.DataFrame([identity("sum", "resolved", "on_time late") | change])
    with pytest.raises(ValueError, match=message):
        audit(observations(("open", "3", 3)), table, INDICATORS)


def stated():
    return pd.read_csv(IDENTITIES_FILE, dtype=str, keep_default_na=False)


def test_the_identities_of_the_data_set_can_be_read_and_each_caution_has_its_side():
    table = stated()
    identities = read_identities(table)
    assert {item.relation for item in identities} == set(RELATIONS)
    assert ((table["may_lie"] == "") == (table["caution"] == "")).all()
    assert table["identity_id"].is_unique
    assert table["identity_id"].is_monotonic_increasing


@pytest.fixture(scope="module")
def real():
    """The processed observations of this checkout, and the codebook."""
    if not (PROCESSED / "observations.csv").is_file():
        pytest.skip("data/processed is not built: run `make data`")
    dates = ["period_start", "period_end", "published"]
    text = {"keep_default_na": False, "dtype": {"place_id": str}}
    numbers = {name: [""] for name in ("value", "low", "high", "hard_low", "hard_high")}
    frame = pd.read_csv(PROCESSED / "observations.csv", **text, na_values=numbers)
    for date in dates:
        frame[date] = pd.to_datetime(frame[date].where(frame[date] != ""))
    return frame, pd.read_csv(PROCESSED / "indicators.csv", keep_default_na=False)


# contradictions that careful readers of the sources found: place, indicator, kind, words of the explanation
KNOWN = [
    ("Thường Tín", "received_outcome_share", "share", "77 of 4,684"),
    ("Hà Nội", "applications_resolved", "sum", "509,772 + 763 make 510,535"),
    ("Hà Nội", "applications_received", "sum", "make 531,267"),
    ("Đắk Lắk", "on_time_rate", "share", "72,591 of 73,544"),
    ("Đắk Lắk", "on_time_rate", "share", "145,898 of 147,388"),
    ("Thanh Hóa", "on_time_rate", "share", "No whole number out of 4,473"),
    ("Huế", "online_share", "series", "27,115"),
    ("Việt Nam", "leave_decided", "series", "146.839"),
    ("Việt Nam", "benefits_paid_count", "conflict", "2,189"),
    ("Việt Nam", "benefits_paid_count", "conflict", "826"),
    ("Việt Nam", "properties_handled", "series", "17,496"),
    ("Sơn La", "service_quality_index", "sum", "86.94"),
]


@pytest.mark.parametrize(("place", "indicator", "kind", "words"), KNOWN, ids=lambda part: part)
def test_known_contradictions_are_found(real, place, indicator, kind, words):
    frame, indicators = real
    findings = audit(frame, stated(), indicators)
    names = frame.drop_duplicates("place_id").set_index("place_id")["place_name"]
    chosen = findings[(findings["indicator"] == indicator) & (findings["kind"] == kind)]
    chosen = chosen[chosen["place_id"].map(names) == place]
    assert chosen["explanation"].str.contains(words, regex=False).any()


@pytest.mark.slow
def test_the_cost_grows_no_faster_than_n_log_n(real):
    frame, indicators = real

    def seconds(copies):
        names = ("observation_id", "source_id", "family", "place_id")
        many = [frame.assign(**{name: frame[name] + f"-{copy}" for name in names}) for copy in range(copies)]
        copied = pd.concat(many, ignore_index=True)
        started = time.perf_counter()
        audit(copied, stated(), indicators)
        return time.perf_counter() - started

    # eight times the rows cost at most 8 log(8n) / log(n) times as much, and half as much again for noise
    assert seconds(32) < 1.5 * 10.5 * seconds(4)
