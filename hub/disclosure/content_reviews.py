"""Reviews of content: an officer reads named entries for a time once somebody else approved it (H-15)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, NoReturn

import orjson

from hub.directory import Directory
from hub.directory.types import Principal
from hub.disclosure.assemble import Assembler
from hub.disclosure.capacity import UnderReview
from hub.disclosure.decide import Decider
from hub.disclosure.made import Made
from hub.disclosure.page import in_order
from hub.disclosure.purposes import Purposes
from hub.disclosure.release import HUB_SOURCE, MADE, Access, AccessRecord, Released
from hub.disclosure.review_deciders import DECIDE, Deciders
from hub.disclosure.review_shapes import (
    LASTS,
    MAX_REASON,
    MOST_ENTRIES,
    PATIENCE,
    QUESTIONS,
    ReviewedContent,
    ShownReview,
    Wanted,
    shown_review,
)
from hub.disclosure.rules import RuleSet
from hub.disclosure.standing import standing
from hub.disclosure.tokens import ReaderNames
from hub.envelope import EventKey
from hub.errors import HubError
from hub.record import Draft, Record
from hub.record.ports import Chance, Clock
from hub.views import ChildView, Views
from hub.views.content_reviews import STREAM, ContentReview, Decided, Outcome, ReviewStreams

REVIEWED: Final = "content-review"
"""What the reading of opened entries is called; its reference is the review's id."""
_ASKED: Final = "content-review-asked"
_DECIDED: Final = "content-review-decided"
_ENDED: Final = "content-review-ended"
_LISTED: Final = "content-reviews"
_AUDIT: Final = "audit"
_OFFICER: Final = "ig-officer"
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OWN: Final = "Whoever asked for a review, or was given what it looks into, does not decide about it."
_REASON: Final = "Give the reason in 1 to 500 characters."
_ENTRIES: Final = "Name 1 to 200 entries of a child by their entry ids, or a past answer that gave entries."
_NOT_OPEN: Final = "This review does not stand open, so that nothing is read under it."


class ContentReviews:
    """Asked for by a partnership's officer, decided by who answers for the child, read for a time, ended."""

    def __init__(
        self, *, record: Record, views: Views, directory: Directory, rules: RuleSet, purposes: Purposes,
        assembler: Assembler, decider: Decider, accesses: AccessRecord, clock: Clock, chance: Chance,
    ) -> None:  # fmt: skip
        self._record: Final = record
        self._views: Final = views
        self._rules: Final = rules
        self._purposes: Final = purposes
        self._assembler: Final = assembler
        self._accesses: Final = accesses
        self._clock: Final = clock
        self._chance: Final = chance
        self._streams: Final = ReviewStreams(record)
        self._deciders: Final = Deciders(
            record=record, views=views, directory=directory, rules=rules, assembler=assembler,
            decider=decider, clock=clock,
        )  # fmt: skip

    def ask(self, principal: Principal, wanted: Wanted) -> ShownReview:
        """Ask to read entries of a child; nothing opens before somebody else approves.

        Source: H-15, D-13
        Raises: HubError not-found (no such role, child or answer), schema, store, rate, views-behind.

        Procedure
          1. A partnership's officer; a question of the closed list, and why.
          2. The entries, of one child.
          3. Record that it was asked, with what would be opened; then tell who may decide.
        """
        self._officer(principal, _ASKED)  # 1
        if wanted.question not in QUESTIONS:
            raise HubError("schema", "Name one of the listed questions.")
        if not 1 <= len(wanted.reason.strip()) <= MAX_REASON:
            raise HubError("schema", _REASON)
        view, items, given_to = self._named(principal, wanted)  # 2
        now = self._clock.domain().astimezone(UTC)
        review = ContentReview(
            id=self._chance.uuid(), child=view.child, officer=principal.id,
            organisation=principal.organisation, question=wanted.question, reason=wanted.reason.strip(),
            items=items, disclosure=wanted.disclosure, given_to=given_to, asked_at=now,
            lapses_at=now + PATIENCE,
        )  # fmt: skip
        self._note(principal, view.child, _ASKED, review.id, (review.draft(),))  # 3
        for person, as_what in self._deciders.of(review, view, now):
            self._deciders.tell(person, as_what, review, "review-asked", now)
        return self._shown(review, principal, now, review.items)

    def of_officer(self, principal: Principal) -> list[ShownReview]:
        """Every review there was, the latest first, for a partnership's officers.

        Raises: HubError not-found, store.
        """
        self._officer(principal, _LISTED)
        self._note(principal, None, _LISTED)
        now = self._clock.domain()
        found = [self._shown(one, principal, now, one.items) for one in self._streams.all()]
        return sorted(found, key=lambda one: (one.asked_at, one.review), reverse=True)

    def to_decide(self, principal: Principal) -> list[ShownReview]:
        """The reviews that this person may decide now, or decided, the latest first.

        Trust: an entry that this person does not read itself is in no number here.
        Raises: HubError store, views-behind.
        """
        now = self._clock.domain()
        found: list[ShownReview] = []
        for review in self._streams.all():
            decided = review.decided is not None and review.decided.by == principal.person
            if not (decided or review.state(now) == "waiting") or not DECIDE & principal.roles:
                continue
            view = self._views.child(self._views.canonical(review.child))
            opened = self._deciders.may_open(principal, review, view, now)
            if opened or decided:
                found.append(self._shown(review, principal, now, opened))
        children: list[str | None] = [*dict.fromkeys(one.child for one in found)] or [None]
        self._accesses.listed([(self._access(principal, child, _LISTED, None), ()) for child in children])
        return sorted(found, key=lambda one: (one.asked_at, one.review), reverse=True)

    def decide(self, principal: Principal, review: str, outcome: Outcome, reason: str) -> ShownReview:
        """Approve a review, or refuse it.

        Trust: what is opened is what whoever decides reads whole; nobody opens what they do not have. Who
        asked does not decide, nor who was given what is looked into. A decision stands once it is made.
        Source: H-15, D-13, D-15
        Raises: HubError not-found (also for who may not decide), conflict, schema, store, rate, views-behind.

        Procedure
          1. The review, and who may decide about it now.
          2. It waits still; of two decisions at once the record takes one.
          3. Record the decision, then tell the officer.
        """
        found, view = self._found(principal, review, _DECIDED)  # 1
        now = self._clock.domain().astimezone(UTC)
        if principal.person in (found.officer, found.given_to):
            self._refuse(principal, found.child, _DECIDED, found.id, _OWN)
        opened = self._deciders.may_open(principal, found, view, now)
        if not opened or principal.person is None:
            self._refuse(principal, found.child, _DECIDED, found.id)
        if not 1 <= len(reason.strip()) <= MAX_REASON:
            raise HubError("schema", _REASON)
        if found.state(now) != "waiting":  # 2
            raise HubError("conflict", "This review waits for no decision any more.")
        until = now + LASTS if outcome == "approved" else now
        items = opened if outcome == "approved" else ()
        decided = Decided(outcome, reason.strip(), principal.id, now, until, items)
        self._note(principal, view.child, _DECIDED, found.id, (found.decided_draft(decided),))  # 3
        self._deciders.tell(found.officer, "officer", found, "review-decided", now)
        return self._shown(replace(found, decided=decided), principal, now, opened)

    def end(self, principal: Principal, review: str) -> ShownReview:
        """End a review before its time: by the officer who asked, or by who may decide about it.

        Raises: HubError not-found, conflict where it does not stand open; store, rate, views-behind.
        """
        found, view = self._found(principal, review, _ENDED)
        now = self._clock.domain().astimezone(UTC)
        mine = principal.person == found.officer
        opened = found.items if mine else self._deciders.may_open(principal, found, view, now)
        if not opened:
            self._refuse(principal, found.child, _ENDED, found.id)
        if found.state(now) != "open":
            raise HubError("conflict", _NOT_OPEN)
        self._note(principal, view.child, _ENDED, found.id, (found.ended_draft(principal.id, now),))
        ended = replace(found, ended_by=principal.id, ended_at=now)
        return self._shown(ended, principal, now, opened)

    def read(self, principal: Principal, review: str) -> ReviewedContent:
        """Read what a review opened, for the officer who asked for it.

        Source: H-15, D-13
        Raises: HubError not-found, conflict where it does not stand open; store, rate, views-behind.

        Procedure
          1. The officer's own review, and it stands open now.
          2. Decide the child for this officer under this review; only what it opened leaves.
          3. Record the disclosure, which names the review; then, and only then, answer.
        """
        self._officer(principal, REVIEWED)  # 1
        found, view = self._found(principal, review, REVIEWED)
        now = self._clock.domain()
        if principal.person != found.officer:
            self._refuse(principal, found.child, REVIEWED, found.id)
        if found.decided is None or found.state(now) != "open":
            self._accesses.refused(self._access(principal, view.child, REVIEWED, found.id), "conflict")
            raise HubError("conflict", _NOT_OPEN)
        opened = frozenset(found.decided.items)
        disclosed = self._assembler.disclose(  # 2
            principal, view, self._views.one_look(), now=now, as_at=None, capacity=UnderReview(opened)
        )
        chosen = [one for one in disclosed.items if one.key in opened]
        names = {one.name for one in chosen}
        answer = ReviewedContent(
            disclosure_id="", child=view.child, as_at=now, policy_version=self._rules.version, profile=None,
            review=found.id,
            entries=tuple(one.shown for one in in_order(disclosed.placed) if one.shown.entry_id in names),
        )  # fmt: skip
        left = [Released(one.key, one.decision.outcome, (*one.decision.policies, *one.decision.rules))
                for one in chosen]  # fmt: skip
        made = Made(disclosed.view.head, now, {"review": found.id}).of(answer, self._record.digest)
        access = replace(self._access(principal, view.child, REVIEWED, found.id), made=made)
        name = self._accesses.released(access, disclosed.standing.classes, left, disclosed.kept)  # 3
        return replace(answer, disclosure_id=name)

    def _named(
        self, principal: Principal, wanted: Wanted
    ) -> tuple[ChildView, tuple[EventKey, ...], str | None]:
        """The child, the events that are asked for, and to whom a past answer gave them."""
        if (wanted.disclosure is None) == (wanted.child is None) or (wanted.disclosure and wanted.entries):
            raise HubError("schema", _ENTRIES)
        if wanted.disclosure is not None:
            view, given, reader = self._given(principal, wanted.disclosure)
            items = tuple(one.key for one in view.entries if one.key in given)
        else:
            view, reader = self._child(principal, wanted.child or ""), None
            names = ReaderNames(self._record.digest, principal.id, view.child)
            known = {names.entry(one.key): one.key for one in view.entries}
            items = tuple(known[one] for one in dict.fromkeys(wanted.entries) if one in known)
            if len(items) != len(set(wanted.entries)):
                raise HubError("schema", _ENTRIES)
        if not 1 <= len(items) <= MOST_ENTRIES:
            raise HubError("schema", _ENTRIES)
        return view, items, reader

    def _given(self, principal: Principal, disclosure: str) -> tuple[ChildView, set[EventKey], str]:
        accessed = self._record.find(HUB_SOURCE, disclosure) if _UUID.fullmatch(disclosure) else None
        made = self._record.find(HUB_SOURCE, disclosure + MADE) if accessed is not None else None
        if accessed is None or accessed.body is None or made is None or made.body is None:
            self._refuse(principal, None, _ASKED, None)
        told, items = orjson.loads(accessed.body)["data"], orjson.loads(made.body)["data"]["items"]
        given = {EventKey(one["source"], one["id"]) for one in items if one["decision"] in ("V", "R")}
        return self._child(principal, told.get("child", "")), given, str(told["reader"])

    def _child(self, principal: Principal, child: str) -> ChildView:
        known = _UUID.fullmatch(child) and self._views.exists(self._views.canonical(child))
        view = self._views.child(self._views.canonical(child)) if known else None
        if view is None or standing(principal, view, self._clock.domain()).classes != {"officer"}:
            self._refuse(principal, None, _ASKED, None)
        return view

    def _found(self, principal: Principal, review: str, what: str) -> tuple[ContentReview, ChildView]:
        item = self._record.find(HUB_SOURCE, review) if _UUID.fullmatch(review) else None
        if item is None or not item.stream.startswith(STREAM):
            self._refuse(principal, None, what, None)
        view = self._views.child(self._views.canonical(item.stream.removeprefix(STREAM)))
        for one in self._views.content_reviews(view):
            if one.id == review:
                return one, view
        self._refuse(principal, None, what, None)

    def _shown(
        self, review: ContentReview, principal: Principal, now: datetime, items: Iterable[EventKey]
    ) -> ShownReview:
        child = self._views.canonical(review.child)
        names = ReaderNames(self._record.digest, principal.id, child)
        return shown_review(replace(review, child=child), now, (names.entry(one) for one in items))

    def _officer(self, principal: Principal, what: str) -> None:
        """A partnership's officer, who alone reads metadata of every child (D-13); others are refused."""
        partnership = principal.organisation_kind == "partnership" and principal.person is not None
        if not partnership or _OFFICER not in principal.roles:
            self._refuse(principal, None, what, None)

    def _refuse(
        self, principal: Principal, child: str | None, what: str, review: str | None, detail: str = ""
    ) -> NoReturn:
        self._accesses.refused(self._access(principal, child, what, review), "not-found")
        raise HubError("not-found", detail) if detail else HubError("not-found")

    def _note(
        self, principal: Principal, child: str | None, what: str, review: str | None = None,
        beside: Sequence[Draft] = (),
    ) -> None:  # fmt: skip
        self._accesses.released(self._access(principal, child, what, review), (), (), (), beside=beside)

    def _access(self, principal: Principal, child: str | None, what: str, review: str | None) -> Access:
        asks = _OFFICER in principal.roles
        basis = self._purposes.lawful_basis(principal, _AUDIT) if asks else None
        purpose = _AUDIT if asks else None
        return Access(principal, child, what, purpose, basis, review, None, self._rules.version)
