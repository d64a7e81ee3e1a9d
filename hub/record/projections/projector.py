"""The projector: follows the record and keeps the generations of several projections up with it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from hub.errors import HubError
from hub.record.projections.declared import Log, Parked, Projection
from hub.record.projections.generations import BUILDING, RETIRED, SERVING, Generation, Generations
from hub.record.projections.projected import Projected
from hub.record.projections.store import ViewStore
from hub.record.projections.uptake import Place, Target, Uptake

BATCH: Final = 500
_RETRY_SECONDS: Final = 0.2
_LONGEST_RETRY_SECONDS: Final = 2.0
_SWEEP_SECONDS: Final = 1.0
_ROUND_SECONDS: Final = 0.05

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Fed:
    register: Generations
    target: Target
    building: bool


class Projector:
    """Keeps projections up with the record, in a thread of its own or in the caller's.

    Shape: items are read and opened once for all generations that stand at the same place. Several
    projectors, also of other processes, may work on the same views: each batch counts once. A projection
    whose version has no generation gets one, built beside those of other versions.
    Trust: views that go on from another record than this are built anew. A record that cannot be read,
    and views that cannot be written, show as `fault`; it goes on by itself when they are back.
    """

    def __init__(
        self,
        record: Log,
        store: ViewStore,
        projections: Sequence[Projection],
        *,
        batch: int = BATCH,
        on_parked: Callable[[Parked], None] | None = None,
    ) -> None:
        self.fault: str | None = None
        self._record: Final = record
        self._store: Final = store
        self._batch: Final = batch
        self._uptake: Final = Uptake(store, on_parked)
        self._registers: Final = [Generations(store, one) for one in projections]
        self._projected: Final = [Projected(store, one.name, one.version) for one in projections]
        self._working: Final = threading.RLock()
        self._wake: Final = threading.Event()
        self._running: Final = threading.Event()
        self._running.set()
        self._closing: Final = threading.Event()
        self._checked = False
        self._in_parts = False
        self._sweep_at = 0.0
        self._superseded: dict[int, float] = {}
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Follow the record in a thread of its own, alone: what a group fed in parts is fed as one again.

        Shape: when it returns, nobody reads views of another record, unless the store could not be asked;
        then the thread sees to it first.
        """
        self._record.subscribe(lambda _: self._wake.set())
        with suppress(HubError):
            self._make_sure()
        self._thread = threading.Thread(target=self._follow, name="projector", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread after the batch it is at."""
        self._closing.set()
        self._running.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def position(self) -> int:
        """The last position that every projection has taken up, as readers see it; 0 while one is built."""
        return min(one.position() for one in self._projected)

    def parked(self) -> list[Parked]:
        """The items that stand aside, by projection and in order."""
        return [parked for one in self._projected for parked in one.parked()]

    def wait_for(self, position: int, timeout: float) -> bool:
        """Whether every projection has taken up a position within so many seconds."""
        # A duration, not an instant: no rule depends on it.
        ends = time.monotonic() + timeout
        return all(one.wait_for(position, max(0.0, ends - time.monotonic())) for one in self._projected)

    def pause(self) -> None:
        """Stop after the batch it is at; returns when nothing is being projected."""
        self._running.clear()
        with self._working:
            return

    def resume(self) -> None:
        """Go on after `pause`."""
        self._running.set()

    def catch_up(self, tell: Tell | None = None) -> int:
        """Project in the caller's thread up to the head the record has now; the position reached.

        Shape: `tell` is called with what is done and the goal, also while a generation is being built.
        Raises: HubError("store") where the record or the views are not available.
        """
        goal = self._record.head().position
        self._make_sure()
        while self.position() < goal and self._round(take_over=True):
            self._tell(tell, goal)
        return self.position()

    def build(self, tell: Tell | None = None) -> None:
        """Build, in the caller's thread, what has no generation of this version yet; leave the rest alone.

        Raises: HubError("store").
        """
        goal = self._record.head().position
        while any(one.here(SERVING, one.all()) is None for one in self._registers) and self._round():
            self._tell(tell, goal)

    def rebuild(self, tell: Tell | None = None) -> int:
        """Build every projection again beside the one that serves, in the caller's thread, and switch.

        1. What serves is begun again; what does not is to be built anyway.
        2. Build until everything that is being built has been switched to, then drop the old ones.

        Shape: readers go on with the old rows until the moment they have the new ones.
        Raises: HubError("store").
        """
        goal = self._record.head().position
        self._make_sure()
        # 1.
        for register in self._registers:
            register.begin(again=True)
        # 2.
        while any(one.here(BUILDING, one.all()) is not None for one in self._registers) and self._round():
            self._tell(tell, goal)
        self._sweep_at = 0.0
        self.sweep()
        return self.position()

    def sweep(self) -> None:
        """Drop what no reader can use any more; looks once a second at most, however often it is called.

        Shape: retired generations at once, those of older versions once their time of grace is over,
        counted from when this projector first saw its own version serve beside them.
        Raises: HubError("store").
        """
        now = time.monotonic()
        if now < self._sweep_at:
            return
        self._sweep_at = now + _SWEEP_SECONDS
        for register in self._registers:
            found = register.all()
            due = [one for one in found if one.state == RETIRED]
            if register.here(SERVING, found) is not None:
                for one in found:
                    if one.state != RETIRED and one.version < register.projection.version:
                        since = self._superseded.setdefault(one.number, now)
                        due += [one] if now - since >= self._store.grace_seconds else []
            register.drop(due)

    def _tell(self, tell: Tell | None, goal: int) -> None:
        if tell is not None:
            found = [one for register in self._registers for one in self._own(register)]
            tell(min((one.position for one in found), default=0), goal)

    def _own(self, register: Generations) -> list[Generation]:
        version = register.projection.version
        return [one for one in register.all() if one.version == version and one.state != RETIRED]

    def _follow(self) -> None:
        """Work until closed, whatever fails meanwhile.

        Why the flag is cleared before reading: a commit during the read wakes the next round, and looking
        again after `poll_seconds` finds what nobody told of.
        """
        pause, take_over = _RETRY_SECONDS, True
        while not self._closing.is_set():
            self._running.wait()
            self._wake.clear()
            try:
                moved = self._round(take_over=take_over)
            except Exception as fault:
                # Whatever it is, the next round may be without it; until then readiness shows it.
                self.fault, self._checked = type(fault).__name__, False
                self._closing.wait(pause)
                pause = min(2 * pause, _LONGEST_RETRY_SECONDS)
                continue
            # Two ways of feeding one view at once is a mistake of whoever runs both: to be seen, not hidden.
            self.fault, pause, take_over = "FedInParts" if self._in_parts else None, _RETRY_SECONDS, False
            if not moved:
                self._wake.wait(self._store.poll_seconds)

    def _round(self, *, take_over: bool = False) -> bool:
        """Bring each generation some batches further; whether anything was there to do.

        1. After the start and after every fault, make sure that the views are of this record.
        2. Find what is to be fed; begin what is missing.
        3. For each place that generations stand at, the furthest first, feed them together for a while.
        4. What is being built and has read to the end may serve now.
        """
        with self._working:
            if self._closing.is_set() or not self._running.is_set():
                return False
            # 1.
            self._make_sure()
            # 2.
            self._in_parts = False
            targets = [one for register in self._registers for one in self._targets(register, take_over)]
            moved = False
            for position in sorted({one.target.position for one in targets}, reverse=True):
                # 3.
                here = [one for one in targets if one.target.position == position]
                items, at_end = self._feed([one.target for one in here], position)
                moved |= items
                # 4.
                if at_end:
                    built = [one for one in here if one.building]
                    moved |= any([one.register.switch(one.target.generation) for one in built])
            with suppress(HubError):
                self.sweep()
            return moved

    def _feed(self, targets: Sequence[Target], position: int) -> tuple[bool, bool]:
        """Feed what stands at one place: whether there were items, and whether they were read to the end.

        Shape: each batch is read and opened once, and taken up by all in one transaction. It goes on with
        the next as long as nobody else has moved them, but not for long: others may be waiting.
        """
        ends = time.monotonic() + _ROUND_SECONDS
        any_items = False
        while items := self._record.log(position, self._batch):
            any_items, last = True, items[-1]
            taken = self._uptake.take_up(targets, items, Place(last.position, last.leaf_data))
            if len(items) < self._batch:
                return True, True
            stopping = self._closing.is_set() or not self._running.is_set()
            if not taken or stopping or time.monotonic() >= ends:
                return True, False
            position = last.position
            targets = [replace(one, position=position) for one in targets]
        return any_items, True

    def _make_sure(self) -> None:
        with self._working:
            if not self._checked:
                for register in self._registers:
                    register.retire_foreign(self._record)
                self._checked = True

    def _targets(self, register: Generations, take_over: bool) -> list[_Fed]:
        found = register.all()
        serving = register.here(SERVING, found)
        if serving is None and register.here(BUILDING, found) is None:
            register.begin()
            found = register.all()
        elif serving is not None and serving.whole != 1 and take_over:
            register.divide(1)
            found = register.all()
        own = [one for one in (register.here(SERVING, found), register.here(BUILDING, found)) if one]
        self._in_parts |= any(one.whole != 1 for one in own)
        return [
            _Fed(
                register,
                Target(register.projection, one.number, 0, 1, one.position),
                one.state == BUILDING,
            )
            for one in own
            if one.whole == 1
        ]
