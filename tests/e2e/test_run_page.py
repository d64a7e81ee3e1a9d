"""docs/how-to/run.md does what it says: its boxes run from top to bottom on an empty PostgreSQL server."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.hub_process import ROOT, environment, free_port, write_commands
from tests.support.postgres_server import Server, new_server, or_skip

PAGE = ROOT / "docs" / "how-to" / "run.md"
BOX = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
ADMINISTRATOR = "postgresql://postgres@127.0.0.1:5432/postgres"
BEGIN = "trap 'kill $(jobs -p) 2> /dev/null || true; wait' EXIT\nset -o pipefail\n"


@pytest.fixture
def server() -> Iterator[Server]:
    found = or_skip(new_server)
    assert isinstance(found, Server)
    yield found
    found.remove()


def script_on(server: Server, folder: Path) -> str:
    """The page's boxes, with this machine's ports and folders for the page's."""
    text = "\n".join(BOX.findall(PAGE.read_text(encoding="utf-8")))
    assert ADMINISTRATOR in text and "hub serve" in text and "hub restore --from" in text
    text = text.replace(ADMINISTRATOR, server.url()).replace("127.0.0.1:5432", f"127.0.0.1:{server.port}")
    for port in ("8080", "8081", "8082"):
        text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{free_port()}")
    text = text.replace("docs/how-to/roles.sql", str(ROOT / "docs/how-to/roles.sql"))
    return BEGIN + text.replace("/srv", str(folder))


@pytest.mark.req("H-06", "H-01")
def test_the_boxes_of_the_page_run_from_top_to_bottom(server: Server, tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None or shutil.which("psql") is None:
        pytest.skip("the page needs bash and psql")
    (tmp_path / "bin").mkdir()
    (tmp_path / "hub").mkdir()
    said = tmp_path / "said"
    with said.open("w") as output:
        running = subprocess.Popen(
            [bash, "-eu", "-c", script_on(server, tmp_path)],
            cwd=tmp_path / "hub",
            env=environment(write_commands(tmp_path / "bin")),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            code = running.wait(600)
        finally:
            # What it started goes with it, however it ended.
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
    done = said.read_text()
    assert code == 0, done[-4_000:]
    for told in ("takes part", "Backed up", "its ledger fits", "No child waits", "everything fits"):
        assert told in done, told


@pytest.mark.req("H-06")
def test_what_the_page_names_is_there() -> None:
    """Every setting, part of readiness, metric and linked file that it names."""
    text = PAGE.read_text(encoding="utf-8")
    from hub.settings import PREFIX, Settings

    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"\bHUB_[A-Z_]*[A-Z]\b", text)) <= settings
    metrics = (ROOT / "hub" / "metrics.py").read_text(encoding="utf-8")
    for name in re.findall(r"`(hub_[a-z_]+?)(?:\{[^`]*)?`", text):
        assert f'"{name}"' in metrics or name in ("hub_server", "hub_projector", "hub_reader"), name
    readiness = (ROOT / "hub" / "cli" / "readiness.py").read_text(encoding="utf-8")
    rows = re.search(r"\| `/readyz` names .*?\n\n", text, re.DOTALL)
    assert rows is not None
    parts = set(re.findall(r"^\| `([a-z]+)` ", rows[0], re.MULTILINE))
    assert parts == set(re.findall(r'checks\["([a-z]+)"\]', readiness)) | {"store"}
