"""What the text says of meetings, conferences and the lists of answers that go with them."""

from __future__ import annotations

from tests.oracle.asked import BOTH_STREAMS, WORKERS, Asked, by_labels, hidden, part, perhaps, these, whole
from tests.oracle.model import Expected
from tests.oracle.table import fields


def meeting(asked: Asked) -> Expected:
    """D-04, D-41, D-25: the record of a meeting."""
    if asked.column in WORKERS | these("iro", "safeguarding-unit"):
        return whole(asked, "D-41")
    if (asked.event.organisation, str(asked.event["meeting"])) not in asked.standing.meetings:
        return hidden("D-04")
    if asked.column == "school":
        # A school that sat in the wrong room, not yet or no longer the child's, gets no papers.
        return whole(asked, "D-41") | hidden("R-082")
    if asked.column in ("youth-justice", "police"):
        return whole(asked, "D-41")
    # "Another current basis": four are named as examples or as the list, so that either is allowed.
    return whole(asked, "D-41") | part("D-25", may=fields(asked.event.type))


def conference(asked: Asked) -> Expected:
    # B19, FAM: whole for own people and police; others who attended get the decision.
    if asked.column == "police" and not asked.attended:
        return whole(asked, "D-33") | perhaps("D-04")
    if asked.column in BOTH_STREAMS | these("iro", "safeguarding-unit"):
        return whole(asked, "D-33")
    if not asked.attended:
        return hidden("D-04")
    return perhaps("D-33", may={"outcome", "kind", "meeting", "attendance", "absent", "interval_days"})


def checklist(asked: Asked) -> Expected:
    """C09: own rows for who was asked, by D-44; the rest by label, where the papers are the reader's."""
    if asked.column in WORKERS | these("iro", "safeguarding-unit"):
        return whole(asked, "D-33")
    if asked.column in ("school", "health", "therapist", "carer"):
        return perhaps("D-44", may={"items", "checklist", "meeting"})
    return by_labels(asked) | hidden("D-04")
