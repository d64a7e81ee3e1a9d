"""What is hidden leaves no trace: two hubs that differ in one hidden post answer with the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from agencies.scenarios import PreparedPost, variant
from agencies.scenarios.reviewer import IdentityReviewer
from agencies.sdk.build import cloud_event
from hub.cli.demo_world import READING_TIME, REVIEWER
from tests.e2e.test_matrix_a import MATRIX, ORDER
from tests.support.scenario import READERS, SCENARIO, World, empty_world, learn_children
from tests.support.simulated import SeededChance, lay_keys, one_more, simulated, with_post, without

(INTELLIGENCE,) = variant("scenario-a", "hidden")
HIDDEN_FROM = ("Oak", "Elm", "HL-1001", "SGU-S", "YJS", "SW-1001")
NOBODY = "00000000-0000-4000-8000-000000000000"
# The names of an answer and of a problem are random; the ledger's place of an own post is its poster's.
RANDOM_NAMES = re.compile(rb'"(disclosure_id|instance)":"[^"]+"')
LEDGER_PLACE = re.compile(rb'"(leaf_index|leaf_data|salt)":("[^"]*"|\d+)')
TIMES_AND_NAMES_OF_ANSWERING = frozenset({b"date", b"disclosure-id", b"trace-id"})

Answered = tuple[int, tuple[tuple[bytes, bytes], ...], bytes]


@dataclass
class Twin:
    """One of two hubs with the same keys and chance: what every door said, and every receipt."""

    world: World
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    said: dict[str, dict[str, Answered]] = field(default_factory=dict)


def played(directory: Path, posts: Sequence[PreparedPost], stack: ExitStack) -> Twin:
    """A hub that these posts were posted to over HTTP, each followed by the randomness of its own."""
    chance = SeededChance()
    lay_keys(directory)
    world = stack.enter_context(empty_world(directory, chance))
    twin = Twin(world)
    reviewer = stack.enter_context(IdentityReviewer(world.address, world.person_token(REVIEWER)))
    for one in posts:
        payload = cloud_event(one.event)
        chance.restart(payload)
        answer = world.send(one.organisation, world.sign(one.organisation, payload))
        twin.receipts[one.ref] = {"status": answer.status_code, **answer.json()}
        for resolution in SCENARIO.resolutions:
            if resolution.after == one.ref:
                reviewer.review(resolution)
    world.advance(READING_TIME)
    chance.restart(b"reading")
    learn_children(world)
    return twin


def kept(answer: httpx.Response) -> Answered:
    """An answer whole, apart from its own name and the time of answering."""
    headers = tuple(
        (name, value)
        for name, value in answer.headers.raw
        if name.lower() not in TIMES_AND_NAMES_OF_ANSWERING
    )
    body = LEDGER_PLACE.sub(rb'"\1":', RANDOM_NAMES.sub(rb'"\1":', answer.content))
    return answer.status_code, headers, body


CSV = {"Accept": "text/csv"}
FILTERS: tuple[dict[str, str], ...] = (
    {"from": "2025-09-16", "to": "2025-09-19"},
    {"from": "2025-09-18"},
    {"to": "2025-02-14"},
    {"agency": "police.n-police"},
    {"agency": "social-care.s-csc"},
    {"type": "adult-involvement-suspected"},
    {"type": "coded-fact"},
    {"type": "incident-recorded"},
    {"significance": "key"},
    {"significance": "routine"},
    {"q": "police"},
    {"q": "CANARY"},
    {"as_at": "2025-09-18T12:00:30Z"},
    {"as_at": "2025-09-19T00:00:00+01:00", "agency": "police.n-police"},
    {"limit": "1"},
    {"limit": "200"},
    {"limit": "0"},
    {"limit": "201"},
    {"from": "yesterday"},
    {"cursor": "bm90LWEtY3Vyc29y"},
)


def every_door(world: World, reader: str) -> Iterator[tuple[str, Answered]]:
    """Every answer that a reader can get, asked in a fixed order; one each of those who may see it."""

    def get(path: str, headers: dict[str, str] | None = None, **query: str) -> httpx.Response:
        return world.get(reader, path, headers, **query)

    if reader not in HIDDEN_FROM:
        for child in READERS[reader].children:
            yield f"{child} whole", kept(get(f"/v1/children/{world.children[child]}/chronology", limit="200"))
        return
    yield "me", kept(get("/v1/me"))
    yield "children", kept(get("/v1/me/children"))
    for child, references in SCENARIO.children.items():
        for reference in (*references, "nhs:9990300208"):
            yield f"look-up {child} {reference}", kept(get("/v1/children", identifier=reference))
    for child in ("C-1001", "C-2001"):
        place = f"/v1/children/{world.children[child]}"
        yield from every_page(world, reader, f"{place}/chronology", child)
        for asked in FILTERS:
            yield f"{child} {asked}", kept(get(f"{place}/chronology", **asked))
        for what in ("overview", "deadlines"):
            yield f"{child} {what}", kept(get(f"{place}/{what}"))
            yield f"{child} {what} then", kept(get(f"{place}/{what}", as_at="2025-09-18T12:00:30Z"))
        yield f"{child} meetings", kept(get(f"{place}/meetings"))
        for meeting in ("M1", "M2", "H1", "M9"):
            yield f"{child} {meeting}", kept(get(f"{place}/meetings/{meeting}/pack"))
        yield f"{child} purpose", kept(get(f"{place}/chronology", {"Access-Purpose": "curiosity"}))
        yield f"{child} nothing", kept(get(f"{place}/nothing"))
        yield f"{child} accesses", kept(get("/v1/audit/accesses", child=world.children[child]))
    yield "no child", kept(get(f"/v1/children/{NOBODY}/chronology"))
    yield "no place", kept(get("/v1/nothing"))
    yield "queue", kept(get("/v1/identity/queue"))
    yield "own posts", kept(get("/v1/events", mine=""))
    yield "ledger", kept(get("/v1/ledger/checkpoint"))
    yield "open items", kept(get("/v1/me/open-items"))
    yield "children again", kept(get("/v1/me/children"))


def every_page(world: World, reader: str, path: str, child: str) -> Iterator[tuple[str, Answered]]:
    """The chronology in pages of seven, as JSON and as CSV, with every cursor."""
    for form in ({}, CSV):
        query = {"limit": "7"}
        for number in range(20):
            answer = world.get(reader, path, form, **query)
            yield f"{child} page {number} {form}", kept(answer)
            cursor = answer.headers.get("next-cursor") if form else answer.json().get("cursor")
            if not cursor:
                break
            query["cursor"] = cursor
        else:
            raise AssertionError("more pages than entries")


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Twin, Twin]]:
    """Scenario A, and scenario A with one event of intelligence on C-2001."""
    with ExitStack() as stack:
        plain = played(tmp_path_factory.mktemp("plain"), SCENARIO.posts, stack)
        more = played(tmp_path_factory.mktemp("more"), with_post(INTELLIGENCE), stack)
        for twin in (plain, more):
            for reader in READERS:
                twin.said[reader] = dict(every_door(twin.world, reader))
        yield plain, more


@pytest.mark.req("H-10", "D-18", "D-33", "D-35")
@pytest.mark.parametrize("reader", HIDDEN_FROM)
def test_intelligence_changes_no_byte_at_any_door(twins: tuple[Twin, Twin], reader: str) -> None:
    plain, more = (twin.said[reader] for twin in twins)
    assert plain.keys() == more.keys()
    assert [door for door in plain if plain[door] != more[door]] == []


@pytest.mark.req("H-10", "D-18")
@pytest.mark.parametrize("reader", HIDDEN_FROM)
def test_the_doors_that_were_compared_said_something(twins: tuple[Twin, Twin], reader: str) -> None:
    """Equal refusals would prove nothing."""
    said = twins[1].said[reader]
    answered = [door for door, (status, _, _) in said.items() if status == 200]
    (child,) = READERS[reader].children
    pages = [door for door in answered if door.startswith(f"{child} page")]
    assert len(pages) >= (2 if reader == "HL-1001" else 4)
    assert {f"{child} overview", f"{child} deadlines", "me", "children again", "own posts"} <= set(answered)
    assert sum(len(said[door][2]) for door in pages) > 4_000


@pytest.mark.req("D-35", "D-13")
@pytest.mark.parametrize("reader", ["SW-2001", "ENQ", "POL", "IGO"])
def test_those_who_get_something_of_it_see_a_difference(twins: tuple[Twin, Twin], reader: str) -> None:
    plain, more = (twin.said[reader] for twin in twins)
    door = "C-2001 whole"
    assert plain[door] != more[door]
    pointer = b"police-hold-information" in more[door][2]
    assert pointer is (reader == "SW-2001")
    assert b"police-hold-information" not in plain[door][2]


@pytest.mark.req("D-35")
def test_a_reader_who_is_told_nothing_of_the_linked_child_gets_no_pointer(twins: tuple[Twin, Twin]) -> None:
    for reader in HIDDEN_FROM:
        assert b"police-hold-information" not in b"".join(one[2] for one in twins[1].said[reader].values())


def claims(receipt: dict[str, Any]) -> dict[str, Any]:
    """What a receipt says, apart from the place of the post in the ledger."""
    return {
        name: value
        for name, value in receipt["claims"].items()
        if name not in ("leaf_index", "leaf_data", "salt")
    }


@pytest.mark.req("H-10", "H-03", "D-18")
def test_no_receipt_tells_its_poster_of_a_hidden_event(twins: tuple[Twin, Twin]) -> None:
    plain, more = (twin.receipts for twin in twins)
    assert more.keys() - plain.keys() == {INTELLIGENCE.ref}
    for ref, receipt in plain.items():
        assert (receipt["status"], claims(receipt)) == (more[ref]["status"], claims(more[ref])), ref
    assert {one["status"] for one in more.values()} == {201}
    assert any(one["claims"]["warnings"] for one in plain.values())


# --- every H cell of G.A, and posts of other kinds, through the same facades that the doors call -------

POSTS_OF = {
    "A01": "A01", "A03 part 1": "A03", "A03 part 2": "A03b", "A05": "A05", "A06": "A06", "A08": "A08",
    "A13": "A13", "A14": "A14", "A19": "A19", "A20": "A20", "A22": "A22", "A23": "A23", "A25": "A25",
    "A27": "A27", "A32": "A32", "A33": "A33", "LK-A on C-1001": "A07b-1", "LK-A on C-2001": "A07b-2",
}  # fmt: skip
# What the matrix calls visible to Elm is Elm's own post, which it reads through GET /v1/events?mine.
NOT_IN_A_CHRONOLOGY = {("A03 part 2", "Elm")}

Bytes = dict[str, dict[str, bytes]]


def read_after(directory: Path, posts: Sequence[PreparedPost]) -> Bytes:
    with simulated(directory) as hub:
        hub.play(posts)
        return hub.every_answer()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Bytes:
    """What everybody gets of scenario A."""
    return read_after(tmp_path_factory.mktemp("base"), SCENARIO.posts)


def changed(base: Bytes, other: Bytes) -> set[str]:
    """The readers who get other bytes."""
    return {reader for reader in base if base[reader] != other[reader]}


@pytest.mark.req("H-10", "D-18", "D-32")
@pytest.mark.parametrize("item", sorted(POSTS_OF))
def test_leaving_out_what_is_hidden_changes_no_byte(tmp_path: Path, base: Bytes, item: str) -> None:
    """For each H cell the reader's bytes stay; for each V and R cell they do not."""
    cells = dict(zip(ORDER, MATRIX[item].split(), strict=True))
    gets = {
        reader for reader, cell in cells.items() if cell != "H" and (item, reader) not in NOT_IN_A_CHRONOLOGY
    }
    assert changed(base, read_after(tmp_path / "hub", without(POSTS_OF[item]))) == gets


DECISION = one_more(
    "X-decision",
    "A11",
    "referral-outcome-decided",
    "2025-10-20T09:00:00+01:00",
    outcome="assessment",
    reasons="The strategy meeting asked for it.",
)
REFERRAL = one_more("X-referral", "A26b", "referral-made", "2025-09-19T15:20:00+01:00", target="hsb-service")
NOTICE = one_more(
    "X-notice", "A26b", "oversight-notified", "2025-09-19T15:25:00+01:00", target="safeguarding-unit"
)
WORKERS = {"SW-2001", "ENQ", "POL", "SGU-S", "IGO"}
# A referral is SRC (D-53); a decision on it OPIN (D-33), of which a school gets that it was made; a notice
# goes to oversight only (D-40).
# What is noted beside them goes where they go, and nowhere else.
CAUTIONED = one_more("X-cautioned", "A25", "interview-held", "2025-09-19T15:30:00+01:00", kind="pace")
ROOM = one_more(
    "X-room",
    "A12-1",
    "meeting-held",
    "2025-09-19T15:35:00+01:00",
    meeting="M8",
    kind="professionals",
    attendance=[
        {"organisation": one, "represents": False} for one in ("education.oak-school", "police.n-police")
    ],
)
OTHER_HIDDEN = [
    (DECISION, WORKERS | {"YJS", "Oak"}),
    (REFERRAL, WORKERS),
    (NOTICE, WORKERS),
    (CAUTIONED, WORKERS | {"YJS"}),
    (ROOM, {"ENQ", "POL", "SW-1001", "IGO"}),
]


@pytest.mark.req("H-10", "H-20", "D-18", "D-22", "D-33", "D-40")
@pytest.mark.parametrize(("extra", "gets"), OTHER_HIDDEN, ids=[one.ref for one, _ in OTHER_HIDDEN])
def test_a_hidden_decision_referral_or_notice_changes_no_byte(
    tmp_path: Path, base: Bytes, extra: PreparedPost, gets: set[str]
) -> None:
    assert changed(base, read_after(tmp_path / "hub", with_post(extra))) == gets


@pytest.mark.req("H-10")
def test_the_same_posts_give_the_same_bytes(tmp_path: Path, base: Bytes) -> None:
    """Without this, a difference above could come from somewhere else."""
    with simulated(tmp_path / "hub") as hub:
        hub.play(SCENARIO.posts)
        assert hub.every_answer() == base
