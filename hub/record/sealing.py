"""Sealing: a data key per stream, wrapped by the master key; nothing readable at rest.

Destroying a stream's key makes everything sealed under it unreadable, in the file and in every copy
of it that holds the destroyed form; the ledger stays whole because it holds salted digests only.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.errors import HubError
from hub.record.faults import damaged
from hub.record.leaf import SALT_BYTES

KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 16
NONCE_BYTES: Final = 12
PAYLOAD: Final = "payload"
CLAIM: Final = "claim"
ONCE: Final = "once"
MARK: Final = "mark"
_VERSION: Final = b"\x01"
# What a wrapped key begins with that opens what it sealed and seals nothing more.
_RETIRED: Final = b"\x02"
_INDEX: Final = b"hub-record/1 index"
_OVERHEAD: Final = 1 + KEY_ID_BYTES + NONCE_BYTES
_length = struct.Struct(">I").pack


def _field(text: bytes) -> bytes:
    # Each field is preceded by its length, so that no two lists of fields share one encoding.
    return _length(len(text)) + text


@dataclass(frozen=True, slots=True)
class StreamKey:
    """A stream's data key, ready for use.

    Shape: `scope` is the start of all associated data of this key: key id and stream.
    """

    key_id: bytes
    cipher: AESGCM
    scope: bytes


class MasterKey:
    """The key that wraps data keys and keys the indexes; only keys derived from it are used.

    Shape: the index key stays when the master key is changed, and then `kept` is it, wrapped.
    Raises: HubError("store") where what is kept was not wrapped under this master key.
    Source: RFC 5869
    """

    def __init__(self, master_key: bytes, kept: bytes | None = None) -> None:
        if len(master_key) != KEY_BYTES:
            raise HubError("store", "The master key must be 32 bytes.")
        self._wrap: Final = AESGCM(_derive(master_key, b"hub-record/1 wrap"))
        self._index_key: Final = _derive(master_key, _INDEX) if kept is None else self._opened(kept, _INDEX)
        # Begun once with its key: a copy of it costs a third of beginning anew, and names are many.
        self._index: Final = hmac.new(self._index_key, digestmod=hashlib.sha256)

    def digest(self, purpose: str, text: bytes) -> bytes:
        """HMAC-SHA256 of `text` under the index key, separate per purpose."""
        keyed = self._index.copy()
        keyed.update(_field(purpose.encode()) + text)
        return keyed.digest()

    def row_digest(self, purpose: str, *columns: bytes) -> bytes:
        """A keyed digest of the columns of one row, so that the check of the record finds a change."""
        return self.digest(purpose, b"".join(_field(column) for column in columns))

    def mark_digest(self, name: str, value: int) -> bytes:
        """The keyed digest of a mark's row."""
        return self.row_digest(MARK, name.encode(), str(value).encode())

    def check(self, format: str) -> bytes:
        """What a record of this format holds to tell its own master key from another."""
        return self.digest("master-key-check", format.encode())

    def new_key(self, stream: str, randomness: bytes) -> tuple[StreamKey, bytes]:
        """A new data key for a stream, and its wrapped form.

        Shape: `randomness` holds key id, data key and nonce: 60 bytes.
        """
        key_id, data_key = randomness[:KEY_ID_BYTES], randomness[KEY_ID_BYTES : KEY_ID_BYTES + KEY_BYTES]
        nonce = randomness[KEY_ID_BYTES + KEY_BYTES :]
        scope = _scope(key_id, stream)
        return StreamKey(key_id, AESGCM(data_key), scope), nonce + self._wrap.encrypt(nonce, data_key, scope)

    def unwrap(self, stream: str, key_id: bytes, wrapped: bytes) -> StreamKey:
        """The data key of a stream.

        Trust: key id and stream are authenticated, so a wrapped key moved to another stream is refused.
        Raises: HubError("store") where it does not open.
        """
        scope = _scope(key_id, stream)
        return StreamKey(key_id, AESGCM(self._data_key(scope, wrapped)), scope)

    def rewrap(self, former: MasterKey, nonce: bytes, stream: str, key_id: bytes, wrapped: bytes) -> bytes:
        """A data key that `former` wrapped, wrapped under this master key, and retired.

        Why: whoever held the former master key and a copy of the record has this data key. It opens what it
        sealed; what is added to its stream from now on gets a new one.
        Raises: HubError("store") where it does not open.
        """
        scope = _scope(key_id, stream)
        data_key = former._data_key(scope, wrapped)
        return _RETIRED + nonce + self._wrap.encrypt(nonce, data_key, scope + _RETIRED)

    def keep(self, former: MasterKey, nonce: bytes) -> bytes:
        """The index key of `former`, wrapped under this master key."""
        return nonce + self._wrap.encrypt(nonce, former._index_key, _INDEX)

    def _data_key(self, scope: bytes, wrapped: bytes) -> bytes:
        if is_retired(wrapped):
            return self._opened(wrapped[len(_RETIRED) :], scope + _RETIRED)
        return self._opened(wrapped, scope)

    def _opened(self, wrapped: bytes, scope: bytes) -> bytes:
        try:
            return self._wrap.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], scope)
        except (InvalidTag, ValueError):
            raise damaged("a stream's key does not open") from None


NEW_KEY_BYTES: Final = KEY_ID_BYTES + KEY_BYTES + NONCE_BYTES
_TAG_BYTES: Final = 16
_RETIRED_BYTES: Final = len(_RETIRED) + NONCE_BYTES + KEY_BYTES + _TAG_BYTES


def is_retired(wrapped: bytes) -> bool:
    """Whether a wrapped data key opens what it sealed and is to seal nothing more.

    Shape: only its form is looked at; which of the two forms it has is authenticated when it is opened.
    """
    return len(wrapped) == _RETIRED_BYTES and wrapped.startswith(_RETIRED)


def _derive(master_key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master_key)


def _scope(key_id: bytes, stream: str) -> bytes:
    # The key id has a fixed length and no name holds a line feed, so that no two lists of fields
    # share one encoding.
    return key_id + stream.encode() + b"\n"


def _item_scope(key: StreamKey, name: tuple[str, str, str]) -> bytes:
    # The stream version is no part of it: the writer assigns versions after sealing is decided.
    return key.scope + "\n".join((*name, "hub-item/1")).encode()


def _view_scope(key: StreamKey, context: str) -> bytes:
    return key.scope + context.encode() + b"\nhub-view/1"


def seal_item(key: StreamKey, nonce: bytes, name: tuple[str, str, str], salt: bytes, body: bytes) -> bytes:
    """The state of one item at rest: version byte, key id, nonce, then salt and body as AES-256-GCM.

    Shape: `name` is source, id and type; they are associated data, so a ciphertext put in another
    item's place does not open.
    """
    sealed = key.cipher.encrypt(nonce, salt + body, _item_scope(key, name))
    return b"".join((_VERSION, key.key_id, nonce, sealed))


def open_item(key: StreamKey, state: bytes, name: tuple[str, str, str]) -> tuple[bytes, bytes]:
    """Salt and body of one item.

    Raises: HubError("store") where the state was changed or belongs to another item.
    """
    plain = _open(key, state, _item_scope(key, name))
    return plain[:SALT_BYTES], plain[SALT_BYTES:]


def seal_view(key: StreamKey, nonce: bytes, context: str, plaintext: bytes) -> bytes:
    """A content column of a view, sealed under the stream's key; `context` is associated data."""
    ciphertext = key.cipher.encrypt(nonce, plaintext, _view_scope(key, context))
    return b"".join((_VERSION, key.key_id, nonce, ciphertext))


def open_view(key: StreamKey, sealed: bytes, context: str) -> bytes:
    """A content column of a view, opened.

    Raises: HubError("store") where it was changed or belongs to another stream or context.
    """
    return _open(key, sealed, _view_scope(key, context))


def _open(key: StreamKey, sealed: bytes, scope: bytes) -> bytes:
    try:
        return key.cipher.decrypt(sealed[1 + KEY_ID_BYTES : _OVERHEAD], sealed[_OVERHEAD:], scope)
    except (InvalidTag, ValueError):
        raise damaged("sealed content does not open") from None


def key_id_of(sealed: bytes) -> bytes:
    """The id of the key something was sealed under.

    Raises: HubError("store") where the bytes are not of a format this hub knows.
    """
    if sealed[:1] != _VERSION or len(sealed) < _OVERHEAD:
        raise damaged("sealed content has an unknown format")
    return sealed[1 : 1 + KEY_ID_BYTES]
