"""The truth tables of the gates on meetings, workers, interviews, records, transfer, closure and sharing."""

from __future__ import annotations

from datetime import date

from tests.spec.gate_rows import (
    CHILD,
    COLLEAGUE,
    DARLINGTON,
    LLR,
    Row,
    asked,
    incident,
    known,
    rows,
)
from tests.spec.judging import MANAGER
from tests.spec.posts import ELM, OAK, POLICE, YOS, N, S, material, post

UNDER_10, IS_10 = date(2015, 9, 11), date(2015, 9, 10)

#


def convened(kind="strategy", by=S, meeting="M1"):
    return post("mc", "2025-09-15 09:00", by, CHILD, "meeting-convened", {"kind": kind, "meeting": meeting})


def leave_out(organisation=YOS, by=S, meeting="M1", **data):
    given = {"meeting": meeting, "organisation": organisation, "decision": "not-invited", **data}
    return asked("invitation-sent", given, by)


OPENED = post(
    "o", "2025-09-01 09:00", S, CHILD, "child-stream-opened", {"responsible_authority": S, "schools": [ELM]}
)
INVITED = {"meeting": "M1", "decision": "invited"}
INVITATIONS = [
    *rows(
        "RIGHT-ROOM",
        "invitation-sent",
        [
            ("own school", False, {**INVITED, "organisation": ELM}),
            ("another school", True, {**INVITED, "organisation": OAK}),
            ("the police", False, {**INVITED, "organisation": POLICE}),
        ],
        fold=known(OPENED),
    ),
    *rows(
        "NOT-INVITED-REASON",
        "invitation-sent",
        [
            ("left out, no reason", True, {"meeting": "M1", "organisation": YOS, "decision": "not-invited"}),
            (
                "left out with reason",
                False,
                {"meeting": "M1", "organisation": YOS, "decision": "not-invited", "reason": "r"},
            ),
            ("invited", False, {**INVITED, "organisation": YOS}),
        ],
    ),
    *[
        Row("ALWAYS-INVITED", name, refused, posted, fold, profile)
        for name, refused, posted, fold, profile in [
            ("strategy", True, leave_out(), known(convened()), DARLINGTON),
            ("follow-up", True, leave_out(), known(convened("followup-strategy")), DARLINGTON),
            ("with a reason", True, leave_out(reason="r"), known(convened()), DARLINGTON),
            ("where it is considered", False, leave_out(), known(convened()), LLR),
            ("meeting about behaviour", False, leave_out(), known(convened("hsb")), DARLINGTON),
            ("another meeting", False, leave_out(meeting="M2"), known(convened()), DARLINGTON),
            ("somebody else", False, leave_out(OAK), known(convened()), DARLINGTON),
            (
                "child who has been harmed",
                False,
                leave_out(),
                known(convened(), incident("has-been-harmed")),
                DARLINGTON,
            ),
            (
                "child who is both",
                True,
                leave_out(),
                known(convened(), incident("has-been-harmed"), incident()),
                DARLINGTON,
            ),
            (
                "convened by another authority",
                True,
                leave_out(by=N),
                known(convened(by=N), incident("has-been-harmed")),
                DARLINGTON,
            ),
            ("a meeting that somebody else convened", False, leave_out(by=N), known(convened()), DARLINGTON),
            (
                "invited",
                False,
                asked("invitation-sent", {**INVITED, "organisation": YOS}),
                known(convened()),
                DARLINGTON,
            ),
        ]
    ],
]


def chaired(by=S, kind="strategy", **data):
    return asked("meeting-convened", {"kind": kind, "meeting": "M1", **data}, by)


LINKED_HARMED = (
    post("o-d", "2025-09-01 09:00", N, "d", "child-stream-opened", {"responsible_authority": N}),
    post(
        "i-d",
        "2025-09-12 15:25",
        N,
        "d",
        "incident-recorded",
        {"role": "has-been-harmed", "status": "alleged"},
    ),
)
LINKED_HAS_HARMED = (
    LINKED_HARMED[0],
    post("i-d", "2025-09-12 15:25", N, "d", "incident-recorded", {"role": "has-harmed", "status": "alleged"}),
)
REFERRED_BY_N = post("rn", "2025-09-12 16:20", N, CHILD, "referral-made", {"target": "csc", "to": S})
HAS_HARMED = known(incident(), REFERRED_BY_N, linked={"d": LINKED_HARMED})
HARMED = known(incident("has-been-harmed"), REFERRED_BY_N, linked={"d": LINKED_HAS_HARMED})
CHAIRS = [
    Row("CHAIR", name, refused, posted, fold, profile)
    for name, refused, posted, fold, profile in [
        ("harmed: own chair", False, chaired(chair_authority=S), HARMED, DARLINGTON),
        ("harmed: other chair", True, chaired(chair_authority=N), HARMED, DARLINGTON),
        (
            "harmed: other chair, reason",
            False,
            chaired(chair_authority=N, chair_reason="r"),
            HARMED,
            DARLINGTON,
        ),
        ("harmed: chair not named", False, chaired(), HARMED, DARLINGTON),
        ("harmed: not a strategy meeting", False, chaired(kind="hsb", chair_authority=N), HARMED, DARLINGTON),
        ("has harmed: own chair", True, chaired(chair_authority=S), HAS_HARMED, DARLINGTON),
        (
            "has harmed: chair of the harmed child's authority",
            False,
            chaired(chair_authority=N),
            HAS_HARMED,
            DARLINGTON,
        ),
        (
            "has harmed: the other authority has posted nothing here",
            False,
            chaired(chair_authority=S),
            known(incident(), linked={"d": LINKED_HARMED}),
            DARLINGTON,
        ),
        ("each its own: own chair", False, chaired(chair_authority=S), HAS_HARMED, LLR),
        ("each its own: other chair", True, chaired(chair_authority=N), HAS_HARMED, LLR),
        (
            "another authority is not told whose child it is",
            False,
            chaired(N, chair_authority=N),
            HARMED,
            DARLINGTON,
        ),
    ]
]

#

OF_LINKED = (
    post(
        "w",
        "2025-09-10 09:00",
        N,
        "d",
        "social-worker-allocated",
        {"kind": "allocated", "worker": f"{N}/sw-n1"},
    ),
)
SAME = {"kind": "allocated", "worker": f"{N}/sw-n1"}
WORKERS = [
    Row(
        "DIFFERENT-WORKER",
        name,
        refused,
        asked("social-worker-allocated", data, by),
        known(linked={"d": OF_LINKED}),
    )
    for name, refused, data, by in [
        ("the linked child's worker", True, SAME, S),
        ("another worker", False, {**SAME, "worker": COLLEAGUE}, S),
        ("an enquiry worker", False, {**SAME, "kind": "enquiry"}, S),
        ("another authority is not told whose worker it is", False, SAME, "social-care.x-csc"),
    ]
]

#

CRIMINAL = [
    Row("UNDER-10", f"{type}, {age}", refused, asked(type, data, by), known(incident(), date_of_birth=born))
    for type, data, by in [
        ("criminal-investigation-decided", {"decision": "investigate"}, POLICE),
        ("interview-planned", {"method": "pace"}, POLICE),
        ("interview-planned", {"method": "abe", "order": ["abe", "pace"]}, POLICE),
        ("mappa-decision-recorded", {"criteria_met": "yes"}, POLICE),
        ("mappa-decision-recorded", {"criteria_met": "no", "decision": "refer"}, POLICE),
        ("disposal-proposed", {"disposal": "referral-order"}, YOS),
    ]
    for age, born, refused in [("9y364d", UNDER_10, True), ("10y0d", IS_10, False), ("unknown", None, False)]
] + [
    Row("UNDER-10", name, refused, asked(type, data, by), known(*entries, date_of_birth=date(2017, 1, 1)))
    for name, refused, type, data, by, entries in [
        (
            "not investigated",
            False,
            "criminal-investigation-decided",
            {"decision": "not-investigate"},
            POLICE,
            [incident()],
        ),
        (
            "what was done to the child is investigated",
            False,
            "criminal-investigation-decided",
            {"decision": "investigate"},
            POLICE,
            [incident("has-been-harmed")],
        ),
        (
            "but it is not interviewed as having harmed",
            True,
            "interview-planned",
            {"method": "pace"},
            POLICE,
            [incident("has-been-harmed")],
        ),
        (
            "criteria not met",
            False,
            "mappa-decision-recorded",
            {"criteria_met": "no", "decision": "none"},
            POLICE,
            [incident()],
        ),
    ]
]

#


def planned(by=S, **data):
    return asked("interview-planned", {"method": "social-worker", **data}, by)


def considered(outcome, by=S):
    return post("vc", "2025-09-13 09:00", by, CHILD, "victimisation-considered", {"outcome": outcome})


EARLIER = post("ip", "2025-09-14 09:00", S, CHILD, "interview-planned", {"method": "abe"})
SUSPECTED = known(considered("suspected"), EARLIER)
SETTLED = {"decided_at_meeting": "M1", "reason": "own experience first"}
INTERVIEWS = [
    Row("POLICE-AGREEMENT", name, refused, posted, fold)
    for name, refused, posted, fold in [
        ("no agreement", True, planned(), known(incident())),
        ("nothing known", True, planned(), known()),
        ("agreed by the police", False, planned(police_agreed_by=f"{POLICE}/caiu-1"), known(incident())),
        ("agreed by somebody else", True, planned(police_agreed_by=COLLEAGUE), known(incident())),
        ("planned by the police", False, planned(POLICE), known(incident())),
        ("child who has been harmed", False, planned(), known(incident("has-been-harmed"))),
        ("9y364d", False, planned(), known(incident(), date_of_birth=UNDER_10)),
        ("10y0d", True, planned(), known(incident(), date_of_birth=IS_10)),
        ("another authority is not told an age", True, planned(N), known(incident(), date_of_birth=UNDER_10)),
        ("another method", False, planned(method="abe"), known(incident())),
    ]
] + [
    Row("INTERVIEW-ORDER", name, refused, posted, fold)
    for name, refused, posted, fold in [
        ("a second interview, undecided", True, planned(), SUSPECTED),
        (
            "several at once, undecided",
            True,
            planned(order=["abe", "pace"]),
            known(considered("established")),
        ),
        ("decided at a meeting with reason", False, planned(**SETTLED), SUSPECTED),
        ("a meeting without a reason", True, planned(decided_at_meeting="M1"), SUSPECTED),
        ("one interview only", False, planned(), known(considered("suspected"))),
        ("own harm discounted", False, planned(order=["abe", "pace"]), known(considered("discounted"))),
        ("never considered", False, planned(order=["abe", "pace"]), known(EARLIER)),
        (
            "the police are not told what they did not record",
            False,
            planned(POLICE, order=["abe", "pace"]),
            known(considered("suspected")),
        ),
        (
            "the police who recorded it",
            True,
            planned(POLICE, order=["abe", "pace"]),
            known(considered("suspected", POLICE)),
        ),
    ]
]

#


def answered(by=ELM, about=None):
    return asked("records-access-decided", {"decision": "granted"}, by, about=about)


def request(holder=ELM, id="rq"):
    return post(
        id,
        "2025-09-14 09:00",
        POLICE,
        CHILD,
        "records-access-requested",
        {"holder": holder, "scope": "education"},
    )


RECORDS = [
    Row("RECORDS-HOLDER", name, refused, posted, fold)
    for name, refused, posted, fold in [
        ("asked", False, answered(), known(request())),
        ("asked and named", False, answered(about="rq"), known(request())),
        ("nobody asked", True, answered(), known()),
        ("another was asked", True, answered(), known(request(OAK))),
        ("names a request to another", True, answered(about="rq"), known(request(OAK), request(ELM, "rq2"))),
        ("names what is no request", True, answered(about="x"), known(request())),
        ("the authority for the school", True, answered(S), known(request())),
    ]
]

#

DOWN = {"target": "building-stronger-families", "rationale": "r", "manager": MANAGER, "meeting": "M3"}


def without(data, *names):
    return {name: value for name, value in data.items() if name not in names}


TRANSFER = [
    row
    for part in ("rationale", "manager", "meeting")
    for row in (
        *rows(
            f"TRANSFER-{part.upper()}",
            "case-transfer-decided",
            [
                ("missing", True, without(DOWN, part)),
                ("there", False, DOWN),
                (
                    "missing, to universal services",
                    True,
                    {**without(DOWN, part), "target": "universal-services"},
                ),
                ("another authority takes over", False, {"target": "other-authority"}),
            ],
            profile=DARLINGTON,
        ),
        *rows(
            f"TRANSFER-{part.upper()}",
            "case-transfer-decided",
            [
                ("not asked by this profile", False, {"target": "early-help"}),
            ],
        ),
    )
] + [
    *rows(
        "TRANSFER-MANAGER",
        "case-transfer-decided",
        [
            ("the author", True, {**DOWN, "manager": f"{S}/sw-s1"}),
            ("of another organisation", True, {**DOWN, "manager": f"{N}/tm-1"}),
            ("a colleague who is no manager", True, {**DOWN, "manager": COLLEAGUE}),
        ],
        profile=DARLINGTON,
    ),
    *rows(
        "TRANSFER-TARGET",
        "case-transfer-decided",
        [
            ("universal services", True, {**DOWN, "target": "universal-services"}),
            ("the service it names", False, DOWN),
            ("another authority", False, {"target": "other-authority"}),
        ],
        profile=DARLINGTON,
    ),
]

FACTORS = {"risk": "r", "outcomes": "o", "carers_capacity": "c", "ongoing_support": "s"}
FIRST = {"source": f"urn:safeguarding:org:{S}", "id": "0123456789ABCDEF"}
CLOSED = {
    "closes": "plan",
    "rationale": "r",
    "factors": FACTORS,
    "monitoring": {"service": "school nurse", "consent": "yes"},
}
CLOSURE = [
    *(
        Row(
            "CLOSURE-SIGNATORY",
            name,
            refused,
            asked("closure-decided", {**CLOSED, **signs}, by),
            partners=frozenset({ELM, YOS}),
        )
        for name, refused, by, signs in [
            ("the child's own authority", False, S, {}),
            ("a school that works with the child", False, ELM, {}),
            ("youth justice signs second", False, YOS, {"agrees_with": FIRST}),
            ("a school that does not", True, OAK, {}),
            ("another authority signs second", True, N, {"agrees_with": FIRST}),
        ]
    ),
    Row(
        "CLOSURE-SIGNATORY",
        "nobody knows the child",
        True,
        asked("closure-decided", CLOSED),
        material(CHILD, []),
    ),
    *rows(
        "CLOSURE-RATIONALE",
        "closure-decided",
        [
            ("missing", True, without(CLOSED, "rationale")),
            ("there", False, CLOSED),
        ],
        fold=known(post("scr", "2025-09-12 16:00", S, CHILD, "behaviour-screened", {"colour": "green"})),
    ),
    *rows(
        "CLOSURE-FACTORS",
        "closure-decided",
        [
            ("none", True, without(CLOSED, "factors")),
            *((f"{one} missing", True, {**CLOSED, "factors": without(FACTORS, one)}) for one in FACTORS),
            *((f"{one} blank", True, {**CLOSED, "factors": {**FACTORS, one: " "}}) for one in FACTORS),
            ("all four", False, CLOSED),
        ],
    ),
    *rows(
        "CLOSURE-MONITORING",
        "closure-decided",
        [
            ("neither", True, without(CLOSED, "monitoring")),
            ("monitoring", False, CLOSED),
            ("no service named", True, {**CLOSED, "monitoring": {"consent": "no"}}),
            (
                "a reason",
                False,
                {**without(CLOSED, "monitoring"), "monitoring_reason": "the family declines"},
            ),
        ],
    ),
]

# H-13

DECLINED = {
    "recipient": "a club",
    "what": "the incident",
    "basis": "judgement",
    "reason": "not needed to keep anybody safe",
    "approver": COLLEAGUE,
    "review_date": "2025-12-01",
}
SHARING = [
    *rows(
        "SHARING-GROUND",
        "sharing-declined",
        [
            ("judgement without reason", True, without(DECLINED, "reason")),
            ("judgement with reason", False, DECLINED),
            ("rule not named", True, {**DECLINED, "basis": "rule"}),
            ("rule named", False, {**without(DECLINED, "reason"), "basis": "rule", "rule": "D-07"}),
        ],
    ),
    *rows(
        "SHARING-APPROVER",
        "sharing-declined",
        [
            ("nobody", True, without(DECLINED, "approver")),
            ("the author", True, {**DECLINED, "approver": f"{S}/sw-s1"}),
            ("of another organisation", True, {**DECLINED, "approver": f"{ELM}/dsl-1"}),
            ("a colleague", False, DECLINED),
        ],
    ),
    *rows(
        "SHARING-REVIEW",
        "sharing-declined",
        [
            ("no day", True, without(DECLINED, "review_date")),
            ("yesterday", True, {**DECLINED, "review_date": "2025-11-19"}),
            ("today", False, {**DECLINED, "review_date": "2025-11-20"}),
            ("later", False, DECLINED),
        ],
    ),
]
