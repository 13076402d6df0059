"""Members of a zip packed by deflate, bzip2 or LZMA, unpacked to the size that is told.

Source: APPNOTE 6.3.10, sections 4.4.5 and 5.8. Limits: Deflate64, Zstandard and PPMd are not read.
"""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable

from auditor.intake.inert.log import Damaged

_HEAD = 9
"""Version, length of the properties, and the five bytes of them."""


def unpacked(data: memoryview, method: int, size: int) -> bytes:
    """Exactly ``size`` bytes.

    Raises:
        Damaged: an unknown method, damage, or another size.
    """
    if method not in _METHODS:
        raise Damaged(f"is packed by method {method}")
    try:
        found, over = _METHODS[method](data, size)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, struct.error) as error:
        raise Damaged(f"cannot be unpacked: {str(error)[:80]}") from error
    if len(found) != size or not over:
        raise Damaged("does not unpack to its size")
    return found


def _deflate(data: memoryview, size: int) -> tuple[bytes, bool]:
    machine = zlib.decompressobj(-15)
    found = machine.decompress(data, size + 1)
    return found, machine.eof and not machine.unused_data


def _bzip2(data: memoryview, size: int) -> tuple[bytes, bool]:
    machine = bz2.BZ2Decompressor()
    found = machine.decompress(bytes(data), size + 1)
    return found, machine.eof and not machine.unused_data


def _lzma(data: memoryview, size: int) -> tuple[bytes, bool]:
    """Raw LZMA with a dictionary no larger than what is unpacked; it need not have an end mark."""
    head = bytes(data[:_HEAD])
    _, length, kinds, reach = struct.unpack("<HHBI", head)
    if length != _HEAD - 4 or kinds >= 9 * 5 * 5:
        raise ValueError("its properties are not known")
    rest, lc = divmod(kinds, 9)
    pb, lp = divmod(rest, 5)
    form = {
        "id": lzma.FILTER_LZMA1, "dict_size": max(4096, min(reach, size)), "lc": lc, "lp": lp,
        "pb": pb,
    }  # fmt: skip
    machine = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[form])
    found = machine.decompress(bytes(data[_HEAD:]), size + 1)
    return found, not machine.unused_data


_METHODS: dict[int, Callable[[memoryview, int], tuple[bytes, bool]]] = {
    8: _deflate, 12: _bzip2, 14: _lzma,
}  # fmt: skip
