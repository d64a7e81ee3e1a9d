"""What police and social care owe a child during an investigation and once it has ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hub.pathway.course import (
    arranged_since,
    concerns,
    investigation_ended,
    latest,
    open_investigation,
    says,
    since,
)
from hub.pathway.entries import Entry
from hub.pathway.expected.justice import in_court
from hub.pathway.expected.missing import (
    Find,
    Members,
    Missing,
    days_since,
    expect,
    of_authority,
    setting,
    waited,
)
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import day, day_of, instant_of, number, of_type, organisation_kind, parts, text
from hub.pathway.profiles import authority

OWN: Final[Members] = {"child-stream-opened": ("responsible_authority",)}
LEVELS: Final[Members] = {"behaviour-level-assessed": ("scale", "level", "poster")}
OUTCOME: Final[Members] = {"criminal-outcome-recorded": ("outcome",)}
VOLUNTARY: Final = "CL-VOL"


def criminal_only(look: Look) -> Iterator[Missing]:
    """R-162: police investigate, and no assessment was begun within the setting's working days."""
    entries = look.material.entries
    started = open_investigation(entries)
    if started is None or not waited(look, started, "criminal_only_working_days"):
        return
    if not of_type(entries, "assessment-started", "assessment-completed"):
        yield Missing(
            instant_of(started), (started,), authority(look.material),
            values={"days": days_since(look, started)}, settings=setting(look, "criminal_only_working_days"),
        )  # fmt: skip


def police_absent(look: Look) -> Iterator[Missing]:
    """R-159: the last meeting during an investigation had no police, and they were not told since."""
    entries = look.material.entries
    investigation = open_investigation(entries)
    if investigation is None:
        return
    held = since(entries, investigation, "meeting-held")
    if not held or not parts(held[-1], "attendance"):
        return
    present = {organisation_kind(text(row, "organisation")) for row in parts(held[-1], "attendance")}
    told = [
        one
        for one in since(entries, held[-1], "absent-agency-updated")
        if organisation_kind(text(one, "organisation")) in (None, "police")
    ]
    if "police" not in present and not told:
        yield Missing(
            instant_of(held[-1]), (investigation, held[-1]), investigation.organisation, investigation.author
        )


def not_reconvened(look: Look) -> Iterator[Missing]:
    """R-160: the police ended it for want of evidence or public interest; the group has not met since."""
    entries = look.material.entries
    ended = investigation_ended(entries)
    if ended is None or text(ended, "outcome") == "nfa-with-concerns":
        return
    if not waited(look, ended, "reconvene_working_days"):
        return
    if not arranged_since(entries, ended):
        yield Missing(
            instant_of(ended), (ended,), authority(look.material), None,
            values={"days": days_since(look, ended)}, settings=setting(look, "reconvene_working_days"),
        )  # fmt: skip


def no_next_meeting(look: Look) -> Iterator[Missing]:
    """R-161: the police take no further action, concerns remain, and no next meeting has a date."""
    entries = look.material.entries
    ended = investigation_ended(entries)
    if ended is None or not concerns(entries):
        return
    after = day_of(ended)
    dates = [
        day(one, "next_review")
        for one in of_type(entries, "meeting-held", "plan-reviewed", "risk-management-plan-recorded")
    ]
    met = since(entries, ended, "meeting-held", "plan-reviewed")
    intervals = [one for one in met if number(one, "interval_days") or number(one, "chair_interval_days")]
    convened = [one for one in arranged_since(entries, ended) if one.type == "meeting-convened"]
    if not intervals and not convened and not any(one is not None and one > after for one in dates):
        yield of_authority(look, ended)


def panel_not_asked(look: Look) -> Iterator[Missing]:
    """R-164: a disposal out of court is considered, and the decision panel was not asked."""
    considered = _considered_out_of_court(look)
    if considered is None:
        return
    asked = since(look.material.entries, considered, "referral-made")
    if not any(says(one, "target", "decision-panel") for one in asked):
        yield Missing(instant_of(considered), (considered,), considered.organisation, considered.author)


def panel_not_answered(look: Look) -> Iterator[Missing]:
    """R-164: the decision panel was asked, and no outcome is recorded since."""
    considered = _considered_out_of_court(look)
    if considered is None:
        return
    asked = [
        one
        for one in since(look.material.entries, considered, "referral-made")
        if text(one, "target") == "decision-panel"
    ]
    if asked:
        yield Missing(
            instant_of(asked[0]), (considered, asked[0]), considered.organisation, considered.author
        )


def after_concerns(
    *types: str, when: str | None = None, values: tuple[str, ...] = (), police: bool = False
) -> Find:
    """R-165: the police ended it with concerns, and one of the steps that follow was not taken since."""

    def find(look: Look) -> Iterator[Missing]:
        ended = investigation_ended(look.material.entries)
        if ended is None or text(ended, "outcome") != "nfa-with-concerns":
            return
        steps = since(look.material.entries, ended, *types)
        if any(when is None or one.type != types[0] or says(one, when, *values) for one in steps):
            return
        if police:
            yield Missing(instant_of(ended), (ended,), ended.organisation, ended.author)
        else:
            yield of_authority(look, ended)

    return find


def _considered_out_of_court(look: Look) -> Entry | None:
    """That an outcome out of court is considered, where no other outcome has followed."""
    last = latest(look.material.entries, *OUTCOME)
    return last if last is not None and text(last, "outcome") == "oocd-considered" else None


RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-159",
        "S5 s.15; S5 s.14",
        text="The police were not at the last meeting and have not been told what they need.",
        why="While they investigate, the police consult the agencies at work and attend planning meetings.",
        role="police-officer",
        starts={"criminal-investigation-decided": ("decision",), "meeting-held": ("attendance",)},
        meets={
            "meeting-held": ("attendance",),
            "absent-agency-updated": ("organisation",),
            **OUTCOME,
        },
        find=police_absent,
    ),
    expect(
        "R-160",
        "S3 s.4; S5 s.15",
        text="The multi-agency group has not been reconvened.",
        why="The police take no further action, and the group decides how to go on and what risk remains.",
        role="social-worker",
        starts={**OWN, **OUTCOME},
        meets={"meeting-convened": ("when",), "meeting-held": (), **OUTCOME},
        find=not_reconvened,
    ),
    expect(
        "R-161",
        "S5 s.15",
        text="No date of a next meeting is recorded.",
        why="There is no charge and concerns remain: children's social care goes on through the meetings.",
        role="social-worker",
        starts={**OWN, **OUTCOME, **LEVELS},
        meets={
            "meeting-convened": ("when",),
            "meeting-held": ("next_review", "interval_days"),
            "plan-reviewed": ("next_review", "chair_interval_days"),
            "risk-management-plan-recorded": ("next_review",),
            **LEVELS,
            **OUTCOME,
        },
        find=no_next_meeting,
    ),
    expect(
        "R-162",
        "S1 reasons and introduction; S5 s.2",
        text="The police are acting and no assessment of this child is recorded.",
        why="A child met only by the criminal process may be neither supported nor kept safe.",
        role="team-manager",
        starts={**OWN, "criminal-investigation-decided": ("decision",)},
        meets={"assessment-started": (), "assessment-completed": (), **OUTCOME},
        find=criminal_only,
    ),
    expect(
        "R-164-referral",
        "S5 s.15",
        text="The decision panel has not been asked.",
        why="An outcome out of court is considered, and the panel of youth justice and police decides on it.",
        role="police-officer",
        starts=OUTCOME,
        meets={"referral-made": ("target",), **OUTCOME},
        find=in_court(panel_not_asked),
    ),
    expect(
        "R-164-outcome",
        "S5 s.15",
        text="The outcome of the decision panel is not recorded.",
        why="The panel was asked about an outcome out of court.",
        role="police-officer",
        starts={**OUTCOME, "referral-made": ("target",)},
        meets=OUTCOME,
        find=in_court(panel_not_answered),
    ),
    expect(
        "R-165-referral",
        "S5 s.15",
        text="The child has not been referred on to early help or children's social care.",
        why="The police ended the matter with concerns.",
        role="police-officer",
        starts={**OWN, **OUTCOME},
        meets={"referral-made": ("target",), **OUTCOME},
        find=in_court(
            after_concerns("referral-made", when="target", values=("csc", "early-help"), police=True)
        ),
    ),
    expect(
        "R-165-screening",
        "S5 s.15",
        text="The behaviour has not been screened again.",
        why="The police ended the matter with concerns, and the last screening is older than that.",
        role="social-worker",
        starts={**OWN, **OUTCOME},
        meets={"behaviour-screened": (), **OUTCOME},
        find=in_court(after_concerns("behaviour-screened")),
    ),
    expect(
        "R-165-offer",
        "S5 s.15",
        text="Whether to offer help on a voluntary basis has not been decided.",
        why="The police ended the matter with concerns: age, frequency and history are weighed.",
        role="social-worker",
        starts={**OWN, **OUTCOME},
        meets={
            "meeting-checklist-completed": ("checklist",),
            "intervention-offered": (),
            "intervention-started": (),
            **OUTCOME,
        },
        find=in_court(
            after_concerns(
                "meeting-checklist-completed",
                "intervention-offered",
                "intervention-started",
                when="checklist",
                values=(VOLUNTARY,),
            )
        ),
    ),
)
