"""From an admitted post to what is appended of it, judged on the record as it is now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from hub.catalogue.scales import SHIPPED, Scale
from hub.directory import Principal
from hub.envelope import EventKey
from hub.identity import Identity, draft_of
from hub.identity.records import SOURCE
from hub.intake.admission import CORRECTION, OPENING, RETRACTION, Admission, Admitted
from hub.intake.apart import Apart, take_apart
from hub.intake.arrival import Arrival
from hub.intake.governance import Governing
from hub.intake.judging import Judgement, Judging, looks_at_the_child
from hub.intake.placing import Place, Placing, Target
from hub.record import Append, Chance, Claim, Clock, Draft, Record
from hub.record.kept_apart import Act
from hub.trace import current_trace
from hub.views import LINK_TYPE, NARROWING, Post, StoredLink, StoredPost
from hub.views.entry import post_of

_ABOUT_OTHERS: Final = frozenset({CORRECTION, OPENING, RETRACTION})


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is appended of a post, the form in which it will stand, and what the journal is told of it."""

    append: Append
    stored: StoredPost
    acts: tuple[Act, ...] = ()


class Preparing:
    """Places a post, judges it, and puts together what is appended of it."""

    def __init__(
        self,
        *,
        record: Record,
        identity: Identity,
        admission: Admission,
        placing: Placing,
        judging: Judging,
        governing: Governing,
        clock: Clock,
        chance: Chance,
        policy_version: str,
        simulated: bool,
    ) -> None:
        self._record: Final = record
        self._identity: Final = identity
        self._admission: Final = admission
        self._placing: Final = placing
        self._judging: Final = judging
        self._governing: Final = governing
        self._clock: Final = clock
        self._chance: Final = chance
        self._policy_version: Final = policy_version
        self._advance: Final = getattr(clock, "advance", None) if simulated else None

    def is_ordinary(self, post: Admitted) -> bool:
        """Whether this post is kept as it is: a fact for which nothing else of the record is looked at.

        Shape: it opens, corrects, narrows and points to nothing, and nothing is noted beside its type.
        """
        type_ = post.valid.type
        return (
            type_.kind == "fact"
            and type_.about == "child"
            and type_.name not in _ABOUT_OTHERS | NARROWING
            and not looks_at_the_child(type_.name, post.valid.data)
            and "entry_id" not in post.valid.data
            and not self._may_not_step(post.verified.key)
        )

    def _may_not_step(self, key: EventKey) -> bool:
        """Whether a post of this name must not move the clock of a simulation: its name stands already."""
        return self._advance is not None and self._record.find(key.source, key.id) is not None

    def ordinary(self, post: Admitted, child: str | None, arrival: Arrival) -> Prepared:
        """An ordinary fact on the stream of its child; None opens a provisional stream.

        Raises: HubError("json").
        """
        now = self._now(post)
        place = self._placing.placed(post, child, "" if child else self._chance.uuid(), now)
        apart = take_apart(post.verified.payload, _others(post, None))
        link = f"link/{self._chance.uuid()}" if apart.references else None
        received = self._advance(now) if self._advance else now
        stored = self._stored(post, None, place, apart, link, received, None, arrival)
        return self._prepared(post, place, apart, stored, {}, arrival)

    def judged(self, post: Admitted, principal: Principal, arrival: Arrival) -> Prepared:
        """Judge a post on the record as it is now.

        1. Find its child, the event that it corrects or retracts, and the one that its `entry_id` names.
        2. Take the references to other children out of the payload.
        3. Judge it: gates for a decision, notes beside a fact.
        4. Step the domain clock, and fix the instant of receipt.

        Raises: HubError of poster, gate, schema, imagery or json; wrong-organisation where it is about one.
        """
        now = self._now(post)
        if post.valid.type.about == "organisation":
            return self._governed(post, arrival, now)
        # 1
        place = self._placing.place(post, self._chance.uuid(), now)
        target = self._placing.target(post, place.child)
        if target is not None and target.data is not None:
            self._admission.may_post(target.post.type, principal, post.author_roles, target.data)
            won, claims = self._placing.identifiers_of(target, place.child)
            place = _with_identifiers(place, won, claims)
        pointed = self._placing.pointed(post, target, place)
        # 2
        apart = take_apart(post.verified.payload, _others(post, target))
        # 3
        link = f"link/{self._chance.uuid()}" if apart.references else None
        stored = self._stored(post, target, place, apart, link, now, pointed, arrival)
        draft = self._draft(post, place, stored, apart)
        judgement = self._judging.judge(post, place, target, draft, now)
        # 4
        received = self._advance(now) if self._advance else now
        stored = self._stored(post, target, place, apart, link, received, pointed, arrival, judgement)
        heads = {**place.heads, **judgement.heads}
        return self._prepared(post, place, apart, stored, heads, arrival)

    def _governed(self, post: Admitted, arrival: Arrival, now: datetime) -> Prepared:
        """What is about an organisation, on its stream, with the change that it brings to the directory."""
        found = self._governing.governed(post, f"adoption-{self._chance.uuid()}")
        received = self._advance(now) if self._advance else now
        apart = take_apart(post.verified.payload, ())
        place = Place("", known=True, claims=(), records=(), warnings=found.warnings)
        stored = self._stored(post, None, place, apart, None, received, None, arrival)
        change = found.change
        brought = (change.draft,) if change is not None else ()
        drafts = (_event_draft(post, found.stream, stored), *brought)
        append = Append(drafts, found.heads, (), arrival.marks, on_repeat=False)
        return Prepared(append, stored, change.acts if change is not None else ())

    def _now(self, post: Admitted) -> datetime:
        """The domain clock; in a simulation never behind the event that is being posted."""
        now = self._clock.domain()
        return max(now, post.verified.time.astimezone(now.tzinfo)) if self._advance else now

    def _stored(
        self,
        post: Admitted,
        target: Target | None,
        place: Place,
        apart: Apart,
        link: str | None,
        received: datetime,
        pointed: EventKey | None,
        arrival: Arrival,
        judgement: Judgement | None = None,
    ) -> StoredPost:
        header, _, signature = post.verified.compact.decode("ascii").split(".")
        replaced = target.warnings if target is not None else ()
        flags = judgement.flags if judgement is not None else ()
        warned = (*post.warnings, *replaced, *place.warnings)
        told = (*warned, *self._judging.told(flags, warned))
        return StoredPost(
            header=header,
            signature=signature,
            pieces=apart.pieces,
            cuts=apart.cuts,
            marks=apart.marks,
            link=link,
            subject=post.verified.subject,
            organisation=post.organisation,
            area=post.area,
            author_role=post.author_role,
            author_roles=tuple(sorted(post.author_roles)),
            received_at=received,
            warnings=tuple((one.rule, one.text, one.source) for one in told),
            flags=flags,
            claimed=place.identifiers,
            policy_version=self._policy_version,
            profile=post.profile,
            pointed=pointed,
            scale=_own_scale(target.scale if target is not None else post.valid.scale),
            trace=arrival.trace or current_trace(),
            answer_to=arrival.answer_to,
        )

    def _draft(self, post: Admitted, place: Place, stored: StoredPost, apart: Apart) -> Post:
        """The post as the views would read it, at the end of the record."""
        return post_of(
            post.verified.key,
            f"child/{place.child}",
            self._record.head().position + 1,
            stored,
            StoredLink(post.verified.key, apart.references),
            lambda reference: self._identity.digest(reference).hex(),
        )

    def _prepared(
        self,
        post: Admitted,
        place: Place,
        apart: Apart,
        stored: StoredPost,
        heads: dict[str, int],
        arrival: Arrival,
    ) -> Prepared:
        key = post.verified.key
        drafts = [_event_draft(post, f"child/{place.child}", stored)]
        if stored.link is not None:
            drafts.append(_link_draft(key, stored.link, apart.references))
        for record in place.records:
            drafts.append(draft_of(record, f"identity-{self._chance.uuid()}"))
        # A repeat owes an answer of its own, with which its marks are raised.
        append = Append(tuple(drafts), heads, place.claims, arrival.marks, on_repeat=False)
        return Prepared(append, stored)


def kept_apart(post: Admitted, prepared: Prepared) -> tuple[Act, ...]:
    """The post as an act for the journal, where it may take something away from somebody; by name only.

    Shape: a change of the directory that it brings is an act of its own.
    """
    if post.valid.type.name not in NARROWING:
        return prepared.acts
    draft = prepared.append.drafts[0]
    return (Act("event", draft.stream, draft.source, draft.id),)


def _own_scale(scale: Scale | None) -> Scale | None:
    """The scale where a profile brings it, to be kept with the post; the hub's own are always there."""
    return scale if scale is not None and scale.id not in SHIPPED else None


def _event_draft(post: Admitted, stream: str, stored: StoredPost) -> Draft:
    key, type_ = post.verified.key, post.verified.type
    return Draft(stream, "event", key.source, key.id, type_, post.verified.payload, stored.body())


def _link_draft(key: EventKey, stream: str, references: tuple[str, ...]) -> Draft:
    body = StoredLink(key, references).body()
    return Draft(stream, "record", SOURCE, stream.replace("/", "-"), LINK_TYPE, body, body)


def _others(post: Admitted, target: Target | None) -> tuple[str, ...]:
    """The references in the order of `{{other:n}}`: of a correction, those of its replacement first."""
    own = tuple(one.ref for one in post.valid.others)
    return (*target.others, *own) if post.valid.type.name == CORRECTION and target is not None else own


def _with_identifiers(place: Place, won: tuple[str, ...], claims: tuple[Claim, ...]) -> Place:
    return replace(place, claims=(*place.claims, *claims), identifiers=(*place.identifiers, *won))
