"""Which keys sign and signed for the hub; another one is noticed before anything is signed with it."""

from __future__ import annotations

from hub.cli.keys import HubKeys
from hub.errors import HubError
from hub.record import HubSigner, Record, verify_checkpoint
from hub.record.checkpoint import read_vkey
from hub.settings import Settings, SettingsError


def signer_of(settings: Settings, keys: HubKeys) -> HubSigner:
    """The signer of this hub, which also knows the keys that signed before.

    Raises: SettingsError.
    """
    try:
        former = [read_vkey(one) for one in (settings.former_signing_keys or "").split()]
    except HubError:
        raise SettingsError("HUB_FORMER_SIGNING_KEYS: verifier keys, NAME+HASH+KEY, spaces between") from None
    return HubSigner(keys.signing, settings.id, former)


def refuse_other_key(record: Record, signer: HubSigner) -> None:
    """Refuse to sign for a record whose latest checkpoint none of the known keys has signed.

    Why: receipts and checkpoints that nobody can verify would go out until somebody notices.
    Raises: HubError("store").
    """
    latest = record.ledger.checkpoint()
    if latest is None:
        return
    try:
        verify_checkpoint(latest.text, *signer.note_keys)
    except HubError:
        raise HubError(
            "store",
            "This record's checkpoints were signed by another key than HUB_SIGNING_KEY. Set that one; or, "
            "where you have changed it, put the former key's verifier key into HUB_FORMER_SIGNING_KEYS.",
        ) from None
