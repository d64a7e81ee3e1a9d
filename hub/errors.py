"""Every refusal of the hub and its problem document, as data.

This room promises that nothing received is ever part of a message: titles and details are
written here or by the raising rule, and never interpolate input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

TYPE_BASE: Final = "/problems/"
IMMEDIATE_DANGER: Final = (
    "If a child is in immediate danger, call 999. This system is not an emergency service."
)
"""The first line of whatever a person sees who wanted to report something (R-050)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of refusal, as it is published at /problems/{slug}."""

    slug: str
    status: int
    title: str
    fix: str


_ALL: Final = (
    Problem("signature", 401, "The signature could not be verified",
            "Sign the exact bytes you send with a key registered for events."),
    Problem("key-unknown", 401, "The signing key is not known",
            "Register the key with the hub, or use the key that is registered for events."),
    Problem("key-revoked", 401, "The signing key is not valid now",
            "Use a key that is valid at the time of posting."),
    Problem("audience", 401, "The event is addressed to another hub",
            "Set the header member aud to this hub's id."),
    Problem("token", 401, "The access token is missing or not valid",
            "Get a new access token."),
    Problem("wrong-organisation", 403, "The event, the key and the token name different organisations",
            "An organisation posts only its own events, with its own key and token."),
    Problem("poster", 403, "This organisation may not post this type of event",
            "See the type's list of permitted posters."),
    Problem("gate", 403, "This decision does not pass its gate",
            "Follow the fix that the rule names."),
    Problem("conflict", 409, "This id was already used for other content",
            "Give the new content an id of its own."),
    Problem("media-type", 415, "The media type is not accepted here",
            "Send application/jose for one event, application/jose-lines for a batch."),
    Problem("json", 422, "The payload is not strict JSON",
            "Send UTF-8 JSON without duplicate members, control or bidirectional characters."),
    Problem("schema", 422, "What was sent does not fit its description",
            "Check an event against the schema of its type, anything else against the API description."),
    Problem("clock", 422, "The event is dated in the future",
            "Check the clock of the sending system."),
    Problem("too-large", 413, "The message is too large",
            "One event is at most 128 KiB; a batch at most 1,000 events and 8 MiB."),
    Problem("imagery", 422, "Do not send imagery; tell the police",
            "Post the text alone. Nothing of this message was kept."),
    Problem("not-found", 404, "Not found",
            "There is nothing here for you under this address."),
    Problem("purpose", 403, "The purpose of access is missing or not one of your role's",
            "Send the header Access-Purpose with a purpose your role may use."),
    Problem("views-behind", 503, "The answer would be older than the record",
            "Try again in a moment."),
    Problem("store", 503, "The store is not available; nothing was kept",
            "Send the same again later; a repeat is safe."),
    Problem("rate", 429, "Too many requests",
            "Slow down and try again later."),
)  # fmt: skip
PROBLEMS: Final[Mapping[str, Problem]] = {problem.slug: problem for problem in _ALL}


class HubError(Exception):
    """A refusal that becomes a problem document; the only error that crosses rooms.

    Units: `retry_after` in seconds, where it is known when the same may succeed.
    Trust: `detail` is written by the hub and never holds anything received.
    """

    def __init__(
        self,
        slug: str,
        detail: str = "",
        *,
        rule: str | None = None,
        source: str | None = None,
        status: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.problem: Final = PROBLEMS[slug]
        self.detail: Final = detail or self.problem.fix
        self.rule: Final = rule
        self.source: Final = source
        self.status: Final = status or self.problem.status
        self.retry_after: Final = retry_after
        super().__init__(slug)

    @property
    def slug(self) -> str:
        """The closed-list name of this refusal."""
        return self.problem.slug

    def document(self, instance: str) -> dict[str, str | int]:
        """This refusal as a problem document; `instance` lets a caller name it to the hub's operator.

        Source: RFC 9457
        """
        document: dict[str, str | int] = {
            "type": TYPE_BASE + self.slug,
            "title": self.problem.title,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:uuid:{instance}",
        }
        if self.rule is not None:
            document["rule"] = self.rule
        if self.source is not None:
            document["source"] = self.source
        return document
