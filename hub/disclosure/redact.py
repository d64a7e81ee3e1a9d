"""Decision + entry -> what is shown: fields by label, other children as tokens; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from hub.catalogue import EventType
from hub.disclosure.answers import Redaction, ShownCorrection, ShownEntry
from hub.disclosure.decide import Decision
from hub.disclosure.keeping import POINTER, ByLabel, all_plain, kept_of, kind_words, without_poster
from hub.disclosure.tokens import ReaderNames
from hub.envelope import EventKey, JsonObject, JsonValue
from hub.pathway.entries import Entry

LONDON: Final = ZoneInfo("Europe/London")
# Whom to ask, in words that name who posted the entry.
_NAME_THE_POSTER: Final = frozenset({"poster", "meeting-chair", "conference-chair"})
OTHER_IN_TEXT: Final = re.compile(r"\{\{other:(\d{1,2})\}\}")
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

    Shape: `held` are the events that the reader gets, whole or redacted: entries refer to no other.
    """

    names: ReaderNames
    organisation: str
    resolves: Callable[[str], bool]
    ask: Callable[[str, Entry], str]
    date_of_birth: date | None
    checks: frozenset[str] = frozenset()
    held: Set[EventKey] = frozenset()


class Cut:
    """How entries of one type, poster and decision are cut for one reader: what is the same for each.

    Shape: `one` is any of these entries. `organisation` is who posted, as it shows; `poster` is who is named
    by its kind only (D-10), else None; `named` says whether other children whom an entry names are named to
    this reader; `by_label` is what remains where labels decide.
    """

    def __init__(
        self, one: Entry, kind: EventType, decision: Decision, by_label: ByLabel, desk: Desk
    ) -> None:
        self._one: Final = one
        self.by_label: Final = by_label
        self.decision: Final = decision
        self.desk: Final = desk
        self.by_poster: Final = decision.source == "shown"
        self.poster: Final = one.organisation if decision.source == "kind" else None
        self.named: Final = decision.whole or "others" in (decision.keeps or ())
        poster = one.organisation if self.poster is None else kind_words(self.poster)
        self.organisation: Final = None if decision.source == "withheld" else poster
        self.title: Final = decision.title or kind.title
        self.significance: Final = "key" if kind.name in KEY_TYPES else "routine"

    @cached_property
    def redactions(self) -> tuple[Redaction, ...]:
        """What of them is withheld, and whom to ask."""
        return tuple(
            Redaction(one.group, one.rule, self.desk.ask(_asked(one.ask, self.decision), self._one))
            for one in self.decision.withheld
        )


class Item:
    """One entry as one reader gets it: shown, and as the procedures may reason about it.

    Shape: each is made when it is looked at, as of most entries nothing is looked at but the place.
    """

    __slots__ = ("_content", "_cut", "_entry", "_name", "_of", "_shown", "decision", "key")

    def __init__(self, of: Entry, cut: Cut) -> None:
        self._of: Final = of
        self._cut: Final = cut
        self._content: JsonObject | None = None
        self._name: str | None = None
        self._shown: ShownEntry | None = None
        self._entry: Entry | None = None
        self.decision: Final = cut.decision
        self.key: Final = of.key

    @property
    def place(self) -> tuple[datetime, int, datetime | None, datetime | None]:
        """Where it stands: when it sorts, its position, and its span; no reader has another order (H-05)."""
        occurred = self._of.occurred
        return occurred.sort_at, self._of.position, occurred.start, occurred.end

    @property
    def name(self) -> str:
        """The entry id by which this reader knows it."""
        if self._name is None:
            self._name = self._cut.desk.names.entry(self.key)
        return self._name

    @property
    def shown(self) -> ShownEntry:
        """What this reader is shown of it."""
        if self._shown is None:
            self._shown = _shown(self._of, self._cut, self._left(), self.name)
        return self._shown

    @property
    def entry(self) -> Entry:
        """The entry without what this reader does not get."""
        if self._entry is None:
            self._entry = _reduced(self._of, self._cut, self._left())
        return self._entry

    def _left(self) -> JsonObject:
        if self._content is None:
            desk = self._cut.desk
            self._content = kept_of(
                self._of, self.decision, self._cut.by_label, desk.organisation, desk.checks
            )
        return self._content


def _shown(entry: Entry, cut: Cut, content: JsonObject, name: str) -> ShownEntry:
    """What this reader is shown of one entry that is not hidden; `content` is what the decision leaves.

    Trust: only fields that the decision names are copied; everything else is left behind. An event's own
    source and id stand in no answer: they would tell of an event that is hidden, of who posted it, and be
    the same for every reader.
    """
    occurred, level = entry.occurred, content.get("level")
    return ShownEntry(
        entry_id=name,
        occurred_at=occurred.written,
        precision=occurred.precision,
        recorded_at=to_minute(entry.recorded_at),
        received_at=to_minute(entry.received_at),
        recorded_late=entry.recorded_late,
        age_at_event=age_at(cut.desk.date_of_birth, occurred.sort_at),
        organisation=cut.organisation,
        author_role=entry.author_role if cut.by_poster else None,
        type=entry.type,
        title=cut.title,
        significance=cut.significance,
        level=level if isinstance(level, str) else None,
        fields=_fields(entry, cut, content),
        redactions=cut.redactions,
        corrections=_corrections(entry, cut.decision) if entry.corrections else (),
    )


def _fields(entry: Entry, cut: Cut, content: JsonObject) -> JsonObject:
    """The fields of one entry as they are shown.

    1. Other children in their text as tokens.
    2. A withheld poster is named by its kind in them too (D-10).
    3. Other events are named as this reader names them, and only those that it has too.
    """
    desk, fields = cut.desk, content
    plain = all_plain(content.values())
    if not plain:
        fields = {name: _spoken(value, entry, desk) for name, value in fields.items()}  # 1
    if cut.poster is not None:
        fields = _without(fields, cut.poster)  # 2
    if not plain:
        pointing = ((name, _pointing(value, desk)) for name, value in fields.items())
        fields = {name: value for name, value in pointing if value is not None}  # 3
    if cut.named and entry.others:
        fields = {**fields, "others": _others(entry, desk)}
    if cut.decision.keeps is None and (about := _about(entry, desk)) is not None:
        fields = {**fields, "about": desk.names.entry(about)}
    return fields


def _about(entry: Entry, desk: Desk) -> EventKey | None:
    """The event that an entry is about, where the reader has that too."""
    return entry.about if entry.about is not None and entry.about in desk.held else None


def _without(fields: JsonObject, poster: str) -> JsonObject:
    return {name: without_poster(value, poster) for name, value in fields.items() if value is not None}


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


def _reduced(entry: Entry, cut: Cut, content: JsonObject) -> Entry:
    """The entry without what this reader does not get; every member is named, as copying is slow.

    Trust: what is reasoned from it is told as well, and names the poster no more than the entry does (D-10).
    """
    by_poster = cut.by_poster
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
        data=content if cut.poster is None else _without(content, cut.poster),
        others=entry.others if cut.named else (),
        about=_about(entry, cut.desk),
        corrections=entry.corrections,
        awaiting=entry.awaiting,
        flags=entry.flags if cut.decision.outcome == "V" else (),
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
    return "own-worker" if ask in _NAME_THE_POSTER and decision.source == "kind" else ask


def to_minute(instant: datetime) -> datetime:
    """An instant to the minute: seconds would let readers join what they were sent."""
    return instant.replace(second=0, microsecond=0) if instant.second or instant.microsecond else instant


def age_at(born: date | None, instant: datetime) -> int | None:
    """Whole years of age on the London day of an instant (R-001)."""
    if born is None:
        return None
    # London is at most an hour ahead of UTC, so that before 23:00 its day is the same.
    day = instant.date() if instant.tzinfo is UTC and instant.hour < 23 else instant.astimezone(LONDON).date()
    if day < born:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
