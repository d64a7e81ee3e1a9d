"""Wires that fail as networks do: they stand still, or swallow some of the answers with the connection."""

from __future__ import annotations

import socket
import threading
from random import Random  # noqa: TID251  seeded

from tests.support.cut_wire import CutWire


class FaultyWire(CutWire):
    """A wire that can also stand still, and cut a share of the answers.

    Shape: while it stands still, connections are taken and kept and nothing arrives on either side; what
    was sent meanwhile arrives when it is mended, as what TCP sends again. An answer that is cut has been
    given by the server: the client's connection ends instead. `cuts` counts those.
    """

    def __init__(self, port: int, seed: int = 0) -> None:
        self._going = threading.Event()
        self._going.set()
        self._share = 0.0
        self._chance = Random(seed)
        self.cuts = 0
        super().__init__(port)

    def stand_still(self) -> None:
        """From here nothing arrives."""
        self._going.clear()

    def cut_answers(self, share: float) -> None:
        """From here this share of the answers is swallowed, and the connection with each of them."""
        self._share = share

    def mend(self) -> None:
        """Pass everything on again."""
        super().mend()
        self._share = 0.0
        self._going.set()

    def close(self) -> None:
        """End everything."""
        self._going.set()
        super().close()

    def _pass(self, come: socket.socket, go: socket.socket, answers: bool) -> None:
        while True:
            try:
                data = come.recv(65_536)
                self._going.wait()
                if not data or (answers and self._cuts()):
                    break
                go.sendall(data)
            except OSError:
                break
        _end(come)
        _end(go)

    def _cuts(self) -> bool:
        cut = self._share > 0 and self._chance.random() < self._share
        self.cuts += cut
        return cut


def _end(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()
