"""What commands print: records, tables, progress, statistics."""
