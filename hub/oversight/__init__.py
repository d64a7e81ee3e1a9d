"""The officer's questions: who saw what, when, why and under which rule; answers are accesses too."""

from hub.oversight.accesses import AccessQuery
from hub.oversight.blocked import TEAM_MANAGER, BlockedDecision, may_read_blocked
from hub.oversight.desk import Oversight
from hub.oversight.overrides import OverrideRow
from hub.oversight.policies import Policies, Standing
from hub.oversight.reports import READERS, Reports
from hub.oversight.reviews import ReviewRow

__all__ = [
    "READERS",
    "TEAM_MANAGER",
    "AccessQuery",
    "BlockedDecision",
    "OverrideRow",
    "Oversight",
    "Policies",
    "Reports",
    "ReviewRow",
    "Standing",
    "may_read_blocked",
]
