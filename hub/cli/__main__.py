"""`python -m hub.cli`: the same as the command `hub`."""

from hub.cli import main

# Guarded: a worker of `hub serve` reads the module that started its parent again.
if __name__ == "__main__":
    main()
