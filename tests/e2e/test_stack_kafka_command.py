"""`make stack ARGS=--exit`: everything starts, scenario A is played over Kafka, everything ends, 0."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.kafka_broker import kafka_broker
from tests.support.oidc_provider import required
from tests.support.postgres_server import or_skip, postgres_server
from tests.support.scenario import READERS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.req("H-01", "H-06")
def test_it_plays_tells_verifies_and_ends_well() -> None:
    """In a process of its own, with a database server and a broker of its own."""
    for needed in (lambda: or_skip(postgres_server), kafka_broker, required):
        needed()
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.stack", "--exit", "--free-ports"],
        cwd=ROOT, env=os.environ | {"PYTHONUNBUFFERED": "1"}, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        told, faults = running.communicate(timeout=600)
    except BaseException:
        os.killpg(running.pid, signal.SIGINT)  # it stops what it started
        raise
    assert running.returncode == 0, told[-2_000:] + faults[-4_000:]
    lines = told.splitlines()
    for service in ("api", "projector", "ticker", "relay", "sign-in"):
        assert any(line.startswith(f"Starting {service}: ") for line in lines)
    assert "The agencies post their records, signed, over Kafka" in lines
    assert "65 of 65 posts are held; everybody reads" in lines
    for name, reader in READERS.items():
        for child in reader.children:
            assert f"{name}: {reader.person}, for {reader.purpose}, of {child}" in lines
    assert any(re.search(r"^The ledger: \d+ items.*everything fits", line) for line in lines)
    assert lines[-1] == "All went well."
    own = ["ps", "-o", "stat=,args=", "-s", str(running.pid)]
    left = subprocess.run(own, capture_output=True, text=True).stdout.splitlines()
    # What has ended and waits for the system to take note of it does not run.
    assert [one for one in left if not one.startswith("Z")] == [], "something of it runs on"


@pytest.mark.req("H-01")
def test_make_runs_it_with_what_it_is_given() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^stack: setup .*\n\t@\$\(BIN\)/python -m tests\.stack \$\(ARGS\)$", makefile, re.M)
