"""Meetings of a child for one reader: the list, the papers of one, and snapshots of the chronology."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from hub.directory import Directory
from hub.directory.types import Principal
from hub.disclosure.answers import Answer, ReadRequest, ShownEntry
from hub.disclosure.assemble import Assembler, Disclosed, FindView
from hub.disclosure.decide import Decider
from hub.disclosure.packs import (
    Convenor,
    MeetingList,
    MeetingPack,
    ShownSnapshot,
    body,
    chronology,
    chronology_at,
    for_the_list,
    notes_of,
    show_meeting,
    spoken,
    used,
)
from hub.disclosure.reasoning import Reading as Permitted
from hub.disclosure.reasoning import Risk
from hub.disclosure.redact import Item
from hub.disclosure.release import Access, AccessRecord, Released
from hub.disclosure.risk import material_of
from hub.disclosure.side_by_side import Asking, side_by_side
from hub.disclosure.sides import sides_of
from hub.disclosure.snapshots import Replays, Snapshot, kept
from hub.envelope import EventKey, JsonObject
from hub.errors import HubError
from hub.pathway.entries import Material
from hub.pathway.fields import text
from hub.pathway.meetings import Meeting, meetings_of, named
from hub.pathway.profiles import ProfileOf
from hub.record import Record
from hub.record.ports import Chance
from hub.views import ChildView, Views

LIST: Final = "meetings"
PACK: Final = "meeting-pack"
SNAPSHOT: Final = "chronology-snapshot"
CONVENOR_LIST: Final = "convenor-list"
NOT_FOUND: Final = "There is nothing here for you under this address."
# Who may fix the chronology of a meeting: whoever may convene one.
MAY_CONVENE: Final = frozenset({"own-worker", "enquiry", "team-manager"})


class Reading(Permitted, Protocol):
    """A permitted read of one child, with what was asked; nothing has left yet."""

    @property
    def request(self) -> ReadRequest:
        """What was asked."""
        ...


R = TypeVar("R", bound=Reading)
AnAnswer = TypeVar("AnAnswer", bound=Answer)
_NOTHING: Final[JsonObject] = {}


@dataclass(frozen=True, slots=True)
class TakenSnapshot:
    """A snapshot as the reader who took it gets it."""

    disclosure_id: str
    snapshot: str
    child: str
    meeting: str
    as_at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class Hands(Generic[R]):
    """What the disclosure room does for every answer about a child: read, reason, record.

    Shape: `read` checks purpose and relationship and decides every entry; `left` names what leaves where
    these entries do, with the rules that decided; `asked` is the read as it is recorded; `beside` adds to
    entries what is noted beside them, as far as one child's record gives it.
    """

    read: Callable[[Principal, ReadRequest, str], R]
    risk: Callable[[R], Risk]
    beside: Callable[[Permitted, Iterable[ShownEntry]], list[ShownEntry]]
    left: Callable[[R, set[str], Sequence[Disclosed]], list[Released]]
    asked: Callable[[R, str], Access]
    profile: Callable[[ChildView], str | None]


@dataclass(frozen=True, slots=True)
class _Papers:
    """What one reader gets for a meeting of one child, no other child beside it."""

    principal: Principal
    now: datetime
    as_at: datetime
    find: FindView
    disclosed: Disclosed


class Meetings(Generic[R]):
    """Answers about meetings, decided and recorded before anything leaves, like every other."""

    def __init__(
        self, hands: Hands[R], *, record: Record, views: Views, directory: Directory, assembler: Assembler,
        decider: Decider, accesses: AccessRecord, chance: Chance, profile_of: ProfileOf, policy_version: str,
    ) -> None:  # fmt: skip
        self._hands: Final = hands
        self._record: Final = record
        self._views: Final = views
        self._directory: Final = directory
        self._assembler: Final = assembler
        self._decider: Final = decider
        self._accesses: Final = accesses
        self._chance: Final = chance
        self._profile_of: Final = profile_of
        self._policy_version: Final = policy_version
        self._replays: Final = Replays(views, assembler)

    def of_child(self, principal: Principal, request: ReadRequest) -> MeetingList:
        """The meetings about a child whose record this reader has (D-04).

        Raises: HubError purpose, not-found, views-behind, store.
        """
        reading = self._hands.read(principal, request, LIST)
        items = _by_key(reading.disclosed)
        shown = tuple(show_meeting(one, items) for one in meetings_of(spoken(reading.disclosed.items)))
        left = self._hands.left(reading, {name for one in shown for name in one.entries}, ())
        answer = MeetingList(
            disclosure_id="",
            child=request.child,
            as_at=reading.as_at,
            policy_version=self._policy_version,
            profile=self._hands.profile(reading.disclosed.view),
            meetings=shown,
        )
        return self._recorded(reading, LIST, left, answer)

    def pack(
        self, principal: Principal, request: ReadRequest, name: str, organisation: str | None
    ) -> MeetingPack:
        """The papers of one meeting about one child, for a reader who has its record.

        Raises: HubError purpose, not-found, views-behind, store.

        Procedure
          1. Decide the child for this reader, other children without their ids.
          2. Find the meeting among what the reader has; not entitled and no such meeting are one refusal.
          3. What the meeting was, from the reader's entries; the list of invitees for its convenor.
          4. The chronology as at the snapshot or the meeting, decided as any chronology is, with what was
             noted beside its entries then; and what is noted beside the meeting itself now.
          5. What is open for this child, without what rests on another child's entries; what agencies tell
             side by side, of this child alone.
          6. Record the disclosure durably; then, and only then, answer.
        """
        reading = self._hands.read(principal, request, PACK)
        view, papers = reading.disclosed.view, self._apart(reading, None)  # 1
        items = _by_key(papers)
        meeting = named(meetings_of(spoken(papers.items)), name, organisation)  # 2
        if meeting is None:
            self._accesses.refused(self._hands.asked(reading, PACK), "not-found")
            raise HubError("not-found", NOT_FOUND)
        risk = self._hands.risk(reading)
        material = self._material(reading, papers, risk.linked)  # 3
        convenor = self._convenor(reading, meeting)
        made = body(meeting, material, items, convenor, now=reading.now, profile_of=self._profile_of)
        snapshot = self._snapshot_of(meeting, reading)  # 4
        at = chronology_at(meeting, snapshot, reading.now)
        then = self._apart(reading, at if at < reading.now else None)
        noted = self._hands.beside
        entries = tuple(noted(_Papers(principal, reading.now, at, reading.find, then), chronology(then)))
        held = [items[one.key].shown for one in meeting.entries]
        notes = notes_of(noted(_Papers(principal, reading.now, reading.now, reading.find, papers), held))
        own = {item.shown.entry_id for item in papers.items}
        open_items = tuple(
            one for one in risk.open_items if one.evidence and own.issuperset(one.evidence)
        )  # 5
        names = used(meeting, material, made, items) | {one.entry_id for one in entries}
        names |= {name for one in open_items for name in one.evidence}
        ids = {key: item.shown.entry_id for key, item in items.items()}
        asking = Asking(principal.organisation, reading.disclosed.standing.classes)
        beside = side_by_side(material, asking, ids, now=reading.now, profile_of=self._profile_of, apart=True)
        names |= beside.used
        left = self._hands.left(reading, names, (then,))  # 6
        left += [
            Released(line.basis, "line", (line.policy,), line.child) for line in (*then.lines, *then.carried)
        ]
        left += (
            [Released(one.key, "line", (convenor.policy,)) for one in convenor.entries] if convenor else []
        )
        answer = MeetingPack(
            disclosure_id="",
            child=request.child,
            as_at=reading.as_at,
            policy_version=self._policy_version,
            profile=self._hands.profile(view),
            meeting=show_meeting(meeting, items),
            body=made,
            notes=notes,
            open_items=open_items,
            side_by_side=beside,
            snapshot=snapshot,
            chronology_as_at=at,
            entries=entries,
        )
        return self._recorded(reading, PACK, left, answer, {"meeting": name, "organisation": organisation})

    def take(self, principal: Principal, request: ReadRequest, meeting: str) -> TakenSnapshot:
        """Fix the chronology that a meeting is to have, for a reader who may convene one (R-133).

        Raises: HubError purpose, not-found, views-behind, store.

        Procedure
          1. Who may convene a meeting about this child, by a relationship and a role; others are refused.
          2. Fold the child as the record has it now, exactly as a later replay folds it, and hash it.
          3. Keep the snapshot with the record that it was taken, both or neither.
        """
        reading = self._hands.read(principal, request, SNAPSHOT)
        access = self._hands.asked(reading, SNAPSHOT)
        if principal.person is None or not reading.disclosed.standing.classes & MAY_CONVENE:  # 1
            self._accesses.refused(access, "not-found")
            raise HubError("not-found", NOT_FOUND)
        child, at = reading.disclosed.view.child, reading.now
        position = self._record.head().position
        made = Snapshot(
            id=self._chance.uuid(),
            child=child,
            meeting=meeting,
            reader=principal.person,
            roles=tuple(sorted(principal.roles)),
            as_at=at,
            position=position,
            policy_version=self._policy_version,
            hash=self._replays.hash_of(principal, child, position, at),  # 2
        )
        classes = reading.disclosed.standing.classes
        disclosure_id = self._accesses.released(access, classes, (), (), beside=(made.draft(),))  # 3
        return TakenSnapshot(disclosure_id, made.id, child, meeting, at, made.hash)

    def _apart(self, reading: R, as_at: datetime | None) -> Disclosed:
        return self._assembler.disclose(
            reading.principal, reading.find(reading.request.child), reading.find,
            now=reading.now, as_at=as_at, apart=True,
        )  # fmt: skip

    def _material(self, reading: R, papers: Disclosed, linked: Sequence[Disclosed]) -> Material:
        found = material_of(reading.principal, papers, linked, (), self._assembler, now=reading.now)
        return replace(found, entries=spoken(papers.items))

    def _convenor(self, reading: R, meeting: Meeting) -> Convenor | None:
        """What this reader gets as the convenor of a meeting; None for everybody else (D-41)."""
        principal, papers = reading.principal, reading.disclosed
        view, stands = reading.find(reading.request.child), papers.standing
        own = principal.organisation in meeting.organisations
        keys = {one.key for one in meeting.convened}
        for entry in (one for one in view.entries if one.key in keys):
            facts = self._assembler.facts_of(entry, view, sides_of(view), stands, principal, False)
            policy = self._decider.line(CONVENOR_LIST, stands.facts, replace(facts, own=own))
            if policy is not None:
                return Convenor(policy, for_the_list(view.entries, meeting), self._services(view))
        return None

    def _services(self, view: ChildView) -> dict[str, tuple[str, ...]]:
        """The youth justice service of the child's own area (D-27), from the directory."""
        found = [
            one.id
            for one in self._directory.organisations()
            if one.kind == "youth-justice" and view.authority is not None and one.area == view.authority
        ]
        return {"youth-justice": tuple(found)}

    def _snapshot_of(self, meeting: Meeting, reading: R) -> ShownSnapshot | None:
        """Whether the chronology that a meeting names is a snapshot of the hub's, and of this child."""
        written = next(
            (one for held in reversed(meeting.held) if (one := text(held, "chronology_snapshot"))), None
        )
        if written is None:
            return None
        child = reading.disclosed.view.child
        found = kept(self._record, written, self._views.canonical, child)
        if found is None:
            return ShownSnapshot(False, None, None, None)
        if found.reader != reading.principal.id:
            return ShownSnapshot(True, found.as_at, None, None)
        if found.policy_version != self._policy_version:
            return ShownSnapshot(True, found.as_at, found.hash, None)
        again = self._replays.hash_of(
            found.taker(reading.principal), found.child, found.position, found.as_at
        )
        return ShownSnapshot(True, found.as_at, found.hash, again == found.hash)

    def _recorded(
        self, reading: R, what: str, left: Sequence[Released], answer: AnAnswer, asked: JsonObject = _NOTHING
    ) -> AnAnswer:
        """The answer under its name, once the record that it leaves is durable."""
        disclosed = reading.disclosed
        once = tuple({(one.key, one.child or reading.request.child): one for one in reversed(left)}.values())
        access = self._hands.asked(reading, what)
        if access.made is not None:
            made = replace(access.made, asked={**access.made.asked, **asked})
            access = replace(access, made=made.of(answer, self._record.digest))
        name = self._accesses.released(access, disclosed.standing.classes, once[::-1], disclosed.kept)
        return replace(answer, disclosure_id=name)


def _by_key(disclosed: Disclosed) -> dict[EventKey, Item]:
    return {item.entry.key: item for item in disclosed.items}
