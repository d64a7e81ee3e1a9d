"""The table of decisions as a text that a person can review, and a digest of what is too long for one.

`python -m tests.proofs.decision_table` writes decisions.txt. A line says what each reader who is one thing to
the child gets of a type and detail: V whole, V* whole with the poster by kind, R[...] the fields or labels
that remain, with the codes of what is withheld. Who is not named gets nothing. A circumstance stands below
only where it changes something. The digest is over every request of the table, two-fold readers too.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hub.catalogue import load_catalogue
from hub.disclosure.decide import LABELS
from hub.disclosure.proving.procedure import Answers
from hub.disclosure.proving.table import Table
from hub.disclosure.proving.world import shipped_world

FILE = Path(__file__).parent / "decisions.txt"
# They go with any line, or anything that was sent, so they would stand at every type; the digest has them.
EVERY_LINE = frozenset({"notice-coded-line", "notice-corrected", "notice-withdrawn", "notice-override"})
DIGITS = 16


class Reviewed:
    """The decisions of the shipped rules, row by row."""

    def __init__(self) -> None:
        self.world = shipped_world(load_catalogue())
        self.table = Table(self.world)
        self.answers: Answers[int] = Answers(self.world, self.table)
        by_row, answers = self.table.by_row, self.answers
        self.seen = {name: by_row(mask) for name, mask in answers.seen()}
        self.shown, self._named = by_row(answers.shown), by_row(answers.named)
        self._whole, self._by_label = by_row(answers.whole), by_row(answers.by_label)
        self._complete, self._remainder = by_row(answers.complete), by_row(answers.remainder)
        self._remains = {one.id: by_row(answers.remains_by(one)) for one in answers.remainders()}
        self.permitted = {one: by_row(answers.label_permitted(one)) for one in LABELS}
        self._lines: dict[str, list[int]] = {}
        singles = enumerate(self.table.readers)
        self.singles = [(place, next(iter(one))) for place, one in singles if len(one) == 1]

    def cell(self, row: int, reader: int) -> str:
        """What one reader gets of one row."""

        def true(rows: Sequence[int]) -> bool:
            return bool(rows[row] >> reader & 1)

        if not true(self.shown):
            return ""
        star = "" if true(self._named) else "*"
        if true(self._whole) or (true(self._by_label) and true(self._complete)):
            return f"V{star}"
        if true(self._remainder):
            rules = [self.world.rule(id) for id, mask in self._remains.items() if true(mask)]
            kept = ",".join(dict.fromkeys(field for one in rules for field in one.keeps))
            codes = ",".join(dict.fromkeys(one.rule for one in rules))
            return f"R{star}[{kept}] {codes}"
        labels = ",".join(one for one in LABELS if true(self.permitted[one]))
        return f"R{star}[labels {labels}]"

    def decision(self, row: int, reader: int) -> tuple[str, str, frozenset[str] | None, frozenset[str]]:
        """Outcome, source, what is kept of a remainder, and the labels read of what is shown by labels."""

        def true(rows: Sequence[int]) -> bool:
            return bool(rows[row] >> reader & 1)

        if not true(self.shown):
            return "H", "withheld", None, frozenset()
        by_kind = "shown" if true(self._named) else "kind"
        if true(self._remainder):
            rules = [self.world.rule(id) for id, mask in self._remains.items() if true(mask)]
            source = by_kind if any(one.source_shown for one in rules) else "withheld"
            return "R", source, frozenset(field for one in rules for field in one.keeps), frozenset()
        full = true(self._whole) or true(self._complete)
        labels = frozenset() if full else frozenset(one for one in LABELS if true(self.permitted[one]))
        return "V" if full and by_kind == "shown" else "R", by_kind, None, labels

    def allowed_line(self, code: str) -> list[int]:
        """Whom the rules allow a line, row by row, whether or not the type can give it."""
        if code not in self._lines:
            self._lines[code] = self.table.by_row(self.answers.allowed(f"line-{code}"))
        return self._lines[code]

    def line(self, row: int) -> str:
        """What every reader gets of one row, equal answers together."""
        cells: dict[str, list[str]] = defaultdict(list)
        for place, reader in self.singles:
            if told := self.cell(row, place):
                cells[told].append(reader)
        sent: dict[str, list[str]] = defaultdict(list)
        for code in self.answers.codes:
            bits = self.seen[f"the line {code}"][row] if code not in EVERY_LINE else 0
            for place, reader in self.singles:
                if bits >> place & 1:
                    sent[code].append(reader)
        parts = [f"{told} {' '.join(readers)}" for told, readers in sorted(cells.items())]
        parts += [f"+{code} {' '.join(readers)}" for code, readers in sorted(sent.items())]
        return " | ".join(parts) or "nobody"

    def lines(self) -> Iterator[str]:
        """The whole text: types, details, circumstances, and a digest of each type."""
        rows: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
        for place, row in enumerate(self.table.rows):
            rows[row.type][row.detail][row.variant] = place
        for type, details in rows.items():
            yield f"{type}  #{self._digest(details)}"
            plain = self._variants(details["something-else"])
            yield from _told("", plain, {})
            for detail, variants in details.items():
                told = self._variants(variants)
                if detail != "something-else" and any(plain[one] != line for one, line in told.items()):
                    yield from _told(f" {detail}", told, plain)

    def _variants(self, variants: Mapping[str, int]) -> dict[str, str]:
        return {variant: self.line(place) for variant, place in variants.items() if _reviewed(variant)}

    def _digest(self, details: Mapping[str, Mapping[str, int]]) -> str:
        found = hashlib.sha256()
        for name, rows in sorted(self.seen.items()):
            told = [
                f"{detail}/{variant}/{rows[place]:x}"
                for detail, variants in sorted(details.items())
                for variant, place in sorted(variants.items())
                if rows[place]
            ]
            found.update(f"{name}: {' '.join(told)}\n".encode())
        return found.hexdigest()[:DIGITS]


def _reviewed(variant: str) -> bool:
    """A person reviews one change of circumstances at a time; two are in the digest."""
    return variant.replace("other room", "").strip(", ").count(",") == 0


def _told(detail: str, told: Mapping[str, str], plain: Mapping[str, str]) -> Iterator[str]:
    for variant, line in told.items():
        base = told["other room" if "other room" in variant else ""]
        if variant == "" or (line != base and plain.get(variant) != line):
            name = f"{detail}{f' ({variant})' if variant else ''}".strip() or "in general"
            yield f"  {name}: {line}"


if __name__ == "__main__":
    FILE.write_text("\n".join(Reviewed().lines()) + "\n", encoding="utf-8")
