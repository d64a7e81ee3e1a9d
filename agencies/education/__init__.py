"""Schools: the safeguarding log's CSV export."""

from agencies.education.convert import convert

__all__ = ["convert"]
