"""`python -m tests.oracle [CASES] [FIRST]`: compare, and print every difference; around turns too.

Ends with status 1 where there is one.
"""

from __future__ import annotations

import sys

from tests.oracle import midway
from tests.oracle.agreement import run

# Around turns a case takes twice as long: of five cases one is asked there.
SHARE = 5

if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    found = {"cases": run(wanted, first), "cases around turns": midway.run(wanted // SHARE, first)}
    for name, tally in found.items():
        print(tally.table())
        print(f"{tally.cases} {name}, {tally.shown} shown, {tally.lines} lines, {dict(tally.outcomes)}")
        print(f"{len(tally.differences)} differences")
    sys.exit(1 if any(tally.differences for tally in found.values()) else 0)
