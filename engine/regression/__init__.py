"""Expected results of a SmartStream: what `smartstream test` runs and what pins a record."""
