"""What is expected once something has happened: a rule as data and a function that finds what is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from hub.envelope import EventKey, JsonObject
from hub.pathway.entries import Material
from hub.pathway.profiles import Profile, ProfileOf, own_profile

Told: TypeAlias = Literal["everyone", "owner", "police-and-social-care"]
"""To whom an open item is shown, beside what the sharing rules allow (R-048, R-110)."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One thing that is missing for a child: what, why it is expected, and of whom.

    Shape: `agency`, `role` and `person` say who is expected to do it, as far as it is known; `evidence`
    names the entries that make it expected; `values` holds the computed values by name (R-ids, codes,
    counts, ISO dates).
    Units: `since` is the instant from which it is expected, aware UTC.
    """

    rule: str
    requirement: str
    source: str
    text: str
    why: str
    agency: str | None
    role: str | None
    person: str | None
    since: datetime
    evidence: tuple[EventKey, ...]
    told: Told = "everyone"
    settings: Mapping[str, str | int] = field(default_factory=dict)
    values: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """What an expectation looks at: one child's material at an instant, under the local procedures."""

    material: Material
    now: datetime
    profile_of: ProfileOf
    kept: dict[str, object] = field(default_factory=dict, repr=False, compare=False)
    """What several rules need, made once."""

    @property
    def profile(self) -> Profile | None:
        """The profile of the child's own authority."""
        return own_profile(self.material, self.profile_of)


@dataclass(frozen=True, slots=True)
class Expected:
    """One expectation of the procedures.

    Shape: `id` is unique and begins with its requirement (`R-089`, `R-094-consent`); `starts` maps each
    event type that makes it expected, `meets` each that can meet it, to the members of `data` that are
    read. `meets` is every type whose presence could make the statement untrue. `own` is an expectation
    that only the expected organisation's own posts can meet: it sees them all (D-30), so its items, told
    to the owner alone, need no sight of other organisations' posts.
    Trust: it is given only to a reader who always reads all of `meets` (H-20, absence).
    Source: H-27; requirements E
    """

    id: str
    requirement: str
    source: str
    starts: Mapping[str, tuple[str, ...]]
    meets: Mapping[str, tuple[str, ...]]
    find: Callable[[Look], Iterable[OpenItem]]
    own: bool = False
