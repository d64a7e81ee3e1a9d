"""The rule sets that this hub has had: kept whole, proposed by one person, approved by another (ADR 0023)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Final

import orjson

from hub.directory.types import Principal
from hub.disclosure.engine import Engine
from hub.disclosure.release import HUB_SOURCE
from hub.disclosure.rules import RuleFiles, RuleSet, load_rules, shipped_files
from hub.envelope import JsonObject, JsonValue
from hub.errors import HubError
from hub.record import Append, Draft, HeadMoved, Record, Recorded
from hub.record.ports import Clock

STREAM: Final = "policies"
KEPT: Final = "policy-kept.v1"
PROPOSED: Final = "policy-proposed.v1"
REHEARSED: Final = "policy-rehearsed.v1"
APPROVED: Final = "policy-approved.v1"
OFFICER: Final = "ig-officer"
LONGEST: Final = 500
_ATTEMPTS: Final = 5
_TAMPERED: Final = "A set of sharing rules is not what was released. Keep the hub stopped; see the how-to."
_OTHER_PACKAGE: Final = (
    "The released sharing rules were checked with another version of the hub. Propose and approve "
    "a set for this version: hub policy release, hub policy approve."
)
_MOVED: Final = "The rule sets were changed by somebody else just now. Look again, then repeat."


@dataclass(frozen=True, slots=True)
class Release:
    """One proposal to put a rule set in force, and what became of it.

    Shape: `version` names the rule set by its text, `digest` is SHA-256 over its files; `against` is the
    version that the package shipped then; `rehearsal` is the latest report, None before the first.
    Units: aware UTC.
    """

    version: str
    digest: str
    against: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    rehearsal: JsonObject | None = field(default=None, repr=False)
    rehearsed_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What the stream says, up to a version of it."""

    at: int = 0
    texts: Mapping[str, RuleFiles] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()


class Library:
    """Every rule set that was ever kept or released, by version; and which is in force.

    Trust: the sets stand in the record, sealed and under its ledger, so that a server has nothing on its own
    disk to load instead. Each text must still have the digest that two people put their names to.
    """

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record: Final = record
        self._clock: Final = clock
        self._lock: Final = Lock()
        self._shelf = _Shelf()
        self._rules: dict[str, RuleSet] = {}

    def rules(self, version: str) -> RuleSet | None:
        """The rule set of a version; None where it is not here, or asks for facts that are no longer given.

        Raises: HubError store where its text was changed since.
        """
        shipped = load_rules()
        if version == shipped.version:
            return shipped
        found = self._refresh().texts.get(version)
        if found is None:
            return None
        if version not in self._rules:
            rules = self._read(version, found)
            if rules is None:
                return None
            self._rules[version] = rules
        return self._rules[version]

    def in_force(self) -> RuleSet:
        """The rules by which this hub decides: what was approved last, else what the package ships.

        Raises: HubError store where a release was changed since, or was made for another package.

        1. Without a release the shipped rules: whoever installs the package has released them.
        2. Two different people, one rule set, one digest.
        3. A release is for the package that it was checked with: after an upgrade neither is the old release
           kept silently, nor dropped silently. To go back to what a package ships follows the package.
        """
        last = next((one for one in reversed(self._refresh().releases) if one.approved_by), None)
        shipped = load_rules()
        if last is None or last.version == last.against:  # 1
            return shipped
        named = self._shelf.digests.get(last.version)
        if last.approved_by == last.proposed_by or named != last.digest:  # 2
            raise HubError("store", _TAMPERED)
        if last.against != shipped.version:  # 3
            raise HubError("store", _OTHER_PACKAGE)
        found = self.rules(last.version)
        if found is None:
            raise HubError("store", _OTHER_PACKAGE)
        return found

    def mending(self) -> RuleSet:
        """The rules in force, or the shipped ones where those cannot decide: for the commands that mend that.

        Trust: for officers' work on rules only; nobody's question about a child is answered by them.
        """
        try:
            return self.in_force()
        except HubError:
            return load_rules()

    def releases(self) -> tuple[Release, ...]:
        """Every proposal, oldest first."""
        return self._refresh().releases

    def versions(self) -> tuple[str, ...]:
        """Every version whose text is here."""
        return tuple(sorted({load_rules().version, *self._refresh().texts}))

    def keep_shipped(self) -> None:
        """Keep the text of what this package ships, so that a later package can still replay by it.

        Raises: HubError conflict where others change the rule sets all the while, store.
        """
        files, version = shipped_files(), load_rules().version
        for attempt in range(_ATTEMPTS):
            if version in self._refresh().texts:
                return
            try:
                self._append(KEPT, {"version": version, **_written(files)})
            except HubError as fault:
                # Another process may have kept it just now.
                if fault.slug != "conflict" or attempt + 1 == _ATTEMPTS:
                    raise

    def propose(self, files: RuleFiles, by: Principal, reason: str) -> Release:
        """Propose a rule set; it decides nothing before somebody else approves it.

        Raises: HubError not-found for who may not, schema where the rules do not stand, store.
        """
        person = _officer(by)
        said = reason.strip()
        if not said or len(said) > LONGEST or not said.isprintable():
            raise HubError("schema", "Say in 1 to 500 printable characters why the rules are to change.")
        try:
            rules = files.rules()
            Engine(rules)
        except (RuntimeError, ValueError):
            raise HubError("schema", "The rules do not stand. Check them with: hub policy check") from None
        shipped = load_rules().version
        if self._refresh().texts.get(rules.version, files).digest != files.digest:
            raise HubError("conflict", "Another set of files already has this version.")
        self._append(
            PROPOSED,
            {"version": rules.version, "against": shipped, "by": person, "reason": said, **_written(files)},
        )
        return self._open(rules.version)

    def note_rehearsal(self, version: str, report: JsonObject) -> None:
        """Keep what a rehearsal of a proposed rule set found, for whoever is to approve it.

        Raises: HubError not-found where this version is not proposed; store.
        """
        self._open(version)
        self._append(REHEARSED, {"version": version, "report": report})

    def approve(self, version: str, by: Principal) -> Release:
        """Put a proposed rule set in force: servers that start from now on decide by it.

        Raises: HubError not-found for who may not, or where this version is not proposed; gate where it may
        not be approved yet, or not by this person; store.

        1. Another person than the one who proposed it.
        2. After a rehearsal.
        3. The text that was proposed, for the package that it was checked with.
        """
        person = _officer(by)
        found = self._open(version)
        if person == found.proposed_by:  # 1
            raise HubError("gate", "Another person than the one who proposed these rules approves them.")
        if found.rehearsal is None:  # 2
            raise HubError("gate", "Rehearse these rules first: hub policy rehearse")
        if self.rules(version) is None or found.against != load_rules().version:  # 3
            raise HubError("gate", "These rules were proposed for another version of the hub.")
        self._append(APPROVED, {"version": version, "digest": found.digest, "by": person})
        return self._refresh().releases[-1]

    def proposed(self, version: str) -> Release | None:
        """The latest proposal of a version, approved or not; None where there is none."""
        return next((one for one in reversed(self.releases()) if one.version == version), None)

    def _open(self, version: str) -> Release:
        """The proposal that waits for approval: the last; each takes the place of the one before."""
        last = self._refresh().releases[-1:]
        if not last or last[0].version != version or last[0].approved_by:
            raise HubError("not-found", "No proposal of this version waits for approval.")
        return last[0]

    def _read(self, version: str, files: RuleFiles) -> RuleSet | None:
        if files.digest != self._shelf.digests[version]:
            raise HubError("store", _TAMPERED)
        try:
            rules = files.rules()
            Engine(rules)
        except (RuntimeError, ValueError):
            return None
        if rules.version != version:
            raise HubError("store", _TAMPERED)
        return rules

    def _refresh(self) -> _Shelf:
        with self._lock:
            shelf = self._shelf
            for item in self._record.stream(STREAM, after=shelf.at):
                shelf = _with(shelf, item)
            self._shelf = shelf
            return shelf

    def _append(self, type_: str, data: JsonObject) -> None:
        """Append on what was seen and on nothing else; the id says the place, so that two writers collide."""
        at = self._shelf.at
        name = f"{STREAM}-{at + 1:010d}"
        payload = orjson.dumps(
            {
                "specversion": "1.0",
                "id": name,
                "source": HUB_SOURCE,
                "type": f"safeguarding.{type_}",
                "time": self._clock.wall().astimezone(UTC).isoformat(),
                "datacontenttype": "application/json",
                "data": data,
            }
        )
        draft = Draft(STREAM, "record", HUB_SOURCE, name, type_, payload, payload)
        try:
            self._record.append(Append((draft,), heads={STREAM: at})).result()
        except HeadMoved:
            raise HubError("conflict", _MOVED) from None
        self._refresh()


def _with(shelf: _Shelf, item: Recorded) -> _Shelf:
    """The shelf after one more item."""
    if item.body is None:
        raise HubError("store", "The kept sharing rules cannot be opened with this master key.")
    event = orjson.loads(item.body)
    data, at, releases = event["data"], datetime.fromisoformat(event["time"]), shelf.releases
    version = data["version"]
    shelf = replace(shelf, at=item.version)
    if item.type in (KEPT, PROPOSED):
        files = RuleFiles(data["files"], data["schema"])
        shelf = replace(
            shelf,
            texts={**shelf.texts, version: files},
            digests={**shelf.digests, version: data["digest"]},
        )
    if item.type == PROPOSED:
        made = Release(version, data["digest"], data["against"], data["reason"], data["by"], at)
        return replace(shelf, releases=(*releases, made))
    if not releases or releases[-1].version != version:
        return shelf
    if item.type == REHEARSED:
        last = replace(releases[-1], rehearsal=data["report"], rehearsed_at=at)
        return replace(shelf, releases=(*releases[:-1], last))
    if item.type == APPROVED and data["digest"] == releases[-1].digest:
        last = replace(releases[-1], approved_by=data["by"], approved_at=at)
        return replace(shelf, releases=(*releases[:-1], last))
    return shelf


def _written(files: RuleFiles) -> dict[str, JsonValue]:
    return {"digest": files.digest, "files": dict(sorted(files.files.items())), "schema": files.schema}


def _officer(by: Principal) -> str:
    """The partnership's information governance officer who acts; anybody else finds nothing here."""
    if by.person is None or OFFICER not in by.roles or by.organisation_kind != "partnership":
        raise HubError("not-found")
    return by.person
