"""Which tests carry each requirement: every `pytest.mark.req` of every test that pytest collects.

A test carries an id only where it would fail without that requirement. `docs/requirements.toml` says which
piece of the work each row belongs to. `make requirements` prints the tests of every row, and ends with
status 1 while a row of a finished piece has none. `ARGS=--open` prints the rows without a test only,
`ARGS=--json` the ids with their tests.
"""

from __future__ import annotations

import io
import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROWS = ROOT / "docs" / "requirements.toml"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the work, and the requirements that it finishes."""

    name: str
    title: str
    finished: bool
    rows: tuple[str, ...]


def pieces(file: Path = ROWS) -> tuple[Piece, ...]:
    """Every piece of the work, in order."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(
        Piece(name, one["title"], one["finished"], tuple(one["rows"])) for name, one in table.items()
    )


class _Collected:
    """Takes down which test carries which id; the lines of a table are one test."""

    def __init__(self) -> None:
        self.found: dict[str, set[str]] = defaultdict(set)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            for mark in item.iter_markers("req"):
                for id in mark.args:
                    self.found[id].add(item.nodeid.partition("[")[0].removeprefix("tests/"))


def carried(tests: Path = ROOT / "tests") -> Mapping[str, Sequence[str]]:
    """Every id that a test carries, with the tests that carry it.

    Trust: to be called where pytest does not run already.
    """
    collected = _Collected()
    with redirect_stdout(io.StringIO()) as told:
        status = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", str(tests)], [collected])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise SystemExit(told.getvalue())
    return {id: sorted(names) for id, names in sorted(collected.found.items())}


def main(arguments: list[str]) -> int:
    """Print the tests of every row; 1 while a row of a finished piece has none."""
    found = carried()
    if "--json" in arguments:
        print(json.dumps(found))
        return 0
    missing: list[str] = []
    for piece in pieces():
        without = [row for row in piece.rows if row not in found]
        missing += without if piece.finished else []
        state = "finished" if piece.finished else "not finished"
        print(f"{piece.title} ({piece.name}, {state}): {len(piece.rows) - len(without)} of {len(piece.rows)}")
        for row in piece.rows:
            if row in without:
                print(f"  {row}: no test")
            elif "--open" not in arguments:
                print(f"  {row}: {', '.join(found[row])}")
    if missing:
        print(f"Rows of finished pieces without a test: {' '.join(missing)}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
