"""What is noted beside a meeting stands in its papers, and stays with the officer when it is taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agencies.sdk.build import AgencyEvent
from hub.disclosure.answers import FlagRow, ReadRequest
from hub.disclosure.packs import MeetingPack
from hub.errors import HubError
from tests.support.scenario import READERS, SCENARIO
from tests.support.simulated import Simulated, one_more, simulated

N_CSC, ELM, OAK, POLICE = (
    "social-care.n-csc",
    "education.elm-school",
    "education.oak-school",
    "police.n-police",
)
MANAGER = f"{N_CSC}/tm-1"
CODE = "R-082"


def held(name: str, hour: int, kind: str, *there: str) -> AgencyEvent:
    """A meeting about C-1001 and who was there."""
    when = f"2025-11-20T{hour}:30:00+00:00"
    present = [{"organisation": one, "represents": False} for one in there]
    return one_more(
        f"X-{name}", "A10", "meeting-held", when, occurred_at=when, precision="exact", meeting=name,
        kind=kind, attendance=present,
    ).event  # fmt: skip


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    """Scenario A, and meetings about C-1001: M6 and M7 with the other child's school.

    M6 was taken back since, and so was the one decision on separate meetings.
    """
    with simulated(tmp_path_factory.mktemp("flags") / "hub") as found:
        found.play(SCENARIO.posts)
        found.hub.store.directory.add_person(MANAGER, ("team-manager",))
        for one in (
            held("M6", 12, "hsb", N_CSC, OAK), held("M7", 13, "hsb", N_CSC, ELM, OAK),
            held("M8", 14, "hsb", N_CSC), held("M9", 15, "strategy", N_CSC, POLICE),
        ):  # fmt: skip
            found.post(one)
        entries = found.hub.views.child(found.children["C-1001"]).entries
        (gone,) = (one.key for one in entries if one.data.get("meeting") == "M6")
        (decided,) = (one.key for one in entries if one.type == "separate-meetings-decided")
        for name, minute, key in (("X-BACK", 30, gone), ("X-UNDO", 40, decided)):
            back = {"about": {"source": key.source, "id": key.id}, "reason": "entered-in-error"}
            when = f"2025-11-20T16:{minute}:00+00:00"
            found.post(one_more(name, "A10", "event-retracted", when, **back).event)
        yield found


def papers(hub: Simulated, meeting: str, person: str = MANAGER, purpose: str = "oversight") -> MeetingPack:
    asked = ReadRequest(hub.children["C-1001"], purpose)
    return hub.hub.disclosure.meetings.pack(hub.signed_in(person), asked, meeting, None)


def codes(pack: MeetingPack) -> list[str]:
    return [one.flag.code for one in pack.notes]


@pytest.mark.req("H-27", "R-082", "H-20")
def test_the_papers_of_a_meeting_say_what_is_noted_beside_it(hub: Simulated) -> None:
    """To whom the requirement names it, and to whom its own entries give it; to nobody else."""
    worker = READERS["SW-1001"]
    for person, purpose in ((MANAGER, "oversight"), (worker.person, worker.purpose)):
        found = papers(hub, "M7", person, purpose)
        (note,) = (one for one in found.notes if one.flag.code == CODE)
        assert note.evidence == found.meeting.entries
        assert note.flag.text == "A school attended the meeting about a child who is not its pupil."
    for name in ("Elm", "ENQ"):
        assert CODE not in codes(papers(hub, "M7", READERS[name].person, READERS[name].purpose)), name


@pytest.mark.req("H-27", "H-07", "R-133")
def test_the_chronology_of_the_papers_has_the_notes_of_its_day(hub: Simulated) -> None:
    """A later meeting's papers show the earlier one with its note; the earlier one knows of no later one."""
    own, later = papers(hub, "M7"), papers(hub, "M8")
    (earlier,) = (one for one in later.entries if one.fields.get("meeting") == "M7")
    assert CODE in [one.code for one in earlier.flags]
    assert CODE not in codes(later)
    assert "M8" not in {one.fields.get("meeting") for one in own.entries}
    live = {one.entry_id: one.flags for one in hub.chronology_of(MANAGER, "oversight", "C-1001").entries}
    noted = [one for one in later.entries if one.flags]
    assert noted and all(one.flags == live[one.entry_id] for one in noted)


@pytest.mark.req("D-04", "H-27", "R-117", "R-079")
def test_no_note_in_the_papers_rests_on_another_childs_record(hub: Simulated) -> None:
    """Police look at both children: that neither has the decision is in their chronology, not in papers."""
    police = READERS["POL"]
    live = hub.chronology_of(police.person, police.purpose, "C-1001").entries
    (beside,) = (one.flags for one in live if one.fields.get("meeting") == "M9")
    assert "R-079" in [one.code for one in beside]
    found = papers(hub, "M9", police.person, police.purpose)
    assert "R-079" not in codes(found)
    assert "R-079" not in [flag.code for one in found.entries for flag in one.flags]


@pytest.mark.req("R-082", "H-15", "H-02")
def test_a_meeting_that_was_taken_back_stays_with_the_officer(hub: Simulated) -> None:
    """A retraction hides it from everybody, and undoes no disclosure that was made of it until then."""

    def rows(person: str) -> list[FlagRow]:
        return hub.hub.oversight.flags(hub.signed_in(person), f"child:{hub.children['C-1001']}")

    gone, stands = rows(READERS["IGO"].person)
    assert [one.flag.code for one in (gone, stands)] == [CODE, CODE]
    assert (gone.type, gone.organisation, gone.occurred_at[:13]) == ("meeting-held", N_CSC, "2025-11-20T12")
    assert gone.retracted_at is not None and gone.retracted_at > gone.received_at
    assert stands.retracted_at is None
    with pytest.raises(HubError, match="not-found"):
        papers(hub, "M6")
    live = hub.chronology_of(MANAGER, "oversight", "C-1001").entries
    assert "M6" not in {one.fields.get("meeting") for one in live}
    assert gone.entry_id not in {one.entry_id for one in live}
