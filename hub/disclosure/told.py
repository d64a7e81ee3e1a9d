"""Which organisations were told something of a child: folded from the accesses of that child (P-06)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final

import orjson

from hub.envelope import EventKey
from hub.pathway.entries import Told
from hub.record import Record

MAX_CHILDREN: Final = 2_000
CHRONOLOGY: Final = "chronology"
_EMERGENCY: Final = ["emergency"]


@dataclass(slots=True)
class _Fold:
    version: int = 0
    reader: dict[str, str] = field(default_factory=dict)
    sent: dict[tuple[str, EventKey], Told] = field(default_factory=dict)
    last_read: dict[str, datetime] = field(default_factory=dict)


class ToldIndex:
    """What the disclosure record says was sent, per child, kept up with the record's tail.

    Shape: with `until` nothing after that position, to tell what had been sent by then.
    Trust: what was read in an emergency is left out: that an agency was told would tell police and the
    enquiry worker that emergency access was used, which the rules hide from them (D-50).
    """

    def __init__(self, record: Record, until: int | None = None) -> None:
        self._record: Final = record
        self._until: Final = until
        self._lock: Final = Lock()
        self._folds: dict[str, _Fold] = {}

    @property
    def until(self) -> int | None:
        """Up to which position of the record it looks; None is the whole."""
        return self._until

    def sent(self, child: str) -> list[Told]:
        """Everything that was sent to anybody about this child, each item once per organisation."""
        with self._lock:
            fold = self._kept_up(child)
            return list(fold.sent.values())

    def last_read(self, child: str, reader: str) -> datetime | None:
        """When this reader last read this child's chronology."""
        with self._lock:
            return self._kept_up(child).last_read.get(reader)

    def _kept_up(self, child: str) -> _Fold:
        if len(self._folds) > MAX_CHILDREN:
            self._folds.clear()
        fold = self._folds.setdefault(child, _Fold())
        for item in self._record.stream(f"access/{child}", after=fold.version):
            if self._until is not None and item.position > self._until:
                break
            fold.version = item.version
            if item.body is None:
                continue
            event = orjson.loads(item.body)
            data, at = event["data"], datetime.fromisoformat(event["time"])
            if item.type == "record-accessed.v1":
                fold.reader[data["disclosure_id"]] = data["organisation"]
                if data["what"] == CHRONOLOGY and data["outcome"] == "disclosed":
                    fold.last_read[data["reader"]] = at
            elif item.type == "disclosure-made.v1":
                organisation = fold.reader.pop(data["disclosure_id"], "")
                if data["bases"] == _EMERGENCY:
                    continue
                for one in data["items"]:
                    key = (organisation, EventKey(one["source"], one["id"]))
                    if key not in fold.sent:
                        fold.sent[key] = Told(organisation, at, key[1])
        return fold
