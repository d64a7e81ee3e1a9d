"""What the procedures say to one reader of what it got: lines, clocks, what is missing, what is noted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Final, Protocol

from hub.directory.types import Principal
from hub.disclosure.answers import (
    ShownDeadline,
    ShownEntry,
    ShownFlag,
    ShownLine,
    ShownNote,
    ShownOpenItem,
)
from hub.disclosure.assemble import Assembler, Disclosed, FindView
from hub.disclosure.redact import Item
from hub.disclosure.risk import (
    BOTH_SIDES,
    material_of,
    names_of,
    overview_lines,
    shown_deadlines,
    shown_open_items,
)
from hub.disclosure.side_by_side import NOTHING, Asking, SideBySide, side_by_side
from hub.disclosure.standing import standing
from hub.disclosure.told import ToldIndex
from hub.pathway.entries import Material, by_key
from hub.pathway.gates import Flag, giving, looks_at_linked, named_for, types_named_for
from hub.pathway.profiles import ProfileOf
from hub.views import ChildView, whole_material


class Reading(Protocol):
    """A permitted read of one child; nothing has left yet."""

    @property
    def principal(self) -> Principal:
        """The reader."""
        ...

    @property
    def now(self) -> datetime:
        """The domain clock of the read."""
        ...

    @property
    def as_at(self) -> datetime:
        """As at when."""
        ...

    @property
    def find(self) -> FindView:
        """Other children at the same look at the record."""
        ...

    @property
    def disclosed(self) -> Disclosed:
        """What the reader gets of the child."""
        ...


@dataclass(frozen=True, slots=True)
class Risk:
    """What the procedures say to one reader, and what that reader gets of linked children."""

    lines: tuple[ShownLine, ...]
    deadlines: tuple[ShownDeadline, ...]
    open_items: tuple[ShownOpenItem, ...]
    notes: tuple[ShownNote, ...]
    linked: tuple[Disclosed, ...]
    side_by_side: SideBySide = NOTHING

    @property
    def used(self) -> set[str]:
        """The entries that all of this rests on."""
        resting = [one.evidence for one in self.lines]
        resting += [one.evidence for one in self.deadlines]
        resting += [one.evidence for one in self.open_items]
        resting += [one.evidence for one in self.notes]
        return {name for evidence in resting for name in evidence} | self.side_by_side.used


class Reasoning:
    """The procedures over what one reader got of one child."""

    def __init__(self, assembler: Assembler, told: ToldIndex, profile_of: ProfileOf) -> None:
        self._assembler: Final = assembler
        self._told: Final = told
        self._profile_of: Final = profile_of

    def risk(self, reading: Reading, *, items: bool = True) -> Risk:
        """Overview lines, clocks, open items and notes, and what they may rest on of linked children.

        Shape: without `items` neither what is missing nor what is noted nor what agencies tell side by side
        is looked for.
        """
        disclosed = reading.disclosed
        if disclosed.standing.classes == {"officer"}:
            return Risk((), (), (), (), ())  # findings are content; an officer has the rule trace (D-13)
        linked = self._linked(reading)
        sent = self._told.sent(disclosed.view.child)
        material = material_of(reading.principal, disclosed, linked, sent, self._assembler, now=reading.as_at)
        names, at, of = names_of(disclosed, linked), reading.as_at, cache(self._profile_of)
        lines = overview_lines(disclosed, material, names, now=at, profile_of=of)
        deadlines = shown_deadlines(disclosed, material, names, now=at, profile_of=of)
        if not items:
            return Risk(lines, deadlines, (), (), tuple(linked))
        missing = shown_open_items(reading.principal, disclosed, material, names, now=at, profile_of=of)
        notes = self._notes(reading, disclosed.items, material, of)
        asking = Asking(reading.principal.organisation, disclosed.standing.classes)
        beside = side_by_side(material, asking, names, now=at, profile_of=of)
        return Risk(lines, deadlines, missing, _by_code(disclosed.items, notes), tuple(linked), beside)

    def beside(
        self, reading: Reading, entries: Iterable[ShownEntry], *, apart: bool = False
    ) -> list[ShownEntry]:
        """These entries with the notes that stand beside them for this reader (H-27).

        Shape: `apart` is for papers of one child's meeting: no note rests on another child's record (D-04).
        """
        entries = list(entries)
        on_page = {one.entry_id for one in entries}
        items = [one for one in reading.disclosed.items if one.name in on_page]
        both = reading.disclosed.standing.classes & BOTH_SIDES and not apart
        linked = self._linked(reading) if both and any(looks_at_linked(one.entry) for one in items) else []
        material = material_of(
            reading.principal, reading.disclosed, linked, (), self._assembler, now=reading.as_at
        )
        notes = self._notes(reading, items, material, cache(self._profile_of), apart=apart)
        return [replace(one, flags=notes.get(one.entry_id, ())) for one in entries]

    def _notes(
        self,
        reading: Reading,
        items: Sequence[Item],
        material: Material,
        of: ProfileOf,
        *,
        apart: bool = False,
    ) -> dict[str, tuple[ShownFlag, ...]]:
        """The notes beside entries, by entry id.

        1. What the reader's own material gives, beside entries of which nothing is withheld. Linked children
           are looked at only for readers to whom other children show by their id (D-03).
        2. What the whole record gives, for readers whom the requirement names.
        """
        classes, at = reading.disclosed.standing.classes, reading.as_at
        found: dict[str, list[Flag]] = {}
        own = material if classes & BOTH_SIDES else replace(material, linked={})
        given = giving(own, now=at, profile_of=of)
        for item in items:
            if item.decision.outcome == "V" and (flags := given(item.entry)):  # 1
                found.setdefault(item.name, []).extend(flags)
        types = types_named_for(classes)
        named = [one for one in items if one.entry.type in types] if types else []
        if named:  # 2
            whole = self._whole(reading, apart)
            kept = by_key(whole.entries)
            for item in named:
                entry = kept[item.entry.key]
                flags = named_for(classes, entry, whole, now=at, profile_of=of)
                found.setdefault(item.name, []).extend(flags)
        return {name: tuple(dict.fromkeys(map(_shown, flags))) for name, flags in found.items()}

    def _whole(self, reading: Reading, apart: bool) -> Material:
        view = reading.disclosed.view
        others = () if apart else view.linked
        linked = {other: self._known(reading.find(other), reading) for other in others}
        return whole_material(view, linked)

    def _linked(self, reading: Reading) -> list[Disclosed]:
        """What the reader gets of linked children, only those it has a relationship with itself."""
        linked: list[Disclosed] = []
        for other in sorted(reading.disclosed.view.linked):
            view = reading.find(other)
            if not standing(reading.principal, view, reading.now).classes - {"officer"}:
                continue
            as_at = reading.as_at if reading.as_at != reading.now else None
            linked.append(
                self._assembler.disclose(reading.principal, view, reading.find, now=reading.now, as_at=as_at)
            )
        return linked

    @staticmethod
    def _known(view: ChildView, reading: Reading) -> ChildView:
        return view if reading.as_at == reading.now else view.as_at(reading.as_at)


def _shown(flag: Flag) -> ShownFlag:
    return ShownFlag(flag.code, flag.requirement, flag.source, flag.text)


def _by_code(items: Sequence[Item], notes: Mapping[str, Collection[ShownFlag]]) -> tuple[ShownNote, ...]:
    """Each note once, with the entries beside which it stands, by code."""
    beside: dict[ShownFlag, list[str]] = {}
    for item in items:
        for flag in notes.get(item.name, ()):
            beside.setdefault(flag, []).append(item.name)
    return tuple(ShownNote(one, tuple(beside[one])) for one in sorted(beside, key=lambda one: one.code))
