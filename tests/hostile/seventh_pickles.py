"""The seventh corpus: pickles, torch files, joblib and numpy."""

# ruff: noqa: E501, SIM905  tables of cases, one a line

from __future__ import annotations

import codecs
import pickle  # noqa: TID251  writes hostile files, reads none
import struct
import zlib
from typing import Any

import numpy as np
from carriers import COMMAND, _legacy, reduced, stack_global, text, torch_zip, zipped
from fifth import number
from fifth_folders import npy
from fifth_pickles import _Bomb, _joblib, state, torch_bytes
from fourth import OS
from seventh import ANY, DANGER, ODD, UNKNOWN, file

P2, P4, P5 = b"\x80\x02", b"\x80\x04", b"\x80\x05"
CMD = text(COMMAND)
g = stack_global
SYSTEM = g("os", "system")
NIL = pickle.dumps({}, 4)


def called(function: bytes, *arguments: bytes) -> bytes:
    return function + b"(" + b"".join(arguments) + b"tR"


CALL = called(SYSTEM, CMD)
EIGHT = struct.Struct("<Q").pack

STREAMS: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "memoize_over_a_far_put": (P4 + text("x") + b"r\x01\0\0\0" + b"0" + text("os") + b"\x940h\x01" + text("system") + b"\x93" + CMD + b"\x85R.", DANGER),
    "puts_by_text_gets_by_number": (P2 + b"Vos\np7\n0Vsystem\np8\n0h\x07h\x08\x93(V" + COMMAND.encode() + b"\ntR.", DANGER),
    "put_under_a_million": (P2 + SYSTEM + b"r\x40\x42\x0f\x000N0j\x40\x42\x0f\0" + CMD + b"\x85R.", DANGER),
    "function_from_a_tuple_by_the_memo": (P4 + SYSTEM + b"\x94" + text("x") + b"\x860" + b"h\0" + CMD + b"\x85R.", DANGER),
    "arguments_from_the_memo": (P4 + CMD + b"\x85\x940" + SYSTEM + b"h\0R.", DANGER),
    "arguments_as_a_list": (P4 + SYSTEM + b"]" + CMD + b"aR.", DANGER),
    "arguments_as_a_text": (P4 + g("builtins", "exec") + text("1") + b"R.", DANGER),
    "arguments_changed_after_they_were_noted": (P4 + b"]\x94" + CMD + b"a0" + SYSTEM + b"h\0R.", DANGER),
    "names_as_bytes": (P4 + b"C\x02osC\x06system\x93" + CMD + b"\x85R.", ODD),
    "global_with_a_return": (P2 + b"cos\r\nsystem\r\n" + CMD + b"\x85R.", ODD),
    "new_object_of_a_function": (P4 + SYSTEM + CMD + b"\x85\x81.", UNKNOWN),
    "new_object_with_options": (P4 + g("subprocess", "Popen") + CMD + b"\x85}" + text("shell") + b"\x88s\x92.", DANGER),
    "object_of_two_marks": (P2 + b"((" + CMD + b"ios\nsystem\n.", DANGER),
    "mark_popped_before": (P4 + b"(0" + b"(" + b"NN1" + CALL + b".", DANGER),
    "everything_popped_but_none": (P4 + CALL + b"0N.", DANGER),
    "call_as_a_key_of_a_set": (P4 + b"\x8f(" + CALL + b"\x90.", DANGER),
    "call_in_the_state_of_an_ordered": (P4 + g("collections", "OrderedDict") + b")R}" + text("a") + CALL + b"sb.", DANGER),
    "environment_by_an_item": (P4 + g("os", "environ") + text("LD_PRELOAD") + text("/tmp/x.so") + b"s.", DANGER),
    "items_into_the_builtins": (P4 + g("builtins", "__dict__") + b"(" + text("len") + text("x") + b"u.", DANGER),
    "appended_to_the_path": (P4 + g("sys", "path") + text("/tmp") + b"a.", DANGER),
    "appended_to_the_finders": (P4 + g("sys", "meta_path") + b"(Ne.", DANGER),
    "added_to_a_registry": (P4 + g("torch.serialization", "_package_registry") + b"(Ne.", UNKNOWN),
    "state_of_a_module_of_torch": (P4 + g("torch", "serialization") + b"}" + text("_default_map") + b"Nsb.", UNKNOWN),
    "slots_of_a_class_of_torch": (P4 + g("torch.nn", "Module") + b"N}" + text("__call__") + SYSTEM + b"s\x86b.", DANGER),
    "state_of_a_class_of_torch": (P4 + g("torch.nn", "Module") + b"N}" + text("__call__") + b"Ns\x86b.", UNKNOWN),
    "item_of_a_class_method": (P4 + g("collections", "OrderedDict.fromkeys") + b"]" + b"\x85R.", ODD),
    "method_of_a_counter": (P4 + called(g("collections", "Counter.update"), b"}") + b".", ODD),
    "name_by_turning_letters": (P4 + called(g("_codecs", "encode"), text(codecs.encode("os", "rot13")), text("rot13")) + called(g("_codecs", "encode"), text(codecs.encode("system", "rot13")), text("rot13")) + b"\x93" + CMD + b"\x85R.", UNKNOWN),
    "name_by_decoding": (P4 + called(g("_codecs", "decode"), b"C\x02os") + text("system") + b"\x93" + CMD + b"\x85R.", UNKNOWN),
    "text_by_seven_bits": (P4 + called(g("_codecs", "encode"), text("+AG8Acw-"), text("utf-7")) + b".", (0, 1, 3, 4)),
    "frame_of_a_terabyte": (P4 + b"\x95" + EIGHT(2**40) + CALL + b".", UNKNOWN),
    "frame_of_one_byte": (P4 + b"\x95" + EIGHT(1) + CALL + b".", UNKNOWN),
    "frame_of_nothing": (P4 + b"\x95" + EIGHT(0) + CALL + b".", UNKNOWN),
    "text_of_the_bytes_of_a_stop": (P4 + text("....].") + b"0" + CALL + b".", DANGER),
    "between_two_honest": (NIL + OS + NIL, DANGER),
    "behind_150_honest": (NIL * 150 + OS, UNKNOWN),
    "behind_zeros": (NIL + bytes(4096) + OS, ODD),
    "behind_line_breaks": (NIL + b"\n" * 64 + OS, ODD),
    "behind_a_mark_of_order": (b"\xef\xbb\xbf" + OS, ODD),
    "behind_two_line_breaks": (b"\n\n" + reduced("os", "system", proto=0), ODD),
    "cut_before_its_stop": (P4 + CALL, DANGER),
    "cut_in_a_text_after_the_call": (P4 + CALL + b"\x8c\xff", DANGER),
    "unknown_opcode_after_the_call": (P4 + CALL + b"\xfe\xfe", DANGER),
    "stack_empty_after_the_call": (P4 + CALL + b"000.", DANGER),
    "get_of_nothing_after_the_call": (P4 + CALL + b"h\x63.", DANGER),
    "extension_of_zero_after_the_call": (P4 + CALL + b"\x82\0.", DANGER),
    "buffer_nobody_sends": (P5 + b"\x97.", ODD),
    "buffer_made_read_only": (P5 + b"\x96" + EIGHT(4) + b"abcd\x98.", ANY),
    "twenty_tuples_deep": (P4 + CALL + b"\x85" * 20 + b".", DANGER),
    "call_returns_the_function": (P4 + called(called(g("builtins", "getattr"), g("builtins", "__import__"), text("__call__")), text("os")) + b".", DANGER),
    "calls_in_a_chain": (P4 + called(called(g("operator", "attrgetter"), text("system")), called(g("builtins", "__import__"), text("os"))) + b".", DANGER),
    "persistent_between": (P4 + CALL + b"0Pevil\n.", DANGER),
    "protocol_0_named_as_text": (b"cos\nsystem\n(S'" + COMMAND.encode() + b"'\ntR.", DANGER),
    "protocol_1_opcodes": (b"(U" + bytes([len(COMMAND)]) + COMMAND.encode() + b"ios\nsystem\n.", DANGER),
    "protocols_mixed": (b"\x80\x05cos\nsystem\n\x8c\x02id\x85R\x80\x02.", DANGER),
    "list_by_mark_of_a_call": (b"(" + CALL + b"l.", DANGER),
    "dictionary_by_mark_of_a_call": (b"(" + text("a") + CALL + b"d.", DANGER),
    "long_named_number_of_a_call": (P2 + b"L5L\n0" + CALL + b".", DANGER),
    "float_before_a_call": (b"Fnan\n0" + CALL + b".", DANGER),
    "number_with_a_zero_in_front": (b"I007\n.", ANY),
    "number_of_no_digits": (b"L\n.", ODD),
}  # fmt: skip
for _name, (_data, _codes) in STREAMS.items():
    file(f"stream7_{_name}", _data, _codes, "m.pkl")

OLD = "commands:getoutput urllib2:urlopen cPickle:loads copy_reg:_reconstructor __builtin__:reduce __builtin__:apply itertools:imap os:popen3 __builtin__:file __builtin__:execfile thread:start_new_thread __builtin__:input anydbm:open SimpleHTTPServer:test Tkinter:Tcl popen2:popen3"
for _entry in OLD.split():
    _module, _name = _entry.split(":")
    file(f"old7_{_entry.replace(':', '.')}", reduced(_module, _name, proto=2), UNKNOWN, "m.pkl")
NEW = """
builtins:anext builtins:aiter builtins:copyright.__call__ _sitebuiltins:_Printer _sitebuiltins:Quitter site:execsitecustomize site:main
importlib.util:spec_from_file_location importlib.resources:files importlib.metadata:EntryPoint.load zoneinfo:ZoneInfo.from_file
tomllib:load graphlib:TopologicalSorter asyncio.base_subprocess:BaseSubprocessTransport sched:scheduler code:InteractiveConsole
codeop:compile_command pstats:Stats cProfile:runctx fileinput:input optparse:OptionParser argparse:FileType argparse:ArgumentParser
multiprocessing.connection:Client socketserver:TCPServer ctypes.macholib.dyld:dyld_find pathlib:Path.read_text
numpy.lib.npyio:fromregex numpy.lib._utils_impl:_getmembers numpy.f2py.crackfortran:getlincoef numpy.ma.core:_MaskedBinaryOperation
numpy._core.multiarray:fromfile numpy.distutils.misc_util:exec_mod_from_location torch._dynamo.source:Source torch.fx._lazy_graph_module:_LazyGraphModule
torch._inductor.async_compile:AsyncCompile.wait torch.distributed._shard:load_with_process_group torch.utils.hipify.hipify_python:hipify
torch.utils.serialization.config:save torch.utils.cpp_extension:_import_module_from_library torch.serialization:_legacy_load
torch.jit._serialization:load sklearn.utils._set_output:available_if sklearn.datasets._openml:_load_arff_response
sklearn.externals._arff:load joblib.testing:subprocess joblib.externals.loky.process_executor:_process_worker scipy.io._mmio:mmread
pandas.io.sql:read_sql pandas.io.clipboard:_stringifyText transformers.utils.hub:cached_file accelerate.utils.other:load huggingface_hub:load_torch_model
""".split()
for _entry in NEW:
    _module, _name = _entry.split(":")
    file(f"call7_{_entry.replace(':', '.')}", reduced(_module, _name), UNKNOWN, "m.pkl")


def tensor(name: str = "w", count: int = 4, size: bytes = b"K\x04\x85", stride: bytes = b"K\x01\x85", more: bytes = b"") -> bytes:  # fmt: skip
    """Opcodes of one rebuilt tensor of the storage ``0``."""
    storage = (
        b"("
        + text("storage")
        + g("torch", "FloatStorage")
        + text("0")
        + text("cpu")
        + number(count)
        + b"tQ"
    )
    hooks = g("collections", "OrderedDict") + b")R"
    return called(
        g("torch._utils", "_rebuild_tensor_v2"), storage, b"K\0", size, stride, b"\x89", hooks, more
    )


def torch_of(body: bytes, **more: bytes) -> bytes:
    return torch_zip(P4 + b"}" + text("w") + body + b"s.", **{"m/data/0": bytes(16), **more})


T = tensor()
ARGUMENTS: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "ordered_with_options": (torch_of(g("collections", "OrderedDict") + b")}" + text("a") + CALL + b"s\x92"), DANGER),
    "ordered_of_pairs_with_a_call": (torch_of(called(g("collections", "OrderedDict"), b"]" + CALL + b"a")), DANGER),
    "list_of_a_call": (torch_of(called(g("builtins", "list"), CALL)), DANGER),
    "set_of_a_call": (torch_of(called(g("builtins", "set"), b"]" + CALL + b"a")), DANGER),
    "hooks_that_are_a_function": (torch_of(tensor(more=SYSTEM)), DANGER),
    "metadata_that_is_a_text": (torch_of(tensor(more=text("x"))), ODD),
    "two_more_arguments": (torch_of(tensor(more=b"NN")), ODD),
    "size_that_is_a_tensor": (torch_of(tensor(size=T)), ODD),
    "size_that_is_a_list": (torch_of(tensor(size=b"]K\x04a")), (0, 3, 4)),
    "size_of_truths": (torch_of(tensor(size=b"\x88\x85")), ANY),
    "size_of_a_fraction": (torch_of(tensor(size=b"G\x40\x10\0\0\0\0\0\0\x85")), ODD),
    "stride_of_zero_and_many": (torch_of(tensor(size=b"J\0\0\0\x40\x85", stride=b"K\0\x85")), ODD),
    "parameter_of_a_parameter_of_a_call": (torch_of(called(g("torch._utils", "_rebuild_parameter"), CALL, b"\x88", g("collections", "OrderedDict") + b")R")), DANGER),
    "parameter_with_a_state_of_a_class": (torch_of(called(g("torch._utils", "_rebuild_parameter_with_state"), T, b"\x88", g("collections", "OrderedDict") + b")R", b"}" + text("__class__") + g("torch.nn", "Module") + b"s")), UNKNOWN),
    "parameter_with_a_method": (torch_of(called(g("torch._utils", "_rebuild_parameter_with_state"), T, b"\x88", g("collections", "OrderedDict") + b")R", b"}" + text("register_hook") + SYSTEM + b"s")), DANGER),
    "parameter_with_a_state_of_text": (torch_of(called(g("torch._utils", "_rebuild_parameter_with_state"), T, b"\x88", g("collections", "OrderedDict") + b")R", b"}" + text("__reduce_ex__") + text("x") + b"s")), ODD),
    "type_that_is_no_tensor": (torch_of(called(g("torch._tensor", "_rebuild_from_type_v2"), g("torch._utils", "_rebuild_tensor_v2"), g("builtins", "object"), b")", b"}")), UNKNOWN),
    "type_by_a_function": (torch_of(called(g("torch._tensor", "_rebuild_from_type_v2"), SYSTEM, g("torch", "Tensor"), CMD + b"\x85", b"}")), DANGER),
    "quantised_by_no_scheme": (torch_of(called(g("torch._utils", "_rebuild_qtensor"), b"N", b"K\0", b")", b")", b"N", b"\x89", b"}")), ODD),
    "sparse_of_no_layout": (torch_of(called(g("torch._utils", "_rebuild_sparse_tensor"), text("evil"), b")")), ODD),
    "tensor_of_numpy_of_a_call": (torch_of(called(g("torch._utils", "_rebuild_device_tensor_from_numpy"), CALL, text("f4"), text("cpu"), b"\x89")), DANGER),
    "meta_tensor": (torch_of(called(g("torch._utils", "_rebuild_meta_tensor_no_storage"), text("f4"), b")", b")", b"\x89")), ODD),
    "nested_tensor": (torch_of(called(g("torch._utils", "_rebuild_nested_tensor"), T, T, T, T)), ODD),
    "tensor_of_no_backend": (torch_of(called(g("torch._utils", "_rebuild_xla_tensor"), text("x"), text("f4"), text("xla"), b"\x89")), ODD),
    "bytes_that_are_loaded": (torch_of(called(g("torch.storage", "_load_from_bytes"), b"C\x05\x80\x02N.0")), UNKNOWN),
    "device_of_a_path": (torch_of(called(g("torch", "device"), text("/dev/mem"))), ODD),
    "size_of_calls": (torch_of(called(g("torch", "Size"), b"]" + CALL + b"a")), DANGER),
    "state_put_on_a_size": (torch_of(called(g("torch", "Size"), b"]") + b"}" + text("a") + SYSTEM + b"sb"), DANGER),
    "state_put_on_a_type": (torch_of(g("torch", "float32") + b"}" + text("a") + b"Nsb"), ODD),
    "fraction_that_never_ends": (P4 + called(g("fractions", "Fraction"), text("1e999999999")) + b".", ODD),
    "pattern_that_never_ends": (P4 + called(g("re", "_compile"), text("((a{1,999}){1,999}){1,999}"), b"K\0") + b".", ODD),
    "number_of_a_text": (P4 + called(g("builtins", "int"), text("9" * 200)) + b".", ANY),
    "date_of_odd_bytes": (P4 + called(g("datetime", "datetime"), b"C\x0a" + b"\xff" * 10) + b".", ODD),
    "path_of_a_secret": (P4 + called(g("pathlib", "PosixPath"), text("/"), text("etc"), text("passwd")) + b".", ANY),
    "array_by_another_class": (P4 + called(g("numpy.core.multiarray", "_reconstruct"), g("numpy", "memmap"), b"K\0\x85", b"C\x01b") + b".", UNKNOWN),
    "array_by_a_masked_class": (P4 + called(g("numpy.ma.core", "_mareconstruct"), g("numpy.ma.core", "MaskedArray"), g("numpy", "ndarray"), b"K\0\x85", b"C\x01b") + b".", UNKNOWN),
    "type_of_fields_with_objects": (P4 + called(g("numpy", "dtype"), text("f4,O"), b"\x89", b"\x88") + b".", ODD),
    "type_of_a_call": (P4 + called(g("numpy", "dtype"), CALL) + b".", DANGER),
    "type_of_a_class": (P4 + called(g("numpy", "dtype"), g("subprocess", "Popen")) + b".", DANGER),
    "scalar_of_a_type_of_objects": (P4 + called(g("numpy.core.multiarray", "scalar"), called(g("numpy", "dtype"), text("O8"), b"\x89", b"\x88"), b"C\x08" + bytes(8)) + b".", ODD),
    "buffer_as_an_array": (P5 + called(g("numpy._core.numeric", "_frombuffer"), b"\x96" + EIGHT(8) + bytes(8), called(g("numpy", "dtype"), text("O8"), b"\x89", b"\x88"), b"K\x01\x85", text("C")) + b".", ODD),
    "buffer_of_another_length": (P5 + called(g("numpy._core.numeric", "_frombuffer"), b"\x96" + EIGHT(8) + bytes(8), called(g("numpy", "dtype"), text("f8"), b"\x89", b"\x88"), b"K\x09\x85", text("C")) + b".", ODD),
    "generator_by_a_call": (P4 + called(g("numpy.random._pickle", "__generator_ctor"), CALL) + b".", DANGER),
    "generator_of_a_name": (P4 + called(g("numpy.random._pickle", "__bit_generator_ctor"), text("os")) + b".", ODD),
}  # fmt: skip
for _name, (_data, _codes) in ARGUMENTS.items():
    file(f"argument7_{_name}", _data, _codes, "m.pt" if _data[:2] == b"PK" else "m.pkl")

LEGACY = torch_bytes(state(), _use_new_zipfile_serialization=False)
HEAD = pickle.dumps(0x1950A86A20F9469CFC6C, 2)
INFO = pickle.dumps({"protocol_version": 1001, "little_endian": True, "type_sizes": {}}, 2)
HONEST = torch_of(T)
FILES: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "legacy_gadget_as_the_version": (HEAD + OS + INFO + NIL + pickle.dumps([], 2), DANGER),
    "legacy_gadget_as_the_system": (HEAD + pickle.dumps(1001, 2) + OS + NIL + pickle.dumps([], 2), DANGER),
    "legacy_gadget_behind_its_storages": (LEGACY + OS, ODD),
    "legacy_zeros_behind_its_storages": (LEGACY + bytes(64), ODD),
    "legacy_count_of_a_terabyte": (LEGACY.replace(struct.pack("<q", 4096), struct.pack("<q", 2**40), 1), ODD),
    "legacy_count_below_zero": (LEGACY.replace(struct.pack("<q", 4096), struct.pack("<q", -1), 1), ODD),
    "legacy_of_another_version": (HEAD + pickle.dumps(1002, 2) + INFO + NIL + pickle.dumps([], 2), ODD),
    "legacy_of_big_ends": (HEAD + pickle.dumps(1001, 2) + pickle.dumps({"protocol_version": 1001, "little_endian": False, "type_sizes": {}}, 2) + NIL + pickle.dumps([], 2), ODD),
    "legacy_twice": (LEGACY + LEGACY, ODD),
    "legacy_system_of_a_class": (HEAD + pickle.dumps(1001, 2) + P2 + b"}" + text("x") + g("evil", "C") + b"s." + NIL + pickle.dumps([], 2), UNKNOWN),
    "legacy_with_a_view_outside": (_legacy(P2 + b"(" + text("storage") + g("torch", "FloatStorage") + text("0") + text("cpu") + number(4) + b"(" + text("1") + number(9) + number(9) + b"ttQ."), ODD),
    "constants_beside_a_state": (torch_of(T, **{"m/constants.pkl": OS}), DANGER),
    "code_beside_a_state": (torch_of(T, **{"m/code/__torch__.py": b"import os\n", "m/constants.pkl": NIL}), ODD),
    "version_that_is_a_gadget": (zipped({"m/data.pkl": NIL, "m/version": OS}), ODD),
    "order_that_is_a_gadget": (torch_of(T, **{"m/byteorder": OS}), ODD),
    "storage_that_is_a_gadget": (torch_of(T, **{"m/data/0": OS}), ODD),
    "storage_nobody_asks_for": (torch_of(T, **{"m/data/9": bytes(64)}), ODD),
    "pickle_in_another_case": (torch_of(T, **{"m/Data.pkl": OS}), DANGER),
    "pickle_by_a_backslash": (torch_of(T, **{"m\\data.pkl": OS}), DANGER),
    "pickle_by_two_strokes": (torch_of(T, **{"m//data.pkl": OS}), DANGER),
    "root_of_nothing": (zipped({"data.pkl": OS, "version": b"3\n"}), DANGER),
    "root_of_dots": (zipped({"./data.pkl": OS, "./version": b"3\n"}), DANGER),
    "attributes_in_the_archive": (torch_of(T, **{"m/attributes.pkl": OS}), DANGER),
    "module_by_pickle": (torch_zip(P4 + g("torch.nn.modules.linear", "Linear") + b")\x81}" + text("forward") + SYSTEM + b"sb."), DANGER),
    "module_of_a_list": (torch_zip(P4 + g("torch.nn.modules.container", "Sequential") + b")\x81}" + text("_forward_hooks") + b"}K\0" + SYSTEM + b"ssb."), DANGER),
}  # fmt: skip
for _name, (_data, _codes) in FILES.items():
    file(f"torch7_{_name}", _data, _codes, "m.pt")


def _mixed() -> bytes:
    return _joblib({"a": np.arange(6.0), "b": _Bomb(), "c": np.arange(3)})


def _wrapper(**more: bytes) -> bytes:
    """joblib's array of six numbers, its fields changed."""
    fields = {"subclass": g("numpy", "ndarray"), "shape": b"K\x06\x85", "order": text("C"), "dtype": called(g("numpy", "dtype"), text("f8"), b"\x89", b"\x88") + b"(K\x03" + text("<") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb", "allow_mmap": b"\x89", "numpy_array_alignment_bytes": b"K\x10"} | more  # fmt: skip
    state = b"}" + b"".join(text(k) + v + b"s" for k, v in fields.items())
    return P4 + g("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81" + state + b"b"


PAD = b"\x08" + b"\xff" * 8
DATA = np.arange(6.0).tobytes()
OLD_ZF = b"ZF" + hex(len(OS)).encode().ljust(19) + zlib.compress(OS)
JOBLIB: dict[str, tuple[Any, tuple[int, ...]]] = {
    "gadget_between_arrays": (_mixed, DANGER),
    "gadget_between_arrays_packed": (lambda: _joblib({"a": np.arange(6.0), "b": _Bomb()}, ("bz2", 3)), DANGER),
    "oldest_packing": (OLD_ZF, UNKNOWN),
    "class_that_is_called": (_wrapper(subclass=SYSTEM) + PAD + DATA + b".", DANGER),
    "class_of_memory": (_wrapper(subclass=g("numpy", "memmap")) + PAD + DATA + b".", ODD),
    "order_of_a_call": (_wrapper(order=CALL) + PAD + DATA + b".", DANGER),
    "order_of_nothing": (_wrapper(order=b"N") + PAD + DATA + b".", ODD),
    "shape_below_zero": (_wrapper(shape=b"J\xff\xff\xff\xff\x85") + PAD + DATA + b".", ODD),
    "shape_of_a_terabyte": (_wrapper(shape=b"\x8a\x06\0\0\0\0\0\x01\x85") + PAD + DATA + b".", ODD),
    "alignment_of_a_thousand": (_wrapper(numpy_array_alignment_bytes=b"M\xe8\x03") + b"\xff" * 255 + DATA + b".", ODD),
    "padding_that_is_a_gadget": (_wrapper(numpy_array_alignment_bytes=b"K\x80") + bytes([len(OS)]) + OS + DATA + b".", ODD),
    "array_that_ends_early": (_wrapper() + PAD + DATA[:20], ODD),
    "gadget_behind_the_array": (_wrapper() + PAD + DATA + b"0" + CALL + b".", DANGER),
    "numbers_that_are_a_gadget": (_wrapper(shape=b"K\x08\x85") + PAD + (OS * 3)[:64].ljust(64, b".") + b".", ODD),
    "type_of_objects": (_wrapper(dtype=called(g("numpy", "dtype"), text("O8"), b"\x89", b"\x88")) + OS + b".", DANGER),
    "array_in_a_file_elsewhere": (P4 + g("joblib.numpy_pickle_compat", "ZNDArrayWrapper") + b")\x81}" + text("filename") + text("/etc/passwd") + b"s" + text("init_args") + SYSTEM + b"s" + text("state") + b"}sb.", DANGER),
    "name_of_a_sibling": (P4 + g("joblib.numpy_pickle", "NDArrayWrapper") + b")\x81}" + text("filename") + text("../x.npy") + b"s" + text("subclass") + g("numpy", "ndarray") + b"sb.", ODD),
}  # fmt: skip
for _name, (_make, _codes) in JOBLIB.items():
    file(f"joblib7_{_name}", _make, _codes, "m.joblib")

ARRAYS: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "objects_by_two": (npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", OS, b"\x02\x00"), ODD),
    "objects_in_a_subarray": (npy("{'descr': ('|O', (2,)), 'fortran_order': False, 'shape': (1,), }", OS), UNKNOWN),
    "objects_in_an_aligned_field": (npy("{'descr': [('a', '<f4'), ('b', '|O8')], 'fortran_order': False, 'shape': (1,), }", OS), DANGER),
    "subarray_of_a_terabyte": (npy("{'descr': ('<f4', (1099511627776,)), 'fortran_order': False, 'shape': (0,), }"), ODD),
    "product_that_wraps": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }"), ODD),
    "call_in_the_shape": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (__import__('os').system('id'),), }"), ODD),
    "shape_computed": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2*2,), }", bytes(16)), ODD),
    "order_of_a_text": (npy("{'descr': '<f4', 'fortran_order': 'False', 'shape': (4,), }", bytes(16)), ODD),
    "a_key_more": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), 'x': 1, }", bytes(16)), ODD),
    "a_gadget_behind": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", bytes(16) + OS), ODD),
    "a_void_of_a_gadget": (npy("{'descr': '|V40', 'fortran_order': False, 'shape': (1,), }", OS.ljust(40, b"\0")[:40]), ODD),
    "archive_with_a_bare_pickle": (zipped({"a.npy": OS}), DANGER),
    "archive_with_a_hidden_member": (zipped({"a.npy": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", bytes(16)), ".b": OS}), DANGER),
    "archive_with_a_twin_without_ending": (zipped({"a.npy": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", bytes(16)), "a": OS}), DANGER),
    "archive_of_objects": (zipped({"a.npy": npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", OS)}), DANGER),
}  # fmt: skip
for _name, (_data, _codes) in ARRAYS.items():
    file(f"array7_{_name}", _data, _codes, "m.npz" if _data[:2] == b"PK" else "m.npy")
_ = HONEST
