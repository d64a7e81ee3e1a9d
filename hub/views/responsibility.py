"""Which authority is responsible for a child: the opening sets it, an acknowledged move changes it.

The authority in force says to which authority the child moves; nothing changes until that authority has
acknowledged it. Until then, and for ever where it does not, the old one is responsible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hub.envelope import EventKey, JsonObject
from hub.pathway.child import CONTESTED, MOVED_BY
from hub.pathway.fields import text
from hub.views.changes import standing
from hub.views.types import Handover, Post

OPENING: Final = "child-stream-opened"
MOVED: Final = "child-moved-area"
HOME: Final = "responsible-authority-recorded"


@dataclass(frozen=True, slots=True)
class Course:
    """Who was responsible for a child, in the order of the record.

    Shape: `authority` is the one in force now, None while no opening counts; `openings` are those that
    count; `flags` marks the claims that change nothing, and the acknowledgements that did.
    """

    authority: str | None
    openings: tuple[EventKey, ...]
    handovers: tuple[Handover, ...]
    flags: Mapping[EventKey, tuple[str, ...]]


def course_of(posts: Sequence[Post], own: str, area: str | None) -> Course:
    """Follow the responsibility for a child through its posts.

    Shape: `posts` in the order of the record; `own` is the child's own stream: what came on another one,
    before it was joined, neither opens nor moves a child.
    Source: G.00; R-157; S5 s.16

    1. Find the moves that took effect.
    2. Find the openings that count: the first where its area may, later ones by the authority in force.
    3. Mark the claims by others: openings, moves, and homes named by whom the child is not the concern of.
    """
    # 1
    handovers = _handovers(posts, own, area)
    now = handovers[-1].to_authority if handovers else None
    # 2
    current = standing(posts)
    authority: str | None = None
    openings: list[EventKey] = []
    flags = {one.basis: (MOVED_BY,) for one in handovers}
    for post, data in current:
        if post.type != OPENING:
            continue
        moved = bool(handovers) and handovers[0].position < post.position
        in_force = authority_at(handovers, now, post.position) if moved else authority
        if post.stream == own and sets_authority(in_force, area, post.organisation, post.area):
            authority = authority or text(data, "responsible_authority")
            openings.append(post.key)
        else:
            flags[post.key] = (CONTESTED,)
    # 3
    now = now or authority
    for post, data in current:
        if post.type in (MOVED, HOME) and post.key not in flags:
            in_force = authority_at(handovers, now, post.position)
            if _claims(post.type, data, post.organisation, post.area, in_force, area):
                flags[post.key] = (CONTESTED,)
    return Course(now, tuple(openings), handovers, flags)


def sets_authority(
    authority: str | None, area: str | None, organisation: str, poster_area: str | None
) -> bool:
    """Whether an opening by this organisation counts, given the authority in force and the first area.

    Source: G.00, contract section 2
    """
    if authority is not None:
        return organisation == authority
    return area is not None and poster_area == area


def moves(
    posts: Sequence[Post], own: str, area: str | None, *,
    organisation: str, area_of_poster: str | None, type_: str, data: JsonObject,
) -> tuple[bool, bool]:  # fmt: skip
    """Whether what an organisation is about to say moves the child to it, and whether it is a mere claim.

    Shape: `posts` and `own` as for `course_of`; it would stand on the child's own stream, after all of them.
    """
    course = course_of(posts, own, area)
    since = course.handovers[-1].position if course.handovers else 0
    before = standing(posts)
    moved = organisation == area_of_poster and _acknowledges(
        type_, data, organisation, course.authority, own, before, since
    )
    return moved, not moved and _claims(type_, data, organisation, area_of_poster, course.authority, area)


def authority_at(handovers: Sequence[Handover], authority: str | None, position: int) -> str | None:
    """The authority in force for what stands at a position; `authority` is that after the last move."""
    return next((one.from_authority for one in handovers if position <= one.position), authority)


def _handovers(posts: Sequence[Post], own: str, area: str | None) -> tuple[Handover, ...]:
    """The moves that took effect.

      1. Take each acknowledgement as it was posted, by an authority and not by a service of its area, and
         what stood in the record before it.
      2. It counts where the authority in force had, at last, named its poster as where the child moves.

    Trust: a move that took effect is settled. Were it undone by a later correction or retraction of the
    notice, the acknowledgement or the opening, the former authority could take the child's record back.
    """
    found: list[Handover] = []
    if not any(one.type == MOVED for one in posts):
        return ()
    for number, post in enumerate(posts):
        # 1
        if post.type != MOVED or post.stream != own or post.organisation != post.area:
            continue
        before = standing(posts[:number])
        in_force = found[-1].to_authority if found else _opened_by(before, own, area)
        since = found[-1].position if found else 0
        # 2
        if _acknowledges(post.type, post.data, post.organisation, in_force, own, before, since):
            move = Handover(post.position, post.received_at, in_force or "", post.organisation, post.key)
            found.append(move)
    return tuple(found)


def _acknowledges(
    type_: str, data: JsonObject, organisation: str, in_force: str | None, own: str,
    before: Sequence[tuple[Post, JsonObject]], since: int,
) -> bool:  # fmt: skip
    """Whether an organisation takes over a child that the authority in force has said moves to it."""
    said = (text(data, "step"), text(data, "from_authority"), text(data, "to_authority"))
    if type_ != MOVED or in_force is None or organisation == in_force:
        return False
    if said != ("acknowledged", in_force, organisation):
        return False
    return _announced(before, own, in_force, since) == organisation


def _opened_by(current: Sequence[tuple[Post, JsonObject]], own: str, area: str | None) -> str | None:
    """The authority that the openings standing on a child's own stream set."""
    for post, data in current:
        mine = post.type == OPENING and post.stream == own
        if mine and sets_authority(None, area, post.organisation, post.area):
            return text(data, "responsible_authority")
    return None


def _announced(current: Sequence[tuple[Post, JsonObject]], own: str, in_force: str, since: int) -> str | None:
    """Where the child moves to, as the authority in force has said last.

    Shape: a home in another area is a move unless the child is placed there by an authority that goes on
    being responsible (R-066); whoever names its own area again takes the notice back.
    """
    to: str | None = None
    for post, data in current:
        if post.organisation != in_force or post.stream != own or post.position <= since:
            continue
        told = (text(data, "step"), text(data, "from_authority"))
        if post.type == MOVED and told == ("notified", in_force):
            to = text(data, "to_authority")
        if post.type == HOME:
            to = None if text(data, "placing_authority") else text(data, "home_authority")
    return to


def _claims(
    type_: str, data: JsonObject, organisation: str, area_of_poster: str | None, in_force: str | None,
    area: str | None,
) -> bool:  # fmt: skip
    """Whether an organisation says of another authority's child where it belongs."""
    if in_force is None:
        return area is None or area_of_poster != area
    if organisation == in_force:
        return False
    return type_ == MOVED or text(data, "home_authority") != in_force
