"""D-24, D-47 and G.00: public protection, release, the single point of contact; and what a move ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.spec.basis_stories import (
    CAIU,
    COORDINATOR,
    EARLY_HELP,
    GP,
    HELPER,
    MAPPA,
    N_YOS,
    NOW,
    OTHER_MAPPA,
    POLICE,
    SCHOOL,
    SOON,
    YOS,
    Basis,
    Step,
    begun,
    has_harmed,
    is_,
    request,
    transfer,
)
from tests.spec.relationship_folds import N_CSC, S_CSC, X_CSC

# Public protection --------------------------------------------------------------------------------------


def notified(
    story: Basis, by: str = S_CSC, coordinator: str = COORDINATOR, time: str = "2025-09-03 09:00"
) -> object:
    return story.post(time, by, "mappa-notified", coordinator=coordinator)


def supervised(story: Basis) -> None:
    story.post("2025-09-02 09:00", S_CSC, "relationship-recorded", kind="supervised", organisation=YOS)


@pytest.mark.req("D-24", "D-47", "R-172", "G.00")
@pytest.mark.parametrize(
    ("steps", "opens"),
    [
        pytest.param((has_harmed, notified), True, id="D-47-by-the-authority"),
        pytest.param((has_harmed, supervised, lambda s: notified(s, YOS)), True, id="D-47-by-who-supervises"),
        pytest.param((has_harmed, lambda s: notified(s, YOS)), False, id="G.00-by-who-has-no-basis"),
        pytest.param((has_harmed, lambda s: notified(s, POLICE)), False, id="G.00-by-police-without-basis"),
        pytest.param((has_harmed, lambda s: notified(s, N_CSC)), False, id="G.00-by-another-authority"),
        pytest.param((notified,), False, id="D-47-not-for-a-child-who-has-not-harmed"),
        pytest.param((has_harmed, lambda s: notified(s, coordinator=CAIU)), False, id="G.00-police"),
        pytest.param((has_harmed, lambda s: notified(s, coordinator=MAPPA)), True, id="D-47-the-office"),
    ],
)  # fmt: skip
def test_the_coordinator_is_let_in_by_who_may_notify(steps: tuple[Step, ...], opens: bool) -> None:
    story = begun()
    for step in steps:
        step(story)
    assert is_(story, COORDINATOR, "mappa-coordinator").classes == ({"mappa"} if opens else set())
    assert is_(story, COORDINATOR, "social-worker").classes == set()
    assert is_(story, COORDINATOR, "mappa-coordinator", "2025-09-03 08:59").classes == set()


@pytest.mark.req("D-16", "D-47")
def test_no_coordinator_is_let_in_for_a_child_under_ten() -> None:
    for by in (S_CSC, SCHOOL):
        story = begun(date_of_birth="2017-10-02")
        has_harmed(story, by=by)
        notified(story)
        assert is_(story, COORDINATOR, "mappa-coordinator").classes == set()


@pytest.mark.req("D-47", "D-20", "D-24", "H-16")
@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda s, t: notified(s, coordinator=f"{OTHER_MAPPA}/co-1", time=t), id="the-next"),
        pytest.param(lambda s, t: s.post(t, S_CSC, "closure-decided", closes="case"), id="case"),
        pytest.param(lambda s, t: s.post(t, S_CSC, "relationship-ended", kind="mappa", organisation=MAPPA),
                     id="recorded"),
    ],
)  # fmt: skip
def test_the_coordinators_basis_ends(end: Callable[[Basis, str], object]) -> None:
    story = begun()
    has_harmed(story)
    notified(story)
    end(story, "2025-09-05 09:00")
    assert is_(story, COORDINATOR, "mappa-coordinator", "2025-09-05 08:59").classes == {"mappa"}
    assert is_(story, COORDINATOR, "mappa-coordinator").classes == set()


@pytest.mark.req("D-47", "G.00")
def test_a_service_whose_supervision_ended_lets_nobody_in_by_a_correction() -> None:
    story = begun()
    has_harmed(story)
    supervised(story)
    told = notified(story, YOS)
    story.post("2025-09-05 09:00", S_CSC, "relationship-ended", kind="supervised", organisation=YOS)
    assert is_(story, COORDINATOR, "mappa-coordinator").classes == {"mappa"}
    story.corrects("2025-09-06 09:00", told, coordinator=f"{OTHER_MAPPA}/co-1")
    assert is_(story, f"{OTHER_MAPPA}/co-1", "mappa-coordinator").classes == set()


# Release from custody -----------------------------------------------------------------------------------


def released(story: Basis, by: str = YOS, to: str = N_CSC, time: str = "2025-09-03 09:00") -> object:
    return story.post(time, by, "custody-release-notified", release_date="2025-10-01", to_authority=to)


@pytest.mark.req("G.00", "D-27", "R-173")
@pytest.mark.parametrize(
    ("steps", "opens"),
    [
        pytest.param((has_harmed, supervised, released), True, id="G.00-release-to-the-area"),
        pytest.param((has_harmed, released), False, id="G.00-by-who-does-not-supervise"),
        pytest.param((supervised, released), False, id="G.00-not-for-a-child-who-has-not-harmed"),
        pytest.param(
            (has_harmed, supervised, lambda s: released(s, to=X_CSC)), False, id="G.00-another-area"
        ),
        pytest.param((has_harmed, supervised, lambda s: released(s, by=N_YOS)), False, id="G.00-by-itself"),
    ],
)
def test_release_lets_the_service_of_the_receiving_area_supervise(
    steps: tuple[Step, ...], opens: bool
) -> None:
    story = begun()
    for step in steps:
        step(story)
    assert is_(story, f"{N_YOS}/yj-1", "youth-justice-worker").classes == (
        {"youth-justice"} if opens else set()
    )
    assert is_(story, f"{N_CSC}/sw-1", "social-worker").classes == set()


@pytest.mark.req("G.00", "D-20", "D-27", "H-16")
def test_supervision_after_release_ends_as_other_supervision_does() -> None:
    ends: tuple[Callable[[Basis, str], object], ...] = (
        lambda s, t: s.post(t, S_CSC, "closure-decided", closes="case"),
        lambda s, t: s.post(t, N_YOS, "relationship-ended", kind="supervised", organisation=N_YOS),
        lambda s, t: released(s, to=X_CSC, time=t),
    )
    for end in ends:
        story = begun()
        has_harmed(story)
        supervised(story)
        released(story)
        end(story, "2025-09-05 09:00")
        reader = (f"{N_YOS}/yj-1", "youth-justice-worker")
        assert is_(story, *reader, "2025-09-04 09:00").classes == {"youth-justice"}
        assert is_(story, *reader).classes == set()


# Single point of contact --------------------------------------------------------------------------------


def contact(
    story: Basis, person: str, by: str = S_CSC, time: str = "2025-09-02 09:00", **more: object
) -> object:
    return story.post(time, by, "named-contact-appointed", role="spoc", person=person, **more)


@pytest.mark.req("D-24", "R-076", "G.00", "H-16")
def test_the_single_point_of_contact_is_one_person_until_the_next_or_its_end() -> None:
    first, second = f"{S_CSC}/sw-7", HELPER
    story = begun()
    contact(story, first, until="2025-09-30")
    assert is_(story, first, "social-worker").classes == {"spoc"}
    assert is_(story, first, "social-worker", "2025-10-01 00:00").classes == set()
    assert is_(story, first, "safeguarding-unit", NOW).classes == {"safeguarding-unit"}
    assert is_(story, f"{S_CSC}/sw-8", "social-worker").classes == set()
    contact(story, second, time="2025-09-05 09:00")
    assert is_(story, first, "social-worker").classes == set()
    assert is_(story, second, "early-help-worker").classes == {"spoc"}
    story.post("2025-09-15 09:00", S_CSC, "relationship-ended", kind="spoc", organisation=EARLY_HELP)
    assert is_(story, second, "early-help-worker", SOON).classes == set()


@pytest.mark.req("D-24", "R-076", "G.00")
@pytest.mark.parametrize(
    ("by", "person", "role"),
    [(N_CSC, f"{N_CSC}/sw-1", "social-worker"), (EARLY_HELP, HELPER, "early-help-worker"),
     (S_CSC, f"{SCHOOL}/cook-1", "witness"), (S_CSC, f"{GP}/gp-1", "general-practitioner")],
)  # fmt: skip
def test_a_single_point_of_contact_that_reads_nothing(by: str, person: str, role: str) -> None:
    story = begun()
    contact(story, person, by)
    assert is_(story, person, role).classes == set()


# A move ends what the former authority opened (D-24) ----------------------------------------------------


@pytest.mark.req("D-24", "D-20", "R-157")
@pytest.mark.parametrize(
    ("steps", "person", "role", "stays"),
    [
        ((transfer,), HELPER, "early-help-worker", False),
        ((request,), f"{GP}/gp-1", "general-practitioner", False),
        ((lambda s: contact(s, f"{S_CSC}/sw-7"),), f"{S_CSC}/sw-7", "social-worker", False),
        ((has_harmed, notified), COORDINATOR, "mappa-coordinator", False),
        ((lambda s: s.post("2025-09-02 09:00", S_CSC, "named-contact-appointed", role="conference-chair",
                           person=f"{S_CSC}/ch-1"),), f"{S_CSC}/ch-1", "conference-chair", False),
        ((lambda s: s.post("2025-09-02 09:00", S_CSC, "strategic-management-group-appointed",
                           members=[{"organisation": POLICE, "person": CAIU}]),),
         CAIU, "police-officer", False),
        ((has_harmed, supervised, released), f"{N_YOS}/yj-1", "youth-justice-worker", True),
    ],
    ids=["early-help", "respondent", "spoc", "mappa", "chair", "smg", "release"],
)  # fmt: skip
def test_an_acknowledged_move_ends_what_the_former_authority_opened(
    steps: tuple[Step, ...], person: str, role: str, stays: bool
) -> None:
    story = begun()
    for step in steps:
        step(story)
    story.moves("2025-09-06 09:00", S_CSC, "notified", S_CSC, N_CSC)
    assert is_(story, person, role, "2025-09-06 12:00").classes
    story.moves("2025-09-07 09:00", N_CSC, "acknowledged", S_CSC, N_CSC)
    assert bool(is_(story, person, role).classes) is stays
    story.moves("2025-09-12 09:00", N_CSC, "notified", N_CSC, X_CSC)
    story.moves("2025-09-13 09:00", X_CSC, "acknowledged", N_CSC, X_CSC)
    assert is_(story, person, role, SOON).classes == set()


@pytest.mark.req("D-24", "R-157")
def test_the_receiving_authority_reads_by_its_front_door_from_the_acknowledgement_on() -> None:
    story = begun()
    story.moves("2025-09-06 09:00", S_CSC, "notified", S_CSC, N_CSC)
    reader = (f"{N_CSC}/fd-1", "front-door")
    assert is_(story, *reader, "2025-09-06 12:00").classes == set()
    story.moves("2025-09-07 09:00", N_CSC, "acknowledged", S_CSC, N_CSC)
    assert is_(story, *reader).classes == {"front-door", "own-front-door"}
    assert is_(story, f"{S_CSC}/fd-1", "front-door").classes == set()
