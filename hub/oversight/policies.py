"""An officer's work on the sharing rules: a past answer made again, a draft rehearsed, a release approved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hub.catalogue import Catalogue
from hub.directory.types import Principal
from hub.disclosure import RuleSet
from hub.disclosure.library import OFFICER, Library, Release
from hub.disclosure.notice_record import NOTICE
from hub.disclosure.rehearse import Rehearsal, Rehearser
from hub.disclosure.release import Access, AccessRecord
from hub.disclosure.replay import DECIDED, ERASED, Past, Replay, Replayer
from hub.disclosure.rules import RuleFiles, load_rules
from hub.errors import HubError
from hub.record import Record

REPLAY: Final = "audit-replay"
RELEASES: Final = "audit-policies"
REHEARSAL: Final = "policy-rehearsal"
PROPOSAL: Final = "policy-proposal"
APPROVAL: Final = "policy-approval"
# One append has so many records of accesses at most.
_AT_ONCE: Final = 500

Told = Callable[[int, int], None]
"""Is told how many past answers are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Which sharing rules there are.

    Shape: `running` is what this server decides by, `in_force` what servers that start now decide by, None
    where they do not start because the released rules cannot decide here; `installed` are all versions by
    which past answers can be made again; `releases` oldest first.
    """

    running: str
    in_force: str | None
    shipped: str
    installed: tuple[str, ...]
    releases: tuple[Release, ...]


def _nothing(done: int, total: int) -> None:
    """Where nobody waits for a count."""


class Policies:
    """What officers do about the sharing rules; every question is itself recorded.

    Trust: whatever shows what a draft would open tells what is hidden now, so that it is for the
    partnership's officers only; an agency's officer can have the answers to its own staff made again.
    """

    def __init__(
        self, *, record: Record, catalogue: Catalogue, library: Library, replayer: Replayer, running: RuleSet,
        accesses: AccessRecord, access: Callable[[Principal, str | None, str], Access],
        find: Callable[[Principal, str], Past | None], past: Callable[[], Iterable[Past]],
    ) -> None:  # fmt: skip
        self._record: Final = record
        self._catalogue: Final = catalogue
        self._library: Final = library
        self._replayer: Final = replayer
        self._running: Final = running
        self._accesses: Final = accesses
        self._access: Final = access
        self._find: Final = find
        self._past: Final = past

    def replay(self, principal: Principal, disclosure_id: str) -> Replay:
        """Make a past answer again and say whether it comes out the same; its content goes to nobody.

        Raises: HubError not-found, store, views-behind.
        """
        past = self._find(principal, disclosure_id)
        if past is None:
            raise HubError("not-found", "Nothing of a child was given there, so there is nothing to repeat.")
        partnership = principal.organisation_kind == "partnership"
        if not partnership and past.reader.partition("/")[0] != principal.organisation:
            raise HubError("not-found")
        self._note(principal, past.child, REPLAY)
        found = self._replayer.again(past)
        return found if partnership else _of_own_staff(found, past)

    def standing(self, principal: Principal) -> Standing:
        """Which rules there are, which decide, and what is proposed."""
        _officer(principal)
        self._note(principal, None, RELEASES)
        return self._standing()

    def release(self, principal: Principal, version: str) -> Release:
        """One proposal with its rehearsal.

        Raises: HubError not-found, store.
        """
        _officer(principal)
        self._note(principal, None, RELEASES)
        found = self._library.proposed(version)
        if found is None:
            raise HubError("not-found")
        return found

    def rehearse(self, principal: Principal, draft: RuleSet, told: Told = _nothing) -> Rehearsal:
        """Set a draft against all past answers.

        Raises: HubError not-found, store, views-behind.

        1. Who asks, recorded before anything is decided.
        2. Every past answer that rests on what somebody got of a child.
        3. That each child's record was looked at, durable before the result is given.
        """
        _officer(principal)
        self._note(principal, None, REHEARSAL)  # 1
        past = [one for one in self._past() if _can_be_decided(one)]  # 2
        done = 0

        def one_more() -> None:
            nonlocal done
            done += 1
            told(done, len(past))

        found = Rehearser(
            record=self._record, catalogue=self._catalogue, replayer=self._replayer,
            now=self._running, draft=draft,
        ).of(past, one_more)  # fmt: skip
        self._looked_at(principal, found.children)  # 3
        return found

    def rehearse_proposed(self, principal: Principal, version: str, told: Told = _nothing) -> Rehearsal:
        """Rehearse what is proposed, and keep the result for whoever is to approve it.

        Raises: HubError not-found, store, views-behind, conflict.
        """
        _officer(principal)
        rules = self._library.rules(version) if self._library.proposed(version) else None
        if rules is None:
            raise HubError("not-found", "No proposal of this version waits for approval.")
        found = self.rehearse(principal, rules, told)
        self._library.note_rehearsal(version, found.written())
        return found

    def propose(self, principal: Principal, files: RuleFiles, reason: str) -> Release:
        """Propose a rule set for release.

        Raises: HubError not-found, schema, conflict, store.
        """
        _officer(principal)
        self._note(principal, None, PROPOSAL)
        return self._library.propose(files, principal, reason)

    def approve(self, principal: Principal, version: str) -> Release:
        """Approve what somebody else proposed.

        Raises: HubError not-found, gate, conflict, store.
        """
        _officer(principal)
        self._note(principal, None, APPROVAL)
        return self._library.approve(version, principal)

    def _standing(self) -> Standing:
        library = self._library
        try:
            in_force = library.in_force().version
        except HubError:
            in_force = None
        return Standing(
            self._running.version, in_force, load_rules().version, library.versions(), library.releases()
        )

    def _note(self, principal: Principal, child: str | None, what: str) -> None:
        self._accesses.released(self._access(principal, child, what), ("officer",), (), ())

    def _looked_at(self, principal: Principal, children: Sequence[str]) -> None:
        for begin in range(0, len(children), _AT_ONCE):
            some = children[begin : begin + _AT_ONCE]
            self._accesses.listed([(self._access(principal, one, REHEARSAL), ()) for one in some])


def _can_be_decided(past: Past) -> bool:
    """Whether the rules decided it from what somebody got of a child; a notice may stand decided for good."""
    return past.what in DECIDED or (past.what == NOTICE and past.made is not None)


def _of_own_staff(found: Replay, past: Past) -> Replay:
    """A replay for an agency's officer.

    Trust: what was hidden from the agency's reader is hidden from its officer too, be it that it differs or
    that it was erased.
    """
    given = {one.key for one in past.items if one.decision != "H"}
    told = ERASED if given & set(found.erased) else ""
    notes = tuple(one for one in found.notes if one != ERASED or one == told)
    return replace(found, notes=notes, missing=(), more=(), erased=())


def _officer(principal: Principal) -> None:
    if OFFICER not in principal.roles or principal.organisation_kind != "partnership":
        raise HubError("not-found")
