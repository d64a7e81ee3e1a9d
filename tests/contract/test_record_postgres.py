"""The record's contract on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from hub.record import Record
from tests.contract.record_contract import MASTER_KEY, SIGNER, RecordContract, SeededChance
from tests.support.postgres_record import emptied_record


class TestPostgresRecord(RecordContract):
    @pytest.fixture
    def opener(self) -> Callable[[], AbstractContextManager[Record]]:
        url = emptied_record()
        seeds = iter(range(1, 100))

        @contextmanager
        def opened() -> Iterator[Record]:
            chance = SeededChance(next(seeds))
            record = Record.open(url, master_key=MASTER_KEY, chance=chance, signer=SIGNER)
            try:
                yield record
            finally:
                record.close()

        return opened
