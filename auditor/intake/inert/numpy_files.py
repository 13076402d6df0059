"""Numpy files: .npy and the members of .npz, headers read by a literal grammar."""

from __future__ import annotations

import ast
import re
from math import prod

from auditor.intake.inert.dtypes import dtype_of
from auditor.intake.inert.log import Damaged, Log
from auditor.intake.inert.values import Array, DType

MAGIC = b"\x93NUMPY"
HEADER = 64 << 10
_COMMA = re.compile(r",([)}\]])")

MOST = 1 << 32


def read_npy(view: memoryview, log: Log) -> Array:
    """One array; an array of objects is a pickle, which is read on its own.

    Raises:
        Damaged: header or size do not fit.
    """
    array, start = _header(view, log)
    assert array.dtype is not None
    if array.dtype.objects:
        _objects(view[start:], log)
        return array
    if not array.dtype.size or (
        any(not n for n in array.shape) and prod(n or 1 for n in array.shape) > MOST
    ):
        raise Damaged("the array has values of no size, and tells of more than there can be")
    needed = prod(array.shape) * array.dtype.size
    array.data = view[start : start + needed]
    if len(array.data) != needed:
        raise Damaged("the array is cut off")
    if start + needed != len(view):
        what = f"{len(view) - start - needed} bytes behind the array"
        log.add("suspicious", "file.trailing", what, start + needed)
    return array


def _objects(view: memoryview, log: Log) -> None:
    from auditor.intake.inert.machine import Machine

    what = "the array holds pickled objects"
    log.add("not_audited", "numpy.objects", what, None, "allow_pickle")
    Machine(view, log.member("objects")).run()


def _header(view: memoryview, log: Log) -> tuple[Array, int]:
    if bytes(view[:6]) != MAGIC or len(view) < 12:
        raise Damaged("it is no .npy file")
    if not 1 <= view[6] <= 3 or view[7]:
        raise Damaged(f"version {view[6]}.{view[7]} of .npy is not known")
    wide = view[6] >= 2
    start = 12 if wide else 10
    length = int.from_bytes(view[8:start], "little")
    if length > HEADER or start + length > len(view):
        raise Damaged(f"the header of {length} bytes is too long")
    try:
        text = bytes(view[start : start + length]).decode("latin-1").strip()
        header = ast.literal_eval(text)
        described, fortran, shape = header["descr"], header["fortran_order"], header["shape"]
        if len(header) != 3:
            raise ValueError
    except (ValueError, SyntaxError, KeyError, TypeError, MemoryError, RecursionError) as error:
        raise Damaged("the header of the array is malformed") from error
    plain = isinstance(shape, tuple) and len(shape) <= 64
    if not plain or not all(type(n) is int and 0 <= n < 1 << 48 for n in shape):
        raise Damaged("the shape of the array is no tuple of sizes")
    if type(fortran) is not bool or _words(text) != _words(repr(header)):
        what = "a header that numpy would not write so: comments, or a key twice"
        log.add("suspicious", "numpy.header", what, 10, "header")
    return Array(_dtype(described), shape, b"", bool(fortran)), start + length


def _words(text: str) -> str:
    """A header without spaces, quotes of one kind, and without commas that end a list."""
    return _COMMA.sub(r"\1", text.replace(" ", "").replace('"', "'"))


def _dtype(described: object) -> DType:
    if isinstance(described, str):
        return dtype_of(described)
    if not isinstance(described, list) or not 0 < len(described) < 1000:
        raise Damaged("the dtype of the array is malformed")
    fields: list[tuple[str, DType, int]] = []
    size, plain = 0, True
    for entry in described:
        if (
            not isinstance(entry, tuple)
            or not 2 <= len(entry) <= 3
            or not isinstance(entry[1], str)
        ):
            raise Damaged("the record type of the array is malformed")
        repeats = entry[2] if len(entry) == 3 else ()
        repeats = repeats if isinstance(repeats, tuple) else (repeats,)
        if not all(type(n) is int and 0 <= n < 1 << 20 for n in repeats):
            raise Damaged("the record type of the array is malformed")
        kind = dtype_of(entry[1])
        if entry[0] or kind.code[:1] != "V":  # a void without a name only fills up
            fields.append((entry[0], kind, size))
        size += kind.size * prod(repeats)
        plain = plain and not repeats and isinstance(entry[0], str)
    objects = any(kind.objects for _, kind, _ in fields)
    return DType("V", "|", size, objects, tuple(fields) if plain else ())
