"""What was derived can be rebuilt to the byte; what was known then; what was corrected and taken back."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from agencies.scenarios import variant
from agencies.sdk.build import about
from hub.cli.demo import HUB_ID
from hub.cli.demo_world import READING_TIME
from hub.disclosure.answers import Chronology, ReadRequest
from hub.envelope import EventKey
from hub.errors import HubError
from hub.oversight import AccessQuery
from tests.support.hub_process import environment, write_commands
from tests.support.scenario import READERS, SCENARIO
from tests.support.simulated import Simulated, one_more, opened, simulated

BEFORE_THE_READING = datetime.fromisoformat(READING_TIME) - timedelta(minutes=1)
(CORRECTION,) = variant("scenario-a", "corrected")
(RETRACTION,) = variant("scenario-a", "retracted")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Simulated]:
    """Scenario A at its end, for one test alone."""
    with simulated(tmp_path / "hub") as found:
        found.play(SCENARIO.posts)
        yield found


def of_then(hub: Simulated) -> dict[str, dict[str, bytes]]:
    """What everybody gets as at one instant; what is new since the last read is no part of that."""
    return {
        reader: {
            name: answer
            for name, answer in hub.answers(reader, BEFORE_THE_READING).items()
            if name != "me/children"
        }
        for reader in READERS
    }


# --- rebuilding ----------------------------------------------------------------------------------------


@pytest.mark.req("H-06")
def test_the_views_are_rebuilt_to_the_byte(tmp_path: Path) -> None:
    """Read, stop, `hub rebuild`, start, read."""
    directory = tmp_path / "hub"
    with simulated(directory) as hub:
        hub.play(SCENARIO.posts)
        before = of_then(hub)
    views = directory / "hub-views.db"
    assert views.stat().st_size > 0
    for one in directory.glob("hub-views.db*"):
        one.unlink()
    settings = {
        "HUB_MODE": "simulation",
        "HUB_ID": HUB_ID,
        "HUB_DATABASE_URL": f"sqlite:///{directory / 'hub.db'}",
    }
    commands = tmp_path / "commands"
    commands.mkdir()
    done = subprocess.run(
        [str(write_commands(commands) / "hub"), "rebuild", "--json"],
        cwd=tmp_path,
        env=environment(commands, **settings),
        capture_output=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert orjson.loads(done.stdout)["parked"] == []
    assert views.stat().st_size > 0
    with opened(directory, b"after the rebuilding") as hub:
        assert of_then(hub) == before
    assert all(len(answers) >= 3 for answers in before.values())


@pytest.mark.req("H-06")
def test_rebuilding_the_views_while_the_hub_works_changes_nothing(hub: Simulated) -> None:
    before = of_then(hub)
    hub.hub.projector.rebuild()
    assert of_then(hub) == before


# --- what was known then -------------------------------------------------------------------------------


def values(hub: Simulated, reader: str, rule: str, as_at: str) -> dict[str, Any] | None:
    who = READERS[reader]
    asked = ReadRequest(hub.children["C-2001"], who.purpose, as_at=datetime.fromisoformat(as_at))
    lines = hub.hub.disclosure.overview(hub.signed_in(who.person), asked).lines
    return next((dict(one.values) for one in lines if one.rule == rule), None)


@pytest.mark.req("H-07", "H-05")
def test_a_late_post_is_absent_before_it_was_received(hub: Simulated) -> None:
    """A19 happened in February and was received on 16 September at 11:00."""
    before, after = (
        hub.chronology("SW-2001", "C-2001", datetime.fromisoformat(f"2025-09-16T{minute}:00+01:00"))
        for minute in ("10:59", "11:00")
    )
    assert not [one for one in before.entries if one.occurred_at == "2025-02"]
    assert after.entries[0].occurred_at == "2025-02"
    assert after.entries[0].recorded_late
    counts = [
        (values(hub, "SW-2001", "P-01", f"2025-09-16T{minute}:00+01:00") or {})["count"]
        for minute in ("10:59", "11:00", "11:05")
    ]
    assert counts == [1, 2, 3]
    assert not values(hub, "Oak", "P-02", "2025-09-16T11:00:00+01:00")


@pytest.mark.req("H-07", "D-20")
def test_as_at_never_widens(hub: Simulated) -> None:
    """Nothing is later than the reading time, whatever instant is asked for."""
    ahead = hub.chronology("SW-2001", "C-2001", datetime.fromisoformat("2030-01-01T00:00:00+00:00"))
    now = hub.chronology("SW-2001", "C-2001")
    assert (ahead.entries, ahead.as_at) == (now.entries, now.as_at)


# --- corrections ---------------------------------------------------------------------------------------

FIRST = one_more(
    "X-first", "A19", "incident-recorded", "2025-11-20T12:10:00+00:00", role="has-harmed", status="alleged",
    narrative="CANARY-OLD-TEXT Written in the wrong record line.",
)  # fmt: skip
SECOND = one_more(
    "X-second", "A19", "event-corrected", "2025-11-20T12:20:00+00:00",
    about=about(FIRST.organisation, "X-first", "incident-recorded"), reason="CANARY-WHY Misread.",
    replacement={
        "occurred_at": "2025-11-19", "precision": "day", "author": FIRST.event.data["author"],
        "role": "has-harmed", "status": "not-established", "narrative": "CANARY-NEW-TEXT As it should read.",
    },
)  # fmt: skip


def incident(hub: Simulated, reader: str, occurred_at: str, as_at: datetime | None = None) -> list[Any]:
    return [
        one
        for one in hub.chronology(reader, "C-2001", as_at).entries
        if one.type == "incident-recorded" and one.occurred_at == occurred_at
    ]


@pytest.mark.req("H-02")
def test_a_corrected_entry_keeps_its_name_and_says_when_by_whom_and_why(hub: Simulated) -> None:
    """A20 was misread: another day, another place."""
    readers = ("SW-2001", "ENQ", "POL", "Oak", "YJS", "SGU-S")
    old = {reader: incident(hub, reader, "2025-06-18") for reader in readers}
    hub.post(CORRECTION.event)
    for reader in readers:
        (new,) = incident(hub, reader, "2025-06-17")
        assert incident(hub, reader, "2025-06-18") == []
        assert [one.entry_id for one in old[reader]] == [new.entry_id]
        (told,) = new.corrections
        assert told.organisation == "education.oak-school"
        assert told.corrected_at == datetime.fromisoformat(READING_TIME)
        assert told.reason.startswith("CANARY-A20C-REASON")
        assert (old[reader][0].fields["place_kind"], new.fields["place_kind"]) == ("school", "club")
        table = hub.answers(reader)["C-2001/chronology.csv"].decode()
        assert "2025-11-20T12:00:00Z by education.oak-school: CANARY-A20C-REASON" in table


@pytest.mark.req("H-02", "H-08")
def test_the_old_text_is_in_no_answer_and_stays_in_the_record(hub: Simulated) -> None:
    first = hub.post(FIRST.event)
    assert b"CANARY-OLD-TEXT" in hub.answers("SW-2001")["C-2001/chronology"]
    hub.post(SECOND.event)
    answers = hub.every_answer()
    said = b"".join(one for of_reader in answers.values() for one in of_reader.values())
    assert b"CANARY-OLD-TEXT" not in said
    assert b"CANARY-NEW-TEXT" in answers["SW-2001"]["C-2001/chronology"]
    assert b"CANARY-NEW-TEXT" in answers["SW-2001"]["C-2001/chronology.csv"]
    own = hub.hub.intake.mine(hub.signed_in(READERS["Oak"].person), None, 200)
    (original,) = [one for one in own.posts if one["claims"] == first.claims]
    assert "CANARY-OLD-TEXT" in str(original["event"])
    held = hub.hub.store.record.find(str(original["source"]), str(original["id"]))
    assert held is not None
    assert held.leaf_data.decode() == first.claims["leaf_data"]


@pytest.mark.req("H-02", "H-07")
def test_what_was_known_before_the_correction_can_be_asked_for(hub: Simulated) -> None:
    hub.post(FIRST.event)
    hub.post(SECOND.event)
    between = datetime.fromisoformat("2025-11-20T12:15:00+00:00")
    text = str([one.fields for one in hub.chronology("SW-2001", "C-2001", between).entries])
    assert "CANARY-OLD-TEXT" in text
    assert "CANARY-NEW-TEXT" not in text


@pytest.mark.req("H-02", "D-56")
def test_a_reader_who_may_not_see_the_content_is_not_told_why_it_was_corrected(hub: Simulated) -> None:
    """Health reads of C-1001's incident that a concern is recorded; the reason of a correction is content."""
    correction = one_more(
        "X-health", "A02", "event-corrected", "2025-11-20T12:20:00+00:00",
        about=about("education.elm-school", "A02", "incident-recorded"), reason="CANARY-WHY-NOT",
        replacement={
            **{
                name: value
                for one in SCENARIO.posts
                if one.ref == "A02"
                for name, value in one.event.data.items()
            },
            "status": "established",
        },
    )  # fmt: skip
    hub.post(correction.event)
    health = hub.answers("HL-1001")
    assert b'"status":"established"' in health["C-1001/chronology"]
    assert b"CANARY-WHY-NOT" not in b"".join(health.values())
    assert b"CANARY-WHY-NOT" in hub.answers("SW-1001")["C-1001/chronology"]


# --- retractions ---------------------------------------------------------------------------------------


def names(chronology: Chronology) -> set[str]:
    return {one.entry_id for one in chronology.entries}


@pytest.mark.req("H-02", "H-14", "D-20")
def test_a_retracted_entry_is_gone_at_once_for_everybody_and_every_instant(hub: Simulated) -> None:
    """A19, posted in error; what rests on it (A19b names it) stays, without naming it."""
    readers = ("SW-2001", "ENQ", "POL", "Oak", "YJS", "SGU-S", "IGO")
    past = datetime.fromisoformat("2025-10-01T12:00:00+01:00")
    ids = {one: {x.entry_id for x in incident(hub, one, "2025-02")} for one in readers}
    assert all(len(one) == 1 for one in ids.values())
    counted = values(hub, "SW-2001", "P-01", READING_TIME)
    assert counted is not None and counted["count"] == 3
    hub.post(RETRACTION.event)
    for reader in readers:
        for as_at in (None, past):
            assert not ids[reader] & names(hub.chronology(reader, "C-2001", as_at)), reader
            assert incident(hub, reader, "2025-02", as_at) == []
    counted = values(hub, "SW-2001", "P-01", READING_TIME)
    assert counted is not None and (counted["count"], counted["first"]) == (2, "2025-06-18")
    assert (values(hub, "SW-2001", "P-01", past.isoformat()) or {})["count"] == 2
    for reader in readers:
        answers = b"".join(hub.answers(reader).values())
        assert not any(one.encode() in answers for one in ids[reader]), reader


@pytest.mark.req("H-14", "H-12")
def test_who_had_read_what_was_taken_back_is_in_the_audit(hub: Simulated) -> None:
    read = hub.chronology("SW-2001", "C-2001").disclosure_id
    hub.post(RETRACTION.event)
    after = hub.chronology("SW-2001", "C-2001").disclosure_id
    officer = hub.signed_in(READERS["IGO"].person)
    key = about("education.oak-school", "A19", "incident-recorded")
    retracted = EventKey(str(key["source"]), str(key["id"]))

    def had(disclosure_id: str) -> bool:
        items = hub.hub.oversight.explanation(officer, disclosure_id).items
        return any((one["source"], one["id"]) == (retracted.source, retracted.id) for one in items)

    assert (had(read), had(after)) == (True, False)
    rows = hub.hub.oversight.accesses(
        officer, hub.children["C-2001"], AccessQuery(person=READERS["SW-2001"].person)
    )
    assert {read, after} <= {one.disclosure_id for one in rows}


@pytest.mark.req("H-02", "H-04")
def test_only_the_poster_takes_back_or_corrects(hub: Simulated) -> None:
    for event in (RETRACTION.event, CORRECTION.event):
        foreign = replace(
            event,
            organisation="social-care.s-csc",
            subject="nhs:9990200106",
            data={**event.data, "author": "social-care.s-csc/sw-s1"},
        )
        with pytest.raises(HubError) as refused:
            hub.post(foreign)
        assert (refused.value.slug, refused.value.rule) == ("poster", "H-02")
    assert len(incident(hub, "SW-2001", "2025-02")) == 1
