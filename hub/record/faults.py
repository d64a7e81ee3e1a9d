"""Why an append was not made although nothing is wrong with the item itself."""

from __future__ import annotations

from typing import Final

from hub.errors import HubError


class HeadMoved(HubError):
    """A stream that a decision was judged on has grown since: judge again and append again.

    Shape: `streams` names the streams that moved.
    """

    def __init__(self, streams: tuple[str, ...]) -> None:
        super().__init__("store", "The record moved while this was decided; send the same again.")
        self.streams: Final = streams


class ClaimTaken(HubError):
    """A claimed name already belongs to another stream.

    Shape: `kind` is the kind of the claim, `value` the value that holds it.
    Trust: `value` is for the caller's decision only and never part of an answer.
    """

    def __init__(self, kind: str, value: str) -> None:
        super().__init__("conflict", "A name in this item already belongs to another stream.")
        self.kind: Final = kind
        self.value: Final = value


def damaged(what: str) -> HubError:
    """The refusal of everything that does not open or does not fit together.

    Trust: `what` is written by the record and names no content.
    """
    return HubError("store", f"The record is damaged: {what}. Run `hub fsck`.")
