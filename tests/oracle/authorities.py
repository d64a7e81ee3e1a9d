"""Who answers for a child, and which children a link puts beside it."""

from __future__ import annotations

from tests.oracle.model import Happening, World


def authority(world: World, child: str) -> str | None:
    """Who answers for a child: the first opening, then each receiver's acknowledgement after the notice."""
    return world.once(("authority", child), lambda: _authority(world, child))


def _authority(world: World, child: str) -> str | None:
    mine: str | None = None
    leaving: str | None = None
    for one in world.current(child):
        if one.type == "child-stream-opened" and mine is None:
            mine = one.organisation
        elif one.type == "child-moved-area" and mine is not None:
            if one["step"] == "notified" and one.organisation == mine:
                leaving = one["to_authority"]
            elif one["step"] == "acknowledged" and one.organisation == leaving:
                mine, leaving = leaving, None
    return mine


def linked(world: World, child: str) -> set[str]:
    """The children whom an IncidentLinked puts beside this one."""
    return world.once(("linked", child), lambda: _linked(world, child))


def beside_by_name(world: World, child: str) -> set[str]:
    """The children whom this child's own authority names in what it posted of this child."""
    mine = authority(world, child)
    return {
        other
        for one in world.current(child)
        if one.organisation == mine
        for other, _ in one.others
        if other in world.born and other != child
    }


def convened_before_link(world: World, child: str) -> bool:
    """Whether the authority of a linked child invited, or held a meeting, before it was linked.

    The text says that its meetings count, and not since when: both are allowed (record 0008).
    """
    return any(one["meeting"] and before_link(world, one) for one in world.current(child))


def before_link(world: World, event: Happening) -> bool:
    """Whether it comes from the authority of a linked child, and from before the link."""
    here = authority(world, event.child)
    of_linked = {authority(world, one) for one in linked(world, event.child)}
    if event.organisation == here or event.organisation not in of_linked:
        return False
    then = _linked(world, event.child, event.number)
    return event.organisation not in {authority(world, one) for one in then}


def _linked(world: World, child: str, before: int | None = None) -> set[str]:
    found: set[str] = set()
    for other in world.born:
        for one in world.current(other):
            if one.type == "incident-linked" and (before is None or one.number < before):
                ends = {other, *(named for named, _ in one.others)}
                found |= ends if child in ends else set()
    return found - {child}
