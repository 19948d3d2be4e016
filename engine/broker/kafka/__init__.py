"""Kafka as the broker, through librdkafka. Only this folder imports `confluent_kafka`."""

from importlib.util import find_spec

from engine import extras
from engine.errors import BrokerError

if find_spec("confluent_kafka") is None:
    raise BrokerError("Kafka's client is not installed", extras.remedy("kafka"))
