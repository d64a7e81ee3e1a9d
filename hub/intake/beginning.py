"""Posts that came at once are begun together: what looks at nothing of a child is on its way at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from hub.directory import DirectoryState, Principal
from hub.envelope import VerifiedEvent
from hub.errors import HubError
from hub.identity import Identity
from hub.intake.admission import Admission, Admitted
from hub.intake.arrival import DIRECT, Arrival
from hub.intake.preparing import Prepared, Preparing
from hub.intake.receipts import Posted, Receipts
from hub.intake.turns import Turns
from hub.record import Appended, ClaimTaken, Clock, HeadMoved, Record


@dataclass(frozen=True, slots=True)
class Arriving:
    """One signed event, and whose system brought it."""

    compact: bytes
    principal: Principal
    arrival: Arrival = DIRECT


class Begun:
    """A post on its way to its answer.

    Shape: `durable` is there where all work but the answer is done: it resolves with the commit that holds
    the post, or with what stood in its way.
    """

    __slots__ = ("_answer", "durable")

    def __init__(self, answer: Callable[[], Posted], durable: Future[Appended] | None = None) -> None:
        self._answer = answer
        self.durable: Final = durable

    @property
    def stands(self) -> bool:
        """Whether the post is new and durable now; then `answer` waits for nothing.

        Why new: the receipt of what was held before comes with its proof, which is read from the store.
        """
        durable = self.durable
        return (
            durable is not None
            and durable.done()
            and durable.exception() is None
            and not durable.result().duplicate
        )

    def answer(self) -> Posted:
        """What became of the post; it takes the time that it takes to judge it, where it does not stand yet.

        Raises: HubError with every slug of the contract that a post can have.
        """
        return self._answer()


@dataclass(frozen=True, slots=True)
class _Ready:
    """An ordinary fact that only has to be queued."""

    verified: VerifiedEvent
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What is done with a post that is no ordinary fact, and with refusals.

    Shape: `judge` does all that is left to do for a verified event; `refused` keeps that it was refused.
    """

    judge: Callable[[VerifiedEvent, Arriving], Posted]
    refused: Callable[[HubError, Arriving], None]


class Beginning:
    """Begins groups of posts, with as many look-ups in the store for a group as for one post."""

    def __init__(
        self,
        *,
        record: Record,
        identity: Identity,
        admission: Admission,
        preparing: Preparing,
        receipts: Receipts,
        turns: Turns,
        clock: Clock,
        otherwise: Otherwise,
    ) -> None:
        self._record: Final = record
        self._identity: Final = identity
        self._admission: Final = admission
        self._preparing: Final = preparing
        self._receipts: Final = receipts
        self._turns: Final = turns
        self._clock: Final = clock
        self._otherwise: Final = otherwise

    def begin(self, posts: Sequence[Arriving], standing: DirectoryState) -> list[Begun]:
        """Begin posts in the order in which they came.

        Shape: `standing` was read after the last of them had come, so that a key revoked or a person
        disabled before binds all of them.

        1. Verify each, and judge what it says of itself.
        2. Look up whom the ordinary facts among them are about, all at once.
        3. Queue those, after the decision that has a turn.
        4. Leave all others to be judged one by one: what is no ordinary fact; what is refused, because an
           event that stands already is answered whatever has changed since (H-03); and what lost against
           another post. A fault in one post is its own answer and nobody else's.
        """
        # 1
        looked = [self._looked_at(one, standing) for one in posts]
        # 2
        subjects = {one.verified.subject for one in looked if isinstance(one, Admitted)}
        try:
            children = self._identity.resolve_all(subjects) if subjects else {}
        except HubError as fault:
            return [
                one if isinstance(one, Begun) else self._refused(fault, post)
                for one, post in zip(looked, posts, strict=True)
            ]
        # 3, 4
        if subjects:
            self._turns.wait()
        ready = [
            self._ready(one, post, children[one.verified.subject]) if isinstance(one, Admitted) else one
            for one, post in zip(looked, posts, strict=True)
        ]
        durable = iter(
            self._record.append_all([one.prepared.append for one in ready if isinstance(one, _Ready)])
        )
        return [
            self._on_its_way(one, post, next(durable)) if isinstance(one, _Ready) else one
            for one, post in zip(ready, posts, strict=True)
        ]

    def _looked_at(self, post: Arriving, standing: DirectoryState) -> Admitted | Begun:
        try:
            verified = self._admission.verified(post.compact, post.principal, self._clock.wall(), standing)
        except HubError as refusal:
            return self._refused(refusal, post)
        except Exception as fault:
            return _failed(fault)
        try:
            admitted = self._admission.admit(verified, post.principal, standing)
        except Exception:
            return self._left(verified, post)
        return admitted if self._preparing.is_ordinary(admitted) else self._left(verified, post)

    def _ready(self, admitted: Admitted, post: Arriving, child: str | None) -> _Ready | Begun:
        try:
            prepared = self._preparing.ordinary(admitted, child, post.arrival)
        except Exception:
            return self._left(admitted.verified, post)
        return _Ready(admitted.verified, prepared)

    def _on_its_way(self, one: _Ready, post: Arriving, durable: Future[Appended]) -> Begun:
        return Begun(lambda: self._kept(one.verified, post, one.prepared, durable), durable)

    def _kept(
        self, verified: VerifiedEvent, post: Arriving, prepared: Prepared, durable: Future[Appended]
    ) -> Posted:
        """The receipt of an ordinary fact, once its commit is known."""
        try:
            appended = durable.result()
            item = appended.items[0]
            # What was erased can no longer be told to be the same.
            if appended.duplicate and item.salt is None:
                raise HubError("conflict")
        except (HeadMoved, ClaimTaken):
            return self._otherwise.judge(verified, post)
        except HubError as refusal:
            self._otherwise.refused(refusal, post)
            raise
        return (
            self._receipts.of(item, 200) if appended.duplicate else self._receipts.new(item, prepared.stored)
        )

    def _left(self, verified: VerifiedEvent, post: Arriving) -> Begun:
        return Begun(lambda: self._otherwise.judge(verified, post))

    def _refused(self, refusal: HubError, post: Arriving) -> Begun:
        def answer() -> Posted:
            self._otherwise.refused(refusal, post)
            raise refusal

        return Begun(answer)


def _failed(fault: Exception) -> Begun:
    def answer() -> Posted:
        raise fault

    return Begun(answer)
