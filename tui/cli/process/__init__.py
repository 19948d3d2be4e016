"""The life of the process: its signals, its standard streams, how it fails and what it leaves behind."""
