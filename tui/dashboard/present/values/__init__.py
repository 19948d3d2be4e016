"""From a record's value to lines that can be read, folded and searched."""
