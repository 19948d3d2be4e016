"""The checksums of batches: CRC-32C of all that comes after them."""

import struct

import google_crc32c

_FIELDS = struct.Struct(">8xi5xI")
_PREAMBLE, _CHECKED_FROM = 12, 21
_NONE = 0


def first_damaged(content: memoryview) -> int | None:
    """Where in a record set the first batch begins that its checksum does not fit; None without one.

    A batch that is cut is not checked.
    """
    at = 0
    while at + _CHECKED_FROM <= len(content):
        length, checksum = _FIELDS.unpack_from(content, at)
        end = at + _PREAMBLE + length
        if not at + _CHECKED_FROM < end <= len(content):
            return None
        # It takes bytes, and no view of other memory.
        if checksum != _NONE and checksum != google_crc32c.value(bytes(content[at + _CHECKED_FROM : end])):
            return at
        at = end
    return None
