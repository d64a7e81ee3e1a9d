"""The self-assessment of how organisations work together: scores, spread, star, actions (R-186 to R-193).

It is about organisations and about no child.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from hub.envelope import EventKey
from hub.pathway.clocks.framework_audit import ScoredStatement, framework_audit
from hub.pathway.entries import Deadline
from hub.pathway.reports.framework import Domain, Framework

LOWEST: Final = 2
JOINT: Final = "joint"
NO_ACTION: Final = "This is among the weakest domains, and no action is agreed for it."


@dataclass(frozen=True, slots=True)
class Score:
    """One statement as one organisation scored it, alone or jointly, in one cycle.

    Shape: `score` None is "not answered", which is not 0; `statement` None where none was named.
    """

    key: EventKey
    organisation: str
    cycle: str
    domain: str
    statement: str | None
    score: int | None
    evidence: str | None
    joint: bool
    on: date
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Action:
    """What was agreed after an audit for one domain."""

    key: EventKey
    organisation: str
    cycle: str | None
    domain: str
    what: str | None
    owner: str | None
    due: date | None


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of what was answered of a domain: nothing where nothing was.

    Shape: `answered` of `asked` statements; what was not answered is in no mean.
    """

    mean: float | None
    answered: int
    asked: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement with every organisation's score beside the joint one.

    Shape: `scores` by organisation; None is not answered. `spread` is the highest less the lowest of the
    organisations' own scores, None below two. `reasons` is the evidence of the joint score.
    """

    id: str
    text: str | None
    scores: tuple[tuple[str, int | None], ...]
    joint: int | None
    reasons: str | None
    spread: int | None


@dataclass(frozen=True, slots=True)
class DomainResult:
    """One domain in one cycle: each organisation's mean, the joint mean apart, the spread, the actions."""

    domain: Domain
    means: tuple[tuple[str, Mean], ...]
    joint: Mean
    spread: int | None
    statements: tuple[StatementRow, ...]
    actions: tuple[Action, ...]
    weakest: bool
    prompt: str | None


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle of the audit.

    Shape: `complete` where every domain has a joint answer to each statement; `missing` names the domains
    that have none at all.
    """

    name: str
    last_scored: date
    domains: tuple[DomainResult, ...]
    complete: bool
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """One outline of the star: for each axis the joint mean and how many statements it is of."""

    cycle: str
    axes: tuple[Mean, ...]


@dataclass(frozen=True, slots=True)
class SelfAssessment:
    """Every cycle, the latest first; the star of the latest with the one before; the clock to the next."""

    organisations: tuple[str, ...]
    cycles: tuple[Cycle, ...]
    star: tuple[Outline, ...]
    deadlines: tuple[Deadline, ...]


def self_assessment(
    framework: Framework, scores: Iterable[Score], actions: Iterable[Action], *, now: datetime,
    responsible: str | None = None,
) -> SelfAssessment:  # fmt: skip
    """What organisations scored, cycle by cycle.

    1. Of one statement, organisation and cycle the last score counts, the joint ones apart.
    2. Each cycle by domain; the two lowest joint means are the weakest, and a weakest one without an action
       of the cycle is prompted.
    3. The star of the joint means, of the latest cycle and of the one before it.
    4. When the next joint audit may be held and is due.

    Source: R-187, R-188, R-189, R-190, R-191, R-192, R-193; S1 s.Audit tool, S4 s.Audit tool
    """
    every = sorted(scores, key=lambda one: (one.on, one.received_at, one.key))
    standing = {(one.cycle, one.organisation, one.domain, one.statement, one.joint): one for one in every}
    agreed = tuple(actions)
    names = sorted({one.cycle for one in every}, key=lambda name: (_last(every, name), name), reverse=True)
    organisations = tuple(sorted({one.organisation for one in every if not one.joint}))
    cycles = tuple(  # 1, 2.
        _cycle(
            name, framework, [one for one in standing.values() if one.cycle == name], agreed, organisations
        )
        for name in names
    )
    joint = [
        ScoredStatement(one.key, one.cycle, one.on, True, one.received_at)
        for one in every
        if one.joint and one.score is not None
    ]
    return SelfAssessment(
        organisations,
        cycles,
        tuple(Outline(one.name, tuple(row.joint for row in one.domains)) for one in cycles[:2]),  # 3.
        framework_audit(joint, now=now, responsible=responsible),  # 4.
    )


def _last(scores: Iterable[Score], cycle: str) -> date:
    return max(one.on for one in scores if one.cycle == cycle)


def _cycle(
    name: str, framework: Framework, scores: Sequence[Score], actions: Sequence[Action],
    organisations: Sequence[str],
) -> Cycle:  # fmt: skip
    joint = {domain.id: _mean(domain, scores, None) for domain in framework.domains}
    answered = sorted((mean.mean, id) for id, mean in joint.items() if mean.mean is not None)
    # A domain that is as low as the second lowest is no stronger than it.
    limit = answered[min(LOWEST, len(answered)) - 1][0] if answered else None
    weakest = {id for mean, id in answered if limit is not None and mean <= limit}
    results = []
    for domain in framework.domains:
        own = [one for one in scores if one.domain == domain.id]
        agreed = tuple(one for one in actions if one.domain == domain.id and one.cycle in (None, name))
        rows = tuple(_row(id, text, own, organisations) for id, text in _statements(domain, own))
        spreads = [one.spread for one in rows if one.spread is not None]
        low = domain.id in weakest
        results.append(
            DomainResult(
                domain=domain,
                means=tuple((one, _mean(domain, scores, one)) for one in organisations),
                joint=joint[domain.id],
                spread=max(spreads, default=None),
                statements=rows,
                actions=agreed,
                weakest=low,
                prompt=NO_ACTION if low and not agreed else None,
            )
        )
    missing = tuple(id for id, mean in joint.items() if mean.answered == 0)
    whole = all(mean.answered == mean.asked for mean in joint.values())
    return Cycle(name, _last(scores, name), tuple(results), whole and not missing, missing)


def _statements(domain: Domain, scores: Iterable[Score]) -> list[tuple[str, str | None]]:
    """The imported statements in their order, then those that were scored and are not imported here."""
    imported = [(one.id, one.text) for one in domain.statements]
    known = {id for id, _ in imported}
    further = sorted({one.statement for one in scores if one.statement is not None} - known)
    return [*imported, *((id, None) for id in further)]


def _mean(domain: Domain, scores: Iterable[Score], organisation: str | None) -> Mean:
    """The mean of one organisation's own scores of a domain, or of the joint ones for None."""
    own = [
        one
        for one in scores
        if one.domain == domain.id
        and one.statement is not None
        and (one.joint if organisation is None else not one.joint and one.organisation == organisation)
    ]
    found: dict[str | None, int] = {}
    for one in sorted(own, key=lambda one: (one.on, one.received_at, one.key)):
        if one.score is None:
            found.pop(one.statement, None)
        else:
            found[one.statement] = one.score
    asked = {one.id for one in domain.statements} | found.keys()
    mean = round(sum(found.values()) / len(found), 2) if found else None
    return Mean(mean, len(found), len(asked))


def _row(id: str, text: str | None, scores: Iterable[Score], organisations: Sequence[str]) -> StatementRow:
    mine = sorted(
        (one for one in scores if one.statement == id), key=lambda one: (one.on, one.received_at, one.key)
    )
    alone = {one.organisation: one.score for one in mine if not one.joint}
    joint = next((one for one in reversed(mine) if one.joint), None)
    given = [one for one in alone.values() if one is not None]
    return StatementRow(
        id=id,
        text=text,
        scores=tuple((one, alone.get(one)) for one in organisations),
        joint=joint.score if joint is not None else None,
        reasons=joint.evidence if joint is not None else None,
        spread=max(given) - min(given) if len(given) > 1 else None,
    )
