import json

import pytest
from google.protobuf import descriptor_pb2
from hypothesis import given
from hypothesis import strategies as st

from engine.schemas.decoder import ProtobufValues
from engine.schemas.errors import SchemaError, UndecodableError
from engine.schemas.protobuf import LARGEST, protobuf_decoder
from engine.schemas.wire import behind_message_indexes
from tests.registry import framed

ORDER = b"\x08\x07\x12\x05K\xc3\xb6ln\x1a\x02\x08\x01"
"""id 7, city Köln, one item that is an Order with id 1."""
ORDER_JSON = '{"id":"7","city":"Köln","items":[{"id":"1"}]}'


@pytest.fixture
def descriptors(tmp_path):
    return write_descriptors(tmp_path / "orders.desc")


def write_descriptors(path):
    """A descriptor set as protoc makes it, with one message that contains itself."""
    file = descriptor_pb2.FileDescriptorProto(name="orders.proto", package="shop", syntax="proto3")
    message = file.message_type.add(name="Order")
    kind = descriptor_pb2.FieldDescriptorProto
    message.field.add(name="id", number=1, type=kind.TYPE_INT64, label=kind.LABEL_OPTIONAL)
    message.field.add(name="city", number=2, type=kind.TYPE_STRING, label=kind.LABEL_OPTIONAL)
    message.field.add(
        name="items", number=3, type=kind.TYPE_MESSAGE, type_name=".shop.Order", label=kind.LABEL_REPEATED
    )
    path.write_bytes(descriptor_pb2.FileDescriptorSet(file=[file]).SerializeToString())
    return path


def test_a_message_becomes_json(descriptors):
    assert protobuf_decoder(descriptors, "shop.Order")(ORDER).decode() == ORDER_JSON


@pytest.mark.parametrize("indexes", [b"\x00", b"\x02\x00", b"\x04\x00\x02"])
def test_a_frame_is_left_out(descriptors, indexes):
    values = ProtobufValues("protobuf", "shop.Order", protobuf_decoder(descriptors, "shop.Order"))
    assert values.decode(framed(9, indexes + ORDER), wait=False).decode() == ORDER_JSON
    assert values.decode(ORDER, wait=False).decode() == ORDER_JSON
    assert values.about(framed(9, indexes + ORDER)) == "Protobuf message shop.Order, schema 9"


@pytest.mark.parametrize("content", [b"", b"\x80", b"\x80" * 20, b"\xff\xff\xff\xff\x0f", b"\x01"])
def test_damaged_frames(content):
    with pytest.raises(UndecodableError, match="the place of its message is damaged"):
        behind_message_indexes(content)


def nested(depth):
    value = b"\x08\x01"
    for _ in range(depth):
        size, length = len(value), b""
        while size > 0x7F:
            length += bytes([size & 0x7F | 0x80])
            size >>= 7
        value = b"\x1a" + length + bytes([size]) + value
    return value


@pytest.mark.parametrize(
    "value",
    [ORDER[:-1], b"\x22\x01a", b"not protobuf", b"\x12\x02\xff\xff", nested(1_000), b"\x08" * (LARGEST + 1)],
    ids=["short", "unknown field", "text", "not UTF-8", "deep", "large"],
)
def test_what_is_another_message(descriptors, value):
    with pytest.raises(UndecodableError):
        protobuf_decoder(descriptors, "shop.Order")(value)


def test_errors_name_the_file_and_what_helps(descriptors, tmp_path):
    with pytest.raises(SchemaError, match=r"no message 'shop.Ordr'") as error:
        protobuf_decoder(descriptors, "shop.Ordr")
    assert error.value.remedy == "did you mean 'shop.Order'?"
    with pytest.raises(SchemaError, match="No such file"):
        protobuf_decoder(tmp_path / "no.desc", "shop.Order")
    descriptors.write_bytes(b"message Order {}")
    with pytest.raises(SchemaError, match="is not a descriptor set"):
        protobuf_decoder(descriptors, "shop.Order")


@pytest.fixture(scope="module")
def decode(tmp_path_factory):
    return protobuf_decoder(write_descriptors(tmp_path_factory.mktemp("protobuf") / "d"), "shop.Order")


@given(value=st.binary(max_size=300))
def test_no_bytes_raise_anything_else(decode, value):
    try:
        json.loads(decode(value))
    except UndecodableError as error:
        assert error.message
