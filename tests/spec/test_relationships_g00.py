"""Each row of G.00: who grants, what it makes of whom, and when it ends."""

from __future__ import annotations

import pytest

from tests.spec.relationship_folds import N_CSC, S_CSC, Story, at

NOW, SOON = "2025-09-10 12:00", "2025-09-20 12:00"
SCHOOL, POLICE, HEALTH = "education.s-birch", "police.s-police", "health.s-gp"
YOS, HOME = "youth-justice.s-yos", "other.s-home"
WORKER, COLLEAGUE = f"{S_CSC}/sw-1", f"{S_CSC}/sw-2"
DSL, DEPUTY = f"{SCHOOL}/dsl-1", f"{SCHOOL}/dsl-2"


def begun() -> Story:
    story = Story()
    story.opened(schools=[SCHOOL])
    story.post("2025-09-01 10:00", S_CSC, "social-worker-allocated", kind="allocated", worker=WORKER)
    return story


# Cover --------------------------------------------------------------------------------------------------


def covered(by: str = S_CSC, roles: tuple[str, ...] = ("team-manager",), **data: object) -> Story:
    story = begun()
    whole = {"organisation": S_CSC, "person": COLLEAGUE, "covers": WORKER, "until": "2025-09-12"} | data
    given = {name: value for name, value in whole.items() if value is not None}
    story.post("2025-09-02 09:00", by, "relationship-recorded", roles=roles, kind="cover", **given)
    return story


@pytest.mark.req("H-16", "G.00", "D-24")
def test_cover_opens_exactly_what_the_covered_person_holds_until_its_end() -> None:
    story = covered()
    assert story.standing(COLLEAGUE, "social-worker", NOW).classes == {"own-worker"}
    assert story.standing(COLLEAGUE, "social-worker", NOW).relationships == ("cover",)
    assert story.standing(COLLEAGUE, "social-worker", "2025-09-12 23:59").classes == {"own-worker"}
    assert story.standing(COLLEAGUE, "social-worker", "2025-09-13 00:00").classes == set()
    assert story.standing(COLLEAGUE, "social-worker", "2025-09-02 08:59").classes == set()


@pytest.mark.req("H-16", "H-09", "G.00")
@pytest.mark.parametrize(
    ("changed", "role"),
    [
        pytest.param({"covers": None}, "social-worker", id="nobody-says-whose-place"),
        pytest.param({"until": None}, "social-worker", id="without-an-end"),
        pytest.param({"covers": f"{S_CSC}/sw-7"}, "social-worker", id="in-place-of-one-who-holds-nothing"),
        pytest.param({"covers": f"{N_CSC}/sw-1"}, "social-worker", id="in-place-of-another-organisations"),
        pytest.param({"covers": COLLEAGUE}, "social-worker", id="in-its-own-place"),
        pytest.param({}, "enquiry-social-worker", id="whose-role-does-not-fit"),
        pytest.param({"person": None}, "social-worker", id="for-nobody-by-name"),
        pytest.param({"from": "2025-09-11"}, "social-worker", id="not-yet-begun"),
    ],
)  # fmt: skip
def test_cover_that_opens_nothing(changed: dict[str, object], role: str) -> None:
    assert covered(**changed).standing(COLLEAGUE, role, NOW).classes == set()


@pytest.mark.req("H-16", "G.00")
def test_cover_ends_with_what_the_covered_person_holds() -> None:
    story = covered()
    story.post("2025-09-05 09:00", S_CSC, "social-worker-allocated", kind="allocated", worker=f"{S_CSC}/sw-3")
    assert story.standing(COLLEAGUE, "social-worker", "2025-09-04 09:00").classes == {"own-worker"}
    assert story.standing(COLLEAGUE, "social-worker", NOW).classes == set()
    ended = covered()
    ended.post(
        "2025-09-05 09:00", S_CSC, "relationship-ended", kind="cover", organisation=S_CSC, person=COLLEAGUE
    )
    assert ended.standing(COLLEAGUE, "social-worker", NOW).classes == set()


@pytest.mark.req("H-16", "G.00")
def test_cover_by_whom_it_may_be_given() -> None:
    """By the child's authority, or by a manager of the organisation itself: by nobody else."""
    police = {"organisation": POLICE, "person": f"{POLICE}/caiu-2", "covers": f"{POLICE}/caiu-1"}
    for by, roles, opens in (
        (S_CSC, (), True),
        (POLICE, ("team-manager",), True),
        (POLICE, ("police-officer",), False),
        (N_CSC, ("team-manager",), False),
    ):
        story = begun()
        story.post(
            "2025-09-01 11:00", S_CSC, "relationship-recorded", kind="enquiry", organisation=POLICE,
            person=f"{POLICE}/caiu-1",
        )  # fmt: skip
        cover = {"kind": "cover", "until": "2025-09-12", **police}
        story.post("2025-09-02 09:00", by, "relationship-recorded", roles=roles, **cover)
        classes = story.standing(f"{POLICE}/caiu-2", "police-officer", NOW).classes
        assert classes == ({"police"} if opens else set()), by


@pytest.mark.req("H-16", "G.00")
def test_nobody_covers_who_is_covering() -> None:
    story = covered()
    story.post(
        "2025-09-03 09:00", S_CSC, "relationship-recorded", kind="cover", organisation=S_CSC,
        person=f"{S_CSC}/sw-3", covers=COLLEAGUE, until="2025-09-12",
    )  # fmt: skip
    assert story.standing(f"{S_CSC}/sw-3", "social-worker", NOW).classes == set()


@pytest.mark.req("H-16", "D-25", "G.00")
def test_cover_of_an_invited_colleague_opens_that_meetings_papers_only() -> None:
    story = begun()
    seat = {"meeting": "M1", "decision": "invited", "organisation": HEALTH, "person": f"{HEALTH}/gp-1"}
    story.post("2025-09-02 09:00", S_CSC, "invitation-sent", **seat)
    story.post(
        "2025-09-03 09:00", S_CSC, "relationship-recorded", kind="cover", organisation=HEALTH,
        person=f"{HEALTH}/gp-2", covers=f"{HEALTH}/gp-1", until="2025-09-12",
    )  # fmt: skip
    stands = story.standing(f"{HEALTH}/gp-2", "general-practitioner", NOW)
    assert stands.classes == {"attendee"} and stands.meetings == {(S_CSC, "M1")}
    assert story.standing(f"{HEALTH}/gp-2", "general-practitioner", SOON).meetings == frozenset()


# Oversight ----------------------------------------------------------------------------------------------

IRO, NEXT_IRO = f"{S_CSC}/iro-1", f"{S_CSC}/iro-2"


def is_iro(story: Story, person: str, time: str = NOW) -> bool:
    return story.standing(person, "independent-reviewing-officer", time).classes == {"iro"}


@pytest.mark.req("R-071", "D-12", "G.00")
def test_reviewing_officer_is_who_was_appointed_last_and_until_its_end() -> None:
    story = begun()
    assert not is_iro(story, IRO)
    story.post(
        "2025-09-02 09:00", S_CSC, "named-contact-appointed", role="iro", person=IRO, until="2025-09-30"
    )
    assert is_iro(story, IRO) and not is_iro(story, NEXT_IRO) and not is_iro(story, IRO, "2025-10-01 00:00")
    assert story.standing(IRO, "social-worker", NOW).classes == set()
    story.post("2025-09-05 09:00", S_CSC, "named-contact-appointed", role="iro", person=NEXT_IRO)
    assert is_iro(story, NEXT_IRO) and not is_iro(story, IRO)


@pytest.mark.req("R-071", "G.00")
def test_a_notice_to_the_reviewing_officer_grants_while_none_is_appointed() -> None:
    story = begun()
    story.post("2025-09-02 09:00", S_CSC, "oversight-notified", target="iro")
    assert is_iro(story, IRO) and not is_iro(story, f"{N_CSC}/iro-1")
    story.post("2025-09-03 09:00", S_CSC, "named-contact-appointed", role="iro", person=NEXT_IRO)
    story.post("2025-09-04 09:00", S_CSC, "oversight-notified", target="iro")
    assert is_iro(story, NEXT_IRO) and not is_iro(story, IRO)
    other = begun()
    other.post("2025-09-02 09:00", S_CSC, "oversight-notified", target="safeguarding-unit")
    assert not is_iro(other, IRO)


@pytest.mark.req("G.00", "D-24", "H-09")
def test_a_chair_oversees_the_child_as_a_reviewing_officer_does_until_the_next_is_appointed() -> None:
    story = begun()
    story.post("2025-09-02 09:00", S_CSC, "named-contact-appointed", role="conference-chair", person=IRO)
    story.post("2025-09-02 09:10", S_CSC, "named-contact-appointed", role="lead-sw", person=f"{S_CSC}/sw-4")
    assert ("chair", IRO) in story.current(NOW)
    assert story.standing(IRO, "conference-chair", NOW).classes == {"iro"}
    assert story.standing(IRO, "conference-chair", "2025-09-02 08:59").classes == set()
    assert story.standing(IRO, "social-worker", NOW).classes == set()
    assert story.standing(f"{S_CSC}/sw-4", "social-worker", NOW).classes == set()
    story.post("2025-09-05 09:00", S_CSC, "named-contact-appointed", role="conference-chair", person=NEXT_IRO)
    assert story.standing(IRO, "conference-chair", NOW).classes == set()
    assert story.standing(NEXT_IRO, "conference-chair", NOW).classes == {"iro"}


# The strategic group ------------------------------------------------------------------------------------


def appointed(by: str, *members: tuple[str, str | None]) -> Story:
    story = begun()
    written = [
        {"organisation": organisation} | ({"person": f"{organisation}/{person}"} if person else {})
        for organisation, person in members
    ]
    story.post("2025-09-02 09:00", by, "strategic-management-group-appointed", members=written)
    return story


@pytest.mark.req("D-17", "D-51", "G.00")
def test_members_of_the_strategic_group_are_named_persons_on_the_childs_own_authoritys_word() -> None:
    members = ((POLICE, "lead-1"), (N_CSC, "tm-1"), (S_CSC, "tm-9"), (HEALTH, "lead-1"), (POLICE, None))
    story = appointed(S_CSC, *members)
    assert story.standing(f"{POLICE}/lead-1", "police-officer", NOW).classes == {"smg"}
    assert "smg" in story.standing(f"{S_CSC}/tm-9", "team-manager", NOW).classes
    for person, role in (
        (f"{N_CSC}/tm-1", "team-manager"),
        (f"{POLICE}/other-1", "police-officer"),
        (f"{HEALTH}/lead-1", "health-practitioner"),
    ):
        assert story.standing(person, role, NOW).classes == set()
    for by in (POLICE, N_CSC):
        assert appointed(by, *members).standing(f"{POLICE}/lead-1", "police-officer", NOW).classes == set()


@pytest.mark.req("D-17", "G.00")
def test_a_seat_in_the_group_ends_with_the_next_appointment_and_is_not_covered() -> None:
    story = appointed(S_CSC, (POLICE, "lead-1"))
    story.post(
        "2025-09-03 09:00", S_CSC, "relationship-recorded", kind="cover", organisation=POLICE,
        person=f"{POLICE}/lead-2", covers=f"{POLICE}/lead-1", until="2025-09-30",
    )  # fmt: skip
    assert story.standing(f"{POLICE}/lead-2", "police-officer", NOW).classes == set()
    story.post("2025-09-05 09:00", S_CSC, "strategic-management-group-appointed", members=[])
    assert story.standing(f"{POLICE}/lead-1", "police-officer", NOW).classes == set()


# Health, youth justice, papers --------------------------------------------------------------------------


@pytest.mark.req("G.00", "H-16")
def test_health_treats_a_child_once_its_authority_says_so_too() -> None:
    treated = {"kind": "treated", "organisation": HEALTH, "person": f"{HEALTH}/gp-1"}
    story = begun()
    said = story.post("2025-09-02 09:00", HEALTH, "relationship-recorded", **treated)
    assert story.standing(f"{HEALTH}/gp-1", "general-practitioner", NOW).classes == set()
    agreed = {"agrees_with": {"source": said.key.source, "id": said.key.id}, **treated}
    story.post("2025-09-03 09:00", N_CSC, "relationship-recorded", **agreed)
    assert story.standing(f"{HEALTH}/gp-1", "general-practitioner", NOW).classes == set()
    story.post("2025-09-04 09:00", S_CSC, "relationship-recorded", **agreed)
    assert story.standing(f"{HEALTH}/gp-1", "general-practitioner", NOW).classes == {"health"}
    assert story.standing(f"{HEALTH}/gp-1", "general-practitioner", "2025-09-03 12:00").classes == set()


def at_court(story: Story, *steps: str) -> bool:
    for number, step in enumerate(steps):
        time = f"2025-09-0{number + 2} 09:00"
        match step:
            case "harmed" | "been-harmed":
                role = "has-harmed" if step == "harmed" else "has-been-harmed"
                story.post(time, S_CSC, "incident-recorded", role=role, status="alleged")
            case "service" | "other-service":
                by = YOS if step == "service" else "youth-justice.n-yjs"
                story.post(time, by, "court-stage-recorded", stage="plea")
            case "police":
                story.post(time, POLICE, "court-stage-recorded", stage="bail")
            case "closed":
                story.post(time, S_CSC, "closure-decided", closes="case")
            case outcome:
                story.post(time, POLICE, "criminal-outcome-recorded", outcome=outcome)
    services = ("youth-justice.s-yos/yj-1", "youth-justice.n-yjs/yj-1")
    return any(story.standing(one, "youth-justice-worker", SOON).classes for one in services)


@pytest.mark.req("D-27", "G.00")
@pytest.mark.parametrize(
    ("steps", "supervised"),
    [
        (("harmed", "service"), False),
        (("harmed", "police"), False),
        (("harmed", "service", "police"), True),
        (("harmed", "police", "service"), True),
        (("harmed", "prosecution-youth-court", "service"), True),
        (("harmed", "nfa-evidence", "service"), False),
        (("harmed", "other-service", "police"), False),
        (("been-harmed", "service", "police"), False),
        (("service", "police"), False),
        (("harmed", "service", "police", "closed"), False),
    ],
)
def test_supervision_by_proceedings_needs_the_word_of_police(
    steps: tuple[str, ...], supervised: bool
) -> None:
    assert at_court(begun(), *steps) is supervised


@pytest.mark.req("D-27")
@pytest.mark.parametrize("invited", [True, False])
def test_supervision_ends_with_the_case_and_not_with_a_plan(invited: bool) -> None:
    for closes, stays in (("plan", True), ("case", False)):
        story = begun()
        story.post("2025-09-02 09:00", S_CSC, "incident-recorded", role="has-harmed", status="alleged")
        if invited:
            story.post(
                "2025-09-02 10:00",
                S_CSC,
                "invitation-sent",
                meeting="M1",
                decision="invited",
                organisation=YOS,
            )
        else:
            story.post(
                "2025-09-02 10:00", S_CSC, "relationship-recorded", kind="supervised", organisation=YOS
            )
        story.post("2025-09-03 10:00", N_CSC, "closure-decided", closes="case")
        story.post("2025-09-03 11:00", S_CSC, "closure-decided", closes=closes)
        assert (("supervised", YOS) in story.current(NOW)) is stays


@pytest.mark.req("D-25", "D-28", "H-16", "G.00")
def test_what_is_limited_to_papers_opens_a_meetings_papers_and_no_more() -> None:
    story = begun()
    limited = {"kind": "treated", "organisation": HEALTH, "person": f"{HEALTH}/gp-1", "papers": ["M1"]}
    story.post("2025-09-02 09:00", S_CSC, "relationship-recorded", **limited)
    stands = story.standing(f"{HEALTH}/gp-1", "general-practitioner", NOW)
    assert stands.classes == {"attendee"} and stands.meetings == {(S_CSC, "M1")}
    story.post(
        "2025-09-02 10:00", S_CSC, "relationship-recorded", kind="enquiry", organisation=POLICE,
        person=f"{POLICE}/caiu-2", papers=["M1"],
    )  # fmt: skip
    assert story.standing(f"{POLICE}/caiu-2", "police-officer", NOW).classes == set()


@pytest.mark.req("D-25", "G.00")
def test_attendance_of_a_conference_ends_28_days_after_it() -> None:
    story = begun()
    present = [{"organisation": HEALTH, "person": f"{HEALTH}/gp-1"}]
    story.post("2025-09-02 09:00", S_CSC, "conference-held", kind="icpc", meeting="CP1", attendance=present)
    stands = story.standing(f"{HEALTH}/gp-1", "general-practitioner", "2025-09-30 23:59")
    assert stands.classes == {"attendee"} and stands.meetings == {(S_CSC, "CP1")}
    assert story.standing(f"{HEALTH}/gp-1", "general-practitioner", "2025-10-01 00:00").classes == set()


RECORDED = ("enrolled", "treated", "supervised", "placed", "carer", "enquiry", "group-member")

# Nobody lets itself in ----------------------------------------------------------------------------------


@pytest.mark.req("G.00", "H-16")
@pytest.mark.parametrize("by", [N_CSC, SCHOOL, POLICE, HEALTH, YOS, HOME, "social-care.s-early-help"])
def test_no_post_by_an_organisation_without_authority_grants_anybody_anything(by: str) -> None:
    """Every shape of grant, said by each of them, for themselves and for others."""
    story = begun()
    story.post("2025-09-01 11:00", S_CSC, "incident-recorded", role="has-harmed", status="alleged")
    before = story.grants
    for number, holder in enumerate((by, POLICE, HEALTH, N_CSC, YOS)):
        person, hour = f"{holder}/p-1", f"2025-09-02 {9 + number:02d}"
        present = [{"organisation": holder}]
        for minute, (type_, data) in enumerate(
            [
                ("child-stream-opened", {"responsible_authority": by, "schools": [SCHOOL, by]}),
                ("social-worker-allocated", {"kind": "allocated", "worker": person}),
                ("social-worker-allocated", {"kind": "enquiry", "worker": person}),
                *(
                    ("relationship-recorded", {"kind": kind, "organisation": holder, "person": person})
                    for kind in RECORDED
                ),
                ("relationship-recorded", {"kind": "cover", "organisation": holder, "person": person,
                                           "covers": f"{holder}/p-2", "until": "2025-12-01"}),
                ("named-contact-appointed", {"role": "iro", "person": person}),
                ("named-contact-appointed", {"role": "conference-chair", "person": person}),
                ("oversight-notified", {"target": "iro"}),
                ("strategic-management-group-appointed",
                 {"members": [{"organisation": holder, "person": person}]}),
                ("invitation-sent", {"meeting": "M1", "decision": "invited", "organisation": holder}),
                ("meeting-held", {"meeting": "M1", "kind": "hsb", "attendance": present}),
                ("conference-held", {"meeting": "M2", "kind": "icpc", "attendance": present}),
                ("child-moved-area", {"step": "notified", "from_authority": S_CSC, "to_authority": holder}),
                ("child-moved-area", {"step": "acknowledged", "from_authority": S_CSC, "to_authority": by}),
                ("responsible-authority-recorded", {"home_authority": holder}),
                ("section-47-enquiry-initiated", {"threshold": "significant-harm-suspected"}),
                ("closure-decided", {"closes": "plan"}),
            ]
        ):  # fmt: skip
            story.post(f"{hour}:{minute:02d}", by, type_, **data)
    assert story.grants == before
    assert story.folded.authority == S_CSC
    assert {one.current(at(SOON)) for one in story.grants if one.kind == "enrolled"} == {True}
