"""The pages of those who govern: numbers withheld in words, the star with its table, and who may come."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import sample_services as sample
from conftest import Browser

from hub.envelope import EventKey
from hub.errors import HubError
from hub.pathway.reports import (
    Framework,
    Report,
    ReportYear,
    Row,
    Score,
    SelfAssessment,
    Table,
    parity,
    read_framework,
    self_assessment,
)  # fmt: skip
from hub.pathway.reports.table import NUMBER
from hub.web import WebServices

pytestmark = pytest.mark.anyio
IGO = "partnership.hub-ig/igo-1"
HOSTILE = sample.HOSTILE
FRAMEWORK = read_framework(
    """
    title = "A local framework"
    [domain.interventions]
    summary = "What we know."
    evidence = [{title = "A local review", url = "https://example.org/review", checked = 2025-09-01}]
    principles = ["Work starts early."]
    statements = [{id = "in-1", text = "Work is offered."}, {id = "in-2", text = "Work is reviewed."}]
    """
)


def score(
    by: str, cycle: str, given: int | None, *, joint: bool = False, domain: str = "interventions"
) -> Score:
    on = date(int(cycle), 3, 1)
    received = datetime(on.year, 3, 1, 12, tzinfo=UTC)
    return Score(
        EventKey("urn:test", f"{by}-{cycle}-{domain}-{joint}"), by, cycle, domain, "in-1", given, HOSTILE,
        joint, on, received,
    )  # fmt: skip


DOMAINS = [one.id for one in FRAMEWORK.domains]
SCORES = [
    score("police.n-police", "2025", 0),
    score("education.oak-school", "2025", None),
    *(score("social-care.s-csc", year, n % 5, joint=True, domain=one)
      for year in ("2024", "2025") for n, one in enumerate(DOMAINS)),
]  # fmt: skip


class SampleReports:
    """One report with a number that is told and one that is withheld, and two cycles."""

    def __init__(self) -> None:
        self.framework: Framework = FRAMEWORK
        self.read: list[tuple[str, int | None]] = []

    def listed(self, principal: object) -> dict[str, str]:
        return {"learning": "Learning from a year", "self-assessment": "Self-assessment"}

    def latest(self) -> ReportYear:
        return ReportYear(2024)

    def report(self, principal: object, name: str, begins_in: int | None = None) -> Report:
        self.read.append((name, begins_in))
        if name == "steps":
            return parity([], ReportYear(2024))
        if name != "learning":
            raise HubError("not-found")
        rows = (Row("all", "All children", (16,)), Row("both", f"Both {HOSTILE}", (None,)))
        table = Table("sides", "R-184", "Children by side", (NUMBER,), rows)
        return Report("learning", "Learning from a year", (table,), ReportYear(begins_in or 2024))

    def self_assessment(self, principal: object) -> SelfAssessment:
        return self_assessment(FRAMEWORK, SCORES, [], now=datetime(2025, 11, 20, tzinfo=UTC))


def services(reports: SampleReports | None = None) -> WebServices:
    return replace(sample.services(), reports=reports or SampleReports())


@pytest.mark.req("R-184")
async def test_a_report_says_withheld_in_words_and_escapes_what_it_shows(browser: Browser) -> None:
    reports = SampleReports()
    async with browser(services(reports), IGO) as client:
        page = await client.get("/reports/learning")
        other = await client.get("/reports/learning?year=2023")
        wrong = await client.get("/reports/learning?year=next")
        missing = await client.get("/reports/nothing")
    assert [one.status_code for one in (page, other, wrong, missing)] == [200, 200, 400, 404]
    assert re.search(r"All children</th>\s*<td[^>]*>16</td>", page.text)
    assert re.search(r"</th>\s*<td[^>]*>withheld</td>", page.text)
    assert "1 April 2024 to 31 March 2025" in page.text and HOSTILE not in page.text
    assert reports.read == [("learning", None), ("learning", 2023), ("nothing", None)]


@pytest.mark.req("R-012")
async def test_the_list_leads_to_every_report_and_an_empty_year_shows(browser: Browser) -> None:
    async with browser(services(), IGO) as client:
        page = await client.get("/reports")
        steps = await client.get("/reports/steps")
    assert 'href="/reports/learning"' in page.text and 'href="/reports/self-assessment"' in page.text
    assert 'href="/reports" aria-current="page"' in page.text
    assert steps.status_code == 200 and "16" not in steps.text


@pytest.mark.req("R-190", "R-192", "R-187", "R-188")
async def test_the_star_has_two_outlines_and_a_table_that_says_the_same(browser: Browser) -> None:
    async with browser(services(), IGO) as client:
        page = await client.get("/reports/self-assessment")
    assert page.status_code == 200
    drawn = re.findall(
        r'<polygon class="hub-star__outline hub-star__outline--(\w+)" points="([^"]+)"', page.text
    )
    assert [which for which, _ in drawn] == ["before", "now"]
    assert [len(points.split()) for _, points in drawn] == [5, 5]
    assert 'role="img"' in page.text and "The star as a table" in page.text
    assert page.text.count("Among the weakest two") == 4
    assert page.text.count("no action is agreed for it") == 4
    assert "not answered" in page.text and "Incomplete." in page.text
    assert not re.search(r"<script|style=|onload", page.text)


@pytest.mark.req("R-193", "R-189", "R-187")
async def test_the_page_of_a_domain_has_its_three_parts(browser: Browser) -> None:
    async with browser(services(), IGO) as client:
        page = await client.get("/reports/self-assessment/interventions")
        empty = await client.get("/reports/self-assessment/workforce-development")
        missing = await client.get("/reports/self-assessment/sixth")
    assert re.findall(r'<h2 class="govuk-heading-m" id="(\w+)"', page.text) == [
        "evidence",
        "audit",
        "principles",
    ]
    assert 'href="https://example.org/review"' in page.text and "1 September 2025" in page.text
    assert "Work is offered." in page.text and "Work starts early." in page.text
    cells = re.search(r"Work is offered\.</th>(.*?)</tr>", page.text, re.S)
    assert cells and re.findall(r"<td[^>]*>\s*(\w[\w ]*)", cells[1]) == [
        "3",
        "not answered",
        "0",
        "not known",
    ]
    assert HOSTILE not in page.text and empty.status_code == 200 and missing.status_code == 404


@pytest.mark.req("R-186", "H-16")
@pytest.mark.parametrize("path", ["/reports", "/reports/learning", "/reports/self-assessment"])
async def test_whoever_does_not_govern_finds_no_reports(browser: Browser, path: str) -> None:
    async with browser(services()) as client:
        page = await client.get(path)
        home = await client.get("/children")
    assert page.status_code == 404 and 'href="/reports"' not in home.text
    async with browser(sample.services(), IGO) as client:
        assert (await client.get(path)).status_code == 404
