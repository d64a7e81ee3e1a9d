"""Stories of children whose authority lets further services in, in areas that have such services."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from hub.directory.types import Principal
from hub.disclosure.standing import Standing, standing
from hub.views.relationships import grants_of
from tests.spec.relationship_folds import N_CSC, S_CSC, Story, area_of, at

NOW, SOON, LATE = "2025-09-10 12:00", "2025-09-20 12:00", "2025-11-20 12:00"
SCHOOL, POLICE, GP = "education.s-birch", "police.s-police", "health.s-gp"
YOS, N_YOS = "youth-justice.s-yos", "youth-justice.n-yjs"
EARLY_HELP, MAPPA, OTHER_MAPPA = "social-care.s-early-help", "other.s-mappa", "other.s-mappa-2"
HELPER, COORDINATOR, CAIU = f"{EARLY_HELP}/eh-1", f"{MAPPA}/co-1", f"{POLICE}/caiu-2"
SERVICES = {
    (S_CSC, "early-help-worker"): (EARLY_HELP,),
    (N_CSC, "early-help-worker"): ("social-care.n-early-help",),
    (S_CSC, "youth-justice-worker"): (YOS,),
    (N_CSC, "youth-justice-worker"): (N_YOS,),
}  # fmt: skip


def services_in(authority: str, role: str) -> Iterable[str]:
    return SERVICES.get((authority, role), ())


Step: TypeAlias = "Callable[[Basis], object]"


class Basis(Story):
    """A story whose areas have services."""

    @property
    def grants(self):
        return grants_of(self.folded, {}, area_of, services_in)


def begun(**data: object) -> Basis:
    story = Basis()
    story.opened(schools=[SCHOOL], **data)
    return story


def is_(story: Basis, person: str, role: str, time: str = NOW) -> Standing:
    organisation = person.partition("/")[0]
    kind = organisation.partition(".")[0]
    reader = Principal(organisation, kind, area_of(organisation), person, frozenset({role}))
    return standing(reader, story.view, at(time))


def has_harmed(story: Basis, on: str = "2025-09-01", by: str = S_CSC, time: str = "2025-09-01 10:00") -> None:
    incident = {"role": "has-harmed", "status": "alleged", "occurred_at": on, "precision": "day"}
    story.post(time, by, "incident-recorded", **incident)


def transfer(
    story: Basis, target: str = "early-help", by: str = S_CSC, time: str = "2025-09-02 09:00"
) -> None:
    story.post(time, by, "case-transfer-decided", target=target, rationale="r", meeting="M1")


def request(story: Basis, holder: str = GP, by: str = S_CSC, time: str = "2025-09-02 09:00") -> object:
    return story.post(time, by, "records-access-requested", holder=holder, scope="background-check")
