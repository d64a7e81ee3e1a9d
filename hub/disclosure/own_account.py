"""A child's own account: who was told what about it and why, in plain words (H-23)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, Generic

from hub.directory import Directory
from hub.directory.types import Principal
from hub.disclosure.account_looks import NOBODY, Look, lives_elsewhere, looks, recipient_of
from hub.disclosure.answers import Answer, ReadRequest
from hub.disclosure.assemble import Assembler
from hub.disclosure.capacity import FOR_SUBJECT, SUBJECT
from hub.disclosure.decide import HIDDEN, Decider
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.family_papers import R, Standing
from hub.disclosure.family_told import OUTCOME
from hub.disclosure.lines import ACCOUNT, Line
from hub.disclosure.redact import LONDON
from hub.disclosure.release import Access, AccessRecord, Kept, Released
from hub.disclosure.rules import RuleSet
from hub.disclosure.told import ToldIndex
from hub.envelope import EventKey
from hub.errors import HubError
from hub.record import Record
from hub.views import ChildView

OWN_ACCOUNT: Final = "own-account"
"""What the making of an account is called in the record of accesses."""
SUBJECT_ACCESS: Final = "subject-access"
"""The purpose for which an officer makes an account: to answer a request by the child or for it."""
ACCESS: Final = "record-accessed"
TO, NAME = f"{ACCOUNT}-to", f"{ACCOUNT}-name"
_SAFETY: Final = "D-14-ACCOUNT-SAFETY"
_MAKERS: Final = frozenset({"own-worker", "team-manager"})
_OFFICER: Final = "officer"
_NOT_FOUND: Final = "There is nothing here for you under this address."
_PURPOSE: Final = "Officers make this account for one purpose: to answer a request by the person concerned."
# Who has a part in criminal matters, of whom the account speaks when these have ended.
_JUSTICE: Final = frozenset({"police", "youth-justice"})
KEEP_SAFE: Final = "To keep you and other children safe"
HELP: Final = "To work with you and find the right help for you"
CHECK: Final = "To check that you get the right help"
# Why, in a child's words. Purposes that would tell of a step by their name are said as one; a purpose that
# is not here is told to no child (oversight, public protection, audit, questions of identity, and requests).
WHY: Final[Mapping[str | None, str]] = {
    None: KEEP_SAFE,  # a notice to an organisation's systems, which nobody asked for
    "strategy-meeting": KEEP_SAFE,
    "s47-enquiry": KEEP_SAFE,
    "education-safety": KEEP_SAFE,
    "referral-screening": KEEP_SAFE,
    "assessment": HELP,
    "direct-care": HELP,
    "review": CHECK,
    "supervision": CHECK,
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who was told, in words; `name` is None where the account does not name it."""

    kind: str
    name: str | None


@dataclass(frozen=True, slots=True)
class AccountLine:
    """What one recipient was told for the first time on one day, and why.

    Units: `on` is a London day.
    """

    on: date
    who: Recipient
    told: tuple[str, ...]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """On how many days, as a span; `at_most` None is without end.

    Trust: exact numbers of two accounts, one after the other, would tell when people were busy with something
    that the account leaves out.
    """

    at_least: int
    at_most: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Looked:
    """On how many days one recipient looked at what the account speaks of."""

    who: Recipient
    days: Days


@dataclass(frozen=True, slots=True)
class OwnAccount(Answer):
    """A child's own account; it has no name of any person, no id of any entry, and no other child."""

    lines: tuple[AccountLine, ...]
    looked: tuple[Looked, ...]
    standing: tuple[Standing, ...]


ALWAYS: Final = (
    Standing("Some things are left out of every paper like this one: what is about other people, who told us "
             "something, what you said yourself, your health, what only the police may know, and what you "
             "have not been told about.", "H-23; D-14"),
    Standing("It does not say which person read something, only where they work. Sometimes it says only what "
             "kind of place that is.", "H-23; D-10"),
    Standing("You can ask your social worker about anything in it. You can ask to see more of what is "
             "written about you, and somebody you trust can help you ask.", "H-23; R-015; S3 s.1"),
    Standing("If something is wrong, say so. It can be put right.", "H-02"),
    Standing("You have the right to say what you think about who is told things about you.", "D-09; R-015"),
)  # fmt: skip
_SPANS: Final = (
    Days(1, 1, "on one day"),
    Days(2, 5, "on 2 to 5 days"),
    Days(6, 20, "on 6 to 20 days"),
    Days(21, None, "on more than 20 days"),
)


@dataclass(slots=True)
class Composed:
    """An account in the making, and which decisions stand behind it.

    Shape: `order` is that of the texts, as the rules have it. `accesses` are those it speaks of, each with
    the rules that let it; `kept` those it leaves out although something was told by them of which it speaks;
    `told` the events of which it speaks.
    """

    order: Mapping[str, int]
    days: dict[tuple[date, Recipient], tuple[set[str], set[str]]] = field(default_factory=dict)
    looked: dict[Recipient, set[date]] = field(default_factory=dict)
    told: set[EventKey] = field(default_factory=set)
    accesses: list[tuple[EventKey, tuple[str, ...]]] = field(default_factory=list)
    kept: list[EventKey] = field(default_factory=list)

    @property
    def lines(self) -> tuple[AccountLine, ...]:
        """What was told, by day, then by recipient."""
        ordered = sorted(self.days.items(), key=lambda one: (one[0][0], _order(one[0][1])))
        return tuple(
            AccountLine(on, who, tuple(sorted(told, key=self.order.__getitem__)), tuple(sorted(why)))
            for (on, who), (told, why) in ordered
        )

    @property
    def looks(self) -> tuple[Looked, ...]:
        """How often each recipient looked."""
        return tuple(Looked(who, _span(len(self.looked[who]))) for who in sorted(self.looked, key=_order))


@dataclass(frozen=True, slots=True)
class Telling:
    """One access by which somebody was told of what an account may speak of, as the rules decide about it.

    Shape: `told` are those events, each with the rule by whose text the account speaks of it. `to` is the
    rule that lets it say who was told, `name` the rule that lets it name them, None where none does; `facts`
    are what these were asked of.
    """

    look: Look
    told: Mapping[EventKey, str]
    to: str | None
    name: str | None
    facts: ItemFacts

    @property
    def policies(self) -> tuple[str, ...]:
        """The rules that let the account say who was told."""
        return tuple(one for one in (self.to, self.name) if one is not None)

    def who(self, rules: RuleSet, titles: Callable[[str], str]) -> Recipient | None:
        """Who was told, in the words of the rules; None where the account may not say it."""
        if self.to is None:
            return None
        named = titles(self.look.organisation) or None if self.name is not None else None
        return Recipient(rules.rule(self.to).text, named)


def tellings(
    view: ChildView, lines: Iterable[Line], found: Sequence[Look], decider: Decider, rules: RuleSet
) -> Iterator[Telling]:
    """The accesses by which somebody was told of what a child's own account may speak of, oldest first.

    Source: H-23; D-14, D-08, D-10; R-054

    1. Of an access counts what the account has a line of; where it gave a coded line only, what keeps
       people safe: other coded lines say less than the account would.
    2. Whether it may say who was told: by kind of recipient and purpose; of police and youth justice as far
       as it was before criminal matters ended.
    """
    said = {line.basis: line.policy for line in lines if line.placed.shown.line == ACCOUNT}
    safety = rules.rule(_SAFETY).text if _SAFETY in rules.by_id else None
    ended = _ended(view, said.keys())
    elsewhere = lives_elsewhere(view)
    for look in found:
        told = [key for key in look.told if key in said]  # 1
        told += [key for key in look.coded if key in said and rules.rule(said[key]).text == safety]
        if not told:
            continue
        kind = recipient_of(look, view) if look.purpose in WHY else NOBODY  # 2
        before = kind not in _JUSTICE or (ended is not None and look.at <= ended)
        facts = _facts(kind, known=before, elsewhere=elsewhere)
        to, name = (decider.line(code, READER, facts) for code in (TO, NAME))
        yield Telling(look, {key: said[key] for key in told}, to, name, facts)


def compose(
    view: ChildView, lines: Iterable[Line], found: Sequence[Look], decider: Decider, rules: RuleSet,
    titles: Callable[[str], str],
) -> Composed:  # fmt: skip
    """What a child's own account says of these accesses, by the lines that it may have of its record.

    Shape: two recipients that the account does not tell apart are one in it.
    Source: H-23; D-14; R-054

    1. Each access by which somebody was told of what it may speak of; where it may not say who that was,
       the access is left out.
    2. What a recipient had already is no news to it; that it looked is.
    """
    composed = Composed({one.text: place for place, one in enumerate(rules.by_id.values())})
    had: set[tuple[Recipient, EventKey]] = set()
    for one in tellings(view, lines, found, decider, rules):  # 1
        look, who = one.look, one.who(rules, titles)
        if who is None:
            composed.kept.append(look.key)
            continue
        day = look.at.astimezone(LONDON).date()
        composed.accesses.append((look.key, one.policies))
        composed.looked.setdefault(who, set()).add(day)
        composed.told.update(one.told)
        if new := [key for key in one.told if (who, key) not in had]:  # 2
            texts, why = composed.days.setdefault((day, who), (set(), set()))
            texts.update(rules.rule(one.told[key]).text for key in new)
            why.add(WHY[look.purpose])
            had.update((who, key) for key in new)
    return composed


READER: Final = ReaderFacts(frozenset({SUBJECT}), False)


def _facts(kind: str, *, known: bool, elsewhere: bool) -> ItemFacts:
    """An access as the rules read it; none of its own fields is asked for."""
    return ItemFacts(
        type=ACCESS, detail=kind, filled=frozenset(), carries=frozenset({"OVS"}), own=False, meeting="none",
        sides=frozenset(), joint=False, source_reveals=elsewhere, family_told=known,
    )  # fmt: skip


def _ended(view: ChildView, said: Iterable[EventKey]) -> datetime | None:
    """When it was recorded last that criminal matters have ended, as far as the account may say so."""
    known = set(said)
    ends = (one.received_at for one in view.entries if one.type == OUTCOME and one.key in known)
    return max(ends, default=None)


def titles_of(directory: Directory) -> Callable[[str], str]:
    """The titles of organisations as a directory has them; empty of those that it does not know."""

    def title(organisation: str) -> str:
        found = directory.organisation(organisation)
        return found.title if found is not None else ""

    return title


def _span(days: int) -> Days:
    return next(one for one in _SPANS if one.at_most is None or days <= one.at_most)


def _order(who: Recipient) -> tuple[str, str]:
    return who.kind, who.name or ""


class OwnAccounts(Generic[R]):
    """Makes children's own accounts, each decided for the child and recorded before it leaves."""

    def __init__(
        self, read: Callable[[Principal, ReadRequest, str], R], asked: Callable[[R, str], Access],
        profile: Callable[[ChildView], str | None], *, record: Record, told: ToldIndex, rules: RuleSet,
        assembler: Assembler, decider: Decider, accesses: AccessRecord, directory: Directory,
    ) -> None:  # fmt: skip
        self._read: Final = read
        self._asked: Final = asked
        self._profile: Final = profile
        self._record: Final = record
        self._until: Final = told.until
        self._rules: Final = rules
        self._assembler: Final = assembler
        self._decider: Final = decider
        self._accesses: Final = accesses
        self._titles: Final = titles_of(directory)

    def make(self, principal: Principal, request: ReadRequest) -> OwnAccount:
        """A child's own account, for its worker to go through with it, or to answer a request for access.

        Trust: it is decided as for the child, whoever makes it. It says nothing of which the child is not
        recorded as told, and nothing that somebody of its family is not to know, who may read it too.
        Source: H-23; D-14; D-13; H-12
        Raises: HubError purpose, not-found, views-behind, store.

        Procedure
          1. The child's own worker or team manager, of the authority that is responsible for it; or an
             officer of the partnership, who answers a request by the person concerned.
          2. Decide every entry for the child, then every access by which one of these was told.
          3. Record the disclosure with the rules that decided; then, and only then, answer.
        """
        reading = self._read(principal, request, OWN_ACCOUNT)
        access, stands = self._asked(reading, OWN_ACCOUNT), reading.disclosed.standing
        view = reading.find(request.child)
        own = bool(stands.classes & _MAKERS) and principal.organisation == view.authority
        if not own and _OFFICER not in stands.classes:  # 1
            self._accesses.refused(access, "not-found")
            raise HubError("not-found", _NOT_FOUND)
        if not own and access.purpose != SUBJECT_ACCESS:
            self._accesses.refused(access, "purpose")
            raise HubError("purpose", _PURPOSE, rule="H-23")
        disclosed = self._assembler.disclose(  # 2
            principal, view, reading.find, now=reading.now, as_at=None, apart=True, capacity=FOR_SUBJECT
        )
        found = looks(self._record, view, self._until)
        composed = compose(view, disclosed.lines, found, self._decider, self._rules, self._titles)
        answer = OwnAccount(
            disclosure_id="",
            child=request.child,
            as_at=reading.now,
            policy_version=self._rules.version,
            profile=self._profile(view),
            lines=composed.lines,
            looked=composed.looks,
            standing=ALWAYS,
        )
        if access.made is not None:  # 3
            access = replace(access, made=access.made.of(answer, self._record.digest))
        kept = (*disclosed.kept, *(Kept(one, "D-14", HIDDEN.policies) for one in composed.kept))
        left = tuple(_left(disclosed.lines, composed))
        return replace(answer, disclosure_id=self._accesses.released(access, (SUBJECT,), left, kept))


def _left(lines: Iterable[Line], composed: Composed) -> Iterator[Released]:
    """What leaves: the events of which the account speaks, and the accesses by which somebody was told."""
    for line in lines:
        if line.basis in composed.told:
            yield Released(line.basis, "line", (line.policy,))
    for key, policies in composed.accesses:
        yield Released(key, "line", policies)
