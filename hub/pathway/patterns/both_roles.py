"""P-10: a child is recorded as having harmed and as having been harmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hub.pathway.calendar import day_words, london_day
from hub.pathway.circumstances import harm_done, harm_suffered
from hub.pathway.course import HARM, latest
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.fields import in_order, instant_of, keys, occurred_iso, occurred_words, text
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

CONSIDERED = "victimisation-considered"


def both_roles(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """Incidents of either role at any time; the child's own harm also as it was considered last."""
    harmed_others = in_order(harm_done(material))
    harmed = in_order(harm_suffered(material))
    considered = latest(material.entries, CONSIDERED)
    outcome = text(considered, "outcome") if considered is not None else None
    own_harm = [considered] if considered is not None and outcome in HARM else []
    if not harmed_others or not (harmed or own_harm):
        return ()
    known = [*(occurred_words(one) for one in harmed)]
    known += [f"{outcome}, considered {day_words(london_day(instant_of(one)))}" for one in own_harm]
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=(
                f"Recorded as having harmed ({_dates(harmed_others)}) and as having been harmed "
                f"({'; '.join(dict.fromkeys(known))}). Plans must address both."
            ),
            evidence=keys([*harmed_others, *harmed, *own_harm]),
            values={
                "has_harmed": [occurred_iso(one) for one in harmed_others],
                "has_been_harmed": [occurred_iso(one) for one in harmed],
                "own_harm": outcome if own_harm else None,
            },
        ),
    )


def _dates(entries: Sequence[Entry]) -> str:
    return "; ".join(dict.fromkeys(occurred_words(one) for one in entries))


RULE = Rule(
    "P-10",
    "BOTH-ROLES",
    "R-126",
    {"incident-recorded": ("role", "status", "others"), CONSIDERED: ("outcome",)},
    both_roles,
)
