"""The pages of whoever uses emergency access: the form with its warning, and what was used (H-17)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from hub.disclosure.answers import ReadRequest
from hub.disclosure.emergency import REASONS
from hub.disclosure.purposes import REFERENCE
from hub.errors import HubError
from hub.web.children import child_of, purpose_of
from hub.web.visits import Visit

PAGE: Final = "/emergency-access"
IDENTIFIER: Final = re.compile(r"(nhs|upn|local|child):\S.{0,190}\Z")
_JUST_USED: Final = "just_used"
# What passes by itself: the form stays filled in, and the same can be sent again.
_AGAIN: Final = frozenset({"schema", "store", "views-behind", "rate"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """The form as somebody filled it in, with what is wrong with it.

    Shape: `errors` a plain sentence by field.
    Trust: the texts go back to whoever typed them, and nowhere else.
    """

    identifier: str = ""
    reason: str = ""
    reference: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


def read_form(form: FormData) -> Wanted:
    """What is wanted, with what is wrong with it.

    Trust: only the form of an identifier is looked at, never whether a child is known by it (H-10).
    """
    identifier, reason, reference = (
        str(form.get(name, "")).strip() for name in ("identifier", "reason", "reference")
    )
    errors: dict[str, str] = {}
    if not identifier:
        errors["identifier"] = "Enter an identifier of the child"
    elif not IDENTIFIER.match(identifier):
        errors["identifier"] = "Identifier must begin with nhs:, upn:, local: or child:"
    if reason not in REASONS:
        errors["reason"] = "Select why you need emergency access"
    if not reference:
        errors["reference"] = "Enter your reference for this incident"
    elif not REFERENCE.fullmatch(reference):
        errors["reference"] = "Reference must be 64 letters, digits, spaces and . / : _ - or fewer"
    return Wanted(identifier, reason, reference, errors)


async def mine(visit: Visit) -> Response:
    """What I used emergency access for; beside the one that was begun just now, what it opens."""
    used = await run_in_threadpool(visit.services.reads.emergency.mine, visit.reader)
    just_used = visit.session.pop(_JUST_USED, None)
    begun = next((one for one in used if one.access == just_used), None)
    return visit.page("emergency-mine.html", used=used, begun=begun, reasons=REASONS)


async def of_child(visit: Visit) -> Response:
    """Who used emergency access to a child, for whom the rules show it; the reading is recorded (D-50)."""
    child = child_of(visit)
    kept = purpose_of(visit, child)
    if kept is None:
        return visit.go(f"/children/{child}/purpose")
    request = ReadRequest(child=child, purpose=kept[0], reference=kept[1] or None)
    found = await run_in_threadpool(visit.services.reads.emergency.of_child, visit.reader, request)
    return visit.page(
        "emergency-of-child.html", child=child, found=found, reasons=REASONS, purpose=kept[0],
        reference=kept[1],
    )  # fmt: skip


async def ask(visit: Visit) -> Response:
    """The form: what happens stands before it, and nothing is read."""
    return visit.page("emergency-use.html", wanted=Wanted(), reasons=REASONS)


async def use(visit: Visit) -> Response:
    """Use emergency access; the answer is the same where no child is known by the identifier.

    1. A form with an error is shown again, filled in, and nothing is opened.
    2. So it is where the hub cannot do it now.
    """
    wanted = read_form(await visit.form())
    if wanted.errors:
        return _again(visit, wanted, None)  # (1)
    begin = visit.services.reads.emergency.use
    try:
        begun = await run_in_threadpool(
            begin, visit.reader, wanted.identifier, wanted.reason, wanted.reference
        )
    except HubError as refusal:
        if refusal.slug not in _AGAIN:
            raise
        return _again(visit, wanted, refusal)  # (2)
    visit.session[_JUST_USED] = begun.access
    return visit.go(PAGE)


def _again(visit: Visit, wanted: Wanted, refusal: HubError | None) -> Response:
    status = 400 if refusal is None else refusal.status
    return visit.page("emergency-use.html", status=status, wanted=wanted, reasons=REASONS, refusal=refusal)
