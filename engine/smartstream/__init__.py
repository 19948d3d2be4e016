"""Loading and running SmartStreams: the host's side of the guest contract (docs/abi.md)."""
