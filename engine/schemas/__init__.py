"""Schemas: where they come from, and what they make of stored bytes: JSON.

fastavro and protobuf are imported only where a schema needs them.
"""
