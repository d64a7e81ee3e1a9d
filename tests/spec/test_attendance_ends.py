"""Papers of a meeting end 28 days after it was held, whoever else holds one of the same name (G.00, D-41)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.views import LinkEntry
from hub.views.relationships import grants_of
from tests.spec.relationship_folds import N_CSC, S_CSC, Story, area_of, at
from tests.spec.test_bases_d17 import HERE, THERE

GP = "health.s-gp"


@pytest.mark.req("G.00", "D-04", "D-20", "D-41")
@pytest.mark.parametrize(
    ("held_by", "until"),
    [
        pytest.param((S_CSC,), "2025-10-04 00:00", id="D-41-its-own"),
        pytest.param((S_CSC, N_CSC), "2025-10-04 00:00", id="D-41-and-another-convenors"),
        pytest.param((N_CSC,), "2025-10-24 00:00", id="D-41-recorded-by-the-other-alone"),
    ],
)
def test_an_invitation_ends_with_the_meeting_of_whoever_invited(held_by: tuple[str, ...], until: str) -> None:
    here, there = Story(HERE, first=1000), Story(THERE)
    here.opened(S_CSC)
    there.opened(N_CSC)
    link = here.post("2025-09-02 09:00", S_CSC, "incident-linked", link="LK-1")
    here.post("2025-09-03 09:00", S_CSC, "invitation-sent", meeting="M1", organisation=GP, decision="invited")
    days = {S_CSC: "2025-09-05 09:00", N_CSC: "2025-09-25 09:00"}
    for one in held_by:
        here.post(days[one], one, "meeting-held", meeting="M1", kind="strategy")
    named = LinkEntry(link.key, link.type, S_CSC, link.position, link.received_at, HERE, THERE)
    found = grants_of(replace(here.folded, names=(named,)), {THERE: there.folded}, area_of)
    assert [one.until for one in found if one.kind == "invited"] == [at(until)]
