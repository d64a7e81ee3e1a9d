"""The record's contract on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from hub.record import Record
from tests.contract.record_contract import MASTER_KEY, SIGNER, RecordContract, SeededChance


class TestSqliteRecord(RecordContract):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> Callable[[], AbstractContextManager[Record]]:
        path = tmp_path / "record.db"
        Record.migrate(path, master_key=MASTER_KEY, chance=SeededChance(0))
        seeds = iter(range(1, 100))

        @contextmanager
        def opened() -> Iterator[Record]:
            chance = SeededChance(next(seeds))
            record = Record.open(path, master_key=MASTER_KEY, chance=chance, signer=SIGNER)
            try:
                yield record
            finally:
                record.close()

        return opened
