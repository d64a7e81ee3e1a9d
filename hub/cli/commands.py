"""The commands of `hub`, put together."""

from __future__ import annotations

import typer

from hub.cli import backup, directory, maintenance, processes, running
from hub.cli.demo import demo
from hub.cli.master_key import master_key
from hub.cli.policy import policy
from hub.cli.profiles import profile
from hub.cli.reports import reports

app = typer.Typer(
    name="hub",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The safeguarding hub: signed events in, decided and recorded disclosures out.",
)
app.add_typer(directory.organisations, name="organisation")
app.add_typer(directory.people, name="person")
app.add_typer(directory.keys, name="key")
app.add_typer(master_key, name="master-key")
app.add_typer(policy, name="policy")
app.add_typer(profile, name="profile")
app.add_typer(reports, name="report")
for command in (
    demo,
    running.init,
    running.secrets,
    running.serve,
    running.health,
    running.token,
    processes.project,
    processes.tick,
    processes.relay,
    maintenance.rebuild,
    maintenance.verify,
    maintenance.fsck,
    backup.backup,
):
    app.command()(command)
app.command("restore")(backup.restore_command)
