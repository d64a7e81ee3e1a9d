"""Views may lag behind the record: no answer shows what is nobody's any more, or loses a safety line."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.views import Views
from hub.views.index import IndexAtHead
from tests.oracle import lagging

WORLDS, MANY = range(300_002, 300_004), range(310_000, 310_060)


@pytest.mark.req("H-06", "H-08", "H-16", "D-19", "D-20", "D-38", "H-13")
def test_an_answer_is_that_of_the_record_however_far_behind_the_views_are(tmp_path: Path) -> None:
    tally = lagging.run(WORLDS, tmp_path)
    assert not tally.differences, "\n" + tally.table()
    assert tally.cases > 1_000 and tally.shown > tally.cases / 10 and tally.lines


@pytest.mark.slow
@pytest.mark.req("H-06", "H-08", "H-16", "D-19", "D-20", "D-38", "H-13")
def test_nor_in_many_worlds(tmp_path: Path) -> None:
    tally = lagging.run(MANY, tmp_path)
    assert not tally.differences, "\n" + tally.table()


def kinds_found(folder: Path, wanted: set[str]) -> set[str]:
    """The kinds of difference in some worlds, looked at until all that are wanted were met."""
    found: set[str] = set()
    for number in range(300_000, 300_012):
        if wanted <= found:
            break
        found |= {one.kind for one in lagging.run(range(number, number + 1), folder).differences}
    return found


@pytest.mark.req("H-06", "H-16")
def test_an_index_without_its_tail_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a hub that looks for its children in what is projected only."""
    init = IndexAtHead.__init__

    def without_tail(
        self: IndexAtHead, index: object, projected: object, tail: object, **more: object
    ) -> None:
        init(self, index, projected, (), **more)

    monkeypatch.setattr(IndexAtHead, "__init__", without_tail)
    assert "under" in kinds_found(tmp_path, {"under"})


def test_what_is_compared_is_the_hubs_own(tmp_path: Path) -> None:
    with lagging.lagging(lagging.cases.world(300_000), tmp_path / "hub") as hub:
        assert type(hub.views) is Views
        assert hub.projector.position() == 0
