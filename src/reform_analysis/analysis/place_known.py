"""Notebook 06, what is known of a place: the core indicators it printed, and every figure with its bounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Sentence, not_known
from reform_analysis.analysis.chosen_place import CORE_CODES, UNKNOWN_LABELS, Chosen, chosen_place
from reform_analysis.analysis.digital_rows import is_dated
from reform_analysis.analysis.peers import choose_peers
from reform_analysis.analysis.place_words import breakdown_words, scope_words

TOPIC_LABELS = {
    "digital_services": "Digital services",
    "decentralisation": "Decentralisation",
    "staffing": "Staffing",
    "organisation": "Organisation",
    "finance": "Finance",
    "policy": "Policy",
    "context": "Context",
}
TITLE_LABELS = {"coverage": "Core indicators of which a figure was published"}
UNKNOWN_HERE_LABELS = {
    "peers": "Register only: for this date and class of sources no figure of {place} was found. Figures of its peers "
    "{peers}: {n}.",
    "register": "Register only: for this date and class of sources no figure of {place} was found, nor of its peers.",
    "list": "There is no dated figure of {place} to list.",
}
FLAG_LABELS = {True: "questioned", False: ""}

# documents and deadlines are no measurements; notebook 05 holds them
_NOT_FIGURES = ("document", "deadline")


def coverage(
    figures: pd.DataFrame,
    provinces: pd.DataFrame,
    register: pd.DataFrame,
    codebook: pd.DataFrame,
    *,
    place: str,
    peers: str = "nearest5",
    population_source: str = "resolution_202",
    language: str = "en",
) -> Answer:
    """Return which core indicators were published of a place, and which of its peers (06.Q1).

    Parameters
    ----------
    figures
        Published figures of all topics and places.
    provinces, register, codebook
        The provinces, all places, and the indicators.
    place
        A province, or ``commune, province``.
    peers, population_source
        As in `peers.choose_peers`.
    language
        Which labels of the codebook are shown.

    Notes
    -----
    A filled square says that a figure exists, not that it is good; a hollow one that none was found, not that there
    is nothing to report.
    """
    chosen = chosen_place(place, register)
    if chosen.is_country:
        return not_known("06.Q1", UNKNOWN_LABELS["country"])
    beside = choose_peers(provinces, chosen.province_id, peers=peers, population_source=population_source)
    measured = measurements(figures)
    own = measured[measured["place_id"] == chosen.place_id]
    printing = measured[measured["place_name"].isin(beside) & (measured["geo_level"] == "province")]
    names = words_of(codebook, language)
    mine, theirs = _by_indicator(own, "observation_id"), _by_indicator(printing, "place_name")
    rows = [
        {
            "indicator": names[code],
            "topic": TOPIC_LABELS[topic],
            "n": len(mine[code]),
            "is_known": bool(mine[code]),
            "peers": ", ".join(name for name in beside if name in theirs[code]),
            "observations": " ".join(mine[code]),
        }
        for topic, codes in CORE_CODES.items()
        for code in codes
    ]
    table = pd.DataFrame(rows)
    if own.empty:
        return _register_only(chosen, printing, beside)
    return Answer(
        "06.Q1",
        table,
        sentences=tuple(_coverage_sentences(table, chosen, own, measured)),
        key_numbers=tuple(_coverage_keys(table, own)),
        caption="Core indicators: figures of the place, and peers that have one",
        columns={"indicator": "Indicator", "n": "Figures here", "peers": "Peers with a figure"},
        units={"n": "count"},
        notes="Figures of any scope. Peers are provinces near in size and structure.",
        forms=(
            Form(
                "filled_strip", TITLE_LABELS["coverage"], {"label": "indicator", "filled": "is_known", "group": "topic"}
            ),
        ),
    )


def measurements(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that measure something: no documents, no deadlines."""
    return figures[~figures["kind"].isin(_NOT_FIGURES)]


def words_of(codebook: pd.DataFrame, language: str) -> pd.Series:
    """Return the codebook's words for each indicator."""
    return codebook.set_index("code")[f"label_{language}"]


def _by_indicator(figures: pd.DataFrame, column: str) -> dict[str, list[str]]:
    """Return the values of a column by indicator; none for an indicator without figures."""
    found: dict[str, list[str]] = defaultdict(list)
    for indicator, value in zip(figures["indicator"].tolist(), figures[column].tolist(), strict=True):
        found[indicator].append(value)
    return found


def _register_only(chosen: Chosen, printing: pd.DataFrame, beside: list[str]) -> Answer:
    """Return that nothing was published, and which peers have figures."""
    known = [name for name in beside if (printing["place_name"] == name).any()]
    values = {"place": chosen.name, "peers": known, "n": len(printing)}
    if known:
        return not_known("06.Q1", UNKNOWN_HERE_LABELS["peers"], **values)
    return not_known("06.Q1", UNKNOWN_HERE_LABELS["register"], **values)


def _coverage_sentences(
    table: pd.DataFrame, chosen: Chosen, own: pd.DataFrame, measured: pd.DataFrame
) -> Iterator[Sentence]:
    values = {
        "n": len(own),
        "place": chosen.name,
        "codes": own["indicator"].nunique(),
        "pages": own["source_id"].nunique(),
        "core": int(table["is_known"].sum()),
        "all": len(table),
        "rest": int((measured["province_id"].eq(chosen.place_id) & measured["geo_level"].eq("commune")).sum()),
    }
    yield Sentence(
        "{n} figure of {place} was found.||{n} figures of {place} were found; indicators: {codes}, pages: {pages}.",
        values,
    )
    yield Sentence(
        "{core} of {all} core indicators has a figure.||{core} of {all} core indicators have a figure.", values
    )
    if values["rest"]:
        yield Sentence(
            "{rest} more figure is about a commune of the province.||{rest} more figures are about communes of the "
            "province.",
            values,
        )
    gaps = table[~table["is_known"] & (table["peers"] != "")]
    if len(gaps):
        yield Sentence("Missing here but known of a peer: {codes}.", {"codes": list(gaps["indicator"])})


def _coverage_keys(table: pd.DataFrame, own: pd.DataFrame) -> Iterator[KeyNumber]:
    for name, count, unit in (
        ("core_codes_known", table["is_known"].sum(), "indicators"),
        ("figures_of_the_place", len(own), "figures"),
        ("indicators_of_the_place", own["indicator"].nunique(), "indicators"),
    ):
        yield KeyNumber(name, float(count), float(count), float(count), unit)


def printed(
    figures: pd.DataFrame,
    findings: pd.DataFrame,
    register: pd.DataFrame,
    codebook: pd.DataFrame,
    *,
    place: str,
    show_undated: bool = False,
    language: str = "en",
) -> Answer:
    """Return every figure published of a place, as printed and with its bounds (06.Q1).

    Parameters
    ----------
    figures
        Published figures of all topics and places.
    findings
        The audit's findings; a figure in one is marked.
    register, codebook
        All places, and the indicators.
    place
        A province, or ``commune, province``.
    show_undated
        Also show figures whose page has no date.
    language
        Which labels of the codebook are shown.
    """
    chosen = chosen_place(place, register)
    if chosen.is_country:
        return not_known("06.Q1", UNKNOWN_LABELS["country"])
    own = measurements(figures[figures["place_id"] == chosen.place_id])
    shown = own if show_undated else own[is_dated(own)]
    if shown.empty:
        return not_known("06.Q1", UNKNOWN_HERE_LABELS["list"], place=chosen.name)
    table = figure_rows(shown, findings, words_of(codebook, language))
    return Answer(
        "06.Q1",
        table,
        sentences=tuple(_printed_sentences(table, own, shown)),
        caption="Figures published of the place",
        columns=FIGURE_LABELS,
        notes="Figures stand as printed, in the language of the page. Two figures may be compared only where "
        "indicator, scope and part agree. Class A is law or official text, D a machine translation, mirror or "
        "undated page. Questioned: the audit found that the figure cannot agree with others.",
    )


FIGURE_LABELS = {
    "indicator": "Indicator",
    "scope": "Scope",
    "part": "Part",
    "figure": "As printed",
    "range": "Read as",
    "end": "To",
    "reliability": "Class",
    "flag": "Audit",
}


def figure_rows(figures: pd.DataFrame, findings: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return figures for a reader: what, of which part, as printed, bounds, date, class, whether questioned."""
    # heaping is about the last digits of many counts together, not about any one
    of_single = findings.loc[findings["kind"] != "heaping", "observation_ids"]
    questioned = set(" ".join(of_single).split())
    return pd.DataFrame(
        {
            "indicator": figures["indicator"].map(names).to_numpy(),
            "place": figures["place_name"].to_numpy(),
            "scope": [scope_words(code) for code in figures["scope"]],
            "part": [breakdown_words(code) for code in figures["breakdown"]],
            "figure": figures["figure"].to_numpy(),
            "low": figures["low"].to_numpy(dtype=float),
            "high": figures["high"].to_numpy(dtype=float),
            "range": float("nan"),
            "unit": [unit if unit in ("percent", "VND") else "count" for unit in figures["unit"]],
            "end": [day.date() for day in figures["period_end"]],
            "reliability": figures["reliability"].to_numpy(),
            "flag": [FLAG_LABELS[one in questioned] for one in figures["observation_id"]],
            "interval": "rounding",
            "observations": figures["observation_id"].to_numpy(),
            "topic": figures["topic"].map(TOPIC_LABELS).to_numpy(),
        }
    ).sort_values(["topic", "indicator", "end", "observations"], kind="stable", ignore_index=True)


def _printed_sentences(table: pd.DataFrame, own: pd.DataFrame, shown: pd.DataFrame) -> Iterator[Sentence]:
    exact = int((table["low"] == table["high"]).sum())
    yield Sentence(
        "Of the figures listed ({n}), {exact:#} is exact as printed; the others are rounded or hedged.||"
        "Of the figures listed ({n}), {exact:#} are exact as printed; the others are rounded or hedged."
        if len(table) > 1
        else "{n} figure can be listed.",
        {"n": len(table), "exact": exact},
    )
    first, last = table["end"].min(), table["end"].max()
    if first < last:
        yield Sentence("They are of dates from {first} to {last}.", {"first": first, "last": last})
    hidden, odd = len(own) - len(shown), int((table["flag"] != "").sum())
    if hidden:
        yield Sentence(
            "{n} figure on a page without a date is not listed.||{n} figures on pages without a date are not listed.",
            {"n": hidden},
        )
    if odd:
        yield Sentence("{n} figure is questioned by the audit.||{n} figures are questioned by the audit.", {"n": odd})
