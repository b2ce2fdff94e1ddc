"""What the answers of notebook 01 share: which figures a reader asked for, who printed them, and whose report."""

from __future__ import annotations

import pandas as pd

from reform_analysis.analysis.answer import Quantity
from reform_analysis.analysis.chosen_place import chosen_place
from reform_analysis.analysis.place_known import TOPIC_LABELS

__all__ = ["TOPIC_LABELS", "bodies", "exactly", "narrowed", "once", "page_clusters", "publisher_classes", "site"]

# what makes two figures speak of one thing
THING = ["indicator", "scope", "breakdown", "place_id"]

CLASS_LABELS = {
    "aggregator": "Vietnam.vn, aggregator",
    "laodong": "Lao Động",
    "agency": "Vietnam News Agency",
    "national": "Other national press",
    "provincial": "Provincial press",
    "portal": "Official portals",
    "law": "Collections of laws",
    "other": "Other pages",
}
# names under which the national agency publishes; others of its titles carry its initials
_AGENCY = ("Viet Nam News", "Le Courrier du Vietnam", "Báo Tin Tức")
_AGENCY_INITIALS = r"TTXVN|VNA\b"

# first part of a report's name -> body that made it
BODY_LABELS = {
    "moha": "Home Affairs",
    "mof": "Finance ministry",
    "vpcp": "Government Office",
    "ttg": "Prime Minister",
    "government": "Government",
    "ministry": "Another ministry or body",
    "place": "Province or commune",
    "press": "Press, no report named",
}

WHERE_LABELS = {"none": "No figure had been published for this date, place, topic and class of sources."}


def narrowed(figures: pd.DataFrame, register: pd.DataFrame, *, place: str, topic: str) -> pd.DataFrame:
    """Return the figures of a topic, of a place and the places in it.

    Parameters
    ----------
    figures
        Published figures of all places.
    register
        All places.
    place
        ``Việt Nam`` (all figures), a province (with its communes) or ``commune, province``.
    topic
        A topic of the codebook, or ``all``.
    """
    chosen = chosen_place(place, register)
    keep = pd.Series(True, index=figures.index) if topic == "all" else figures["topic"] == topic
    if not chosen.is_country:
        keep &= (figures["place_id"] == chosen.place_id) | (figures["province_id"] == chosen.place_id)
    return figures[keep]


def exactly(value: float, unit: str = "share") -> Quantity:
    """Return a number without bounds: a complete count, or a ratio of such."""
    return Quantity(value, value, value, unit)


def once(figures: pd.DataFrame, *, one_per_reprint: bool) -> pd.DataFrame:
    """Return the figures with copies of one report's figure counted once, on the most reliable page."""
    if not one_per_reprint:
        return figures
    columns = ("reliability", "observation_id", "reprint_group", *THING)
    best: dict[tuple[str, ...], tuple[str, str]] = {}
    for letter, identifier, *thing in zip(*(figures[name].tolist() for name in columns), strict=True):
        # a figure without copies is a thing of its own
        key = tuple(thing) if thing[0] else (identifier,)
        best[key] = min(best.get(key, (letter, identifier)), (letter, identifier))
    return figures[figures["observation_id"].isin([identifier for _, identifier in best.values()])]


def publisher_classes(sources: pd.DataFrame) -> pd.Series:
    """Return the kind of publisher of each source: a code of `CLASS_LABELS`, by source id.

    Titles of the national agency are told by name, national from provincial press by the class of reliability.
    """
    publisher = sources["publisher"]
    by_kind = {"government": "portal", "law": "law"}
    found = sources["kind"].map(by_kind).fillna("other")
    press = sources["kind"] == "state_press"
    found = found.mask(press, "national").mask(press & sources["reliability"].isin(["C", "D"]), "provincial")
    found = found.mask(press & (publisher.isin(_AGENCY) | publisher.str.contains(_AGENCY_INITIALS)), "agency")
    found = found.mask(publisher == "Lao Động", "laodong").mask(publisher.str.startswith("Vietnam.vn"), "aggregator")
    return pd.Series(found.to_numpy(), index=sources["source_id"].to_numpy())


def site(sources: pd.DataFrame) -> pd.Series:
    """Return the host of each source's address, by source id."""
    hosts = sources["url"].str.extract(r"^https?://(?:www\.)?([^/]+)", expand=False)
    return pd.Series(hosts.to_numpy(), index=sources["source_id"].to_numpy())


def bodies(figures: pd.DataFrame) -> pd.Series:
    """Return the body behind each figure, a code of `BODY_LABELS`: of its report, else of its place."""
    # names of reports may carry words or the number of a document between body and day
    named = figures["family"].str.extract(r"^([a-z]+)-(?:[a-z0-9]+-)*\d{4}-\d{2}-\d{2}$", expand=False)
    of_report = named.where(named.isin(list(BODY_LABELS)), named.notna().map({True: "ministry", False: None}))
    of_place = figures["geo_level"].map({"country": "press", "ministry": "ministry"}).fillna("place")
    return of_report.where(of_report.notna(), of_place)


def page_clusters(figures: pd.DataFrame) -> pd.Series:
    """Return for each figure the first page of those that repeat one report.

    Pages belong together where they name one report (``family``) or print one figure of it (``reprint_group``), or
    are linked through other pages: union-find.
    """
    parent = {page: page for page in figures["source_id"]}

    def root(page: str) -> str:
        while parent[page] != page:
            parent[page] = parent[parent[page]]
            page = parent[page]
        return page

    for column in ("family", "reprint_group"):
        first: dict[str, str] = {}
        for key, page in figures.loc[figures[column] != "", [column, "source_id"]].itertuples(index=False):
            one, other = sorted((root(first.setdefault(key, page)), root(page)))
            parent[other] = one
    return figures["source_id"].map(root)
