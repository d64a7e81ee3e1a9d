"""Two schools, two authorities: the posts of the first scenario and who reads what of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from hub.pathway.entries import Entry, Material, Sight, Told
from tests.spec.posts import ELM, HEALTH, OAK, POLICE, YOS, N, S, at, key, material, other, post

HARMED, HAS_HARMED = "C-1001", "C-2001"
BORN = {HARMED: date(2012, 3, 4), HAS_HARMED: date(2010, 1, 20)}
AUTHORITY = {HARMED: N, HAS_HARMED: S}
END = at("2025-11-20 12:00")
WHOLE = frozenset(
    "assessment-started behaviour-level-assessed child-mentioned child-stream-opened incident-recorded "
    "immediate-safety-measure-recorded meeting-convened meeting-held place-declared plan-place-covered "
    "plan-reviewed referral-made referral-outcome-decided risk-management-plan-recorded".split()
)


def _meeting(kind: str, meeting: str, *people: str, **more: object) -> dict[str, object]:
    attendance = [{"organisation": one.partition("/")[0], "person": one} for one in people]
    return {"kind": kind, "meeting": meeting, "attendance": attendance, **more}


def _level(level: str) -> dict[str, object]:
    return {"scale": "hackett-5", "level": level}


_PLACES = [("home", "home-1"), ("school", "oak-school"), ("transport", "bus-1"), ("club", "youth-club-1")]
_HSB = (f"{S}/sw-s1", f"{S}/tm-1", f"{POLICE}/caiu-1", f"{OAK}/dsl-1", f"{YOS}/yj-1")
_PARTS = {"accountability": "a", "needs": "n", "protection": "p", "future_risk": "f"}
H, D = HARMED, HAS_HARMED

POSTS: tuple[Entry, ...] = (
    post(
        "A00a",
        "2025-09-12 15:00",
        N,
        H,
        "child-stream-opened",
        {"date_of_birth": "2012-03-04", "responsible_authority": N, "schools": [ELM]},
    ),
    post(
        "A01",
        "2025-09-12 15:10",
        ELM,
        H,
        "initial-account-recorded",
        happened="2025-09-10",
        precision="about-day",
    ),
    post(
        "A02",
        "2025-09-12 15:25",
        ELM,
        H,
        "incident-recorded",
        {"role": "has-been-harmed", "status": "alleged"},
        happened="2025-09-10",
        precision="about-day",
        others=[other(D, "has-harmed")],
    ),
    post("A03", "2025-09-12 15:30", ELM, H, "setting-risk-assessment-recorded"),
    post("A03b", "2025-09-12 15:32", ELM, D, "setting-risk-assessment-recorded"),
    post("A04", "2025-09-12 15:40", ELM, H, "referral-made", {"target": "csc", "to": N}),
    post(
        "A05", "2025-09-12 15:45", N, H, "immediate-safety-measure-recorded", {"measure": "separate-travel"}
    ),
    post(
        "A00b",
        "2025-09-12 16:10",
        S,
        D,
        "child-stream-opened",
        {"date_of_birth": "2010-01-20", "responsible_authority": S, "schools": [OAK]},
    ),
    post("A06", "2025-09-12 16:20", N, D, "referral-made", {"target": "csc", "to": S}),
    post(
        "A07",
        "2025-09-12 16:50",
        S,
        D,
        "incident-recorded",
        {"role": "has-harmed", "status": "alleged"},
        happened="2025-09-10",
        precision="about-day",
        others=[other(H, "has-been-harmed")],
    ),
    post("A08", "2025-09-12 17:30", POLICE, D, "criminal-investigation-decided", {"decision": "investigate"}),
    post("A09", "2025-09-15 09:15", N, H, "separate-meetings-decided", {"separate": True}),
    post("A10", "2025-09-15 09:30", N, H, "referral-outcome-decided", {"outcome": "strategy"}),
    post("A11", "2025-09-15 10:05", S, D, "referral-outcome-decided", {"outcome": "strategy"}),
    post(
        "A12",
        "2025-09-15 10:10",
        N,
        H,
        "meeting-convened",
        {"kind": "strategy", "meeting": "M1", "chair_authority": N},
    ),
    post(
        "A12-2",
        "2025-09-15 10:10",
        N,
        D,
        "meeting-convened",
        {"kind": "strategy", "meeting": "M2", "chair_authority": N},
    ),
    post(
        "A13",
        "2025-09-15 13:00",
        N,
        H,
        "meeting-held",
        _meeting("strategy", "M1", f"{POLICE}/caiu-1", f"{N}/enq-1", f"{ELM}/dsl-1"),
    ),
    post(
        "A14",
        "2025-09-15 14:30",
        N,
        D,
        "meeting-held",
        _meeting(
            "strategy", "M2", f"{POLICE}/caiu-1", f"{N}/enq-1", f"{OAK}/dsl-1", f"{YOS}/yj-1", f"{S}/tm-1"
        ),
    ),
    post(
        "A15",
        "2025-09-15 15:30",
        N,
        H,
        "social-worker-allocated",
        {"kind": "allocated", "worker": f"{N}/sw-n1"},
    ),
    post(
        "A16",
        "2025-09-15 15:45",
        S,
        D,
        "social-worker-allocated",
        {"kind": "allocated", "worker": f"{S}/sw-s1"},
    ),
    post("A17", "2025-09-15 16:00", N, H, "section-47-enquiry-initiated"),
    post("A17b", "2025-09-15 16:05", N, H, "assessment-started", {"kind": "child-and-family"}),
    post("A18", "2025-09-15 16:10", S, D, "section-47-enquiry-initiated"),
    post("A18b", "2025-09-15 16:15", S, D, "assessment-started", {"kind": "single"}),
    post(
        "A19",
        "2025-09-16 11:00",
        OAK,
        D,
        "incident-recorded",
        {"role": "has-harmed", "status": "alleged"},
        happened="2025-02",
        precision="month",
    ),
    post(
        "A19b", "2025-09-16 11:02", OAK, D, "behaviour-level-assessed", _level("inappropriate"), about="A19"
    ),
    post(
        "A20",
        "2025-09-16 11:05",
        OAK,
        D,
        "incident-recorded",
        {"role": "has-harmed", "status": "alleged"},
        happened="2025-06-18",
        precision="day",
    ),
    post("A20b", "2025-09-16 11:07", OAK, D, "behaviour-level-assessed", _level("problematic"), about="A20"),
    post("A21", "2025-09-16 12:00", OAK, D, "behaviour-level-assessed", _level("inappropriate"), about="A07"),
    post("A22", "2025-09-17 09:30", POLICE, D, "behaviour-level-assessed", _level("abusive"), about="A07"),
    post("A23", "2025-09-17 10:00", POLICE, H, "interview-held", {"kind": "abe"}),
    post("A24", "2025-09-17 16:00", S, D, "family-informed"),
    post("A25", "2025-09-18 10:00", POLICE, D, "interview-held", {"kind": "pace"}),
    post("A26", "2025-09-19 15:00", S, D, "behaviour-level-assessed", _level("problematic"), about="A07"),
    *(
        post(f"A28-{token}", "2025-09-22 09:00", S, D, "place-declared", {"kind": kind, "place": token})
        for kind, token in _PLACES
    ),
    post("A29", "2025-09-29 11:00", S, D, "section-47-enquiry-concluded", {"continuing_risk": False}),
    post("A30", "2025-09-29 12:00", S, D, "conference-decided", {"decision": "not-held"}),
    post(
        "A31",
        "2025-10-06 10:00",
        S,
        D,
        "meeting-held",
        _meeting("hsb", "H1", *_HSB, chronology_snapshot="s", next_review="2026-01-06"),
    ),
    post(
        "A32",
        "2025-10-06 11:00",
        S,
        D,
        "risk-management-plan-recorded",
        {
            "responsible_organisation": S,
            "responsible_person": f"{S}/sw-s1",
            "parts": _PARTS,
            "next_review": "2026-01-06",
        },
    ),
    *(
        post(
            f"A32b-{token}",
            "2025-10-06 11:05",
            S,
            D,
            "plan-place-covered",
            {"kind": kind, "place": token},
            about="A32",
        )
        for kind, token in _PLACES[:3]
    ),
    post("A33", "2025-11-14 15:00", POLICE, D, "criminal-outcome-recorded", {"outcome": "nfa-evidence"}),
    post(
        "A34",
        "2025-11-19 10:00",
        S,
        D,
        "meeting-held",
        _meeting("hsb", "H2", *_HSB, chronology_snapshot="s", next_review="2026-01-06"),
    ),
)


def posted(child: str, as_at: datetime = END) -> list[Entry]:
    return [one for one in POSTS if one.child == child and one.received_at <= as_at]


def enquiry(child: str, as_at: datetime = END, **more: object) -> Material:
    """What the enquiry worker and the police read of either child: both records."""
    linked = HARMED if child == HAS_HARMED else HAS_HARMED
    told = {HARMED: (), HAS_HARMED: (Told(YOS, at("2025-09-15 14:30"), key("A14")),)}
    return material(
        child,
        posted(child, as_at),
        linked={linked: tuple(posted(linked, as_at))},
        complete=WHOLE | {"incident-linked"},
        says_neither=True,
        date_of_birth=BORN[child],
        authority=AUTHORITY[child],
        **{"told": told[child], **more},
    )


def own_worker(child: str, as_at: datetime = END, **more: object) -> Material:
    """What the allocated worker reads: the own child's record, no other."""
    return replace(enquiry(child, as_at, **more), linked={})


def without(entry: Entry, *names: str) -> Entry:
    return replace(entry, data={name: value for name, value in entry.data.items() if name not in names})


def oak(as_at: datetime = END) -> Material:
    """What the school of the child who has harmed reads: places coded, the plan down to its date."""
    redact: dict[str, Callable[[Entry], Entry]] = {
        "place-declared": lambda one: without(one, "kind", "place"),
        "plan-place-covered": lambda one: without(one, "kind", "place"),
        "risk-management-plan-recorded": lambda one: without(one, "parts", "responsible_person"),
    }
    hidden = {"referral-made", "assessment-started", "interview-held", "family-informed", "meeting-convened"}
    seen = [
        redact.get(one.type, lambda same: same)(one)
        for one in posted(HAS_HARMED, as_at)
        if one.type not in hidden
    ]
    seen = [replace(without(one, "role"), others=()) if one.key == key("A07") else one for one in seen]
    withheld = {"kind", "place", "parts", "responsible_person", "role"}
    members = {name for one in POSTS for name in one.data} - withheld | {"poster"}
    types = WHOLE - hidden
    return material(
        HAS_HARMED,
        seen,
        complete=types,
        sight={HAS_HARMED: Sight(types, dict.fromkeys(types, frozenset(members)))},
        date_of_birth=BORN[HAS_HARMED],
        authority=S,
        told=(Told(YOS, at("2025-09-15 14:30"), key("A14")),),
    )


def health(as_at: datetime = END) -> Material:
    """What the health practitioner of the harmed child reads."""
    hidden = {"referral-made", "meeting-held", "meeting-convened"}
    seen = [
        replace(without(one, "role"), others=()) if one.key == key("A02") else one
        for one in posted(HARMED, as_at)
        if one.type not in hidden and one.organisation != POLICE
    ]
    return material(
        HARMED, seen, complete=WHOLE - hidden, authority=N, told=(Told(HEALTH, at("2025-11-20 11:00"), None),)
    )
