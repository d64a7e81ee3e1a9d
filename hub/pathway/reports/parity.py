"""Whether the child who has been harmed is served as the child who has harmed is (R-012, R-178)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hub.pathway.reports.children import COMPARED, SIDES, Counted, Side, Split, Told, by_side, split, within
from hub.pathway.reports.period import ReportYear
from hub.pathway.reports.table import Column, Report, Row, Table, Value


@dataclass(frozen=True, slots=True)
class Step:
    """One step that is due for every child, whoever caused the harm: what it is called and what takes it."""

    name: str
    title: str
    requirement: str
    types: tuple[str, ...]

    def taken(self, child: Told) -> bool:
        """Whether it is recorded for a child."""
        return child.first(*self.types) is not None

    def counted(self, child: Counted) -> bool:
        """Whether it was counted as recorded for a child."""
        return self.name in child.steps


ASSESSED: Final = Step("assessment", "An assessment was started", "R-012", ("assessment-started",))
STEPS: Final = (
    Step("safety", "Immediate safety was recorded", "R-012", ("immediate-safety-measure-recorded",)),
    ASSESSED,
    Step("worker", "A social worker was allocated", "R-012", ("social-worker-allocated",)),
    Step("contact", "A named contact was appointed", "R-178", ("named-contact-appointed",)),
    Step("meeting", "A meeting about the child was held", "R-178", ("meeting-held",)),
    Step("actions", "An action was assigned", "R-178", ("action-assigned",)),
    Step("support", "Support was arranged", "R-178", ("support-arranged",)),
    Step("voice", "The child's voice was recorded", "R-012", ("child-voice-recorded",)),
    Step("review", "The plan was reviewed", "R-012", ("plan-reviewed",)),
)


def steps_taken(child: Told) -> frozenset[str]:
    """The names of the steps that are recorded for a child."""
    return frozenset(step.name for step in STEPS if step.taken(child))


def parity(children: Sequence[Counted], year: ReportYear) -> Report:
    """Each step with the children for whom it was taken and due, of both sides beside each other.

    1. A step is due for every child of a side; children in both roles stand on neither.
    2. Of each side, the children for whom it is recorded.

    Source: R-012, R-178; S5 s.2, S1
    """
    columns = tuple(
        Column(f"{side.replace('-', '_')}_{name}", f"{SIDES[side]}: {title}")
        for side in COMPARED
        for name, title in (("done", "done"), ("due", "due"))
    )
    rows = tuple(Row(step.name, step.title, tuple(_of_each(children, step.counted))) for step in STEPS)
    table = Table("steps", "R-012", "Steps done and due for the children on both sides", columns, rows)
    note = "A child who has harmed and has been harmed is counted on neither side."
    return Report("parity", "Parity between the children on both sides", (table,), year, notes=(note,))


def _of_each(children: Sequence[Counted], holds: Split) -> Iterator[Value]:
    for side in COMPARED:
        yield from told_of(children, side, holds)


def told_of(children: Sequence[Counted], side: Side, holds: Split) -> tuple[int | None, int | None]:
    """Of one side: for how many something holds, and of how many; both withheld where the side is."""
    total = by_side(children).of[side]
    return (split(within(children, side), holds).of["yes"], total) if total is not None else (None, None)
