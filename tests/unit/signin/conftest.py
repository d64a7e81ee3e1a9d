"""A real record and directory with one organisation, its keys and two people."""

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from hub.directory import Directory
from hub.record import Record
from hub.signin import AccessTokens, TokenEndpoint, derived_key
from tests.support.onboarding import signed_up

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HUB = "https://hub.test/one"
ORIGIN = "https://hub.test"
SCHOOL, CSC = "education.elm-school", "social-care.n-csc"
LEAD = f"{SCHOOL}/dsl-1"
MASTER = b"m" * 32


class MovedClock:
    def __init__(self):
        self.now = NOW

    def wall(self):
        return self.now

    def domain(self):
        return self.now


class Counter:
    """Different bytes at every call, the same in every run."""

    def __init__(self):
        self._count = 0
        self._lock = threading.Lock()

    def bytes(self, n):
        with self._lock:
            self._count += 1
            return self._count.to_bytes(n, "big")

    def uuid(self):
        return f"00000000-0000-4000-8000-{self.bytes(6).hex()}"


@dataclass
class World:
    record: Record
    directory: Directory
    clock: MovedClock
    chance: Counter
    tokens: AccessTokens
    client_key: OKPKey
    events_key: OKPKey

    def endpoint(self):
        audiences = (f"{ORIGIN}/oauth/token", HUB)
        return TokenEndpoint(self.directory, self.tokens, self.record, self.clock, self.chance, audiences)

    def assertion(self, *, key=None, alg="Ed25519", header=None, **changes):
        signing = key or self.client_key
        now = int(self.clock.now.timestamp())
        claims = {
            "iss": SCHOOL,
            "sub": SCHOOL,
            "aud": f"{ORIGIN}/oauth/token",
            "iat": now,
            "exp": now + 120,
            "jti": self.chance.uuid(),
        } | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {"alg": alg, "kid": signing.thumbprint()} | (header or {})
        return jwt.encode(head, claims, signing, algorithms=[alg])

    def form(self, assertion, **changes):
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        } | changes
        return [(name, value) for name, value in form.items() if value is not None]


@pytest.fixture
def world(tmp_path):
    chance, clock = Counter(), MovedClock()
    Record.migrate(tmp_path / "hub.db", master_key=MASTER, chance=chance)
    record = Record.open(tmp_path / "hub.db", master_key=MASTER, chance=chance)
    directory = Directory(record, clock)
    directory.add_organisation(CSC, "N")
    directory.add_organisation(SCHOOL, "Elm", area=CSC)
    signed_up(directory, CSC, SCHOOL)
    directory.add_person(LEAD, ("designated-safeguarding-lead",))
    client, events = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("Ed25519")
    directory.register_key(SCHOOL, "client", json.dumps(client.as_dict(private=False)))
    directory.register_key(SCHOOL, "events", json.dumps(events.as_dict(private=False)))
    tokens = AccessTokens(derived_key(MASTER, "access-tokens"), HUB, people=True)
    yield World(record, directory, clock, chance, tokens, client, events)
    record.close()
