"""The shape of the project: sizes, rooms, stages and words hold everywhere."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("hub", "agencies", "schemas")
GENERATED = {"node_modules", "vendor", "__pycache__", "build", "dist"}
MOST_LINES = 400


def files(*folders: str, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Every file of these folders with one of these endings, without what set-up fetched."""
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*")):
            fetched = GENERATED & set(file.relative_to(ROOT).parts)
            if file.suffix in suffixes and file.is_file() and not fetched:
                yield file


def said(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.req("H-08")
def test_no_file_of_code_is_too_long_to_read() -> None:
    long = {
        said(file): lines
        for file in files(*CODE, suffixes=(".py",))
        if (lines := file.read_text(encoding="utf-8").count("\n")) > MOST_LINES
    }
    assert long == {}


@pytest.mark.req("H-08")
def test_no_room_is_called_by_what_it_is_not() -> None:
    vague = {"utils", "common", "helpers", "managers", "misc"}
    assert [
        said(file) for file in files(*CODE, suffixes=(".py",)) if vague & {file.stem, file.parent.name}
    ] == []


@pytest.mark.req("H-08")
def test_the_import_directions_hold() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    done = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-4_000:]


# Each stage of the one direction, and the only room where it may be made.
HOMES = {
    "SignedEvent": "hub/envelope",
    "VerifiedEvent": "hub/envelope",
    "ValidEvent": "hub/catalogue",
    "ValidContent": "hub/catalogue",
    "Recorded": "hub/record",
    "Appended": "hub/record",
    "Principal": "hub/directory",
    "Chronology": "hub/disclosure",
    "Overview": "hub/disclosure",
    "ShownEntry": "hub/disclosure",
    "ShownLine": "hub/disclosure",
    "ShownDeadline": "hub/disclosure",
}


@pytest.mark.req("H-01", "H-08")
@pytest.mark.parametrize("stage", sorted(HOMES))
def test_a_stage_is_made_only_at_home(stage: str) -> None:
    """A room that could make a VerifiedEvent could skip verifying."""
    makers = {
        said(file)
        for file in files("hub", suffixes=(".py",))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _name(node.func) == stage
    }
    assert makers, f"nothing makes a {stage}: the test looks for a type that is gone"
    assert [maker for maker in makers if not maker.startswith(HOMES[stage] + "/")] == []


def _name(call: ast.expr) -> str | None:
    return call.id if isinstance(call, ast.Name) else call.attr if isinstance(call, ast.Attribute) else None


# The words that system text never uses of a child; spelt in pieces so that this file may hold them.
BANNED = (
    "young " + "sex " + "offender",
    "young " + "abuser",
    "sex " + "offender",
    "perpe" + "trator",
    "abu" + "ser",
    "pred" + "ator",
    "offen" + "der",
    "vic" + "tim",
)
# As part of a name too, with or without a space; the name of one type says what was considered.
BANNED_WRITTEN = re.compile(
    "|".join([*(term.replace(" ", r"[\s_-]*") for term in BANNED[:-1]), f"{BANNED[-1]}(?!isation)"]),
    re.IGNORECASE,
)
# The one file that quotes them, for the warning to those who write them.
QUOTED = ROOT / "hub" / "pathway" / "profiles" / "terms.toml"


@pytest.mark.req("R-006")
def test_system_text_never_labels_a_child() -> None:
    places = files(
        "hub",
        "schemas",
        "agencies",
        "docs",
        suffixes=(".py", ".json", ".cedar", ".cedarschema", ".html", ".css", ".md", ".toml", ".csv"),
    )
    found: dict[str, set[str]] = {}
    for file in [*places, ROOT / "README.md"]:
        text = f"{said(file)}\n{file.read_text(encoding='utf-8')}"
        if file != QUOTED and (hits := {hit.lower() for hit in BANNED_WRITTEN.findall(text)}):
            found[said(file)] = hits
    assert found == {}


@pytest.mark.req("R-006")
@pytest.mark.parametrize("term", [*BANNED, *(f"a_{term.replace(' ', '_').upper()}S" for term in BANNED)])
def test_the_search_for_those_words_finds_them(term: str) -> None:
    assert BANNED_WRITTEN.search(f"One {term}.")
    assert not BANNED_WRITTEN.search("A child who has harmed; victimisation considered.")


@pytest.mark.req("R-006", "R-007")
def test_writers_are_warned_of_every_term_that_the_requirements_name() -> None:
    listed = {one["term"] for one in tomllib.loads(QUOTED.read_text(encoding="utf-8"))["avoided"]}
    assert set(BANNED[:6]) <= listed


@pytest.mark.req("H-14")
def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    registries = (
        *("pypi" + ".org", "files.python" + "hosted", "registry.npm" + "js", "repo.maven" + ".apache"),
        *("/home" + "/", "/ro" + "ot/", "/Us" + "ers/", "/tm" + "p/", "/wo" + "rk/"),
    )
    text = (".py", ".json", ".toml", ".md", ".txt", ".html", ".css", ".cedar", ".yml", ".sh", "")
    top = ("Makefile", "constraints.txt", "pyproject.toml", "README.md", ".ci/run", ".ci/advisories")
    places = [*files(*CODE, "docs", "tests", "bench", suffixes=text), *(ROOT / name for name in top)]
    found: dict[str, set[str]] = {}
    for file in places:
        written = file.read_text(encoding="utf-8", errors="replace")
        if hits := {one for one in registries if one in written}:
            found[said(file)] = hits
    assert found == {}


@pytest.mark.req("H-14")
def test_the_lists_of_versions_name_hashes_and_no_index() -> None:
    """A lock that names an index would override the one an operator trusts."""
    for name in ("constraints.txt", "hub/web/assets/node.txt"):
        written = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"^\s*(?:--(?!hash)|-\w\b|https?:|[^#]*@ )", written, re.MULTILINE), name
        pins = re.findall(r"^[a-z0-9][\w.-]*==\S+", written, re.MULTILINE)
        assert pins and written.count("--hash=sha256:") >= len(pins)
    lock = json.loads((ROOT / "hub/web/assets/package-lock.json").read_text(encoding="utf-8"))
    for package, described in lock["packages"].items():
        assert "resolved" not in described, package
        assert package == "" or described["integrity"].startswith("sha512-")


@pytest.mark.req("H-24")
def test_only_the_composition_root_reads_clocks_and_randomness() -> None:
    """The linter forbids the names; this closes the way round it by way of a module."""
    clocks = {
        ("time", "time"),
        ("time", "time_ns"),
        ("datetime", "now"),
        ("datetime", "utcnow"),
        ("date", "today"),
        ("uuid", "uuid4"),
        ("uuid", "uuid1"),
        ("os", "urandom"),
    }
    readers = {
        f"{said(file)}:{node.lineno}"
        for file in files("hub", suffixes=(".py",))
        if not said(file).startswith("hub/cli/")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (_name(node.func.value), node.func.attr) in clocks
    }
    assert readers == set()


@pytest.mark.req("H-15")
def test_every_file_of_tests_carries_requirement_ids() -> None:
    """But for files that only run cases written elsewhere, e.g. a suite that every backend must pass."""
    without = []
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        text = file.read_text(encoding="utf-8")
        if re.search(r"\bdef test_", text) and "pytest.mark.req(" not in text:
            without.append(said(file))
    assert without == []


@pytest.mark.req("H-14")
def test_names_of_test_files_are_unique() -> None:
    names = [file.name for file in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
