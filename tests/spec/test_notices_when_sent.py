"""What changes between recording and sending binds at sending: ended, disabled, retracted, told before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agencies.scenarios import PreparedPost
from tests.spec.test_notices import BY_REF, OAK, YOS, S, a_copy, key_of, lines, notices, play_once, told
from tests.support.simulated import Simulated, one_more


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return play_once(tmp_path_factory)


@pytest.fixture
def played(ended: Path, tmp_path: Path) -> Iterator[Simulated]:
    with a_copy(ended, tmp_path / "hub") as hub:
        yield hub


@pytest.mark.req("D-20", "H-16")
def test_a_relationship_that_ended_before_sending_is_told_nothing(played: Simulated) -> None:
    post = BY_REF["A32"]
    ended = one_more("X-ended", "A16", "relationship-ended", "2025-11-20T12:05:00+00:00",
                     kind="enrolled", organisation=OAK)  # fmt: skip
    played.post(ended.event)
    assert OAK not in told(notices(played, post))
    assert YOS in told(notices(played, post))


@pytest.mark.req("D-20", "H-16")
def test_a_person_who_was_disabled_before_sending_brings_no_notice(played: Simulated) -> None:
    played.hub.store.directory.disable_person(f"{YOS}/yj-1")
    assert YOS not in told(notices(played, BY_REF["A32"]))


def changed(post: PreparedPost, type_: str, **data: Any) -> PreparedPost:
    key = key_of(post)
    return one_more(f"X-{type_}", post.ref, type_, "2025-11-20T12:05:00+00:00",
                    about={"source": key.source, "id": key.id}, **data)  # fmt: skip


@pytest.mark.req("H-02", "D-20")
def test_what_was_retracted_before_sending_is_told_to_nobody(played: Simulated) -> None:
    post = BY_REF["A32"]
    gone = changed(post, "event-retracted", reason="wrong-child")
    played.post(gone.event)
    assert notices(played, post) == ()
    assert notices(played, gone) == ()


@pytest.mark.req("H-02", "D-20", "H-12")
def test_what_was_recorded_and_may_not_be_told_any_more_is_not_sent_again(played: Simulated) -> None:
    post = BY_REF["A32"]
    first = notices(played, post)
    ended = one_more("X-ended", "A16", "relationship-ended", "2025-11-20T12:05:00+00:00",
                     kind="enrolled", organisation=OAK)  # fmt: skip
    played.post(ended.event)
    again = notices(played, post)
    assert {one.id for one in first} - {one.id for one in again} == {
        one.id for one in first if one.organisation == OAK
    }
    played.post(changed(post, "event-retracted", reason="wrong-child").event)
    assert notices(played, post) == ()


@pytest.mark.req("D-20", "D-12")
def test_of_two_readers_of_one_organisation_the_one_whose_relationship_ended_is_left_out(
    played: Simulated,
) -> None:
    def to() -> list[str]:
        (mine,) = [one for one in notices(played, BY_REF["A22"]) if one.organisation == S]
        (line,) = lines(mine)
        found: list[str] = line["to"]
        return found

    assert to() == ["allocated", "safeguarding-unit"]
    ended = one_more("X-ended", "A16", "relationship-ended", "2025-11-20T12:05:00+00:00",
                     kind="allocated", organisation=S)  # fmt: skip
    played.post(ended.event)
    assert to() == ["safeguarding-unit"]
