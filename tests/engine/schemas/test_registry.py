import json
import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import closing, suppress

import pytest

from engine.schemas import registry as registry_module
from engine.schemas.errors import RegistryError, SchemaError
from engine.schemas.registry import Registry
from engine.schemas.registry_address import RegistryAddress, parse_registry
from engine.units import InvalidValueError
from tests.engine.schemas.orders import ORDER
from tests.registry import registry_server


@pytest.fixture
def server():
    with registry_server() as server:
        yield server


def asked(server, **sign_in):
    return Registry(RegistryAddress(url=server.url, **sign_in))


def test_a_schema_with_its_name(server):
    server.add("{}", subject="other")
    server.add(ORDER)
    schema = asked(server).schema(server.add(ORDER))
    assert (schema.kind, json.loads(schema.text)) == ("AVRO", ORDER)
    assert schema.words == "orders-value version 2, Avro schema 3"


def test_a_registry_that_does_not_say_names(server):
    identity = server.add('{"type": "object"}', "JSON")
    server.names.clear()
    assert asked(server).schema(identity).words == "JSON schema 1"


def test_references_come_before_what_needs_them(server):
    server.add('"a"', subject="a/ b")
    server.add('"b"', subject="b", references=[{"name": "a", "subject": "a/ b", "version": 1}])
    both = [{"name": name, "subject": name, "version": 1} for name in ("b", "a/ b")]
    assert asked(server).schema(server.add('"c"', references=both)).references == ('"a"', '"b"')
    missing = [{"name": "x", "subject": "x", "version": 1}]
    with pytest.raises(SchemaError, match="refers to x version 1, which is not in the registry"):
        asked(server).schema(server.add('"d"', references=missing))


def test_references_in_a_circle_end(server):
    server.add('"a"', subject="a", references=[{"name": "a", "subject": "a", "version": 1}])
    with pytest.raises(SchemaError, match="refers to itself"):
        asked(server).schema(1)


@pytest.mark.parametrize("broken", [7, [7], [{"subject": "a"}], [{"subject": "a", "version": "x"}]])
def test_broken_references(server, broken):
    with pytest.raises(SchemaError, match="broken references"):
        asked(server).schema(server.add('"a"', references=broken))


def test_an_id_that_is_not_there(server):
    with pytest.raises(SchemaError, match="schema 7 is not in the registry"):
        asked(server).schema(7)


def test_signing_in_and_no_secret_in_what_is_said():
    with registry_server("ann", "s3cret") as server:
        identity, wrong = server.add(ORDER), "mistyped"[::-1]
        assert asked(server, user="ann", password="s3cret").schema(identity).id == identity
        with pytest.raises(RegistryError, match=r"refuses ann$") as refused:
            asked(server, user="ann", password=wrong).schema(identity)
        assert wrong not in repr(refused.value) + str(refused.getrepr()) + refused.value.remedy
        with pytest.raises(RegistryError, match="refuses requests without a user"):
            asked(server).schema(identity)
    assert "s3cret" not in repr(RegistryAddress(url="http://h", user="ann", password="s3cret"))


@pytest.mark.parametrize("status", [302, 500])
def test_other_answers_are_errors_and_redirects_are_not_followed(server, status):
    server.status = status
    with pytest.raises(RegistryError, match=f"answers with status {status}"):
        asked(server).schema(1)


def serve(content):
    """A server that sends some bytes to each connection, and leaves it open."""
    listening = socket.create_server(("127.0.0.1", 0))
    accepted = []

    def run():
        with listening:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                accepted.append(connection)
                # Nobody need read all of it.
                with suppress(OSError):
                    connection.sendall(content)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    address = RegistryAddress(url=f"http://127.0.0.1:{listening.getsockname()[1]}")

    def close():
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in accepted:
            connection.close()

    return Registry(address), close


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "does not answer: "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "does not answer: "),
        (b"SSH-2.0-OpenSSH\r\n", "does not answer: SSH-2.0"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "does not answer with JSON"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * (2 << 20), "its answer is too large"),
    ],
    ids=["nothing", "half", "ssh", "text", "much"],
)
def test_servers_that_are_something_else(monkeypatch, content, words):
    monkeypatch.setattr(registry_module, "CALL_SECONDS", 0.2)
    registry, close = serve(content)
    try:
        with pytest.raises(RegistryError, match=words):
            registry.kinds()
    finally:
        close()


def test_a_name_that_nobody_has():
    with pytest.raises(RegistryError, match="does not answer"):
        Registry(RegistryAddress(url="http://no.such.host.invalid")).kinds()


def test_tls_with_a_certificate_of_ones_own(server, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    key, made = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext"
    files = ["-keyout", str(key), "-out", str(made)]
    subprocess.run([*words.split(), "subjectAltName=IP:127.0.0.1", *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    server.wrap(context)
    url = server.url.replace("http:", "https:")
    assert Registry(RegistryAddress(url=url, ca=made)).kinds() == ["JSON", "PROTOBUF", "AVRO"]
    with pytest.raises(RegistryError, match=r"its certificate is refused .*is registry-ca set"):
        Registry(RegistryAddress(url=url)).kinds()
    with pytest.raises(RegistryError, match="does not answer"):
        Registry(RegistryAddress(url=url, ca=tmp_path / "none.pem")).kinds()


@pytest.mark.parametrize("url", ["http://h:8081", "https://h", "http://[::1]:8081/apis/ccompat/v7"])
def test_addresses(url):
    assert parse_registry(f"{url}/") == url


@pytest.mark.parametrize(
    "text", ["", "h:8081", "ftp://h", "http://", "http://h:x", "http://h:0", "http://h?a=b", "http://[x"]
)
def test_what_is_no_address(text):
    with pytest.raises(InvalidValueError, match=r"use e\.g\. http://localhost:8081"):
        parse_registry(text)


def test_secrets_in_an_address_are_refused_and_not_repeated():
    with pytest.raises(InvalidValueError, match="must not hold a user or password") as error:
        parse_registry("http://ann:s3cret@h:8081")
    assert "s3cret" not in error.value.message


def test_a_path_is_kept(server):
    with closing(socket.socket()):
        found = RegistryAddress(url=f"{server.url}/apis/ccompat/v7")
        with pytest.raises(SchemaError):
            Registry(found).schema(1)
    assert server.requests == ["/apis/ccompat/v7/schemas/ids/1"]
