"""What an attacker with an agency's key can send, and what must be so after every refusal."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from agencies.sdk.keys import SigningKey, algorithm_of, load_key, paths_of
from hub.errors import PROBLEMS
from tests.support.scenario import World, a_reader, played_world

Json = dict[str, Any]

# Stands in everything bad that is sent: an answer, a log line or a file that holds it has kept it.
LURE = "Lure7c1e"
ELM, OAK = "education.elm-school", "education.oak-school"
N_CSC, S_CSC, POLICE = "social-care.n-csc", "social-care.s-csc", "police.n-police"
HEALTH, YOUTH = "health.n-child-health", "youth-justice.s-yos"
AUTHORS = {
    ELM: f"{ELM}/dsl-1",
    OAK: f"{OAK}/dsl-1",
    N_CSC: f"{N_CSC}/fd-1",
    S_CSC: f"{S_CSC}/sw-s1",
    POLICE: f"{POLICE}/caiu-1",
    HEALTH: f"{HEALTH}/nurse-1",
    YOUTH: f"{YOUTH}/yj-1",
}
C1001, C1001_UPN = "nhs:9990100101", "upn:Q999400119001"
C2001, C2001_UPN = "nhs:9990200106", "upn:C999400217001"
TIME = "2025-11-20T12:30:00+00:00"
ACCOUNT: Json = {"source_type": "first-hand", "words": f"{LURE} words"}
JOSE, LINES = "application/jose", "application/jose-lines"

Signer = Callable[[bytes], bytes]
# Who reads what: of all that stands on a child, and from outside.
WATCHED = (("Elm", "C-1001"), ("Elm", "C-2001"))
EVERYBODY = (("ENQ", "C-1001"), ("ENQ", "C-2001"), ("Elm", "C-2001"), ("Oak", "C-1001"))


def encoded(part: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode("ascii")


def written(event: Json) -> bytes:
    """The event as the bytes that are signed."""
    return json.dumps(event, ensure_ascii=False).encode()


def named(change: Json) -> str:
    """A short name for a case of a test."""
    told = ",".join(f"{name}={'none' if value is ... else value}"[:24] for name, value in change.items())
    return told.replace(LURE, "lure")


def signed(header: Json, event: Json | bytes, sign: Signer) -> str:
    """Any header over any payload, signed by anything: no library in the way that would object."""
    payload = event if isinstance(event, bytes) else written(event)
    signing = f"{encoded(json.dumps(header).encode())}.{encoded(payload)}"
    return f"{signing}.{encoded(sign(signing.encode()))}"


def signer_of(key: SigningKey) -> Signer:
    """What makes signatures with a private key, 64 octets each (RFC 7518 3.4, RFC 8037 3.1)."""
    private = load_pem_private_key(key.as_pem(private=True), None)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign
    assert isinstance(private, ec.EllipticCurvePrivateKey)

    def sign(signing: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(signing, ec.ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    return sign


@dataclass
class Attack:
    """A hub with scenario A in it, and everything that one can throw at its doors."""

    world: World
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    # --- making ---------------------------------------------------------------------------------

    def event(
        self,
        by: str = ELM,
        type_: str = "initial-account-recorded",
        subject: str = C1001_UPN,
        data: Json | None = None,
        **members: Any,
    ) -> Json:
        """An event with a fresh id that the hub would take as it stands."""
        own = {"occurred_at": "2025-11-20", "precision": "day", "author": AUTHORS.get(by, f"{by}/x-1")}
        return {
            "specversion": "1.0",
            "id": f"posted-by-hand-{next(self._numbers):06d}",
            "source": f"urn:safeguarding:org:{by}",
            "type": f"safeguarding.{type_}.v1",
            "subject": subject,
            "time": TIME,
            "datacontenttype": "application/json",
            "data": own | (ACCOUNT if data is None else data),
        } | members

    def now(self) -> int:
        """The wall clock in whole seconds, as the hub reads it."""
        return int(self.world.hub.store.clock.wall().timestamp())

    def key(self, by: str, use: Any = "events") -> SigningKey:
        """An organisation's own private key."""
        return load_key(paths_of(self.world.keys, by, use)[0])

    def header(self, by: str = ELM, key: SigningKey | None = None, **changes: Any) -> Json:
        """The protected header of a signed event, with changes; a member set to ... is left out."""
        signing = key or self.key(by)
        members = {
            "alg": algorithm_of(signing),
            "kid": signing.thumbprint(),
            "typ": "safeguarding-event+jws",
            "iat": self.now(),
            "aud": self.world.hub.store.settings.id,
        }
        return {name: value for name, value in (members | changes).items() if value is not ...}

    def sign(self, event: Json | bytes, by: str = ELM, key: SigningKey | None = None, **changes: Any) -> str:
        """A compact JWS; the header's changes do not change by which key it is signed."""
        return signed(self.header(by, key, **changes), event, signer_of(key or self.key(by)))

    # --- sending --------------------------------------------------------------------------------

    def send(
        self, body: bytes | str, by: str = ELM, path: str = "/v1/events", **headers: str
    ) -> httpx.Response:
        """Post as an organisation's system; headers are given with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._http.post(
            self.world.address + path,
            content=body,
            headers={
                "Authorization": f"Bearer {self.world.system_token(by)}",
                "Content-Type": LINES if path.endswith("batch") else JOSE,
                **named,
            },
        )

    def post(self, event: Json, by: str = ELM) -> httpx.Response:
        """Sign and post one event."""
        return self.send(self.sign(event, by), by)

    def accepted(self, event: Json, by: str = ELM) -> Json:
        """Post an event that must be taken, and its receipt's claims."""
        answer = self.post(event, by)
        assert answer.status_code == 201, answer.text
        claims: Json = answer.json()["claims"]
        return claims

    def read(
        self, reader: str, path: str, headers: dict[str, str] | None = None, **query: str
    ) -> httpx.Response:
        """Read as a reader of the scenario, with that reader's purpose; a path may name a child."""
        for name, child in self.world.children.items():
            path = path.replace(f"{{{name}}}", child)
        who = a_reader(reader)
        given = {"Access-Purpose": who.purpose, **(headers or {})}
        if "Authorization" not in given:
            given["Authorization"] = f"Bearer {self.world.person_token(who.person)}"
        return self._http.get(self.world.address + path, params=query, headers=given)

    # --- what must hold -------------------------------------------------------------------------

    def refused(
        self,
        answer: httpx.Response,
        status: int,
        slug: str,
        rule: str | None = None,
        source: str | None = None,
    ) -> Json:
        """Check a refusal: its status and document, and that nothing received is in it."""
        document = answer.json()
        assert (answer.status_code, document.get("type")) == (
            status,
            f"/problems/{slug}",
        ), answer.text[:400]
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        self.checked(document, status, slug)
        if rule is not None:
            assert document.get("rule") == rule, document
        if source is not None:
            assert document.get("source") == source, document
        assert LURE.lower() not in (answer.text + str(answer.headers)).lower()
        return dict(document)

    @staticmethod
    def checked(document: Json, status: int, slug: str) -> None:
        """Check a problem document by itself, wherever it stands."""
        assert document["title"] == PROBLEMS[slug].title and document["status"] == status
        assert document["instance"].startswith("urn:uuid:") and document["detail"]
        assert set(document) <= {"type", "title", "status", "detail", "instance", "rule", "source"}
        assert LURE.lower() not in json.dumps(document).lower()

    @contextmanager
    def nothing_kept(
        self, *organisations: str, readers: Sequence[tuple[str, str]] = WATCHED
    ) -> Iterator[None]:
        """Check that the block adds nothing: to the record, to own posts, to what these readers get."""
        asked = organisations or (ELM,)
        before = self.standing(*asked, readers=readers)
        at = self.world.hub.store.record.head().position
        yield
        added = [
            (one.stream, one.type)
            for one in self.world.hub.store.record.log(at, 10_000)
            if one.kind == "event" or not one.stream.startswith(("refusals", "access/"))
        ]
        assert added == []
        assert self.standing(*asked, readers=readers) == before

    def standing(self, *organisations: str, readers: Sequence[tuple[str, str]] = WATCHED) -> Json:
        """What organisations have posted and what readers read now, as they get it over HTTP."""
        mine = {one: self.mine(one) for one in organisations}
        return {"mine": mine} | {f"{who} of {child}": self.entries(who, child) for who, child in readers}

    def mine(self, organisation: str) -> list[str]:
        """The ids of an organisation's own posts, in order."""
        page = self.world.as_system(organisation, "/v1/events", mine="", limit="200")
        assert page["cursor"] is None
        return [one["event"]["id"] if one["event"] else one["id"] for one in page["posts"]]

    def entries(self, reader: str, child: str, **query: str) -> list[Json] | None:
        """A reader's whole chronology of a child; None where the hub says not-found."""
        answer = self.read(reader, f"/v1/children/{{{child}}}/chronology", limit="200", **query)
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["entries"]
        return found

    def shut_out(self, reader: str, child: str, identifier: str) -> None:
        """Check that every door of a child is shut for a reader, and that no list names it."""
        paths = [f"/v1/children/{{{child}}}/{one}" for one in ("chronology", "overview", "deadlines")]
        for answer in (
            *(self.read(reader, one) for one in paths),
            self.read(reader, paths[0], as_at="2025-11-19T12:00:00Z"),
            self.read(reader, "/v1/children", identifier=identifier),
        ):
            self.refused(answer, 404, "not-found")
        listed = self.read(reader, "/v1/me/children")
        assert self.world.children[child] not in listed.text

    def kept_nowhere(self) -> list[str]:
        """The files of the hub in which the lure stands: the record, its log, the views, the hub's log."""
        return [
            path.name
            for path in sorted(self.world.data.iterdir())
            if path.is_file() and LURE.encode() in path.read_bytes()
        ]


@contextmanager
def attacked(directory: Path) -> Iterator[Attack]:
    """A hub with scenario A in it, to be attacked; afterwards no file of it holds what was sent."""
    with played_world(directory) as world, closing(Attack(world)) as attack:
        yield attack
    assert attack.kept_nowhere() == []
