"""Reviews of emergency access: what waits for an officer, and what was decided (H-17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.directory.types import Principal
from hub.disclosure.emergency import State, state_of
from hub.disclosure.redact import to_minute
from hub.disclosure.release import HUB_SOURCE
from hub.errors import HubError
from hub.record import Append, Record
from hub.record.ports import Clock
from hub.views import EmergencyUse, Review
from hub.views.emergency import EMERGENCY, EmergencyUses, Outcome, name_of, uses

MAX_REASON: Final = 500
_OWN: Final = "Whoever used emergency access does not review it."
_DONE: Final = "This access was reviewed before."


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One use of emergency access that is to be reviewed, or was.

    Shape: `child` is None where no child was known by the identifier that was given, or where the officer may
    not know of it; `opened` says whether anything was opened.
    Units: times aware UTC, to the minute.
    """

    access: str
    child: str | None
    opened: bool
    reader: str
    organisation: str
    role: str
    reason: str
    reference: str
    used_at: datetime
    ends_at: datetime
    state: State
    review_reason: str | None
    reviewer: str | None
    reviewed_at: datetime | None


class Reviews:
    """The reviews that an officer answers for: a partnership's all, an agency's those of its own staff."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record: Final = record
        self._uses: Final = EmergencyUses(record)
        self._clock: Final = clock

    def rows(self, principal: Principal) -> list[ReviewRow]:
        """Every use in the officer's remit, the longest ago first; what waits and what was decided."""
        now = self._clock.domain()
        found = [self._row(principal, use, now) for use in self._uses.all() if _within(principal, use)]
        return sorted(found, key=lambda row: (row.used_at, row.access))

    def decide(self, principal: Principal, access: str, outcome: Outcome, reason: str) -> ReviewRow:
        """Record what an officer finds of one use; not approved, it opens nothing from the next read on.

        Trust: nobody reviews what they did themselves; a review stands once it is made.
        Raises: HubError not-found (also for who may not review it), conflict, schema, store.

        Procedure
          1. A use in the officer's remit, and not the officer's own.
          2. It was not reviewed before; of two at once the record takes one.
          3. Record the review.
        """
        use = self._found(access)  # 1
        if use is None or not _within(principal, use) or principal.person is None:
            raise HubError("not-found")
        if use.reader == principal.person:
            raise HubError("not-found", _OWN, rule="H-17")
        if not 1 <= len(reason.strip()) <= MAX_REASON:
            raise HubError("schema", "Give the reason in 1 to 500 characters.")
        if use.review is not None:  # 2
            raise HubError("conflict", _DONE)
        review = Review(outcome, reason, principal.person, self._clock.domain())
        self._record.append(Append((use.review_draft(review),))).result()  # 3
        return self._row(principal, self._found(access) or use, self._clock.domain())

    def _found(self, access: str) -> EmergencyUse | None:
        item = self._record.find(HUB_SOURCE, name_of(access))
        if item is None or not item.stream.startswith(EMERGENCY):
            return None
        return next((one for one in uses(self._record.stream(item.stream)) if one.id == access), None)

    @staticmethod
    def _row(principal: Principal, use: EmergencyUse, now: datetime) -> ReviewRow:
        review, opened = use.review, use.expires_at > use.used_at
        # An agency's officer learns no more than its reader: what was not opened may not be known.
        named = opened or principal.organisation_kind == "partnership"
        return ReviewRow(
            access=use.id,
            child=use.child if named else None,
            opened=opened,
            reader=use.reader,
            organisation=use.organisation,
            role=use.role,
            reason=use.reason,
            reference=use.reference,
            used_at=to_minute(use.used_at),
            ends_at=to_minute(use.ends_at),
            state=state_of(use, now),
            review_reason=review.reason if review else None,
            reviewer=review.by if review else None,
            reviewed_at=to_minute(review.at) if review else None,
        )


def _within(principal: Principal, use: EmergencyUse) -> bool:
    return principal.organisation_kind == "partnership" or principal.organisation == use.organisation
