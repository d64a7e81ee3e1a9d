"""Who posted an entry, where that would point at a child, stands in nothing that is made of it (D-10).

The poster is swapped for another service of its kind that has as little to do with the child, wherever its
post names it; then everything is decided, reasoned and written anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from hub.disclosure.facts import reveals
from tests.doors.test_non_interference import Case, case, key, principal_of, with_posts
from tests.oracle import cases, door
from tests.oracle.model import Posted, Reader

# In the first of them a referral names its own poster as whom it was made to.
WORLDS = (585, 587, 589, 595, 603, 605)
# Entry ids and tokens follow from the name of the event, which says who posted it.
NAME = re.compile(rb"[A-Za-z0-9_-]{16,}")


def swapped(value: Any, one: str, by: str) -> Any:
    if isinstance(value, str):
        return value.replace(one, by)
    if isinstance(value, dict):
        return {name: swapped(inner, one, by) for name, inner in value.items()}
    return [swapped(inner, one, by) for inner in value] if isinstance(value, (list, tuple)) else value


def of_other_services(at: Case, reader: Reader) -> Iterator[tuple[Posted, Case]]:
    """Posts whose poster is withheld from a reader, and the world in which another had posted it."""
    for child, fold in at.folds.items():
        found = door.assembler().disclose(
            principal_of(reader, at.world), fold, at.folds.__getitem__, now=at.now, as_at=None
        )
        withheld = {one.entry.key for one in found.items if one.decision.source == "kind"}
        corrected = {one.target for one in at.world.posted}
        for post in at.world.posted:
            if post.child != child or key(post) not in withheld or post.number in corrected:
                continue
            mine = post.organisation
            for other in cases.AREAS:
                alike = other.partition(".")[0] == mine.partition(".")[0] and other not in repr(post.data)
                if alike and other not in (mine, reader.organisation) and reveals(other, fold):
                    by = replace(
                        post, organisation=other, author=post.author.replace(mine, other),
                        data=swapped(dict(post.data), mine, other),
                    )  # fmt: skip
                    posted = tuple(by if one is post else one for one in at.world.posted)
                    yield post, with_posts(at, posted)


def written(at: Case, reader: Reader) -> dict[str, list[bytes]]:
    """All that a reader gets, part by part; what has no other order than that of names is sorted."""
    found = at.given(reader)
    return {child: sorted(NAME.sub(b"#", one.written).split(b",")) for child, one in found.items()}


@pytest.mark.req("D-10", "D-53", "H-20")
def test_another_poster_of_the_same_kind_changes_nothing() -> None:
    looked = 0
    for seed in WORLDS:
        at = case(seed)
        readers = at.readers()
        for reader in [one for one in readers if one.role == "safeguarding-unit"][:1]:
            for post, other in of_other_services(at, reader):
                if other.guards(reader) == at.guards(reader):
                    looked += 1
                    assert written(other, reader) == written(at, reader), (seed, reader, post.type)
                    break
    assert looked >= 5, "the law is not about nothing"
