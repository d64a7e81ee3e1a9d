"""What one person gets of a story: folded, decided and redacted in process, without a record."""

from __future__ import annotations

from hub.directory.types import Principal
from hub.disclosure.answers import ShownEntry
from hub.disclosure.assemble import Disclosed
from tests.oracle.door import assembler
from tests.spec.relationship_folds import Story, area_of, at


def reader(person: str, role: str) -> Principal:
    """A person with one role."""
    organisation = person.partition("/")[0]
    kind = organisation.partition(".")[0]
    return Principal(organisation, kind, area_of(organisation), person, frozenset({role}))


def disclosed(story: Story, person: str, role: str, time: str, as_at: str | None = None) -> Disclosed:
    """Everything that a person with one role gets of the child at a time."""
    view = story.view
    instant = at(as_at) if as_at else None
    return assembler().disclose(reader(person, role), view, lambda _: view, now=at(time), as_at=instant)


def shown(
    story: Story, person: str, role: str, time: str, as_at: str | None = None
) -> dict[str, list[ShownEntry]]:
    """The entries that a person gets, by type, in chronology order."""
    found: dict[str, list[ShownEntry]] = {}
    for item in disclosed(story, person, role, time, as_at).items:
        found.setdefault(item.shown.type, []).append(item.shown)
    return found


def lines(story: Story, person: str, role: str, time: str) -> list[str]:
    """The codes of the coded lines that a person gets."""
    return [one.placed.shown.line or "" for one in disclosed(story, person, role, time).lines]
