"""Marks: named whole numbers that only grow, shared by every process."""

from __future__ import annotations

from typing import Final

from hub.record.faults import damaged
from hub.record.sealing import MasterKey
from hub.record.staging import check_mark
from hub.record.store import RAISE_MARK, Row, Store
from hub.record.types import Mark

_COLUMNS: Final = "SELECT name, value, row_digest FROM marks WHERE "
# Behind every printable character: names that begin alike stand between the beginning and this.
_LAST: Final = "\x7f"


class Marks:
    """Reads and raises marks.

    Raises: HubError("store") where a mark was changed by somebody else than the hub.
    """

    def __init__(self, store: Store, master: MasterKey) -> None:
        self._store: Final = store
        self._master: Final = master

    def value(self, name: str) -> int:
        """The value of a mark, 0 where it was never raised."""
        rows = self._store.rows(_COLUMNS + "name = ?", (name,))
        return self._checked(rows[0])[1] if rows else 0

    def beginning(self, prefix: str) -> dict[str, int]:
        """Every mark whose name begins like this."""
        rows = self._store.rows(_COLUMNS + "name >= ? AND name < ? ORDER BY name", (prefix, prefix + _LAST))
        return dict(map(self._checked, rows))

    def raise_to(self, name: str, value: int) -> int:
        """Raise a mark unless it stands higher; where it stands then.

        Raises: HubError("schema") where this is no mark.
        """
        check_mark(Mark(name, value))
        with self._store.changing() as change:
            change.execute(RAISE_MARK, (name, value, self._master.mark_digest(name, value)))
            return self._checked(change.rows(_COLUMNS + "name = ?", (name,))[0])[1]

    def _checked(self, row: Row) -> tuple[str, int]:
        name, value, digest = row
        if not isinstance(value, int) or digest != self._master.mark_digest(name, value):
            raise damaged("a mark was changed")
        return name, value
