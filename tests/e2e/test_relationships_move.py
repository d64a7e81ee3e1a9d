"""A child moves to another authority: nothing changes until it is acknowledged, and then at the next read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from agencies.sdk.build import AgencyEvent
from hub.disclosure.answers import ReadRequest
from hub.errors import HubError
from tests.support.scenario import READERS, SCENARIO
from tests.support.simulated import Simulated, one_more, simulated

N_CSC, S_CSC = "social-care.n-csc", "social-care.s-csc"
NEW_WORKER, COLLEAGUE = f"{S_CSC}/sw-s9", f"{S_CSC}/sw-s8"
MOVE = {"from_authority": N_CSC, "to_authority": S_CSC}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Simulated]:
    """Scenario A at its end, for one test alone; C-1001 is N's child, C-2001 that of S."""
    with simulated(tmp_path / "hub") as found:
        found.play(SCENARIO.posts)
        for one in (NEW_WORKER, COLLEAGUE):
            found.hub.store.directory.add_person(one, ("social-worker",))
        yield found


def of_n(name: str, minute: int, type_: str, **data: object) -> AgencyEvent:
    """A post by N about C-1001."""
    return one_more(name, "A10", type_, f"2025-11-20T13:{minute:02d}:00+00:00", **data).event


def of_s(name: str, minute: int, type_: str, **data: object) -> AgencyEvent:
    """A post by S about C-1001."""
    when = f"2025-11-20T13:{minute:02d}:00+00:00"
    members = {"occurred_at": when, "precision": "exact", "author": f"{S_CSC}/tm-1", **data}
    subject = SCENARIO.children["C-1001"][0]
    return AgencyEvent(S_CSC, name, type_, subject, datetime.fromisoformat(when), members)


TOLD = of_n("X-MOVE-1", 1, "child-moved-area", step="notified", **MOVE)
TAKEN = of_s("X-MOVE-2", 2, "child-moved-area", step="acknowledged", **MOVE)
ALLOCATED = of_s("X-MOVE-3", 3, "social-worker-allocated", kind="allocated", worker=NEW_WORKER)


def reads(hub: Simulated, person: str, purpose: str = "safeguarding-partnership") -> bool:
    """Whether a person is answered about C-1001."""
    try:
        hub.chronology_of(person, purpose, "C-1001")
    except HubError as error:
        assert error.slug == "not-found"
        return False
    return True


def purpose_of(reader: str) -> str:
    return READERS[reader].purpose


def questions(hub: Simulated) -> list[str]:
    """The children about whom the identity reviewers of the partnership are asked, by kind of question."""
    return [str(one.child) for one in hub.hub.identity.queue() if one.event is not None]


def notice_id(hub: Simulated) -> str:
    return next(
        one.key.id for one in hub.hub.views.child(hub.children["C-1001"]).entries
        if one.type == "child-moved-area" and one.data["step"] == "notified"
    )  # fmt: skip


@pytest.mark.req("R-157", "G.00")
def test_told_and_not_acknowledged_the_old_authority_keeps_the_child(hub: Simulated) -> None:
    hub.post(TOLD)
    view = hub.hub.views.child(hub.children["C-1001"])
    assert view.authority == N_CSC
    assert reads(hub, READERS["SW-1001"].person, purpose_of("SW-1001"))
    assert not reads(hub, NEW_WORKER, purpose_of("SW-2001"))
    with pytest.raises(HubError) as refused:
        hub.post(ALLOCATED)
    assert (refused.value.slug, refused.value.rule) == ("poster", "G.00")


@pytest.mark.req("R-157", "D-20", "D-24", "G.00")
def test_once_acknowledged_the_old_workers_read_nothing_and_the_new_ones_do(hub: Simulated) -> None:
    hub.post(TOLD)
    hub.post(TAKEN)
    view = hub.hub.views.child(hub.children["C-1001"])
    assert view.authority == S_CSC
    assert not reads(hub, READERS["SW-1001"].person, purpose_of("SW-1001"))
    assert not reads(hub, READERS["ENQ"].person, purpose_of("ENQ"))
    assert reads(hub, READERS["Elm"].person, purpose_of("Elm"))
    assert reads(hub, READERS["HL-1001"].person, purpose_of("HL-1001"))
    assert not reads(hub, NEW_WORKER, purpose_of("SW-2001"))
    hub.post(ALLOCATED)
    assert reads(hub, NEW_WORKER, purpose_of("SW-2001"))
    # What the old authority posted itself it goes on seeing.
    page = hub.hub.intake.mine(hub.signed_in(str(TOLD.data["author"])), None, 200)
    assert notice_id(hub) in {str(one["id"]) for one in page.posts}
    # The way back needs the one who is responsible now.
    assert questions(hub) == []
    hub.post(
        of_n("X-MOVE-4", 5, "child-moved-area", step="acknowledged", from_authority=S_CSC, to_authority=N_CSC)
    )
    assert hub.hub.views.child(hub.children["C-1001"]).authority == S_CSC
    assert questions(hub) == [hub.children["C-1001"]]


@pytest.mark.req("G.00", "H-05")
def test_a_claim_by_another_authority_is_kept_and_put_to_an_identity_reviewer(hub: Simulated) -> None:
    hub.post(TAKEN)
    hub.post(of_s("X-HOME", 4, "responsible-authority-recorded", home_authority=S_CSC))
    child = hub.children["C-1001"]
    assert questions(hub) == [child, child]
    view = hub.hub.views.child(child)
    assert view.authority == N_CSC
    assert [one.type for one in view.entries if "G.00" in one.flags] == [
        "child-moved-area",
        "responsible-authority-recorded",
    ]
    assert not reads(hub, NEW_WORKER, purpose_of("SW-2001"))


@pytest.mark.req("R-157", "H-02")
def test_a_notice_taken_back_after_the_move_gives_the_child_back_to_nobody(hub: Simulated) -> None:
    hub.post(TOLD)
    hub.post(TAKEN)
    about = {"source": f"urn:safeguarding:org:{N_CSC}", "id": notice_id(hub)}
    hub.post(of_n("X-BACK", 6, "event-retracted", about=about, reason="entered-in-error"))
    assert hub.hub.views.child(hub.children["C-1001"]).authority == S_CSC
    assert not reads(hub, READERS["SW-1001"].person, purpose_of("SW-1001"))


@pytest.mark.req("H-16", "G.00")
def test_cover_opens_the_covered_workers_child_at_the_next_read_and_closes_at_its_end(hub: Simulated) -> None:
    """A colleague of S stands in for the worker of C-2001, and reads that child as the worker does."""
    covers = READERS["SW-2001"].person
    asked = ReadRequest(hub.children["C-2001"], purpose_of("SW-2001"))

    def entries(person: str) -> list[tuple[str, object]]:
        page = hub.hub.disclosure.chronology(hub.signed_in(person), asked)
        return [(one.type, one.fields) for one in page.entries]

    with pytest.raises(HubError):
        entries(COLLEAGUE)
    cover = {"kind": "cover", "organisation": S_CSC, "person": COLLEAGUE, "covers": covers}
    hub.post(one_more("X-COVER", "A11", "relationship-recorded", "2025-11-20T13:00:00+00:00",
                      until="2025-11-21", **cover).event)  # fmt: skip
    covered = entries(COLLEAGUE)
    assert [one for one, _ in covered] == [one for one, _ in entries(covers)] and len(covered) > 20
    hub.advance("2025-11-22T00:00:00+00:00")
    with pytest.raises(HubError):
        entries(COLLEAGUE)


@pytest.mark.req("D-31", "R-157", "D-26")
def test_a_move_takes_no_safety_fact_from_the_child(hub: Simulated) -> None:
    """Police are gone by then: the link carries on the word of both authorities, the former one too."""
    hub.advance("2026-01-05T12:00:00+00:00")

    def carried(person: str) -> set[str]:
        entries = hub.chronology_of(person, purpose_of("SW-1001"), "C-1001").entries
        return {str(one.line) for one in entries if one.line is not None}

    before = carried(READERS["SW-1001"].person)
    safety = {"safety-measure-for-linked-child", "linked-incident-recorded", "plan-changed"}
    assert safety <= before
    for one in (TOLD, TAKEN, ALLOCATED):
        hub.post(one)
    # The receipt of its own referral stays with the authority that made it.
    assert carried(NEW_WORKER) == before - {"referral-receipt"}
