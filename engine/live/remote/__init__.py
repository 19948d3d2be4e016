"""Panes whose SmartStreams run beside the broker's log."""
