"""Interviews, support through them, and background checks that are missing for a child."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from hub.pathway.calendar import london_day
from hub.pathway.circumstances import harm_suffered
from hub.pathway.course import contact, earliest, latest, says, service, since, under_age
from hub.pathway.entries import Entry
from hub.pathway.expected.missing import Find, Members, Missing, days_since, expect
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import as_given, given_of, instant_of, of_type, organisation_of, parts, text
from hub.pathway.profiles import authority

INCIDENTS: Final[Members] = {
    "child-stream-opened": ("responsible_authority", "date_of_birth"),
    "incident-recorded": ("role", "status"),
}
THROUGH_INTERVIEW: Final = frozenset({"interview", "counselling", "pre-trial-therapy", "therapy", "advocacy"})
THROUGH_COURT: Final = frozenset({"court", "counselling", "pre-trial-therapy", "therapy", "advocacy"})
SIMPLIFIED_AGE: Final = 10
UNANSWERED: Final = frozenset({"not-answered", "not-known-yet", "not-done"})


def no_separate_interview(look: Look) -> Iterator[Missing]:
    """R-110: an admission in a witness interview has led neither to another interview nor to agreement."""
    entries = look.material.entries
    for noted in given_of(entries, "admission-flagged"):
        agreed = text(noted, "continued") == "continued-with-police-agreement"
        later = [
            one for one in since(entries, noted, "interview-held") if says(one, "kind", "pace", "social-work",
                                                                          "under-10")
        ]  # fmt: skip
        if not later and not (agreed and text(noted, "police_agreed_by")):
            yield Missing(
                instant_of(noted), (noted,), service(entries, "police"),
                values={"social_care": authority(look.material)},
            )  # fmt: skip


def no_support(kinds: frozenset[str], starts: Find) -> Find:
    """R-111: what a child may need support through is ahead, and no support for the child is arranged."""

    def find(look: Look) -> Iterator[Missing]:
        entries = look.material.entries
        arranged = [
            one
            for one in of_type(entries, "support-arranged")
            if says(one, "for", "child") and says(one, "kind", *kinds)
        ]
        if not arranged:
            yield from starts(look)

    return find


def witness_interview(look: Look) -> Iterator[Missing]:
    """An interview as a witness was planned or held for a child who has been harmed."""
    entries = look.material.entries
    planned = [one for one in of_type(entries, "interview-planned") if text(one, "method") == "abe"]
    held = [one for one in of_type(entries, "interview-held") if text(one, "kind") == "abe"]
    yield from _for_harmed_child(look, [*planned, *held])


def court_date(look: Look) -> Iterator[Missing]:
    """A trial or a court date stands for a child who has been harmed, on its own or a linked record."""
    folds = (look.material.entries, *look.material.linked.values())
    stages = [one for fold in folds for one in of_type(fold, "court-stage-recorded")]
    dated = [one for one in stages if text(one, "stage") in ("trial", "court-date")]
    yield from _for_harmed_child(look, dated)


def _for_harmed_child(look: Look, steps: Iterable[Entry]) -> Iterator[Missing]:
    entries = look.material.entries
    start = earliest(steps)
    if start is None or not harm_suffered(look.material):
        return
    person = contact(entries, "spoc", london_day(look.now))
    agency = organisation_of(person) if person else authority(look.material)
    yield Missing(instant_of(start), (start,), agency, person)


def check_unanswered(look: Look) -> Iterator[Missing]:
    """R-115: an organisation was asked what it knows and has not answered."""
    for asked in _checks(look):
        if not _answers(look, asked):
            yield _of_holder(look, asked)


def check_refused(look: Look) -> Iterator[Missing]:
    """R-115: an organisation refused a check, and gave no other answer since."""
    for asked in _checks(look):
        answers = _answers(look, asked)
        refused = [one for one in answers if text(one, "decision") == "refused"]
        if refused and len(refused) == len(answers):
            yield Missing(
                instant_of(refused[-1]), (asked, refused[-1]), asked.organisation, asked.author,
                values={"holder": text(asked, "holder"), "days": days_since(look, refused[-1])},
            )  # fmt: skip


def checklist_unanswered(look: Look) -> Iterator[Missing]:
    """R-115: the checklist for a child under ten holds a check without an answer."""
    profile = look.profile
    young = {one.id for one in profile.checklists.values() if one.under_ten is True} if profile else set()
    filled = [
        one
        for one in of_type(look.material.entries, "meeting-checklist-completed")
        if text(one, "checklist") in young
    ]
    for code in sorted({text(row, "item") or "" for one in filled for row in parts(one, "items")} - {""}):
        last, row = max(
            (
                (one, row)
                for one in as_given(filled)
                for row in parts(one, "items")
                if text(row, "item") == code
            ),
            key=lambda pair: (instant_of(pair[0]), pair[0].recorded_at, pair[0].key),
        )
        if text(row, "answer") in UNANSWERED:
            yield Missing(
                instant_of(last), (last,), authority(look.material), text(row, "owner"),
                values={"item": code, "answer": text(row, "answer"), "days": days_since(look, last)},
            )  # fmt: skip


def no_checks(look: Look) -> Iterator[Missing]:
    """R-115: a child under ten is looked into, and nobody was asked what they know.

    1. The procedure for children under ten is the profile's, and the child was under ten.
    2. The referral led to a strategy discussion, or an enquiry was begun.
    3. The authority recorded neither a background check nor a checklist for children under ten.
    """
    entries, profile = look.material.entries, look.profile
    if profile is None or not profile.simplified_under_ten or not under_age(look.material, SIMPLIFIED_AGE):
        return  # 1.
    outcome = latest(entries, "referral-outcome-decided")
    strategy = [outcome] if outcome is not None and text(outcome, "outcome") == "strategy" else []
    start = earliest([*strategy, *of_type(entries, "section-47-enquiry-initiated")])
    young = {one.id for one in profile.checklists.values() if one.under_ten is True}
    filled = [
        one for one in of_type(entries, "meeting-checklist-completed") if says(one, "checklist", *young)
    ]
    if start is not None and not _own(look, (*filled, *_checks(look))):  # 2. 3.
        yield Missing(instant_of(start), (start,), authority(look.material))


def _checks(look: Look) -> list[Entry]:
    asked = given_of(look.material.entries, "records-access-requested")
    return [one for one in asked if text(one, "scope") == "background-check"]


def _own(look: Look, entries: Iterable[Entry]) -> list[Entry]:
    """Those that the child's own authority posted."""
    return [one for one in entries if one.organisation == authority(look.material)]


def _answers(look: Look, asked: Entry) -> list[Entry]:
    """What answers a check: a decision or "nothing known" of the one who was asked, about it or none."""
    holder = text(asked, "holder")
    return [
        one
        for one in since(look.material.entries, asked, "records-access-decided", "nothing-known")
        if one.about in (None, asked.key) and one.organisation == holder
    ]


def _of_holder(look: Look, asked: Entry) -> Missing:
    holder = text(asked, "holder")
    return Missing(
        instant_of(asked), (asked,), holder, values={"holder": holder, "days": days_since(look, asked)}
    )


CHECKS: Final[Members] = {"records-access-requested": ("holder", "scope")}
SUPPORT: Final[Members] = {"support-arranged": ("kind", "for")}
SPOC: Final[Members] = {"named-contact-appointed": ("role", "person", "from", "until")}

RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-110",
        "S3 s.4; S5 s.9",
        text="What a child said in a witness interview needs an interview of its own, or police agreement.",
        why="An admission made in a witness interview is normally taken up in an interview of its own.",
        role="police-officer",
        starts={"child-stream-opened": ("responsible_authority",), "admission-flagged": ("continued",)},
        meets={"interview-held": ("kind",), "admission-flagged": ("continued", "police_agreed_by")},
        find=no_separate_interview,
        told="police-and-social-care",
    ),
    expect(
        "R-111-interview",
        "S5 s.12",
        text="No support is arranged for this child through the interview.",
        why="The child is interviewed as a witness and may need support through it.",
        role="social-worker",
        starts={**INCIDENTS, **SPOC, "interview-planned": ("method",), "interview-held": ("kind",)},
        meets=SUPPORT,
        find=no_support(THROUGH_INTERVIEW, witness_interview),
    ),
    expect(
        "R-111-court",
        "S5 s.12",
        text="No support is arranged for this child through the court proceedings.",
        why="A court date is set, and the child may need support through it.",
        role="social-worker",
        starts={**INCIDENTS, **SPOC, "court-stage-recorded": ("stage",)},
        meets=SUPPORT,
        find=no_support(THROUGH_COURT, court_date),
    ),
    expect(
        "R-115-checks",
        "S5 s.17",
        text="Children's social care has recorded no background checks for this child.",
        why="For a child under ten, school, nursery, general practitioner and health visitor are asked.",
        role="social-worker",
        starts={**INCIDENTS, "referral-outcome-decided": ("outcome",), "section-47-enquiry-initiated": ()},
        meets={
            "records-access-requested": ("scope", "poster"),
            "meeting-checklist-completed": ("checklist", "poster"),
            "referral-outcome-decided": ("outcome",),
        },
        find=no_checks,
        own=True,
    ),
    expect(
        "R-115-answer",
        "S5 s.17",
        text="A background check has not been answered.",
        why="The organisation was asked what it knows about the child.",
        role=None,
        starts=CHECKS,
        meets={"records-access-decided": ("poster",), "nothing-known": ("poster",)},
        find=check_unanswered,
        own=True,
    ),
    expect(
        "R-115-refused",
        "S5 s.17",
        text="A background check was refused: decide how to find out another way.",
        why="What the organisation knows is still missing.",
        role="social-worker",
        starts={**CHECKS, "records-access-decided": ("decision",)},
        meets={"records-access-decided": ("decision", "poster"), "nothing-known": ("poster",)},
        find=check_refused,
    ),
    expect(
        "R-115-checklist",
        "S5 s.17",
        text="A check on the list for a child under ten has no answer.",
        why="Every check on the list is answered, or it is said why not.",
        role="social-worker",
        starts={"child-stream-opened": ("responsible_authority",)},
        meets={"meeting-checklist-completed": ("checklist", "items")},
        find=checklist_unanswered,
    ),
)
