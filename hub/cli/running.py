"""Commands that set up and run a hub: init, serve, token."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.compose import compose, development_issuer, initialise, open_store
from hub.cli.output import USED_WRONGLY, Json, fail, plain_errors, print_json, say
from hub.cli.serving import serve_until_told, server, working
from hub.settings import Mode, load_settings


def init(as_json: Json = False) -> None:
    """Make what a hub needs and is missing: data directory, keys (in development), tables."""
    with plain_errors():
        settings = load_settings()
        made = initialise(settings)
        store = open_store(settings)
        try:
            vkey, jwk = store.signer.vkey, dict(store.signer.public_jwk)
        finally:
            store.close()
    if as_json:
        print_json(
            {
                "id": settings.id,
                "mode": settings.mode.value,
                "database": str(settings.database_path),
                "generated_keys": [str(path) for path in made],
                "checkpoint_key": vkey,
                "receipt_key": jwk,
            }
        )
        return
    say(f"The record stands in {settings.database_path}.")
    for path in made:
        say(f"Made {path}. Back it up apart from the record: without it the record cannot be opened.")
    say(f"Witnesses and agencies verify with the key {vkey}")
    say("Next: hub organisation add, then hub serve.")


def serve(
    listen: Annotated[str | None, typer.Option(help="HOST:PORT instead of HUB_LISTEN.")] = None,
) -> None:
    """Serve the API and the pages until interrupted."""
    with plain_errors():
        settings = load_settings() if listen is None else load_settings(listen=listen)
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
    try:
        with working(hub):
            served = serve_until_told(server(hub, settings.host, settings.port))
    finally:
        hub.close()
    if not served:
        fail("Nothing can be served at this address; is another hub running there? Set HUB_LISTEN.")
    say("Stopped; everything that was answered is kept.")


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
            bearer = issuer.person_token(subject) if "/" in subject else issuer.system_token(subject)
        finally:
            store.close()
    if as_json:
        print_json({"access_token": bearer, "token_type": "Bearer"})
    else:
        say(bearer)
