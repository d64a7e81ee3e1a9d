"""R-082 and R-067: the right room, different workers, and who may override."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.spec import scenario_a as a
from tests.spec.judging import MANAGER, decision, fold, refused
from tests.spec.posts import ELM, OAK, POLICE, N, S, all_of, at, material, nobody, post

# R-082 RIGHT-ROOM


def invited(organisation, child, meeting, answer="invited"):
    return decision(
        "invitation-sent", {"meeting": meeting, "organisation": organisation, "decision": answer}, child, N
    )


@pytest.mark.req("R-082", "R-083", "H-28")
@pytest.mark.parametrize(
    ("organisation", "child", "meeting", "rule"),
    [
        (ELM, a.HARMED, "M1", None),
        (OAK, a.HAS_HARMED, "M2", None),
        (OAK, a.HARMED, "M1", "R-082"),
        (ELM, a.HAS_HARMED, "M2", "R-082"),
        (OAK, a.HAS_HARMED, "M1", "R-082"),
        (ELM, a.HAS_HARMED, "M1", "R-082"),
        (POLICE, a.HARMED, "M1", None),
        ("youth-justice.s-yos", a.HAS_HARMED, "M2", None),
    ],
)
def test_a_school_is_invited_only_to_the_meeting_of_its_own_pupil(organisation, child, meeting, rule):
    assert refused(invited(organisation, child, meeting), fold(child, "2025-09-15 10:12")) == rule


@pytest.mark.req("R-082")
def test_recording_that_a_school_is_not_invited_is_no_invitation():
    post_ = invited(OAK, a.HARMED, "M1", "not-invited")
    post_ = replace(post_, data={**post_.data, "reason": "not its pupil"})
    assert refused(post_, fold(a.HARMED, "2025-09-15 10:12")) is None


@pytest.mark.req("R-083")
def test_a_school_of_both_pupils_may_come_to_both_meetings():
    opened = [
        post(
            f"o-{child}",
            "2025-09-01 09:00",
            N,
            child,
            "child-stream-opened",
            {"responsible_authority": N, "schools": [ELM]},
        )
        for child in ("c", "d")
    ]
    whole = material("c", opened[:1], linked={"d": tuple(opened[1:])}, authority=N)
    assert refused(invited(ELM, "c", "M1"), whole) is None


def enrolled(organisation, time, by=N, **data):
    return post(
        f"e{time}",
        time,
        by,
        "c",
        "relationship-recorded",
        {"kind": "enrolled", "organisation": organisation, **data},
    )


def ended(organisation, time, **data):
    return post(
        f"x{time}",
        time,
        N,
        "c",
        "relationship-ended",
        {"kind": "enrolled", "organisation": organisation, **data},
    )


OPENED = post(
    "o", "2025-09-01 09:00", N, "c", "child-stream-opened", {"responsible_authority": N, "schools": [ELM]}
)


@pytest.mark.req("R-082")
@pytest.mark.parametrize(
    ("changes", "elm", "oak"),
    [
        ([], None, "R-082"),
        ([enrolled(OAK, "2025-10-01 09:00")], "R-082", None),
        ([enrolled(OAK, "2025-10-01 09:00", by=OAK)], None, "R-082"),
        ([enrolled(OAK, "2025-10-01 09:00", **{"from": "2026-01-01"})], None, "R-082"),
        ([ended(ELM, "2025-10-01 09:00")], "R-082", "R-082"),
        ([ended(ELM, "2025-10-01 09:00", at="2026-07-01")], None, "R-082"),
    ],
    ids=["at the opening", "next enrolment", "self-granted", "from later", "ended", "ends later"],
)
def test_enrolment_is_that_of_now(changes, elm, oak):
    whole = material("c", [OPENED, *changes], authority=N)
    assert refused(invited(ELM, "c", "M9"), whole) == elm
    assert refused(invited(OAK, "c", "M9"), whole) == oak


@pytest.mark.req("R-082")
@pytest.mark.parametrize(("by", "rule"), [(N, None), (OAK, "R-082")])
def test_while_no_authority_is_known_any_social_care_may_record_an_enrolment(by, rule):
    whole = material("c", [enrolled(OAK, "2025-10-01 09:00", by=by)])
    assert refused(invited(OAK, "c", "M9"), whole) == rule


@pytest.mark.req("R-082")
def test_a_later_opening_by_another_authority_enrols_nobody():
    second = post(
        "o2",
        "2025-10-01 09:00",
        S,
        "c",
        "child-stream-opened",
        {"responsible_authority": S, "schools": [OAK]},
    )
    assert refused(invited(OAK, "c", "M9"), material("c", [OPENED, second], authority=N)) == "R-082"


@pytest.mark.req("H-28")
def test_a_must_takes_no_override():
    override = {"rule": "R-082", "manager": f"{N}/tm-1", "reason": "needed"}
    asked = invited(OAK, a.HARMED, "M1")
    asked = replace(asked, data={**asked.data, "override": override})
    assert refused(asked, fold(a.HARMED, "2025-09-15 10:12")) == "R-082"


# R-067 different worker


def allocated(worker, child=a.HAS_HARMED, kind="allocated", **data):
    return decision("social-worker-allocated", {"kind": kind, "worker": worker, **data}, child)


@pytest.mark.req("R-067", "D-29")
def test_one_worker_for_two_linked_children_is_refused():
    whole = fold(a.HAS_HARMED, "2025-09-15 15:40")
    assert refused(allocated(f"{N}/sw-n1"), whole) == "R-067"
    assert refused(allocated(f"{S}/sw-s1"), whole) is None
    assert refused(allocated(f"{N}/sw-n1", kind="enquiry"), whole) is None


@pytest.mark.req("R-067")
def test_an_enquiry_worker_may_not_be_refused_for_the_other_childs_enquiry():
    both = post(
        "q",
        "2025-09-15 10:06",
        N,
        "d",
        "social-worker-allocated",
        {"kind": "enquiry", "worker": f"{N}/enq-1"},
    )
    whole = material("c", [], linked={"d": (both,)}, authority=S)
    assert refused(allocated(f"{N}/enq-1", "c"), whole) is None


@pytest.mark.req("R-067")
@pytest.mark.parametrize(
    ("later", "rule"),
    [
        ([], "R-067"),
        ([("social-worker-allocated", {"kind": "allocated", "worker": "x/2"})], None),
        ([("relationship-ended", {"kind": "allocated", "organisation": "x", "person": "x/1"})], None),
        ([("relationship-ended", {"kind": "enquiry", "organisation": "x", "person": "x/1"})], "R-067"),
    ],
)
def test_only_the_current_worker_of_the_linked_child_counts(later, rule):
    other_child = [("social-worker-allocated", {"kind": "allocated", "worker": "x/1"}), *later]
    linked = tuple(
        post(f"l{n}", f"2025-09-1{n} 09:00", S, "d", type, data) for n, (type, data) in enumerate(other_child)
    )
    assert refused(allocated("x/1", "c"), material("c", [], linked={"d": linked}, authority=S)) == rule


@pytest.mark.req("R-067")
def test_an_allocation_that_ran_out_does_not_count():
    past = post(
        "l",
        "2025-09-10 09:00",
        S,
        "d",
        "social-worker-allocated",
        {"kind": "allocated", "worker": "x/1", "until": "2025-09-30"},
    )
    whole = material("c", [], linked={"d": (past,)}, authority=S)
    assert refused(allocated("x/1", "c"), whole, now=at("2025-09-30 12:00")) == "R-067"
    assert refused(allocated("x/1", "c"), whole, now=at("2025-10-01 00:00")) is None


@pytest.mark.req("R-067")
def test_under_darlington_it_is_asked_when_both_have_meetings_or_more_than_two_are_involved():
    worker = post(
        "l", "2025-09-10 09:00", N, "d", "social-worker-allocated", {"kind": "allocated", "worker": "x/1"}
    )
    meet = {
        child: post(
            f"m-{child}",
            "2025-09-11 09:00",
            N,
            child,
            "meeting-convened",
            {"kind": "strategy", "meeting": child},
        )
        for child in ("c", "d")
    }
    darlington = all_of("darlington-2025")

    def rule(entries, linked):
        whole = material("c", entries, linked=linked, authority=N)
        return refused(replace(allocated("x/1", "c"), organisation=N), whole, darlington)

    assert rule([], {"d": (worker,)}) is None
    assert rule([meet["c"]], {"d": (worker,)}) is None
    assert rule([meet["c"]], {"d": (worker, meet["d"])}) == "R-067"
    assert rule([], {"d": (worker,), "e": ()}) == "R-067"


OVERRIDE = {"rule": "R-067", "manager": MANAGER, "reason": "no other worker speaks the language"}


@pytest.mark.req("R-067", "H-28")
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, None),
        ({"reason": " "}, "R-067"),
        ({"rule": "R-082"}, "R-067"),
        ({"manager": f"{S}/sw-s1"}, "R-067"),
        ({"manager": f"{N}/tm-1"}, "R-067"),
        ({"manager": f"{S}/sw-s9"}, "R-067"),
        ({"manager": None}, "R-067"),
    ],
    ids=[
        "valid",
        "no reason",
        "another rule",
        "the author",
        "another organisation",
        "no manager role",
        "nobody",
    ],
)
def test_who_may_override_a_should(change, rule):
    asked = allocated(f"{N}/sw-n1", override={**OVERRIDE, **change})
    assert refused(asked, fold(a.HAS_HARMED, "2025-09-15 15:40")) == rule


@pytest.mark.req("H-28")
def test_the_author_may_not_override_as_the_manager_it_is():
    asked = replace(allocated(f"{N}/sw-n1", override=OVERRIDE), author=MANAGER)
    assert refused(asked, fold(a.HAS_HARMED, "2025-09-15 15:40")) == "R-067"


@pytest.mark.req("H-28")
def test_the_manager_must_hold_the_role_now():
    asked = allocated(f"{N}/sw-n1", override=OVERRIDE)
    assert refused(asked, fold(a.HAS_HARMED, "2025-09-15 15:40"), who=nobody) == "R-067"
