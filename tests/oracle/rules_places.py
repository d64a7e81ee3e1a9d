"""What the text says of places, placements, addresses and plans that name them (D-08, D-52)."""

from __future__ import annotations

from tests.oracle.asked import BOTH_STREAMS, Asked, by_labels, hidden, part, perhaps, these, whole
from tests.oracle.model import Expected
from tests.oracle.table import fields


def plan(asked: Asked) -> Expected:
    if asked.column in BOTH_STREAMS | these("youth-justice", "iro"):
        return whole(asked, "D-08")
    if asked.column == "school":
        return part("D-08", may={"responsible_organisation", "next_review", "places", "measures"})
    if asked.column == "safeguarding-unit":
        return part("D-08", may=set(fields(asked.event.type)) - {"education", "accommodation", "narrative"})
    if asked.column == "carer":
        return perhaps("D-14", may={"measures", "places", "next_review", "responsible_organisation"})
    if asked.column in ("health", "therapist"):
        return perhaps("D-11", may={"measures"})
    return by_labels(asked)


def place(asked: Asked) -> Expected:
    if asked.column in BOTH_STREAMS | these("youth-justice", "iro"):
        return whole(asked, "D-08")
    if asked.column == "carer":
        own = asked.event["organisation"] == asked.reader.organisation
        return perhaps("D-52", may={"kind", "place", "organisation", "address", "from"} if own else ())
    if asked.column in ("safeguarding-unit", "school", "health", "therapist"):
        return perhaps("D-08")
    if asked.column == "smg" and asked.kind == "online-group":
        return part("D-17", "R-182", may={"kind", "place"})
    return hidden("D-08")


def circumstance(asked: Asked) -> Expected:
    if asked.kind == "placement":
        if asked.column in BOTH_STREAMS | these("youth-justice", "iro"):
            every = whole(asked, "D-08")
            return Expected(
                every.outcomes | {"R"},
                every.may - {"detail"},
                every.must & {"place", "address"},
                ("D-08", "D-07"),
            )
        if asked.column == "safeguarding-unit":
            return part("D-08", may={"kind", "from", "until"})
        return place(asked)
    return by_labels(asked)


def opening(asked: Asked) -> Expected:
    if asked.column in ("school", "health", "therapist", "carer"):
        return perhaps("D-08")
    if asked.column == "safeguarding-unit":
        # The identity labels are its own for an incident, says the table; an opening has more of them.
        return by_labels(asked) | part("D-33")
    return by_labels(asked)
