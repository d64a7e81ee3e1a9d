"""Decision + entry -> what is shown: fields by label, other children as tokens; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from hub.catalogue import EventType
from hub.disclosure.answers import Redaction, ShownCorrection, ShownEntry
from hub.disclosure.decide import Decision
from hub.disclosure.facts import own_rows
from hub.disclosure.tokens import ReaderNames
from hub.envelope import EventKey, JsonObject, JsonValue
from hub.pathway.entries import Entry

LONDON: Final = ZoneInfo("Europe/London")
OTHER_IN_TEXT: Final = re.compile(r"\{\{other:(\d{1,2})\}\}")
# Members of `data` that are not content: they show as members of the entry itself, or not at all.
ENVELOPE_MEMBERS: Final = frozenset(
    {"occurred_at", "precision", "author", "profile", "others", "about", "entry_id"}
)
# What a row of a list of answers shows to whom it is the answer of.
OF_A_ROW: Final = ("item", "answer", "answered_on")
# The form in which one event names another: `based_on`, `agrees_with`, `investigation`, `voice`.
POINTER: Final = {"source", "id"}
KIND_WORDS: Final[Mapping[str, str]] = {
    "police": "a police force",
    "social-care": "a social care service",
    "education": "a school",
    "health": "a health service",
    "youth-justice": "a youth justice service",
    "partnership": "a partnership",
    "other": "a service",
}
KEY_TYPES: Final = frozenset(
    {
        "initial-account-recorded", "incident-recorded", "setting-risk-assessment-recorded",
        "immediate-safety-measure-recorded", "behaviour-level-assessed", "referral-made",
        "referral-outcome-decided", "section-47-enquiry-initiated", "section-47-enquiry-concluded",
        "criminal-investigation-decided", "criminal-outcome-recorded", "interview-held", "meeting-held",
        "conference-decided", "risk-management-plan-recorded", "plan-reviewed",
        "adult-involvement-suspected", "child-mentioned", "deadline-missed",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as one reader gets it: shown, and as the procedures may reason about it."""

    shown: ShownEntry
    entry: Entry
    decision: Decision


@dataclass(frozen=True, slots=True)
class Desk:
    """What redaction needs to know of the reader: names, contacts, and whether others are resolved.

    Shape: `held` are the events that the reader gets, whole or redacted: entries refer to no other.
    """

    names: ReaderNames
    organisation: str
    resolves: Callable[[str], bool]
    ask: Callable[[str, Entry], str]
    date_of_birth: date | None
    checks: frozenset[str] = frozenset()
    held: Set[EventKey] = frozenset()


def show(entry: Entry, kind: EventType, decision: Decision, desk: Desk) -> Item:
    """Build what this reader gets of one entry that is not hidden.

    1. The fields that the decision names, other children in their text as tokens.
    2. A withheld poster is named by its kind in them too (D-10).
    3. Other events are named as this reader names them, and only those that it has too.
    4. The entry as it is shown, and as the procedures may reason about it.

    Trust: only fields that the decision names are copied; everything else is left behind. An event's own
    source and id stand in no answer: they would tell of an event that is hidden, of who posted it, and be
    the same for every reader.
    """
    kept = _kept(entry, kind, decision, desk)
    named = decision.whole or "others" in (decision.keeps or ())
    tokens = _others(entry, desk) if named and entry.others else []
    poster = entry.organisation if decision.source == "kind" else None
    fields: dict[str, JsonValue] = {}
    for name, value in kept.items():
        if type(value) is str:
            told: JsonValue = value if "{{" not in value else _spoken(value, entry, desk)  # 1
            fields[name] = told if poster is None else _without_poster(told, poster)  # 2
            continue
        if value is None or isinstance(value, int | float):
            told = value
        else:
            told = _spoken(value, entry, desk)
            told = _pointing(told if poster is None else _without_poster(told, poster), desk)  # 3
        if told is not None:
            fields[name] = told
    if tokens:
        fields["others"] = tokens
    about = entry.about if entry.about in desk.held else None
    if about is not None and decision.keeps is None:
        fields["about"] = desk.names.entry(about)
    level = kept.get("level")
    by_poster = decision.source == "shown"
    shown = ShownEntry(  # 4
        entry_id=desk.names.entry(entry.key),
        occurred_at=entry.occurred.written,
        precision=entry.occurred.precision,
        recorded_at=to_minute(entry.recorded_at),
        received_at=to_minute(entry.received_at),
        recorded_late=entry.recorded_late,
        age_at_event=age_at(desk.date_of_birth, entry.occurred.sort_at),
        organisation=_organisation(entry, decision),
        author_role=entry.author_role if by_poster else None,
        type=entry.type,
        title=decision.title or kind.title,
        significance="key" if entry.type in KEY_TYPES else "routine",
        level=level if isinstance(level, str) else None,
        fields=fields,
        redactions=tuple(
            Redaction(one.group, one.rule, desk.ask(_asked(one.ask, decision), entry))
            for one in decision.withheld
        ),
        corrections=tuple(
            ShownCorrection(
                to_minute(one.received_at),
                one.organisation if by_poster else None,
                one.reason if decision.outcome == "V" else "",
            )
            for one in entry.corrections
        ),
    )
    return Item(shown, _reduced(entry, decision, kept, named, about), decision)


def _reduced(
    entry: Entry, decision: Decision, kept: JsonObject, named: bool, about: EventKey | None
) -> Entry:
    """The entry without what this reader does not get; every member is named, as copying is slow."""
    by_poster = decision.source == "shown"
    return Entry(
        key=entry.key,
        child=entry.child,
        position=entry.position,
        type=entry.type,
        organisation=entry.organisation if by_poster else None,
        author=entry.author if by_poster else None,
        author_role=entry.author_role if by_poster else None,
        occurred=entry.occurred,
        recorded_at=entry.recorded_at,
        received_at=entry.received_at,
        recorded_late=entry.recorded_late,
        data=kept,
        others=entry.others if named else (),
        about=about,
        corrections=entry.corrections,
        awaiting=entry.awaiting,
        flags=entry.flags if decision.outcome == "V" else (),
        provisional=entry.provisional,
        scale=entry.scale,
    )


def _pointing(value: JsonValue, desk: Desk) -> JsonValue:
    """A value with the reader's names of events in place of their keys; None where nothing is left."""
    if isinstance(value, dict):
        if value.keys() != POINTER:
            return value
        key = EventKey(str(value["source"]), str(value["id"]))
        return desk.names.entry(key) if key in desk.held else None
    if isinstance(value, list) and value:
        told = [_pointing(one, desk) for one in value]
        return [one for one in told if one is not None] or None
    return value


def _kept(entry: Entry, kind: EventType, decision: Decision, desk: Desk) -> dict[str, JsonValue]:
    content = {name: value for name, value in entry.data.items() if name not in ENVELOPE_MEMBERS}
    if decision.keeps is not None:
        kept: dict[str, JsonValue] = {}
        for keep in decision.keeps:
            name, _, part = keep.partition(":")
            value = content.get(name)
            if value is None:
                continue
            if part == "own":
                value = [one for one in _objects(value) if one.get("organisation") == desk.organisation]
            if part == "asked":
                rows = own_rows(entry, desk.checks)
                value = [{name: one[name] for name in OF_A_ROW if name in one} for one in rows]
            kept[name] = value
        return kept
    if decision.whole:
        return content
    return {
        name: visible
        for name, value in content.items()
        if name != "measures" and (visible := _by_label(name, value, kind, decision.labels)) is not None
    }


def kept_fields(kind: EventType, decision: Decision) -> frozenset[str]:
    """The members of an event that remain whole under a decision, whichever of them are filled (H-20).

    Shape: with `poster` where the organisation that posted shows too.
    """
    poster = {"poster"} if decision.source == "shown" else set()
    named = {path.split(".", 1)[0].removesuffix("[]") for path in kind.labels} - ENVELOPE_MEMBERS
    if decision.outcome == "H":
        return frozenset()
    if decision.keeps is not None:
        return frozenset(poster | (named & set(decision.keeps)))
    if decision.whole:
        return frozenset(poster | named | {"others"})
    read = {name for name in named - {"measures"} if _whole_field(name, kind, decision.labels)}
    return frozenset(poster | read)


def _whole_field(name: str, kind: EventType, permitted: frozenset[str]) -> bool:
    paths = [one for one in kind.labels if one.split(".", 1)[0].removesuffix("[]") == name]
    return all(set(kind.labels[one]) <= permitted for one in paths)


def _by_label(name: str, value: JsonValue, kind: EventType, permitted: frozenset[str]) -> JsonValue:
    """The part of one field whose labels are all permitted, nested members judged one by one."""
    nested = [path for path in kind.labels if path.startswith((f"{name}[].", f"{name}."))]
    if not nested:
        labels = kind.labels.get(name, kind.labels.get(f"{name}[]"))
        return value if labels is not None and set(labels) <= permitted else None
    if isinstance(value, Mapping):
        return {
            member: one
            for member, one in value.items()
            if set(kind.labels.get(f"{name}.{member}", ("?",))) <= permitted
        } or None
    allowed = {path.split(".", 1)[1] for path in nested if set(kind.labels[path]) <= permitted}
    return [{m: v for m, v in one.items() if m in allowed} for one in _objects(value)] if allowed else None


def _objects(value: JsonValue) -> list[JsonObject]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return []
    return [one for one in value if isinstance(one, Mapping)]


def _others(entry: Entry, desk: Desk) -> list[JsonValue]:
    tokens: list[JsonValue] = []
    for other in entry.others:
        told: dict[str, JsonValue] = {"index": other.index, "token": desk.names.other(other.reference)}
        if other.child is not None and desk.resolves(other.child):
            told["child"] = other.child
        if other.role is not None:
            told["role"] = other.role
        tokens.append(told)
    return tokens


def _spoken(value: JsonValue, entry: Entry, desk: Desk) -> JsonValue:
    """Text with other children as tokens in place of their slots."""
    if isinstance(value, str):
        if "{{" not in value:
            return value
        by_index = {other.index: other for other in entry.others}

        def token(found: re.Match[str]) -> str:
            other = by_index.get(int(found[1]))
            return f"another child ({desk.names.other(other.reference)})" if other else "another child"

        return OTHER_IN_TEXT.sub(token, value)
    # What JSON gives first: to ask of a Mapping takes several times as long.
    if isinstance(value, dict) or isinstance(value, Mapping):
        return {name: _spoken(one, entry, desk) for name, one in value.items()}
    if isinstance(value, list) or isinstance(value, Sequence):
        return [_spoken(one, entry, desk) for one in value]
    return value


def _without_poster(value: JsonValue, poster: str) -> JsonValue:
    """Content in which a withheld poster, or one of its people, is named by its kind only (D-10)."""
    if isinstance(value, str):
        if poster not in value:
            return value
        return re.sub(rf"\b{re.escape(poster)}(?![a-z0-9-])(/[A-Za-z0-9._-]+)?", _kind_words(poster), value)
    if isinstance(value, Mapping):
        return {name: _without_poster(one, poster) for name, one in value.items()}
    if isinstance(value, Sequence):
        return [_without_poster(one, poster) for one in value]
    return value


def _asked(ask: str, decision: Decision) -> str:
    """Whom to ask; to name the poster would tell the source that is withheld."""
    return "own-worker" if ask == "poster" and decision.source == "kind" else ask


def _kind_words(organisation: str) -> str:
    return KIND_WORDS.get(organisation.split(".", 1)[0], KIND_WORDS["other"])


def _organisation(entry: Entry, decision: Decision) -> str | None:
    if decision.source == "withheld" or entry.organisation is None:
        return None
    if decision.source == "kind":
        return _kind_words(entry.organisation)
    return entry.organisation


def to_minute(instant: datetime) -> datetime:
    """An instant to the minute: seconds would let readers join what they were sent."""
    return instant.replace(second=0, microsecond=0)


def age_at(born: date | None, instant: datetime) -> int | None:
    """Whole years of age on the London day of an instant (R-001)."""
    if born is None:
        return None
    day = instant.astimezone(LONDON).date()
    if day < born:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
