"""Whether every recorded event verifies with the key of its time, for `hub fsck` (H-21)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import orjson

from hub.directory import Directory
from hub.envelope import EventKey, VerificationKey, parse, verify
from hub.errors import HubError
from hub.record import Recorded
from hub.views import read_post

_LATEST: Final = datetime.max.replace(tzinfo=UTC)


class Signatures:
    """Collects the events whose signature does not verify, and those that a stolen key may have made.

    Shape: `unverified` do not verify with the key that they name; `doubtful` do, and were received since
    that key was compromised. Rotating or revoking a key takes nothing from what it signed before.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory: Final = directory
        self.unverified: Final[list[EventKey]] = []
        self.doubtful: Final[list[EventKey]] = []

    def check(self, item: Recorded, compact: bytes) -> None:
        """Verify one event as it was received.

        Trust: for whom it was signed and when is not judged again: the hub's id may have changed since.
        """
        event = EventKey(item.source, item.id)
        try:
            signed = parse(compact)
            key = self._directory.key(signed.header.kid, "events")
            if key is None:
                raise HubError("key-unknown")
            named = VerificationKey(key.kid, key.organisation, orjson.loads(key.jwk))
            verify(signed, key=named, audience=signed.header.aud, now=_LATEST)
        except HubError:
            self.unverified.append(event)
            return
        since = key.compromised_since
        # The receipt's time, not that of the signature: who holds the key can write any time.
        if since is not None and item.body is not None and read_post(item.body).received_at >= since:
            self.doubtful.append(event)
