"""R-079, R-124, R-125, R-009, R-142, R-113: what a decision must carry or may not decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.pathway.gates import judge
from tests.spec import scenario_a as a
from tests.spec.judging import MANAGER, decision, people, refused
from tests.spec.posts import ELM, POLICE, N, S, all_of, at, material, other, post, profile_of

#


@pytest.mark.req("R-079")
@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ({"separate": True}, None),
        ({"separate": False, "reason": "the risk is no longer present"}, None),
        ({"separate": False}, "R-079"),
        ({"separate": False, "reason": "  "}, "R-079"),
    ],
)
def test_a_no_to_separate_meetings_says_why(data, rule):
    assert refused(decision("separate-meetings-decided", data), material("c", [])) == rule


WHY = {"decision": "not-held", "rationale": "no continuing concern"}


@pytest.mark.req("R-124")
@pytest.mark.parametrize(
    ("profile", "data", "rule"),
    [
        ("darlington-2025", {**WHY, "manager": MANAGER}, None),
        ("darlington-2025", WHY, "R-124"),
        ("darlington-2025", {**WHY, "manager": f"{S}/sw-s1"}, "R-124"),
        ("darlington-2025", {**WHY, "manager": f"{N}/tm-1"}, "R-124"),
        ("darlington-2025", {"decision": "not-held", "manager": MANAGER}, "R-124"),
        ("llr-2024", {**WHY, "manager": MANAGER}, None),
        ("llr-2024", WHY, None),
        ("llr-2024", {"decision": "not-held"}, "R-124"),
        ("darlington-2025", {"decision": "held"}, None),
    ],
)
def test_a_conference_not_held_has_its_rationale_and_its_manager(profile, data, rule):
    whole = material("c", [], authority=S)
    assert refused(decision("conference-decided", data, "c"), whole, all_of(profile)) == rule


def harmed(risk, role="has-been-harmed", status="alleged"):
    return [
        post("i", "2025-09-12 15:25", ELM, "c", "incident-recorded", {"role": role, "status": status}),
        post("s", "2025-09-29 11:00", S, "c", "section-47-enquiry-concluded", {"continuing_risk": risk}),
    ]


@pytest.mark.req("R-125")
@pytest.mark.parametrize("profile", ["darlington-2025", "llr-2024"])
@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        (harmed(True), "R-125"),
        (harmed(False), None),
        (harmed(True, role="has-harmed"), None),
        (harmed(True, status="not-established"), None),
        (harmed(True)[:1], None),
    ],
)
def test_a_harmed_child_at_continuing_risk_has_a_conference(entries, rule, profile):
    asked = decision("conference-decided", {**WHY, "manager": MANAGER}, "c")
    assert refused(asked, material("c", entries, authority=S), all_of(profile)) == rule
    held = decision("conference-decided", {"decision": "held"}, "c")
    assert refused(held, material("c", entries, authority=S), all_of(profile)) is None


@pytest.mark.req("R-125")
def test_the_last_conclusion_counts_and_a_linked_record_can_say_who_was_harmed():
    linked = post(
        "x",
        "2025-09-12 15:25",
        S,
        "d",
        "incident-recorded",
        {"role": "has-harmed"},
        others=[other("c", "has-been-harmed")],
    )
    concluded = harmed(True)[1:]
    asked = decision("conference-decided", {**WHY, "manager": MANAGER}, "c")
    assert refused(asked, material("c", concluded, linked={"d": (linked,)}, authority=S)) == "R-125"
    later = post("s2", "2025-10-29 11:00", S, "c", "section-47-enquiry-concluded", {"continuing_risk": False})
    assert refused(asked, material("c", [*concluded, later], linked={"d": (linked,)}, authority=S)) is None


#

PARTS = {"accountability": "a", "needs": "n", "protection": "p", "future_risk": "f"}


@pytest.mark.req("R-009", "R-142")
@pytest.mark.parametrize(
    ("missing", "rule", "force"),
    [
        (None, None, None),
        ("accountability", "R-009", "SHOULD"),
        ("needs", "R-009", "SHOULD"),
        ("protection", "R-009", "SHOULD"),
        ("future_risk", "R-142", "MUST"),
    ],
)
@pytest.mark.parametrize("emptied", [True, False])
def test_a_plan_has_all_its_parts(missing, rule, force, emptied):
    parts = {name: text for name, text in PARTS.items() if name != missing}
    if emptied and missing:
        parts[missing] = " "
    asked = decision("risk-management-plan-recorded", {"parts": parts}, "c")
    refusal = judge(asked, material("c", []), now=a.END, profile_of=profile_of, people=people)
    assert (refusal.rule, refusal.force) == (rule, force) if rule else refusal is None
    if refusal and rule == "R-009":
        override = {"rule": "R-009", "manager": MANAGER, "reason": "written by the therapist next week"}
        again = replace(asked, data={**asked.data, "override": override})
        assert refused(again, material("c", [])) is None


@pytest.mark.req("R-009")
def test_a_plan_without_any_parts_is_refused():
    assert refused(decision("risk-management-plan-recorded", {}, "c"), material("c", [])) == "R-142"


#

INCIDENT = post(
    "i",
    "2025-09-22 13:00",
    ELM,
    "c",
    "incident-recorded",
    {"role": "has-harmed", "status": "alleged"},
    happened="2025-09-22",
    precision="day",
)
UNDER, TEN = date(2015, 9, 23), date(2015, 9, 22)


@pytest.mark.req("R-113", "D-16")
@pytest.mark.parametrize(("born", "rule"), [(UNDER, "R-113"), (TEN, None), (None, None)])
@pytest.mark.parametrize(
    ("type", "data"),
    [
        ("criminal-investigation-decided", {"decision": "investigate"}),
        ("interview-planned", {"method": "pace"}),
    ],
)
def test_a_child_under_ten_at_the_incident_is_not_investigated(born, rule, type, data):
    asked = decision(type, data, "c", POLICE)
    assert refused(asked, material("c", [INCIDENT], date_of_birth=born)) == rule
    override = {"rule": "R-113", "manager": MANAGER, "reason": "r"}
    asked = replace(asked, data={**data, "override": override})
    assert refused(asked, material("c", [INCIDENT], date_of_birth=born)) == rule


@pytest.mark.req("R-113")
def test_what_presupposes_no_responsibility_is_not_refused():
    for type, data in (
        ("criminal-investigation-decided", {"decision": "not-investigate"}),
        ("interview-planned", {"method": "social-worker"}),
    ):
        assert (
            refused(decision(type, data, "c", POLICE), material("c", [INCIDENT], date_of_birth=UNDER)) is None
        )


@pytest.mark.req("R-113")
def test_the_age_is_that_at_the_incident_which_the_decision_names():
    later = replace(
        INCIDENT,
        key=post("j", "2025-10-01 09:00", ELM, "c", "incident-recorded").key,
        occurred=post("j", "2025-10-01 09:00", ELM, "c", "x").occurred,
        recorded_at=at("2025-10-01 09:00"),
    )
    whole = material("c", [INCIDENT, later], date_of_birth=UNDER)

    def asked(about):
        return decision(
            "criminal-investigation-decided", {"decision": "investigate"}, "c", POLICE, about=about
        )

    assert refused(asked("i"), whole) == "R-113"
    assert refused(asked("j"), whole) is None
    assert refused(asked(None), whole) is None


@pytest.mark.req("R-113")
def test_the_date_of_birth_of_the_opening_is_used_where_none_is_given():
    opened = post(
        "o", "2025-09-01 09:00", S, "c", "child-stream-opened", {"date_of_birth": UNDER.isoformat()}
    )
    asked = decision("criminal-investigation-decided", {"decision": "investigate"}, "c", POLICE)
    assert refused(asked, material("c", [opened, INCIDENT])) == "R-113"
