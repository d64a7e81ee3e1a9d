"""Roles B, column "must be told", as data: which event says it, and everybody who is told of that event.

Whoever does not stand at an event is not told of it: schools of other children, services that were asked or
invited only, the systems of whoever may not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.spec.told_world import (
    ADULTS,
    BIRCH,
    EARLY,
    FAR_SCHOOL,
    GP,
    GUEST,
    HOME,
    MAPPA,
    MEMBER,
    N_POLICE,
    NURSE,
    POLICE,
    THERAPY,
    VISITOR,
    YOS,
    Event,
    N,
    S,
    X,
    is_,
)

WORKERS: Final = {"s-csc:allocated", "s-csc:enquiry"}
IRO, UNIT, SPOC, MANAGER = "s-csc:iro", "s-csc:safeguarding-unit", "s-csc:spoc", "s-csc:team-manager"
FRONT_DOOR, OTHER_WORKER = "s-csc:front-door", {"n-csc:allocated"}
COURT_STAGE = {"stage": "bail", "conditions": ["no-contact"]}
RELEASE = {"release_date": "2025-10-02", "to_authority": X}
MEASURES = [{"code": "supervision", "for": "school"}, {"code": "supervision", "for": "home"},
            {"code": "no-contact", "for": "child"}]  # fmt: skip
PLAN = {"parts": ["x"], "measures": MEASURES}
CARE = {"s-birch:enrolled", "s-early:early-help", "s-gp:treated", "s-home:placed", "s-nurses:treated",
        "s-therapy:treated"}  # fmt: skip


def asks(holder: str, by: str = S, scope: str = "background-check") -> Event:
    """A request for records."""
    return Event(by, "records-access-requested", {"holder": holder, "scope": scope, "purpose": "p"})


def action(organisation: str) -> Event:
    """Something that an organisation is given to do."""
    return Event(S, "action-assigned", {"action": "A1", "organisation": organisation, "what": "w"})


def referral(target: str, to: str, by: str = BIRCH) -> Event:
    """A referral that is made to somebody."""
    return Event(by, "referral-made", {"target": target, "to": to, "reason_codes": ["x"]})


EVENTS: Final[Mapping[str, tuple[Event, Mapping[str, set[str]]]]] = {
    "incident": (
        Event(BIRCH, "incident-recorded", {"role": "has-harmed", "status": "alleged"}, True),
        {"concern": {*WORKERS, FRONT_DOOR, SPOC}, "other/linked-incident-recorded": OTHER_WORKER},
    ),
    "incident by the authority": (
        Event(S, "incident-recorded", {"role": "has-harmed", "status": "alleged"}, True),
        {"concern": {SPOC}, "other/linked-incident-recorded": OTHER_WORKER},
    ),
    "referral to police": (
        referral("police", N_POLICE),
        {"referral": {*WORKERS, FRONT_DOOR, "n-police:addressed", "s-police:enquiry"}},
    ),
    "referral to adult social care": (
        referral("adult-social-care", ADULTS, S),
        {"referral": {"s-adults:addressed", "s-police:enquiry"}},
    ),
    "referral to a school": (referral("other", FAR_SCHOOL, S), {"referral": {"s-police:enquiry"}}),
    "danger": (
        Event(S, "immediate-safety-measure-recorded", {"measure": "999-called"}),
        {"safety": {*CARE, SPOC, "s-police:enquiry", "s-yos:supervised"}},
    ),
    "danger by police": (
        Event(POLICE, "immediate-safety-measure-recorded", {"measure": "999-called"}),
        {"safety": {*CARE, *WORKERS, IRO, SPOC, "s-yos:supervised"}},
    ),
    "lowest level": (
        Event(S, "behaviour-level-assessed", {"scale": "hackett-5", "level": "normal"}),
        {"level": {IRO}},
    ),
    "level": (
        Event(S, "behaviour-level-assessed", {"scale": "hackett-5", "level": "abusive"}),
        {"level": {IRO, UNIT}},
    ),
    "level by police": (
        Event(POLICE, "behaviour-level-assessed", {"scale": "hackett-5", "level": "abusive"}),
        {"level": {*WORKERS, IRO, UNIT}},
    ),
    "not investigated": (
        Event(POLICE, "criminal-investigation-decided", {"decision": "no-investigation"}),
        {"police-decision": {*WORKERS, "s-yos:supervised"}},
    ),
    "police end it": (
        Event(POLICE, "criminal-outcome-recorded", {"outcome": "nfa-evidence"}),
        {"criminal-outcome": {*WORKERS, "s-yos:supervised"}, "plan-continues": {"s-birch:enrolled"},
         "other/criminal-matters-ended": OTHER_WORKER},
    ),
    "police end it with concerns": (
        Event(POLICE, "criminal-outcome-recorded", {"outcome": "nfa-with-concerns"}),
        {"criminal-outcome": {*WORKERS, FRONT_DOOR, "s-yos:supervised"},
         "plan-continues": {"s-birch:enrolled"}, "other/criminal-matters-ended": OTHER_WORKER},
    ),
    "no further action": (
        Event(POLICE, "no-further-action-decided", {"about_what": "criminal", "reasons": "x"}),
        {"no-further-action": WORKERS},
    ),
    "does not engage": (
        Event(YOS, "engagement-changed", {"engagement": "refused"}),
        {"engagement": {*WORKERS, IRO, "s-mappa:mappa", "s-police:enquiry"},
         "other/not-engaging": OTHER_WORKER},
    ),
    "engages": (Event(YOS, "engagement-changed", {"engagement": "engaged"}), {}),
    "court": (
        Event(POLICE, "court-stage-recorded", COURT_STAGE),
        {"court": {*WORKERS, "s-yos:supervised"}, "other/conditions-changed": OTHER_WORKER},
    ),
    "conviction": (
        Event(POLICE, "conviction-recorded", {"against_children": "yes"}),
        {"convicted": {*WORKERS, "s-mappa:mappa", "s-yos:supervised"}, "other/conviction": OTHER_WORKER},
    ),
    "release": (
        Event(POLICE, "custody-release-notified", RELEASE),
        {"custody-release": {*WORKERS, "s-csc:addressed", "s-mappa:mappa", "s-yos:supervised",
                             "x-csc:addressed"},
         "other/release": OTHER_WORKER},
    ),
    "public protection": (
        Event(YOS, "mappa-notified", {"coordinator": f"{MAPPA}/p-1"}),
        {"public-protection": {"s-mappa:mappa"}},
    ),
    "placement": (
        Event(S, "child-circumstance-recorded", {"kind": "placement", "address": "x"}),
        {"placement": {IRO}, "other/contact-place-changed": OTHER_WORKER},
    ),
    "plan": (
        Event(S, "risk-management-plan-recorded", PLAN),
        {"plan": {IRO, "s-birch:enrolled", "s-member:group-member", "s-police:enquiry", "s-yos:supervised"},
         "safety-measure": {*CARE, SPOC}, "other/plan-changed": OTHER_WORKER},
    ),
    "plan reviewed": (
        Event(S, "plan-reviewed", {"outcomes": "x"}),
        {"plan": {IRO, "s-birch:enrolled", "s-member:group-member", "s-police:enquiry", "s-yos:supervised"}},
    ),
    "plan begun": (Event(S, "plan-started", {"kind": "cin", "parts": ["x"]}), {"plan": {IRO}}),
    "oversight": (
        Event(S, "oversight-notified", {"target": "iro", "level": "abusive"}),
        {"oversight": {IRO, UNIT}},
    ),
    "meeting": (
        Event(S, "meeting-convened", {"meeting": "M1", "kind": "strategy"}),
        {"meeting": {"s-guest:attendee", "s-mappa:mappa"}},
    ),
    "conference": (
        Event(S, "conference-decided", {"decision": "held", "rationale": "r"}),
        {"conference": {"s-yos:supervised"}},
    ),
    "enquiry": (
        Event(N, "section-47-enquiry-initiated", {"threshold": "x"}),
        {"enquiry": {*WORKERS, "s-police:enquiry"}},
    ),
    "action of the school": (action(BIRCH), {"action": {"s-birch:enrolled"}}),
    "action of health": (action(NURSE), {"action": {"s-nurses:treated"}}),
    "action of the therapist": (action(THERAPY), {"action": {"s-therapy:treated"}}),
    "action of the carer": (action(HOME), {"action": {"s-home:placed"}}),
    "action of early help": (action(EARLY), {"action": {"s-early:early-help"}}),
    "action of a guest": (action(GUEST), {"action": {"s-guest:attendee"}}),
    "action of a member": (action(MEMBER), {"action": {"s-member:group-member"}}),
    "action of another school": (action(FAR_SCHOOL), {}),
    "check of the practice": (asks(GP), {"records-request": {"s-gp:respondent", "s-gp:treated"}}),
    "check of the visitor": (asks(VISITOR), {"records-request": {"s-visitors:respondent"}}),
    "check of the school": (asks(BIRCH), {"records-request": {"s-birch:enrolled", "s-birch:respondent"}}),
    "check of another school": (asks(FAR_SCHOOL), {}),
    "notes of therapy": (
        asks(THERAPY, POLICE, "therapy-notes"), {"records-request": {"s-therapy:treated"}},
    ),
    "notes of therapy, from nurses": (asks(NURSE, POLICE, "therapy-notes"), {}),
    "move": (
        Event(S, "child-moved-area", {"step": "notified", "from_authority": S, "to_authority": X}),
        {"move": {"x-csc:addressed"}},
    ),
    "move said by another": (
        Event(N, "child-moved-area", {"step": "notified", "from_authority": S, "to_authority": X}), {},
    ),
    "works with the child": (is_("treated", THERAPY), {"relationship": {"s-therapy:treated"}}),
    "works with the child, says another": (
        Event(N, "relationship-recorded", {"kind": "treated", "organisation": FAR_SCHOOL}), {},
    ),
    "worker": (
        Event(S, "social-worker-allocated", {"kind": "allocated", "worker": f"{S}/sw-1"}),
        {"worker": {SPOC}},
    ),
    "health referral": (
        Event(S, "health-needs-considered", {"considered": True, "referral_made": True}),
        {"health-referral": {"s-gp:treated", "s-nurses:treated"}},
    ),
    "no health referral": (
        Event(S, "health-needs-considered", {"considered": True, "referral_made": False}), {},
    ),
    "override": (
        Event(S, "conference-decided",
              {"decision": "not-held", "override": {"rule": "R-124", "manager": f"{S}/tm-1", "reason": "r"}}),
        {"override": {MANAGER}, "conference": {"s-yos:supervised"}},
    ),
    "strategic group": (
        Event(S, "strategic-management-group-appointed",
              {"members": [{"organisation": POLICE, "person": f"{POLICE}/p-1"}], "link": "LK-1"}),
        {"appointed": {"s-police/p-1:smg"}},
    ),
    # Of what is for single people the systems of an organisation learn nothing.
    "therapy": (Event(THERAPY, "support-arranged", {"kind": "therapy", "start": "2025-10-01"}), {}),
    "opinion on therapy": (Event(S, "specialist-opinion-requested", {"service": "x"}), {}),
    "intelligence": (Event(POLICE, "adult-involvement-suspected", {"category": "x"}), {}),
    "invitation": (
        Event(S, "invitation-sent", {"organisation": BIRCH, "decision": "invited", "meeting": "M9"}), {},
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Must:
    """One thing that a role must be told: by which event and code, and who in the world of the rows is it."""

    role: str
    thing: str
    event: str
    code: str
    who: str
    requirement: str


MUST: Final = (
    Must("front door", "every concern", "incident", "concern", FRONT_DOOR, "R-049"),
    Must("front door", "police NFA with concerns", "police end it with concerns", "criminal-outcome",
         FRONT_DOOR, "R-161"),
    Must("worker of the child harmed", "contact conditions", "court", "other/conditions-changed",
         "n-csc:allocated", "R-068"),
    Must("worker of the child harmed", "placement", "placement", "other/contact-place-changed",
         "n-csc:allocated", "R-068"),
    Must("worker of the child harmed", "release", "release", "other/release", "n-csc:allocated", "R-172"),
    Must("worker of the child harmed", "end of criminal matters", "police end it",
         "other/criminal-matters-ended", "n-csc:allocated", "R-060"),
    Must("worker of the child who harmed", "every incident", "incident", "concern", "s-csc:allocated",
         "R-068"),
    Must("worker of the child who harmed", "not investigated", "not investigated", "police-decision",
         "s-csc:allocated", "R-158"),
    Must("worker of the child who harmed", "NFA", "police end it", "criminal-outcome", "s-csc:allocated",
         "R-160"),
    Must("worker of the child who harmed", "NFA", "no further action", "no-further-action",
         "s-csc:allocated", "R-064"),
    Must("worker of the child who harmed", "non-engagement", "does not engage", "engagement",
         "s-csc:allocated", "R-153"),
    Must("worker of the child who harmed", "court", "court", "court", "s-csc:allocated", "R-163"),
    Must("worker of the child who harmed", "conviction", "conviction", "convicted", "s-csc:allocated",
         "R-171"),
    Must("worker of the child who harmed", "release", "release", "custody-release", "s-csc:allocated",
         "R-173"),
    Must("enquiry worker", "everything in the enquiry", "enquiry", "enquiry", "s-csc:enquiry", "R-088"),
    Must("enquiry worker", "everything in the enquiry", "no further action", "no-further-action",
         "s-csc:enquiry", "R-064"),
    Must("team manager", "overrides", "override", "override", MANAGER, "H-28"),
    Must("assessment and safeguarding", "single-agency alert: the meeting it is invited to", "meeting",
         "meeting", "s-guest:attendee", "R-154"),
    Must("Safeguarding Unit", "level above normal", "level", "level", UNIT, "R-070"),
    Must("Safeguarding Unit", "that it was notified", "oversight", "oversight", UNIT, "R-070"),
    Must("reviewing officer", "every level change", "lowest level", "level", IRO, "R-071"),
    Must("reviewing officer", "every placement change", "placement", "placement", IRO, "R-071"),
    Must("reviewing officer", "every plan change", "plan", "plan", IRO, "R-071"),
    Must("reviewing officer", "every plan change", "plan reviewed", "plan", IRO, "R-071"),
    Must("reviewing officer", "every plan change", "plan begun", "plan", IRO, "R-071"),
    Must("early help", "actions owned", "action of early help", "action", "s-early:early-help", "R-147"),
    Must("adult social care", "an adult is harmed: the referral to it", "referral to adult social care",
         "referral", "s-adults:addressed", "R-069"),
    Must("police", "every referral", "referral to police", "referral", "s-police:enquiry", "R-066"),
    Must("police", "a referral to them without a part in the case", "referral to police", "referral",
         "n-police:addressed", "R-069"),
    Must("police", "immediate danger", "danger", "safety", "s-police:enquiry", "R-051"),
    Must("youth justice", "conference", "conference", "conference", "s-yos:supervised", "R-128"),
    Must("youth justice", "court", "court", "court", "s-yos:supervised", "R-163"),
    Must("youth justice", "release", "release", "custody-release", "s-yos:supervised", "R-173"),
    Must("public protection", "that it was notified", "public protection", "public-protection",
         "s-mappa:mappa", "R-172"),
    Must("public protection", "conviction", "conviction", "convicted", "s-mappa:mappa", "R-171"),
    Must("public protection", "release", "release", "custody-release", "s-mappa:mappa", "R-172"),
    Must("school", "safety lines", "plan", "safety-measure", "s-birch:enrolled", "R-052"),
    Must("school", "actions owned", "action of the school", "action", "s-birch:enrolled", "R-147"),
    Must("nursery, school", "check request", "check of the school", "records-request", "s-birch:respondent",
         "R-115"),
    Must("CAMHS, health", "meeting invites", "meeting", "meeting", "s-guest:attendee", "R-082"),
    Must("general practitioner", "check request", "check of the practice", "records-request", "s-gp:treated",
         "R-115"),
    Must("health visitor", "check request", "check of the visitor", "records-request",
         "s-visitors:respondent", "R-115"),
    Must("health", "actions owned", "action of health", "action", "s-nurses:treated", "R-147"),
    Must("sexual health and paediatrics", "health referral", "health referral", "health-referral",
         "s-nurses:treated", "R-090"),
    Must("therapist, educational psychologist", "referral: that it works with the child",
         "works with the child", "relationship", "s-therapy:treated", "H-16"),
    Must("therapist", "a request for its notes", "notes of therapy", "records-request", "s-therapy:treated",
         "R-112"),
    Must("carers", "safety facts", "danger", "safety", "s-home:placed", "R-051"),
    Must("carers", "safety facts", "plan", "safety-measure", "s-home:placed", "R-052"),
    Must("carers", "actions owned", "action of the carer", "action", "s-home:placed", "R-147"),
    Must("single point of contact", "changes: a concern", "incident by the authority", "concern", SPOC,
         "R-076"),
    Must("single point of contact", "changes: safety", "danger", "safety", SPOC, "R-051"),
    Must("single point of contact", "changes: worker", "worker", "worker", SPOC, "R-076"),
    Must("receiving authority", "move", "move", "move", "x-csc:addressed", "R-157"),
    Must("receiving authority", "release", "release", "custody-release", "x-csc:addressed", "R-173"),
    Must("strategic group", "appointment", "strategic group", "appointed", "s-police/p-1:smg", "R-100"),
)  # fmt: skip
NOTHING_TO_TELL: Final[Mapping[str, str]] = {
    "lead social worker: review clocks": "is the child's allocated worker, who is told of missed clocks",
    "CPS: consented material": "has no access; youth justice or police hand over what is consented to",
    "YOS Police Decision Panel": "has no office of its own; its members are police and youth justice",
    "courts and community panel": "have no access; youth justice and police bring the court its papers",
    "parents and carers as family": "are told in person, with a family paper (D-14)",
    "the children": "are told in person, with their own account (H-23)",
    "solicitor, appropriate adult, independent visitor": "have no access; who plans the interview tells them",
    "secure establishment: release date": "is named by a token only; youth justice agrees the date with it",
    "therapist: outcome": "opinion is not the therapist's (D-33): it learns it at the meeting",
    "operational group, partnership, commissioners, strategic leads": "read numbers, of no child (D.2, K-22)",
    "information governance officer: denials, integrity": "reads them in the audit; emergency access is told",
    "team manager: blocked decisions": "reads them on a page; they are in no stream and name no child (D-55)",
    "agency system: rejections": "is answered when it posts",
    "universal services: monitoring": "are named in free text in the closure; whoever closes asks them",
    "friend, staff member, member of the public": "is told by whom they reported to; their identity is SRC",
    "publishers and tool owners": "are told nothing",
}  # fmt: skip
