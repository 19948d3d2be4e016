"""From the bytes of a module, or a script, to compiled code, within limits. Calls nothing of it."""
