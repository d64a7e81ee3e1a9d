"""The overview and deadlines of one child for one reader, computed from what that reader got (H-20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from hub.directory.types import Principal
from hub.disclosure.answers import ShownDeadline, ShownLine, ShownOpenItem
from hub.disclosure.assemble import Assembler, Disclosed, evidence_names
from hub.disclosure.lines import Line
from hub.disclosure.redact import to_minute
from hub.disclosure.sides import sides_of, young
from hub.envelope import EventKey
from hub.pathway import deadlines as pathway_deadlines
from hub.pathway import overview as pathway_overview
from hub.pathway.entries import Entries, Entry, Material, Sight, Told, once
from hub.pathway.expected import OpenItem, open_items
from hub.pathway.profiles import ProfileOf

# Whoever works both sides may be told what nobody has recorded of a linked child (P-15).
BOTH_SIDES: Final = frozenset({"enquiry", "police", "smg"})
SAYS_NEITHER: Final = frozenset({"own-worker", "enquiry", "police"})
LINKED_ABSENCE: Final = frozenset({"P-15"})
DATE_ONLY: Final = frozenset(
    {
        "school",
        "health",
        "therapist",
        "carer",
        "consulted",
        "early-help",
        "spoc",
        "mappa",
        "respondent",
        "group-member",
    }
)
# The clocks that reach a reader who otherwise gets a date only, or a meeting's papers.
CLOCKS_OF_ALL: Final = frozenset({"K-01", "K-03", "K-10", "K-11", "K-12"})
# What others owe a child would tell these readers of work that is not theirs to follow.
OWN_ITEMS_ONLY: Final = DATE_ONLY | {"front-door", "own-front-door"}
# Whoever gets nothing but a meeting's papers, or has limits on its own posts, cannot know what is missing.
NO_ITEMS: Final = frozenset({"attendee", "officer"})
MEETING_HELD: Final = "meeting-held"
AUTHORITY: Final = {"child-stream-opened": ("responsible_authority",)}
POLICE_AND_SOCIAL_CARE: Final = frozenset({"police", "social-care"})


def overview_lines(
    disclosed: Disclosed, material: Material, names: Mapping[EventKey, str], *, now: datetime,
    profile_of: ProfileOf,
) -> tuple[ShownLine, ...]:  # fmt: skip
    """The overview lines of one reader, with the facts carried from linked children beside them."""
    both = bool(disclosed.standing.classes & BOTH_SIDES)
    lines = [
        ShownLine(
            rule=line.rule,
            requirement=line.requirement,
            text=line.text,
            evidence=tuple(names[key] for key in line.evidence if key in names),
            settings=line.settings,
            values=line.values,
        )
        for line in pathway_overview(material, now=now, profile_of=profile_of)
        if both or line.rule not in LINKED_ABSENCE
    ]
    carried = [
        *disclosed.carried,
        *(one for one in disclosed.lines if one.placed.shown.line == "linked-record"),
    ]
    # Of one day by what they say: in which order a linked child's record grew is nobody's to know.
    carried.sort(key=lambda one: (one.placed.sort_at, one.placed.shown.title))
    return (*lines, *(_carried(one) for one in carried))


def _carried(line: Line) -> ShownLine:
    shown = line.placed.shown
    return ShownLine(
        rule=shown.redactions[0].rule,
        requirement="R-068",
        text=f"{shown.title} ({shown.occurred_at})",
        evidence=(shown.entry_id,),
        values={**shown.fields, "on": shown.occurred_at},
    )


def shown_deadlines(
    disclosed: Disclosed, material: Material, names: Mapping[EventKey, str], *, now: datetime,
    profile_of: ProfileOf,
) -> tuple[ShownDeadline, ...]:  # fmt: skip
    """The clocks of one reader; a school gets of a plan review its date only, and of others nothing.

    Trust: linked children are looked at only for readers to whom other children show by their id (D-03): a
    clock that begins with another record's notice would tell the others which child a token stands for.
    """
    classes = disclosed.standing.classes
    seen = material if classes & BOTH_SIDES else replace(material, linked={})
    date_only = bool(classes) and classes <= DATE_ONLY
    every = not classes <= OWN_ITEMS_ONLY and not classes & NO_ITEMS
    return tuple(
        ShownDeadline(
            clock=one.clock,
            text=one.text,
            state=None if date_only else one.state,
            starts_at=None if date_only or one.starts_at is None else to_minute(one.starts_at),
            warn_at=None if date_only or one.warn_at is None else to_minute(one.warn_at),
            due_at=None if date_only or one.due_at is None else to_minute(one.due_at),
            due_on=one.due_on,
            responsible=None if date_only else one.responsible,
            responsible_person=None if date_only else one.responsible_person,
            times={} if date_only else {name: to_minute(at) for name, at in one.times.items()},
            evidence=tuple(names[key] for key in one.evidence if key in names),
            requirement=one.requirement,
            source=one.source,
            settings={} if date_only else one.settings,
        )
        for one in pathway_deadlines(seen, now=now, profile_of=profile_of)
        if every or one.clock in CLOCKS_OF_ALL
    )


def shown_open_items(
    principal: Principal, disclosed: Disclosed, material: Material, names: Mapping[EventKey, str], *,
    now: datetime, profile_of: ProfileOf,
) -> tuple[ShownOpenItem, ...]:  # fmt: skip
    """What is missing and why it is expected, for one reader, from that reader's own entries (H-20).

    Source: R-147, requirements E

    1. Whoever cannot know what is missing gets nothing.
    2. Linked children are looked at only for readers to whom other children show by their id (D-03): an
       item would tell the others which child a token stands for.
    3. Each item by what it says of whom it is told to; the child's authority is named where it shows.
    """
    classes = disclosed.standing.classes
    if not classes or classes & NO_ITEMS:  # 1
        return ()
    seen = material if classes & BOTH_SIDES else replace(material, linked={})  # 2
    posters = {one.organisation for one in material.entries} | {principal.organisation}
    shows = posters | ({material.authority} if material.reads(AUTHORITY) else set())
    return tuple(  # 3
        ShownOpenItem(
            id=one.rule,
            requirement=one.requirement,
            source=one.source,
            text=one.text,
            why=one.why,
            agency=None if one.agency == material.authority and one.agency not in shows else one.agency,
            role=one.role,
            person=one.person,
            since=to_minute(one.since),
            evidence=tuple(names[key] for key in one.evidence if key in names),
            settings=one.settings,
            values=one.values,
        )
        for one in open_items(seen, now=now, profile_of=profile_of)
        if _may_know(one, principal, classes)
    )


def _may_know(item: OpenItem, principal: Principal, classes: frozenset[str]) -> bool:
    own = item.agency == principal.organisation
    if item.told == "owner":
        # The Safeguarding Unit does not get all that its own organisation posted (D-30).
        return own and "safeguarding-unit" not in classes
    if item.told == "police-and-social-care" and principal.organisation_kind not in POLICE_AND_SOCIAL_CARE:
        return False
    return own or not classes <= OWN_ITEMS_ONLY


def material_of(
    principal: Principal, disclosed: Disclosed, linked: Sequence[Disclosed], sent: Sequence[Told],
    assembler: Assembler, *, now: datetime,
) -> Material:  # fmt: skip
    """What the procedures may look at for this reader: only what the reader got.

    Source: requirements E (reader's view), H-20.
    """
    classes = disclosed.standing.classes
    sights = {one.view.child: _sight(one, assembler, now) for one in (disclosed, *linked)}
    entries = _entries(disclosed)
    return Material(
        child=disclosed.view.child,
        entries=entries,
        linked={one.view.child: _entries(one) for one in linked},
        told=tuple(_told(principal, disclosed, entries, sent, now)),
        complete=sights[disclosed.view.child].types,
        says_neither=bool(classes & SAYS_NEITHER),
        date_of_birth=disclosed.view.date_of_birth,
        authority=disclosed.view.authority,
        sight=sights,
    )


def _entries(disclosed: Disclosed) -> Entries:
    """The entries that this reader got; made once for all readings of which the same was decided."""
    return once(disclosed.decided.kept, "got", lambda: Entries(item.entry for item in disclosed.items))


def _sight(disclosed: Disclosed, assembler: Assembler, now: datetime) -> Sight:
    view = disclosed.view
    sides = sides_of(view) - disclosed.standing.said_alone
    return assembler.sight(disclosed.standing.facts, sides, young(view, now))


# That it works with the child from now on, or no longer, tells an agency nothing of the child (D-57).
_OF_A_RELATIONSHIP: Final = frozenset({"relationship-recorded", "relationship-ended"})


def _told(
    principal: Principal, disclosed: Disclosed, entries: Sequence[Entry], sent: Sequence[Told], now: datetime
) -> list[Told]:
    told = [Told(principal.organisation, now, None)]
    for entry in [one for one in entries if one.type == MEETING_HELD]:
        told += [Told(organisation, entry.recorded_at, entry.key) for organisation in _attending(entry)]
    visible = {one.organisation for one in entries if one.organisation} | {one.organisation for one in told}
    held = {one.key for one in entries if one.type not in _OF_A_RELATIONSHIP}
    sees_all = bool(disclosed.standing.classes & SAYS_NEITHER)
    told += [
        one
        for one in sent
        if one.evidence in held and one.at <= now and (sees_all or one.organisation in visible)
    ]
    return told


def _attending(entry: Entry) -> list[str]:
    attendance = entry.data.get("attendance")
    if not isinstance(attendance, list | tuple):
        return []
    return [
        str(one["organisation"]) for one in attendance if isinstance(one, Mapping) and "organisation" in one
    ]


def names_of(disclosed: Disclosed, linked: Sequence[Disclosed]) -> dict[EventKey, str]:
    """Entry ids of everything the reader has, of this child and of linked ones."""
    names: dict[EventKey, str] = {}
    for one in (*linked, disclosed):
        names |= evidence_names(one)
    return names


def next_deadline(deadlines: Sequence[ShownDeadline], today: date) -> date | None:
    """The first date still to come among a reader's clocks."""
    dates = [one.due_on for one in deadlines if one.due_on and one.due_on >= today and one.state not in
             ("met", "met-late", "stopped")]  # fmt: skip
    return min(dates, default=None)
