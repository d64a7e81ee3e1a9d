"""The record under kill -9 and under two writing processes: nothing acknowledged is lost, nothing doubled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random  # noqa: TID251  seeded

import pytest

from hub.record import Append, Record, verify_record
from tests.contract.record_contract import MASTER_KEY, NOW, SIGNER, SeededChance, draft

ROOT = Path(__file__).parents[2]
CHILD = "tests.contract.record_posting_child"


def start(path: Path, name: str, items: int, pause: float = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", CHILD, str(path), name, str(items), str(pause)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def go(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None and child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    child.stdin.write("go\n")
    child.stdin.flush()


def check(path: Path, acknowledged: list[str]) -> list[str]:
    """What stands, after it was verified offline and found to hold all that was acknowledged, once."""
    verification = verify_record(
        path, master_key=MASTER_KEY, keys=SIGNER.note_keys,
        restore=lambda item: None if item.body is None else item.body.removeprefix(b"body of "),
    )  # fmt: skip
    assert verification.first_break is None
    record = Record.open(path, master_key=MASTER_KEY, chance=SeededChance(9), signer=SIGNER)
    try:
        log = record.log(0, 1_000_000)
        names = [item.id for item in log]
        assert len(set(names)) == len(names)
        assert set(acknowledged) <= set(names)
        assert [item.leaf_index for item in log] == list(range(len(log)))
        # It goes on from there: the same content again is the same item, new content is new.
        if acknowledged:
            last = int(acknowledged[-1][-5:])
            repeat = draft(acknowledged[-1], stream=f"child/{last % 7}")
            assert record.append(Append((repeat,))).result(30).duplicate
        fresh = record.append(Append((draft("after-the-crash"),))).result(30).items[0]
        assert fresh.leaf_index == len(log)
        record.ledger.integrate(NOW)
        assert record.ledger.size() == len(log) + 1
    finally:
        record.close()
    return names


def kill_after(tmp_path: Path, acknowledgements: int) -> None:
    path = tmp_path / "record.db"
    Record.migrate(path, master_key=MASTER_KEY, chance=SeededChance(0))
    child = start(path, "kill", 90_000)
    go(child)
    assert child.stdout is not None
    acknowledged = [child.stdout.readline().strip() for _ in range(acknowledgements)]
    child.kill()
    rest, _ = child.communicate()
    # A last line may be torn by the kill; whole lines were acknowledged.
    acknowledged += [line for line in rest.splitlines() if len(line) == len("kill-00000")]
    check(path, [one for one in acknowledged if one])


@pytest.mark.req("H-02", "H-03", "H-14")
@pytest.mark.parametrize("acknowledgements", [0, 1, 17, 130, 611, 1300])
def test_killed_at_any_point_nothing_acknowledged_is_lost(tmp_path: Path, acknowledgements: int) -> None:
    kill_after(tmp_path, acknowledgements)


@pytest.mark.slow
@pytest.mark.req("H-02", "H-03", "H-14")
@pytest.mark.parametrize("acknowledgements", Random(30).sample(range(6000), 30))
def test_killed_at_many_points_nothing_acknowledged_is_lost(tmp_path: Path, acknowledgements: int) -> None:
    kill_after(tmp_path, acknowledgements)


@pytest.mark.req("H-02", "H-14")
def test_two_processes_write_one_record_at_once(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    Record.migrate(path, master_key=MASTER_KEY, chance=SeededChance(0))
    children = [start(path, name, 6000, 0.01) for name in ("one", "two")]
    for child in children:
        go(child)
    acknowledged = [child.communicate(timeout=60)[0].splitlines() for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert [len(one) for one in acknowledged] == [6000, 6000]
    names = check(path, acknowledged[0] + acknowledged[1])
    assert len(names) == 12_000
    # They did write at once, not one after the other.
    order = [name[:3] for name in names]
    assert min(order.index("one"), order.index("two")) == 0
    assert max(order.index("one"), order.index("two")) < 6000
