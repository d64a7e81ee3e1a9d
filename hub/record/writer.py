"""The only place that appends: each group in one durable transaction, whatever the database."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Final, TypeAlias

from hub.errors import HubError
from hub.record.group import GroupCommit
from hub.record.listening import Listeners
from hub.record.ports import Chance
from hub.record.reader import Reader
from hub.record.sealing import MasterKey
from hub.record.staging import Find, Judge, Staged, Standing, Stream, Waiting, check_append, make_leaves
from hub.record.store import Appender, Expected, Unknown
from hub.record.types import Append, Appended, Head

_MOST_STREAMS: Final = 20_000
_Done: TypeAlias = tuple[Staged, Head]


class Writer:
    """Appends in groups; what it answers is durable.

    Trust: several processes may append. What is kept of streams from earlier groups is believed only
    where the store confirms it in the transaction, or says that nobody else has changed it since.
    """

    def __init__(
        self, appender: Appender, master: MasterKey, chance: Chance, reader: Reader, listeners: Listeners
    ) -> None:
        self._appender: Final = appender
        self._master: Final = master
        self._chance: Final = chance
        self._reader: Final = reader
        self._listeners: Final = listeners
        self._streams: Final[OrderedDict[str, Stream]] = OrderedDict()
        self._stretch = 0  # counts the stretches of time in which nobody else changed the store
        self._unanswered: _Done | None = None
        self._group: Final = GroupCommit[Waiting](self._commit)

    def append(self, append: Append) -> Future[Appended]:
        """Queue an append; the future is resolved after the commit that holds it."""
        future: Future[Appended] = Future()
        if (waiting := self._waiting(append, future)) is not None:
            self._put([waiting])
        return future

    def append_all(self, appends: Sequence[Append]) -> list[Future[Appended]]:
        """Queue appends, each by itself, next to one another.

        Why: of those that are queued one by one the first is on its way to the disk before the second comes,
        and all others wait for that.
        """
        futures: list[Future[Appended]] = [Future() for _ in appends]
        asked = [self._waiting(one, future) for one, future in zip(appends, futures, strict=True)]
        self._put([one for one in asked if one is not None])
        return futures

    def _waiting(self, append: Append, future: Future[Appended]) -> Waiting | None:
        """An append with all that can be computed before its turn; None where it has been refused."""
        # From here it cannot be cancelled: it may be durable before anybody could say so.
        future.set_running_or_notify_cancel()
        try:
            check_append(append)
            return Waiting(append, make_leaves(self._master, self._chance, append.drafts), future)
        except HubError as fault:
            future.set_exception(fault)
            return None

    def _put(self, those: list[Waiting]) -> None:
        try:
            if those:
                self._group.put(*those)
        except HubError as fault:
            for one in those:
                one.fail(fault)

    def close(self) -> None:
        """Commit what is queued, then close the connection."""
        self._group.close()
        self._drop()

    def _commit(self, group: list[Waiting]) -> None:
        """Append a group and answer its members.

        1. On what is known, in one call which adds nothing where that no longer holds; else in turn.
        2. Where the connection was lost on the way: once what was sent is settled, in turn; what stands
           by then is found by its name.
        3. A fault that concerns one of them: each alone, so that the one fails alone.
        4. Only then answer; where more is queued, while the database is at work on that.
        """
        try:
            try:
                done = self._at_once(group)  # 1.
                self._answer()
                if done is None:
                    done = self._in_turn(group)
            except Unknown:
                self._answer()
                self._drop()
                self._appender.settle()  # 2.
                done = self._in_turn(group)
        except BaseException as fault:
            self._answer()
            self._drop()
            if len(group) > 1 and self._appender.concerns_one(fault):
                for waiting in group:  # 3.
                    self._commit([waiting])
                return
            for waiting in group:
                waiting.fail(HubError("store"))
            return
        # 4.
        self._unanswered = done
        if not (self._appender.optimistic and self._group.more):
            self._answer()
        self._appender.rest()

    def _answer(self) -> None:
        """Answer the last group that is durable, where that has not been done yet."""
        if self._unanswered is None:
            return
        (staged, before), self._unanswered = self._unanswered, None
        if staged.drafts:
            self._listeners.tell(before.position + len(staged.drafts))
        staged.answer(before.position + 1, before.leaves)

    def _at_once(self, group: list[Waiting]) -> _Done | None:
        """Judge on what is kept of the streams, and add in one call; None: it has to be done in turn.

        1. Look up, without stopping anybody, the streams nothing is kept of. Where all that is kept of the
           others was confirmed since somebody else last changed the store, nobody has to look again.
        2. Judge as if every name and claim were new; a head that moved may only seem to have.
        3. Add under the condition that all of this holds; but a stream that has grown, and on which nothing
           was decided, is only told to be longer. What was kept from before somebody else changed the store
           is from now on to be confirmed.
        """
        appender, streams = self._appender, self._streams
        if not appender.optimistic:
            return None
        # 1.
        names = _streams(group)
        missing = self._missing(names)
        if missing:
            self._answer()
            streams.update(
                (name, Stream(stored, self._stretch)) for name, stored in appender.known(missing).items()
            )
        expected = Expected(
            {name: streams[name].version for name in names},
            {
                id
                for waiting in group
                for draft in waiting.append.drafts
                if (id := streams[draft.stream].key_id) is not None
            },
            # A stream without a key gets one with these rows: two of them would each get one.
            {name for name in names if streams[name].key_id is None}.union(
                *(waiting.append.heads for waiting in group)
            ),
            all(streams[name].since == self._stretch for name in names),
        )
        # 2.
        staged = self._judged(group, Standing(), lambda source, id: None)
        added = None
        if not staged.head_moved:
            added = appender.insert_if(staged.rows, expected, self._answer)  # 3.
        if added is None:
            for name in names:
                del streams[name]
            return None
        if added.grown:
            staged.follow(added.grown)
            for name, longer in added.grown.items():
                streams[name].version += longer
        if not added.alone:
            self._stretch += 1
        if not (added.alone and expected.as_left):
            for name in names:
                streams[name].since = self._stretch
        self._forget_oldest()
        return staged, added.before

    def _in_turn(self, group: list[Waiting]) -> _Done:
        """Judge a group inside one transaction that no other append interleaves with.

        1. Drop what is kept if somebody else may have appended; see which names and claims of the group
           stand, and look up the streams nothing is kept of.
        2. Judge and stage each append in order.
        3. Add all staged rows.
        """
        with self._appender.appending() as turn:
            # 1.
            if turn.moved:
                self._streams.clear()
            names = [(draft.source, draft.id) for waiting in group for draft in waiting.append.drafts]
            claims = {(claim.kind, claim.name) for waiting in group for claim in waiting.append.claims}
            standing = Standing(turn.standing(names), turn.claimed(claims) if claims else {})
            if missing := self._missing(_streams(group)):
                stored = turn.streams(missing)
                self._streams.update((name, Stream(one, self._stretch)) for name, one in stored.items())
            # 2.
            staged = self._judged(
                group, standing, lambda source, id: self._reader.find_within(turn, source, id)
            )
            # 3.
            before = turn.insert(staged.rows)
        self._forget_oldest()
        return staged, before

    def _judged(self, group: list[Waiting], standing: Standing, find: Find) -> Staged:
        judge = Judge(self._master, self._chance, self._streams, standing, find)
        for waiting in group:
            try:
                judge.stage(waiting)
            except Exception as fault:
                if self._appender.is_of_store(fault):
                    raise
                judge.refuse(waiting, fault)
        return judge.finish()

    def _missing(self, names: Collection[str]) -> list[str]:
        missing = []
        for name in names:
            if name in self._streams:
                self._streams.move_to_end(name)
            else:
                missing.append(name)
        return missing

    def _forget_oldest(self) -> None:
        while len(self._streams) > _MOST_STREAMS:
            self._streams.popitem(last=False)

    def _drop(self) -> None:
        # After a fault nothing that was kept may be believed, the connection included.
        self._streams.clear()
        with suppress(Exception):
            self._appender.close()


def _streams(group: list[Waiting]) -> set[str]:
    """Every stream that a group writes to or was decided on."""

    def each() -> Iterator[str]:
        for waiting in group:
            for draft in waiting.append.drafts:
                yield draft.stream
            yield from waiting.append.heads

    return set(each())
