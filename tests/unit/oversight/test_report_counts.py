"""What reports count of each child is kept, and is at every moment what counting everything anew gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Sequence as Sequence_
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from hub.errors import HubError
from hub.identity.records import ReferenceResolved
from hub.oversight import counting
from hub.oversight.counting import Counting, OfChild
from hub.pathway.reports import ReportYear
from hub.views import ChildView
from tests.unit.intake.world import AUTHOR, ELM, HUB_IG, N_CSC, OAK, S_CSC, Sequence, World, about, world_in

YEAR = ReportYear(2025)
TIME = "2025-09-12T15:00:00+01:00"
LATER = "2025-09-13T15:00:00+01:00"
NAMES = "abcdef"
T = TypeVar("T")
JOINED = datetime(2025, 9, 13, 15, tzinfo=UTC)


class Watched:
    """The world's views, with a note of which children were folded."""

    def __init__(self, world: World) -> None:
        self._views = world.views
        self.folded: list[str] = []
        self.fails_at: str | None = None

    def child(self, child: str) -> ChildView:
        self.folded.append(child)
        if child == self.fails_at:
            raise HubError("views-behind")
        return self._views.child(child)


class Counted:
    """A hub whose counts are kept, beside one that has kept nothing."""

    def __init__(self, folder: Path, world: World) -> None:
        self.world = world
        self.watched = Watched(world)
        self.kept = self.make(self.watched)

    def make(self, views: object) -> Counting:
        world = self.world
        return Counting(
            record=world.record, views=views, identity=world.identity, directory=world.directory
        )  # fmt: skip

    def look(self, year: ReportYear = YEAR) -> tuple[dict[str, OfChild], set[str]]:
        """What is counted of each child, equal to counting anew, and which children were folded for it."""
        self.watched.folded.clear()
        children = list(self.world.identity.children())
        found = self.kept.children(year)
        assert found == self.make(self.world.views).children(year)
        assert len(self.watched.folded) == len(set(self.watched.folded))
        return dict(zip(children, found, strict=True)), set(self.watched.folded)

    def child(self, name: str) -> str:
        return self.world.identity.resolve(f"local:{N_CSC}:{name}") or ""

    def opened(self, name: str, by: str = N_CSC) -> str:
        reference = f"local:{N_CSC}:{name}"
        self.world.post(
            by, "child-stream-opened", reference, TIME, identifiers=[reference], responsible_authority=by,
            date_of_birth="2012-03-04",
        )  # fmt: skip
        return self.child(name)

    def told(
        self, name: str, *others: str, by: str = ELM, time: str = TIME, **data: object
    ) -> dict[str, object]:
        named = [{"ref": f"local:{N_CSC}:{one}", "role": "has-been-harmed"} for one in others]
        given = {"role": "has-harmed", "status": "alleged", "place_kind": "home"} | data
        return self.world.post(
            by, "incident-recorded", f"local:{N_CSC}:{name}", time, others=named or None, **given
        )  # fmt: skip


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Counted]:
    """Three children: one of N, told of once; one of S; one that nobody has opened."""
    with world_in(tmp_path) as world:
        found = Counted(tmp_path, world)
        found.opened("a")
        found.told("a")
        found.opened("b", S_CSC)
        found.told("c", by=OAK)
        yield found


@pytest.mark.req("R-184")
def test_who_has_not_changed_is_not_folded_again(hub: Counted) -> None:
    a, b, c = (hub.child(one) for one in "abc")
    found, folded = hub.look()
    assert folded == {a, b, c}
    assert (found[a].authority, found[b].authority, found[c].authority) == (N_CSC, S_CSC, None)
    assert found[a].counted is not None and found[b].counted is found[c].counted is None
    assert hub.look()[1] == set()
    hub.world.directory.add_person(f"{OAK}/dsl-2", ("designated-safeguarding-lead",))
    assert hub.look()[1] == set()
    hub.told("a", time=LATER)
    found, folded = hub.look()
    assert folded == {a} and found[a].counted is not None and found[a].counted.incidents == 2


@pytest.mark.req("R-184")
def test_corrections_and_retractions_count_at_once(hub: Counted) -> None:
    a, told = hub.child("a"), hub.told("b", by=OAK)
    assert hub.look()[0][a].counted is not None
    corrected(hub.world, OAK, "b", told, LATER)
    counted = hub.look()[0][hub.child("b")].counted
    assert counted is not None and counted.side == "has-been-harmed" and not counted.places
    hub.world.post(
        OAK, "event-retracted", f"local:{N_CSC}:b", LATER, about=about(told), reason="entered-in-error"
    )
    assert hub.look()[0][hub.child("b")].counted is None


@pytest.mark.req("R-184", "H-05")
def test_erasing_a_child_or_a_link_moves_no_stream_and_counts_at_once(hub: Counted) -> None:
    hub.told("b", "a", by=OAK)
    found, _ = hub.look()
    assert found[hub.child("a")].authority == N_CSC
    links = [one.stream for one in hub.world.record.log(0, 1000) if one.type == "link-sealed"]
    hub.world.record.destroy_key(links[0])
    assert len(hub.look()[1]) == 3
    a = hub.child("a")
    hub.world.record.destroy_key(f"child/{a}")
    found, _ = hub.look()
    assert found[a] == OfChild(None, None, None)


@pytest.mark.req("R-184")
def test_a_link_that_another_childs_record_makes_counts_for_both(hub: Counted) -> None:
    """A meeting that the authority of a linked child held is a step for this one, once they are linked."""
    a, b = hub.child("a"), hub.child("b")
    hub.world.post(S_CSC, "meeting-held", f"local:{N_CSC}:a", TIME, kind="strategy", meeting="M-1")
    found, _ = hub.look()
    assert "meeting" not in found[a].counted.steps
    hub.told("b", "a", by=OAK)
    found, folded = hub.look()
    assert folded == {a, b} and "meeting" in found[a].counted.steps
    # From now on each follows what the other's record says.
    hub.told("b", by=OAK, time=LATER)
    assert hub.look()[1] == {a, b}


@pytest.mark.req("R-184")
def test_a_count_that_breaks_off_keeps_no_half(hub: Counted) -> None:
    a, b, c = (hub.child(one) for one in "abc")
    hub.world.post(S_CSC, "meeting-held", f"local:{N_CSC}:a", TIME, kind="strategy", meeting="M-1")
    hub.look()
    hub.told("b", "a", by=OAK)
    hub.told("c", by=OAK, time=LATER)
    hub.watched.fails_at = c
    with pytest.raises(HubError):
        hub.kept.children(YEAR)
    hub.watched.fails_at = None
    found, folded = hub.look()
    assert folded == {a, b, c} and "meeting" in found[a].counted.steps


@pytest.mark.req("R-184", "H-05")
def test_streams_that_are_joined_are_one_child(hub: Counted) -> None:
    hub.told("c", "b", by=OAK, time=LATER)
    a, b, c = (hub.child(one) for one in "abc")
    hub.look()
    decision = ReferenceResolved(c, a, "same-record", f"{HUB_IG}/idr-1", JOINED)
    hub.world.identity.join(decision, hub.world.chance.uuid())
    found, folded = hub.look()
    assert folded == {a, b} == found.keys() and found[a].counted.incidents == 3


@pytest.mark.req("R-184")
@pytest.mark.parametrize(
    "change",
    [
        lambda directory: directory.adopt_profile(N_CSC, "llr-2024"),
        lambda directory: directory.add_organisation(OAK, "Oak School", N_CSC),
        lambda directory: directory.add_person(f"{S_CSC}/eh-1", ("early-help-worker",)),
    ],
    ids=["procedure", "area", "office"],
)
def test_what_the_directory_says_of_organisations_is_what_counts_rest_on(
    hub: Counted, change: Callable[[object], None]
) -> None:
    hub.look()
    change(hub.world.directory)
    assert len(hub.look()[1]) == 3


@pytest.mark.req("R-184")
def test_another_record_in_the_place_of_this_one_is_counted_anew(hub: Counted) -> None:
    """As after a restore in place: positions and versions alone do not say of which record they are."""
    hub.look()
    hub.kept._place = (hub.kept._place[0], b"another")
    assert len(hub.look()[1]) == 3


@pytest.mark.req("R-184")
def test_children_of_whom_a_restored_record_lacks_something_are_not_kept(
    hub: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = hub.child("a")
    hub.look()
    lacking = {f"child/{a}"}
    monkeypatch.setattr(hub.world.record, "lacks", lambda streams: bool(lacking & {*streams}))
    assert hub.look()[0][a] == OfChild(None, None, None)
    assert hub.look()[1] == {a}
    lacking.clear()
    assert hub.look()[0][a].authority == N_CSC
    assert hub.look()[1] == set()


@pytest.mark.req("R-184")
def test_what_is_kept_is_bounded_and_holds_no_text(hub: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.told("a", time=LATER, place_kind="CANARY-KEPT", narrative="CANARY-KEPT")
    monkeypatch.setattr(counting, "_MOST_CHILDREN", 2)
    hub.look()
    assert len(hub.look()[1]) == 1
    for begins_in in (2024, 2023, 2025):
        hub.look(ReportYear(begins_in))
    assert [one.begins_in for one in hub.kept._years] == [2023, 2025]
    assert "CANARY" not in repr(hub.kept._years)


class Walk:
    """What may happen to a hub, in any order; what the hub refuses has not happened."""

    def __init__(self, hub: Counted, seed: int) -> None:
        self.hub, self.world = hub, hub.world
        self.chance = Sequence()
        self.chance.bytes(1 + seed)
        self.seed = seed
        self.told: list[tuple[str, str, dict[str, object]]] = []
        self.happens = [
            self.tells, self.tells, self.tells, self.opens, self.meets, self.assesses, self.retracts,
            self.corrects, self.joins, self.erases, self.adopts,
        ]  # fmt: skip

    def one_of(self, choices: Sequence_[T]) -> T:
        drawn = self.chance.bytes(8 + self.seed)
        return choices[int.from_bytes(drawn[-8:], "big") % len(choices)]

    def step(self, number: int) -> None:
        self.at = f"2025-10-{1 + number % 28:02}T10:00:00+01:00"
        with suppress(HubError):
            self.one_of(self.happens if self.told else [self.tells])()

    def reference(self) -> str:
        return f"local:{N_CSC}:{self.one_of(NAMES)}"

    def by(self) -> str:
        return self.one_of((ELM, OAK, N_CSC, S_CSC))

    def tells(self) -> None:
        name, other, by = self.one_of(NAMES), self.one_of(NAMES), self.by()
        self.told.append((name, by, self.hub.told(name, *{other} - {name}, by=by, time=self.at)))

    def opens(self) -> None:
        self.hub.opened(self.one_of(NAMES), self.one_of((N_CSC, S_CSC)))

    def meets(self) -> None:
        by = self.one_of((N_CSC, S_CSC))
        self.world.post(by, "meeting-held", self.reference(), self.at, kind="strategy", meeting="M-1")

    def assesses(self) -> None:
        self.world.post(
            self.one_of((N_CSC, S_CSC)), "assessment-started", self.reference(), self.at, kind="single"
        )

    def retracts(self) -> None:
        name, by, event = self.one_of(self.told)
        self.world.post(
            by, "event-retracted", f"local:{N_CSC}:{name}", self.at, about=about(event),
            reason="entered-in-error",
        )  # fmt: skip

    def corrects(self) -> None:
        name, by, event = self.one_of(self.told)
        corrected(self.world, by, name, event, self.at)

    def joins(self) -> None:
        one, other = self.hub.child(self.one_of(NAMES)), self.hub.child(self.one_of(NAMES))
        decision = ReferenceResolved(one, other, "same", f"{HUB_IG}/idr-1", JOINED)
        self.world.identity.join(decision, self.world.chance.uuid())

    def erases(self) -> None:
        self.world.record.destroy_key(f"child/{self.hub.child(self.one_of(NAMES))}")

    def adopts(self) -> None:
        self.world.directory.adopt_profile(N_CSC, self.one_of(("llr-2024", "darlington-2025")))


def corrected(world: World, by: str, name: str, event: dict[str, object], at: str) -> None:
    replacement = {
        "occurred_at": "2025-09-10", "precision": "day", "author": AUTHOR[by], "role": "has-been-harmed",
        "status": "alleged",
    }  # fmt: skip
    world.post(
        by, "event-corrected", f"local:{N_CSC}:{name}", at, about=about(event), reason="said",
        replacement=replacement,
    )  # fmt: skip


@pytest.mark.req("R-184", "H-05")
def test_after_whatever_happens_the_kept_counts_are_those_of_counting_anew(hub: Counted) -> None:
    walk, seen = Walk(hub, 1), set()
    for number in range(24):
        walk.step(number)
        seen.add(repr(sorted(hub.look()[0].items())))
    assert len(seen) > 5


@pytest.mark.slow
@pytest.mark.req("R-184", "H-05")
@pytest.mark.parametrize("seed", range(1, 5))
def test_after_whatever_happens_in_a_long_time(hub: Counted, seed: int) -> None:
    walk = Walk(hub, seed)
    for number in range(60):
        walk.step(number)
        hub.look()
