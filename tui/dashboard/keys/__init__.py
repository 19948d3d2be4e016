"""Which key means which action: the table, remapping, the palette. Actions are where they act."""
