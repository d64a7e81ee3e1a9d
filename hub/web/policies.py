"""The pages of an officer about the sharing rules: a past answer made again, proposals, approval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hub.disclosure.library import Release
from hub.envelope import JsonObject
from hub.errors import HubError
from hub.oversight.explaining import LINE_WORDS
from hub.oversight.rehearsed import ChangeInWords, in_words
from hub.web.visits import Visit


async def replay(visit: Visit) -> Response:
    """Whether a past answer comes out the same when it is made again; never what it says."""
    disclosure_id = visit.request.path_params["disclosure_id"]
    found = await run_in_threadpool(visit.services.officer.policies.replay, visit.reader, disclosure_id)
    return visit.page("replay.html", found=found, decisions=LINE_WORDS)


async def releases(visit: Visit) -> Response:
    """Which sharing rules decide, and what was proposed and approved, latest first."""
    found = await run_in_threadpool(visit.services.officer.policies.standing, visit.reader)
    return visit.page("policies.html", found=found, releases=found.releases[::-1])


async def release(visit: Visit) -> Response:
    """One proposal: who would have been shown more and who less, and the form to approve it."""
    version = visit.request.path_params["version"]
    found = await run_in_threadpool(visit.services.officer.policies.release, visit.reader, version)
    return _page(visit, found)


async def approve(visit: Visit) -> Response:
    """Approve a proposal; where it may not be, the page says why."""
    await visit.form()
    policies, version = visit.services.officer.policies, visit.request.path_params["version"]
    try:
        await run_in_threadpool(policies.approve, visit.reader, version)
    except HubError as refusal:
        if refusal.slug not in ("gate", "conflict"):
            raise
        found = await run_in_threadpool(policies.release, visit.reader, version)
        return _page(visit, found, refusal)
    return visit.go(f"/policies/{version}")


def _page(visit: Visit, found: Release, refusal: HubError | None = None) -> Response:
    """A proposal, each change that its rehearsal found with its words beside it."""
    status = 200 if refusal is None else refusal.status
    changes = list(_changes(found.rehearsal or {}, visit))
    return visit.page("policy.html", status=status, found=found, changes=changes, refusal=refusal)


def _changes(report: JsonObject, visit: Visit) -> Iterator[tuple[JsonObject, ChangeInWords]]:
    rows = report.get("changes", ())
    for row in rows if isinstance(rows, Sequence) else ():
        if isinstance(row, Mapping):
            yield row, in_words(row, visit.services.types)
