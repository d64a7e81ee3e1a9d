"""No trace at any door: every route, called as every kind of caller, with and without hidden posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.concurrency import run_in_threadpool

from agencies.scenarios import PreparedPost
from hub.cli.notifying import notifying_of
from tests.doors.asking import Caller, Depth, Visit, callers
from tests.doors.hidden import HIDDEN, THIRD_CHILD, more
from tests.doors.hubs import Doors, played
from tests.doors.pairs import Pair, differing, notices_of, pair, tour
from tests.doors.probes import answered, probes
from tests.doors.questions import NO_CHILD, chronology
from tests.doors.table import DOORS, routes_of

# Whoever is asked everything by default; the others what content leaves by, and everything in the long form.
USUAL = ("Oak",)
BY_DEFAULT = {"on C-2001": 9, "on C-1001": 7, "therapy on C-3001": 2}
CASES = [
    pytest.param(
        group,
        caller,
        id=f"{group}: {caller}",
        marks=[] if number < BY_DEFAULT.get(group, 0) else [pytest.mark.slow],
    )
    for group, hidden in HIDDEN.items()
    for number, caller in enumerate(hidden.hidden_from)
]
SEES = [(group, caller, child) for group in BY_DEFAULT for caller, child in HIDDEN[group].seen_by.items()]
PLACE = "/v1/children/{child}"
PairOf = Callable[[str], Pair]


def depth_of(caller: str) -> Depth:
    """What somebody who has a child is asked costs more than what is refused."""
    has_a_child = any(callers(one.scenario).get(caller, NOBODY).children for one in HIDDEN.values())
    return "brief" if has_a_child and caller not in USUAL else "usual"


NOBODY = callers("scenario-a")["nobody"]


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited for notices; nobody really waits."""
    found: list[float] = []

    async def sleep(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr("hub.api.notices.anyio", SimpleNamespace(sleep=sleep))
    return found


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PairOf]:
    """For each list of hidden posts two hubs, made when first asked for."""
    hubs: dict[str, Path] = {}
    made: dict[str, Pair] = {}
    with ExitStack() as stack:

        def of(group: str) -> Pair:
            hidden = HIDDEN[group]
            if hidden.scenario not in hubs:
                folder = tmp_path_factory.mktemp(hidden.scenario) / "played"
                hubs[hidden.scenario] = played(folder, hidden.scenario)
            if group not in made:
                folder = tmp_path_factory.mktemp("pair")
                made[group] = stack.enter_context(
                    pair(folder, hubs[hidden.scenario], hidden.scenario, hidden.posts)
                )
            return made[group]

        yield of


@pytest.mark.req("H-10", "D-18")
def test_every_route_is_in_the_table_and_no_other(pairs: PairOf) -> None:
    """A new route says here what is asked of it: else nobody would look whether it keeps what is hidden."""
    assert routes_of(pairs("on C-2001").plain.doors.app) == DOORS.keys()


@pytest.mark.req("H-10", "H-20", "D-18", "D-26", "D-33", "D-35", "D-39", "D-40", "D-57")
@pytest.mark.parametrize(("group", "caller"), CASES)
def test_what_is_hidden_changes_no_byte_at_any_door(pairs: PairOf, group: str, caller: str) -> None:
    plain, more = pairs(group).ask(caller, depth_of(caller))
    assert differing(plain, more) == []


@pytest.mark.slow
@pytest.mark.req("H-10", "H-20", "D-18")
@pytest.mark.parametrize("group", HIDDEN)
def test_nor_with_every_filter_and_at_other_times(pairs: PairOf, group: str) -> None:
    for caller in HIDDEN[group].hidden_from:
        first, second = (tour(one.doors, caller, "thorough") for one in pairs(group).twins)
        assert differing(first, second) == [], caller


@pytest.mark.req("H-10", "D-18")
def test_what_was_compared_said_something(pairs: PairOf) -> None:
    """Equal refusals would prove nothing: content left, and every kind of refusal was met."""
    said = pairs("on C-2001").ask("Oak", "usual")[1]
    place = "GET /v1/children/{child}"
    page, pack = f"{place}/chronology C-2001 page 0", f"{place}/meetings/{{meeting}}/pack C-2001"
    assert said[page][0] == 200 and len(said[page][2]) > 4_000
    assert said[f"{place}/chronology C-2001 csv"][0] == 200
    assert not any(b"CANARY-X" in body for _, _, body in said.values())
    assert {said[f"{pack} {one}"][0] for one in ("M1", "M2")} == {200, 404}
    for named in (
        f"{place}/overview C-2001", "GET /children/{child} C-2001", "GET /children signed in",
        "GET /v1/notices all",
    ):  # fmt: skip
        assert said[named][0] == 200, named
    assert {status for status, _, _ in said.values()} >= {200, 303, 400, 401, 403, 404, 406, 415, 422}


@pytest.mark.req("D-35", "D-39", "D-40", "D-57")
@pytest.mark.parametrize(("group", "caller", "child"), SEES)
def test_those_who_may_see_of_it_do(pairs: PairOf, group: str, caller: str, child: str) -> None:
    """Without this, both hubs might be one."""
    texts = []
    for twin in pairs(group).twins:
        visit = Visit(twin.doors, callers(HIDDEN[group].scenario)[caller], "GET", f"{PLACE}/chronology")
        chronology(visit)
        texts.append(b"".join(body for _, _, body in visit.said.values()))
    assert texts[0] != texts[1]
    assert b"CANARY-X" not in texts[0] and len(texts[1]) > len(texts[0])


@pytest.mark.req("H-08", "H-10", "D-18")
@pytest.mark.parametrize(("group", "not_told", "told"), [
    ("on C-2001", ("education.oak-school", "youth-justice.s-yos", "social-care.s-csc"), "social-care.n-csc"),
    ("on C-1001", ("education.elm-school", "health.n-child-health", "social-care.s-csc"), "police.n-police"),
])  # fmt: skip
def test_no_notice_tells(pairs: PairOf, group: str, not_told: tuple[str, ...], told: str) -> None:
    plain, more = pairs(group).twins
    for organisation in not_told:
        found = notices_of(plain.doors, organisation)
        assert found == notices_of(more.doors, organisation)
        assert b'"lines"' in found
    assert len(notices_of(more.doors, told)) > len(notices_of(plain.doors, told))


@pytest.mark.req("H-03", "H-10", "D-18", "D-22", "D-30")
@pytest.mark.parametrize(("group", "organisation", "reader"), [
    ("on C-2001", "education.oak-school", "Oak"),
    pytest.param("on C-1001", "education.elm-school", "Elm", marks=[pytest.mark.slow]),
])  # fmt: skip
def test_no_receipt_warning_refusal_or_own_entry_tells(
    pairs: PairOf, group: str, organisation: str, reader: str
) -> None:
    """Whatever an organisation posts to find out; and what it then reads of its own posts."""
    hidden = HIDDEN[group]
    one = pairs(group)
    before = one.ask(reader, depth_of(reader))[0]
    children = one.plain.doors.scenario.children
    subjects = [children[name][0] for name in ("C-1001", "C-2001")]
    events = list(probes(organisation, subjects, hidden.posts))
    plain, more = (answered(twin.doors, events) for twin in one.twins)
    assert differing(plain, more) == []
    assert {status for status, _, _ in plain.values()} >= {200, 201, 403, 409}
    assert b'"warnings":[{' in b"".join(body for _, _, body in plain.values()).replace(b" ", b"")
    again = [tour(twin.doors, reader, "brief") for twin in one.twins]
    assert differing(*again) == []
    page = f"GET {PLACE}/chronology {group.removeprefix('on ')} page 0"
    (_, _, then), (status, _, now) = before[page], again[0][page]
    assert status == 200 and len(now) > len(then) > 1_000


@pytest.mark.req("H-10", "H-17", "D-18", "D-50")
def test_emergency_access_to_a_child_of_one_hub_only_is_answered_as_to_nobody(pairs: PairOf) -> None:
    """Last, for it opens that child's record to whoever asks."""
    group = "on C-2001"
    wanted = {"reason": "child-in-immediate-danger", "reference": "CASE-2"}
    for caller in ("ENQ", "Oak"):
        found = []
        for twin in pairs(group).twins:
            visit = Visit(twin.doors, callers("scenario-a")[caller], "POST", "/v1/emergency-access")
            for reference in (THIRD_CHILD, NO_CHILD):
                visit(f"of {reference}", json={"identifier": reference, **wanted})
            found.append(visit.said)
        assert found[0] == found[1]
        assert {status for status, _, _ in found[0].values()} == ({201} if caller == "ENQ" else {403})


@pytest.mark.req("H-10", "D-18")
def test_nobody_waits_shorter_for_what_is_hidden(pairs: PairOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something is recorded while a school waits: it ends the waiting only where the school is told of it."""
    doors = pairs("on C-2001").more.doors
    late = more("scenario-a", "X-late", "A27", "immediate-safety-measure-recorded",
                "2025-11-20T11:50:00+00:00", measure="supervision")  # fmt: skip
    hidden = more("scenario-a", "X-late-intel", "A25", "adult-involvement-suspected",
                  "2025-11-20T11:51:00+00:00", category="household-adult", status="suspected")  # fmt: skip
    waits: list[float] = []

    for post, ends in ((hidden, False), (late, True)):
        waits.clear()

        async def sleep(seconds: float, post: PreparedPost = post) -> None:
            waits.append(seconds)
            if len(waits) == 2:
                await run_in_threadpool(record, doors, post)

        monkeypatch.setattr("hub.api.notices.anyio", SimpleNamespace(sleep=sleep))
        school = Visit(doors, Caller("waits", "education.oak-school"), "GET", "/v1/notices")
        everything = school(f"before {post.ref}", query={"limit": "100"}).json()
        found = school(f"waits {post.ref}", query={"cursor": everything["cursor"], "wait": "9"}).json()
        assert bool(found["notices"]) is ends
        assert len(waits) == (2 if ends else 9)


def record(doors: Doors, post: PreparedPost) -> None:
    """A post comes in, and whoever is told of it is told."""
    doors.play([post])
    notifying = notifying_of(doors.hub)
    notifying.look(doors.hub.store.clock.domain())
    assert notifying.faults == 0
