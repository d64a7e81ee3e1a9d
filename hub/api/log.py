"""Structured logs: one JSON line per request, made of a closed list of keys."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import orjson
import structlog

from hub.metrics import Process
from hub.trace import current_trace

KEYS: Final = frozenset(
    {
        "event", "level", "at", "process", "trace", "method", "route", "status", "duration_ms", "instance",
        "fault", "part", "position",
    }
)  # fmt: skip
"""All that may ever stand in a log line. None of them can hold anything received: `route` is the
template of the address, `fault` the name of an exception's type, `part` and `process` words of the hub's
own, `trace` a random name that the hub made, `position` a number of the record."""


def _allow_listed(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in line.items() if key in KEYS}


class RequestLog:
    """Writes the hub's log lines.

    Shape: a line that cannot be written is lost, and nothing else with it: a full disk must not take the
    answer away from a caller whose event is recorded.
    Every line says which process wrote it, and the trace of what was being done, where there is one.
    Trust: exceptions are logged by type name only: the text of one can hold what was received.
    """

    def __init__(
        self,
        wall: Callable[[], datetime],
        write: Callable[[str], object] | None = None,
        *,
        process: Process = "api",
    ) -> None:
        def dated(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
            line["at"] = wall().astimezone(UTC).isoformat(timespec="milliseconds")
            line["process"] = process
            if trace := current_trace():
                line["trace"] = trace
            return line

        self._log = structlog.wrap_logger(
            _Lines(_Together(structlog.WriteLogger().msg) if write is None else write),
            processors=[
                structlog.processors.add_log_level,
                dated,
                _allow_listed,
                structlog.processors.JSONRenderer(lambda line, **_: orjson.dumps(line).decode()),
            ],
        ).bind()  # Bound once: an unbound one is put together anew for every line.

    def request(self, *, method: str, route: str, status: int, duration_ms: float) -> None:
        """One request that was answered."""
        self._log.info(
            "request", method=method, route=route, status=status, duration_ms=round(duration_ms, 1)
        )

    def fault(self, *, route: str, instance: str, fault: str) -> None:
        """A fault of the hub's own, which the caller can name by its instance."""
        self._log.error("fault", route=route, instance=instance, fault=fault)

    def part(self, event: str, part: str, fault: str | None = None, *, position: int | None = None) -> None:
        """Something about a part of the hub: started, stopped, failed; at which position, if it has one."""
        told: dict[str, str | int] = {"part": part}
        if position is not None:
            told["position"] = position
        if fault is None:
            self._log.info(event, **told)
        else:
            self._log.error(event, fault=fault, **told)


class _Lines:
    """A logger that hands finished lines to a function, and outlives its faults."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def info(self, line: str) -> None:
        # ValueError: the stream was closed.
        with suppress(OSError, ValueError):
            self._write(line)

    error = info


class _Together:
    """Writes what was logged in one turn of the event loop at once after it; what other threads log, at once.

    Why: a thread that writes lets all others compute first. Where one of them judges posts, that takes
    milliseconds, and every answer behind this one waits for it.
    """

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write: Final = write
        self._lines: list[str] = []
        self._lock: Final = threading.Lock()

    def __call__(self, line: str) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._write(line)
            return
        with self._lock:
            self._lines.append(line)
        loop.call_soon(self._write_all)

    def _write_all(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, []
        if lines:
            with suppress(OSError, ValueError):
                self._write("\n".join(lines))


def quiet_libraries() -> None:
    """Keep libraries' own lines out of the log: at debug level some hold addresses, tokens or bodies."""
    for name in ("authlib", "httpx", "httpcore", "uvicorn.access", "asyncio", "eventsourcing"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # An access line would hold the raw address, and with it an identifier that was looked up.
    logging.getLogger("uvicorn.access").disabled = True
