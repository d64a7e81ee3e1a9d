"""The README and the how-tos do what they say: their commands exist, and the first event is posted."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.hub_process import environment, free_port, serving, write_commands

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
FIRST_EVENT = ROOT / "docs" / "how-to" / "post-a-first-event.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(
    "main" not in (ROOT / "hub" / "cli" / "__init__.py").read_text(encoding="utf-8"),
    reason="the command line `hub` is not part of this checkout",
)


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_commands(tmp_path_factory.mktemp("bin"))


def named_commands() -> set[tuple[str, ...]]:
    """Every `hub ...` and `agency ...` that a page names, as words without options and values."""
    found = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for quoted in [*re.findall(r"`((?:hub|agency) [a-z][^`]*)`", text), *BLOCK.findall(text)]:
            for line in quoted.splitlines():
                words = line.split()
                if words[:1] in (["hub"], ["agency"]):
                    found.add(tuple(words[: 3 if words[1] in GROUPS else 2]))
    return found


GROUPS = {"organisation", "person", "key", "policy", "profile", "report", "outbox"}


@pytest.mark.req("H-01")
@pytest.mark.parametrize("command", sorted(named_commands()), ids=" ".join)
def test_a_command_that_a_page_names_exists(command: tuple[str, ...], commands: Path) -> None:
    done = subprocess.run(
        [*command, "--help"], capture_output=True, text=True, timeout=60, env=environment(commands)
    )
    assert done.returncode == 0, done.stderr[-2_000:]


@pytest.mark.req("H-01")
def test_targets_that_pages_name_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(r"^(?:.*`)?make ([a-z]+)\b", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named <= targets
    assert {"help", "setup", "demo", "test", "check", "bench", "docs", "soak", "requirements"} <= targets


README_COMMANDS = [
    line
    for block in BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    for line in block.splitlines()
]
# The suite is running already, and the check runs beside it: of these only what they would do is asked.
ELSEWHERE = {"make test", "make check"}


@pytest.mark.req("H-01", "H-06", "H-14")
@pytest.mark.parametrize("command", README_COMMANDS)
def test_the_commands_of_the_readme_work(command: str, tmp_path: Path) -> None:
    """What set-up made is taken as it stands; the demonstration ends by itself and says that it went well."""
    if shutil.which("make") is None or not (ROOT / ".venv" / "bin" / "hub").exists():
        pytest.skip("needs make, and the environment that `make setup` builds")
    words = [*command.split(), "-o", ".venv/.installed", "-o", "hub/web/static/vendor/.fetched"]
    if command in ELSEWHERE:
        words.append("--dry-run")
    if command == "make demo":
        words.append(f"ARGS=--exit --port 0 --data {tmp_path / 'demo'}")
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    if command == "make demo":
        for told in (
            "SW-1001", "Oak", "Who saw the record of C-2001", "everything fits", "C-3001, what SW3 is told",
            "C-4001, what SW5 is told", "refused by rule R-113, as it should be",
        ):  # fmt: skip
            assert told in done.stdout


@pytest.mark.req("H-01", "H-03", "H-27")
def test_the_page_about_a_first_event_works_as_it_stands(commands: Path, tmp_path: Path) -> None:
    """1. Set up. 2. Serve. 3. Post: held. 4. A wrong one is refused by its schema. 5. Held already.

    6. Its receipt is proved offline.
    """
    port = free_port()
    blocks = BLOCK.findall(FIRST_EVENT.read_text(encoding="utf-8"))
    script = "\n".join(block.replace("127.0.0.1:8080", f"127.0.0.1:{port}") for block in blocks)
    before, serves, after = script.partition("hub serve &")
    assert serves, "the page no longer starts the server by itself"
    settings = dict(re.findall(r"^export (HUB_\w+)=(\S+)$", before, re.MULTILINE))
    before = "\n".join(line for line in before.splitlines() if not line.startswith("export "))
    bash = shutil.which("bash")
    assert bash, "bash is needed to run the page"

    def run(text: str) -> str:
        done = subprocess.run(
            [bash, "-eu", "-c", text],
            cwd=tmp_path,
            env=environment(commands, **settings),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
        return done.stdout

    (tmp_path / "var" / "trial").mkdir(parents=True)
    run(before)  # (1)
    with serving(commands, tmp_path, port, settings):  # (2)
        said = run(after)
        assert re.search(r"^first-account-0001 +held$", said, re.MULTILINE), said  # (3)
        refused = (
            r"^first-account-0002 +refused: schema\n +At /data/source_type: not one of the closed list\.$"
        )
        assert re.search(refused, said, re.MULTILINE), said  # (4)
        assert re.search(r"^Proved: leaf \d+ of the ledger", said, re.MULTILINE), said  # (6)
        post = next(line for line in after.splitlines() if line.startswith("agency post"))
        assert re.search(r"^first-account-0001 +held already$", run(post), re.MULTILINE)  # (5)
