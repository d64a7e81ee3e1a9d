"""A process that projects until it is killed, printing each batch that it is about to write.

Run as: python -m tests.contract.projections.projecting_child RECORD VIEWS BATCH
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from hub.record import Record
from hub.record.projections import Projector, open_views
from tests.contract.projections.example_projections import Bodies, Latest
from tests.contract.record_contract import MASTER_KEY, SIGNER, SeededChance

POISON = ("a0013", "a0207")


def main(record_at: str, views_at: str, batch: int) -> None:
    record = Record.open(place(record_at), master_key=MASTER_KEY, chance=SeededChance(3), signer=SIGNER)
    views = open_views(place(views_at))
    bodies = Bodies(poison=POISON)
    bodies.meanwhile = lambda items: say(f"batch up to {items[-1].position}")
    projector = Projector(
        record, views, [bodies, Latest()], batch=batch, on_parked=lambda one: say(f"parked {one.position}")
    )
    projector.start()
    while True:
        # Somebody may wait for a line after everything was projected.
        time.sleep(0.05)
        say("still here")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def place(text: str) -> str | Path:
    return text if "://" in text else Path(text)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
