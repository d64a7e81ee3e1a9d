"""The constraints file pins everything that the project file asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.req("H-01")
def test_every_dependency_is_pinned_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    names = {canonical(re.split(r"[\[<>=!~; ]", one, maxsplit=1)[0]) for one in asked}
    text = (ROOT / "constraints.txt").read_text()
    pinned = {
        canonical(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==\S+ \\\n\s+--hash=sha256:", text, re.M)
    }
    assert names <= pinned, sorted(names - pinned)
