"""Whole hubs behind their doors, in this process: played once, copied, and alike but for what is posted next.

All keys are fixed and all chance follows from what is asked, so that two copies that are asked the same give
the same bytes, random names included.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from agencies.scenarios import PreparedPost
from agencies.scenarios.run import Scenario, load_scenario
from agencies.sdk.build import AgencyEvent, cloud_event
from agencies.sdk.keys import public_jwk
from agencies.sdk.sign import sign_event
from hub.api import RequestLog
from hub.cli.compose import Hub, compose, initialise, open_store
from hub.cli.demo import demo_settings
from hub.cli.demo_world import READING_TIME, REVIEWER, SLACK, fill_directory, posters
from hub.cli.notifying import notifying_of
from hub.cli.serving import application
from hub.errors import HubError
from hub.ticker import Ticker
from hub.web.sessions import SealedSessions
from tests.support.simulated import SeededChance, agency_key, lay_keys

ADDRESS = "http://hub.example"
METRICS_TOKEN = "scraper-of-these-hubs"
READ_AT = {
    "scenario-a": READING_TIME,
    "scenario-b": "2025-11-07T12:00:00+00:00",
    "scenario-c": "2025-10-15T12:00:00+01:00",
}
# A school, its officer and its lead, whom nothing connects with any child of the scenarios.
STRANGERS = "education.far-school"
STAFF = (
    (f"{STRANGERS}/dsl-1", ("designated-safeguarding-lead",)),
    ("education.oak-school/igo-1", ("ig-officer",)),
    ("education.elm-school/igo-1", ("ig-officer",)),
)


@dataclass
class Doors:
    """One hub and its application; nothing listens, every call goes through the whole of both."""

    hub: Hub
    app: FastAPI
    chance: SeededChance
    scenario: Scenario
    refusals: dict[str, HubError] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict)
    _called: Counter[str] = field(default_factory=Counter)
    _runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def __post_init__(self) -> None:
        transport = httpx.ASGITransport(self.app, client=("192.0.2.1", 4711))
        self._http = httpx.AsyncClient(transport=transport, base_url=ADDRESS)

    @property
    def children(self) -> dict[str, str]:
        """The hub's ids of the scenario's children that it knows."""
        named = self.scenario.children.items()
        found = {name: self.hub.identity.resolve(references[0]) for name, references in named}
        return {name: child for name, child in found.items() if child is not None and name.startswith("C-")}

    def token(self, who: str) -> str:
        """The bearer token of a person or of an organisation's system, made once."""
        if who not in self._tokens:
            issuer = self.hub.services.development_issuer
            assert issuer is not None
            self._tokens[who] = issuer.person_token(who) if "/" in who else issuer.system_token(who)
        return self._tokens[who]

    def cookie(self, person: str, purposes: dict[str, list[str]]) -> str:
        """The cookie of a person who is signed in to the pages and has named why each child is read."""
        pages = self.hub.pages
        sessions = SealedSessions(
            self.app, key=pages.session_key, wall=pages.wall, secure=pages.secure_cookie
        )
        session: dict[str, object] = {
            "person": person,
            "since": int(pages.wall().timestamp()),
            "form_token": "form-token-of-this-session",
            "purposes": purposes,
        }
        return f"{sessions.cookie}={sessions.seal(session)}"

    def call(self, name: str, method: str, path: str, **given: Any) -> httpx.Response:
        """One request; what is random in its answer follows from its name and how often that was used."""
        self._called[name] += 1
        self.chance.restart(f"{name} {self._called[name]}".encode())
        return self._runner.run(self._http.request(method, path, **given))

    # --- agencies ----------------------------------------------------------------------------------

    def signed(self, event: AgencyEvent) -> str:
        """An event signed by its organisation now."""
        store = self.hub.store
        return sign_event(
            cloud_event(event), agency_key(event.organisation), audience=store.settings.id,
            now=store.clock.wall(),
        )  # fmt: skip

    def send(self, event: AgencyEvent, again: str = "") -> httpx.Response:
        """Post one event through the door as its organisation."""
        return self.call(
            f"{again}{cloud_event(event).decode()}", "POST", "/v1/events", content=self.signed(event),
            headers={
                "Authorization": f"Bearer {self.token(event.organisation)}",
                "Content-Type": "application/jose",
            },
        )  # fmt: skip

    def play(self, posts: Sequence[PreparedPost]) -> None:
        """Post in order behind the door; the identity reviewer decides where the scenario says so."""
        directory = self.hub.store.directory
        for one in posts:
            self.chance.restart(cloud_event(one.event))
            who = directory.principal_for_organisation(one.organisation)
            try:
                self.hub.intake.post(self.signed(one.event).encode(), who)
            except HubError as refusal:
                assert one.refused, (one.ref, refusal.slug)
                self.refusals[one.ref] = refusal
            for resolution in self.scenario.resolutions:
                if resolution.after == one.ref:
                    self._resolve(resolution.provisional, resolution.child)

    def _resolve(self, reference: str, child: str) -> None:
        reviewer = self.hub.store.directory.principal_for_person(REVIEWER)
        for waiting in self.hub.intake.queue(reviewer):
            if waiting.get("reference") == reference:
                self.hub.intake.resolve(reviewer, str(waiting["provisional"]), child)

    def read_at(self, at: str, *, told: bool = True) -> None:
        """Move the domain clock to the time of reading: what was missed by then is recorded, and told."""
        advance = self.hub.services.advance
        assert advance is not None
        advance(datetime.fromisoformat(at))
        self.chance.restart(b"missed by the time of reading")
        hub, record = self.hub, self.hub.store.record
        ticker = Ticker(record=record, views=hub.views, identity=hub.identity, directory=hub.store.directory)
        assert ticker.tick(hub.store.clock.domain()) >= 0 and ticker.faults == 0
        if told:
            notifying = notifying_of(hub)
            notifying.look(hub.store.clock.domain())
            assert notifying.faults == 0

    def close(self) -> None:
        """Let go of the connections and of the record."""
        self._runner.run(self._http.aclose())
        self._runner.close()
        self.hub.close()


def played(folder: Path, scenario: str, posts: Sequence[PreparedPost] | None = None) -> Path:
    """A data directory into which a scenario was posted, closed again."""
    folder.mkdir(parents=True)
    lay_keys(folder)
    initialise(demo_settings(folder, 1))
    with opened(folder, scenario) as doors:
        store = doors.hub.store
        fill_directory(store.directory, scenario)
        store.directory.add_organisation(STRANGERS, "Far School", "social-care.s-csc")
        store.directory.agree_sharing(STRANGERS, "Agreement of a test", date(2099, 12, 31), STAFF[0][0])
        for person, roles in STAFF:
            if store.directory.organisation(person.split("/")[0]) is not None:
                store.directory.add_person(person, roles)
        for organisation in (*posters(scenario), STRANGERS):
            jwk = public_jwk(agency_key(organisation)).decode()
            store.directory.register_key(organisation, "events", jwk, not_before=store.clock.wall() - SLACK)
        doors.play(load_scenario(scenario).posts if posts is None else posts)
    return folder


@contextmanager
def opened(folder: Path, scenario: str, beginning: bytes = b"") -> Iterator[Doors]:
    """The hub of a data directory behind its doors."""
    chance = SeededChance()
    chance.restart(beginning)
    store = open_store(demo_settings(folder, 1), chance)
    hub = compose(store, RequestLog(store.clock.wall, lambda line: None))
    hub = replace(hub, services=replace(hub.services, metrics_token=METRICS_TOKEN))
    doors = Doors(hub, application(hub), chance, load_scenario(scenario))
    try:
        hub.projector.start()
        yield doors
    finally:
        doors.close()


@contextmanager
def copied(
    folder: Path, to: Path, scenario: str, more: Sequence[PreparedPost] = (), *, told: bool = True
) -> Iterator[Doors]:
    """A copy of a played hub with some more posts in it, its clock at the time of reading."""
    shutil.copytree(folder, to)
    with opened(to, scenario, b"opened again") as doors:
        doors.play(more)
        doors.read_at(READ_AT[scenario], told=told)
        yield doors
