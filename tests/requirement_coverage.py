"""Which requirement ids the tests carry, read from their `pytest.mark.req` without running them.

`make requirements` prints a table of families; with `--list` every id and its tests. Ids named in the
schemas (`x-serves`) and in the sharing rules (`@requirement`) that no test carries are listed as open.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ID = re.compile(r"\b(?:R-\d{3}|H-\d{2}|D-\d{2}|P-\d{2}|K-\d{2}|Q-\d{2})\b")


def carried(tests: Path = ROOT / "tests") -> Mapping[str, set[str]]:
    """Every id that a test carries, with the tests that carry it."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _is_req(node.func):
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        found[argument.value].add(str(file.relative_to(ROOT)))
    return found


def named() -> set[str]:
    """Every id that the schemas, the sharing rules and the procedures name as served."""
    return set(_named())


def _named() -> Iterator[str]:
    places = [
        (ROOT / "schemas", "schema.json"),
        (ROOT / "hub" / "disclosure" / "policies", "*.cedar"),
        (ROOT / "hub" / "pathway", "*.py"),
    ]
    for folder, pattern in places:
        for file in folder.rglob(pattern):
            yield from ID.findall(file.read_text(encoding="utf-8"))


def _is_req(call: ast.expr) -> bool:
    return isinstance(call, ast.Attribute) and call.attr == "req"


def main(arguments: list[str]) -> int:
    """Print the coverage; always 0, it is a report."""
    found, wanted = carried(), named()
    for family in ("R", "H", "D", "P", "K"):
        ids = {one for one in found if one.startswith(family + "-")}
        open_ids = sorted(one for one in wanted if one.startswith(family + "-") and one not in found)
        print(f"{family}: {len(ids)} ids carried by tests; named and not carried: {len(open_ids)}")
        if open_ids:
            print("   " + " ".join(open_ids))
    if "--list" in arguments:
        for one in sorted(found):
            print(f"{one}: {', '.join(sorted(found[one]))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
