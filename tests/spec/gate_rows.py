"""The truth tables of the gates: per gate the decisions that it refuses and those that it lets pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from hub.pathway.entries import Entry, Material
from tests.spec.judging import MANAGER, decision
from tests.spec.posts import ELM, POLICE, YOS, N, S, material, post

LLR, DARLINGTON = "llr-2024", "darlington-2025"
COLLEAGUE = f"{S}/sw-s2"
CHILD = "c"


@dataclass(frozen=True, slots=True)
class Row:
    """One decision before one gate; `ids` are the requirements that the row rests on."""

    gate: str
    name: str
    refused: bool
    posted: Entry
    fold: Material = field(default_factory=lambda: material(CHILD, [], authority=S))
    profile: str = LLR
    partners: frozenset[str] = frozenset()


def asked(type, data, by=S, **more):
    """A decision about the child by somebody of this organisation."""
    return decision(type, data, CHILD, by, author=f"{by}/sw-s1", **more)


def rows(gate, type, cases, fold=None, profile=LLR, by=S):
    """Rows of one gate over the data of one type."""
    whole = fold or material(CHILD, [], authority=S)
    return [Row(gate, name, refused, asked(type, data, by), whole, profile) for name, refused, data in cases]


#

ACTIONS = rows(
    "ACTION-OWNER",
    "action-assigned",
    [
        ("no agency", True, {"action": "a1", "person": COLLEAGUE}),
        ("an agency", False, {"action": "a1", "organisation": ELM}),
        ("an agency and its person", False, {"action": "a1", "organisation": S, "person": COLLEAGUE}),
        ("a person of another agency", True, {"action": "a1", "organisation": ELM, "person": COLLEAGUE}),
    ],
)

#

REASONS = [
    *rows(
        "OUTCOME-REASONS",
        "referral-outcome-decided",
        [
            ("none without reasons", True, {"outcome": "none"}),
            ("assessment without reasons", True, {"outcome": "assessment", "reasons": " "}),
            ("early help with reasons", False, {"outcome": "early-help", "reasons": "r"}),
            ("a strategy meeting is not held up", False, {"outcome": "strategy"}),
        ],
    ),
    *rows(
        "SCOPE-REASON",
        "scope-decision-recorded",
        [
            ("no reason", True, {"decision": "out-experimental"}),
            ("in scope, no reason", True, {"decision": "in-scope"}),
            ("a reason", False, {"decision": "out-adult-involved", "reason": "r"}),
        ],
    ),
    *rows(
        "SPECIALIST-REASON",
        "specialist-assessment-decided",
        [
            ("no, no reason", True, {"decision": "no"}),
            ("no, with reason", False, {"decision": "no", "reason": "r"}),
            ("yes", False, {"decision": "yes"}),
        ],
    ),
    *rows(
        "PLAN-INVOLVEMENT",
        "plan-started",
        [
            ("neither", True, {"kind": "cin"}),
            ("involvement", False, {"kind": "cin", "involvement": "the child and both parents"}),
            ("a reason", False, {"kind": "cp", "involvement_reason": "the parents could not be reached"}),
        ],
    ),
    *rows(
        "PLAN-ONE-RESPONSIBLE",
        "risk-management-plan-recorded",
        [
            ("nobody named", False, {"responsible_organisation": S}),
            ("of the agency", False, {"responsible_organisation": S, "responsible_person": COLLEAGUE}),
            ("of another", True, {"responsible_organisation": YOS, "responsible_person": COLLEAGUE}),
        ],
    ),
    *rows(
        "PUBLIC-PROTECTION-REASON",
        "mappa-decision-recorded",
        [
            ("no reason", True, {"criteria_met": "no"}),
            ("a reason", False, {"criteria_met": "no", "reason": "r"}),
        ],
        by=POLICE,
    ),
    *rows(
        "SEPARATE-MEETINGS",
        "separate-meetings-decided",
        [
            ("no, no reason", True, {"separate": False}),
            ("no, with reason", False, {"separate": False, "reason": "r"}),
            ("yes", False, {"separate": True}),
        ],
    ),
]

PARTS = {"accountability": "a", "needs": "n", "protection": "p", "future_risk": "f"}
PLAN_PARTS = [
    row
    for part in PARTS
    for row in rows(
        f"PLAN-PART-{part.replace('_', '-').upper()}",
        "risk-management-plan-recorded",
        [
            (f"{part} missing", True, {"parts": {one: "x" for one in PARTS if one != part}}),
            (f"{part} blank", True, {"parts": {**PARTS, part: " "}}),
            (f"{part} written", False, {"parts": PARTS}),
        ],
    )
]


def known(*entries, **more):
    return material(CHILD, entries, authority=S, **more)


def incident(role="has-harmed", day="2025-09-10", by=S, **data):
    return post(
        f"i-{role}-{day}",
        "2025-09-12 15:25",
        by,
        CHILD,
        "incident-recorded",
        {"role": role, "status": "alleged", **data},
        happened=day,
        precision="day",
    )


CONCLUDED = post(
    "s47", "2025-09-14 11:00", S, CHILD, "section-47-enquiry-concluded", {"continuing_risk": True}
)
NOT_HELD = {"decision": "not-held", "rationale": "r", "manager": MANAGER}
CONFERENCE = [
    Row(
        "CONFERENCE-AT-RISK",
        "harmed, at risk",
        True,
        asked("conference-decided", NOT_HELD),
        known(incident("has-been-harmed"), CONCLUDED),
    ),
    Row(
        "CONFERENCE-AT-RISK",
        "harmed, held",
        False,
        asked("conference-decided", {"decision": "held"}),
        known(incident("has-been-harmed"), CONCLUDED),
    ),
    Row(
        "CONFERENCE-AT-RISK",
        "has harmed only",
        False,
        asked("conference-decided", NOT_HELD),
        known(incident(), CONCLUDED),
    ),
    Row(
        "CONFERENCE-AT-RISK",
        "told to the child's own authority only",
        False,
        asked("conference-decided", NOT_HELD, N),
        known(incident("has-been-harmed"), CONCLUDED),
    ),
    *rows(
        "CONFERENCE-RATIONALE",
        "conference-decided",
        [
            ("not held, no rationale", True, {"decision": "not-held"}),
            ("not held, rationale", False, NOT_HELD),
            ("held", False, {"decision": "held"}),
        ],
    ),
    *rows(
        "CONFERENCE-MANAGER",
        "conference-decided",
        [
            ("no manager", True, {"decision": "not-held", "rationale": "r"}),
            ("the author", True, {**NOT_HELD, "manager": f"{S}/sw-s1"}),
            ("a manager", False, NOT_HELD),
        ],
        profile=DARLINGTON,
    ),
    *rows(
        "CONFERENCE-MANAGER",
        "conference-decided",
        [
            ("not asked by this profile", False, {"decision": "not-held", "rationale": "r"}),
        ],
    ),
]

#

NOTHING = {
    "about_what": "referral",
    "reasons": "r",
    "deciding_agencies": [S],
    "about": {"source": "urn:test", "id": "ref"},
}


def nothing(by=S, **changes):
    data = {name: value for name, value in {**NOTHING, **changes}.items() if value is not None}
    return asked("no-further-action-decided", data, by, about="ref" if "about" in data else None)


def screened(colour, by=S):
    return post(
        "scr", "2025-09-12 16:00", by, CHILD, "behaviour-screened", {"tool": "brook", "colour": colour}
    )


def level(by=S, **data):
    given = {"scale": "hackett-5", "level": "abusive", **data}
    return post("lvl", "2025-09-12 16:00", by, CHILD, "behaviour-level-assessed", given)


REFERRED = post("ref", "2025-09-12 16:20", ELM, CHILD, "referral-made", {"target": "csc", "to": S})
TO_ADULTS = post(
    "ref2", "2025-09-12 16:20", ELM, CHILD, "referral-made", {"target": "adult-social-care", "to": S}
)
UNDER_13, IS_13 = date(2012, 9, 11), date(2012, 9, 10)

NO_ACTION = [
    Row("NO-ACTION-REASONS", "no reasons", True, nothing(reasons=None)),
    Row("NO-ACTION-REASONS", "blank reasons", True, nothing(reasons="  ")),
    Row("NO-ACTION-REASONS", "reasons", False, nothing()),
    Row("NO-ACTION-ABOUT", "about nothing", True, nothing(about=None)),
    Row("NO-ACTION-ABOUT", "about the referral", False, nothing()),
    Row("NO-ACTION-ABOUT", "by the id it was given", False, nothing(about=None, entry_id="e1")),
    Row("NO-ACTION-AGENCIES", "nobody decided", True, nothing(deciding_agencies=None)),
    Row("NO-ACTION-AGENCIES", "an empty list", True, nothing(deciding_agencies=[])),
    Row("NO-ACTION-AGENCIES", "two agencies", False, nothing(deciding_agencies=[S, POLICE])),
    *[
        Row("NO-ACTION-APPROVER", f"{name}, {who}", refused, nothing(approver=approver), known(concern))
        for name, concern in [
            ("red", screened("red")),
            ("amber", screened("amber")),
            ("orange", screened("orange")),
            ("power", level(power="yes")),
            ("exploitation", level(exploitation="yes")),
            ("no consent", level(consent="no")),
            ("an indicator of force", level(indicators=["hackett-abusive-coercion-or-force"])),
            ("alleged coercion", incident(coercion="alleged")),
        ]
        for who, approver, refused in [
            ("no approver", None, True),
            ("the author itself", f"{S}/sw-s1", True),
            ("a stranger", f"{N}/sw-s9", True),
            ("a colleague", COLLEAGUE, False),
        ]
    ],
    *[
        Row("NO-ACTION-APPROVER", name, False, nothing(), known(concern))
        for name, concern in [
            ("green", screened("green")),
            ("power unknown", level(power="unknown", consent="unknown")),
            ("coercion not established", incident(coercion="not-established")),
        ]
    ],
    Row(
        "NO-ACTION-APPROVER",
        "police are judged on what they posted",
        False,
        nothing(POLICE),
        known(screened("red")),
    ),
    Row(
        "NO-ACTION-APPROVER",
        "police who recorded coercion",
        True,
        nothing(POLICE),
        known(incident(coercion="alleged", by=POLICE)),
    ),
    Row(
        "NO-ACTION-UNDER-AGE",
        "12y364d, not referred",
        True,
        nothing(),
        known(incident(), date_of_birth=UNDER_13),
    ),
    Row(
        "NO-ACTION-UNDER-AGE", "13y0d, not referred", False, nothing(), known(incident(), date_of_birth=IS_13)
    ),
    Row(
        "NO-ACTION-UNDER-AGE",
        "12y364d, referred",
        False,
        nothing(),
        known(incident(), REFERRED, date_of_birth=UNDER_13),
    ),
    Row(
        "NO-ACTION-UNDER-AGE",
        "12y364d, referred elsewhere",
        True,
        nothing(),
        known(incident(), TO_ADULTS, date_of_birth=UNDER_13),
    ),
    Row(
        "NO-ACTION-UNDER-AGE",
        "harmed at 12y364d",
        True,
        nothing(),
        known(incident("has-been-harmed"), date_of_birth=UNDER_13),
    ),
    Row("NO-ACTION-UNDER-AGE", "age not known", False, nothing(), known(incident())),
    Row(
        "NO-ACTION-UNDER-AGE",
        "another authority is not told an age",
        False,
        nothing(N),
        known(incident(), date_of_birth=UNDER_13),
    ),
    Row(
        "NO-ACTION-UNDER-AGE",
        "a linked child's age is asked for on its own record",
        False,
        nothing(),
        known(
            incident(),
            date_of_birth=IS_13,
            linked={
                "d": (
                    post(
                        "o-d",
                        "2025-09-01 09:00",
                        N,
                        "d",
                        "child-stream-opened",
                        {"date_of_birth": "2015-01-01"},
                    ),
                )
            },
        ),
    ),
]
