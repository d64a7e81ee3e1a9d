"""The command line of an agency's system: `agency`."""

from __future__ import annotations

import sys

import httpx

from agencies.cli.console import complain
from agencies.cli.events import app
from agencies.cli.outbox import outbox_app
from agencies.cli.over_kafka import register_receive
from agencies.cli.play import register_play
from agencies.sdk.client import HubUnavailable
from agencies.sdk.errors import AgencyError

app.add_typer(outbox_app, name="outbox")
register_play(app)
register_receive(app)


def main() -> None:
    """Run a command; exit 0 done, 1 refused or waiting, 2 set-up or usage.

    Faults are told in words of our own: a traceback could hold what a file or an answer contained.
    """
    try:
        app()
    except AgencyError as fault:
        complain(fault.message, fault.fix)
        sys.exit(2)
    except HubUnavailable:
        complain("The hub gave no lasting answer.", "Send the same again later; a repeat is safe.")
        sys.exit(1)
    except httpx.HTTPError:
        complain("The hub could not be reached.", "Check the address and the network, then try again.")
        sys.exit(1)
    except OSError as fault:
        complain(f"{fault.filename or 'A file'}: {fault.strerror or 'cannot be used'}.", "Check the path.")
        sys.exit(2)


__all__ = ["app", "main"]
