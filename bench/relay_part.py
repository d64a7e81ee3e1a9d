"""One half of the relay in a process of its own: `python -m bench.relay_part inbound|answers`.

`hub relay` runs both halves, and two more, in one process; apart from each other each shows its own rate.
"""

from __future__ import annotations

import signal
import sys
import threading
from typing import Final

from hub.cli.compose import compose, open_store
from hub.cli.relaying import kafka_settings
from hub.relay.inbound import Inbound
from hub.relay.outbound import Follower
from hub.relay.sending import Answers
from hub.relay.topics import Topics
from hub.settings import load_settings

INBOUND: Final = "inbound"
ANSWERS: Final = "answers"


def main(half: str) -> None:
    """Run until told to end."""
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    hub = compose(open_store(load_settings()))
    store = hub.store
    settings = kafka_settings(store.settings)
    topics = Topics(settings, lambda: [one.id for one in store.directory.organisations()])
    part: Inbound | Follower
    if half == INBOUND:
        part = Inbound(store.record, hub.intake, settings, topics, store.chance, lambda *_: None)
    else:
        making = Answers(hub.intake, topics)
        part = Follower(ANSWERS, store.record, making, settings, topics, lambda *_: None, lambda: True)
    part.start()
    told.wait()
    part.stop()
    hub.close()


if __name__ == "__main__":
    main(sys.argv[1])
