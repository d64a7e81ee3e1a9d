"""`make soak`'s kills: a thousand seeded points, in rounds; what is done already is not done again.

Options: --points N (1000), --seed N (the first round's, 1), --each N (points of a round, 50), --kept FOLDER
(var/soak: one line for each finished round, and the history of a round that failed).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.support.checker import Findings
from tests.support.faults_kills import running, survive
from tests.support.postgres_server import Server, new_server, or_skip


def main(arguments: list[str]) -> int:
    """Run what is missing; 0 where every round found everything in order, 2 where this machine cannot."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--points", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=50)
    parser.add_argument("--kept", type=Path, default=Path("var/soak"))
    options = parser.parse_args(arguments)
    options.kept.mkdir(parents=True, exist_ok=True)
    done = finished(options.kept / "kills.jsonl")
    rounds = [
        (options.seed + number, min(options.each, options.points - number * options.each))
        for number in range(-(-options.points // options.each))
    ]
    failed = []
    for number, (seed, points) in enumerate(rounds, 1):
        if done.get(seed, 0) >= points:
            print(f"round {number} of {len(rounds)}, seed {seed}: done before", flush=True)
            continue
        print(f"round {number} of {len(rounds)}, seed {seed}: {points} kills", flush=True)
        try:
            if not one_round(options.kept, seed, points):
                failed.append(seed)
        except pytest.skip.Exception as reason:
            print(f"This machine cannot run it: {reason}", file=sys.stderr)
            return 2
    kills = sum(points for _, points in rounds)
    print(f"{kills} kills; " + (f"NOT in order: seeds {failed}" if failed else "everything in order"))
    return 1 if failed else 0


def finished(file: Path) -> dict[int, int]:
    """How many points the rounds had that were in order, by their seeds."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    rounds = [json.loads(line) for line in lines]
    return {one["seed"]: one["points"] for one in rounds if not one["faults"]}


def one_round(kept: Path, seed: int, points: int) -> bool:
    """One hub of its own, killed so many times; whether everything was in order."""
    server = or_skip(new_server)
    assert isinstance(server, Server)
    began, found, fault = time.monotonic(), None, ""
    with tempfile.TemporaryDirectory(prefix="hub-soak-", ignore_cleanup_errors=True) as folder:
        try:
            with running(Path(folder) / "hub", server) as victims:
                try:
                    found = survive(victims, points, seed, lambda line: print(f"  {line}", flush=True))
                except AssertionError as wrong:
                    fault = str(wrong) or "an assertion"
                if found is None or not found.sound:
                    victims.history.write(kept / f"history-{seed}.jsonl")
        finally:
            server.remove()
    line = {
        "seed": seed,
        "points": points,
        "seconds": round(time.monotonic() - began),
        **summary(found, fault),
    }
    with (kept / "kills.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(f"  {line}", flush=True)
    return not line["faults"]


def summary(found: Findings | None, fault: str) -> dict[str, object]:
    """What a round came to; `faults` is empty where everything was in order."""
    if found is None:
        return {"faults": {"broke off": fault}}
    return {"attempts": found.attempts, "outcomes": dict(found.outcomes), "faults": found.faults}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
