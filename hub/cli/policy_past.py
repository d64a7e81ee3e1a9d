"""Commands about past answers: why one looked as it did, whether it comes out again, what a draft changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hub.api.answers import explanation_json
from hub.api.policy_answers import rehearsal_json, replay_json
from hub.catalogue import load_catalogue
from hub.cli.compose import Hub, compose, open_store
from hub.cli.output import NOT_AS_IT_SHOULD_BE, USED_WRONGLY, Json, fail, plain_errors, print_json, say
from hub.cli.output import progress as progress_bar
from hub.directory import Principal
from hub.disclosure.answers import Explanation
from hub.disclosure.notice_record import NOTICE
from hub.disclosure.proving.plain_words import reader_in_words, relationship_in_words, role_in_words
from hub.disclosure.rehearse import Change, Rehearsal, change_row
from hub.disclosure.rules import RuleFiles, RuleSet, read_folder
from hub.envelope import JsonValue
from hub.errors import HubError
from hub.oversight.rehearsed import ChangeInWords, in_words
from hub.settings import load_settings

Officer = Annotated[str, typer.Option(help="The officer for whom it is done: a person id.")]


@contextmanager
def officer_at_work(officer: str) -> Iterator[tuple[Hub, Principal]]:
    """The hub and the officer as the directory knows them now; refusals become one plain sentence."""
    with plain_errors():
        store = open_store(load_settings())
        try:
            principal = store.directory.principal_for_person(officer)
        except HubError:
            store.close()
            fail("There is no such person at work. List them with: hub person list")
        with closing(compose(store, mending=True)) as hub:
            yield hub, principal


def draft_of(folder: Path) -> tuple[RuleFiles, RuleSet]:
    """The rules of a folder; ends where they cannot be read or do not stand."""
    try:
        files = read_folder(folder)
    except FileNotFoundError:
        fail("The folder holds no policy file (*.cedar).", USED_WRONGLY)
    except (OSError, UnicodeDecodeError):
        fail("The folder cannot be read as text.", USED_WRONGLY)
    try:
        return files, files.rules()
    except (RuntimeError, ValueError):
        fail("The draft does not stand. Look closer with: hub policy check FOLDER", NOT_AS_IT_SHOULD_BE)


def explain_disclosure(disclosure: str, officer: str | None, as_json: bool) -> None:
    """Say in sentences why a past answer looked as it did; recorded as an access of the officer."""
    if officer is None:
        fail("Say for which officer the answer is explained: --officer ID", USED_WRONGLY)
    with officer_at_work(officer) as (hub, principal):
        found = hub.oversight.explanation(principal, disclosure)
    if as_json:
        print_json(_plain(explanation_json(found)))
        return
    _tell_explanation(found)


def policy_replay(
    disclosure: Annotated[str, typer.Argument(metavar="DISCLOSURE", help="The answer's disclosure id.")],
    officer: Officer,
    as_json: Json = False,
) -> None:
    """Make a past answer again, as it was, and say whether it comes out the same; recorded as an access."""
    with officer_at_work(officer) as (hub, principal):
        found = hub.oversight.policies.replay(principal, disclosure)
    if as_json:
        print_json(_plain(replay_json(found)))
    else:
        say(f"Sharing rules: version {found.policy_version}, {'here' if found.installed else 'not here'}.")
        say(f"Decisions: {found.decisions}. Text: {found.bytes}.")
        for note in found.notes:
            say(note)
        for word, items in (("Not given again", found.missing), ("Not given then", found.more)):
            for one in items:
                say(f"{word}: {one.key.source} {one.key.id}, {one.decision}, by {', '.join(one.policies)}")
    if "different" in (found.decisions, found.bytes):
        raise typer.Exit(NOT_AS_IT_SHOULD_BE)


def policy_rehearse(
    officer: Officer,
    folder: Annotated[
        Path | None, typer.Argument(help="A folder with a draft of the rules; or give --proposed.")
    ] = None,
    proposed: Annotated[
        str | None, typer.Option(help="A version that is proposed: the result is kept for who approves it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Set a draft against every past answer: who would have been shown more, who less; recorded."""
    if (folder is None) == (proposed is None):
        fail("Give a folder with a draft, or --proposed with a version.", USED_WRONGLY)
    with officer_at_work(officer) as (hub, principal), progress_bar("past answers") as bar:

        def told(done: int, total: int) -> None:
            bar.update(bar.task_ids[0], completed=done, total=total)

        policies = hub.oversight.policies
        if folder is not None:
            found = policies.rehearse(principal, draft_of(folder)[1], told)
        else:
            found = policies.rehearse_proposed(principal, proposed or "", told)
    if as_json:
        print_json(_plain(rehearsal_json(found.written())))
    else:
        tell_rehearsal(found)


def tell_rehearsal(found: Rehearsal) -> None:
    """Print a rehearsal for people."""
    say(f"{found.answers} past answers about {len(found.children)} children, by rules {found.version}.")
    if found.unmade:
        say(f"{found.unmade} past answers could not be decided again; nothing is known of them.")
    types, rows = load_catalogue().types, (change_row(one) for one in found.changes)
    words = dict(zip(found.changes, (in_words(one, types) for one in rows), strict=True))
    for more, head in ((True, "Would be shown MORE:"), (False, "Would be shown less:")):
        some = [one for one in found.changes if one.more == more]
        if some:
            say(head)
        for one in some:
            _tell_change(one, words[one])
    if not found.changes:
        say("Nobody would have been shown more, and nobody less.")


def _tell_change(one: Change, words: ChangeInWords) -> None:
    stood = ", ".join(words.stood) or "nothing to the child"
    say(f"  {words.who} ({stood}), {words.kind} ({one.kind}): {', '.join(words.parts)}")
    if words.labels:
        say(f"    labelled {', '.join(words.labels)}")
    say(f"    by {', '.join(one.after) or 'no rule'}; until now by {', '.join(one.before) or 'no rule'}")
    say(f"    answers: {one.answers}, items in them: {one.items}, children: {one.children}")
    say(f"    {'made by' if words.made_for_them else 'to'} {', '.join(one.readers)}")
    say(f"    for instance (hub policy explain --disclosure ID): {', '.join(one.disclosures[:3])}")


def _tell_explanation(found: Explanation) -> None:
    row = found.access
    roles = ", ".join(map(role_in_words, row.roles)) or "no role"
    say(f"{row.reader} ({roles}), {row.what}, {row.at.isoformat()}")
    say(f"Purpose: {row.purpose or 'none'}. Outcome: {row.outcome}. Rules: version {row.policy_version}.")
    for fact in found.reader:
        say(f"At the time {fact}.")
    if found.bases:
        in_sentence = relationship_in_words if row.what == NOTICE else reader_in_words
        say(f"It rested on: {', '.join(map(in_sentence, found.bases))}.")
    for item in found.items:
        named = f"{item['source']} {item['id']}" if "id" in item else "another event"
        say(f"{item.get('type', 'an item')} ({named}): {item['decision_text']}")
        for name in ("reasons", "facts"):
            said = item.get(name)
            for one in said if isinstance(said, list | tuple) else ():
                say(f"  {one}" if name == "reasons" else f"  At the time {one}.")


def _plain(value: object) -> JsonValue:
    """A value of the API's shapes as plain JSON."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    assert value is None or isinstance(value, str | int | float | bool)
    return value
