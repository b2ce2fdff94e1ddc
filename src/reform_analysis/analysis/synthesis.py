"""Notebook 07: the unified report form of a review, and how far each of its figures can be trusted.

Notice 412/TB-VPCP asks for one form with fixed criteria: the claims and criteria here are the same for every place and
day, so that two reviews can be laid side by side.
"""

from reform_analysis.analysis.synthesis_change import changes
from reform_analysis.analysis.synthesis_heat import heat
from reform_analysis.analysis.synthesis_limits import refused, settling
from reform_analysis.analysis.synthesis_rules import rule_ranges
from reform_analysis.analysis.synthesis_scorecard import scorecard

__all__ = ["changes", "heat", "refused", "rule_ranges", "scorecard", "settling"]
