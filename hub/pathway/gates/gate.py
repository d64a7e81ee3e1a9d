"""What a gate is: a rule about one decision, as data, with a pure predicate.

A refusal's text is constant per gate, so that it tells nothing about a child beyond the rule itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from hub.pathway.entries import Entry, Material
from hub.pathway.fields import organisation_of, part, text
from hub.pathway.profiles import Profile, ProfileOf, own_profile

Force = Literal["MUST", "SHOULD", "ALWAYS"]
People: TypeAlias = Callable[[str], frozenset[str]]
"""The roles that a person holds now, empty for nobody."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a decision is refused: the requirement, its force and source, and what to do about it.

    Source: H-28
    """

    rule: str
    force: Force
    source: str
    text: str
    fix: str


@dataclass(frozen=True, slots=True)
class Case:
    """One decision or fact before the whole fold of its child and of the linked children."""

    posted: Entry
    fold: Material
    now: datetime
    profile_of: ProfileOf
    people: People

    @property
    def profile(self) -> Profile | None:
        """The profile of the child's own authority."""
        return own_profile(self.fold, self.profile_of)


@dataclass(frozen=True, slots=True)
class Gate:
    """One rule that refuses decisions of the types named when its predicate holds."""

    name: str
    refusal: Refusal
    types: frozenset[str]
    refuses: Callable[[Case], bool]


def manager_signs(case: Case, manager: str | None) -> bool:
    """Whether a person signs as manager: team manager now, of the author's organisation, not the author.

    Source: H-28
    """
    author = case.posted.author
    return (
        manager is not None
        and author is not None
        and manager != author
        and organisation_of(manager) == organisation_of(author)
        and "team-manager" in case.people(manager)
    )


def overridden(case: Case, refusal: Refusal) -> bool:
    """Whether the decision carries a valid override of this refusal; a MUST takes none.

    Source: H-28
    """
    override = part(case.posted, "override")
    return (
        refusal.force != "MUST"
        and override is not None
        and text(override, "rule") == refusal.rule
        and text(override, "reason") is not None
        and manager_signs(case, text(override, "manager"))
    )
