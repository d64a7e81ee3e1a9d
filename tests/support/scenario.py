"""A whole hub on loopback with a scenario posted into it over HTTP, for tests of what readers get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from agencies.scenarios.reviewer import IdentityReviewer
from agencies.scenarios.run import PreparedPost, load_scenario, play
from agencies.sdk.build import AgencyEvent, cloud_event, event_id
from agencies.sdk.client import Answer, HubClient
from agencies.sdk.keys import SigningKey, generate_key, load_key, paths_of, write_pair
from agencies.sdk.sign import sign_event
from hub.cli.compose import Hub
from hub.cli.demo import running
from hub.cli.demo_world import READING_TIME, REVIEWER, Reader, fill_directory, make_keys, posters, readers
from hub.record import Chance

READERS = {one.name: one for one in readers()}
SCENARIO = load_scenario("scenario-a")
Json = dict[str, Any]


@dataclass
class World:
    """A running hub, its agencies and readers; everything goes over HTTP."""

    hub: Hub
    address: str
    keys: Path
    data: Path
    children: dict[str, str] = field(default_factory=dict)
    scenario: str = "scenario-a"
    readers: Mapping[str, Reader] = field(default_factory=lambda: READERS)
    _http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))
    _read: dict[tuple[str, str, str], list[Json]] = field(default_factory=dict)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    # --- agencies ------------------------------------------------------------------------------

    def sign(self, organisation: str, payload: bytes, key: SigningKey | None = None) -> str:
        """A payload signed by an organisation now."""
        signing = key or load_key(paths_of(self.keys, organisation, "events")[0])
        return sign_event(
            payload, signing, audience=self.hub.store.settings.id, now=self.hub.store.clock.wall()
        )

    def system_token(self, organisation: str) -> str:
        assert self.hub.services.development_issuer is not None
        return self.hub.services.development_issuer.system_token(organisation)

    def send(self, organisation: str, body: bytes | str, **headers: str) -> httpx.Response:
        """Post one signed event as an organisation's system."""
        return self._http.post(
            f"{self.address}/v1/events",
            content=body,
            headers={
                "Authorization": f"Bearer {self.system_token(organisation)}",
                "Content-Type": "application/jose",
                **headers,
            },
        )

    def post(self, event: AgencyEvent) -> httpx.Response:
        """Sign and post one event; what was read before is read afresh afterwards."""
        self._read.clear()
        return self.send(event.organisation, self.sign(event.organisation, cloud_event(event)))

    def mine(self, organisation: str) -> list[str]:
        """The scenario's names of an organisation's own posts, from GET /v1/events?mine."""
        names = {
            event_id(one.organisation, one.event.record, one.event.type): one.ref for one in every_post()
        }
        found: list[str] = []
        cursor = ""
        while True:
            page = self.as_system(
                organisation, "/v1/events", mine="", **({"cursor": cursor} if cursor else {})
            )
            found += [names.get(one["event"]["id"], one["event"]["id"]) for one in page["posts"]]
            if not page["cursor"]:
                return found
            cursor = page["cursor"]

    def as_system(self, organisation: str, path: str, **query: str) -> Json:
        answer = self._http.get(
            self.address + path,
            params=query,
            headers={"Authorization": f"Bearer {self.system_token(organisation)}"},
        )
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    # --- readers -------------------------------------------------------------------------------

    def person_token(self, person: str) -> str:
        assert self.hub.services.development_issuer is not None
        return self.hub.services.development_issuer.person_token(person)

    def get(
        self, reader: str, path: str, headers: dict[str, str] | None = None, **query: str
    ) -> httpx.Response:
        """One call as a reader of the scenario, with that reader's purpose."""
        who = self.readers[reader]
        return self.get_as(who.person, path, {"Access-Purpose": who.purpose, **(headers or {})}, **query)

    def get_as(
        self, person: str, path: str, headers: dict[str, str] | None = None, **query: str
    ) -> httpx.Response:
        """One call as any person of the directory."""
        return self._http.get(
            self.address + path,
            params=query,
            headers={"Authorization": f"Bearer {self.person_token(person)}", **(headers or {})},
        )

    def chronology(self, reader: str, child: str, as_at: str = "") -> list[Json]:
        """All entries of a child for a reader; none where the hub answers not-found. Read once per state."""
        key = (reader, child, as_at)
        if key not in self._read:
            self._read[key] = list(self._pages(reader, child, as_at))
        return self._read[key]

    def _pages(self, reader: str, child: str, as_at: str) -> Iterator[Json]:
        query = {"as_at": as_at} if as_at else {}
        while True:
            answer = self.get(reader, f"/v1/children/{self.children[child]}/chronology", **query)
            if answer.status_code == 404:
                return
            assert answer.status_code == 200, answer.text
            page = answer.json()
            yield from page["entries"]
            if not page["cursor"]:
                return
            query["cursor"] = page["cursor"]

    def overview(self, reader: str, child: str, as_at: str = "") -> Json:
        query = {"as_at": as_at} if as_at else {}
        answer = self.get(reader, f"/v1/children/{self.children[child]}/overview", **query)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def explanation(self, disclosure_id: str) -> Json:
        answer = self.get("IGO", f"/v1/audit/accesses/{disclosure_id}/explanation")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def advance(self, to: str) -> None:
        """Move the simulation's clock."""
        self._read.clear()
        advance = self.hub.services.advance
        assert advance is not None
        advance(datetime.fromisoformat(to))


def every_post() -> list[PreparedPost]:
    """The posts of the scenario and of its variants."""
    return [*SCENARIO.posts, *(one for posts in SCENARIO.variants.values() for one in posts)]


@contextmanager
def empty_world(
    directory: Path, chance: Chance | None = None, profiles: Path | None = None, scenario: str = "scenario-a"
) -> Iterator[World]:
    """A hub with its directory and keys, and nothing posted yet."""
    with running(directory, 0, chance, profiles) as (hub, address):
        fill_directory(hub.store.directory, scenario)
        keys = directory / "agencies"
        for organisation in posters(scenario):
            for use in ("events", "client"):
                write_pair(keys, organisation, use, generate_key("Ed25519"))  # type: ignore[arg-type]
        make_keys(hub.store.directory, keys, hub.store.clock.wall(), scenario)
        known = {one.name: one for one in readers(scenario)}
        found = World(hub, address, keys, directory, scenario=scenario, readers=known)
        try:
            yield found
        finally:
            found.close()


@contextmanager
def played_world(directory: Path, posts: Sequence[PreparedPost] = SCENARIO.posts) -> Iterator[World]:
    """A hub into which scenario A was posted in order; the simulation stands at the reading time."""
    with empty_world(directory) as world:
        play_into(world, posts)
        world.advance(READING_TIME)
        yield world


def play_into(world: World, posts: Sequence[PreparedPost], until: str | None = None) -> None:
    """Post in order over HTTP; the hub's identity reviewer decides where the scenario says so."""
    with ExitStack() as stack:
        http = stack.enter_context(httpx.Client(timeout=60))
        reviewer = IdentityReviewer(world.address, world.person_token(REVIEWER), http)
        clients = {
            one: stack.enter_context(
                HubClient(world.address, one, load_key(paths_of(world.keys, one, "client")[0]))
            )
            for one in posters(world.scenario)
        }

        def post(organisation: str, payload: bytes) -> Answer:
            return clients[organisation].post(world.sign(organisation, payload))

        resolutions = load_scenario(world.scenario).resolutions
        for one in play(posts, post, resolutions=resolutions, review=reviewer.review, until=until):
            told = getattr(one.answer, "rule", None) or ""
            assert (one.answer.status == 201, told) == (not one.post.refused, one.post.refused), (
                one.post.ref,
                one.answer,
            )
    learn_children(world)


def learn_children(world: World) -> None:
    """Look the children up as the enquiry worker, or as whoever has them."""
    named = load_scenario(world.scenario).children.items()
    # A stream opened under a school's own reference becomes a child's: it is nobody else.
    identifiers = {name: one[0] for name, one in named if name.startswith("C-")}
    for name, identifier in identifiers.items():
        for reader in ("ENQ", "POL", "Elm", "Oak", "SGU"):
            if reader not in world.readers:
                continue
            answer = world.get(reader, "/v1/children", identifier=identifier)
            if answer.status_code == 200:
                world.children[name] = answer.json()["child"]
                break


def a_reader(name: str) -> Reader:
    """A reader of the scenario by name."""
    return READERS[name]
