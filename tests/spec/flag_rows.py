"""The truth tables of the notes beside facts: per note the posts that have it and those that have not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from hub.pathway.entries import Entry, Material
from tests.spec.gate_rows import CHILD, DARLINGTON, LLR, incident, known, level, screened
from tests.spec.gate_rows_more import EARLIER, LINKED_HARMED, OPENED, considered
from tests.spec.posts import ELM, OAK, POLICE, YOS, N, S, other, post


@dataclass(frozen=True, slots=True)
class Noted:
    """One post before one note."""

    code: str
    name: str
    holds: bool
    posted: Entry
    fold: Material = field(default_factory=known)
    profile: str = LLR


def fact(type, data, by=S, day="2025-09-15", **more):
    return post("f", f"{day} 10:13", by, CHILD, type, data, **more)


def table(code, type, cases, by=S):
    """Rows on the data alone."""
    return [Noted(code, name, holds, fact(type, data, by)) for name, holds, data in cases]


def case(code, name, holds, posted, *entries, profile=LLR, **fold):
    return Noted(code, name, holds, posted, known(*entries, **fold), profile)


LEVEL = {"scale": "hackett-5", "level": "abusive"}
NORMAL = {"scale": "hackett-5", "level": "normal"}
ALONE = [
    *table(
        "R-020",
        "behaviour-level-assessed",
        [
            ("above the lowest, no indicator", True, LEVEL),
            ("on the other scale", True, {"scale": "darlington-4", "level": "problematic"}),
            ("an indicator", False, {**LEVEL, "indicators": ["hackett-abusive-intrusive"]}),
            ("the lowest", False, NORMAL),
            ("a level of no scale", False, {"scale": "darlington-4", "level": "inappropriate"}),
        ],
    ),
    *table(
        "R-024",
        "behaviour-level-assessed",
        [
            ("neither", True, NORMAL),
            ("healthy, neither", True, {"scale": "darlington-4", "level": "healthy", "basis": " "}),
            ("a feature", False, {**NORMAL, "indicators": ["hackett-normal-mutual"]}),
            ("a basis", False, {**NORMAL, "basis": "seen by the nurse"}),
            ("a note", False, {**NORMAL, "narrative": "expected at this age"}),
            ("another level", False, LEVEL),
        ],
    ),
    *table(
        "R-027",
        "behaviour-screened",
        [
            ("no band", True, {"tool": "brook"}),
            ("a band", False, {"tool": "brook", "band": "9-13"}),
        ],
    ),
    *table(
        "R-044",
        "victimisation-considered",
        [
            ("none", True, {"outcome": "discounted"}),
            ("an empty list", True, {"outcome": "considered", "opportunities_given": []}),
            ("one", False, {"outcome": "considered", "opportunities_given": ["2025-09-14"]}),
        ],
    ),
    *table(
        "R-051",
        "meeting-held",
        [
            ("not confirmed", True, {"kind": "strategy", "immediate_protection_confirmed": False}),
            ("confirmed", False, {"kind": "strategy", "immediate_protection_confirmed": True}),
            ("not said: an open item", False, {"kind": "strategy"}),
        ],
    ),
    *table(
        "R-054",
        "family-informed",
        [
            ("withheld without a reason", True, {"outcome": "withheld", "reviewer": "x", "review_date": "d"}),
            ("withheld without a review", True, {"outcome": "withheld", "risk_reason": "r", "reviewer": "x"}),
            (
                "withheld in full",
                False,
                {"outcome": "withheld", "risk_reason": "r", "reviewer": "x", "review_date": "2025-10-01"},
            ),
            ("informed", False, {"outcome": "informed"}),
        ],
    ),
    *table(
        "R-107",
        "interview-held",
        [
            ("no adult", True, {"kind": "pace", "cautioned": True, "recorded": True}),
            (
                "no caution",
                True,
                {"kind": "pace", "adult_present": "parent", "cautioned": False, "recorded": True},
            ),
            ("not recorded", True, {"kind": "pace", "adult_present": "parent", "cautioned": True}),
            (
                "in full",
                False,
                {"kind": "pace", "adult_present": "parent", "cautioned": True, "recorded": True},
            ),
            ("another kind", False, {"kind": "abe"}),
        ],
        by=POLICE,
    ),
    *table(
        "R-110",
        "admission-flagged",
        [
            (
                "went on, nobody agreed",
                True,
                {"interview_kind": "abe", "continued": "continued-with-police-agreement"},
            ),
            (
                "went on, a colleague agreed",
                True,
                {
                    "interview_kind": "abe",
                    "continued": "continued-with-police-agreement",
                    "police_agreed_by": f"{S}/sw-s1",
                },
            ),
            (
                "went on, the police agreed",
                False,
                {
                    "interview_kind": "abe",
                    "continued": "continued-with-police-agreement",
                    "police_agreed_by": f"{POLICE}/caiu-1",
                },
            ),
            (
                "a separate interview",
                False,
                {"interview_kind": "abe", "continued": "separate-interview-needed"},
            ),
        ],
    ),
    *table(
        "R-130",
        "meeting-held",
        [
            ("a topic missing", True, {"kind": "core-group", "topics": ["behaviour", "plan-concerns"]}),
            ("none", True, {"kind": "core-group"}),
            (
                "all three",
                False,
                {"kind": "core-group", "topics": ["behaviour", "plan-concerns", "risk-to-others"]},
            ),
            ("no core group", False, {"kind": "hsb"}),
        ],
    ),
    *table(
        "R-133",
        "meeting-held",
        [
            ("none", True, {"kind": "hsb"}),
            ("there", False, {"kind": "hsb", "chronology_snapshot": "s"}),
            ("another meeting", False, {"kind": "strategy"}),
        ],
    ),
    *table(
        "R-137",
        "meeting-held",
        [
            ("none", True, {"kind": "hsb"}),
            ("there", False, {"kind": "hsb", "next_review": "2026-01-06"}),
            ("another meeting", False, {"kind": "strategy"}),
        ],
    ),
    *table(
        "R-170",
        "disposal-proposed",
        [
            ("referral order without a target", True, {"disposal": "referral-order"}),
            ("with a target", False, {"disposal": "referral-order", "aim_target": "t"}),
            ("another disposal", False, {"disposal": "youth-caution"}),
        ],
        by=YOS,
    ),
    *[
        Noted("R-028", name, holds, fact("behaviour-screened", data, by), known(), LLR)
        for name, holds, data, by in [
            ("an old version", True, {"tool": "brook", "tool_version": "2012"}, S),
            ("a version of the list", False, {"tool": "brook", "tool_version": "2020"}, S),
            ("version not said", False, {"tool": "brook"}, S),
            ("a tool that is not listed", False, {"tool": "other:x", "tool_version": "1"}, S),
        ]
    ],
]

# what the record says beside it


def screen(band, reason=None, day="2025-09-15", **more):
    data = {"tool": "brook", "band": band, **({"band_reason": reason} if reason else {})}
    return fact("behaviour-screened", data, day=day, **more)


def aged(code, name, holds, posted, born, *entries):
    return case(code, name, holds, posted, *entries, date_of_birth=born)


BANDS = [
    aged("R-027-AGE", "11 in 13-17", True, screen("13-17"), date(2014, 3, 1)),
    aged("R-027-AGE", "11 in 9-13", False, screen("9-13"), date(2014, 3, 1)),
    aged("R-027-AGE", "11 in 5-9", True, screen("5-9"), date(2014, 3, 1)),
    *[
        aged(
            "R-027-AGE",
            f"{age} in {band}{', reason' if reason else ''}",
            not reason,
            screen(band, reason),
            date(2025 - age, 3, 1),
        )
        for age, bands in ((5, ("0-5", "5-9")), (9, ("5-9", "9-13")), (13, ("9-13", "13-17")))
        for band in bands
        for reason in (None, "close to the younger group")
    ],
    aged("R-027-AGE", "9 in 0-5, reason or not", True, screen("0-5", "r"), date(2016, 3, 1)),
    aged("R-027-AGE", "8y364d in 5-9", False, screen("5-9"), date(2016, 9, 16)),
    aged("R-027-AGE", "9y0d in 5-9", True, screen("5-9"), date(2016, 9, 15)),
    aged("R-027-AGE", "9y364d in 5-9", True, screen("5-9", "r", day="2025-09-14"), date(2015, 9, 14)),
    aged("R-027-AGE", "13y0d on the day, no reason", True, screen("9-13"), date(2012, 9, 15), incident()),
    aged(
        "R-027-AGE",
        "12y364d at the incident it is about",
        False,
        screen("9-13", about="i-has-harmed-2025-09-10"),
        date(2012, 9, 15),
        incident(),
    ),
    aged("R-027-AGE", "no age known", False, screen("0-5"), None),
]

CIRCUMSTANCE = post(
    "cc", "2025-09-01 09:00", ELM, CHILD, "child-circumstance-recorded", {"kind": "disability"}
)
SCOPE_OUT = post(
    "sd",
    "2025-09-12 09:00",
    S,
    CHILD,
    "scope-decision-recorded",
    {"decision": "out-experimental", "reason": "r"},
)
SCOPE_IN = post(
    "sd2", "2025-09-13 09:00", S, CHILD, "scope-decision-recorded", {"decision": "in-scope", "reason": "r"}
)


def mutual(day="2025-09-10", **data):
    given = {"role": "has-harmed", "status": "alleged", "claimed_mutual": True, **data}
    return fact("incident-recorded", given, happened=day, precision="day", others=[other("d")])


def born_on(day, extra=()):
    opened = post("o-d", "2025-09-01 09:00", N, "d", "child-stream-opened", {"date_of_birth": day})
    return {"d": (opened, *extra)}


TEN_AND_14 = {"date_of_birth": date(2011, 5, 1), "linked": born_on("2015-05-01")}
CONSENT = [
    case("R-040", "10 and 14", True, mutual(), **TEN_AND_14),
    case(
        "R-040", "1y364d apart", False, mutual(), date_of_birth=date(2011, 5, 2), linked=born_on("2013-05-01")
    ),
    case("R-040", "2y0d apart", True, mutual(), date_of_birth=date(2011, 5, 1), linked=born_on("2013-05-01")),
    case(
        "R-040",
        "the younger one's record",
        True,
        mutual(),
        date_of_birth=date(2015, 5, 1),
        linked=born_on("2011-05-01"),
    ),
    case(
        "R-040",
        "same age, a disability",
        True,
        mutual(),
        CIRCUMSTANCE,
        date_of_birth=date(2011, 5, 1),
        linked=born_on("2011-05-01"),
    ),
    case(
        "R-040",
        "same age, a need of the other",
        True,
        mutual(),
        date_of_birth=date(2011, 5, 1),
        linked=born_on(
            "2011-05-01",
            (
                post(
                    "n",
                    "2025-09-01 09:00",
                    ELM,
                    "d",
                    "child-circumstance-recorded",
                    {"kind": "learning-need"},
                ),
            ),
        ),
    ),
    case("R-040", "same age", False, mutual(), date_of_birth=date(2011, 5, 1), linked=born_on("2011-05-01")),
    case("R-040", "not claimed", False, mutual(claimed_mutual=False), **TEN_AND_14),
    case(
        "R-040",
        "a linked child who is not named",
        False,
        fact("incident-recorded", {"role": "has-harmed", "claimed_mutual": True}),
        **TEN_AND_14,
    ),
    case("R-038", "12y364d", True, mutual(), date_of_birth=date(2012, 9, 11)),
    case("R-038", "13y0d", False, mutual(), date_of_birth=date(2012, 9, 10)),
    case("R-038", "the other is 10", True, mutual(), **TEN_AND_14),
    case("R-038", "age not known", False, mutual()),
    case("R-038", "not claimed", False, mutual(claimed_mutual=False), date_of_birth=date(2012, 9, 11)),
    case(
        "R-036",
        "coercion after out of scope",
        True,
        fact("incident-recorded", {"role": "has-harmed", "coercion": "alleged"}),
        SCOPE_OUT,
    ),
    case(
        "R-036",
        "a level with power",
        True,
        fact("behaviour-level-assessed", {**LEVEL, "power": "yes"}),
        SCOPE_OUT,
    ),
    case(
        "R-036",
        "no coercion",
        False,
        fact("incident-recorded", {"role": "has-harmed", "coercion": "unknown"}),
        SCOPE_OUT,
    ),
    case(
        "R-036",
        "decided again",
        False,
        fact("incident-recorded", {"role": "has-harmed", "coercion": "alleged"}),
        SCOPE_OUT,
        SCOPE_IN,
    ),
    case(
        "R-036",
        "never decided",
        False,
        fact("incident-recorded", {"role": "has-harmed", "coercion": "alleged"}),
    ),
    case("R-005", "normal after red", True, fact("behaviour-level-assessed", NORMAL), screened("red")),
    case(
        "R-005",
        "healthy after power",
        True,
        fact("behaviour-level-assessed", {"scale": "darlington-4", "level": "healthy"}),
        level(power="yes"),
    ),
    case("R-005", "normal after green", False, fact("behaviour-level-assessed", NORMAL), screened("green")),
    case(
        "R-005",
        "inappropriate after red",
        False,
        fact("behaviour-level-assessed", {"scale": "hackett-5", "level": "inappropriate"}),
        screened("red"),
    ),
]

DONE = fact("assessment-completed", {"kind": "single"})
EARLY_HELP = fact("assessment-completed", {"kind": "early-help"})
STARTED = {"kind": "single"}
BY_POLICE = post(
    "cid", "2025-09-12 17:30", POLICE, CHILD, "criminal-investigation-decided", {"decision": "investigate"}
)


def done(by, day):
    return post("ac", f"{day} 09:00", by, CHILD, "assessment-completed", {"kind": "single"})


def consent(outcome):
    data = {"from_whom": "parent", **({"outcome": outcome} if outcome else {})}
    return post("co", "2025-09-14 09:00", S, CHILD, "assessment-consent-recorded", data)


def told(topic="legal-advice", outcome="informed", time="2025-09-14 09:00"):
    return post("fi", time, S, CHILD, "family-informed", {"topic": topic, "outcome": outcome})


ASSESSING = [
    case("R-013", "has harmed, not considered", True, DONE, incident()),
    case("R-013", "considered", False, DONE, incident(), considered("considered")),
    case(
        "R-013",
        "considered later only",
        True,
        fact("assessment-completed", STARTED, day="2025-09-12"),
        incident(),
        considered("considered"),
    ),
    case("R-013", "child who has been harmed", False, DONE, incident("has-been-harmed")),
    *[
        aged("R-106", name, holds, fact("assessment-started", data), born, incident(), *entries)
        for name, holds, data, born, entries in [
            ("10y0d, police", True, STARTED, date(2015, 9, 15), [BY_POLICE]),
            ("9y364d, police", False, STARTED, date(2015, 9, 16), [BY_POLICE]),
            ("with youth justice", False, {**STARTED, "joint_with": [YOS]}, date(2012, 1, 1), [BY_POLICE]),
            ("no police", False, STARTED, date(2012, 1, 1), []),
        ]
    ],
    case(
        "R-119",
        "another's, two months ago",
        True,
        fact("assessment-started", STARTED),
        done("health.n-child-health", "2025-07-15"),
    ),
    case(
        "R-119",
        "another's, 183 days ago",
        False,
        fact("assessment-started", STARTED),
        done("health.n-child-health", "2025-03-16"),
    ),
    case("R-119", "its own", False, fact("assessment-started", STARTED), done(S, "2025-07-15")),
    case("R-121", "no tool", True, EARLY_HELP),
    case("R-121", "a screening", False, EARLY_HELP, screened("green")),
    case("R-121", "a level", False, EARLY_HELP, level()),
    case("R-121", "another assessment", False, DONE),
    case("R-095", "no consent", True, fact("specialist-opinion-requested", {"service": "health.x"})),
    case(
        "R-095",
        "asked, no answer",
        True,
        fact("specialist-opinion-requested", {"service": "health.x"}),
        consent(None),
    ),
    case(
        "R-095",
        "given",
        False,
        fact("specialist-opinion-requested", {"service": "health.x"}),
        consent("given"),
    ),
    case("R-056", "pace, not told", True, fact("interview-held", {"kind": "pace"}, POLICE)),
    case("R-056", "pace, told", False, fact("interview-held", {"kind": "pace"}, POLICE), told()),
    case(
        "R-056",
        "pace, told of something else",
        True,
        fact("interview-held", {"kind": "pace"}, POLICE),
        told("incident"),
    ),
    case(
        "R-056",
        "pace, withheld",
        True,
        fact("interview-held", {"kind": "pace"}, POLICE),
        told(outcome="withheld"),
    ),
    case(
        "R-056",
        "pace, told later",
        True,
        fact("interview-held", {"kind": "pace"}, POLICE),
        told(time="2025-09-16 09:00"),
    ),
    case(
        "R-056", "social work, has harmed", True, fact("interview-held", {"kind": "social-work"}), incident()
    ),
    case(
        "R-056",
        "social work, has been harmed",
        False,
        fact("interview-held", {"kind": "social-work"}),
        incident("has-been-harmed"),
    ),
    case("R-056", "as a witness", False, fact("interview-held", {"kind": "abe"}, POLICE), incident()),
    case("R-056-CONSENT", "not told", True, consent("given")),
    case("R-056-CONSENT", "told", False, consent("given"), told(time="2025-09-13 09:00")),
]

# meetings, interviews, records


def held(kind="strategy", *present, by=S, **data):
    rows = [{"organisation": one} for one in present]
    return fact("meeting-held", {"kind": kind, "meeting": "M1", "attendance": rows, **data}, by)


AGREED = post(
    "ip2",
    "2025-09-14 10:00",
    POLICE,
    CHILD,
    "interview-planned",
    {"method": "social-worker", "police_agreed_by": f"{POLICE}/caiu-1"},
)
ORDERED = post(
    "ip3",
    "2025-09-14 10:00",
    POLICE,
    CHILD,
    "interview-planned",
    {"method": "abe", "decided_at_meeting": "M1"},
)
ENDED = post(
    "co", "2025-09-14 10:00", POLICE, CHILD, "criminal-outcome-recorded", {"outcome": "nfa-evidence"}
)
SEPARATE = post("sep", "2025-09-14 10:00", S, CHILD, "separate-meetings-decided", {"separate": True})
BOTH = (incident(), incident("has-been-harmed"))
CONFERENCE = {"kind": "icpc", "addresses": ["has-harmed", "has-been-harmed"], "stated_at_outset": True}
MEETINGS = [
    case("R-084", "nobody of the authority", True, held("strategy", N, POLICE), linked={"d": LINKED_HARMED}),
    case("R-084", "somebody of the authority", False, held("strategy", N, S), linked={"d": LINKED_HARMED}),
    case(
        "R-084",
        "there, not representing",
        True,
        held(attendance=[{"organisation": S, "represents": False}]),
        linked={"d": LINKED_HARMED},
    ),
    case("R-084", "one authority", False, held("strategy", N, POLICE)),
    case("R-084", "another meeting", False, held("hsb", N, POLICE), linked={"d": LINKED_HARMED}),
    case("R-159", "open investigation, police absent", True, held("strategy", S, ELM), BY_POLICE),
    case("R-159", "open investigation, police there", False, held("strategy", S, POLICE), BY_POLICE),
    case("R-159", "ended", False, held("hsb", S, ELM), BY_POLICE, ENDED),
    case("R-159", "none", False, held("hsb", S, ELM)),
    case("R-159", "not a planning meeting", False, held("core-group", S, ELM), BY_POLICE),
    case("R-079", "linked, undecided", True, held("strategy", S), linked={"d": LINKED_HARMED}),
    case("R-079", "linked, decided", False, held("strategy", S), SEPARATE, linked={"d": LINKED_HARMED}),
    case("R-082", "another school", True, held("strategy", OAK), OPENED),
    case("R-082", "own school", False, held("strategy", ELM), OPENED),
    case(
        "R-126",
        "both, one side",
        True,
        fact("conference-held", {**CONFERENCE, "addresses": ["has-harmed"]}),
        *BOTH,
    ),
    case(
        "R-126",
        "both, not at the outset",
        True,
        fact("conference-held", {**CONFERENCE, "stated_at_outset": False}),
        *BOTH,
    ),
    case("R-126", "both, as both", False, fact("conference-held", CONFERENCE), *BOTH),
    case("R-126", "not both", False, fact("conference-held", {"kind": "icpc"}), incident()),
    case("R-144", "no interval", True, held("hsb"), profile=DARLINGTON),
    case("R-144", "an interval", False, held("hsb", interval_days=42), profile=DARLINGTON),
    case("R-144", "by the calendar", False, held("hsb")),
    case(
        "R-107-POLICE",
        "social worker, not agreed",
        True,
        fact("interview-held", {"kind": "social-work"}),
        incident(),
    ),
    case(
        "R-107-POLICE",
        "social worker, agreed",
        False,
        fact("interview-held", {"kind": "social-work"}),
        incident(),
        AGREED,
    ),
    case("R-107-POLICE", "pace by social care", True, fact("interview-held", {"kind": "pace"}), incident()),
    case(
        "R-107-POLICE",
        "pace by the police",
        False,
        fact("interview-held", {"kind": "pace"}, POLICE),
        incident(),
    ),
    aged(
        "R-107-POLICE",
        "9y364d",
        False,
        fact("interview-held", {"kind": "social-work"}),
        date(2015, 9, 11),
        incident(),
    ),
    aged(
        "R-107-POLICE",
        "10y0d",
        True,
        fact("interview-held", {"kind": "social-work"}),
        date(2015, 9, 10),
        incident(),
    ),
    case(
        "R-107-POLICE",
        "child who has been harmed",
        False,
        fact("interview-held", {"kind": "social-work"}),
        incident("has-been-harmed"),
    ),
    case(
        "R-097",
        "suspected, never planned",
        True,
        fact("interview-held", {"kind": "abe"}, POLICE),
        considered("suspected"),
    ),
    case(
        "R-097",
        "suspected, planned without a meeting",
        True,
        fact("interview-held", {"kind": "abe"}, POLICE),
        considered("suspected"),
        EARLIER,
    ),
    case(
        "R-097",
        "suspected, decided at a meeting",
        False,
        fact("interview-held", {"kind": "abe"}, POLICE),
        considered("suspected"),
        ORDERED,
    ),
    case(
        "R-097",
        "not suspected",
        False,
        fact("interview-held", {"kind": "abe"}, POLICE),
        considered("discounted"),
    ),
    aged(
        "R-113",
        "9y364d",
        True,
        fact("interview-held", {"kind": "pace"}, POLICE),
        date(2015, 9, 11),
        incident(),
    ),
    aged(
        "R-113",
        "10y0d",
        False,
        fact("interview-held", {"kind": "pace"}, POLICE),
        date(2015, 9, 10),
        incident(),
    ),
    case(
        "R-092",
        "a school that is not the child's",
        True,
        fact("records-access-requested", {"holder": OAK, "scope": "education"}, POLICE),
        OPENED,
    ),
    case(
        "R-092",
        "the child's school",
        False,
        fact("records-access-requested", {"holder": ELM, "scope": "education"}, POLICE),
        OPENED,
    ),
    case(
        "R-092",
        "no school",
        False,
        fact("records-access-requested", {"holder": "health.x", "scope": "medical"}, POLICE),
        OPENED,
    ),
]


def _aim(decision="yes", tool="aim2", day="2025-09-02"):
    data = {"decision": decision, "tool": tool}
    return post(f"aim-{day}", f"{day} 10:00", S, CHILD, "specialist-assessment-decided", data)


def _opinion(day):
    data = {"summary": "s"}
    return post(f"op-{day}", f"{day} 10:00", "health.x", CHILD, "specialist-opinion-received", data)


CHARGE = fact("criminal-outcome-recorded", {"outcome": "charge"}, POLICE)
CHARGED = [
    case("R-091", "pending", True, CHARGE, _aim()),
    case("R-091", "an opinion before it was decided on", True, CHARGE, _opinion("2025-09-01"), _aim()),
    case("R-091", "an opinion after the charge", True, CHARGE, _aim(), _opinion("2025-09-20")),
    case("R-091", "an opinion by then", False, CHARGE, _aim(), _opinion("2025-09-10")),
    case("R-091", "not decided on", False, CHARGE),
    case("R-091", "decided against", False, CHARGE, _aim(), _aim("no", day="2025-09-05")),
    case("R-091", "another tool", False, CHARGE, _aim(tool="psychology")),
    case("R-091", "decided on after the charge", False, CHARGE, _aim(day="2025-09-20")),
    case(
        "R-091", "no charge", False,
        fact("criminal-outcome-recorded", {"outcome": "nfa-evidence"}, POLICE), _aim(),
    ),
]  # fmt: skip
