"""The trace of what is being done now: one random name that its log line, its events and its accesses share.

It is the one value that travels beside the calls instead of in them: no room decides anything by it, and as
a parameter it would stand in every signature between the door and the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

BYTES: Final = 16
_TRACE: Final[ContextVar[str]] = ContextVar("trace", default="")


def trace_of(random: bytes) -> str:
    """The trace that these random bytes make.

    Shape: 32 hexadecimal digits of 16 bytes.
    Trust: the bytes are the hub's own chance, never a caller's: a name that a caller may choose would join
    requests that have nothing to do with each other, or bring text of theirs into the record.
    """
    return random[:BYTES].hex()


def current_trace() -> str:
    """The trace of what is being done now; empty outside of any."""
    return _TRACE.get()


@contextmanager
def traced(trace: str) -> Iterator[None]:
    """Give everything within the block this trace, in this thread or task and those that follow from it."""
    token = _TRACE.set(trace)
    try:
        yield
    finally:
        _TRACE.reset(token)
