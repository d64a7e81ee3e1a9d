"""Police: the JSON extract of an occurrence system."""

from agencies.police.convert import convert

__all__ = ["convert"]
