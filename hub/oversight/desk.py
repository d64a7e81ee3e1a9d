"""Questions of information governance officers: metadata and rule traces, never narrative (H-15)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from hub.catalogue import Catalogue
from hub.directory.types import Principal
from hub.disclosure import Purposes, RuleSet
from hub.disclosure.answers import AccessRow, Explanation, FlagRow
from hub.disclosure.notices import NOTICE
from hub.disclosure.release import HUB_SOURCE, AccessRecord
from hub.disclosure.release import Access as NewAccess
from hub.envelope import EventKey, JsonValue, source_of
from hub.errors import HubError
from hub.identity import Identity
from hub.oversight.accesses import (
    ACCESSED,
    EVERYTHING,
    REFUSALS,
    Access,
    AccessQuery,
    ItemRow,
    fold,
    refused_posts,
)
from hub.oversight.flagged import Flagged
from hub.oversight.overrides import OverrideRow, Overrides
from hub.record import Record, Recorded
from hub.record.ports import Chance, Clock
from hub.views import Views, read_post

OFFICER: Final = "ig-officer"
AUDIT: Final = "audit"
BATCH: Final = 1_000
UUID: Final = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
CODE: Final = re.compile(r"^[DG]-?[.0-9]{2,3}$")
HIDDEN_REASON: Final = "No rule permits any label of this item to this reader."
# The key of a coded line's event where the officer may not know which event it is.
UNNAMED: Final = EventKey("", "")
LINE_WORDS: Final = {"V": "visible", "R": "redacted", "line": "sent as a coded line", "H": "hidden"}


class Oversight:
    """Answers "who saw this child's record and why"; every question is itself recorded.

    A partnership's officer sees all accesses; an agency's officer those of its own staff and those
    that touched its own posts: of an answer to its staff what they got, of any answer its own posts.
    Trust: what was hidden from an agency's reader is hidden from that agency's officer, who would else
    learn that police hold something, or where the other child is.
    """

    def __init__(
        self, *, record: Record, views: Views, identity: Identity, catalogue: Catalogue, rules: RuleSet,
        purposes: Purposes, clock: Clock, chance: Chance,
    ) -> None:  # fmt: skip
        self._catalogue: Final = catalogue
        self._record: Final = record
        self._views: Final = views
        self._identity: Final = identity
        self._rules: Final = rules
        self._purposes: Final = purposes
        self._accesses: Final = AccessRecord(record, clock, chance)
        self._flagged: Final = Flagged(record, views, clock)
        self._overrides: Final = Overrides(record, views, catalogue)

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

    def access(self, principal: Principal, disclosure_id: str) -> AccessRow:
        """One access by its disclosure id."""
        self._officer(principal)
        access = self._find(principal, disclosure_id)
        self._note(principal, access.child, "audit-access")
        return self._trace(access)

    def explanation(self, principal: Principal, disclosure_id: str) -> Explanation:
        """Why a past answer looked as it did: each item, its decision, and the rules in sentences.

        Shape: an item has its event, the trace of its post, type, dates, agency, decision, rule ids and
        reasons; never a content field.
        """
        self._officer(principal)
        access = self._find(principal, disclosure_id)
        self._note(principal, access.child, "audit-explanation")
        entries = self._entries(access)
        items = tuple(self._explained(principal, item, entries) for item in access.items)
        return Explanation(self._trace(access), access.bases, items)

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
        basis = self._purposes.lawful_basis(principal, AUDIT)
        access = NewAccess(principal, child, what, AUDIT, basis, None, None, self._rules.version)
        self._accesses.released(access, ("officer",), (), ())

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
        first = self._record.find(HUB_SOURCE, disclosure_id)
        if first is None or first.type != ACCESSED:
            raise HubError("not-found")
        related = self._record.stream(first.stream, after=first.version - 1)[:3]
        access = self._within(principal, fold(related)[disclosure_id])
        if access is None:
            raise HubError("not-found")
        return access

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
        counts = Counter(self._code(one.policies[0]) for one in items if one.decision == "H" and one.policies)
        if not to_own_staff:
            given = sum(one.decision != "H" for one in items)
            row = replace(access.row, items=given)
            return replace(access, row=row, items=items, counts=dict(counts), bases=())
        got = (one for one in access.items if one.key.source != own_source and one.decision != "H")  # 4
        items += [replace(one, key=UNNAMED) if one.decision == "line" else one for one in got]
        return replace(access, items=items, counts=dict(counts))

    def _trace(self, access: Access) -> AccessRow:
        codes = {self._code(one) for item in access.items for one in item.policies}
        return replace(access.row, withheld=dict(access.counts), rules=tuple(sorted(codes)))

    def _code(self, policy: str) -> str:
        rule = self._rules.by_id.get(policy)
        if rule is not None:
            return rule.rule
        return policy if CODE.fullmatch(policy) else "D-02"

    def _reasons(self, item: ItemRow) -> list[str]:
        """The reasons in sentences: of the policies that decided, and of the codes that withhold."""
        known = self._rules.by_id
        reasons = [known[one].reason for one in item.policies if one in known]
        for code in (one for one in item.policies if CODE.fullmatch(one)):
            about = next((rule.reason for rule in known.values() if rule.rule == code), HIDDEN_REASON)
            reasons.append(f"Withheld under {code}. {about}")
        return list(dict.fromkeys(reasons)) or [HIDDEN_REASON]

    def _entries(self, access: Access) -> Mapping[EventKey, Mapping[str, JsonValue]]:
        """The metadata of the entries that an answer speaks of, from this child and linked ones."""
        if access.child is None or not self._views.exists(access.child):
            return {}
        view = self._views.child(access.child)
        views = [view, *(self._views.child(other) for other in sorted(view.linked))]
        return {
            entry.key: {
                "type": entry.type,
                "occurred_at": entry.occurred.written,
                "precision": entry.occurred.precision,
                "recorded_at": entry.recorded_at.isoformat(),
                "received_at": entry.received_at.isoformat(),
                "organisation": entry.organisation,
                "labels": sorted(self._catalogue.types[entry.type].all_labels),
            }
            for one in views
            for entry in one.entries
        }

    def _explained(
        self,
        principal: Principal,
        item: ItemRow,
        entries: Mapping[EventKey, Mapping[str, JsonValue]],
    ) -> Mapping[str, JsonValue]:
        # Where the officer may not know whose event it is, its trace would join it to others of one post.
        named = _names_poster(principal, item)
        trace = self._posted_under(item.key) if named else ""
        return {**self._explain(item, entries, named), **({"trace": trace} if trace else {})}

    def _posted_under(self, key: EventKey) -> str:
        """The trace of the request that brought an event; empty where it was erased or brought by none."""
        found = self._record.find(key.source, key.id)
        if found is None or found.kind != "event" or found.body is None:
            return ""
        return read_post(found.body).trace

    def _explain(
        self, item: ItemRow, entries: Mapping[EventKey, Mapping[str, JsonValue]], named: bool
    ) -> Mapping[str, JsonValue]:
        event = {"source": item.key.source, "id": item.key.id} if named else {}
        about = entries.get(item.key, {})
        return {
            **event,
            **{name: value for name, value in about.items() if named or name != "organisation"},
            "decision": item.decision,
            "decision_text": LINE_WORDS.get(item.decision, item.decision),
            "rules": list(dict.fromkeys(self._code(one) for one in item.policies)),
            "policies": list(item.policies),
            "reasons": self._reasons(item),
            "requirements": sorted(
                {self._rules.by_id[one].requirement for one in item.policies if one in self._rules.by_id}
            ),
            "legal_bases": sorted(
                {self._rules.by_id[one].legal_basis for one in item.policies if one in self._rules.by_id}
            ),
        }


def _names_poster(principal: Principal, item: ItemRow) -> bool:
    """Whether an officer learns whose event an item is: not where the reader may not have been told."""
    own = item.key.source == source_of(principal.organisation)
    return principal.organisation_kind == "partnership" or own or item.decision == "V"


def _meets(row: AccessRow, query: AccessQuery) -> bool:
    return (
        (query.person is None or row.reader == query.person)
        and (query.organisation is None or row.organisation == query.organisation)
        and (query.rule is None or query.rule in row.rules or query.rule in row.withheld)
        and (query.since is None or row.at >= query.since)
        and (query.until is None or row.at < query.until)
        and (not query.emergency or row.what == "emergency-access")
    )
