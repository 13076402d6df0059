"""Entries of a zip: the central directory's and the member's own header have to agree.

Source: APPNOTE.TXT 6.3.10 (PKWARE) and the extra fields that Info-ZIP, Python and torch write.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from auditor.intake.inert.log import Damaged

CENTRAL, END64 = b"PK\x01\x02", b"PK\x06\x06"
_LOCAL, _DESCRIPTOR = b"PK\x03\x04", b"PK\x07\x08"
UTF8 = 0x800
_HARMLESS_FLAGS = 0x80E
PLAIN_MODES = (0, 4, 8)
"""No type, a folder, a plain file."""
SET_ID = 0o6000
PADDING = 0x4246
KNOWN_FIELDS = {1: 32, 0x5455: 13, 0x5855: 12, 0x7875: 24, 0x000A: 36}
"""Longest length of sizes, times, owners and NTFS times."""
Oddity = tuple[str, str, int | None]


@dataclass(frozen=True)
class Member:
    """One entry of the central directory; ``start`` is where its packed bytes begin."""

    name: str
    header: int
    start: int
    end: int
    packed: int
    size: int
    method: int
    flags: int
    crc: int


def entry(view: memoryview, at: int) -> tuple[Member, int, list[Oddity]]:
    """One entry of the central directory, where the next begins, and what is odd about it.

    Raises:
        Damaged: it does not hold what it says.
    """
    if at + 46 > len(view) or view[at : at + 4] != CENTRAL:
        raise Damaged(f"the central directory is damaged at byte {at}")
    flags, method = struct.unpack_from("<HH", view, at + 8)
    crc, packed, size = struct.unpack_from("<III", view, at + 16)
    name_length, extra_length, comment_length = struct.unpack_from("<HHH", view, at + 28)
    (disk,) = struct.unpack_from("<H", view, at + 34)
    attributes, header = struct.unpack_from("<II", view, at + 38)
    end = at + 46 + name_length + extra_length + comment_length
    raw = bytes(view[at + 46 : at + 46 + name_length])
    extra = bytes(view[at + 46 + name_length : at + 46 + name_length + extra_length])
    size, packed, header = _wide(extra, size, packed, header)
    name = raw.decode("utf-8", "replace")
    start, found = _local(view, header, raw, (flags, method, crc, packed, size))
    stop = start + packed
    if flags & 8:
        length, agrees = _descriptor(view, stop, crc, (packed, size))
        stop += length
        if not agrees:
            found.append(("zip.two_headers", f"{name!r:.80} has another data descriptor", stop))
    found += _fields(extra, raw, at)
    if disk:
        found.append(("zip.split", f"the member {name!r:.80} is said to be on another disk", at))
    if not name or not name.isprintable():
        found.append(("zip.name", f"the name {name!r:.80} does not show what it is", at))
    if attributes >> 16 & SET_ID:
        found.append(("zip.mode", f"{name!r:.80} would run as its owner", at))
    if (attributes >> 28) not in PLAIN_MODES:
        found.append(("zip.link", f"{name!r:.80} is a link or a device", at))
    if not flags & UTF8 and not raw.isascii():
        found.append(("zip.name", f"the name {name!r:.80} is in no stated code page", at))
    if any(part in (".", "") for part in name.rstrip("/").removeprefix("./").split("/")):
        found.append(("zip.name", f"the path {name!r:.80} is another one for some readers", at))
    if attributes & VOLUME:
        found.append(("zip.mode", f"{name!r:.80} is the name of a disk for some readers", at))
    if comment_length:
        found.append(("zip.comment", f"a comment on the member {name!r:.80}", at))
    if flags & ~_HARMLESS_FLAGS:
        found.append(("zip.flags", f"flags {flags:#x} on the member {name!r:.80}", at + 8))
    return Member(name, header, start, stop, packed, size, method, flags, crc), end, found


def _wide(extra: bytes, size: int, packed: int, header: int) -> tuple[int, int, int]:
    """Sizes of a zip64 entry, each present only where the short field is full."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            wide = [
                *struct.unpack_from(f"<{min(length, len(extra) - at - 4) // 8}Q", extra, at + 4)
            ]
            try:
                size = wide.pop(0) if size == 0xFFFFFFFF else size
                packed = wide.pop(0) if packed == 0xFFFFFFFF else packed
                header = wide.pop(0) if header == 0xFFFFFFFF else header
            except IndexError as error:
                raise Damaged("a zip64 field is too short") from error
        at += 4 + length
    return size, packed, header


def _fields(extra: bytes, raw: bytes, at: int) -> list[Oddity]:
    """Extra fields other than times, owners, sizes and padding: a second name, or hidden bytes."""
    position, odd, seen = 0, 0, set[int]()
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        body = extra[position + 4 : position + 4 + length]
        known = length <= KNOWN_FIELDS.get(kind, -1) or (kind == PADDING and not body.strip(b"Z\0"))
        odd += 0 if known and kind not in seen else 4 + length
        seen.add(kind)
        position += 4 + length
    odd += len(extra[position:].strip(b"\0"))
    what = f"{odd} extra bytes of no known use at {raw!r:.80}"
    return [("zip.extra", what, at)] if odd else []


def _local(
    view: memoryview, header: int, raw: bytes, central: tuple[int, int, int, int, int]
) -> tuple[int, list[Oddity]]:
    """Start of the data, and every difference between the two headers of a member."""
    if header + 30 > len(view) or view[header : header + 4] != _LOCAL:
        raise Damaged(f"the member {raw!r:.80} has no header at byte {header}")
    flags, method = struct.unpack_from("<HH", view, header + 6)
    crc, packed, size = struct.unpack_from("<III", view, header + 14)
    name_length, extra_length = struct.unpack_from("<HH", view, header + 26)
    name = bytes(view[header + 30 : header + 30 + name_length])
    differ = [] if name == raw else ["name"]
    differ += ["flags"] if flags != central[0] else []
    differ += ["method"] if method != central[1] else []
    extra = bytes(view[header + 30 + name_length : header + 30 + name_length + extra_length])
    wide = 0xFFFFFFFF in (packed, size)
    lonely = not wide and _has(extra, ZIP64) and not _full(extra)
    size, packed, _ = _wide(extra, size, packed, 0)
    known = not flags & 8 or (wide and (packed, size) != (0, 0))
    differ += ["checksum"] if not flags & 8 and crc != central[2] else []
    differ += ["size"] if known and (packed, size) != central[3:] else []
    found: list[Oddity] = [
        ("zip.two_headers", f"the member {raw!r:.80} has another {word} in its own header", header)
        for word in differ
    ]
    if lonely:
        found.append(
            ("zip.two_headers", f"{raw!r:.80} has sizes of zip64 that it does not need", header)
        )
    found += _fields(extra, raw, header)
    return header + 30 + name_length + extra_length, found


ZIP64 = 1
VOLUME = 8


def _has(extra: bytes, wanted: int) -> bool:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == wanted:
            return True
        at += 4 + length
    return False


def _full(extra: bytes) -> bool:
    """A field of zip64 that only keeps a place, as writers do that do not know the size yet."""
    return not extra[4:].strip(b"\0")


def _descriptor(view: memoryview, at: int, crc: int, sizes: tuple[int, int]) -> tuple[int, bool]:
    """Length of the data descriptor behind a member, and whether its sizes are the member's."""
    after = bytes(view[at : at + 24])
    signed = after[:4] == _DESCRIPTOR
    if signed and after[4:8] != crc.to_bytes(4, "little"):
        raise Damaged(f"the data descriptor at byte {at} has another checksum")
    body = 16 if signed else 12
    following = (_LOCAL, CENTRAL, END64)
    wide = (
        bytes(view[at + body : at + body + 4]) not in following
        and bytes(view[at + body + 8 : at + body + 12]) in following
    )
    if wide:
        return body + 8, after[body - 8 : body + 8] == struct.pack("<QQ", *sizes)
    return body, after[body - 8 : body] == struct.pack("<II", *(n & 0xFFFFFFFF for n in sizes))
