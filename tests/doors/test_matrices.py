"""G.9 over the matrices: an H cell leaves no trace, an R cell withholds, a V cell shows what was posted.

Every free text of every post of the three scenarios says which post and which member it is of. For matrix A
whole hubs are compared with and without each item (tests/e2e/test_no_trace.py); here one hub is played for
each scenario, and folded again as if the item had never been posted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from agencies.scenarios import PreparedPost
from agencies.scenarios.run import load_scenario
from hub.cli.demo_world import readers
from hub.disclosure.answers import ShownEntry
from hub.disclosure.keeping import ENVELOPE_MEMBERS
from tests.doors.hubs import READ_AT, copied, played
from tests.doors.matrices import Matrix, key_of
from tests.e2e.test_matrix_b_c import MATRIX, READERS

OFFICER = "IGO"
SCENARIO = {"B": "scenario-b", "C": "scenario-c"}
# Refused, so that there is nothing to leave out: it is in no stream (D-55).
NEVER_RECORDED = {"C07"}
# Whoever works for the child: entries come whole, and of the other child none or a line.
WHOLE_OR_NOTHING = {"SW-1001", "SW-2001", "ENQ", "SW4", "SW5", "SW6", "TM"}
CASES = [(name, one.name) for name in READ_AT for one in readers(name)]
# What rules read although it is written with a space: how far a relationship goes, and who overrode what.
SAID_IN_WORDS = {"papers", "override"}
TEXT_OF = re.compile(rb"TEXT-OF-([A-Za-z0-9-]+?)-IN-([a-z_]+)-END")
TOKEN = re.compile(r"another child \([^)]*\)")
SLOT = re.compile(r"\{\{other:\d+\}\}")
POINTER = {"source", "id"}


def spoken(value: Any, ref: str, member: str) -> Any:
    """Free text, told from codes and names by its spaces, with where it stands at its end."""
    if isinstance(value, str):
        # A day with its hour has no space, a code or an id neither.
        return f"{value} TEXT-OF-{ref}-IN-{member}-END" if " " in value else value
    if isinstance(value, Mapping):
        return {name: spoken(one, ref, member) for name, one in value.items()}
    if isinstance(value, Sequence):
        return [spoken(one, ref, member) for one in value]
    return value


def marked(post: PreparedPost) -> PreparedPost:
    data = {
        name: value if name in ENVELOPE_MEMBERS | SAID_IN_WORDS else spoken(value, post.ref, name)
        for name, value in post.event.data.items()
    }
    return replace(post, event=replace(post.event, data=data))


@pytest.fixture(scope="module")
def matrices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Matrix]]:
    """All three scenarios, played with marked texts."""
    folder = tmp_path_factory.mktemp("cells")
    with ExitStack() as stack:
        found: dict[str, Matrix] = {}
        for name in READ_AT:
            posts = [marked(one) for one in load_scenario(name).posts]
            hub = played(folder / name, name, posts)
            found[name] = Matrix(stack.enter_context(copied(hub, folder / f"{name}-read", name, told=False)))
        yield found


def entries_of(matrix: Matrix, reader: str) -> Iterator[tuple[PreparedPost, ShownEntry | None, bytes]]:
    """Every post of the scenario with what its reader has of it, and all that the reader has."""
    whole = matrix.whole(reader)
    written = b"".join(one.written for one in whole.values())
    shown = {key: entry for one in whole.values() for key, entry in one.entries.items()}
    for post in matrix.doors.scenario.posts:
        if not post.refused:
            yield marked(post), shown.get(key_of(post)), written


@pytest.mark.req("D-02", "D-18", "D-32", "D-33", "H-08", "H-11")
@pytest.mark.parametrize(("scenario", "reader"), CASES, ids=[f"{s[-1].upper()} {r}" for s, r in CASES])
def test_what_is_withheld_is_in_no_byte_and_says_by_which_rule_and_whom_to_ask(
    matrices: dict[str, Matrix], scenario: str, reader: str
) -> None:
    withheld = 0
    for post, entry, written in entries_of(matrices[scenario], reader):
        there = {member.decode() for ref, member in TEXT_OF.findall(written) if ref.decode() == post.ref}
        visible = set(entry.fields) if entry is not None else set()
        assert there <= visible, (post.ref, there - visible)
        if entry is not None and (entry.redactions or visible < _content(post).keys()):
            withheld += 1
            assert entry.redactions, post.ref
            assert all(re.fullmatch(r"D-\d\d", one.rule) and len(one.ask) > 3 for one in entry.redactions), (
                post.ref
            )
            if reader == OFFICER:
                assert not visible
    assert withheld or reader in WHOLE_OR_NOTHING


@pytest.mark.req("D-03", "D-32", "D-33", "H-08")
@pytest.mark.parametrize(("scenario", "reader"), CASES, ids=[f"{s[-1].upper()} {r}" for s, r in CASES])
def test_what_is_visible_is_what_was_posted_but_for_tokens(
    matrices: dict[str, Matrix], scenario: str, reader: str
) -> None:
    whole = 0
    for post, entry, _ in entries_of(matrices[scenario], reader):
        if entry is None:
            continue
        posted = _content(post)
        fields = {name: value for name, value in entry.fields.items() if name not in ("others", "about")}
        if not entry.redactions:
            whole += 1
            pointing = {name for name, value in posted.items() if _points(value)}
            assert posted.keys() - fields.keys() <= pointing, post.ref
        for name, value in fields.items():
            if not _points(posted[name]) and (not entry.redactions or isinstance(posted[name], str)):
                assert _untokened(value) == _untokened(posted[name]), (post.ref, name)
    assert whole or reader in (OFFICER, "FC1", "EH"), "what this reader has whole"


def _content(post: PreparedPost) -> dict[str, Any]:
    """The members that are content; what an override says stands beside the decision."""
    return {name: value for name, value in post.event.data.items() if name not in ENVELOPE_MEMBERS}


def _points(value: Any) -> bool:
    """Whether a value names another event, which shows as this reader's own name of it, or not at all."""
    if isinstance(value, Mapping):
        return value.keys() == POINTER or any(_points(one) for one in value.values())
    return isinstance(value, list | tuple) and any(_points(one) for one in value)


def _untokened(value: Any) -> Any:
    """A value in which other children are all the same."""
    if isinstance(value, str):
        return SLOT.sub("another child", TOKEN.sub("another child", value))
    if isinstance(value, Mapping):
        return {name: _untokened(one) for name, one in value.items()}
    if isinstance(value, Sequence):
        return [_untokened(one) for one in value]
    return value


# --- the first assertion ---------------------------------------------------------------------------

ITEMS = [item for item in MATRIX if item not in NEVER_RECORDED]


@pytest.mark.req(
    "D-04", "D-05", "D-06", "D-08", "D-16", "D-18", "D-32", "D-35", "D-38", "D-39", "D-40", "D-42", "D-43",
    "H-10", "H-20",
)  # fmt: skip
@pytest.mark.parametrize("item", ITEMS)
def test_without_what_is_hidden_every_byte_is_the_same(matrices: dict[str, Matrix], item: str) -> None:
    """And whoever has it whole gets others."""
    matrix = matrices[SCENARIO[item[0]]]
    folds = matrix.without(item)
    cells = dict(zip(READERS[item[0]], MATRIX[item].split(), strict=True))
    changed = {one for one in cells if matrix.read(one, folds) != matrix.whole(one)}
    assert {one for one in changed if cells[one] == "H"} == set()
    assert {one for one, cell in cells.items() if cell == "V"} <= changed


@pytest.mark.req("H-10")
def test_every_item_of_both_matrices_is_left_out_once() -> None:
    posted = {post.ref for name in SCENARIO.values() for post in load_scenario(name).posts}
    assert set(ITEMS) <= posted and len(ITEMS) >= 21
