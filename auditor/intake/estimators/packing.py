"""joblib's compressions, undone under a budget.

Limits: 256 MiB unpacked; one stream. lz4 needs the package of that name.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from auditor.core.errors import DeliveryError

LIMIT = 256 << 20
_LZMA_MEMORY = 128 << 20
_CHUNK = 1 << 20


def _lz4() -> Any:
    try:
        import lz4.frame
    except ImportError as error:
        raise DeliveryError(
            "The file is packed with lz4, which is not installed here.",
            "Install the package lz4, or ask for the file without compression.",
            "unsupported",
        ) from error
    return lz4.frame.LZ4FrameDecompressor()


_PACKERS: dict[bytes, Callable[[], Any]] = {
    b"\x1f\x8b": lambda: zlib.decompressobj(31),
    b"x\x01": zlib.decompressobj,
    b"x^": zlib.decompressobj,
    b"x\x9c": zlib.decompressobj,
    b"x\xda": zlib.decompressobj,
    b"BZh": bz2.BZ2Decompressor,
    b"\x5d\x00\x00": lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LZMA_MEMORY),
    b"\xfd7zXZ": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY),
    b"\x04\x22\x4d\x18": _lz4,
}


def is_packed(head: bytes) -> bool:
    """True if the first bytes are those of one of joblib's compressions."""
    return head.startswith(tuple(_PACKERS))


def unpacked(path: Path) -> bytes:
    """The file's content, unpacked if it is packed.

    Raises:
        DeliveryError: damaged, truncated, larger than the budget, or packed with what is missing.
    """
    if path.stat().st_size > LIMIT:
        raise DeliveryError(f"{path.name} is larger than {LIMIT >> 20} MiB.", kind="unsupported")
    content = path.read_bytes()
    maker = next((make for magic, make in _PACKERS.items() if content.startswith(magic)), None)
    if maker is None:
        return content
    try:
        return _drained(maker(), content, path.name)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, RuntimeError) as error:
        raise DeliveryError(f"{path.name} cannot be unpacked: {error!s:.80}.") from error


def _drained(packer: Any, content: bytes, name: str) -> bytes:
    parts, total, rest = [], 0, content
    while not packer.eof:
        part = packer.decompress(rest, _CHUNK)
        rest = getattr(packer, "unconsumed_tail", b"")
        total += len(part)
        if total > LIMIT:
            raise DeliveryError(f"{name} unpacks to more than {LIMIT >> 20} MiB.")
        if not part and not rest and not packer.eof:
            raise DeliveryError(f"{name} is truncated.", "Ask the vendor to send it again.")
        parts.append(part)
    if packer.unused_data:
        raise DeliveryError(f"{name} goes on behind its packed data.")
    return b"".join(parts)
