"""The pages about the sharing rules: replays, proposals, and approval by another person only."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
import sample_services as sample

from hub.disclosure.replay import ERASED, Given, Replay
from hub.envelope import EventKey

ONE, OTHER, WORKER = "partnership.hub-ig/igo-1", "partnership.hub-ig/igo-2", "social-care.s-csc/sw-s1"
VERSION = sample.RELEASE.version
PAGES = ("/accesses/ds0001/replay", "/policies", f"/policies/{VERSION}")
pytestmark = pytest.mark.anyio


def served(**given: object) -> tuple[sample.SamplePolicies, object]:
    policies = sample.SamplePolicies(**given)
    return policies, sample.services(officer=sample.SampleOfficer(policies=policies))


@pytest.mark.req("H-15", "D-13")
@pytest.mark.parametrize("path", PAGES)
async def test_the_pages_are_there_for_officers_only(browser, path: str) -> None:
    _, services = served()
    async with browser(services, ONE) as officer, browser(services, WORKER) as worker:
        page = await officer.get(path)
        assert page.status_code == 200 and page.headers["cache-control"] == "no-store"
        assert sample.HOSTILE not in page.text
        assert (await worker.get(path)).status_code == 404
        assert "Sharing rules</a>" not in (await worker.get("/children")).text


@pytest.mark.req("H-12", "H-15")
async def test_a_replay_says_what_is_the_same_and_what_differs_and_no_content(browser) -> None:
    item = Given(EventKey("urn:safeguarding:org:police.n-police", "EV-1"), "V", ("D-05-POLICE",))
    gone = EventKey("urn:safeguarding:org:police.n-police", "EV-2")
    found = Replay("ds0001", "v1", False, "different", "not compared", (ERASED,), (item,), (), (gone,))
    for made, words in (
        (sample.SAME, ("The same", "which is here")),
        (
            found,
            (
                "Different",
                "Not compared",
                "which is not here any more",
                "EV-1</span>: visible, by D-05-POLICE",
                "EV-2",
            ),
        ),
    ):
        _, services = served(made=made)
        async with browser(services, ONE) as client:
            page = (await client.get("/accesses/ds0001/replay")).text
        assert all(one in page for one in words), [one for one in words if one not in page]


@pytest.mark.req("H-08", "H-15")
async def test_a_proposal_shows_who_would_be_shown_what_by_which_rule(browser) -> None:
    _, services = served()
    async with browser(services, ONE) as client:
        page = (await client.get(f"/policies/{VERSION}")).text
    for words in ("D-06-WRONG", "Outcome", "Who posted it", "12 past answers", "1 past answer could"):
        assert words in page
    assert "3 past answers, 1 item, 1 child" in page and 'href="/accesses/ds0001"' in page


@pytest.mark.req("H-08", "H-15")
async def test_whoever_reads_a_rehearsal_reads_words_and_rules_by_their_ids(browser) -> None:
    """Nobody but the rules themselves knows what `own-worker` is; what is quoted keeps its name."""
    _, services = served()
    async with browser(services, ONE) as client:
        page = unescape((await client.get(f"/policies/{VERSION}")).text)
    for words in (
        "Designated safeguarding lead: Interview held", "The safeguarding lead of the child's school",
        "Police and court process (CRIM)", "A child's own account: ", "By name: N Police",
        "What was told: That the police have finished", "<dt>Made by</dt>",
        "<dt>For whom</dt><dd>The child</dd>", "Systems of youth justice: ",
        "Member of the current group; Supervised by youth justice", "Notice: Concern recorded",
        "Notice: Police involved", "Social worker, Team manager: Investigation opened for a linked child",
        "A member of a group about the child; The child's own social worker",
        "D-31-INVESTIGATION-OPENED", "D-14-WRONG",
    ):  # fmt: skip
        assert words in page, words
    for code in ("own-worker", "group-member", "safeguarding-lead", "youth-justice<", "investigation-opened"):
        assert code not in page, code


@pytest.mark.req("H-08")
async def test_another_officer_approves_and_the_proposer_cannot(browser) -> None:
    policies, services = served()
    path, form = f"/policies/{VERSION}/approve", {"form_token": "form-token-of-this-session"}
    async with browser(services, OTHER) as client:
        assert "Approve these rules" not in (await client.get(f"/policies/{VERSION}")).text
        refused = await client.post(path, data=form)
        assert refused.status_code == 403 and "Another person than the one" in refused.text
    async with browser(services, ONE) as client:
        assert "Approve these rules" in (await client.get(f"/policies/{VERSION}")).text
        forged = await client.post(path, data={"form_token": "another"})
        assert forged.status_code == 401 and policies.approved == []
        done = await client.post(path, data=form)
        assert (done.status_code, done.headers["location"]) == (303, f"/policies/{VERSION}")
    assert policies.approved == [(ONE, VERSION)]
    async with browser(services, WORKER) as client:
        assert (await client.post(path, data=form)).status_code == 404
    assert len(policies.approved) == 1


@pytest.mark.req("H-08")
async def test_nothing_is_offered_for_approval_before_its_rehearsal_or_twice(browser) -> None:
    approved = replace(sample.REHEARSED, approved_by=ONE, approved_at=sample.NOW)
    for found, said in ((sample.RELEASE, "It was not rehearsed yet"), (approved, f"by {ONE}")):
        _, services = served(found=found)
        async with browser(services, ONE) as client:
            page = (await client.get(f"/policies/{VERSION}")).text
        assert said in page and "Approve these rules" not in page


@pytest.mark.req("H-08")
async def test_rules_that_cannot_decide_are_told(browser) -> None:
    for in_force, said in ((None, "no server starts"), ("another", "it has to be restarted")):
        _, services = served(in_force=in_force)
        async with browser(services, ONE) as client:
            assert said in (await client.get("/policies")).text
