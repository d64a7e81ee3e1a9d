"""What is owed to a child who is convicted, released, or moves to another authority."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from hub.pathway.calendar import london_day, start_of_day
from hub.pathway.circumstances import harm_done
from hub.pathway.course import latest, says, service, since
from hub.pathway.entries import Entry
from hub.pathway.expected.missing import Find, Members, Missing, expect, setting, waited
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import as_given, day, given_of, instant_of, of_type, text
from hub.pathway.profiles import authority

OWN: Final[Members] = {"child-stream-opened": ("responsible_authority",)}
MOVED: Final[Members] = {"child-moved-area": ("step", "from_authority", "to_authority")}
RELEASED: Final[Members] = {"custody-release-notified": ("release_date", "to_authority")}
DECIDED_ON_CONVICTION: Final = "referral-on-conviction"
TOLD_ON_RELEASE: Final = "coordinator-told-on-release"
PACK: Final[Mapping[str, tuple[str, str | None]]] = {
    "assessment": ("assessment-started", None),
    "meeting": ("meeting-held", "hsb"),
    "plan": ("risk-management-plan-recorded", None),
}
"""What a child who comes back or moves in gets in full: the event that is it, and its kind."""


def not_acknowledged(look: Look) -> Iterator[Missing]:
    """R-157: a move was notified, and the receiving authority has not acknowledged it in time."""
    for moved in _unacknowledged(look):
        if waited(look, moved, "move_acknowledged_working_days"):
            yield _move(look, moved, text(moved, "to_authority"))


def responsibility_stays(look: Look) -> Iterator[Missing]:
    """R-157: until the receiving authority acknowledges a move, the old one stays responsible."""
    for moved in _unacknowledged(look):
        if waited(look, moved, "move_acknowledged_working_days"):
            yield _move(look, moved, text(moved, "from_authority") or authority(look.material))


def places_not_declared(look: Look) -> Iterator[Missing]:
    """R-157: the move was acknowledged, and no place in the new area has been declared since."""
    moved = _last(look, "acknowledged")
    if moved is not None and not since(look.material.entries, moved, "place-declared"):
        yield Missing(instant_of(moved), (moved,), text(moved, "to_authority"))


def not_in_full(step: str) -> Find:
    """R-085: a child who has harmed moved in or is to be released, and a step of the procedure is missing.

    1. It is owed by the receiving authority from the notice of the release, or from the acknowledged move.
    2. The step counts from the day of that notice or move on.
    """
    type, kind = PACK[step]

    def find(look: Look) -> Iterator[Missing]:
        moved, released = _last(look, "acknowledged"), latest(look.material.entries, *RELEASED)
        starts = as_given(one for one in (moved, released) if one is not None)
        if not starts or not harm_done(look.material):  # 1.
            return
        start = starts[-1]
        done = since(look.material.entries, start, type)
        if not any(kind is None or says(one, "kind", kind) for one in done):  # 2.
            receiving = text(start, "to_authority") or authority(look.material)
            due = day(start, "release_date")
            yield Missing(
                instant_of(start), (start,), receiving, values={"due": due.isoformat()} if due else {}
            )

    return find


def released_without_plan(look: Look) -> Iterator[Missing]:
    """R-174: the day of the release has come, and the joint assessment, meeting or plan is missing."""
    entries = look.material.entries
    released = latest(entries, *RELEASED)
    on = day(released, "release_date") if released else None
    if released is None or on is None or london_day(look.now) < on:
        return
    left = []
    for step, (type, kind) in PACK.items():
        done = since(entries, released, type)
        if not any(kind is None or says(one, "kind", kind) for one in done):
            left.append(step)
    if left:
        yield Missing(
            max(instant_of(released), start_of_day(on)), (released,),
            text(released, "to_authority") or authority(look.material),
            values={"missing": left, "release_date": on.isoformat(), "youth_justice": released.organisation},
        )  # fmt: skip


def coordinator_not_told(look: Look) -> Iterator[Missing]:
    """R-172: a child convicted of offences against children is released, and the coordinator was not told."""
    entries = look.material.entries
    if look.profile is None or look.profile.mappa.value != TOLD_ON_RELEASE:
        return
    convicted = [
        one for one in given_of(entries, "conviction-recorded") if text(one, "against_children") == "yes"
    ]
    released = latest(entries, *RELEASED)
    if not convicted or released is None:
        return
    # To have been told of the conviction is not to have been told of the release.
    if not since(entries, released, "mappa-notified"):
        yield Missing(
            max(instant_of(convicted[0]), instant_of(released)), (convicted[0], released),
            released.organisation, released.author,
        )  # fmt: skip


def no_mappa_decision(look: Look) -> Iterator[Missing]:
    """R-171: a child was convicted, and whether the criteria are met has not been decided since."""
    entries = look.material.entries
    convicted = latest(entries, "conviction-recorded")
    if look.profile is None or look.profile.mappa.value != DECIDED_ON_CONVICTION:
        return
    if convicted is not None and not since(entries, convicted, "mappa-decision-recorded"):
        agency = service(entries, "youth-justice") or convicted.organisation
        yield Missing(instant_of(convicted), (convicted,), agency)


def release_not_notified(look: Look) -> Iterator[Missing]:
    """R-173: the day on which custody ends is known, and children's social care was not told of it."""
    entries = look.material.entries
    known = [
        one
        for one in given_of(entries, "child-circumstance-recorded")
        if text(one, "kind") == "custody" and day(one, "until") is not None
    ]
    if not known or since(entries, known[-1], *RELEASED):
        return
    ends = day(known[-1], "until") or date.max
    yield Missing(
        instant_of(known[-1]), (known[-1],), service(entries, "youth-justice"),
        values={"until": ends.isoformat(), "social_care": authority(look.material)},
    )  # fmt: skip


def _last(look: Look, step: str) -> Entry | None:
    moves = [one for one in of_type(look.material.entries, *MOVED) if text(one, "step") == step]
    return as_given(moves)[-1] if moves else None


def _unacknowledged(look: Look) -> list[Entry]:
    """Moves that were notified and that the receiving authority has not acknowledged by its own event."""
    entries = look.material.entries
    return [
        one
        for one in given_of(entries, *MOVED)
        if text(one, "step") == "notified"
        and one.organisation in (None, text(one, "from_authority"), text(one, "to_authority"))
        and not _acknowledged(entries, one)
    ]


def _acknowledged(entries: tuple[Entry, ...], moved: Entry) -> bool:
    receiving = text(moved, "to_authority")
    return any(
        says(one, "step", "acknowledged")
        and says(one, "to_authority", receiving or "")
        and one.organisation in (None, receiving)
        for one in since(entries, moved, *MOVED)
    )


def _move(look: Look, moved: Entry, agency: str | None) -> Missing:
    return Missing(
        instant_of(moved), (moved,), agency,
        values={"from": text(moved, "from_authority"), "to": text(moved, "to_authority")},
        settings=setting(look, "move_acknowledged_working_days"),
    )  # fmt: skip


HARM: Final[Members] = {**OWN, "incident-recorded": ("role", "status", "others")}
ACKNOWLEDGING: Final[Members] = {"child-moved-area": ("step", "from_authority", "to_authority", "poster")}
STEP_WORDS: Final = {
    "assessment": "No assessment has been started since the child came back or moved in.",
    "meeting": "The meeting about behaviour has not been held since the child came back or moved in.",
    "plan": "No risk management plan has been made since the child came back or moved in.",
}

RULES: Final[tuple[Expected, ...]] = (
    *(
        expect(
            f"R-085-{step}",
            "S3 s.4; S5 s.8; S5 s.16",
            text=STEP_WORDS[step],
            why="A child who comes back from custody or moves in gets the full procedure early.",
            role="social-worker",
            starts={**HARM, **MOVED, **RELEASED},
            meets={type: ("kind",) if kind else (), **MOVED, **RELEASED},
            find=not_in_full(step),
        )
        for step, (type, kind) in PACK.items()
    ),
    expect(
        "R-157-acknowledge",
        "S5 s.16; S3 s.4",
        text="The receiving authority has not acknowledged that the child has moved.",
        why="Responsibility passes only when the receiving authority acknowledges it.",
        role="team-manager",
        starts={**OWN, **MOVED},
        meets=ACKNOWLEDGING,
        find=not_acknowledged,
        outlives_closure=True,
    ),
    expect(
        "R-157-responsible",
        "S5 s.16; S3 s.4",
        text="Responsibility stays with the authority that the child moves from.",
        why="The receiving authority has not acknowledged the move.",
        role="team-manager",
        starts={**OWN, **MOVED},
        meets=ACKNOWLEDGING,
        find=responsibility_stays,
        outlives_closure=True,
    ),
    expect(
        "R-157-places",
        "S5 s.16; S3 s.4",
        text="The places where the child now spends time have not been declared.",
        why="The child has moved, and places and plans are declared anew in the new area.",
        role="social-worker",
        starts=MOVED,
        meets={"place-declared": ()},
        find=places_not_declared,
    ),
    expect(
        "R-171",
        "S5 s.15; S5 s.6",
        text="Whether the criteria of multi-agency public protection are met has not been decided.",
        why="The child was convicted.",
        role=None,
        starts={"conviction-recorded": ()},
        meets={"mappa-decision-recorded": ()},
        find=no_mappa_decision,
    ),
    expect(
        "R-172",
        "S3 s.4",
        text="The coordinator of multi-agency public protection has not been notified.",
        why="A child convicted of offences against children is to be released into the community.",
        role="youth-justice-worker",
        starts={"conviction-recorded": ("against_children",), **RELEASED},
        meets={"mappa-notified": (), **RELEASED},
        find=coordinator_not_told,
        outlives_closure=True,
    ),
    expect(
        "R-173",
        "S5 s.16",
        text="Children's social care has not been notified of the release.",
        why="The day on which custody ends is known, and youth justice tells social care.",
        role="youth-justice-worker",
        starts={**OWN, "child-circumstance-recorded": ("kind", "until")},
        meets={"custody-release-notified": ()},
        find=release_not_notified,
        outlives_closure=True,
    ),
    expect(
        "R-174",
        "S5 s.16; S3 s.4",
        text="The child is released without all of a joint assessment, a meeting and a plan.",
        why="Social care and youth justice make them together before the release.",
        role="social-worker",
        starts={**OWN, **RELEASED},
        meets={
            "assessment-started": (),
            "meeting-held": ("kind",),
            "risk-management-plan-recorded": (),
            **RELEASED,
        },
        find=released_without_plan,
        outlives_closure=True,
    ),
)
