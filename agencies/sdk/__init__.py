"""What every agency's system needs to send signed events to the hub and to keep proof that it did."""

from agencies.sdk.build import AgencyEvent, cloud_event, event_id, source_urn
from agencies.sdk.client import Accepted, Answer, HubClient, HubUnavailable, Refused
from agencies.sdk.errors import AgencyError
from agencies.sdk.json import JsonObject, JsonValue
from agencies.sdk.keys import KeyPair, SigningKey, generate_key, load_key, public_jwk
from agencies.sdk.outbox import Outbox, OutboxItem, OutboxRun
from agencies.sdk.receipts import ReceiptFault, VerifiedReceipt, verify_receipt
from agencies.sdk.sign import sign_event

__all__ = [
    "Accepted",
    "AgencyError",
    "AgencyEvent",
    "Answer",
    "HubClient",
    "HubUnavailable",
    "JsonObject",
    "JsonValue",
    "KeyPair",
    "Outbox",
    "OutboxItem",
    "OutboxRun",
    "ReceiptFault",
    "Refused",
    "SigningKey",
    "VerifiedReceipt",
    "cloud_event",
    "event_id",
    "generate_key",
    "load_key",
    "public_jwk",
    "sign_event",
    "source_urn",
    "verify_receipt",
]
