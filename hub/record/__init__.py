"""Streams, sequence, encryption and ledger; knows no practice."""

from hub.record.checkpoint import Checkpoint, NoteKey, parse_checkpoint, read_vkey, verify_checkpoint
from hub.record.faults import ClaimTaken, HeadMoved
from hub.record.leaf import Leaf, leaf_data, leaf_hash, read_leaf
from hub.record.ledger import Ledger
from hub.record.merkle import verify_consistency, verify_inclusion
from hub.record.ports import Chance, Clock, SimulationClock
from hub.record.projections import Parked, Projection, Projector
from hub.record.record import Record
from hub.record.signer import HubSigner
from hub.record.types import Append, Appended, Claim, Draft, Glance, Head, LeafKind, Mark, Recorded
from hub.record.verify import Break, Verification, verify_record

__all__ = [
    "Append",
    "Appended",
    "Break",
    "Chance",
    "Checkpoint",
    "Claim",
    "ClaimTaken",
    "Clock",
    "Draft",
    "Glance",
    "Head",
    "HeadMoved",
    "HubSigner",
    "Leaf",
    "LeafKind",
    "Ledger",
    "Mark",
    "NoteKey",
    "Parked",
    "Projection",
    "Projector",
    "Record",
    "Recorded",
    "SimulationClock",
    "Verification",
    "leaf_data",
    "leaf_hash",
    "parse_checkpoint",
    "read_leaf",
    "read_vkey",
    "verify_checkpoint",
    "verify_consistency",
    "verify_inclusion",
    "verify_record",
]
