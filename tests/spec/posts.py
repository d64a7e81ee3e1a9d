"""Hand-made entries: one call is one post, told in London time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from hub.catalogue.occurred import occurred
from hub.envelope import EventKey
from hub.pathway.entries import Entry, Material, Other
from hub.pathway.profiles import PROFILES, Profile

LONDON = ZoneInfo("Europe/London")
N, S = "social-care.n-csc", "social-care.s-csc"
ELM, OAK = "education.elm-school", "education.oak-school"
POLICE, YOS, HEALTH = "police.n-police", "youth-justice.s-yos", "health.n-child-health"


def at(written: str) -> datetime:
    """A London time such as 2025-09-12 15:40."""
    return datetime.fromisoformat(written).replace(tzinfo=LONDON)


def profile_of(organisation: str) -> Profile | None:
    """N has adopted the Darlington-style profile, S the LLR-style one, nobody else any."""
    return {N: PROFILES["darlington-2025"], S: PROFILES["llr-2024"]}.get(organisation)


def all_of(name: str):
    """A look-up in which every organisation has adopted this profile."""
    return lambda organisation: PROFILES[name]


def key(id: str) -> EventKey:
    return EventKey("urn:test", id)


def post(
    id: str,
    time: str,
    organisation: str | None,
    child: str,
    type: str,
    data: Mapping[str, object] | None = None,
    *,
    happened: str | None = None,
    precision: str = "exact",
    others: Iterable[Other] = (),
    about: str | None = None,
    author: str | None = None,
    received: str | None = None,
    awaiting: tuple[str, ...] = (),
) -> Entry:
    recorded = at(time)
    written = happened or recorded.isoformat(timespec="seconds")
    return Entry(
        key=key(id),
        child=child,
        position=int(recorded.timestamp()),
        type=type,
        organisation=organisation,
        author=author or (f"{organisation}/person-1" if organisation else None),
        author_role=None,
        occurred=occurred(written, precision, recorded_at=recorded),
        recorded_at=recorded,
        received_at=at(received) if received else recorded,
        recorded_late=False,
        data=dict(data or {}),
        others=tuple(others),
        about=key(about) if about else None,
        awaiting=awaiting,
    )


def other(child: str | None, role: str | None = None, reference: str = "aa") -> Other:
    return Other(1, role, reference, child)


def material(child: str, entries: Iterable[Entry], **more: object) -> Material:
    """Material in chronology order, as the views give it."""
    ordered = sorted(entries, key=lambda one: (one.occurred.sort_at, one.position))
    return Material(child=child, entries=tuple(ordered), **more)


def ids(evidence: Iterable[EventKey]) -> list[str]:
    return [one.id for one in evidence]


def nobody(person: str) -> frozenset[str]:
    return frozenset()
