"""Running modules: the host's side of the guest contract (docs/abi.md).

Builds nothing, keeps nothing.
"""
