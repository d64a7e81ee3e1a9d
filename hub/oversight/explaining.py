"""Why a past answer looked as it did: each item, the rules of then in sentences, and the facts they read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

from hub.catalogue import Catalogue
from hub.directory.types import Principal
from hub.disclosure import RuleSet
from hub.disclosure.answers import Explanation
from hub.disclosure.cedar_ast import ContainsAll, Equal, Node, Not, Text, Texts
from hub.disclosure.cedar_schema import Attribute, Of
from hub.disclosure.compiled import fact_name
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.library import Library
from hub.disclosure.notice_record import NOTICE
from hub.disclosure.proving.sentences import condition_in_words
from hub.disclosure.replay import DECIDED, Past, Replayer
from hub.envelope import EventKey, JsonValue, source_of
from hub.errors import HubError
from hub.oversight.accesses import ACCESSED, Access, ItemRow, past_of
from hub.pathway.entries import Entry
from hub.record import Record
from hub.views import ChildView, Views, read_post

_ACCESS: Final = ACCESSED.removesuffix(".v1")
CODE: Final = re.compile(r"^[DG]-?[.0-9]{2,3}$")
HIDDEN_REASON: Final = "No rule permits any label of this item to this reader."
NOT_HERE: Final = "The sharing rules of that version are not here any more; only their names were kept."
LINE_WORDS: Final = {"V": "visible", "R": "redacted", "line": "sent as a coded line", "H": "hidden"}
# What is no content of the entry: the rest of the facts would tell what somebody wrote in it (D-13).
TOLD: Final = frozenset({"filled", "meeting", "own", "source_reveals", "link_in_force", "evidence_held"})
# Which of those that are true or false tell something: most of them where they are true.
_TELLING: Final[Mapping[str, frozenset[bool]]] = {
    "own": frozenset({True, False}),
    "evidence_held": frozenset({False}),
}
_TRUE: Final = frozenset({True})


@dataclass(frozen=True, slots=True)
class _Then:
    """What is known of the moment at which an answer was made."""

    views: tuple[ChildView, ...] = ()
    reader: ReaderFacts | None = None
    items: Mapping[EventKey, ItemFacts] = field(default_factory=dict)


class Explainer:
    """Puts a past answer into sentences for an officer."""

    def __init__(
        self, *, record: Record, views: Views, catalogue: Catalogue, library: Library, replayer: Replayer
    ) -> None:
        self._record: Final = record
        self._views: Final = views
        self._catalogue: Final = catalogue
        self._library: Final = library
        self._replayer: Final = replayer

    def of(self, principal: Principal, within: Access, whole: Access) -> Explanation:
        """The explanation of an access, as far as an officer answers for it.

        Shape: `within` is that much of the `whole` access.
        Trust: an agency's officer gets neither facts nor how entries read then: both tell of what was
        withheld from the agency's own staff.

        1. The rules of then, by their version; where they are not here, their ids alone.
        2. The record of then, with the facts that those rules read.
        3. Item by item.
        """
        rules = self._library.rules(within.row.policy_version)  # 1
        partnership = principal.organisation_kind == "partnership"
        then = self._then(whole, rules) if partnership else _Then(self._now(within.child))  # 2
        entries = {one.key: self._about(one) for view in then.views for one in view.entries}
        items = tuple(self._item(principal, one, entries, then, rules) for one in within.items)  # 3
        reader = tuple(_reader_in_words(then.reader, rules)) if then.reader and rules else ()
        return Explanation(within.row, within.bases, items, rules is not None, reader)

    def _then(self, whole: Access, rules: RuleSet | None) -> _Then:
        past = past_of(whole)
        told = past is not None and past.what == NOTICE and past.made is not None
        if past is None or rules is None or not (told or past.what in DECIDED):
            return _Then(self._now(whole.child))
        try:
            return self._told(past, rules) if told else self._decided(past, rules)
        except HubError as fault:
            if fault.slug in ("store", "views-behind"):
                raise
            return _Then(self._now(whole.child))  # nobody of that name was known then

    def _decided(self, past: Past, rules: RuleSet) -> _Then:
        then = self._replayer.then(past)
        disclosed = self._replayer.disclosed(past, then, rules)
        find = then.views.one_look()
        own = find(past.child)
        linked = (find(other) for other in sorted(own.linked))
        return _Then((own, *linked), disclosed.standing.facts, disclosed.facts)

    def _told(self, past: Past, rules: RuleSet) -> _Then:
        """What the rules read of the people for whose sake an organisation was told, and of the event."""
        then, notices = self._replayer.then(past), self._replayer.notices
        assert past.made is not None
        look = notices.look(then.views.one_look(), then.directory, self._replayer.ready(rules), past.now)
        event = notices.event(past.made, past.child, then.views, look)
        if event is None:
            return _Then(self._now(past.child))
        found = list(notices.facts(past.reader, event, look))
        reader = ReaderFacts(
            frozenset(name for one, _ in found for name in one.classes), any(one.attended for one, _ in found)
        )
        if not found:
            return _Then((event.own, event.view))
        return _Then((event.own, event.view), reader, {event.entry.key: found[0][1]})

    def _now(self, child: str | None) -> tuple[ChildView, ...]:
        if child is None or not self._views.exists(child):
            return ()
        find = self._views.one_look()
        view = find(child)
        return view, *(find(other) for other in sorted(view.linked))

    def _about(self, entry: Entry) -> Mapping[str, JsonValue]:
        """The metadata of an entry that an answer speaks of."""
        return {
            "type": entry.type,
            "occurred_at": entry.occurred.written,
            "precision": entry.occurred.precision,
            "recorded_at": entry.recorded_at.isoformat(),
            "received_at": entry.received_at.isoformat(),
            "organisation": entry.organisation,
            "labels": sorted(self._catalogue.types[entry.type].all_labels),
        }

    def _about_access(self, key: EventKey) -> Mapping[str, JsonValue]:
        """The metadata of an access of which a child's own account tells; nothing of any other item."""
        found = self._record.find(key.source, key.id)
        if found is None or found.type != ACCESSED or found.body is None:
            return {}
        event = orjson.loads(found.body)
        return {
            "type": _ACCESS,
            "occurred_at": event["time"],
            "precision": "exact",
            "organisation": event["data"]["organisation"],
        }

    def _item(
        self, principal: Principal, item: ItemRow, entries: Mapping[EventKey, Mapping[str, JsonValue]],
        then: _Then, rules: RuleSet | None,
    ) -> Mapping[str, JsonValue]:  # fmt: skip
        # Where the officer may not know whose event it is, its trace would join it to others of one post.
        named = _names_poster(principal, item)
        about = entries.get(item.key) or self._about_access(item.key)
        known = rules.by_id if rules else {}
        deciding = [known[one] for one in item.policies if one in known]
        found: dict[str, JsonValue] = {
            **({"source": item.key.source, "id": item.key.id} if named else {}),
            **{name: value for name, value in about.items() if named or name != "organisation"},
            "decision": item.decision,
            "decision_text": LINE_WORDS.get(item.decision, item.decision),
            "rules": list(dict.fromkeys(code_of(one, rules) for one in item.policies)),
            "policies": list(item.policies),
            "reasons": list(_reasons(item, rules)),
            "requirements": sorted({one.requirement for one in deciding}),
            "legal_bases": sorted({one.legal_basis for one in deciding}),
        }
        if rules and item.key in then.items:
            found["facts"] = list(_item_in_words(then.items[item.key], rules))
        trace = self._posted_under(item.key) if named else ""
        return {**found, **({"trace": trace} if trace else {})}

    def _posted_under(self, key: EventKey) -> str:
        """The trace of the request that brought an event; empty where it was erased or brought by none."""
        found = self._record.find(key.source, key.id)
        if found is None or found.kind != "event" or found.body is None:
            return ""
        return read_post(found.body).trace


def code_of(policy: str, rules: RuleSet | None) -> str:
    """The code of the rule that a policy carries out."""
    rule = rules.by_id.get(policy) if rules else None
    if rule is not None:
        return rule.rule
    return policy if CODE.fullmatch(policy) else "D-02"


def _reasons(item: ItemRow, rules: RuleSet | None) -> tuple[str, ...]:
    """The reasons in sentences: of the policies that decided, and of the codes that withhold."""
    if rules is None:
        return (NOT_HERE,)
    known = rules.by_id
    reasons = [known[one].reason for one in item.policies if one in known]
    for code in (one for one in item.policies if CODE.fullmatch(one)):
        about = next((rule.reason for rule in known.values() if rule.rule == code), HIDDEN_REASON)
        reasons.append(f"Withheld under {code}. {about}")
    return tuple(dict.fromkeys(reasons)) or (HIDDEN_REASON,)


def _reader_in_words(facts: ReaderFacts, rules: RuleSet) -> Iterator[str]:
    for attribute in _declared(rules, "principal"):
        yield from _said(attribute, getattr(facts, fact_name(attribute)))


def _item_in_words(facts: ItemFacts, rules: RuleSet) -> Iterator[str]:
    for attribute in _declared(rules, "resource"):
        if (name := fact_name(attribute)) in TOLD:
            yield from _said(attribute, getattr(facts, name))


def _declared(rules: RuleSet, of: Of) -> list[Attribute]:
    return [one for (side, _), one in sorted(rules.declared.attributes.items()) if side == of]


def _said(attribute: Attribute, value: object) -> Iterator[str]:
    """A fact as a sentence, where it tells something."""
    if isinstance(value, bool):
        if value in _TELLING.get(fact_name(attribute), _TRUE):
            told: Node = attribute if value else Not(attribute)
            yield condition_in_words(told)
    elif isinstance(value, frozenset) and value:
        yield condition_in_words(ContainsAll(attribute, Texts(value)))
    elif isinstance(value, str) and value not in ("", "none"):
        yield condition_in_words(Equal(attribute, Text(value)))


def _names_poster(principal: Principal, item: ItemRow) -> bool:
    """Whether an officer learns whose event an item is: not where the reader may not have been told."""
    own = item.key.source == source_of(principal.organisation)
    return principal.organisation_kind == "partnership" or own or item.decision == "V"
