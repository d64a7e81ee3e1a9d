"""R-113: a child under ten at the incident is not investigated, interviewed, charged or sentenced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.envelope import JsonObject
from hub.pathway.calendar import birthday
from hub.pathway.child import date_of_birth, in_role, incidents
from hub.pathway.fields import days_of, text, texts
from hub.pathway.gates.flag import Flag
from hub.pathway.gates.gate import Case, Gate, Refusal

AGE: Final = 10
# Each decision or fact that presupposes criminal responsibility, with the members that say so; none: it
# always does. A date in court may be that of a witness.
PRESUPPOSES: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "criminal-investigation-decided": {"decision": frozenset({"investigate"})},
    "interview-planned": {"method": frozenset({"pace"}), "order": frozenset({"pace"})},
    "mappa-decision-recorded": {
        "criteria_met": frozenset({"yes"}),
        "decision": frozenset({"refer", "meeting"}),
    },
    "disposal-proposed": {},
    "interview-held": {"kind": frozenset({"pace"})},
    "criminal-outcome-recorded": {
        "outcome": frozenset(
            {"charge", "oocd", "oocd-considered", "prosecution-youth-court", "prosecution-crown-court"}
        )
    },
    "court-stage-recorded": {
        "stage": frozenset({"plea", "bail", "remand", "psr", "sentence", "referral-order-panel"})
    },
    "conviction-recorded": {},
    "mappa-notified": {},
    "justice-assessment-completed": {},
}
FACTS: Final = frozenset(
    {
        "interview-held",
        "criminal-outcome-recorded",
        "court-stage-recorded",
        "conviction-recorded",
        "mappa-notified",
        "justice-assessment-completed",
    }
)
DECISIONS: Final = frozenset(PRESUPPOSES) - FACTS


def under_ten(case: Case) -> bool:
    """Whether it presupposes criminal responsibility for what a child did before its tenth birthday.

    1. It is one of those decisions or facts.
    2. The incident meant is the one it names, else every incident of the child as having harmed, else
       the day of the post itself; but what somebody did to a child of that age is investigated.
    3. The child was under ten on every day on which any of these can have happened.
    """
    if not _presupposes(case.posted.type, case.posted.data):  # 1.
        return False
    born = date_of_birth(case.fold, case.fold.child)
    if born is None:
        return False
    harmed = incidents(case.fold.entries, "has-harmed")  # 2.
    investigated = case.posted.type == "criminal-investigation-decided"
    if investigated and not harmed and in_role(case.fold.entries, "has-been-harmed"):
        return False
    meant = [one for one in harmed if one.key == case.posted.about] or harmed or [case.posted]
    return all(days_of(one)[1] < birthday(born, AGE) for one in meant)  # 3.


def _presupposes(type_: str, data: JsonObject) -> bool:
    members = PRESUPPOSES[type_]
    return not members or any(
        not values.isdisjoint((text(data, name), *texts(data, name))) for name, values in members.items()
    )


UNDER_TEN: Final = Gate(
    name="UNDER-10",
    refusal=Refusal(
        rule="R-113",
        force="MUST",
        source="S5 s.17",
        text="UNDER-10: a child who was under ten at the incident is not investigated by the police, "
        "nor dealt with by a court.",
        fix="Children's social care leads; the police can be recorded as consulted.",
    ),
    types=DECISIONS,
    refuses=under_ten,
    reads=frozenset({"incident-recorded", "child-stream-opened"}),
    whoever_posts="Police and youth justice are told an age below ten, and nothing else, because the law "
    "gives them no such power over the child; they hold the child's date of birth.",
)
GATES: Final = (UNDER_TEN,)
FLAGS: Final = (
    Flag(
        "R-113",
        "S5 s.17",
        "BREACH: the child was under ten at the incident.",
        FACTS,
        False,
        under_ten,
        named=frozenset({"police", "consulted", "team-manager", "enquiry"}),
        only_named=True,
    ),
)
