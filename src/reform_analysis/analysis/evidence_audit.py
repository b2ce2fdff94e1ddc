"""Notebook 01: who says it, how precisely, whether it adds up, who contradicts whom, and where nothing is known.

An *audit* tells which figures cannot all be right as printed; it does not tell which is wrong, or why.
"""

from reform_analysis.analysis.audit_checks import checks
from reform_analysis.analysis.audit_conflicts import contradictions
from reform_analysis.analysis.audit_coverage import MAP_LABELS, coverage, province_tiles
from reform_analysis.analysis.audit_precision import WIDTH_LABELS, half_widths, precision
from reform_analysis.analysis.audit_reprints import reports
from reform_analysis.analysis.audit_sources import publishers
from reform_analysis.analysis.audit_sums import add_up, misfits

__all__ = [
    "MAP_LABELS",
    "WIDTH_LABELS",
    "add_up",
    "checks",
    "contradictions",
    "coverage",
    "half_widths",
    "misfits",
    "precision",
    "province_tiles",
    "publishers",
    "reports",
]
