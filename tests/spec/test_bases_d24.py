"""D-24 and D-43: consulted police, early help, and agencies that were asked for records."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.spec.basis_stories import (
    CAIU,
    EARLY_HELP,
    GP,
    HELPER,
    LATE,
    NOW,
    POLICE,
    SCHOOL,
    YOS,
    Basis,
    Step,
    begun,
    has_harmed,
    is_,
    request,
    transfer,
)
from tests.spec.disclosed_stories import shown
from tests.spec.relationship_folds import N_CSC, S_CSC, at

# Consulted police (D-43) --------------------------------------------------------------------------------


def police_let_in(born: str | None, **more: object) -> Basis:
    story = begun(**({"date_of_birth": born} if born else {}))
    has_harmed(story)
    story.post(
        "2025-09-02 09:00", S_CSC, "relationship-recorded", kind="enquiry", organisation=POLICE, person=CAIU,
        **more,
    )  # fmt: skip
    return story


@pytest.mark.req("D-43", "D-28", "R-113")
@pytest.mark.parametrize(
    ("born", "more", "classes"),
    [
        pytest.param("2015-09-02", {}, {"consulted"}, id="D-43-nine-years-and-364-days"),
        pytest.param("2015-09-01", {}, {"police"}, id="D-43-ten-to-the-day"),
        pytest.param("2012-03-04", {}, {"police"}, id="D-43-thirteen"),
        pytest.param("2012-03-04", {"papers": ["consult only"]}, {"consulted"}, id="D-43-as-recorded"),
        pytest.param("2012-03-04", {"papers": ["M1"]}, set(), id="D-43-one-meetings-papers"),
        pytest.param("2017-10-02", {"papers": ["M1"]}, set(), id="D-43-young-and-one-meetings-papers"),
        pytest.param(None, {}, {"police"}, id="D-43-age-unknown"),
        pytest.param("2017-10-02", {"kind": "group-member"}, {"consulted"}, id="D-43-member-of-the-group"),
    ],
)
def test_police_are_consulted_about_a_child_under_ten_and_no_more(
    born: str | None, more: dict[str, object], classes: set[str]
) -> None:
    story = police_let_in(born) if "kind" not in more else begun(date_of_birth=born)
    if "kind" in more:
        has_harmed(story)
        story.post("2025-09-02 09:00", S_CSC, "relationship-recorded", organisation=POLICE, **more)
    elif more:
        story = police_let_in(born, **more)
    assert is_(story, CAIU, "police-officer").classes == classes
    assert is_(story, CAIU, "police-officer", "2025-09-02 08:59").classes == set()


@pytest.mark.req("D-43")
def test_police_who_investigate_what_was_done_to_a_young_child_are_not_consulted_only() -> None:
    harmed = begun(date_of_birth="2016-02-11")
    harmed.post("2025-09-01 10:00", S_CSC, "incident-recorded", role="has-been-harmed", status="alleged")
    let_in = {"kind": "enquiry", "organisation": POLICE, "person": CAIU}
    harmed.post("2025-09-02 09:00", S_CSC, "relationship-recorded", **let_in)
    assert is_(harmed, CAIU, "police-officer").classes == {"police"}
    confirmed = police_let_in("2016-02-11")
    decided = confirmed.post(
        "2025-09-03 09:00", POLICE, "criminal-investigation-decided", decision="investigate"
    )
    assert is_(confirmed, CAIU, "police-officer").classes == {"consulted"}, "not by their own word"
    named = {"source": decided.key.source, "id": decided.key.id}
    confirmed.post("2025-09-04 09:00", S_CSC, "section-47-enquiry-initiated", investigation=named)
    assert is_(confirmed, CAIU, "police-officer").classes == {"consulted"}, "D-43 prevails over G.00"


@pytest.mark.req("D-43", "R-113")
@pytest.mark.parametrize("kind", ["enquiry", "group-member"])
@pytest.mark.parametrize(
    ("born", "status", "classes"),
    [
        pytest.param("2016-02-11", "alleged", {"consulted"}, id="D-43-nine"),
        pytest.param("2016-02-11", "withdrawn", {"police"}, id="D-43-withdrawn"),
        pytest.param("2012-02-11", "alleged", {"police"}, id="D-43-thirteen"),
    ],
)
def test_police_are_consulted_only_whatever_was_recorded_first(
    kind: str, born: str, status: str, classes: set[str]
) -> None:
    story = begun(date_of_birth=born)
    story.post(
        "2025-09-01 09:30", S_CSC, "relationship-recorded", kind=kind, organisation=POLICE, person=CAIU
    )
    assert is_(story, CAIU, "police-officer").classes == {"police"}
    story.post(
        "2025-09-02 10:00", S_CSC, "incident-recorded", role="has-harmed", status=status,
        occurred_at="2025-09-01", precision="day",
    )  # fmt: skip
    assert is_(story, CAIU, "police-officer").classes == classes


@pytest.mark.req("D-43", "G.00")
def test_who_has_nothing_to_do_with_the_child_does_not_take_the_case_from_police() -> None:
    for by, classes in ((SCHOOL, {"consulted"}), ("education.x-elsewhere", {"police"})):
        story = begun(date_of_birth="2016-02-11")
        has_harmed(story, by=by)
        let_in = {"kind": "enquiry", "organisation": POLICE, "person": CAIU}
        story.post("2025-09-02 09:00", S_CSC, "relationship-recorded", **let_in)
        assert is_(story, CAIU, "police-officer").classes == classes, by


@pytest.mark.req("D-43", "D-28", "D-41", "H-16")
def test_consultation_ends_like_any_basis_of_police_and_keeps_the_meetings_attended() -> None:
    story = police_let_in("2017-10-02")
    here = [{"organisation": POLICE, "person": CAIU}]
    story.post("2025-09-03 09:00", S_CSC, "meeting-held", kind="hsb", meeting="M1", attendance=here)
    assert is_(story, CAIU, "police-officer").meetings == {(S_CSC, "M1")}
    story.post("2025-09-05 09:00", S_CSC, "section-47-enquiry-initiated")
    story.post("2025-09-12 09:00", S_CSC, "section-47-enquiry-concluded")
    assert is_(story, CAIU, "police-officer", "2025-10-10 23:59").classes == {"consulted"}
    assert is_(story, CAIU, "police-officer", "2025-10-11 00:00").classes == set()
    ended = police_let_in("2017-10-02")
    ended.post(
        "2025-09-05 09:00", S_CSC, "relationship-ended", kind="enquiry", organisation=POLICE, person=CAIU
    )
    assert is_(ended, CAIU, "police-officer").classes == set()


# Early help ---------------------------------------------------------------------------------------------


def plan(story: Basis, by: str = S_CSC, kind: str = "early-help", **more: object) -> object:
    return story.post("2025-09-02 09:00", by, "plan-started", kind=kind, **more)


def recorded(story: Basis, by: str = S_CSC) -> object:
    return story.post(
        "2025-09-02 09:00", by, "relationship-recorded", kind="early-help", organisation=EARLY_HELP
    )


@pytest.mark.req("D-24", "G.00", "R-146", "H-16")
@pytest.mark.parametrize(
    ("step", "opens"),
    [
        pytest.param(transfer, True, id="D-24-transfer"),
        pytest.param(lambda s: transfer(s, "building-stronger-families"), True, id="D-24-stronger-families"),
        pytest.param(lambda s: transfer(s, "universal-services"), False, id="D-24-to-universal-services"),
        pytest.param(lambda s: transfer(s, by=EARLY_HELP), False, id="D-24-transfer-by-itself"),
        pytest.param(lambda s: transfer(s, by=N_CSC), False, id="D-24-transfer-by-another-authority"),
        pytest.param(plan, True, id="D-24-plan"),
        pytest.param(lambda s: plan(s, coordinator=HELPER), True, id="D-24-plan-names-it"),
        pytest.param(
            lambda s: plan(s, coordinator=f"{EARLY_HELP}/eh-2"), False, id="D-24-plan-names-another"
        ),
        pytest.param(lambda s: plan(s, kind="cin"), False, id="D-24-another-plan"),
        pytest.param(lambda s: plan(s, by=EARLY_HELP, coordinator=HELPER), False, id="D-24-plan-by-itself"),
        pytest.param(recorded, True, id="D-24-relationship"),
        pytest.param(lambda s: recorded(s, by=EARLY_HELP), False, id="D-24-relationship-by-itself"),
    ],
)
def test_early_help_is_let_in_by_the_childs_authority(step: Step, opens: bool) -> None:
    story = begun()
    step(story)
    assert is_(story, HELPER, "early-help-worker").classes == ({"early-help"} if opens else set())
    assert is_(story, HELPER, "social-worker").classes == set()
    assert is_(story, "social-care.n-early-help/eh-1", "early-help-worker").classes == set()


@pytest.mark.req("D-24", "D-20", "H-16")
@pytest.mark.parametrize(
    ("opened", "end", "stays"),
    [
        (transfer, lambda s, t: transfer(s, "universal-services", time=t), False),
        (transfer, lambda s, t: transfer(s, "universal-services", by=N_CSC, time=t), True),
        (transfer, lambda s, t: s.post(t, S_CSC, "closure-decided", closes="case"), False),
        (transfer, lambda s, t: s.post(t, S_CSC, "closure-decided", closes="plan"), True),
        (plan, lambda s, t: s.post(t, S_CSC, "closure-decided", closes="plan"), False),
        (plan, lambda s, t: s.post(t, EARLY_HELP, "relationship-ended", kind="early-help",
                                   organisation=EARLY_HELP), False),
        (plan, lambda s, t: s.post(t, YOS, "relationship-ended", kind="early-help",
                                   organisation=EARLY_HELP), True),
    ],
)  # fmt: skip
def test_early_help_ends(opened: Step, end: Callable[[Basis, str], object], stays: bool) -> None:
    story = begun()
    opened(story)
    end(story, "2025-09-05 09:00")
    assert is_(story, HELPER, "early-help-worker", "2025-09-04 09:00").classes == {"early-help"}
    assert bool(is_(story, HELPER, "early-help-worker").classes) is stays


OWNED = {"action": "ACT-1", "organisation": EARLY_HELP, "person": HELPER, "what": "CANARY Visit the family.",
         "contribution": "CANARY Key worker.", "due": "2025-09-20"}  # fmt: skip


@pytest.mark.req("R-147", "D-24", "D-33")
@pytest.mark.parametrize(
    ("owner", "person", "role", "reads"),
    [
        ({}, HELPER, "early-help-worker", True),
        ({"person": f"{EARLY_HELP}/eh-2"}, HELPER, "early-help-worker", True),
        ({"person": None}, HELPER, "early-help-worker", True),
        ({"organisation": YOS, "person": None}, HELPER, "early-help-worker", False),
        ({"organisation": None, "person": None}, HELPER, "early-help-worker", False),
        # Early help within the authority itself: the action must be that very person's.
        ({"organisation": S_CSC, "person": f"{S_CSC}/eh-9"}, f"{S_CSC}/eh-9", "early-help-worker", True),
        ({"organisation": S_CSC, "person": f"{S_CSC}/sw-1"}, f"{S_CSC}/eh-9", "early-help-worker", False),
        ({"organisation": S_CSC, "person": None}, f"{S_CSC}/eh-9", "early-help-worker", False),
        ({"organisation": GP, "person": None}, f"{GP}/gp-1", "general-practitioner", True),
        ({"organisation": YOS, "person": None}, f"{GP}/gp-1", "general-practitioner", False),
    ],
)
def test_who_was_given_something_to_do_sees_it_and_no_other_action(
    owner: dict[str, object], person: str, role: str, reads: bool
) -> None:
    story = begun(date_of_birth="2012-01-01")
    recorded(story)
    helper = person.partition("/")[0]
    kind = "treated" if helper == GP else "early-help"
    story.post("2025-09-02 09:30", S_CSC, "relationship-recorded", kind=kind, organisation=helper)
    data = {name: value for name, value in (OWNED | owner).items() if value is not None}
    story.post("2025-09-03 09:00", S_CSC, "action-assigned", **data, meeting="M1", narrative="CANARY Why.")
    found = shown(story, person, role, NOW).get("action-assigned", [])
    assert len(found) == reads
    for one in found:
        assert one.fields == data
        assert [(each.group, each.rule) for each in one.redactions] == [("opinion", "D-02")]


# Agencies that were asked for records -------------------------------------------------------------------


@pytest.mark.req("D-24", "D-25", "D-44", "R-092", "R-115")
@pytest.mark.parametrize(
    ("holder", "by", "person", "role", "checks"),
    [
        pytest.param(GP, S_CSC, f"{GP}/gp-1", "general-practitioner", {"general-practitioner"}, id="D-44-gp"),
        pytest.param(GP, S_CSC, f"{GP}/hv-1", "health-visitor", {"health-visitor"}, id="D-44-hv"),
        pytest.param(GP, S_CSC, f"{GP}/n-1", "health-practitioner", set(), id="D-44-no-row"),
        pytest.param(GP, S_CSC, "health.s-other/gp-1", "general-practitioner", None, id="D-24-not-asked"),
        pytest.param(GP, S_CSC, f"{GP}/x-1", "ig-officer", None, id="D-24-no-practitioner"),
        pytest.param(GP, GP, f"{GP}/gp-1", "general-practitioner", None, id="G.00-by-itself"),
        pytest.param(GP, N_CSC, f"{GP}/gp-1", "general-practitioner", None, id="G.00-by-another-authority"),
        pytest.param(GP, POLICE, f"{GP}/gp-1", "general-practitioner", None, id="G.00-by-police"),
        pytest.param(POLICE, S_CSC, CAIU, "police-officer", None, id="D-25-police"),
        pytest.param(YOS, S_CSC, f"{YOS}/yj-1", "youth-justice-worker", None, id="D-25-youth-justice"),
        pytest.param("education.n-x", S_CSC, "education.n-x/dsl-1", "designated-safeguarding-lead", None,
                     id="R-092-wrong-school"),
    ],
)  # fmt: skip
def test_who_was_asked_for_records_is_a_respondent(
    holder: str, by: str, person: str, role: str, checks: set[str] | None
) -> None:
    story = begun()
    request(story, holder, by)
    stands = is_(story, person, role)
    assert stands.classes == (set() if checks is None else {"respondent"})
    assert stands.checks == (checks or set())
    assert not stands.resolves_others and not stands.meetings


@pytest.mark.req("D-44")
def test_a_pupils_own_school_that_was_asked_has_its_rows_besides() -> None:
    story = begun()
    before = is_(story, f"{SCHOOL}/dsl-1", "designated-safeguarding-lead")
    request(story, SCHOOL)
    after = is_(story, f"{SCHOOL}/dsl-1", "designated-safeguarding-lead")
    assert (before.classes, before.checks) == ({"school"}, frozenset())
    assert (after.classes, after.checks) == ({"school", "respondent"}, {"school", "nursery"})


@pytest.mark.req("D-25", "D-20", "H-16")
def test_a_request_opens_until_28_days_after_its_answer() -> None:
    story = begun()
    request(story)
    asked = (f"{GP}/gp-1", "general-practitioner")
    assert is_(story, *asked, LATE).classes == {"respondent"}, "as long as it is open"
    story.post("2025-09-05 09:00", GP, "records-access-decided", decision="granted")
    assert is_(story, *asked, "2025-10-03 23:59").classes == {"respondent"}
    assert is_(story, *asked, "2025-10-04 00:00").classes == set()
    nothing = begun()
    request(nothing)
    nothing.post("2025-09-05 09:00", "health.s-other", "nothing-known")
    assert is_(nothing, *asked, LATE).classes == {"respondent"}, "another's answer ends nothing"
    nothing.post("2025-09-06 09:00", GP, "nothing-known")
    assert is_(nothing, *asked, LATE).classes == set()


@pytest.mark.req("D-25")
def test_an_answer_ends_the_request_that_it_names() -> None:
    story = begun()
    first = story.post("2025-09-02 09:00", S_CSC, "records-access-requested", holder=GP, scope="medical")
    request(story, time="2025-09-02 10:00")
    about = {"source": first.key.source, "id": first.key.id}
    story.post("2025-09-05 09:00", GP, "records-access-decided", decision="refused", about=about)
    ends = [one.until for one in story.grants if one.kind == "respondent"]
    assert ends == [at("2025-10-04 00:00"), None]
