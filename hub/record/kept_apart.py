"""The journal kept apart: what must bind after a restore too, on other storage than the database.

A backup is older than what was done since. A key that was destroyed, a person who was disabled or a
relationship that ended in between would stand again in the restored record. Each such act is therefore a
line of this journal before it is answered as done. The journal cannot forget, so it holds no content of any
event: names of items and streams, and what the directory needs to make its own acts again, all sealed.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path
from threading import Lock
from typing import Final, Literal

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.errors import HubError
from hub.record.checkpoint import Checkpoint, parse_checkpoint

ActKind = Literal["erased", "directory", "event", "void", "waived"]
LINES: Final = "kept-apart/lines"
"""The mark of the record that says how many lines there were at least when it was changed last."""
FORMAT: Final = "hub-kept-apart/1"
_NAME: Final = "journal"
_CHECKPOINT: Final = "checkpoint"
_NONCE: Final = 12
_PIECE: Final = 4096
GONE: Final = (
    "The journal kept apart is not there. Is its storage mounted at HUB_KEPT_APART? "
    "Where there never was one, run `hub init`."
)
_CHANGED: Final = (
    "The journal kept apart was changed, or a line is missing in it. Put the whole file back from its "
    "other copy; without one, do not restore."
)
_FOREIGN: Final = (
    "The journal kept apart is of another hub, or was written under another master key. Check HUB_KEPT_APART,"
    " HUB_ID and HUB_MASTER_KEY. If a change of the master key did not end, or it is a copy from before one,"
    " run `hub master-key change` again."
)


@dataclass(frozen=True, slots=True)
class Act:
    """One act that must bind after a restore too.

    Shape: `source` and `id` name the item of the record that the act is; it stands where that item stands.
    `erased`: the keys of `stream` were destroyed, `content` names keys and items. `directory`: `content` is
    what makes the change again. `event`: an event on `stream` that may take something away. `void`: the line
    whose number is `content` was refused. `waived`: the named event is not waited for any more.
    """

    kind: ActKind
    stream: str
    source: str = ""
    id: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal; numbers follow each other from 1 without gaps, through every new file."""

    number: int
    act: Act


class Journal:
    """The journal in one folder; safe to use from several threads, and from several processes.

    Shape: each line is its number, its sealed content, and an HMAC over the line and the HMAC before it.
    The first line says whose journal it is and after which number it begins; the keys are this hub's alone.
    Trust: the end of the file may have been cut off; that the record knows of more lines, or of a larger
    checkpoint, is what tells. Who holds the folder learns how many acts there were, and when.
    Raises: HubError("store") from every method where the storage does not answer as it should.
    """

    def __init__(self, folder: Path, *, master_key: bytes, hub: str) -> None:
        self._folder: Final = folder
        self._path: Final = folder / _NAME
        self._hub: Final = hub
        self._seal: Final = AESGCM(_derive(master_key, b"hub-kept-apart/1 seal\n" + hub.encode()))
        self._key: Final = _derive(master_key, b"hub-kept-apart/1 chain\n" + hub.encode())
        self._lock: Final = Lock()
        # Inode, size, last number and its HMAC, as last seen.
        self._end: tuple[int, int, int, bytes] | None = None

    def begin(self, after: int = 0) -> bool:
        """Make an empty journal, durably; False where one stands already.

        Shape: `after` is the number that the last line of a journal which was lost is known to have had.
        """
        text = self._written(after, self._header(after), self._origin())[0]
        beside = self._path.with_name(f"{_NAME}.{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside.unlink(missing_ok=True)
            try:
                _write(beside, text)
                os.link(beside, self._path)
            except FileExistsError:
                return False
            finally:
                beside.unlink(missing_ok=True)
            _sync_folder(self._folder)
        except OSError:
            raise HubError("store", "HUB_KEPT_APART cannot be written.") from None
        return True

    def missing(self) -> bool:
        """Whether there is no journal in its folder."""
        return not self._path.exists()

    def is_ours(self) -> bool:
        """Whether the journal in its folder is this hub's and under this master key; its first line says."""
        try:
            self.after()
        except HubError as fault:
            if fault.detail == _FOREIGN:
                return False
            raise
        return True

    def take_over(self, former: Journal, progress: Callable[[int], None]) -> int:
        """Write anew, under this master key, what `former` reads here under its own; the last line's number.

        1. Hold the file, so that nobody adds a line meanwhile; who waits for it finds the new one.
        2. Write every line beside, under its number; what a process that died left of a line is none.
        3. Put that into its place, durably: whole, or not at all.
        """
        beside = self._path.with_name(f"{_NAME}.anew")
        with former._opened(write=True):  # 1.
            beside.unlink(missing_ok=True)
            number = former.after()
            with _new(beside) as file:  # 2.
                text, mac = self._written(number, self._header(number), self._origin())
                file.write(text)
                for line in former.read():
                    number = line.number
                    text, mac = self._written(number, _content(line.act), mac)
                    file.write(text)
                    progress(number)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)  # 3.
            _sync_folder(self._folder)
        return number

    def check(self) -> int:
        """The number of the last line, where this is this hub's journal; looks at both its ends only."""
        with self._opened(write=False) as file:
            return self._last(file)[1]

    def write(self, acts: Sequence[Act]) -> int:
        """Add lines, durably when this returns; the number of the last.

        1. Alone among all processes, find the end; take off what a process that died left of a line.
        2. Write all lines at once, then sync: none of them counts before that.
        """
        with self._lock, self._opened(write=True) as file:
            size, number, mac = self._last(file)  # 1.
            text = b""
            for act in acts:  # 2.
                number += 1
                line, mac = self._written(number, _content(act), mac)
                text += line
            try:
                os.ftruncate(file, size)
                os.pwrite(file, text, size)
                os.fsync(file)
            except OSError:
                self._end = None
                with suppress(OSError):
                    os.ftruncate(file, size)
                raise HubError("store", "The journal kept apart cannot be written.") from None
            self._end = (os.fstat(file).st_ino, size + len(text), number, mac)
            return number

    def read(self) -> Iterator[Line]:
        """All lines in order, each checked against the one before; what stands after the last whole line is
        what a process that died left, and was never answered."""
        mac = self._origin()
        try:
            with self._path.open("rb") as file:
                first = file.readline()
                number, content, mac = self._read(first, mac, _FOREIGN)
                self._check_header(number, content)
                for text in file:
                    if not text.endswith(b"\n"):
                        return
                    following, content, mac = self._read(text, mac, _CHANGED)
                    number += 1
                    if following != number:
                        raise HubError("store", _CHANGED)
                    yield Line(number, Act(*orjson.loads(content)))
        except FileNotFoundError:
            raise HubError("store", GONE) from None
        except OSError:
            raise HubError("store", "The journal kept apart cannot be read.") from None

    def after(self) -> int:
        """The number after which this file begins; acts up to there are in no file any more."""
        try:
            with self._path.open("rb") as file:
                number, content, _ = self._read(file.readline(), self._origin(), _FOREIGN)
        except FileNotFoundError:
            raise HubError("store", GONE) from None
        except OSError:
            raise HubError("store", "The journal kept apart cannot be read.") from None
        return self._check_header(number, content)

    def size(self) -> int:
        """How many bytes there are; grows with every line."""
        try:
            return self._path.stat().st_size
        except OSError:
            raise HubError("store", GONE) from None

    def keep_checkpoint(self, text: str | None, *, aside: str = "") -> None:
        """Keep a copy of the latest signed checkpoint in place of the one before.

        Shape: the one before is kept under its name and `aside`, where that is given.
        """
        place = self._folder / _CHECKPOINT
        beside = place.with_name(f"{_CHECKPOINT}.{os.getpid()}")
        try:
            if aside and place.exists():
                place.replace(place.with_name(f"{_CHECKPOINT}.{aside}"))
            if text is not None:
                beside.unlink(missing_ok=True)
                _write(beside, text.encode())
                beside.replace(place)
            _sync_folder(self._folder)
        except OSError:
            raise HubError("store", "HUB_KEPT_APART cannot be written.") from None

    def checkpoint(self) -> Checkpoint | None:
        """The checkpoint that was kept last.

        Trust: its signature is not checked: it may be of an earlier signing key.
        """
        try:
            return parse_checkpoint((self._folder / _CHECKPOINT).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, HubError):
            raise HubError(
                "store", "The checkpoint in HUB_KEPT_APART cannot be read; move it away."
            ) from None

    @contextmanager
    def _opened(self, *, write: bool) -> Iterator[int]:
        # Never made here: where the storage is not mounted, its folder is another one.
        try:
            file = self._locked(write)
        except FileNotFoundError:
            raise HubError("store", GONE) from None
        except OSError:
            raise HubError("store", "The journal kept apart cannot be opened.") from None
        try:
            yield file
        except OSError:
            raise HubError("store", "The journal kept apart does not answer.") from None
        finally:
            os.close(file)

    def _locked(self, write: bool) -> int:
        """The file, opened and locked; where another was put into its place meanwhile, that one."""
        while True:
            file = os.open(self._path, os.O_RDWR if write else os.O_RDONLY)
            try:
                fcntl.flock(file, fcntl.LOCK_EX if write else fcntl.LOCK_SH)
                if os.path.samestat(os.fstat(file), self._path.stat()):
                    return file
            except BaseException:
                os.close(file)
                raise
            os.close(file)

    def _last(self, file: int) -> tuple[int, int, bytes]:
        """Where the last whole line ends, its number and its HMAC, checked against the line before it."""
        stands, known = os.fstat(file), self._end
        inode, size = stands.st_ino, stands.st_size
        if known is not None and known[:2] == (inode, size):
            return known[1:]
        if known is not None and known[0] == inode and size < known[1]:
            raise HubError("store", _CHANGED)
        end, lines = _last_lines(file, size)
        if not lines:
            raise HubError("store", _CHANGED)
        if len(lines) == 1:
            number, content, mac = self._read(lines[0], self._origin(), _FOREIGN)
            self._check_header(number, content)
        else:
            number, _, mac = self._read(lines[1], _mac_of(lines[0]), _FOREIGN)
        if known is not None and number < known[2]:
            raise HubError("store", _CHANGED)
        if end == size:
            self._end = (inode, end, number, mac)
        return end, number, mac

    def _written(self, number: int, content: bytes, before: bytes) -> tuple[bytes, bytes]:
        # The nonce comes from the key, the place in the chain and the content: no two are sealed under one.
        place = str(number).encode()
        nonce = hmac.digest(self._key, b"nonce\n" + before + place + b"\n" + content, hashlib.sha256)[:_NONCE]
        sealed = _encoded(nonce + self._seal.encrypt(nonce, content, place))
        mac = self._mac(before, place, sealed)
        return b"%s %s %s\n" % (place, sealed, _encoded(mac)), mac

    def _read(self, line: bytes, before: bytes, otherwise: str) -> tuple[int, bytes, bytes]:
        place, _, rest = line.rstrip(b"\n").partition(b" ")
        sealed, _, encoded = rest.partition(b" ")
        mac = self._mac(before, place, sealed)
        if not hmac.compare_digest(_encoded(mac), encoded):
            raise HubError("store", otherwise)
        raw = urlsafe_b64decode(sealed + b"=" * (-len(sealed) % 4))
        try:
            return int(place), self._seal.decrypt(raw[:_NONCE], raw[_NONCE:], place), mac
        except InvalidTag:
            raise HubError("store", otherwise) from None

    def _header(self, after: int) -> bytes:
        return orjson.dumps({"format": FORMAT, "hub": self._hub, "after": after})

    def _check_header(self, number: int, content: bytes) -> int:
        if content != self._header(number):
            raise HubError("store", _FOREIGN)
        return number

    def _mac(self, before: bytes, place: bytes, sealed: bytes) -> bytes:
        return hmac.digest(self._key, b"line\n" + before + place + b" " + sealed, hashlib.sha256)

    def _origin(self) -> bytes:
        return hmac.digest(self._key, b"origin", hashlib.sha256)


def _derive(master_key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(master_key)


def _content(act: Act) -> bytes:
    return orjson.dumps([act.kind, act.stream, act.source, act.id, act.content])


def _encoded(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


def _mac_of(line: bytes) -> bytes:
    encoded = line.rpartition(b" ")[2]
    try:
        return urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))
    except ValueError:
        raise HubError("store", _CHANGED) from None


def _last_lines(file: int, size: int) -> tuple[int, list[bytes]]:
    """Where the last whole line ends, and the last two of them, or the only one."""
    start, text = size, b""
    while start > 0 and text.count(b"\n") < 3:
        piece = min(_PIECE, start)
        start -= piece
        text = os.pread(file, piece, start) + text
    whole, found, _ = text.rpartition(b"\n")
    return start + len(whole) + len(found), whole.split(b"\n")[-2:] if found else []


def _new(path: Path) -> BufferedWriter:
    # Readable by the hub's user alone, from the first byte on.
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _write(path: Path, text: bytes) -> None:
    with _new(path) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
