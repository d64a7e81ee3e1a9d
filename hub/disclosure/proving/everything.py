"""All theorems about a rule set, in the order in which they are told."""

from __future__ import annotations

from hub.disclosure.proving.account import ACCOUNTS
from hub.disclosure.proving.allowed import ALLOWED
from hub.disclosure.proving.families import FAMILIES
from hub.disclosure.proving.guards import GUARDS, forbids, lasting
from hub.disclosure.proving.reach import REACHES
from hub.disclosure.proving.reviewed import REVIEWED
from hub.disclosure.proving.scenes import Theorem
from hub.disclosure.proving.theorems import THEOREMS
from hub.disclosure.proving.withheld import WITHHELD
from hub.disclosure.proving.world import World


def theorems(world: World) -> tuple[Theorem, ...]:
    """Every theorem that is proved of a rule set; of each of its rules that forbids, that it lasts."""
    named = (*THEOREMS, *GUARDS, *ALLOWED, *REVIEWED, *FAMILIES, *ACCOUNTS, *WITHHELD, *REACHES)
    return (*named, *(lasting(one) for one in forbids(world)))
