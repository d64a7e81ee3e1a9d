"""Children's social care: the case system's export of steps (CSV) and of forms (JSON)."""

from agencies.social_care.convert import convert

__all__ = ["convert"]
