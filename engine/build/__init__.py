"""Building inline SmartStreams: the Rust toolchain, cargo, diagnostics, and watching files."""
