"""Every requirement belongs to one piece of the work; every id that a test carries is a requirement."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.requirement_coverage import carried, main, pieces

FAMILIES = {"R": (3, 200), "H": (2, 28), "D": (2, 57), "K": (2, 24), "KX": (2, 7), "P": (2, 28)}
ALL = {
    f"{family}-{number:0{width}d}"
    for family, (width, last) in FAMILIES.items()
    for number in range(1, last + 1)
}
# Readings where the documents leave room, variants of scenarios, terms: ids that are no rows.
OTHERS = ("Q-", "G.", "F.9", "TERM-")


def test_every_row_belongs_to_one_piece() -> None:
    rows = Counter(row for piece in pieces() for row in piece.rows)
    assert set(rows) == ALL
    assert {row: count for row, count in rows.items() if count != 1} == {}


def test_a_test_carries_only_ids_that_exist() -> None:
    unknown = {id for id in carried() if id not in ALL and not id.startswith(OTHERS)}
    assert unknown == set()


def test_no_row_of_a_finished_piece_is_without_a_test(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--open"]) == 0, capsys.readouterr().out


def test_a_row_without_a_test_is_found(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(
        'import pytest\n\n@pytest.mark.req("R-001")\ndef test_it():\n    pass\n', encoding="utf-8"
    )
    assert carried(tmp_path) == {"R-001": ("test_one.py::test_it",)}
