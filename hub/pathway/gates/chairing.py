"""R-084: who chairs where two authorities are involved, and who represents each child."""

from __future__ import annotations

from typing import Final

from hub.pathway.child import authority_of, in_role
from hub.pathway.fields import parts, text, truth
from hub.pathway.gates.flag import Flag
from hub.pathway.gates.gate import Case, Gate, Refusal
from hub.pathway.profiles import authority

STRATEGY: Final = frozenset({"strategy", "followup-strategy"})


def other_chair(case: Case) -> bool:
    """Whether a strategy meeting is chaired by another authority than the procedure says, without a reason.

    1. Only a named chair can be another one than is usual.
    2. Where each authority chairs for its own child, that is the child's own authority.
    3. Otherwise it is that of a child who has been harmed: this one's, or that of a linked child if it
       has posted on this child's record itself.
    """
    chair = text(case.posted, "chair_authority")  # 1.
    if text(case.posted, "kind") not in STRATEGY or chair is None or text(case.posted, "chair_reason"):
        return False
    own, profile = authority(case.fold), case.deciders_profile
    if own is None:
        return False
    if profile is not None and profile.chair_multi_authority.value == "authority-of-each-child":  # 2.
        return chair != own
    usual: set[str | None] = {own} if in_role(case.fold.entries, "has-been-harmed") else set()  # 3.
    # An authority that has posted nothing here is not known to this child's own authority from here.
    seen = {one.organisation for one in case.fold.entries}
    for entries in case.fold.linked.values():
        if in_role(entries, "has-been-harmed"):
            usual |= {authority_of(entries)} & seen
    return bool(usual) and chair not in usual


def not_represented(case: Case) -> bool:
    """Whether a strategy meeting of two authorities' children has nobody of this child's own authority."""
    own = authority(case.fold)
    if text(case.posted, "kind") not in STRATEGY or own is None:
        return False
    others = {authority_of(entries) for entries in case.fold.linked.values()} - {None, own}
    present = (row for row in parts(case.posted, "attendance") if truth(row, "represents") is not False)
    return bool(others) and not any(text(row, "organisation") == own for row in present)


CHAIR: Final = Gate(
    name="CHAIR",
    refusal=Refusal(
        rule="R-084",
        force="MUST",
        source="S3 s.4",
        text="A strategy meeting about children of different authorities is usually chaired by the authority "
        "of the child who has been harmed; another chair needs a reason.",
        fix="Give the reason for this chair, or leave the chair to that authority.",
    ),
    types=frozenset({"meeting-convened"}),
    refuses=other_chair,
    reads=frozenset(
        {"incident-recorded", "child-stream-opened", "referral-made", "meeting-convened", "meeting-held"}
    ),
)
GATES: Final = (CHAIR,)
FLAGS: Final = (
    Flag(
        "R-084",
        "S3 s.4",
        "Nobody of this child's own authority represented the child at the meeting.",
        frozenset({"meeting-held"}),
        False,
        not_represented,
        lambda data: text(data, "kind") in STRATEGY,
        {"child-stream-opened": ("responsible_authority",)},
        True,
    ),
)
