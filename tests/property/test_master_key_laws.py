"""However often the master key is changed, and whatever is added and erased between: every item opens."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import HubError
from hub.record import Append, Record, verify_record
from hub.record.master import change_master_key
from tests.contract.record_contract import SIGNER, SeededChance, draft

STREAMS = st.integers(0, 3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), STREAMS),
        st.tuples(st.just("erase"), STREAMS),
        st.tuples(st.just("change"), st.integers(0, 255)),
    ),
    min_size=3,
    max_size=8,
)


@pytest.mark.req("H-06")
@settings(max_examples=5, deadline=None)
@given(STEPS)
def test_every_item_that_was_not_erased_opens_after_any_changes(steps: list[tuple[str, int]]) -> None:
    """1. Do what is drawn, and keep what must stand. 2. Compare, under the last key and no other."""
    key, wanted = bytes(32), dict[str, tuple[int, bytes | None]]()
    with TemporaryDirectory() as folder:
        where = Path(folder) / "record.db"
        Record.migrate(where, master_key=key, chance=SeededChance(0))
        for number, (what, which) in enumerate([*steps, ("change", 255), ("add", 0)]):  # 1
            if what == "change":
                former, key = key, bytes([number + 1, which]) * 16
                chance = SeededChance(number)
                change_master_key(
                    where, former=former, current=key, chance=chance, progress=lambda done, total: None
                )
                continue
            chance = SeededChance(1000 + number)
            with closing(Record.open(where, master_key=key, chance=chance, signer=SIGNER)) as record:
                if what == "erase":
                    record.destroy_key(f"child/{which}")
                    wanted |= {name: (of, None) for name, (of, _) in wanted.items() if of == which}
                    continue
                payload = b"%d" % number
                added = draft(f"item-{number}", stream=f"child/{which}", payload=payload)
                record.append(Append((added,))).result(30)
                wanted[added.id] = (which, added.body)
        with closing(Record.open(where, master_key=key, chance=SeededChance(9))) as record:  # 2
            assert {one.id: one.body for one in record.log(0, 100)} == {
                name: body for name, (_, body) in wanted.items()
            }
            digest = record.digest("names", b"name")
        assert verify_record(where, master_key=key).whole
        with pytest.raises(HubError):
            Record.open(where, master_key=former, chance=SeededChance(9))
        other = Path(folder) / "other.db"
        Record.migrate(other, master_key=bytes(32), chance=SeededChance(0))
        with closing(Record.open(other, master_key=bytes(32), chance=SeededChance(9))) as record:
            assert record.digest("names", b"name") == digest
