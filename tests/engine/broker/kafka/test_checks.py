"""The steps of `doctor` to a Kafka cluster."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.broker.address import ClientOptions, parse_address
from engine.broker.kafka.broker import KafkaBroker
from engine.broker.kafka.checks import check_tls
from tests.kafka_cluster import Cluster

TLS = {"security.protocol": "SSL"}


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    key, made = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, *names, "-keyout", key, "-out", made], check=True, capture_output=True)
    return made


@pytest.fixture
def port(certificate: Path) -> Iterator[int]:
    """That of a server which shakes hands, and ends the connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    with context.wrap_socket(listener.accept()[0], server_side=True):
                        pass
                except ssl.SSLError:
                    continue
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_tls_is_tried_with_the_authority_of_the_settings(port: int, certificate: Path) -> None:
    address = parse_address(f"kafka://127.0.0.1:{port}")
    assert list(check_tls(address)) == []
    (unknown,) = check_tls(replace(address, options=ClientOptions(TLS)))
    assert not unknown.ok
    assert "self-signed" in unknown.found or "self signed" in unknown.found
    assert "ssl.ca.location" in unknown.remedy
    trusted = ClientOptions({**TLS, "ssl.ca.location": str(certificate)})
    (known,) = check_tls(replace(address, options=trusted))
    assert known.ok, known.found
    assert "TLSv1.3, certificate until" in known.found
    missing = ClientOptions({**TLS, "ssl.ca.location": str(certificate.with_name("missing.pem"))})
    (unusable,) = check_tls(replace(address, options=missing))
    assert "No such file" in unusable.found


def test_a_port_without_tls_is_named(kafka: Cluster) -> None:
    address = replace(parse_address(f"kafka://{kafka.bootstrap}"), options=ClientOptions(TLS))
    steps = list(KafkaBroker.checks(address))
    assert steps
    assert all(step.name == "TLS" and not step.ok for step in steps)


def test_a_cluster_says_what_it_is_and_what_is_allowed(kafka: Cluster) -> None:
    sasl = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.username": "user"}
    address = parse_address(f"kafka://{kafka.sasl_bootstrap}")
    right = ClientOptions({**sasl, "sasl.password": "password"})
    steps = {step.name: step for step in KafkaBroker.checks(replace(address, options=right))}
    assert [*steps] == ["sign-in", "metadata", "rights"]
    assert steps["sign-in"].found == "as user, PLAIN"
    assert "node" in steps["metadata"].found
    assert "create" in steps["rights"].found
    wrong = ClientOptions({**sasl, "sasl.password": "wrong-secret"})
    (refused,) = KafkaBroker.checks(replace(address, options=wrong))
    assert not refused.ok
    assert "Invalid username or password" in refused.found
    assert "wrong-secret" not in repr(refused)
