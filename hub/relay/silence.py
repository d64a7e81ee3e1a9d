"""Partitions that have something and give nothing: the client forgets one now and then."""

from __future__ import annotations

import time
from typing import Final

SECONDS: Final = 15.0
_AGAIN_SECONDS: Final = 300.0


class Silence:
    """Tells how long a thing has stood where it stands while there is more.

    Why: after brokers were killed, kafka-python 3.0.12 can go on asking for all partitions of a consumer but
    one, without any error; only a new membership ends it (once in some hundred kills).
    """

    def __init__(self) -> None:
        self._since: Final[dict[object, tuple[int, float]]] = {}
        self._broken: Final[dict[object, tuple[int, int, float]]] = {}

    def is_long(self, what: object, stands: int, end: int) -> bool:
        """Whether it has stood here for long although there is more.

        Shape: said once for one place and end, and then not again for some minutes: records that nobody is
        given, as a transaction leaves them at the end of a log, would break the membership for ever.
        """
        now = time.monotonic()
        at, since = self._since.get(what, (-1, now))
        if at != stands or stands >= end:
            self._since[what] = (stands, now)
            return False
        if now - since < SECONDS:
            return False
        before = self._broken.get(what)
        if before is not None and before[:2] == (stands, end) and now - before[2] < _AGAIN_SECONDS:
            return False
        self._broken[what] = (stands, end, now)
        self._since[what] = (stands, now)
        return True
