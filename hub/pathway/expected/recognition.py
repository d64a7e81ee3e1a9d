"""Recognition, screening, levels and the child's own needs: what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hub.pathway.calendar import london_day
from hub.pathway.child import date_of_birth, in_role, incidents, youngest_age
from hub.pathway.circumstances import HAS_HARMED, circumstances, happened_from, harm_done
from hub.pathway.course import contact, earliest, latest, since, standing_levels
from hub.pathway.entries import Entry
from hub.pathway.expected.missing import Members, Missing, by_poster, expect, noticed, of_authority
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import given_of, in_order, instant_of, of_type, text, texts, truth
from hub.pathway.levels import of_concern, serious
from hub.pathway.profiles import settings_of

CHILD: Final[Members] = {"child-stream-opened": ("responsible_authority", "date_of_birth")}
ROLES: Final[Members] = {**CHILD, "incident-recorded": ("role", "status", "others")}
LEVELS: Final[Members] = {"behaviour-level-assessed": ("scale", "level")}
NEED: Final[Members] = {"child-circumstance-recorded": ("kind", "from", "until")}
OWN_HARM: Final[Members] = {"victimisation-considered": ()}
EXCHANGE: Final = frozenset({"grooming", "extortion-or-threats"})
YOUNG: Final = 10


def no_adult_referral(look: Look) -> Iterator[Missing]:
    """R-002: an adult in need of safeguarding was harmed, and nobody told adult social care.

    A recorded decision with reasons about that incident stands in for the referral.
    """
    entries = look.material.entries
    for one in incidents(entries):
        if text(one, "person_harmed") != "adult-in-need-of-safeguarding":
            continue
        referred = any(
            text(made, "target") == "adult-social-care" and instant_of(made) >= happened_from(one)
            for made in of_type(entries, "referral-made")
        )
        reasoned = any(
            decided.about == one.key and text(decided, "reasons")
            for decided in of_type(entries, "no-further-action-decided")
        )
        if not referred and not reasoned:
            yield noticed(look, one, agency=one.organisation)


def no_own_experience(look: Look) -> Iterator[Missing]:
    """R-013: a child who has harmed is being assessed, and its own experience of harm was not considered."""
    started = _assessed(look)
    if started is not None and not of_type(look.material.entries, "victimisation-considered"):
        yield by_poster(look, started)


def no_unmet_need(look: Look) -> Iterator[Missing]:
    """R-013: a child who has harmed was assessed, and no need of its own is recorded."""
    started = _assessed(look)
    if started is None:
        return
    factors = of_type(look.material.entries, "assessment-factor-recorded")
    if not any(text(one, "kind") == "unmet-need" for one in factors):
        yield by_poster(look, started)


def _assessed(look: Look) -> Entry | None:
    if not harm_done(look.material):
        return None
    return earliest(of_type(look.material.entries, "assessment-started", "assessment-completed"))


def no_self_risk(look: Look) -> Iterator[Missing]:
    """R-017: behaviour was called problematic, and the assessment leaves the risk to the child itself out.

    A level that its scale calls harmful and not yet serious.
    """
    entries = look.material.entries
    problematic = [one for one in standing_levels(entries) if of_concern(one) and not serious(one)]
    level = earliest(problematic)
    if level is None or not of_type(entries, "assessment-started", "assessment-completed"):
        return
    completed = since(entries, level, "assessment-completed")
    if not any(text(one, "self_risk_from_behaviour") in ("considered", "concern") for one in completed):
        yield of_authority(look, level)


def exploitation_not_considered(look: Look) -> Iterator[Missing]:
    """R-018: there are signs of exploitation, a strategy meeting was held, nobody considered it."""
    entries = look.material.entries
    signs = [one for one in incidents(entries) if EXCHANGE & set(texts(one, "categories"))]
    signs += [one for one in standing_levels(entries) if text(one, "exploitation") == "yes"]
    met = [one for one in given_of(entries, "meeting-held") if text(one, "kind") == "strategy"]
    if signs and met and not of_type(entries, "exploitation-link-considered"):
        found = by_poster(look, met[0])
        yield replace(found, evidence=(*in_order(signs), met[0]))


def tool_not_suited(look: Look) -> Iterator[Missing]:
    """R-031: a learning need is recorded, and a tool was used without saying whether it suits the child."""
    need = _learning_need(look)
    if need is None:
        return
    screened = latest(look.material.entries, "behaviour-screened")
    completed = latest(look.material.entries, "assessment-completed")
    if screened is not None and text(screened, "suitable") in (None, "unknown"):
        yield by_poster(look, screened, need)
    if completed is not None and text(completed, "learning_suitability") is None:
        yield by_poster(look, completed, need)


def no_coordinator(look: Look) -> Iterator[Missing]:
    """R-032: a child with a learning need has a plan, and nobody is named to coordinate it."""
    need, plan = _learning_need(look), latest(look.material.entries, "plan-started")
    if need is None or plan is None or text(plan, "coordinator") is not None:
        return
    today = london_day(look.now)
    entries = look.material.entries
    if not contact(entries, "key-practitioner", today) and not contact(entries, "lead-sw", today):
        yield by_poster(look, plan, need)


def length_not_reviewed(look: Look) -> Iterator[Missing]:
    """R-032: a child with a learning need has a plan that does not say whether its length was adjusted."""
    need, plan = _learning_need(look), latest(look.material.entries, "plan-started")
    if need is not None and plan is not None and text(plan, "length_adjusted") is None:
        yield by_poster(look, plan, need)


def _learning_need(look: Look) -> Entry | None:
    return earliest(circumstances(look.material.entries, "learning-need", london_day(look.now)))


def networks_not_considered(look: Look) -> Iterator[Missing]:
    """R-035: the last assessment says nothing of social media and online networks."""
    completed = latest(look.material.entries, "assessment-completed")
    if completed is not None and text(completed, "online_networks") in (None, "not-considered"):
        yield by_poster(look, completed)


def other_procedure(look: Look) -> Iterator[Missing]:
    """R-036: an adult is involved, and no referral to police or children's social care follows from it."""
    decided = latest(look.material.entries, "scope-decision-recorded")
    if decided is None or text(decided, "decision") != "out-adult-involved":
        return
    referred = since(look.material.entries, decided, "referral-made")
    if not any(text(one, "target") in ("csc", "police") for one in referred):
        yield by_poster(look, decided)


def scope_again(look: Look) -> Iterator[Missing]:
    """R-036: sharing was held to be experimental, and something recorded since speaks of pressure."""
    decided = latest(look.material.entries, "scope-decision-recorded")
    if decided is None or text(decided, "decision") != "out-experimental":
        return
    later = [
        one
        for one in in_order(of_type(look.material.entries, "incident-recorded", "behaviour-level-assessed"))
        if one.recorded_at > decided.recorded_at
        and (text(one, "coercion") in ("established", "alleged") or text(one, "exploitation") == "yes")
    ]
    if later:
        found = by_poster(look, decided)
        yield replace(found, since=later[0].recorded_at, evidence=(decided, *later))


def no_under_age_referral(look: Look) -> Iterator[Missing]:
    """R-038: the child was under the age of consent's limit, and was not referred to social care."""
    born = date_of_birth(look.material, look.material.child)
    limit = settings_of(look.profile)["referral_under_age"].value
    for one in incidents(look.material.entries):
        if born is None or youngest_age(born, one) >= limit:
            continue
        if not any(
            text(made, "target") == "csc" and instant_of(made) >= happened_from(one)
            for made in of_type(look.material.entries, "referral-made")
        ):
            found = noticed(look, one, agency=one.organisation)
            yield replace(found, settings={"referral_under_age": limit})


def no_competency(look: Look) -> Iterator[Missing]:
    """R-039: it is claimed to have been mutual, and nobody assessed whether the child could consent."""
    born, profile = date_of_birth(look.material, look.material.child), look.profile
    if born is None or profile is None:
        return
    ages = range(profile.consent.competency_from, profile.consent.competency_to + 1)
    claimed = [
        one
        for one in incidents(look.material.entries)
        if truth(one, "claimed_mutual") and youngest_age(born, one) in ages
    ]
    assessed = of_type(look.material.entries, "consent-competency-assessed")
    if claimed and not any(instant_of(one) >= happened_from(claimed[-1]) for one in assessed):
        yield noticed(look, *claimed)


def no_opportunity(look: Look) -> Iterator[Missing]:
    """R-044: whether a child who has harmed was harmed was considered, without a chance for it to talk."""
    considered = given_of(look.material.entries, "victimisation-considered")
    if not considered or not harm_done(look.material):
        return
    if not any(texts(one, "opportunities_given") for one in considered):
        yield by_poster(look, considered[-1])


def young_and_serious(look: Look) -> Iterator[Missing]:
    """R-045: a child under ten, a serious level, and its own harm was not considered."""
    born = date_of_birth(look.material, look.material.child)
    young = [
        one
        for one in in_role(look.material.entries, HAS_HARMED)
        if born is not None and youngest_age(born, one) < YOUNG
    ]
    grave = [one for one in standing_levels(look.material.entries) if serious(one)]
    if young and grave and not of_type(look.material.entries, "victimisation-considered"):
        found = of_authority(look, grave[0])
        yield replace(found, evidence=(*young, grave[0]))


RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-002",
        "S5 s.2",
        text="Adult social care has not been told.",
        why="The person who was harmed is an adult in need of safeguarding.",
        role=None,
        starts={"incident-recorded": ("person_harmed", "status")},
        meets={"referral-made": ("target",), "no-further-action-decided": ("reasons",)},
        find=no_adult_referral,
    ),
    expect(
        "R-013",
        "S3 s.1; S5 s.1",
        text="Whether the child has been harmed is not considered.",
        why="Harmful behaviour can be a sign that a child has been harmed.",
        role=None,
        starts={**ROLES, "assessment-started": (), "assessment-completed": ()},
        meets=OWN_HARM,
        find=no_own_experience,
    ),
    expect(
        "R-013-needs",
        "S3 s.1; S5 s.1",
        text="No unmet need of the child is recorded.",
        why="A child who has harmed may have needs of their own that nobody has met.",
        role=None,
        starts={**ROLES, "assessment-started": (), "assessment-completed": ()},
        meets={"assessment-factor-recorded": ("kind",)},
        find=no_unmet_need,
    ),
    expect(
        "R-017",
        "S3 s.2",
        text="The assessment does not say what risk the behaviour brings to the child.",
        why="Problematic behaviour can lead to harm, rejection or distress for the child who shows it.",
        role="social-worker",
        starts={**CHILD, **LEVELS, "incident-recorded": ("status", "role"), "assessment-started": ()},
        meets={"assessment-completed": ("self_risk_from_behaviour",)},
        find=no_self_risk,
    ),
    expect(
        "R-018",
        "S3 s.6",
        text="Whether there is a link to exploitation is not considered.",
        why="Exploitation and harmful sexual behaviour can overlap, and there are signs of both.",
        role=None,
        starts={
            "incident-recorded": ("categories", "status"),
            "behaviour-level-assessed": ("exploitation",),
            "meeting-held": ("kind",),
        },
        meets={"exploitation-link-considered": ()},
        find=exploitation_not_considered,
    ),
    expect(
        "R-031",
        "S5 s.14",
        text="It is not said whether the tool suited the child.",
        why="A learning need is recorded, and tools may not fit every child.",
        role=None,
        starts=NEED,
        meets={"behaviour-screened": ("suitable",), "assessment-completed": ("learning_suitability",)},
        find=tool_not_suited,
    ),
    expect(
        "R-032-coordinator",
        "S5 s.5",
        text="Nobody is named to coordinate the plan.",
        why="A learning need is recorded, and the work needs more coordination.",
        role=None,
        starts=NEED,
        meets={
            "plan-started": ("coordinator",),
            "named-contact-appointed": ("role", "person", "from", "until"),
        },
        find=no_coordinator,
    ),
    expect(
        "R-032-length",
        "S5 s.5",
        text="The plan does not say whether its length was adjusted.",
        why="A learning need is recorded, and the work may take longer.",
        role=None,
        starts=NEED,
        meets={"plan-started": ("length_adjusted",)},
        find=length_not_reviewed,
    ),
    expect(
        "R-035",
        "S1; S3 s.4; S5 s.4",
        text="The assessment does not consider social media and online networks.",
        why="What a child sees and whom a child meets online can promote the behaviour.",
        role=None,
        starts={},
        meets={"assessment-completed": ("online_networks",)},
        find=networks_not_considered,
    ),
    expect(
        "R-036",
        "S5 s.3",
        text="The involvement of an adult has not been referred.",
        why="Where an adult is involved another procedure applies, and safeguarding goes on.",
        role=None,
        starts={},
        meets={"scope-decision-recorded": ("decision",), "referral-made": ("target",)},
        find=other_procedure,
    ),
    expect(
        "R-036-again",
        "S5 s.3",
        text="Whether this is in scope has to be decided again.",
        why="It was held to be experimental, and something recorded since speaks of pressure.",
        role=None,
        starts={"incident-recorded": ("coercion",), "behaviour-level-assessed": ("exploitation",)},
        meets={"scope-decision-recorded": ("decision",)},
        find=scope_again,
    ),
    expect(
        "R-038",
        "S5 s.3",
        text="No child protection referral to children's social care is recorded.",
        why="A child of this age cannot consent, so every case is referred.",
        role=None,
        starts={**CHILD, "incident-recorded": ("status",)},
        meets={"referral-made": ("target",)},
        find=no_under_age_referral,
        outlives_closure=True,
    ),
    expect(
        "R-039",
        "S5 s.3",
        text="Whether the child was able to consent is not assessed.",
        why="It is said to have been mutual, and the child was of an age at which this is assessed.",
        role="social-worker",
        starts={**CHILD, "incident-recorded": ("status", "claimed_mutual")},
        meets={"consent-competency-assessed": ()},
        find=no_competency,
    ),
    expect(
        "R-044",
        "S3 s.5",
        text="No opportunity for the child to talk about harm is recorded.",
        why="The child needs chances to say what may have happened to them.",
        role=None,
        starts=ROLES,
        meets={"victimisation-considered": ("opportunities_given",)},
        find=no_opportunity,
    ),
    expect(
        "R-045",
        "S3 s.3; S3 s.5; S5 s.4",
        text="Consider first whether an adult is involved and whether the child has been harmed.",
        why="The child is young and the level of the behaviour is serious.",
        role="social-worker",
        starts={**ROLES, **LEVELS},
        meets=OWN_HARM,
        find=young_and_serious,
    ),
)
