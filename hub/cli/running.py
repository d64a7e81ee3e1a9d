"""Commands that set up and run a hub: init, secrets, serve, health, token."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer

from hub.cli.alone import served_alone
from hub.cli.compose import Hub, compose, development_issuer, initialise, open_store, open_views_of
from hub.cli.health import exit_code
from hub.cli.memory import put_together
from hub.cli.output import USED_WRONGLY, Json, fail, plain_errors, print_json, say
from hub.cli.serving import Listening, serve_until_told, server, working
from hub.cli.workers import serve_with_workers
from hub.cli.world import SystemChance
from hub.errors import HubError
from hub.metrics import process_started, share_between_workers
from hub.settings import Mode, Settings, load_settings

SECRETS: Final = (
    *("HUB_MASTER_KEY", "HUB_SIGNING_KEY", "HUB_METRICS_TOKEN"),
    *("POSTGRES_PASSWORD", "SIGN_IN_PASSWORD"),
)

_WHAT_FOR: Final = {
    "master.key": "Without it nobody can ever open the record. ",
    "signing.key": "It signs receipts and checkpoints. ",
}
_NOBODY: Final = (
    "There is no such person or organisation at work. List them: hub person list, hub organisation list"
)


def init(
    new_journal: Annotated[
        bool, typer.Option("--new-journal", help="The journal kept apart is lost for ever: begin another.")
    ] = False,
    drop_former_views: Annotated[
        bool, typer.Option("--drop-former-views", help="No process of an older version runs any more.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make what a hub needs and is missing: data directory, keys (in development), tables, journal."""
    with plain_errors():
        settings = load_settings()
        made = initialise(settings, new_journal=new_journal)
        store = open_store(settings)
        try:
            vkey, jwk = store.signer.vkey, dict(store.signer.public_jwk)
            dropped: tuple[str, ...] = ()
            if drop_former_views:
                with open_views_of(store) as views:
                    dropped = views.drop_former()
        finally:
            store.close()
    if as_json:
        print_json(
            {
                "id": settings.id,
                "mode": settings.mode.value,
                "database": settings.record_shown,
                "generated_keys": [str(path) for path in made],
                "dropped_views": list(dropped),
                "checkpoint_key": vkey,
                "receipt_key": jwk,
            }
        )
        return
    say(f"The record stands in {settings.record_shown}.")
    for name in dropped:
        say(f"Dropped the former views in {name}.")
    for path in made:
        say(f"Made {path}. {_WHAT_FOR.get(path.name, '')}Keep a copy apart from the record.")
    say(f"Agencies and witnesses verify receipts and checkpoints with this key: {vkey}")
    say("Next: hub organisation add, then hub serve.")


def serve(
    listen: Annotated[str | None, typer.Option(help="HOST:PORT instead of HUB_LISTEN.")] = None,
) -> None:
    """Serve the API and the pages until interrupted."""
    with plain_errors():
        settings = load_settings() if listen is None else load_settings(listen=listen)
        with served_alone(settings):
            _serve(settings)


def _serve(settings: Settings) -> None:
    with plain_errors():
        store = open_store(settings)
        try:
            hub = compose(store)
        except BaseException:
            store.close()
            raise
    say(f"Serving {settings.id} ({settings.mode.value}) at {settings.base_url}")
    if hub.services.development_issuer is not None:
        say("DEVELOPMENT SIGN-IN IS ON: whoever reaches this address can be anybody.")
    if settings.mode is not Mode.PRODUCTION:
        say("Not for real records. Stop with Ctrl-C.")
    served = _serve_alone(hub) if settings.workers == 1 else _serve_together(hub)
    if not served:
        fail("Nothing can be served at this address; is another hub running there? Set HUB_LISTEN.")
    say("Stopped; everything that was answered is kept.")


def _serve_alone(hub: Hub) -> bool:
    settings = hub.store.settings
    process_started("api", hub.store.clock.wall().timestamp())
    try:
        with working(hub):
            web = server(hub, settings.host, settings.port)
            put_together()
            return serve_until_told(web)
    finally:
        hub.close()


def _serve_together(hub: Hub) -> bool:
    """The hub that was composed here only showed that the settings stand; each worker makes its own."""
    settings = hub.store.settings
    hub.close()
    # What the command line said the workers read where they read everything else.
    os.environ["HUB_LISTEN"] = settings.listen
    with TemporaryDirectory(prefix="hub-metrics-") as folder:
        share_between_workers(Path(folder))
        return serve_with_workers(Listening(settings.host, settings.port, settings.workers))


def health(
    url: Annotated[str | None, typer.Argument(help="Address; default this machine's /readyz.")] = None,
) -> None:
    """End with 0 where a hub's process answers well, with 1 where it does not; for health checks."""
    raise typer.Exit(exit_code([] if url is None else [url]))


def secrets(as_json: Json = False) -> None:
    """Print new secrets for docker-compose.yml as an environment file; nothing is kept."""
    chance = SystemChance()
    made = {name: base64.urlsafe_b64encode(chance.bytes(32)).decode().rstrip("=") for name in SECRETS}
    if as_json:
        print_json(made)
        return
    say("# Secrets of one hub. Readable by its operator alone; the master key also kept elsewhere.")
    for name, value in made.items():
        say(f"{name}={value}")


def token(
    subject: Annotated[str, typer.Argument(help="A person's or an organisation's id.")],
    as_json: Json = False,
) -> None:
    """Print a bearer token of a person or of an organisation's system (development sign-in only)."""
    with plain_errors():
        store = open_store(load_settings())
        try:
            issuer = development_issuer(store)
            if issuer is None:
                fail("Tokens are made here with the development issuer only.", USED_WRONGLY)
            try:
                bearer = issuer.person_token(subject) if "/" in subject else issuer.system_token(subject)
            except HubError as refused:
                if refused.slug != "token":
                    raise
                fail(_NOBODY)
        finally:
            store.close()
    if as_json:
        print_json({"access_token": bearer, "token_type": "Bearer"})
    else:
        say(bearer)
