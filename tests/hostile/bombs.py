"""Files that are small or easy to make and cost a careless reader minutes or gigabytes."""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from carriers import program, script, text, torch_zip, zipped

Bomb = Callable[[Path], None]
BOMBS: dict[str, Bomb] = {}
MEGA = 1 << 20
ZEROS = bytes(MEGA)


def bomb(function: Callable[[], bytes]) -> Callable[[], bytes]:
    """Register a maker of bytes under its name."""
    BOMBS[function.__name__] = lambda path: path.write_bytes(function()) and None
    return function


def _deflated(megabytes: int, bits: int = 15) -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, bits)
    return b"".join(machine.compress(ZEROS) for _ in range(megabytes)) + machine.flush()


@bomb
def zip_of_zeros() -> bytes:
    return zipped(
        {"m/data.pkl": b"\x80\x02}.", "m/data/0": bytes(300 * MEGA)}, zipfile.ZIP_DEFLATED
    )


@bomb
def zip_that_lies_about_its_size() -> bytes:
    data = bytearray(zipped({"a": bytes(100 * MEGA)}, zipfile.ZIP_DEFLATED))
    for at in (22, data.rfind(b"PK\x01\x02") + 24):
        data[at : at + 4] = struct.pack("<I", 1000)
    return bytes(data)


@bomb
def zips_in_zips() -> bytes:
    data = b"text"
    for _ in range(40):
        data = zipped({"a.zip": data})
    return data


@bomb
def forty_two() -> bytes:
    inner = zipped({"a": bytes(90 * MEGA)}, zipfile.ZIP_DEFLATED)
    return zipped({f"{i}.zip": inner for i in range(16)}, zipfile.ZIP_DEFLATED)


@bomb
def zip_of_60000_members() -> bytes:
    return zipped({f"m/data/{i}": b"" for i in range(60_000)})


@bomb
def overlapping_members() -> bytes:
    body = zipped({"a": bytes(60 * MEGA)}, zipfile.ZIP_DEFLATED)
    at = body.rfind(b"PK\x01\x02")
    end = body.rfind(b"PK\x05\x06")
    entry = body[at:end]
    entries = b"".join(entry[:46] + bytes([65 + i % 26]) for i in range(2000))
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 2000, 2000, len(entries), at, 0)
    return body[:at] + entries + tail


@bomb
def zip64_with_absurd_count() -> bytes:
    data = zipped({"a": b"x"})
    at = data.rfind(b"PK\x05\x06")
    end64 = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1 << 40, 1 << 40, 47, 0)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
    return data[:at] + end64 + locator + data[at:]


@bomb
def gzip_of_zeros() -> bytes:
    return _deflated(700, 31)


@bomb
def zlib_of_zeros() -> bytes:
    return _deflated(700)


@bomb
def gzip_in_gzip_in_gzip() -> bytes:
    data = _deflated(200, 31)
    for _ in range(20):
        data = zlib.compress(data)
    return data


@bomb
def bz2_of_zeros() -> bytes:
    return bz2.compress(bytes(400 * MEGA))


@bomb
def xz_of_zeros() -> bytes:
    machine = lzma.LZMACompressor(preset=0)
    return b"".join(machine.compress(ZEROS) for _ in range(700)) + machine.flush()


@bomb
def lzma_with_a_huge_dictionary() -> bytes:
    return b"\x5d\x00\x00" + b"\xff\xff" + b"\xff" * 8 + bytes(64)


@bomb
def pickle_of_millions_of_operations() -> bytes:
    return b"\x80\x02" + b"N0" * 8_000_000 + b"N."


@bomb
def pickle_of_nested_lists() -> bytes:
    return b"\x80\x02" + b"]" * 900_000 + b"a" * 899_999 + b"."


@bomb
def pickle_of_nested_tuples() -> bytes:
    return b"\x80\x02N" + b"\x85" * 1_900_000 + b"."


@bomb
def pickle_billion_laughs() -> bytes:
    return b"\x80\x02]" + b"".join(b"q\x00(h\x00h\x00t" for _ in range(200)) + b"."


@bomb
def pickle_laughing_dictionary_key() -> bytes:
    return b"\x80\x02}K\x01" + b"2\x86" * 0 + b"".join(b"2\x86" for _ in range(90)) + b"K\x01s."


@bomb
def pickle_of_a_long_number() -> bytes:
    return b"I" + b"9" * (30 * MEGA) + b"\n."


@bomb
def pickle_of_a_long_binary_number() -> bytes:
    return b"\x80\x02\x8b" + struct.pack("<i", 60 * MEGA) + b"\x7f" * (60 * MEGA) + b"."


@bomb
def pickle_that_announces_exabytes() -> bytes:
    return b"\x80\x04\x8e" + struct.pack("<Q", 1 << 62) + b"abc."


@bomb
def pickle_of_half_a_million_globals() -> bytes:
    return b"\x80\x02" + b"".join(b"cos\nf%d\n0" % i for i in range(500_000)) + b"N."


@bomb
def pickle_of_a_long_name() -> bytes:
    return b"c" + b"a." * (5 * MEGA) + b"\nB\n."


@bomb
def pickle_behind_pickle() -> bytes:
    return b"\x80\x02N." * 300_000


@bomb
def pickle_memo_of_millions() -> bytes:
    return (
        b"\x80\x02N" + b"".join(b"r" + struct.pack("<I", i * 3000) for i in range(1_400_000)) + b"."
    )


@bomb
def pickle_extends_itself() -> bytes:
    return b"\x80\x02]q\x00" + b"(h\x00h\x00h\x00e" * 400_000 + b"."


def _storage(count: int, shape: bytes, stride: bytes) -> bytes:
    pid = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu")
    pid += b"\x8a\x08" + struct.pack("<q", count) + b"tQ"
    return (
        b"\x80\x04ctorch._utils\n_rebuild_tensor_v2\n("
        + pid
        + b"K\x00"
        + shape
        + stride
        + b"\x89}tR."
    )


@bomb
def storage_of_terabytes() -> bytes:
    return torch_zip(_storage(1 << 46, b"K\x01\x85", b"K\x01\x85"), **{"m/data/0": bytes(4)})


@bomb
def tensor_of_strides_zero() -> bytes:
    size = b"J\x00\x00\x10\x00"
    body = _storage(4, size + size + b"\x86", b"K\x00K\x00\x86")
    return torch_zip(body, **{"m/data/0": bytes(16)})


@bomb
def array_of_terabytes() -> bytes:
    head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776, 8), }\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head


@bomb
def array_with_a_nested_header() -> bytes:
    head = b"(" * 60_000
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head


@bomb
def array_archive_of_zeros() -> bytes:
    head = b"{'descr': '|u1', 'fortran_order': False, 'shape': (%d,), }\n" % (250 * MEGA)
    npy = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + bytes(250 * MEGA)
    return zipped({"x.npy": npy}, zipfile.ZIP_DEFLATED)


@bomb
def safetensors_with_a_blank_header() -> bytes:
    return struct.pack("<Q", 99 * MEGA) + b"{" + b" " * (99 * MEGA - 2) + b"}"


@bomb
def safetensors_of_400000_tensors() -> bytes:
    one = '"%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}'
    head = ("{" + ",".join(one % i for i in range(120_000)) + "}").encode()
    return struct.pack("<Q", len(head)) + head


@bomb
def safetensors_with_a_nested_header() -> bytes:
    head = b'{"a":' + b"[" * (4 * MEGA)
    return struct.pack("<Q", len(head)) + head


@bomb
def safetensors_with_a_header_of_lists() -> bytes:
    head = b'{"a":[' + b"[]," * (2 * MEGA) + b"[]]}"
    return struct.pack("<Q", len(head)) + head


def _field(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


@bomb
def onnx_of_millions_of_nodes() -> bytes:
    return b"\x08\x08" + _field(7, b"\x0a\x00" * (10 * MEGA))


@bomb
def onnx_of_nested_graphs() -> bytes:
    body = b""
    for _ in range(3000):
        body = _field(1, _field(5, _field(6, body)))
    return b"\x08\x08" + _field(7, body)


@bomb
def onnx_of_absurd_sizes() -> bytes:
    tensor = (
        b"\x08\xff\xff\xff\xff\xff\xff\x7f" * 3 + b"\x10\x01" + _field(8, b"w") + _field(9, b"abcd")
    )
    node = _field(1, _field(4, b"Relu"))
    return b"\x08\x08" + _field(7, node + _field(5, tensor))


@bomb
def onnx_of_millions_of_numbers() -> bytes:
    tensor = b"\x08\x01" * (8 * MEGA) + b"\x10\x01"
    return b"\x08\x08" + _field(7, _field(1, _field(4, b"Relu")) + _field(5, tensor))


@bomb
def program_with_a_nested_graph() -> bytes:
    members = dict(program())
    members["m/models/model.json"] = b'{"a":' * 500_000 + b"1" + b"}" * 500_000
    return zipped(members)


@bomb
def program_with_a_long_expression() -> bytes:
    members = dict(program())
    name = next(n for n in members if n.endswith("model.json"))
    members[name] = members[name].replace(b"Symbol(", b"-" * 9000 + b"Symbol(", 1)
    return zipped(members)


@bomb
def script_with_nested_brackets() -> bytes:
    members = dict(script())
    name = next(n for n in members if "linear" in n and n.endswith(".py"))
    members[name] = b"x = " + b"(" * 100_000 + b")" * 100_000
    return zipped(members)


@bomb
def script_of_seven_megabytes() -> bytes:
    members = dict(script())
    name = next(n for n in members if "linear" in n and n.endswith(".py"))
    members[name] = b"x = 1 + 2 * 3\n" * 520_000
    return zipped(members)


@bomb
def json_of_lists() -> bytes:
    return b"[" + b"[]," * (10 * MEGA) + b"[]]"


@bomb
def json_of_brackets() -> bytes:
    return b"[" * (10 * MEGA)


@bomb
def text_of_one_line() -> bytes:
    return b"a" * (31 * MEGA)


@bomb
def text_of_many_spaces() -> bytes:
    return b"\n".join([b" " * 2000] * 15_000)


@bomb
def tar_of_thousands() -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as archive:
        for i in range(3000):
            archive.addfile(tarfile.TarInfo(f"f{i}"), io.BytesIO())
    return body.getvalue()


def _sparse(head: bytes, gigabytes: int) -> Bomb:
    def write(path: Path) -> None:
        with path.open("wb") as stream:
            stream.write(head)
            stream.truncate(gigabytes << 30)

    return write


BOMBS["sparse_file_of_20_gigabytes"] = _sparse(b"", 20)
BOMBS["sparse_zip_of_20_gigabytes"] = _sparse(b"PK\x03\x04", 20)
BOMBS["sparse_pickle_of_3_gigabytes"] = _sparse(b"\x80\x04\x8e" + struct.pack("<Q", 3 << 30), 3)
BOMBS["sparse_onnx_of_3_gigabytes"] = _sparse(b"\x08\x08\x3a", 3)
BOMBS["sparse_safetensors_of_3_gigabytes"] = _sparse(
    struct.pack("<Q", 74)
    + b'{"a":{"dtype":"U8","shape":[3221225390],"data_offsets":[0,3221225390]}}   ',
    3,
)
