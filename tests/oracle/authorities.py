"""Who answers for a child, and which children a link puts beside it."""

from __future__ import annotations

from tests.oracle.model import World


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


def _linked(world: World, child: str) -> set[str]:
    found: set[str] = set()
    for other in world.born:
        for one in world.current(other):
            if one.type == "incident-linked":
                ends = {other, *(named for named, _ in one.others)}
                found |= ends if child in ends else set()
    return found - {child}
