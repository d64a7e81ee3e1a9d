"""Every requirement belongs to one piece of the work; every id that a test carries is a requirement."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from docs import generate
from tests.requirement_coverage import ROOT, pieces

FAMILIES = {"R": (3, 200), "H": (2, 28), "D": (2, 57), "K": (2, 24), "KX": (2, 7), "P": (2, 28)}
ALL = {
    f"{family}-{number:0{width}d}"
    for family, (width, last) in FAMILIES.items()
    for number in range(1, last + 1)
}
# Readings where the documents leave room, variants of scenarios, terms: ids that are no rows.
OTHERS = ("Q-", "G.", "F.9", "TERM-")


@cache
def carried() -> dict[str, list[str]]:
    """What `make requirements` collects; in a process of its own, since pytest runs in this one."""
    return json.loads(printed(0, "--json"))


def printed(status: int, *arguments: str, tests: Path | None = None) -> str:
    program = "import sys; from tests.requirement_coverage import main; sys.exit(main(sys.argv[1:]))"
    if tests is not None:
        program = (
            "import json, pathlib, sys; from tests.requirement_coverage import carried;"
            "print(json.dumps(carried(pathlib.Path(sys.argv[1]))))"
        )
        arguments = (str(tests),)
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_every_row_belongs_to_one_piece() -> None:
    rows = Counter(row for piece in pieces() for row in piece.rows)
    assert set(rows) == ALL
    assert {row: count for row, count in rows.items() if count != 1} == {}


def test_a_test_carries_only_ids_that_exist() -> None:
    assert {id for id in carried() if id not in ALL and not id.startswith(OTHERS)} == set()


def test_no_row_of_a_finished_piece_is_without_a_test() -> None:
    finished = {row for piece in pieces() if piece.finished for row in piece.rows}
    assert finished and finished - set(carried()) == set()


@pytest.mark.req("H-08")
@pytest.mark.parametrize(
    "rule", sorted({one["rule"] for one in generate.rules() if one["rule"].startswith("D-")})
)
def test_every_disclosure_rule_has_a_test(rule: str) -> None:
    assert rule in carried(), f"no test carries {rule} in pytest.mark.req"


def test_the_lines_of_a_table_are_one_test_and_a_row_without_any_is_missing(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(
        "import pytest\n\n"
        "CASES = [pytest.param(n, marks=pytest.mark.req(f'R-00{n}')) for n in (1, 2)]\n\n"
        "@pytest.mark.parametrize('n', CASES)\ndef test_it(n):\n    pass\n",
        encoding="utf-8",
    )
    found = json.loads(printed(0, tests=tmp_path))
    assert set(found) == {"R-001", "R-002"}
    assert {name.rpartition("::")[2] for names in found.values() for name in names} == {"test_it"}
