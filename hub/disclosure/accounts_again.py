"""Children's own accounts by two sets of rules: whom they name, and what they say was told to whom (H-23)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hub.disclosure.account_looks import Look
from hub.disclosure.assemble import Disclosed
from hub.disclosure.lines import ACCOUNT
from hub.disclosure.notices_again import Ready
from hub.disclosure.own_account import NAME, READER, TO, Recipient, Telling, tellings
from hub.envelope import EventKey

WHO: Final = "who was told: "
NAMED: Final = "by name: "
WHAT: Final = "what was told: "
_NO_WORDS: Final = "(no words)"


@dataclass(frozen=True, slots=True)
class SaidOtherwise:
    """What an account would say otherwise of one access.

    Shape: `key` names the access in the record. `parts` are what it would say more, or `less`: the words for
    who was told, the organisation's id where the account names it, the words for what it was told. `before`
    and `after` are the ids of the rules that decide.
    """

    less: bool
    key: EventKey
    parts: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What one set of rules lets an account say of one access; `who` is None where it may not say that."""

    telling: Telling
    who: Recipient | None
    what: Mapping[str, frozenset[EventKey]]
    """What it says was told, by its words: of which events."""

    @property
    def names(self) -> tuple[str, ...]:
        """The words for who was told, and the organisation where it is named."""
        if self.who is None:
            return ()
        named = (NAMED + self.telling.look.organisation,) if self.who.name is not None else ()
        return (WHO + (self.who.kind or _NO_WORDS), *named)

    def by(self, text: str) -> tuple[str, ...]:
        """The rules whose words these are."""
        return tuple(sorted({self.telling.told[key] for key in self.what[text]}))


_Beyond = Iterator[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Side:
    """A child as its own account may speak of it, by one set of rules."""

    ready: Ready
    disclosed: Disclosed

    def said(self, found: Sequence[Look], titles: Callable[[str], str]) -> dict[EventKey, _Said]:
        """What the account may say of each access by which somebody was told of what it speaks of."""
        rules, view, lines = self.ready.rules, self.disclosed.view, self.disclosed.lines
        said = {}
        for one in tellings(view, lines, found, self.ready.decider, rules):
            what: dict[str, frozenset[EventKey]] = {}
            for key, policy in one.told.items():
                text = rules.rule(policy).text
                what[text] = what.get(text, frozenset()) | {key}
            said[one.look.key] = _Said(one, one.who(rules, titles), what)
        return said

    def beyond(self, has: _Said, other: Side, lacks: _Said | None) -> _Beyond:
        """What this side says of an access and the other does not, with the rules here and the rules there.

        1. The other says that nobody was told anything of what it speaks of: text by text, with who.
        2. Who was told, where the other may not say it, or says it in other words, or without a name.
        3. What was told, text by text, where the other says who.
        """
        if lacks is None:  # 1
            for text, keys in has.what.items():
                yield (*has.names, _what(text)), has.by(text), other._withholding(keys)
            return
        names = tuple(one for one in has.names if one not in lacks.names)
        if names:  # 2
            unsaid = () if lacks.who is not None else tuple(_what(text) for text in has.what)
            by_name = any(one.startswith(NAMED) for one in names)
            yield (*names, *unsaid), self._naming(has, by_name), other._naming(lacks, by_name)
        for text, keys in has.what.items() if lacks.who is not None else ():  # 3
            if text not in lacks.what:
                yield (_what(text),), has.by(text), other._withholding(keys)

    def _naming(self, said: _Said, by_name: bool) -> tuple[str, ...]:
        """The rules that let the account say who was told, and `by_name`, or that forbid it."""
        one, against = said.telling, self.ready.decider.forbidding
        if one.to is None:
            return against(TO, READER, one.facts)
        if not by_name:
            return (one.to,)
        return one.policies if one.name is not None else (one.to, *against(NAME, READER, one.facts))

    def _withholding(self, keys: Iterable[EventKey]) -> tuple[str, ...]:
        """The rules that forbid the account to speak of these events, or by which it says something else."""
        reader, facts = self.disclosed.standing.facts, self.disclosed.facts
        found: set[str] = set()
        for key in keys:
            policy = self.ready.decider.line(ACCOUNT, reader, facts[key])
            against = self.ready.decider.forbidding(ACCOUNT, reader, facts[key])
            found.update(against if policy is None else (policy,))
        return tuple(sorted(found))


def said_otherwise(
    now: Side, draft: Side, found: Sequence[Look], titles: Callable[[str], str]
) -> Iterator[SaidOtherwise]:
    """What an account of these accesses would say otherwise by a draft; nothing where it says the same.

    Shape: access by access, whether or not its recipient had the same before, which an account says once.
    Source: H-23; H-08
    """
    old, new = now.said(found, titles), draft.said(found, titles)
    for key in (one.key for one in found if one.key in old or one.key in new):
        before, after = old.get(key), new.get(key)
        if after is not None and after.who is not None:
            for parts, here, there in draft.beyond(after, now, before):
                yield SaidOtherwise(False, key, parts, there, here)
        if before is not None and before.who is not None:
            for parts, here, there in now.beyond(before, draft, after):
                yield SaidOtherwise(True, key, parts, here, there)


def _what(text: str) -> str:
    return WHAT + (text or _NO_WORDS)
