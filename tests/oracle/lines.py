"""Which coded lines the text allows a reader, and which it owes: D-11, D-22, D-26, D-31, D-35, D-36, D-51."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tests.oracle.authorities import authority
from tests.oracle.bases import standings
from tests.oracle.model import Happening, Reader, Standing, World

# To whom a measure speaks, by the place it names (D-31: to schools, carers and health).
PLACES = {
    "school": {"school", "child", "everyone", "transport", "club"},
    "carer": {"home", "child", "everyone", "transport", "club"},
    "health": {"child", "everyone"},
    "therapist": {"child", "everyone"},
    "police": {"child", "everyone", "school", "home", "transport", "club"},
    "spoc": {"child", "everyone"},
    "early-help": {"child", "everyone"},
    "group-member": {"child", "everyone"},
}
# What is owed without doubt: a school its own place, a carer the home, both what is for the child.
OWED = {"school": {"school", "child", "everyone"}, "carer": {"home", "child", "everyone"}}
MEASURED = (
    "risk-management-plan-recorded",
    "setting-risk-assessment-recorded",
    "immediate-safety-measure-recorded",
)
INTEL = ("adult-involvement-suspected", "exploitation-link-considered")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line: its code, the child and number of the event it rests on, and for a measure what it says."""

    code: str
    child: str
    number: int
    says: tuple[str, str] | None = None


def allowed(world: World, reader: Reader, child: str, now: datetime) -> set[Wanted]:
    """Every line that some reading allows."""
    known = world.known(now)
    return {
        line
        for standing in standings(world, child, reader, now)
        for line in (
            *_own(known, reader, child, standing),
            *_carried(known, reader, child, standing, now, False),
        )
    }


def owed(world: World, reader: Reader, child: str, now: datetime) -> set[Wanted]:
    """The lines that every reading demands."""
    known = world.known(now)
    found: set[Wanted] | None = None
    for standing in standings(world, child, reader, now):
        csc = authority(known, child)
        lines = {
            one
            for one in (
                *_measures(known, child, standing, OWED, csc),
                *_pointers(known, reader, child, standing, now),
                *_carried(known, reader, child, standing, now, True),
            )
        }
        found = lines if found is None else found & lines
    return found or set()


def _own(world: World, reader: Reader, child: str, standing: Standing) -> Iterator[Wanted]:
    yield from _measures(world, child, standing, PLACES, None)
    columns = standing.columns
    for event in world.current(child):
        if event.type in INTEL and "own-worker" in columns:
            yield Wanted("police-hold-information", child, event.number)
        if event.type == "incident-linked" and columns & {"own-worker", "team-manager", "safeguarding-unit"}:
            yield Wanted("linked-record", child, event.number)
        if "school" in columns and "has-harmed" in standing.sides:
            if event.type == "criminal-investigation-decided" and event["decision"] == "investigate":
                yield Wanted("police-involved", child, event.number)
            if event.type in ("criminal-outcome-recorded", "no-further-action-decided"):
                yield Wanted("plan-continues", child, event.number)
        # The mentioned child's own school or health visitor is told on that child's stream (D-42).
        ours = event.type == "child-mentioned" and reader.organisation in (event["known_to"] or [])
        if ours and columns & {"school", "health"}:
            yield Wanted("child-considered", child, event.number)
        if ours and "carer" in columns:  # B07
            yield Wanted("own-child-in-plan", child, event.number)
        if event.type == "victimisation-considered" and "carer" in columns:  # B08: a line on care
            yield Wanted("care-needs", child, event.number)


def _pointers(
    world: World, reader: Reader, child: str, standing: Standing, now: datetime
) -> Iterator[Wanted]:
    """The lines about the child itself that take the place of an entry: D-05, D-35, D-36, D-42, D-51."""
    for event in world.current(child):
        ours = event.type == "child-mentioned" and reader.organisation in (event["known_to"] or [])
        if ours and ("school" in standing.columns or reader.role == "health-visitor"):
            if standing.columns & {"school", "health"}:
                yield Wanted("child-considered", child, event.number)
        if event.type == "victimisation-considered" and event["outcome"] == "established":
            if "carer" in standing.columns:
                yield Wanted("care-needs", child, event.number)
        police = event.organisation.startswith("police.")
        if (
            "own-worker" in standing.columns
            and event.type == "adult-involvement-suspected"
            and event["category"]
        ):
            yield Wanted("police-hold-information", child, event.number)
        if "own-worker" in standing.columns and event.type == "incident-linked":
            if all(_link(world, child, other, now, True) for other, _ in event.others):
                yield Wanted("linked-record", child, event.number)
        if "school" in standing.columns and standing.sides == {"has-harmed"} and police:
            if event.type == "criminal-investigation-decided" and event["decision"] == "investigate":
                yield Wanted("police-involved", child, event.number)
            if event.type == "criminal-outcome-recorded" and str(event["outcome"]).startswith("nfa"):
                yield Wanted("plan-continues", child, event.number)


def _measures(
    world: World, child: str, standing: Standing, places: dict[str, set[str]], csc: str | None
) -> Iterator[Wanted]:
    """The measures of this child's own entries, as lines; `csc` limits them to those it posted."""
    for event in world.current(child):
        if event.type not in MEASURED or (csc is not None and event.organisation != csc):
            continue
        for one in event["measures"] or []:
            # The measures of the plan are the group's (D-24); others are not told to it as such.
            columns = standing.columns - ({"group-member"} if event.type != MEASURED[0] else set())
            if any(one["for"] in places.get(column, ()) for column in columns):
                yield Wanted("safety-measure", child, event.number, (one["for"], one["code"]))


def _carried(
    world: World, reader: Reader, child: str, standing: Standing, now: datetime, owed_only: bool
) -> Iterator[Wanted]:
    """D-31: from the stream of the child who has harmed to the worker of the harmed child, never back."""
    if "carer" in standing.columns and not owed_only:
        yield from _for_carers(world, reader, child, standing, now)
    if "own-worker" not in standing.columns:
        return
    for other in world.born:
        # Anybody may post an incident; owed are lines where the authority itself says who has harmed.
        csc = authority(world, other)
        said = [one for one in world.current(other) if one.type == "incident-recorded"]
        sides = {one["role"] for one in said if one.organisation == csc or not owed_only}
        if other == child:
            continue
        for event in world.current(other):
            if not owed_only and event.type == "referral-made" and event.organisation == reader.organisation:
                yield Wanted("referral-receipt", other, event.number)
        if "has-harmed" not in sides or not _link(world, child, other, now, owed_only):
            continue
        # Without an incident of its own a child may be the harmed one by the link, or a sibling.
        if standing.sides == {"has-harmed"} or (owed_only and standing.sides != {"has-been-harmed"}):
            continue
        lifted = _lifted(world.current(other))
        for event in world.current(other):
            code, sure = _fact(event, child, csc, lifted)
            near = event.organisation.startswith("police.") or event.organisation == csc
            near = near or world.areas.get(event.organisation) == csc
            if code is not None and ((sure and near) or not owed_only):
                yield Wanted(code, other, event.number)
            for one in event["measures"] or [] if event.type in MEASURED else []:
                place, _, number = str(one["for"]).partition(":")
                # A correction may still speak of a child by a number whom it names no more.
                ours = place == "other" and [who for who, _ in event.others][int(number) - 1 :][:1] == [child]
                if ours and (event.organisation == csc or not owed_only):
                    yield Wanted(
                        "safety-measure-for-linked-child", other, event.number, ("child", one["code"])
                    )


def _for_carers(
    world: World, reader: Reader, child: str, standing: Standing, now: datetime
) -> Iterator[Wanted]:
    """B02, B07: to who cares for a harmed child, of the child who has harmed: safety, and their own child."""
    for other in set(world.born) - {child}:
        if standing.sides == {"has-harmed"} or not _link(world, child, other, now, False):
            continue
        for event in world.current(other):
            here = any(one == child for one, _ in event.others)
            if event.type == "incident-recorded" and event["role"] == "has-harmed" and here:
                yield Wanted("safety-in-home", other, event.number)
            if event.type == "child-mentioned" and reader.organisation in (event["known_to"] or []):
                yield Wanted("own-child-in-plan", other, event.number)


def _lifted(events: Iterable[Happening]) -> set[int]:
    """The stages that end conditions: bail or remand without any, where there were some (D-31: changed)."""
    found, under = set(), False
    for one in events:
        if one.type != "court-stage-recorded":
            continue
        if one["conditions"]:
            under = True
        elif one["stage"] in ("bail", "remand"):
            if under:
                found.add(one.number)
            under = False
    return found


def _fact(event: Happening, child: str, csc: str | None, lifted: set[int]) -> tuple[str | None, bool]:
    """The code that an event gives the worker of the other child, and whether it is owed without doubt."""
    police, own = event.organisation.startswith("police."), event.organisation == csc
    match event.type:
        case "incident-recorded" if event["role"] == "has-harmed" and any(
            one == child for one, _ in event.others
        ):
            return "linked-incident-recorded", own
        case "criminal-investigation-decided" if event["decision"] == "investigate":
            return "investigation-opened", police
        case "court-stage-recorded" if event["conditions"] or event.number in lifted:
            return "conditions-changed", True
        case "child-circumstance-recorded" if event["kind"] == "placement":
            return "contact-place-changed", own
        case "place-declared" | "child-moved-area":
            return "contact-place-changed", False
        case "custody-release-notified":
            return "release", True
        case "conviction-recorded":
            return "conviction", True
        case "criminal-outcome-recorded" if str(event["outcome"]).startswith("nfa"):
            return "criminal-matters-ended", police
        case "no-further-action-decided" if police:
            return "criminal-matters-ended", False
        case "engagement-changed" if event["engagement"] in ("unable", "refused"):
            return "not-engaging", own and event["engagement"] == "refused"
        case "risk-management-plan-recorded":
            return "plan-changed", own
        case "plan-reviewed" | "plan-started" | "plan-place-covered":
            return "plan-changed", False
        case "child-mentioned" | "contact-children-risk-assessed":
            return "another-child-considered", False
    return None, False


def _link(world: World, child: str, other: str, now: datetime, owed_only: bool) -> bool:
    """Whether a link may carry facts: its poster stands on both streams, or each authority names the other.

    A link is sure to carry where its poster answers for both children, or is police with a current basis on
    both; it may where its poster has ever stood on both.
    """
    for first, second in ((child, other), (other, child)):
        for event in world.current(first):
            if event.type != "incident-linked" or second not in {one for one, _ in event.others}:
                continue
            if all(_stands(world, one, event.organisation, now, owed_only) for one in (first, second)):
                return True
    return not owed_only and all(
        any(
            one.organisation == authority(world, here) and there in {who for who, _ in one.others}
            for one in world.current(here)
        )
        for here, there in ((child, other), (other, child))
    )


def _stands(world: World, child: str, organisation: str, now: datetime, surely: bool) -> bool:
    if authority(world, child) == organisation:
        return True
    if surely:
        someone = Reader(f"{organisation}/nobody", "police-officer")
        found = standings(world, child, someone, now)
        return all("police" in one.columns and not one.consult_only and not one.young for one in found)
    return any(
        organisation
        in (
            one["organisation"],
            *(str(one[who]).partition("/")[0] for who in ("worker", "person", "coordinator")),
        )
        or organisation in (one["schools"] or ())
        for one in world.current(child)
    )
