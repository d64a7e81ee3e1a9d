"""A small world of the oracle, posted by hand: one event after another, three hours apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.oracle.model import Posted

CSC = "social-care.s-csc"
BEGUN = datetime(2025, 9, 1, 8, 0, tzinfo=UTC)


class Posting:
    """What was posted about whom, by the authority unless said; others are named by number."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []

    def post(
        self, child: str, type_: str, others: tuple[tuple[str, str], ...] = (), by: str = CSC, **data: Any
    ) -> None:
        number = 10 + 3 * len(self.posted)
        at, author = BEGUN + timedelta(hours=number), f"{by}/a-1"
        whole = {"occurred_at": at.isoformat(), "precision": "exact", "author": author, **data}
        if others:
            whole["others"] = [
                {"ref": f"{{{{other:{n}}}}}", "role": role} for n, (_, role) in enumerate(others, 1)
            ]
        self.posted.append(Posted(number, child, type_, by, author, at, whole, others))
