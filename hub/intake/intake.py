"""The only way in for agencies' bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from hub.catalogue import Catalogue
from hub.directory import Directory, Principal
from hub.envelope import EventKey, JsonObject, VerifiedEvent, source_of
from hub.errors import HubError
from hub.identity import Identity, draft_of
from hub.identity.records import SOURCE
from hub.intake.admission import CORRECTION, Admission, Admitted
from hub.intake.apart import Apart, take_apart
from hub.intake.judging import Judgement, Judging
from hub.intake.own_posts import NoteRead, OwnPosts, Page
from hub.intake.placing import Place, Placing, Target
from hub.intake.receipts import Posted, Receipts
from hub.intake.refusals import Refusals
from hub.intake.reviewing import Reviewing
from hub.intake.turns import Turns
from hub.record import Append, Chance, Claim, ClaimTaken, Clock, Draft, HeadMoved, HubSigner, Record, Recorded
from hub.record.leaf import leaf_data
from hub.views import LINK_TYPE, Post, StoredLink, StoredPost, Views
from hub.views.entry import post_of

BATCH_LINES: Final = 1000
BATCH_BYTES: Final = 8 * 1024 * 1024
_ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A post that passed everything, ready to append."""

    place: Place
    apart: Apart
    stored: StoredPost
    heads: dict[str, int]


class Intake:
    """Takes signed events: verifies, validates, places, judges, seals and records them.

    Shape: `simulated` lets events move the domain clock; `note_read` records a reading of own posts.
    """

    def __init__(
        self,
        *,
        record: Record,
        signer: HubSigner,
        directory: Directory,
        catalogue: Catalogue,
        identity: Identity,
        views: Views,
        clock: Clock,
        chance: Chance,
        audience: str,
        policy_version: str,
        note_read: NoteRead,
        simulated: bool = False,
    ) -> None:
        self._record: Final = record
        self._identity: Final = identity
        self._views: Final = views
        self._clock: Final = clock
        self._chance: Final = chance
        self._policy_version: Final = policy_version
        self._advance: Final = getattr(clock, "advance", None) if simulated else None
        self._receipts: Final = Receipts(record, signer)
        self._admission: Final = Admission(directory=directory, catalogue=catalogue, audience=audience)
        self._placing: Final = Placing(
            record=record, identity=identity, views=views, catalogue=catalogue, directory=directory
        )
        self._judging: Final = Judging(directory=directory, views=views)
        self._refusals: Final = Refusals(record, chance)
        self._turns: Final = Turns()
        self._own_posts: Final = OwnPosts(record, views, self._receipts, note_read)
        self._reviewing: Final = Reviewing(record, identity, chance)

    def post(self, compact: bytes, principal: Principal) -> Posted:
        """Take one signed event.

        1. Verify it: its key, signature, audience and form; its organisation is the principal's.
        2. Held already: the same payload gets the same receipt, whatever has changed since; another
           payload under the same id is a conflict (H-03).
        3. Judge what it says of itself: schema, poster, author.
        4. Place it on its child's stream, judge it on what the record holds, and append it; begin again
           where the record moved meanwhile.
        5. Answer with the receipt, once it is durable.
        A refused post leaves nothing but the fact that something was refused, and reserves no id.

        Raises: HubError with every slug of the contract that a post can have.
        """
        try:
            verified = self._admission.verified(compact, principal, self._clock.wall())  # 1
            held = self._held(verified)  # 2
            if held is not None:
                return self._receipts.of(held, 200)
            admitted = self._admission.admit(verified, principal)  # 3
            item, duplicate = self._recorded(admitted, principal)  # 4
        except HubError as refusal:
            self._refusals.note(refusal, principal.organisation, self._clock.domain())
            raise
        return self._receipts.of(item, 200 if duplicate else 201)  # 5

    def post_batch(self, body: bytes, principal: Principal) -> list[Posted | HubError]:
        """Take the events of a batch in order, each judged by itself and seeing the earlier ones (H-26).

        Shape: one compact JWS a line, ending in LF or CRLF; the last line may end with the body.
        Raises: HubError("too-large") for the whole batch.
        """
        if len(body) > BATCH_BYTES:
            raise HubError("too-large")
        lines = body.removesuffix(b"\n").split(b"\n")
        if len(lines) > BATCH_LINES:
            raise HubError("too-large")
        answers: list[Posted | HubError] = []
        for line in lines:
            try:
                answers.append(self.post(line.removesuffix(b"\r"), principal))
            except HubError as refusal:
                answers.append(refusal)
        return answers

    def receipt(self, principal: Principal, organisation: str, event_id: str) -> Posted:
        """The receipt of one's own organisation's post.

        Raises: HubError("not-found") for everything else, whether or not it exists.
        """
        found = self._record.find(source_of(organisation), event_id)
        if organisation != principal.organisation or found is None or found.kind != "event":
            raise HubError("not-found")
        return self._receipts.of(found, 200)

    def mine(self, principal: Principal, cursor: str | None, limit: int) -> Page:
        """One page of the organisation's own posts, as posted (D-30)."""
        return self._own_posts.page(principal, cursor, limit)

    def restore(self, item: Recorded) -> bytes:
        """The compact JWS of a recorded event, byte for byte as it was received.

        Raises: HubError("not-found") where its content has been erased.
        """
        return self._own_posts.compact(item)

    def queue(self, principal: Principal) -> list[JsonObject]:
        """What waits for an identity reviewer."""
        return self._reviewing.queue(principal)

    def resolve(
        self, principal: Principal, provisional: str, child: str, evidence: str = "several-identifiers"
    ) -> None:
        """Join a provisional stream to the child it is about, on an identity reviewer's decision.

        Raises: HubError not-found, conflict or store.
        """
        self._reviewing.resolve(principal, provisional, child, evidence, self._clock.domain())

    def _held(self, verified: VerifiedEvent) -> Recorded | None:
        """What stands under this event's id, if it is the same content; JWS text is no key, it is malleable.

        Raises: HubError("conflict").
        """
        held = self._record.find(verified.key.source, verified.key.id)
        if held is None:
            return None
        key, salt = verified.key, held.salt
        same = salt is not None and held.leaf_data == leaf_data(
            held.kind, key.source, key.id, salt, verified.payload
        )
        if not same:
            raise HubError("conflict")
        return held

    def _recorded(self, post: Admitted, principal: Principal) -> tuple[Recorded, bool]:
        """Append a post on the state of the record that it was judged on.

        1. Beside all others, a few times.
        2. Where the record moved each time: in a turn, in which other posts wait before they append.

        Raises: HubError of poster, gate, schema, imagery, json, conflict, store or rate.
        """
        for _ in range(_ATTEMPTS):  # 1
            appended = self._attempt(post, principal, self._turns.wait)
            if appended is not None:
                return appended
        with self._turns.taken():  # 2
            for _ in range(_ATTEMPTS):
                appended = self._attempt(post, principal)
                if appended is not None:
                    return appended
        raise HubError("store", "The record moved while this was judged; nothing was kept. Try again.")

    def _attempt(
        self, post: Admitted, principal: Principal, before_appending: Callable[[], None] = lambda: None
    ) -> tuple[Recorded, bool] | None:
        """Judge and append once; None where the record moved in between."""
        prepared = self._prepared(post, principal)
        before_appending()
        try:
            appended = self._record.append(self._append(post, prepared)).result()
        except (HeadMoved, ClaimTaken):
            return None
        return appended.items[0], appended.duplicate

    def _prepared(self, post: Admitted, principal: Principal) -> _Prepared:
        """Judge a post on the record as it is now.

        1. Find its child, the event that it corrects or retracts, and the one that its `entry_id` names.
        2. Take the references to other children out of the payload.
        3. Judge it: gates for a decision, notes beside a fact.
        4. Step the domain clock, and fix the instant of receipt.
        """
        now = self._now(post)
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
        stored = self._stored(post, target, place, apart, link, now, pointed)
        draft = self._draft(post, place, stored, apart)
        judgement = self._judging.judge(post, place, target, draft, now)
        # 4
        received = self._advance(now) if self._advance else now
        stored = self._stored(post, target, place, apart, link, received, pointed, judgement)
        return _Prepared(place, apart, stored, {**place.heads, **judgement.heads})

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
        judgement: Judgement | None = None,
    ) -> StoredPost:
        header, _, signature = post.verified.compact.decode("ascii").split(".")
        replaced = target.warnings if target is not None else ()
        flags = judgement.flags if judgement is not None else ()
        told = (*post.warnings, *replaced, *place.warnings, *self._judging.told(flags))
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
            pointed=pointed,
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

    def _append(self, post: Admitted, prepared: _Prepared) -> Append:
        key, place, stored = post.verified.key, prepared.place, prepared.stored
        drafts = [
            Draft(
                stream=f"child/{place.child}",
                kind="event",
                source=key.source,
                id=key.id,
                type=post.verified.type,
                payload=post.verified.payload,
                body=stored.body(),
            )
        ]
        if stored.link is not None:
            drafts.append(_link_draft(key, stored.link, prepared.apart.references))
        for record in place.records:
            drafts.append(draft_of(record, f"identity-{self._chance.uuid()}"))
        return Append(tuple(drafts), prepared.heads, place.claims)


def _link_draft(key: EventKey, stream: str, references: tuple[str, ...]) -> Draft:
    body = StoredLink(key, references).body()
    return Draft(stream, "record", SOURCE, stream.replace("/", "-"), LINK_TYPE, body, body)


def _others(post: Admitted, target: Target | None) -> tuple[str, ...]:
    """The references in the order of `{{other:n}}`: of a correction, those of its replacement first."""
    own = tuple(one.ref for one in post.valid.others)
    return (*target.others, *own) if post.valid.type.name == CORRECTION and target is not None else own


def _with_identifiers(place: Place, won: tuple[str, ...], claims: tuple[Claim, ...]) -> Place:
    return replace(place, claims=(*place.claims, *claims), identifiers=(*place.identifiers, *won))
