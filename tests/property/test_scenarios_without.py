"""Each event of each scenario taken out: whoever had nothing of it gets, to the byte, what it got with it.

What rules read of the whole record, whoever reads (relationships, authority, sides, links), may change what a
reader gets by an event that the reader does not see; that is what those are for, and such a pair of event and
reader is left out (tests/doors/README.md). Whose pairs those are is counted, so that the law is not about
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from agencies.scenarios import PreparedPost
from agencies.scenarios.run import load_scenario
from hub.cli.demo_world import readers
from hub.disclosure.assemble import sides_of
from hub.disclosure.standing import standing
from tests.doors.disclosed import Folds
from tests.doors.hubs import READ_AT, opened, played
from tests.doors.matrices import Matrix, key_of
from tests.support.deliveries import OPENING, RELATING

# Beside what relationships follow from: these say on which side a child stands, or how old it is.
READ_BY_RULES = RELATING | {
    OPENING, "incident-recorded", "records-access-requested", "records-access-decided",
}  # fmt: skip


@pytest.fixture(scope="module")
def matrices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Matrix]]:
    """All three scenarios, each played once."""
    with ExitStack() as stack:
        found: dict[str, Matrix] = {}
        for name in READ_AT:
            folder = played(tmp_path_factory.mktemp("without") / name, name)
            doors = stack.enter_context(opened(folder, name, b"opened again"))
            doors.read_at(READ_AT[name], told=False)
            found[name] = Matrix(doors)
        yield found


def posts_of(scenario: str) -> list[PreparedPost]:
    return [one for one in load_scenario(scenario).posts if not one.refused]


def read_by_rules(matrix: Matrix, reader: str, folds: Folds) -> list[Any]:
    """What rules read of the whole record of each child for this reader."""
    hub = matrix.doors.hub
    who = hub.store.directory.principal_for_person(matrix.reader(reader).person)
    now = hub.store.clock.domain()
    return [
        (
            standing(who, fold, now), fold.authority, fold.area, fold.date_of_birth, fold.schools,
            sorted(map(repr, fold.grants)), sides_of(fold), fold.linked,
            sorted({(one.type, one.organisation, one.child, one.other) for one in fold.link_entries}),
        )
        for fold in folds.values()
    ]  # fmt: skip


def holds_without(matrix: Matrix, post: PreparedPost) -> int:
    """How many readers had nothing of the event and got the same without it."""
    key, same = key_of(post), 0
    folds = matrix.without(post.ref)
    for reader in readers(matrix.doors.scenario.name):
        with_it = matrix.whole(reader.name)
        if any(key in one.shown for one in with_it.values()):
            continue
        if read_by_rules(matrix, reader.name, folds) != read_by_rules(matrix, reader.name, matrix.folds):
            assert post.event.type in READ_BY_RULES, (post.ref, reader.name)
            continue
        assert matrix.read(reader.name, folds) == with_it, (post.ref, reader.name)
        same += 1
    return same


@pytest.mark.req("H-10", "H-20", "D-18")
@pytest.mark.parametrize("scenario", sorted(READ_AT))
def test_what_a_reader_cannot_see_changes_nothing_when_it_is_taken_out(
    matrices: dict[str, Matrix], scenario: str
) -> None:
    """Some of the events: those of the matrices' cells are in tests/doors/test_matrices.py."""
    posts = [one for one in posts_of(scenario) if one.event.type not in READ_BY_RULES][3::8]
    assert sum(holds_without(matrices[scenario], one) for one in posts) >= 3


@pytest.mark.slow
@pytest.mark.req("H-10", "H-20", "D-18")
@pytest.mark.parametrize("scenario", sorted(READ_AT))
def test_nor_does_any_event_of_a_scenario(matrices: dict[str, Matrix], scenario: str) -> None:
    posts = posts_of(scenario)
    held = [holds_without(matrices[scenario], one) for one in posts]
    assert sum(held) > len(posts)
