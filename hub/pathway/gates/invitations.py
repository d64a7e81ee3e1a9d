"""R-080 and R-081: whom a convenor may leave out of a meeting, and that it says why."""

from __future__ import annotations

from typing import Final

from hub.pathway.calendar import age_on, london_day
from hub.pathway.child import date_of_birth, in_role
from hub.pathway.fields import of_type, organisation_kind, text
from hub.pathway.gates.gate import Case, Gate, Refusal
from hub.pathway.gates.under_ten import AGE
from hub.pathway.profiles.rows import InvitationRule


def left_out(case: Case) -> bool:
    """Whether youth justice is left out of a meeting to which the convenor's profile always invites it.

    1. It is a decision not to invite a youth justice service.
    2. The meeting is one that the poster has convened, of a kind for which the profile says always.
    3. It is about a child of that side and of the age that the rule names; a child of whom the poster
       knows nothing else counts as such.

    Source: Q-05, Q-03
    """
    invitee = organisation_kind(text(case.posted, "organisation"))
    if text(case.posted, "decision") != "not-invited" or invitee != "youth-justice":  # 1.
        return False
    profile = case.deciders_profile
    if profile is None:
        return False
    meeting = text(case.posted, "meeting")
    kinds = {  # 2.
        text(one, "kind")
        for one in of_type(case.fold.entries, "meeting-convened")
        if text(one, "meeting") == meeting
    }
    return any(
        rule.force == "always"
        and rule.invitee == invitee
        and not kinds.isdisjoint(rule.meetings)
        and _of_side(case, rule.side)
        and _of_age(case, rule)
        for rule in profile.invitations
    )


def _of_side(case: Case, side: str) -> bool:  # 3.
    other = {"has-harmed": "has-been-harmed", "has-been-harmed": "has-harmed"}.get(side)
    entries = case.fold.entries
    return other is None or bool(in_role(entries, side)) or not in_role(entries, other)


def _of_age(case: Case, rule: InvitationRule) -> bool:
    born = date_of_birth(case.fold, case.fold.child)
    if born is None:
        return True
    age = age_on(born, max(born, london_day(case.now)))
    return age >= (rule.from_age or 0) and not (rule.not_under_ten and age < AGE)


def no_reason(case: Case) -> bool:
    """Whether somebody is left out of a meeting without a reason."""
    return text(case.posted, "decision") == "not-invited" and text(case.posted, "reason") is None


_TYPES: Final = frozenset({"invitation-sent"})

ALWAYS_INVITED: Final = Gate(
    name="ALWAYS-INVITED",
    refusal=Refusal(
        rule="R-080",
        force="ALWAYS",
        source="S3 s.4",
        text="Youth justice is always invited to the strategy meeting about a child who has harmed.",
        fix="Invite the service, or let a team manager override this with a reason.",
    ),
    types=_TYPES,
    refuses=left_out,
    reads=frozenset({"meeting-convened", "incident-recorded", "child-stream-opened"}),
)
NOT_INVITED_REASON: Final = Gate(
    name="NOT-INVITED-REASON",
    refusal=Refusal(
        rule="R-081",
        force="CONSIDER",
        source="S5 s.6; S5 s.9; S3 s.4; S5 s.13",
        text="A decision not to invite somebody gives its reason.",
        fix="Record the reason.",
    ),
    types=_TYPES,
    refuses=no_reason,
)
GATES: Final = (ALWAYS_INVITED, NOT_INVITED_REASON)
