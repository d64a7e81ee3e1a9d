"""That something was refused: the hub's own record, without anything that was received."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Final

import orjson

from hub.errors import HubError
from hub.identity.records import SOURCE
from hub.record import Append, Appended, Chance, Draft, Record

STREAM: Final = "refusals"
TYPE: Final = "post-refused"
_GATE: Final = "gate"


class Refusals:
    """Keeps which organisation was refused, and by which rule; best effort, never in the answer's way."""

    def __init__(self, record: Record, chance: Chance, types: Collection[str]) -> None:
        self._types: Final = frozenset(types)
        self._record: Final = record
        self._chance: Final = chance

    def note(
        self, refusal: HubError, organisation: str, at: datetime, trace: str = "", type_: str | None = None
    ) -> None:
        """Queue the record of a refusal; a store that does not take it changes nothing for the poster.

        Shape: `type_` is the type of the post, where its signature was verified.
        """
        told = {"slug": refusal.slug, "rule": refusal.rule, "organisation": organisation, "at": at}
        told |= {"trace": trace} if trace else {}
        body = orjson.dumps(told | self.of_decision(refusal, type_), option=orjson.OPT_SORT_KEYS)
        draft = Draft(STREAM, "record", SOURCE, f"refusal-{self._chance.uuid()}", TYPE, body, body)
        try:
            self._record.append(Append((draft,))).add_done_callback(_let_go)
        except HubError:
            return

    def of_decision(self, refusal: HubError, type_: str | None) -> dict[str, str]:
        """What is kept besides of a decision that a gate refused: its type, and why; of other posts nothing.

        Trust: the type only by a name of the catalogue, and never the child: a refused decision is in no
        stream. Why is the gate's own sentence, which is the same whatever was sent.
        Source: D-55
        """
        if refusal.slug != _GATE:
            return {}
        known = {"type": type_} if type_ is not None and type_ in self._types else {}
        return {"detail": refusal.detail} | known


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
