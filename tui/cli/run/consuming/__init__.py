"""What only `consume` does: saved positions, topics that change, SPUs. It prints with tui.cli.output."""
