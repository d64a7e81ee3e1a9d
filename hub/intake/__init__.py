"""The only way in for agencies' bytes: verified, validated, judged, sealed and recorded, or refused."""

from hub.intake.answers import NOT_NOW, Answer
from hub.intake.arrival import Arrival
from hub.intake.beginning import Arriving, Begun
from hub.intake.intake import BATCH_BYTES, BATCH_LINES, Intake
from hub.intake.own_posts import Page
from hub.intake.receipts import Posted

__all__ = [
    "BATCH_BYTES",
    "BATCH_LINES",
    "NOT_NOW",
    "Answer",
    "Arrival",
    "Arriving",
    "Begun",
    "Intake",
    "Page",
    "Posted",
]
