"""Notebook 03, from old to new communes: the ratio by province, and what it goes with.

A *unit* is a commune, ward or special zone. The register is complete: nothing here is a sample of provinces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from reform_analysis.analysis.answer import Answer, Form, KeyNumber, Quantity, Sentence
from reform_analysis.statistics import ols_hc3
from reform_analysis.statistics.regression import Regression

REGION_LABELS = {
    "Đồng bằng sông Hồng": "Red River Delta",
    "Trung du và miền núi phía Bắc": "Northern midlands and mountains",
    "Bắc Trung Bộ": "North Central",
    "Duyên hải Nam Trung Bộ và Tây Nguyên": "South Central Coast and Central Highlands",
    "Đông Nam Bộ": "South-East",
    "Đồng bằng sông Cửu Long": "Mekong Delta",
}
TERM_LABELS = {"old": "Old units", "population": "Population", "area": "Area"}
SAMPLE_LABELS = {"all": "All provinces", "without": "Without the places left out"}
CHART_LABELS = {
    "ratio": "Old and new units by province",
    "x": "old units",
    "y": "new units",
    "line": "one for three",
    "model": "How new units go with old units, population and area",
    "elasticity": "per cent more new units for one per cent more",
    "zero": "no association",
}
# fewer rows than this for each coefficient say little about it
_ROWS_A_TERM = 5
_WHY = "floating-point arithmetic of a regression"


def consolidation(provinces: pd.DataFrame, *, place: str = "Việt Nam") -> Answer:
    """Return old units per new unit by province (03.Q5).

    Parameters
    ----------
    provinces
        Register of provinces: ``name``, ``region``, ``n_units``, ``n_units_before``.
    place
        A province gets a sentence of its own.
    """
    ratio = provinces["n_units_before"].astype(float) / provinces["n_units"].astype(float)
    table = pd.DataFrame(
        {
            "place": provinces["name"],
            "region": provinces["region"].map(REGION_LABELS),
            "old": provinces["n_units_before"].astype(float),
            "new": provinces["n_units"].astype(float),
            "estimate": ratio,
            "low": ratio,
            "high": ratio,
            "interval": "rounding",
        }
    ).sort_values("estimate", ascending=False, ignore_index=True)
    scatter = {"x": "old", "y": "new", "label": "place", "log": True, "lines": {CHART_LABELS["line"]: (1 / 3, 1.0)}}
    return Answer(
        "03.Q5",
        table,
        sentences=(*_ratio_sentences(table), *_own_ratio(table, place)),
        key_numbers=tuple(_ratio_keys(table)),
        caption="Old units for each new one",
        columns={"place": "Province", "region": "Region", "old": "Old units", "new": "New units", "estimate": "Ratio"},
        units={"old": "count", "new": "count", "estimate": "ratio"},
        notes="Complete register: exact numbers, without bounds.",
        forms=(
            Form(
                "scatter",
                CHART_LABELS["ratio"],
                {**scatter, "x_label": CHART_LABELS["x"], "y_label": CHART_LABELS["y"]},
            ),
        ),
    )


def exactly(value: float, unit: str = "ratio") -> Quantity:
    """Return a number known exactly, as a quantity."""
    return Quantity(float(value), float(value), float(value), unit)


def _ratio_sentences(table: pd.DataFrame) -> Iterator[Sentence]:
    old, new = table["old"].sum(), table["new"].sum()
    yield Sentence(
        "{old} units became {new}: {ratio} old ones for each new one.",
        {"old": int(old), "new": int(new), "ratio": exactly(old / new)},
    )
    most, least = table.iloc[0], table.iloc[-1]
    yield Sentence(
        "The ratio runs from {least} ({least_place}) to {most} ({most_place}).",
        {
            "least": exactly(least["estimate"]),
            "least_place": least["place"],
            "most": exactly(most["estimate"]),
            "most_place": most["place"],
        },
    )
    means = table.groupby("region")["estimate"].mean().sort_values()
    yield Sentence(
        "Means of the provinces by region run from {low} ({low_region}) to {high} ({high_region}).",
        {
            "low_region": means.index[0],
            "low": exactly(means.iloc[0]),
            "high_region": means.index[-1],
            "high": exactly(means.iloc[-1]),
        },
    )


def _own_ratio(table: pd.DataFrame, place: str) -> Iterator[Sentence]:
    """Say how one province stands among the others."""
    for row in table[table["place"] == place].itertuples():
        yield Sentence(
            "{place}: {old} old units became {new}, {ratio} for each new one; {n:#} of {all} provinces has more.||"
            "{place}: {old} old units became {new}, {ratio} for each new one; {n:#} of {all} provinces have more.",
            {
                "place": place,
                "old": row.old,
                "new": row.new,
                "ratio": exactly(row.estimate),
                "n": int((table["estimate"] > row.estimate).sum()),
                "all": len(table),
            },
        )


def _ratio_keys(table: pd.DataFrame) -> Iterator[KeyNumber]:
    numbers = {
        "units_before": table["old"].sum(),
        "units_after": table["new"].sum(),
        "consolidation_ratio": table["old"].sum() / table["new"].sum(),
        "consolidation_ratio_least": table["estimate"].min(),
        "consolidation_ratio_most": table["estimate"].max(),
    }
    for name, value in numbers.items():
        yield KeyNumber(name, float(value), float(value), float(value), "ratio" if "ratio" in name else "units", 1e-9)


def consolidation_model(
    provinces: pd.DataFrame, *, exclude_places: Sequence[str] = ("Hà Nội",), level: float = 0.95
) -> Answer:
    """Return elasticities of new units to old units, population and area over the provinces (03.Q5).

    Parameters
    ----------
    provinces
        Register of provinces: ``name``, ``n_units``, ``n_units_before``, ``population``, ``area_km2``.
    exclude_places
        Names of provinces left out of the second fit.
    level
        Confidence level of the model's intervals.

    Notes
    -----
    log(new) on logs of old units, population and area. The ratio old/new is not regressed on size per old unit: old
    units would stand on both sides and correlate with themselves. The provinces are all there are, so an interval says
    how far a coefficient hangs on single provinces under the model (HC3), not how far a sample strays.
    """
    samples = {"all": provinces, "without": provinces[~provinces["name"].isin(exclude_places)]}
    if len(samples["without"]) == len(provinces) or len(samples["without"]) < _ROWS_A_TERM * (len(TERM_LABELS) + 1):
        del samples["without"]
    fits = {name: _fit(rows, level) for name, rows in samples.items()}
    table = pd.concat([_fit_rows(name, *fit) for name, fit in fits.items()], ignore_index=True)
    return Answer(
        "03.Q5",
        table,
        sentences=tuple(_model_sentences(table, fits, exclude_places)),
        key_numbers=tuple(_model_keys(table, fits)),
        caption="Elasticities of the number of new units",
        columns={"term": "Term", "sample": "Provinces", "n": "Number", "estimate": "Elasticity"},
        units={"n": "count", "estimate": "ratio"},
        notes="Least squares on logarithms, HC3. Elasticity: per cent more new units where a province has one per "
        "cent more of the term, the others alike. All provinces are in the register: intervals describe the model, "
        "not a sample. Populations are good to about a tenth.",
        forms=(
            Form(
                "interval_dots",
                CHART_LABELS["model"],
                {
                    "label": "term",
                    "by": "sample",
                    "unit": "ratio",
                    "sort": False,
                    "x_label": CHART_LABELS["elasticity"],
                    "level": level,
                    "from_zero": True,
                },
            ),
        ),
    )


def _fit(rows: pd.DataFrame, level: float) -> tuple[Regression, float]:
    """Return the regression and the share of the variance of log(new) that it reproduces."""
    new = np.log(rows["n_units"].to_numpy(dtype=float))
    covariates = {
        "old": np.log(rows["n_units_before"].to_numpy(dtype=float)),
        "population": np.log(rows["population"].to_numpy(dtype=float)),
        "area": np.log(rows["area_km2"].to_numpy(dtype=float)),
    }
    fit = ols_hc3(new, covariates, level=level)
    fitted = np.column_stack([np.ones(len(new)), *covariates.values()]) @ fit.estimate
    return fit, float(1 - ((new - fitted) ** 2).sum() / ((new - new.mean()) ** 2).sum())


def _fit_rows(name: str, fit: Regression, r_squared: float) -> pd.DataFrame:
    """Return the coefficients of one fit, the intercept left out."""
    places = {term: i for i, term in enumerate(fit.names)}
    kept = [places[term] for term in TERM_LABELS]
    return pd.DataFrame(
        {
            "key": list(TERM_LABELS),
            "term": list(TERM_LABELS.values()),
            "fit": name,
            "sample": SAMPLE_LABELS[name],
            "n": fit.n,
            "estimate": np.asarray(fit.estimate)[kept],
            "low": np.asarray(fit.lower)[kept],
            "high": np.asarray(fit.upper)[kept],
            "r_squared": r_squared,
            "interval": "model",
        }
    )


ELASTICITY_LABELS = {
    "old": "A province with one per cent more old units has {b} per cent more new ones, at equal population and area.",
    "population": "One per cent more people goes with {b} per cent more new units, at equal old units and area.",
    "area": "One per cent more land goes with {b} per cent more new units, at equal old units and population.",
}


def _model_sentences(
    table: pd.DataFrame, fits: dict[str, tuple[Regression, float]], left_out: Sequence[str]
) -> Iterator[Sentence]:
    for row in table[table["fit"] == "all"].itertuples():
        yield Sentence(ELASTICITY_LABELS[row.key], {"b": Quantity(row.estimate, row.low, row.high, "ratio")})
    yield Sentence(
        "The three together reproduce {share} of the variance of the logarithm of new units.",
        {"share": exactly(fits["all"][1], "share")},
    )
    for row in table[(table["fit"] == "without") & (table["key"] == "old")].itertuples():
        yield Sentence(
            "Without {places} the elasticity to old units is {b}.",
            {"places": list(left_out), "b": Quantity(row.estimate, row.low, row.high, "ratio")},
        )


def _model_keys(table: pd.DataFrame, fits: dict[str, tuple[Regression, float]]) -> Iterator[KeyNumber]:
    for row in table.itertuples():
        name = f"elasticity_{row.key}" + ("" if row.fit == "all" else "_without")
        yield KeyNumber(name, row.estimate, row.low, row.high, "elasticity", 1e-6, _WHY)
    r_squared = fits["all"][1]
    yield KeyNumber("model_r_squared", r_squared, r_squared, r_squared, "share", 1e-6, _WHY)
