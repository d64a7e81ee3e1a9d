"""What others allowed or held back: granted requests for records, consent, and decisions not to share.

Trust: each is read from the record as it is now, whatever `as_at` says, so that what is withdrawn, refused
or retracted opens nothing from the next read on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.directory.types import Principal
from hub.disclosure.facts import detail_of
from hub.disclosure.standing import AT_THE_DOOR, EMERGENCY, LIMITED, OVERSIGHT, Standing
from hub.pathway.entries import Entry, said
from hub.pathway.fields import parts, text, texts
from hub.views import ChildView, having_a_part

# A decision to assess, and what youth justice assessed: consent is to the tool that either names (D-49).
ASSESSED: Final = frozenset({"specialist-assessment-decided", "justice-assessment-completed"})
DECLINED: Final = "sharing-declined"
VOICE: Final = "child-voice-recorded"
REQUESTED: Final = "records-access-requested"
ANSWERED: Final = "records-access-decided"
CONSENT: Final = "assessment-consent-recorded"
ACTION: Final = "action-assigned"
RELATIONSHIP: Final = "relationship-recorded"
PLAN: Final = "risk-management-plan-recorded"
# What says where a carer's own home is (D-52).
_OWN_HOME: Final = frozenset({"place-declared", "child-circumstance-recorded"})
# What a request opens when its holder grants it: by what the reader is to the child, and the scope asked for.
OPENED: Final[Mapping[tuple[str, str], str]] = {
    ("early-help", "developmental"): "HLTH",
    ("early-help", "neonatal"): "HLTH",
    ("police", "therapy-notes"): "THER",
}
_THERAPY_NOTES: Final = "therapy-notes"
_KNOW_OF_THERAPY: Final = frozenset({"therapist", "own-worker", "enquiry", "police", "spoc"})
_MAY_BE_GRANTED: Final = frozenset(found for found, _ in OPENED)
_LABELS_OPENED: Final = frozenset(OPENED.values())
_NOTHING: Final = frozenset[str]()
# Work that the code lists know as something else than therapy (D-32, D-39).
NO_THERAPY: Final = frozenset(
    {
        "boundary-work", "individual-work", "group-work", "family-work", "culturally-adapted-work",
        "online-safety-work", "voluntary-offer", "early-help", "youth-justice-programme", "mentoring",
        "interview", "court", "advocacy", "independent-visitor", "school-support", "peer-support",
        "parents-support", "carers-support", "family-support", "safety-support",
    }
)  # fmt: skip
# To whom of the organisation that posted it such content is open as a colleague's (D-06, D-07).
_OF_THERAPY: Final = frozenset({"own-worker", "therapist"})
_OF_CLINICAL: Final = frozenset({"own-worker", "health"})
_CLINICAL: Final = frozenset({"HLTH", "SEXH"})
# Who works the case for the authority itself, and so with what its people posted.
_OF_THE_CASE: Final = frozenset({"own-worker", "enquiry", "team-manager", "smg"})


def granted(
    entry: Entry, carries: frozenset[str], view: ChildView, stands: Standing, principal: Principal
) -> frozenset[str]:
    """The labels that a granted request for records opens to a reader, in what the holder posted itself.

    Trust: a holder decides about its own records only, and only for who asked; a request that says no
    purpose opens nothing, nor does an answer that grants a part, since the hub cannot tell which.
    Source: R-112, R-120; S5 s.14; D-06

    1. What this reader's organisation asked this entry's poster for, and why.
    2. The holder's last answer to each of these requests.
    3. What the granted ones open to what the reader is to the child.
    """
    if carries.isdisjoint(_LABELS_OPENED) or stands.classes.isdisjoint(_MAY_BE_GRANTED):
        return _NOTHING
    asked = {  # 1
        one.key: text(one, "scope") or ""
        for one in said(view.entries, REQUESTED)
        if one.organisation == principal.organisation
        and text(one, "holder") == entry.organisation
        and text(one, "purpose") is not None
    }
    answers = {  # 2
        one.about: text(one, "decision")
        for one in said(view.entries, ANSWERED)
        if one.organisation == entry.organisation and one.about in asked and not one.awaiting
    }
    return frozenset(  # 3
        OPENED[found, scope]
        for key, scope in asked.items()
        for found in stands.classes
        if answers.get(key) == "granted" and (found, scope) in OPENED
    )


def consented(entry: Entry, view: ChildView, principal: Principal) -> bool:
    """Whether recorded consent lets a reader's organisation know of an assessment, decided on or completed.

    Shape: consent is to one tool; everybody who was asked has last said yes, and each names the
    organisation, or its kind. Who withdraws or refuses ends it for everything that is read from then on.
    Trust: a yes counts from an organisation with a part in the child's care, a no from anybody.
    Source: D-19, D-49; R-095; S3 s.4
    """
    tool = text(entry, "tool") if entry.type in ASSESSED else None
    if tool is None:
        return False
    parts = {view.authority or view.area, *having_a_part(view.grants)}
    last: dict[str | None, Entry] = {}
    for one in said(view.entries, CONSENT):
        yes = text(one, "outcome") == "given"
        about = text(one, "tool") in (tool, None)
        if about and (one.organisation in parts or not yes):
            last[text(one, "from_whom")] = one
    names = {principal.organisation, principal.organisation_kind}
    return bool(last) and all(
        text(one, "outcome") == "given"
        and text(one, "tool") == tool
        and not names.isdisjoint(texts(one, "share_with"))
        for one in last.values()
    )


def wish_against(entry: Entry, view: ChildView, principal: Principal) -> bool:
    """Whether the child does not wish this reader's organisation to know of what it said (D-09, D-38).

    Shape: a wish that was recorded once stands for everything that the child says; it is set aside only
    where the child's own authority records that the organisation is told to protect, and why.
    Source: R-058; S3 s.4
    """
    if entry.type != VOICE:
        return False
    against = False
    for one in said(view.entries, VOICE):
        if principal.organisation in texts(one, "not_to_share_with"):
            against = True
        own = one.organisation == (view.authority_at(one.position) or view.area)
        told = {text(part, "organisation") for part in parts(one, "share_to_protect") if part.get("reason")}
        if own and principal.organisation in told:
            against = False
    return against


def named_party(entry: Entry, view: ChildView, stands: Standing, principal: Principal) -> bool:
    """Whether a request for records, its answer, a consent, an action or a relationship names this reader.

    Shape: a request names whose records are asked for; an answer who asked, by the request that it is
    about or, where it says none, by any request to its poster; a consent with whom may be shared; an action
    who is to do it; a relationship who has it.
    Trust: an answer to somebody else's request names nobody but that one. The actions of the child's own
    authority are its worker's: of these a colleague is a party to what names that very person. A school is
    given something to do for its own pupil only.
    Source: D-33; requirements B, C.1 (LEGAL); R-082, R-092, R-115, R-147
    """
    if entry.type == ACTION:
        if principal.organisation == (view.authority or view.area):
            return text(entry, "person") == principal.person
        return text(entry, "organisation") == principal.organisation and _right_school(view, principal)
    if entry.type == RELATIONSHIP:
        return text(entry, "organisation") == principal.organisation
    if entry.type == REQUESTED:
        # That there may be notes of therapy is nothing to a therapist's colleagues (D-39).
        may_know = text(entry, "scope") != _THERAPY_NOTES or bool(_KNOW_OF_THERAPY & stands.classes)
        return may_know and text(entry, "holder") == principal.organisation
    if entry.type == ANSWERED:
        return any(
            one.organisation == principal.organisation
            and text(one, "holder") == entry.organisation
            and entry.about in (None, one.key)
            for one in said(view.entries, REQUESTED)
        )
    named = texts(entry, "share_with") if entry.type == CONSENT else ()
    return principal.organisation in named or principal.organisation_kind in named


def _right_school(view: ChildView, principal: Principal) -> bool:
    """Whether an organisation is no school, or one at which the child is or was a pupil (R-082)."""
    return principal.organisation_kind != "education" or any(
        one.kind == "enrolled" and one.organisation == principal.organisation for one in view.grants
    )


def of_care_team(
    entry: Entry, carries: frozenset[str], view: ChildView, stands: Standing, principal: Principal
) -> bool:
    """Whether a place is for this reader to know as one of the child's care team (D-52).

    1. The current carer knows the carer's own address.
    2. The agency that the current plan to manage risk makes responsible knows where the child is: the last
       plan of the child's own authority that is in force, while the case is open. Of the authority itself
       the workers know already, and nobody else does by this (D-08).

    Source: D-08, D-52
    """
    # An authority has many homes: that it is the child's home does not say which.
    if "LOC" not in carries or principal.organisation == view.authority:
        return False
    if "carer" in stands.classes:  # 1
        return entry.type in _OWN_HOME and text(entry, "organisation") == principal.organisation
    plan: Entry | None = None
    for one in said(view.entries, PLAN, "closure-decided"):  # 2
        if one.awaiting or one.organisation != view.authority_at(one.position):
            continue
        if one.type == PLAN:
            plan = one
        elif text(one, "closes") == "case":
            plan = None
    return plan is not None and text(plan, "responsible_organisation") == principal.organisation


def kept_from(entry: Entry, principal: Principal) -> bool:
    """Whether a decision not to share is about this reader's organisation, kind, role or person (H-13)."""
    if entry.type != DECLINED:
        return False
    recipient = (text(entry, "recipient") or "").casefold()
    named = {principal.organisation, principal.organisation_kind, principal.person or "", *principal.roles}
    return recipient in {one.casefold() for one in named}


def is_own(
    entry: Entry, filled: frozenset[str], stands: Standing, principal: Principal, authority: str | None
) -> bool:
    """Whether an entry is the reader's own: its organisation's, or only what the reader wrote itself.

    A former worker who attended a meeting would otherwise keep reading the whole organisation's posts; so
    would early help, a children's home or a single point of contact of the child's authority itself; and
    whoever used emergency access would read everything that colleagues posted.

    1. Who oversees has limits of its own, whoever posted (D-12; matrix G.B, B08 and B16).
    2. Of a referral to another authority its sender has the receipt and the decision (D-22, D-30).
    3. Who has a part only keeps what it wrote itself; a front door has referral, screening and index (G.00).
    4. So does whoever therapy or clinical content is not for: that a colleague wrote it opens it to nobody.
    """
    if stands.classes & OVERSIGHT and stands.classes <= OVERSIGHT | LIMITED | AT_THE_DOOR:  # 1
        return False
    if _referred_elsewhere(entry, principal, authority):  # 2
        return False
    limited = principal.organisation == authority and stands.classes.isdisjoint(_OF_THE_CASE)
    if limited or stands.classes <= {"attendee", EMERGENCY, *AT_THE_DOOR}:  # 3
        return entry.author == principal.person
    if entry.author != principal.person and _for_others(entry, filled, stands.classes):  # 4
        return False
    return entry.organisation == principal.organisation


def _for_others(entry: Entry, filled: frozenset[str], classes: frozenset[str]) -> bool:
    """Whether an entry holds therapy or clinical content that is not for a reader of these classes.

    Shape: a therapist reads what is clinical in an opinion of its own service, which is therapy as a whole.
    """
    therapy = "THER" in filled and detail_of(entry) not in NO_THERAPY
    if therapy and classes.isdisjoint(_OF_THERAPY):
        return True
    clinical = not filled.isdisjoint(_CLINICAL) and classes.isdisjoint(_OF_CLINICAL)
    return clinical and not (therapy and "therapist" in classes)


def _referred_elsewhere(entry: Entry, principal: Principal, authority: str | None) -> bool:
    """Whether a referral went to another authority than the sender's, or than the child's."""
    to = text(entry, "to") if entry.type == "referral-made" else None
    if to is None or not to.startswith("social-care."):
        return False
    return to not in {principal.organisation, authority} or (
        principal.organisation_kind == "social-care" and to not in {principal.organisation, principal.area}
    )
