"""What the reports of a year count of one child."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hub.pathway.entries import Entry
from hub.pathway.fields import organisation_kind
from hub.pathway.reports.children import Counted, told_in
from hub.pathway.reports.lags import to_assessment, to_decision, to_help, to_referral
from hub.pathway.reports.learning import age_group, incidents_of, is_online, places_of
from hub.pathway.reports.parity import steps_taken
from hub.pathway.reports.period import ReportYear


def counted(entries: Sequence[Entry], born: date | None, year: ReportYear) -> Counted | None:
    """A child as one of a year's, where something about it was told in that year."""
    child = told_in(year, entries, born)
    if child is None:
        return None
    return Counted(
        side=child.side,
        steps=steps_taken(child),
        to_referral=to_referral(child),
        to_decision=to_decision(child),
        to_assessment=to_assessment(child),
        to_help=to_help(child),
        told_first=organisation_kind(child.notices[0].organisation),
        age=age_group(child),
        agencies=len({one.organisation for one in child.notices}),
        incidents=len(incidents_of(child)),
        places=places_of(child),
        online=is_online(child),
    )
