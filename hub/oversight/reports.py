"""Reports for those who govern: of many children with small numbers withheld, and of organisations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import schemas
from hub.catalogue import occurred
from hub.directory import Directory, Organisation
from hub.directory.types import Principal
from hub.disclosure import Purposes
from hub.disclosure.release import Access, AccessRecord
from hub.errors import HubError
from hub.identity import Identity
from hub.oversight.counting import Counting, OfChild
from hub.pathway.calendar import london_day
from hub.pathway.fields import day, number, text, truth
from hub.pathway.reports import (
    Action,
    Adopter,
    Closed,
    Counted,
    Framework,
    Report,
    ReportYear,
    Score,
    SelfAssessment,
    adoption,
    lags,
    latest_year,
    learning,
    outcomes,
    parity,
    self_assessment,
)
from hub.record import Record
from hub.record.ports import Chance, Clock
from hub.views import Post, Views

READERS: Final = frozenset({"ig-officer", "governance-lead", "audit-lead", "commissioner", "manager"})
"""Who may come to the reports at all; what each then gets is decided below."""
_OF_CHILDREN: Final = frozenset({"ig-officer", "governance-lead", "audit-lead", "manager"})
_OF_ORGANISATIONS: Final = frozenset({"ig-officer", "governance-lead", "audit-lead", "commissioner"})
_PARTNERSHIP: Final = "partnership"
SELF_ASSESSMENT: Final = "self-assessment"
ADOPTION: Final = "adoption"
TITLES: Final[Mapping[str, str]] = {
    "parity": "Parity between the children on both sides",
    "lags": "How long it takes",
    "outcomes": "Outcomes of plans and cases that were closed",
    "learning": "Learning from a year",
    ADOPTION: "Training and procedures",
    SELF_ASSESSMENT: "Self-assessment against the framework",
}
OF_CHILDREN: Final = frozenset({"parity", "lags", "outcomes", "learning"})
# Whoever holds nothing else does not work with children: training in the procedures is not asked of them.
_NO_PRACTICE: Final = READERS - {"manager"} | {
    "identity-reviewer",
    "witness",
    "demo-administrator",
    "approved-reviewer",
}
_PURPOSE: Final = "oversight"
_ACCESSED: Final = "report-"


class Reports:
    """Answers that name no child; each is recorded as an access before it is given."""

    def __init__(
        self, *, record: Record, views: Views, identity: Identity, directory: Directory, purposes: Purposes,
        clock: Clock, chance: Chance, framework: Framework, policy_version: str,
    ) -> None:  # fmt: skip
        self._record: Final = record
        self._views: Final = views
        self._directory: Final = directory
        self._counting: Final = Counting(record=record, views=views, identity=identity, directory=directory)
        self._purposes: Final = purposes
        self._accesses: Final = AccessRecord(record, clock, chance)
        self._clock: Final = clock
        self._policy_version: Final = policy_version
        self.framework: Final = framework
        self._made: Final[Mapping[str, Callable[[Principal, ReportYear], Report]]] = {
            "parity": lambda who, year: parity(self._counted(who, year), year),
            "lags": lambda who, year: lags(self._counted(who, year), self._titled(who), year),
            "learning": lambda who, year: learning(self._counted(who, year), _places(), year),
            "outcomes": lambda who, year: outcomes(self._closed(who, year), year),
        }

    def listed(self, principal: Principal) -> Mapping[str, str]:
        """The reports that this reader may have, by name with their titles.

        Source: requirements B, governance
        """
        return {name: title for name, title in TITLES.items() if _may_have(principal, name)}

    def latest(self) -> ReportYear:
        """The last year that can be reported now."""
        return latest_year(self._clock.domain())

    def report(self, principal: Principal, name: str, begins_in: int | None = None) -> Report:
        """One report of tables.

        Raises: HubError not-found for whoever may not have it; schema for a year that is not finished; store,
        views-behind.

        Procedure
          1. Who may have it, by role; a report of children is a partnership's alone.
          2. A year that is over and has settled: a report of a year that runs would tell by its next reading
             what came in between.
          3. Record the access; then, and only then, count.
        """
        if name == SELF_ASSESSMENT or not _may_have(principal, name):  # 1
            raise HubError("not-found")
        latest = self.latest()
        year = latest if begins_in is None else ReportYear(begins_in)
        if name in OF_CHILDREN and not date.min.year < year.begins_in <= latest.begins_in:  # 2
            raise HubError("schema", "A year can be reported four weeks after its end on 31 March.")
        self._note(principal, name)  # 3
        return adoption(self._adopters(principal)) if name == ADOPTION else self._made[name](principal, year)

    def self_assessment(self, principal: Principal) -> SelfAssessment:
        """What organisations say of themselves against the framework, and when the next joint audit is due.

        Raises: HubError not-found for whoever may not have it; store.
        Source: R-186, R-187
        """
        if not _may_have(principal, SELF_ASSESSMENT):
            raise HubError("not-found")
        self._note(principal, SELF_ASSESSMENT)
        posts = [post for one in self._organisations(principal) for post in self._said(one.id)]
        return self_assessment(
            self.framework,
            [_score(one) for one in posts if one.type == "framework-audit-scored"],
            [_action(one) for one in posts if one.type == "framework-audit-action-agreed"],
            now=self._clock.domain(),
            responsible=principal.organisation if principal.organisation_kind == _PARTNERSHIP else None,
        )

    def _note(self, principal: Principal, name: str) -> None:
        basis = self._purposes.lawful_basis(principal, _PURPOSE)
        what = _ACCESSED + name
        access = Access(principal, None, what, _PURPOSE, basis, None, None, self._policy_version)
        self._accesses.released(access, (), (), ())

    def _organisations(self, principal: Principal) -> list[Organisation]:
        """Who takes part in the reader's area; everybody for a reader without one."""
        every = self._directory.organisations()
        return [one for one in every if principal.area in (None, one.area)]

    def _titled(self, principal: Principal) -> list[tuple[str, str]]:
        return [(one.id, one.title) for one in self._organisations(principal)]

    def _of_area(self, principal: Principal, year: ReportYear) -> Iterator[OfChild]:
        """The children of the reader's area; all of the hub were counted, whoever asks."""
        for one in self._counting.children(year):
            if one.authority is not None and principal.area in (None, one.authority):
                yield one

    def _counted(self, principal: Principal, year: ReportYear) -> list[Counted]:
        return [one.counted for one in self._of_area(principal, year) if one.counted is not None]

    def _closed(self, principal: Principal, year: ReportYear) -> list[Closed]:
        return [one.closed for one in self._of_area(principal, year) if one.closed is not None]

    def _said(self, organisation: str) -> Iterator[Post]:
        """What an organisation has said of itself."""
        for item in self._record.stream(f"organisation/{organisation}"):
            post = self._views.post(item)
            if post is not None:
                yield post

    def _adopters(self, principal: Principal) -> Sequence[Adopter]:
        today = london_day(self._clock.domain())
        found = []
        for one in self._organisations(principal):
            trained = {
                text(post.data, "person")
                for post in self._said(one.id)
                if post.type == "training-attested" and (day(post.data, "attested_on") or today) <= today
            }
            people = {
                person.id
                for person in self._directory.people(one.id)
                if person.active and person.roles - _NO_PRACTICE
            }
            found.append(
                Adopter(one.id, one.title, one.profile, one.profile_owner, len(people), len(people & trained))
            )
        return found


def _may_have(principal: Principal, name: str) -> bool:
    """Whether somebody may have a report (requirements B): of children a partnership's own people alone."""
    if principal.person is None:
        return False
    partnership = principal.organisation_kind == _PARTNERSHIP
    if name in OF_CHILDREN:
        return partnership and bool(principal.roles & _OF_CHILDREN)
    may = _OF_ORGANISATIONS | _OF_CHILDREN if partnership else _OF_ORGANISATIONS
    return name in TITLES and bool(principal.roles & may)


def _places() -> list[tuple[str, str]]:
    return [(one.code, one.text) for one in schemas.codes("place-kinds").codes]


def _score(post: Post) -> Score:
    return Score(
        key=post.key,
        organisation=post.organisation,
        cycle=text(post.data, "cycle") or "",
        domain=text(post.data, "domain") or "",
        statement=text(post.data, "statement"),
        score=number(post.data, "score"),
        evidence=text(post.data, "evidence"),
        joint=truth(post.data, "joint") is True,
        on=_on(post),
        received_at=post.received_at,
    )


def _action(post: Post) -> Action:
    return Action(
        key=post.key,
        organisation=post.organisation,
        cycle=text(post.data, "cycle"),
        domain=text(post.data, "domain") or "",
        what=text(post.data, "what"),
        owner=text(post.data, "owner"),
        due=day(post.data, "due"),
    )


def _on(post: Post) -> date:
    """The day on which something was said to have happened, never after it was recorded."""
    written, precision = text(post.data, "occurred_at") or "", text(post.data, "precision") or "unknown"
    when = occurred(written, precision, recorded_at=post.recorded_at)
    return london_day(min(when.sort_at, post.recorded_at))
