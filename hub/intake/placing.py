"""Which child a post is about, and what must be so before it may stand on that child's stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hub.catalogue import Catalogue, Warning
from hub.catalogue.scales import Scale
from hub.directory import Directory
from hub.envelope import EventKey, JsonObject
from hub.errors import HubError
from hub.identity import ChildOpened, Identity, OpeningContested, ProvisionalOpened
from hub.identity.records import IdentityRecord
from hub.intake.admission import CORRECTION, OPENING, RETRACTION, Admitted
from hub.pathway.fields import text, texts
from hub.record import Claim, Record, Recorded
from hub.views import Post, Views
from hub.views.entry import about_of
from hub.views.responsibility import HOME, MOVED, moves, sets_authority


@dataclass(frozen=True, slots=True)
class Target:
    """The event that a correction or retraction is about.

    Shape: `data` is the whole replacement of a correction, with its other children; None for a retraction.
    """

    post: Post
    data: JsonObject | None
    others: tuple[str, ...] = ()
    warnings: tuple[Warning, ...] = ()
    scale: Scale | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post goes, and what is appended with it.

    Shape: `known` says whether the child had a stream before; `opens` whether the post sets or follows
    the authority in force; `identifiers` are those that it wins for the child.
    """

    child: str
    known: bool
    claims: tuple[Claim, ...]
    records: tuple[IdentityRecord, ...]
    heads: Mapping[str, int] = field(default_factory=dict)
    identifiers: tuple[str, ...] = ()
    warnings: tuple[Warning, ...] = ()


class Placing:
    """Finds the child of a post by the identity records, and applies the rules of identifying types."""

    def __init__(
        self, *, record: Record, identity: Identity, views: Views, catalogue: Catalogue, directory: Directory
    ) -> None:
        self._record: Final = record
        self._identity: Final = identity
        self._views: Final = views
        self._catalogue: Final = catalogue
        self._directory: Final = directory

    def place(self, post: Admitted, new_child: str, now: datetime) -> Place:
        """The child that a post is about, as the record has it now; `placed` says how."""
        return self.placed(post, self._identity.resolve(post.verified.subject), new_child, now)

    def placed(self, post: Admitted, child: str | None, new_child: str, now: datetime) -> Place:
        """Where a post goes; an unknown reference opens a provisional stream at once.

        1. `child` is who its subject names; where nobody named it before, `new_child` is from now on.
        2. An opening may set the authority and win identifiers.
        3. A move may change the authority, or be a claim by another.

        Trust: the answer to the poster is the same for a known and an unknown child.
        """
        # 1
        subject = post.verified.subject
        known = child is not None
        child = child or new_child
        claims: tuple[Claim, ...] = ()
        records: tuple[IdentityRecord, ...] = ()
        if not known:
            claims = (self._identity.claim(subject, child),)
            records = (ProvisionalOpened(child, post.area, now),)
        # 2
        if post.valid.type.name == OPENING:
            return self._opening(post, child, known, claims, records, now)
        # 3
        if known and post.valid.type.name in (MOVED, HOME):
            return self._moving(post, child, now)
        return Place(child, known, claims, records)

    def target(self, post: Admitted, child: str) -> Target | None:
        """The event that a correction or retraction is about; None for every other type.

        1. It was posted by the same organisation, on a stream of the same child.
        2. A correction or retraction is not corrected; a retraction is not retracted.
        3. A replacement fits the type of the event that it replaces.

        Trust: one answer for an event of another, of another child, and for none at all.
        Raises: HubError of poster, schema or imagery.
        """
        name = post.valid.type.name
        if name not in (CORRECTION, RETRACTION):
            return None
        # 1
        about = about_of(post.valid.data)
        found = self._own(about, post, child)
        target = self._views.post(found) if found is not None else None
        if target is None:
            raise HubError(
                "poster",
                "Only its own poster corrects or retracts an event.",
                rule="H-02",
                source="contract 2",
            )
        # 2
        if target.type == RETRACTION or (target.type == CORRECTION and name == CORRECTION):
            raise HubError("schema", "Name the event that was first posted.")
        # 3
        if name == RETRACTION:
            return Target(target, None)
        replacement = post.valid.data.get("replacement")
        content = self._catalogue.validate_replacement(
            target.type,
            target.version,
            replacement if isinstance(replacement, Mapping) else {},
            recorded_at=target.recorded_at,
        )
        others = tuple(one.ref for one in content.others)
        return Target(target, content.data, others, content.warnings, content.scale)

    def pointed(self, post: Admitted, target: Target | None, place: Place) -> EventKey | None:
        """The event that the post, or the replacement it carries, names by an `entry_id` it was given.

        An id that was given to nobody of the posting organisation names nothing, and is no fault.
        """
        data = target.data if target is not None and target.data is not None else post.valid.data
        named = text(data, "entry_id")
        if named is None or not place.known:
            return None
        author = text(post.valid.data, "author")
        people = (one.id for one in self._directory.people(post.organisation))
        # Most often the author has read what the event is about: the others are tried after.
        readers = sorted(people, key=lambda one: one != author)
        return self._views.named_by(named, place.child, readers)

    def _own(self, about: EventKey | None, post: Admitted, child: str) -> Recorded | None:
        if about is None or about.source != post.verified.key.source:
            return None
        found = self._record.find(about.source, about.id)
        streams = self._identity.streams_of(child)
        return found if found is not None and found.kind == "event" and found.stream in streams else None

    def identifiers_of(self, target: Target, child: str) -> tuple[tuple[str, ...], tuple[Claim, ...]]:
        """The identifiers that the correction of an opening wins, where that opening counts."""
        if target.post.type != OPENING or target.data is None:
            return (), ()
        if target.post.key not in self._views.folded(child).openings:
            return (), ()
        won = tuple(one for one in texts(target.data, "identifiers") if self._free(one, child))
        return won, self._claims(won, child)

    def _opening(
        self,
        post: Admitted,
        child: str,
        known: bool,
        claims: tuple[Claim, ...],
        records: tuple[IdentityRecord, ...],
        now: datetime,
    ) -> Place:
        """What an opening brings (G.00, contract section 2).

        1. Note the stream's head, and see whether the opening counts: on a stream of its own, on a
           provisional stream of its own area, or by the authority in force.
        2. Identifiers that no other child has become this child's; the others stay where they are.
        3. What does not count, and what is held elsewhere, is put to the identity reviewers.
        """
        # 1
        stream = f"child/{child}"
        heads = self._record.versions([stream]) if known else {}
        folded = self._views.folded(child) if known else None
        authority = folded.authority if folded else None
        area = folded.area if folded else post.area
        counts = sets_authority(authority, area, post.organisation, post.area)
        # 2
        named = texts(post.valid.data, "identifiers")
        taken = tuple(one for one in named if not self._free(one, child))
        won = tuple(one for one in named if one not in taken) if counts else ()
        claims += tuple(one for one in self._claims(won, child) if one not in claims)
        if counts and authority is None:
            records += (ChildOpened(child, text(post.valid.data, "responsible_authority") or "", now),)
        # 3
        holders = {one: self._identity.resolve(one) for one in taken}
        if taken or not counts:
            others = tuple(sorted({one for one in holders.values() if one is not None}))
            records += (OpeningContested(child, others, post.verified.key, now),)
        warned = any(self._has_own_post(one, post) for one in holders.values() if one is not None)
        warnings = (_HELD,) if warned else ()
        return Place(child, known, claims, records, heads, won, warnings)

    def _moving(self, post: Admitted, child: str, now: datetime) -> Place:
        """What is said of where a child belongs: it moves the child, or is a claim, or neither (G.00, R-157).

        Shape: the stream's head is noted, so that it is judged again where something came in between.
        """
        stream = f"child/{child}"
        heads = self._record.versions([stream])
        folded = self._views.folded(child)
        moved, contested = moves(
            folded.posts, stream, folded.area, organisation=post.organisation, area_of_poster=post.area,
            type_=post.valid.type.name, data=post.valid.data,
        )  # fmt: skip
        records: tuple[IdentityRecord, ...] = ()
        if moved:
            # From now on the reviewers of the new area are asked about this child.
            records = (ChildOpened(child, post.organisation, now),)
        if contested:
            records = (OpeningContested(child, (), post.verified.key, now),)
        return Place(child, True, (), records, heads)

    def _claims(self, won: Iterable[str], child: str) -> tuple[Claim, ...]:
        """The claims of identifiers that nobody has yet; one that a joined stream has stays where it is."""
        unclaimed = (one for one in won if self._identity.resolve(one) is None)
        return tuple(self._identity.claim(one, child) for one in unclaimed)

    def _free(self, identifier: str, child: str) -> bool:
        return self._identity.resolve(identifier) in (None, child)

    def _has_own_post(self, child: str, post: Admitted) -> bool:
        """Whether the poster has posted about another child itself, and so may be told that it exists."""
        streams = self._identity.streams_of(child)
        source = post.verified.key.source
        return any(item.source == source for stream in streams for item in self._record.stream(stream))


_HELD: Final = Warning(
    "H-05",
    "An identifier belongs to another record that you posted to; an identity reviewer will decide.",
    "contract 2",
)
