"""Which procedure each organisation has adopted, and how many of its people are trained (R-196, R-197)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hub.pathway.reports.table import Column, Report, Row, Table

NOT_ADOPTED: Final = "no procedure adopted"
NOT_NAMED: Final = "nobody named"


@dataclass(frozen=True, slots=True)
class Adopter:
    """One organisation: its procedure, who answers for it there, and its people who work with children.

    Shape: `people` are those at work with a role in practice, `trained` how many of them somebody of the
    organisation has attested to be trained. Staff are counted as they are: these are no numbers of children.
    """

    organisation: str
    title: str
    procedure: str | None
    owner: str | None
    people: int
    trained: int


def adoption(organisations: Sequence[Adopter]) -> Report:
    """Each organisation with its procedure and the part of its people who are trained.

    Source: R-196, R-197; S1 s.Training
    """
    procedures = tuple(
        Row(one.organisation, one.title, (one.procedure or NOT_ADOPTED, one.owner or NOT_NAMED))
        for one in organisations
    )
    training = tuple(
        Row(one.organisation, one.title, (one.people, one.trained, _percent(one))) for one in organisations
    )
    return Report(
        "adoption",
        "Training and procedures",
        (
            Table(
                "procedures", "R-197", "The procedure that each organisation has adopted",
                (Column("procedure", "Procedure"), Column("owner", "Who answers for it")), procedures,
            ),
            Table(
                "training", "R-196", "People who are trained",
                (
                    Column("people", "People in practice"), Column("trained", "Attested as trained"),
                    Column("percent", "Per cent"),
                ),
                training,
            ),
        ),
        fewest=None,
    )  # fmt: skip


def _percent(one: Adopter) -> int | str:
    return round(100 * one.trained / one.people) if one.people else "no people"
