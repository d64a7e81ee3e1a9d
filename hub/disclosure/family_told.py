"""What is recorded that a child's family was told, and what is withheld from it for a risk (R-054)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hub.envelope import EventKey
from hub.pathway.entries import Entry
from hub.pathway.fields import text, texts
from hub.views import ChildView, having_a_part

INFORMED: Final = "family-informed"
INCIDENT: Final = "incident-recorded"
OUTCOME: Final = "criminal-outcome-recorded"
PARENT: Final = "parent"
RECIPIENTS: Final = ("child", "mother", "father", "parent", "guardian", "carer", "grandparent")
"""For whom a paper may be made, of the list of family members: a foster carer reads by a placement (D-45),
and brothers and sisters are third parties themselves."""
CHILD: Final = "child"
_MEETINGS: Final = frozenset({"meeting-convened", "meeting-held"})
_CONCERN: Final = "incident"
_ENDS: Final = frozenset({"nfa-evidence", "nfa-public-interest", "nfa-with-concerns"})
# Of what the family has to have been told before a paper says anything of such an entry.
_TOPIC: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            INCIDENT, "immediate-safety-measure-recorded", "social-worker-allocated",
            "named-contact-appointed", *_MEETINGS, "plan-started", "plan-reviewed",
            "risk-management-plan-recorded", "conference-decided", "closure-decided", "assessment-started",
            "assessment-completed", "section-47-enquiry-initiated", "section-47-enquiry-concluded",
        ),
        _CONCERN,
    ),
    OUTCOME: "end-of-criminal-matters",
}  # fmt: skip
TOLD_OF: Final = frozenset({INFORMED, *_TOPIC})
"""The types of entry of which a family can have been told."""


def family_told(entry: Entry, view: ChildView, recipient: str) -> bool:
    """Whether this member of a child's family is recorded as told of what an entry is about.

    Trust: a yes counts from an organisation with a part in the child's care, a no from anybody, until that
    organisation itself says otherwise. What was said before an incident was recorded tells nothing of it, so
    that a further one is never told by accident.
    Source: R-054, R-056, R-060, R-135; S1; D-14

    1. What awaits the agreement of others is decided by nobody yet, and only some outcomes end criminal
       matters. That the family was told is itself in the paper, unless it was withheld since.
    2. A meeting is one to which the parents are invited.
    3. The last word of each organisation about this entry, or about everything of its topic.
    """
    topic = text(entry, "topic") if entry.type == INFORMED else _TOPIC.get(entry.type)
    if topic is None or entry.awaiting:
        return False
    if entry.type == OUTCOME and text(entry, "outcome") not in _ENDS:
        return False
    if entry.type == INFORMED and not _informs(entry, recipient):  # 1
        return False
    if entry.type in _MEETINGS and _meeting(entry) not in invited_to(view):  # 2
        return False
    parts = {view.authority or view.area, *having_a_part(view.grants)}
    last = _said_of(entry, _words(view, topic), recipient)  # 3
    return "withheld" not in last.values() and any(
        said == "informed" and organisation in parts for (organisation, _), said in last.items()
    )


def told_openly(entry: Entry, view: ChildView) -> bool:
    """Whether the child is recorded as told of an entry, and nobody of its family is not to know.

    Trust: what is told to a child in writing is read by whoever lives with it.
    Source: H-23; R-054; D-14
    """
    topic = text(entry, "topic") if entry.type == INFORMED else _TOPIC.get(entry.type)
    if topic is None or not family_told(entry, view, CHILD):
        return False
    words = _words(view, topic)
    named = {who for one in words for who in texts(one, "who")}
    # What is withheld from a parent is withheld from mother and father, of whom each may be told later.
    members = {*RECIPIENTS, *named} - {PARENT}
    return all("withheld" not in _said_of(entry, words, one).values() for one in members)


def _words(view: ChildView, topic: str) -> Sequence[Entry]:
    return [one for one in view.entries if one.type == INFORMED and text(one, "topic") == topic]


def _said_of(
    entry: Entry, words: Iterable[Entry], recipient: str
) -> Mapping[tuple[str | None, EventKey | None], str]:
    """What each organisation last said of what an entry is about, as far as it concerns this member."""
    about = {INCIDENT: entry.key, INFORMED: entry.about}.get(entry.type)
    since = entry.position if entry.type in (INCIDENT, OUTCOME) else 0
    return _last_words(words, about, since, recipient)


def _last_words(
    words: Iterable[Entry], about: EventKey | None, since: int, recipient: str
) -> Mapping[tuple[str | None, EventKey | None], str]:
    """What each organisation last said of one event, or of everything where `about` is None."""
    last: dict[tuple[str | None, EventKey | None], str] = {}
    for one in sorted(words, key=lambda each: each.position):
        if about is not None and one.about not in (None, about):
            continue
        place = (one.organisation, one.about)
        if text(one, "outcome") == "withheld" and _concerns(one, recipient):
            last[place] = "withheld"
        elif _informs(one, recipient) and (one.about is not None or one.position > since):
            if one.about is None:  # It was told of everything, so of each.
                last = {held: said for held, said in last.items() if held[0] != one.organisation}
            elif about == one.about:
                last.pop((one.organisation, None), None)
            last[place] = "informed"
    return last


def invited_to(view: ChildView) -> frozenset[tuple[str, str]]:
    """The meetings about a child to which its parents are invited, as (convening organisation, meeting).

    Source: R-135; S5 s.13
    """
    last: dict[tuple[str, str], str | None] = {}
    for one in sorted(view.entries, key=lambda each: each.position):
        if one.type == "meeting-convened" and not one.awaiting:
            last[_meeting(one)] = text(one, "parents")
    return frozenset(meeting for meeting, parents in last.items() if parents == "invited")


def _meeting(entry: Entry) -> tuple[str, str]:
    return entry.organisation or "", text(entry, "meeting") or ""


def _informs(entry: Entry, recipient: str) -> bool:
    who = texts(entry, "who")
    return text(entry, "outcome") == "informed" and (not who or recipient in who)


def _concerns(entry: Entry, recipient: str) -> bool:
    """Whether somebody from whom something is withheld is, or may be, this member of the family."""
    who = texts(entry, "who")
    return not who or recipient in who or PARENT in (*who, recipient)
