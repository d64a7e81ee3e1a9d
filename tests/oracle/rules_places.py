"""What the text says of places, placements, addresses and plans that name them (D-08, D-52)."""

from __future__ import annotations

from tests.oracle.asked import BOTH_STREAMS, Asked, by_labels, hidden, part, perhaps, these, whole
from tests.oracle.model import Expected
from tests.oracle.table import fields, filled


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
        every = {"kind", "place", "organisation", "address", "from"}
        if asked.event.type == "place-declared" and _own_home(asked):
            return part("D-52", may=every, must={"address"} & set(asked.event.data))
        return perhaps("D-52", may=every if _own_home(asked) else ())
    if asked.column in ("safeguarding-unit", "school", "health", "therapist"):
        return perhaps("D-08")
    if asked.column == "smg" and asked.kind == "online-group" and asked.event.type == "place-declared":
        return part("D-17", "R-182", may={"kind", "place"})
    return hidden("D-08")


def _own_home(asked: Asked) -> bool:
    return bool(asked.event["organisation"] == asked.reader.organisation)


def circumstance(asked: Asked) -> Expected:
    if asked.kind == "placement":
        if asked.column in BOTH_STREAMS | these("youth-justice", "iro"):
            every = whole(asked, "D-08")
            located = {"place", "organisation", "address"} & filled(asked.event.type, dict(asked.event.data))
            # Without a place only what is about health is left, and dates (D-32).
            return Expected(
                every.outcomes | ({"R"} if located else {"R", "H"}),
                every.may - {"detail"},
                every.must & {"place", "address"},
                ("D-08", "D-07"),
            )
        if asked.column == "safeguarding-unit":
            return part("D-08", may={"kind", "from", "until"})
        if asked.column == "carer" and _own_home(asked):
            # B16: own address and start date; a start that is not said cannot be shown.
            own = {"address", "from"}
            return part("D-52", may=own, must=own & set(asked.event.data))
        return place(asked)
    return by_labels(asked)


def opening(asked: Asked) -> Expected:
    if asked.column in ("school", "health", "therapist", "carer"):
        return perhaps("D-08")
    if "safeguarding-unit" in asked.standing.columns and asked.column in ("safeguarding-unit", "smg"):
        # The identity labels are its own for an incident, says the table; an opening has more of them. A seat
        # in the strategic group beside it lifts none of the limits of oversight (D-12).
        return by_labels(asked) | part("D-33")
    return by_labels(asked)


def care_team(asked: Asked, found: Expected) -> Expected:
    """D-52: the agency that the current plan makes responsible knows addresses and placements."""
    if not asked.responsible or asked.column not in ("school", "health", "therapist", "early-help"):
        return found
    located = {one for one, labels in fields(asked.event.type).items() if "LOC" in labels}
    located -= {"narrative"}
    if not located & asked.event.data.keys():
        return found
    if asked.event.type == "place-declared":
        return whole(asked, "D-52")
    if asked.event.type == "child-circumstance-recorded" and asked.kind == "placement":
        # Clinical detail beside the address stays with health (D-07).
        return whole(asked, "D-52") | found | part("D-52", may=fields(asked.event.type))
    # That it knows where the child is opens no other content; what is about a place only it has whole.
    return found | part("D-52", may=found.may | located) | whole(asked, "D-52")
