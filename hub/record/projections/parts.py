"""Feeding the serving generation in parts, by a group of workers among whom the children are divided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from hub.record.projections.declared import Log, Parked, Projection
from hub.record.projections.generations import SERVING, Generations
from hub.record.projections.projected import Projected
from hub.record.projections.projector import Projector
from hub.record.projections.store import ViewStore
from hub.record.projections.uptake import Place, Target, Uptake
from hub.record.types import Recorded


class PartFeed:
    """The views as a group feeds them: each item belongs to one part, which one worker delivers in order.

    Shape: which part an item belongs to is the group's rule; all items of one child are of one part.
    Trust: a worker whose part was given to another writes nothing any more, whatever it still delivers.
    Raises: HubError("store") from every method where the record or the views are not available.
    """

    def __init__(
        self,
        record: Log,
        store: ViewStore,
        projections: Sequence[Projection],
        *,
        on_parked: Callable[[Parked], None] | None = None,
    ) -> None:
        self._record: Final = record
        self._uptake: Final = Uptake(store, on_parked)
        self._registers: Final = [Generations(store, one) for one in projections]
        self._projected: Final = [Projected(store, one.name, one.version) for one in projections]
        self._projector: Final = Projector(record, store, projections, on_parked=on_parked)

    def prepare(self, of: int) -> None:
        """Let the views be fed in so many parts; every worker calls it when it is given parts.

        1. Views that go on from another record than this are given up.
        2. What has no generation of this version is built from the record, as one part.
        3. The serving generations are divided: each part goes on from what all had reached.
        """
        # 1.
        for register in self._registers:
            register.retire_foreign(self._record)
        # 2.
        self._projector.build()
        # 3.
        for register in self._registers:
            register.divide(of)

    def divided(self) -> int | None:
        """In how many parts the serving views are fed; None where one has none, or they differ."""
        serving = [register.here(SERVING, register.all()) for register in self._registers]
        wholes = {None if one is None else one.whole for one in serving}
        return wholes.pop() if len(wholes) == 1 else None

    def place(self, part: int, of: int) -> int | None:
        """The position up to which a part was taken up; None where the views are not divided like that."""
        targets = self._targets(part, of)
        return min(one.position for one in targets) if targets else None

    def take_up(self, part: int, of: int, after: int, items: Sequence[Recorded], upto: int) -> bool:
        """Take up all items of a part with `after` < position <= `upto`; there may be none.

        Shape: False, and nothing is written, where the part does not stand at `after`: another worker
        went past it, or the views were switched; and where the record has no item at `upto`.
        """
        targets = self._targets(part, of)
        if not targets or upto <= after or min(one.position for one in targets) != after:
            return False
        if items and items[-1].position == upto:
            place = Place(upto, items[-1].leaf_data)
        else:
            # Of another part, most often; its leaf still tells one record from another.
            found = self._record.log(upto - 1, 1)
            if not found or found[0].position != upto:
                return False
            place = Place(upto, found[0].leaf_data)
        self._projector.sweep()
        # One that was built anew may be further than the others.
        return self._uptake.take_up([one for one in targets if one.position < upto], items, place)

    def position(self) -> int:
        """The last position that every part has taken up, as readers see it."""
        return min(one.position() for one in self._projected)

    def parked(self) -> list[Parked]:
        """The items that stand aside."""
        return [parked for one in self._projected for parked in one.parked()]

    def _targets(self, part: int, of: int) -> list[Target]:
        targets: list[Target] = []
        for register in self._registers:
            serving = register.here(SERVING, register.all())
            if serving is None or serving.whole != of or not 0 <= part < of:
                return []
            position = serving.parts[part].position
            targets.append(Target(register.projection, serving.number, part, of, position))
        return targets
