"""A cheap load client: many connections on loopback, posts signed beforehand, answers counted."""

from __future__ import annotations

import asyncio
import base64
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Poster:
    """Who posts in a load: an organisation's system, its key for events, and the author it names."""

    organisation: str
    author: str
    kid: str
    key: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Load:
    """What a load came to.

    Units: seconds of the whole load; `p50` and `p99` in milliseconds.
    """

    seconds: float
    statuses: dict[int, int]
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers a second, refusals too."""
        return sum(self.statuses.values()) / self.seconds


def facts(
    poster: Poster, audience: str, now: datetime, *, children: int, each: int, name: str
) -> list[bytes]:
    """Signed facts of about 1 KB, for many children in turn: the first of each, then the second, ...

    Shape: `name` sets the events of one load apart from those of another.
    """
    header = _segment(
        {
            "alg": "Ed25519",
            "kid": poster.kid,
            "typ": "safeguarding-event+jws",
            "iat": int(now.timestamp()),
            "aud": audience,
        }
    )
    return [
        _signed(poster, header, now, name, turn, child) for turn in range(each) for child in range(children)
    ]


def post_all(host: str, port: int, token: str, bodies: Sequence[bytes], connections: int) -> Load:
    """Post every body once, one after another on each of so many connections.

    Raises: OSError where a connection cannot be made or ends before its answer.
    """
    run = asyncio.run
    try:
        import uvloop
    except ImportError:
        pass
    else:
        run = uvloop.run
    head = (
        f"POST /v1/events HTTP/1.1\r\nhost: {host}:{port}\r\nauthorization: Bearer {token}\r\n"
        "content-type: application/jose\r\ncontent-length: "
    ).encode()
    requests = [b"%b%d\r\n\r\n%b" % (head, len(body), body) for body in bodies]
    return run(_post_all(host, port, requests, connections))


async def _post_all(host: str, port: int, requests: Sequence[bytes], connections: int) -> Load:
    loop = asyncio.get_running_loop()
    waiting = iter(requests)
    statuses: Counter[int] = Counter()
    latencies: list[float] = []
    made = [
        await loop.create_connection(lambda: _Connection(loop, waiting, statuses, latencies), host, port)
        for _ in range(connections)
    ]
    began = time.perf_counter()
    for _, one in made:
        one.next()
    await asyncio.gather(*(one.done for _, one in made))
    seconds = time.perf_counter() - began
    for transport, _ in made:
        transport.close()
    hundredths = statistics.quantiles(latencies, n=100)
    return Load(seconds, dict(statuses), hundredths[49] * 1000, hundredths[98] * 1000)


class _Connection(asyncio.Protocol):
    """One kept connection with one request on its way at a time."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        waiting: Iterator[bytes],
        statuses: Counter[int],
        latencies: list[float],
    ) -> None:
        self.done: asyncio.Future[None] = loop.create_future()
        self._waiting = waiting
        self._statuses = statuses
        self._latencies = latencies
        self._received = b""
        self._began = 0.0
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(_END_OF_HEAD)
        if end < 0:
            return
        head = self._received[:end].lower()
        at = head.find(_LENGTH) + len(_LENGTH)
        if len(self._received) < end + len(_END_OF_HEAD) + int(head[at:].split(b"\r\n", 1)[0]):
            return
        self._statuses[int(self._received[9:12])] += 1
        self._latencies.append(time.perf_counter() - self._began)
        self._received = b""
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("closed before the answer"))

    def next(self) -> None:
        """Send the next request, if there is one."""
        request = next(self._waiting, None)
        if request is None:
            self.done.set_result(None)
            return
        self._began = time.perf_counter()
        self._transport.write(request)


def _signed(poster: Poster, header: bytes, now: datetime, name: str, turn: int, child: int) -> bytes:
    payload = orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"{name}-{turn:06d}-{child:08d}",
            "source": f"urn:safeguarding:org:{poster.organisation}",
            "type": "safeguarding.incident-recorded.v1",
            "subject": f"local:{poster.organisation}:{name}-{child}",
            "time": now.isoformat(timespec="seconds"),
            "datacontenttype": "application/json",
            "data": {
                "occurred_at": "2025-09-10",
                "precision": "day",
                "author": poster.author,
                "role": "has-been-harmed",
                "status": "alleged",
                "narrative": f"Account {turn} of child {child}. "
                + "Said to the form tutor after lunch. " * 12,
            },
        }
    )
    signed = header + b"." + _base64url(payload)
    return signed + b"." + _base64url(poster.key.sign(signed))


def _segment(value: dict[str, str | int]) -> bytes:
    return _base64url(orjson.dumps(value))


def _base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def main() -> None:
    """Post the lines of a file: `python -m bench.http_load HOST PORT TOKEN-FILE BODIES-FILE CONNECTIONS`.

    Shape: a process of its own, so that the client's work is not in the way of the caller's threads; prints
    the load as one JSON object.
    """
    host, port, token, bodies, connections = sys.argv[1:]
    with open(token, encoding="ascii") as one, open(bodies, "rb") as many:
        load = post_all(host, int(port), one.read().strip(), many.read().splitlines(), int(connections))
    sys.stdout.buffer.write(orjson.dumps(load, option=orjson.OPT_NON_STR_KEYS) + b"\n")


if __name__ == "__main__":
    main()
