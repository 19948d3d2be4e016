import tomllib
from pathlib import Path

import pytest

from engine.errors import BrokerAddressError
from tui.config.brokers import Brokers, parse_brokers
from tui.config.option_file import read_options

SECRET = "hunter2"


def parsed(text: str, folder: Path = Path("/etc/x")) -> Brokers:
    return parse_brokers(tomllib.loads(text), folder)


def test_a_profile_has_an_address_and_options() -> None:
    brokers = parsed(
        'broker = "staging"\n[brokers.staging]\nurl = "kafka://h1:9093,h2"\nconfig = "s.properties"\n'
        'read-only = true\ncolor = "orange"\npassword-env = "PW"\n'
        '[brokers.staging.options]\n"security.protocol" = "SASL_SSL"\nsocket.keepalive.enable = true\n'
    )
    assert (brokers.default, brokers.all_problems) == ("staging", ())
    profile = brokers.find("staging")
    address = profile.address()
    assert (address.scheme, address.endpoint, address.name) == ("kafka", "h1:9093,h2:9092", "staging")
    assert dict(address.options) == {"security.protocol": "SASL_SSL", "socket.keepalive.enable": "true"}
    assert (profile.config, profile.read_only, profile.color) == (Path("/etc/x/s.properties"), True, "orange")


def test_an_address_needs_no_profile() -> None:
    assert parsed("").find("fluvio:local").address().profile == "local"
    assert parsed('[brokers.a]\nurl = "kafka://h1"').find("embedded").address().scheme == "embedded"


def test_an_unknown_name_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(BrokerAddressError, match="has no broker 'stagign'") as unknown:
        parsed('[brokers.staging]\nurl = "kafka://h1"').find("stagign")
    assert unknown.value.remedy == "did you mean 'staging'?"


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("", "brokers.x.url is missing"),
        ('url = "h1:9092"', "brokers.x.url: invalid broker"),
        ('url = "kafka://me:hunter2@h1"', "must not hold a user or password"),
        ('url = "kafka://h1"\nread-only = "yes"', "brokers.x.read-only: use true or false"),
        (
            'url = "kafka://h1"\nread_only = true',
            "unknown setting brokers.x.read_only: did you mean 'read-only'",
        ),
        ('url = "kafka://h1"\ncolor = "pink"', "brokers.x.color: use red"),
        ('url = "kafka://h1"\nconfig = 5', "brokers.x.config: use a string"),
        ('url = "kafka://h1"\npassword-env = "A"\npassword-command = "b"', "not both"),
        ('url = "fluvio://h1"\npassword-env = "A"', "takes no password"),
        ('url = "kafka://h1"\noptions = 5', "brokers.x.options is a table"),
        ('url = "kafka://h1"\n[brokers.x.options]\na = [1]', "brokers.x.options.a: use a string"),
    ],
)
def test_a_profile_with_a_problem_is_not_used(table: str, problem: str) -> None:
    brokers = parsed(f"[brokers.x]\n{table}")
    (found,) = brokers.all_problems
    assert problem in found
    assert SECRET not in found
    with pytest.raises(BrokerAddressError, match="broker 'x' cannot be used"):
        brokers.find("x").address()


@pytest.mark.parametrize(
    "text", ["broker = 5", "brokers = 5", "[brokers]\nx = 5", '[brokers."a b"]\nurl = "kafka://h"']
)
def test_what_is_no_table_or_name_is_a_problem(text: str) -> None:
    assert len(parsed(text).all_problems) == 1


def test_secrets_are_not_shown() -> None:
    brokers = parsed(
        '[brokers.x]\nurl = "kafka://h1"\npassword-command = "echo hunter2"\n'
        '[brokers.x.options]\n"sasl.password" = "hunter2"\n"sasl.username" = "me"\n'
    )
    shown = dict(brokers.find("x").shown())
    assert shown["brokers.x.options.sasl.password"] == "***"
    assert shown["brokers.x.options.sasl.username"] == "me"
    assert SECRET not in f"{shown} {brokers!r} {brokers.find('x').address()!r}"


def test_a_file_of_options(tmp_path: Path) -> None:
    path = tmp_path / "client.properties"
    path.write_text("# comment\n\n  security.protocol = SASL_SSL \nsasl.password=a=b # c\n")
    path.chmod(0o600)
    options, warning = read_options(path)
    assert dict(options) == {"security.protocol": "SASL_SSL", "sasl.password": "a=b # c"}
    assert warning == ""
    path.chmod(0o644)
    assert f"chmod 600 {path}" in read_options(path)[1]
    path.write_text("client.id=x")
    assert read_options(path)[1] == ""


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "client.properties"
    path.write_text(f"a=b\n{SECRET}\n")
    with pytest.raises(BrokerAddressError, match=":2: invalid line") as refused:
        read_options(path)
    assert SECRET not in str(refused.value)
    with pytest.raises(BrokerAddressError, match="cannot read"):
        read_options(tmp_path / "missing")
