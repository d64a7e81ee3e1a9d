"""A form that was filled in wrongly comes back with what is wrong with it, and opens nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
import sample_services as sample
from conftest import Browser

from hub.directory.types import Principal
from hub.disclosure.answers import Explanation
from hub.errors import HubError

pytestmark = pytest.mark.anyio
IGO = "partnership.hub-ig/igo-1"
TOKEN = {"form_token": "form-token-of-this-session"}
NHS = "nhs:9990010014"


@pytest.mark.req("H-12", "R-006")
@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"identifier": NHS}, {"purpose": "Select why you need to read this record"}),
        ({"identifier": " ", "purpose": "assessment"}, {"identifier": "Enter an identifier"}),
        (
            {"identifier": NHS, "purpose": "assessment", "reference": "<b>"},
            {"reference": "Reference must be 64 letters, digits, spaces and . / _ - or fewer"},
        ),
        (
            {},
            {"identifier": "Enter an identifier", "purpose": "Select why you need to read this record"},
        ),
    ],
    ids=["no purpose", "no identifier", "bad reference", "nothing"],
)
async def test_a_search_that_lacks_something_is_asked_again_and_looks_nothing_up(
    browser: Browser, fields: dict[str, str], wrong: dict[str, str]
) -> None:
    """Each sentence stands in the summary, leading to its field, and at the field."""
    reads = sample.SampleReads()
    async with browser(sample.services(reads), purpose=False) as client:
        page = await client.post("/children/find", data=TOKEN | fields)
    assert page.status_code == 400 and reads.looked_up == []
    assert "<title>Error: Find a child you work with" in page.text
    for field, sentence in wrong.items():
        assert f'<a href="#{field}">{sentence}</a>' in page.text
        assert page.text.count(sentence) == 2
        assert f'id="{field}"' in page.text
    assert page.text.count("govuk-error-message") == len(wrong)
    if fields.get("purpose"):
        assert 'value="assessment" checked' in page.text
    assert NHS not in page.text and "<b>" not in page.text


@pytest.mark.req("H-10", "H-12")
async def test_a_child_that_is_not_mine_is_told_at_the_field(browser: Browser) -> None:
    reads = sample.SampleReads()
    async with browser(sample.services(reads), purpose=False) as client:
        page = await client.post(
            "/children/find", data=TOKEN | {"identifier": "nhs:9990010022", "purpose": "direct-care"}
        )
    assert page.status_code == 404
    assert "There is no child with this identifier among the children you work with" in page.text
    assert "9990010022" not in page.text and 'value="direct-care" checked' in page.text


@pytest.mark.req("H-12", "R-006")
async def test_a_purpose_that_was_not_chosen_is_asked_for_on_the_same_page(browser: Browser) -> None:
    async with browser(sample.services(), purpose=False) as client:
        page = await client.post(f"/children/{sample.CHILD}/purpose", data=TOKEN | {"reference": "C 12/3"})
    assert page.status_code == 400
    assert '<a href="#purpose">Select why you need to read this record</a>' in page.text
    assert 'id="purpose"' in page.text and 'value="C 12/3"' in page.text
    assert sample.CHILD in page.text


@dataclass
class OfficerOfLookUps(sample.SampleOfficer):
    """One access that gave an id and no entry."""

    outcome: str = "disclosed"

    def explanation(self, principal: Principal, disclosure_id: str) -> Explanation:
        return Explanation(replace(sample.ROW, what="look-up", outcome=self.outcome), (), ())


@pytest.mark.req("H-14")
@pytest.mark.parametrize(("outcome", "none"), [("disclosed", False), ("refused", True)])
async def test_no_relationship_is_said_only_where_nothing_was_given(
    browser: Browser, outcome: str, none: bool
) -> None:
    services = sample.services(officer=OfficerOfLookUps(outcome=outcome))
    async with browser(services, IGO) as client:
        page = await client.get("/accesses/ds0001")
    assert ("No relationship: nothing of the record was given." in page.text) is none
    assert ("None is kept with an answer that holds no entry of the record." in page.text) is not none


@pytest.mark.req("H-19", "R-006")
async def test_links_to_entries_can_be_told_apart_out_of_their_line(browser: Browser) -> None:
    """A screen reader lists links by themselves: each says of which line its entry is one."""
    async with browser(sample.services()) as client:
        page = await client.get(f"/children/{sample.CHILD}/overview")
    first = re.search(r"<a [^>]*#e-en0001[^>]*>(.*?)</a>", page.text)
    assert first and first[1] == 'entry 1<span class="govuk-visually-hidden"> of P-02</span>'
    assert re.search(r">entry 1<span [^>]*> of K-10</span></a>", page.text)


@pytest.mark.req("H-10", "R-006")
@pytest.mark.parametrize(
    ("method", "path", "title", "told"),
    [
        ("POST", "/children/find", "This form has expired", False),
        ("GET", f"/children/{sample.CHILD}", "Page not found", True),
        ("GET", "/children/no-uuid", "Page not found", True),
        ("GET", "/accesses", "Page not found", False),
    ],
)
async def test_a_refusal_is_said_for_people_and_a_child_s_page_says_who_records_relationships(
    browser: Browser, method: str, path: str, title: str, told: bool
) -> None:
    reads = sample.SampleReads(fault=HubError("not-found"))
    async with browser(sample.services(reads)) as client:
        page = await client.request(method, path, data={} if method == "POST" else None)
    assert f"<title>{title} - " in page.text and f"{title}</h1>" in page.text
    assert ("ask the child's responsible authority" in page.text) is told


@pytest.mark.req("R-006")
async def test_the_list_of_children_stays_a_table_where_it_is_laid_out_in_blocks(browser: Browser) -> None:
    """On a narrow screen the style sheet makes blocks of rows; only the roles then say what they are."""
    async with browser(sample.services()) as client:
        page = await client.get("/children")
    table = page.text[page.text.index("<table") : page.text.index("</table>")]
    for tag, roles in (
        ("table", {"table"}), ("tr", {"row"}), ("td", {"cell"}), ("th", {"columnheader", "rowheader"}),
    ):  # fmt: skip
        found = re.findall(rf"<{tag}\b([^>]*)>", table)
        assert found and {m[1] for one in found if (m := re.search(r'role="(\w+)"', one))} == roles
        assert all("role=" in one for one in found)
    # What only a narrow screen shows is the heading that a screen reader says of the cell already.
    assert table.count('<span class="hub-narrow-label" aria-hidden="true">') == table.count("<td ")
