"""What is noted beside posts: when they are taken in, and for a reader from what that reader has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from hub.envelope import JsonObject
from hub.pathway.entries import Entry, Material
from hub.pathway.gates import (
    assessing,
    chairing,
    interviews,
    meetings,
    proceedings,
    records,
    right_room,
    screening,
    separate_meetings,
    under_ten,
)
from hub.pathway.gates.flag import Flag
from hub.pathway.gates.gate import Case
from hub.pathway.profiles import ProfileOf

FLAGS: Final[tuple[Flag, ...]] = (
    *separate_meetings.FLAGS,
    *right_room.FLAGS,
    *chairing.FLAGS,
    *under_ten.FLAGS,
    *meetings.FLAGS,
    *interviews.FLAGS,
    *screening.FLAGS,
    *assessing.FLAGS,
    *records.FLAGS,
    *proceedings.FLAGS,
)
OFFICER: Final = "officer"
INTEGRITY: Final = tuple(one for one in FLAGS if OFFICER in one.named)
"""The notes that say something may have been disclosed wrongly: an information governance officer's."""
_OF_TYPE: Final[Mapping[str, tuple[Flag, ...]]] = {
    type_: tuple(flag for flag in FLAGS if type_ in flag.types)
    for type_ in {type_ for flag in FLAGS for type_ in flag.types}
}


def flags(posted: Entry, fold: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[str, ...]:
    """The codes of what is noted beside a post; its words stand in `FLAGS`.

    Trust: what the poster is told of is found on an empty record, so that it tells of nothing else.
    Source: H-27
    """
    case = _case(posted, fold, now, profile_of)
    return tuple(flag.code for flag in _thought_of(posted) if _holds(flag, case))


def noted(type_: str, data: JsonObject) -> bool:
    """Whether something may be noted beside a post of this type with this data."""
    return any(flag.starts(data) for flag in _OF_TYPE.get(type_, ()))


def looks_at_linked(entry: Entry) -> bool:
    """Whether a note that may stand beside an entry looks at linked children too."""
    return any(flag.linked for flag in _thought_of(entry))


def giving(
    material: Material, *, now: datetime, profile_of: ProfileOf
) -> Callable[[Entry], tuple[Flag, ...]]:
    """What a reader's own material gives beside each entry that this reader has whole.

    Shape: an entry of which something is withheld must not be asked about: what is withheld reads as if it
    were missing.
    Trust: made of this reader's entries alone, and only where the reader always reads what could make it
    untrue, of this child and of each linked one that is looked at.
    Source: H-20
    """
    asked_of: dict[str, list[Flag]] = {}

    def given(entry: Entry) -> tuple[Flag, ...]:
        may = asked_of.get(entry.type)
        if may is None:
            flags = _OF_TYPE.get(entry.type, ())
            may = [one for one in flags if not one.only_named and _reads(one, material)]
            asked_of[entry.type] = may
        if not may:
            return ()
        asked = [flag for flag in may if flag.starts(entry.data)]
        return _found(asked, entry, material, now, profile_of)

    return given


def types_named_for(classes: frozenset[str]) -> frozenset[str]:
    """The types beside which `named_for` can give something for a reader."""
    return frozenset(type_ for flag in FLAGS if flag.named & classes for type_ in flag.types)


def named_for(
    classes: frozenset[str], entry: Entry, whole: Material, *, now: datetime, profile_of: ProfileOf
) -> tuple[Flag, ...]:
    """What the whole record gives beside an entry for readers whom the requirement itself names.

    Shape: `classes` are what the reader is to the child; `entry` is as it stands in the record.
    Trust: nobody else may be told: it can rest on entries that the reader does not get.
    Source: D-16; R-082
    """
    asked = [flag for flag in _thought_of(entry) if flag.named & classes]
    return _found(asked, entry, whole, now, profile_of)


def _found(
    asked: list[Flag], entry: Entry, material: Material, now: datetime, profile_of: ProfileOf
) -> tuple[Flag, ...]:
    if not asked:
        return ()
    alone = before = None
    found: list[Flag] = []
    for flag in asked:
        if flag.from_post_alone:
            case = alone = alone or _case(entry, Material(material.child, ()), now, profile_of)
        else:
            case = before = before or _case(entry, material.without(entry), now, profile_of)
        if flag.holds(case):
            found.append(flag)
    return tuple(found)


def _thought_of(entry: Entry) -> list[Flag]:
    return [flag for flag in _OF_TYPE.get(entry.type, ()) if flag.starts(entry.data)]


def _reads(flag: Flag, material: Material) -> bool:
    if flag.from_post_alone or not flag.untrue:
        return flag.from_post_alone or flag.untrue is not None
    children = (material.child, *(material.linked if flag.linked else ()))
    return all(material.reads(flag.untrue, child) for child in children)


def _holds(flag: Flag, case: Case) -> bool:
    alone = flag.from_post_alone
    return flag.holds(replace(case, fold=Material(case.fold.child, ())) if alone else case)


def _case(posted: Entry, fold: Material, now: datetime, profile_of: ProfileOf) -> Case:
    return Case(posted, fold, now, profile_of, people=lambda person: frozenset())
