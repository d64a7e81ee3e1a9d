"""Playing a scenario from the command line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from agencies.cli.console import (
    HubIdOption,
    JsonOption,
    KafkaOption,
    KeysOption,
    MaybeHubOption,
    client_of,
    counted,
    progress,
    say,
    say_json,
    signer_of,
)
from agencies.scenarios.reviewer import IdentityReviewer
from agencies.scenarios.run import Played, PostSigned, together, variant
from agencies.scenarios.run import play as play_posts
from agencies.sdk.client import Accepted, Answer, Refused
from agencies.sdk.errors import AgencyError
from agencies.sdk.json import object_from, text_of


def register_play(app: typer.Typer) -> None:
    """Give the command line the command `play`."""
    app.command()(play)


def play(
    scenarios: Annotated[
        list[str], typer.Argument(help="Which scenario, e.g. scenario-a; several are played side by side.")
    ],
    keys: KeysOption,
    hub: MaybeHubOption = None,
    hub_id: HubIdOption = None,
    kafka: KafkaOption = None,
    until: Annotated[str | None, typer.Option(help="End after this post, e.g. A00b.")] = None,
    with_variant: Annotated[
        str | None, typer.Option("--variant", help="Post the records of this variant instead.")
    ] = None,
    reviewer_token: Annotated[
        str | None,
        typer.Option(
            envvar="AGENCY_REVIEWER_TOKEN",
            help="Bearer token of an identity reviewer, who then decides where the scenario says so.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Let every agency of a scenario, or of several, sign and post its own records, in order.

    Exit 1 if any post was refused. Playing again is safe: the hub answers what it holds already.
    """
    named = hub_id or hub
    if named is None or (hub is None and (kafka is None or reviewer_token is not None)):
        raise AgencyError(
            "There is no address.", "Give --hub, or --kafka with --hub-id; a reviewer decides over --hub."
        )
    if with_variant is not None and len(scenarios) > 1:
        raise AgencyError("A variant is of one scenario.", "Name that scenario alone.")
    loaded = together(scenarios)
    prepared = loaded.posts if with_variant is None else variant(scenarios[0], with_variant)
    played: list[Played] = []
    with ExitStack() as stack:
        organisations = sorted({one.organisation for one in prepared})
        if kafka is not None:
            post = _over_kafka(stack, organisations, keys, named, kafka)
        else:
            post = _over_http(stack, organisations, keys, named, str(hub))
        reviewer = None
        if reviewer_token is not None:
            reviewer = stack.enter_context(IdentityReviewer(str(hub), reviewer_token))
        bar = stack.enter_context(progress())
        task = bar.add_task(loaded.name, total=len(prepared))
        for one in play_posts(
            prepared,
            post,
            resolutions=loaded.resolutions,
            review=None if reviewer is None else reviewer.review,
            until=until,
        ):
            played.append(one)
            _say_played(one, as_json)
            bar.advance(task)
    refused = [one for one in played if isinstance(one.answer, Refused)]
    if not as_json:
        say(f"{counted(len(played) - len(refused), 'post')} held by the hub, {len(refused)} refused.")
        for resolution in loaded.resolutions if reviewer_token is None and with_variant is None else ():
            say(
                f"After {resolution.after} an identity reviewer has a provisional stream to decide on:"
                " give --reviewer-token, or decide on the hub's pages."
            )
    if refused:
        raise typer.Exit(1)


def _over_http(
    stack: ExitStack, organisations: Sequence[str], keys: Path, hub_id: str, hub: str
) -> PostSigned:
    signers = {one: signer_of(one, keys, hub_id) for one in organisations}
    clients = {one: stack.enter_context(client_of(hub, one, keys)) for one in organisations}
    return lambda organisation, payload: clients[organisation].post(signers[organisation](payload))


def _over_kafka(
    stack: ExitStack, organisations: Sequence[str], keys: Path, hub_id: str, brokers: str
) -> PostSigned:
    # Only here: the client of Kafka is an extra.
    from agencies.scenarios.over_kafka import KafkaPosts
    from agencies.sdk.kafka import access_from, case_secret

    signers = {one: signer_of(one, keys, hub_id) for one in organisations}
    secrets = {one: case_secret(keys, one) for one in organisations}
    posts = stack.enter_context(KafkaPosts(access_from(brokers, os.environ), secrets))

    def post(organisation: str, payload: bytes) -> Answer:
        event = object_from(payload) or {}
        signed = signers[organisation](payload)
        return posts.post(organisation, signed, text_of(event, "id"), text_of(event, "subject"))

    return post


def _say_played(one: Played, as_json: bool) -> None:
    post, answer = one.post, one.answer
    if as_json:
        say_json(
            {
                "ref": post.ref,
                "organisation": post.organisation,
                "child": post.child,
                "type": post.event.type,
                "status": answer.status,
                "slug": None if isinstance(answer, Accepted) else answer.slug,
                "rule": None if isinstance(answer, Accepted) else answer.rule,
                "refused_by": post.refused or None,
                "leaf_index": _leaf_index(answer),
            }
        )
        return
    said = "held" if isinstance(answer, Accepted) else f"refused: {answer.slug}"
    if isinstance(answer, Refused) and answer.rule is not None:
        said += f" ({answer.rule})"
    say(f"{post.ref:10} {post.organisation:24} {post.child:11} {post.event.type:36} {said}")


def _leaf_index(answer: Answer) -> int | None:
    index = answer.claims.get("leaf_index") if isinstance(answer, Accepted) else None
    return index if isinstance(index, int) else None
