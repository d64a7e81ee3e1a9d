"""Reviews of content and papers for families over HTTP: asked for, decided, read, ended, recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from agencies.sdk.build import AgencyEvent
from hub.disclosure.rules import RuleFiles, load_rules, shipped_files
from tests.support.scenario import World, empty_world

Json = dict[str, Any]
S_CSC, POLICE, HUB_IG = "social-care.s-csc", "police.s-police", "partnership.hub-ig"
HEALTH = "health.s-health-visiting"
OWN, MANAGER, SECOND_MANAGER = f"{S_CSC}/sw-s5", f"{S_CSC}/tm-1", f"{S_CSC}/tm-2"
UNIT, OTHER_WORKER = f"{S_CSC}/sgu-1", f"{S_CSC}/sw-s6"
OFFICER, SECOND_OFFICER, AGENCY_OFFICER = f"{HUB_IG}/igo-1", f"{HUB_IG}/igo-2", f"{S_CSC}/igo-3"
CHILD, LONE = f"local:{S_CSC}:review-1", f"local:{S_CSC}:review-2"
BEGUN = datetime.fromisoformat("2025-09-22T09:00:00+01:00")
WHY = {"question": "decision-of-a-rule", "reason": "The school complains of what it was shown."}
# Wrong on purpose: accounts tell of those whom nothing else tells of, and name nobody.
DRAFT = """@id("X-TO-ANYBODY") @rule("D-14") @requirement("H-23") @legal_basis("b") @reason("r")
@text("Somebody")
permit (principal, action == Action::"line-account-to", resource) when { resource.detail == "" };
@id("X-NO-NAMES") @rule("D-14") @requirement("H-23") @legal_basis("b") @reason("r")
forbid (principal, action == Action::"line-account-name", resource) when { true };
"""


class Office:
    """A hub in which time goes on, and the people of this file."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.names = count(1)
        self.now = BEGUN
        self.http = httpx.Client(timeout=60)

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)
        self.world.advance(self.now.isoformat())

    def post(self, by: str, author: str, type_: str, subject: str = CHILD, /, **data: object) -> None:
        self.now += timedelta(minutes=1)
        members = {"occurred_at": self.now.isoformat(), "precision": "exact", "author": f"{by}/{author}"}
        name = f"reviewed-{next(self.names):08}"
        answer = self.world.post(AgencyEvent(by, name, type_, subject, self.now, {**members, **data}))
        assert answer.status_code == 201, answer.text

    def send(self, person: str, path: str, body: Json | None = None) -> httpx.Response:
        token = {"Authorization": f"Bearer {self.world.person_token(person)}"}
        return self.http.post(self.world.address + path, json=body, headers=token)

    def get(self, person: str, path: str, purpose: str | None = None, **query: str) -> httpx.Response:
        return self.world.get_as(person, path, {"Access-Purpose": purpose} if purpose else {}, **query)

    def child(self, subject: str = CHILD) -> str:
        return str(self.world.hub.identity.resolve(subject))

    def entries(self, person: str, purpose: str, subject: str = CHILD) -> list[Json]:
        answer = self.get(person, f"/v1/children/{self.child(subject)}/chronology", purpose, limit="200")
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["entries"]
        return found

    def named(self, *types: str, subject: str = CHILD) -> list[str]:
        """The officer's own entry ids of entries of these types."""
        return [one["entry_id"] for one in self.entries(OFFICER, "audit", subject) if one["type"] in types]

    def ask(self, *types: str, by: str = OFFICER, subject: str = CHILD, **more: object) -> httpx.Response:
        body = {**WHY, "child": self.child(subject), "entries": self.named(*types, subject=subject), **more}
        return self.send(by, "/v1/audit/content-reviews", body)

    def decide(self, person: str, review: str, outcome: str = "approved") -> httpx.Response:
        body = {"outcome": outcome, "reason": "Needed to answer the school."}
        return self.send(person, f"/v1/content-reviews/{review}/decision", body)

    def read(self, person: str, review: str) -> httpx.Response:
        return self.get(person, f"/v1/audit/content-reviews/{review}/entries")

    def waiting(self, person: str) -> dict[str, Json]:
        answer = self.get(person, "/v1/content-reviews")
        assert answer.status_code == 200, answer.text
        return {one["review"]: one for one in answer.json()["reviews"]}

    def codes(self, person: str) -> list[str]:
        answer = self.get(person, "/v1/notices", limit="100")
        assert answer.status_code == 200, answer.text
        return [one["lines"][0]["code"] for one in answer.json()["notices"]]

    def paper(self, person: str, recipient: str = "mother", subject: str = CHILD) -> httpx.Response:
        purpose = "supervision" if person == MANAGER else "assessment"
        return self.get(
            person, f"/v1/children/{self.child(subject)}/family-paper", purpose, **{"for": recipient}
        )


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with empty_world(tmp_path_factory.mktemp("reviews"), scenario="scenario-c") as world:
        directory = world.hub.store.directory
        for person, role in (
            (SECOND_MANAGER, "team-manager"), (SECOND_OFFICER, "ig-officer"), (AGENCY_OFFICER, "ig-officer"),
        ):  # fmt: skip
            directory.add_person(person, (role,))
        found = Office(world)
        for subject in (CHILD, LONE):
            found.post(S_CSC, "sw-s5", "child-stream-opened", subject, identifiers=[subject],
                       date_of_birth="2012-02-01", responsible_authority=S_CSC, schools=[],
                       looked_after=False)  # fmt: skip
            found.post(S_CSC, "sw-s5", "incident-recorded", subject, role="has-harmed", status="alleged",
                       narrative="CANARY-INCIDENT")  # fmt: skip
        found.post(S_CSC, "tm-1", "social-worker-allocated", kind="allocated", worker=OWN)
        found.post(HEALTH, "hv-1", "support-arranged", kind="therapy", provider="health.canary-therapy")
        found.post(POLICE, "caiu-2", "adult-involvement-suspected", category="known-adult",
                   status="suspected", narrative="CANARY-INTEL")  # fmt: skip
        found.post(S_CSC, "sw-s5", "assessment-started", kind="single")
        found.post(S_CSC, "sw-s5", "family-informed", topic="incident", outcome="informed", who=["mother"])
        yield found
        found.http.close()


@pytest.mark.req("H-15", "D-13", "H-14")
def test_approval_opens_what_it_names_and_every_reading_is_recorded_by_its_name(office: Office) -> None:
    before = {one["type"]: one for one in office.entries(OFFICER, "audit")}
    assert before["incident-recorded"]["fields"] == {}
    assert before["incident-recorded"]["redactions"][0]["ask"] == "request an approved review (H-15)"
    asked = office.ask("incident-recorded")
    assert asked.status_code == 201, asked.text
    review = asked.json()["review"]
    assert asked.json()["state"] == "waiting" and office.read(OFFICER, review).status_code == 409
    assert office.codes(MANAGER).count("review-asked") == 1 and "review-asked" not in office.codes(UNIT)
    shown = office.waiting(MANAGER)[review]
    managers = [
        one["entry_id"]
        for one in office.entries(MANAGER, "supervision")
        if one["type"] == "incident-recorded"
    ]
    assert shown["entries"] == managers, "named as the manager knows them"
    decided = office.decide(MANAGER, review)
    assert decided.status_code == 201 and decided.json()["opened"] == 1, decided.text
    assert "review-decided" in office.codes(OFFICER)
    answer = office.read(OFFICER, review)
    assert answer.status_code == 200, answer.text
    [entry] = answer.json()["entries"]
    assert entry["fields"]["narrative"] == "CANARY-INCIDENT" and entry["redactions"] == []
    rows = office.get(OFFICER, "/v1/audit/accesses", child=f"child:{office.child()}").json()["accesses"]
    [row] = [one for one in rows if one["disclosure_id"] == answer.json()["disclosure_id"]]
    assert (row["what"], row["reference"], row["reader"]) == ("content-review", review, OFFICER)
    assert row["items"] == 1
    named = [one["what"] for one in rows if one["reference"] == review]
    assert named == ["content-review-asked", "content-review", "content-review-decided", "content-review"]
    assert [one["outcome"] for one in rows if one["what"] == "content-review"] == [
        "refused: conflict", "disclosed",
    ]  # fmt: skip
    path = f"/v1/audit/accesses/{row['disclosure_id']}"
    told = office.get(OFFICER, f"{path}/explanation").json()
    assert told["items"][0]["policies"] == ["D-13-REVIEWED"] and "CANARY" not in str(told)
    again = office.get(OFFICER, f"{path}/replay").json()
    assert (again["decisions"], again["text"]) == ("the same", "the same"), again
    after = {one["type"]: one for one in office.entries(OFFICER, "audit")}
    assert after["incident-recorded"]["fields"] == {}, "only a reading under the review opens it"


@pytest.mark.req("H-15", "D-05", "D-06", "D-18")
def test_what_no_review_opens_stays_metadata_and_is_in_no_number_to_who_may_not_know(office: Office) -> None:
    types = ("incident-recorded", "adult-involvement-suspected", "support-arranged")
    review = office.ask(*types).json()
    assert len(review["entries"]) == 3
    shown = office.waiting(MANAGER)[review["review"]]["entries"]
    known = {
        one["entry_id"]: one["type"] for one in office.entries(MANAGER, "supervision") if one["type"] in types
    }
    assert sorted(known[one] for one in shown) == ["adult-involvement-suspected", "incident-recorded"]
    assert office.decide(MANAGER, review["review"]).json()["opened"] == 2
    answer = office.read(OFFICER, review["review"])
    seen = {one["type"]: one["fields"] for one in answer.json()["entries"]}
    assert seen["adult-involvement-suspected"] == {} and "support-arranged" not in seen
    assert "CANARY-INTEL" not in answer.text and "canary-therapy" not in answer.text
    alone = office.ask("support-arranged").json()["review"]
    assert alone not in office.waiting(MANAGER), "the manager does not learn that there is such an entry"
    assert office.decide(MANAGER, alone).status_code == 404


@pytest.mark.req("H-15", "D-13")
def test_who_asks_who_decides_and_who_reads(office: Office) -> None:
    for person in (MANAGER, OWN, AGENCY_OFFICER):
        assert office.ask("incident-recorded", by=person).status_code == 404, person
    review = office.ask("incident-recorded").json()["review"]
    for person in (OFFICER, SECOND_OFFICER, OWN, OTHER_WORKER, UNIT, f"{POLICE}/caiu-2"):
        assert office.decide(person, review).status_code == 404, person
        assert review not in office.waiting(person), person
    assert office.decide(MANAGER, review).status_code == 201
    assert office.decide(SECOND_MANAGER, review).status_code == 409, "a decision stands"
    for person in (SECOND_OFFICER, MANAGER, AGENCY_OFFICER):
        assert office.read(person, review).status_code == 404, person
    listed = office.get(SECOND_OFFICER, "/v1/audit/content-reviews").json()["reviews"]
    assert review in {one["review"] for one in listed}, "officers answer for each other"
    assert office.get(AGENCY_OFFICER, "/v1/audit/content-reviews").status_code == 404


@pytest.mark.req("H-15")
def test_whose_own_reading_is_looked_into_does_not_decide(office: Office) -> None:
    """A past answer's entries; two managers, one of them the reader of it."""
    answer = office.get(
        MANAGER, f"/v1/children/{office.child()}/chronology", "supervision", type="incident-recorded"
    )
    given = answer.json()["disclosure_id"]
    asked = office.send(OFFICER, "/v1/audit/content-reviews", {**WHY, "disclosure": given})
    review = asked.json()["review"]
    assert asked.status_code == 201 and len(asked.json()["entries"]) == 1, asked.text
    assert office.decide(MANAGER, review).status_code == 404 and review not in office.waiting(MANAGER)
    assert office.decide(SECOND_MANAGER, review, "refused").json()["state"] == "refused"
    assert office.read(OFFICER, review).status_code == 409
    for wrong in ({"disclosure": given, "child": office.child()}, {}, {"child": office.child()},
                  {"child": office.child(), "entries": ["not-an-entry"]},
                  {"disclosure": given, "question": "curiosity"}):  # fmt: skip
        assert office.send(OFFICER, "/v1/audit/content-reviews", {**WHY, **wrong}).status_code == 422, wrong
    nobody = {**WHY, "disclosure": "00000000-0000-4000-8000-000000000000"}
    assert office.send(OFFICER, "/v1/audit/content-reviews", nobody).status_code == 404


@pytest.mark.req("H-15", "D-12")
def test_of_a_child_without_a_worker_the_safeguarding_unit_decides_and_it_can_be_ended(
    office: Office,
) -> None:
    review = office.ask("incident-recorded", subject=LONE).json()["review"]
    assert review in office.waiting(UNIT) and review not in office.waiting(MANAGER)
    assert office.decide(UNIT, review).status_code == 201
    assert office.read(OFFICER, review).status_code == 200
    assert office.send(OWN, f"/v1/content-reviews/{review}/end").status_code == 404
    assert office.send(UNIT, f"/v1/content-reviews/{review}/end").json()["state"] == "ended"
    assert office.read(OFFICER, review).status_code == 409
    assert office.send(OFFICER, f"/v1/content-reviews/{review}/end").status_code == 409


@pytest.mark.req("D-14", "R-054", "R-135", "H-12")
def test_a_paper_for_the_family_is_made_by_the_own_worker_and_recorded_for_whom(office: Office) -> None:
    answer = office.paper(OWN)
    assert answer.status_code == 200, answer.text
    kinds = [one["kind"] for one in answer.json()["lines"]]
    assert sorted(kinds) == [
        "assessment-started", "family-informed", "incident-recorded", "social-worker-allocated",
    ]  # fmt: skip
    assert "CANARY" not in answer.text and S_CSC not in answer.text.replace(f"{OWN}", "")
    incident = next(one for one in answer.json()["lines"] if one["kind"] == "incident-recorded")
    assert incident["fields"] == {"status": "alleged"}
    assert [one["source"][:5] for one in answer.json()["always"]] == ["R-056", "R-015", "R-055", "H-02"]
    told = office.paper(OWN, "father")
    assert told.status_code == 200 and told.json()["lines"] == [], "the mother was told, not the father"
    for person in (OTHER_WORKER, UNIT, OFFICER, f"{POLICE}/caiu-2"):
        assert office.paper(person).status_code in (403, 404), person
    assert office.paper(MANAGER).status_code == 200
    assert office.paper(OWN, "neighbour").status_code == 422
    name = answer.json()["disclosure_id"]
    explained = office.get(OFFICER, f"/v1/audit/accesses/{name}/explanation").json()
    assert explained["access"]["what"] == "family-paper" and explained["bases"] == ["family", "mother"]
    policies = {one for item in explained["items"] for one in item["policies"]}
    assert {"D-14-FAMILY-CONCERN", "D-14-FAMILY-HELD"} <= policies, "what was withheld is recorded too"
    again = office.get(OFFICER, f"/v1/audit/accesses/{name}/replay").json()
    assert (again["decisions"], again["text"]) == ("the same", "the same"), again


@pytest.mark.req("H-23", "H-12", "H-14", "D-13")
def test_a_childs_own_account_is_made_by_its_worker_or_an_officer_and_recorded(office: Office) -> None:
    """After the paper for the family: here the child is told too, and its worker has read its record."""
    place = f"/v1/children/{office.child()}/own-account"
    office.entries(OWN, "assessment")
    before = office.get(OWN, place, "assessment").json()
    assert before["lines"] == before["looked"] == [], "the mother was told, not the child"
    office.post(S_CSC, "sw-s5", "family-informed", topic="incident", outcome="informed", who=["child"])
    office.entries(OWN, "assessment")
    answer = office.get(OWN, place, "assessment")
    assert answer.status_code == 200, answer.text
    (line, *more) = answer.json()["lines"]
    assert line["who"] == {"kind": "Children's social care", "name": "S children's social care"}
    assert "That people were worried about something that happened" in line["told"] and len(more) <= 1
    assert [one["who"] for one in answer.json()["looked"]] == [line["who"]]
    assert "CANARY" not in answer.text and "sw-s5" not in answer.text
    for person, purpose in (
        (OTHER_WORKER, "assessment"), (UNIT, "supervision"), (f"{POLICE}/caiu-2", "s47-enquiry"),
        (AGENCY_OFFICER, "subject-access"),
    ):  # fmt: skip
        assert office.get(person, place, purpose).status_code == 404, person
    nobody = office.get(OWN, "/v1/children/00000000-0000-4000-8000-000000000000/own-account", "assessment")
    refused = office.get(OTHER_WORKER, place, "assessment").json()
    assert {**nobody.json(), "instance": ""} == {**refused, "instance": ""}
    assert office.get(OFFICER, place, "audit").status_code == 403
    asked = office.get(OFFICER, place, "subject-access")
    assert asked.json()["lines"] == answer.json()["lines"], "the same, whoever makes it"
    for name in (answer.json()["disclosure_id"], asked.json()["disclosure_id"]):
        told = office.get(OFFICER, f"/v1/audit/accesses/{name}/explanation").json()
        assert (told["access"]["what"], told["bases"]) == ("own-account", ["subject"])
        policies = {one for item in told["items"] for one in item["policies"]}
        assert {"D-14-ACCOUNT-CONCERN", "D-14-ACCOUNT-TO-CARE", "D-14-ACCOUNT-HELD"} <= policies
        assert {one["type"] for one in told["items"]} >= {"incident-recorded", "record-accessed"}
        again = office.get(OFFICER, f"/v1/audit/accesses/{name}/replay").json()
        assert (again["decisions"], again["text"]) == ("the same", "the same"), again


@pytest.mark.req("H-08", "H-23", "H-14")
def test_a_rehearsal_tells_whom_accounts_that_were_made_would_name_more_and_less(office: Office) -> None:
    """After the accounts were made, before which an officer looked, of whom no account tells."""
    policies = office.world.hub.oversight.policies
    officer = office.world.hub.store.directory.principal_for_person(OFFICER)
    files = {**shipped_files().files, "draft.cedar": DRAFT}
    rehearsed = policies.rehearse(officer, RuleFiles(files, shipped_files().schema).rules())
    accesses = [one for one in rehearsed.changes if one.kind == "record-accessed"]
    more, less = accesses
    assert more.more and not less.more and rehearsed.unmade == 0
    assert more.parts[-1] == "who was told: Somebody" and more.after == ("X-TO-ANYBODY",) and not more.before
    assert "what was told: That people were worried about something that happened" in more.parts
    assert less.parts == (f"by name: {S_CSC}",) and less.after == ("D-14-ACCOUNT-TO-CARE", "X-NO-NAMES")
    for one in accesses:
        assert (one.role, one.classes, one.children) == ("a child's own account", ("subject",), 1)
        made_by = {office.get(OFFICER, f"/v1/audit/accesses/{name}/explanation").json()["access"]["what"]
                   for name in one.disclosures}  # fmt: skip
        assert made_by == {"own-account"} and set(one.readers) == {OWN, OFFICER}
    assert policies.rehearse(officer, load_rules()).changes == ()


@pytest.mark.req("H-15", "D-20")
def test_after_three_days_it_ends_by_itself_and_undecided_it_lapses(office: Office) -> None:
    """Last in this file: it moves the clock."""
    review, undecided = (office.ask("incident-recorded").json()["review"] for _ in range(2))
    assert office.decide(MANAGER, review).status_code == 201
    office.later(hours=71)
    assert office.read(OFFICER, review).status_code == 200
    office.later(hours=2)
    assert office.read(OFFICER, review).status_code == 409
    listed = office.get(OFFICER, "/v1/audit/content-reviews").json()["reviews"]
    assert {one["review"]: one["state"] for one in listed}[review] == "ended"
    office.later(days=14)
    assert office.decide(MANAGER, undecided).status_code == 409
    assert undecided not in office.waiting(MANAGER)
