"""A guest's memory: the columns written there, the results read there. It calls nothing."""
