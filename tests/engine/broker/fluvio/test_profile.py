import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.broker.address import BrokerAddress, ClientOptions, parse_address
from engine.broker.fluvio.broker import FluvioBroker
from engine.broker.fluvio.profile import place_of
from engine.errors import BrokerAddressError, BrokerUnreachableError
from tests.fluvio_cluster import FluvioCluster

CERTIFICATES = Path(__file__).parent / "certificates"

PROFILES = """
version = "2.0"
current_profile = "local"

[profile.local]
cluster = "here"

[profile.lost]
cluster = "nowhere"

[profile.broken]
cluster = "broken"

[cluster.here]
endpoint = "sc.example:9103"
use_spu_local_address = true

[cluster.here.tls]
tls_policy = "disabled"

[cluster.broken]
endpoint = "sc.example:9103"

[cluster.broken.tls]
tls_policy = "verified"
tls_source = "inline"

[cluster.broken.tls.certs]
domain = "sc.example"
key = "SECRET KEY"
cert = "SECRET CERT"
ca_cert = "SECRET CA"
"""


def address(text: str, options: dict[str, str]) -> BrokerAddress:
    return replace(parse_address(text), options=ClientOptions(options))


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fluvio's own config file."""
    file = tmp_path / "fluvio-config"
    file.write_text(PROFILES)
    monkeypatch.setenv("FLV_PROFILE_PATH", str(file))
    return file


def test_a_profile_of_fluvio_is_read(profiles: Path) -> None:
    before = profiles.read_text()
    place = place_of(parse_address("fluvio:local"))
    assert (place.controller.name, place.controller.tls, place.local_addresses) == (
        "sc.example:9103",
        None,
        True,
    )
    assert profiles.read_text() == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fluvio:locel", "there is no Fluvio profile 'locel'"),
        ("fluvio:lost", "has no cluster"),
        ("fluvio:broken", "cannot use the TLS certificates"),
        ("fluvio://a:1,b:2", "one address"),
    ],
)
@pytest.mark.usefixtures("profiles")
def test_addresses_that_cannot_be_used(text: str, message: str) -> None:
    with pytest.raises(BrokerAddressError, match=message) as raised:
        place_of(parse_address(text))
    assert "SECRET" not in raised.value.message + raised.value.remedy


def test_a_missing_config_file_is_named(profiles: Path) -> None:
    profiles.unlink()
    with pytest.raises(BrokerAddressError, match="does not exist"):
        place_of(parse_address("fluvio:local"))


@pytest.mark.parametrize("options", [{"tsl": "verified"}, {"tls": "sometimes"}, {"fetch-bytes": "many"}])
def test_options_that_are_none(options: dict[str, str]) -> None:
    with pytest.raises(BrokerAddressError, match=r"unknown option|unknown TLS policy|invalid fetch-bytes"):
        place_of(address("fluvio://localhost", options))


@contextlib.contextmanager
def tls_in_front_of(port: int) -> Iterator[int]:
    """A port that expects TLS, and a client's certificate, and passes on what it gets."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(CERTIFICATES / "ca.pem"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(CERTIFICATES / "server.pem", CERTIFICATES / "server.key")
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = server.accept()
            except OSError:
                return
            with (
                contextlib.suppress(OSError),
                context.wrap_socket(plain, server_side=True) as client,
                socket.create_connection(("127.0.0.1", port)) as behind,
            ):
                while request := client.recv(65_536):
                    behind.sendall(request)
                    client.sendall(behind.recv(1 << 20))

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        serving.join()


def inline(name: str) -> str:
    return "'''\n" + (CERTIFICATES / name).read_text() + "'''"


def test_a_profile_with_inline_certificates_connects(
    fluvio: FluvioCluster, profiles: Path, topic_name: str
) -> None:
    fluvio.cli("topic", "create", topic_name)
    with tls_in_front_of(fluvio.nodes[0].port) as port:
        profiles.write_text(
            f"""
            [profile.secure]
            cluster = "secure"
            [cluster.secure]
            endpoint = "127.0.0.1:{port}"
            [cluster.secure.tls]
            tls_policy = "verified"
            tls_source = "inline"
            [cluster.secure.tls.certs]
            domain = "server.test"
            key = {inline("client.key")}
            cert = {inline("client.pem")}
            ca_cert = {inline("ca.pem")}
            """
        )
        with FluvioBroker.connect(parse_address("fluvio:secure")) as broker:
            assert topic_name in [topic.name for topic in broker.topics.list()]


def test_certificates_that_do_not_fit_are_refused(fluvio: FluvioCluster) -> None:
    files = {name: str(CERTIFICATES / f"client.{end}") for name, end in (("cert", "pem"), ("key", "key"))}
    with tls_in_front_of(fluvio.nodes[0].port) as port:
        place = f"fluvio://127.0.0.1:{port}"
        trusted = {"ca": str(CERTIFICATES / "ca.pem"), **files}
        with FluvioBroker.connect(address(place, {**trusted, "domain": "server.test"})):
            pass
        for options in ({"tls": "verified"}, {**trusted, "domain": "other.test"}):
            with pytest.raises(BrokerUnreachableError, match="TLS"):
                FluvioBroker.connect(address(place, options))
        with pytest.raises(BrokerUnreachableError):
            FluvioBroker.connect(parse_address(place))
