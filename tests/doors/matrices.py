"""The readers of a matrix over one played hub: what each is given of everything, and without one event."""

from __future__ import annotations

from typing import Any

from agencies.scenarios import PreparedPost
from agencies.sdk.build import event_id, source_urn
from hub.cli.demo_world import Reader, readers
from hub.disclosure import load_rules
from hub.disclosure.assemble import Assembler
from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine
from hub.envelope import EventKey
from hub.record import Recorded
from hub.views import Views
from tests.doors.disclosed import Folds, Given, given
from tests.doors.hubs import Doors


class Without(Views):
    """The children as if one event had never been recorded."""

    def __init__(self, left_out: EventKey | None, **given: Any) -> None:
        super().__init__(**given)
        self._left_out = left_out

    def _items(self, stream: str) -> list[Recorded]:
        return [one for one in super()._items(stream) if EventKey(one.source, one.id) != self._left_out]


def key_of(post: PreparedPost) -> EventKey:
    """The event that a post of a scenario became."""
    name = event_id(post.organisation, post.event.record, post.event.type)
    return EventKey(source_urn(post.organisation), name)


class Matrix:
    """One played scenario, and what each of its readers is given with and without an item."""

    def __init__(self, doors: Doors) -> None:
        self.doors, hub = doors, doors.hub
        rules = load_rules()
        self._assembler = Assembler(rules, Decider(Engine(rules)), hub.catalogue, hub.store.record.digest)
        self._whole: dict[str, dict[str, Given]] = {}
        self._everything = self._folds(None)

    def reader(self, name: str) -> Reader:
        """A reader of the matrix by its name there."""
        (found,) = (one for one in readers(self.doors.scenario.name) if one.name == name)
        return found

    @property
    def folds(self) -> Folds:
        """Each child with everything that was posted."""
        return self._everything

    def _folds(self, left_out: EventKey | None) -> Folds:
        hub = self.doors.hub
        views = Without(
            left_out, record=hub.store.record, identity=hub.identity, directory=hub.store.directory,
            catalogue=hub.catalogue, projected=hub.projected,
        )  # fmt: skip
        return {child: views.child(child) for child in self.doors.children.values()}

    def without(self, ref: str) -> Folds:
        """The folds without a post of the scenario, which stands in them."""
        (post,) = (one for one in self.doors.scenario.posts if one.ref == ref)
        key = key_of(post)
        assert any(one.key == key for fold in self._everything.values() for one in fold.entries)
        return self._folds(key)

    def read(self, reader: str, folds: Folds) -> dict[str, Given]:
        """What a reader is given of each of its children."""
        hub = self.doors.hub
        who = self.reader(reader)
        principal = hub.store.directory.principal_for_person(who.person)
        now = hub.store.clock.domain()
        return {
            name: given(
                folds, principal, self.doors.children[name], now, self._assembler, hub.views.profile_of
            )
            for name in who.children
        }

    def whole(self, reader: str) -> dict[str, Given]:
        """What a reader is given of everything that was posted."""
        if reader not in self._whole:
            self._whole[reader] = self.read(reader, self._everything)
        return self._whole[reader]
