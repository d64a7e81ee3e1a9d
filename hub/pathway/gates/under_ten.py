"""R-113: a child under ten at the incident is not investigated, interviewed or charged by the police."""

from __future__ import annotations

from typing import Final

from hub.pathway.calendar import birthday
from hub.pathway.child import date_of_birth, incidents
from hub.pathway.fields import days_of, text
from hub.pathway.gates.gate import Case, Gate, Refusal

AGE: Final = 10
# Each decision or fact that presupposes criminal responsibility, with the member that says so.
PRESUPPOSES: Final = {
    "criminal-investigation-decided": ("decision", frozenset({"investigate"})),
    "interview-planned": ("method", frozenset({"pace"})),
    "interview-held": ("kind", frozenset({"pace"})),
    "criminal-outcome-recorded": (
        "outcome",
        frozenset(
            {"charge", "oocd", "oocd-considered", "prosecution-youth-court", "prosecution-crown-court"}
        ),
    ),
}
FACTS: Final = frozenset({"interview-held", "criminal-outcome-recorded"})


def under_ten(case: Case) -> bool:
    """Whether it presupposes criminal responsibility for what a child did before its tenth birthday.

    1. It is one of those decisions or facts.
    2. The incident meant is the one it names, else every incident of the child as having harmed, else
       the day of the post itself.
    3. The child was under ten on every day on which any of these can have happened.
    """
    member, values = PRESUPPOSES[case.posted.type]
    if text(case.posted, member) not in values:  # 1.
        return False
    born = date_of_birth(case.fold, case.fold.child)
    if born is None:
        return False
    harmed = incidents(case.fold.entries, "has-harmed")  # 2.
    meant = [one for one in harmed if one.key == case.posted.about] or harmed or [case.posted]
    return all(days_of(one)[1] < birthday(born, AGE) for one in meant)  # 3.


UNDER_TEN = Gate(
    name="UNDER-10",
    refusal=Refusal(
        rule="R-113",
        force="MUST",
        source="S5 s.17",
        text="UNDER-10: a child who was under ten at the incident is not investigated by the police.",
        fix="Children's social care leads; the police can be recorded as consulted.",
    ),
    types=frozenset(PRESUPPOSES) - FACTS,
    refuses=under_ten,
)
