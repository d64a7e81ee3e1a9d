"""The rows of a profile that come in lists: scales, invitations, agreements, checklists, contacts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import schemas
from hub.catalogue.scales import SHIPPED, Level, Scale
from hub.pathway.profiles.rows import (
    Agreement,
    Checklist,
    ChecklistItem,
    Contact,
    ContactKind,
    Designated,
    Force,
    Hours,
    InvitationRule,
    Reference,
    Side,
    StatutoryClock,
)
from hub.pathway.profiles.strict import CODE, Row

KINDS: Final = ("police", "social-care", "education", "health", "youth-justice", "partnership", "other")
CATEGORIES: Final = tuple(one.code for one in schemas.codes("categories").codes)
MEETINGS: Final = (
    "strategy",
    "followup-strategy",
    "hsb",
    "hsb-planning",
    "core-group",
    "professionals",
    "smg",
    "cpc",
)
INVITEES: Final = (
    *KINDS,
    "school",
    "specialist-service",
    "camhs",
    "parents",
    "strategy-participants",
    "enquiry-worker",
    "front-door",
    "early-help",
)
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORCES: Final[Mapping[str, Force]] = {"always": "always", "invited": "invited", "consider": "consider"}
_SIDES: Final[Mapping[str, Side]] = {
    "has-harmed": "has-harmed",
    "has-been-harmed": "has-been-harmed",
    "any": "any",
}
_CONTACTS: Final[Mapping[str, ContactKind]] = {
    "office": "office",
    "out-of-hours": "out-of-hours",
    "any-time": "any-time",
}
_SCALE: Final = r"(?=.{3,40}$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_LEVEL: Final = r"(?=.{1,20}$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_MOST_LEVELS: Final = 9
_REQUIREMENT: Final = r"[RDHKPQ]X?-[0-9]{2,3}"


@cache
def decisions() -> frozenset[str]:
    """The decisions that can be made to wait for the agreement of others."""
    found = ((name, schemas.schema(name, version)) for name, version in schemas.types())
    return frozenset(name for name, one in found if one.get("x-kind") == "decision")


def level_scale(row: Row) -> Scale:
    """One level scale of the partnership's own: its levels from the lowest up, and what they mean.

    Trust: an id of a scale that comes with the hub is taken, so that one name never means two scales.
    """
    levels = tuple(_level(one) for one in row.parts("levels"))
    codes = [one.code for one in levels]
    if not 2 <= len(codes) <= _MOST_LEVELS or len(set(codes)) != len(codes):
        row.fault("levels", "are too few or too many, or a code stands twice", f"2 to {_MOST_LEVELS} levels")
    made = Scale(
        id=row.text("id", _SCALE, "a short name in small letters, digits and hyphens: ashby-3"),
        title=row.text("title"),
        levels=levels,
        normal=row.one_of("normal", codes[:1]) if row.has("normal") else None,
        # At or below the lowest level nothing would be told from what raises no concern.
        concern_from=row.one_of("concern_from", codes[1:] if row.has("normal") else codes),
        serious_from=row.one_of("serious_from", codes),
        recorded_by=frozenset(row.texts("recorded_by", KINDS)) if row.has("recorded_by") else frozenset(),
        source=row.text("source"),
    )
    if made.id in SHIPPED:
        row.fault("id", "is that of a scale that comes with the hub", "an id of your own")
    if {made.concern_from, made.serious_from} <= set(codes) and not made.reaches(
        made.serious_from, made.concern_from
    ):
        row.fault("serious_from", "is below concern_from", "the same level, or one above it")
    row.done()
    return made


def _level(row: Row) -> Level:
    made = Level(
        row.text("code", _LEVEL, "a code in small letters with hyphens, at most 20 characters"),
        row.text("text"),
    )
    row.done()
    return made


def invitation(row: Row) -> InvitationRule:
    """One rule of who is invited."""
    made = InvitationRule(
        meetings=frozenset(row.texts("meetings", MEETINGS)),
        invitee=row.one_of("invitee", INVITEES),
        force=_FORCES.get(row.one_of("force", _FORCES), "consider"),
        side=_SIDES.get(row.one_of("side", _SIDES) if row.has("side") else "any", "any"),
        from_age=row.maybe_number("from_age", 0, 25),
        not_under_ten=row.maybe_truth("not_under_ten") is True,
        requirement=row.text("requirement", _REQUIREMENT, "a requirement's id, e.g. R-080"),
        source=row.text("source"),
        note=row.maybe_text("note"),
    )
    row.done()
    return made


def agreement(row: Row) -> Agreement:
    """One decision that several organisations sign."""
    when = row.maybe_part("when")
    made = Agreement(
        type=row.one_of("type", decisions()),
        kinds=frozenset(row.texts("kinds", KINDS)),
        when={name: when.texts(name) for name in when.members} if when else {},
        requirement=row.text("requirement", _REQUIREMENT, "a requirement's id, e.g. R-064"),
        source=row.text("source"),
    )
    row.done()
    return made


def checklist(row: Row) -> Checklist:
    """One checklist with its items in order; an item has the checklist's source unless it names its own."""
    source = row.text("source")
    items = tuple(_item(one, source) for one in row.parts("items"))
    if not items or len({one.code for one in items}) != len(items):
        row.fault("items", "is empty, or a code stands twice", 'items = [{ code = "...", text = "..." }]')
    made = Checklist(
        id=row.text("id", r"CL-[A-Z0-9]+(?:-[A-Z0-9]+)*", "an id like CL-STRATEGY"),
        title=row.text("title"),
        source=source,
        meetings=frozenset(row.texts("meetings", MEETINGS)) if row.has("meetings") else frozenset(),
        under_ten=row.maybe_truth("under_ten"),
        items=items,
    )
    row.done()
    return made


def _item(row: Row, source: str) -> ChecklistItem:
    made = ChecklistItem(
        row.text("code", CODE, "a short code in small letters with hyphens"),
        row.text("text"),
        row.text("source") if row.has("source") else source,
    )
    row.done()
    return made


def contact(row: Row) -> Contact:
    """Whom to contact, with hours where it is an office."""
    made = Contact(
        id=row.text("id", CODE, "a short code in small letters with hyphens"),
        title=row.text("title"),
        kind=_CONTACTS.get(row.one_of("kind", _CONTACTS), "any-time"),
        telephone=row.text("telephone"),
        hours=tuple(_hours(one) for one in row.parts("hours")),
        source=row.text("source"),
        note=row.maybe_text("note"),
    )
    if (made.kind == "office") != bool(made.hours):
        row.fault("hours", "does not fit the kind", "hours for an office, none for the others")
    row.done()
    return made


def _hours(row: Row) -> Hours:
    days = frozenset(DAYS.index(one) for one in row.texts("days", DAYS) if one in DAYS)
    made = Hours(days, row.clock_time("opens"), row.clock_time("closes"))
    if not days or made.closes <= made.opens:
        row.fault("closes", "is not after opens, or no day is named", "a later time on the same days")
    row.done()
    return made


def reference(row: Row) -> Reference:
    """Something to read."""
    made = Reference(
        title=row.text("title"),
        publisher=row.text("publisher"),
        address=row.text("address", r"https://[!-~]+", "an address that begins with https://")
        if row.has("address")
        else None,
        checked=row.day("checked"),
        kinds=frozenset(row.texts("kinds", KINDS)) if row.has("kinds") else frozenset(),
        under_age=row.maybe_number("under_age", 1, 18),
        category=row.one_of("category", CATEGORIES) if row.has("category") else None,
        source=row.text("source"),
    )
    row.done()
    return made


def designated(row: Row) -> Designated:
    """To whom a worried person speaks first."""
    made = Designated(
        row.one_of("kind", KINDS),
        row.text("role", CODE, "a role in small letters with hyphens"),
        row.text("title"),
        row.text("source"),
    )
    row.done()
    return made


def statutory_clock(row: Row) -> StatutoryClock:
    """A time limit from outside the local documents."""
    made = StatutoryClock(
        id=row.text("id", r"KX-[0-9]{2}", "KX-01"),
        title=row.text("title"),
        starts=row.text("starts"),
        stops=row.text("stops"),
        who=row.text("who"),
        unit=row.one_of("unit", ("working-days", "months")) if row.has("unit") else None,
        settings=row.texts("settings") if row.has("settings") else (),
        source=row.text("source"),
        note=row.text("note"),
    )
    if (made.unit is None) != (not made.settings):
        row.fault("unit", "does not fit the settings", "a unit where there is a number")
    row.done()
    return made
