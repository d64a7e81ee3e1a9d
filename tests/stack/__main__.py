"""`make stack`: what docker-compose.yml describes, as processes of this machine, with scenario A in it."""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

import pytest

from tests.stack.native import Stack
from tests.stack.scenario import play_into
from tests.stack.telling import lines_of


def main(arguments: list[str]) -> int:
    """Start it, play the scenario over Kafka, show what each reader sees, and go on until Ctrl-C.

    With `--exit` it ends instead: 0 where everything was taken, read and verified, and every process ended
    well; 1 where not; 2 where this machine cannot start it.
    """
    with tempfile.TemporaryDirectory(prefix="hub-stack-") as folder:
        try:
            stack = Stack(Path(folder), free_ports="--free-ports" in arguments, tell=print)
        except pytest.skip.Exception as reason:
            return _cannot(reason)
        try:
            stack.start()
            print(f"Pages and API: {stack.address}   sign-in service: {stack.issuer}   Kafka: {stack.kafka}")
            print("Sign in as one of the accounts in docker-compose.yml, such as social-care.s-csc/sw-s1 or")
            print(f"partnership.hub-ig/igo-1. Everybody's password: {stack.secrets['SIGN_IN_PASSWORD']}")
            played = play_into(stack, print, over_kafka=True)
            for line in lines_of(played):
                print(line)
            print(f"\nThe ledger: {played.verified}")
            if "--exit" not in arguments:
                print("Stop with Ctrl-C.")
                threading.Event().wait()
        except pytest.skip.Exception as reason:
            return _cannot(reason)
        except KeyboardInterrupt:
            print("Stopping.")
            return 0
        finally:
            codes = stack.stop()
        well = played.good and set(codes.values()) == {0}
        print("All went well." if well else f"It did not go as it should: {codes}")
        return 0 if well else 1


def _cannot(reason: BaseException) -> int:
    print(f"This machine cannot start it: {reason}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
