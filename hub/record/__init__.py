"""Streams, sequence, encryption and ledger; knows no practice."""

from hub.record.types import Append, Appended, Claim, Draft, Head, Recorded

__all__ = ["Append", "Appended", "Claim", "Draft", "Head", "Recorded"]
