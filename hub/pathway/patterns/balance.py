"""P-11: the strengths of a child and the concerns about it, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from hub.pathway.calendar import day_words
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.fields import as_given, day_of, given_of, keys, text
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

FACTOR: Final = "assessment-factor-recorded"
STRENGTHS: Final = ("strength", "protective")
READ: Final = {FACTOR: ("kind",)}


def balance(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """Counts and lists both sides, each factor as it was recorded last; the two are never set off.

    That one side is empty is said only to a reader who sees every factor.
    """
    factors = given_of(material.entries, FACTOR)
    strengths = _latest([one for one in factors if text(one, "kind") in STRENGTHS])
    concerns = _latest([one for one in factors if text(one, "kind") == "concern"])
    if not strengths and not concerns:
        return ()
    says_none = material.reads(READ)
    said = [
        f"{name}: {_words(found) if found else 'none recorded'}."
        for name, found in (("Strengths", strengths), ("Concerns", concerns))
        if found or says_none
    ]
    days = sorted({day_of(one) for one in (*strengths, *concerns)})
    if len(days) > 1:
        said.append(f"Dates differ: from {day_words(days[0])} to {day_words(days[-1])}.")
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=" ".join(said),
            evidence=keys([*strengths, *concerns]),
            values={
                "strengths": [_value(one) for one in strengths],
                "concerns": [_value(one) for one in concerns],
                "first": days[0].isoformat(),
                "last": days[-1].isoformat(),
            },
        ),
    )


def _latest(factors: Sequence[Entry]) -> list[Entry]:
    """Each coded factor once, as it was recorded last; those whose code is withheld one by one."""
    found: dict[object, Entry] = {}
    for one in factors:
        found[text(one, "code") or one.key] = one
    return as_given(found.values())


def _value(one: Entry) -> dict[str, str | None]:
    return {"code": text(one, "code"), "kind": text(one, "kind"), "on": day_of(one).isoformat()}


def _words(factors: Sequence[Entry]) -> str:
    return ", ".join(
        f"{(text(one, 'code') or 'not named').replace('-', ' ')} ({day_words(day_of(one))})"
        for one in factors
    )


RULE = Rule("P-11", "BALANCE", "R-104", {FACTOR: ("kind", "code")}, balance)
