"""Whom the convenor of a meeting has to invite, or to think of, and what was decided about each."""

from __future__ import annotations

import pytest

from hub.pathway.meetings import attendance_of, invitees_of, meetings_of
from hub.pathway.profiles import PROFILES
from tests.spec.meeting_posts import (
    BORN,
    CHILD,
    ENQUIRY,
    LINKED,
    NOW,
    allocated_enquiry,
    convened,
    held,
    incident,
    invitation,
    opened,
    seat,
    whole,
)
from tests.spec.posts import ELM, HEALTH, OAK, POLICE, YOS, N, S, post

AREA = {"youth-justice": (YOS,)}


def listed(*entries, profile="darlington-2025", services=AREA, born=BORN, now=NOW, **more):
    """The convenor's list of the last meeting that these entries make."""
    seen = whole(*entries, born=born, **more)
    meeting = meetings_of(seen.entries)[-1]
    attendance = attendance_of(meeting, seen)
    return invitees_of(meeting, seen, PROFILES[profile], attendance, now=now, services=services)


def line(found, invitee):
    return next((one for one in found if one.invitee == invitee), None)


@pytest.mark.req("R-080")
@pytest.mark.parametrize(
    ("profile", "role", "force"),
    [
        ("darlington-2025", "has-harmed", "always"),
        ("darlington-2025", "has-been-harmed", None),
        ("llr-2024", "has-harmed", "consider"),
    ],
)
def test_youth_justice_is_always_on_the_list_where_the_convenor_s_procedure_says_so(profile, role, force):
    found = line(listed(opened(), incident(role), convened(), profile=profile), "youth-justice")
    assert (found.force if found else None) == force
    if found:
        assert (found.organisation, found.decision, found.attended) == (YOS, None, None)
        assert found.requirement == {"always": "R-080", "consider": "R-081"}[force]


@pytest.mark.req("R-080", "R-081")
@pytest.mark.parametrize("answer", ["invited", "not-invited"])
def test_the_list_shows_what_was_decided_and_stays_on_the_list(answer):
    found = listed(opened(), incident(), convened(), invitation(YOS, answer, reason="why"))
    youth_justice = line(found, "youth-justice")
    assert (youth_justice.decision, youth_justice.decision_reason) == (answer, "why")
    assert [one.organisation for one in found].count(YOS) == 1


@pytest.mark.req("R-081")
@pytest.mark.parametrize("by", [N, "social-care.x-csc"])
def test_a_decision_by_who_does_not_convene_decides_nothing(by):
    found = listed(opened(), incident(), convened(), invitation(YOS, by=by))
    assert line(found, "youth-justice").decision == ("invited" if by == N else None)


@pytest.mark.req("R-081")
def test_llr_asks_for_a_decision_about_each_agency_and_an_invitation_may_say_as_what():
    entries = (opened(), incident(), convened(by=S))
    found = listed(*entries, profile="llr-2024")
    for invitee in ("school", "youth-justice", "camhs", "specialist-service"):
        assert (line(found, invitee).force, line(found, invitee).decision) == ("consider", None)
    answered = invitation(HEALTH, "not-invited", by=S, invitee="camhs", reason="not known to them")
    found = listed(*entries, answered, profile="llr-2024")
    assert (line(found, "camhs").organisation, line(found, "camhs").decision) == (HEALTH, "not-invited")
    assert line(found, "specialist-service").decision is None


@pytest.mark.req("R-127")
@pytest.mark.parametrize(("born", "listed_"), [("2017-10-02", False), ("2017-10-01", True)])
def test_youth_justice_is_considered_for_a_conference_from_the_eighth_birthday(born, listed_):
    """The conference is on 1 October 2025."""
    entry = convened("P1", kind="cpc", when="2025-10-01T10:00:00+01:00")
    found = line(listed(opened(born=born), incident(), entry, born=born), "youth-justice")
    assert (found is not None) is listed_
    assert found is None or (found.force, found.requirement) == ("consider", "R-127")


@pytest.mark.req("R-128")
@pytest.mark.parametrize(("role", "on_list"), [("has-harmed", True), ("has-been-harmed", False)])
def test_llr_invites_youth_justice_and_a_specialist_service_to_the_conference(role, on_list):
    found = listed(opened(), incident(role), convened("P1", by=S, kind="cpc"), profile="llr-2024")
    for invitee in ("youth-justice", "specialist-service"):
        assert (line(found, invitee) is not None) is on_list
        assert not on_list or line(found, invitee).requirement == "R-128"


@pytest.mark.req("R-135")
@pytest.mark.parametrize("said", [None, "invited", "not-invited"])
def test_llr_asks_whether_parents_are_invited_and_why_not(said):
    answer = {"parents": said, "parents_reason": "safety"} if said else {}
    found = listed(opened(), incident(), convened("H1", by=S, kind="hsb", **answer), profile="llr-2024")
    parents = line(found, "parents")
    assert (parents.requirement, parents.decision) == ("R-135", said)
    assert parents.decision_reason == ("safety" if said else None)


HSB = convened("H1", by=N, kind="hsb", id="c2", time="2025-09-29 10:00", when="2025-10-06T10:00:00+01:00")


@pytest.mark.req("R-136")
def test_strategy_participants_are_copied_without_those_not_entitled_for_this_child():
    strategy = held(POLICE, OAK, ELM, seat(ENQUIRY), YOS, HEALTH)
    found = listed(opened(), incident(), strategy, HSB)
    organisations = {one.organisation for one in found}
    assert {POLICE, OAK, N, YOS, HEALTH} <= organisations
    assert ELM not in organisations
    assert {one.requirement for one in found if one.organisation in (POLICE, N, YOS)} == {"R-136"}


@pytest.mark.req("R-136")
@pytest.mark.parametrize(
    ("role", "born", "copied"),
    [("has-harmed", BORN, True), ("has-been-harmed", BORN, False), ("has-harmed", "2016-01-20", False)],
)
def test_youth_justice_is_copied_for_a_child_of_ten_who_has_harmed_only(role, born, copied):
    found = listed(opened(born=born), incident(role), held(YOS, POLICE), HSB, born=born, services={})
    assert (YOS in {one.organisation for one in found}) is copied


@pytest.mark.req("R-074")
@pytest.mark.parametrize(
    ("asked", "force"), [(None, "suggested"), ("invited", "convenor"), ("not-invited", "convenor")]
)
def test_an_agency_that_knows_the_child_and_was_not_asked_is_suggested(asked, force):
    known = post("k", "2025-09-13 09:00", HEALTH, CHILD, "behaviour-level-assessed", {})
    decided = [invitation(HEALTH, asked, reason="r")] if asked else []
    found = listed(opened(), incident(), convened(), known, *decided)
    [health] = [one for one in found if one.organisation == HEALTH]
    assert (health.force, health.decision) == (force, asked)
    assert health.requirement == ("R-074" if asked is None else "R-101")


@pytest.mark.req("R-074", "R-082")
def test_a_school_of_another_child_is_never_suggested_however_much_it_posted():
    posts = [
        post(f"k{n}", "2025-09-13 09:00", ELM, CHILD, type_, {})
        for n, type_ in enumerate(("setting-risk-assessment-recorded", "incident-recorded", "referral-made"))
    ]
    moved = post(
        "m", "2025-09-14 09:00", S, CHILD, "relationship-recorded",
        {"kind": "enrolled", "organisation": "education.ash-school"},
    )  # fmt: skip
    for kind in ("strategy", "hsb", "cpc"):
        for profile in PROFILES:
            found = listed(opened(), incident(), *posts, convened(kind=kind), profile=profile)
            assert ELM not in {one.organisation for one in found}
            found = listed(opened(), incident(), *posts, moved, convened(kind=kind), profile=profile)
            schools = {one.organisation for one in found if one.invitee == "school"}
            assert schools <= {"education.ash-school"}, "the school that the child has left"


@pytest.mark.req("R-083")
@pytest.mark.parametrize(("linked_school", "requirement"), [(OAK, "R-083"), (ELM, "R-082")])
def test_one_school_of_both_children_is_said_to_be_so(linked_school, requirement):
    linked = (opened(LINKED, N, (linked_school,)), incident("has-been-harmed", LINKED, N))
    school = line(listed(opened(), incident(), convened(), linked={LINKED: linked}), "school")
    assert (school.organisation, school.requirement) == (OAK, requirement)


@pytest.mark.req("R-084")
@pytest.mark.parametrize(("convenor", "on_list"), [(N, True), (S, False)])
def test_the_child_s_own_authority_is_on_the_list_where_another_convenes(convenor, on_list):
    found = listed(opened(), incident(), convened(by=convenor))
    own = [one for one in found if one.organisation == S]
    assert [(one.force, one.requirement, one.represents) for one in own] == (
        [("always", "R-084", True)] if on_list else []
    )


@pytest.mark.req("R-080", "R-082")
def test_after_the_meeting_the_list_says_who_came():
    found = listed(
        opened(), incident(), allocated_enquiry(), convened(), held(seat(f"{OAK}/dsl-2"), seat(f"{N}/sw-n1"))
    )
    came = {one.invitee: one.attended for one in found}
    assert came["school"] is True, "a colleague came"
    assert came["youth-justice"] is False
    assert came["enquiry-worker"] is False, "the authority came, its enquiry worker did not"


@pytest.mark.req("R-080", "R-081", "R-101")
def test_every_line_says_why_by_which_requirement_and_source():
    for profile in PROFILES:
        for kind in ("strategy", "hsb", "cpc"):
            for one in listed(opened(), incident(), convened(kind=kind), profile=profile):
                assert one.reason.endswith(".") and one.requirement.startswith("R-") and one.source
