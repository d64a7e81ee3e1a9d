"""From the address of a record to its store; no database's driver is loaded before it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from hub.errors import HubError

if TYPE_CHECKING:
    from hub.record.postgres.store import PostgresStore
    from hub.record.sqlite.store import SqliteStore

_SQLITE: Final = "sqlite:///"
_POSTGRESQL: Final = ("postgresql://", "postgres://")


def open_place(where: Path | str) -> SqliteStore | PostgresStore:
    """The store at a path, `sqlite:///PATH` or `postgresql://...`; nothing is read or made yet.

    Raises: HubError("store") where this installation has no driver for it.
    """
    if isinstance(where, str) and where.startswith(_POSTGRESQL):
        try:
            from hub.record.postgres.store import PostgresStore
        except ModuleNotFoundError:
            raise HubError(
                "store", "PostgreSQL needs the extra `postgres`; install `safeguarding-hub[postgres]`."
            ) from None
        return PostgresStore(where)
    from hub.record.sqlite.store import SqliteStore

    return SqliteStore(Path(where.removeprefix(_SQLITE) if isinstance(where, str) else where))
