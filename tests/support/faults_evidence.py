"""What there is at the end: the whole record, the topic of posts, the agencies' own stores, the views."""

from __future__ import annotations

import base64
import tempfile
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

import orjson
from kafka import KafkaAdminClient

from hub.cli.compose import Store, open_views_of
from hub.record import Recorded
from hub.record.projections import Projected, Projector, Snapshot, ViewStore, open_views
from hub.views import ChildIndex
from hub.views.index import CONCERNED, NAMING, POSTED
from tests.support.checker import Attempt, Findings, Held, check
from tests.support.faults_hub import ManyProcesses, patient, until
from tests.support.faults_load import KafkaAgency, NotedLoad
from tests.support.relayed import INBOUND, read_all

BATCH = 2_000
SETTLE_SECONDS = 90.0


def whole_record(store: Store) -> list[Recorded]:
    """Everything in the record, in order."""
    found: list[Recorded] = []
    while batch := store.record.log(found[-1].position if found else 0, BATCH):
        found += batch
    return found


def held_in(record: Sequence[Recorded]) -> list[Held]:
    """The record as the checker takes it: positions, leaves and versions without a gap."""
    return [
        Held(
            one.id,
            one.position,
            {"positions": one.position - 1, "leaves": one.leaf_index, one.stream: one.version - 1},
        )
        for one in record
    ]


def held_in_topic(bootstrap: str, topic: str = INBOUND) -> list[Held]:
    """A topic of signed events as the checker takes it: offsets of each partition without a gap."""
    return [
        Held(_id_of(one.value), one.partition << 40 | one.offset, {f"{topic}/{one.partition}": one.offset})
        for one in read_all(bootstrap, topic)
    ]


def standing_twice(bootstrap: str) -> dict[str, int]:
    """How many messages of each topic stand there once more, the topics without any left out.

    Shape: a message is known by its header `id`, which is the same whenever it is sent, and without one by
    its partition, key and value: whoever hands an event over again signs it anew.
    """
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as client:
        topics = sorted(one for one in client.list_topics() if not one.startswith("__"))
    found: dict[str, int] = {}
    for topic in topics:
        names = [
            one.headers.get("id") or (one.partition, one.key, one.value) for one in read_all(bootstrap, topic)
        ]
        if len(names) > len(set(names)):
            found[topic] = len(names) - len(set(names))
    return found


def _id_of(signed: bytes) -> str:
    payload = signed.split(b".")[1]
    return str(orjson.loads(base64.urlsafe_b64decode(payload + b"=="))["id"])


def settle(hub: ManyProcesses, seconds: float = SETTLE_SECONDS) -> float:
    """Wait until the views are where the record is; for how many seconds."""
    with hub.store() as store, open_views_of(store) as views:
        projected = Projected(views, ChildIndex.name, ChildIndex.version)
        goal = store.record.head().position
        return until(lambda: projected.position() >= goal, patient(seconds), "the views at the record's end")


def compare_views(store: Store, record: Sequence[Recorded]) -> tuple[int, bool]:
    """How many rows serve, and whether they are what one process makes of the record from its beginning."""
    keys = _keys(ChildIndex(store.record), record)
    with tempfile.TemporaryDirectory() as folder, open_views_of(store) as views:
        serving = _rows(store, views, keys)
        with closing(open_views(Path(folder) / "alone.db")) as alone:
            with closing(Projector(store.record, alone, [ChildIndex(store.record)])) as projector:
                projector.catch_up()
            replayed = _rows(store, alone, keys)
    return sum(map(len, serving)), serving == replayed


_Keys = tuple[Collection[bytes], Collection[bytes], Collection[str]]
_Row = tuple[object, ...]


def _keys(index: ChildIndex, record: Sequence[Recorded]) -> _Keys:
    rows = [found for one in record if (found := index.rows_of(one)) is not None]
    names = {name for one in rows for name in one.names}
    concerned = {name for one in rows for name in one.concerned}
    return sorted(names), sorted(concerned), sorted({one.source for one in rows if one.source})


def _rows(store: Store, views: ViewStore, keys: _Keys) -> list[list[_Row]]:
    """Every row, what is sealed opened, and what stands aside."""
    index = ChildIndex(store.record)

    def read(at: Snapshot) -> list[list[_Row]]:
        names, concerned, sources = keys
        opened = [
            (one.name, one.position, one.link, index.open_naming(one.link, one.position, one.sealed))
            for one in at.rows(NAMING, names)
        ]
        parked = [(one.position, one.fault) for one in at.parked]
        return [opened, [*at.rows(CONCERNED, concerned)], [*at.rows(POSTED, sources)], [*parked]]

    return Projected(views, ChildIndex.name, ChildIndex.version).read(read)


def judge(
    hub: ManyProcesses,
    history: Sequence[Attempt],
    over_kafka: Sequence[KafkaAgency] = (),
    bootstrap: str | None = None,
) -> Findings:
    """Read everything, print what was found, and hold the views, the topic and the receivers to it.

    1. The record, by the history of all clients.
    2. The topic of posts, by the history of who handed over: nothing that the brokers took is gone.
    3. The receivers: no more answers that counted than records, and one for each event.
    4. The views are those of a replay; `hub verify` finds the record whole.
    """
    with hub.store() as store:
        record = whole_record(store)
        findings = check(history, held_in(record))  # 1.
        rows, equal = compare_views(store, record)
    print(f"record: {findings}")
    if bootstrap is not None:
        topic = held_in_topic(bootstrap)
        handed = [one for agency in over_kafka for one in agency.handed.attempts]
        taken = check(handed, topic)  # 2.
        print(f"{INBOUND}: {taken}")
        assert not {"lost", "disordered", "gaps"} & taken.faults.keys(), taken
        records = Counter(one.id for one in topic)
        for agency in over_kafka:  # 3.
            twice = [id for id, count in agency.receipts.items() if count > records[id]]
            print(
                f"{agency.poster.organisation}: {len(agency.receipts)} events answered, "
                f"{agency.repeats} messages came again, {len(twice)} counted twice"
            )
            assert not twice
            assert agency.receipts.keys() >= {one.id for one in agency.handed.attempts}
    print(f"views: {rows} rows, {'equal to' if equal else 'OTHER THAN'} those of a replay")
    assert equal  # 4.
    assert hub.verified()
    return findings


def repeated(loads: Sequence[NotedLoad]) -> int:
    """Send again everything whose first tries told nothing; each gets the receipt that it had. How many."""
    count = 0
    for load in loads:
        unknown = {one.id for one in load.history.attempts if one.outcome == "unknown"}
        # Under another name: what it repeats, it repeats in an order of its own.
        poster = load.poster.named(f"{load.poster.name}-again")
        again = NotedLoad(load.hub, poster, load.keys, load.bound, 0, load.history)
        for one in load.acknowledged:
            if one.id in unknown:
                again.repeat(one)
                count += 1
        again.let_go()
    return count
