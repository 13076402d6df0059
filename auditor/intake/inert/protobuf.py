"""Protocol buffers on the wire: fields with their offsets, nothing allocated for what is skipped.

Source: the encoding page of the Protocol Buffers documentation.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.intake.inert.log import Damaged

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
Field = tuple[int, int, int | memoryview, int]


def fields(view: memoryview, base: int = 0) -> Iterator[Field]:
    """Number, wire type, value and offset of each field of a message.

    Raises:
        Damaged: a field that is cut off, or of a kind that no message here has.
    """
    at = 0
    while at < len(view):
        start = at
        key, at = varint(view, at)
        number, wire = key >> 3, key & 7
        value: int | memoryview
        if wire == VARINT:
            value, at = varint(view, at)
        elif wire == BYTES:
            length, at = varint(view, at)
            value, at = view[at : at + length], at + length
        elif wire in (FIXED32, FIXED64):
            size = 4 if wire == FIXED32 else 8
            value, at = int.from_bytes(view[at : at + size], "little"), at + size
        else:
            raise Damaged(f"a field of wire type {wire} at byte {base + start}")
        if at > len(view) or number == 0:
            raise Damaged(f"the field at byte {base + start} is cut off")
        yield number, wire, value, base + at - (len(value) if isinstance(value, memoryview) else 0)


def varint(view: memoryview, at: int) -> tuple[int, int]:
    """A whole number of up to ten bytes, and the position behind it.

    Raises:
        Damaged: cut off or longer.
    """
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(view):
            raise Damaged("a number is cut off")
        byte = view[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise Damaged("a number is too long")
