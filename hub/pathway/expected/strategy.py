"""Strategy meetings, and what has to follow from them: what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hub.pathway.child import incidents
from hub.pathway.circumstances import HARMED, HAS_HARMED, happened_from, held
from hub.pathway.course import earliest, latest, since
from hub.pathway.entries import Entry
from hub.pathway.expected.missing import (
    Members,
    Missing,
    by_poster,
    expect,
    of_authority,
)
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import (
    given_of,
    instant_of,
    of_type,
    organisation_kind,
    parts,
    text,
    truth,
)
from hub.pathway.profiles import authority

CHILD: Final[Members] = {"child-stream-opened": ("responsible_authority",)}
INCIDENTS: Final[Members] = {"incident-recorded": ("role", "status", "others")}
HELD: Final[Members] = {"meeting-held": ("kind",)}
MET: Final[Members] = {"meeting-convened": ("kind",), "meeting-held": ("kind",)}
SEPARATE: Final = "separate-meetings-decided"
OPEN_ANSWERS: Final = frozenset({"not-done", "not-known-yet", "not-answered", "refused"})


def no_strategy_meeting(look: Look) -> Iterator[Missing]:
    """R-078: significant harm is suspected or police investigate, and no strategy meeting was arranged.

    Only where the local procedure sets no hours: where it does, the clock says it.
    """
    entries = look.material.entries
    profile = look.profile
    if profile is None or profile.strategy_clock is not None:
        return
    triggers = of_type(entries, "section-47-enquiry-initiated")
    triggers += [
        one
        for one in of_type(entries, "criminal-investigation-decided")
        if text(one, "decision") == "investigate"
    ]
    start = earliest(triggers)
    if start is None:
        return
    first = min((happened_from(one) for one in incidents(entries)), default=instant_of(start))
    met = [one for one in of_type(entries, *MET) if text(one, "kind") == "strategy"]
    if not any(instant_of(one) >= min(first, instant_of(start)) for one in met):
        yield of_authority(look, start)


def not_decided_separate(look: Look) -> Iterator[Missing]:
    """R-079: a meeting is arranged, children on both sides are known, separate meetings undecided.

    1. An incident names a child on the other side.
    2. One decision serves all children of the incident and may stand on any record: without sight of each
       of them nothing is said.
    3. Nobody has decided, on this record or on theirs.
    """
    material = look.material
    arranged = [one for one in of_type(material.entries, *MET) if text(one, "kind") == "strategy"]
    start = earliest(arranged)
    facing = {HARMED: HAS_HARMED, HAS_HARMED: HARMED}
    both = [
        (one, other)
        for one in incidents(material.entries)
        for other in one.others
        if other.role is not None and other.role == facing.get(text(one, "role") or "")
    ]
    if start is None or not both:  # 1.
        return
    named = {other.child for _, other in both}
    if material.complete is not None and not all(
        one in material.linked and material.reads({SEPARATE: ()}, one) for one in named
    ):  # 2.
        return
    records = [material.entries, *(material.linked.get(one or "", ()) for one in named)]
    if not any(of_type(one, SEPARATE) for one in records):  # 3.
        yield by_poster(look, start, both[0][0])


def police_absent(look: Look) -> Iterator[Missing]:
    """R-082: separate meetings were decided, and police did not attend this child's."""
    for one in _separate(look):
        present = {organisation_kind(text(row, "organisation")) for row in parts(one, "attendance")}
        if "police" not in present:
            yield by_poster(look, one)


def enquiry_worker_absent(look: Look) -> Iterator[Missing]:
    """R-082: separate meetings were decided, and the enquiry social worker did not attend this child's."""
    allocated = [
        one
        for one in given_of(look.material.entries, "social-worker-allocated")
        if text(one, "kind") == "enquiry"
    ]
    worker = text(allocated[-1], "worker") if allocated else None
    for one in _separate(look):
        if worker and worker not in {text(row, "person") for row in parts(one, "attendance")}:
            yield replace(by_poster(look, one, allocated[-1]), person=worker)


def _separate(look: Look) -> list[Entry]:
    decided = latest(look.material.entries, "separate-meetings-decided")
    if decided is None or truth(decided, "separate") is not True:
        return []
    return held(look.material.entries, "strategy")


def not_represented(look: Look) -> Iterator[Missing]:
    """R-084: another authority chaired the meeting, and the child's own did not represent it."""
    own = authority(look.material)
    for one in held(look.material.entries, "strategy"):
        if own is None or one.organisation in (None, own):
            continue
        if not any(
            text(row, "organisation") == own and truth(row, "represents") is not False
            for row in parts(one, "attendance")
        ):
            yield of_authority(look, one)


def no_checklist(look: Look) -> Iterator[Missing]:
    """R-086: the last strategy meeting was held, and its objectives and owners are not recorded."""
    met = _last_meeting(look)
    if met is not None and not _checklists(look, met):
        yield by_poster(look, met)


def objective_without_owner(look: Look) -> Iterator[Missing]:
    """R-086: an objective of the last strategy meeting is not done, and nobody owns it."""
    met = _last_meeting(look)
    for checklist in _checklists(look, met) if met is not None else []:
        unowned = [
            item
            for row in parts(checklist, "items")
            if text(row, "answer") in OPEN_ANSWERS
            and text(row, "owner") is None
            and (item := text(row, "item"))
        ]
        if unowned:
            yield by_poster(look, checklist, values={"items": sorted(unowned)})


def question_unanswered(look: Look) -> Iterator[Missing]:
    """R-087: a question of the last strategy meeting's list has no answer yet."""
    met = _last_meeting(look)
    for checklist in _checklists(look, met) if met is not None else []:
        asked = [
            item
            for row in parts(checklist, "items")
            if text(row, "answer") in (None, "not-answered") and (item := text(row, "item"))
        ]
        if asked:
            yield by_poster(look, checklist, values={"items": sorted(asked)})


def _last_meeting(look: Look) -> Entry | None:
    met = held(look.material.entries, "strategy")
    return met[-1] if met else None


def _checklists(look: Look, met: Entry) -> list[Entry]:
    """The last state of each list of a meeting; one that names no meeting counts from the meeting on."""
    last: dict[str, Entry] = {}
    for one in given_of(look.material.entries, "meeting-checklist-completed"):
        named = text(one, "meeting")
        if named == text(met, "meeting") or (named is None and instant_of(one) >= instant_of(met)):
            last[text(one, "checklist") or ""] = one
    return [last[name] for name in sorted(last)]


def factor_not_known(look: Look) -> Iterator[Missing]:
    """R-088: an enquiry began with factors that were not known, and no list has answered them since."""
    entries = look.material.entries
    started = latest(entries, "section-47-enquiry-initiated")
    if started is None or since(entries, started, "section-47-enquiry-concluded"):
        return
    answered = {
        text(row, "item")
        for one in since(entries, started, "meeting-checklist-completed")
        for row in parts(one, "items")
        if text(row, "answer") in ("answered", "done", "not-applicable") or text(row, "owner")
    }
    unknown = [
        code
        for row in parts(started, "factors")
        if text(row, "answer") in (None, "not-known-yet") and (code := text(row, "code"))
    ]
    left = sorted(set(unknown) - answered)
    if left:
        yield by_poster(look, started, values={"factors": left})


def no_group(look: Look) -> Iterator[Missing]:
    """R-100: several children on both sides, and nobody decided on a strategic management group."""
    entries = look.material.entries
    met = earliest(held(entries, "strategy"))
    named = incidents(entries)
    sides: dict[str, set[str]] = {HARMED: set(), HAS_HARMED: set()}
    for one in named:
        sides.setdefault(text(one, "role") or "", set()).add("this child")
        for other in one.others:
            sides.setdefault(other.role or "", set()).add(other.child or other.reference)
    if met is None or len(sides[HARMED]) < 2 or len(sides[HAS_HARMED]) < 2:
        return
    if not of_type(entries, "strategic-management-group-appointed"):
        yield by_poster(look, met, *(one for one in named if one.others))


RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-078",
        "S5 s.6; S5 s.9",
        text="A strategy meeting is expected.",
        why="Significant harm is suspected or police investigate, and agencies plan together.",
        role="team-manager",
        starts={
            **CHILD,
            **INCIDENTS,
            "section-47-enquiry-initiated": (),
            "criminal-investigation-decided": ("decision",),
        },
        meets=MET,
        find=no_strategy_meeting,
    ),
    expect(
        "R-079",
        "S3 s.4; S5 s.9",
        text="Whether each child has a separate meeting is not decided.",
        why="Children on both sides are known, and separate meetings are considered before they are held.",
        role=None,
        starts={**INCIDENTS, **MET},
        meets={"separate-meetings-decided": ()},
        find=not_decided_separate,
    ),
    expect(
        "R-082-police",
        "S5 s.9",
        text="Police did not attend the strategy meeting of this child.",
        why="Where there are separate meetings police attend both.",
        role=None,
        starts=HELD,
        meets={"separate-meetings-decided": ("separate",), "meeting-held": ("attendance",)},
        find=police_absent,
    ),
    expect(
        "R-082-enquiry",
        "S5 s.9",
        text="The enquiry social worker did not attend the strategy meeting of this child.",
        why="Where there are separate meetings the enquiry social worker attends both.",
        role="enquiry-social-worker",
        starts={**HELD, "social-worker-allocated": ("kind", "worker")},
        meets={"separate-meetings-decided": ("separate",), "meeting-held": ("attendance",)},
        find=enquiry_worker_absent,
    ),
    expect(
        "R-084",
        "S3 s.4",
        text="Nobody of the child's own authority represented the child at the meeting.",
        why="Where children live in different authorities each of them is represented.",
        role="social-worker",
        starts={**CHILD, **HELD},
        meets={"meeting-held": ("attendance", "poster")},
        find=not_represented,
    ),
    expect(
        "R-086",
        "S3 s.4; S5 s.9",
        text="The objectives of the strategy meeting and who owns them are not recorded.",
        why="The meeting plans who does what for each child.",
        role=None,
        starts={"meeting-held": ("kind", "meeting")},
        meets={"meeting-checklist-completed": ("meeting", "checklist")},
        find=no_checklist,
    ),
    expect(
        "R-086-owner",
        "S3 s.4; S5 s.9",
        text="An objective of the strategy meeting has no owner.",
        why="Each objective is done, or somebody is named to do it.",
        role=None,
        starts={"meeting-held": ("kind", "meeting")},
        meets={"meeting-checklist-completed": ("meeting", "checklist", "items")},
        find=objective_without_owner,
    ),
    expect(
        "R-087",
        "S5 s.9",
        text="A question of the strategy meeting's list is not answered.",
        why="The meeting considers each question, or says why it does not apply.",
        role=None,
        starts={"meeting-held": ("kind", "meeting")},
        meets={"meeting-checklist-completed": ("meeting", "checklist", "items")},
        find=question_unanswered,
    ),
    expect(
        "R-088",
        "S3 s.4; S5 s.10",
        text="A factor of the enquiry is not known yet, and nobody is named to find out.",
        why="Every factor is answered in time; an enquiry never waits for it.",
        role="enquiry-social-worker",
        starts={"section-47-enquiry-initiated": ("factors",)},
        meets={"section-47-enquiry-concluded": (), "meeting-checklist-completed": ("items",)},
        find=factor_not_known,
    ),
    expect(
        "R-100",
        "S5 s.9",
        text="Whether a strategic management group is needed is not decided.",
        why="Several children have been harmed and several may have harmed.",
        role="team-manager",
        starts={**INCIDENTS, **HELD},
        meets={"strategic-management-group-appointed": ()},
        find=no_group,
    ),
)
