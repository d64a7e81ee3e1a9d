"""Gates for decisions and notes beside facts, on the whole folds that the record has now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from hub.catalogue import Warning
from hub.directory import Directory
from hub.envelope import JsonObject
from hub.errors import HubError
from hub.intake.admission import Admitted, unanswered
from hub.intake.placing import Place, Target
from hub.pathway.entries import Entry, Material
from hub.pathway.fields import organisation_kind, organisation_of, text
from hub.pathway.gates import FLAGS, OVERRIDDEN, RIGHT_ROOM, Refusal, flags, noted, verdict
from hub.views import ChildView, Post, Views, having_a_part, in_force, whole_material
from hub.views.entry import entry_of

_MANAGERS: Final = frozenset({"team-manager", "manager"})
_BENEFITS: Final = frozenset({"relationship-recorded", "social-worker-allocated", "invitation-sent"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found: the notes beside a post, and the heads that a decision rests on.

    Shape: `flags` of a decision also mark each rule that a manager overrode.
    """

    heads: Mapping[str, int]
    flags: tuple[str, ...] = ()


def looks_at_the_child(type_: str, data: JsonObject) -> bool:
    """Whether something may be noted beside a fact of this type with this data."""
    return noted(type_, data)


class Judging:
    """Refuses decisions that do not pass, and notes what is missing beside facts."""

    def __init__(self, *, directory: Directory, views: Views) -> None:
        self._directory: Final = directory
        self._views: Final = views

    def judge(
        self, post: Admitted, place: Place, target: Target | None, draft: Post, now: datetime
    ) -> Judgement:
        """Judge a post on the folds of its child and of the children linked to it.

        1. A correction is judged as what it corrects, or it would be a way round the gate.
        2. A fact is never refused for practice reasons; it is noted what is missing (H-27).
        3. A decision is refused where it lets its own poster in without G.00 allowing it.
        4. A decision passes every gate, or is refused with its rule, source and fix (H-28).

        Raises: HubError of poster or gate.
        """
        # 1
        type_ = post.valid.type.name if target is None else target.post.type
        corrects = target.post.type if target is not None and target.data is not None else None
        decides = post.valid.type.kind == "decision" or (corrects is not None and self._is_decision(corrects))
        # 2
        data = post.valid.data if target is None else target.data
        if not decides and (data is None or not noted(type_, data)):
            return Judgement({})
        if decides and not post.author_known:
            raise unanswered()
        judged = self._views.judged(place.child) if place.known else None
        entry = entry_of(draft, place.child, self._views.around, type_=corrects)
        material = (
            whole_material(judged.view, judged.linked)
            if judged is not None
            else Material(child=place.child, entries=())
        )
        if target is not None:
            others = tuple(one for one in material.entries if one.key != target.post.key)
            material = replace(material, entries=others)
        around = self._with_named(entry, material)
        beside = flags(entry, around, now=now, profile_of=self._views.profile_of)
        if not decides:
            return Judgement({}, beside)
        # 3
        linked = judged.linked if judged is not None else {}
        self._no_self_grant(entry, post, judged.view if judged is not None else None, linked, now)
        # 4
        if judged is not None:
            # A child whom no opening has claimed yet is the concern of the area that it was first named in.
            material = replace(material, authority=judged.view.authority or judged.view.area)
        partners = having_a_part(judged.view.grants) if judged is not None else frozenset()
        found = verdict(
            entry,
            material,
            now=now,
            profile_of=self._views.profile_of,
            people=self._directory.roles,
            partners=partners,
        )
        if found.refusal is not None:
            raise _refused(found.refusal)
        marks = tuple(f"{OVERRIDDEN}{rule}" for rule in found.overridden)
        return Judgement(judged.heads if judged is not None else {}, (*beside, *marks))

    @staticmethod
    def told(marks: tuple[str, ...], already: Iterable[Warning]) -> tuple[Warning, ...]:
        """The notes that the poster is told: those that follow from its post alone, each rule once."""
        said = {one.rule for one in already}
        return tuple(
            Warning(one.code, one.text, one.source)
            for one in FLAGS
            if one.from_post_alone and one.code in marks and one.code not in said
        )

    def _with_named(self, entry: Entry, material: Material) -> Material:
        """The material with the children that this entry is the first to name, for the notes beside it.

        Trust: never for a gate: whom a poster names would then change what it is told.
        """
        named = {one.child for one in entry.others} - {None, material.child, *material.linked}
        linked = {child: self._views.folded(child).entries for child in named if child is not None}
        return replace(material, linked={**material.linked, **linked})

    def _is_decision(self, type_: str) -> bool:
        return self._views.kind_of(type_) == "decision"

    def _no_self_grant(
        self,
        entry: Entry,
        post: Admitted,
        view: ChildView | None,
        linked: Mapping[str, ChildView],
        now: datetime,
    ) -> None:
        """Refuse a decision by which an organisation would let itself in (G.00).

        Trust: whoever may not convene gets one refusal for every school it invites. Judged on the record,
        such an invitation would tell anybody at which school a child is.
        Raises: HubError("poster" or "gate"), the same for every child.
        """
        benefits = entry.type in _BENEFITS and _benefits(entry) == post.organisation
        asks_school = (
            entry.type == "invitation-sent"
            and text(entry, "decision") == "invited"
            and organisation_kind(_benefits(entry)) == "education"
        )
        if not benefits and not asks_school:
            return
        granting = post.area if view is None else view.authority or view.area
        if granting == post.organisation:
            return
        kind = text(entry, "kind")
        if entry.type == "relationship-recorded":
            # Health may say whom it treats; that grants nothing until social care records it too.
            if kind == "treated" or (kind == "cover" and post.author_roles & _MANAGERS):
                return
        if entry.type == "invitation-sent" and view is not None:
            if any(self._convenes(post.organisation, view, other, now) for other in linked.values()):
                return
        if not benefits:
            raise _refused(RIGHT_ROOM.refusal)
        raise HubError(
            "poster", "A relationship is granted by the child's authority.", rule="G.00", source="G.00"
        )

    @staticmethod
    def _convenes(organisation: str, view: ChildView, other: ChildView, now: datetime) -> bool:
        """Whether this is the authority of a child whose link may be relied on."""
        links = [one for one in view.link_entries if other.child in (one.child, one.other)]
        return other.authority == organisation and any(
            (one.child == view.child and one.organisation == view.authority)
            or in_force(one, view, other, now)
            for one in links
        )


def _refused(refusal: Refusal) -> HubError:
    return HubError("gate", f"{refusal.text} {refusal.fix}", rule=refusal.rule, source=refusal.source)


def _benefits(entry: Entry) -> str | None:
    worker = text(entry, "worker")
    return organisation_of(worker) if worker else text(entry, "organisation")
