"""Pickle opcodes of protocols 0 to 5 and their arguments, decoded from a view of bytes.

Purpose: the table of argument kinds is the standard library's documentation of pickle
(``pickletools``), which is data; decoding is ours, so that no length is believed.
"""

from __future__ import annotations

import codecs
import pickletools
import re
import struct
from collections.abc import Callable

from auditor.intake.inert.log import Damaged

LINE = 1 << 10
DIGITS = 4000
_OCTAL = re.compile(rb"[+-]?0[0-7]+")
Value = object
Reader = Callable[[memoryview, int], tuple[Value, int]]


def decode(view: memoryview, at: int) -> tuple[str, Value, int]:
    """Opcode name, argument and the position behind both.

    Raises:
        Damaged: no such opcode, or the argument is cut off or malformed.
    """
    if at >= len(view):
        raise Damaged(f"the pickle ends at byte {at} without STOP")
    found = _TABLE.get(view[at])
    if found is None:
        raise Damaged(f"byte {at} is no pickle opcode")
    name, reader = found
    if reader is None:
        return name, None, at + 1
    try:
        value, end = reader(view, at + 1)
    except (ValueError, struct.error, OverflowError, UnicodeError) as error:
        raise Damaged(f"the argument of {name} at byte {at} is malformed") from error
    return name, value, end


def _number(form: str) -> Reader:
    size = struct.calcsize(form)
    return lambda view, at: (struct.unpack_from(form, view, at)[0], at + size)


def _counted(form: str, convert: Callable[[bytes], Value], most: int = 1 << 62) -> Reader:
    """A length, then that many bytes."""
    head = _number(form)

    def read(view: memoryview, at: int) -> tuple[Value, int]:
        length, start = head(view, at)
        assert isinstance(length, int)
        if not 0 <= length <= min(most, len(view) - start):
            raise ValueError("longer than the file")
        return convert(bytes(view[start : start + length])), start + length

    return read


def _line(view: memoryview, at: int) -> tuple[bytes, int]:
    length = LINE
    while True:
        raw = bytes(view[at : at + length])
        end = raw.find(b"\n")
        if end >= 0:
            return raw[:end], at + end + 1
        if len(raw) < length:
            raise ValueError("no end of line")
        length *= 8


def _text_line(convert: Callable[[bytes], Value]) -> Reader:
    def read(view: memoryview, at: int) -> tuple[Value, int]:
        raw, end = _line(view, at)
        return convert(raw), end

    return read


def _pair(view: memoryview, at: int) -> tuple[Value, int]:
    module, middle = _line(view, at)
    name, end = _line(view, middle)
    return (_utf8(module), _utf8(name)), end


def _utf8(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _wide(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


def _latin(raw: bytes) -> str:
    return raw.decode("latin-1")


def _whole(raw: bytes) -> Value:
    """A number as loaders read it, who know C's bases and ends; one too long for them is 0."""
    text = _c_string(raw).strip().rstrip(b"L")
    if raw in (b"00", b"01"):
        return raw == b"01"
    if len(text) >= DIGITS:
        return 0
    if _OCTAL.fullmatch(text):
        return int(text, 8)
    return int(text, 0)


def _index(raw: bytes) -> int:
    """A place in the memo; zeros before it do not count, however many there are."""
    digits = _c_string(raw).strip().replace(b"_", b"").lstrip(b"0")
    return int(digits[:DIGITS] or b"0")


def _c_string(raw: bytes) -> bytes:
    """What C's functions see of a line."""
    return raw.partition(b"\0")[0]


def _real(raw: bytes) -> float:
    if b"_" in raw:
        raise ValueError("one reader takes it, the other does not")
    return float(_c_string(raw))


def _quoted(raw: bytes) -> str:
    if len(raw) < 2 or raw[:1] != raw[-1:] or raw[:1] not in (b"'", b'"'):
        raise ValueError("no quotes")
    return codecs.escape_decode(raw[1:-1])[0].decode("latin-1")


def _little(raw: bytes) -> int:
    return int.from_bytes(raw, "little", signed=True)


_READERS: dict[str, Reader] = {
    "uint1": _number("<B"), "uint2": _number("<H"), "int4": _number("<i"), "uint4": _number("<I"),
    "uint8": _number("<Q"), "float8": _number(">d"),
    "decimalnl_short": _text_line(_whole), "decimalnl_long": _text_line(_whole),
    "floatnl": _text_line(_real), "stringnl": _text_line(_quoted),
    "stringnl_noescape": _text_line(_utf8), "stringnl_noescape_pair": _pair,
    "unicodestringnl": _text_line(lambda raw: raw.decode("raw-unicode-escape")),
    "string1": _counted("<B", _latin), "string4": _counted("<i", _latin),
    "bytes1": _counted("<B", bytes), "bytes4": _counted("<I", bytes),
    "bytes8": _counted("<Q", bytes), "bytearray8": _counted("<Q", bytes),
    "unicodestring1": _counted("<B", _wide), "unicodestring4": _counted("<I", _wide),
    "unicodestring8": _counted("<Q", _wide),
    "long1": _counted("<B", _little), "long4": _counted("<i", _little),
}  # fmt: skip
_OWN: dict[str, Reader] = {"GET": _text_line(_index), "PUT": _text_line(_index)}
_TABLE: dict[int, tuple[str, Reader | None]] = {
    ord(code): (info.name, _OWN.get(info.name, _READERS[info.arg.name]) if info.arg else None)
    for info in pickletools.opcodes
    for code in (info.code,)
}
