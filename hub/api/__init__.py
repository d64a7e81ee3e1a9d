"""JSON over HTTP: the door for agencies' systems, readers' systems, officers and witnesses."""

from hub.api.app import OPEN, create_app
from hub.api.log import RequestLog, quiet_libraries
from hub.api.rate import RateLimit
from hub.api.readiness import Probes
from hub.api.services import Readiness, Services

__all__ = [
    "OPEN",
    "Probes",
    "RateLimit",
    "Readiness",
    "RequestLog",
    "Services",
    "create_app",
    "quiet_libraries",
]
