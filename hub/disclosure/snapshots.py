"""Snapshots of one reader's chronology: a hash that the same events give again at any later time (R-133)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import orjson

from hub.directory.types import Principal
from hub.disclosure.answers import ShownEntry
from hub.disclosure.assemble import Assembler, Disclosed
from hub.disclosure.page import in_order
from hub.disclosure.release import HUB_SOURCE
from hub.envelope import JsonValue
from hub.record import Draft, Record, Recorded
from hub.views import Views

TAKEN: Final = "chronology-snapshot-taken.v1"
STREAM: Final = "snapshot/"
_FORM: Final = b"hub-chronology/1\n"
"""Begins what is hashed; another form of an entry needs another one."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """That somebody fixed the chronology which a meeting is to have.

    Shape: `reader` and `roles` are who took it and what they were; `position` is how far the record had
    come; `hash` is SHA-256 (hex) over the canonical bytes of that reader's chronology.
    Units: `as_at` aware UTC.
    Trust: the hash follows from everything the reader got, so it is for nobody else: two readers who
    compared theirs would see that one of them lacks something (H-10).
    """

    id: str
    child: str
    meeting: str
    reader: str
    roles: tuple[str, ...]
    as_at: datetime
    position: int
    policy_version: str
    hash: str

    def taker(self, reader: Principal) -> Principal:
        """The reader who took it, with the roles of then: a replay gives what those roles were given."""
        return replace(reader, roles=frozenset(self.roles))

    def draft(self) -> Draft:
        """The item that keeps it, on a stream of its own beside the child's."""
        data: Mapping[str, JsonValue] = {
            "child": self.child,
            "meeting": self.meeting,
            "reader": self.reader,
            "roles": list(self.roles),
            "as_at": self.as_at.astimezone(UTC).isoformat(),
            "position": self.position,
            "policy_version": self.policy_version,
            "hash": self.hash,
        }
        payload = orjson.dumps(
            {
                "specversion": "1.0",
                "id": self.id,
                "source": HUB_SOURCE,
                "type": f"safeguarding.{TAKEN}",
                "time": self.as_at.astimezone(UTC).isoformat(),
                "datacontenttype": "application/json",
                "data": data,
            }
        )
        return Draft(f"{STREAM}{self.child}", "record", HUB_SOURCE, self.id, TAKEN, payload, payload)


def kept(record: Record, name: str, child: Callable[[str], str], wanted: str) -> Snapshot | None:
    """The hub's snapshot of this name and child; None where it is of another child, erased, or no such.

    Shape: `child` gives the child that an id stands for now, since streams may have been joined.
    """
    item = record.find(HUB_SOURCE, name)
    found = _read(item) if item is not None and item.type == TAKEN else None
    return found if found is not None and child(found.child) == wanted else None


def _read(item: Recorded) -> Snapshot | None:
    if item.body is None:
        return None
    data = orjson.loads(item.body)["data"]
    return Snapshot(
        id=item.id,
        child=data["child"],
        meeting=data["meeting"],
        reader=data["reader"],
        roles=tuple(data["roles"]),
        as_at=datetime.fromisoformat(data["as_at"]),
        position=data["position"],
        policy_version=data["policy_version"],
        hash=data["hash"],
    )


class Replays:
    """Gives a reader's chronology as it was at a position of the record, whatever came after."""

    def __init__(self, views: Views, assembler: Assembler) -> None:
        self._views: Final = views
        self._assembler: Final = assembler

    def hash_of(self, principal: Principal, child: str, position: int, at: datetime) -> str:
        """The hash of the chronology of one child for one reader at that moment.

        Raises: HubError not-found where there was no such child, views-behind, store.
        """
        return digest(self._then(principal, child, position, at))

    def _then(self, principal: Principal, child: str, position: int, at: datetime) -> Disclosed:
        find = self._views.then(position).one_look()
        return self._assembler.disclose(principal, find(child), find, now=at, as_at=None, apart=True)


def digest(disclosed: Disclosed) -> str:
    """SHA-256 (hex) over the canonical bytes of a chronology: one line of sorted JSON for each entry."""
    made = hashlib.sha256(_FORM)
    for placed in in_order(disclosed.placed):
        made.update(orjson.dumps(_members(placed.shown), default=_plain, option=orjson.OPT_SORT_KEYS) + b"\n")
    return made.hexdigest()


def _members(shown: ShownEntry) -> Mapping[str, object]:
    """An entry in the form that is hashed.

    Shape: named one by one, so that a member which entries get later changes no hash that was given.
    """
    return {
        "entry_id": shown.entry_id,
        "occurred_at": shown.occurred_at,
        "precision": shown.precision,
        "recorded_at": shown.recorded_at,
        "received_at": shown.received_at,
        "organisation": shown.organisation,
        "author_role": shown.author_role,
        "type": shown.type,
        "title": shown.title,
        "level": shown.level,
        "fields": shown.fields,
        "redactions": [[one.group, one.rule, one.ask] for one in shown.redactions],
        "corrections": [[one.corrected_at, one.organisation, one.reason] for one in shown.corrections],
        "line": shown.line,
    }


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"not JSON: {type(value).__name__}")
