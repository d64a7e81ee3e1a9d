"""Rows of a TOML file read strictly: every fault is kept with its row and what is allowed there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Final

LONGEST: Final = 400
CODE: Final = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one row of a profile, and what may stand there."""

    row: str
    says: str
    allowed: str


@dataclass(slots=True)
class Row:
    """One table of the file; a fault is noted and a harmless value given, so that all are found at once."""

    members: Mapping[str, object]
    path: str
    faults: list[Fault]
    read: set[str] = field(default_factory=set)

    def fault(self, name: str, says: str, allowed: str) -> None:
        """Note a fault of a member of this row; an empty name means the row itself."""
        self.faults.append(Fault(".".join(one for one in (self.path, name) if one), says, allowed))

    def has(self, name: str) -> bool:
        """Whether the member is there; it counts as read."""
        self.read.add(name)
        return name in self.members

    def text(self, name: str, pattern: str | None = None, allowed: str = "") -> str:
        """A text that must be there."""
        value = self._get(name, "a text")
        if not isinstance(value, str):
            return self._wrong(name, value, "a text")
        if not value.strip() or len(value) > LONGEST or _CONTROL.search(value):
            self.fault(name, "is empty, too long or holds control characters", f"1 to {LONGEST} characters")
        elif pattern is not None and not re.fullmatch(pattern, value):
            self.fault(name, "is not of the form asked for", allowed or pattern)
        return value

    def maybe_text(self, name: str) -> str | None:
        """A text that may be absent."""
        return self.text(name) if self.has(name) else None

    def one_of(self, name: str, allowed: Collection[str]) -> str:
        """A text of a closed list."""
        value = self.text(name)
        if value and value not in allowed:
            self.fault(name, "is not one of the values known", ", ".join(sorted(allowed)))
        return value

    def number(self, name: str, least: int, most: int) -> int:
        """A whole number that must be there."""
        allowed = f"a whole number from {least} to {most}"
        value = self._get(name, allowed)
        if isinstance(value, bool) or not isinstance(value, int):
            self._wrong(name, value, allowed)
            return least
        if not least <= value <= most:
            self.fault(name, "is out of range", allowed)
        return value

    def maybe_number(self, name: str, least: int, most: int) -> int | None:
        """A whole number that may be absent."""
        return self.number(name, least, most) if self.has(name) else None

    def truth(self, name: str) -> bool:
        """true or false, and nothing else."""
        value = self._get(name, "true or false")
        if not isinstance(value, bool):
            self._wrong(name, value, "true or false")
        return value is True

    def maybe_truth(self, name: str) -> bool | None:
        """true, false or absent."""
        return self.truth(name) if self.has(name) else None

    def numbers(self, name: str, least: int, most: int) -> tuple[int, ...]:
        """Whole numbers, at least one."""
        allowed = f"a list of whole numbers from {least} to {most}"
        value = self._get(name, allowed)
        if not isinstance(value, list) or not value:
            self._wrong(name, value, allowed)
            return (least,)
        fit = tuple(one for one in value if isinstance(one, int) and not isinstance(one, bool))
        if len(fit) != len(value) or not all(least <= one <= most for one in fit):
            self.fault(name, "holds something else", allowed)
        return fit

    def texts(self, name: str, allowed: Collection[str] | None = None, pattern: str = "") -> tuple[str, ...]:
        """A list of texts, each once; of a closed list where one is given."""
        shown = ", ".join(sorted(allowed)) if allowed is not None else "texts"
        value = self._get(name, f"a list of: {shown}")
        if not isinstance(value, list):
            self._wrong(name, value, f"a list of: {shown}")
            return ()
        found = tuple(one for one in value if isinstance(one, str) and one.strip() and len(one) <= LONGEST)
        if len(found) != len(value) or len(set(found)) != len(found):
            self.fault(name, "holds something that is no text, or the same twice", shown)
        if allowed is not None and any(one not in allowed for one in found):
            self.fault(name, "holds a value that is not known", shown)
        if pattern and not all(re.fullmatch(pattern, one) for one in found):
            self.fault(name, "holds a text that is not of the form asked for", pattern)
        return found

    def part(self, name: str) -> Row:
        """A row that must be there; where it is not, one fault is noted and not one for each member."""
        value = self._get(name, f"a row [{name}]")
        if not isinstance(value, dict):
            self._wrong(name, value, f"a row [{name}]")
            return Row({}, self._below(name), [])
        return Row(value, self._below(name), self.faults)

    def maybe_part(self, name: str) -> Row | None:
        """A row that may be absent."""
        return self.part(name) if self.has(name) else None

    def parts(self, name: str) -> Iterator[Row]:
        """The rows of a list that may be absent."""
        if not self.has(name):
            return
        value = self.members[name]
        if not isinstance(value, list):
            self._wrong(name, value, f"rows [[{name}]]")
            return
        for number, one in enumerate(value, 1):
            if isinstance(one, dict):
                yield Row(one, self._below(f"{name}[{number}]"), self.faults)
            else:
                self.fault(f"{name}[{number}]", "is no row", f"rows [[{name}]]")

    def named(self, name: str) -> Iterator[tuple[str, Row]]:
        """The rows below a row that may be absent, by their names."""
        below = self.maybe_part(name)
        for one in below.members if below else ():
            yield one, below.part(one) if below else Row({}, name, [])

    def day(self, name: str) -> date:
        """A day, written 2025-02-28."""
        value = self._get(name, "a day, e.g. 2025-02-28")
        if type(value) is not date:
            self._wrong(name, value, "a day without quotation marks, e.g. 2025-02-28")
            return date.min
        return value

    def clock_time(self, name: str) -> time:
        """A time of day, written 08:30:00."""
        value = self._get(name, "a time of day, e.g. 08:30:00")
        if type(value) is not time:
            self._wrong(name, value, "a time of day without quotation marks, e.g. 08:30:00")
            return time.min
        return value

    def done(self) -> None:
        """Note every member that nothing reads: a row spelt wrongly would be one that does not count."""
        for name in self.members:
            if name not in self.read:
                self.fault(name, "is not known", ", ".join(sorted(self.read)))

    def _get(self, name: str, allowed: str) -> object:
        self.read.add(name)
        return self.members.get(name)

    def _wrong(self, name: str, value: object, allowed: str) -> str:
        self.fault(name, "is missing" if value is None else "is of another type", allowed)
        return ""

    def _below(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name
