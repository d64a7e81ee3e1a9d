"""A wire between a client and a server on one machine that a test can cut, on either direction alone."""

from __future__ import annotations

import socket
import threading
from types import TracebackType


class CutWire:
    """Passes on what comes for one server, over a port of its own.

    Shape: `swallow_answers` lets requests through and keeps the answers; `cut` ends every connection;
    `refuse` ends new ones at once, too. `mend` passes everything on again.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._swallowing = threading.Event()
        self._refusing = threading.Event()
        self.swallowed = threading.Event()
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def swallow_answers(self) -> None:
        """From here no answer arrives; `swallowed` is set when the first one was kept."""
        self.swallowed.clear()
        self._swallowing.set()

    def cut(self) -> None:
        """End every connection, as a network does that drops its state."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for client, server in pairs:
            _end(client)
            _end(server)

    def cut_client_side(self) -> None:
        """End the connections towards the client; the server is told nothing."""
        with self._lock:
            pairs = list(self._pairs)
        for client, _ in pairs:
            _end(client)

    def refuse(self) -> None:
        """End what there is and what comes."""
        self._refusing.set()
        self.cut()

    def mend(self) -> None:
        """Pass everything on again."""
        self._swallowing.clear()
        self._refusing.clear()

    def close(self) -> None:
        """End everything."""
        self.refuse()
        self._listener.close()

    def __enter__(self) -> CutWire:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refusing.is_set():
                _end(client)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                _end(client)
                continue
            server.settimeout(None)
            with self._lock:
                self._pairs.append((client, server))
            # A client that has gone is not told to the server: the wire is what failed, not the client.
            threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, come: socket.socket, go: socket.socket, answers: bool) -> None:
        while True:
            try:
                data = come.recv(65536)
                if not data:
                    break
                if answers and self._swallowing.is_set():
                    self.swallowed.set()
                    continue
                go.sendall(data)
            except OSError:
                break
        if answers:
            _end(go)


def _end(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()
