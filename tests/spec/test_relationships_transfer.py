"""A child moves to another authority only when that authority has acknowledged it (G.00, R-157)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.pathway.child import authority_of, enrolled
from hub.views.effect import taking_effect
from tests.spec.relationship_folds import N_CSC, S_CSC, X_CSC, Story, at

LATER = "2025-12-01 12:00"
SCHOOL, NEW_SCHOOL = "education.s-birch", "education.x-oak"
YOS, POLICE, HOME = "youth-justice.s-yos", "police.s-police", "other.s-home"
WORKER, MANAGER = f"{S_CSC}/sw-1", f"{S_CSC}/tm-1"


def begun() -> Story:
    """A child of S with a worker, a school, police, youth justice, a placement and a reviewing officer."""
    story = Story()
    story.opened(schools=[SCHOOL])
    story.post("2025-09-02 09:00", S_CSC, "incident-recorded", role="has-harmed", status="alleged")
    story.post("2025-09-02 10:00", S_CSC, "social-worker-allocated", kind="allocated", worker=WORKER)
    story.post(
        "2025-09-02 10:10", S_CSC, "relationship-recorded", kind="enquiry", organisation=POLICE,
        person=f"{POLICE}/caiu-1",
    )  # fmt: skip
    story.post("2025-09-02 10:20", S_CSC, "relationship-recorded", kind="placed", organisation=HOME)
    story.post("2025-09-02 10:30", S_CSC, "relationship-recorded", kind="supervised", organisation=YOS)
    story.post("2025-09-02 10:40", S_CSC, "named-contact-appointed", role="iro", person=f"{S_CSC}/iro-1")
    return story


def moved() -> Story:
    story = begun()
    story.moves("2025-10-01 09:00", S_CSC, "notified", S_CSC, X_CSC)
    story.moves("2025-10-02 09:00", X_CSC, "acknowledged", S_CSC, X_CSC)
    return story


def say(story: Story, *steps: tuple[str, ...]) -> Story:
    for day, (by, type_, *rest) in enumerate(steps, start=1):
        time = f"2025-10-{day:02d} 09:00"
        if type_ == "home":
            placing = {"placing_authority": rest[1]} if len(rest) > 1 else {}
            story.post(time, by, "responsible-authority-recorded", home_authority=rest[0], **placing)
        else:
            story.moves(time, by, type_, rest[0], rest[1])
    return story


SERVICE = "social-care.x-early-help"
S_TELLS = (S_CSC, "notified", S_CSC, X_CSC)
X_TAKES = (X_CSC, "acknowledged", S_CSC, X_CSC)


@pytest.mark.req("R-157", "G.00")
@pytest.mark.parametrize(
    ("steps", "responsible"),
    [
        pytest.param((S_TELLS,), S_CSC, id="R-157-told-and-not-acknowledged-stays"),
        pytest.param((S_TELLS, X_TAKES), X_CSC, id="R-157-told-and-acknowledged-moves"),
        pytest.param((X_TAKES,), S_CSC, id="G.00-acknowledged-without-being-told-changes-nothing"),
        pytest.param((X_TAKES, S_TELLS), S_CSC, id="R-157-an-acknowledgement-before-the-notice-is-none"),
        pytest.param(((X_CSC, "notified", S_CSC, X_CSC), X_TAKES), S_CSC, id="G.00-told-by-itself"),
        pytest.param((S_TELLS, (N_CSC, "acknowledged", S_CSC, N_CSC)), S_CSC, id="G.00-taken-by-another"),
        pytest.param((S_TELLS, (N_CSC, "acknowledged", S_CSC, X_CSC)), S_CSC, id="G.00-taken-for-another"),
        pytest.param((S_TELLS, (S_CSC, "acknowledged", S_CSC, X_CSC)), S_CSC, id="R-157-taken-by-the-old"),
        pytest.param((S_TELLS, (X_CSC, "acknowledged", N_CSC, X_CSC)), S_CSC, id="R-157-taken-from-another"),
        pytest.param(
            (S_TELLS, (S_CSC, "notified", S_CSC, N_CSC), X_TAKES), S_CSC, id="R-157-the-last-notice-counts"
        ),
        pytest.param((S_TELLS, (S_CSC, "home", S_CSC), X_TAKES), S_CSC, id="R-157-notice-taken-back"),
        pytest.param(((S_CSC, "home", X_CSC), X_TAKES), X_CSC, id="G.00-home-and-acknowledged-moves"),
        pytest.param(((S_CSC, "home", X_CSC),), S_CSC, id="R-157-home-recorded-alone-stays"),
        pytest.param(
            ((S_CSC, "notified", S_CSC, SERVICE), (SERVICE, "acknowledged", S_CSC, SERVICE)),
            S_CSC,
            id="R-157-a-service-is-no-authority",
        ),
        pytest.param(((S_CSC, "home", X_CSC, S_CSC), X_TAKES), S_CSC, id="R-066-placed-away-stays"),
        pytest.param(((X_CSC, "home", X_CSC), X_TAKES), S_CSC, id="G.00-home-claimed-by-another"),
        pytest.param((S_TELLS, X_TAKES, X_TAKES, S_TELLS), X_CSC, id="G.00-the-old-one-has-no-more-say"),
        pytest.param(
            (S_TELLS, X_TAKES, (S_CSC, "acknowledged", X_CSC, S_CSC)), X_CSC, id="G.00-not-taken-back-alone"
        ),
        pytest.param(
            (S_TELLS, X_TAKES, (X_CSC, "notified", X_CSC, S_CSC), (S_CSC, "acknowledged", X_CSC, S_CSC)),
            S_CSC, id="R-157-handed-back",
        ),
        pytest.param(
            (S_TELLS, X_TAKES, (X_CSC, "notified", X_CSC, S_CSC), (S_CSC, "acknowledged", X_CSC, S_CSC),
             X_TAKES),
            S_CSC, id="R-157-an-old-notice-is-used-up",
        ),
    ],
)  # fmt: skip
def test_responsibility_moves_only_on_acknowledgement(
    steps: tuple[tuple[str, ...], ...], responsible: str
) -> None:
    story = say(begun(), *steps)
    assert story.folded.authority == responsible
    assert authority_of(story.folded.entries) == responsible


@pytest.mark.req("R-157", "D-24", "D-20")
def test_on_acknowledgement_the_old_workers_end_and_the_new_front_door_begins() -> None:
    story = moved()
    former = {
        ("allocated", WORKER),
        ("iro", f"{S_CSC}/iro-1"),
        ("supervised", YOS),
        ("front-door", S_CSC),
    }
    kept = {("enrolled", SCHOOL), ("enquiry", f"{POLICE}/caiu-1"), ("placed", HOME)}
    assert story.current("2025-10-02 08:59") == former | kept
    assert story.current("2025-10-02 09:00") == kept | {("front-door", X_CSC)}
    story.post("2025-10-03 09:00", X_CSC, "social-worker-allocated", kind="allocated", worker=f"{X_CSC}/sw-9")
    story.post("2025-10-03 10:00", X_CSC, "referral-outcome-decided", outcome="strategy")
    story.post("2025-10-03 11:00", X_CSC, "relationship-recorded", kind="enrolled", organisation=NEW_SCHOOL)
    assert story.current(LATER) == {
        ("allocated", f"{X_CSC}/sw-9"),
        ("enrolled", NEW_SCHOOL),
        ("enquiry", f"{POLICE}/caiu-1"),
        ("placed", HOME),
    }
    assert enrolled(story.folded.entries, at(LATER).date()) == {NEW_SCHOOL}


@pytest.mark.req("R-157", "D-15")
@pytest.mark.parametrize(
    ("person", "role", "is_to_old", "is_to_new"),
    [
        (WORKER, "social-worker", {"own-worker"}, set()),
        (MANAGER, "team-manager", {"team-manager"}, set()),
        (f"{S_CSC}/sgu-1", "safeguarding-unit", {"safeguarding-unit"}, set()),
        (f"{S_CSC}/iro-1", "independent-reviewing-officer", {"iro"}, set()),
        (f"{S_CSC}/fd-1", "front-door", {"front-door", "own-front-door"}, set()),
        (f"{X_CSC}/sgu-1", "safeguarding-unit", set(), {"safeguarding-unit"}),
        (f"{X_CSC}/fd-1", "front-door", set(), {"front-door", "own-front-door"}),
        (f"{X_CSC}/sw-9", "social-worker", set(), set()),
        (f"{YOS}/yj-1", "youth-justice-worker", {"youth-justice"}, set()),
        (f"{SCHOOL}/dsl-1", "designated-safeguarding-lead", {"school"}, {"school"}),
        (f"{POLICE}/caiu-1", "police-officer", {"police"}, {"police"}),
    ],
)
def test_what_readers_are_before_and_after_a_move(
    person: str, role: str, is_to_old: set[str], is_to_new: set[str]
) -> None:
    told = say(begun(), S_TELLS)
    assert told.standing(person, role, LATER).classes == is_to_old
    assert moved().standing(person, role, LATER).classes == is_to_new


@pytest.mark.req("R-157", "G.00")
def test_a_former_authority_lets_nobody_in_any_more() -> None:
    story = moved()
    before = story.grants
    story.post("2025-10-05 09:00", S_CSC, "social-worker-allocated", kind="enquiry", worker=WORKER)
    story.post("2025-10-05 09:10", S_CSC, "relationship-recorded", kind="treated", organisation="health.s-gp")
    story.post(
        "2025-10-05 09:20", S_CSC, "invitation-sent", meeting="M9", decision="invited", organisation=POLICE
    )
    story.post("2025-10-05 09:30", S_CSC, "relationship-ended", kind="placed", organisation=HOME)
    story.post(
        "2025-10-05 09:40",
        S_CSC,
        "child-stream-opened",
        responsible_authority=S_CSC,
        schools=["education.s-elm"],
    )
    assert story.grants == before


@pytest.mark.req("R-157", "G.00", "H-02")
def test_a_former_authority_cannot_take_the_child_back_by_changing_what_it_said() -> None:
    for number in (0, -2):  # its opening, its notice
        story = moved()
        story.retracts("2025-10-10 09:00", story.posts[number])
        assert story.folded.authority == X_CSC and not story.folded.provisional
        assert ("allocated", WORKER) not in story.current(LATER)
    story = moved()
    story.corrects("2025-10-10 09:00", story.posts[-2], to_authority=N_CSC)
    assert story.folded.authority == X_CSC == authority_of(story.folded.entries)


@pytest.mark.req("R-157", "H-02")
def test_a_child_is_not_handed_back_by_taking_the_acknowledgement_back() -> None:
    story = moved()
    story.retracts("2025-10-10 09:00", story.posts[-1])
    assert story.folded.authority == X_CSC
    assert ("allocated", WORKER) not in story.current(LATER)


@pytest.mark.req("R-157", "H-02")
def test_a_notice_that_was_taken_back_in_time_moves_nobody() -> None:
    story = say(begun(), S_TELLS)
    story.retracts("2025-10-01 10:00", story.posts[-1])
    story.moves("2025-10-02 09:00", X_CSC, "acknowledged", S_CSC, X_CSC)
    assert story.folded.authority == S_CSC


@pytest.mark.req("R-157", "G.00", "H-02")
def test_a_correction_after_the_move_lets_nobody_in() -> None:
    story = moved()
    placed = next(one for one in story.posts if one.data.get("kind") == "placed")
    story.corrects("2025-10-10 09:00", placed, kind="treated", organisation="health.s-gp")
    assert {one.organisation for one in story.grants}.isdisjoint({"health.s-gp"})
    story = moved()
    story.corrects("2025-10-10 09:00", story.posts[0], schools=["education.s-elm"])
    assert {one.organisation for one in story.grants}.isdisjoint({"education.s-elm"})


@pytest.mark.req("R-157", "G.00")
def test_what_a_former_authority_decides_after_the_move_waits_for_the_new_one() -> None:
    story = moved()
    plan = "risk-management-plan-recorded"
    story.post("2025-09-20 09:00", S_CSC, plan)

    def awaiting(which: Story) -> list[bool]:
        entries = taking_effect(which.folded, which.grants, ())
        return [
            bool(one.awaiting) for one in sorted(entries, key=lambda one: one.position) if one.type == plan
        ]

    before = begun()
    before.post("2025-09-20 09:00", S_CSC, plan)
    assert awaiting(say(before, S_TELLS, X_TAKES)) == [False]
    assert awaiting(story) == [True]


@pytest.mark.req("G.00")
def test_claims_by_others_are_kept_flagged_and_change_nothing() -> None:
    story = begun()
    before = story.grants
    claims = [
        story.moves("2025-10-01 09:00", X_CSC, "acknowledged", S_CSC, X_CSC),
        story.post("2025-10-01 10:00", N_CSC, "responsible-authority-recorded", home_authority=N_CSC),
        story.post("2025-10-01 11:00", N_CSC, "child-stream-opened", responsible_authority=N_CSC, schools=[]),
        story.moves("2025-10-01 12:00", N_CSC, "notified", S_CSC, N_CSC),
    ]
    flagged = {one.key for one in story.folded.entries if "G.00" in one.flags}
    assert flagged == {one.key for one in claims}
    assert story.grants == before and story.folded.authority == S_CSC
    agreed = story.post("2025-10-02 09:00", N_CSC, "responsible-authority-recorded", home_authority=S_CSC)
    assert agreed.key not in {one.key for one in story.folded.entries if "G.00" in one.flags}


@pytest.mark.req("G.00", "R-157")
def test_a_step_on_a_provisional_stream_that_was_joined_moves_nobody() -> None:
    story = begun()
    story.moves("2025-10-01 09:00", S_CSC, "notified", S_CSC, X_CSC)
    story.post(
        "2025-10-02 09:00", X_CSC, "child-moved-area", stream="child/00000000-0000-4000-8000-00000000beef",
        step="acknowledged", from_authority=S_CSC, to_authority=X_CSC,
    )  # fmt: skip
    assert story.folded.authority == S_CSC


AUTHORITIES = st.sampled_from((N_CSC, S_CSC, X_CSC))
STEPS = st.sampled_from(("notified", "acknowledged", "home", "retracts"))


@pytest.mark.req("G.00", "R-157")
@settings(max_examples=150, deadline=None)
@given(
    st.booleans(),
    st.lists(st.tuples(STEPS, AUTHORITIES, AUTHORITIES, AUTHORITIES, st.integers(0, 40)), max_size=12),
)
def test_only_whom_the_authority_in_force_named_ever_takes_over(
    begins_moved: bool, steps: list[tuple[str, str, str, str, int]]
) -> None:
    """Any steps by anybody: each change has the notice of the one before, and the word of the one after."""
    story = moved() if begins_moved else begun()
    for number, (step, by, frm, to, which) in enumerate(steps):
        time = f"2025-10-{number + 3:02d} 09:00"
        if step == "retracts":
            kept = [one for one in story.posts if one.type != "event-retracted"]
            story.retracts(time, kept[which % len(kept)])
        elif step == "home":
            story.post(time, by, "responsible-authority-recorded", home_authority=to)
        else:
            # Most speak for themselves; one in four for another.
            speaks = by if which % 4 == 0 else frm if step == "notified" else to
            story.moves(time, speaks, step, frm, to)
    responsible = S_CSC
    for one in story.folded.handovers:
        assert one.from_authority == responsible
        named = [
            post
            for post in story.posts
            if post.position < one.position
            and post.organisation == responsible
            and one.to_authority in (post.data.get("to_authority"), post.data.get("home_authority"))
        ]
        taken = next(post for post in story.posts if post.position == one.position)
        assert named and taken.organisation == one.to_authority
        assert (taken.type, taken.data["step"]) == ("child-moved-area", "acknowledged")
        responsible = one.to_authority
    assert bool(story.folded.handovers) >= begins_moved
    if story.folded.handovers:
        assert story.folded.authority == responsible
