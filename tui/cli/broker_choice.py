"""The broker that a command works with: from the config file, the environment and the command line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.broker.address import BrokerAddress
    from tui.config.brokers import BrokerProfile, Brokers, RegistryProfile

BROKER_VARIABLE = "FLUVIO_TUI_BROKER"
OPTIONS_VARIABLE = "FLUVIO_TUI_BROKER_CONFIG"

_BROKER = "fluvio_tui.broker"
_FILE = "fluvio_tui.broker_config"
_OPTIONS = "fluvio_tui.broker_options"
_CHOICE = "fluvio_tui.broker_choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerChoice:
    """A broker, and what its profile says about it."""

    address: BrokerAddress
    read_only: bool = False
    color: str = ""
    """As in the config file; empty for the default one."""
    password: Password | None = None
    """Where to get the password from, if the profile says."""
    registry: RegistryProfile | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """Where a profile's password is."""

    command: str
    variable: str


def choose_broker(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    """Take the value of `--broker`, if there is one, for the rest of the command line."""
    if value:
        ctx.meta[_BROKER] = value


def choose_options_file(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    """Take the value of `--broker-config`, if there is one, for the rest of the command line."""
    if value is not None:
        ctx.meta[_FILE] = value


def add_options(ctx: click.Context, _parameter: click.Parameter, values: tuple[tuple[str, str], ...]) -> None:
    """Take the values of `-X`, which come after those that were typed before."""
    ctx.meta[_OPTIONS] = {**ctx.meta.get(_OPTIONS, {}), **dict(values)}


def broker_choice(ctx: click.Context | None = None) -> BrokerChoice:
    """The broker that was chosen; `BrokerAddressError` if it is none, or its options cannot be read."""
    ctx = ctx or click.get_current_context()
    if _CHOICE not in ctx.meta:
        ctx.meta[_CHOICE] = _chosen(Typed.of(ctx))
    found: BrokerChoice = ctx.meta[_CHOICE]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What the command line, or the environment, says about the broker."""

    broker: str | None
    file: Path | None
    options: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, ctx: click.Context) -> Typed:
        meta = ctx.meta
        return cls(broker=meta.get(_BROKER), file=meta.get(_FILE), options=meta.get(_OPTIONS, {}))

    def shown(self, default: str) -> Iterator[tuple[str, str, str]]:
        """A name, a value and its source for each, with `***` in place of secrets."""
        from engine.broker.address import ClientOptions, without_secrets
        from tui.config.brokers import BROKER

        if self.broker is None:
            yield BROKER, default or "embedded", "config file" if default else "default"
        else:
            yield BROKER, without_secrets(self.broker), _source(self.broker, BROKER_VARIABLE)
        if self.file is not None:
            yield "broker-config", str(self.file), _source(str(self.file), OPTIONS_VARIABLE)
        for name, value in ClientOptions(self.options).shown().items():
            yield f"broker.{name}", value, "option"

    def variables(self) -> dict[str, str]:
        """The environment in which another process of this program makes the same choice; `UsageError`."""
        if self.options:
            raise click.UsageError("-X cannot be passed on from here: use --broker-config FILE")
        found = {BROKER_VARIABLE: self.broker, OPTIONS_VARIABLE: self.file and str(self.file.absolute())}
        return {name: value for name, value in found.items() if value}


def _source(value: str, variable: str) -> str:
    return variable if os.environ.get(variable) == value else "option"


def _chosen(typed: Typed) -> BrokerChoice:
    from engine.broker.address import EMBEDDED

    brokers = _configured(typed.broker)
    profile = brokers.find(typed.broker or brokers.default or EMBEDDED)
    address = profile.address()
    if address.scheme == EMBEDDED:
        return _embedded(profile, typed)
    from tui.config.option_file import read_options

    warnings = []
    options = profile.options
    for path in filter(None, (profile.config, typed.file)):
        found, warning = read_options(path)
        # What a profile says itself wins over the file that it names, and --broker-config over both.
        options = options.joined(found) if path is typed.file else found.joined(options)
        warnings += [warning] if warning else []
    warnings += _visible(typed.options)
    password = None
    if profile.password_command or profile.password_variable:
        password = Password(command=profile.password_command, variable=profile.password_variable)
    options = options.joined(typed.options)
    return BrokerChoice(
        address=replace(
            address, options=options.joined(typed.options), config_file=typed.file or profile.config
        ),
        read_only=profile.read_only,
        color=profile.color,
        password=password,
        registry=profile.registry,
        warnings=tuple(warnings),
    )


def _configured(text: str | None) -> Brokers:
    """The brokers of the config file; `BrokerAddressError` if it cannot be read and `text` needs it."""
    from engine.errors import BrokerAddressError
    from tui.config.brokers import BROKER, Brokers, parse_brokers
    from tui.config.content import read_content

    content = read_content()
    if content.problem and text is None and BROKER.encode() in content.octets:
        # Without the broker that it names, the command would work on another one.
        raise BrokerAddressError(
            content.problem.removesuffix("; using the defaults"), "fix it, or use --broker"
        )
    return parse_brokers(content.values, content.path.parent) if content.values else Brokers()


def _embedded(profile: BrokerProfile, typed: Typed) -> BrokerChoice:
    if typed.options:
        raise click.UsageError("-X needs a cluster: add --broker kafka://HOST:PORT or fluvio://HOST:PORT")
    ignored = typed.file is not None and os.environ.get(OPTIONS_VARIABLE) != str(typed.file)
    warnings = (f"the embedded broker ignores the options in {typed.file}",) if ignored else ()
    return BrokerChoice(
        address=profile.address(),
        read_only=profile.read_only,
        color=profile.color,
        registry=profile.registry,
        warnings=warnings,
    )


def _visible(typed: Mapping[str, str]) -> list[str]:
    from engine.broker.address import is_secret

    return [
        f"others may see the value of -X {name} in the list of processes: use --broker-config FILE"
        for name in typed
        if is_secret(name)
    ]
