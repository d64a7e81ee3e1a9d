"""The decision procedure of `Decider`, in any logic: what a reader gets of an item, and by which rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final, Generic, TypeVar

from hub.disclosure.cedar_ast import Policy
from hub.disclosure.decide import LABELS
from hub.disclosure.proving.logic import OTHER, Logic, truth
from hub.disclosure.proving.world import World

WHOLE: Final = "show-whole"
REMAINDER: Final = "show-remainder"
SOURCE: Final = "show-source"
LINE: Final = "line-"

T = TypeVar("T")


class Answers(Generic[T]):
    """What the hub answers to one request, as terms of a logic.

    Shape: `unguarded` answers as if every rule that permits permitted always, so that only what rules
    forbid is left: what holds then, no rule that permits can undo.
    Source: D-02, D-32; hub/disclosure/decide.py
    """

    def __init__(self, world: World, logic: Logic[T], *, unguarded: bool = False) -> None:
        self.world: Final = world
        self.logic: Final = logic
        self._unguarded: Final = unguarded
        self._satisfied: dict[str, T] = {}
        self._allowed: dict[str, T] = {}

    def satisfied(self, policy: Policy) -> T:
        """Whether the condition of a policy is true."""
        if policy.id not in self._satisfied:
            self._satisfied[policy.id] = truth(policy.condition, self.logic)
        return self._satisfied[policy.id]

    def forbidden(self, action: str) -> T:
        """Whether a rule forbids this action."""
        return self.logic.some([self.satisfied(one) for one in self._about(action, "forbid")])

    def permitted(self, action: str) -> T:
        """Whether a rule permits this action."""
        if self._unguarded:
            return self.logic.constant(True)
        return self.logic.some([self.satisfied(one) for one in self._about(action, "permit")])

    def allowed(self, action: str) -> T:
        """Whether Cedar answers Allow: a rule permits and none forbids."""
        if action not in self._allowed:
            denied = self.logic.negation(self.forbidden(action))
            self._allowed[action] = self.logic.every([self.permitted(action), denied])
        return self._allowed[action]

    def _about(self, action: str, effect: str) -> list[Policy]:
        return [one for one in self.world.policies if one.effect == effect and action in one.actions]

    @cached_property
    def any_class(self) -> T:
        """Whether the reader is anything to the child at all."""
        classes = self.world.fact("principal", "classes")
        return self.logic.some([self.logic.has(classes, one) for one in self.logic.members(classes)])

    @cached_property
    def whole(self) -> T:
        """Whether a rule shows the item whole."""
        return self.logic.every([self.any_class, self.allowed(WHOLE)])

    def label_permitted(self, label: str) -> T:
        """Whether this label is one that the item can carry and the reader may read."""
        asked = self.logic.some([self.logic.carries(label), self.filled(label)])
        return self.logic.every([asked, self.allowed(f"read-{label}")])

    def filled(self, label: str) -> T:
        """Whether a field with this label is filled."""
        return self.logic.has(self.world.fact("resource", "filled"), label)

    @cached_property
    def readable(self) -> T:
        """Whether a label of a filled field is permitted."""
        return self.logic.some(
            [self.logic.every([self.filled(one), self.label_permitted(one)]) for one in LABELS]
        )

    @cached_property
    def complete(self) -> T:
        """Whether every label that the type can carry is permitted, and one of a filled field."""
        met = [
            self.logic.some([self.logic.negation(self.logic.carries(one)), self.label_permitted(one)])
            for one in LABELS
        ]
        return self.logic.every([self.readable, self.logic.negation(self.logic.carries(OTHER)), *met])

    @cached_property
    def remainder(self) -> T:
        """Whether exactly what named rules keep is shown."""
        negation = self.logic.negation
        return self.logic.every(
            [self.any_class, negation(self.whole), self.allowed(REMAINDER), negation(self.complete)]
        )

    @cached_property
    def by_label(self) -> T:
        """Whether the item is shown by its labels."""
        negation = self.logic.negation
        return self.logic.every(
            [self.any_class, negation(self.whole), negation(self.remainder), self.readable]
        )

    @cached_property
    def shown(self) -> T:
        """Whether the reader learns of the item as an entry: it is not hidden."""
        return self.logic.some([self.whole, self.remainder, self.by_label])

    @cached_property
    def visible(self) -> T:
        """Whether the outcome is V: all its content, and who posted it."""
        full = self.logic.some([self.whole, self.logic.every([self.by_label, self.complete])])
        return self.logic.every([full, self.allowed(SOURCE)])

    @cached_property
    def named(self) -> T:
        """Whether the organisation that posted is named to the reader."""
        telling = [self.satisfied(one) for one in self.remainders() if self.world.rule(one.id).source_shown]
        by_rule = self.logic.every([self.remainder, self.logic.some(telling)])
        shows = self.logic.some([self.whole, self.by_label, by_rule])
        return self.logic.every([shows, self.allowed(SOURCE)])

    def remainders(self) -> list[Policy]:
        """The rules that name a remainder."""
        return self._about(REMAINDER, "permit")

    def remains_by(self, policy: Policy) -> T:
        """Whether this rule is one of those whose remainder is shown."""
        return self.logic.every([self.remainder, self.satisfied(policy)])

    def keeps(self, labels: Iterable[str] | None = None) -> T:
        """Whether a remainder keeps a field, or one that bears any of these labels."""
        wanted = None if labels is None else frozenset(labels)
        type_fact = self.world.fact("resource", "type")
        parts = []
        for policy in self.remainders():
            names = {one.partition(":")[0] for one in self.world.rule(policy.id).keeps}
            types = [
                type
                for type, fields in self.world.fields.items()
                if any(name in fields and (wanted is None or wanted & fields[name]) for name in names)
            ]
            of = self.logic.some([self.logic.is_text(type_fact, type) for type in sorted(types)])
            parts.append(self.logic.every([self.remains_by(policy), of]))
        return self.logic.some(parts)

    def reads(self, label: str) -> T:
        """Whether content with this label, which is filled, leaves for the reader."""
        by_label = self.logic.every([self.by_label, self.label_permitted(label)])
        leaves = self.logic.some([self.whole, by_label, self.keeps([label])])
        return self.logic.every([self.filled(label), leaves])

    @cached_property
    def reads_anything(self) -> T:
        """Whether any content leaves for the reader, beyond that there is an entry of this type."""
        return self.logic.some([self.whole, self.by_label, self.keeps()])

    def line(self, code: str) -> T:
        """Whether this coded line is sent: the rules allow it, and the type can give it."""
        types = self.world.line_types.get(code)
        allowed = self.allowed(f"{LINE}{code}")
        if types is None:
            return allowed
        type_fact = self.world.fact("resource", "type")
        of = self.logic.some([self.logic.is_text(type_fact, one) for one in sorted(types)])
        return self.logic.every([allowed, of])

    def any_line(self, codes: Iterable[str] | None = None) -> T:
        """Whether any coded line is sent, or any of these."""
        return self.logic.some([self.line(one) for one in (self.codes if codes is None else codes)])

    def seen(self) -> Iterator[tuple[str, T]]:
        """Everything by which a reader could tell two rule sets apart, each with its name.

        Shape: rules that keep the same and say the same of what they withhold are one.
        """
        yield "that there is an entry", self.shown
        yield "the whole entry", self.whole
        yield "who posted it", self.named
        yield "the entry complete", self.logic.every([self.by_label, self.complete])
        for label in LABELS:
            permitted = self.label_permitted(label)
            yield f"what is labelled {label}", self.logic.every([self.by_label, permitted])
        told: dict[tuple[object, ...], list[T]] = {}
        for policy in self.remainders():
            rule = self.world.rule(policy.id)
            notes = (rule.keeps, rule.source_shown, rule.title, rule.group, rule.rule, rule.ask)
            told.setdefault(notes, []).append(self.remains_by(policy))
        for noted, parts in told.items():
            yield f"the remainder {noted}", self.logic.some(parts)
        for code in self.codes:
            yield f"the line {code}", self.line(code)

    def instead(self, world: World, original: Policy, changed: Policy | None) -> Answers[T]:
        """The answers of a rule set in which one rule is changed, or gone where `changed` is None."""
        found = Answers(world, self.logic)
        found._satisfied.update({id: one for id, one in self._satisfied.items() if id != original.id})
        touched = original.actions | (changed.actions if changed else frozenset())
        found._allowed.update({action: one for action, one in self._allowed.items() if action not in touched})
        return found

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes of all lines, notices among them."""
        actions = sorted(self.world.schema.actions)
        return tuple(one.removeprefix(LINE) for one in actions if one.startswith(LINE))
