"""From the bytes of a module, or a script, to compiled code, within limits. It calls nothing of it."""
