"""`python -m hub.cli`: the same as the command `hub`."""

from hub.cli.commands import main

main()
