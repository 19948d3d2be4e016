"""Modules built for Fluvio: what they export, and the adapter that makes guests of docs/abi.md of them.

The adapter is WebAssembly text, compiled beside the module. Host code that runs per record belongs nowhere.
"""
