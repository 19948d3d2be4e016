"""Where a cluster is: an address, or a profile of Fluvio's own config file, which is only read."""

import os
import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine.broker.address import BrokerAddress
from engine.broker.fluvio.protocol.link import Endpoint
from engine.errors import BrokerAddressError, did_you_mean

FETCH_BYTES = "fetch-bytes"
_LARGEST_FETCH = 256 << 20
_FETCH_BYTES = 2 << 20
_OPTIONS = ("tls", "ca", "cert", "key", "domain", "use-local-address", FETCH_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPlace:
    """How to reach a cluster."""

    controller: Endpoint
    local_addresses: bool = False
    """Whether SPUs are reached at their local addresses."""
    fetch_bytes: int = _FETCH_BYTES
    """Bytes of an answer with records, about."""

    def spu(self, host: str, port: int) -> Endpoint:
        return Endpoint(host=host, port=port, tls=self.controller.tls)


def place_of(address: BrokerAddress) -> ClusterPlace:
    """Where the cluster of an address is; `BrokerAddressError` if a profile or certificate cannot be read."""
    for name in address.options:
        if name not in _OPTIONS:
            raise BrokerAddressError(
                f"unknown option '{name}' of Fluvio", f"use one of {', '.join(_OPTIONS)}"
            )
    size = address.options.get(FETCH_BYTES, str(_FETCH_BYTES))
    if not size.isdecimal() or not 1 <= int(size) <= _LARGEST_FETCH:
        raise BrokerAddressError(f"invalid {FETCH_BYTES} '{size}': use a number of bytes, e.g. 1048576")
    return replace(_place_of(address), fetch_bytes=int(size))


def _place_of(address: BrokerAddress) -> ClusterPlace:
    if address.profile:
        return _of_profile(address.profile, _config_file())
    ((host, port), *more) = address.endpoints()
    if more:
        raise BrokerAddressError("a Fluvio cluster has one address, that of its SC", "use fluvio://HOST:PORT")
    return _place(
        host, port, _options_tls(address.options), address.options.get("use-local-address") == "true"
    )


def _config_file() -> Path:
    """Where Fluvio's own command line keeps its profiles."""
    return Path(os.environ.get("FLV_PROFILE_PATH") or Path.home() / ".fluvio" / "config")


def _of_profile(name: str, file: Path) -> ClusterPlace:
    config = _read(file)
    profiles = config.get("profile", {})
    if name not in profiles:
        remedy = did_you_mean(name, profiles) or "see 'fluvio profile list'"
        raise BrokerAddressError(f"there is no Fluvio profile '{name}' in {file}", remedy)
    cluster = config.get("cluster", {}).get(profiles[name].get("cluster"))
    if not isinstance(cluster, dict):
        raise BrokerAddressError(
            f"the Fluvio profile '{name}' in {file} has no cluster", "see 'fluvio profile list'"
        )
    host, _, port = str(cluster.get("endpoint") or cluster.get("addr") or "").rpartition(":")
    if not host or not port.isdecimal():
        raise BrokerAddressError(f"the Fluvio profile '{name}' in {file} has no endpoint HOST:PORT")
    return _place(host, int(port), cluster.get("tls") or {}, cluster.get("use_spu_local_address") is True)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BrokerAddressError(
            f"there are no Fluvio profiles: {file} does not exist",
            "use fluvio://HOST:PORT, or 'fluvio profile add'",
        ) from None
    except (OSError, ValueError) as error:
        raise BrokerAddressError(f"cannot read the Fluvio profiles in {file}: {error}") from None


def _options_tls(options: Mapping[str, str]) -> Mapping[str, object]:
    """The options of an address, in the shape of a profile."""
    policy = options.get("tls", "verified" if "ca" in options else "disabled")
    files = {"domain": options.get("domain", ""), "ca_cert": options.get("ca", "")}
    files |= {name: options[name] for name in ("cert", "key") if name in options}
    return {"tls_policy": policy, "tls_source": "files", "certs": files}


def _place(host: str, port: int, tls: Mapping[str, object], local: bool) -> ClusterPlace:
    context, name = _context(tls)
    controller = Endpoint(host=host.strip("[]"), port=port, tls=context, tls_name=name)
    return ClusterPlace(controller=controller, local_addresses=local)


def _context(tls: Mapping[str, object]) -> tuple[ssl.SSLContext | None, str]:
    """The TLS of a profile, and the name in the certificate."""
    policy = str(tls.get("tls_policy", "disabled"))
    if policy in ("disabled", "disable"):
        return None, ""
    context = ssl.create_default_context()
    if policy == "anonymous":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context, ""
    certs = tls.get("certs")
    if policy not in ("verified", "verify") or not isinstance(certs, dict):
        raise BrokerAddressError(
            f"unknown TLS policy '{policy}' of Fluvio", "use verified, anonymous or disabled"
        )
    try:
        if tls.get("tls_source") == "inline":
            _load_inline(context, certs)
        else:
            _load_files(context, certs)
    except (OSError, ssl.SSLError, ValueError) as error:
        # The text of a certificate or key must not get into a message.
        problem = getattr(error, "strerror", None) or getattr(error, "reason", None) or type(error).__name__
        raise BrokerAddressError(
            f"cannot use the TLS certificates of the Fluvio cluster: {problem}"
        ) from None
    return context, str(certs.get("domain", ""))


def _load_files(context: ssl.SSLContext, certs: Mapping[str, object]) -> None:
    if certs.get("ca_cert"):
        context.load_verify_locations(str(certs["ca_cert"]))
    if certs.get("cert"):
        context.load_cert_chain(str(certs["cert"]), str(certs["key"]))


def _load_inline(context: ssl.SSLContext, certs: Mapping[str, object]) -> None:
    """Python's TLS reads a key from a file only: one in a folder of this user's own, for a moment."""
    context.load_verify_locations(cadata=str(certs["ca_cert"]))
    with TemporaryDirectory(prefix="fluvio-tui-") as folder:
        file = Path(folder, "identity.pem")
        file.touch(mode=0o600)
        file.write_text(f"{certs['cert']}\n{certs['key']}\n", encoding="ascii")
        context.load_cert_chain(str(file))
