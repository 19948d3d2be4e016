"""The dashboard. It stores nothing, runs no WebAssembly and compiles nothing: engine.live does."""
