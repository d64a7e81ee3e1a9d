"""What the door needs of reviews of content, papers for families and accounts for children, as shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hub.directory import Principal
from hub.disclosure.answers import ReadRequest
from hub.disclosure.family_papers import FamilyPaper
from hub.disclosure.own_account import OwnAccount
from hub.disclosure.review_shapes import ReviewedContent, ShownReview, Wanted
from hub.views.content_reviews import Outcome


class ContentReviews(Protocol):
    """An officer asks to read entries, somebody else decides, it ends."""

    def ask(self, principal: Principal, wanted: Wanted) -> ShownReview:
        """Ask to read entries of a child."""
        ...

    def of_officer(self, principal: Principal) -> Sequence[ShownReview]:
        """Every review, for officers."""
        ...

    def to_decide(self, principal: Principal) -> Sequence[ShownReview]:
        """The reviews that this person may decide, or decided."""
        ...

    def decide(self, principal: Principal, review: str, outcome: Outcome, reason: str) -> ShownReview:
        """Approve a review, or refuse it."""
        ...

    def end(self, principal: Principal, review: str) -> ShownReview:
        """End a review before its time."""
        ...

    def read(self, principal: Principal, review: str) -> ReviewedContent:
        """Read what a review opened."""
        ...


class FamilyPapers(Protocol):
    """Papers for the family of a child."""

    def make(self, principal: Principal, request: ReadRequest, recipient: str) -> FamilyPaper:
        """The paper for one member of the family."""
        ...


class OwnAccounts(Protocol):
    """Children's own accounts of who was told what about them."""

    def make(self, principal: Principal, request: ReadRequest) -> OwnAccount:
        """The account of one child."""
        ...
