"""`python -m tui`: the same as the command `fluvio-tui`."""

from tui.cli import main

main()
