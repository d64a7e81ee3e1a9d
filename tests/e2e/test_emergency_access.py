"""Emergency access over HTTP: what it opens, for how long, who is told, who sees it, and its review."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from agencies.sdk.build import AgencyEvent
from tests.support.scenario import World, empty_world

Json = dict[str, Any]
S_CSC, POLICE, THERAPY, HUB_IG = (
    "social-care.s-csc",
    "police.s-police",
    "health.s-therapy",
    "partnership.hub-ig",
)
DUTY, OTHER_DUTY, MANAGER, OWN = f"{S_CSC}/duty-1", f"{S_CSC}/duty-2", f"{S_CSC}/tm-1", f"{S_CSC}/sw-s5"
OTHER, OFFICER, AGENCY_OFFICER = f"{S_CSC}/sw-s6", f"{HUB_IG}/igo-1", f"{S_CSC}/igo-2"
CONSTABLE = f"{POLICE}/pc-1"
DUTY_READS, OWN_READS, MANAGER_READS = "referral-screening", "assessment", "supervision"
PEOPLE = {
    DUTY: "duty-worker", OTHER_DUTY: "duty-worker", AGENCY_OFFICER: "ig-officer", CONSTABLE: "police-officer",
}  # fmt: skip
BEGUN = datetime.fromisoformat("2025-09-22T09:00:00+01:00")
DANGER = "child-in-immediate-danger"


class Night:
    """A hub in which time goes on: what was posted, what was asked, what was answered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.names = count(1)
        self.now = BEGUN
        self.http = httpx.Client(timeout=60)

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)
        self.world.advance(self.now.isoformat())

    def post(self, by: str, author: str, type_: str, subject: str, /, **data: object) -> None:
        self.now += timedelta(minutes=1)
        members = {"occurred_at": self.now.isoformat(), "precision": "exact", "author": f"{by}/{author}"}
        name = f"emergency-{next(self.names):08}"
        answer = self.world.post(AgencyEvent(by, name, type_, subject, self.now, {**members, **data}))
        assert answer.status_code == 201, answer.text

    def child(self, subject: str) -> str:
        """A child with an own worker, an incident, a measure, therapy, intelligence and a placement."""
        self.post(S_CSC, "fd-1", "child-stream-opened", subject, identifiers=[subject],
                  date_of_birth="2012-02-01", responsible_authority=S_CSC, schools=[],
                  looked_after=True)  # fmt: skip
        self.post(S_CSC, "fd-1", "incident-recorded", subject, role="has-harmed", status="alleged",
                  happened="alleged", narrative="CANARY-INCIDENT")  # fmt: skip
        self.post(S_CSC, "fd-1", "immediate-safety-measure-recorded", subject,
                  measure="supervision", by="school", narrative="Stay with the child.")  # fmt: skip
        self.post(S_CSC, "tm-1", "social-worker-allocated", subject, kind="allocated", worker=OWN)
        self.post(
            S_CSC, "sw-s5", "support-arranged", subject, kind="therapy", provider="health.canary-therapy"
        )
        self.post(POLICE, "caiu-2", "adult-involvement-suspected", subject, category="known-adult",
                  status="suspected", narrative="CANARY-INTEL")  # fmt: skip
        self.post(S_CSC, "sw-s5", "child-circumstance-recorded", subject, kind="placement",
                  address="CANARY-ADDRESS")  # fmt: skip
        self.post(S_CSC, "sw-s5", "child-voice-recorded", subject, words="CANARY-WORDS")
        return str(self.world.hub.identity.resolve(subject))

    def ask(self, person: str, identifier: str, reason: str = DANGER, **more: str) -> httpx.Response:
        body = {"identifier": identifier, "reason": reason, "reference": "INC-2025-118", **more}
        return self._send(person, "/v1/emergency-access", body)

    def review(self, officer: str, access: str, outcome: str = "approved") -> httpx.Response:
        found = {"outcome": outcome, "reason": "Looked into with the team."}
        return self._send(officer, f"/v1/audit/reviews/{access}", found)

    def _send(self, person: str, path: str, body: Json) -> httpx.Response:
        token = {"Authorization": f"Bearer {self.world.person_token(person)}"}
        return self.http.post(self.world.address + path, json=body, headers=token)

    def get(self, person: str, path: str, purpose: str | None = None, **query: str) -> httpx.Response:
        return self.world.get_as(person, path, {"Access-Purpose": purpose} if purpose else {}, **query)

    def chronology(self, person: str, child: str, purpose: str = DUTY_READS) -> httpx.Response:
        return self.get(person, f"/v1/children/{child}/chronology", purpose)

    def uses(self, person: str, child: str, purpose: str) -> list[Json]:
        answer = self.get(person, f"/v1/children/{child}/accesses", purpose)
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["emergency_accesses"]
        return found

    def reviews(self, officer: str) -> dict[str, Json]:
        answer = self.get(officer, "/v1/audit/reviews")
        assert answer.status_code == 200, answer.text
        return {one["access"]: one for one in answer.json()["reviews"]}

    def told(self, person: str) -> list[Json]:
        """What a person fetches of its own notices."""
        answer = self.get(person, "/v1/notices")
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["notices"]
        return found


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with empty_world(tmp_path_factory.mktemp("emergency"), scenario="scenario-c") as world:
        for person, role in PEOPLE.items():
            world.hub.store.directory.add_person(person, (role,))
        found = Night(world)
        yield found
        found.http.close()


@pytest.fixture(scope="module")
def opened(night: Night) -> tuple[str, str, Json]:
    """A child that a duty worker opened by its identifier, before anybody else did anything with it."""
    subject = f"local:{S_CSC}:night-1"
    child = night.child(subject)
    assert night.chronology(DUTY, child).status_code == 404, "nothing to this child before"
    answer = night.ask(DUTY, subject)
    assert answer.status_code == 201, answer.text
    return subject, child, answer.json()


@pytest.mark.req("H-17", "D-50", "D-24")
def test_it_opens_core_facts_and_safety_and_nothing_else(night: Night, opened: tuple[str, str, Json]) -> None:
    subject, child, begun = opened
    assert set(begun) == {"access", "reason", "used_at", "expires_at"}
    found = night.get(DUTY, "/v1/children", DUTY_READS, identifier=subject)
    assert found.json() == {"child": child}
    answer = night.chronology(DUTY, child)
    seen = {one["type"]: one for one in answer.json()["entries"]}
    assert set(seen) == {
        "child-stream-opened", "incident-recorded", "immediate-safety-measure-recorded",
        "social-worker-allocated",
    }  # fmt: skip
    assert "CANARY-INCIDENT" not in answer.text and "canary-therapy" not in answer.text
    assert "CANARY-INTEL" not in answer.text and "CANARY-ADDRESS" not in answer.text
    assert "CANARY-WORDS" not in answer.text
    incident = seen["incident-recorded"]
    assert incident["fields"] == {"role": "has-harmed", "status": "alleged", "happened": "alleged"}
    assert [one["rule"] for one in incident["redactions"]] == ["D-50"]
    assert incident["redactions"][0]["ask"] == f"allocated social worker ({OWN})"
    assert set(seen["child-stream-opened"]["fields"]) == {"date_of_birth", "responsible_authority"}
    assert seen["immediate-safety-measure-recorded"]["fields"]["measure"] == "supervision"


@pytest.mark.req("H-17", "D-50", "H-14")
def test_who_sees_that_it_was_used(night: Night, opened: tuple[str, str, Json]) -> None:
    _, child, begun = opened
    [to_manager] = night.uses(MANAGER, child, MANAGER_READS)
    assert (to_manager["reader"], to_manager["reason"], to_manager["reference"]) == (
        DUTY,
        DANGER,
        "INC-2025-118",
    )
    assert (to_manager["access"], to_manager["review"]) == (begun["access"], "open")
    [to_reader] = night.uses(DUTY, child, DUTY_READS)
    assert to_reader["reader"] == DUTY
    [to_worker] = night.uses(OWN, child, OWN_READS)
    assert to_worker["reader"] is None and to_worker["reason"] is None and to_worker["used_at"]
    assert to_worker["redactions"] == [
        {"group": "oversight", "rule": "D-50", "ask": f"team manager ({S_CSC})"}
    ]
    rows = night.get(OFFICER, "/v1/audit/accesses", child=f"child:{child}", emergency="true").json()[
        "accesses"
    ]
    assert [(one["disclosure_id"], one["reader"]) for one in rows] == [(begun["access"], DUTY)]
    assert rows[0]["purpose"] == "emergency" and rows[0]["lawful_basis"] == "safeguarding-condition"
    entries = night.chronology(MANAGER, child, MANAGER_READS).json()["entries"]
    assert "emergency-access-used" not in {one["type"] for one in entries}, "no entry of the child"


@pytest.mark.req("H-17", "D-50")
def test_another_reader_of_the_child_sees_none_of_it(night: Night, opened: tuple[str, str, Json]) -> None:
    _, child, _ = opened
    safeguarding = f"{S_CSC}/sgu-1"
    assert night.uses(safeguarding, child, MANAGER_READS) == []
    assert night.chronology(OTHER_DUTY, child).status_code == 404, "it opens nothing to a colleague"


@pytest.mark.req("H-17")
def test_manager_and_officers_are_told_at_once(night: Night, opened: tuple[str, str, Json]) -> None:
    for person, as_what in ((MANAGER, "team-manager"), (OFFICER, "officer"), (AGENCY_OFFICER, "officer")):
        [notice] = [one for one in night.told(person) if one["lines"][0]["code"] == "emergency"][:1]
        assert notice["lines"][0]["rule"] == "D-50" and notice["lines"][0]["to"] == [as_what]
        assert DUTY not in str(notice) and opened[1] not in str(notice)


@pytest.mark.req("H-17", "H-10")
def test_an_unknown_child_gets_the_same_answer_and_the_same_attention(night: Night) -> None:
    before = len(night.told(OFFICER))
    answer = night.ask(DUTY, f"local:{S_CSC}:nobody-by-this-name")
    begun = answer.json()
    assert answer.status_code == 201 and set(begun) == {"access", "reason", "used_at", "expires_at"}
    span = datetime.fromisoformat(begun["expires_at"]) - datetime.fromisoformat(begun["used_at"])
    assert span == timedelta(hours=24)
    assert len(night.told(OFFICER)) == before + 1
    waiting = night.reviews(OFFICER)[begun["access"]]
    assert (waiting["child"], waiting["opened"], waiting["reader"]) == (None, False, DUTY)


@pytest.mark.req("H-17", "R-067")
def test_it_opens_no_second_side_of_a_case(night: Night) -> None:
    """The worker of one linked child does not open the other one; a police officer may hold both."""
    harmed, harming = f"local:{S_CSC}:side-1", f"local:{S_CSC}:side-2"
    night.child(harmed)
    night.post(S_CSC, "fd-1", "child-stream-opened", harming, identifiers=[harming],
               date_of_birth="2011-02-01", responsible_authority=S_CSC, schools=[],
               looked_after=False)  # fmt: skip
    night.post(S_CSC, "fd-1", "incident-recorded", harming, role="has-harmed", status="alleged",
               others=[{"ref": harmed, "role": "has-been-harmed"}])  # fmt: skip
    other = str(night.world.hub.identity.resolve(harming))
    answer = night.ask(OWN, harming)
    assert answer.status_code == 201 and set(answer.json()) == {"access", "reason", "used_at", "expires_at"}
    assert night.chronology(OWN, other, OWN_READS).status_code == 404
    assert night.reviews(OFFICER)[answer.json()["access"]]["opened"] is False
    assert night.reviews(AGENCY_OFFICER)[answer.json()["access"]]["child"] is None
    assert night.ask(CONSTABLE, harming).status_code == 201
    assert night.chronology(CONSTABLE, other, "s47-enquiry").status_code == 200


@pytest.mark.req("H-17")
@pytest.mark.parametrize(
    ("person", "change", "status", "slug"),
    [
        ("education.ash-primary/dsl-1", {}, 403, "purpose"),
        (OFFICER, {}, 403, "purpose"),
        (DUTY, {"reason": "I would like to know"}, 422, "schema"),
        (DUTY, {"reference": "two\nlines"}, 422, "schema"),
        (DUTY, {"reference": ""}, 422, "schema"),
        (DUTY, {"more": "x"}, 422, "schema"),
    ],
)
def test_who_may_and_with_which_words(
    night: Night, opened: tuple[str, str, Json], person: str, change: Json, status: int, slug: str
) -> None:
    waiting = set(night.reviews(OFFICER))
    answer = night.ask(person, opened[0], **change)
    assert answer.status_code == status and answer.json()["type"].endswith(slug)
    assert set(night.reviews(OFFICER)) == waiting, "nothing was opened"


@pytest.mark.req("H-17", "H-14")
def test_a_review_that_does_not_approve_ends_it_at_once_and_stands(night: Night) -> None:
    subject = f"local:{S_CSC}:night-2"
    child = night.child(subject)
    access = night.ask(OTHER_DUTY, subject).json()["access"]
    assert night.chronology(OTHER_DUTY, child).status_code == 200
    assert night.review(MANAGER, access).status_code == 404, "officers only"
    night.world.hub.store.directory.add_person(f"{POLICE}/igo-3", ("ig-officer",))
    assert night.review(f"{POLICE}/igo-3", access).status_code == 404, "not of its own staff"
    night.later(minutes=5)
    answer = night.review(AGENCY_OFFICER, access, "not-approved")
    assert answer.status_code == 201 and answer.json()["state"] == "not-approved"
    assert night.chronology(OTHER_DUTY, child).status_code == 404
    assert night.review(OFFICER, access).status_code == 409
    [shown] = night.uses(MANAGER, child, MANAGER_READS)
    assert shown["review"] == "not-approved"


@pytest.mark.req("H-17", "H-10", "D-50")
def test_whoever_used_it_has_a_list_of_it_that_tells_no_more_than_was_told(night: Night) -> None:
    """What it opens now is named; of what opened nothing nobody says why, nor that it is over."""
    subject, reader = f"local:{S_CSC}:night-4", f"{S_CSC}/duty-4"
    night.world.hub.store.directory.add_person(reader, ("duty-worker",))
    assert night.get(reader, "/v1/emergency-access").json() == {"emergency_accesses": []}
    child = night.child(subject)
    begun = [night.ask(reader, one).json() for one in (subject, f"local:{S_CSC}:nobody-at-all")]
    found = night.get(reader, "/v1/emergency-access").json()["emergency_accesses"]
    by_name = {one["access"]: one for one in found}
    for one, opened in zip(begun, (child, None), strict=True):
        mine = by_name.pop(one["access"])
        assert (mine["child"], mine["review"]) == (opened, "open")
        assert (mine["used_at"], mine["ends_at"]) == (one["used_at"], one["expires_at"])
        assert (mine["reason"], mine["reference"]) == (DANGER, "INC-2025-118")
    assert not by_name and subject not in str(found), "the identifier is kept nowhere"
    assert night.get(OTHER_DUTY, "/v1/emergency-access").text.count(subject) == 0
    others = night.get(OTHER_DUTY, "/v1/emergency-access").json()["emergency_accesses"]
    assert not {one["access"] for one in others} & {one["access"] for one in begun}
    rows = night.get(OFFICER, "/v1/audit/accesses", child=f"child:{child}").json()["accesses"]
    what = [one["what"] for one in rows if one["reader"] == reader]
    assert what == ["emergency-access", "my-emergency-accesses"]
    assert night.review(OFFICER, begun[0]["access"], "not-approved").status_code == 201
    ended = night.get(reader, "/v1/emergency-access").json()["emergency_accesses"]
    assert {one["access"]: (one["child"], one["review"]) for one in ended} == {
        begun[0]["access"]: (None, "not-approved"),
        begun[1]["access"]: (None, "open"),
    }


@pytest.mark.req("H-17", "D-46", "D-20")
def test_after_a_day_it_ends_by_itself_and_a_review_waits(night: Night) -> None:
    subject = f"local:{S_CSC}:night-3"
    child = night.child(subject)
    access = night.ask(DUTY, subject).json()["access"]
    night.later(hours=23, minutes=58)
    assert night.chronology(DUTY, child).status_code == 200
    assert night.reviews(OFFICER)[access]["state"] == "open"
    night.later(minutes=10)
    assert night.chronology(DUTY, child).status_code == 404
    assert night.get(DUTY, "/v1/children", DUTY_READS, identifier=subject).status_code == 404
    assert night.reviews(OFFICER)[access]["state"] == "awaiting-review"
    mine = night.get(DUTY, "/v1/me/children").json()["children"]
    assert child not in {one["child"] for one in mine}
    assert night.review(OFFICER, access).status_code == 201
    assert night.reviews(OFFICER)[access]["state"] == "approved"
    assert night.chronology(DUTY, child).status_code == 404, "a review opens nothing again"
