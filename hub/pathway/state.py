"""Where a clock stands at an instant."""

from __future__ import annotations

from datetime import datetime
from typing import Literal


def state_of(
    now: datetime, *, warn: datetime | None, due: datetime, met: datetime | None
) -> Literal["running", "warning", "missed", "met", "met-late"]:
    """The state of a clock with a due time.

    Units: aware UTC. A limit is met up to the due instant itself, and missed from it on if nothing was
    done by then.
    """
    if met is not None:
        return "met" if met <= due else "met-late"
    if now >= due:
        return "missed"
    return "warning" if warn is not None and now >= warn else "running"
