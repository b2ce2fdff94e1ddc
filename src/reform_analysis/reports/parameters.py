"""The typed parameters of each notebook: name, type, range, default and meaning.

*Parameter* means what a reader of a notebook may change; what a build may change (formats, limits, jobs) is
an option and lives in `reform_analysis.reports.batch`. Papermill passes a misspelt name with a warning and a
wrong type without one, so every value goes through the model here before anything runs.
"""

from __future__ import annotations

import csv
import datetime
import difflib
import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from reform_analysis.evidence.directory import data_directory
from reform_analysis.reports import cells

WINDOW_START = datetime.date(2025, 7, 3)
WINDOW_END = datetime.date(2025, 10, 31)
# follow-up figures were collected to the end of January 2026
FOLLOWUP_END = datetime.date(2026, 1, 31)


def _iso_date(text: str) -> str:
    """Return the date as written, once it is one."""
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a date as YYYY-MM-DD") from None
    return text


def _known_place(name: str) -> str:
    """Return the register's spelling of a place; exact names cost no import of the register."""
    if name in _register_names(data_directory() / "processed"):
        return name
    from reform_analysis.evidence.store import places_registry

    registry = places_registry()
    return registry.label(registry.find(name))


@functools.cache
def _register_names(directory: Path) -> frozenset[str]:
    """Return the names of the country and the provinces, which a plain name means before any commune."""
    path = directory / "places.csv"
    if not path.is_file():
        return frozenset({"Việt Nam"})
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return frozenset(row["name"] for row in rows if row["level"] in ("country", "province"))


Place = Annotated[str, AfterValidator(_known_place)]
Date = Annotated[str, AfterValidator(_iso_date)]

# One definition a name, so that a name means the same in every notebook.
FIELDS: dict[str, tuple[Any, Any]] = {
    "place": (Place, Field("Việt Nam", description="Việt Nam, a province, or 'commune, province'")),
    "as_of": (Date, Field("2025-10-31", description="last day included, ISO 8601: 2025-07-03 to 2025-10-31")),
    "phase": (
        Literal["window", "window+baseline", "all"],
        Field("window", description="July to October 2025; with what came before; or all, to January 2026"),
    ),
    "rule": (
        Literal["all", "range", "latest", "official", "precise", "first", "lowest", "highest"],
        Field("all", description="which figure stands where several were published"),
    ),
    "min_reliability": (
        Literal["A", "B", "C", "D"],
        Field("C", description="least reliable class of source let in: A law ... D machine-translated"),
    ),
    "bounds": (
        Literal["soft", "hard"],
        Field("soft", description="rounding as usually meant (soft) or the widest reading (hard)"),
    ),
    "level": (
        float,
        Field(0.95, ge=0.80, le=0.99, description="confidence level of sampling intervals, in [0.80, 0.99]"),
    ),
    "language": (Literal["en", "fr", "vi"], Field("en", description="language of the report")),
    "seed": (int, Field(20251031, ge=0, lt=2**32, description="seed of anything random")),
    "one_per_reprint": (bool, Field(True, description="count a figure printed by several papers once")),
    "population_source": (
        Literal["resolution_202", "none"],
        Field("resolution_202", description="population behind rates per head; none shows no such rate"),
    ),
    "topic": (
        Literal["all", "digital_services", "decentralisation", "staffing", "organisation", "finance"],
        Field("all", description="topic shown"),
    ),
    "group_by": (
        Literal["publisher_class", "topic", "geo_level", "month"],
        Field("publisher_class", description="what the counts of rows are grouped by"),
    ),
    "unit": (
        Literal["procedures", "tasks"],
        Field("procedures", description="what is counted; the two are never mixed"),
    ),
    "recipient_level": (
        Literal["all", "province", "commune"],
        Field("all", description="tier that receives the procedures"),
    ),
    "pipeline_step": (
        Literal["all", "decided", "left", "funded", "paid"],
        Field("all", description="step of leaving the service that is shown"),
    ),
    "exclude_places": (
        list[Place],
        Field(["Hà Nội"], description="places left out of the regression, which is shown both ways"),
    ),
    "staff_definition": (
        Literal["strict", "as printed"],
        Field("strict", description="one definition of staff only, or every count printed as staff"),
    ),
    "series": (
        Literal["both", "government_office", "home_affairs"],
        Field("both", description="whose count of dossiers; the two are never joined"),
    ),
    "rate_base": (
        Literal["calendar", "working days"],
        Field("calendar", description="days a rate is divided by"),
    ),
    "tier": (Literal["all", "province", "commune"], Field("all", description="tier that handles dossiers")),
    "deadline_status": (
        Literal["all", "testable"],
        Field("all", description="every deadline, or those with a published outcome"),
    ),
    "asset": (
        Literal["properties", "vehicles", "accounts", "money"],
        Field("properties", description="kind of resource shown first"),
    ),
    "peers": (
        Literal["nearest5", "region", "all"],
        Field("nearest5", description="provinces the place is shown beside"),
    ),
    "show_undated": (bool, Field(False, description="also list figures whose date is a guess")),
    "claims": (
        Literal["seeds", "all"],
        Field("seeds", description="national figures weighed: those of the core articles, or all"),
    ),
    "weights": (Literal["equal"], Field("equal", description="no composite score: claims count alike")),
}

SHARED = ("place", "as_of", "phase", "rule", "min_reliability", "bounds", "level", "language", "seed")


def _phase_allows_date(model: BaseModel) -> BaseModel:
    """Hold ``as_of`` inside the days that the phase covers."""
    values = model.model_dump()
    if "as_of" in values:
        last = FOLLOWUP_END if values.get("phase") == "all" else WINDOW_END
        if not WINDOW_START <= datetime.date.fromisoformat(values["as_of"]) <= last:
            hint = "" if values.get("phase") == "all" else '; later days, to 2026-01-31, need phase="all"'
            raise ValueError(f"as_of must lie in {WINDOW_START} .. {last}; got {values['as_of']}{hint}")
    return model


def _model(title: str, fields: Mapping[str, tuple[Any, Any]]) -> type[BaseModel]:
    """Build a strict model: no unknown names, no conversion of types."""
    return pydantic.create_model(
        title,
        __config__=ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False),
        __validators__={"phase_allows_date": pydantic.model_validator(mode="after")(_phase_allows_date)},
        **fields,  # type: ignore[call-overload]
    )


# what each notebook takes beside the shared parameters, and defaults of its own
NOTEBOOKS: dict[str, tuple[str, ...]] = {
    "01_evidence_audit": ("topic", "group_by", "one_per_reprint"),
    "02_decentralisation": ("unit", "recipient_level"),
    "03_staffing": ("population_source", "pipeline_step", "exclude_places", "staff_definition"),
    "04_digital_services": ("one_per_reprint", "population_source", "series", "rate_base", "tier"),
    "05_resources_and_directives": ("deadline_status", "asset"),
    "06_place_profile": ("population_source", "peers", "show_undated"),
    "07_synthesis": ("one_per_reprint", "claims", "weights"),
}
_DEFAULTS: dict[str, dict[str, object]] = {"06_place_profile": {"place": "Lào Cai"}}


@functools.cache
def _notebook(stem: str) -> type[BaseModel]:
    """Build the model of one of our notebooks: the shared parameters, then its own."""
    fields = {name: FIELDS[name] for name in (*SHARED, *NOTEBOOKS[stem])}
    for name, default in _DEFAULTS.get(stem, {}).items():
        kind, info = FIELDS[name]
        fields[name] = (kind, Field(default, description=info.description))
    return _model(stem, fields)


@functools.cache
def _as_declared(notebook: Path, changed: int) -> type[BaseModel]:
    """Build the model that a notebook's own parameters cell declares, once while the file stays the same."""
    lines = cells.parameter_lines(notebook)
    where = f"{notebook.name}, parameters cell"
    for line in lines:
        # pydantic's models have attributes and private names of their own
        if line.name.startswith("_") or hasattr(BaseModel, line.name):
            raise ValueError(f"{where}: {line.name!r} cannot name a parameter; choose another name")
    model = _model(notebook.stem, {line.name: (line.kind, Field(line.default)) for line in lines})
    try:
        model.model_validate({line.name: line.default for line in lines})
    except pydantic.ValidationError as error:
        raise ValueError(f"{where}: " + "; ".join(_problem(model, detail) for detail in error.errors())) from None
    return model


def model_of(notebook: Path) -> type[BaseModel]:
    """Return the parameter model of a notebook; of one not ours, as its parameters cell declares it.

    Raises
    ------
    ValueError
        The parameters cell has a line that is not one annotated literal of its type, or a name that is taken.
    """
    if notebook.stem in NOTEBOOKS:
        return _notebook(notebook.stem)
    return _as_declared(notebook, notebook.stat().st_mtime_ns)


def validate(notebook: Path, given: Mapping[str, object]) -> dict[str, Any]:
    """Return every parameter of a notebook, the given values checked and the rest at their defaults.

    Raises
    ------
    ValueError
        A name is unknown, or a value has the wrong type or lies outside its range; all such problems at once.
    """
    checked, found = check(notebook, given)
    if found:
        raise ValueError(f"{notebook.stem}: " + "; ".join(message for _, message in found))
    return checked


def check(notebook: Path, given: Mapping[str, object]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the checked parameters, and each problem with the name of the parameter it is about.

    For callers that know where each value was written, such as a batch file's line.
    """
    model = model_of(notebook)
    halved = [name for name, value in given.items() if _holds_half_a_character(value)]
    if halved:
        return {}, [(name, f"{name}: must be text that UTF-8 can hold; got {given[name]!r}") for name in halved]
    try:
        return model.model_validate(dict(given)).model_dump(), []
    except pydantic.ValidationError as error:
        found = error.errors()
    return {}, [(str(detail["loc"][0]) if detail["loc"] else "", _problem(model, detail)) for detail in found]


def _holds_half_a_character(value: object) -> bool:
    """Tell whether a text, or one in a list, holds half of a surrogate pair, as a byte that is no UTF-8 gives."""
    texts = value if isinstance(value, list) else [value]
    return any(isinstance(text, str) and re.search("[\ud800-\udfff]", text) for text in texts)


def _problem(model: type[BaseModel], detail: Any) -> str:
    """Word one of pydantic's findings: what must hold, what was got, what to do."""
    name = str(detail["loc"][0]) if detail["loc"] else ""
    if detail["type"] == "extra_forbidden":
        known = list(model.model_fields)
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        return f"parameter {name!r} is unknown; {hint}It takes: {', '.join(known) or 'no parameters'}"
    message = detail["msg"].removeprefix("Value error, ")
    if not name:
        return str(message)
    return f"{name}: {message[0].lower() + message[1:]}; got {detail['input']!r}"


def describe(model: type[BaseModel]) -> list[dict[str, str]]:
    """Return one row a parameter: name, allowed values, default and meaning, for help and documentation."""
    properties = model.model_json_schema()["properties"]
    return [
        {
            "name": name,
            "allowed": _allowed(properties[name]),
            "default": repr(field.default),
            "meaning": field.description or "",
        }
        for name, field in model.model_fields.items()
    ]


def _allowed(schema: Mapping[str, Any]) -> str:
    """Word the values a JSON schema lets through."""
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    low, high = schema.get("minimum"), schema.get("maximum")
    return f"{schema['type']} in [{low}, {high}]" if low is not None and high is not None else schema["type"]
