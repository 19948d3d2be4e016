"""Modules built for Fluvio: the adapter that makes guests of them. Fluvio's protocol is in engine.broker."""
