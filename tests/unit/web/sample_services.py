"""Small in-memory facades with sample answers for tests of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from hub.catalogue import load_catalogue
from hub.directory.types import Principal
from hub.disclosure.answers import (
    AccessRow,
    Chronology,
    Explanation,
    MyChild,
    Overview,
    ReadRequest,
    Redaction,
    ShownContact,
    ShownCorrection,
    ShownDeadline,
    ShownEntry,
    ShownFlag,
    ShownLine,
    ShownNote,
    ShownOpenItem,
)
from hub.disclosure.library import Release
from hub.disclosure.replay import Replay
from hub.errors import HubError
from hub.oversight import AccessQuery, Standing
from hub.oversight.accesses import EVERYTHING
from hub.web import SignIn, WebServices

CHILD = "3f0c2a44-6c9e-4a55-9a33-0d6f2b1c7e10"
NOW = datetime(2025, 11, 20, 12, 0, tzinfo=UTC)
FLAG = ShownFlag("R-024", "R-024", "S3 s.3", "The lowest level is given without a healthy feature or a note.")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"

PEOPLE = {
    "social-care.s-csc/sw-s1": Principal(
        "social-care.s-csc",
        "social-care",
        "social-care.s-csc",
        "social-care.s-csc/sw-s1",
        frozenset({"social-worker"}),
    ),
    **{
        person: Principal("partnership.hub-ig", "partnership", None, person, frozenset({"ig-officer"}))
        for person in ("partnership.hub-ig/igo-1", "partnership.hub-ig/igo-2")
    },
}


def entry(number: int, title: str, occurred_at: str, precision: str, **more: object) -> ShownEntry:
    fixed: dict[str, object] = {
        "entry_id": f"en{number:04d}",
        "occurred_at": occurred_at,
        "precision": precision,
        "recorded_at": datetime(2025, 9, 16, 10, 5, tzinfo=UTC),
        "received_at": datetime(2025, 9, 16, 10, 6, tzinfo=UTC),
        "recorded_late": False,
        "age_at_event": 15,
        "organisation": "education.oak-school",
        "author_role": "designated-safeguarding-lead",
        "type": "incident-recorded",
        "title": title,
        "significance": None,
        "level": None,
        "fields": {},
    }
    return ShownEntry(**(fixed | more))  # type: ignore[arg-type]


ENTRIES = (
    entry(
        1,
        "Incident recorded",
        "2025-02",
        "month",
        recorded_late=True,
        fields={"role": "has-harmed", "status": "acknowledged", "categories": ["verbal", "other:on a trip"]},
    ),
    entry(
        2,
        "Behaviour level assessed",
        "2025-09-16",
        "day",
        type="behaviour-level-assessed",
        level="problematic",
        fields={"scale": "hackett-5", "level": "problematic", "indicators": ["power-differential"]},
        redactions=(Redaction("police information", "D-05", "the enquiry social worker"),),
    ),
    entry(
        3,
        "Separate travel",
        "2025-09-12",
        "day",
        organisation=None,
        author_role=None,
        recorded_at=None,
        received_at=None,
        age_at_event=None,
        type="safety-line",
        line="separate-travel",
    ),
    entry(
        4,
        "Account recorded",
        "2025-09-10",
        "about-day",
        type="initial-account-recorded",
        fields={"words": HOSTILE, "others": [{"token": "another child", "role": "has-been-harmed"}]},
        corrections=(ShownCorrection(NOW, "education.oak-school", "wrong day"),),
        disputed=True,
        flags=(FLAG,),
    ),
    entry(
        5,
        "Plan recorded",
        "2025-10-06T11:00:00+01:00",
        "exact",
        type="risk-management-plan-recorded",
        organisation="social-care.s-csc",
        author_role="social-worker",
        fields={
            "parts": {"needs": "Support at home", "protection": "Supervision at school"},
            "next_review": "2026-01-06",
            "measures": [{"for": "school", "code": "supervision"}, {"for": "other:1", "code": "no-contact"}],
        },
    ),
)
ROW = AccessRow(
    "ds0001",
    NOW,
    "education.oak-school/dsl-1",
    "education.oak-school",
    ("designated-safeguarding-lead",),
    "chronology",
    "education-safety",
    "UK GDPR Article 6(1)(e)",
    "M2",
    "given",
    5,
    {"D-05": 2},
    ("D-05", "D-11"),
    "2025.11.1",
)


@dataclass
class SampleReads:
    """Answers with the same sample for the sample child; remembers what it was asked."""

    entries: tuple[ShownEntry, ...] = ENTRIES
    asked: list[ReadRequest] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    fault: Exception | None = None
    cursor: str | None = None

    def _take(self, request: ReadRequest) -> None:
        if self.fault:
            raise self.fault
        if request.child != CHILD:
            raise HubError("not-found")
        self.asked.append(request)

    def chronology(self, principal: Principal, request: ReadRequest) -> Chronology:
        self._take(request)
        return Chronology("ds0001", CHILD, NOW, "2025.11.1", "llr-2024", self.entries, self.cursor)

    def overview(self, principal: Principal, request: ReadRequest) -> Overview:
        self._take(request)
        lines = (
            ShownLine(
                "P-02",
                "R-150",
                "Two incidents in the last 180 days and one in the 180 days before.",
                ("en0001", "en0004"),
                {"window_days": 180},
            ),
            ShownLine("P-13", "R-161", "No plan covers: " + HOSTILE, ("en0005",)),
        )
        clock = ShownDeadline(
            "K-10",
            "Plan review",
            "running",
            NOW - timedelta(days=45),
            NOW + timedelta(days=33),
            None,
            date(2026, 1, 6),
            "social-care.s-csc",
            "social-care.s-csc/sw-s1",
            {},
            ("en0005",),
            "R-141",
            "S5 s.13",
            {"months": 3},
        )
        met = ShownDeadline(
            "K-01",
            "Strategy meeting",
            "met",
            NOW - timedelta(days=69),
            None,
            NOW - timedelta(days=66),
            None,
            None,
            None,
            {"arranged_at": NOW - timedelta(days=67), "held_at": NOW - timedelta(days=66)},
            (),
            "R-085",
            "S3 s.4",
        )
        missing = ShownOpenItem(
            "R-054", "R-054", "S1", "It is not recorded that the parents or carers were told.",
            "Parents are told of incidents their child was involved in.", "social-care.s-csc",
            "social-worker", "social-care.s-csc/sw-1", NOW, ("e0001",), {"family_informed_working_days": 2},
            {},
        )  # fmt: skip
        note = ShownNote(FLAG, ("e0001",))
        contacts = (
            ShownContact(
                "Duty team", "00000 000 003", "Monday to Friday 09:00 to 17:00", "S5 s.8", None, False
            ),
            ShownContact("Out-of-hours service", "00000 000 004", "At all other times", "S5 s.8", None, True),
        )
        return Overview(
            "ds0002", CHILD, NOW, "2025.11.1", "llr-2024", lines, (clock, met), (missing,), (note,), contacts
        )

    def children(self, principal: Principal) -> list[MyChild]:
        return [MyChild(CHILD, ("allocated",), 2, date(2026, 1, 6))]

    def lookup(self, principal: Principal, identifier: str, purpose: str) -> str:
        self.looked_up.append(identifier)
        if identifier != "nhs:9990010014":
            raise HubError("not-found")
        return CHILD


RELEASE = Release(
    "0123456789abcdef", "ab" * 32, "fedcba9876543210", "Schools are to get more. " + HOSTILE,
    "partnership.hub-ig/igo-2", NOW,
)  # fmt: skip
CHANGE = {
    "more": True, "role": "designated-safeguarding-lead", "classes": ["school"], "kind": "interview-held",
    "parts": ["outcome", "who posted it"], "labels": ["CRIM"], "rules_before": ["D-02-DEFAULT-DENY"],
    "rules_after": ["D-06-WRONG"], "answers": 3, "items": 1, "children": 1,
    "readers": ["education.oak-school/dsl-1"], "disclosures": ["ds0001"],
}  # fmt: skip
ACCOUNT = {
    "more": True, "role": "a child's own account", "classes": ["subject"], "kind": "record-accessed",
    "parts": [
        "by name: police.n-police",
        "what was told: That the police have finished",
        "who was told: The police",
    ],
    "labels": [], "rules_before": [], "rules_after": ["D-14-WRONG"], "answers": 2, "items": 5, "children": 1,
    "readers": ["social-care.s-csc/sw-s1"], "disclosures": ["ds0001"],
}  # fmt: skip
NOTICE = {
    "more": False, "role": "systems of youth-justice", "classes": ["group-member", "supervised"],
    "kind": "incident-recorded", "parts": ["notice: concern", "notice: police-involved"], "labels": [],
    "rules_before": ["D-56-NOTICE-INCIDENT"], "rules_after": [], "answers": 1, "items": 1, "children": 1,
    "readers": ["youth-justice.n-yjs"], "disclosures": ["ds0001"],
}  # fmt: skip
LINE = {
    "more": False, "role": "social-worker, team-manager", "classes": ["group-member", "own-worker"],
    "kind": "investigation-opened", "parts": ["coded line: investigation-opened"], "labels": ["SEALED"],
    "rules_before": ["D-31-INVESTIGATION-OPENED"], "rules_after": ["D-31-WRONG"], "answers": 1, "items": 1,
    "children": 1, "readers": ["social-care.s-csc/sw-s1"], "disclosures": ["ds0001"],
}  # fmt: skip
REHEARSED = replace(
    RELEASE,
    rehearsed_at=NOW,
    rehearsal={
        "version": RELEASE.version, "against": RELEASE.against, "answers": 12, "children": 2, "unmade": 1,
        "changes": [CHANGE, ACCOUNT, NOTICE, LINE],
    },
)  # fmt: skip
SAME = Replay("ds0001", "2025.11.1", True, "the same", "the same", ())


@dataclass
class SamplePolicies:
    """One proposal of sharing rules, rehearsed or not, and one answer made again."""

    found: Release = REHEARSED
    made: Replay = SAME
    in_force: str | None = RELEASE.against
    approved: list[tuple[str, str]] = field(default_factory=list)

    def replay(self, principal: Principal, disclosure_id: str) -> Replay:
        if disclosure_id != self.made.disclosure_id:
            raise HubError("not-found")
        return self.made

    def standing(self, principal: Principal) -> Standing:
        versions = (RELEASE.against, RELEASE.version)
        return Standing(RELEASE.against, self.in_force, RELEASE.against, versions, (self.found,))

    def release(self, principal: Principal, version: str) -> Release:
        if version != self.found.version:
            raise HubError("not-found")
        return self.found

    def approve(self, principal: Principal, version: str) -> Release:
        if principal.person == self.found.proposed_by:
            raise HubError("gate", "Another person than the one who proposed these rules approves them.")
        self.approved.append((principal.id, version))
        return self.found


@dataclass
class SampleOfficer:
    """One access of one child."""

    asked: list[str | None] = field(default_factory=list)
    policies: SamplePolicies = field(default_factory=SamplePolicies)

    def accesses(
        self, principal: Principal, identifier: str | None, query: AccessQuery = EVERYTHING
    ) -> list[AccessRow]:
        self.asked.append(identifier)
        return [ROW]

    def explanation(self, principal: Principal, disclosure_id: str) -> Explanation:
        if disclosure_id != ROW.disclosure_id:
            raise HubError("not-found")
        item = {
            "source": "urn:safeguarding:org:police.n-police",
            "id": "01JC8Z3V9E4T6R7K2M5N8P0Q1S",
            "type": "interview-held",
            "occurred_at": "2025-09-18",
            "precision": "day",
            "organisation": "police.n-police",
            "decision": "R",
            "decision_text": "redacted",
            "rules": ["D-05"],
            "policies": ["D-05-POLICE"],
            "reasons": ["Police process is held by the police.", HOSTILE],
            "requirements": ["R-130"],
            "legal_bases": ["UK GDPR art. 5(1)(c)"],
        }
        return Explanation(ROW, ("school",), (item,))


@dataclass
class Clock:
    """A wall clock that a test moves."""

    now: datetime = NOW

    def wall(self) -> datetime:
        return self.now


def principal(person: str) -> Principal:
    if person not in PEOPLE:
        raise HubError("token")
    return PEOPLE[person]


def organisations() -> Mapping[str, str]:
    return {
        "education.oak-school": "Oak School",
        "social-care.s-csc": "S Children's Social Care",
        "police.n-police": "N Police",
    }


def services(
    reads: SampleReads | None = None,
    officer: SampleOfficer | None = None,
    clock: Clock | None = None,
    sign_in: SignIn | None = None,
) -> WebServices:
    return WebServices(
        reads=reads or SampleReads(),
        officer=officer or SampleOfficer(),
        principal=principal,
        sign_in=sign_in or SignIn("https://issuer.example", "hub", "https://hub.example/sign-in/callback"),
        session_key=bytes(range(32)),
        wall=(clock or Clock()).wall,
        random=lambda size: bytes(size),
        organisations=organisations,
        types=load_catalogue().types,
        secure_cookie=False,
        profiles={"llr-2024": "Leicester, Leicestershire and Rutland"},
    )
