"""No trace: what is hidden from a reader changes none of its bytes, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.scenarios import PreparedPost
from agencies.sdk.build import event_id
from hub.oversight.accesses import fold
from tests.support.scenario import READERS, SCENARIO
from tests.support.simulated import Simulated, one_more, simulated, with_post

# Posts that grant, end or link nothing: whom a relationship is given to, it is meant to change things for.
KINDS: Final[tuple[tuple[str, str, str, dict[str, Any]], ...]] = (
    ("A08", "C-2001", "adult-involvement-suspected", {"category": "adult-known", "narrative": "CANARY-LAW"}),
    ("A23", "C-1001", "adult-involvement-suspected", {"category": "adult-known"}),
    ("A26b", "C-2001", "oversight-notified", {"target": "safeguarding-unit"}),
    ("A26b", "C-2001", "referral-made", {"target": "hsb-service", "reason_codes": ["CANARY-LAW"]}),
    ("A18b", "C-2001", "assessment-started", {"kind": "single"}),
    ("A17b", "C-1001", "assessment-started", {"kind": "child-and-family"}),
    ("A25", "C-2001", "interview-held", {"kind": "pace", "outcome": "completed"}),
    ("A23", "C-1001", "interview-held", {"kind": "social-work"}),
    ("A24", "C-2001", "family-informed", {"topic": "incident", "outcome": "withheld", "risk_reason": "LAW"}),
    ("A10", "C-1001", "referral-made", {"target": "early-help"}),
    ("A20", "C-2001", "child-mentioned", {"others": [{"ref": "nhs:9990300208"}], "reason": "CANARY-LAW"}),
    ("A05", "C-1001", "specialist-assessment-decided", {"decision": "yes", "reason": "CANARY-LAW"}),
    ("A33", "C-2001", "criminal-outcome-recorded", {"outcome": "oocd-considered", "reasons": "CANARY-LAW"}),
)  # fmt: skip


@dataclass(frozen=True)
class Read:
    """What everybody got, and from whom which event was hidden whole."""

    answers: dict[str, dict[str, bytes]]
    hidden_from: frozenset[str]


def read_after(posts: list[PreparedPost], extra: PreparedPost | None) -> Read:
    with TemporaryDirectory() as directory, simulated(Path(directory) / "hub") as hub:
        hub.play(posts)
        answers = hub.every_answer()
        hidden = frozenset() if extra is None else frozenset(hidden_from(hub, extra))
        return Read(answers, hidden)


def hidden_from(hub: Simulated, extra: PreparedPost) -> Iterator[str]:
    """The readers to whom, as the record of disclosures says, this event was neither shown nor spoken of."""
    event_id = event_id_of(extra)
    decisions: dict[str, set[str]] = {reader.person: set() for reader in READERS.values()}
    for child in hub.children.values():
        for access in fold(hub.hub.store.record.stream(f"access/{child}")).values():
            decisions[access.row.reader] |= {one.decision for one in access.items if one.key.id == event_id}
    for name, reader in READERS.items():
        if decisions[reader.person] <= {"H"}:
            yield name


def event_id_of(post: PreparedPost) -> str:
    return event_id(post.organisation, post.event.record, post.event.type)


@pytest.fixture(scope="module")
def base() -> Read:
    """Scenario A as it is."""
    return read_after(list(SCENARIO.posts), None)


FIRST: Final = 1 + next(number for number, one in enumerate(SCENARIO.posts) if one.ref == "A00b")


@pytest.mark.req("H-10", "D-18", "H-20", "D-32")
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    kind=st.sampled_from(KINDS),
    place=st.integers(FIRST, len(SCENARIO.posts)),
    occurred=st.sampled_from(["2025-02-10", "2025-06-18", "2025-09-10", "2025-09-15", "2025-11-19"]),
)
def test_what_is_hidden_changes_no_byte_wherever_it_stands(
    base: Read, kind: tuple[str, str, str, dict[str, Any]], place: int, occurred: str
) -> None:
    like, child, type_, data = kind
    before = SCENARIO.posts[place - 1].event.recorded_at
    recorded = before.isoformat()
    extra = one_more("X-law", like, type_, recorded, **data)
    members = {**extra.event.data, "occurred_at": occurred, "precision": "day"}
    extra = replace(extra, event=replace(extra.event, data=members))
    assert (extra.child, extra.event.recorded_at) == (child, datetime.fromisoformat(recorded))
    more = read_after(with_post(extra, place), extra)
    # Somebody always sees it, and never everybody: the law is not about nothing.
    assert more.hidden_from
    assert more.hidden_from < READERS.keys()
    changed = {name for name in READERS if base.answers[name] != more.answers[name]}
    assert changed & more.hidden_from == set()
    assert changed, "those who see it"
