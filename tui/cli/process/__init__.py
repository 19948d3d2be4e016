"""Signals, standard streams, failures, waiting: the same for every command."""
