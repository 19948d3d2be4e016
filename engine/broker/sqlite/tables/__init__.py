"""The format on disk: tables, the SQL on each, and batches as payloads."""
