"""The composition root and the commands of `hub`; the only reader of settings, clocks and randomness."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    if sys.argv[1:2] == ["health"] and not any(one.startswith("-") for one in sys.argv[2:]):
        from hub.cli.health import exit_code

        sys.exit(exit_code(sys.argv[2:]))
    # Here and not above: a health check every few seconds must not load a whole hub.
    from hub.cli.commands import app

    app()
