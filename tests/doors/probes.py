"""Posts by which an organisation could try to find out what it is not told, and what it is answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from agencies.scenarios import PreparedPost
from agencies.sdk.build import AgencyEvent, about
from tests.doors.asking import Answered, kept
from tests.doors.hidden import THIRD_CHILD
from tests.doors.hubs import Doors

AT = "2025-11-20T11:00:00+00:00"
# Posted for each child of theirs: a fact of each, a decision, an opinion.
TYPES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("incident-recorded", {"role": "has-harmed", "status": "alleged"}),
    ("behaviour-level-assessed", {"scale": "hackett-5", "level": "problematic"}),
    ("meeting-held", {"meeting": "M8", "kind": "professionals"}),
    ("conference-decided", {"decision": "not-held"}),
)


def _event(organisation: str, record: str, type_: str, subject: str, **data: Any) -> AgencyEvent:
    members = {"occurred_at": AT, "precision": "exact", "author": f"{organisation}/dsl-1", **data}
    return AgencyEvent(organisation, record, type_, subject, datetime.fromisoformat(AT), members)


def probes(
    organisation: str, subjects: Sequence[str], hidden: Sequence[PreparedPost]
) -> Iterator[AgencyEvent]:
    """What an organisation posts to find out.

    1. Of each child, and of one who is in one of the hubs only: facts, and decisions that a gate refuses.
    2. Pointing at each hidden post: as what it is about, agrees with, is based on, corrects or takes back.
    3. Under the very name of a hidden post, of its own.
    """
    for place, subject in enumerate((*subjects, THIRD_CHILD)):  # 1
        for type_, data in TYPES:
            yield _event(organisation, f"probe-{place}", type_, subject, **data)
    for one in hidden:
        name, author = f"probe-{one.ref}", f"{organisation}/dsl-1"
        at = about(one.organisation, one.event.record, one.event.type)
        incident = {"role": "has-harmed", "status": "alleged"}
        yield _event(
            organisation, f"{name}-about", "incident-recorded", subjects[0], about=at, **incident
        )  # 2
        yield _event(
            organisation, f"{name}-back", "event-retracted", subjects[0], about=at, reason="wrong-child"
        )
        yield _event(
            organisation, f"{name}-corrects", "event-corrected", subjects[0], about=at, reason="error",
            replacement={"occurred_at": AT, "precision": "exact", "author": author, **incident},
        )  # fmt: skip
        yield _event(
            organisation, f"{name}-agrees", "conference-decided", subjects[0], agrees_with=at, decision="held"
        )
        same = _event(organisation, one.event.record, one.event.type, subjects[0], **incident)  # 3
        yield replace(same, type="incident-recorded")


def answered(doors: Doors, events: Sequence[AgencyEvent]) -> dict[str, Answered]:
    """What each is answered, one by one, twice, and all together."""
    found = {f"{one.record} {one.type}": kept(doors.send(one)) for one in events}
    for name, one in (("again", events[0]), ("otherwise", replace(events[0], subject=THIRD_CHILD))):
        found[name] = kept(doors.send(one, name))
    together = kept(
        doors.call(
            "batch of probes", "POST", "/v1/events/batch",
            content="\n".join(doors.signed(one) for one in events[:12]),
            headers={
                "Authorization": f"Bearer {doors.token(events[0].organisation)}",
                "Content-Type": "application/jose-lines",
            },
        )
    )  # fmt: skip
    return found | {"together": together}
