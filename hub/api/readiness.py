"""Readiness: every part is tried, all at once, and a part that does not answer in time cannot work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from hub import metrics
from hub.api.services import Readiness

Check = Callable[[], bool]

PATIENCE: Final = 2.0
FRESH: Final = 0.25
_NEVER: Final = float("-inf")


class Probes:
    """What cannot do its work now, by trying it; safe to call from several threads.

    Shape: a check answers whether its part is able; HubError, any other fault and no answer within
    `patience` are "no". The parts' names are the hub's own words.
    Units: `patience` and `fresh` in seconds.
    Trust: anybody may ask, so one round runs at a time, who asked meanwhile gets what it found, and that
    all was well is not looked at again for `fresh` seconds: the question costs the store no more for being
    asked often. That something failed is looked at anew, so that recovery shows at once. A check that hangs
    is not started a second time before it ends, so that a store that hangs does not eat threads.
    """

    def __init__(
        self, checks: Mapping[str, Check], *, patience: float = PATIENCE, fresh: float = FRESH
    ) -> None:
        self._checks: Final = dict(checks)
        self._patience: Final = patience
        self._fresh: Final = fresh
        self._hanging: Final[dict[str, threading.Thread]] = {}
        self._looking: Final = threading.Lock()
        self._found = Readiness()
        self._at = _NEVER

    def __call__(self) -> Readiness:
        """What the last round found, or a new round where that no longer holds."""
        asked = time.monotonic()
        with self._looking:
            good_for = 0.0 if self._found.failing else self._fresh
            if asked > self._at + good_for:
                self._found = self._look()
                self._at = time.monotonic()
            return self._found

    def _look(self) -> Readiness:
        """One round.

        1. Start each check in a thread of its own, but those that hang since an earlier round.
        2. Wait for all of them together, no longer than `patience`.
        3. What did not say that it is able is failing.
        """
        able: dict[str, bool] = {}
        started: list[threading.Thread] = []
        for name, check in self._checks.items():  # 1.
            if (before := self._hanging.get(name)) is not None and before.is_alive():
                continue
            thread = threading.Thread(
                target=_ask, args=(name, check, able), name=f"probe-{name}", daemon=True
            )
            self._hanging[name] = thread
            started.append(thread)
            thread.start()
        ends = time.monotonic() + self._patience
        for thread in started:  # 2.
            thread.join(max(ends - time.monotonic(), 0.0))
        found = dict(able)
        failing = tuple(name for name in self._checks if not found.get(name, False))  # 3.
        for name in self._checks:
            metrics.ready(name, name not in failing)
        return Readiness(failing)


def _ask(name: str, check: Check, able: dict[str, bool]) -> None:
    try:
        able[name] = check()
    except Exception:
        # Whatever it is, HubError store or a fault of the check's own: the part was not seen to work.
        able[name] = False
