"""What every gate test needs: who holds which role, and a judgement as its rule."""

from __future__ import annotations

from dataclasses import replace

from hub.pathway.gates import judge
from tests.spec import scenario_a as a
from tests.spec.posts import N, S, at, post, profile_of

MANAGER = f"{S}/tm-1"


def people(person):
    return frozenset({"team-manager"}) if person in (MANAGER, f"{N}/tm-1") else frozenset({"social-worker"})


def refused(decision, fold, profiles=profile_of, who=people, now=a.END):
    refusal = judge(decision, fold, now=now, profile_of=profiles, people=who)
    return refusal.rule if refusal else None


def fold(child, then):
    """The whole fold of a child and of the one linked to it, as a gate gets it."""
    return replace(a.enquiry(child, at(then)), complete=None, says_neither=False)


def decision(type, data, child=a.HAS_HARMED, organisation=S, author=f"{S}/sw-s1", **more):
    return post("d", "2025-09-15 10:13", organisation, child, type, data, author=author, **more)
