"""A database that is older than what a process saw of it, e.g. after a failover behind a pooler."""

from __future__ import annotations

import psycopg
import pytest

from hub.record import Append, HeadMoved, Record
from tests.contract.record_contract import MASTER_KEY, SeededChance, draft
from tests.support.postgres_record import emptied_record


@pytest.mark.req("H-03", "H-12")
def test_what_a_process_saw_and_does_not_stand_any_more_leaves_no_gap_in_a_stream() -> None:
    url = emptied_record()
    record = Record.open(url, master_key=MASTER_KEY, chance=SeededChance(1))
    try:
        for number in range(3):
            record.append(Append((draft(f"a{number}"),))).result(10)
        with psycopg.connect(url, autocommit=True) as connection, connection.transaction():
            connection.execute("DELETE FROM hub_record.items WHERE position > 1")
            connection.execute("DELETE FROM hub_record.stored_events WHERE notification_id > 1")
            connection.execute("UPDATE hub_record.head SET position = 1, leaves = 1")
        with pytest.raises(HeadMoved):
            record.append(Append((draft("c"),), heads={"child/1": 3})).result(10)
        (item,) = record.append(Append((draft("b"),))).result(10).items
        assert item.version == 2
        assert [(one.id, one.version) for one in record.stream("child/1")] == [("a0", 1), ("b", 2)]
    finally:
        record.close()
