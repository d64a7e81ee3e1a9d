"""What an agency with its own key and people may post, and what readers then get: attacks from inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from agencies.sdk.build import AgencyEvent, about
from agencies.sdk.keys import generate_key, write_pair
from tests.support.hostile import AUTHORS, C1001, C2001
from tests.support.onboarding import signed_up
from tests.support.scenario import READERS, World, every_post, played_world

Json = dict[str, Any]

X_CSC = "social-care.x-csc"
"""An authority that has nothing to do with the children of the scenario."""
NOW = "2025-11-20T12:30:00+00:00"
SUBJECTS = {"C-1001": C1001, "C-2001": C2001}
_PEOPLE = AUTHORS | {X_CSC: f"{X_CSC}/sw-x"}


@dataclass
class Insider:
    """A hub with scenario A in it, and every agency's means to post into it."""

    world: World
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def event(self, by: str, type_: str, child: str, at: str = NOW, **data: Any) -> AgencyEvent:
        """A well-formed event of an agency about a child of the scenario, or about any reference."""
        own = {"occurred_at": at[:10], "precision": "day", "author": _PEOPLE[by]}
        return AgencyEvent(
            by,
            f"insider-{next(self._numbers)}",
            type_,
            SUBJECTS.get(child, child),
            datetime.fromisoformat(at),
            own | data,
        )

    def try_(self, by: str, type_: str, child: str, at: str = NOW, **data: Any) -> httpx.Response:
        """Post it, whatever the answer."""
        return self.world.post(self.event(by, type_, child, at, **data))

    def post(self, by: str, type_: str, child: str, at: str = NOW, **data: Any) -> AgencyEvent:
        """Post it; the hub takes it."""
        event = self.event(by, type_, child, at, **data)
        answer = self.world.post(event)
        assert answer.status_code == 201, answer.text
        return event

    def lines(self, reader: str, child: str) -> list[tuple[str, str | None]]:
        """The coded lines of a reader: each code with the measure that it tells, if it tells one."""
        return [
            (one["line"], one["fields"]["code"] if one["type"] == "safety-line" else None)
            for one in self.world.chronology(reader, child)
            if one.get("line")
        ]

    def last(self, reader: str, child: str, type_: str) -> Json:
        """The entry of a type that a reader has last in the chronology."""
        return [one for one in self.world.chronology(reader, child) if one["type"] == type_][-1]

    def read_by(self, person: str, child: str, purpose: str) -> int:
        """The status of a chronology read by any person."""
        path = f"/v1/children/{self.world.children[child]}/chronology"
        return self.world.get_as(person, path, {"Access-Purpose": purpose}).status_code

    def status(self, reader: str, child: str) -> int:
        """The status of a chronology read by a reader of the scenario."""
        return self.read_by(READERS[reader].person, child, READERS[reader].purpose)


def event_of(ref: str) -> AgencyEvent:
    """A post of the scenario by its name."""
    return next(one.event for one in every_post() if one.ref == ref)


def named(event: AgencyEvent) -> Json:
    """The form in which one event names another."""
    return dict(about(event.organisation, event.record, event.type))


@contextmanager
def insider(directory: Path) -> Iterator[Insider]:
    """Scenario A at its end, and one more authority with its keys and people."""
    with played_world(directory) as world:
        known = world.hub.store.directory
        known.add_organisation(X_CSC, "X children's social care", X_CSC)
        signed_up(known, X_CSC)
        known.add_person(f"{X_CSC}/sw-x", ("social-worker", "enquiry-social-worker", "team-manager"))
        known.add_person(f"{X_CSC}/fd-x", ("front-door",))
        for use in ("events", "client"):
            write_pair(world.keys, X_CSC, use, generate_key("Ed25519"))  # type: ignore[arg-type]
            jwk = (world.keys / X_CSC / f"{use}.jwk").read_text(encoding="utf-8")
            known.register_key(X_CSC, use, jwk, not_before=world.hub.store.clock.wall())  # type: ignore[arg-type]
        yield Insider(world)
