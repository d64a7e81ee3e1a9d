"""What others allowed or held back: granted requests for records, consent, and decisions not to share.

Trust: each is read from the record as it is now, whatever `as_at` says, so that what is withdrawn, refused
or retracted opens nothing from the next read on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.directory.types import Principal
from hub.disclosure.standing import EMERGENCY, LIMITED, OVERSIGHT, Standing
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
# What a request opens when its holder grants it: by what the reader is to the child, and the scope asked for.
OPENED: Final[Mapping[tuple[str, str], str]] = {
    ("early-help", "developmental"): "HLTH",
    ("early-help", "neonatal"): "HLTH",
    ("police", "therapy-notes"): "THER",
}
_MAY_BE_GRANTED: Final = frozenset(found for found, _ in OPENED)
_LABELS_OPENED: Final = frozenset(OPENED.values())
_NOTHING: Final = frozenset[str]()


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


def named_party(entry: Entry, view: ChildView, principal: Principal) -> bool:
    """Whether a request for records, its answer, a consent or an action names this reader as a party.

    Shape: a request names whose records are asked for; an answer who asked, by the request that it is
    about or, where it says none, by any request to its poster; a consent with whom may be shared; an action
    who is to do it.
    Trust: an answer to somebody else's request names nobody but that one. The actions of the child's own
    authority are its worker's: of these a colleague is a party to what names that very person.
    Source: D-33; requirements B, C.1 (LEGAL); R-092, R-115, R-147
    """
    if entry.type == ACTION:
        if principal.organisation == (view.authority or view.area):
            return text(entry, "person") == principal.person
        return text(entry, "organisation") == principal.organisation
    if entry.type == REQUESTED:
        return text(entry, "holder") == principal.organisation
    if entry.type == ANSWERED:
        return any(
            one.organisation == principal.organisation
            and text(one, "holder") == entry.organisation
            and entry.about in (None, one.key)
            for one in said(view.entries, REQUESTED)
        )
    named = texts(entry, "share_with") if entry.type == CONSENT else ()
    return principal.organisation in named or principal.organisation_kind in named


def kept_from(entry: Entry, principal: Principal) -> bool:
    """Whether a decision not to share is about this reader's organisation, kind, role or person (H-13)."""
    if entry.type != DECLINED:
        return False
    recipient = (text(entry, "recipient") or "").casefold()
    named = {principal.organisation, principal.organisation_kind, principal.person or "", *principal.roles}
    return recipient in {one.casefold() for one in named}


def is_own(entry: Entry, stands: Standing, principal: Principal, authority: str | None) -> bool:
    """Whether an entry is the reader's own: the organisation's, and of a mere attendee what it wrote itself.

    A former worker who attended a meeting would otherwise keep reading the whole organisation's posts; so
    would early help, or a single point of contact, who works for the child's authority itself; and whoever
    used emergency access would read everything that colleagues posted.

    1. Who oversees has limits of its own, whoever posted (D-12; matrix G.B, B08 and B16).
    2. Of a referral to another authority its sender has the receipt and the decision (D-22, D-30).
    3. Who has a part only keeps what it wrote itself.
    """
    if stands.classes & OVERSIGHT and stands.classes <= OVERSIGHT | LIMITED:  # 1
        return False
    if _referred_elsewhere(entry, principal, authority):  # 2
        return False
    limited = stands.classes <= LIMITED and principal.organisation == authority
    if stands.classes <= {"attendee", EMERGENCY} or limited:  # 3
        return entry.author == principal.person
    return entry.organisation == principal.organisation


def _referred_elsewhere(entry: Entry, principal: Principal, authority: str | None) -> bool:
    """Whether a referral went to another authority than the sender's, or than the child's."""
    to = text(entry, "to") if entry.type == "referral-made" else None
    if to is None or not to.startswith("social-care."):
        return False
    return to not in {principal.organisation, authority} or (
        principal.organisation_kind == "social-care" and to not in {principal.organisation, principal.area}
    )
