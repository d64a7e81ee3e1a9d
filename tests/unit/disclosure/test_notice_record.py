"""A notice is recorded before it is handed over, once, whoever asks and however often."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import cast

import orjson
import pytest

from hub.disclosure import Disclosure, Notice, load_purposes, load_rules
from hub.errors import HubError
from hub.record import Append, Appended, Record
from tests.spec.test_notices import BY_REF, OAK, S, a_copy, item_of, notices, one_more, play_once, told
from tests.support.simulated import Simulated, opened

OFFICER = "partnership.hub-ig/igo-1"
A32 = BY_REF["A32"]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return play_once(tmp_path_factory)


@pytest.fixture
def played(ended: Path, tmp_path: Path) -> Iterator[Simulated]:
    with a_copy(ended, tmp_path / "hub") as hub:
        yield hub


class LosingRecord:
    """A record whose answer to one append is lost, before or after it was made durable."""

    def __init__(self, record: Record, after: bool) -> None:
        self._record = record
        self._after: bool | None = after

    def __getattr__(self, name: str) -> object:
        return getattr(self._record, name)

    def append(self, append: Append) -> Future[Appended]:
        if self._after is not None and append.drafts[0].stream.startswith("access/"):
            if self._after:
                self._record.append(append).result()
            self._after = None
            raise HubError("store")
        return self._record.append(append)


def disclosure_on(hub: Simulated, record: LosingRecord) -> Disclosure:
    parts = hub.hub
    return Disclosure(
        record=cast(Record, record),
        views=parts.views,
        identity=parts.identity,
        directory=parts.store.directory,
        catalogue=parts.catalogue,
        rules=load_rules(),
        purposes=load_purposes(),
        profile_of=parts.views.profile_of,
        clock=parts.store.clock,
        chance=parts.store.chance,
    )


def recorded(hub: Simulated) -> Counter[str]:
    """How many items there are of each stream of accesses and notices."""
    log = hub.hub.store.record.log(0, 100_000)
    return Counter(one.stream for one in log if one.stream.startswith(("access/", "notices/")))


@pytest.mark.req("H-12", "H-14", "H-03")
def test_the_same_item_again_gives_the_same_notices_and_records_nothing(played: Simulated) -> None:
    first = notices(played, A32)
    assert len(first) == len({one.id for one in first}) == 5
    before = recorded(played)
    played.hub.store.clock.advance(played.hub.store.clock.domain().replace(hour=13))  # type: ignore[attr-defined]
    assert notices(played, A32) == first
    assert recorded(played) == before
    assert before[f"notices/{OAK}"] == 1


@pytest.mark.req("H-12", "H-03")
@pytest.mark.parametrize("after", [False, True], ids=["before it was durable", "after it was durable"])
def test_a_crash_while_a_notice_is_recorded_neither_loses_nor_doubles_it(
    played: Simulated, after: bool
) -> None:
    disclosure = disclosure_on(played, LosingRecord(played.hub.store.record, after))
    with pytest.raises(HubError):
        disclosure.notices(item_of(played, A32))
    found = disclosure.notices(item_of(played, A32))
    assert len(found) == 5
    streams = recorded(played)
    assert sum(count for stream, count in streams.items() if stream.startswith("notices/")) == 5
    assert notices(played, A32) == found


@pytest.mark.req("H-12", "H-03")
def test_two_processes_that_send_at_once_record_each_notice_once(ended: Path, tmp_path: Path) -> None:
    with a_copy(ended, tmp_path / "hub") as first:
        with opened(tmp_path / "hub", b"the second process") as second:
            second.advance("2025-11-20T12:00:01+00:00")
            start = threading.Barrier(2)

            def send(hub: Simulated) -> tuple[Notice, ...]:
                start.wait()
                return notices(hub, A32)

            with ThreadPoolExecutor(2) as pool:
                one, other = pool.map(send, (first, second))
        assert one == other and len(one) == 5
        streams = recorded(first)
        assert sum(count for stream, count in streams.items() if stream.startswith("notices/")) == 5


@pytest.mark.req("H-12", "H-14", "H-15", "D-13")
def test_an_officer_can_resolve_a_notice_as_the_disclosure_that_it_is(played: Simulated) -> None:
    officer = played.signed_in(OFFICER)
    for one in notices(played, A32):
        explained = played.hub.oversight.explanation(officer, one.id)
        assert (explained.access.what, explained.access.outcome) == ("notice", "disclosed")
        assert explained.access.reader == explained.access.organisation == one.organisation
        assert [item["decision"] for item in explained.items] == ["line"] * len(explained.items)
        assert all(item["reasons"] and item["requirements"] for item in explained.items)


@pytest.mark.req("H-14", "D-26")
def test_what_is_carried_to_a_linked_child_is_filed_under_both_children(played: Simulated) -> None:
    before = recorded(played)
    notices(played, A32)
    grown = recorded(played) - before
    assert grown[f"access/{played.children['C-2001']}"] > 0
    assert grown[f"access/{played.children['C-1001']}"] > 0


@pytest.mark.req("H-12", "D-26")
def test_an_organisations_stream_of_notices_holds_what_was_sent_and_not_which_child_it_is(
    played: Simulated,
) -> None:
    sent = {one.organisation: one for one in notices(played, A32)}
    (item,) = played.hub.store.record.stream(f"notices/{OAK}")
    assert item.body is not None
    assert orjson.loads(item.body)["data"] == sent[OAK].body
    assert not any(child.encode() in item.body for child in played.children.values())
    assert A32.organisation.encode() not in item.body


@pytest.mark.req("H-12")
def test_a_notice_whose_record_was_erased_is_not_sent_again(played: Simulated) -> None:
    assert OAK in told(notices(played, A32))
    assert played.hub.store.record.destroy_key(f"notices/{OAK}")
    assert OAK not in told(notices(played, A32))


@pytest.mark.req("H-12")
def test_nothing_is_told_of_an_event_that_was_erased(played: Simulated) -> None:
    item = item_of(played, A32)
    assert played.hub.store.record.destroy_key(f"child/{played.children['C-2001']}")
    assert played.hub.disclosure.notices(item) == ()


@pytest.mark.req("H-12", "R-180")
def test_whom_a_notice_went_to_counts_as_told(played: Simulated) -> None:
    post = one_more("X-told", "A22", "immediate-safety-measure-recorded", "2025-11-20T12:05:00+00:00",
                    **{name: value for name, value in BY_REF["A05"].event.data.items()
                       if name not in ("occurred_at", "precision", "author")})  # fmt: skip
    played.post(post.event)
    assert S in told(notices(played, post))
    stream = played.hub.store.record.stream(f"access/{played.children['C-2001']}")
    made = [orjson.loads(one.body)["data"] for one in stream if one.type == "disclosure-made.v1" and one.body]
    assert any(item["id"] == item_of(played, post).id for one in made for item in one["items"])
