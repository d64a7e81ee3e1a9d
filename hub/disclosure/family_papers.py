"""Papers for a child's family: made by its worker, from a template, of what the family was told (D-14)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from hub.directory.types import Principal
from hub.disclosure.answers import Answer, ReadRequest, ShownEntry
from hub.disclosure.assemble import Assembler, Disclosed, FindView
from hub.disclosure.capacity import FAMILY, ForFamily
from hub.disclosure.family_told import RECIPIENTS
from hub.disclosure.page import in_order
from hub.disclosure.release import Access, AccessRecord, Released
from hub.disclosure.tokens import DigestOf
from hub.envelope import JsonObject
from hub.errors import HubError
from hub.views import ChildView

PAPER: Final = "family-paper"
"""What the making of a paper is called in the record of accesses."""
FOR: Final = "for"
_MAKERS: Final = frozenset({"own-worker", "team-manager"})
_NOT_FOUND: Final = "There is nothing here for you under this address."
_NOBODY: Final = "Name for whom of the family the paper is, by the listed word."
_MEASURE: Final = "safety-measure"
# What a paper says of each kind of entry; what happened, and to whom else, it never says.
TEMPLATE: Final[Mapping[str, str]] = {
    "incident-recorded": "A concern about the child was recorded.",
    "family-informed": "The family was told about this.",
    "social-worker-allocated": "This is the child's social worker.",
    "named-contact-appointed": "This person has a part in the work with the child.",
    "meeting-convened": "The parents are invited to a meeting about the child.",
    "meeting-held": "The meeting to which the parents were invited was held.",
    "assessment-started": "An assessment with the child was begun.",
    "assessment-completed": "An assessment with the child was completed.",
    "section-47-enquiry-initiated": "An enquiry was begun to find out whether the child is safe.",
    "section-47-enquiry-concluded": "The enquiry into the child's safety was concluded.",
    "conference-decided": "It was decided whether to hold a child protection conference.",
    "plan-started": "A plan with the child was begun.",
    "plan-reviewed": "The plan was reviewed.",
    "risk-management-plan-recorded": "A plan was made to keep the child and others safe.",
    "criminal-outcome-recorded": "Criminal matters about the child have ended.",
    "closure-decided": "Work with the child came to an end.",
    _MEASURE: "This is done to keep the child and others safe.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in every paper, whatever is recorded of a child, and the row that it is from."""

    text: str
    source: str


STANDING: Final = (
    Standing("The child and the family have the right to legal advice, and to help in getting it.",
             "R-056; S5 s.8"),
    Standing("What the child and the family think is asked for and is part of every plan.", "R-015; S3 s.1"),
    Standing("Parents may find this hard. Support for parents can be asked for at any time.",
             "R-055; S3 s.3; S5 s.7"),
    Standing("If something in this paper is wrong, tell the child's social worker: it can be put right.",
             "H-02"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line of a paper: what it says, when it was, and the few details that a rule names.

    Shape: `kind` is the type of the entry, or `safety-measure`; `text` is constant for it.
    """

    kind: str
    text: str
    occurred_at: str
    precision: str
    fields: JsonObject


@dataclass(frozen=True, slots=True)
class FamilyPaper(Answer):
    """The paper for one member of a child's family; it has no name of any child, and no id of any entry."""

    recipient: str
    lines: tuple[PaperLine, ...]
    standing: tuple[Standing, ...]


class Reading(Protocol):
    """A permitted read of one child by a worker; nothing has left yet."""

    @property
    def principal(self) -> Principal:
        """The worker."""
        ...

    @property
    def now(self) -> datetime:
        """The domain clock of the read."""
        ...

    @property
    def find(self) -> FindView:
        """Children at the same look at the record."""
        ...

    @property
    def disclosed(self) -> Disclosed:
        """What the worker gets of the child."""
        ...


R = TypeVar("R", bound=Reading)


class FamilyPapers(Generic[R]):
    """Makes papers for families, each decided for the family and recorded before it leaves."""

    def __init__(
        self, read: Callable[[Principal, ReadRequest, str], R], asked: Callable[[R, str], Access],
        profile: Callable[[ChildView], str | None], *, assembler: Assembler,
        accesses: AccessRecord, digest: DigestOf, policy_version: str,
    ) -> None:  # fmt: skip
        self._read: Final = read
        self._asked: Final = asked
        self._profile: Final = profile
        self._assembler: Final = assembler
        self._accesses: Final = accesses
        self._digest: Final = digest
        self._policy_version: Final = policy_version

    def make(self, principal: Principal, request: ReadRequest, recipient: str) -> FamilyPaper:
        """The paper for this member of the family of a child, for the child's own worker to hand over.

        Trust: it is decided as for the family, not as for the worker: what the worker reads beside it is not
        in it. A family has no access to the hub; whoever makes the paper answers for handing it over.
        Source: D-14; B (parents and carers); R-054, R-055, R-056, R-060, R-135
        Raises: HubError purpose, not-found, schema (for whom), views-behind, store.

        Procedure
          1. The child's own worker or team manager, of the authority that is responsible for it.
          2. For whom: a member of the family by the closed list.
          3. Decide every entry for the family; what is left is said in the words of the template.
          4. Record the disclosure, for whom it is among it; then, and only then, answer.
        """
        reading = self._read(principal, request, PAPER)  # 1
        access, stands = self._asked(reading, PAPER), reading.disclosed.standing
        view = reading.find(request.child)
        if not stands.classes & _MAKERS or principal.organisation != view.authority:
            self._accesses.refused(access, "not-found")
            raise HubError("not-found", _NOT_FOUND)
        if recipient not in RECIPIENTS:  # 2
            self._accesses.refused(access, "schema")
            raise HubError("schema", _NOBODY)
        disclosed = self._assembler.disclose(  # 3
            principal, view, reading.find, now=reading.now, as_at=None, apart=True,
            capacity=ForFamily(recipient),
        )  # fmt: skip
        answer = FamilyPaper(
            disclosure_id="",
            child=request.child,
            as_at=reading.now,
            policy_version=self._policy_version,
            profile=self._profile(view),
            recipient=recipient,
            lines=tuple(_said(one.shown) for one in in_order(disclosed.placed)),
            standing=STANDING,
        )
        if access.made is not None:  # 4
            made = replace(access.made, asked={**access.made.asked, FOR: recipient})
            access = replace(access, made=made.of(answer, self._digest))
        bases = (FAMILY, recipient)
        name = self._accesses.released(access, bases, tuple(_left(disclosed)), disclosed.kept)
        return replace(answer, disclosure_id=name)


def _said(shown: ShownEntry) -> PaperLine:
    kind = _MEASURE if shown.line is not None else shown.type
    return PaperLine(kind, TEMPLATE[kind], shown.occurred_at, shown.precision, shown.fields)


def _left(disclosed: Disclosed) -> Iterator[Released]:
    for item in disclosed.items:
        yield Released(item.key, item.decision.outcome, (*item.decision.policies, *item.decision.rules))
    for line in (*disclosed.lines, *disclosed.carried):
        yield Released(line.basis, "line", (line.policy,), line.child)
