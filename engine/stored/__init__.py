"""Stored SmartStreams: modules kept by name in the data folder, for any number of processes at once."""
