"""The hub's answers about its sharing rules as JSON: replays, releases and rehearsals."""

from __future__ import annotations

from typing import cast

from hub.api import policy_shapes as shapes
from hub.api.answers import instant
from hub.disclosure.library import Release
from hub.disclosure.replay import Given, Replay
from hub.envelope import JsonObject
from hub.oversight import Standing


def replay_json(found: Replay) -> shapes.ReplayAnswer:
    """What came of making a past answer again; the answer itself stays behind."""
    return {
        "disclosure_id": found.disclosure_id,
        "policy_version": found.policy_version,
        "installed": found.installed,
        "decisions": found.decisions,
        "text": found.bytes,
        "notes": list(found.notes),
        "missing": [_given(one) for one in found.missing],
        "more": [_given(one) for one in found.more],
        "erased": [{"source": one.source, "id": one.id} for one in found.erased],
    }


def standing_json(found: Standing) -> shapes.PolicyStanding:
    """Which sharing rules there are."""
    return {
        "running": found.running,
        "in_force": found.in_force,
        "shipped": found.shipped,
        "installed": list(found.installed),
        "releases": [release_json(one) for one in found.releases],
    }


def release_json(one: Release) -> shapes.PolicyRelease:
    """One proposal and what became of it."""
    return {
        "version": one.version,
        "digest": one.digest,
        "against": one.against,
        "reason": one.reason,
        "proposed_by": one.proposed_by,
        "proposed_at": instant(one.proposed_at),
        "rehearsed_at": instant(one.rehearsed_at),
        "approved_by": one.approved_by,
        "approved_at": instant(one.approved_at),
    }


def rehearsed_json(one: Release) -> shapes.RehearsedRelease:
    """One proposal with the report of its rehearsal."""
    report = rehearsal_json(one.rehearsal) if one.rehearsal is not None else None
    return {**release_json(one), "rehearsal": report}


def rehearsal_json(report: JsonObject) -> shapes.RehearsalReport:
    """A rehearsal as it was kept: it was written in this shape."""
    return cast(shapes.RehearsalReport, dict(report))


def _given(one: Given) -> shapes.DecidedItem:
    return {
        "source": one.key.source,
        "id": one.key.id,
        "decision": one.decision,
        "policies": list(one.policies),
    }
