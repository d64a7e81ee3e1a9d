"""`make differential`: the compiled disclosure rules against Cedar on 100,000 generated questions.

Options: --cases N (100000), --seed N (1), --each N (questions at a time, 2000).
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from rich.console import Console
from rich.progress import track

from hub.disclosure.rules import load_rules
from tests.differential.comparing import Tally, compare

PROCESSES = 2
SHOWN = 20


def main(arguments: list[str]) -> int:
    """0 where both say the same of every question, and every rule held and failed in some."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=2_000)
    options = parser.parse_args(arguments)
    sizes = [
        min(options.each, options.cases - done) for done in range(0, options.cases, max(1, options.each))
    ]
    seeds = [options.seed * 1_000_000 + number for number in range(len(sizes))]
    tally = Tally()
    console = Console(stderr=True)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        batches = pool.map(compare, sizes, seeds)
        for one in track(batches, "asking both", len(sizes), console=console, transient=True):
            tally.add(one)
    return _said(tally)


def _said(tally: Tally) -> int:
    rules = load_rules()
    for one in tally.disagreements[:SHOWN]:
        print(one)
    counts = {"held": tally.held, "failed": tally.failed, "decided": tally.decided}
    for word, counted in counts.items():
        policy, times = tally.least(counted, rules)
        print(f"the rule that {word} least often: {policy}, {times:,} times")
    print(f"{tally.cases:,} questions, {len(rules.parsed)} rules, {len(tally.disagreements)} disagreements")
    untried = [word for word in ("held", "failed") if not tally.least(counts[word], rules)[1]]
    return 1 if tally.disagreements or untried else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
