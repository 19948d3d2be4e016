"""The error for a guest that says what cannot be."""

from engine.errors import ContractError


def breach(name: str, what: str) -> ContractError:
    """`what` the guest of the module `name` did, as the end of a sentence."""
    return ContractError(
        f"{name} broke the guest contract: {what}",
        "the module is at fault: see docs/abi.md",
    )
