"""Measures the hub against the limits of the machine it runs on: `python -m bench [PART ...]`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench import appends, decisions, hub_posts, peers, postgres_record, projections, views
from bench.measure import Result

RESULTS: Final = Path(__file__).parent / "results.json"
PARTS: Final[Mapping[str, Callable[[], list[Result]]]] = {
    "sqlite": appends.measure,
    "projections": projections.measure,
    "postgres": postgres_record.measure,
    "slow-disk": postgres_record.measure_slow,
    "decisions": decisions.measure,
    "views": views.measure,
    "hub": hub_posts.measure,
    "peers": peers.measure,
}


def main(names: list[str]) -> int:
    """Print a table and write results.json; status 1 where a goal is not met, 2 where no part is so called.

    Shape: results.json is of all parts; where only some were asked for it stays as it is.
    """
    if unknown := set(names) - set(PARTS):
        print(f"No such part: {', '.join(sorted(unknown))}. Parts: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    console = Console(stderr=True)
    results: list[Result] = []
    for name, measure in PARTS.items():
        if not names or name in names:
            with console.status(f"measuring: {name}"):
                results += measure()
    if not names:
        RESULTS.write_text(json.dumps([one.row() for one in results], indent=2) + "\n", encoding="utf-8")
    Console(width=None if sys.stdout.isatty() else 180).print(_table(results))
    return 0 if all(one.met is not False for one in results) else 1


def _table(results: list[Result]) -> Table:
    table = Table("measurement (medians, least to greatest of the rounds)", *_HEADINGS)
    for one in results:
        met = {None: "", True: "yes", False: "NO"}[one.met]
        table.add_row(
            one.name, one.unit, _number(one.value), _range(one.values), _number(one.limit),
            _ratio(one.ratio), _ratios(one.ratios), _ratio(one.goal), met,
        )  # fmt: skip
    return table


_HEADINGS: Final = ("unit", "value", "from-to", "limit", "ratio", "from-to", "goal", "met")


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _range(both: tuple[float, float] | None) -> str:
    return "" if both is None else f"{_number(both[0])}-{_number(both[1])}"


def _ratios(both: tuple[float, float] | None) -> str:
    return "" if both is None else f"{both[0]:.2f}-{both[1]:.2f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
