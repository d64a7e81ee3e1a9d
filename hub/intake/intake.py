"""The only way in for agencies' bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from hub.catalogue import Catalogue
from hub.directory import Directory, DirectoryState, Principal
from hub.envelope import JsonObject, VerifiedEvent, source_of
from hub.errors import HubError
from hub.identity import Identity
from hub.intake.admission import Admission, Admitted
from hub.intake.answers import NOT_NOW, Answer, Answers
from hub.intake.arrival import DIRECT, Arrival
from hub.intake.beginning import Arriving, Beginning, Begun, Otherwise
from hub.intake.governance import Governing
from hub.intake.judging import Judging
from hub.intake.own_posts import NoteRead, OwnPosts, Page
from hub.intake.placing import Placing
from hub.intake.preparing import Preparing, kept_apart
from hub.intake.receipts import Posted, Receipts
from hub.intake.refusals import Refusals
from hub.intake.reviewing import Reviewing
from hub.intake.turns import Turns
from hub.intake.wording import Wording
from hub.record import Chance, ClaimTaken, Clock, HeadMoved, HubSigner, Record, Recorded
from hub.record.leaf import leaf_data
from hub.trace import current_trace
from hub.views import Views

BATCH_LINES: Final = 1000
BATCH_BYTES: Final = 8 * 1024 * 1024
_ATTEMPTS: Final = 3
_UNVERIFIED: Final = frozenset({"signature", "key-unknown", "key-revoked", "audience", "too-large"})


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
        self._clock: Final = clock
        self._receipts: Final = Receipts(record, signer)
        self._admission: Final = Admission(
            directory=directory, catalogue=catalogue, wording=Wording(views.profiles), audience=audience
        )
        self._placing: Final = Placing(
            record=record, identity=identity, views=views, catalogue=catalogue, directory=directory
        )
        self._judging: Final = Judging(directory=directory, views=views)
        self._preparing: Final = Preparing(
            record=record,
            identity=identity,
            admission=self._admission,
            placing=self._placing,
            judging=self._judging,
            governing=Governing(directory=directory, profiles=views.profiles),
            clock=clock,
            chance=chance,
            policy_version=policy_version,
            simulated=simulated,
        )
        self._refusals: Final = Refusals(record, chance, catalogue.types)
        self._answers: Final = Answers(record, self._receipts, self._refusals)
        self._turns: Final = Turns()
        self._beginning: Final = Beginning(
            record=record,
            identity=identity,
            admission=self._admission,
            preparing=self._preparing,
            receipts=self._receipts,
            turns=self._turns,
            clock=clock,
            otherwise=Otherwise(self._judged, self._noted),
        )
        self._own_posts: Final = OwnPosts(record, views, self._receipts, note_read)
        self._reviewing: Final = Reviewing(record, identity, chance)

    def post(self, compact: bytes, principal: Principal, arrival: Arrival = DIRECT) -> Posted:
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
        post = Arriving(compact, principal, arrival)
        try:
            verified = self._admission.verified(compact, principal, self._clock.wall())  # 1
        except HubError as refusal:
            self._noted(refusal, post)
            raise
        return self._judged(verified, post)  # 2, 3, 4, 5

    def begin(self, posts: Sequence[Arriving], standing: DirectoryState) -> list[Begun]:
        """Begin posts that came at once; each is answered as `post` answers it.

        Shape: `standing` is what the directory said after the last of them had come.
        """
        return self._beginning.begin(posts, standing)

    def post_signed(self, compact: bytes, arrival: Arrival, fault: HubError | None = None) -> Posted:
        """Take one signed event that came through a log, where nobody waits and no token says who sends it.

        Shape: `fault` is what the door itself has against it.

        1. Verify it: the organisation is the one whose key signed it.
        2. Judge and keep it as `post` does.
        3. Before the answer is given: that it was refused, or held already, is durable with the marks of
           its arrival. What stands of the store or its load is no answer; nothing is kept of it.

        Raises: HubError with every slug that a post can have.
        """
        type_: str | None = None
        try:
            verified, principal = self._admission.signed(compact, self._clock.wall())  # 1
            type_ = verified.type
            if fault is not None:
                raise fault
            item, repeated = self._kept(verified, principal, arrival)  # 2
        except HubError as refusal:
            if refusal.slug not in NOT_NOW:  # 3
                self._refuse(compact, refusal, arrival, type_)
            raise
        if repeated:
            self._answers.repeated(item, arrival, self._clock.domain())
        return self._receipts.of(item, 200 if repeated else 201)

    def set_aside(self, compact: bytes, arrival: Arrival) -> None:
        """Answer a record of a log that could not be judged, by a fault of the hub's own.

        1. Whose it is, the signature says; who is not told would wait for an answer for ever.
        2. Where the event stands, the fault came after it was kept: then its receipt is the answer.

        Raises: HubError("store").
        """
        organisation = ""
        try:
            verified, _ = self._admission.signed(compact, self._clock.wall())
            organisation = verified.organisation  # 1
            held = self._held(verified)
            if held is not None:  # 2
                self._answers.repeated(held, arrival, self._clock.domain())
                return
        except HubError as refusal:
            if refusal.slug in NOT_NOW:
                raise
        except Exception:  # noqa: S110  this may be the very fault; what is known of the sender by now is used
            pass
        told = HubError(
            "store", "This could not be judged; nothing was kept. Send it again later.", status=500
        )
        self._answers.refused(compact, told, organisation, arrival, self._clock.domain())

    def answer(self, item: Recorded) -> Answer | None:
        """What an item of the record owes to somebody who did not wait for it; None where nothing."""
        return self._answers.of(item)

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

    def _kept(self, verified: VerifiedEvent, principal: Principal, arrival: Arrival) -> tuple[Recorded, bool]:
        """The event as it stands in the record, and whether it stood there before."""
        held = self._held(verified)
        if held is not None:
            return held, True
        return self._recorded(self._admission.admit(verified, principal), principal, arrival)

    def _judged(self, verified: VerifiedEvent, post: Arriving) -> Posted:
        """The answer to a verified event; that it was refused is noted."""
        try:
            item, repeated = self._kept(verified, post.principal, post.arrival)
        except HubError as refusal:
            self._noted(refusal, post, verified.type)
            raise
        return self._receipts.of(item, 200 if repeated else 201)

    def _noted(self, refusal: HubError, post: Arriving, type_: str | None = None) -> None:
        trace = post.arrival.trace or current_trace()
        self._refusals.note(refusal, post.principal.organisation, self._clock.domain(), trace, type_)

    def _refuse(self, compact: bytes, refusal: HubError, arrival: Arrival, type_: str | None) -> None:
        # What is refused before its signature was verified may say anything of whose it is.
        organisation = "" if refusal.slug in _UNVERIFIED else self._admission.holder(compact)
        self._answers.refused(compact, refusal, organisation, arrival, self._clock.domain(), type_)

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

    def _recorded(self, post: Admitted, principal: Principal, arrival: Arrival) -> tuple[Recorded, bool]:
        """Append a post on the state of the record that it was judged on.

        1. Beside all others, a few times.
        2. Where the record moved each time: in a turn, in which other posts wait before they append.

        Raises: HubError of poster, gate, schema, imagery, json, conflict, store or rate.
        """
        for _ in range(_ATTEMPTS):  # 1
            appended = self._attempt(post, principal, arrival, self._turns.wait)
            if appended is not None:
                return appended
        with self._turns.taken():  # 2
            for _ in range(_ATTEMPTS):
                appended = self._attempt(post, principal, arrival)
                if appended is not None:
                    return appended
        raise HubError("store", "The record moved while this was judged; nothing was kept. Try again.")

    def _attempt(
        self,
        post: Admitted,
        principal: Principal,
        arrival: Arrival,
        before_appending: Callable[[], None] = lambda: None,
    ) -> tuple[Recorded, bool] | None:
        """Judge and append once; None where the record moved in between."""
        prepared = self._preparing.judged(post, principal, arrival)
        before_appending()
        try:
            appended = self._record.bind(prepared.append, kept_apart(post, prepared))
        except (HeadMoved, ClaimTaken):
            return None
        return appended.items[0], appended.duplicate
