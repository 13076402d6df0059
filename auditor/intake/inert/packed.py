"""Compressed files (zlib, gzip, bz2, xz, lzma, lz4, old joblib), unpacked under a limit."""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from typing import Protocol

from auditor.core import hygiene
from auditor.intake.inert.log import Budget, Damaged, OutOfBudget

LIMIT = 256 << 20
STEP = 1 << 20
HEAD, NAMED = 300, 8
MEMORY = 128 << 20
STARTS = {
    b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz", b"\x5d\x00\x00": "lzma",
    b"\x04\x22\x4d\x18": "lz4",
}  # fmt: skip
_JOBLIB = re.compile(rb"ZF0x[0-9a-f]{1,16} *\Z")
JOBLIB = 21
"""Two letters and the size in 19."""


class _Machine(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def kind_of(view: memoryview) -> str | None:
    """Which compression a file starts like.

    >>> kind_of(memoryview(b"BZh9..."))
    'bz2'
    """
    head = bytes(view[:6])
    for start, name in STARTS.items():
        if head.startswith(start):
            return name
    if _JOBLIB.match(bytes(view[:JOBLIB])):
        return "joblib"
    zlib_like = len(head) > 2 and head[0] == 0x78 and int.from_bytes(head[:2], "big") % 31 == 0
    return "zlib" if zlib_like else None


def unpacked(view: memoryview, kind: str, budget: Budget) -> tuple[memoryview, int]:
    """The content, and how many bytes of the file follow it.

    Raises:
        Damaged: it cannot be unpacked.
        OutOfBudget: a bomb.
    """
    if kind == "gzip":
        _head(bytes(view[:HEAD]))
    if kind == "lz4":
        return _lz4(view), 0
    if kind == "joblib":
        return _joblib(view, budget)
    out = bytearray()
    rest = bytes(view)
    while rest:  # gzip, bz2 and xz files may be several streams behind each other
        rest = _stream(_machine(kind), rest, out, budget)
        if kind in ("zlib", "lzma") or kind_of(memoryview(rest)) != kind:
            break
    return memoryview(bytes(out)), len(rest)


def _joblib(view: memoryview, budget: Budget) -> tuple[memoryview, int]:
    """zlib behind its size, as joblib before 0.10 wrote it."""
    told = int(bytes(view[2:JOBLIB]), 16)
    data, rest = unpacked(view[JOBLIB:], "zlib", budget)
    if len(data) != told:
        raise Damaged(f"it tells of {told} bytes, {len(data)} are there")
    return data, rest


def _head(head: bytes) -> None:
    """The header of a gzip file names at most the file that was packed.

    Raises:
        Damaged: it holds more, or a name that is none.
    """
    flags = head[3] if len(head) > 3 else 0
    name, end, _ = head[10:].partition(b"\0")
    if flags & ~NAMED or (flags & NAMED and not end):
        raise Damaged("its gzip header holds more than a name")
    if flags & NAMED and hygiene.of_path(name.decode("latin-1")):
        raise Damaged("the name in its gzip header is none")


def _machine(kind: str) -> _Machine:
    if kind in ("zlib", "gzip"):
        return _Zlib(31 if kind == "gzip" else 15)
    if kind == "bz2":
        return bz2.BZ2Decompressor()
    form = lzma.FORMAT_XZ if kind == "xz" else lzma.FORMAT_ALONE
    return lzma.LZMADecompressor(form, memlimit=MEMORY)


class _Zlib:
    """zlib's machine with the manners of the others: it keeps what it has not read."""

    def __init__(self, bits: int) -> None:
        self._machine = zlib.decompressobj(bits)

    @property
    def eof(self) -> bool:
        return self._machine.eof

    @property
    def unused_data(self) -> bytes:
        return self._machine.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._machine.decompress(data or self._machine.unconsumed_tail, max_length)


def _stream(machine: _Machine, data: bytes, out: bytearray, budget: Budget) -> bytes:
    try:
        while not machine.eof:
            budget.check()
            block = machine.decompress(data, STEP)
            data = b""
            if not block and not machine.eof:
                raise Damaged("the compressed data are cut off")
            budget.take(len(block))
            out += block
            if len(out) > LIMIT:
                raise OutOfBudget(f"it unpacks to more than {LIMIT >> 20} MiB")
    except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError) as error:
        raise Damaged(f"it cannot be unpacked: {str(error)[:80]}") from error
    return machine.unused_data


def _lz4(view: memoryview) -> memoryview:
    try:
        import lz4.frame
    except ImportError as error:
        raise Damaged("it is packed by lz4, and the package lz4 is not installed") from error
    machine = lz4.frame.LZ4FrameDecompressor()
    try:
        data = machine.decompress(bytes(view), max_length=LIMIT)
    except RuntimeError as error:
        raise Damaged(f"it cannot be unpacked: {str(error)[:80]}") from error
    if not machine.eof or machine.unused_data:
        raise OutOfBudget("its lz4 data are larger than allowed or followed by others")
    return memoryview(data)
