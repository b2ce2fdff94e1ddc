"""Notebook 02: who decides now, how fast that changed, and what the printed counts can and cannot show.

*Procedure* (thủ tục hành chính) and *task* (nhiệm vụ, quyền hạn) are counted apart and never put into one figure.
"""

from reform_analysis.analysis.decentralisation_lists import commune_lists, workload
from reform_analysis.analysis.decentralisation_ministries import holdouts
from reform_analysis.analysis.decentralisation_pace import pace
from reform_analysis.analysis.decentralisation_recipients import recipients
from reform_analysis.analysis.decentralisation_tasks import local_share

__all__ = ["commune_lists", "holdouts", "local_share", "pace", "recipients", "workload"]
