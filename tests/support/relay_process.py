"""A relay in a process of its own, on a hub that another process began; it is there to be killed.

Arguments: FOLDER BOOTSTRAP WAY. WAY is `inbound` (read posts, answer none), `unmarked` (answer, and die by
kill -9 between the answers' arrival and the mark that says so) or `whole`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def relay_process(folder: Path, bootstrap: str, way: str) -> subprocess.Popen[bytes]:
    """Start one."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.relay_process", str(folder), bootstrap, way],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _main(folder: Path, bootstrap: str, way: str) -> None:
    from hub.relay import KafkaSettings, Relay
    from hub.relay.inbound import Inbound
    from hub.relay.topics import Topics
    from tests.unit.intake.world import AREAS, World

    world = World(folder, begun=True)
    # Its values are never those of the process that began the hub.
    world.chance._count = os.getpid() << 32
    settings = KafkaSettings(bootstrap=bootstrap, partitions=3, session_seconds=3.0, request_seconds=3.0)
    if way == "inbound":
        topics = Topics(settings, lambda: AREAS)
        Inbound(world.record, world.intake, settings, topics, world.chance, print).start()
    else:
        if way == "unmarked":
            world.record.raise_mark = lambda name, value: os.kill(os.getpid(), signal.SIGKILL)
        Relay(
            world.record, world.intake, lambda: lambda item: (), settings,
            organisations=lambda: AREAS, chance=world.chance,
        ).start()  # fmt: skip
    threading.Event().wait()


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
