"""`python -m tests.oracle [CASES] [FIRST]`: compare, and print what is not known."""

from __future__ import annotations

import sys

from tests.oracle.agreement import Tally, run
from tests.oracle.known import KNOWN, unknown

if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    tally = run(wanted, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    new = unknown(tally.differences)
    for known in KNOWN:
        found = [one for one in tally.differences if known.covers(one)]
        print(f"{len(found):6} known {known.name} {found[0].case if found else '-'}")
    print(Tally(differences=new).table())
    print(f"{tally.cases} cases, {tally.shown} shown, {tally.lines} lines, {dict(tally.outcomes)}")
    print(f"{len(tally.differences)} differences, {len(new)} of them not known")
    sys.exit(1 if new else 0)
