"""Two hubs that differ in hidden posts only, and what the same callers were answered by each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agencies.scenarios import PreparedPost
from tests.doors.asking import Answered, Caller, Depth, Visit, callers
from tests.doors.hubs import Doors, copied
from tests.doors.table import BRIEF, DOORS

Said = dict[str, Answered]


def tour(doors: Doors, caller: str, depth: Depth) -> Said:
    """Everything that a caller is answered at every door, asked in a fixed order."""
    visit = Visit(doors, callers(doors.scenario.name)[caller], depth=depth)
    for (visit.method, visit.template), ask in DOORS.items():
        if depth != "brief" or (visit.method, visit.template) in BRIEF:
            ask(visit)
    return visit.said


def notices_of(doors: Doors, organisation: str) -> bytes:
    """Everything that an organisation's systems were told without asking."""
    visit = Visit(doors, Caller(organisation, organisation), "GET", "/v1/notices")
    found = b""
    query = {"limit": "100"}
    for number in range(9):
        answer = visit(f"told {number}", query=query)
        assert answer.status_code == 200, answer.text
        found += answer.content
        if not answer.json()["notices"]:
            return found
        query["cursor"] = answer.json()["cursor"]
    raise AssertionError("more pages than notices")


@dataclass(frozen=True)
class Twin:
    """One of the two hubs: what every caller was answered, by caller and question."""

    doors: Doors
    said: dict[str, Said] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """A hub, and the same hub with more posts."""

    plain: Twin
    more: Twin

    def ask(self, caller: str, depth: Depth) -> tuple[Said, Said]:
        """What both say to a caller; asked once, in the same order of callers."""
        for twin in (self.plain, self.more):
            if caller not in twin.said:
                twin.said[caller] = tour(twin.doors, caller, depth)
        return self.plain.said[caller], self.more.said[caller]

    @property
    def twins(self) -> tuple[Twin, Twin]:
        """Both."""
        return self.plain, self.more


@contextmanager
def pair(folder: Path, played: Path, scenario: str, more: Sequence[PreparedPost]) -> Iterator[Pair]:
    """Two copies of a played hub, one of them with more posts."""
    with ExitStack() as stack:
        plain = stack.enter_context(copied(played, folder / "plain", scenario))
        other = stack.enter_context(copied(played, folder / "more", scenario, more))
        yield Pair(Twin(plain), Twin(other))


def differing(first: Mapping[str, object], second: Mapping[str, object]) -> list[str]:
    """The questions that were answered differently, or by one only."""
    return [name for name in {**first, **second} if first.get(name) != second.get(name)]
