"""Notebook 06: one place, as far as it is known: what was printed, its size, its service, whether figures agree.

*Place* is a province or a commune (xã, phường or đặc khu); a province's page also counts what its communes printed.
"""

from reform_analysis.analysis.place_agreement import agreement
from reform_analysis.analysis.place_communes import communes
from reform_analysis.analysis.place_known import coverage, printed
from reform_analysis.analysis.place_size import size, strips
from reform_analysis.analysis.place_standing import standing

__all__ = ["agreement", "communes", "coverage", "printed", "size", "standing", "strips"]
