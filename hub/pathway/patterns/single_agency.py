"""P-20: risk is open, and one agency alone has been active, or none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from hub.pathway.calendar import day_words, london_day, start_of_day
from hub.pathway.course import case_closed, concerns
from hub.pathway.entries import Entries, Entry, Line, Material
from hub.pathway.expected.missing import setting
from hub.pathway.expected.rule import Look
from hub.pathway.fields import as_given, instant_of, keys, parts, text
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

WINDOW: Final = "single_agency_days"
ALL: Final = {"*": ("poster",)}
NOT_WORK: Final = "deadline-missed"


def single_agency(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """Who posted, or attended a meeting, in the days of the setting that end now.

    1. Any post of another agency would make it untrue, so it needs sight of every post of everybody.
    2. A level is problematic or above, the case is open, and the first post is older than those days.
    3. One agency alone was active in them, or none.
    """
    if not material.reads(ALL):  # 1.
        return ()
    entries = Entries.over(material.entries).once("work", lambda: _work(material.entries))
    look = Look(material, now, profile_of)
    window = setting(look, WINDOW)
    bound = start_of_day(london_day(now) - timedelta(days=window[WINDOW]))
    risks = concerns(material.entries)
    if not risks or case_closed(entries) is not None or instant_of(entries[0]) >= bound:  # 2.
        return ()
    active = [one for one in entries if instant_of(one) >= bound]
    agencies = {agency for one in active for agency in _agencies(one)}
    if len(agencies) > 1:  # 3.
        return ()
    alone = next(iter(agencies), None)
    others = [one for one in entries if _agencies(one) - agencies]
    last = others[-1] if others else entries[0]
    since = london_day(instant_of(last))
    if alone is None:
        said = f"No agency has been active since {day_words(since)}."
    else:
        said = f"Only {alone} has been active since {day_words(since)}."
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=said,
            evidence=keys([entries[0], *risks, last, *active[-1:]]),
            settings=dict(window),
            values={"agency": alone, "since": since.isoformat(), "active": len(agencies)},
        ),
    )


def _work(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(as_given(one for one in entries if one.type != NOT_WORK))


def _agencies(entry: Entry) -> set[str]:
    """Who was at work in an entry: who posted it, and who attended."""
    present = (text(row, "organisation") for row in parts(entry, "attendance"))
    return {one for one in (entry.organisation, *present) if one is not None}


RULE = Rule(
    "P-20",
    "SINGLE-AGENCY",
    "R-154",
    {
        "*": (),
        "behaviour-level-assessed": ("scale", "level"),
        "incident-recorded": ("role", "status"),
        "meeting-held": ("attendance",),
        "closure-decided": ("closes",),
    },
    single_agency,
)
