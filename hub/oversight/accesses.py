"""The record of accesses, read back: one row per read, refusals and officers' own questions included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import orjson

from hub.disclosure.answers import AccessRow
from hub.disclosure.made import Made, read_made
from hub.disclosure.release import MADE as MADE_NAME
from hub.disclosure.release import WITHHELD as WITHHELD_NAME
from hub.disclosure.replay import Given, Past
from hub.envelope import EventKey
from hub.record import Recorded

ACCESSED: Final = "record-accessed.v1"
MADE: Final = "disclosure-made.v1"
WITHHELD: Final = "disclosure-withheld.v1"
REFUSED: Final = "post-refused"
REFUSALS: Final = "refusals"
GIVEN: Final = "disclosed"
ACCESS_TYPES: Final = frozenset({ACCESSED, MADE, WITHHELD})


@dataclass(frozen=True, slots=True)
class AccessQuery:
    """What an officer asks for (H-14); every member narrows, None does not.

    Shape: `since` and `until` are aware, `until` exclusive.
    """

    person: str | None = None
    organisation: str | None = None
    rule: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    emergency: bool = False


EVERYTHING: Final = AccessQuery()


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item of a past answer: the event, how it was decided, and the ids of the deciding rules."""

    key: EventKey
    decision: str
    policies: tuple[str, ...]


@dataclass(slots=True)
class Access:
    """One access as recorded, its parts joined by their disclosure id."""

    row: AccessRow
    child: str | None
    name: str
    position: int = 0
    as_at: datetime | None = None
    made: Made | None = None
    bases: tuple[str, ...] = ()
    items: list[ItemRow] = field(default_factory=list)
    counts: Mapping[str, int] = field(default_factory=dict)


def fold(recorded: Iterable[Recorded]) -> dict[str, Access]:
    """Accesses by disclosure id, in the order of the record.

    Shape: a disclosure that is filed under linked children too is one access; where it was filed under
    the child that was read, that is the one told.
    """
    found: dict[str, Access] = {}
    for item in recorded:
        if item.type not in ACCESS_TYPES or item.body is None:
            continue
        event = orjson.loads(item.body)
        data = event["data"]
        disclosure_id = data["disclosure_id"]
        if item.type == ACCESSED:
            row = _row(data, datetime.fromisoformat(event["time"]))
            as_at = datetime.fromisoformat(data["as_at"]) if "as_at" in data else None
            made = read_made(data.get("made"))
            access = Access(row, data.get("child"), item.id, item.position, as_at, made)
            found.setdefault(disclosure_id, access)
            continue
        known = found.get(disclosure_id)
        if known is None or item.id not in (known.name + MADE_NAME, known.name + WITHHELD_NAME):
            continue
        if item.type == MADE:
            known.bases = tuple(data["bases"])
            known.items += [_item(one, one["decision"]) for one in data["items"]]
        else:
            known.counts = data["counts"]
            known.items += [_item(one, "H") for one in data["items"]]
    return found


def past_of(access: Access) -> Past | None:
    """An access as an answer that can be made again; None where nothing of a child was given."""
    row = access.row
    if access.child is None or row.outcome != GIVEN:
        return None
    return Past(
        disclosure_id=row.disclosure_id, position=access.position, at=row.at, reader=row.reader,
        roles=frozenset(row.roles), child=access.child, what=row.what, purpose=row.purpose,
        reference=row.reference, as_at=access.as_at, policy_version=row.policy_version, made=access.made,
        items=tuple(Given(one.key, one.decision, one.policies) for one in access.items),
    )  # fmt: skip


def refused_posts(recorded: Iterable[Recorded]) -> list[AccessRow]:
    """Posts that were refused: by which rule, of which organisation; nothing of what was sent (D-55)."""
    return [
        _refusal(item.id, orjson.loads(item.body))
        for item in recorded
        if item.type == REFUSED and item.body is not None
    ]


def _refusal(name: str, told: Mapping[str, str | None]) -> AccessRow:
    organisation, rule = told["organisation"] or "", told["rule"]
    return AccessRow(
        disclosure_id=name,
        at=datetime.fromisoformat(told["at"] or ""),
        reader=organisation,
        organisation=organisation,
        roles=(),
        what="post",
        purpose=None,
        lawful_basis=None,
        reference=None,
        outcome=f"refused: {told['slug']}",
        items=0,
        withheld={},
        rules=(rule,) if rule else (),
        policy_version="",
        trace=told.get("trace") or "",
    )


def _item(one: Mapping[str, object], decision: str) -> ItemRow:
    rules = one["rules"]
    assert isinstance(rules, list)
    return ItemRow(EventKey(str(one["source"]), str(one["id"])), decision, tuple(map(str, rules)))


def _row(data: Mapping[str, str], at: datetime) -> AccessRow:
    return AccessRow(
        disclosure_id=data["disclosure_id"],
        at=at,
        reader=data["reader"],
        organisation=data["organisation"],
        roles=tuple(filter(None, data.get("role", "").split(", "))),
        what=data["what"],
        purpose=data.get("purpose"),
        lawful_basis=data.get("lawful_basis"),
        reference=data.get("access_reference"),
        outcome=data["outcome"],
        items=int(data.get("items_count", 0)),
        withheld={},
        rules=(),
        policy_version=data.get("policy_version", ""),
        trace=data.get("trace", ""),
    )
