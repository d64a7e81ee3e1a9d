"""The README and the how-tos do what they say: their commands exist, and the first event is posted."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    """A directory with `hub` and `agency` as they stand in this checkout."""
    folder = tmp_path_factory.mktemp("bin")
    for name, package in (("hub", "hub.cli"), ("agency", "agencies.cli")):
        script = folder / name
        script.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
            f"from {package} import main\nsys.argv[0] = {name!r}\nmain()\n",
            encoding="utf-8",
        )
        script.chmod(0o755)
    return folder


def environment(commands: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "AGENCY_"))}
    path = f"{commands}{os.pathsep}{sysconfig.get_path('scripts')}{os.pathsep}{kept.get('PATH', '')}"
    return kept | {"PATH": path, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"} | more


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


GROUPS = {"organisation", "person", "key", "policy", "outbox"}


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


@pytest.fixture
def free_port() -> Iterator[int]:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = int(held.getsockname()[1])
    yield port


@pytest.mark.req("H-01", "H-03", "H-27")
def test_the_page_about_a_first_event_works_as_it_stands(
    commands: Path, free_port: int, tmp_path: Path
) -> None:
    """1. set up, 2. serve, 3. post: held, then held already; 4. a wrong one is refused by its schema."""
    blocks = BLOCK.findall(FIRST_EVENT.read_text(encoding="utf-8"))
    script = "\n".join(block.replace("127.0.0.1:8080", f"127.0.0.1:{free_port}") for block in blocks)
    before, serving, after = script.partition("hub serve &")
    assert serving, "the page no longer starts the server by itself"
    exports = "\n".join(line for line in before.splitlines() if line.startswith("export HUB_"))
    before = "\n".join(line for line in before.splitlines() if not line.startswith("export PATH"))
    bash, env = shutil.which("bash"), environment(commands)
    assert bash, "bash is needed to run the page"

    def run(text: str) -> str:
        done = subprocess.run(
            [bash, "-eu", "-c", text], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
        return done.stdout

    (tmp_path / "var" / "trial").mkdir(parents=True)
    run(before)  # (1)
    server = subprocess.Popen(
        [bash, "-eu", "-c", f"{exports}\nexec hub serve"],
        cwd=tmp_path,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # (2)
    try:
        wait_until_ready(f"http://127.0.0.1:{free_port}/readyz", server)
        said = run(f"{exports}\n{after}")  # (3) and (4)
        assert re.search(r"^first-account-0001 +held$", said, re.MULTILINE), said
        assert re.search(r"^first-account-0002 +refused: schema$", said, re.MULTILINE), said
        post = next(line for line in after.splitlines() if line.startswith("agency post"))
        assert re.search(r"^first-account-0001 +held already$", run(f"{exports}\n{post}"), re.MULTILINE)
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)


def wait_until_ready(address: str, server: subprocess.Popen[bytes], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert server.poll() is None, "the server ended by itself"
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError("the server did not become ready")
