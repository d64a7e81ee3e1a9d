"""One look at the children: each is folded once for it, however many others are linked to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hub.pathway.entries import Entries
from hub.views.effect import taking_effect
from hub.views.fold import awaited, earlier_texts
from hub.views.index import IndexAtHead
from hub.views.links import links_of, other_child
from hub.views.relationships import grants_of
from hub.views.types import ChildView, Folded, LinkEntry

if TYPE_CHECKING:
    from hub.views.views import Views

_CHILD: Final = "child/"


class Reading:
    """One look at the record: each child is folded once, however many others are linked to it.

    Shape: all of it is as of one position, so that an answer can be given again as it was (H-12).
    """

    def __init__(self, views: Views, index: IndexAtHead) -> None:
        self._views: Final = views
        self._index: Final = index
        self._folds: Final[dict[str, Folded]] = {}
        self.versions: Final[dict[str, int]] = {}

    def folded(self, child: str) -> Folded:
        """The fold of one child, made once."""
        if child not in self._folds:
            self._folds[child], versions = self._views.folded_at(child, self._index.head)
            self.versions.update(versions)
        return self._folds[child]

    def links(self, child: str) -> tuple[LinkEntry, ...]:
        """The links of a child, its own and those by which others name it."""
        folded = self.folded(child)
        references = {reference for post in folded.posts for reference in post.references}
        references |= {f"child:{one.removeprefix(_CHILD)}" for one in folded.streams}
        naming = {self._views.canonical(stream) for stream in self._index.naming(references)}
        return links_of(folded, {other: self.folded(other) for other in sorted(naming) if other != child})

    def view(self, child: str) -> ChildView:
        """The child's view, with its relationships and links."""
        folded = self.folded(child)
        links = self.links(child)
        others = sorted({other_child(one, child) for one in links})
        linked = {other: self.folded(other) for other in others}
        grants = grants_of(folded, linked, self._views.area_of, self._views.services_in)
        entries = taking_effect(folded, grants, (one.authority for one in linked.values()))
        folded = replace(folded, entries=Entries(entries))
        return ChildView(
            child=folded.child,
            provisional=folded.provisional,
            streams=folded.streams,
            entries=folded.entries,
            grants=grants,
            authority=folded.authority,
            area=folded.area,
            schools=folded.schools,
            date_of_birth=folded.date_of_birth,
            openings=folded.openings,
            linked=frozenset(linked),
            link_entries=links,
            head=self._index.head,
            known=earlier_texts(folded, self._views.around),
            awaited=awaited(folded, self._views.around),
            handovers=folded.handovers,
        )
