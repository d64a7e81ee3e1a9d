"""The page of blocked decisions: for team managers alone, the latest first, with what can be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape

import httpx
import pytest
from sample_services import HOSTILE, NOW, PEOPLE, SampleOfficer, SampleReads, services

from hub.directory.types import Principal
from hub.errors import HubError
from hub.oversight import BlockedDecision
from hub.web.blocked_decisions import MOST

Browser = Callable[..., httpx.AsyncClient]
WORKER, OFFICER = "social-care.s-csc/sw-s1", "partnership.hub-ig/igo-1"
MANAGER, ELSEWHERE = "social-care.s-csc/tm-1", "education.oak-school/tm-1"
PATH = "/blocked-decisions"
ROW = BlockedDecision(
    NOW, "social-worker-allocated", "Social worker allocated", "R-067", "SHOULD", "S3 s.2",
    "Linked children have different workers. Allocate another.", True, "ab" * 16,
)  # fmt: skip
OLD = BlockedDecision(NOW - timedelta(days=9), None, None, None, None, None, None, None, "")
pytestmark = pytest.mark.anyio


@dataclass
class Officer(SampleOfficer):
    rows: tuple[BlockedDecision, ...] = (
        OLD,
        replace(ROW, at=NOW - timedelta(days=1), title="Closure decided", can_be_overridden=False),
        ROW,
    )

    def blocked_decisions(self, principal: Principal) -> list[BlockedDecision]:
        self.asked.append(principal.id)
        if principal.organisation_kind != "social-care":
            raise HubError("not-found")
        return list(self.rows)


@pytest.fixture(autouse=True)
def managers(monkeypatch: pytest.MonkeyPatch) -> None:
    role = frozenset({"team-manager"})
    for organisation, person in (("social-care.s-csc", MANAGER), ("education.oak-school", ELSEWHERE)):
        kind = organisation.partition(".")[0]
        monkeypatch.setitem(PEOPLE, person, Principal(organisation, kind, None, person, role))


@pytest.mark.req("D-55", "H-28")
async def test_it_says_what_when_why_and_what_can_be_done_the_latest_first(browser: Browser) -> None:
    async with browser(services(officer=Officer()), MANAGER) as client:
        page = unescape((await client.get(PATH)).text)
    latest, rest = page.split("Closure decided, 19 November 2025, 12:00")
    for said in (
        "Social worker allocated, 20 November 2025, 12:00", "A team manager can override this rule",
        ROW.reason, "R-067 (S3 s.2)", ROW.trace,
    ):  # fmt: skip
        assert said in latest, said
    cannot, old = rest.split("A decision of a kind that was not kept, 11 November 2025, 12:00")
    assert "This rule cannot be overridden" in cannot and "can override" not in cannot
    assert "Whether it can be overridden is not known" in old and "The reason was not kept." in old


@pytest.mark.req("D-55")
async def test_where_there_are_many_the_latest_are_shown_and_that_is_said(browser: Browser) -> None:
    rows = tuple(replace(ROW, trace=f"{n:032x}") for n in range(MOST + 1))
    async with browser(services(officer=Officer(rows=rows)), MANAGER) as client:
        page = (await client.get(PATH)).text
    assert f"The latest {MOST}, latest first" in page and page.count("<dt>Trace</dt>") == MOST
    assert page.index(rows[-1].trace) < page.index(rows[1].trace) and rows[0].trace not in page


@pytest.mark.req("D-55")
async def test_where_there_is_none_that_is_said(browser: Browser) -> None:
    async with browser(services(officer=Officer(rows=())), MANAGER) as client:
        page = await client.get(PATH)
    assert page.status_code == 200 and "No decision of your organisation was refused." in page.text


@pytest.mark.req("D-55", "R-016")
async def test_it_runs_no_script_and_holds_no_markup_of_others(browser: Browser) -> None:
    rows = (replace(ROW, title=HOSTILE, reason=HOSTILE, trace=HOSTILE, rule=HOSTILE),)
    async with browser(services(officer=Officer(rows=rows)), MANAGER) as client:
        page = (await client.get(PATH)).text
    assert "<script" not in page and "<img" not in page and unescape(page).count(HOSTILE) == 4


@pytest.mark.req("D-55", "H-16")
async def test_it_is_for_team_managers_of_social_care_alone(browser: Browser) -> None:
    for person, reaches in ((WORKER, False), (OFFICER, False), (ELSEWHERE, True)):
        officer = Officer()
        async with browser(services(SampleReads(), officer), person) as client:
            assert (await client.get(PATH)).status_code == 404
            home = await client.get("/children")
        assert officer.asked == ([person] if reaches else []), "behind the door the kind is asked too"
        assert f'href="{PATH}"' not in home.text
    async with browser(services(SampleReads(), Officer()), MANAGER) as client:
        assert f'href="{PATH}"' in (await client.get("/children")).text
        assert f'<a href="{PATH}" aria-current="page">' in (await client.get(PATH)).text
    async with browser(services(SampleReads(), Officer()), None) as client:
        assert (await client.get(PATH)).headers["location"] == "/sign-in"
