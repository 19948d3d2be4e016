"""Builds and sources as tables and lines: history, differences, diagnostics."""
