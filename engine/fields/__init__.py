"""The fields of a value, by their paths. Pure: no broker, no thread, no exception for any value."""
