"""Fluvio's protocol: values, messages, connections, and batches of records."""
