"""Events that tests of the contract post by hand on C-2001, and what is then told of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.support.hostile import C2001, C2001_UPN, OAK, S_CSC, Attack, Json
from tests.support.hub_process import ROOT


def incident(hub: Attack, **data: Any) -> Json:
    """An incident as the school of the child who has harmed posts it."""
    return hub.event(OAK, "incident-recorded", C2001_UPN, {"role": "has-harmed", "status": "alleged"} | data)


def level(hub: Attack, **data: Any) -> Json:
    """A level as the authority of that child posts it."""
    given = {"scale": "hackett-5", "level": "problematic", "consent": "no", "power": "unknown"}
    given["exploitation"] = "unknown"
    return hub.event(S_CSC, "behaviour-level-assessed", C2001, given | data)


def named(event: Json) -> Json:
    """How one event names another."""
    return {"source": event["source"], "id": event["id"]}


def correction(hub: Attack, event: Json, by: str, **replacement: Any) -> Json:
    """A correction with the whole replacement."""
    data = {"about": named(event), "reason": "typing", "replacement": event["data"] | replacement}
    return hub.event(by, "event-corrected", C2001, data)


def told(hub: Attack, reader: str, word: str, **query: str) -> list[Json]:
    """What a reader has of C-2001 with a word in it."""
    return [one for one in hub.entries(reader, "C-2001", **query) or [] if word in json.dumps(one)]


def checked_record(hub: Attack) -> Json:
    """What `hub fsck` says of the record, beside the running hub."""
    settings = hub.world.hub.store.settings
    given = {
        "HUB_MODE": "simulation", "HUB_ID": settings.id,
        "HUB_DATABASE_URL": settings.database_url.get_secret_value(),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "hub.cli", "fsck", "--json"],
        env=os.environ | given, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    found: Json = json.loads(done.stdout)
    return found
