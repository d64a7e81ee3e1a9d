"""The pattern rules: plain lines with their evidence, no total score and no ranking of children."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.entries import Line, Material
from hub.pathway.patterns import (
    frequency,
    knows_told,
    levels_differ,
    mentioned,
    place_cover,
    safety,
    severity,
    timeline,
)
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

RULES: Final[tuple[Rule, ...]] = (
    safety.RULE,
    timeline.RULE,
    frequency.RULE,
    severity.RULE,
    knows_told.RULE,
    levels_differ.RULE,
    place_cover.RULE,
    mentioned.RULE,
)
"""In the order in which a reader needs them: whether the child is safe comes first (R-010)."""


def overview(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """Every line that the material gives, in the order of the rules.

    Trust: over one reader's material each line rests on that reader's entries alone (H-20).
    """
    return tuple(line for rule in RULES for line in rule.compute(material, now, profile_of))


__all__ = ["RULES", "Rule", "overview"]
