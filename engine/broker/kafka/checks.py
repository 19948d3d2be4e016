"""The steps to a Kafka cluster that `doctor` tries: TLS, sign-in, metadata, rights."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.broker.address import BrokerAddress
from engine.broker.check import BrokerCheck
from engine.broker.kafka.clients import Clients
from engine.broker.reachability import STEP_SECONDS
from engine.errors import BrokerError


def check_tls(address: BrokerAddress) -> Iterator[BrokerCheck]:
    """Shake hands with each endpoint, if the settings ask for TLS."""
    options = address.options
    if not options.get("security.protocol", "").upper().endswith("SSL"):
        return
    try:
        context = _context(options)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or "they are not in PEM"
        yield _failed(
            "TLS", f"the certificates of the settings cannot be used: {reason}", "check ssl.*.location"
        )
        return
    for host, port in address.endpoints():
        yield _handshake(host, port, context)


def _context(options: Mapping[str, str]) -> ssl.SSLContext:
    place = options.get("ssl.ca.location", "")
    folder = Path(place).is_dir()
    context = ssl.create_default_context(
        cafile=None if folder else place or None,
        capath=place if folder else None,
        cadata=options.get("ssl.ca.pem"),
    )
    if options.get("ssl.endpoint.identification.algorithm") == "none":
        context.check_hostname = False
    if options.get("enable.ssl.certificate.verification") == "false":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate := options.get("ssl.certificate.location"):
        key, password = options.get("ssl.key.location"), options.get("ssl.key.password")
        context.load_cert_chain(certificate, key, password)
    return context


def _handshake(host: str, port: int, context: ssl.SSLContext) -> BrokerCheck:
    place = f"{host}:{port}"
    try:
        with (
            socket.create_connection((host, port), STEP_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            certificate = secure.getpeercert() or {}
            until = f", certificate until {certificate['notAfter']}" if certificate else ""
            return BrokerCheck(name="TLS", ok=True, found=f"{place}: {secure.version()}{until}")
    except ssl.SSLCertVerificationError as error:
        remedy = "name the authority that signed it with ssl.ca.location"
        return _failed("TLS", f"{place}: {error.verify_message}", remedy)
    except ssl.SSLError as error:
        return _failed("TLS", f"{place}: {error.reason or error}", "check that this port speaks TLS")
    except OSError as error:
        reason = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
        return _failed("TLS", f"{place}: {reason}", "check that this port speaks TLS")


def check_cluster(clients: Clients, options: Mapping[str, str]) -> Iterator[BrokerCheck]:
    """What a cluster that accepts the client says of itself, and what the client may do there."""
    protocol = options.get("security.protocol", "").upper()
    if protocol.startswith("SASL"):
        who = options.get("sasl.username", "")
        how = options.get("sasl.mechanism", options.get("sasl.mechanisms", "GSSAPI"))
        yield BrokerCheck(name="sign-in", ok=True, found=f"as {who}, {how}" if who else how)
    try:
        asked = clients.admin.describe_cluster(
            include_authorized_operations=True, request_timeout=STEP_SECONDS
        )
        cluster = clients.result(asked, "describe the cluster", STEP_SECONDS)
        listed = clients.admin.list_topics(timeout=STEP_SECONDS).topics if cluster.nodes else {}
    except BrokerError as error:
        yield _failed("metadata", error.message, error.remedy)
        return
    nodes = f"{len(cluster.nodes)} node{'' if len(cluster.nodes) == 1 else 's'}"
    yield BrokerCheck(name="metadata", ok=True, found=f"{nodes}, {len(listed)} topics")
    allowed = sorted(one.name.lower().replace("_", " ") for one in cluster.authorized_operations or ())
    yield BrokerCheck(name="rights", ok=True, found=", ".join(allowed) or "none on the cluster itself")


def _failed(name: str, found: str, remedy: str) -> BrokerCheck:
    return BrokerCheck(name=name, ok=False, found=found, remedy=remedy)
