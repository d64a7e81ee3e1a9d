"""How a post came in, where it matters afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hub.record import Mark


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the hub itself notes of a post's way in.

    Shape: `trace` is 32 hexadecimal digits; `answer_to` names the record of a log that is answered later
    (empty where the caller waits for the answer), in the hub's own words and numbers; `marks` are raised
    in the transaction that keeps the post, or that it was refused.
    Trust: nothing in it was received.
    """

    trace: str = ""
    answer_to: str = ""
    marks: tuple[Mark, ...] = ()


DIRECT: Final = Arrival()
"""Of a caller who waits for the answer."""
