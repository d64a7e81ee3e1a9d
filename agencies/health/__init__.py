"""Child health: the contact list's CSV export."""

from agencies.health.convert import convert

__all__ = ["convert"]
