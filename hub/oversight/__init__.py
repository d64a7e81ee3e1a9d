"""The officer's questions: who saw what, when, why and under which rule; answers are accesses too."""

from hub.oversight.accesses import AccessQuery
from hub.oversight.desk import Oversight
from hub.oversight.overrides import OverrideRow

__all__ = ["AccessQuery", "OverrideRow", "Oversight"]
