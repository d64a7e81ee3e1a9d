"""Emergency access: one person, one child, by identifier, for a day; who is told, and what is shown of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, Literal, Protocol, TypeAlias, TypeVar

from hub.directory import Directory
from hub.directory.types import Principal
from hub.disclosure.answers import ReadRequest, Redaction
from hub.disclosure.assemble import FindView
from hub.disclosure.contacts import manager_of
from hub.disclosure.decide import Decider, Decision
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.notice_record import RAISED, NoticeRecord, Origin
from hub.disclosure.purposes import REFERENCE
from hub.disclosure.redact import LONDON, to_minute
from hub.disclosure.release import Access, AccessRecord, Released
from hub.disclosure.rules import RuleSet
from hub.disclosure.standing import CLASS_OF, EMERGENCY, Standing, standing
from hub.disclosure.tokens import ReaderNames
from hub.envelope import JsonObject
from hub.errors import HubError
from hub.identity import Identity
from hub.record import Record
from hub.record.ports import Chance, Clock
from hub.views import ChildView, EmergencyUse, Views
from hub.views.emergency import EmergencyUses

WHAT: Final = "emergency-access"
"""What an access is called by which emergency access was begun."""
ACCESSES: Final = "accesses"
MINE: Final = "my-emergency-accesses"
TYPE: Final = "emergency-access-used"
HOURS: Final = timedelta(hours=24)
"""How long emergency access lasts (a setting of H-17)."""
BASIS: Final = "safeguarding-condition"
REASONS: Final[Mapping[str, str]] = {
    "child-in-immediate-danger": "The child, or another child, is in immediate danger",
    "child-missing": "The child is missing",
    "urgent-decision-out-of-hours": "A decision to keep the child safe cannot wait for the child's worker",
    "child-in-care-of-service": "The child is with the service and nobody who knows the child can be reached",
}
ROLES: Final = frozenset(role for kind, role in CLASS_OF if kind == EMERGENCY)
"""Who may use it: those who may have to act on a child they do not know."""
# Whose role lets them hold both children of a separated case (P-04); nobody else opens the other one.
_BOTH_CHILDREN: Final = frozenset(
    {"enquiry-social-worker", "police-officer", "team-manager", "safeguarding-unit"}
)
_UNKNOWN: Final = "unknown"
_CODE: Final = "emergency"
_REFUSED: Final = "None of your roles may use emergency access."


State: TypeAlias = Literal["open", "awaiting-review", "approved", "not-approved"]


@dataclass(frozen=True, slots=True)
class Begun:
    """What whoever asked is told: the same whether or not a child is known by the identifier.

    Units: times aware UTC.
    """

    access: str
    reason: str
    used_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OwnUse:
    """One use of emergency access as whoever used it gets it afterwards.

    Shape: `child` is the one that it opens now to this person; None where it opens none: by then it has
    ended, or there is none to be opened by the identifier that was given, and nobody says which.
    Units: times aware UTC, to the minute.
    """

    access: str
    child: str | None
    reason: str
    reference: str
    used_at: datetime
    ends_at: datetime
    review: State


@dataclass(frozen=True, slots=True)
class ShownUse:
    """One use of emergency access as one reader gets it; None stands for what is withheld."""

    access: str | None
    reader: str | None
    organisation: str | None
    role: str | None
    reason: str | None
    reference: str | None
    used_at: datetime
    ends_at: datetime
    review: State | None
    redactions: tuple[Redaction, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownUses:
    """The uses of emergency access to one child, as one reader gets them."""

    disclosure_id: str
    child: str
    uses: tuple[ShownUse, ...]


class Disclosed(Protocol):
    """What a reader gets of a child, as far as it matters here."""

    @property
    def view(self) -> ChildView:
        """The child."""
        ...

    @property
    def standing(self) -> Standing:
        """What the reader is to the child."""
        ...


class Reading(Protocol):
    """A permitted read of one child; nothing has left yet."""

    @property
    def now(self) -> datetime:
        """The domain clock of the read."""
        ...

    @property
    def disclosed(self) -> Disclosed:
        """What the reader gets of the child."""
        ...


R = TypeVar("R", bound=Reading)


class EmergencyAccess(Generic[R]):
    """Opens a child's core facts to one person for a day, tells who must know, and shows its uses."""

    def __init__(
        self, read: Callable[[Principal, ReadRequest, str], R], asked: Callable[[R, str], Access], *,
        record: Record, views: Views, identity: Identity, directory: Directory,
        rules: RuleSet, decider: Decider, accesses: AccessRecord, clock: Clock, chance: Chance,
    ) -> None:  # fmt: skip
        self._read: Final = read
        self._asked: Final = asked
        self._views: Final = views
        self._identity: Final = identity
        self._directory: Final = directory
        self._rules: Final = rules
        self._decider: Final = decider
        self._accesses: Final = accesses
        self._clock: Final = clock
        self._chance: Final = chance
        self._digest: Final = record.digest
        self._notices: Final = NoticeRecord(record, clock)
        self._uses: Final = EmergencyUses(record)

    def use(self, principal: Principal, identifier: str, reason: str, reference: str) -> Begun:
        """Open a child to this person for a day.

        Trust: the answer is the same for an identifier by which nobody is known; every use is recorded and
        told, one that finds nobody too, so that nobody tries identifiers unseen.
        Source: H-17, D-24, D-50; B (team manager and officer must be told)
        Raises: HubError purpose (no such role, 403), schema (reason or reference), store, rate, views-behind.

        Procedure
          1. Who may, a reason of the closed list, and a reference to the case that makes it needed.
          2. The child, by exactly this identifier.
          3. It opens nothing to whoever has an ordinary part in a linked child's case: they would read both
             sides. It is recorded and told all the same.
          4. Tell the child's team managers and the officers, before it opens anything.
          5. Record it, as an access and as what opens the child; then, and only then, answer.
        """
        if principal.person is None or not ROLES & principal.roles:  # 1
            self._accesses.refused(self._access(principal, None, None), "purpose")
            raise HubError("purpose", _REFUSED, rule="H-17")
        if reason not in REASONS:
            raise HubError("schema", "Name one of the listed reasons.")
        if not REFERENCE.fullmatch(reference):
            raise HubError("schema", "reference has 1 to 64 letters, digits and . / : _ -.")
        now = self._clock.domain().astimezone(UTC)  # so that a day has 24 hours (H-24)
        child = self._identity.resolve(identifier)  # 2
        find = self._views.one_look()
        view = find(child) if child is not None and self._views.exists(child) else None
        opens = view is not None and not self._both_sides(principal, view, find, now)  # 3
        use = EmergencyUse(
            id=self._chance.uuid(),
            child=view.child if view is not None else None,
            reader=principal.person,
            organisation=principal.organisation,
            role=", ".join(sorted(principal.roles)),
            reason=reason,
            reference=reference,
            used_at=now,
            expires_at=now + HOURS if opens else now,
        )
        for told in self._told(use, view, now):  # 4
            self._tell(told, use)
        access = self._access(principal, use.child, reference)  # 5
        self._accesses.released(access, (), (), (), disclosure_id=use.id, beside=(use.draft(),))
        return Begun(use.id, reason, now, now + HOURS)

    def mine(self, principal: Principal) -> list[OwnUse]:
        """What this person used itself, the latest first (D-50); recorded as an access of what it opens.

        Trust: it says of a use that opened nothing what was said when it was begun, or its end would tell
        that a child is known by the identifier.
        Raises: HubError views-behind, store.
        """
        now = self._clock.domain()
        used = [one for one in self._uses.all() if one.reader == principal.person]
        own = [self._own(principal, use, now) for use in used]
        children: list[str | None] = [*dict.fromkeys(one.child for one in own if one.child)] or [None]
        self._accesses.listed(
            [(Access(principal, child, MINE, None, None, None, None, self._rules.version), ())
             for child in children]
        )  # fmt: skip
        return sorted(own, key=lambda one: (one.used_at, one.access), reverse=True)

    def of_child(self, principal: Principal, request: ReadRequest) -> ShownUses:
        """The uses of emergency access to a child, to whom the rules show them (D-50); recorded.

        Raises: HubError purpose, not-found, views-behind, store.
        """
        reading = self._read(principal, request, ACCESSES)
        view, stands = reading.disclosed.view, reading.disclosed.standing
        shown: list[ShownUse] = []
        left: list[Released] = []
        for use in self._views.emergencies(view):
            own = use.reader == principal.person
            decision = self._decider.decide(stands.facts, _facts(own=own))
            if decision.outcome != "H":
                shown.append(self._shown(use, decision, view, reading.now))
                left.append(Released(use.key, decision.outcome, (*decision.policies, *decision.rules)))
        disclosure_id = self._accesses.released(self._asked(reading, ACCESSES), stands.classes, left, ())
        return ShownUses(disclosure_id, view.child, tuple(shown))

    def _access(self, principal: Principal, child: str | None, reference: str | None) -> Access:
        return Access(principal, child, WHAT, EMERGENCY, BASIS, reference, None, self._rules.version)

    def _both_sides(self, principal: Principal, view: ChildView, find: FindView, now: datetime) -> bool:
        """Whether this person has a part in a linked child's case that is not one for both children."""
        if _BOTH_CHILDREN & principal.roles:
            return False
        linked = (standing(principal, find(other), now) for other in sorted(view.linked))
        return any(one.classes for one in linked)

    def _told(self, use: EmergencyUse, view: ChildView | None, now: datetime) -> Iterator[tuple[str, str]]:
        """Who is told, and as what: the child's team managers, and the officers who answer for it.

        Shape: the team managers of the organisation of the allocated worker, or of the child's authority
        while there is none; officers of partnerships, and of the organisation of whoever used it. Nobody
        is told of a use of their own.
        """
        workers = [one for one in view.grants if one.kind == "allocated" and one.current(now)] if view else []
        authority = (view.authority or view.area) if view else None
        teams = {one.organisation for one in workers} or ({authority} if authority else set())
        for team in sorted(teams):
            for manager in self._directory.team_managers(team):
                if manager.id != use.reader:
                    yield manager.id, "team-manager"
        for organisation in self._directory.organisations():
            if organisation.kind == "partnership" or organisation.id == use.organisation:
                for officer in self._directory.people_with_role(organisation.id, "ig-officer"):
                    if officer.id != use.reader:
                        yield officer.id, "officer"

    def _tell(self, told: tuple[str, str], use: EmergencyUse) -> None:
        """Tell one person that emergency access was used: by a code, and by whom neither says."""
        recipient, as_what = told
        reader = ReaderFacts(frozenset({as_what}), False)
        policy = self._decider.line(f"notice-{_CODE}", reader, _facts(own=False))
        if policy is None:
            return
        rule, child = self._rules.rule(policy), use.child or _UNKNOWN
        id = self._notices.name(use.key, recipient, child, WHAT)
        line: JsonObject = {
            "code": _CODE, "text": rule.text, "rule": rule.rule, "requirement": rule.requirement,
            "on": use.used_at.astimezone(LONDON).date().isoformat(), "to": [as_what],
        }  # fmt: skip
        token = ReaderNames(self._digest, recipient, child).child()
        body: JsonObject = {"notice": id, "token": token, "lines": [line]}
        self._notices.keep(recipient, id, body, Origin(child, use.key, (policy,)), RAISED)

    def _own(self, principal: Principal, use: EmergencyUse, now: datetime) -> OwnUse:
        told = replace(use, expires_at=use.used_at + HOURS)
        return OwnUse(
            access=use.id,
            child=self._opened(principal, use, now),
            reason=use.reason,
            reference=use.reference,
            used_at=to_minute(use.used_at),
            ends_at=to_minute(told.ends_at),
            review=state_of(told, now),
        )

    def _opened(self, principal: Principal, use: EmergencyUse, now: datetime) -> str | None:
        """The child that a use opens to this person now, under the id by which it is read now."""
        child = self._identity.canonical(use.child) if use.child is not None else None
        if child is None or not now < use.ends_at or not self._views.exists(child):
            return None
        view = self._views.child(child)
        return view.child if standing(principal, view, now).classes else None

    def _shown(self, use: EmergencyUse, decision: Decision, view: ChildView, now: datetime) -> ShownUse:
        if decision.whole:
            return _whole(use, now)
        notes = tuple(Redaction(one.group, one.rule, manager_of(view)) for one in decision.withheld)
        begun, ends = to_minute(use.used_at), to_minute(use.ends_at)
        return ShownUse(None, None, None, None, None, None, begun, ends, None, notes)


def _facts(*, own: bool) -> ItemFacts:
    """The record of a use, as the rules know it: oversight, and of nobody but whoever used it."""
    labels = frozenset({"OVS"})
    return ItemFacts(TYPE, "", labels, labels, own, "none", frozenset(), False, False)


def _whole(use: EmergencyUse, now: datetime) -> ShownUse:
    return ShownUse(
        access=use.id,
        reader=use.reader,
        organisation=use.organisation,
        role=use.role,
        reason=use.reason,
        reference=use.reference,
        used_at=to_minute(use.used_at),
        ends_at=to_minute(use.ends_at),
        review=state_of(use, now),
    )


def state_of(use: EmergencyUse, now: datetime) -> State:
    """Where a use stands: open, awaiting its review, or what the review found."""
    if use.review is not None:
        return use.review.outcome
    return "open" if now < use.ends_at else "awaiting-review"
