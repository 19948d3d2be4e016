"""The schema registry of a command: from the config file, the environment and the command line."""

from __future__ import annotations

from engine.schemas.registry_address import RegistryAddress
from tui.cli.broker_choice import BrokerChoice, Password, broker_choice


def registry_address(url: str | None, choice: BrokerChoice | None = None) -> RegistryAddress | None:
    """The registry that was typed, or that of the broker's profile; None if there is none.

    The profile says how to sign in, for its own registry only; `BrokerError`.
    """
    choice = choice or broker_choice()
    profile = choice.registry
    if profile is None or url not in (None, profile.url):
        return None if url is None else RegistryAddress(url=url)
    password = ""
    if profile.password_command or profile.password_variable:
        from tui.cli.password import password_of

        where = Password(command=profile.password_command, variable=profile.password_variable)
        password = password_of(choice.address.name, where, "registry-")
    return RegistryAddress(url=profile.url, user=profile.user, password=password, ca=profile.ca)
