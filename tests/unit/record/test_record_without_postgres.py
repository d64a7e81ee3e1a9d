"""A hub on SQLite needs neither of the drivers it does not use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
for name in ("psycopg", "psycopg_pool", "kafka", "crc32c"):
    sys.modules[name] = None  # as if it were not installed
from hub.errors import HubError
from hub.record import Append, Record, verify_record
from tests.contract.record_contract import MASTER_KEY, SeededChance, draft
for where in (sys.argv[1] + "/a.db", "sqlite:///" + sys.argv[1] + "/b.db"):
    Record.migrate(where, master_key=MASTER_KEY, chance=SeededChance(0))
    record = Record.open(where, master_key=MASTER_KEY, chance=SeededChance(1))
    record.append(Append((draft("a1"),))).result(30)
    record.close()
    assert verify_record(where, master_key=MASTER_KEY).whole
try:
    Record.open("postgresql://127.0.0.1:9/none", master_key=MASTER_KEY, chance=SeededChance(1))
except HubError as fault:
    print(fault.slug, "postgres" in fault.detail)
"""


@pytest.mark.req("H-02")
def test_the_record_on_sqlite_works_where_the_other_drivers_are_not_installed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "store True\n"), done.stderr[-2000:]
    assert sorted(file.name for file in tmp_path.glob("*.db")) == ["a.db", "b.db"]
