"""Deadlines falling due: the clocks of the procedures over every child, and what was missed.

`Ticker(record=..., views=..., identity=..., directory=...)`: `tick(now)` records what was missed by `now`, an
instant of the domain clock, and says how many entries it added; `next_due(now)` says when to tick again if no
commit wakes the process before (`record.subscribe`); `faults` is for readiness.
`Notifying(...)` has the notices recorded that nobody asks for.
"""

from hub.ticker.falling_due import FallingDue, falling_due
from hub.ticker.notifying import Notifying
from hub.ticker.ticker import Ticker

__all__ = ["FallingDue", "Notifying", "Ticker", "falling_due"]
