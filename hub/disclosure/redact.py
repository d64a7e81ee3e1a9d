"""Decision + entry -> what is shown: fields by label, other children as tokens; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from hub.catalogue import EventType
from hub.disclosure.answers import Redaction, ShownCorrection, ShownEntry
from hub.disclosure.decide import Decision
from hub.disclosure.keeping import POINTER, is_plain, kept_of, kind_words, without_poster
from hub.disclosure.tokens import ReaderNames
from hub.envelope import EventKey, JsonObject, JsonValue
from hub.pathway.entries import Entries, Entry

LONDON: Final = ZoneInfo("Europe/London")
OTHER_IN_TEXT: Final = re.compile(r"\{\{other:(\d{1,2})\}\}")
# Of a child with many entries, for several kinds of readers; the bound only keeps memory flat.
MAX_KEPT: Final = 20_000
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
class Desk:
    """What redaction needs to know of the reader: names, contacts, and whether others are resolved.

    Shape: `held` are the events that the reader gets, whole or redacted: entries refer to no other. `made`
    keeps what decisions leave of these entries, whoever reads.
    """

    names: ReaderNames
    organisation: str
    resolves: Callable[[str], bool]
    ask: Callable[[str, Entry], str]
    date_of_birth: date | None
    checks: frozenset[str] = frozenset()
    held: Set[EventKey] = frozenset()
    made: dict[object, _Kept] = field(default_factory=dict)


class Item:
    """One entry as one reader gets it: shown, and as the procedures may reason about it.

    Shape: made when it is looked at, as of most entries nothing is looked at but the place; what does not
    depend on the reader is taken from what was made of the entry for another one.
    """

    __slots__ = ("_desk", "_entry", "_kept", "_kind", "_name", "_of", "_shown", "decision")

    def __init__(self, of: Entry, kind: EventType, decision: Decision, desk: Desk) -> None:
        self._of: Final = of
        self._kind: Final = kind
        self._desk: Final = desk
        self._kept: _Kept | None = None
        self._name: str | None = None
        self._shown: ShownEntry | None = None
        self._entry: Entry | None = None
        self.decision: Final = decision

    @property
    def key(self) -> EventKey:
        """The event that it is."""
        return self._of.key

    @property
    def place(self) -> tuple[datetime, int, datetime | None, datetime | None]:
        """Where it stands: when it sorts, its position, and its span; no reader has another order (H-05)."""
        occurred = self._of.occurred
        return occurred.sort_at, self._of.position, occurred.start, occurred.end

    @property
    def name(self) -> str:
        """The entry id by which this reader knows it."""
        if self._name is None:
            self._name = self._desk.names.entry(self._of.key)
        return self._name

    @property
    def shown(self) -> ShownEntry:
        """What this reader is shown of it."""
        if self._shown is None:
            self._shown = _shown(self._of, self._kind, self.decision, self._desk, self._whatever_reader())
        return self._shown

    @property
    def entry(self) -> Entry:
        """The entry without what this reader does not get."""
        if self._entry is None:
            about = self._of.about if self._of.about in self._desk.held else None
            self._entry = self._whatever_reader().reduced(self._of, self.decision, about)
        return self._entry

    def _whatever_reader(self) -> _Kept:
        if self._kept is None:
            self._kept = _kept_of(self._of, self._kind, self.decision, self._desk)
        return self._kept


def kept_among(entries: Sequence[Entry]) -> dict[object, _Kept]:
    """What decisions have left of these entries so far: as long as the entries stand as they do."""
    return entries.once("kept", dict) if isinstance(entries, Entries) else {}


class _Kept:
    """What a decision leaves of one entry, for whomever it was made.

    Shape: `fields` are as they are shown where they name neither other children nor events, else None.
    """

    __slots__ = ("_reduced", "_thought_of", "data", "decision", "fields", "level", "named", "of_all")

    def __init__(self, entry: Entry, data: JsonObject, decision: Decision) -> None:
        self.decision: Final = decision
        self.data: Final = data
        self.named: Final = decision.whole or "others" in (decision.keeps or ())
        level = data.get("level")
        self.level: Final = level if isinstance(level, str) else None
        plain = not (self.named and entry.others) and all(is_plain(one) for one in data.values())
        poster = entry.organisation if decision.source == "kind" else None
        self.fields: Final = _told(data, poster) if plain else None
        # What is reasoned from it is told as well, and names the poster no more than the entry does (D-10).
        self._thought_of: Final = data if poster is None else _told(data, poster)
        self.of_all: tuple[date | None, ShownEntry] | None = None
        self._reduced: tuple[EventKey | None, Entry] | None = None

    def reduced(self, entry: Entry, decision: Decision, about: EventKey | None) -> Entry:
        """The entry as a reader who has what it is about, or has not, may reason about it."""
        kept = self._reduced
        if kept is None or kept[0] != about:
            kept = self._reduced = (about, _reduced(entry, decision, self._thought_of, self.named, about))
        return kept[1]


def _kept_of(entry: Entry, kind: EventType, decision: Decision, desk: Desk) -> _Kept:
    """What a decision leaves of an entry, from what was made before for readers who get the same of it.

    Trust: it depends on the entry and the decision alone, and where rows of a list are the reader's own, on
    whose they are; who else reads changes nothing.
    """
    own = decision.keeps is not None and any(":" in one for one in decision.keeps)
    reader = (desk.organisation, desk.checks) if own else None
    key = (entry.position, id(decision), reader)
    found = desk.made.get(key)
    # An id may be another decision's after the first was dropped.
    if found is None or found.decision is not decision:
        if len(desk.made) >= MAX_KEPT:
            desk.made.clear()
        found = desk.made[key] = _Kept(
            entry, kept_of(entry, kind, decision, desk.organisation, desk.checks), decision
        )
    return found


def _told(data: JsonObject, poster: str | None) -> JsonObject:
    """Fields in the words that are everybody's; a withheld poster is named by its kind in them too (D-10)."""
    lacking = None in data.values()
    told = {name: value for name, value in data.items() if value is not None} if lacking else data
    return told if poster is None else {name: without_poster(one, poster) for name, one in told.items()}


def _shown(entry: Entry, kind: EventType, decision: Decision, desk: Desk, kept: _Kept) -> ShownEntry:
    """What this reader is shown of one entry that is not hidden.

    1. The fields that the decision names, other children in their text as tokens.
    2. A withheld poster is named by its kind in them too (D-10).
    3. Other events are named as this reader names them, and only those that it has too.

    Trust: only fields that the decision names are copied; everything else is left behind. An event's own
    source and id stand in no answer: they would tell of an event that is hidden, of who posted it, and be
    the same for every reader.
    """
    about = entry.about if entry.about in desk.held else None
    fields = kept.fields
    if fields is None or (about is not None and decision.keeps is None):
        fields = _fields(entry, decision, desk, kept, about)  # 1, 2, 3
    born, of_all = kept.of_all or (None, None)
    if of_all is None or born != desk.date_of_birth:
        of_all = _for_all(entry, kind, decision, desk.date_of_birth, kept.level)
        kept.of_all = (desk.date_of_birth, of_all)
    return ShownEntry(  # by place, as copying is slow
        desk.names.entry(entry.key),
        of_all.occurred_at,
        of_all.precision,
        of_all.recorded_at,
        of_all.received_at,
        of_all.recorded_late,
        of_all.age_at_event,
        of_all.organisation,
        of_all.author_role,
        of_all.type,
        of_all.title,
        of_all.significance,
        of_all.level,
        fields,
        _redactions(entry, decision, desk) if decision.withheld else (),
        of_all.corrections,
    )


def _for_all(
    entry: Entry, kind: EventType, decision: Decision, born: date | None, level: str | None
) -> ShownEntry:
    """What is shown of an entry to everybody with this decision: all but its name, fields and contacts."""
    by_poster = decision.source == "shown"
    return ShownEntry(
        entry_id="",
        occurred_at=entry.occurred.written,
        precision=entry.occurred.precision,
        recorded_at=to_minute(entry.recorded_at),
        received_at=to_minute(entry.received_at),
        recorded_late=entry.recorded_late,
        age_at_event=age_at(born, entry.occurred.sort_at),
        organisation=_organisation(entry, decision),
        author_role=entry.author_role if by_poster else None,
        type=entry.type,
        title=decision.title or kind.title,
        significance="key" if entry.type in KEY_TYPES else "routine",
        level=level,
        fields={},
        corrections=_corrections(entry, decision) if entry.corrections else (),
    )


def _fields(entry: Entry, decision: Decision, desk: Desk, kept: _Kept, about: EventKey | None) -> JsonObject:
    poster = entry.organisation if decision.source == "kind" else None
    fields: dict[str, JsonValue] = {}
    for name, value in kept.data.items():
        told = _spoken(value, entry, desk)
        told = _pointing(told if poster is None else without_poster(told, poster), desk)
        if told is not None:
            fields[name] = told
    if kept.named and entry.others:
        fields["others"] = _others(entry, desk)
    if about is not None and decision.keeps is None:
        fields["about"] = desk.names.entry(about)
    return fields


def _redactions(entry: Entry, decision: Decision, desk: Desk) -> tuple[Redaction, ...]:
    return tuple(
        Redaction(one.group, one.rule, desk.ask(_asked(one.ask, decision), entry))
        for one in decision.withheld
    )


def _corrections(entry: Entry, decision: Decision) -> tuple[ShownCorrection, ...]:
    by_poster = decision.source == "shown"
    return tuple(
        ShownCorrection(
            to_minute(one.received_at),
            one.organisation if by_poster else None,
            one.reason if decision.outcome == "V" else "",
        )
        for one in entry.corrections
    )


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


def _asked(ask: str, decision: Decision) -> str:
    """Whom to ask; to name the poster would tell the source that is withheld."""
    return "own-worker" if ask == "poster" and decision.source == "kind" else ask


def _organisation(entry: Entry, decision: Decision) -> str | None:
    if decision.source == "withheld" or entry.organisation is None:
        return None
    if decision.source == "kind":
        return kind_words(entry.organisation)
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
