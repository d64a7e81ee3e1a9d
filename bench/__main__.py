"""Measures the hub against the limits of the machine it runs on: `python -m bench`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import appends, projections

RESULTS = Path(__file__).parent / "results.json"


def main() -> int:
    """Print a table, write results.json; status 1 where a goal is not met."""
    results = [*appends.measure(), *projections.measure()]
    RESULTS.write_text(json.dumps([asdict(one) for one in results], indent=2) + "\n", encoding="utf-8")
    table = Table("measurement", "value", "limit", "unit", "ratio", "goal", "met")
    for one in results:
        table.add_row(
            one.name, f"{one.value:,.0f}", f"{one.limit:,.0f}", one.unit,
            f"{one.ratio:.2f}", f"{one.goal:.1f}", "yes" if one.met else "NO",
        )  # fmt: skip
    Console().print(table)
    return 0 if all(one.met for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
