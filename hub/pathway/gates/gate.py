"""What a gate is: a rule about one decision, as data, with a pure predicate.

A refusal's text is constant per gate, so that it tells nothing about a child beyond the rule itself; and
what a gate looks at is so limited that its answer tells a poster nothing either (H-10, contract 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from hub.pathway.entries import Entry, Material
from hub.pathway.fields import organisation_of, part, text
from hub.pathway.profiles import Profile, ProfileOf, authority, own_profile

Force = Literal["MUST", "ALWAYS", "SHOULD", "CONSIDER"]
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
    """One decision or fact before the fold of its child and of the linked children.

    Shape: `partners` are the organisations that have, or once had, a part in the child's care.
    """

    posted: Entry
    fold: Material
    now: datetime
    profile_of: ProfileOf
    people: People
    partners: frozenset[str] = frozenset()

    @property
    def profile(self) -> Profile | None:
        """The profile of the child's own authority."""
        return own_profile(self.fold, self.profile_of)

    @property
    def deciders_profile(self) -> Profile | None:
        """The profile of who decides: of the child's authority where it decides, else of the poster.

        Trust: the profile of a child's authority would tell another poster whose child it is.
        Source: Q-05
        """
        return self.profile_of(self.posted.organisation) if self.posted.organisation else None

    @property
    def by_own_authority(self) -> bool:
        """Whether the child's own authority posts."""
        return self.posted.organisation is not None and self.posted.organisation == authority(self.fold)


@dataclass(frozen=True, slots=True)
class Gate:
    """One rule that refuses decisions of the types named when its predicate holds.

    Shape: `reads` names the event types of the record that the predicate looks at; empty, it looks at the
    post alone. `whoever_posts` says why the answer may rest on the record for every poster of the type.
    Trust: without that reason only the child's own authority is judged on the record, everybody else on
    what it posted itself: a refusal that another's post brings about would tell of that post.
    """

    name: str
    refusal: Refusal
    types: frozenset[str]
    refuses: Callable[[Case], bool]
    reads: frozenset[str] = frozenset()
    whoever_posts: str | None = None


def stands_against(case: Case, gate: Gate) -> bool:
    """Whether a gate refuses this decision, judged on no more than its poster may be told of."""
    return case.posted.type in gate.types and gate.refuses(replace(case, fold=_limited(case, gate)))


def _limited(case: Case, gate: Gate) -> Material:
    """The fold as a gate gets it: only what it reads, and of it only what the poster may be told of."""
    fold = case.fold
    if gate.whoever_posts is not None or (gate.reads and case.by_own_authority):
        linked = {child: _of(entries, gate.reads) for child, entries in fold.linked.items()}
        return replace(fold, entries=_of(fold.entries, gate.reads), linked=linked)
    own = (one for one in fold.entries if one.organisation == case.posted.organisation)
    # A date of birth, an authority and a link come from what somebody else posted.
    return Material(child=fold.child, entries=_of(own, gate.reads))


def _of(entries: Iterable[Entry], types: frozenset[str]) -> tuple[Entry, ...]:
    return tuple(one for one in entries if one.type in types)


def manager_signs(case: Case, manager: str | None) -> bool:
    """Whether a person signs as manager: team manager now, of the author's organisation, not the author.

    Source: H-28
    """
    return second_person(case, manager) and "team-manager" in case.people(manager or "")


def second_person(case: Case, person: str | None) -> bool:
    """Whether this is a colleague of the author whom the directory knows, and not the author."""
    author = case.posted.author
    return (
        person is not None
        and author is not None
        and person != author
        and organisation_of(person) == organisation_of(author)
        and bool(case.people(person))
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
