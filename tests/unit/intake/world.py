"""A whole hub in one folder, with agencies that sign: every part is the real one."""

from __future__ import annotations

import hashlib
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import OKPKey

from hub.catalogue import load_catalogue
from hub.directory import Directory, Principal
from hub.identity import Identity
from hub.intake import Intake, Posted
from hub.record import HubSigner, Record
from hub.record.projections import Projected, Projector, open_views
from hub.views import ChildIndex, ChildView, Views
from tests.support.onboarding import signed_up

AUDIENCE = "urn:safeguarding:hub:test"
CATALOGUE = load_catalogue()
N_CSC, S_CSC = "social-care.n-csc", "social-care.s-csc"
ELM, OAK = "education.elm-school", "education.oak-school"
POLICE, YOS, HEALTH = "police.n-police", "youth-justice.s-yos", "health.n-child-health"
HUB_IG = "partnership.hub-ig"
AREAS = {N_CSC: N_CSC, S_CSC: S_CSC, ELM: N_CSC, OAK: S_CSC, POLICE: N_CSC, YOS: S_CSC, HEALTH: N_CSC}
PEOPLE = {
    f"{N_CSC}/fd-1": ("front-door",),
    f"{N_CSC}/enq-1": ("enquiry-social-worker",),
    f"{N_CSC}/sw-n1": ("social-worker",),
    f"{N_CSC}/tm-1": ("team-manager",),
    f"{S_CSC}/fd-1": ("front-door",),
    f"{S_CSC}/sw-s1": ("social-worker",),
    f"{S_CSC}/tm-1": ("team-manager",),
    f"{POLICE}/caiu-1": ("police-officer",),
    f"{ELM}/dsl-1": ("designated-safeguarding-lead",),
    f"{OAK}/dsl-1": ("designated-safeguarding-lead",),
    f"{YOS}/yj-1": ("youth-justice-worker",),
    f"{HEALTH}/nurse-1": ("health-practitioner",),
    f"{HUB_IG}/idr-1": ("identity-reviewer",),
}
AUTHOR = {
    organisation: next(one for one in PEOPLE if one.startswith(organisation + "/"))
    for organisation in (*AREAS, HUB_IG)
}
# Synthetic numbers of the test range, with right check digits.
C1001_NHS, C1001_UPN = "nhs:9990010013", "upn:H801200001001"
C2001_NHS, C2001_UPN = "nhs:9990020019", "upn:U801200002001"
_REGISTRY = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)


class SimulatedClock:
    """Both clocks of a simulation; the domain clock only runs forward."""

    def __init__(self) -> None:
        self.real = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self._domain = datetime(2025, 9, 1, tzinfo=UTC)

    def wall(self) -> datetime:
        return self.real

    def domain(self) -> datetime:
        return self._domain

    def advance(self, to: datetime) -> datetime:
        self._domain = max(self._domain, to.astimezone(UTC))
        return self._domain


class Sequence:
    """Different bytes at every call, the same in every run."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()

    def bytes(self, n: int) -> bytes:
        with self._lock:
            self._count += 1
            return hashlib.shake_256(self._count.to_bytes(8, "big")).digest(n)

    def uuid(self) -> str:
        return f"00000000-0000-4000-8000-{self.bytes(6).hex()}"


class World:
    """One hub and its agencies; `post` signs as an agency and posts through intake.

    Shape: where `begun`, the folder holds a hub already, and no agency signs here.
    """

    def __init__(self, folder: Path, *, begun: bool = False) -> None:
        self.clock, self.chance = SimulatedClock(), Sequence()
        key = Ed25519PrivateKey.from_private_bytes(b"h" * 32)
        self.signer = HubSigner(key, AUDIENCE)
        Record.migrate(folder / "hub.db", master_key=b"m" * 32, chance=self.chance)
        self.record = Record.open(
            folder / "hub.db", master_key=b"m" * 32, chance=self.chance, signer=self.signer
        )
        self.directory = Directory(self.record, self.clock)
        self.keys: dict[str, OKPKey] = {}
        if not begun:
            self._begin()
        self.noted: list[tuple[str, dict[str, object]]] = []
        self.identity = Identity(self.record)
        self.view_store = open_views(folder / "views.db")
        self.index = ChildIndex(self.record)
        self.runner = Projector(self.record, self.view_store, [self.index])
        self.projected = Projected(self.view_store, ChildIndex.name, ChildIndex.version)
        self.views = self.make_views()
        self.intake = Intake(
            record=self.record,
            signer=self.signer,
            directory=self.directory,
            catalogue=CATALOGUE,
            identity=self.identity,
            views=self.views,
            clock=self.clock,
            chance=self.chance,
            audience=AUDIENCE,
            policy_version="policy-1",
            note_read=lambda principal, posts: self.noted.append((principal.id, dict(posts))),
            simulated=True,
        )
        self._ids = 0

    def _begin(self) -> None:
        for organisation in (*AREAS, HUB_IG):
            self.directory.add_organisation(organisation, organisation, AREAS.get(organisation))
        self.directory.adopt_profile(S_CSC, "llr-2024")
        self.directory.adopt_profile(N_CSC, "darlington-2025")
        signed_up(self.directory, *AREAS, HUB_IG)
        for person, roles in PEOPLE.items():
            self.directory.add_person(person, roles)
        for number, organisation in enumerate(AREAS):
            self.register_key(organisation, number + 1)

    def make_views(self) -> Views:
        # No waiting and no thread: what is not projected yet is read from the record's tail.
        return Views(
            record=self.record,
            identity=self.identity,
            directory=self.directory,
            catalogue=CATALOGUE,
            projected=self.projected,
            wait_seconds=0.0,
        )

    def register_key(self, organisation: str, seed: int) -> OKPKey:
        raw = Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32, "big"))
        key = OKPKey.import_key(_jwk(raw))
        public = json.dumps(key.as_dict(private=False))
        self.directory.register_key(
            organisation, "events", public, not_before=datetime(2025, 1, 1, tzinfo=UTC)
        )
        self.keys[organisation] = key
        return key

    def close(self) -> None:
        self.runner.close()
        self.view_store.close()
        self.record.close()

    def system(self, organisation: str) -> Principal:
        return self.directory.principal_for_organisation(organisation)

    def person(self, person: str) -> Principal:
        return self.directory.principal_for_person(person)

    def event(
        self,
        organisation: str,
        type_: str,
        subject: str,
        time: str,
        data: dict[str, Any],
        *,
        id_: str | None = None,
    ) -> dict[str, Any]:
        self._ids += 1
        members = {"occurred_at": time[:10], "precision": "day", "author": AUTHOR[organisation]} | data
        return {
            "specversion": "1.0",
            "id": id_ or f"test-event-{self._ids:06d}",
            "source": f"urn:safeguarding:org:{organisation}",
            "type": f"safeguarding.{type_}.v1",
            "subject": subject,
            "time": time,
            "datacontenttype": "application/json",
            "data": {name: value for name, value in members.items() if value is not None},
        }

    def sign(
        self, organisation: str, payload: bytes, *, iat: int | None = None, key: OKPKey | None = None
    ) -> bytes:
        key = key or self.keys[organisation]
        header = {
            "alg": "Ed25519",
            "kid": key.thumbprint(),
            "typ": "safeguarding-event+jws",
            "iat": int(self.clock.wall().timestamp()) if iat is None else iat,
            "aud": AUDIENCE,
        }
        compact = jws.serialize_compact(header, payload, key, algorithms=["Ed25519"], registry=_REGISTRY)
        return compact.encode()

    def signed(self, event: dict[str, Any]) -> bytes:
        organisation = event["source"].removeprefix("urn:safeguarding:org:")
        return self.sign(organisation, json.dumps(event, ensure_ascii=False).encode())

    def send(self, event: dict[str, Any]) -> Posted:
        organisation = event["source"].removeprefix("urn:safeguarding:org:")
        return self.intake.post(self.signed(event), self.system(organisation))

    def post(self, by: str, type_: str, subject: str, time: str, /, **data: Any) -> dict[str, Any]:
        """Post and return the event, which must be new."""
        event = self.event(by, type_, subject, time, data)
        assert self.send(event).status == 201
        return event

    def child(self, reference: str) -> ChildView:
        child = self.identity.resolve(reference)
        assert child is not None
        return self.views.child(child)


def _jwk(raw: Ed25519PrivateKey) -> dict[str, str]:
    def text(value: bytes) -> str:
        return urlsafe_b64encode(value).rstrip(b"=").decode()

    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "d": text(raw.private_bytes_raw()),
        "x": text(raw.public_key().public_bytes_raw()),
    }


def about(event: dict[str, Any]) -> dict[str, str]:
    return {"source": event["source"], "id": event["id"]}


@contextmanager
def world_in(folder: Path) -> Iterator[World]:
    world = World(folder)
    try:
        yield world
    finally:
        world.close()
