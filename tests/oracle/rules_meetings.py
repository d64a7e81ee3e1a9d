"""What the text says of meetings, conferences and the lists of answers that go with them."""

from __future__ import annotations

from tests.oracle.asked import WORKERS, Asked, by_labels, hidden, part, perhaps, these, whole
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


# B19: the decision, which conference it was, and the reader's own line.
DECIDED = frozenset({"outcome", "meeting", "attendance"})
BEHAVIOUR = frozenset({"behaviour_response", "behaviour_services_considered", "next_step"})


def conference(asked: Asked) -> Expected:
    """D-04, D-41, and B19: a conference is a meeting, and of its record most who were there get a part."""
    if asked.column in WORKERS | these("iro", "safeguarding-unit"):
        return whole(asked, "D-41")
    if not was_at(asked):
        return hidden("D-04")
    must = {"outcome"} & set(asked.event.data)
    match asked.column:
        case "police":
            return whole(asked, "D-33")
        case "therapist":
            return hidden("D-33")
        case "youth-justice":
            return part("D-05", "D-06", may=DECIDED | BEHAVIOUR, must=must)
        case "school":
            # As of other meetings: whoever sat in the wrong room gets no papers.
            return part("D-04", "D-05", "D-06", may=DECIDED, must=must) | hidden("R-082")
        case "health" | "carer":
            return part("D-04", "D-05", "D-06", "D-14", may=DECIDED, must=must)
    # Who is entitled to the papers of a meeting is not said to be of these only (D-04, D-25).
    return invited_to_conference(asked)


def was_at(asked: Asked) -> bool:
    """Whether the reader was invited to this very meeting, or attended it."""
    return (asked.event.organisation, str(asked.event["meeting"])) in asked.standing.meetings


def invited_to_conference(asked: Asked) -> Expected:
    """Whoever else was at a conference: at most what it decided (D-25)."""
    return perhaps("D-25", may=DECIDED) if was_at(asked) else hidden("D-04")


def checklist(asked: Asked) -> Expected:
    """C09: own rows for who was asked, by D-44; the rest by label, where the papers are the reader's."""
    if asked.column in WORKERS | these("iro", "safeguarding-unit"):
        return whole(asked, "D-33")
    if asked.column in ("school", "health", "therapist", "carer"):
        return perhaps("D-44", may={"items", "checklist", "meeting"})
    return by_labels(asked) | hidden("D-04")
