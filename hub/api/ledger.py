"""Routes of witnesses and officers: the ledger's checkpoint, proofs and tiles.

Source: C2SP tlog-checkpoint; C2SP tlog-tiles; RFC 9162 2.1.3, 2.1.4.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse

from hub.api import reader_shapes as shapes
from hub.api.access import LedgerReader, services_of
from hub.api.answers import JsonAnswer
from hub.api.description import CALLED, answers, content, operation_id, refuses
from hub.errors import HubError

FULL_TILE: Final = 256
_LARGEST: Final = 2**53 - 1
_NUMBER: Final = r"(?:x[0-9]{3}/)*[0-9]{3}"
_TILE: Final = re.compile(rf"(?P<level>[0-9]{{1,2}})/(?P<number>{_NUMBER})(?:\.p/(?P<width>[0-9]{{1,3}}))?")
_LONGEST_TILE: Final = 40

routes = APIRouter(tags=["witnesses and officers"], generate_unique_id_function=operation_id)


class _Octets(Response):
    media_type = "application/octet-stream"


Index = Annotated[int, Query(ge=0, le=_LARGEST)]


@routes.get(
    "/v1/ledger/checkpoint",
    response_class=PlainTextResponse,
    responses=content("text/plain", "The signed note (C2SP tlog-checkpoint)") | refuses(*CALLED, "not-found"),
)
def checkpoint(request: Request, who: LedgerReader) -> Response:
    """The latest signed checkpoint, a note that can be verified without the hub."""
    latest = services_of(request).ledger.checkpoint()
    if latest is None:
        raise HubError("not-found", "No checkpoint is signed yet.")
    return PlainTextResponse(latest.text, headers={"Cache-Control": "no-store"})


@routes.get(
    "/v1/ledger/proof/inclusion",
    responses=answers(shapes.InclusionProof, "The proof") | refuses(*CALLED, "not-found", "schema"),
)
def inclusion(request: Request, who: LedgerReader, leaf_index: Index, tree_size: Index) -> Response:
    """That a leaf is in the tree of a size."""
    proof = services_of(request).ledger.inclusion(leaf_index, tree_size)
    return JsonAnswer({"leaf_index": leaf_index, "tree_size": tree_size, "inclusion": _hashes(proof)})


@routes.get(
    "/v1/ledger/proof/consistency",
    responses=answers(shapes.ConsistencyProof, "The proof") | refuses(*CALLED, "not-found", "schema"),
)
def consistency(request: Request, who: LedgerReader, old: Index, new: Index) -> Response:
    """That the tree of one size begins with the tree of an older size: nothing was altered."""
    proof = services_of(request).ledger.consistency(old, new)
    return JsonAnswer({"old": old, "new": new, "consistency": _hashes(proof)})


@routes.get(
    "/v1/ledger/tile/{tile:path}",
    response_class=_Octets,
    responses=content("application/octet-stream", "32 bytes a hash (C2SP tlog-tiles)", binary=True)
    | refuses(*CALLED, "not-found"),
)
def tile(request: Request, who: LedgerReader, tile: str) -> Response:
    """The hashes of one tile: `<level>/<number>`, or `<level>/<number>.p/<width>` for a partial one."""
    found = _TILE.fullmatch(tile) if len(tile) <= _LONGEST_TILE and tile.isascii() else None
    if found is None:
        raise HubError("not-found")
    number = int(found["number"].replace("x", "").replace("/", ""))
    width = int(found["width"]) if found["width"] else FULL_TILE
    content = services_of(request).ledger.tile(int(found["level"]), number, width)
    return Response(content, headers={"Cache-Control": "no-store"}, media_type="application/octet-stream")


def _hashes(proof: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in proof]
