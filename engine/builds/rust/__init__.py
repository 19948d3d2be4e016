"""Building Rust sources: toolchain, cargo, generated crate, diagnostics. Knows nothing of other languages."""
