"""The record that something left: appended and durable before anything leaves (H-12 to H-14)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

import orjson

from hub.directory.types import Principal
from hub.disclosure.made import Made
from hub.envelope import EventKey, JsonValue
from hub.record import Append, Draft, Record
from hub.record.ports import Chance, Clock
from hub.trace import current_trace

HUB_SOURCE: Final = "urn:safeguarding:hub"
UNKNOWN_CHILD: Final = "unknown"
MADE: Final = "-made"
WITHHELD: Final = "-withheld"
OF_LINKED: Final = "-of-linked-child"
"""Ends the `what` of a disclosure that is filed under a linked child as well."""


@dataclass(frozen=True, slots=True)
class Access:
    """One read, as it is recorded: who, what, why; never content.

    Shape: `trace` joins it to the log line of the request it answers; empty where nobody asked. `made` is
    from what the answer was made; None where it is not made again.
    """

    principal: Principal
    child: str | None
    what: str
    purpose: str | None
    lawful_basis: str | None
    reference: str | None
    as_at: datetime | None
    policy_version: str
    trace: str = field(default_factory=current_trace)
    made: Made | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """One item that leaves: the event it rests on, how, and the ids of the rules that decided.

    Shape: `child` is a linked child on whose stream the event stands; None is the child that was read.
    """

    key: EventKey
    decision: str
    policies: tuple[str, ...]
    child: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """One item that is withheld without trace: which, by which rule code, and the deciding ids."""

    key: EventKey
    rule: str
    policies: tuple[str, ...]


class AccessRecord:
    """Appends what was read and by whom to the stream `access/<child>`."""

    def __init__(self, record: Record, clock: Clock, chance: Chance) -> None:
        self._record: Final = record
        self._clock: Final = clock
        self._chance: Final = chance

    def released(
        self, access: Access, bases: Iterable[str], items: Sequence[Released], kept: Sequence[Kept],
        *, disclosure_id: str = "", beside: Sequence[Draft] = (),
    ) -> str:  # fmt: skip
        """Record a disclosure and return its id, when it is durable and not before.

        Shape: `disclosure_id` is given where one thing must be disclosed once only; `beside` is appended
        with it or not at all.

        1. Under the child that was read: the access, everything that leaves, everything withheld.
        2. Under each linked child of whom something leaves too: the same disclosure with its items, or
           "who saw this child's record" would miss it.

        Raises: HubError store or rate; conflict where the given id stands already. Then nothing may leave.
        """
        disclosure_id = disclosure_id or self._chance.uuid()
        drafts = [  # 1
            self._accessed(access, disclosure_id, "disclosed", len(items)),
            self._made(access, disclosure_id, bases, items),
        ]
        if kept:
            drafts.append(self._withheld(access, disclosure_id, kept))
        for other in sorted({one.child for one in items if one.child} - {access.child}):  # 2
            linked = replace(access, child=other, what=access.what + OF_LINKED, made=None)
            named = [one for one in items if one.child == other]
            name = f"{disclosure_id}-{other}"
            drafts.append(self._accessed(linked, disclosure_id, "disclosed", len(named), name))
            drafts.append(self._made(linked, disclosure_id, bases, named, name))
        self._append((*drafts, *beside))
        return disclosure_id

    def refused(self, access: Access, reason: str) -> str:
        """Record that a read was refused, and why; the reader is told less."""
        disclosure_id = self._chance.uuid()
        self._append((self._accessed(replace(access, made=None), disclosure_id, f"refused: {reason}", 0),))
        return disclosure_id

    def listed(self, readings: Sequence[tuple[Access, Sequence[Released]]]) -> None:
        """Record one reading that spans several children: one access per child, all or none."""
        drafts: list[Draft] = []
        for access, items in readings:
            disclosure_id = self._chance.uuid()
            drafts.append(self._accessed(access, disclosure_id, "disclosed", len(items)))
            if items:
                drafts.append(self._made(access, disclosure_id, (), items))
        self._append(tuple(drafts))

    def _append(self, drafts: tuple[Draft, ...]) -> None:
        self._record.append(Append(drafts)).result()

    def _made(
        self, access: Access, disclosure_id: str, bases: Iterable[str], items: Sequence[Released],
        name: str = "",
    ) -> Draft:  # fmt: skip
        told: dict[str, JsonValue] = {
            "disclosure_id": disclosure_id,
            "policy_version": access.policy_version,
            "bases": sorted(bases),
            "items": [
                {
                    "source": one.key.source,
                    "id": one.key.id,
                    "decision": one.decision,
                    "rules": list(one.policies),
                }
                for one in items
            ],
        }
        return self._draft(access.child, (name or disclosure_id) + MADE, "disclosure-made", told)

    def _withheld(self, access: Access, disclosure_id: str, kept: Sequence[Kept]) -> Draft:
        counts = Counter(one.rule for one in kept)
        told: dict[str, JsonValue] = {
            "disclosure_id": disclosure_id,
            "items": [
                {"source": one.key.source, "id": one.key.id, "rules": list(one.policies)} for one in kept
            ],
            "counts": dict(sorted(counts.items())),
        }
        return self._draft(access.child, disclosure_id + WITHHELD, "disclosure-withheld", told)

    def _accessed(
        self, access: Access, disclosure_id: str, outcome: str, items: int, name: str = ""
    ) -> Draft:
        principal = access.principal
        told: dict[str, JsonValue] = {
            "reader": principal.id,
            "organisation": principal.organisation,
            "role": ", ".join(sorted(principal.roles)),
            "what": access.what,
            "disclosure_id": disclosure_id,
            "items_count": items,
            "outcome": outcome,
            "policy_version": access.policy_version,
        }
        optional: Mapping[str, JsonValue] = {
            "child": access.child,
            "purpose": access.purpose,
            "lawful_basis": access.lawful_basis,
            "access_reference": access.reference,
            "as_at": access.as_at.astimezone(UTC).isoformat() if access.as_at else None,
            "trace": access.trace or None,
            "made": access.made.written() if access.made else None,
        }
        told |= {name: value for name, value in optional.items() if value is not None}
        return self._draft(access.child, name or disclosure_id, "record-accessed", told)

    def _draft(self, child: str | None, id: str, type: str, data: Mapping[str, JsonValue]) -> Draft:
        payload = orjson.dumps(
            {
                "specversion": "1.0",
                "id": id,
                "source": HUB_SOURCE,
                "type": f"safeguarding.{type}.v1",
                "time": self._clock.domain().astimezone(UTC).isoformat(),
                "datacontenttype": "application/json",
                "data": data,
            }
        )
        return Draft(
            stream=f"access/{child or UNKNOWN_CHILD}",
            kind="record",
            source=HUB_SOURCE,
            id=id,
            type=f"{type}.v1",
            payload=payload,
            body=payload,
        )
