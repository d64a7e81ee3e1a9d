"""The pages of a practitioner: my children, the purpose, the chronology, the overview."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from hub.catalogue import LONDON
from hub.disclosure.answers import Filters, ReadRequest
from hub.errors import HubError
from hub.web.known_as import learn, remember
from hub.web.visits import Visit

PAGE: Final = 100
REMEMBERED_PURPOSES: Final = 8
TEXT_LIMIT: Final = 200
NOT_AMONG_YOURS: Final = "There is no child with this identifier among the children you work with"
"""The same whether or not there is such a child (H-10)."""
REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class FilterForm:
    """The filter of the chronology as the form holds it, with what is wrong with it.

    Shape: `values` are the texts as typed, by field; `errors` a plain sentence by field.
    """

    values: Mapping[str, str]
    errors: Mapping[str, str]
    filters: Filters
    as_at: datetime | None

    def query(self, cursor: str) -> str:
        """The address of another page of the same filter."""
        return urlencode({name: text for name, text in self.values.items() if text} | {"cursor": cursor})

    @property
    def narrows(self) -> bool:
        """Whether the reader has asked for less than everything."""
        return any(self.values.values())


@dataclass(frozen=True, slots=True)
class Asked:
    """For what somebody wants to open a record, as they gave it, with what is wrong with it.

    Shape: `errors` a plain sentence by field.
    """

    purpose: str
    reference: str
    errors: Mapping[str, str]


def read_filters(query: Mapping[str, str]) -> FilterForm:
    """The filter form from the query of the address; a day that is none is an error, not a guess."""
    names = ("from", "to", "agency", "type", "q", "as_at")
    values = {name: query.get(name, "").strip()[:TEXT_LIMIT] for name in names}
    errors: dict[str, str] = {}
    days: dict[str, date | None] = {}
    for name, said in (("from", "From"), ("to", "To"), ("as_at", "As known on")):
        try:
            days[name] = date.fromisoformat(values[name]) if values[name] else None
        except ValueError:
            days[name] = None
            errors[name] = f"{said} must be a date, for example 2025-09-12"
    first, last, known = days["from"], days["to"], days["as_at"]
    if first and last and first > last:
        errors["to"] = "To must be the same as or after From"
    filters = Filters(
        from_=first,
        to=last,
        agency=values["agency"] or None,
        type=values["type"] or None,
        q=values["q"] or None,
    )
    end_of_day = datetime.combine(known, time(23, 59, 59), tzinfo=LONDON) if known else None
    return FilterForm(values, errors, filters, end_of_day)


def child_of(visit: Visit) -> str:
    """The child in the address. Raises: HubError `not-found` where it is no UUID."""
    try:
        return str(UUID(visit.request.path_params["child"]))
    except ValueError as wrong:
        raise HubError("not-found") from wrong


def _purposes(visit: Visit) -> dict[str, list[str]]:
    kept = visit.session.get("purposes")
    return dict(kept) if isinstance(kept, dict) else {}


def purpose_of(visit: Visit, child: str) -> list[str] | None:
    """The purpose and reference that this session has for reading a child; None where none was named."""
    return _purposes(visit).get(child)


def _remember_purpose(visit: Visit, child: str, purpose: str, reference: str) -> None:
    """Keep the purpose in the sealed session, where neither history nor logs can hold it."""
    kept = _purposes(visit)
    kept.pop(child, None)
    kept[child] = [purpose, reference]
    visit.session["purposes"] = dict(list(kept.items())[-REMEMBERED_PURPOSES:])


def _offered(visit: Visit) -> tuple[tuple[str, str], ...]:
    return visit.renderer.words.purposes(visit.reader.roles)


def _asked(visit: Visit, form: FormData) -> Asked:
    purpose, reference = str(form.get("purpose", "")), str(form.get("reference", "")).strip()
    errors: dict[str, str] = {}
    if purpose not in dict(_offered(visit)):
        errors["purpose"] = "Select why you need to read this record"
    if reference and not REFERENCE.match(reference):
        errors["reference"] = "Reference must be 64 letters, digits, spaces and . / _ - or fewer"
    return Asked(purpose, reference, errors)


async def home(visit: Visit) -> Response:
    """The address of the hub itself."""
    return visit.go("/children")


async def my_children(visit: Visit) -> Response:
    """The children I have a relationship with now."""
    children = await run_in_threadpool(visit.services.reads.children, visit.reader)
    return visit.page("children.html", children=children, purposes=_offered(visit))


async def find_child(visit: Visit) -> Response:
    """Look up a child by an exact identifier, which is posted and never part of an address."""
    form = await visit.form()
    asked = _asked(visit, form)
    identifier = str(form.get("identifier", "")).strip()
    if not identifier:
        return _find_again(visit, asked, "Enter an identifier")
    if asked.errors:
        return _find_again(visit, asked)
    try:
        child = await run_in_threadpool(visit.services.reads.lookup, visit.reader, identifier, asked.purpose)
    except HubError as refusal:
        if refusal.slug != "not-found":
            raise
        return _find_again(visit, asked, NOT_AMONG_YOURS, status=404)
    _remember_purpose(visit, child, asked.purpose, asked.reference)
    remember(visit.session, child, identifier)
    return visit.go(f"/children/{child}")


def _find_again(visit: Visit, asked: Asked, identifier: str = "", *, status: int = 400) -> Response:
    """The form again with what is wrong with it; nothing is read, and the identifier is not given back."""
    errors = ({"identifier": identifier} if identifier else {}) | dict(asked.errors)
    chosen = [asked.purpose, asked.reference]
    return visit.page(
        "children.html", status=status, children=None, purposes=_offered(visit), chosen=chosen, errors=errors
    )


async def ask_purpose(visit: Visit) -> Response:
    """Ask why this record is to be read; the same page whether or not there is such a child."""
    return visit.page(
        "purpose.html",
        child=child_of(visit),
        purposes=_offered(visit),
        chosen=_purposes(visit).get(child_of(visit)),
    )


async def choose_purpose(visit: Visit) -> Response:
    """Keep the chosen purpose for this child and go on to the chronology."""
    child = child_of(visit)
    asked = _asked(visit, await visit.form())
    if asked.errors:
        return visit.page(
            "purpose.html",
            status=400,
            child=child,
            purposes=_offered(visit),
            chosen=[asked.purpose, asked.reference],
            errors=asked.errors,
        )
    _remember_purpose(visit, child, asked.purpose, asked.reference)
    return visit.go(f"/children/{child}")


async def chronology(visit: Visit) -> Response:
    """The merged chronology of a child.

    1. Without a purpose in the session, ask for it first.
    2. A filter with an error is shown again and nothing is read.
    3. The read is recorded by disclosure before anything of it is here.
    """
    child = child_of(visit)
    kept = _purposes(visit).get(child)
    if kept is None:
        return visit.go(f"/children/{child}/purpose")  # (1)
    form = read_filters(visit.request.query_params)
    types = visit.renderer.words.titles
    organisations = sorted(visit.services.organisations().items(), key=lambda pair: pair[1])
    if form.errors:  # (2)
        return visit.page(
            "chronology.html",
            status=400,
            child=child,
            answer=None,
            form=form,
            types=types,
            organisations=organisations,
            purpose=kept[0],
            reference=kept[1],
        )
    request = ReadRequest(
        child=child,
        purpose=kept[0],
        reference=kept[1] or None,
        as_at=form.as_at,
        filters=form.filters,
        cursor=visit.request.query_params.get("cursor"),
        limit=PAGE,
    )
    answer = await run_in_threadpool(visit.services.reads.chronology, visit.reader, request)  # (3)
    learn(visit.session, child, answer.entries, visit.reader.organisation)
    return visit.page(
        "chronology.html",
        child=child,
        answer=answer,
        form=form,
        types=types,
        organisations=organisations,
        purpose=kept[0],
        reference=kept[1],
    )


async def overview(visit: Visit) -> Response:
    """The risk overview of a child with its deadlines, as this reader may have them."""
    child = child_of(visit)
    kept = _purposes(visit).get(child)
    if kept is None:
        return visit.go(f"/children/{child}/purpose")
    request = ReadRequest(child=child, purpose=kept[0], reference=kept[1] or None)
    answer = await run_in_threadpool(visit.services.reads.overview, visit.reader, request)
    return visit.page("overview.html", child=child, answer=answer, purpose=kept[0], reference=kept[1])
