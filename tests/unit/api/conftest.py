"""The real door, sign-in, directory and record; the rooms behind it answer what a test prepares."""

import asyncio
import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import httpx
import pytest

from hub.api import RateLimit, Readiness, RequestLog, Services, create_app
from hub.directory import Directory
from hub.disclosure.answers import (
    AccessRow,
    Chronology,
    Explanation,
    MyChild,
    MyOpenItem,
    Overview,
    Redaction,
    ShownDeadline,
    ShownEntry,
    ShownLine,
    ShownOpenItem,
)
from hub.errors import HubError
from hub.intake import Begun
from hub.record import Record
from hub.signin import AccessTokens, Bearer, DevelopmentIssuer, TokenEndpoint, TokenSubject, derived_key
from tests.support.onboarding import signed_up

NOW = datetime(2026, 3, 2, 9, 0, 30, tzinfo=UTC)
HUB, ORIGIN = "https://hub.test/one", "https://hub.test"
CSC, SCHOOL, PARTNERS = "social-care.n-csc", "education.elm-school", "partnership.hub-ig"
WORKER, OFFICER, REVIEWER, DEMO = f"{CSC}/sw-n1", f"{PARTNERS}/igo-1", f"{PARTNERS}/idr-1", f"{PARTNERS}/demo"
CHILD = "0b9f4c7e-5a35-4a38-9f5e-0d2f6a1f6b11"
MASTER = b"m" * 32


class MovedClock:
    def __init__(self):
        self.now = NOW
        self.moved_to = datetime(2025, 9, 12, tzinfo=UTC)

    def wall(self):
        return self.now

    def domain(self):
        return self.moved_to

    def advance(self, to):
        self.moved_to = max(self.moved_to, to)
        return self.moved_to


class Counter:
    def __init__(self):
        self._count = 0
        self._lock = threading.Lock()

    def bytes(self, n):
        with self._lock:
            self._count += 1
            return self._count.to_bytes(n, "big")

    def uuid(self):
        return f"00000000-0000-4000-8000-{self.bytes(6).hex()}"


def entry(**changes):
    values = {
        "entry_id": "e-1",
        "occurred_at": "2025-09-10",
        "precision": "about-day",
        "recorded_at": datetime(2025, 9, 12, 14, 25, 41, tzinfo=UTC),
        "received_at": datetime(2025, 9, 12, 14, 25, 59, 999_999, tzinfo=UTC),
        "recorded_late": False,
        "age_at_event": 13,
        "organisation": SCHOOL,
        "author_role": "designated-safeguarding-lead",
        "type": "incident-recorded",
        "title": "Incident recorded",
        "significance": "key",
        "level": None,
        "fields": {"status": "alleged"},
        "redactions": (Redaction("health", "D-07", "ask the health lead"),),
    }
    return ShownEntry(**(values | changes))


def access_row():
    return AccessRow(
        "d-1", NOW, WORKER, CSC, ("social-worker",), "chronology", "assessment", "s.17", None, "shown",
        1, {"D-05": 2}, ("D-01",), "p-1",
    )  # fmt: skip


@dataclass
class Rooms:
    """What stands behind the door: answers prepared by the test, and what was asked."""

    asked: list = field(default_factory=list)
    entries: tuple = field(default_factory=lambda: (entry(),))
    refusal: Exception | None = None
    outcome: object = None
    failing: tuple = ()

    def _note(self, *what):
        self.asked.append(what)
        if self.refusal is not None:
            raise self.refusal

    # intake
    def post(self, compact, principal):
        self._note("post", compact, principal)
        return Taken(201)

    def begin(self, posts, standing):
        return [Begun(lambda one=one: self.post(one.compact, one.principal)) for one in posts]

    def post_batch(self, body, principal):
        self._note("batch", body, principal)
        return [
            Taken(201),
            HubError("gate", "Hold the meeting first.", rule="R-067", source="S5 s.8"),
            Taken(200),
        ]

    def receipt(self, principal, organisation, event_id):
        self._note("receipt", principal, organisation, event_id)
        return Taken(200)

    def mine(self, principal, cursor, limit):
        self._note("mine", principal, cursor, limit)
        return Page()

    def queue(self, principal):
        self._note("queue", principal)
        return [{"kind": "provisional", "provisional": CHILD}]

    def resolve(self, principal, provisional, child):
        self._note("resolve", principal, provisional, child)

    # disclosure
    def chronology(self, principal, request):
        self._note("chronology", principal, request)
        return Chronology("d-1", request.child, NOW, "p-1", "llr-2024", self.entries, "c-1")

    def overview(self, principal, request):
        self._note("overview", principal, request)
        line = ShownLine("P-01", "R-077", "1 incident", ("e-1",), {"days": 180}, {"incidents": 1})
        return Overview("d-1", request.child, NOW, "p-1", None, (line,), (due(),), (missing(),))

    def deadlines(self, principal, request):
        self._note("deadlines", principal, request)
        return Overview("d-1", request.child, NOW, "p-1", None, (), (due(),))

    def open_items(self, principal):
        self._note("open_items", principal)
        return [MyOpenItem(CHILD, missing())]

    def children(self, principal):
        self._note("children", principal)
        return [MyChild(CHILD, ("allocated",), 2, date(2026, 4, 1))]

    def lookup(self, principal, identifier, purpose):
        self._note("lookup", principal, identifier, purpose)
        return CHILD

    # oversight
    def accesses(self, principal, identifier, query):
        self._note("accesses", principal, identifier, query)
        return [access_row()]

    def access(self, principal, disclosure_id):
        self._note("access", principal, disclosure_id)
        return access_row()

    def explanation(self, principal, disclosure_id):
        self._note("explanation", principal, disclosure_id)
        return Explanation(access_row(), ("allocated",), ({"event": "x", "decision": "V"},))


def due():
    return ShownDeadline(
        "K-10", "Review", "running", NOW, None, None, date(2026, 1, 6), CSC, WORKER, {"held_at": NOW},
        ("e-1",), "R-102", "S5 s.13", {"days": 92},
    )  # fmt: skip


def missing():
    return ShownOpenItem(
        "R-089", "R-089", "S3 s.4", "No arrangement for education.", "A strategy meeting was held.", CSC,
        "social-worker", WORKER, NOW, ("e-1",), {"days": 2}, {"place": "school"},
    )  # fmt: skip


@dataclass
class Taken:
    status: int
    receipt: str = "r.r.r"
    claims: dict = field(default_factory=lambda: {"leaf_index": 7})
    proof: dict | None = None


@dataclass
class Page:
    posts: tuple = ({"id": "one"},)
    cursor: str | None = "next"


@dataclass
class Door:
    app: object
    services: Services
    rooms: Rooms
    directory: Directory
    record: Record
    clock: MovedClock
    lines: list

    def token(self, who):
        kind = "person" if "/" in who else "organisation"
        tokens = AccessTokens(derived_key(MASTER, "access-tokens"), HUB, people=True)
        return tokens.issue(TokenSubject(kind, who), now=self.clock.now, token_id="t")

    def call(self, method, path, who=None, *, headers=None, **given):
        """One request through the whole application, as httpx would send it."""
        sent = dict(headers or {})
        if who is not None:
            sent["Authorization"] = f"Bearer {self.token(who)}"

        async def run():
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
                return await client.request(method, path, headers=sent, **given)

        return asyncio.run(run())

    def read(self, path, who=WORKER, **given):
        headers = {"Access-Purpose": "assessment"} | given.pop("headers", {})
        return self.call("GET", path, who, headers=headers, **given)

    def logged(self):
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def make_door(tmp_path):
    opened = []

    def make(*, simulation=False, development=True, per_second=1000.0, burst=1000):
        chance, clock, rooms, lines = Counter(), MovedClock(), Rooms(), []
        path = tmp_path / f"hub-{len(opened)}.db"
        Record.migrate(path, master_key=MASTER, chance=chance)
        record = Record.open(path, master_key=MASTER, chance=chance)
        opened.append(record)
        directory = Directory(record, clock)
        directory.add_organisation(CSC, "N")
        directory.add_organisation(SCHOOL, "Elm", area=CSC)
        directory.add_organisation(PARTNERS, "Partnership")
        signed_up(directory, CSC, SCHOOL, PARTNERS)
        directory.add_person(WORKER, ("social-worker",))
        directory.add_person(OFFICER, ("ig-officer",))
        directory.add_person(REVIEWER, ("identity-reviewer",))
        directory.add_person(DEMO, ("demo-administrator",))
        tokens = AccessTokens(derived_key(MASTER, "access-tokens"), HUB, people=True)
        audiences = (f"{ORIGIN}/oauth/token",)
        issuer = DevelopmentIssuer(
            directory, tokens, derived_key(MASTER, "development-issuer"), clock, chance,
            public_url=ORIGIN, client_id="hub-pages", used=record,
        )  # fmt: skip
        services = Services(
            clock=clock,
            chance=chance,
            bearer=Bearer(directory, tokens, clock),
            token_endpoint=TokenEndpoint(directory, tokens, record, clock, chance, audiences),
            intake=rooms,
            disclosure=rooms,
            oversight=rooms,
            ledger=record.ledger,
            purposes=lambda who: ("assessment",) if "social-worker" in who.roles else (),
            ready=lambda: Readiness(rooms.failing),
            rate=RateLimit(per_second, burst),
            log=RequestLog(clock.wall, lines.append),
            development_issuer=issuer if development else None,
            advance=clock.advance if simulation else None,
        )
        return Door(create_app(services), services, rooms, directory, record, clock, lines)

    yield make
    for record in opened:
        record.close()


@pytest.fixture
def door(make_door):
    return make_door()
