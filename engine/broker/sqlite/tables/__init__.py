"""The format on disk: tables, their SQL, batches as payloads. Nothing here opens, locks or waits."""
