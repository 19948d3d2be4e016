"""The command line and the dashboard. No storage, WebAssembly or compiling: that is the engine."""
