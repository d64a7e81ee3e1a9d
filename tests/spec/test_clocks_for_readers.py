"""Which clocks of scenario A reach whom: those who may see what would stop them, nobody for a date alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from hub.disclosure.answers import ReadRequest, ShownDeadline
from hub.errors import HubError
from tests.support.scenario import READERS, SCENARIO
from tests.support.simulated import Simulated, simulated

N, S = "social-care.n-csc", "social-care.s-csc"
ON_HARMED = [("K-01", "met"), ("K-02", "met"), ("KX-01", "met"), ("KX-02", "missed"), ("KX-03", "missed")]
ON_HAS_HARMED = [
    ("K-01", "met"), ("K-05", "met"), ("K-07", "met"), ("K-08", "met"), ("K-10", "running"),
    ("K-10", "running"), ("K-20", "running"), ("KX-01", "met"), ("KX-02", "missed"), ("KX-03", "stopped"),
]  # fmt: skip
# Whether work was offered is not for those from whom it is hidden that there is therapy (D-39).
WITHOUT_WORK = [one for one in ON_HAS_HARMED if one[0] != "K-20"]
# Nor what came of conferences for whoever sees only those that it was invited to (D-04).
WITHOUT_CONFERENCES = [one for one in WITHOUT_WORK if one[0] not in ("K-07", "K-08", "KX-03")]
FIRST_READ = ("SW-1001", "C-1001")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    with simulated(tmp_path_factory.mktemp("clocks") / "hub") as found:
        found.play(SCENARIO.posts)
        found.advance("2025-11-20T12:00:00+00:00")
        yield found


def shown(hub: Simulated, reader: str, child: str, as_at: str | None = None) -> tuple[ShownDeadline, ...]:
    one = READERS[reader]
    then = datetime.fromisoformat(as_at) if as_at else None
    asked = ReadRequest(hub.children[child], one.purpose, as_at=then)
    return hub.hub.disclosure.deadlines(hub.signed_in(one.person), asked).deadlines


@pytest.mark.req("D-39", "H-20", "K-02", "K-05", "K-07", "K-08", "K-20", "KX-01", "KX-02", "KX-03")
@pytest.mark.parametrize(
    ("reader", "child", "expected"),
    [
        ("SW-1001", "C-1001", ON_HARMED),
        ("ENQ", "C-1001", ON_HARMED),
        ("SW-2001", "C-2001", ON_HAS_HARMED),
        ("ENQ", "C-2001", WITHOUT_WORK),
        ("SGU-S", "C-2001", WITHOUT_WORK),
        ("POL", "C-1001", [one for one in ON_HARMED if one[0] != "KX-03"]),
        ("POL", "C-2001", WITHOUT_CONFERENCES),
        ("YJS", "C-2001", [("K-10", "running"), ("K-10", "running")]),
        ("Elm", "C-1001", []),
        ("Oak", "C-2001", [("K-10", None)]),
        ("HL-1001", "C-1001", []),
        ("IGO", "C-2001", []),
    ],
)
def test_who_gets_which(hub: Simulated, reader: str, child: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.clock, one.state) for one in shown(hub, reader, child)] == expected


@pytest.mark.req("H-20", "D-01")
def test_nobody_gets_a_clock_of_a_child_without_a_relationship(hub: Simulated) -> None:
    with pytest.raises(HubError):
        shown(hub, "SW-1001", "C-2001")


@pytest.mark.req("H-07", "KX-01", "KX-02")
def test_as_at_shows_the_clocks_as_they_stood(hub: Simulated) -> None:
    """On the Monday morning before the decision on the referral."""
    found = {one.clock: one.state for one in shown(hub, *FIRST_READ, as_at="2025-09-15T09:00:00+01:00")}
    assert found["KX-01"] == "warning"
    assert found["KX-02"] == "running"
    assert "KX-03" not in found


@pytest.mark.req("R-014", "H-05")
def test_every_clock_names_its_source_its_start_and_what_it_rests_on(hub: Simulated) -> None:
    for one in shown(hub, *FIRST_READ):
        assert one.source and one.requirement and one.starts_at and one.evidence
        assert one.responsible in (N, S, "education.elm-school")
