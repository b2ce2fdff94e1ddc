"""Notebook 04: how many dossiers, how many online, offered or used, on time, where, and paid how.

*Dossier* is a request for an administrative procedure (hồ sơ). The two national counts, the Government Office's and
the Ministry of Home Affairs', cover different systems and are never joined.
"""

from reform_analysis.analysis.digital_dossiers import volume
from reform_analysis.analysis.digital_index import service_index
from reform_analysis.analysis.digital_load import load_by_place
from reform_analysis.analysis.digital_online import online_share
from reform_analysis.analysis.digital_payments import payments
from reform_analysis.analysis.digital_punctuality import on_time
from reform_analysis.analysis.digital_supply import supply_and_use

__all__ = ["load_by_place", "on_time", "online_share", "payments", "service_index", "supply_and_use", "volume"]
