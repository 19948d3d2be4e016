"""Links crates once, so that a save links and compiles a file's own code only. See docs/architecture.md."""
