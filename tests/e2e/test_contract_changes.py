"""The contract of corrections and retractions, and of events that speak of other events."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support.hostile import C2001, OAK, S_CSC, Attack, Json, attacked
from tests.support.posted import correction, incident, level, named, told


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with attacked(tmp_path_factory.mktemp("changes")) as found:
        yield found


# --- corrections and retractions -------------------------------------------------------------------------


@pytest.mark.req("H-02")
def test_a_correction_keeps_the_entry_and_a_retraction_hides_it_whatever_as_at_says(hub: Attack) -> None:
    event = incident(hub, narrative="synthetic first text")
    hub.accepted(event, OAK)
    (before,) = told(hub, "Oak", "synthetic first text")
    hub.accepted(correction(hub, event, OAK, narrative="synthetic second text"), OAK)
    (after,) = told(hub, "Oak", "synthetic second text")
    assert told(hub, "Oak", "synthetic first text") == []
    assert after["entry_id"] == before["entry_id"] and before["corrections"] == []
    (corrected,) = after["corrections"]
    assert corrected.keys() == {"corrected_at", "organisation", "reason"} and corrected["reason"] == "typing"
    hub.refused(hub.post(correction(hub, event, S_CSC), S_CSC), 403, "poster", "H-02")
    hub.accepted(
        hub.event(OAK, "event-retracted", C2001, {"about": named(event), "reason": "entered-in-error"}), OAK
    )
    for query in ({}, {"as_at": "2025-11-20T12:30:00Z"}):
        assert told(hub, "Oak", before["entry_id"], **query) == []
    assert hub.read("Oak", "/v1/children/{C-2001}/overview").text.count(before["entry_id"]) == 0


# --- an event about another event --------------------------------------------------------------------------


@pytest.mark.req("H-05", "R-017")
def test_an_event_is_about_another_by_the_entry_id_that_its_author_was_given(hub: Attack) -> None:
    (first,) = hub.entries("SW-2001", "C-2001", type="incident-recorded", to="2025-02-28") or []
    event = level(hub, level="abusive", entry_id=first["entry_id"], basis="synthetic by entry id")
    assert "R-017" not in {one["rule"] for one in hub.accepted(event, S_CSC)["warnings"]}
    (found,) = told(hub, "SW-2001", "synthetic by entry id")
    assert found["fields"]["about"] == first["entry_id"]
    lines = hub.read("SW-2001", "/v1/children/{C-2001}/overview").json()["lines"]
    of_first = "Incident of February"
    (differ,) = [one for one in lines if one["rule"] == "P-07" and one["text"].startswith(of_first)]
    assert {first["entry_id"], found["entry_id"]} <= set(differ["evidence"])
    hub.accepted(correction(hub, event, S_CSC, level="violent"), S_CSC)
    (kept,) = told(hub, "SW-2001", "synthetic by entry id")
    assert kept["fields"]["about"] == first["entry_id"] and kept["level"] == "violent"


@pytest.mark.req("H-05", "D-03", "H-10")
def test_what_points_at_nothing_the_poster_was_given_is_kept_without_a_word(hub: Attack) -> None:
    others = hub.entries("ENQ", "C-2001", type="incident-recorded") or []
    pointing: list[Json] = [
        {"entry_id": others[0]["entry_id"]},  # another reader's name of an entry that stands
        {"entry_id": "e-" + "a" * 32},
        {"about": {"source": f"urn:safeguarding:org:{OAK}", "id": "no-such-event-0001"}},
    ]
    for number, data in enumerate(pointing):
        word = f"synthetic unresolved {number}"
        event = level(hub, level="normal", basis=word, **data)
        assert hub.accepted(event, S_CSC)["warnings"] == []
        (found,) = told(hub, "SW-2001", word)
        assert "about" not in found["fields"] and "entry_id" not in found["fields"]


@pytest.mark.req("H-10", "D-10", "D-18")
def test_no_answer_names_an_event_that_the_reader_does_not_have(hub: Attack) -> None:
    (known,) = hub.entries("Oak", "C-2001", type="incident-recorded", to="2025-02-28") or []
    mine = hub.world.as_system(OAK, "/v1/events", mine="", limit="200")["posts"]
    held = next(one for one in mine if one["type"] == "incident-recorded")
    hidden = {"source": "urn:safeguarding:org:health.s-camhs", "id": "hidden-event-000001"}
    shown = {"source": held["source"], "id": held["id"]}
    hub.accepted(level(hub, based_on=[hidden, shown], basis="synthetic two bases"), S_CSC)
    hub.accepted(level(hub, based_on=[hidden], basis="synthetic one basis"), S_CSC)
    hub.accepted(
        hub.event(
            S_CSC,
            "section-47-enquiry-initiated",
            C2001,
            {"threshold": "significant-harm-suspected", "investigation": hidden, "agrees_with": hidden},
        ),
        S_CSC,
    )
    for reader in ("Oak", "SW-2001", "ENQ", "POL", "YJS", "SGU-S"):
        page = hub.entries(reader, "C-2001")
        assert page and hidden["id"] not in json.dumps(page) and hidden["source"] not in json.dumps(page)
        assert shown["id"] not in json.dumps(page), "an event's own id is the same for every reader"
    bases = [one["fields"].get("based_on") for one in told(hub, "Oak", "hackett-5")]
    assert [known["entry_id"]] in bases
