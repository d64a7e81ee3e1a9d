"""Answers on the wire: the head of an answer leaves together with its body."""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_LARGE: Final = 8192
"""So much is sent at once: whoever writes more than the connection takes must be told to wait."""


class Together(asyncio.Transport):
    """A connection that holds what is written until the next is written, or the event loop's next turn.

    Why: the server writes head and body of an answer one after the other. By itself each is a call of the
    system, a packet, and a turn of the client's process.
    """

    def __init__(self, connection: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._connection: Final = connection
        self._loop: Final = loop
        self._held = b""

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send this with what is held, or hold it; it leaves in the order in which it was written."""
        if self._held or len(data) >= _LARGE:
            held, self._held = self._held, b""
            self._send(b"".join((held, data)))
        elif data:
            self._held = bytes(data)
            self._loop.call_soon(self._send_held)

    def close(self) -> None:
        """Send what is held, then end the connection."""
        self._send_held()
        self._connection.close()

    def abort(self) -> None:
        """End the connection at once."""
        self._held = b""
        self._connection.abort()

    def is_closing(self) -> bool:
        """Whether the connection has ended or is about to."""
        return self._connection.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What the connection says of itself."""
        return self._connection.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Take nothing more in."""
        self._connection.pause_reading()

    def resume_reading(self) -> None:
        """Take in again."""
        self._connection.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let another protocol serve this connection."""
        self._connection.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Which protocol serves this connection."""
        return self._connection.get_protocol()

    def _send_held(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._send(held)

    def _send(self, data: bytes) -> None:
        # The other side may have gone since: then there is nobody to be told anything.
        if not self._connection.is_closing():
            self._connection.write(data)


class Answering(HttpToolsProtocol):
    """Uvicorn's protocol, on connections that send an answer in one piece."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Serve a connection."""
        super().connection_made(Together(cast(asyncio.Transport, transport), self.loop))
