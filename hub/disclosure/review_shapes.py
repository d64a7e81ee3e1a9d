"""What is asked for a review of content, what each reader gets of one, and the settings of it (H-15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hub.disclosure.answers import Answer, ShownEntry
from hub.disclosure.redact import to_minute
from hub.views.content_reviews import ContentReview, State

LASTS: Final = timedelta(hours=72)
"""How long an approved review stands open (a setting of H-15)."""
PATIENCE: Final = timedelta(days=14)
"""How long one that nobody decides waits (a setting of H-15)."""
MOST_ENTRIES: Final = 200
MAX_REASON: Final = 500
QUESTIONS: Final[Mapping[str, str]] = {
    "decision-of-a-rule": "Whether a sharing rule decided rightly about an entry",
    "wrong-disclosure": "What somebody learned who should not have",
    "complaint": "A complaint about what was recorded or shared",
    "rights-request": "A request by the person concerned, such as to correct or erase",
    "misuse-of-access": "Whether somebody opened a record without need",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer asks to read: a past answer's entries, or a child's by the officer's own names.

    Shape: either `disclosure`, or `child` and `entries`. `question` is of a closed list.
    """

    question: str
    reason: str
    disclosure: str | None = None
    child: str | None = None
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownReview:
    """One review as the officer, or who may decide it, gets it: metadata, and nothing of any entry.

    Shape: `entries` are named as this reader knows them: to the officer all that were asked for, to who
    decides those that would be opened. `opened` is how many an approval opened.
    Units: times aware UTC, to the minute.
    """

    review: str
    child: str
    officer: str
    question: str
    reason: str
    disclosure: str | None
    entries: tuple[str, ...]
    asked_at: datetime
    lapses_at: datetime
    state: State
    decided_by: str | None
    decision_reason: str | None
    decided_at: datetime | None
    open_until: datetime | None
    opened: int | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewedContent(Answer):
    """The entries that a review opened, as the officer may read them now."""

    review: str
    entries: tuple[ShownEntry, ...]


def shown_review(review: ContentReview, now: datetime, entries: Iterable[str]) -> ShownReview:
    """A review as it stands, its entries under the names of whoever gets it."""
    decided = review.decided
    approved = decided is not None and decided.outcome == "approved"
    return ShownReview(
        review=review.id,
        child=review.child,
        officer=review.officer,
        question=review.question,
        reason=review.reason,
        disclosure=review.disclosure,
        entries=tuple(entries),
        asked_at=to_minute(review.asked_at),
        lapses_at=to_minute(review.lapses_at),
        state=review.state(now),
        decided_by=decided.by if decided else None,
        decision_reason=decided.reason if decided else None,
        decided_at=to_minute(decided.at) if decided else None,
        open_until=to_minute(decided.until) if decided and approved else None,
        opened=len(decided.items) if decided and approved else None,
        ended_at=to_minute(review.ended_at) if review.ended_at else None,
    )
