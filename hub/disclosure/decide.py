"""What one reader gets of one item: whole, with something withheld, or not at all; pure."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final, Literal

from hub.disclosure.cedar_schema import Attribute
from hub.disclosure.compiled import fact_name
from hub.disclosure.engine import Engine
from hub.disclosure.facts import ItemFacts, ReaderFacts

LABELS: Final = (
    "CBH-ID", "CWH-ID", "3P", "SRC", "WORDS", "FAM", "HLTH", "SEXH", "THER", "CRIM", "INTEL", "LEGAL",
    "LOC", "EDU", "OPIN", "SAFE", "SEALED", "OVS",
)  # fmt: skip
_KNOWN: Final = frozenset(LABELS)
# The group of a redaction that withholds who posted the entry, and nothing of its content.
SOURCE: Final = "source"
# Distinct sets of facts are few; the bound only keeps a hostile mix from filling the memory.
MAX_DECIDED: Final = 20_000
_WHOLE_ITEM: Final = ("show-whole", "show-remainder", "show-source")
# What the procedure of deciding reads itself, beside what the rules read.
_READ_HERE: Final = frozenset({"carries", "filled"})
_NOT_ASKED: Final = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A label that the type can carry and this reader does not get: its group, rule and whom to ask."""

    group: str
    rule: str
    ask: str


# Stated per label whether or not the field is filled (D-32), so that a redaction tells nothing.
WITHHELD_LABEL: Final = {
    "CBH-ID": Withheld("identity", "D-56", "own-worker"),
    "CWH-ID": Withheld("identity", "D-56", "own-worker"),
    "3P": Withheld("other people", "D-03", "own-worker"),
    "SRC": Withheld("who reported", "D-10", "own-worker"),
    "WORDS": Withheld("child's words", "D-09", "own-worker"),
    "FAM": Withheld("family", "D-02", "own-worker"),
    "HLTH": Withheld("health", "D-07", "poster"),
    "SEXH": Withheld("health", "D-07", "poster"),
    "THER": Withheld("therapy", "D-06", "own-worker"),
    "CRIM": Withheld("police information", "D-05", "poster"),
    "INTEL": Withheld("police information", "D-05", "enquiry"),
    "LEGAL": Withheld("legal", "D-19", "own-worker"),
    "LOC": Withheld("address and place", "D-08", "own-worker"),
    "EDU": Withheld("school", "D-02", "own-worker"),
    "OPIN": Withheld("opinion", "D-02", "own-worker"),
    "SAFE": Withheld("safety", "D-02", "own-worker"),
    "SEALED": Withheld("link", "D-03", "enquiry"),
    "OVS": Withheld("oversight", "D-54", "approved-review"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What one reader gets of one item.

    Shape: `labels` are permitted; where `keeps` is not None exactly those fields remain. `source` says
    whether the poster shows, shows as its kind, or is withheld. `policies` are the determining ids.
    """

    outcome: Literal["V", "R", "H"]
    policies: tuple[str, ...]
    labels: frozenset[str]
    keeps: tuple[str, ...] | None
    title: str
    source: Literal["shown", "kind", "withheld"]
    withheld: tuple[Withheld, ...]
    whole: bool = field(init=False, compare=False)
    """Whether the entry leaves with all its content; at most who posted it is withheld."""

    def __post_init__(self) -> None:
        # What is redacted says what is withheld; nothing said is not nothing withheld.
        content = self.keeps is None and (
            self.outcome == "V" or (self.outcome == "R" and bool(self.withheld))
        )
        object.__setattr__(self, "whole", content and all(one.group == SOURCE for one in self.withheld))

    @property
    def rules(self) -> tuple[str, ...]:
        """The rule codes of what is withheld, as the reader sees them."""
        return tuple(dict.fromkeys(one.rule for one in self.withheld))


HIDDEN: Final = Decision("H", ("D-02-DEFAULT-DENY",), frozenset(), (), "", "withheld", ())


class _Key:
    """Picks the facts that decide: what no rule reads is left out, so that equal ones are common."""

    def __init__(self, read: Set[Attribute], also: Set[str] = frozenset()) -> None:
        self._of_reader: Final = _picked({fact_name(one) for one in read if one.of == "principal"})
        self._of_item: Final = _picked({fact_name(one) for one in read if one.of == "resource"} | also)

    def of(self, reader: ReaderFacts, item: ItemFacts) -> tuple[object, object]:
        """The same for two pairs exactly where the facts that are read are the same."""
        return self._of_reader(reader), self._of_item(item)


def _picked(names: Set[str]) -> Callable[[ReaderFacts | ItemFacts], object]:
    return attrgetter(*sorted(names)) if names else lambda _: None


class Decider:
    """Decides per distinct set of the facts that the rules read, once (D-32); facts are the whole input."""

    def __init__(self, engine: Engine) -> None:
        self._engine: Final = engine
        self._decided: dict[tuple[object, object], Decision] = {}
        self._lines: dict[tuple[str, object, object], str | None] = {}
        reads = engine.reads([*_WHOLE_ITEM, *(f"read-{label}" for label in LABELS)])
        self._key: Final = _Key(reads, _READ_HERE)
        self._line_keys: Final[dict[str, _Key]] = {}

    def decide(self, reader: ReaderFacts, item: ItemFacts) -> Decision:
        """Decide what this reader gets of this item.

        Source: requirements D-32, D-02, D-33, H-09.

        Procedure
          1. A reader without any class gets nothing, whatever the facts; nobody gets anything of an item with
             a label that the rules do not know, and that is a fault of the hub's configuration (H-09).
          2. A rule that says whole: visible.
          3. A named remainder: exactly what it keeps.
          4. No label of a filled field permitted: hidden without trace.
          5. Every label that the type can carry permitted: visible.
          6. Otherwise redacted by the labels of the type, filled or not.
          7. Who posted shows by its own action; its kind only where the source would reveal.
        """
        if not reader.classes:  # 1
            return HIDDEN
        key = self._key.of(reader, item)
        found = self._decided.get(key)
        if found is None:
            if len(self._decided) >= MAX_DECIDED:
                self._decided.clear()
            found = self._decided[key] = self._decide(reader, item)
        return found

    def _decide(self, reader: ReaderFacts, item: ItemFacts) -> Decision:
        if not _KNOWN.issuperset(item.carries | item.filled):  # 1
            self._engine.faults += 1
            return HIDDEN
        labels = [label for label in LABELS if label in item.carries or label in item.filled]
        actions = [*_WHOLE_ITEM, *(f"read-{one}" for one in labels)]
        whole, remainder, source, *reads = self._engine.ask(actions, reader, item)
        shown: Literal["shown", "kind"] = "shown" if source.allowed else "kind"
        source_note = () if source.allowed else (Withheld(SOURCE, "D-10", "own-worker"),)
        if whole.allowed:  # 2, 7
            outcome: Literal["V", "R"] = "V" if source.allowed else "R"
            return Decision(outcome, whole.policies, frozenset(LABELS), None, "", shown, source_note)
        permitted = frozenset(label for label, read in zip(labels, reads, strict=True) if read.allowed)
        readable = bool(permitted & item.filled)
        complete = item.carries <= permitted and readable
        if remainder.allowed and not complete:  # 3
            return self._remainder(remainder.policies, shown, source_note)
        if not readable:  # 4
            denied = remainder.policies if not remainder.allowed and remainder.policies else HIDDEN.policies
            return Decision("H", denied, frozenset(), (), "", "withheld", ())
        by = tuple(
            sorted({one for label, read in zip(labels, reads, strict=True) if label in permitted
                    for one in read.policies})
        )  # fmt: skip
        if complete and source.allowed:  # 5
            return Decision("V", by, permitted, None, "", "shown", ())
        missing = [label for label in LABELS if label in item.carries and label not in permitted]
        notes = dict.fromkeys(WITHHELD_LABEL[label] for label in missing)  # 6
        return Decision("R", by, permitted, None, "", shown, (*notes, *source_note))

    def _remainder(
        self, policies: tuple[str, ...], shown: Literal["shown", "kind"], source_note: tuple[Withheld, ...]
    ) -> Decision:
        rules = [self._engine.rules.rule(one) for one in policies]
        keeps = tuple(dict.fromkeys(name for rule in rules for name in rule.keeps))
        source: Literal["shown", "kind", "withheld"] = (
            shown if any(rule.source_shown for rule in rules) else "withheld"
        )
        notes = dict.fromkeys(Withheld(rule.group, rule.rule, rule.ask) for rule in rules)
        title = next((rule.title for rule in rules if rule.title), "")
        extra = source_note if source == "kind" else ()
        return Decision("R", policies, frozenset(), keeps, title, source, (*notes, *extra))

    def line(self, code: str, reader: ReaderFacts, item: ItemFacts) -> str | None:
        """The id of the policy that sends this coded line to this reader, or None."""
        action = f"line-{code}"
        if (read := self._line_keys.get(action)) is None:
            read = self._line_keys[action] = _Key(self._engine.reads([action]))
        key = (code, *read.of(reader, item))
        found = self._lines.get(key, _NOT_ASKED)
        if found == _NOT_ASKED:
            if len(self._lines) >= MAX_DECIDED:
                self._lines.clear()
            verdict = self._engine.ask([action], reader, item)[0]
            found = self._lines[key] = verdict.policies[0] if verdict.allowed else None
        return found

    def forbidding(self, code: str, reader: ReaderFacts, item: ItemFacts) -> tuple[str, ...]:
        """The ids of the policies that keep this coded line from this reader; none where none permits it."""
        verdict = self._engine.ask([f"line-{code}"], reader, item)[0]
        return () if verdict.allowed else verdict.policies
