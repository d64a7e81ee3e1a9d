"""Youth justice: the case diary's CSV export."""

from agencies.youth_justice.convert import convert

__all__ = ["convert"]
