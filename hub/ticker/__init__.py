"""Deadlines falling due: the clocks of the procedures over every child, and what was missed.

`Ticker(record=..., views=..., identity=..., directory=...)`: `tick(now)` records what was missed by `now`, an
instant of the domain clock, and says how many entries it added; `next_due(now)` says when to tick again if no
commit wakes the process before (`record.subscribe`); `faults` is for readiness.
"""

from hub.ticker.falling_due import FallingDue, falling_due
from hub.ticker.ticker import Ticker

__all__ = ["FallingDue", "Ticker", "falling_due"]
