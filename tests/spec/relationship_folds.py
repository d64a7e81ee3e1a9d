"""One child's posts, folded without a record: who is responsible, who holds what, what somebody is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from hub.directory.types import Principal
from hub.disclosure.standing import Standing, standing
from hub.envelope import EventKey
from hub.views import ChildView, Folded, Grant, Post
from hub.views.entry import Surroundings
from hub.views.fold import earlier_texts, fold
from hub.views.relationships import grants_of

LONDON = ZoneInfo("Europe/London")
CHILD = "00000000-0000-4000-8000-000000004001"
OWN = f"child/{CHILD}"
N_CSC, S_CSC, X_CSC = "social-care.n-csc", "social-care.s-csc", "social-care.x-csc"
OTHER_KINDS = ("education", "health", "police", "youth-justice", "other")
AROUND = Surroundings(
    lambda named: None, lambda type_, data: data, lambda type_, data, authority: frozenset()
)


def area_of(organisation: str) -> str | None:
    """Organisations are named after their area: n-, s- and x-."""
    name = organisation.partition(".")[2]
    return next((one for one in (N_CSC, S_CSC, X_CSC) if one.partition(".")[2][:2] == name[:2]), None)


def at(written: str) -> datetime:
    """A London time such as 2025-09-12 15:40."""
    return datetime.fromisoformat(written).replace(tzinfo=LONDON)


class Story:
    """The posts about one child, each a minute or more after the one before."""

    def __init__(self, child: str = CHILD, first: int = 10) -> None:
        self.child = child
        self.posts: list[Post] = []
        self._next = first

    def post(
        self,
        time: str,
        by: str,
        type_: str,
        *,
        stream: str | None = None,
        roles: tuple[str, ...] = (),
        **data: object,
    ) -> Post:
        """Add one post; answers it, so that others can name it."""
        when = at(time)
        whole = {"occurred_at": when.isoformat(), "precision": "exact", "author": f"{by}/a-1"} | data
        post = Post(
            key=EventKey(f"urn:safeguarding:org:{by}", f"event-{self._next:012d}"),
            stream=stream or f"child/{self.child}",
            position=self._next,
            type=type_,
            version=1,
            organisation=by,
            area=area_of(by),
            author=str(whole["author"]),
            author_role=None,
            author_roles=frozenset(roles),
            recorded_at=when,
            received_at=when,
            data=whole,  # type: ignore[arg-type]
            flags=(),
            named=(),
            references=(),
        )
        self._next += 3
        self.posts.append(post)
        return post

    def opened(self, by: str = S_CSC, **data: object) -> Post:
        """Open the child's stream."""
        return self.post(
            "2025-09-01 09:00", by, "child-stream-opened", identifiers=[], responsible_authority=by, **data
        )

    def moves(self, time: str, by: str, step: str, frm: str, to: str) -> Post:
        """Say a step of a move."""
        return self.post(time, by, "child-moved-area", step=step, from_authority=frm, to_authority=to)

    def retracts(self, time: str, post: Post) -> Post:
        """Take a post back, as its own poster."""
        about = {"source": post.key.source, "id": post.key.id}
        return self.post(time, post.organisation, "event-retracted", about=about, reason="entered-in-error")

    def corrects(self, time: str, post: Post, **data: object) -> Post:
        """Correct a post, as its own poster."""
        about = {"source": post.key.source, "id": post.key.id}
        replacement = {**post.data, **data}
        return self.post(
            time, post.organisation, "event-corrected", about=about, replacement=replacement, reason="again"
        )

    @property
    def folded(self) -> Folded:
        streams = tuple(dict.fromkeys((f"child/{self.child}", *(one.stream for one in self.posts))))
        return fold(self.child, streams, self.posts, AROUND)

    @property
    def grants(self) -> tuple[Grant, ...]:
        return grants_of(self.folded, {}, area_of)

    def current(self, time: str) -> set[tuple[str, str]]:
        """Who has which relationship at a time: kind, and the person or else the organisation."""
        return {(one.kind, one.person or one.organisation) for one in self.grants if one.current(at(time))}

    @property
    def view(self) -> ChildView:
        one = self.folded
        return ChildView(
            child=one.child,
            provisional=one.provisional,
            streams=one.streams,
            entries=one.entries,
            grants=self.grants,
            authority=one.authority,
            area=one.area,
            schools=one.schools,
            date_of_birth=one.date_of_birth,
            openings=one.openings,
            linked=frozenset(),
            link_entries=(),
            head=self._next,
            known=earlier_texts(one, AROUND),
            handovers=one.handovers,
        )

    def standing(self, person: str, role: str, time: str) -> Standing:
        """What a person with one role is to the child at a time."""
        organisation = person.partition("/")[0]
        kind = organisation.partition(".")[0]
        reader = Principal(organisation, kind, area_of(organisation), person, frozenset({role}))  # type: ignore[arg-type]
        return standing(reader, self.view, at(time))

    def without(self, post: Post) -> Story:
        """The same story had this post never come."""
        other = Story(self.child)
        other.posts = [replace(one) for one in self.posts if one.key != post.key]
        return other
