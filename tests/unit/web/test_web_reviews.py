"""The pages of reviews of content, of papers for families and of accounts for children: who may do what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from html import unescape

import httpx
import pytest
import sample_services
from sample_services import CHILD, HOSTILE, NOW, PEOPLE, SampleReads, services

from hub.directory.types import Principal
from hub.disclosure.answers import ReadRequest
from hub.disclosure.family_papers import STANDING, FamilyPaper, PaperLine
from hub.disclosure.own_account import ALWAYS, AccountLine, Days, Looked, OwnAccount, Recipient
from hub.disclosure.review_shapes import ReviewedContent, ShownReview, Wanted
from hub.errors import HubError

Browser = Callable[..., httpx.AsyncClient]
MANAGER, WORKER, OFFICER = "social-care.s-csc/tm-1", "social-care.s-csc/sw-s1", "partnership.hub-ig/igo-1"
TEACHER = "education.oak-school/dsl-1"
WAITING = ShownReview(
    "rv0001", CHILD, OFFICER, "complaint", "Because " + HOSTILE, "ds0001", ("en0001",), NOW,
    NOW + timedelta(days=14), "waiting", None, None, None, None, None, None,
)  # fmt: skip
OPEN = replace(
    WAITING, state="open", decided_by=MANAGER, decision_reason="Needed", decided_at=NOW,
    open_until=NOW + timedelta(hours=72), opened=1,
)  # fmt: skip
LINES = (
    PaperLine("incident-recorded", "A concern about the child was recorded.", "2025-09-01", "day",
              {"status": "alleged"}),
    PaperLine("safety-measure", "This is done to keep the child and others safe.", "2025-09-02", "day",
              {"code": "supervision", "for": "home"}),
)  # fmt: skip
TOKEN = {"form_token": "form-token-of-this-session"}
pytestmark = pytest.mark.anyio


@dataclass
class SampleReviews:
    found: ShownReview = WAITING
    did: list[tuple[str, ...]] = field(default_factory=list)

    def ask(self, principal: Principal, wanted: Wanted) -> ShownReview:
        if not wanted.reason:
            raise HubError("schema", "Give the reason in 1 to 500 characters.")
        self.did.append(("ask", str(wanted.disclosure), wanted.question))
        return self.found

    def of_officer(self, principal: Principal) -> list[ShownReview]:
        return [self.found]

    to_decide = of_officer

    def decide(self, principal: Principal, review: str, outcome: str, reason: str) -> ShownReview:
        self.did.append((outcome, review, reason))
        return self.found

    def end(self, principal: Principal, review: str) -> ShownReview:
        raise HubError("conflict", "This review does not stand open, so that nothing is read under it.")

    def read(self, principal: Principal, review: str) -> ReviewedContent:
        if review != "rv0001":
            raise HubError("not-found")
        return ReviewedContent("ds0009", CHILD, NOW, "1", None, review, sample_services.ENTRIES[:2])


@dataclass
class SampleFamilies:
    def make(self, principal: Principal, request: ReadRequest, recipient: str) -> FamilyPaper:
        assert request.child == CHILD
        return FamilyPaper("ds0010", CHILD, NOW, "1", "llr-2024", recipient, LINES, STANDING)


SCHOOL = Recipient("Your school, now or before", "Oak School " + HOSTILE)
POLICE = Recipient("The police", None)
TOLD = (
    AccountLine(date(2025, 9, 3), SCHOOL, ("That people were worried",), ("To keep you and others safe",)),
    AccountLine(date(2025, 9, 3), POLICE, ("What is planned",), ("To help", "To keep you safe")),
    AccountLine(date(2025, 9, 9), SCHOOL, ("What is planned",), ("To help",)),
)  # fmt: skip


@dataclass
class SampleAccounts:
    made: list[str | None] = field(default_factory=list)
    lines: tuple[AccountLine, ...] = TOLD

    def make(self, principal: Principal, request: ReadRequest) -> OwnAccount:
        assert request.child == CHILD
        self.made.append(request.purpose)
        looked = tuple(Looked(one, Days(2, 5, "on 2 to 5 days")) for one in (SCHOOL, POLICE) if self.lines)
        return OwnAccount("ds0011", CHILD, NOW, "1", "llr-2024", self.lines, looked, ALWAYS)


@dataclass
class Reads(SampleReads):
    reviews: SampleReviews = field(default_factory=SampleReviews)
    families: SampleFamilies = field(default_factory=SampleFamilies)
    accounts: SampleAccounts = field(default_factory=SampleAccounts)


@pytest.fixture(autouse=True)
def manager(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Principal(
        "social-care.s-csc", "social-care", "social-care.s-csc", MANAGER, frozenset({"team-manager"})
    )
    monkeypatch.setitem(PEOPLE, MANAGER, known)
    teacher = Principal(
        "education.oak-school", "education", "social-care.s-csc", TEACHER,
        frozenset({"designated-safeguarding-lead"}),
    )  # fmt: skip
    monkeypatch.setitem(PEOPLE, TEACHER, teacher)


@pytest.mark.req("H-15")
async def test_an_officer_asks_from_the_explanation_of_an_access_and_reads_what_was_opened(
    browser: Browser,
) -> None:
    reads = Reads()
    page = browser(services(reads), OFFICER)
    explained = await page.get("/accesses/ds0001")
    assert 'action="/reviews"' in explained.text and 'value="ds0001"' in explained.text
    asked = {**TOKEN, "disclosure": "ds0001", "question": "complaint", "reason": "A complaint."}
    answer = await page.post("/reviews", data=asked)
    assert (answer.status_code, answer.headers["location"]) == (303, "/reviews")
    assert reads.reviews.did == [("ask", "ds0001", "complaint")]
    again = await page.post("/reviews", data={**asked, "reason": ""})
    assert again.status_code == 422 and "Give the reason" in again.text
    listed = await page.get("/reviews")
    assert listed.status_code == 200 and "Waits for a decision" in listed.text
    assert "<script>" not in listed.text and "/decision" not in listed.text
    reads.reviews.found = OPEN
    assert "/reviews/rv0001" in (await page.get("/reviews")).text
    entries = await page.get("/reviews/rv0001")
    assert "Incident recorded" in entries.text and "ds0009" in entries.text
    assert (await page.get("/reviews/none")).status_code == 404


@pytest.mark.req("H-15")
async def test_a_manager_decides_and_is_told_why_something_was_not_done(browser: Browser) -> None:
    reads = Reads()
    page = browser(services(reads), MANAGER)
    listed = await page.get("/reviews")
    assert 'action="/reviews/rv0001/decision"' in listed.text and "/children/" + CHILD in listed.text
    none = await page.post("/reviews/rv0001/decision", data={**TOKEN, "outcome": "", "reason": "x"})
    assert none.status_code == 422 and reads.reviews.did == []
    done = await page.post("/reviews/rv0001/decision", data={**TOKEN, "outcome": "refused", "reason": "No."})
    assert done.status_code == 303 and reads.reviews.did == [("refused", "rv0001", "No.")]
    ended = await page.post("/reviews/rv0001/end", data=TOKEN)
    assert ended.status_code == 409 and "does not stand open" in ended.text
    forged = await page.post("/reviews/rv0001/decision", data={"outcome": "approved", "reason": "x"})
    assert forged.status_code == 401
    assert (await page.get("/reviews/rv0001")).status_code == 404, "the entries are the officer's to read"


@pytest.mark.req("H-15")
async def test_nobody_else_comes_to_the_reviews(browser: Browser) -> None:
    page = browser(services(Reads()), WORKER)
    assert (await page.get("/reviews")).status_code == 404
    assert "/reviews" not in (await page.get("/children")).text


@pytest.mark.req("D-14", "R-135")
async def test_a_paper_is_made_for_somebody_and_prints_without_the_form(browser: Browser) -> None:
    page = browser(services(Reads()), WORKER)
    empty = await page.get(f"/children/{CHILD}/family-paper")
    assert empty.status_code == 200 and "ds0010" not in empty.text and 'value="mother"' in empty.text
    answer = await page.get(f"/children/{CHILD}/family-paper?for=mother")
    assert "A concern about the child was recorded." in answer.text and "ds0010" in answer.text
    assert all(one.text in unescape(answer.text) for one in STANDING)
    form = answer.text.index('action="/children/' + CHILD + '/family-paper"')
    assert answer.text.rindex('class="hub-no-print"', 0, form) > 0, "the form is not printed"
    own = answer.text.index('class="hub-child"')
    assert 'class="hub-no-print"' in answer.text[own - 60 : own], (
        "nor the hub's id of the child and the purpose"
    )
    assert "Do not pass on" not in answer.text
    asked = await browser(services(Reads()), WORKER, purpose=False).get(f"/children/{CHILD}/family-paper")
    assert asked.headers["location"] == f"/children/{CHILD}/purpose"


@pytest.mark.req("H-23", "H-14")
async def test_an_account_for_the_child_is_made_by_the_button_and_names_nobody_on_paper(
    browser: Browser,
) -> None:
    reads = Reads()
    page = browser(services(reads), WORKER)
    before = await page.get(f"/children/{CHILD}/own-account")
    assert before.status_code == 200 and reads.accounts.made == [], "nothing is read before it is asked for"
    assert 'name="make"' in before.text and "ds0011" not in before.text
    answer = await page.get(f"/children/{CHILD}/own-account?make=now")
    text = unescape(answer.text)
    assert "3 September 2025" in text and text.count("hub-account__day") == 2
    assert "Why: to help; to keep you safe." in text and "The police: on 2 to 5 days" in text
    assert all(one.text in text for one in ALWAYS) and "<script>" not in answer.text
    paper = answer.text[answer.text.index('<article class="hub-account">') : answer.text.index("</article>")]
    assert WORKER not in paper and CHILD not in paper, "nobody who is signed in, and no id of the child"
    own = answer.text.index('class="hub-child"')
    assert 'class="hub-no-print"' in answer.text[own - 60 : own]
    reads.accounts.lines = ()
    nothing = await page.get(f"/children/{CHILD}/own-account?make=now")
    assert "nothing yet that this paper can tell you" in nothing.text and 'id="looked"' not in nothing.text
    asked = await browser(services(Reads()), WORKER, purpose=False).get(f"/children/{CHILD}/own-account")
    assert asked.headers["location"] == f"/children/{CHILD}/purpose"


@pytest.mark.req("H-23")
async def test_officers_and_workers_find_the_account_and_nobody_else(browser: Browser) -> None:
    for person, shown in ((WORKER, True), (MANAGER, True), (OFFICER, True), (TEACHER, False)):
        text = (await browser(services(Reads()), person).get(f"/children/{CHILD}")).text
        assert ("own-account" in text) is shown, person
