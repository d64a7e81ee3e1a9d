"""The stored form of a post: the signed bytes cut apart, and what the hub decided at receipt.

A post's body holds the signed payload in pieces; the references to other children that stood between
them are the body of a link record, sealed under a key of its own. Together they give the signed bytes
back exactly; alone, a child's stream names no other child.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, cast

import orjson

from hub.catalogue.scales import Level, Scale
from hub.envelope import EventKey, JsonObject

FORMAT: Final = 1
LINK_TYPE: Final = "link-sealed"


@dataclass(frozen=True, slots=True)
class StoredPost:
    """One agency event as it is sealed in the record.

    Shape: `header` and `signature` are the first and last segment of the compact JWS; `cuts[i]` is the
    number (from 0) of the link's reference that stood between `pieces[i]` and `pieces[i + 1]`, and
    `marks` gives each reference its `n` in `{{other:n}}`. `link` is the stream of the link record.
    `subject` is as the poster wrote it; `claimed` are the identifiers that this post won for its child.
    `warnings` are triples of rule, text and source. `profile` is the local procedure that the organisation
    had adopted at receipt, with its version, empty for none (R-197). `pointed` is the event that the
    post's `entry_id` named at receipt, where it named one. `trace` is the hub's name of the request that
    brought it; `answer_to` names the record of a log that brought it and is answered there, empty over HTTP.
    `scale` is the level scale of a partnership's own that the level was of at receipt: what the level says
    then does not change when the partnership's profile changes, or goes.
    """

    header: str
    signature: str
    pieces: tuple[str, ...]
    cuts: tuple[int, ...]
    marks: tuple[int, ...]
    link: str | None
    subject: str
    organisation: str
    area: str | None
    author_role: str | None
    author_roles: tuple[str, ...]
    received_at: datetime
    warnings: tuple[tuple[str, str, str], ...]
    flags: tuple[str, ...]
    claimed: tuple[str, ...]
    policy_version: str
    pointed: EventKey | None = None
    profile: str = ""
    trace: str = ""
    answer_to: str = ""
    scale: Scale | None = None

    def veiled(self) -> bytes:
        """The payload with `{{other:n}}` wherever a reference stood."""
        return _veiled(self.pieces, self.cuts, self.marks).encode()

    def payload(self, references: tuple[str, ...]) -> bytes:
        """The signed payload, byte for byte."""
        texts = [self.pieces[0]]
        for piece, cut in zip(self.pieces[1:], self.cuts, strict=True):
            texts += (references[cut], piece)
        return "".join(texts).encode()

    def compact(self, references: tuple[str, ...]) -> bytes:
        """The compact JWS, byte for byte as it was received.

        Source: RFC 7515 7.1; parsing accepts canonical base64url only, so encoding again is exact.
        """
        payload = urlsafe_b64encode(self.payload(references)).rstrip(b"=")
        return b".".join((self.header.encode(), payload, self.signature.encode()))

    def body(self) -> bytes:
        """The bytes that the record seals."""
        return orjson.dumps(
            {
                "v": FORMAT,
                "header": self.header,
                "signature": self.signature,
                "pieces": self.pieces,
                "cuts": self.cuts,
                "marks": self.marks,
                "link": self.link,
                "subject": self.subject,
                "organisation": self.organisation,
                "area": self.area,
                "author_role": self.author_role,
                "author_roles": self.author_roles,
                "received_at": self.received_at,
                "warnings": self.warnings,
                "flags": self.flags,
                "claimed": self.claimed,
                "policy_version": self.policy_version,
                "profile": self.profile,
                "pointed": _written(self.pointed),
                "trace": self.trace,
                "answer_to": self.answer_to,
                "scale": _scale_written(self.scale),
            }
        )


def _veiled(pieces: Sequence[str], cuts: Sequence[int], marks: Sequence[int]) -> str:
    if not cuts and len(pieces) == 1:
        return pieces[0]
    texts = [pieces[0]]
    for piece, cut in zip(pieces[1:], cuts, strict=True):
        texts += (f"{{{{other:{marks[cut]}}}}}", piece)
    return "".join(texts)


def said_in(body: bytes) -> tuple[str | None, JsonObject]:
    """The poster's authority and the data of the stored post in these bytes; nothing else of it is read.

    Shape: as `read_post` and `veiled` give them, in a third of the time: the index reads every post.
    """
    members = orjson.loads(body)
    event = orjson.loads(_veiled(members["pieces"], members["cuts"], members["marks"]))
    return members["area"], event["data"]


def read_post(body: bytes) -> StoredPost:
    """The stored post in these bytes."""
    members = orjson.loads(body)
    return StoredPost(
        header=members["header"],
        signature=members["signature"],
        pieces=tuple(members["pieces"]),
        cuts=tuple(members["cuts"]),
        marks=tuple(members["marks"]),
        link=members["link"],
        subject=members["subject"],
        organisation=members["organisation"],
        area=members["area"],
        author_role=members["author_role"],
        author_roles=tuple(members["author_roles"]),
        received_at=datetime.fromisoformat(members["received_at"]),
        warnings=tuple((rule, text, source) for rule, text, source in members["warnings"]),
        flags=tuple(members["flags"]),
        claimed=tuple(members["claimed"]),
        policy_version=members["policy_version"],
        pointed=_key(members.get("pointed")),
        profile=members.get("profile", ""),
        trace=members.get("trace", ""),
        answer_to=members.get("answer_to", ""),
        scale=_scale(members.get("scale")),
    )


def _written(key: EventKey | None) -> dict[str, str] | None:
    return {"source": key.source, "id": key.id} if key is not None else None


def _key(written: dict[str, str] | None) -> EventKey | None:
    return EventKey(written["source"], written["id"]) if written is not None else None


def _scale_written(scale: Scale | None) -> dict[str, object] | None:
    return {**asdict(scale), "recorded_by": sorted(scale.recorded_by)} if scale is not None else None


def _scale(written: dict[str, str] | None) -> Scale | None:
    if written is None:
        return None
    members = cast(Mapping[str, list[dict[str, str]]], written)
    return Scale(
        id=written["id"],
        title=written["title"],
        levels=tuple(Level(one["code"], one["text"]) for one in members["levels"]),
        normal=written["normal"],
        concern_from=written["concern_from"],
        serious_from=written["serious_from"],
        recorded_by=frozenset(written["recorded_by"]),
        source=written["source"],
    )


@dataclass(frozen=True, slots=True)
class StoredLink:
    """The references that one post makes to other children, in the order of its cuts' numbers."""

    event: EventKey
    references: tuple[str, ...]

    def body(self) -> bytes:
        """The bytes that the record seals under the link's own key."""
        event = {"source": self.event.source, "id": self.event.id}
        return orjson.dumps({"v": FORMAT, "event": event, "references": self.references})


def read_link(body: bytes) -> StoredLink:
    """The stored link in these bytes."""
    members = orjson.loads(body)
    event = EventKey(members["event"]["source"], members["event"]["id"])
    return StoredLink(event, tuple(members["references"]))
