"""P-03: an agency's level of the newest incident is above that of every earlier one, in one scale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hub.pathway.calendar import day_words, london_day
from hub.pathway.child import incidents
from hub.pathway.entries import Line, Material
from hub.pathway.fields import instant_of, keys, occurred_iso, occurred_words
from hub.pathway.levels import above, order_of, step
from hub.pathway.patterns.given_levels import LEVEL_INPUTS, GivenLevel, given_levels, latest_by_agency
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf


def severity_up(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """In each scale by itself, each agency whose latest level is above the highest earlier one."""
    levels = latest_by_agency(given_levels(material, incidents(material.entries, "has-harmed")))
    by_scale: dict[tuple[str, ...], list[GivenLevel]] = {}
    for one in levels:
        order = order_of(one.entry)
        if order is not None:
            by_scale.setdefault(order, []).append(one)
    lines: list[Line] = []
    for _, known in sorted(by_scale.items()):
        newest, earlier = _newest_and_earlier(known)
        if not earlier:
            continue
        highest = max(earlier, key=lambda one: (step(one.entry) or 0, _at(one)))
        lines += [_line(one, highest) for one in newest if above(one.entry, highest.entry)]
    return tuple(lines)


def _at(level: GivenLevel) -> datetime:
    assert level.incident is not None, "latest_by_agency keeps levels of incidents only"
    return level.incident.occurred.sort_at


def _newest_and_earlier(levels: Sequence[GivenLevel]) -> tuple[list[GivenLevel], list[GivenLevel]]:
    if not levels:
        return [], []
    newest_at = max(_at(one) for one in levels)
    return [one for one in levels if _at(one) == newest_at], [one for one in levels if _at(one) < newest_at]


def _line(latest: GivenLevel, earlier: GivenLevel) -> Line:
    assert latest.incident is not None and earlier.incident is not None, "see _at"
    given_on = day_words(london_day(instant_of(latest.entry)))
    return Line(
        rule=RULE.id,
        requirement=RULE.requirement,
        text=(
            f"Latest level {latest.level} ({latest.organisation}, {given_on}) is above {earlier.level} "
            f"({earlier.organisation}, incident of {occurred_words(earlier.incident)}). "
            f"Same scale: {latest.scale}."
        ),
        evidence=keys((latest.entry, latest.incident, earlier.entry, earlier.incident)),
        values={
            "scale": latest.scale,
            "level": latest.level,
            "organisation": latest.organisation,
            "given_on": latest.on,
            "incident_at": occurred_iso(latest.incident),
            "earlier_level": earlier.level,
            "earlier_organisation": earlier.organisation,
            "earlier_incident_at": occurred_iso(earlier.incident),
        },
    )


RULE = Rule("P-03", "SEVERITY-UP", "R-176", LEVEL_INPUTS, severity_up)
