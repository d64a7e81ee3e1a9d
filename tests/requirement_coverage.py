"""Which tests carry each requirement, read from their `pytest.mark.req` without running them.

A test carries an id only where it would fail without that requirement. `docs/requirements.toml` says which
piece of the work each row belongs to. `make requirements` prints the tests of every row, and ends with
status 1 while a row of a finished piece has none; `ARGS=--open` prints the rows without a test only.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

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


def carried(tests: Path = ROOT / "tests") -> Mapping[str, tuple[str, ...]]:
    """Every id that a test carries, with the tests that carry it.

    Shape: `file::test`; the file alone for a mark that stands on no test, such as one of a parameter.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for file in sorted(tests.rglob("test_*.py")):
        name = str(file.relative_to(tests))
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for id in _ids(node.decorator_list):
                    found[id].add(f"{name}::{node.name}")
        for id in _ids([tree]):
            if not any(one.startswith(name) for one in found[id]):
                found[id].add(name)
    return {id: tuple(sorted(names)) for id, names in found.items()}


def _ids(nodes: Iterable[ast.AST]) -> set[str]:
    calls = (call for node in nodes for call in ast.walk(node) if isinstance(call, ast.Call))
    return {
        one.value
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "req"
        for one in call.args
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def main(arguments: list[str]) -> int:
    """Print the tests of every row; 1 while a row of a finished piece has none."""
    found, missing = carried(), []
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
