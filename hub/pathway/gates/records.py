"""R-092: records are asked for from whoever holds them, and the holder decides."""

from __future__ import annotations

from typing import Final

from hub.pathway.child import enrolled
from hub.pathway.fields import day_of, of_type, organisation_kind, text
from hub.pathway.gates.flag import ENROLMENT, Flag
from hub.pathway.gates.gate import Case, Gate, Refusal


def not_the_holder(case: Case) -> bool:
    """Whether no request about this child, or not the one that is named, was made to the poster.

    Trust: a request to somebody else and none at all make no difference.
    """
    about = case.posted.about
    return not any(
        text(one, "holder") == case.posted.organisation and about in (None, one.key)
        for one in of_type(case.fold.entries, "records-access-requested")
    )


def wrong_holder(case: Case) -> bool:
    """Whether a school is asked for the records of a child who is not its pupil."""
    holder = text(case.posted, "holder")
    at_school = organisation_kind(holder) == "education"
    return at_school and holder not in enrolled(case.fold.entries, day_of(case.posted))


RECORDS_HOLDER: Final = Gate(
    name="RECORDS-HOLDER",
    refusal=Refusal(
        rule="R-092",
        force="SHOULD",
        source="S3 s.4",
        text="A request for records is decided by the organisation that was asked for its own records.",
        fix="Answer only a request that names your organisation as the holder.",
    ),
    types=frozenset({"records-access-decided"}),
    refuses=not_the_holder,
    reads=frozenset({"records-access-requested"}),
    whoever_posts="It passes only for an organisation that was asked, and that one knows of the request; "
    "everybody else gets one answer, whether or not there is a request or a child.",
)
GATES: Final = (RECORDS_HOLDER,)
FLAGS: Final = (
    Flag(
        "R-092",
        "S3 s.4",
        "A school was asked for the records of a child who is not its pupil.",
        frozenset({"records-access-requested"}),
        False,
        wrong_holder,
        untrue=ENROLMENT,
    ),
)
