"""R-170: what youth justice proposes to a court."""

from __future__ import annotations

from typing import Final

from hub.pathway.fields import text
from hub.pathway.gates.flag import Flag

FLAGS: Final = (
    Flag(
        "R-170",
        "S5 s.15",
        "A referral order is proposed without the target of the specialist work.",
        frozenset({"disposal-proposed"}),
        True,
        starts=lambda data: text(data, "disposal") == "referral-order" and text(data, "aim_target") is None,
    ),
)
