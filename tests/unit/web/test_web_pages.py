"""The pages escape what they show, ask for a purpose first and refuse forged forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
import sample_services as sample
from conftest import Browser

from hub.disclosure.answers import ReadRequest
from hub.errors import HubError
from hub.web.rendering import HEADERS

pytestmark = pytest.mark.anyio
IGO = "partnership.hub-ig/igo-1"
TOKEN = {"form_token": "form-token-of-this-session"}


class Tags(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


PAGES = [
    (f"/children/{sample.CHILD}", None),
    (f"/children/{sample.CHILD}/overview", None),
    (f"/children/{sample.CHILD}/purpose", None),
    ("/children", None),
    ("/accesses", IGO),
    ("/accesses/ds0001", IGO),
]


@pytest.mark.req("R-016")
@pytest.mark.parametrize(("path", "person"), PAGES)
async def test_no_page_holds_markup_that_was_received(
    browser: Browser, path: str, person: str | None
) -> None:
    async with browser(sample.services(), person or "social-care.s-csc/sw-s1") as client:
        page = await client.get(path)
    assert page.status_code == 200
    tags = Tags(page.text).tags
    assert not [tag for tag, _ in tags if tag in ("script", "img", "iframe", "object", "style")]
    for _, attributes in tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


async def test_received_markup_is_shown_as_the_text_it_is(browser: Browser) -> None:
    async with browser(sample.services()) as client:
        chronology = (await client.get(f"/children/{sample.CHILD}")).text
        overview = (await client.get(f"/children/{sample.CHILD}/overview")).text
    for text in (chronology, overview):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "{{7*7}}" in text


@pytest.mark.req("H-08", "R-187")
async def test_a_chronology_says_times_sources_and_redactions_in_words(browser: Browser) -> None:
    async with browser(sample.services()) as client:
        text = (await client.get(f"/children/{sample.CHILD}")).text
    for said in (
        "during February 2025",
        "about 10 September 2025",
        "6 October 2025, 11:00",
        "Recorded late",
        "Oak School, Designated safeguarding lead",
        "withheld - ask the enquiry social worker",
        "[D-05]",
        "Separate travel",
        "Corrected",
        "Hackett",
        "6 January 2026",
    ):
        assert said in text, said


@pytest.mark.req("H-27")
async def test_the_overview_says_what_is_missing_why_and_of_whom(browser: Browser) -> None:
    async with browser(sample.services()) as client:
        text = (await client.get(f"/children/{sample.CHILD}/overview")).text
    start = text.index("What is missing and why it is expected")
    missing = " ".join(text[start : text.index("</section>", start)].split())
    for said in (
        "It is not recorded that the parents or carers were told.",
        "Parents are told of incidents their child was involved in.",
        "Social worker",
        "20 November 2025, 12:00",
        "S1 (R-054)",
        "family informed working days 2",
        'href="/children/' + sample.CHILD + '#e-e0001"',
    ):
        assert said in missing, said


@pytest.mark.req("H-10")
async def test_no_page_counts_entries(browser: Browser) -> None:
    """Two chronologies that differ in one entry differ in that entry's markup only."""
    fewer = sample.SampleReads(entries=sample.ENTRIES[:-1])
    async with browser(sample.services()) as all_of_them, browser(sample.services(fewer)) as one_less:
        longer = (await all_of_them.get(f"/children/{sample.CHILD}")).text
        shorter = (await one_less.get(f"/children/{sample.CHILD}")).text
    start = longer.index('<li class="hub-entry" id="e-en0005">')
    end = longer.index("</ol>", start)
    assert (longer[:start] + " " + longer[end:]).split() == shorter.split()


@pytest.mark.req("H-16", "H-12")
async def test_the_purpose_is_asked_first_and_is_never_in_an_address(browser: Browser) -> None:
    reads = sample.SampleReads()
    async with browser(sample.services(reads), purpose=False) as client:
        first = await client.get(f"/children/{sample.CHILD}")
        assert (first.status_code, first.headers["location"]) == (303, f"/children/{sample.CHILD}/purpose")
        assert reads.asked == []
        chosen = await client.post(
            f"/children/{sample.CHILD}/purpose", data=TOKEN | {"purpose": "assessment", "reference": "C 12/3"}
        )
        assert chosen.headers["location"] == f"/children/{sample.CHILD}"
        assert (await client.get(chosen.headers["location"])).status_code == 200
    assert reads.asked == [
        ReadRequest(child=sample.CHILD, purpose="assessment", reference="C 12/3", limit=100)
    ]


@pytest.mark.req("H-12")
@pytest.mark.parametrize(
    "fields",
    [
        {"purpose": "audit"},
        {"purpose": ""},
        {"purpose": "assessment", "reference": "<b>"},
        {"purpose": "assessment", "reference": "x" * 65},
    ],
)
async def test_a_purpose_of_another_role_or_a_bad_reference_opens_nothing(
    browser: Browser, fields: dict[str, str]
) -> None:
    reads = sample.SampleReads()
    async with browser(sample.services(reads), purpose=False) as client:
        answer = await client.post(f"/children/{sample.CHILD}/purpose", data=TOKEN | fields)
        assert answer.status_code == 400
        assert "<b>" not in answer.text
        assert (await client.get(f"/children/{sample.CHILD}")).status_code == 303
    assert reads.asked == []


@pytest.mark.req("H-12")
@pytest.mark.parametrize("token", [{}, {"form_token": "of another session"}, {"form_token": ""}])
async def test_a_form_from_elsewhere_does_nothing(browser: Browser, token: dict[str, str]) -> None:
    officer, reads = sample.SampleOfficer(), sample.SampleReads()
    services = sample.services(reads, officer)
    async with browser(services, purpose=False) as client:
        for path in ("/children/find", f"/children/{sample.CHILD}/purpose", "/sign-out"):
            answer = await client.post(
                path, data=token | {"purpose": "assessment", "identifier": "nhs:9990010014"}
            )
            assert answer.status_code == 401, path
    async with browser(services, IGO) as client:
        assert (await client.post("/accesses", data=token | {"identifier": "nhs:1"})).status_code == 401
    assert (officer.asked, reads.looked_up) == ([], [])


@pytest.mark.req("H-16")
async def test_a_child_is_found_by_a_posted_identifier_only(browser: Browser) -> None:
    async with browser(sample.services(), purpose=False) as client:
        found = await client.post(
            "/children/find", data=TOKEN | {"identifier": "nhs:9990010014", "purpose": "direct-care"}
        )
        unknown = await client.post(
            "/children/find", data=TOKEN | {"identifier": "nhs:9990010022", "purpose": "direct-care"}
        )
    assert found.headers["location"] == f"/children/{sample.CHILD}"
    assert unknown.status_code == 404
    assert "9990010022" not in unknown.text


@pytest.mark.req("H-10", "H-16")
async def test_no_such_child_and_no_relationship_give_the_same_page(browser: Browser) -> None:
    texts = []
    for fault in (HubError("not-found"), HubError("not-found")):
        async with browser(sample.services(sample.SampleReads(fault=fault))) as client:
            answer = await client.get(f"/children/{sample.CHILD}")
            texts.append((answer.status_code, answer.text))
    async with browser(sample.services()) as client:
        malformed = await client.get("/children/no-uuid")
    assert texts[0] == texts[1]
    assert malformed.status_code == 404


@pytest.mark.req("H-14", "H-15")
async def test_pages_of_officers_do_not_exist_for_others(browser: Browser) -> None:
    officer = sample.SampleOfficer()
    async with browser(sample.services(officer=officer)) as client:
        assert [(await client.get(path)).status_code for path in ("/accesses", "/accesses/ds0001")] == [
            404,
            404,
        ]
        assert (await client.post("/accesses", data=TOKEN | {"identifier": "nhs:1"})).status_code == 404
        assert "Who saw a record" not in (await client.get("/children")).text
    assert officer.asked == []


@pytest.mark.req("H-14")
async def test_an_officer_sees_who_saw_a_record_and_why(browser: Browser) -> None:
    officer = sample.SampleOfficer()
    async with browser(sample.services(officer=officer), IGO) as client:
        found = await client.post("/accesses", data=TOKEN | {"identifier": "nhs:9990010014"})
        empty = await client.post("/accesses", data=TOKEN | {"identifier": " "})
        why = await client.get("/accesses/ds0001")
    assert officer.asked == ["nhs:9990010014"]
    assert empty.status_code == 400
    for said in ("education.oak-school/dsl-1", "To keep pupils safe", "D-05: 2", "/accesses/ds0001", "M2"):
        assert said in found.text, said
    for said in (
        "Police process is held by the police.",
        "<li>The safeguarding lead of the child&#39;s school</li>",
        "Interview held, 18 September 2025",
        "Redacted",
        "2025.11.1",
    ):
        assert said in why.text, said


@pytest.mark.req("H-16")
async def test_a_session_ends_when_idle_when_old_and_when_the_person_is_disabled(browser: Browser) -> None:
    clock = sample.Clock()
    path = f"/children/{sample.CHILD}"
    async with browser(sample.services(clock=clock)) as client:
        assert (await client.get(path)).status_code == 200
        clock.now += timedelta(minutes=31)
        assert (await client.get(path)).headers["location"] == "/sign-in"
    since = int((sample.NOW - timedelta(hours=9)).timestamp())
    async with browser(sample.services(), since=since) as client:
        assert (await client.get(path)).headers["location"] == "/sign-in"
    async with browser(sample.services(), "social-care.s-csc/gone") as client:
        assert (await client.get(path)).headers["location"] == "/sign-in"


@pytest.mark.req("H-16")
async def test_a_session_cookie_is_sealed_and_a_changed_one_is_nobody(browser: Browser) -> None:
    async with browser(sample.services()) as client:
        answer = await client.get(f"/children/{sample.CHILD}")
        cookie = answer.headers["set-cookie"]
        assert sample.CHILD not in cookie
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
        sealed = client.cookies["hub-session"]
        client.cookies.clear()
        client.cookies.set("hub-session", sealed[:-6] + "AAAAA=", domain="hub.example")
        assert (await client.get(f"/children/{sample.CHILD}")).headers["location"] == "/sign-in"
    secured = replace(sample.services(), secure_cookie=True)
    async with browser(secured, None) as client:
        client.cookies.set("__Host-hub", "forged", domain="hub.example")
        cleared = (await client.get("/sign-in")).headers["set-cookie"]
    assert "Secure" in cleared and "Max-Age=0" in cleared


@pytest.mark.req("H-14")
async def test_signing_out_forgets_the_session(browser: Browser) -> None:
    async with browser(sample.services()) as client:
        out = await client.post("/sign-out", data=TOKEN)
        assert out.headers["location"] == "/signed-out"
        assert "Max-Age=0" in out.headers["set-cookie"]
        assert (await client.get("/children")).headers["location"] == "/sign-in"


@pytest.mark.req("H-10")
@pytest.mark.parametrize(("path", "person"), PAGES)
async def test_every_page_forbids_scripts_frames_and_storage(
    browser: Browser, path: str, person: str | None
) -> None:
    async with browser(sample.services(), person or "social-care.s-csc/sw-s1") as client:
        page = await client.get(path)
    for name, value in HEADERS.items():
        assert page.headers[name] == value
    assert "script-src" not in page.headers["content-security-policy"]
    assert "etag" not in page.headers


@pytest.mark.req("H-07")
async def test_filters_reach_the_read_and_a_wrong_day_reads_nothing(browser: Browser) -> None:
    reads = sample.SampleReads(cursor="next-page")
    async with browser(sample.services(reads)) as client:
        page = await client.get(
            f"/children/{sample.CHILD}",
            params={
                "from": "2025-09-01",
                "to": "2025-09-30",
                "agency": "education.oak-school",
                "type": "incident-recorded",
                "q": "bus & co",
                "as_at": "2025-10-01",
            },
        )
        assert "q=bus+%26+co&amp;as_at=2025-10-01&amp;cursor=next-page" in page.text
        wrong = await client.get(f"/children/{sample.CHILD}", params={"from": '9"><b>'})
        swapped = await client.get(
            f"/children/{sample.CHILD}", params={"from": "2025-09-02", "to": "2025-09-01"}
        )
    assert len(reads.asked) == 1
    asked = reads.asked[0]
    assert (str(asked.filters.from_), str(asked.filters.to)) == ("2025-09-01", "2025-09-30")
    assert (asked.filters.agency, asked.filters.type, asked.filters.q) == (
        "education.oak-school",
        "incident-recorded",
        "bus & co",
    )
    assert asked.as_at is not None and asked.as_at.isoformat() == "2025-10-01T23:59:59+01:00"
    assert wrong.status_code == swapped.status_code == 400
    assert "<b>" not in wrong.text
    assert 'aria-describedby="from-hint from-error"' in wrong.text


@pytest.mark.req("H-15")
async def test_an_unexpected_fault_says_and_logs_nothing_of_what_was_there(
    browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    reads, told = sample.SampleReads(fault=ValueError("CANARY-FAULT")), list[str]()
    async with browser(replace(sample.services(reads), fault=told.append)) as client:
        answer = await client.get(f"/children/{sample.CHILD}")
    written = capsys.readouterr()
    assert answer.status_code == 500
    assert "CANARY-FAULT" not in answer.text + written.out + written.err
    assert told == ["ValueError"]


@pytest.mark.req("H-16")
@pytest.mark.parametrize("query", ["", "?code=x&state=y", "?error=access_denied&error_description=CANARY"])
async def test_coming_back_from_sign_in_without_this_session_s_state_signs_nobody_in(
    browser: Browser, query: str
) -> None:
    async with browser(sample.services(), None) as client:
        answer = await client.get("/sign-in/callback" + query)
        assert answer.status_code in (401, 503)
        assert "CANARY" not in answer.text
        assert (await client.get("/children")).headers["location"] == "/sign-in"


def said_in(text: str, start: str, end: str) -> str:
    """What a page says between two marks, in one line."""
    begin = text.index(start)
    return " ".join(text[begin : text.index(end, begin)].split())


@pytest.mark.req("H-27", "R-082")
async def test_what_is_noted_stands_beside_its_entry_and_in_the_overview(browser: Browser) -> None:
    async with browser(sample.services()) as client:
        chronology = (await client.get(f"/children/{sample.CHILD}")).text
        overview = (await client.get(f"/children/{sample.CHILD}/overview")).text
    entry = said_in(chronology, "Account recorded</h2>", "</article>")
    assert sample.FLAG.text in entry and "[R-024; S3 s.3]" in entry
    assert chronology.count(sample.FLAG.text) == 1
    noted = said_in(overview, "What is noted beside entries", "</section>")
    assert sample.FLAG.text in noted and f'href="/children/{sample.CHILD}#e-e0001"' in noted


@pytest.mark.req("R-049", "R-050")
async def test_the_overview_says_whom_to_contact_now(browser: Browser) -> None:
    async with browser(sample.services()) as client:
        overview = (await client.get(f"/children/{sample.CHILD}/overview")).text
    contacts = said_in(overview, "Whom to contact", "</section>")
    office, out = contacts.split("Out-of-hours service")
    assert "Duty team" in office and "00000 000 003" in office and "Monday to Friday 09:00 to 17:00" in office
    assert "Contact now" in out and "Contact now" not in office
    assert "999" in overview
