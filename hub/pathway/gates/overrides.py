"""Which decisions stand only because a named manager overrode a gate, for the report of overrides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.envelope import EventKey
from hub.pathway.entries import Entry
from hub.pathway.fields import part, text

OVERRIDDEN: Final = "override:"
"""Begins the mark, kept beside a decision, of a rule that refused it and was validly overridden."""


@dataclass(frozen=True, slots=True)
class Override:
    """One gate that a manager overrode: which decision, which rule, who and why.

    Units: `received_at` aware UTC.
    """

    decision: EventKey
    child: str
    type: str
    organisation: str | None
    author: str | None
    rule: str
    manager: str | None
    reason: str | None
    received_at: datetime


def overridden_rules(decision: Entry) -> tuple[str, ...]:
    """The rules that refused this decision when it was posted and were overridden.

    An override that was sent along and was not needed is none.
    """
    return tuple(flag.removeprefix(OVERRIDDEN) for flag in decision.flags if flag.startswith(OVERRIDDEN))


def overrides(entries: Iterable[Entry]) -> tuple[Override, ...]:
    """Every override that these entries stand on, in the order of their receipt.

    Shape: manager and reason are None where they are withheld.
    Source: H-28
    """
    found = (_override(one, rule) for one in entries for rule in overridden_rules(one))
    return tuple(sorted(found, key=lambda one: (one.received_at, one.decision, one.rule)))


def _override(decision: Entry, rule: str) -> Override:
    given = part(decision, "override") or {}
    return Override(
        decision=decision.key,
        child=decision.child,
        type=decision.type,
        organisation=decision.organisation,
        author=decision.author,
        rule=rule,
        manager=text(given, "manager"),
        reason=text(given, "reason"),
        received_at=decision.received_at,
    )
