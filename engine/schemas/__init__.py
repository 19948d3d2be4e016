"""Avro, JSON Schema, Protobuf: schemas, and stored bytes decoded with them. Formats are engine.fields."""
