"""Brokers in the config file: `broker`, the default one, and a table `[brokers.NAME]` for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.broker.address import HIDDEN, BrokerAddress, ClientOptions, parse_address
from engine.errors import BrokerAddressError, did_you_mean
from engine.schemas.registry_address import parse_registry
from engine.units import InvalidValueError
from tui.config.content import expanded, flattened

BROKER = "broker"
BROKERS = "brokers"
COLORS = ("red", "orange", "yellow", "green", "cyan", "blue", "purple")
"""Names of colors that a profile may have, beside `#rrggbb`."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
OPTIONS = "options"
_REGISTRY = "registry"
_REGISTRY_TEXTS = ("registry-user", "registry-password-command", "registry-password-env", "registry-ca")
_TEXTS = ("url", "config", "color", "password-command", "password-env", _REGISTRY, *_REGISTRY_TEXTS)
_KEYS = (*_TEXTS, "read-only", OPTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryProfile:
    """The schema registry of a broker in the config file."""

    url: str
    user: str = ""
    password_command: str = field(default="", repr=False)
    password_variable: str = ""
    ca: Path | None = None
    """A file with the certificates to trust."""

    def shown(self) -> Iterator[tuple[str, str]]:
        """Its keys and their values, with `***` in place of each secret; empty for what is not set."""
        yield _REGISTRY, self.url
        values = (self.user, self.password_command and HIDDEN, self.password_variable, str(self.ca or ""))
        yield from zip(_REGISTRY_TEXTS, values, strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerProfile:
    """One broker of the config file."""

    name: str
    url: str = ""
    config: Path | None = None
    """A file with options of its client."""
    options: ClientOptions = field(default_factory=ClientOptions)
    read_only: bool = False
    color: str = ""
    """One of `COLORS` or `#rrggbb`; empty for the default one."""
    password_command: str = field(default="", repr=False)
    password_variable: str = ""
    registry: RegistryProfile | None = None
    problems: tuple[str, ...] = ()
    """What is wrong with it, so that it cannot be used; clauses that begin with the full name of a key."""

    def address(self) -> BrokerAddress:
        """The broker under the profile's name; `BrokerAddressError` if the profile has a problem."""
        if self.problems:
            raise BrokerAddressError(f"broker '{self.name}' cannot be used: {self.problems[0]}")
        return replace(parse_address(self.url), name=self.name, options=self.options, config_file=self.config)

    def shown(self) -> Iterator[tuple[str, str]]:
        """Its keys and their values, with `***` in place of each secret."""
        table = f"{BROKERS}.{self.name}"
        yield f"{table}.url", HIDDEN if "@" in self.url else self.url
        values = (
            ("config", self.config),
            ("read-only", self.read_only and "true"),
            ("color", self.color),
            ("password-command", self.password_command and HIDDEN),
            ("password-env", self.password_variable),
            *(() if self.registry is None else self.registry.shown()),
        )
        yield from ((f"{table}.{key}", str(value)) for key, value in values if value)
        yield from ((f"{table}.{OPTIONS}.{name}", value) for name, value in self.options.shown().items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Brokers:
    """What a config file says about brokers."""

    default: str = ""
    """What to use without `--broker`; empty for the embedded one."""
    profiles: Mapping[str, BrokerProfile] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    """Those that belong to no profile."""

    @property
    def all_problems(self) -> tuple[str, ...]:
        return (*self.problems, *(one for profile in self.profiles.values() for one in profile.problems))

    def find(self, text: str) -> BrokerProfile:
        """The profile of that name, or one for an address; `BrokerAddressError`."""
        if text in self.profiles:
            return self.profiles[text]
        if self.profiles and _NAME.fullmatch(text) and text != "embedded":
            remedy = did_you_mean(text, self.profiles) or f"choose one of: {', '.join(self.profiles)}"
            raise BrokerAddressError(f"the config file has no broker '{text}'", remedy)
        return BrokerProfile(name=parse_address(text).name, url=text)


def parse_brokers(content: Mapping[str, object], folder: Path) -> Brokers:
    """The brokers of a config file in `folder`, from which paths are relative."""
    default, tables = content.get(BROKER, ""), content.get(BROKERS, {})
    problems = []
    if not isinstance(default, str):
        problems.append(f'{BROKER}: use a string, e.g. "staging"')
        default = ""
    if not isinstance(tables, dict):
        problems.append(f"{BROKERS} is a table: write [{BROKERS}.NAME], and its settings below it")
        tables = {}
    profiles = {name: _profile(name, table, folder) for name, table in tables.items()}
    return Brokers(default=default, profiles=profiles, problems=tuple(problems))


def _profile(name: str, table: object, folder: Path) -> BrokerProfile:
    full = f"{BROKERS}.{name}"
    if not isinstance(table, dict):
        return BrokerProfile(name=name, problems=(f"{full} is a table: write [{full}], and url below it",))
    options, wrong = _options(table.get(OPTIONS, {}), full)
    texts = {key: table.get(key, "") for key in _TEXTS}
    wrong += [f"{full}.{key}: use a string" for key, value in texts.items() if not isinstance(value, str)]
    url, config, color, command, variable = (str(texts[key]) for key in _TEXTS[:5])
    registry, problems = _registry(full, {key: str(texts[key]) for key in texts}, folder)
    wrong += problems
    wrong += _problems(name, table, url, color)
    if url.startswith("fluvio") and (command or variable):
        wrong.append(f"{full}: a Fluvio cluster takes no password, but the files in its own profile")
    if command and variable:
        wrong.append(f"{full}.password-command: use it or password-env, not both")
    return BrokerProfile(
        name=name,
        url=url,
        config=folder / expanded(config) if config else None,
        options=options,
        # What is neither yes nor no is refused above, but must not become a no on the way.
        read_only=table.get("read-only", False) is not False,
        color=color,
        password_command=command,
        password_variable=variable,
        registry=registry,
        problems=tuple(wrong),
    )


def _registry(full: str, texts: Mapping[str, str], folder: Path) -> tuple[RegistryProfile | None, list[str]]:
    """The registry of a profile, and what is wrong with it."""
    url, user, command, variable, ca = (texts[key] for key in (_REGISTRY, *_REGISTRY_TEXTS))
    if not url:
        given = [key for key in _REGISTRY_TEXTS if texts[key]]
        return None, [f"{full}.{_REGISTRY} is missing: {given[0]} belongs to it"] if given else []
    try:
        url = parse_registry(url)
    except InvalidValueError as error:
        return None, [f"{full}.{_REGISTRY}: {error.message}"]
    wrong = []
    if command and variable:
        wrong.append(f"{full}.registry-password-command: use it or registry-password-env, not both")
    if (command or variable) and not user:
        wrong.append(f"{full}.registry-user is missing: a password belongs to it")
    found = RegistryProfile(
        url=url,
        user=user,
        password_command=command,
        password_variable=variable,
        ca=folder / expanded(ca) if ca else None,
    )
    return found, wrong


def _problems(name: str, table: Mapping[str, object], url: str, color: str) -> Iterator[str]:
    full = f"{BROKERS}.{name}"
    if not _NAME.fullmatch(name) or name == "embedded":
        yield f"{full}: use a name of letters, digits, '_' and '-', and not embedded"
    if not url:
        yield f"{full}.url is missing: use e.g. kafka://localhost:9092"
    else:
        try:
            parse_address(url)
        except BrokerAddressError as error:
            yield f"{full}.url: {error.message}: {error.remedy}"
    if color and color not in COLORS and not _COLOR.fullmatch(color):
        yield f"{full}.color: use {', '.join(COLORS)} or #rrggbb"
    if not isinstance(table.get("read-only", False), bool):
        yield f"{full}.read-only: use true or false"
    for key in table.keys() - set(_KEYS):
        near = did_you_mean(key, _KEYS)
        yield f"unknown setting {full}.{key}{': ' if near else ''}{near}"


def _options(table: object, full: str) -> tuple[ClientOptions, list[str]]:
    """The options of a client; their names have dots, so TOML may have made tables of them."""
    if not isinstance(table, dict):
        return ClientOptions(), [f"{full}.{OPTIONS} is a table: write [{full}.{OPTIONS}]"]
    found: dict[str, str] = {}
    wrong = []
    for name, value in flattened(table):
        if isinstance(value, bool):
            found[name] = str(value).lower()
        elif isinstance(value, str | int | float):
            found[name] = str(value)
        else:
            wrong.append(f"{full}.{OPTIONS}.{name}: use a string, a number, true or false")
    return ClientOptions(found), wrong
