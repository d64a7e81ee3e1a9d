"""The pattern rules: plain lines with their evidence, no total score and no ranking of children."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from hub.pathway.entries import Entries, Line, Material
from hub.pathway.patterns import (
    after_work,
    balance,
    both_roles,
    children_harmed,
    criminal_only,
    engagement,
    frequency,
    knows_told,
    level_basis,
    levels_differ,
    mentioned,
    mutual_claim,
    never_discussed,
    no_action,
    no_assessment,
    overshadowed,
    place_cover,
    plan_owner,
    referral_lag,
    release,
    safety,
    severity,
    silent_move,
    single_agency,
    timeline,
    unmet_needs,
    voice,
    young_serious,
)
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

RULES: Final[tuple[Rule, ...]] = (
    safety.RULE,
    timeline.RULE,
    frequency.RULE,
    severity.RULE,
    after_work.RULE,
    children_harmed.RULE,
    both_roles.RULE,
    mutual_claim.RULE,
    young_serious.RULE,
    knows_told.RULE,
    levels_differ.RULE,
    level_basis.RULE,
    no_assessment.RULE,
    voice.RULE,
    balance.RULE,
    unmet_needs.RULE,
    place_cover.RULE,
    plan_owner.RULE,
    never_discussed.RULE,
    overshadowed.RULE,
    criminal_only.RULE,
    no_action.RULE,
    single_agency.RULE,
    engagement.RULE,
    referral_lag.RULE,
    release.RULE,
    silent_move.RULE,
    mentioned.RULE,
)
"""In the order in which a reader needs them: whether the child is safe comes first (R-010)."""

NAMES_OTHERS: Final = {"incident-linked": ("link", "others")}
"""Who always reads this is told by the sharing rules which children a link joins (D-03, D-51)."""


def overview(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """Every line that the material gives, in the order of the rules.

    Trust: over one reader's material each line rests on that reader's entries alone (H-20). Records of
    linked children count only for a reader to whom other children show by their id: a line that joined two
    records would tell any other reader which child a token stands for.
    """
    linked = (
        {child: Entries.over(entries) for child, entries in material.linked.items()}
        if material.reads(NAMES_OTHERS)
        else {}
    )
    seen = replace(material, entries=Entries.over(material.entries), linked=linked)
    return tuple(line for rule in RULES for line in rule.compute(seen, now, profile_of))


__all__ = ["NAMES_OTHERS", "RULES", "Rule", "overview"]
