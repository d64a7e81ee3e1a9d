"""What else lets somebody read, posted on purpose: requests for records with their answers, and seats."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random  # noqa: TID251  seeded, so that every run asks the same
from typing import TYPE_CHECKING, Any

from tests.oracle.varied import data_of

if TYPE_CHECKING:
    from tests.oracle.cases import Builder

# Of each it is asked what its holder posted, by whom, and with which scope.
THERAPY_NOTES = ("therapy-notes", ("intervention-started", "support-arranged", "specialist-opinion-received"))
EARLY_HEALTH = ("developmental", ("health-needs-considered", "assessment-factor-recorded"))


def seats(organisation: str) -> Any:
    """An appointment of the strategic group, without a link that would make it one of a set."""

    def make(rng: Random, build: Builder, csc: str) -> tuple[str, dict[str, Any]]:
        people = [f"{organisation}/p-{rng.choice([1, 2])}", f"{csc}/sgu-1", f"{csc}/tm-2"]
        named = rng.sample(people, rng.choice([1, 2]))
        members = [{"organisation": one.partition("/")[0], "person": one} for one in named]
        return "strategic-management-group-appointed", {"members": members}

    return make


def request(
    build: Builder, child: str, asks: str, holder: str, scope: tuple[str, Sequence[str]],
    organisations: Sequence[str], people: Sequence[str],
) -> None:  # fmt: skip
    """Somebody asks a holder for records, which has some; the holder answers, and may think again."""
    rng, (named, types) = build.rng, scope
    said: dict[str, Any] = {"holder": holder, "scope": named}
    if rng.random() < 0.8:
        said["purpose"] = "To know what happened."
    asked = build.post(child, "records-access-requested", asks, said)
    about = {"source": f"urn:safeguarding:org:{asks}", "id": asked.event}
    type_ = rng.choice(types)
    build.post(child, type_, holder, data_of(type_, rng, organisations, people))
    for _ in range(rng.choice([1, 1, 2])):
        decision = rng.choice(["granted", "granted", "partly", "refused"])
        build.post(child, "records-access-decided", holder, {"decision": decision, "about": about})
