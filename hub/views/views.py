"""The children as they stand: folded from the record, never older than its head."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from hub.catalogue import Catalogue
from hub.catalogue.warnings import mark_unknown_codes
from hub.directory import Directory
from hub.envelope import EventKey, JsonObject
from hub.errors import HubError
from hub.identity import Identity
from hub.identity.then import IdentityThen
from hub.pathway.agreements import agreement_needed, signatures_needed
from hub.pathway.profiles import PROFILES, Profile, adopted
from hub.record import Record, Recorded
from hub.record.projections import Projected
from hub.views.content_reviews import ContentReview, reviews_in, stream_of_reviews
from hub.views.emergency import EmergencyUse, stream_of, uses
from hub.views.entry import Surroundings, post_of
from hub.views.fold import fold
from hub.views.index import (
    SERVICE_ROLES,
    WAIT_SECONDS,
    ChildIndex,
    at_head,
    in_group,
    service_of,
)
from hub.views.links import FindView, other_child
from hub.views.missed import is_missed, missed_post
from hub.views.names import entry_name, is_entry_name
from hub.views.reading import Reading
from hub.views.stored import StoredLink, read_link, read_post
from hub.views.types import ChildView, Folded, Named, Post

_CHILD: Final = "child/"
_SOURCE: Final = "urn:safeguarding:org:"


@dataclass(frozen=True, slots=True)
class Judged:
    """What a decision is judged on: whole folds read from the record, and the heads they were read at."""

    view: ChildView
    linked: Mapping[str, ChildView]
    heads: Mapping[str, int]


class Views:
    """Reader-free material about children; every answer is at or past the record's head."""

    def __init__(
        self,
        *,
        record: Record,
        identity: Identity,
        directory: Directory,
        catalogue: Catalogue,
        projected: Projected,
        profiles: Mapping[str, Profile] = PROFILES,
        wait_seconds: float = WAIT_SECONDS,
        until: int | None = None,
    ) -> None:
        self._record: Final = record
        self._until: Final = until
        self._catalogue: Final = catalogue
        self._identity: Final = identity
        self._directory: Final = directory
        self._projected: Final = projected
        self._index: Final = ChildIndex(record)
        self._wait: Final = wait_seconds
        self._types: Final = catalogue.types
        self._codes: Final = catalogue.codes
        self.profiles: Final = profiles
        self.profile_of: Final = adopted(self._profile_name, profiles)
        self.around: Final = Surroundings(self._resolve, self._mark, self._agreements, self._signatures)

    def then(self, position: int, directory: Directory | None = None) -> Views:
        """The children as the record had them at a position, to replay what somebody was once given.

        Shape: posts, corrections, retractions, joins and names of other children are those of then; what is
        said of organisations is what the `directory` given says, else as it stands now.
        """
        return Views(
            record=self._record,
            identity=IdentityThen(self._record, position),
            directory=directory or self._directory,
            catalogue=self._catalogue,
            projected=self._projected,
            profiles=self.profiles,
            wait_seconds=self._wait,
            until=position,
        )

    def exists(self, child: str) -> bool:
        """Whether the hub has a stream for this child."""
        stream = f"{_CHILD}{child}"
        if self._until is not None:
            return bool(self._items(stream))
        return self._record.versions([stream]).get(stream, 0) > 0

    def child(self, child: str) -> ChildView:
        """One child folded from all its streams, as the record has it now.

        Raises: HubError not-found, views-behind, store.
        """
        return self._shown(self._reading().view(self._known(child)))

    def one_look(self) -> FindView:
        """Finds children at one look at the record: each is folded once, whoever else is linked to it.

        Shape: for one answer and no longer. Kept between answers it would make those quicker that nothing
        was recorded before, hidden posts among it, and so tell of them.
        """
        reading: list[Reading] = []

        @cache
        def find(child: str) -> ChildView:
            known = self._known(child)
            if not reading:
                reading.append(self._reading())
            return self._shown(reading[0].view(known))

        return find

    def linked(self, view: ChildView) -> Mapping[str, ChildView]:
        """The views of all children that a child is linked to, hub-internal.

        Raises: HubError views-behind, store.
        """
        reading = self._reading()
        return {other: self._shown(reading.view(other)) for other in sorted(view.linked)}

    def judged(self, child: str) -> Judged:
        """The whole folds of a child and its linked children, with the heads to note for a decision.

        1. Note the head of the identity records, by which references and streams were resolved.
        2. Fold the child and its linked children; the version at which each stream was read is its head.
        What grew after that is refused at commit, and judged again.
        """
        # 1
        version = self._identity.version()
        # 2
        reading = self._reading()
        view = reading.view(self._identity.canonical(child))
        linked = {other: reading.view(other) for other in sorted(view.linked)}
        return Judged(view, linked, {"identity": version, **reading.versions})

    def children_of(self, organisation: str, person: str | None = None) -> frozenset[str]:
        """The children whom entries connect with an organisation: every child it may hold, and maybe more.

        Shape: candidates only; whether a relationship stands now is for the child's view to say. `person`
        narrows nothing, since roles and teams let people read what does not name them.
        """
        index = at_head(self._record, self._index, self._projected, self._wait)
        grouped = index.concerned(in_group(organisation))
        streams = index.concerned(organisation) | grouped
        area = self.area_of(organisation)
        for role in SERVICE_ROLES if area is not None else ():
            if self._directory.people_with_role(organisation, role):
                streams |= index.concerned(service_of(role, area or ""))
        found = {self.canonical(one) for one in streams}
        # A seat in a group may be one for every child that is linked.
        reading = Reading(self, index)
        for child in {self.canonical(one) for one in grouped}:
            found |= {other_child(link, child) for link in reading.links(child)}
        return frozenset(found)

    def own_posts(self, organisation: str, after: int, limit: int) -> tuple[Recorded, ...]:
        """What an organisation posted, in the order of the record (D-30).

        Raises: HubError views-behind, store.
        """
        index = at_head(self._record, self._index, self._projected, self._wait)
        source = f"{_SOURCE}{organisation}"
        items = [self._record.at(one) for one in index.posted(source, after, limit)]
        # The index says where to look, the item whose it is: a wrong index must show nobody another's post.
        return tuple(item for item in items if item is not None and item.source == source)

    def post(self, item: Recorded) -> Post | None:
        """One recorded event as a post; None where it has been erased."""
        return next(iter(self._posts([item])), None)

    def _posts(self, items: Iterable[Recorded]) -> list[Post]:
        """These events as posts, without those that have been erased; their links are read together."""
        stored = [
            (item, read_post(item.body) if item.body is not None and not is_missed(item) else None)
            for item in items
        ]
        names = [one.link for _, one in stored if one is not None and one.link]
        sealed = self._record.streams(names) if names else []
        links = {one.stream: read_link(one.body) for one in reversed(sealed) if one.body is not None}
        digest = cache(self._digest)
        posts = [
            missed_post(item)
            if one is None
            else post_of(
                EventKey(item.source, item.id), item.stream, item.position, one,
                links.get(one.link) if one.link else None, digest,
            )
            for item, one in stored
        ]  # fmt: skip
        return [one for one in posts if one is not None]

    def named_by(self, name: str, child: str, readers: Iterable[str]) -> EventKey | None:
        """The event of a child that one of these readers knows by this entry id; None where nobody does.

        Trust: an entry id is a keyed digest, so that only who was given one can name it. A reader was
        given it under the child's id of that day, which a join of streams may have changed since.
        """
        if not is_entry_name(name):
            return None
        streams = self._identity.streams_of(child)
        known_as = {child, *(one.removeprefix(_CHILD) for one in streams)}
        events = [one for stream in streams for one in self._record.stream(stream) if one.kind == "event"]
        keys = [EventKey(one.source, one.id) for one in events]
        for reader in readers:
            for key in keys:
                if any(entry_name(self._record.digest, reader, one, key) == name for one in known_as):
                    return key
        return None

    def link(self, stream: str) -> StoredLink | None:
        """The references that a post makes to other children; None where they have been erased."""
        items = self._record.stream(stream)
        return read_link(items[0].body) if items and items[0].body is not None else None

    def _shown(self, view: ChildView) -> ChildView:
        """The view as readers get it: nobody has a relationship while a restored record lacks events.

        Trust: a relationship that was ended after the backup would stand again until its end is posted again.
        What is decided about posts goes by whole folds, so that they can be.
        """
        streams = (*view.streams, *(f"{_CHILD}{other}" for other in sorted(view.linked)))
        if not self._record.lacks(streams):
            used = tuple(one.grant for one in self.emergencies(view))
            return replace(view, grants=(*view.grants, *used)) if used else view
        return replace(view, grants=(), authority=None, area=None, handovers=())

    def emergencies(self, view: ChildView) -> list[EmergencyUse]:
        """The uses of emergency access to a child, past ones too; gates and clocks know of none (H-17)."""
        streams = (stream_of(one.removeprefix(_CHILD)) for one in view.streams)
        return [use for stream in streams for use in uses(self._items(stream))]

    def content_reviews(self, view: ChildView) -> list[ContentReview]:
        """The reviews by which officers asked to read entries of a child, past ones too (H-15).

        Trust: a review that was ended after a backup would stand open again, so that there is none while a
        restored record lacks events of the child.
        """
        if self._record.lacks(view.streams):
            return []
        streams = (stream_of_reviews(one.removeprefix(_CHILD)) for one in view.streams)
        return [review for stream in streams for review in reviews_in(self._items(stream))]

    def _known(self, child: str) -> str:
        child = self._identity.canonical(child)
        if not self.exists(child):
            raise HubError("not-found")
        return child

    def _reading(self) -> Reading:
        return Reading(self, at_head(self._record, self._index, self._projected, self._wait))

    def folded(self, child: str) -> Folded:
        """What the streams of one child say, without anything of linked children."""
        return self.folded_at(child)[0]

    def folded_at(self, child: str, until: int | None = None) -> tuple[Folded, Mapping[str, int]]:
        """The same, as of a position of the record, with the version at which each stream was read.

        Shape: whom a reference names and what a procedure asks is looked up once, as of when it is first
        needed: a fold that is as of two moments is no fold.
        """
        profile = cache(self._profile)
        around = Surroundings(
            cache(self._resolve),
            self._mark,
            lambda type_, data, authority: agreement_needed(type_, data, profile(authority)),
            lambda type_, authority: signatures_needed(type_, profile(authority)),
        )
        streams = self._identity.streams_of(child)
        items = {stream: _up_to(self._items(stream), until) for stream in streams}
        told = [one for stream in streams for one in items[stream] if one.kind == "event" or is_missed(one)]
        versions = {stream: read[-1].version if read else 0 for stream, read in items.items()}
        return fold(child, streams, self._posts(told), around), versions

    def _items(self, stream: str) -> list[Recorded]:
        """The items of a stream, as far as these views go."""
        return _up_to(self._record.stream(stream), self._until)

    def canonical(self, stream: str) -> str:
        """The child that a stream is about now."""
        return self._identity.canonical(stream.removeprefix(_CHILD))

    def kind_of(self, type_: str) -> str | None:
        """Whether a type is a fact, a decision or a record of the hub."""
        known = self._types.get(type_)
        return known.kind if known else None

    def area_of(self, organisation: str) -> str | None:
        """The authority of an organisation's area."""
        return self._directory.area_of(organisation)

    def services_in(self, authority: str, role: str) -> tuple[str, ...]:
        """The organisations of an authority's area that have somebody with a role now."""
        return tuple(
            one.id
            for one in self._directory.organisations()
            if one.area == authority and self._directory.people_with_role(one.id, role)
        )

    def _digest(self, reference: str) -> str:
        return self._identity.digest(reference).hex()

    def _resolve(self, named: Named) -> str | None:
        child = self._identity.child_of(bytes.fromhex(named.digest), named.child)
        return child if child is None or self._until is None or self._named_then(child, named) else None

    def _named_then(self, child: str, named: Named) -> bool:
        """Whether a reference named that child already: a claim itself does not say since when it stands."""
        if named.child is not None:
            return self.exists(named.child)
        items = [one for stream in self._identity.streams_of(child) for one in self._items(stream)]
        stored = [read_post(one.body) for one in items if one.kind == "event" and one.body is not None]
        return any(
            self._digest(reference) == named.digest
            for one in stored
            for reference in (one.subject, *one.claimed)
        )

    def _mark(self, type_: str, data: JsonObject) -> JsonObject:
        known = self._types.get(type_)
        return data if known is None else mark_unknown_codes(known, data, self._codes)[0]

    def _agreements(self, type_: str, data: JsonObject, authority: str | None) -> frozenset[str]:
        return agreement_needed(type_, data, self._profile(authority))

    def _signatures(self, type_: str, authority: str | None) -> int:
        return signatures_needed(type_, self._profile(authority))

    def _profile(self, authority: str | None) -> Profile | None:
        return self.profile_of(authority) if authority else None

    def _profile_name(self, organisation: str) -> str | None:
        found = self._directory.organisation(organisation)
        return found.profile if found else None


def _up_to(items: list[Recorded], position: int | None) -> list[Recorded]:
    if position is None or not items or items[-1].position <= position:
        return items
    return [one for one in items if one.position <= position]
