"""The bases of D-24 over HTTP: each opens what its rule says, not that, and nothing once it has ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

import pytest

from agencies.sdk.build import AgencyEvent
from agencies.sdk.keys import generate_key, write_pair
from tests.support.scenario import World, empty_world

S_CSC, N_CSC, YOS, N_YOS = (
    "social-care.s-csc",
    "social-care.n-csc",
    "youth-justice.s-yos",
    "youth-justice.n-yjs",
)
MAPPA, EARLY_HELP, GP, POLICE = "other.s-mappa", "social-care.s-early-help", "health.s-gp", "police.s-police"
HOME = "other.s-childrens-home"
MORE = {
    N_CSC: (None, {"sw-n1": "social-worker"}),
    N_YOS: (N_CSC, {"yj-n1": "youth-justice-worker"}),
    MAPPA: (S_CSC, {"co-1": "mappa-coordinator"}),
    HOME: (S_CSC, {"rw-1": "residential-worker"}),
}
PEOPLE = {f"{S_CSC}/ch-1": "conference-chair", f"{S_CSC}/sw-9": "social-worker"}
BEGUN = datetime.fromisoformat("2025-09-22T09:00:00+01:00")


class Case:
    """One child of a world, with what S children's social care and others post about it, a minute apart."""

    def __init__(self, world: World, subject: str, minutes: Iterator[int]) -> None:
        self.world, self.subject, self._minutes = world, subject, minutes
        self.post(
            S_CSC, "fd-1", "child-stream-opened", identifiers=[subject], date_of_birth="2010-02-01",
            responsible_authority=S_CSC, schools=[], looked_after=False,
        )  # fmt: skip
        self.id = str(world.hub.identity.resolve(subject))

    def post(self, by: str, author: str, type_: str, /, **data: object) -> None:
        """Post one event; it is taken in."""
        at = BEGUN + timedelta(minutes=next(self._minutes))
        members = {"occurred_at": at.isoformat(), "precision": "exact", "author": f"{by}/{author}"}
        event = AgencyEvent(by, f"{self.subject}-{at:%d%H%M}", type_, self.subject, at, {**members, **data})
        answer = self.world.post(event)
        assert answer.status_code == 201, answer.text

    def told(self) -> dict[str, set[str]]:
        """The codes that the systems of each organisation are sent of the last event, by organisation."""
        items = self.world.hub.store.record.stream(f"child/{self.id}")
        last = [one for one in items if one.kind == "event"][-1]
        found: dict[str, set[str]] = {}
        for notice in self.world.hub.disclosure.notices(last):
            for line in notice.body["lines"]:
                found.setdefault(notice.organisation, set()).add(line["code"])
        return found

    def harmed(self, role: str = "has-harmed") -> None:
        """An incident, a level, intelligence and an assessment: what most bases do not open."""
        self.post(S_CSC, "fd-1", "incident-recorded", role=role, status="alleged")
        self.post(S_CSC, "enq-2", "behaviour-level-assessed", scale="hackett-5", level="problematic")
        self.post(POLICE, "caiu-2", "adult-involvement-suspected", category="known-adult", status="suspected")
        self.post(S_CSC, "enq-2", "assessment-started", kind="single")

    def types(self, person: str, purpose: str) -> set[str] | None:
        """The types and coded lines that a person reads of the child; None where there is no basis."""
        answer = self.world.get_as(
            person, f"/v1/children/{self.id}/chronology", {"Access-Purpose": purpose}, limit="200"
        )
        assert answer.status_code in (200, 404)
        if answer.status_code == 404:
            return None
        assert "CANARY" not in answer.text
        return {one.get("line") or one["type"] for one in answer.json()["entries"]}

    def mine(self, person: str) -> bool:
        """Whether the child is among those that a person is told it has a relationship with."""
        answer = self.world.get_as(person, "/v1/me/children")
        assert answer.status_code == 200
        return self.id in {one["child"] for one in answer.json()["children"]}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with empty_world(tmp_path_factory.mktemp("bases"), scenario="scenario-c") as found:
        directory = found.hub.store.directory
        until = datetime.fromisoformat("2099-12-31").date()
        for organisation, (area, people) in MORE.items():
            directory.add_organisation(organisation, organisation, area)
            directory.adopt_profile(organisation, "llr-2024")
            directory.agree_sharing(organisation, "reference", until, f"{organisation}/{next(iter(people))}")
            for person, role in people.items():
                directory.add_person(f"{organisation}/{person}", (role,))
        for person, role in PEOPLE.items():
            directory.add_person(person, (role,))
        for organisation in (YOS, GP):
            for use in ("events", "client"):
                pair = write_pair(found.keys, organisation, use, generate_key("Ed25519"))
                directory.register_key(organisation, use, pair.public.read_text(encoding="utf-8"))
        yield found


@pytest.fixture(scope="module")
def minutes() -> Iterator[int]:
    return count()


@pytest.fixture
def case(world: World, minutes: Iterator[int], request: pytest.FixtureRequest) -> Case:
    number = sum(map(ord, request.node.name)) % 100_000
    return Case(world, f"local:{S_CSC}:bases-{number}", minutes)


def ended(case: Case, kind: str, organisation: str) -> None:
    case.post(S_CSC, "tm-1", "relationship-ended", kind=kind, organisation=organisation, at="2025-09-22")


@pytest.mark.req("D-43", "R-113")
def test_consulted_police(case: Case) -> None:
    caiu = (f"{POLICE}/caiu-2", "s47-enquiry")
    case.harmed()
    assert case.types(*caiu) is None, "what they posted opens nothing"
    case.post(S_CSC, "fd-1", "relationship-recorded", kind="enquiry", organisation=POLICE,
              person=f"{POLICE}/caiu-2", papers=["consult only"])  # fmt: skip
    assert case.types(*caiu) == {"incident-recorded", "adult-involvement-suspected"}
    assert case.mine(caiu[0])
    ended(case, "enquiry", POLICE)
    assert case.types(*caiu) is None and not case.mine(caiu[0])


@pytest.mark.req("D-24", "G.00")
def test_a_conference_chair(case: Case) -> None:
    chair = (f"{S_CSC}/ch-1", "review")
    case.harmed()
    assert case.types(*chair) is None
    case.post(S_CSC, "tm-1", "named-contact-appointed", role="conference-chair", person=chair[0])
    seen = case.types(*chair)
    assert seen is not None and seen >= {"incident-recorded", "assessment-started"}
    assert "adult-involvement-suspected" not in seen
    ended(case, "chair", S_CSC)
    assert case.types(*chair) is None


@pytest.mark.req("D-24", "R-146", "R-147")
def test_early_help(case: Case) -> None:
    helper = (f"{EARLY_HELP}/eh-1", "direct-care")
    case.harmed()
    assert case.types(*helper) is None
    case.post(S_CSC, "tm-1", "case-transfer-decided", target="early-help", rationale="Support fits.",
              manager=f"{S_CSC}/tm-1", meeting="E-1")  # fmt: skip
    assert case.types(*helper) == {"incident-recorded", "case-transfer-decided"}
    assert case.mine(helper[0]), "the decision names no organisation"
    assert case.told().get(EARLY_HELP) == {"transfer"}
    for organisation, told in ((EARLY_HELP, {"action"}), (YOS, None)):
        case.post(S_CSC, "tm-1", "action-assigned", action=f"A-{organisation[:2]}", organisation=organisation,
                  what="A first visit.", due="2025-10-01")  # fmt: skip
        assert case.told().get(EARLY_HELP) == told
    ended(case, "early-help", EARLY_HELP)
    assert case.types(*helper) is None and not case.mine(helper[0])


@pytest.mark.req("D-24", "D-04", "D-08", "R-130")
def test_a_member_of_the_group(case: Case) -> None:
    member = (f"{GP}/gp-1", "direct-care")
    case.harmed()
    case.post(S_CSC, "tm-1", "meeting-held", kind="strategy", meeting="M1", summary="CANARY-STRATEGY")
    case.post(S_CSC, "tm-1", "plan-started", kind="cin", involvement="Agreed with the family.")
    case.post(S_CSC, "tm-1", "meeting-held", kind="hsb", meeting="H1", summary="Who does what.")
    case.post(
        S_CSC, "tm-1", "risk-management-plan-recorded", responsible_organisation=S_CSC,
        parts=dict.fromkeys(("accountability", "needs", "protection", "future_risk"), "Agreed."),
        accommodation="CANARY-ADDRESS",
        places=[{"kind": "home", "place": "CANARY-HOME", "line": "CANARY-LINE"}],
        measures=[{"for": "everyone", "code": "supervision"}, {"for": "home", "code": "no-contact"}],
    )  # fmt: skip
    assert case.types(*member) is None, "a plan names nobody"
    case.post(S_CSC, "tm-1", "relationship-recorded", kind="group-member", organisation=GP, person=member[0])
    theirs = {"meeting-held", "plan-started", "risk-management-plan-recorded", "safety-measure"}
    assert case.types(*member) == theirs, "neither incident nor strategy meeting, level or intelligence"
    assert case.mine(member[0])
    case.post(S_CSC, "tm-1", "plan-reviewed", outcomes="Going well.")
    case.post(S_CSC, "tm-1", "conference-held", kind="rcpc", meeting="C1", behaviour_response="CANARY-CONF")
    assert case.types(*member) == theirs | {"plan-reviewed"}
    ended(case, "group-member", GP)
    assert case.types(*member) is None and not case.mine(member[0])


@pytest.mark.req("D-24", "D-25", "D-44", "R-115")
def test_an_agency_that_was_asked_for_records(case: Case) -> None:
    doctor = (f"{GP}/gp-1", "direct-care")
    case.harmed()
    assert case.types(*doctor) is None
    case.post(
        S_CSC, "enq-2", "records-access-requested", holder=GP, scope="background-check", purpose="Enquiry"
    )
    assert case.types(*doctor) == {"incident-recorded", "records-access-requested"}
    assert case.mine(doctor[0])
    case.post(GP, "gp-1", "nothing-known")
    case.post(S_CSC, "enq-2", "meeting-checklist-completed", checklist="CL-U10", items=[
        {"item": "school", "answer": "answered", "text": "CANARY-SCHOOL"},
        {"item": "general-practitioner", "answer": "answered", "text": "CANARY-NOTE"},
    ])  # fmt: skip
    answered = {"nothing-known", "meeting-checklist-completed"}
    assert case.types(*doctor) == {"incident-recorded", "records-access-requested"} | answered
    ended(case, "respondent", GP)
    assert case.types(*doctor) is None and not case.mine(doctor[0])


@pytest.mark.req("D-11", "D-45", "D-14", "H-16", "G.00")
def test_the_staff_of_a_childrens_home_get_its_safety_lines(case: Case) -> None:
    """Chronology and notice alike; of what happened and where, no more than any carer."""
    staff = (f"{HOME}/rw-1", "direct-care")
    case.harmed()
    assert case.types(*staff) is None
    case.post(S_CSC, "tm-1", "relationship-recorded", kind="placed", organisation=HOME)
    case.post(
        S_CSC, "tm-1", "risk-management-plan-recorded", responsible_organisation=S_CSC,
        parts=dict.fromkeys(("accountability", "needs", "protection", "future_risk"), "CANARY-PART"),
        accommodation="CANARY-ADDRESS", measures=[{"for": "home", "code": "supervision"}],
    )  # fmt: skip
    assert case.told()[HOME] == {"safety-measure"}
    assert case.types(*staff) == {"incident-recorded", "safety-measure"}
    assert case.mine(staff[0])
    ended(case, "placed", HOME)
    assert case.types(*staff) is None and not case.mine(staff[0])


@pytest.mark.req("D-47", "R-172")
def test_the_coordinator_of_public_protection(case: Case) -> None:
    coordinator = (f"{MAPPA}/co-1", "public-protection")
    case.harmed()
    case.post(POLICE, "caiu-2", "conviction-recorded", against_children="yes", convicted_on="2025-09-20")
    assert case.types(*coordinator) is None
    case.post(S_CSC, "tm-1", "mappa-notified", coordinator=coordinator[0], notified_on="2025-09-22")
    assert case.types(*coordinator) == {"conviction-recorded", "mappa-notified", "assessment-started"}
    assert case.mine(coordinator[0])
    ended(case, "mappa", MAPPA)
    assert case.types(*coordinator) is None and not case.mine(coordinator[0])


@pytest.mark.req("D-24", "R-076")
def test_a_single_point_of_contact(case: Case) -> None:
    contact = (f"{S_CSC}/sw-9", "direct-care")
    case.harmed("has-been-harmed")
    assert case.types(*contact) is None
    case.post(S_CSC, "tm-1", "named-contact-appointed", role="spoc", person=contact[0])
    seen = case.types(*contact)
    assert seen is not None and "incident-recorded" in seen
    assert not {"adult-involvement-suspected", "child-stream-opened", "relationship-recorded"} & seen
    assert case.mine(contact[0])
    ended(case, "spoc", S_CSC)
    assert case.types(*contact) is None and not case.mine(contact[0])


@pytest.mark.req("G.00", "R-173", "D-27")
def test_youth_justice_of_the_area_to_which_a_child_is_released(case: Case) -> None:
    there = (f"{N_YOS}/yj-n1", "direct-care")
    case.harmed()
    case.post(YOS, "yj-2", "custody-release-notified", release_date="2025-10-20", to_authority=N_CSC)
    assert case.types(*there) is None, "whoever does not supervise the child lets nobody in"
    case.post(S_CSC, "tm-1", "relationship-recorded", kind="supervised", organisation=YOS)
    case.post(YOS, "yj-2", "custody-release-notified", release_date="2025-10-21", to_authority=N_CSC)
    seen = case.types(*there)
    assert seen is not None and seen >= {"incident-recorded", "custody-release-notified"}
    assert "adult-involvement-suspected" not in seen
    assert case.mine(there[0]), "the notice names an area"
    assert case.types(f"{N_CSC}/sw-n1", "assessment") is None
    ended(case, "supervised", N_YOS)
    assert case.types(*there) is None and not case.mine(there[0])


@pytest.mark.req("D-17", "D-51", "G.00")
def test_a_group_sits_for_the_set_of_linked_children(world: World, minutes: Iterator[int]) -> None:
    first, second = (Case(world, f"local:{S_CSC}:set-{number}", minutes) for number in (1, 2))
    member = (f"{POLICE}/caiu-2", "s47-enquiry")
    for one, role in ((first, "has-harmed"), (second, "has-been-harmed")):
        one.harmed(role)
    for one, other in ((first, second), (second, first)):
        one.post(S_CSC, "enq-2", "incident-linked", link="LK-S", others=[{"ref": other.subject}])
    seat = {"organisation": POLICE, "person": member[0]}
    first.post(S_CSC, "tm-1", "strategic-management-group-appointed", members=[seat], link="LK-OTHER")
    assert first.types(*member) is not None and second.types(*member) is None, "the link is another"
    first.post(S_CSC, "tm-1", "strategic-management-group-appointed", members=[seat], link="LK-S")
    for one in (first, second):
        seen = one.types(*member)
        assert seen is not None and seen >= {"incident-recorded", "incident-linked"}
        assert one.mine(member[0])
    first.post(S_CSC, "tm-1", "strategic-management-group-appointed", members=[], link="LK-S")
    for one in (first, second):
        assert one.types(*member) is None and not one.mine(member[0])
