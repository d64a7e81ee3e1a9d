"""What a reader is shown to read about a child, and to whom a worried person speaks first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.disclosure.answers import ReadRequest, ShownGuidance
from tests.spec.test_notices import a_copy, play_once
from tests.support.scenario import READERS
from tests.support.simulated import Simulated, one_more

LATER = "2025-11-20T12:05:00+00:00"
PROSECUTING = "Guidance on prosecuting image sharing among children"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    with a_copy(play_once(tmp_path_factory), tmp_path_factory.mktemp("guidance") / "hub") as hub:
        yield hub


def shown(hub: Simulated, reader: str, child: str) -> ShownGuidance:
    one = READERS[reader]
    asked = ReadRequest(hub.children[child], one.purpose)
    return hub.hub.disclosure.overview(hub.signed_in(one.person), asked).guidance


def titles(found: ShownGuidance) -> set[str]:
    return {one.title for one in found.references}


@pytest.mark.req("R-053", "R-198")
def test_a_school_is_shown_what_schools_follow_and_whom_to_speak_to(played: Simulated) -> None:
    school, worker = shown(played, "Elm", "C-1001"), shown(played, "SW-1001", "C-1001")
    assert "Keeping children safe in education" in titles(school) - titles(worker)
    assert school.speak_first == "Designated safeguarding lead of the setting"
    assert worker.speak_first == "Team manager"


@pytest.mark.req("R-037", "H-20")
def test_guidance_on_prosecuting_follows_an_incident_that_the_reader_has(played: Simulated) -> None:
    readers = ("SW-1001", "POL", "Elm")
    assert not any(PROSECUTING in titles(shown(played, one, "C-1001")) for one in readers)
    more = one_more("X-images", "A04", "incident-recorded", LATER,
                    role="has-been-harmed", status="alleged", categories=["image-sharing"])  # fmt: skip
    played.post(more.event)
    told = {one: PROSECUTING in titles(shown(played, one, "C-1001")) for one in readers}
    assert told["SW-1001"] and not told["Elm"]
    assert PROSECUTING not in titles(shown(played, "SW-2001", "C-2001"))
