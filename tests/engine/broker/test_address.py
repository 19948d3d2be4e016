import pytest

from engine.broker.address import BrokerAddress, ClientOptions, parse_address
from engine.errors import BrokerAddressError


def test_the_embedded_broker() -> None:
    assert parse_address("embedded") == BrokerAddress()


@pytest.mark.parametrize(
    ("text", "endpoints"),
    [
        ("kafka://h1:9093,h2", [("h1", 9093), ("h2", 9092)]),
        ("kafka://[::1]:9092", [("::1", 9092)]),
        ("fluvio://localhost/", [("localhost", 9003)]),
    ],
)
def test_endpoints_have_hosts_and_ports(text: str, endpoints: list[tuple[str, int]]) -> None:
    address = parse_address(text)
    assert address.endpoints() == endpoints
    assert address.scheme == text.partition(":")[0]
    assert parse_address(address.name) == address


def test_a_profile_of_fluvio_has_no_endpoint() -> None:
    address = parse_address("fluvio:local")
    assert (address.scheme, address.profile, address.name) == ("fluvio", "local", "fluvio:local")
    assert address.endpoints() == []


@pytest.mark.parametrize(
    "text",
    [
        "kafka://me:hunter2@h1:9092",
        "kafka://h1:9092,me:hunter2@h2:9092",
        "fluvio://me:hunter2@h1",
        "fluvio:me:hunter2@h1",
        "http://me:hunter2@h1",
        "kafka:me:hunter2@h1",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(BrokerAddressError) as refused:
        parse_address(text)
    assert "hunter2" not in f"{refused.value!r} {refused.value.remedy}"


@pytest.mark.parametrize(
    "text", ["", "staging", "kafka://", "kafka://h1:0", "kafka://h1:99999", "kafka://a b", "kafka://h1/topic"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(BrokerAddressError, match="invalid"):
        parse_address(text)


def test_options_show_no_secret() -> None:
    options = ClientOptions({"sasl.username": "me", "sasl.password": "hunter2", "ssl.key.pem": "hunter2"})
    address = BrokerAddress(scheme="kafka", endpoint="h1:9092", options=options)
    assert "hunter2" not in f"{address!r} {address} {options}"
    assert "me" in repr(address)
    assert options["sasl.password"] == "hunter2"
    assert options.joined({"sasl.username": "you"})["sasl.username"] == "you"
