"""Whether there was coercion can be unknown at first: what is decided later stands beside it, dated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.hostile import N_CSC, POLICE
from tests.support.insider import Insider, insider, named

FIRST = "2025-11-20T12:31:00+00:00"
LATER = "2025-11-24T09:00:00+00:00"


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insider]:
    with insider(tmp_path_factory.mktemp("coercion")) as found:
        yield found


@pytest.mark.req("R-041", "H-02")
def test_unknown_and_not_established_are_both_shown_with_their_dates(inside: Insider) -> None:
    common = {"role": "has-been-harmed", "status": "alleged", "happened": "alleged"}
    first = inside.post(N_CSC, "incident-recorded", "C-1001", at=FIRST, coercion="unknown", **common)
    later = {**common, "happened": "established", "coercion": "not-established"}
    inside.post(POLICE, "incident-recorded", "C-1001", at=LATER, about=named(first), **later)
    inside.world.advance("2025-11-24T10:00:00+00:00")

    for reader in ("SW-1001", "ENQ", "POL"):
        entries = [
            one
            for one in inside.world.chronology(reader, "C-1001")
            if one["type"] == "incident-recorded"
            and one["recorded_at"] in (FIRST[:-6] + "Z", LATER[:-6] + "Z")
        ]
        shown = [(one["organisation"], one["occurred_at"], one["fields"]["coercion"]) for one in entries]
        assert shown == [(N_CSC, "2025-11-20", "unknown"), (POLICE, "2025-11-24", "not-established")], reader
        assert [one["fields"]["happened"] for one in entries] == ["alleged", "established"]
        assert entries[1]["fields"]["about"] == entries[0]["entry_id"]
        assert [one["corrections"] for one in entries] == [[], []]
        assert all(one["author_role"] for one in entries), "who decided"
    before = inside.world.chronology("POL", "C-1001", "2025-11-21T00:00:00+00:00")
    assert "not-established" not in [one["fields"].get("coercion") for one in before]


@pytest.mark.req("R-041")
def test_nobody_else_changes_what_was_said_first(inside: Insider) -> None:
    first = inside.post(
        N_CSC,
        "incident-recorded",
        "C-1001",
        at=LATER,
        role="has-been-harmed",
        status="alleged",
        coercion="alleged",
    )
    refused = inside.try_(
        POLICE,
        "event-corrected",
        "C-1001",
        at="2025-11-24T11:00:00+00:00",
        about=named(first),
        reason="Not coercion.",
        replacement={**first.data, "coercion": "not-established"},
    )
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/poster")
    assert inside.last("SW-1001", "C-1001", "incident-recorded")["fields"]["coercion"] == "alleged"
