"""The contract of the record: one suite that every backend passes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from random import Random  # noqa: TID251  seeded
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.errors import HubError
from hub.record import (
    Append,
    Appended,
    Claim,
    ClaimTaken,
    Draft,
    HeadMoved,
    HubSigner,
    Mark,
    Record,
    leaf_data,
    leaf_hash,
    verify_checkpoint,
    verify_consistency,
    verify_inclusion,
)  # fmt: skip

MASTER_KEY = bytes(range(32))
NOW = datetime(2025, 9, 12, 14, 0, tzinfo=UTC)
SIGNER = HubSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))), "hub.example/test")
SOURCE = "urn:safeguarding:org:police.test"


class SeededChance:
    """Randomness that a failing test gives again."""

    def __init__(self, seed: int = 1) -> None:
        self._random = Random(seed)
        self._lock = threading.Lock()

    def uuid(self) -> str:
        with self._lock:
            return str(UUID(int=self._random.getrandbits(128), version=4))

    def bytes(self, n: int) -> bytes:
        with self._lock:
            return self._random.randbytes(n)


def draft(id: str, *, stream: str = "child/1", payload: bytes = b"payload", **changes: Any) -> Draft:
    values: dict[str, Any] = {
        "kind": "event", "source": SOURCE, "type": "incident-recorded", "body": b"body of " + payload,
    } | changes  # fmt: skip
    return Draft(stream=stream, id=id, payload=payload, **values)


def refusal(work: Callable[[], Any]) -> str:
    with pytest.raises(HubError) as caught:
        work()
    return caught.value.slug


class RecordContract:
    """What holds of a record, whichever store it stands on.

    A backend's test class gives `opener`, a fixture of a function that opens the same record each time.
    """

    @pytest.fixture
    def opener(self) -> Callable[[], AbstractContextManager[Record]]:
        raise AssertionError("a backend's test class gives its own")

    @pytest.fixture
    def record(self, opener: Callable[[], AbstractContextManager[Record]]) -> Iterator[Record]:
        with opener() as record:
            yield record

    def append(self, record: Record, *drafts: Draft, **conditions: Any) -> Appended:
        return record.append(Append(drafts, **conditions)).result(30)

    @pytest.mark.req("H-02", "H-05")
    def test_what_was_appended_reads_the_same_by_stream_by_log_by_name_and_by_position(
        self, record: Record
    ) -> None:
        first = self.append(record, draft("a1")).items[0]
        other = self.append(record, draft("b1", stream="child/2", kind="record")).items[0]
        second = self.append(record, draft("a2", payload=b"second")).items[0]
        assert (first.version, second.version, other.version) == (1, 2, 1)
        assert [one.leaf_index for one in (first, other, second)] == [0, 1, 2]
        assert record.stream("child/1") == [first, second]
        assert record.stream("child/1", after=1) == [second]
        assert record.streams(["child/2", "child/1", "child/3", "child/1"]) == [first, other, second]
        assert record.log(0, 10) == [first, other, second]
        assert record.log(first.position, 1) == [other]
        assert record.find(SOURCE, "b1") == record.at(other.position) == other
        assert (second.body, other.kind, second.type) == (b"body of second", "record", "incident-recorded")
        assert record.versions(["child/1", "child/2", "child/3"]) == {
            "child/1": 2, "child/2": 1, "child/3": 0,
        }  # fmt: skip
        assert (record.head().position, record.head().leaves) == (second.position, 3)

    def test_hundreds_of_streams_are_read_together(self, record: Record) -> None:
        names = [f"child/{number}" for number in range(250)]
        added = self.append(record, *(draft(f"e{name[6:]}", stream=name) for name in names))
        found = record.streams(names)
        assert {one.stream: one for one in found} == {one.stream: one for one in added.items}
        assert len(found) == 250 and record.streams([]) == []

    def test_what_does_not_stand_is_none_or_nothing(self, record: Record) -> None:
        assert record.find(SOURCE, "a1") is None
        assert record.at(1) is None
        assert record.stream("child/1") == record.log(0, 10) == []
        assert record.claimed("identifier", b"n") is None
        assert (record.head().position, record.head().leaves) == (0, 0)

    def test_the_record_stands_after_it_was_closed_and_opened_again(
        self, opener: Callable[[], AbstractContextManager[Record]]
    ) -> None:
        with opener() as record:
            first = self.append(record, draft("a1")).items[0]
        with opener() as record:
            assert record.find(SOURCE, "a1") == first
            assert self.append(record, draft("a2")).items[0].version == 2

    @pytest.mark.req("H-14")
    def test_the_leaf_commits_to_the_payload_under_its_salt(self, record: Record) -> None:
        item = self.append(record, draft("a1", payload=b"exact bytes")).items[0]
        assert item.salt is not None and len(item.salt) == 32
        assert item.leaf_data == leaf_data("event", SOURCE, "a1", item.salt, b"exact bytes")
        again = self.append(record, draft("a2", payload=b"exact bytes")).items[0]
        assert again.leaf_data.splitlines()[-1] != item.leaf_data.splitlines()[-1]

    @pytest.mark.req("H-03")
    def test_the_same_content_again_gets_what_stands(self, record: Record) -> None:
        first = self.append(record, draft("a1"))
        again = self.append(record, draft("a1", body=b"encoded otherwise"))
        assert (first.duplicate, again.duplicate) == (False, True)
        assert again.items == first.items
        assert record.head().leaves == 1

    @pytest.mark.req("H-03")
    def test_other_content_under_a_used_name_is_a_conflict(self, record: Record) -> None:
        self.append(record, draft("a1"))
        assert refusal(lambda: self.append(record, draft("a1", payload=b"other"))) == "conflict"
        assert record.head().leaves == 1

    @pytest.mark.req("H-03")
    def test_the_same_id_of_another_source_is_another_item(self, record: Record) -> None:
        self.append(record, draft("a1"))
        assert not self.append(record, draft("a1", source="urn:safeguarding:org:health.test")).duplicate

    @pytest.mark.req("H-03", "H-26")
    def test_repeats_and_conflicts_within_one_group_are_told_apart(self, record: Record) -> None:
        drafts = [draft("a1"), draft("a1"), draft("a1", payload=b"other"), draft("a2")]
        futures = [record.append(Append((one,))) for one in drafts for _ in range(40)]
        outcomes = [future.exception(30) or future.result().duplicate for future in futures]
        assert outcomes[:80] == [False] + [True] * 79
        assert all(isinstance(one, HubError) and one.slug == "conflict" for one in outcomes[80:120])
        assert outcomes[120:] == [False] + [True] * 39
        assert record.head().leaves == 2

    @pytest.mark.req("H-03", "H-26")
    def test_appends_queued_together_are_each_answered_by_itself_and_in_order(self, record: Record) -> None:
        drafts = [draft("a1"), draft("a b"), draft("a1", payload=b"other"), draft("a2"), draft("a1")]
        futures = record.append_all([Append((one,)) for one in drafts])
        faults = [future.exception(30) for future in futures]
        slugs = [one.slug if isinstance(one, HubError) else one for one in faults]
        assert slugs == [None, "schema", "conflict", None, None]
        assert [futures[n].result().duplicate for n in (0, 3, 4)] == [False, False, True]
        assert [one.id for one in record.log(0, 10)] == ["a1", "a2"]
        assert record.append_all([]) == []

    def test_several_drafts_stand_together(self, record: Record) -> None:
        drafts = (draft("a1"), draft("r1", stream="link/1", kind="record"), draft("a2"))
        appended = self.append(record, *drafts)
        assert [(one.stream, one.version) for one in appended.items] == [
            ("child/1", 1), ("link/1", 1), ("child/1", 2),
        ]  # fmt: skip
        assert self.append(record, *drafts) == Appended(appended.items, duplicate=True)

    def test_a_repeat_answers_only_what_stands(self, record: Record) -> None:
        first = self.append(record, draft("a1"), draft("r1"))
        again = self.append(record, draft("a1"), draft("r2"))
        assert again == Appended(first.items[:1], duplicate=True)
        assert record.find(SOURCE, "r2") is None

    def test_several_drafts_fall_together(self, record: Record) -> None:
        self.append(record, draft("r1"))
        assert refusal(lambda: self.append(record, draft("a1"), draft("r1"))) == "conflict"
        assert refusal(lambda: self.append(record, draft("a2"), draft("a2"))) == "conflict"
        assert record.find(SOURCE, "a1") is None
        assert not self.append(record, draft("a1")).duplicate

    @pytest.mark.req("H-28")
    def test_a_decision_is_appended_only_on_the_heads_it_was_judged_on(self, record: Record) -> None:
        self.append(record, draft("a1"))
        heads = {"child/1": 1, "child/2": 0}
        assert self.append(record, draft("d1"), heads=heads).items[0].version == 2
        with pytest.raises(HeadMoved) as moved:
            self.append(record, draft("d2"), heads=heads)
        assert moved.value.streams == ("child/1",)
        assert record.find(SOURCE, "d2") is None
        assert self.append(record, draft("d2"), heads={"child/1": 2}).items[0].version == 3

    @pytest.mark.req("H-28")
    def test_of_many_decisions_on_one_head_exactly_one_stands(self, record: Record) -> None:
        futures = [record.append(Append((draft(f"d{n}"),), heads={"child/1": 0})) for n in range(40)]
        faults = [future.exception(30) for future in futures]
        assert faults.count(None) == 1
        assert sum(isinstance(fault, HeadMoved) for fault in faults) == 39

    def test_a_claimed_name_belongs_to_one_value(self, record: Record) -> None:
        claim = Claim("identifier", record.digest("identifier", b"synthetic"), "child/1")
        self.append(record, draft("a1"), claims=(claim,))
        assert record.claimed("identifier", claim.name) == "child/1"
        self.append(record, draft("a2"), claims=(claim,))
        other = Claim(claim.kind, claim.name, "child/2")
        with pytest.raises(ClaimTaken) as taken:
            self.append(record, draft("a3", stream="child/2"), claims=(other,))
        assert (taken.value.kind, taken.value.value) == ("identifier", "child/1")
        assert record.find(SOURCE, "a3") is None
        assert record.claimed("other-kind", claim.name) is None

    def test_of_many_claims_on_one_name_exactly_one_stands(self, record: Record) -> None:
        futures = [
            record.append(
                Append((draft(f"a{n}", stream=f"child/{n}"),), claims=(Claim("k", b"n", f"child/{n}"),))
            )
            for n in range(40)
        ]
        faults = [future.exception(30) for future in futures]
        assert faults.count(None) == 1 and sum(isinstance(one, ClaimTaken) for one in faults) == 39
        assert record.claimed("k", b"n") == f"child/{faults.index(None)}"

    def test_a_refused_append_reserves_neither_name_nor_claim(self, record: Record) -> None:
        self.append(record, draft("a1"))
        claims = (Claim("k", b"n", "child/9"),)
        with pytest.raises(HeadMoved):
            self.append(record, draft("a2"), heads={"child/1": 0}, claims=claims)
        assert record.claimed("k", b"n") is None
        assert not self.append(record, draft("a2", payload=b"other content")).duplicate

    @pytest.mark.parametrize("name", ["", "two words", "line\nfeed", "caf\u00e9", "tab\t"])
    def test_a_name_that_could_be_read_as_another_is_refused(self, record: Record, name: str) -> None:
        assert refusal(lambda: self.append(record, draft(name))) == "schema"
        assert refusal(lambda: self.append(record, draft("a1", source=name))) == "schema"
        assert refusal(lambda: self.append(record)) == "schema"

    def test_with_128_in_flight_everything_stands_once_and_in_order(self, record: Record) -> None:
        def post(worker: int) -> list[Appended]:
            futures = [
                record.append(Append((draft(f"w{worker}-{n}", stream=f"child/{worker % 5}"),)))
                for n in range(16)
            ]
            return [future.result(30) for future in futures]

        with ThreadPoolExecutor(8) as pool:
            answers = [one for answer in pool.map(post, range(8)) for one in answer]
        log = record.log(0, 1000)
        assert sorted(one.items[0].position for one in answers) == [one.position for one in log]
        assert [one.leaf_index for one in log] == list(range(128))
        for stream in {one.stream for one in log}:
            items = record.stream(stream)
            assert [one.version for one in items] == list(range(1, len(items) + 1))
            assert [one.position for one in items] == sorted(one.position for one in items)
        for worker in range(8):
            mine = [one.id for one in log if one.id.startswith(f"w{worker}-")]
            assert mine == [f"w{worker}-{n}" for n in range(16)]

    def test_a_listener_hears_of_each_commit_after_it_is_readable(self, record: Record) -> None:
        heard: list[tuple[int, int]] = []
        record.subscribe(lambda position: heard.append((position, record.head().position)))
        item = self.append(record, draft("a1")).items[0]
        self.append(record, draft("a1"))
        assert heard == [(item.position, item.position)]

    def test_a_listener_that_breaks_breaks_nothing_else(self, record: Record) -> None:
        def broken(position: int) -> None:
            raise RuntimeError

        record.subscribe(broken)
        assert not self.append(record, draft("a1")).duplicate
        assert self.append(record, draft("a1")).duplicate

    def test_a_destroyed_key_leaves_names_and_leaves_but_no_content(self, record: Record) -> None:
        before = self.append(record, draft("a1"), draft("b1", stream="child/2"))
        sealed = record.seal("child/1", b"text", context="view")
        assert record.unseal("child/1", sealed, context="view") == b"text"
        assert record.destroy_key("child/1")
        assert not record.destroy_key("child/1")
        erased = record.stream("child/1")[0]
        assert (erased.body, erased.salt, erased.leaf_data) == (None, None, before.items[0].leaf_data)
        assert record.log(0, 10)[1].body == before.items[1].body
        assert record.unseal("child/1", sealed, context="view") is None
        assert refusal(lambda: record.seal("child/1", b"text", context="view")) == "store"

    def test_after_a_key_was_destroyed_new_items_get_a_new_one(self, record: Record) -> None:
        self.append(record, draft("a1"))
        record.destroy_key("child/1")
        later = self.append(record, draft("a2")).items[0]
        assert [one.body for one in record.stream("child/1")] == [None, later.body]
        assert self.append(record, draft("a1")).items[0].body is None

    def test_a_sealed_column_opens_only_where_it_was_sealed_for(self, record: Record) -> None:
        self.append(record, draft("a1"), draft("b1", stream="child/2"))
        sealed = record.seal("child/1", b"text", context="entries/a1")
        assert b"text" not in sealed
        assert refusal(lambda: record.unseal("child/1", sealed, context="entries/a2")) == "store"
        assert refusal(lambda: record.unseal("child/2", sealed, context="entries/a1")) == "store"
        assert refusal(lambda: record.unseal("child/1", sealed[:-1], context="entries/a1")) == "store"
        assert refusal(lambda: record.unseal("child/1", b"", context="entries/a1")) == "store"

    def test_a_digest_is_keyed_and_separate_for_each_purpose(self, record: Record) -> None:
        assert record.digest("a", b"bc") != record.digest("ab", b"c")
        assert record.digest("a", b"bc") == record.digest("a", b"bc")
        assert len(record.digest("a", b"")) == 32

    def test_a_name_is_remembered_until_it_runs_out(
        self, opener: Callable[[], AbstractContextManager[Record]]
    ) -> None:
        until = NOW + timedelta(minutes=5)
        with opener() as record:
            assert record.remember_once("jti", b"one", until, NOW)
            assert not record.remember_once("jti", b"one", until, NOW)
            assert record.remember_once("jti", b"two", until, NOW)
            assert record.remember_once("other", b"one", until, NOW)
        with opener() as record:
            assert not record.remember_once("jti", b"one", until, until - timedelta(microseconds=1))
            assert record.remember_once("jti", b"one", until + timedelta(minutes=5), until)

    def test_a_name_that_has_run_out_is_new_though_nobody_has_forgotten_it(self, record: Record) -> None:
        until, later = NOW + timedelta(seconds=1), NOW + timedelta(minutes=5)
        assert record.remember_once("jti", b"one", until, NOW)
        assert record.remember_once("jti", b"one", later, until)
        assert not record.remember_once("jti", b"one", later, until)

    def test_of_many_who_show_one_name_at_once_one_is_first(self, record: Record) -> None:
        until = NOW + timedelta(minutes=5)
        with ThreadPoolExecutor(8) as pool:
            first = list(pool.map(lambda _: record.remember_once("jti", b"one", until, NOW), range(16)))
        assert first.count(True) == 1

    @pytest.mark.req("H-03")
    def test_a_mark_only_grows(self, opener: Callable[[], AbstractContextManager[Record]]) -> None:
        with opener() as record:
            assert record.mark("kafka/in/0") == 0 and record.marks("") == {}
            assert record.raise_mark("kafka/in/0", 5) == 5
            assert record.raise_mark("kafka/in/0", 3) == 5
            assert record.raise_mark("kafka/in/10", 2**63 - 1) == 2**63 - 1
            assert record.raise_mark("kafka/out/0", 0) == 0
        with opener() as record:
            assert record.mark("kafka/in/0") == 5
            assert record.marks("kafka/in/") == {"kafka/in/0": 5, "kafka/in/10": 2**63 - 1}
            assert set(record.marks("")) == {"kafka/in/0", "kafka/in/10", "kafka/out/0"}
            assert record.marks("kafka/in/2") == {}

    @pytest.mark.parametrize("mark", [("", 1), ("caf\u00e9", 1), ("line\nfeed", 1), ("m", -1), ("m", 2**63)])
    def test_what_is_no_mark_is_refused(self, record: Record, mark: tuple[str, int]) -> None:
        assert refusal(lambda: record.raise_mark(*mark)) == "schema"
        assert refusal(lambda: self.append(record, draft("a1"), marks=(Mark(*mark),))) == "schema"
        assert record.find(SOURCE, "a1") is None and record.marks("") == {}

    @pytest.mark.req("H-03")
    def test_marks_are_raised_with_the_append_and_with_its_repeat_but_not_with_a_refused_one(
        self, record: Record
    ) -> None:
        self.append(record, draft("a1"), marks=(Mark("m", 1), Mark("n", 7), Mark("m", 3)))
        assert record.marks("") == {"m": 3, "n": 7}
        assert self.append(record, draft("a1"), marks=(Mark("m", 4), Mark("n", 2))).duplicate
        assert self.append(record, draft("a1"), marks=(Mark("m", 9),), on_repeat=False).duplicate
        assert record.marks("") == {"m": 4, "n": 7}
        other = draft("a1", payload=b"other")
        assert refusal(lambda: self.append(record, other, marks=(Mark("m", 9),))) == "conflict"
        with pytest.raises(HeadMoved):
            self.append(record, draft("a2"), heads={"child/1": 0}, marks=(Mark("m", 9),))
        assert record.marks("") == {"m": 4, "n": 7}
        futures = [record.append(Append((draft(f"b{n}"),), marks=(Mark("o", n),))) for n in range(60)]
        assert all(future.result(30) for future in futures)
        assert record.mark("o") == 59

    def test_of_many_who_raise_one_mark_the_greatest_stands(
        self, opener: Callable[[], AbstractContextManager[Record]]
    ) -> None:
        with opener() as one, opener() as two, ThreadPoolExecutor(8) as pool:
            values = [n * 37 % 101 for n in range(101)]
            list(pool.map(lambda n: (one if n % 2 else two).raise_mark("m", n), values))
            assert one.mark("m") == two.mark("m") == 100

    def test_a_glance_gives_tails_and_claims(self, record: Record) -> None:
        first = self.append(record, draft("a1"), claims=(Claim("k", b"n", "child/1"),)).items[0]
        second = self.append(record, draft("a2")).items[0]
        other = self.append(record, draft("b1", stream="child/2")).items[0]
        tails = {"child/1": 1, "child/2": 0, "child/3": 0, "child/2x": 0}
        glance = record.glance(tails, [("k", b"n"), ("k", b"other"), ("l", b"n")])
        assert glance.tails == {"child/1": [second], "child/2": [other], "child/3": [], "child/2x": []}
        assert glance.claims == {("k", b"n"): "child/1"}
        assert record.glance({"child/1": 0}).tails == {"child/1": [first, second]}
        assert (record.glance({}).tails, record.glance({}).claims) == ({}, {})
        record.destroy_key("child/1")
        assert [one.body for one in record.glance({"child/1": 0}).tails["child/1"]] == [None, None]

    @pytest.mark.req("H-14")
    def test_every_item_is_proved_against_every_later_checkpoint(self, record: Record) -> None:
        assert record.ledger.integrate(NOW) is None and record.ledger.checkpoint() is None
        checkpoints = []
        for turn in range(3):
            for n in range(5):
                self.append(record, draft(f"t{turn}-{n}"))
            checkpoint = record.ledger.integrate(NOW)
            assert checkpoint is not None and checkpoint == record.ledger.checkpoint()
            assert verify_checkpoint(checkpoint.text, SIGNER.note_key).size == 5 * (turn + 1)
            assert record.ledger.integrate(NOW) is None
            checkpoints.append(checkpoint)
        for old in checkpoints:
            for item in record.log(0, old.size):
                proof = record.ledger.inclusion(item.leaf_index, old.size)
                leaf = leaf_hash(item.leaf_data)
                assert verify_inclusion(leaf, item.leaf_index, old.size, proof, old.root)
            for new in checkpoints[checkpoints.index(old) :]:
                proof = record.ledger.consistency(old.size, new.size)
                assert verify_consistency(old.size, new.size, old.root, new.root, proof)

    def test_the_ledger_proves_nothing_it_does_not_cover(self, record: Record) -> None:
        self.append(record, draft("a1"))
        ledger = record.ledger
        assert refusal(lambda: ledger.inclusion(0, 1)) == "not-found"
        ledger.integrate(NOW)
        assert ledger.inclusion(0, 1) == []
        for work in (
            lambda: ledger.inclusion(1, 1), lambda: ledger.inclusion(-1, 1), lambda: ledger.inclusion(0, 2),
            lambda: ledger.consistency(0, 1), lambda: ledger.consistency(1, 2), lambda: ledger.root(2),
            lambda: ledger.tile(0, 0), lambda: ledger.tile(1, 0, 1), lambda: ledger.tile(0, 0, 0),
        ):  # fmt: skip
            assert refusal(work) == "not-found"

    def test_the_ledger_lags_from_when_it_was_seen_behind(self, record: Record) -> None:
        assert record.ledger.lag(NOW) == timedelta(0)
        self.append(record, draft("a1"))
        assert record.ledger.lag(NOW) == timedelta(0)
        assert record.ledger.lag(NOW + timedelta(seconds=9)) == timedelta(seconds=9)
        record.ledger.integrate(NOW + timedelta(seconds=10))
        assert record.ledger.lag(NOW + timedelta(seconds=20)) == timedelta(0)

    def test_two_openings_of_one_record_see_each_others_appends(
        self, opener: Callable[[], AbstractContextManager[Record]]
    ) -> None:
        with opener() as one, opener() as two:
            for n in range(6):
                self.append(one if n % 2 else two, draft(f"a{n}"), heads={"child/1": n})
            assert [item.version for item in one.stream("child/1")] == [1, 2, 3, 4, 5, 6]
            assert self.append(two, draft("a5")).duplicate
            with pytest.raises(HeadMoved):
                self.append(one, draft("late"), heads={"child/1": 4})
            two.destroy_key("child/1")
            assert one.find(SOURCE, "a0").body is None  # type: ignore[union-attr]
            self.append(one, draft("a6"))
            assert two.find(SOURCE, "a6").body == b"body of payload"  # type: ignore[union-attr]
            one.ledger.integrate(NOW)
            assert two.ledger.size() == 7 and two.ledger.integrate(NOW) is None

    @pytest.mark.req("H-02", "H-03", "H-05")
    def test_two_that_write_at_once_to_shared_and_own_streams_lose_and_double_nothing(
        self, opener: Callable[[], AbstractContextManager[Record]]
    ) -> None:
        def post(record: Record, name: str) -> list[Appended]:
            futures = []
            for n in range(150):
                stream = ("child/shared", f"child/{name}", f"child/{name}-{n}")[n % 3]
                # Every fifth is posted to both under one name.
                id = f"both-{n}" if n % 5 == 0 else f"{name}-{n}"
                futures.append(record.append(Append((draft(id, stream=stream.replace(name, "x")
                                                           if n % 5 == 0 else stream),))))  # fmt: skip
            return [future.result(30) for future in futures]

        with opener() as one, opener() as two, ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(post, (one, two), ("one", "two")))
            log = one.log(0, 1000)
            assert two.log(0, 1000) == log
        assert len(log) == len({item.id for item in log}) == 270
        assert [item.leaf_index for item in log] == list(range(270))
        assert [item.position for item in log] == list(range(1, 271))
        for stream in {item.stream for item in log}:
            versions = [item.version for item in log if item.stream == stream]
            assert versions == list(range(1, len(versions) + 1))
        both = [
            (a.duplicate, b.duplicate) for a, b in zip(*answers, strict=True)
            if a.items[0].id.startswith("both")
        ]  # fmt: skip
        assert len(both) == 30 and all(a != b for a, b in both)

    @pytest.mark.req("H-28")
    def test_two_that_decide_on_one_head_at_once_do_not_both_stand(
        self, opener: Callable[[], AbstractContextManager[Record]]
    ) -> None:
        def decide(record: Record, name: str) -> int:
            stood = 0
            for n in range(60):
                at = record.versions(["child/1"])["child/1"]
                future = record.append(Append((draft(f"{name}-{n}"),), heads={"child/1": at}))
                fault = future.exception(30)
                assert fault is None or isinstance(fault, HeadMoved)
                if fault is None:
                    stood += 1
                    assert future.result().items[0].version == at + 1
            return stood

        with opener() as one, opener() as two, ThreadPoolExecutor(2) as pool:
            stood = sum(pool.map(decide, (one, two), ("one", "two")))
            assert one.versions(["child/1"]) == {"child/1": stood} and stood >= 60

    def test_two_that_claim_names_at_once_share_none(
        self, opener: Callable[[], AbstractContextManager[Record]]
    ) -> None:
        def claim(record: Record, name: str) -> list[bool]:
            futures = [
                record.append(
                    Append(
                        (draft(f"{name}-{n}", stream=f"child/{name}-{n}"),),
                        claims=(Claim("k", b"%d" % n, f"child/{name}-{n}"),),
                    )
                )
                for n in range(60)
            ]
            faults = [future.exception(30) for future in futures]
            assert all(fault is None or isinstance(fault, ClaimTaken) for fault in faults)
            return [fault is None for fault in faults]

        with opener() as one, opener() as two, ThreadPoolExecutor(2) as pool:
            of_one, of_two = pool.map(claim, (one, two), ("one", "two"))
            assert all(a != b for a, b in zip(of_one, of_two, strict=True))
            for n in range(60):
                holder = "one" if of_one[n] else "two"
                assert one.claimed("k", b"%d" % n) == two.claimed("k", b"%d" % n) == f"child/{holder}-{n}"

    @pytest.mark.req("H-02")
    def test_after_another_process_destroyed_the_key_nothing_is_sealed_under_it(
        self, opener: Callable[[], AbstractContextManager[Record]]
    ) -> None:
        with opener() as one, opener() as two:
            for turn in range(3):
                old = self.append(one, draft(f"a{turn}")).items[0]
                sealed = one.seal("child/1", b"text", context="view")
                assert two.destroy_key("child/1")
                assert one.unseal("child/1", sealed, context="view") is None
                new = self.append(one, draft(f"b{turn}")).items[0]
                assert two.at(old.position).body is None  # type: ignore[union-attr]
                assert two.at(new.position) == new and new.body is not None

    def test_a_closed_record_refuses(self, opener: Callable[[], AbstractContextManager[Record]]) -> None:
        with opener() as record:
            pending = [record.append(Append((draft(f"a{n}"),))) for n in range(50)]
        assert all(not future.result(0).duplicate for future in pending)
        assert refusal(lambda: self.append(record, draft("b"))) == "store"
        assert refusal(record.head) == "store"
