"""Worlds to ask about: seeded, so that a case is found again by its number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random  # noqa: TID251  seeded, so that every run asks the same
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle import further_posts
from tests.oracle.model import Posted, Reader, World
from tests.oracle.varied import data_of, posters, types

LONDON = ZoneInfo("Europe/London")
S, N = "social-care.s-csc", "social-care.n-csc"
POLICE, OTHER_POLICE = "police.s-police", "police.n-police"
OAK, ELM, BIRCH = "education.oak-school", "education.elm-school", "education.birch-school"
HEALTH, SURGERY, THERAPY = "health.s-child-health", "health.s-gp", "health.s-therapy"
YOS, OTHER_YOS = "youth-justice.s-yos", "youth-justice.n-yjs"
HOME, OTHER_HOME = "other.home-f1", "other.home-f2"
EARLY = "social-care.s-early-help"
CAMHS, MAPPA = "health.s-camhs", "other.s-mappa"
_EVERYBODY = (
    S, N, POLICE, OTHER_POLICE, OAK, ELM, BIRCH, HEALTH, SURGERY, THERAPY, YOS, OTHER_YOS, HOME, OTHER_HOME,
    EARLY, CAMHS, MAPPA,
)  # fmt: skip
AREAS = {one: (N if one.partition(".")[2].startswith("n-") else S) for one in _EVERYBODY}
STAFF = {
    "sw": "social-worker",
    "enq": "enquiry-social-worker",
    "tm": "team-manager",
    "sgu": "safeguarding-unit",
    "iro": "independent-reviewing-officer",
    "chair": "conference-chair",
    "fd": "front-door",
}
ROLES = {
    "police": "police-officer",
    "education": "designated-safeguarding-lead",
    "youth-justice": "youth-justice-worker",
    "other": "foster-carer",
}
READERS = (
    *(
        Reader(f"{csc}/{name}-{number}", role)
        for csc in (S, N)
        for name, role in STAFF.items()
        for number in (1, 2)
    ),
    *(
        Reader(f"{one}/p-{number}", ROLES[one.partition(".")[0]])
        for one in (POLICE, OTHER_POLICE, OAK, ELM, BIRCH, YOS, OTHER_YOS, HOME, OTHER_HOME)
        for number in (1, 2)
    ),
    Reader(f"{HEALTH}/p-1", "health-practitioner"),
    Reader(f"{HEALTH}/p-2", "health-visitor"),
    Reader(f"{SURGERY}/p-1", "general-practitioner"),
    Reader(f"{THERAPY}/p-1", "therapist"),
    Reader(f"{EARLY}/p-1", "early-help-worker"),
    Reader("partnership.hub-ig/p-1", "ig-officer"),
    Reader(f"{CAMHS}/p-1", "camhs-practitioner"),
    Reader(f"{CAMHS}/p-2", "sexual-health-practitioner"),
    Reader(f"{HEALTH}/p-3", "school-nurse"),
    Reader(f"{THERAPY}/p-2", "specialist-assessor"),
    Reader(f"{HOME}/p-3", "residential-worker"),
    Reader(f"{OAK}/p-3", "educational-psychologist"),
    Reader(f"{MAPPA}/p-1", "mappa-coordinator"),
)
PEOPLE = tuple(one.person for one in READERS)
HARMED, HARMER = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
CONSULT = "consult only"
ASKED_FOR = (
    (POLICE, THERAPY, further_posts.THERAPY_NOTES), (EARLY, HEALTH, further_posts.EARLY_HEALTH),
)  # fmt: skip
# What gives a coded fact or a safety line (D-31), drawn more often than the rest.
TELLING = (
    "criminal-investigation-decided",
    "criminal-outcome-recorded",
    "conviction-recorded",
    "custody-release-notified",
    "engagement-changed",
    "child-circumstance-recorded",
    "risk-management-plan-recorded",
    "court-stage-recorded",
    "setting-risk-assessment-recorded",
    "immediate-safety-measure-recorded",
    "child-mentioned",
    "plan-reviewed",
    "adult-involvement-suspected",
    "referral-made",
)


@dataclass
class Builder:
    """Posts one event after the other, some hours apart; some senders' clocks are a day off."""

    rng: Random
    now: datetime = datetime(2025, 9, 1, 9, 0, tzinfo=LONDON)
    posted: list[Posted] = field(default_factory=list)

    def post(
        self,
        child: str,
        type_: str,
        by: str,
        data: dict[str, Any],
        *,
        author: str = "",
        others: Any = (),
        target: int | None = None,
    ) -> Posted:
        """Add one event."""
        rng = self.rng
        self.now += timedelta(hours=rng.choice([1, 3, 7, 20, 50]))
        shift = rng.choice([0, 0, 0, -24, 24, -24 * 40])
        happened = self.now + timedelta(hours=shift)
        staff = [one for one in PEOPLE if one.startswith(f"{by}/")]
        author = author or (rng.choice(staff) if staff else f"{by}/p-9")
        written = {"occurred_at": happened.date().isoformat(), "precision": "day", "author": author, **data}
        if others:
            written["others"] = [
                {"ref": f"{{{{other:{n}}}}}", "role": role} for n, (_, role) in enumerate(others, 1)
            ]
        one = Posted(
            10 + 3 * len(self.posted), child, type_, by, author, self.now, written, tuple(others), target
        )
        self.posted.append(one)
        return one

    def day(self, days: int) -> str:
        """A day from now."""
        return (self.now + timedelta(days=days)).date().isoformat()


def world(seed: int) -> World:
    """Two children of one incident, with everything that may happen around them."""
    rng = Random(seed)
    build = Builder(rng)
    csc = {HARMED: rng.choice([S, N]), HARMER: rng.choice([S, S, N])}
    born = {
        one: date(2025 - rng.choice([7, 9, 9, 10, 10, 12, 15]), rng.randint(1, 12), rng.randint(1, 28))
        for one in csc
    }
    for child, by in csc.items():
        schools = rng.sample([OAK, ELM, BIRCH], rng.choice([0, 1, 1]))
        build.post(
            child,
            "child-stream-opened",
            by,
            {
                "identifiers": ["nhs:9991001018"],
                "date_of_birth": born[child].isoformat(),
                "responsible_authority": by,
                "schools": schools,
            },
        )
    for child, by in csc.items():
        _relationships(build, child, by)
    both = rng.random() < 0.2
    for child, role, other, theirs in (
        (HARMED, "has-been-harmed", HARMER, "has-harmed"),
        (HARMER, "has-harmed", HARMED, "has-been-harmed"),
    ):
        data = data_of("incident-recorded", rng, tuple(AREAS), PEOPLE) | {"role": role, "status": "alleged"}
        named = [(other, theirs)] if rng.random() < 0.7 else []
        build.post(child, "incident-recorded", csc[child], data, others=named)
        if both and child == HARMER:
            build.post(child, "incident-recorded", csc[child], data | {"role": "has-been-harmed"})
    if rng.random() < 0.75:
        by = rng.choice([POLICE, POLICE, csc[HARMER], csc[HARMED], OTHER_POLICE])
        for child in csc if rng.random() < 0.7 else ():
            build.post(
                child, "relationship-recorded", csc[child], {"kind": "enquiry", "organisation": POLICE}
            )
            build.post(
                child,
                "social-worker-allocated",
                csc[child],
                {"kind": "allocated", "worker": f"{csc[child]}/sw-{rng.choice([1, 2])}"},
            )
        build.post(HARMER, "incident-linked", by, {"link": "LK-1"}, others=[(HARMED, "has-been-harmed")])
    for _ in range(rng.randint(20, 30)):
        child = rng.choice([HARMED, HARMER, HARMER])
        _content(build, child, csc[child])
        if rng.random() < 0.15:
            _relationships(build, child, csc[child], rng.randint(1, 2))
    for asks, holder, scope in ASKED_FOR:
        if rng.random() < 0.3:
            further_posts.request(build, rng.choice([*csc]), asks, holder, scope, tuple(AREAS), PEOPLE)
    _changes(build)
    return World(tuple(build.posted), AREAS, born)


def _content(build: Builder, child: str, csc: str) -> None:
    rng = build.rng
    type_ = rng.choice(TELLING) if rng.random() < 0.4 else rng.choice(types())
    kinds = posters(type_)
    able = [one for one in AREAS if "any" in kinds or one.partition(".")[0] in kinds]
    by = csc if csc in able and rng.random() < 0.4 else rng.choice(able)
    data = data_of(type_, rng, tuple(AREAS), PEOPLE)
    data.pop("investigation", None)
    if type_ == "oversight-notified":
        data["target"] = "safeguarding-unit"
    if type_ == "assessment-consent-recorded":
        # Consent that names nobody of the case lets nobody have anything.
        data["share_with"] = rng.sample([POLICE, OAK, ELM, "police", "education"], 2)
    if type_ == "responsible-authority-recorded":
        data["home_authority"] = csc
    if type_ in (
        "meeting-held",
        "meeting-convened",
        "invitation-sent",
        "conference-held",
        "meeting-checklist-completed",
    ):
        data["meeting"] = rng.choice(["M1", "M2"])
    if type_ == "custody-release-notified":
        data["to_authority"] = csc
    other = HARMED if child == HARMER else HARMER
    named = [(other, "mentioned")] if rng.random() < 0.3 or type_ == "child-mentioned" else []
    for one in data.get("measures", []) if named else []:
        if isinstance(one, dict) and rng.random() < 0.4:
            one["for"] = "other:1"
    build.post(child, type_, by, data, others=named)


def _relationships(build: Builder, child: str, csc: str, count: int = 0) -> None:
    """Grants and ends: most by the authority, some by one that has no say."""
    rng = build.rng
    for _ in range(count or rng.randint(6, 12)):
        by = csc if rng.random() < 0.92 else rng.choice([S, N, OAK, POLICE])
        kind = rng.choice(list(_GRANTS))
        type_, data = _GRANTS[kind](rng, build, csc)
        if type_ == "relationship-recorded" and data["kind"] != "cover":
            if rng.random() < 0.15:
                data["until"] = build.day(rng.choice([5, 20, 60]))
            if rng.random() < 0.15:
                data["from"] = build.day(rng.choice([-30, 4, 12]))
        build.post(child, type_, by, data)
        if rng.random() < 0.12:
            _end(build, child, csc)


def _end(build: Builder, child: str, csc: str) -> None:
    grants = [one for one in build.posted if one.child == child and one.type == "relationship-recorded"]
    if not grants:
        return
    grant = build.rng.choice(grants).data
    by = csc if build.rng.random() < 0.7 else grant["organisation"]
    data = {"kind": grant["kind"], "organisation": grant["organisation"], "reason": "The relationship ended."}
    if grant.get("person"):
        data["person"] = grant["person"]
    build.post(child, "relationship-ended", by, data)


def _changes(build: Builder) -> None:
    """Corrections and retractions, by the poster and sometimes by somebody else."""
    rng = build.rng
    content = [one for one in build.posted if one.type in types()]
    for one in rng.sample(content, min(len(content), rng.randint(0, 3))):
        by = one.organisation if rng.random() < 0.8 else rng.choice([S, N])
        author = one.author if by == one.organisation else ""
        about = {"source": f"urn:safeguarding:org:{one.organisation}", "id": one.event}
        if rng.random() < 0.5:
            build.post(
                one.child,
                "event-retracted",
                by,
                {"about": about, "reason": "entered-in-error"},
                author=author,
                target=one.number,
            )
            continue
        again = data_of(one.type, rng, tuple(AREAS), PEOPLE)
        keep = {
            name: one.data[name]
            for name in ("occurred_at", "precision", "author", "meeting")
            if name in one.data
        }
        if one.type in ("oversight-notified", "responsible-authority-recorded", "custody-release-notified"):
            again = dict(one.data)
        again.pop("investigation", None)
        replacement = again | keep
        replacement.pop("others", None)
        data = {"about": about, "replacement": replacement, "reason": "A better account came in."}
        build.post(one.child, "event-corrected", by, data, author=author, target=one.number)


def _recorded(kind: str, *organisations: str, named: float = 0.5) -> Any:
    def make(rng: Random, build: Builder, csc: str) -> tuple[str, dict[str, Any]]:
        organisation = rng.choice(organisations)
        data: dict[str, Any] = {"kind": kind, "organisation": organisation}
        if rng.random() < named:
            data["person"] = rng.choice([one for one in PEOPLE if one.startswith(f"{organisation}/")])
        if kind == "enquiry" and rng.random() < 0.25:
            data["papers"] = [CONSULT]
        return "relationship-recorded", data

    return make


def _allocated(kind: str, name: str) -> Any:
    def make(rng: Random, build: Builder, csc: str) -> tuple[str, dict[str, Any]]:
        data = {"kind": kind, "worker": f"{csc}/{name}-{rng.choice([1, 1, 2])}"}
        if rng.random() < 0.1:
            data["until"] = build.day(rng.choice([6, 30]))
        return "social-worker-allocated", data

    return make


def _named(role: str, name: str) -> Any:
    def make(rng: Random, build: Builder, csc: str) -> tuple[str, dict[str, Any]]:
        return "named-contact-appointed", {"role": role, "person": f"{csc}/{name}-{rng.choice([1, 2])}"}

    return make


def _invited(rng: Random, build: Builder, csc: str) -> tuple[str, dict[str, Any]]:
    reader = rng.choice(READERS)
    data = {
        "meeting": rng.choice(["M1", "M2"]),
        "organisation": reader.organisation,
        "decision": rng.choice(["invited", "invited", "invited", "not-invited"]),
        "reason": "The list of invitees.",
    }
    return "invitation-sent", data | ({"person": reader.person} if rng.random() < 0.6 else {})


def _cover(rng: Random, build: Builder, csc: str) -> tuple[str, dict[str, Any]]:
    name = rng.choice(["sw", "enq"])
    return "relationship-recorded", {
        "kind": "cover",
        "organisation": csc,
        "person": f"{csc}/{name}-2",
        "covers": f"{csc}/{name}-1",
        "until": build.day(rng.choice([3, 15, 60])),
    }


def _held(rng: Random, build: Builder, csc: str) -> tuple[str, dict[str, Any]]:
    came = rng.sample(READERS, 3)
    data = data_of("meeting-held", rng, tuple(AREAS), PEOPLE) | {
        "kind": "strategy",
        "meeting": rng.choice(["M1", "M2"]),
    }
    return "meeting-held", data | {
        "attendance": [{"organisation": one.organisation, "person": one.person} for one in came]
    }


_GRANTS = {
    "allocated": _allocated("allocated", "sw"),
    "enquiry": _allocated("enquiry", "enq"),
    "police": _recorded("enquiry", POLICE, POLICE, OTHER_POLICE),
    "group": _recorded("group-member", POLICE, OAK),
    "enrolled": _recorded("enrolled", OAK, ELM, BIRCH),
    "treated": _recorded("treated", HEALTH, SURGERY, THERAPY, CAMHS),
    "psychology": _recorded("treated", OAK, named=1.0),
    "mappa": lambda rng, build, csc: (
        "mappa-notified",
        {"coordinator": rng.choice([MAPPA, f"{MAPPA}/p-1", f"{MAPPA}/p-2"])},
    ),
    "therapy": _recorded("treated", THERAPY),
    "supervised": _recorded("supervised", YOS, OTHER_YOS, YOS),
    "placed": _recorded("placed", HOME, OTHER_HOME),
    "iro": _named("iro", "iro"),
    "spoc": _named("spoc", "sw"),
    "chair": _named("conference-chair", "chair"),
    "invited": _invited,
    "held": _held,
    "cover": _cover,
    "early": _recorded("early-help", EARLY),
    "smg": further_posts.seats(POLICE),
    "enrolled-2": _recorded("enrolled", OAK, ELM),
}


def at(world: World, rng: Random) -> datetime:
    """When somebody reads: in the middle of it, at its end, or weeks later."""
    times = [one.received for one in world.posted]
    middle = times[rng.randint(len(times) // 2, len(times) - 1)] + timedelta(minutes=5)
    return rng.choice(
        [middle, times[-1] + timedelta(minutes=5), times[-1] + timedelta(days=rng.randint(1, 45))]
    )
