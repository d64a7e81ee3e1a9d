"""Who decides about a review of content, what they would open by it, and that they are told (H-15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from hub.directory import Directory
from hub.directory.types import Principal
from hub.disclosure.assemble import Assembler
from hub.disclosure.decide import Decider
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.notice_record import RAISED, NoticeRecord, Origin
from hub.disclosure.redact import LONDON
from hub.disclosure.rules import RuleSet
from hub.disclosure.standing import Standing, standing
from hub.disclosure.tokens import ReaderNames
from hub.envelope import EventKey, JsonObject
from hub.record import Record
from hub.record.ports import Clock
from hub.views import ChildView, Grant, Views
from hub.views.content_reviews import ContentReview

MANAGER: Final = "team-manager"
UNIT: Final = "safeguarding-unit"
DECIDE: Final = frozenset({MANAGER, UNIT})
"""Whose roles may decide at all."""
_FACTS_OF: Final = "record-accessed"


class Deciders:
    """The child's team managers, or where no worker is allocated its Safeguarding Unit (G.00, D-12, D-15).

    Trust: whoever decides reads what it opens; who asked, and who was given what is looked into, does not.
    """

    def __init__(
        self, *, record: Record, views: Views, directory: Directory, rules: RuleSet, assembler: Assembler,
        decider: Decider, clock: Clock,
    ) -> None:  # fmt: skip
        self._digest: Final = record.digest
        self._views: Final = views
        self._directory: Final = directory
        self._rules: Final = rules
        self._assembler: Final = assembler
        self._decider: Final = decider
        self._notices: Final = NoticeRecord(record, clock)

    def may_open(
        self, principal: Principal, review: ContentReview, view: ChildView, now: datetime
    ) -> tuple[EventKey, ...]:
        """The events that this person would open by approving a review; none where it may not decide."""
        stands = standing(principal, view, now)
        if principal.person in (None, review.officer, review.given_to) or not _answers(stands, view, now):
            return ()
        disclosed = self._assembler.disclose(principal, view, self._views.one_look(), now=now, as_at=None)
        read = {one.key for one in disclosed.items if one.decision.whole}
        return tuple(one for one in review.items if one in read)

    def of(self, review: ContentReview, view: ChildView, now: datetime) -> Iterator[tuple[str, str]]:
        """Who may decide a review, each as what: the child's team managers, or its Safeguarding Unit."""
        teams = {one.organisation for one in _allocations(view, now)}
        unit = {view.authority} if view.authority is not None and not teams else set()
        for role, organisations in ((MANAGER, teams), (UNIT, unit)):
            for organisation in sorted(organisations):
                for person in self._directory.people_with_role(organisation, role):
                    principal = self._directory.principal_for_person(person.id)
                    if self.may_open(principal, review, view, now):
                        yield person.id, role

    def tell(self, recipient: str, as_what: str, review: ContentReview, code: str, now: datetime) -> None:
        """Tell one person that a review waits, or was decided: by a code, and of nothing that it names."""
        labels = frozenset({"OVS"})
        facts = ItemFacts(_FACTS_OF, "", labels, labels, False, "none", frozenset(), False, False)
        policy = self._decider.line(f"notice-{code}", ReaderFacts(frozenset({as_what}), False), facts)
        if policy is None:
            return
        rule = self._rules.rule(policy)
        id = self._notices.name(review.key, recipient, review.child, code)
        line: JsonObject = {
            "code": code, "text": rule.text, "rule": rule.rule, "requirement": rule.requirement,
            "on": now.astimezone(LONDON).date().isoformat(), "to": [as_what],
        }  # fmt: skip
        token = ReaderNames(self._digest, recipient, review.child).child()
        body: JsonObject = {"notice": id, "token": token, "lines": [line]}
        self._notices.keep(recipient, id, body, Origin(review.child, review.key, (policy,)), RAISED)


def _answers(stands: Standing, view: ChildView, now: datetime) -> bool:
    """Whether somebody answers for the child as its team manager, or as its unit while it has none."""
    return MANAGER in stands.classes or (UNIT in stands.classes and not _allocations(view, now))


def _allocations(view: ChildView, now: datetime) -> list[Grant]:
    return [one for one in view.grants if one.kind == "allocated" and one.current(now)]
