"""Notebook 07, claims: the fixed list of figures that a review is held against, and what would settle each.

A *claim* is one indicator, scope and breakdown; its figure depends on the place and the day, the list does not, so
that two reviews can be laid side by side. *Core articles* are the five that began this collection.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from reform_analysis.analysis.place_words import breakdown_words, scope_words

CORE_SOURCES = ("mst-adc32e", "vietnamplus-a77a19", "laichau-04cc98", "vietnamplus-90cfac", "nhandan-6f93bb")

# indicator, scope and breakdown -> words; other claims take the codebook's
CLAIM_LABELS = {
    ("applications_received_online", "home_affairs_series", ""): "Applications received online (Home Affairs)",
    ("on_time_rate", "online", ""): "On-time rate of online applications",
    ("procedures_online_share", "local_tier", "full"): "Procedures offered fully online, local tiers",
    ("documents_issued", "", "all_reform_texts"): "Reform texts issued",
    ("documents_issued", "", "politburo_and_secretariat_conclusions"): "Party conclusions issued",
    ("documents_issued", "", "government_resolutions"): "Government resolutions issued",
    ("documents_issued", "", "prime_minister_dispatches"): "Dispatches of the Prime Minister",
    ("infrastructure_support", "", "phase_1"): "Infrastructure support, first phase",
    ("digitisation_support", "", "archives"): "Support for digitising archives",
    ("provinces_supported", "", "infrastructure"): "Provinces given infrastructure support",
    ("provinces_supported", "", "archives"): "Provinces given support for archives",
}

CLEAR, PARTLY, UNCLEAR = "clear", "partly", "unclear"
DEFINITION_LABELS = {CLEAR: "clear", PARTLY: "partly clear", UNCLEAR: "unclear"}

# How far the pages say what is counted. Unclear: neither numerator nor denominator, or no status, was published.
# Clear: bodies, people or things that a law or register defines. All others: partly.
_UNCLEAR = frozenset({"central_task_share", "local_task_share", "procedures_online_share", "infrastructure_support"})
_CLEAR = frozenset(
    {
        "commune_units",
        "communes_rural",
        "wards",
        "special_zones",
        "provinces",
        "provincial_agencies",
        "commune_agencies",
        "military_commands",
        "service_centres",
        "commune_staff",
        "leave_decided",
        "leave_left",
        "benefits_paid_count",
        "benefits_paid_share",
        "benefits_unpaid_count",
        "communes_with_vehicles",
        "communes_without_vehicles",
        "communes_vehicles_share",
        "provincial_systems_connected",
        "procedures_moved_from_district",
        "decentralisation_decrees",
        "decentralisation_circulars",
    }
)

DOCUMENT_LABELS = {
    "portal": "export of the national portal: dossiers by system, channel and day",
    "tasks": "list of state tasks by level, with the weights of the share",
    "supply": "list of online procedures by level of service, with the definition of each level",
    "money": "decision that allocates the money by province, and a report of spending",
    "staff": "staff register of communes by post, on one day",
    "leavers": "payment register of Decree 178 by body and day",
    "assets": "register of surplus properties by status, with the plan behind each",
    "vehicles": "list of communes with and without a car, and of their accounts, on one day",
    "texts": "list of the texts behind the count",
    "programme": "list of the tasks with their deadline and outcome",
    "units": "annex of units and agencies by province",
    "procedures": "annexes of the decrees, procedure by procedure",
    "training": "list of courses and participants by commune",
    "payments": "ledger of online payments by month",
    "other": "table behind the figure, with its definition and cut-off day",
}
_SETTLED_BY = {
    "portal": "applications_received applications_received_online applications_resolved online_share on_time_rate "
    "provincial_systems_connected applications_in_process fully_online_share",
    "tasks": "central_task_share local_task_share tasks_held tasks_proposed",
    "supply": "procedures_online_share procedures_on_portal procedures_fully_online",
    "money": "infrastructure_support digitisation_support provinces_supported leave_budget_allocated budget_other",
    "staff": "commune_staff commune_staff_qualified_share commune_staff_mismatch leaders_appointed_share "
    "military_posts_filled commune_staff_component commune_staff_mismatch_share",
    "leavers": "leave_decided leave_left benefits_paid_share benefits_paid_count benefits_paid_value leave_left_share "
    "benefits_unpaid_count",
    "assets": "properties_handled properties_surplus properties_reused",
    "vehicles": "communes_with_vehicles communes_without_vehicles communes_vehicles_share communes_with_accounts_share "
    "budget_units budget_units_share",
    "texts": "documents_issued decentralisation_decrees decentralisation_circulars",
    "programme": "tasks_assigned tasks_completed",
    "units": "provincial_agencies commune_agencies military_commands commune_units service_centres",
    "procedures": "procedures_decentralised procedures_moved_from_district procedures_abolished",
    "training": "communes_trained staff_trained training_courses",
    "payments": "online_payments_count online_payments_value",
}
_DOCUMENT = {code: name for name, codes in _SETTLED_BY.items() for code in codes.split()}


class Claim(NamedTuple):
    """One thing that a review prints a figure of."""

    indicator: str
    scope: str
    breakdown: str
    label: str
    topic: str
    unit: str

    @property
    def definition(self) -> str:
        """How clear the pages are about what is counted."""
        if self.scope == "coverage_unclear" or self.indicator in _UNCLEAR:
            return UNCLEAR
        return CLEAR if self.indicator in _CLEAR else PARTLY

    @property
    def document(self) -> str:
        """The document that would settle it."""
        return DOCUMENT_LABELS[_DOCUMENT.get(self.indicator, "other")]


def claims_of(criteria: pd.DataFrame, codebook: pd.DataFrame, *, claims: str, language: str) -> list[Claim]:
    """Return the claims that every review answers, in the order of topics and indicators.

    Parameters
    ----------
    criteria
        All published figures, of every date and class: what the list is drawn from.
    codebook
        The indicators.
    claims
        ``seeds``: the national figures of the core articles; ``all``: every national total of the window.
    language
        Which labels of the codebook are used.

    Raises
    ------
    ValueError
        If ``claims`` is unknown.
    """
    if claims not in ("seeds", "all"):
        raise ValueError(f"claims must be seeds or all; got {claims!r}.")
    known = criteria[(criteria["place_id"] == "VN") & ~criteria["kind"].isin(["document", "deadline"])]
    if claims == "seeds":
        known = known[known["source_id"].isin(CORE_SOURCES)]
    else:
        known = known[(known["phase"] == "window") & (known["breakdown"] == "")]
    names = codebook.set_index("code")[f"label_{language}"]
    keys = known[["topic", "indicator", "scope", "breakdown", "unit"]].drop_duplicates()
    return [
        Claim(code, scope, part, _label((code, scope, part), names), topic, _unit(unit))
        for topic, code, scope, part, unit in keys.sort_values(list(keys), kind="stable").itertuples(index=False)
    ]


def _label(thing: tuple[str, str, str], names: pd.Series) -> str:
    """Return a claim's words: its own, or the codebook's with scope and breakdown."""
    indicator, scope, breakdown = thing
    more = "; ".join(filter(None, (scope_words(scope), breakdown_words(breakdown))))
    return CLAIM_LABELS.get(thing) or (f"{names[indicator]} ({more})" if more else str(names[indicator]))


def _unit(unit: str) -> str:
    """Return the unit in which the display writes a figure."""
    return unit if unit in ("percent", "VND") else "count"
