"""A whole hub in this process whose every random number follows from what was posted, and its readers' bytes.

Two such hubs that were posted the same give the same bytes, so that what one more or one fewer post
changes for a reader can be seen byte by byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

from agencies.scenarios.run import PreparedPost
from agencies.sdk.build import AgencyEvent, cloud_event
from agencies.sdk.keys import SigningKey, generate_key, public_jwk
from agencies.sdk.sign import sign_event
from hub.api.answers import chronology_json, json_bytes, my_child_json, overview_json
from hub.api.table import chronology_csv
from hub.cli.compose import Hub, compose, initialise, open_store
from hub.cli.demo import demo_settings
from hub.cli.demo_world import READING_TIME, REVIEWER, SLACK, fill_directory, posters
from hub.directory import Principal
from hub.disclosure.answers import Answer, Chronology, ReadRequest
from hub.intake.receipts import Posted
from tests.support.scenario import READERS, SCENARIO

AnAnswer = TypeVar("AnAnswer", bound=Answer)
MASTER_KEY = "bWFzdGVyLWtleS1vZi10aGUtc2FtZS1odWItdHdpY2U"
SIGNING_KEY = "c2lnbi1rZXktb2YtdGhlLXNhbWUtaHViLXR3aWNlLi4"


class SeededChance:
    """Randomness that begins anew with every name: what follows a post depends on that post alone."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._name = b""
        self._count = 0

    def restart(self, name: bytes) -> None:
        """From here on every number follows from this name; a name may be used once only."""
        with self._lock:
            self._name, self._count = name, 0

    def uuid(self) -> str:
        """The next UUID."""
        return str(UUID(bytes=self.bytes(16), version=4))

    def bytes(self, n: int) -> bytes:
        """The next `n` bytes."""
        with self._lock:
            self._count += 1
            seed = b"%b\n%d" % (self._name, self._count)
        return hashlib.shake_256(seed).digest(n)


def lay_keys(directory: Path) -> None:
    """Give a data directory the keys that every hub of these tests has; made keys are not overwritten."""
    folder = directory / "keys"
    folder.mkdir(parents=True, mode=0o700)
    for name, key in (("master", MASTER_KEY), ("signing", SIGNING_KEY)):
        (folder / f"{name}.key").write_text(key + "\n", encoding="ascii")


@cache
def agency_key(organisation: str) -> SigningKey:
    """The key with which an agency signs events in every hub of this process."""
    return generate_key("Ed25519")


@dataclass
class Simulated:
    """A hub in simulation, called through its facades."""

    hub: Hub
    chance: SeededChance
    receipts: dict[str, Posted] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def children(self) -> Mapping[str, str]:
        """The hub's ids of the children of the scenario that it knows."""
        found = {name: self.hub.identity.resolve(SCENARIO.children[name][0]) for name in ("C-1001", "C-2001")}
        return {name: child for name, child in found.items() if child is not None}

    def post(self, event: AgencyEvent, ref: str = "") -> Posted:
        """Sign and post one event, and let the identity reviewer decide where the scenario says so.

        Raises: HubError where the hub refuses it.
        """
        payload = cloud_event(event)
        self.chance.restart(payload)
        store = self.hub.store
        signed = sign_event(
            payload,
            agency_key(event.organisation),
            audience=store.settings.id,
            now=self.hub.store.clock.wall(),
        )
        posted = self.hub.intake.post(
            signed.encode(), store.directory.principal_for_organisation(event.organisation)
        )
        if ref:
            self.receipts[ref] = posted
        self.resolve_after(ref)
        return posted

    def resolve_after(self, ref: str) -> None:
        """Let the identity reviewer decide what the scenario has decided after one of its posts."""
        for resolution in SCENARIO.resolutions:
            if resolution.after == ref:
                self._resolve(resolution.provisional, resolution.child)

    def _resolve(self, reference: str, child: str) -> None:
        reviewer = self.hub.store.directory.principal_for_person(REVIEWER)
        for waiting in self.hub.intake.queue(reviewer):
            if waiting.get("reference") == reference:
                self.hub.intake.resolve(reviewer, str(waiting["provisional"]), child)

    def play(self, posts: Sequence[PreparedPost]) -> None:
        """Post in order; the clock then stands at the reading time."""
        for one in posts:
            self.post(one.event, one.ref)
        self.advance(READING_TIME)
        self.chance.restart(b"reading")

    def advance(self, to: str) -> None:
        """Move the domain clock."""
        advance = self.hub.services.advance
        assert advance is not None
        advance(datetime.fromisoformat(to))

    def answers(self, reader: str, as_at: datetime | None = None) -> dict[str, bytes]:
        """What a reader gets of its children, as bytes, without the random `disclosure_id`.

        An overview holds the deadlines too.
        """
        who = READERS[reader]
        principal = self.hub.store.directory.principal_for_person(who.person)
        disclosure = self.hub.disclosure
        found = {
            "me/children": json_bytes(
                {"children": [my_child_json(one) for one in disclosure.children(principal)]}
            )
        }
        for child in who.children:
            asked = ReadRequest(self.children[child], who.purpose, as_at=as_at, limit=200)
            chronology = unnamed(disclosure.chronology(principal, asked))
            found[f"{child}/chronology"] = json_bytes(chronology_json(chronology))
            found[f"{child}/chronology.csv"] = chronology_csv(chronology)
            found[f"{child}/overview"] = json_bytes(
                overview_json(unnamed(disclosure.overview(principal, asked)))
            )
        return found

    def chronology(self, reader: str, child: str, as_at: datetime | None = None) -> Chronology:
        """What a reader gets of a child.

        Raises: HubError as the hub refuses it.
        """
        return self.chronology_of(READERS[reader].person, READERS[reader].purpose, child, as_at)

    def chronology_of(
        self, person: str, purpose: str, child: str, as_at: datetime | None = None
    ) -> Chronology:
        """What any person gets, signed in with a token as over HTTP.

        Raises: HubError as the hub refuses it.
        """
        asked = ReadRequest(self.children[child], purpose, as_at=as_at, limit=200)
        return self.hub.disclosure.chronology(self.signed_in(person), asked)

    def signed_in(self, person: str) -> Principal:
        """The person as a bearer token names it, looked up in the directory as it is now."""
        return self.hub.services.bearer.principal(f"Bearer {self.token(person)}")

    def token(self, person: str) -> str:
        """A person's token, made once and used for the whole test."""
        if person not in self.tokens:
            issuer = self.hub.services.development_issuer
            assert issuer is not None
            self.tokens[person] = issuer.person_token(person)
        return self.tokens[person]

    def every_answer(self) -> dict[str, dict[str, bytes]]:
        """The answers of all readers, read in the order of the scenario's list."""
        return {name: self.answers(name) for name in READERS}


def unnamed(answer: AnAnswer) -> AnAnswer:
    """An answer without the random name of its disclosure."""
    return replace(answer, disclosure_id="")


@contextmanager
def simulated(directory: Path) -> Iterator[Simulated]:
    """A hub with its directory and keys, nothing posted yet; its projector runs, nothing is served."""
    directory.mkdir(parents=True, exist_ok=True)
    lay_keys(directory)
    initialise(demo_settings(directory, 1))
    with opened(directory) as found:
        store = found.hub.store
        fill_directory(store.directory)
        for organisation in posters():
            jwk = public_jwk(agency_key(organisation)).decode()
            store.directory.register_key(organisation, "events", jwk, not_before=store.clock.wall() - SLACK)
        yield found


@contextmanager
def opened(directory: Path, beginning: bytes = b"") -> Iterator[Simulated]:
    """The hub of a data directory; each time it is opened its chance needs a beginning of its own."""
    chance = SeededChance()
    chance.restart(beginning)
    hub = compose(open_store(demo_settings(directory, 1), chance))
    try:
        hub.projector.start()
        yield Simulated(hub, chance)
    finally:
        hub.close()


def without(*refs: str) -> list[PreparedPost]:
    """The scenario's posts without some of them."""
    left_out = set(refs)
    assert left_out <= {one.ref for one in SCENARIO.posts}
    return [one for one in SCENARIO.posts if one.ref not in left_out]


def with_post(extra: PreparedPost, place: int | None = None) -> list[PreparedPost]:
    """The scenario's posts with one more: at its place by the time it was recorded, or at any other."""
    posts = list(SCENARIO.posts)
    if place is None:
        place = sum(1 for one in posts if one.event.recorded_at <= extra.event.recorded_at)
    return [*posts[:place], extra, *posts[place:]]


def one_more(ref: str, like: str, type_: str, recorded_at: str, **data: Any) -> PreparedPost:
    """One more post, by the poster and author of another and about the same child."""
    (model,) = (one for one in SCENARIO.posts if one.ref == like)
    members = {
        "occurred_at": recorded_at,
        "precision": "exact",
        "author": model.event.data["author"],
        **data,
    }
    event = AgencyEvent(
        model.organisation, ref, type_, model.event.subject, datetime.fromisoformat(recorded_at), members
    )
    return replace(model, ref=ref, event=event)
