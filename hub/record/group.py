"""Group commit: one thread commits what queued while the previous commit was on its way to the disk."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

from hub import metrics
from hub.errors import HubError


class Waiting(Protocol):
    """One thing that waits for the commit.

    Units: `size` in bytes.
    """

    @property
    def size(self) -> int:
        """How much it holds."""
        ...

    def fail(self, fault: BaseException) -> None:
        """Tell whoever waits that it was not kept."""
        ...


T = TypeVar("T", bound=Waiting)

MOST_ITEMS: Final = 512
MOST_BYTES: Final = 2 * 1024 * 1024
QUEUE_ITEMS: Final = 8192
QUEUE_BYTES: Final = 64 * 1024 * 1024


class GroupCommit(Generic[T]):
    """Gives groups of waiting things to one commit function, in the order they came.

    Shape: no artificial delay; under load a group is what queued during the last commit. The commit
    function answers every member itself; whatever it raises is the answer of the whole group, and
    the next group is tried as if nothing had happened.
    Raises: `put` raises HubError("rate") where the queue is full, HubError("store") once closed.
    """

    def __init__(self, commit: Callable[[list[T]], None], *, queue_items: int = QUEUE_ITEMS) -> None:
        self._commit: Final = commit
        self._queue_items: Final = queue_items
        self._queue: Final[deque[T]] = deque()
        self._queued_bytes = 0
        self._idle = False
        self._closed = False
        self._lock: Final = threading.Lock()
        self._wake: Final = threading.Condition(self._lock)
        self._thread: Final = threading.Thread(target=self._run, name="record-writer", daemon=True)
        self._thread.start()

    def put(self, *those: T) -> None:
        """Queue things for the next commit, next to one another: all of them, or none."""
        with self._lock:
            if self._closed:
                raise HubError("store", "The record is closed.")
            if len(self._queue) + len(those) > self._queue_items or self._queued_bytes > QUEUE_BYTES:
                raise HubError("rate")
            for one in those:
                self._queue.append(one)
                self._queued_bytes += one.size
            if self._idle:
                self._wake.notify()

    @property
    def more(self) -> bool:
        """Whether the next commit follows at once; for the commit function to ask."""
        return bool(self._queue)

    def close(self) -> None:
        """Commit what is queued, then end the thread."""
        with self._lock:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._next_group():
            metrics.writer_queue(len(self._queue))
            began = time.perf_counter()
            try:
                self._commit(group)
                metrics.committed(len(group), time.perf_counter() - began)
            except BaseException as fault:  # the thread must outlive every fault of the store
                for one in group:
                    one.fail(fault)
            metrics.writer_queue(len(self._queue))

    def _next_group(self) -> list[T]:
        with self._lock:
            while not self._queue:
                if self._closed:
                    return []
                self._idle = True
                self._wake.wait()
                self._idle = False
            group: list[T] = []
            size = 0
            while self._queue and len(group) < MOST_ITEMS and size < MOST_BYTES:
                one = self._queue.popleft()
                size += one.size
                group.append(one)
            self._queued_bytes -= size
            return group
