"""The report of overrides: decisions that a rule refused and a named manager let pass (H-28)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.catalogue import Catalogue
from hub.directory.types import Principal
from hub.disclosure.redact import to_minute
from hub.disclosure.tokens import ReaderNames
from hub.envelope import EventKey, source_of
from hub.pathway.gates import GATES, OVERRIDDEN, overrides
from hub.record import Record, Recorded
from hub.views import ChildView, Post, Views, read_post
from hub.views.entry import about_of, entry_of

BATCH: Final = 1_000
CORRECTION: Final = "event-corrected"
_CHILD: Final = "child/"
_REFUSALS: Final = {
    (gate.refusal.rule, type_): gate.refusal for gate in reversed(GATES) for type_ in gate.types
}


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """One rule that a manager overrode for one decision: metadata, never narrative, and no reason (H-15).

    Shape: `force` and `source` are those of the rule, None where this version of the hub has it no more.
    `child` and `entry_id` are None where the officer may not know which child the hub takes it for. `stands`
    is False where the decision was retracted since. `event` is the correction where that was overridden.
    Units: `received_at` to the minute.
    """

    rule: str
    force: str | None
    source: str | None
    type: str
    event: EventKey
    child: str | None
    entry_id: str | None
    organisation: str
    author: str | None
    manager: str | None
    received_at: datetime
    stands: bool


class Overrides:
    """Finds every decision of the record that stands, or stood, only because a manager overrode a rule."""

    def __init__(self, record: Record, views: Views, catalogue: Catalogue) -> None:
        self._record: Final = record
        self._views: Final = views
        kinds = {name: one.kind for name, one in catalogue.types.items()}
        # A correction of a decision is judged as what it corrects.
        self._judged: Final = frozenset(one for one in kinds if kinds[one] == "decision") | {CORRECTION}

    def rows(self, principal: Principal, child: str | None) -> list[OverrideRow]:
        """The overrides in an officer's remit, of one child or of all, in the order of their receipt.

        1. Decisions whose mark says that they were overridden; an override that was not needed has none.
        2. A partnership's officer answers for all of them, an agency's officer for those of its own staff.
        3. Of each: the rule, who decided, who overrode, and whether it stands.

        Raises: HubError store or views-behind.
        """
        items = self._of_child(child) if child is not None else self._everywhere()
        found: list[OverrideRow] = []
        for item in items:
            marked = item.body is not None and any(map(_is_mark, read_post(item.body).flags))  # 1
            if not marked or not _within(principal, item):  # 2
                continue
            post = self._views.post(item)
            if post is not None:
                found += self._rows(principal, post)  # 3
        return found

    def _everywhere(self) -> Iterator[Recorded]:
        position = 0
        while batch := self._record.log(position, BATCH):
            position = batch[-1].position
            yield from (one for one in batch if one.stream.startswith(_CHILD) and self._may_be_judged(one))

    def _of_child(self, child: str) -> Iterator[Recorded]:
        items = [one for stream in self._views.child(child).streams for one in self._record.stream(stream)]
        return (one for one in sorted(items, key=lambda one: one.position) if self._may_be_judged(one))

    def _may_be_judged(self, item: Recorded) -> bool:
        return item.kind == "event" and item.type in self._judged

    def _rows(self, principal: Principal, post: Post) -> Iterator[OverrideRow]:
        view = self._views.child(self._views.canonical(post.stream))
        about = about_of(post.data) if post.type == CORRECTION else None
        target = self._record.find(about.source, about.id) if about is not None else None
        decision = entry_of(post, view.child, self._views.around, type_=target.type if target else None)
        key = about or post.key
        named = _may_know_the_child(principal, view, post)
        for one in overrides([decision]):
            refusal = _REFUSALS.get((one.rule, one.type))
            yield OverrideRow(
                rule=one.rule,
                force=refusal.force if refusal else None,
                source=refusal.source if refusal else None,
                type=one.type,
                event=one.decision,
                child=view.child if named else None,
                entry_id=self._entry_id(principal, view, key) if named else None,
                organisation=post.organisation,
                author=one.author,
                manager=one.manager,
                received_at=to_minute(one.received_at),
                stands=any(entry.key == key for entry in view.entries),
            )

    def _entry_id(self, principal: Principal, view: ChildView, key: EventKey) -> str:
        return ReaderNames(self._record.digest, principal.id, view.child).entry(key)


def _is_mark(flag: str) -> bool:
    return flag.startswith(OVERRIDDEN)


def _within(principal: Principal, item: Recorded) -> bool:
    """Whether an officer answers for a decision: a partnership's for all, an agency's for its own staff's."""
    return principal.organisation_kind == "partnership" or item.source == source_of(principal.organisation)


def _may_know_the_child(principal: Principal, view: ChildView, post: Post) -> bool:
    """Whether an officer learns which child it is.

    Trust: an agency knows a child by its own reference. Which record the hub takes it for is told where the
    agency was responsible for that child: two references of one child would else be seen to be one.
    """
    responsible = view.authority_at(post.position)
    return principal.organisation_kind == "partnership" or principal.organisation == responsible
