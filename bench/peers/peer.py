"""What is asked of every peer."""

from __future__ import annotations

from typing import Protocol

from bench.clients import Call


class Missing(Exception):
    """A peer that cannot be had on this machine, in words."""


class Peer(Protocol):
    """A store that runs."""

    def client(self, number: int) -> Call:
        """What one of its clients calls to append one event; it returns when the event is durable."""
        ...
