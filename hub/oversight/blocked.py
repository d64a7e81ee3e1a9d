"""Blocked decisions: what a gate refused of a reader's own organisation, for its team managers (D-55)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from hub.catalogue import Catalogue
from hub.directory.types import Principal
from hub.disclosure import Purposes
from hub.disclosure.redact import to_minute
from hub.disclosure.release import Access, AccessRecord
from hub.errors import HubError
from hub.oversight.accesses import REFUSALS, REFUSED
from hub.pathway.gates import GATES, Refusal
from hub.record import Record

TEAM_MANAGER: Final = "team-manager"
KIND: Final = "social-care"
WHAT: Final = "blocked-decisions"
_PURPOSE: Final = "oversight"
_GATE: Final = "gate"
# A decision that nobody answers for is refused before any gate, and no manager can answer in nobody's place.
_UNANSWERED: Final = "H-28"


@dataclass(frozen=True, slots=True)
class BlockedDecision:
    """One decision that a gate refused: never which child, and nothing of what was sent.

    Shape: `type` and `title` are None where they were not kept, as are `reason`, `force` and `source`, which
    this version of the hub may also have no more, and `can_be_overridden`, which follows from the force.
    `trace` names the answer that the sender got; empty where it was not kept.
    Units: `at` to the minute.
    """

    at: datetime
    type: str | None
    title: str | None
    rule: str | None
    force: str | None
    source: str | None
    reason: str | None
    can_be_overridden: bool | None
    trace: str


def may_read_blocked(principal: Principal) -> bool:
    """Whether somebody is told of blocked decisions: a team manager of social care (roles B)."""
    return (
        principal.person is not None
        and principal.organisation_kind == KIND
        and TEAM_MANAGER in principal.roles
    )


class Blocked:
    """Tells a team manager which decisions of its own organisation a gate refused; each reading recorded."""

    def __init__(
        self, *, record: Record, catalogue: Catalogue, purposes: Purposes, accesses: AccessRecord,
        policy_version: str,
    ) -> None:  # fmt: skip
        self._record: Final = record
        self._titles: Final = {name: one.title for name, one in catalogue.types.items()}
        self._purposes: Final = purposes
        self._accesses: Final = accesses
        self._policy_version: Final = policy_version

    def rows(self, principal: Principal) -> list[BlockedDecision]:
        """The refusals by gates of what the reader's own organisation posted, in the order of the record.

        1. Team managers of social care only.
        2. Record the reading before it is answered.
        3. Of the kept refusals: those by a gate, of this organisation. A wrong signature or form is none.

        Raises: HubError not-found for everybody else; store.
        Source: D-55, H-28
        """
        if not may_read_blocked(principal):  # 1
            raise HubError("not-found")
        basis = self._purposes.lawful_basis(principal, _PURPOSE)  # 2
        asked = Access(principal, None, WHAT, _PURPOSE, basis, None, None, self._policy_version)
        self._accesses.released(asked, (), (), ())
        kept = (  # 3
            orjson.loads(item.body)
            for item in self._record.stream(REFUSALS)
            if item.type == REFUSED and item.body is not None
        )
        own = (one for one in kept if one["slug"] == _GATE and one["organisation"] == principal.organisation)
        return [self._row(one) for one in own]

    def _row(self, told: Mapping[str, str | None]) -> BlockedDecision:
        """One kept refusal. What was kept before types were says less."""
        type_, rule, detail = told.get("type"), told["rule"], told.get("detail")
        meant = _meant(rule, detail)
        force = _only({one.force for one in meant})
        return BlockedDecision(
            at=to_minute(datetime.fromisoformat(told["at"] or "")),
            type=type_,
            title=self._titles.get(type_) if type_ is not None else None,
            rule=rule,
            force=force,
            source=_only({one.source for one in meant}),
            reason=detail or _only({f"{one.text} {one.fix}" for one in meant}),
            can_be_overridden=False if rule == _UNANSWERED else None if force is None else force != "MUST",
            trace=told.get("trace") or "",
        )


def _meant(rule: str | None, detail: str | None) -> set[Refusal]:
    """The refusals of this version that a kept one may have been: of its rule, and of its text if known."""
    of_rule = {gate.refusal for gate in GATES if gate.refusal.rule == rule}
    if detail is None:
        return of_rule
    return {one for one in of_rule if detail.startswith(one.text)} or of_rule


def _only(values: set[str]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None
