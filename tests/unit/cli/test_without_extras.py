"""A hub on SQLite needs neither PostgreSQL's nor Kafka's client."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.hub_process import ROOT, environment

PROGRAM = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
sys.modules |= {{"psycopg": None, "psycopg_pool": None, "kafka": None}}
from typer.testing import CliRunner
from hub.cli.commands import app
for command in ("init", "organisation list", "project", "tick --once", "rebuild", "verify"):
    done = CliRunner().invoke(app, command.split(), catch_exceptions=False)
    assert done.exit_code == 0, (command, done.output)
from hub.cli.compose import compose, open_store
from hub.cli.serving import application, working
from hub.settings import load_settings
hub = compose(open_store(load_settings()))
with working(hub):
    assert application(hub).routes and hub.services.ready().failing in ((), ("ledger",))
hub.close()
"""


@pytest.mark.req("H-06")
def test_every_command_and_the_server_start_without_them(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
