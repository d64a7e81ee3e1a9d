"""What a draft of the sharing rules would change for whom, told to somebody who knows no codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.catalogue import load_catalogue
from hub.cli.output import say
from hub.disclosure.proving.plain_words import at_start, reader_in_words

if TYPE_CHECKING:
    from hub.disclosure.proving.differences import Effect, RuleChange


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
        say(f"  {at_start(reader_in_words(reader))} ({reader}), of these entries:")
        for title, code in sorted(named):
            say(f"    {title} ({code})")
