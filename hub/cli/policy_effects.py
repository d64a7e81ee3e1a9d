"""What a draft of the sharing rules would change for whom, told to somebody who knows no codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from hub.catalogue import load_catalogue
from hub.cli.output import say

if TYPE_CHECKING:
    from hub.disclosure.proving.differences import Effect, RuleChange

READERS: Final[Mapping[str, str]] = {
    "attendee": "Somebody who was at a meeting about the child",
    "carer": "The child's foster carer or home",
    "consulted": "Police who are consulted and do not investigate",
    "early-help": "An early help worker with the child",
    "emergency": "Somebody who uses emergency access to the child",
    "enquiry": "The social worker of the enquiry",
    "family": "The child's family",
    "front-door": "A front door that was told of the child",
    "group-member": "A member of a group about the child",
    "health": "A health practitioner of the child",
    "iro": "The child's reviewing officer, or the chair of its conference",
    "mappa": "The coordinator of public protection arrangements for the child",
    "officer": "An information governance officer",
    "own-front-door": "The front door of the child's own authority",
    "own-worker": "The child's own social worker",
    "police": "Police who investigate",
    "respondent": "Somebody who was asked for records about the child",
    "safeguarding-unit": "The safeguarding unit of the child's authority",
    "school": "The safeguarding lead of the child's school",
    "smg": "A member of the strategic management group",
    "spoc": "The child's single point of contact",
    "subject": "The child",
    "team-manager": "A team manager of the child's authority",
    "therapist": "The child's therapist",
    "youth-justice": "The child's youth justice worker",
}
"""What a reader can be to a child, as the rules name it, in words."""


def tell_changes(changes: tuple[RuleChange, ...], effect: tuple[Effect, ...]) -> None:
    """What differs by rule, then who would see more than now, and who less, of which entries."""
    if not changes:
        say("It has the same rules as those that are installed.")
    for change in changes:
        say(f"{change.id}: {change.change}")
        for name, (before, after) in change.parts.items():
            say(f"  {name}: {after or '(nothing)'}  |  installed: {before or '(nothing)'}")
    _tell_side("Who would see more than now:", [(one.reader, one.more) for one in effect if one.more])
    _tell_side("Who would see less than now:", [(one.reader, one.less) for one in effect if one.less])
    if changes and not effect:
        say("Nobody who is one thing to a child would see more or less than now.")
    if any(set(one.more) & set(one.less) for one in effect):
        say(
            "A kind of entry that stands on both sides is shown otherwise: more of some parts, or in some "
            "circumstances, and less of others. `hub policy rehearse` says which parts, from past answers."
        )


def _tell_side(head: str, readers: list[tuple[str, tuple[str, ...]]]) -> None:
    if not readers:
        return
    say(head)
    types = load_catalogue().types
    for reader, kinds in readers:
        named = ((types[one].title if one in types else one, one) for one in kinds)
        say(f"  {READERS.get(reader, reader)} ({reader}), of these entries:")
        for title, code in sorted(named):
            say(f"    {title} ({code})")
