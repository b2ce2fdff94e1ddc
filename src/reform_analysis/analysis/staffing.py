"""Notebook 03: who left and at what price, how many staff a commune has, and what became of the communes.

The answers live in modules of one noun each; here they stand together, in the order of the questions.
"""

from reform_analysis.analysis.consolidation import consolidation, consolidation_model
from reform_analysis.analysis.leaver_cost import cost
from reform_analysis.analysis.leavers import departures
from reform_analysis.analysis.service_centres import service_centres
from reform_analysis.analysis.staff_counts import per_commune
from reform_analysis.analysis.staff_match import match
from reform_analysis.analysis.staff_norm import flat_norm
from reform_analysis.analysis.structure import identities

__all__ = [
    "consolidation",
    "consolidation_model",
    "cost",
    "departures",
    "flat_norm",
    "identities",
    "match",
    "per_commune",
    "service_centres",
]
