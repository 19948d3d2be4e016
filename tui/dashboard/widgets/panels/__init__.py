"""The panels below the panes."""
