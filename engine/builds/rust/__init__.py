"""Building Rust: toolchain, cargo, rustc, diagnostics, the cache. No other language."""
