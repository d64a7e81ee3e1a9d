"""A child's own account of who was told what about it, made for the child by others (H-23)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field
from typing_extensions import TypedDict

from hub.api.access import Purpose, Reference, SignedIn, services_of
from hub.api.answers import JsonAnswer, disclosed_json
from hub.api.children import Child
from hub.api.description import CHILD, answers, operation_id, refuses
from hub.api.reader_shapes import Day, DisclosedAnswer
from hub.disclosure.answers import ReadRequest
from hub.disclosure.own_account import OwnAccount, Recipient

routes = APIRouter(tags=["readers"], generate_unique_id_function=operation_id)


class AccountRecipient(TypedDict):
    """Who was told: what kind of organisation, in a child's words, and its name where it may be said."""

    kind: str
    name: str | None


class AccountLine(TypedDict):
    """What one recipient was told for the first time on one day, and why, in a child's words."""

    on: Day
    who: AccountRecipient
    told: Sequence[str]
    why: Sequence[str]


class AccountDays(TypedDict):
    """On how many days one recipient looked, as a span; `at_most` is null where it has no end."""

    who: AccountRecipient
    at_least: int
    at_most: int | None
    text: str


class AccountText(TypedDict):
    """What stands in every account, with the row that it is from."""

    text: str
    source: str


class OwnAccountAnswer(DisclosedAnswer):
    """A child's own account; no person, no other child, no entry and no narrative is in it."""

    lines: Sequence[AccountLine]
    looked: Annotated[Sequence[AccountDays], Field(description="Days, not single reads")]
    always: Sequence[AccountText]


@routes.get(
    "/v1/children/{child}/own-account",
    responses=answers(OwnAccountAnswer, "The account") | refuses(*CHILD),
)
def own_account(
    request: Request, who: SignedIn, child: Child, purpose: Purpose, reference: Reference
) -> Response:
    """Who was told what about a child and why, for the child itself; made by its worker or an officer."""
    asked = ReadRequest(child, purpose, reference)
    return JsonAnswer(account_json(services_of(request).disclosure.accounts.make(who, asked)))


def account_json(account: OwnAccount) -> OwnAccountAnswer:
    """The account as it leaves."""
    return {
        **disclosed_json(account),
        "lines": [
            {"on": one.on.isoformat(), "who": _who(one.who), "told": one.told, "why": one.why}
            for one in account.lines
        ],
        "looked": [
            {
                "who": _who(one.who),
                "at_least": one.days.at_least,
                "at_most": one.days.at_most,
                "text": one.days.text,
            }
            for one in account.looked
        ],
        "always": [{"text": one.text, "source": one.source} for one in account.standing],
    }


def _who(recipient: Recipient) -> AccountRecipient:
    return {"kind": recipient.kind, "name": recipient.name}
