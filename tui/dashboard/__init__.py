"""The Textual app. It stores nothing, runs no WebAssembly and compiles nothing: engine.live does."""
