"""Referral, triage, oversight and other children at risk: what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from hub.pathway.calendar import london_day
from hub.pathway.child import incidents
from hub.pathway.circumstances import (
    circumstances,
    screened_concern,
)
from hub.pathway.course import earliest, latest, looked_after, since
from hub.pathway.entries import Entry
from hub.pathway.expected.missing import (
    Members,
    Missing,
    by_poster,
    expect,
    noticed,
    of_authority,
    passed,
    setting,
    waited,
)
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import as_given, given_of, of_type, parts, text
from hub.pathway.levels import above_lowest

CIRCUMSTANCE: Final = "child-circumstance-recorded"
CHILD: Final[Members] = {"child-stream-opened": ("responsible_authority",)}
ROLES: Final[Members] = {**CHILD, "incident-recorded": ("role", "status", "others")}
LEVELS: Final[Members] = {"behaviour-level-assessed": ("scale", "level")}
OUTCOMES: Final = ("referral-outcome-decided", "section-47-enquiry-initiated", "no-further-action-decided")
OWN_STEPS: Final = (
    "referral-outcome-decided",
    "section-47-enquiry-initiated",
    "assessment-started",
    "assessment-completed",
)
SERVICES: Final = frozenset({"hsb-service", "decision-panel", "early-help", "other"})
ENDED: Final = frozenset({"nfa-evidence", "nfa-public-interest", "nfa-with-concerns"})


def not_referred(look: Look) -> Iterator[Missing]:
    """R-061: an account that its receiver's own screening made serious was not referred.

    Only its own posts count: what others did says nothing of its own duty to refer early.
    """
    entries = look.material.entries
    for account in _first_accounts(entries):
        own = [one for one in entries if one.organisation == account.organisation]
        serious = [*screened_concern(own), *(one for one in of_type(own, *LEVELS) if above_lowest(one))]
        answered = since(own, account, "referral-made", "no-further-action-decided")
        if serious and not answered and passed(look, account.recorded_at, "account_referral_working_days"):
            found = noticed(look, account, agency=account.organisation)
            days = setting(look, "account_referral_working_days")
            yield replace(found, evidence=(account, *as_given(serious)), settings=days)


def _first_accounts(entries: Sequence[Entry]) -> list[Entry]:
    first: dict[str, Entry] = {}
    for one in given_of(entries, "initial-account-recorded"):
        if one.organisation is not None:
            first.setdefault(one.organisation, one)
    return list(first.values())


def outcome_awaited(look: Look) -> Iterator[Missing]:
    """R-062: a referral of this child to children's social care has no outcome yet."""
    entries = look.material.entries
    waiting = [
        one
        for one in given_of(entries, "referral-made")
        if text(one, "target") == "csc" and not since(entries, one, *OUTCOMES)
    ]
    if waiting:
        found = of_authority(look, waiting[0])
        yield replace(found, evidence=waiting, agency=text(waiting[0], "to") or found.agency, person=None)


def other_outcome_awaited(look: Look) -> Iterator[Missing]:
    """R-063: a linked child of an incident has no outcome of its own."""
    for incident in incidents(look.material.entries):
        for other in incident.others:
            entries = look.material.linked.get(other.child or "")
            if entries is None or not look.material.reads(OWN_OUTCOME, other.child):
                continue
            if not of_type(entries, *OWN_STEPS, "no-further-action-decided"):
                found = of_authority(look, incident)
                yield replace(found, agency=None, person=None, values={"other": other.index})


OWN_OUTCOME: Final[Members] = {one: () for one in (*OWN_STEPS, "no-further-action-decided")}


def nobody_continues(look: Look) -> Iterator[Missing]:
    """R-065: no further action was decided, and no one is named to go on with support.

    1. The last decision on the enquiry or the criminal matter, or a criminal outcome, ends action.
    2. The decision names neither a continuing action nor an offer of universal services.
    3. No plan, and no action that is still open, stands on the child's record.
    """
    entries = look.material.entries
    decided = [
        one
        for one in of_type(entries, "no-further-action-decided")
        if text(one, "about_what") in ("criminal", "section-47")
    ]
    ended = [one for one in of_type(entries, "criminal-outcome-recorded") if text(one, "outcome") in ENDED]
    endings = as_given([*decided, *ended])
    if not endings:  # 1.
        return
    if any(parts(one, "continuing_actions") or text(one, "universal_offer") for one in decided):  # 2.
        return
    done = {text(one, "action") for one in of_type(entries, "action-completed")}
    open_actions = [one for one in of_type(entries, "action-assigned") if text(one, "action") not in done]
    if not open_actions and not of_type(entries, "risk-management-plan-recorded", "plan-started"):  # 3.
        yield of_authority(look, endings[-1])


def authority_not_asked(look: Look) -> Iterator[Missing]:
    """R-066: a child away from home was referred, and the placing authority is not recorded."""
    entries = look.material.entries
    today = london_day(look.now)
    away = looked_after(entries, today) or latest(circumstances(entries, "placement", today), CIRCUMSTANCE)
    referred = [one for one in given_of(entries, "referral-made") if text(one, "target") == "csc"]
    if away is None or not referred:
        return
    recorded = of_type(entries, "responsible-authority-recorded")
    if not any(text(one, "placing_authority") for one in recorded):
        found = of_authority(look, referred[-1])
        yield replace(found, evidence=(away, referred[-1]))


def not_consulted(look: Look) -> Iterator[Missing]:
    """R-069: police decided, and contact with social care on this child is not recorded."""
    entries = look.material.entries
    decided = _police_decision(look)
    if decided is None:
        return
    referred = [one for one in of_type(entries, "referral-made") if text(one, "target") in (None, "csc")]
    if not referred and not of_type(entries, *OWN_STEPS):
        yield replace(by_poster(look, decided), settings=setting(look, "police_consult_working_days"))


def other_not_consulted(look: Look) -> Iterator[Missing]:
    """R-069: police decided, and a linked child's needs are with nobody in social care."""
    decided = _police_decision(look)
    if decided is None:
        return
    for child in sorted(look.material.linked):
        if not look.material.reads({**OWN_OUTCOME, "referral-made": ("target",)}, child):
            continue
        entries = look.material.linked[child]
        referred = [one for one in of_type(entries, "referral-made") if text(one, "target") == "csc"]
        if not referred and not of_type(entries, *OWN_STEPS):
            yield replace(by_poster(look, decided), settings=setting(look, "police_consult_working_days"))


def _police_decision(look: Look) -> Entry | None:
    decided = earliest(of_type(look.material.entries, "criminal-investigation-decided"))
    if decided is None or not waited(look, decided, "police_consult_working_days"):
        return None
    return decided


def service_not_answered(look: Look) -> Iterator[Missing]:
    """R-075: a service was asked for help, and its answer has not come."""
    entries = look.material.entries
    for one in given_of(entries, "referral-made"):
        if text(one, "target") not in SERVICES or not waited(look, one, "referral_answer_working_days"):
            continue
        if not since(
            entries, one, "referral-outcome-decided", "intervention-offered", "intervention-started"
        ):
            found = replace(by_poster(look, one), settings=setting(look, "referral_answer_working_days"))
            yield replace(found, agency=text(one, "to"))


RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-061",
        "S1",
        text="Neither a referral nor a reason for making none is recorded.",
        why="The organisation received an account and its screening shows a concern: it is referred early.",
        role="designated-safeguarding-lead",
        starts={"initial-account-recorded": (), "behaviour-screened": ("colour",), **LEVELS},
        meets={"referral-made": (), "no-further-action-decided": ()},
        find=not_referred,
        own=True,
    ),
    expect(
        "R-062",
        "S5 s.8; S5 s.6",
        text="The outcome of the referral is awaited.",
        why="Children's social care decides what follows from every referral, and says why.",
        role="front-door",
        starts={**CHILD, "referral-made": ("target", "to")},
        meets={one: () for one in OUTCOMES},
        find=outcome_awaited,
    ),
    expect(
        "R-063",
        "S3 s.4",
        text="Another child of this incident has no outcome of their own.",
        why="Children's social care decides on the referral of each child who is or may be involved.",
        role="front-door",
        starts={**CHILD, "incident-recorded": ("status", "others")},
        meets=OWN_OUTCOME,
        find=other_outcome_awaited,
        told="police-and-social-care",
    ),
    expect(
        "R-065",
        "S3 s.4",
        text="No one is named to go on with support.",
        why="There is never no action at all: it stays clear who carries on.",
        role="social-worker",
        starts={
            **CHILD,
            "no-further-action-decided": ("about_what",),
            "criminal-outcome-recorded": ("outcome",),
        },
        meets={
            "no-further-action-decided": ("continuing_actions", "universal_offer"),
            "action-assigned": ("action",),
            "action-completed": ("action",),
            "risk-management-plan-recorded": (),
            "plan-started": (),
        },
        find=nobody_continues,
    ),
    expect(
        "R-066",
        "S5 s.8",
        text="Which authority placed the child is not recorded.",
        why="The child lives away from home, and is referred to the authority of the home address.",
        role="social-worker",
        starts={
            "child-stream-opened": ("responsible_authority", "looked_after"),
            CIRCUMSTANCE: ("kind", "from", "until"),
            "referral-made": ("target",),
        },
        meets={"responsible-authority-recorded": ("placing_authority",)},
        find=authority_not_asked,
    ),
    expect(
        "R-069",
        "S5 s.8; S5 s.2",
        text="Contact between police and children's social care about this child is not recorded.",
        why="Police consult children's social care on every case, so that each child's needs are assessed.",
        role="police-officer",
        starts={"criminal-investigation-decided": ()},
        meets={**{one: () for one in OWN_STEPS}, "referral-made": ("target",)},
        find=not_consulted,
        told="police-and-social-care",
    ),
    expect(
        "R-069-linked",
        "S5 s.8; S5 s.2",
        text="Contact between police and children's social care about a linked child is not recorded.",
        why="Police consult children's social care on every case, so that each child's needs are assessed.",
        role="police-officer",
        starts={"criminal-investigation-decided": ()},
        meets={**{one: () for one in OWN_STEPS}, "referral-made": ("target",)},
        find=other_not_consulted,
        told="police-and-social-care",
    ),
    expect(
        "R-075",
        "S5 s.14",
        text="The answer of a service that was asked for help is missing.",
        why="Each referral is followed until its outcome is known.",
        role=None,
        starts={"referral-made": ("target", "to")},
        meets={"referral-outcome-decided": (), "intervention-offered": (), "intervention-started": ()},
        find=service_not_answered,
    ),
)
