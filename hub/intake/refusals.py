"""That something was refused: the hub's own record, without anything that was received."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Final

import orjson

from hub.errors import HubError
from hub.identity.records import SOURCE
from hub.record import Append, Appended, Chance, Draft, Record

STREAM: Final = "refusals"
TYPE: Final = "post-refused"


class Refusals:
    """Keeps which organisation was refused, and by which rule; best effort, never in the answer's way."""

    def __init__(self, record: Record, chance: Chance) -> None:
        self._record: Final = record
        self._chance: Final = chance

    def note(self, refusal: HubError, organisation: str, at: datetime, trace: str = "") -> None:
        """Queue the record of a refusal; a store that does not take it changes nothing for the poster."""
        told = {"slug": refusal.slug, "rule": refusal.rule, "organisation": organisation, "at": at}
        body = orjson.dumps(told | ({"trace": trace} if trace else {}), option=orjson.OPT_SORT_KEYS)
        draft = Draft(STREAM, "record", SOURCE, f"refusal-{self._chance.uuid()}", TYPE, body, body)
        try:
            self._record.append(Append((draft,))).add_done_callback(_let_go)
        except HubError:
            return


def refusal_of(members: Mapping[str, str]) -> HubError:
    """A kept refusal as it was raised."""
    return HubError(
        members["slug"],
        members["detail"],
        rule=members["rule"],
        source=members["source"],
        status=int(members["status"]),
    )


def _let_go(future: Future[Appended]) -> None:
    """Take the outcome, whatever it is, so that nobody waits for it."""
    if not future.cancelled():
        future.exception()
