"""Truth tables of open items: one row an expectation, with what makes, meets and does not meet it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from hub.pathway.entries import Entry, Other
from hub.pathway.expected import EXPECTED, OpenItem, open_items
from tests.spec.posts import S, all_of, at, material, post

CHILD, OTHER = "C-1", "C-2"
BORN = date(2011, 5, 1)
BY_ID = {one.id: one for one in EXPECTED}
Entries = tuple[Entry, ...]


def e(
    day: str, type: str, org: str = S, *, about: Entry | None = None, id: str = "", child: str = CHILD,
    others: Iterable[Other] = (), awaiting: tuple[str, ...] = (), **data: object,
) -> Entry:  # fmt: skip
    """One post at ten o'clock of a day, or at the time written after it."""
    time = day if " " in day else f"{day} 10:00"
    named = id or f"{type}-{day}-{'-'.join(str(one) for one in data.values())}"
    made = {name.rstrip("_"): value for name, value in data.items()}
    return post(named, time, org, child, type, made, others=others, awaiting=awaiting,
                about=about.key.id if about else None)  # fmt: skip


def opened(born: str = "2011-05-01", **more: object) -> Entry:
    return e("2025-08-01", "child-stream-opened", date_of_birth=born, responsible_authority=S, **more)


def harmed_by(day: str = "2025-09-01", **more: object) -> Entry:
    """The child has harmed."""
    return e(day, "incident-recorded", role="has-harmed", status="alleged", **more)


def was_harmed(day: str = "2025-09-01", **more: object) -> Entry:
    """The child has been harmed."""
    return e(day, "incident-recorded", role="has-been-harmed", status="alleged", **more)


def level(day: str, level: str, scale: str = "hackett-5", **more: object) -> Entry:
    return e(day, "behaviour-level-assessed", scale=scale, level=level, **more)


def meeting(day: str, kind: str = "hsb", *present: str, **more: object) -> Entry:
    rows = [{"organisation": one.partition("/")[0], "person": one} for one in present or (f"{S}/sw-1",)]
    return e(day, "meeting-held", kind=kind, meeting=f"M-{day}", attendance=rows, **more)


def whole_meeting(day: str, **more: object) -> Entry:
    """A meeting about behaviour with its chronology and its next review."""
    return meeting(day, "hsb", chronology_snapshot="s", next_review="2026-01-10", **more)


@dataclass(frozen=True)
class Row:
    """One expectation: entries that make it open, then by name what meets it, and what does not."""

    rule: str
    start: Entries
    met: Mapping[str, Entries]
    still: Mapping[str, Entries] = field(default_factory=dict)
    never: Mapping[str, Entries] = field(default_factory=dict)
    now: str = "2025-12-01 12:00"
    early: str | None = None
    profile: str = "llr-2024"
    not_under: str | None = None
    agency: str | None = S
    role: str | None = "social-worker"
    linked: Entries = ()

    @property
    def requirement(self) -> str:
        return "-".join(self.rule.split("-")[:2])


def found(row: Row, entries: Entries, now: str | None = None, **more: object) -> list[OpenItem]:
    """The items of this row's rule over a whole fold."""
    linked = {OTHER: row.linked} if row.linked else {}
    stuff = material(CHILD, entries, **{"authority": S, "linked": linked, **more})
    items = open_items(stuff, now=at(now or row.now), profile_of=all_of(row.profile))
    return [one for one in items if one.rule == row.rule]


def cases(rows: Iterable[Row]) -> list[object]:
    """Every line of the truth tables: (row, entries, now, profile, open)."""
    lines: list[object] = []

    def add(row: Row, name: str, entries: Entries, now: str, profile: str, expected: bool) -> None:
        id = f"{row.rule} {name}: {'open' if expected else 'not open'}"
        marks = pytest.mark.req(row.requirement, "H-27")
        lines.append(pytest.param(row, entries, now, profile, expected, id=id, marks=marks))

    for row in rows:
        add(row, "as it stands", row.start, row.now, row.profile, True)
        for name, more in row.met.items():
            add(row, name, (*row.start, *more), row.now, row.profile, False)
        for name, more in row.still.items():
            add(row, name, (*row.start, *more), row.now, row.profile, True)
        for name, entries in row.never.items():
            add(row, name, entries, row.now, row.profile, False)
        if row.early:
            add(row, "before the waiting time is over", row.start, row.early, row.profile, False)
        if row.not_under:
            add(row, f"under {row.not_under}", row.start, row.now, row.not_under, False)
    return lines


def expect_line(row: Row, entries: Entries, now: str, profile: str, expected: bool) -> None:
    """One line of a truth table, with what every item owes its reader."""
    items = found(replace(row, profile=profile), entries, now)
    assert bool(items) is expected
    had = {one.key for one in (*entries, *row.linked)}
    for one in items:
        assert (one.requirement, one.agency, one.role) == (row.requirement, row.agency, row.role)
        assert one.evidence and set(one.evidence) <= had
        assert one.since <= at(now) and one.text and one.why and one.source
