"""Frames come back as they went, and nothing malformed gets through: the sender may be hostile."""

from __future__ import annotations

import json
import os
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn
from numpy.typing import NDArray

from auditor.core import frames
from auditor.core.frames import DTYPES, HEAD, MAGIC, Frame, FrameError, decode_body, encode, split

ARRAYS = st.dictionaries(
    st.text(min_size=1, max_size=8).filter(str.isprintable),
    stn.arrays(st.sampled_from(DTYPES), stn.array_shapes(min_dims=0, max_side=5)),
    max_size=3,
)
HEADERS = st.dictionaries(
    st.text(max_size=8).filter(lambda key: key != "arrays"),
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.lists(st.text()),
    max_size=4,
)


@given(HEADERS, ARRAYS)
@settings(deadline=None)
def test_round_trip(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    again = decode_body(*split(encode(Frame(header, arrays))))
    assert again.header == header
    assert again.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        assert again.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(again.arrays[name], array)


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_random_bytes_are_refused_or_a_frame(header: bytes, body: bytes) -> None:
    try:
        frame = decode_body(header, body)
    except FrameError:
        return
    assert isinstance(frame.header, dict)
    assert sum(array.nbytes for array in frame.arrays.values()) == len(body)


def listing(**changes: Any) -> bytes:
    entry = {"name": "a", "dtype": "float32", "shape": [2], **changes}
    return json.dumps({"arrays": [entry]}).encode()


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (b"", b""),
        (b"[]", b""),
        (b'"text"', b""),
        (b"{}", b""),
        (b'{"arrays": 3}', b""),
        (b'{"arrays": [3]}', b""),
        (b'{"arrays": [], "share": NaN}', b""),
        (b'{"arrays": [], "share": Infinity}', b""),
        (b'{"arrays": []}', b"left over"),
        (listing(), b"1234"),
        (listing(shape=[-2]), bytes(8)),
        (listing(shape=[-1, -2]), bytes(8)),
        (listing(shape=["x"]), bytes(8)),
        (listing(shape=[2**62, 2**62]), bytes(8)),
        (listing(dtype="object"), bytes(8)),
        (listing(dtype="float64"), bytes(16)),
        (listing(dtype=["float32"]), bytes(8)),
        (b'{"arrays": [{"dtype": "float32", "shape": [2]}]}', bytes(8)),
    ],
)
def test_malformed_bodies_are_refused(header: bytes, body: bytes) -> None:
    with pytest.raises(FrameError):
        decode_body(header, body)


def test_only_plain_types_are_sent() -> None:
    with pytest.raises(FrameError, match="float64"):
        encode(Frame({}, {"a": np.zeros(2)}))
    with pytest.raises(ValueError, match="JSON"):
        encode(Frame({"share": float("nan")}))


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


def test_a_frame_larger_than_the_pipe(pipe: tuple[int, int]) -> None:
    array = np.arange(1 << 18, dtype=np.int64)
    sender = threading.Thread(target=frames.send, args=(pipe[1], Frame({"k": 1}, {"a": array})))
    sender.start()
    received = frames.receive(pipe[0], time.monotonic() + 20)
    sender.join()
    np.testing.assert_array_equal(received.arrays["a"], array)


@pytest.mark.parametrize(
    "head",
    [
        HEAD.pack(b"EVIL", 2, 0),
        HEAD.pack(MAGIC, frames.HEADER_LIMIT + 1, 0),
        HEAD.pack(MAGIC, 2, frames.BODY_LIMIT + 1),
        struct.pack("<4sIQ", MAGIC, 2**32 - 1, 2**64 - 1),
    ],
)
def test_nothing_is_read_behind_a_bad_head(pipe: tuple[int, int], head: bytes) -> None:
    os.write(pipe[1], head + b"{}")
    with pytest.raises(FrameError, match="longer than allowed"):
        frames.receive(pipe[0])
    assert os.read(pipe[0], 10) == b"{}"


def test_end_of_file_in_the_middle(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], encode(Frame({"k": "v"}))[:-3])
    os.close(pipe[1])
    with pytest.raises(FrameError, match="closed the pipe"):
        frames.receive(pipe[0])


@pytest.mark.parametrize("sent", [b"", MAGIC, encode(Frame({"k": "v"}))[:-1]])
def test_silence_ends_at_the_deadline(pipe: tuple[int, int], sent: bytes) -> None:
    if sent:
        os.write(pipe[1], sent)
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        frames.receive(pipe[0], start + 0.1)
    assert time.monotonic() - start < 5
