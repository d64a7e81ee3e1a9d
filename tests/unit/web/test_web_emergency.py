"""The pages of emergency access and of its review: what is told first, what is asked, what is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import unescape

import httpx
import pytest
from sample_services import CHILD, HOSTILE, NOW, PEOPLE, SampleOfficer, SampleReads, services

from hub.directory.types import Principal
from hub.disclosure.answers import AccessRow, ReadRequest, Redaction
from hub.disclosure.emergency import REASONS, Begun, OwnUse, ShownUse, ShownUses
from hub.errors import HubError
from hub.oversight import AccessQuery, ReviewRow
from hub.oversight.accesses import EVERYTHING
from hub.views import Outcome

Browser = Callable[..., httpx.AsyncClient]
WORKER, OFFICER = "social-care.s-csc/sw-s1", "partnership.hub-ig/igo-1"
TEACHER = "education.oak-school/dsl-1"
TOKEN = {"form_token": "form-token-of-this-session"}
NHS = "nhs:9990010014"
RIGHT = {"identifier": NHS, "reason": "child-missing", "reference": "INC 1:7"}
USED = OwnUse("ac0001", CHILD, "child-missing", "INC 1:7", NOW, NOW + timedelta(hours=24), "open")
ROW = ReviewRow(
    "ac0001", CHILD, True, WORKER, "social-care.s-csc", "duty-worker, social-worker", "child-missing",
    "INC 1:7", NOW, NOW + timedelta(hours=24), "awaiting-review", None, None, None,
)  # fmt: skip
DONE = replace(
    ROW, access="ac0002", state="approved", reviewer="partnership.hub-ig/igo-2", reviewed_at=NOW,
    review_reason="Because " + HOSTILE,
)  # fmt: skip
pytestmark = pytest.mark.anyio


@dataclass
class SampleEmergency:
    used: tuple[OwnUse, ...] = (USED,)
    fault: HubError | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)
    shown: tuple[ShownUse, ...] = ()

    def use(self, principal: Principal, identifier: str, reason: str, reference: str) -> Begun:
        if self.fault:
            raise self.fault
        self.asked.append((principal.id, identifier, reason, reference))
        return Begun("ac0001", reason, NOW, NOW + timedelta(hours=24))

    def mine(self, principal: Principal) -> tuple[OwnUse, ...]:
        return self.used

    def of_child(self, principal: Principal, request: ReadRequest) -> ShownUses:
        assert (request.child, request.purpose) == (CHILD, "strategy-meeting")
        return ShownUses("ds0021", CHILD, self.shown)


@dataclass
class Reads(SampleReads):
    emergency: SampleEmergency = field(default_factory=SampleEmergency)


@dataclass
class Officer(SampleOfficer):
    rows: tuple[ReviewRow, ...] = (ROW, DONE)
    fault: HubError | None = None
    queries: list[AccessQuery] = field(default_factory=list)
    found: list[tuple[str, ...]] = field(default_factory=list)

    def accesses(
        self, principal: Principal, identifier: str | None, query: AccessQuery = EVERYTHING
    ) -> list[AccessRow]:
        self.queries.append(query)
        return super().accesses(principal, identifier)

    def reviews(self, principal: Principal) -> list[ReviewRow]:
        return list(self.rows)

    def review(self, principal: Principal, access: str, outcome: Outcome, reason: str) -> ReviewRow:
        if self.fault:
            raise self.fault
        self.found.append((access, outcome, reason))
        return DONE


@pytest.fixture(autouse=True)
def somebody_without_the_role(monkeypatch: pytest.MonkeyPatch) -> None:
    school, roles = "education.oak-school", frozenset({"designated-safeguarding-lead"})
    monkeypatch.setitem(PEOPLE, TEACHER, Principal(school, "education", None, TEACHER, roles))


@pytest.mark.req("H-17")
async def test_what_happens_is_said_before_the_form(browser: Browser) -> None:
    async with browser(services(Reads())) as client:
        page = await client.get("/emergency-access/use")
    assert page.status_code == 200
    before, form = page.text.split('action="/emergency-access/use"')
    for said in (
        "call 999 first", "24 hours", "recorded", "told at once", "reviews it afterwards",
        "where no child is known",
    ):  # fmt: skip
        assert said in before, said
    assert all(unescape(text) in unescape(form) for text in REASONS.values())


@pytest.mark.req("H-17", "H-10")
async def test_it_goes_through_the_door_and_leads_to_the_record(browser: Browser) -> None:
    reads = Reads()
    async with browser(services(reads)) as client:
        answer = await client.post("/emergency-access/use", data=TOKEN | RIGHT)
        assert (answer.status_code, answer.headers["location"]) == (303, "/emergency-access")
        assert reads.emergency.asked == [(WORKER, NHS, "child-missing", "INC 1:7")]
        page = await client.get("/emergency-access")
        assert "Your use of emergency access is recorded" in page.text
        assert page.text.count(f'href="/children/{CHILD}/purpose"') == 2
        assert NHS not in page.text, "the identifier is kept nowhere"
        again = await client.get("/emergency-access")
    assert "Your use of emergency access is recorded" not in again.text
    assert REASONS["child-missing"] in again.text and "21 November 2025, 12:00" in again.text


@pytest.mark.req("H-17", "H-10")
async def test_where_nothing_was_opened_it_is_not_said_why(browser: Browser) -> None:
    """Nobody is known by the identifier, or what it names may not be opened: the same words."""
    reads = Reads(emergency=SampleEmergency((replace(USED, child=None),)))
    async with browser(services(reads)) as client:
        await client.post("/emergency-access/use", data=TOKEN | RIGHT)
        page = await client.get("/emergency-access")
    assert "No record is open to you by this identifier" in page.text
    assert "/purpose" not in page.text and CHILD not in page.text


@pytest.mark.req("H-17", "R-006")
@pytest.mark.parametrize(
    ("wrong", "name", "sentence"),
    [
        ({"identifier": " "}, "identifier", "Enter an identifier of the child"),
        ({"identifier": "999 001 0014"}, "identifier", "Identifier must begin with nhs:"),
        ({"identifier": "nhs:" + "9" * 300}, "identifier", "Identifier must begin with nhs:"),
        ({"reason": "curiosity"}, "reason", "Select why you need emergency access"),
        ({"reference": ""}, "reference", "Enter your reference for this incident"),
        ({"reference": HOSTILE}, "reference", "Reference must be 64 letters"),
    ],
)
async def test_a_form_with_an_error_opens_nothing_and_comes_back_filled_in(
    browser: Browser, wrong: dict[str, str], name: str, sentence: str
) -> None:
    reads = Reads()
    async with browser(services(reads)) as client:
        page = await client.post("/emergency-access/use", data=TOKEN | RIGHT | wrong)
    assert page.status_code == 400 and reads.emergency.asked == []
    assert "<title>Error: Use emergency access" in page.text
    assert f'<a href="#{name}">{sentence}' in page.text and f'id="{name}"' in page.text
    assert page.text.count("govuk-error-message") == 1
    for field_, value in (RIGHT | wrong).items():
        if field_ != "reason" and value.strip():
            assert f'value="{value.strip()}"' in unescape(page.text) or "<" in value
    assert ('value="child-missing" checked' in page.text) is ("reason" not in wrong)
    assert "<script" not in page.text


@pytest.mark.req("H-17")
@pytest.mark.parametrize("slug", ["store", "views-behind", "rate"])
async def test_what_cannot_be_done_now_loses_no_input(browser: Browser, slug: str) -> None:
    reads = Reads(emergency=SampleEmergency(fault=HubError(slug)))
    async with browser(services(reads)) as client:
        page = await client.post("/emergency-access/use", data=TOKEN | RIGHT)
    assert page.status_code in (429, 503) and "It was not done" in page.text
    assert f'value="{NHS}"' in page.text and 'value="INC 1:7"' in page.text
    assert 'value="child-missing" checked' in page.text


@pytest.mark.req("H-17", "H-16")
async def test_who_may_not_gets_no_form_and_is_refused_behind_the_door(browser: Browser) -> None:
    fault = HubError("purpose", "None of your roles may use emergency access.", rule="H-17")
    reads = Reads(emergency=SampleEmergency((), fault))
    async with browser(services(reads), TEACHER) as client:
        assert (await client.get("/emergency-access/use")).status_code == 404
        home = await client.get("/children")
        assert 'href="/emergency-access"' not in home.text
        page = await client.post("/emergency-access/use", data=TOKEN | RIGHT)
    assert page.status_code == 403 and "None of your roles may use emergency access." in page.text


@pytest.mark.req("H-17", "H-22")
@pytest.mark.parametrize(
    ("path", "person"), [("/emergency-access/use", WORKER), ("/emergency-reviews/ac0001", OFFICER)]
)
async def test_a_forged_form_does_nothing(browser: Browser, path: str, person: str) -> None:
    reads, officer = Reads(), Officer()
    async with browser(services(reads, officer), person) as client:
        page = await client.post(path, data=RIGHT | {"outcome": "approved", "form_token": "another"})
    assert page.status_code == 401 and "This form has expired" in page.text
    assert reads.emergency.asked == [] and officer.found == []


@pytest.mark.req("H-17", "H-14")
async def test_an_officer_sees_what_waits_before_what_was_decided(browser: Browser) -> None:
    async with browser(services(Reads(), Officer()), OFFICER) as client:
        page = await client.get("/emergency-reviews")
    first, second = page.text.split("Reviewed, the latest use first")
    assert 'href="/emergency-reviews/ac0001"' in first and "Ended, waits for a review" in first
    assert 'href="/emergency-reviews/ac0002"' in second and "It was right" in second
    assert REASONS["child-missing"] in first


@pytest.mark.req("H-17", "H-15")
async def test_one_use_shows_what_was_read_meanwhile_with_its_explanations(browser: Browser) -> None:
    officer = Officer()
    async with browser(services(Reads(), officer), OFFICER) as client:
        page = await client.get("/emergency-reviews/ac0001")
        unknown = await client.get("/emergency-reviews/ac0009")
    assert unknown.status_code == 404
    [query] = officer.queries
    assert (query.person, query.since) == (WORKER, ROW.used_at)
    assert query.until is not None and query.until > ROW.ends_at
    assert officer.asked == [f"child:{CHILD}"]
    assert 'href="/accesses/ds0001"' in page.text, "the rules that decided each item"
    assert 'href="/accesses/ac0001"' in page.text
    assert ", Social worker</dd>" in page.text and "duty-worker" not in page.text


@pytest.mark.req("H-17")
async def test_of_a_use_that_found_nobody_no_child_is_asked_about(browser: Browser) -> None:
    officer = Officer(rows=(replace(ROW, child=None, opened=False),))
    async with browser(services(Reads(), officer), OFFICER) as client:
        page = await client.get("/emergency-reviews/ac0001")
    assert page.status_code == 200 and officer.asked == []
    assert "none that you may know of" in page.text and "Record the review" in page.text


@pytest.mark.req("H-17")
async def test_a_review_is_recorded_and_stands(browser: Browser) -> None:
    officer = Officer()
    given = TOKEN | {"outcome": "not-approved", "reason": " Nobody was in danger. "}
    async with browser(services(Reads(), officer), OFFICER) as client:
        answer = await client.post("/emergency-reviews/ac0001", data=given)
        decided = await client.get("/emergency-reviews/ac0002")
    assert (answer.status_code, answer.headers["location"]) == (303, "/emergency-reviews")
    assert officer.found == [("ac0001", "not-approved", "Nobody was in danger.")]
    assert "Record the review" not in decided.text and "A review stands once it is made" in decided.text
    assert unescape(decided.text).count(HOSTILE) == 1 and "<script" not in decided.text


@pytest.mark.req("H-17", "R-006")
@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, {"outcome": "Select what you find", "reason": "Enter why you find that"}),
        ({"outcome": "perhaps", "reason": "Seen"}, {"outcome": "Select what you find"}),
        ({"outcome": "approved", "reason": "x" * 501}, {"reason": "Reason must be 500 characters or fewer"}),
    ],
    ids=["nothing", "no outcome", "too long"],
)
async def test_a_review_that_lacks_something_is_asked_again_with_what_was_typed(
    browser: Browser, given: dict[str, str], wrong: dict[str, str]
) -> None:
    officer = Officer()
    async with browser(services(Reads(), officer), OFFICER) as client:
        page = await client.post("/emergency-reviews/ac0001", data=TOKEN | given)
    assert page.status_code == 400 and officer.found == []
    for name, sentence in wrong.items():
        assert f'<a href="#{name}">{sentence}</a>' in page.text and f'id="{name}"' in page.text
    assert page.text.count("govuk-error-message") == len(wrong)
    typed = re.search(r"<textarea[^>]*>(.*?)</textarea>", page.text, re.DOTALL)
    assert typed and typed[1].strip() == given.get("reason", "")
    assert ('value="approved" checked' in page.text) is (given.get("outcome") == "approved")


@pytest.mark.req("H-17")
async def test_a_review_that_somebody_else_made_meanwhile_is_said_on_the_page(browser: Browser) -> None:
    officer = Officer(fault=HubError("conflict", "This access was reviewed before."))
    async with browser(services(Reads(), officer), OFFICER) as client:
        given = TOKEN | {"outcome": "approved", "reason": "Seen"}
        page = await client.post("/emergency-reviews/ac0001", data=given)
    assert page.status_code == 409
    assert "It was not done" in page.text and "This access was reviewed before." in page.text


@pytest.mark.req("H-17")
async def test_nobody_is_offered_the_review_of_their_own_use(browser: Browser) -> None:
    async with browser(services(Reads(), Officer(rows=(replace(ROW, reader=OFFICER),))), OFFICER) as client:
        page = await client.get("/emergency-reviews/ac0001")
    assert "another officer has to review it" in page.text and "Record the review" not in page.text


@pytest.mark.req("H-16", "H-17")
@pytest.mark.parametrize("path", ["/emergency-reviews", "/emergency-reviews/ac0001"])
async def test_reviews_are_for_officers_alone(browser: Browser, path: str) -> None:
    async with browser(services(Reads(), Officer())) as client:
        assert (await client.get(path)).status_code == 404
        home = await client.get("/children")
    assert 'href="/emergency-reviews"' not in home.text and 'href="/emergency-access"' in home.text


WHOLE = ShownUse(
    "ac0001", "police.n-police/pc-1", "police.n-police", "police-officer", "child-missing", "INC 9", NOW,
    NOW + timedelta(hours=24), "open",
)  # fmt: skip
PART = ShownUse(
    None, None, None, None, None, None, NOW, NOW + timedelta(hours=24), None,
    (Redaction("oversight", "D-50", "team manager (social-care.s-csc)"),),
)  # fmt: skip


@pytest.mark.req("H-17", "D-50")
@pytest.mark.parametrize(
    ("use", "said", "unsaid"),
    [
        (WHOLE, ("police.n-police/pc-1, N Police", REASONS["child-missing"], "INC 9", "ac0001"), "withheld"),
        (PART, ("Oversight:", "withheld - ask team manager (S Children's Social Care)", "[D-50]"), "<dt>Who"),
    ],
    ids=["team manager", "own worker"],
)
async def test_uses_of_a_child_are_shown_as_far_as_the_rules_show_them(
    browser: Browser, use: ShownUse, said: tuple[str, ...], unsaid: str
) -> None:
    async with browser(services(Reads(emergency=SampleEmergency(shown=(use,))))) as client:
        page = unescape((await client.get(f"/children/{CHILD}/accesses")).text)
    assert "20 November 2025, 12:00" in page and "ds0021" in page and unsaid not in page
    for words in said:
        assert words in page, words


@pytest.mark.req("H-17", "D-50", "H-12")
async def test_where_there_is_none_to_know_of_that_is_said_and_the_purpose_comes_first(
    browser: Browser,
) -> None:
    async with browser(services(Reads())) as client:
        page = await client.get(f"/children/{CHILD}/accesses")
    assert "There is no use of emergency access that you may know of." in page.text
    async with browser(services(Reads()), purpose=False) as client:
        asked = await client.get(f"/children/{CHILD}/accesses")
    assert asked.headers["location"] == f"/children/{CHILD}/purpose"
