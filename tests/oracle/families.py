"""Papers for families and reviews by officers, as the text has them: D-14, R-054, B; D-13, H-15.

The words of the text, and nothing of the hub's rules: parents get a "family-safe paper about own child" (B),
and are told of "incident, legal advice, programme, end of criminal matters unless risk"; never "other child's
identity, source, INTEL". An officer reads "narrative only on approved review" (D-13).
"""

from __future__ import annotations

from dataclasses import replace
from random import Random  # noqa: TID251  seeded, so that every run asks the same

from tests.oracle import cases
from tests.oracle.asked import hidden, part
from tests.oracle.authorities import authority
from tests.oracle.model import Expected, Happening, Posted, World
from tests.oracle.table import fields, filled

# Everybody of a family who can be named; a parent is a mother or a father.
MEMBERS = ("child", "mother", "father", "carer", "foster-carer", "guardian", "sibling", "grandparent")
RECIPIENTS = ("child", "mother", "father", "parent", "guardian", "carer", "grandparent")
SPEAKERS = (cases.S, cases.N, cases.POLICE, cases.OAK)
# A concern about the child, what is done about it, and with whom to speak; each with what may be said of it.
OF_THE_CONCERN: dict[str, frozenset[str]] = {
    "incident-recorded": frozenset({"status"}),
    "social-worker-allocated": frozenset({"worker"}),
    "named-contact-appointed": frozenset({"role", "person"}),
    "meeting-convened": frozenset({"kind", "when"}),
    "meeting-held": frozenset({"kind", "next_review"}),
    "plan-started": frozenset({"kind"}),
    "plan-reviewed": frozenset({"next_review"}),
    "risk-management-plan-recorded": frozenset({"next_review"}),
    "conference-decided": frozenset({"decision"}),
    "closure-decided": frozenset({"closes"}),
    "assessment-started": frozenset(),
    "assessment-completed": frozenset(),
    "section-47-enquiry-initiated": frozenset(),
    "section-47-enquiry-concluded": frozenset(),
}
# To which meetings parents come (R-135, B: "attend HSB/CPC"); a strategy meeting is the professionals' own.
PARENTS_COME_TO = ("hsb", "hsb-planning", "core-group", "cpc")
MEASURED = ("immediate-safety-measure-recorded", "risk-management-plan-recorded")
AT_HOME = ("child", "home", "transport", "club", "everyone")
# Whose these are decides about them: D-05, D-06, D-07, D-51 and the row LEGAL name who, and no officer.
NOT_BY_REVIEW = frozenset({"THER", "HLTH", "SEXH", "INTEL", "LEGAL", "SEALED"})


def world(number: int) -> World:
    """A world of the cases in which families were told of this and that, or it was withheld from them."""
    found, rng = cases.world(number), Random(-number - 3)
    posted = list(found.posted)
    for child in found.born:
        mine = [one for one in posted if one.child == child]
        incidents = [one for one in mine if one.type == "incident-recorded"]
        for _ in range(rng.randint(1, 4)):
            after = rng.choice(mine)
            about = rng.choice([None, None, rng.choice(incidents)]) if incidents else None
            posted.append(_told(rng, child, after, about, len(posted), authority(found, child) or cases.S))
    posted.sort(key=lambda one: (one.received, one.number))
    numbers = {one.number: 10 + 3 * place for place, one in enumerate(posted)}
    return replace(found, posted=tuple(_renumbered(one, numbers) for one in posted), memo={})


def _renumbered(one: Posted, numbers: dict[int, int]) -> Posted:
    """The event under its place in the order of coming, and pointing at others by theirs."""
    data, about = dict(one.data), one.data.get("about")
    if isinstance(about, dict) and str(about.get("id", "")).startswith("event-"):
        number = numbers[int(about["id"].removeprefix("event-"))]
        data["about"] = {**about, "id": f"event-{number:012d}"}
    target = numbers[one.target] if one.target is not None else None
    return replace(one, number=numbers[one.number], data=data, target=target)


def _told(rng: Random, child: str, after: Posted, about: Posted | None, place: int, csc: str) -> Posted:
    by = csc if rng.random() < 0.7 else rng.choice(SPEAKERS)
    data: dict[str, object] = {
        "occurred_at": after.received.date().isoformat(),
        "precision": "day",
        "author": f"{by}/p-1",
        "topic": rng.choice(["incident", "incident", "incident", "programme", "end-of-criminal-matters"]),
        "outcome": rng.choice(["informed", "informed", "informed", "withheld"]),
    }
    if rng.random() < 0.5:
        data["who"] = rng.sample(["mother", "father", "parent", "child", "sibling"], rng.choice([1, 2]))
    if about is not None:
        data["about"] = {"source": f"urn:safeguarding:org:{about.organisation}", "id": about.event}
    return Posted(1_000_000 + place, child, "family-informed", by, f"{by}/p-1", after.received, data)


def in_paper(world: World, event: Happening, recipient: str) -> Expected:
    """What the text allows a paper for one member of the family to say of an event of the child."""
    match event.type:
        case "family-informed":
            says = event["outcome"] == "informed" and _for(event, recipient)
            told = _was_told(world, event, str(event["topic"]), recipient) if says else {False}
            found = part("D-14", must={"topic"})
        case "criminal-outcome-recorded":
            ended = str(event["outcome"]).startswith("nfa")
            topic = "end-of-criminal-matters"
            told = _was_told(world, event, topic, recipient) if ended else {False}
            found = part("D-14", "R-060")
        case "social-worker-allocated" if event["kind"] != "allocated":
            return hidden("D-57")
        case "meeting-convened" | "meeting-held" if not _parents_invited(world, event):
            return hidden("D-04", "R-135")
        case type_ if type_ in OF_THE_CONCERN:
            told = _was_told(world, event, "incident", recipient)
            if not _takes_effect(world, event):
                told = told | {False}
            found = part("D-14", must=OF_THE_CONCERN[type_] & set(event.data))
        case _:
            return hidden("D-14")
    readings = [found if one else hidden("R-054") for one in told]
    return readings[0] if len(readings) == 1 else readings[0] | readings[1]


def measures_in_paper(world: World, event: Happening, recipient: str) -> tuple[set[str], set[str]]:
    """The measures of an event that a paper may say, and those that it has to."""
    if event.type not in MEASURED:
        return set(), set()
    told = _was_told(world, event, "incident", recipient)
    rows = event["measures"] or []
    said = {str(one["code"]) for one in rows if isinstance(one, dict) and one.get("for") in AT_HOME}
    owed = told == {True} and _takes_effect(world, event)
    return (said if True in told else set()), (said if owed else set())


def _takes_effect(world: World, event: Happening) -> bool:
    """Whether it surely counts: a fact always; a plan or a decision of another than the authority may not."""
    facts = ("incident-recorded", "immediate-safety-measure-recorded", "named-contact-appointed")
    return event.type in facts or event.organisation == authority(world, event.child)


def _parents_invited(world: World, event: Happening) -> bool:
    if event["kind"] not in PARENTS_COME_TO:
        return False
    last = [
        one["parents"]
        for one in world.current(event.child)
        if one.type == "meeting-convened"
        and (one.organisation, one["meeting"]) == (event.organisation, event["meeting"])
    ]
    return bool(last) and last[-1] == "invited"


def _was_told(world: World, event: Happening, topic: str, recipient: str) -> set[bool]:
    """Whether this member was told of it, by every reading of whose word counts for a yes.

    1. What is withheld stays withheld until whoever withheld it tells, of the same or of everything. What was
       said of everything before an incident came was not said of that incident.
    2. The child's authority may speak for the case; whether somebody else may is not said.
    """
    words, tells = _words(world, event, topic, recipient)
    if _kept_from(event, words, tells, recipient):  # 1
        return {False}
    csc = authority(world, event.child)
    if any(one.organisation == csc for one in tells):  # 2
        return {True}
    return {True, False} if tells else {False}


def _words(
    world: World, event: Happening, topic: str, recipient: str
) -> tuple[list[Happening], list[Happening]]:
    """What was said of telling the family of an event, and by which of it this member was told."""
    words = [
        one
        for one in world.current(event.child)
        if one.type == "family-informed" and one["topic"] == topic and _about(one) in _spoken(event, one)
    ]
    after = event.number if event.type in ("incident-recorded", "criminal-outcome-recorded") else 0
    tells = [
        one
        for one in words
        if one["outcome"] == "informed"
        and _for(one, recipient)
        and (_about(one) is not None or one.number > after)
    ]
    return words, tells


def _kept_from(
    event: Happening, words: list[Happening], tells: list[Happening], recipient: str
) -> bool:  # fmt: skip
    """Whether something is withheld from this member that nobody told it after all."""
    for no in (one for one in words if one["outcome"] == "withheld" and _from(one, recipient)):
        lifting = (_about(no), _of(event) or _about(no), None)
        later = [one for one in tells if one.number > no.number and one.organisation == no.organisation]
        if not any(_about(one) in lifting for one in later):
            return True
    return False


def in_account(world: World, event: Happening) -> set[bool]:
    """Whether a child's own account may speak of an event, by every reading (H-23).

    What the child itself was told of (R-054), and nobody who lives with it is not to know, who may read it.
    """
    match event.type:
        case "family-informed":
            says, topic = event["outcome"] == "informed" and _for(event, "child"), str(event["topic"])
        case "criminal-outcome-recorded":
            says, topic = str(event["outcome"]).startswith("nfa"), "end-of-criminal-matters"
        case "social-worker-allocated" if event["kind"] != "allocated":
            return {False}
        case "meeting-convened" | "meeting-held" if not _parents_invited(world, event):
            return {False}
        case type_:
            says, topic = type_ in OF_THE_CONCERN or type_ in MEASURED, "incident"
    if not says or any(_withheld(world, event, topic, one) for one in MEMBERS):
        return {False}
    told = _was_told(world, event, topic, "child")
    concern = topic == "incident" and event.type != "family-informed"
    return told | {False} if concern and not _takes_effect(world, event) else told


def _withheld(world: World, event: Happening, topic: str, member: str) -> bool:
    words, tells = _words(world, event, topic, member)
    return _kept_from(event, words, tells, member)


def _about(word: Happening) -> str | None:
    return word["about"]["id"] if word["about"] else None


def _of(event: Happening) -> str | None:
    """The incident that an event is, or says that the family was told of."""
    if event.type == "incident-recorded":
        return f"event-{event.number:012d}"
    return _about(event) if event.type == "family-informed" else None


def _spoken(event: Happening, word: Happening) -> set[str | None]:
    """What a word may be about so that it is of this event: itself or everything; of the rest, anything."""
    of = _of(event)
    return {None, of} if of is not None else {None, _about(word)}


def _for(word: Happening, recipient: str) -> bool:
    return not word["who"] or recipient in word["who"]


def _from(word: Happening, recipient: str) -> bool:
    """A parent is a mother or a father: what is withheld from either is withheld from "parent"."""
    who = word["who"] or []
    return not who or recipient in who or "parent" in who or recipient == "parent"


def under_review(event: Happening, *, named: bool) -> Expected:
    """What the text allows an officer to read of an event under an approved review."""
    metadata = part("D-13", "D-54")
    labels = fields(event.type)
    there = filled(event.type, dict(event.data))
    guarded = {one for name in there for one in labels[name]} & NOT_BY_REVIEW
    if not named or guarded:
        return metadata
    every = frozenset(labels)
    opened = Expected(frozenset("VR"), every, frozenset(), ("H-15",))
    # Police hold the order of interviews back (D-05), and what is not to be shared is not (H-13).
    return opened | metadata if event.type in ("interview-planned", "sharing-declined") else opened
