"""Cases of the reference file on printed figures, forensic checks and conflicting sources."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

from reform_analysis.evidence import forensic, grim, interval, printed, resolve
from reform_analysis.evidence.interval import Interval

Inputs = Mapping[str, Any]


def _interval(ends: list[float | str | None] | None) -> Interval:
    """An interval of the file: null for missing, "inf" for infinity."""
    low, high = (math.nan if end is None else float(end) for end in (ends or [None, None]))
    return Interval(low, high)


def _pair(found: Interval | None) -> list[float] | None:
    return None if found is None else [found.low, found.high]


def _source(row: Inputs) -> resolve.Source:
    known = {field.name: row[field.name] for field in fields(resolve.Source) if field.name in row}
    return resolve.Source(**{**known, "interval": _interval(row["interval"])})


def _total(n: Any) -> Any:
    return tuple(n) if isinstance(n, list) else n


def _percent(printed_or_ends: Any) -> Any:
    """A percentage as printed, or the ends of a qualified one."""
    return _interval(printed_or_ends) if isinstance(printed_or_ends, list) else printed_or_ends


def _figure_interval(inputs: Inputs) -> dict[str, Any]:
    # null is a missing figure; a text is read alone only where the case has no value
    value = math.nan if "value" in inputs and inputs["value"] is None else inputs.get("value")
    options = {"qualifier": inputs.get("qualifier", "exact"), **(inputs.get("options") or {})}
    found = printed.figure_interval(inputs["text"], value=value, unit=inputs.get("unit"), **options)
    return {"lo": found.low, "hi": found.high, "lo_open": found.low_open, "hi_open": found.high_open}


def _ratio(found: interval.Ratio) -> dict[str, Any]:
    return {"lower": found.low, "upper": found.high, "conflict": found.conflict}


def _interval_share(inputs: Inputs) -> dict[str, Any]:
    return _ratio(interval.interval_share(_interval(inputs["a"]), _interval(inputs["b"])))


def _interval_ratio(inputs: Inputs) -> dict[str, Any]:
    num, den, share = _interval(inputs["num"]), _interval(inputs["den"]), inputs.get("printed_share")
    if share is None and not inputs.get("part_of", False) and num.high > 0:
        # of two counts neither of which is part of the other: plain division, which refuses a divisor that may be 0
        quotient = num / den
        return {"lower": quotient.low, "upper": quotient.high, "conflict": False}
    return _ratio(
        interval.interval_ratio(
            num,
            den,
            printed_share=None if share is None else _interval(share),
            part_of=inputs.get("part_of", False),
        )
    )


def _grim_percent(inputs: Inputs) -> dict[str, Any]:
    options = {name: inputs[name] for name in ("k", "max_percent") if name in inputs}
    n = inputs["n"] if inputs.get("n") is not None else [inputs["n_lo"], inputs["n_hi"]]
    return asdict(grim.grim_percent([_percent(value) for value in inputs["values"]], n=_total(n), **options))


def _grim_mean(inputs: Inputs) -> dict[str, Any]:
    return asdict(grim.grim_mean(inputs["values"], n=inputs["n"]))


def _percent_count_set(inputs: Inputs) -> dict[str, Any]:
    found = grim.percent_count_set(_percent(inputs["percent"]), n=inputs["n"])
    ends = {"k_min": found.k[0], "k_max": found.k[-1]} if found.k else {"k_min": None, "k_max": None}
    return {"k": found.k, **ends, "n_k": len(found.k), "informative": found.informative}


def _sum_of_parts(inputs: Inputs) -> dict[str, Any]:
    parts = [_interval(part) for part in inputs["parts"]]
    return asdict(forensic.sum_of_parts(parts, _interval(inputs["total"])))


def _complement_shares(inputs: Inputs) -> dict[str, Any]:
    return asdict(forensic.complement_shares([_percent(share) for share in inputs["shares"]]))


def _terminal_digit_test(inputs: Inputs) -> dict[str, Any]:
    return asdict(forensic.terminal_digit_test(inputs["counts"]))


def _independent_reports(inputs: Inputs) -> dict[str, Any]:
    return asdict(forensic.independent_reports([{"qualifier": "exact", **row} for row in inputs["rows"]]))


def _resolve_conflict(inputs: Inputs) -> dict[str, Any]:
    found = resolve.resolve_conflict([_source(row) for row in inputs["sources"]])
    return {
        "status": found.status,
        "intersection": _pair(found.intersection),
        "hull": _pair(found.hull),
        "best_overlap": [_pair(stretch) for stretch in found.best_overlap],
        "best_overlap_support": found.best_overlap_support,
        "n_independent": found.n_independent,
    }


def _choose_figure(inputs: Inputs) -> dict[str, Any]:
    return asdict(resolve.choose_figure([_source(row) for row in inputs["sources"]]))


CASES: dict[str, Callable[[Inputs], dict[str, Any]]] = {
    "figure_interval": _figure_interval,
    "interval_share": _interval_share,
    "interval_ratio": _interval_ratio,
    "grim_percent": _grim_percent,
    "grim_mean": _grim_mean,
    "percent_count_set": _percent_count_set,
    "sum_of_parts": _sum_of_parts,
    "complement_shares": _complement_shares,
    "terminal_digit_test": _terminal_digit_test,
    "independent_reports": _independent_reports,
    "resolve_conflict": _resolve_conflict,
    "choose_figure": _choose_figure,
}
