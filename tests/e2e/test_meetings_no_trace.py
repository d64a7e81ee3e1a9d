"""No trace of a hidden event in any pack: without the event the reader's papers are the same bytes (G.9)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from agencies.scenarios import PreparedPost, variant
from hub.api.answers import json_bytes
from hub.api.meeting_answers import meetings_json, pack_json
from hub.disclosure.answers import ReadRequest
from hub.errors import HubError
from tests.e2e.test_matrix_a import ITEMS, MATRIX, ORDER
from tests.support.scenario import READERS, SCENARIO
from tests.support.simulated import Simulated, one_more, simulated, unnamed, with_post, without

Papers = dict[str, dict[str, bytes]]
MEETINGS = ("M1", "M2", "H1", "H2")
(INTELLIGENCE,) = variant("scenario-a", "hidden")
POSTS_OF = {"A13": "A13", "A14": "A14", "A22": "A22", "A25": "A25", "A19": "A19", "A06": "A06"}
TREATED = one_more(
    "X-treated", "A16b", "relationship-recorded", "2025-09-15T12:20:30+01:00",
    kind="treated", organisation="health.n-camhs", person="health.n-camhs/nurse-1",
)  # fmt: skip


def papers(hub: Simulated) -> Papers:
    """Every list and pack that each reader gets of its children, as bytes."""
    found: Papers = {}
    for name, who in READERS.items():
        principal = hub.signed_in(who.person)
        said = found[name] = {}
        for child, id_ in hub.children.items():
            asked = ReadRequest(id_, who.purpose)
            desk = hub.hub.disclosure.meetings
            try:
                said[child] = json_bytes(meetings_json(unnamed(desk.of_child(principal, asked))))
            except HubError as refusal:
                said[child] = refusal.slug.encode()
            for meeting in MEETINGS:
                try:
                    said[f"{child} {meeting}"] = json_bytes(
                        pack_json(unnamed(desk.pack(principal, asked, meeting, None)))
                    )
                except HubError as refusal:
                    said[f"{child} {meeting}"] = refusal.slug.encode()
    return found


def papers_after(directory: Path, posts: Sequence[PreparedPost]) -> Papers:
    with simulated(directory) as hub:
        hub.play(posts)
        return papers(hub)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """What everybody gets of scenario A."""
    return papers_after(tmp_path_factory.mktemp("base"), SCENARIO.posts)


def changed(base: Papers, other: Papers) -> set[str]:
    return {reader for reader in base if base[reader] != other[reader]}


@pytest.mark.req("H-10", "D-18", "D-04")
@pytest.mark.parametrize("item", sorted(POSTS_OF))
def test_leaving_out_what_is_hidden_from_a_reader_changes_none_of_its_papers(
    tmp_path: Path, base: Papers, item: str
) -> None:
    cells = dict(zip(ORDER, MATRIX[item].split(), strict=True))
    hidden_from = {reader for reader, cell in cells.items() if cell == "H"}
    seen = changed(base, papers_after(tmp_path / "hub", without(POSTS_OF[item])))
    assert not seen & hidden_from
    # The posts of a meeting itself change the papers of everybody who has them; so the comparison can fail.
    gets = {reader for reader, cell in cells.items() if cell == "V"}
    assert item not in ("A13", "A14") or seen >= gets


@pytest.mark.req("H-10", "D-18", "D-35", "D-57")
@pytest.mark.parametrize(
    ("extra", "gets"),
    [(INTELLIGENCE, {"SW-2001", "ENQ", "POL"}), (TREATED, {"SW-1001"})],
    ids=["intelligence", "relationship"],
)
def test_one_more_hidden_post_changes_none_of_the_papers_of_whom_it_is_hidden_from(
    tmp_path: Path, base: Papers, extra: PreparedPost, gets: set[str]
) -> None:
    assert changed(base, papers_after(tmp_path / "hub", with_post(extra))) <= gets


@pytest.mark.req("H-10")
def test_the_papers_that_were_compared_said_something(base: Papers) -> None:
    """Equal refusals would prove nothing."""
    for item, meeting in (("A13", "M1"), ("A14", "M2")):
        child = ITEMS[item][0]
        for reader, cell in zip(ORDER, MATRIX[item].split(), strict=True):
            said = base[reader][f"{child} {meeting}"]
            assert (said == b"not-found") is (cell != "V"), reader
            assert cell != "V" or len(said) > 3_000
