"""A process that appends until it is killed or done, printing each id only when it is acknowledged.

It says `ready` first and starts when it is given a line.

Run as: python -m tests.contract.record_posting_child PATH NAME ITEMS PAUSE (seconds between bursts)
"""

from __future__ import annotations

import sys
import time
from collections import deque
from concurrent.futures import Future

from hub.record import Append, Appended, Record
from tests.contract.record_contract import MASTER_KEY, NOW, SIGNER, SeededChance, draft


def main(path: str, name: str, items: int, pause: float) -> None:
    chance = SeededChance(sum(name.encode()))
    record = Record.open(path, master_key=MASTER_KEY, chance=chance, signer=SIGNER)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    waiting: deque[tuple[str, Future[Appended]]] = deque()
    for number in range(items):
        id = f"{name}-{number:05d}"
        waiting.append((id, record.append(Append((draft(id, stream=f"child/{number % 7}"),)))))
        if len(waiting) == 64:
            _acknowledge(waiting)
            if pause:
                while waiting:
                    _acknowledge(waiting)
                time.sleep(pause)
        if number % 500 == 499:
            record.ledger.integrate(NOW)
    while waiting:
        _acknowledge(waiting)
    record.ledger.integrate(NOW)
    record.close()


def _acknowledge(waiting: deque[tuple[str, Future[Appended]]]) -> None:
    id, future = waiting.popleft()
    future.result(60)
    # Unbuffered, so that what a reader of the pipe has seen was acknowledged before the kill.
    sys.stdout.write(id + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
