"""The procedures: profiles, gates, clocks and pattern rules over a folded child; pure."""

from hub.pathway.clocks import deadlines
from hub.pathway.patterns import overview

__all__ = ["deadlines", "overview"]
