"""The table of G.9 in the README names tests that exist, for each of its six assertions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`")


@pytest.mark.req("H-10", "D-18")
def test_each_assertion_is_held_by_tests_that_exist() -> None:
    text = (ROOT / "tests" / "doors" / "README.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| \d\. ", line)]
    assert [row[2] for row in rows] == list("123456")
    for row in rows:
        named = NAMED.findall(row)
        assert named, row
        for path, test in named:
            assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), (path, test)
