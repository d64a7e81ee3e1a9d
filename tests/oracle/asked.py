"""One question to the rules, the answers that there are, and what the labels alone say (D-32, D-33)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.oracle.model import Expected, Happening, Reader, Standing
from tests.oracle.table import REACH, carried, counted, fields, filled, parts, permitted

WORKERS = frozenset({"own-worker", "enquiry", "team-manager"})
BOTH_STREAMS = WORKERS | {"police"}
BESIDE = frozenset({"early-help", "spoc"})
# Members that point at other entries are there where the reader has those too (H-10).
POINTERS = frozenset({"based_on", "evidence", "voice"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: this event, for this reader, as this column."""

    event: Happening
    reader: Reader
    standing: Standing
    column: str
    points: bool = False
    """Whether who posted it may point at another child (D-10)."""
    wishes: frozenset[str] = frozenset()
    """Who is not to know what the child says, by its wishes (D-38)."""
    responsible: bool = False
    """Whether the current plan makes the reader's agency responsible (D-52)."""
    consented: bool = False
    """Whether recorded consent may let this reader have the content of an assessment (D-19)."""

    @property
    def kind(self) -> object:
        return self.event["kind"]

    @property
    def attended(self) -> bool:
        return bool(self.standing.meetings)


def hidden(*because: str) -> Expected:
    """Absent."""
    return Expected(frozenset("H"), because=because)


def whole(asked: Asked, *because: str) -> Expected:
    """Every field as stored; R only where who posted it is withheld (D-10)."""
    every = frozenset(fields(asked.event.type))
    must = filled(asked.event.type, dict(asked.event.data)) & frozenset(counted(asked.event.type)) - POINTERS
    return Expected(frozenset("V"), every, must, because)


def part(*because: str, may: Iterable[str] = (), must: Iterable[str] = ()) -> Expected:
    """The entry, with these fields at most."""
    return Expected(frozenset("R"), frozenset(may) | frozenset(must), frozenset(must), because)


def perhaps(*because: str, may: Iterable[str] = ()) -> Expected:
    """A coded remainder which the text announces without saying of which entries."""
    return Expected(frozenset("RH"), frozenset(may), because=because)


def by_labels(asked: Asked, beside: frozenset[str] = frozenset()) -> Expected:
    """D-32 and D-33, and nothing else; `beside` are columns that the reader has as well."""
    type_, data = asked.event.type, dict(asked.event.data)
    allowed = permitted(asked.column).union(*(permitted(one) for one in beside))
    row = {label: one.get(asked.column) for label, one in REACH.items()}
    members = fields(type_)
    there = filled(type_, data) & frozenset(counted(type_))
    labels = frozenset[str]().union(*(members[one] for one in there))
    readable = frozenset(
        one for one, needed in members.items() if needed <= allowed and one not in ("narrative", "others")
    )
    if not labels & allowed:
        if "narrative" in filled(type_, data) and "CRIM" in members["narrative"] & allowed:
            # It is a filled field too, of which nothing is shown: the entry without content, or nothing.
            return perhaps("D-32")
        if any(row.get(one) == "r" for one in labels):
            return perhaps("D-33")
        return hidden("D-32", "D-33") if labels else perhaps("D-32", may=readable)
    may = set(readable)
    if carried(type_, asked.kind) <= allowed:
        # 3P is in no default label of most types (C): narrative and tokens of a whole entry go with it.
        extra = {
            one for one in ("narrative", "others") if one in members and members[one] <= allowed | {"3P"}
        }
        return Expected(frozenset("V"), frozenset(may | extra), there & readable - POINTERS, ("D-32", "D-33"))
    may |= {one for one in ("narrative", "others") if one in members and members[one] <= allowed}
    # C: rows are labelled member by member, and what is permitted of a row remains of it.
    may |= {one for one, needed in parts(type_).items() if needed and needed <= allowed}
    return Expected(frozenset("R"), frozenset(may), there & readable - POINTERS, ("D-32", "D-33"))


def these(*columns: str) -> frozenset[str]:
    return frozenset(columns)
