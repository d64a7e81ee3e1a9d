"""A child is called by a number only where the reader has it already, and otherwise by the hub's id."""

from __future__ import annotations

import pytest
import sample_services as sample
from conftest import Browser
from sample_services import CHILD

from hub.web.known_as import learn, naming, remember

pytestmark = pytest.mark.anyio
OWN = "social-care.s-csc"
TOKEN = {"form_token": "form-token-of-this-session"}
NHS, SAID = "nhs:9990010014", "NHS number 999 001 0014"


def called(session: dict[str, object], child: str = CHILD) -> str | None:
    return naming(session, lambda organisation: f"the {organisation}")(child)


def opened(*identifiers: str) -> sample.ShownEntry:
    return sample.entry(9, "Record opened", "2025-09-12", "day", type="child-stream-opened",
                        fields={"identifiers": list(identifiers)} if identifiers else {})  # fmt: skip


@pytest.mark.req("R-187", "H-10")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((NHS, "upn:Q999400119001"), SAID),
        (("upn:Q999400119001",), "UPN Q999400119001"),
        ((NHS, f"local:{OWN}:C-17", "local:police.n-police:9"), f"C-17 (the {OWN})"),
        (("local:police.n-police:9", NHS), SAID),
        (("child:" + CHILD,), None),
        ((f"local:{OWN}:" + "9" * 64,), None),
    ],
)
def test_the_own_organisation_s_number_is_best_and_a_national_one_next(
    given: tuple[str, ...], said: str | None
) -> None:
    session: dict[str, object] = {}
    learn(session, CHILD, [opened(*given)], OWN)
    assert called(session) == said


@pytest.mark.req("H-10", "D-50")
def test_a_number_that_is_withheld_now_is_forgotten() -> None:
    session: dict[str, object] = {}
    learn(session, CHILD, [opened(NHS)], OWN)
    learn(session, CHILD, [sample.ENTRIES[0]], OWN)
    assert called(session) == SAID, "a page without that entry says nothing of it"
    learn(session, CHILD, [opened()], OWN)
    assert called(session) is None


@pytest.mark.req("H-16")
def test_no_more_are_kept_than_fit_into_a_cookie() -> None:
    session: dict[str, object] = {}
    for number in range(12):
        remember(session, f"child-{number}", NHS)
    assert [number for number in range(12) if called(session, f"child-{number}")] == list(range(4, 12))


@pytest.mark.req("R-187", "H-10")
async def test_before_it_is_known_the_hub_s_id_stands_there_and_then_the_number(browser: Browser) -> None:
    reads = sample.SampleReads(entries=(opened(NHS), *sample.ENTRIES))
    async with browser(sample.services(reads)) as client:
        before = (await client.get("/children")).text
        page = (await client.get(f"/children/{CHILD}")).text
        overview = (await client.get(f"/children/{CHILD}/overview")).text
        after = (await client.get("/children")).text
    assert f">{CHILD}</a>" in before and SAID not in before
    assert f"Child {SAID}" in page and f"Child {SAID}" in overview
    assert f'<span class="hub-id">{CHILD}</span>' in page, "the id is there still, to be quoted"
    assert '<span title="llr-2024">Leicester, Leicestershire and Rutland</span>' in page
    assert f">{SAID}</a>" in after and f'href="/children/{CHILD}/purpose"' in after


@pytest.mark.req("R-187", "H-10")
async def test_the_number_that_was_searched_for_is_used_only_where_it_was_found(browser: Browser) -> None:
    async with browser(sample.services(), purpose=False) as client:
        asked = TOKEN | {"purpose": "assessment"}
        await client.post("/children/find", data=asked | {"identifier": "nhs:9990010022"})
        assert "999 001 0022" not in (await client.get("/children")).text
        await client.post("/children/find", data=asked | {"identifier": NHS})
        assert SAID in (await client.get("/children")).text


@pytest.mark.req("D-14")
async def test_no_number_is_printed_on_a_paper_for_the_family(browser: Browser) -> None:
    reads = sample.SampleReads(entries=(opened(NHS),))
    async with browser(sample.services(reads)) as client:
        await client.get(f"/children/{CHILD}")
        paper = (await client.get(f"/children/{CHILD}/family-paper")).text
    assert SAID not in paper and CHILD in paper
