"""How the two processes talk: length-capped frames of JSON and raw arrays over a pipe.

No pickling anywhere: a frame is ``b"AUD1"``, two lengths, a JSON header, then the bytes of the
arrays that the header lists with dtype and shape. The reader checks each length, dtype and shape
before it allocates, because the other side may have been taken over by the model it holds.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
import struct
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"AUD1"
HEAD = struct.Struct("<4sIQ")
HEADER_LIMIT = 8 << 20
BODY_LIMIT = 256 << 20
WHOLE_LIMIT = 1 << 53
"""Beyond it, whole numbers are not the same to every reader of JSON."""
TOO_MUCH = (RecursionError, OverflowError, MemoryError)
DTYPES = ("uint8", "int64", "float32", "bool")


class FrameError(Exception):
    """The other side sent something that is not a frame, closed the pipe, or fell silent."""


@dataclass(frozen=True)
class Frame:
    """One message: a JSON object and named arrays."""

    header: dict[str, Any]
    arrays: dict[str, NDArray[np.generic]] = field(default_factory=dict)


def encode(frame: Frame) -> bytes:
    """Bytes of a frame.

    >>> decoded = decode_body(*split(encode(Frame({"kind": "hello"}))))
    >>> decoded.header["kind"]
    'hello'
    """
    listed = [_listing(name, array) for name, array in frame.arrays.items()]
    body = b"".join(np.ascontiguousarray(array).tobytes() for array in frame.arrays.values())
    header = json.dumps({**frame.header, "arrays": listed}, allow_nan=False).encode()
    return HEAD.pack(MAGIC, len(header), len(body)) + header + body


def _listing(name: str, array: NDArray[np.generic]) -> dict[str, Any]:
    if array.dtype.name not in DTYPES:
        raise FrameError(f"array {name} has dtype {array.dtype}, not one of {DTYPES}")
    return {"name": name, "dtype": array.dtype.name, "shape": list(array.shape)}


def split(data: bytes) -> tuple[bytes, bytes]:
    """Header and body of one whole encoded frame."""
    _, header, _ = HEAD.unpack_from(data)
    return data[HEAD.size : HEAD.size + header], data[HEAD.size + header :]


def decode_body(header_bytes: bytes, body: bytes) -> Frame:
    """The frame of a header and a body, everything checked.

    Raises:
        FrameError: malformed JSON, an unknown dtype, or shapes that do not fill the body.
    """
    try:
        header = json.loads(
            header_bytes, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole
        )
        listed = header.pop("arrays")
        arrays, offset = {}, 0
        for entry in listed:
            array, offset = _array(entry, body, offset)
            arrays[str(entry["name"])] = array
    except (ValueError, LookupError, TypeError, AttributeError, *TOO_MUCH) as error:
        raise FrameError(f"malformed frame: {error}") from error
    if offset != len(body):
        raise FrameError(f"{len(body) - offset} bytes of the frame belong to no array")
    return Frame(header, arrays)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is too large")
    return value


def _whole(text: str) -> int:
    value = int(text[:20])
    if abs(value) > WHOLE_LIMIT:
        raise ValueError(f"{text[:20]} is too large")
    return value


def _array(entry: dict[str, Any], body: bytes, offset: int) -> tuple[NDArray[np.generic], int]:
    if entry["dtype"] not in DTYPES:
        raise FrameError(f"dtype {entry['dtype']!r} is not allowed")
    shape = tuple(int(size) for size in entry["shape"])
    dtype = np.dtype(entry["dtype"])
    count = math.prod(shape)
    if any(size < 0 for size in shape) or offset + count * dtype.itemsize > len(body):
        raise FrameError("an array is larger than its frame")
    array = np.frombuffer(body, dtype, count, offset).reshape(shape)
    return array, offset + count * dtype.itemsize


def send(descriptor: int, frame: Frame, deadline: float = math.inf) -> None:
    """Write a frame; with a ``deadline`` the descriptor must not be a blocking one.

    Raises:
        TimeoutError: the other side did not read in time.
    """
    view = memoryview(encode(frame))
    while view:
        if not select.select([], [descriptor], [], _left(deadline))[1]:
            raise TimeoutError("nothing was read in time")
        with contextlib.suppress(BlockingIOError):
            view = view[os.write(descriptor, view) :]


def _left(deadline: float) -> float | None:
    return None if deadline == math.inf else max(0.0, deadline - time.monotonic())


def receive(descriptor: int, deadline: float = math.inf) -> Frame:
    """Read one frame, waiting no longer than ``deadline`` (``time.monotonic()``).

    Raises:
        TimeoutError: nothing, or only a part, arrived in time.
        FrameError: end of file or a malformed frame.
    """
    magic, header, body = HEAD.unpack(_exactly(descriptor, HEAD.size, deadline))
    if magic != MAGIC or header > HEADER_LIMIT or body > BODY_LIMIT:
        raise FrameError("not a frame, or longer than allowed")
    return decode_body(_exactly(descriptor, header, deadline), _exactly(descriptor, body, deadline))


def _exactly(descriptor: int, size: int, deadline: float) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        if not select.select([descriptor], [], [], _left(deadline))[0]:
            raise TimeoutError("no answer in time")
        block = os.read(descriptor, min(size - len(parts), 1 << 20))
        if not block:
            raise FrameError("the other side closed the pipe")
        parts += block
    return bytes(parts)
