"""The identity reviewers' desk: what waits for a decision, and the decision."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.directory import Principal
from hub.envelope import JsonObject, is_reference
from hub.errors import HubError
from hub.identity import Identity, ReferenceResolved, Waiting
from hub.intake.receipts import written
from hub.record import Chance, Record
from hub.views import read_post

ROLE: Final = "identity-reviewer"


class Reviewing:
    """Shows identity reviewers the questions of their area, and records what they decide.

    Trust: a reviewer of the partnership answers for every area, one of an agency for its own.
    """

    def __init__(self, record: Record, identity: Identity, chance: Chance) -> None:
        self._record: Final = record
        self._identity: Final = identity
        self._chance: Final = chance

    def queue(self, principal: Principal) -> list[JsonObject]:
        """The provisional streams and contested openings that wait, oldest first.

        Shape: `reference` is how the first poster named the child; `others` are the children whose
        identifiers a contested opening names. Nothing of what was posted is shown.
        Raises: HubError("not-found") for anybody else.
        """
        return [self._shown(one) for one in self._waiting(principal)]

    def resolve(
        self, principal: Principal, provisional: str, child: str, evidence: str, now: datetime
    ) -> None:
        """Record that a provisional stream is about a child; `child` is an id or any reference.

        Raises: HubError not-found, conflict or store.
        """
        waiting = {one.child for one in self._waiting(principal) if one.event is None}
        found = self._identity.resolve(child) if is_reference(child) else child
        if provisional not in waiting or found is None or principal.person is None:
            raise HubError("not-found", "Name a waiting provisional stream, and a child that is known.")
        decision = ReferenceResolved(provisional, found, evidence, principal.person, now)
        self._identity.join(decision, f"identity-{self._chance.uuid()}")

    def _waiting(self, principal: Principal) -> list[Waiting]:
        if ROLE not in principal.roles:
            raise HubError("not-found")
        everywhere = principal.organisation_kind == "partnership"
        return [one for one in self._identity.queue() if everywhere or one.area == principal.area]

    def _shown(self, waiting: Waiting) -> JsonObject:
        first = self._record.stream(f"child/{waiting.child}")[0]
        shown: dict[str, str | list[str] | None] = {
            "kind": "provisional" if waiting.event is None else "contested-opening",
            "provisional" if waiting.event is None else "child": waiting.child,
            "area": waiting.area,
            "since": written(waiting.since),
            "reference": read_post(first.body).subject if first.body is not None else None,
        }
        if waiting.event is not None:
            shown["others"] = list(waiting.others)
        return shown
