"""Questions of information governance officers: metadata and rule traces, never narrative (H-15)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hub.catalogue import Catalogue
from hub.directory.types import Principal
from hub.disclosure import Purposes, RuleSet
from hub.disclosure.answers import AccessRow, Explanation, FlagRow
from hub.disclosure.library import OFFICER, Library
from hub.disclosure.notices import NOTICE
from hub.disclosure.release import HUB_SOURCE, AccessRecord
from hub.disclosure.release import Access as NewAccess
from hub.disclosure.replay import Past, Replayer
from hub.envelope import EventKey, source_of
from hub.errors import HubError
from hub.identity import Identity
from hub.oversight.accesses import (
    ACCESSED,
    EVERYTHING,
    REFUSALS,
    Access,
    AccessQuery,
    fold,
    past_of,
    refused_posts,
)
from hub.oversight.blocked import Blocked, BlockedDecision
from hub.oversight.explaining import Explainer, code_of
from hub.oversight.flagged import Flagged
from hub.oversight.overrides import OverrideRow, Overrides
from hub.oversight.policies import Policies
from hub.oversight.reviews import ReviewRow, Reviews
from hub.record import Record, Recorded
from hub.record.ports import Chance, Clock
from hub.views import Views
from hub.views.emergency import Outcome

AUDIT: Final = "audit"
BATCH: Final = 1_000
UUID: Final = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
# The key of a coded line's event where the officer may not know which event it is.
UNNAMED: Final = EventKey("", "")


class Oversight:
    """Answers "who saw this child's record and why"; every question is itself recorded.

    A partnership's officer sees all accesses; an agency's officer those of its own staff and those
    that touched its own posts: of an answer to its staff what they got, of any answer its own posts.
    A team manager is told of the blocked decisions of its own organisation, and of nothing else here.
    Trust: what was hidden from an agency's reader is hidden from that agency's officer, who would else
    learn that police hold something, or where the other child is.
    """

    def __init__(
        self, *, record: Record, views: Views, identity: Identity, catalogue: Catalogue, rules: RuleSet,
        library: Library, purposes: Purposes, clock: Clock, chance: Chance,
    ) -> None:  # fmt: skip
        self._record: Final = record
        self._views: Final = views
        self._identity: Final = identity
        self._rules: Final = rules
        self._purposes: Final = purposes
        self._accesses: Final = AccessRecord(record, clock, chance)
        self._flagged: Final = Flagged(record, views, clock)
        self._overrides: Final = Overrides(record, views, catalogue)
        self._reviews: Final = Reviews(record, clock)
        self._blocked: Final = Blocked(
            record=record, catalogue=catalogue, purposes=purposes, accesses=self._accesses,
            policy_version=rules.version,
        )  # fmt: skip
        replayer = Replayer(
            record=record, views=views, catalogue=catalogue, library=library, purposes=purposes
        )
        self._explainer: Final = Explainer(
            record=record, views=views, catalogue=catalogue, library=library, replayer=replayer
        )
        self.policies: Final = Policies(
            record=record, catalogue=catalogue, library=library, replayer=replayer, running=rules,
            accesses=self._accesses, access=self._access, find=self._past, past=self._every_past,
        )  # fmt: skip

    def accesses(
        self, principal: Principal, identifier: str | None = None, query: AccessQuery = EVERYTHING
    ) -> list[AccessRow]:
        """Accesses to one child, named by any form of identifier, or to all; oldest first.

        Raises: HubError not-found for anybody who is no officer; store.

        Procedure
          1. Officers only; the child by any form of identifier.
          2. Record the question before it is answered.
          3. Read the accesses, keep those within the officer's remit, apply the query.
        """
        self._officer(principal)  # 1
        child = self._child(identifier) if identifier else None
        self._note(principal, child, "audit-accesses")  # 2
        if identifier and child is None:
            return []
        found = fold(self._recorded(child))  # 3
        within = (self._within(principal, one) for one in found.values())
        rows = [self._trace(one) for one in within if one is not None]
        if identifier is None:
            rows += self._refused_posts(principal)
        return sorted((row for row in rows if _meets(row, query)), key=lambda row: row.at)

    def _refused_posts(self, principal: Principal) -> list[AccessRow]:
        """Refused posts in the officer's remit; which child they were about is not kept (D-55)."""
        return [
            row
            for row in refused_posts(self._record.stream(REFUSALS))
            if principal.organisation_kind == "partnership" or row.organisation == principal.organisation
        ]

    def flags(self, principal: Principal, identifier: str | None = None) -> list[FlagRow]:
        """What may have been disclosed wrongly, of one child by any form of identifier, or of all.

        Source: R-082; H-15
        Raises: HubError not-found for anybody who is no officer; store, views-behind.
        """
        self._officer(principal)
        child = self._child(identifier) if identifier else None
        self._note(principal, child, "audit-flags")
        return [] if identifier and child is None else self._flagged.rows(principal, child)

    def overrides(self, principal: Principal, identifier: str | None = None) -> list[OverrideRow]:
        """Rules that a manager overrode for a decision, of one child by any form of identifier, or of all.

        Source: H-28; H-15
        Raises: HubError not-found for anybody who is no officer; store, views-behind.
        """
        self._officer(principal)
        child = self._child(identifier) if identifier else None
        self._note(principal, child, "audit-overrides")
        return [] if identifier and child is None else self._overrides.rows(principal, child)

    def blocked_decisions(self, principal: Principal) -> list[BlockedDecision]:
        """Decisions of the reader's own organisation that a gate refused, oldest first; for team managers.

        Source: D-55; H-28
        Raises: HubError not-found for anybody who is no team manager of social care; store.
        """
        return self._blocked.rows(principal)

    def reviews(self, principal: Principal) -> list[ReviewRow]:
        """Uses of emergency access, those that wait for a review and those that had one.

        Source: H-17; H-15
        Raises: HubError not-found for anybody who is no officer; store.
        """
        self._officer(principal)
        self._note(principal, None, "audit-reviews")
        return self._reviews.rows(principal)

    def review(self, principal: Principal, access: str, outcome: Outcome, reason: str) -> ReviewRow:
        """Decide of one use of emergency access whether it was right; if not, it ends at once.

        Source: H-17
        Raises: HubError not-found, schema, conflict, store.
        """
        self._officer(principal)
        self._note(principal, None, "audit-review")
        return self._reviews.decide(principal, access, outcome, reason)

    def access(self, principal: Principal, disclosure_id: str) -> AccessRow:
        """One access by its disclosure id."""
        self._officer(principal)
        access = self._find(principal, disclosure_id)
        self._note(principal, access.child, "audit-access")
        return self._trace(access)

    def explanation(self, principal: Principal, disclosure_id: str) -> Explanation:
        """Why a past answer looked as it did: each item, its decision, and the rules in sentences.

        Shape: an item has its event, the trace of its post, type, dates, agency, decision, rule ids, reasons
        and the facts that the rules read; never a content field.
        """
        self._officer(principal)
        whole = self._whole(disclosure_id)
        within = self._within(principal, whole)
        if within is None:
            raise HubError("not-found")
        self._note(principal, within.child, "audit-explanation")
        found = self._explainer.of(principal, within, whole)
        return replace(found, access=self._trace(within))

    def _officer(self, principal: Principal) -> None:
        if OFFICER not in principal.roles:
            raise HubError("not-found")

    def _child(self, identifier: str) -> str | None:
        child = identifier.removeprefix("child:")
        if UUID.fullmatch(child):
            canonical = self._identity.canonical(child)
            return canonical if self._views.exists(canonical) else None
        return self._identity.resolve(identifier)

    def _note(self, principal: Principal, child: str | None, what: str) -> None:
        self._accesses.released(self._access(principal, child, what), ("officer",), (), ())

    def _access(self, principal: Principal, child: str | None, what: str) -> NewAccess:
        basis = self._purposes.lawful_basis(principal, AUDIT)
        return NewAccess(principal, child, what, AUDIT, basis, None, None, self._rules.version)

    def _past(self, principal: Principal, disclosure_id: str) -> Past | None:
        """An answer that the officer answers for, as it can be made again."""
        self._officer(principal)
        self._find(principal, disclosure_id)
        return past_of(self._whole(disclosure_id))

    def _every_past(self) -> list[Past]:
        """Every answer of which something of a child was given."""
        return [one for access in fold(self._recorded(None)).values() if (one := past_of(access)) is not None]

    def _recorded(self, child: str | None) -> Iterator[Recorded]:
        if child is not None:
            for stream in self._identity.streams_of(child):
                yield from self._record.stream("access/" + stream.removeprefix("child/"))
            return
        position = 0
        while batch := self._record.log(position, BATCH):
            position = batch[-1].position
            yield from (one for one in batch if one.stream.startswith("access/"))

    def _find(self, principal: Principal, disclosure_id: str) -> Access:
        access = self._within(principal, self._whole(disclosure_id))
        if access is None:
            raise HubError("not-found")
        return access

    def _whole(self, disclosure_id: str) -> Access:
        """An access with everything that was recorded of it."""
        first = self._record.find(HUB_SOURCE, disclosure_id)
        if first is None or first.type != ACCESSED:
            raise HubError("not-found")
        related = self._record.stream(first.stream, after=first.version - 1)[:3]
        found = fold(related).get(disclosure_id)
        if found is None:
            raise HubError("not-found", "This access was erased.")
        return found

    def _within(self, principal: Principal, access: Access) -> Access | None:
        """As much of an access as an officer answers for; None where it is nothing.

        1. A partnership's officer answers for everything.
        2. A notice has the trace of the post that it follows from: two of one post would be seen to be.
        3. Of an answer to others: the officer's own agency's posts.
        4. Of an answer to its own staff: what they got besides; a coded line without its event.
        """
        if principal.organisation_kind == "partnership":  # 1
            return access
        if access.row.what.startswith(NOTICE):  # 2
            access = replace(access, row=replace(access.row, trace=""))
        own_source = source_of(principal.organisation)
        to_own_staff = access.row.organisation == principal.organisation
        items = [one for one in access.items if one.key.source == own_source]  # 3
        if not items and not to_own_staff:
            return None
        hidden = (one.policies[0] for one in items if one.decision == "H" and one.policies)
        counts = Counter(code_of(one, self._rules) for one in hidden)
        if not to_own_staff:
            given = sum(one.decision != "H" for one in items)
            row = replace(access.row, items=given)
            return replace(access, row=row, items=items, counts=dict(counts), bases=())
        got = (one for one in access.items if one.key.source != own_source and one.decision != "H")  # 4
        items += [replace(one, key=UNNAMED) if one.decision == "line" else one for one in got]
        return replace(access, items=items, counts=dict(counts))

    def _trace(self, access: Access) -> AccessRow:
        codes = {code_of(one, self._rules) for item in access.items for one in item.policies}
        return replace(access.row, withheld=dict(access.counts), rules=tuple(sorted(codes)))


def _meets(row: AccessRow, query: AccessQuery) -> bool:
    return (
        (query.person is None or row.reader == query.person)
        and (query.organisation is None or row.organisation == query.organisation)
        and (query.rule is None or query.rule in row.rules or query.rule in row.withheld)
        and (query.since is None or row.at >= query.since)
        and (query.until is None or row.at < query.until)
        and (not query.emergency or row.what == "emergency-access")
    )
