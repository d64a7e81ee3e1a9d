"""The meetings whose papers are a reader's: by invitation or attendance (D-04, D-25, D-41, R-082)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tests.oracle.authorities import authority, before_link, beside_by_name, linked
from tests.oracle.in_force import AFTER, EDGE, holds
from tests.oracle.model import Happening, Reader, World


def pupil(events: list[Happening], csc: str | None, school: str, then: datetime, by_the_hour: bool) -> bool:
    """Whether a child was enrolled at a school at an instant, or within a day's edge of it.

    Shape: not `by_the_hour`, it was also where it was by all that was known then: what ended the enrolment
    since, without a day, may have ended it from then on only.
    """
    instants = (then,) if by_the_hour else (then - EDGE, then, then + EDGE)
    told = [one for one in events if one.received <= then]
    for event in events:
        enrols = event["kind"] == "enrolled" and event.type == "relationship-recorded"
        named = {event["organisation"]} if enrols else set(event["schools"] or ())
        if event.organisation == csc and school in named:
            somebody = Reader(event["person"] or f"{school}/somebody", "designated-safeguarding-lead")
            known = event.received <= instants[-1]
            by = (events,) if by_the_hour else (events, told)
            if known and any(holds(said, event, csc, somebody, one) for one in instants for said in by):
                return True
    return False


def meetings(
    world: World, child: str, reader: Reader, now: datetime, other_basis: bool, then: bool, first: bool
) -> Iterator[tuple[str, str]]:
    """The meetings about this child to which the reader was invited or in which it took part (D-04, D-41).

    Attendance alone ends 28 days after the meeting; whoever has another basis keeps the papers. A school is
    entitled by an invitation while the child is its pupil, at the meeting too, and by attendance where the
    child was its pupil then (R-082); with `then` by the hour, else within a day's edge, and a school that was
    enrolled anew since its attendance counts as having been in the wrong room. With `first` an authority of
    a linked child lets nobody in by what it said before the link was there, nor that of a child whom this
    child's own authority has named without a link.
    """
    events, allowed_by = world.current(child), authority(world, child)
    beside = linked(world, child) if first else linked(world, child) | beside_by_name(world, child)
    allowed = {authority(world, child), *(authority(world, one) for one in beside)}
    for event in events:
        if event.organisation not in allowed or (first and before_link(world, event)):
            continue
        named = event["meeting"]
        held = [
            one
            for one in events
            if one.type in ("meeting-held", "conference-held")
            and one["meeting"] == named
            and one.organisation == event.organisation
        ]
        invited = (
            event.type == "invitation-sent" and event["decision"] == "invited"
            and event["organisation"] == reader.organisation and event["person"] in (None, reader.person)
        )  # fmt: skip
        # A conference is a meeting that was held, and its attendance counts as such.
        came = event.type in ("meeting-held", "conference-held") and any(
            one["organisation"] == reader.organisation and one.get("person") in (None, reader.person)
            for one in event["attendance"] or []
        )
        if not named or not (invited or came):
            continue
        anew = any(
            one.number > event.number and one["kind"] == "enrolled"
            and one["organisation"] == reader.organisation
            for one in events
        )  # fmt: skip
        if then and came and anew and reader.sector == "education":
            continue
        over = max((one.received for one in held), default=None)
        if reader.sector == "education":
            there = [event.received] if came else [now] if over is None else [now, over]
            if not all(pupil(events, allowed_by, reader.organisation, one, then) for one in there):
                continue
        if other_basis or over is None or now < over + AFTER:
            yield event.organisation, str(named)
