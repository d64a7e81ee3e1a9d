"""P-21: a child waits for a service, or cannot be engaged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from hub.pathway.calendar import day_words
from hub.pathway.course import arranged_since
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.expected import work
from hub.pathway.fields import day_of, given_of, keys, text
from hub.pathway.patterns.missing_steps import by_id, open_of, read_by
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

(WAITING,) = by_id(work.RULES, "R-150")
CHANGED: Final = {"engagement-changed": ("engagement",)}
GROUP: Final = {"meeting-convened": ("when",), "meeting-held": ()}


def engagement_stalled(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """A wait is the service's, and is told apart from a child who cannot be engaged."""
    return (*_waits(material, now, profile_of), *_unable(material))


def _waits(material: Material, now: datetime, profile_of: ProfileOf) -> list[Line]:
    lines: list[Line] = []
    for item in open_of(WAITING, material, now, profile_of):
        kind, days = item.values["kind"], item.values["days"]
        service = str(kind).replace("-", " ") if kind else "a service"
        lines.append(
            Line(
                rule=RULE.id,
                requirement="R-150",
                text=(
                    f"Waiting for {service} for {days} {'day' if days == 1 else 'days'}. This is the wait "
                    "for the service, not a matter of the child's engagement."
                ),
                evidence=item.evidence,
                values={"waiting": True, "service": kind, "days": days},
            )
        )
    return lines


def _unable(material: Material) -> list[Line]:
    """Whether the last word is that the child cannot be engaged; that nobody told the group is an absence."""
    changes = given_of(material.entries, *CHANGED)
    stretch = _stretch(changes)
    if not stretch or not material.reads(CHANGED):
        return []
    met = arranged_since(material.entries, stretch[0])
    since = day_of(stretch[0])
    said = f"Not able to engage since {day_words(since)}"
    told: bool | None = True if met else (False if material.reads(GROUP) else None)
    if told is not None:
        said += f"; group told {'yes' if told else 'no'}"
    return [
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=f"{said}.",
            evidence=keys([*stretch, *met[:1]]),
            values={"waiting": False, "since": since.isoformat(), "group_told": told},
        )
    ]


def _stretch(changes: Sequence[Entry]) -> list[Entry]:
    """The last entries that one after another say that the child cannot be engaged."""
    found: list[Entry] = []
    for one in reversed(changes):
        if text(one, "engagement") != "unable":
            break
        found.insert(0, one)
    return found


RULE = Rule(
    "P-21",
    "ENGAGEMENT-STALLED",
    "R-153",
    read_by(WAITING, engagement_changed=("engagement",), meeting_convened=("when",), meeting_held=()),
    engagement_stalled,
)
