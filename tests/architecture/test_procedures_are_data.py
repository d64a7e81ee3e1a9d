"""A partnership's procedure is a file: no source names one, or its scale, so that a third needs no code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "hub" / "pathway" / "profiles"
INVENTED = ROOT / "tests" / "support" / "profiles"
# Where the shipped ones are loaded.
LOADING = {
    "hub/pathway/profiles/shipped.py": {"darlington-2025", "llr-2024"},
    "hub/pathway/profiles/reading.py": {"statutory-england"},
}


def names() -> set[str]:
    """The ids of every procedure there is, shipped or invented for tests, and of every scale."""
    profiles = [one for folder in (SHIPPED, INVENTED) for one in folder.glob("*-*.toml")]
    own = {str(tomllib.loads(one.read_text(encoding="utf-8"))["level_scale"]["value"]) for one in profiles
           if "level_scale" in one.read_text(encoding="utf-8")}  # fmt: skip
    return {one.stem for one in profiles} | own


@pytest.mark.req("R-197")
def test_no_source_names_a_procedure_or_its_scale() -> None:
    known = names()
    assert {"darlington-2025", "llr-2024", "ashby-2026", "darlington-4", "hackett-5", "ashby-3"} <= known
    quoted = re.compile("[\"'](" + "|".join(sorted(map(re.escape, known))) + ")[\"']")
    found = {
        str(file.relative_to(ROOT)): set(quoted.findall(file.read_text(encoding="utf-8")))
        for kind in ("*.py", "*.html", "*.cedar")
        for file in (ROOT / "hub").rglob(kind)
        if "node_modules" not in file.parts
    }
    assert {file: named for file, named in found.items() if named} == LOADING
