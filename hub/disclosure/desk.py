"""The only way out: answers about a child, decided and recorded before anything leaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from hub.catalogue import Catalogue
from hub.directory import Directory
from hub.directory.types import Principal
from hub.disclosure.answers import Answer, Chronology, MyChild, MyOpenItem, Overview, ReadRequest
from hub.disclosure.assemble import Assembler, Disclosed, FindView
from hub.disclosure.contacts import shown_contacts
from hub.disclosure.content_reviews import ContentReviews
from hub.disclosure.decide import Decider
from hub.disclosure.emergency import EmergencyAccess
from hub.disclosure.engine import Engine
from hub.disclosure.family_papers import FamilyPapers
from hub.disclosure.guidance import shown_guidance
from hub.disclosure.handing import Notice
from hub.disclosure.lines import known_since
from hub.disclosure.made import Made, asked_of
from hub.disclosure.mail import Mail
from hub.disclosure.meetings import Hands, Meetings
from hub.disclosure.own_account import OwnAccounts
from hub.disclosure.page import in_order, matching, page
from hub.disclosure.purposes import Purposes
from hub.disclosure.reasoning import Reasoning, Risk
from hub.disclosure.redact import LONDON
from hub.disclosure.release import OF_LINKED, Access, AccessRecord, Released
from hub.disclosure.risk import next_deadline
from hub.disclosure.rules import RuleSet
from hub.disclosure.standing import standing
from hub.disclosure.told import CHRONOLOGY, ToldIndex
from hub.envelope import EventKey
from hub.errors import HubError
from hub.identity import Identity
from hub.pathway.profiles import Profile, ProfileOf
from hub.record import HubSigner, Record, Recorded
from hub.record.ports import Chance, Clock
from hub.views import ChildView, Views

UUID: Final = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
IDENTITY_REVIEW: Final = "identity-review"
OVERVIEW: Final = "overview"
DEADLINES: Final = "deadlines"
OPEN_ITEMS: Final = "my-open-items"
NOT_FOUND: Final = "There is nothing here for you under this address."
AnAnswer = TypeVar("AnAnswer", bound=Answer)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A permitted read: the reader, the view and what the reader gets; nothing has left yet."""

    principal: Principal
    request: ReadRequest
    purpose: str
    now: datetime
    as_at: datetime
    find: FindView
    disclosed: Disclosed


class Disclosure:
    """Answers of the hub about children, to people with a role, a relationship and a purpose."""

    def __init__(
        self, *, record: Record, views: Views, identity: Identity, directory: Directory, catalogue: Catalogue,
        rules: RuleSet, purposes: Purposes, profile_of: ProfileOf, clock: Clock, chance: Chance,
        accesses: AccessRecord | None = None, told: ToldIndex | None = None, signer: HubSigner | None = None,
    ) -> None:  # fmt: skip
        self._views: Final = views
        self._identity: Final = identity
        self._directory: Final = directory
        self._rules: Final = rules
        self._purposes: Final = purposes
        self._profile_of: Final = profile_of
        self._clock: Final = clock
        self._digest: Final = record.digest
        self._engine: Final = Engine(rules, counted=True)
        decider = Decider(self._engine)
        self._assembler: Final = Assembler(rules, decider, catalogue, record.digest)
        self._accesses: Final = accesses or AccessRecord(record, clock, chance)
        self.mail: Final = Mail(
            record=record, views=views, directory=directory, rules=rules, purposes=purposes,
            assembler=self._assembler, decider=decider, accesses=self._accesses, profile_of=profile_of,
            clock=clock, signer=signer,
        )  # fmt: skip
        self._told: Final = told or ToldIndex(record)
        self._reasoning: Final = Reasoning(self._assembler, self._told, profile_of)
        self.meetings: Final = Meetings(
            Hands(
                self._read, self._reasoning.risk, partial(self._reasoning.beside, apart=True), self._left,
                self._asked, self._profile,
            ),
            record=record, views=views, directory=directory, assembler=self._assembler, decider=decider,
            accesses=self._accesses, chance=chance, profile_of=profile_of, policy_version=rules.version,
        )  # fmt: skip
        self.emergency: Final = EmergencyAccess(
            self._read, self._asked, record=record, views=views, identity=identity, directory=directory,
            rules=rules, decider=decider, accesses=self._accesses, clock=clock, chance=chance,
        )  # fmt: skip
        self.reviews: Final = ContentReviews(
            record=record, views=views, directory=directory, rules=rules, purposes=purposes,
            assembler=self._assembler, decider=decider, accesses=self._accesses, clock=clock, chance=chance,
        )  # fmt: skip
        self.families: Final = FamilyPapers(
            self._read, self._asked, self._profile, assembler=self._assembler,
            accesses=self._accesses, digest=record.digest, policy_version=rules.version,
        )  # fmt: skip
        self.accounts: Final = OwnAccounts(
            self._read, self._asked, self._profile, record=record, told=self._told, rules=rules,
            assembler=self._assembler, decider=decider, accesses=self._accesses, directory=directory,
        )  # fmt: skip

    @property
    def faults(self) -> int:
        """How many evaluations of a rule erred; readiness is red while there are any."""
        return self._engine.faults

    def chronology(self, principal: Principal, request: ReadRequest) -> Chronology:
        """One page of the merged chronology of a child.

        Raises: HubError purpose, not-found, schema (cursor or limit), views-behind, store.

        Procedure
          1. Decide all of the child for this reader, on views at or past the record's head.
          2. Filter, order and page what is disclosed; nothing hidden is in any number. What is noted
             beside the entries of the page.
          3. Record the disclosure durably; then, and only then, answer.
        """
        reading = self._read(principal, request, CHRONOLOGY)  # 1
        shown = in_order(matching(reading.disclosed.placed, request.filters))  # 2
        try:
            entries, cursor = page(shown, request, principal.id, self._digest)
        except HubError as refusal:
            # Only a reader with a relationship gets this far, so this refusal tells something: recorded.
            self._accesses.refused(self._asked(reading, CHRONOLOGY), refusal.slug)
            raise
        entries = self._reasoning.beside(reading, entries)
        on_page = {one.entry_id for one in entries}
        answer = Chronology(
            disclosure_id="",
            child=request.child,
            as_at=reading.as_at,
            policy_version=self._rules.version,
            profile=self._profile(reading.disclosed.view),
            entries=tuple(entries),
            cursor=cursor,
        )
        return self._release(reading, CHRONOLOGY, answer, on_page)  # 3

    def overview(self, principal: Principal, request: ReadRequest) -> Overview:
        """The cross-agency risk overview of a child, computed from what this reader gets (H-20)."""
        reading = self._read(principal, request, OVERVIEW)
        return self._overview(reading, OVERVIEW, self._reasoning.risk(reading))

    def deadlines(self, principal: Principal, request: ReadRequest) -> Overview:
        """The clocks of a child as this reader gets them."""
        reading = self._read(principal, request, DEADLINES)
        risk = self._reasoning.risk(reading, items=False)
        return self._overview(reading, DEADLINES, replace(risk, lines=()))

    def children(self, principal: Principal) -> list[MyChild]:
        """The children this reader has a relationship with now, with what is new since the last read."""
        found: list[MyChild] = []
        for reading in self._own_children(principal):
            disclosed, child = reading.disclosed, reading.request.child
            last = self._told.last_read(child, principal.id)
            since = [known_since(item.entry) for item in disclosed.items]
            since += [line.since for line in (*disclosed.lines, *disclosed.carried)]
            new = sum(1 for one in since if last is None or one > last)
            risk = self._reasoning.risk(reading, items=False)
            due = next_deadline(risk.deadlines, reading.now.astimezone(LONDON).date())
            found.append(MyChild(child, disclosed.standing.relationships, new, due))
        named: list[str | None] = [one.child for one in found] or [None]
        self._accesses.listed(
            [(self._access(principal, child, "my-children", None, None, None), []) for child in named]
        )
        return found

    def open_items(self, principal: Principal) -> list[MyOpenItem]:
        """What the reader's own organisation is expected to do for the children of this reader (R-147).

        Shape: by child, the longest expected first; recorded as an access of each child, and of each
        linked one on which an item rests.
        """
        found: list[MyOpenItem] = []
        readings: list[tuple[Access, list[Released]]] = []
        for reading in self._own_children(principal):
            child, risk = reading.request.child, self._reasoning.risk(reading)
            mine = [one for one in risk.open_items if one.agency == principal.organisation]
            found += [MyOpenItem(child, one) for one in mine]
            left = self._left(reading, {name for one in mine for name in one.evidence}, risk.linked)
            for seen in (child, *sorted({one.child for one in left if one.child} - {child})):
                what = OPEN_ITEMS if seen == child else OPEN_ITEMS + OF_LINKED
                access = self._access(principal, seen, what, None, None, None)
                readings.append((access, [one for one in left if one.child == seen]))
        nobody = self._access(principal, None, OPEN_ITEMS, None, None, None)
        self._accesses.listed(readings or [(nobody, [])])
        return found

    def _own_children(self, principal: Principal) -> Iterator[_Reading]:
        """The children this reader has a relationship with now, each decided; nothing has left yet."""
        now = self._clock.domain()
        for child in sorted(self._views.children_of(principal.organisation, principal.person)):
            find = self._views.one_look()
            view = find(child)
            stands = standing(principal, view, now)
            if view.child != child or not stands.classes or stands.classes == {"officer"}:
                continue
            disclosed = self._assembler.disclose(principal, view, find, now=now, as_at=None)
            yield _Reading(principal, ReadRequest(child, None), "", now, now, find, disclosed)

    def lookup(self, principal: Principal, identifier: str, purpose: str | None) -> str:
        """The child that an exact identifier names, only where the reader has a relationship with it.

        An identity reviewer gets the id alone, of any child: to decide which child it is, is the role.
        """
        checked = self._check(principal, None, "look-up", purpose, None)
        child = self._identity.resolve(identifier)
        if child is None or checked != IDENTITY_REVIEW:
            find = self._views.one_look()
            child = self._enter(principal, ReadRequest(child or "", None), "look-up", checked, find).child
        access = self._access(principal, child, "look-up", checked, None, None)
        self._accesses.released(access, (), (), ())
        return child

    def notices(self, item: Recorded) -> tuple[Notice, ...]:
        """Which organisations must be told of this item now; each notice is durable when it is returned.

        Raises: HubError store, rate, views-behind; the same call again records nothing twice.
        """
        return self.noticing()(item)

    def noticing(self) -> Callable[[Recorded], tuple[Notice, ...]]:
        """`notices` for items that are told together, all of them recorded before this call.

        Trust: what was read of a child for one item serves the others: who uses it sends soon.
        """
        look = self.mail.look()
        return lambda item: self.mail.of(item, look)

    def note_own_posts(self, principal: Principal, posts: Mapping[str, Sequence[EventKey]]) -> None:
        """Record durably that an organisation reads its own posts, child by child (D-30, H-14)."""
        named: list[str | None] = [*posts] or [None]
        self._accesses.listed(
            [
                (
                    self._access(principal, child, "own-posts", None, None, None),
                    [Released(key, "V", ("D-30-AUTHOR",)) for key in posts.get(child or "", ())],
                )
                for child in named
            ]
        )

    def _read(self, principal: Principal, request: ReadRequest, what: str) -> _Reading:
        """Who may read, and what: purpose, then relationship, then every entry decided.

        1. The purpose is checked before the child is looked at, so that it tells nothing of the child.
        2. No such child and no relationship are one refusal, recorded.
        3. `as_at` is never later than now, and narrows what was known only.
        """
        purpose = self._check(principal, request.child, what, request.purpose, request.reference)  # 1
        now = self._clock.domain()
        find = self._views.one_look()
        view = self._enter(principal, request, what, purpose, find)  # 2
        as_at = min(request.as_at, now) if request.as_at else None  # 3
        disclosed = self._assembler.disclose(principal, view, find, now=now, as_at=as_at)
        return _Reading(principal, request, purpose, now, as_at or now, find, disclosed)

    def _check(
        self, principal: Principal, child: str | None, what: str, purpose: str | None, reference: str | None
    ) -> str:
        try:
            return self._purposes.check(principal, purpose, reference)
        except HubError as refusal:
            named = purpose if purpose in self._purposes.roles else None
            self._accesses.refused(
                self._access(principal, self._known(child), what, named, None, None), refusal.slug
            )
            raise

    def _enter(
        self, principal: Principal, request: ReadRequest, what: str, purpose: str, find: FindView
    ) -> ChildView:
        """The view of a child that this reader has a relationship with now, else not-found, recorded."""
        known = self._known(request.child)
        view = self._candidate(principal, known, find)
        if view is not None and standing(principal, view, self._clock.domain()).classes:
            return view
        access = self._access(principal, known, what, purpose, request.reference, request.as_at)
        self._accesses.refused(access, "not-found")
        raise HubError("not-found", NOT_FOUND)

    def _known(self, child: str | None) -> str | None:
        """The child under whose accesses a refusal is filed; None where there is no such child."""
        return child if child and UUID.fullmatch(child) and self._views.exists(child) else None

    def _candidate(self, principal: Principal, child: str | None, find: FindView) -> ChildView | None:
        """The view of a child that might be this reader's; a child that cannot be is not folded at all.

        A child without a relationship and one that does not exist cost the same, so that the time of
        an answer tells nothing.
        """
        candidates = self._views.children_of(principal.organisation, principal.person)
        if child is None or (child not in candidates and not self._is_officer(principal)):
            return None
        return find(child) if self._identity.canonical(child) == child else None

    @staticmethod
    def _is_officer(principal: Principal) -> bool:
        return "ig-officer" in principal.roles

    def _overview(self, reading: _Reading, what: str, risk: Risk) -> Overview:
        answer = Overview(
            disclosure_id="",
            child=reading.request.child,
            as_at=reading.as_at,
            policy_version=self._rules.version,
            profile=self._profile(reading.disclosed.view),
            lines=risk.lines,
            deadlines=risk.deadlines,
            open_items=risk.open_items,
            notes=risk.notes,
            contacts=shown_contacts(self._procedure(reading.disclosed.view), reading.now),
            side_by_side=risk.side_by_side,
            guidance=shown_guidance(
                self._procedure(reading.disclosed.view),
                reading.principal.organisation_kind,
                reading.disclosed,
                reading.as_at,
            ),
        )
        return self._release(reading, what, answer, risk.used, risk.linked)

    def _release(
        self, reading: _Reading, what: str, answer: AnAnswer, entry_ids: set[str],
        linked: Sequence[Disclosed] = (),
    ) -> AnAnswer:  # fmt: skip
        """The answer under its name, once the record that it leaves is durable."""
        left, disclosed = self._left(reading, entry_ids, linked), reading.disclosed
        access = self._asked(reading, what)
        made = access.made.of(answer, self._digest) if access.made else None
        disclosure_id = self._accesses.released(
            replace(access, made=made), disclosed.standing.classes, left, disclosed.kept
        )
        return replace(answer, disclosure_id=disclosure_id)

    @staticmethod
    def _left(reading: _Reading, entry_ids: set[str], linked: Sequence[Disclosed]) -> list[Released]:
        """What leaves where these entries and lines do, with the rules that decided."""
        disclosed = reading.disclosed
        items = [
            Released(
                item.key,
                item.decision.outcome,
                (*item.decision.policies, *item.decision.rules),
                one.view.child,
            )
            for one in (disclosed, *linked)
            for item in one.items
            if item.name in entry_ids
        ]
        return items + [
            Released(line.basis, "line", (line.policy,), line.child)
            for line in (*disclosed.lines, *disclosed.carried)
            if line.placed.shown.entry_id in entry_ids
        ]

    def _asked(self, reading: _Reading, what: str) -> Access:
        asked = reading.request
        access = self._access(
            reading.principal, asked.child, what, reading.purpose, asked.reference, asked.as_at
        )
        return replace(access, made=Made(reading.disclosed.view.head, reading.now, asked_of(asked)))

    def _access(
        self, principal: Principal, child: str | None, what: str, purpose: str | None, reference: str | None,
        as_at: datetime | None,
    ) -> Access:  # fmt: skip
        basis = self._purposes.lawful_basis(principal, purpose) if purpose else None
        return Access(principal, child, what, purpose, basis, reference, as_at, self._rules.version)

    def _procedure(self, view: ChildView) -> Profile | None:
        """The local procedure of the child's own authority."""
        return self._profile_of(view.authority) if view.authority else None

    def _profile(self, view: ChildView) -> str | None:
        organisation = self._directory.organisation(view.authority) if view.authority else None
        return organisation.profile if organisation else None
