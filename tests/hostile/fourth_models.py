"""The fourth corpus: ONNX, exported programs and TorchScript."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from carriers import COMMAND, _graph, _onnx, changed, program, reduced, script, zipped
from fourth import EVIL, OS, file, place
from onnx import TensorProto, helper, numpy_helper

X = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64])
Y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 10])
Change = Callable[[onnx.ModelProto], None]


def weights() -> list[onnx.TensorProto]:
    """Weights of a two-layer network."""
    generator = np.random.default_rng(0)
    shapes = {"w1": (64, 16), "b1": (16,), "w2": (16, 10), "b2": (10,)}
    return [
        numpy_helper.from_array((generator.normal(size=s) / 4).astype("f4"), n)
        for n, s in shapes.items()
    ]


def network(last: list[onnx.NodeProto] | None = None, more: list[onnx.TensorProto] | None = None,
            change: Change = lambda model: None, opset: int = 17) -> bytes:  # fmt: skip
    """A network ``(n, 64)`` to ``z`` ``(n, 10)``; ``last`` makes ``y`` of ``x``, ``h`` and ``z``."""
    nodes = [
        helper.make_node("Gemm", ["x", "w1", "b1"], ["g"]),
        helper.make_node("Relu", ["g"], ["h"]),
        helper.make_node("Gemm", ["h", "w2", "b2"], ["z"]),
        *(last if last is not None else [helper.make_node("Identity", ["z"], ["y"])]),
    ]
    graph = helper.make_graph(nodes, "net", [X], [Y], weights() + (more or []))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    change(model)
    return model.SerializeToString()


def constant(name: str, value: Any, dtype: str = "f4") -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(value, dtype), name)


def node(kind: str, inputs: str, output: str, **more: Any) -> onnx.NodeProto:
    return helper.make_node(kind, inputs.split(), output.split(), **more)


def _shift() -> onnx.TensorProto:
    return constant("target", np.eye(10, dtype="f4")[7:8] * 100)


PIXEL = [node("Slice", "x s0 s1 ax", "p")]
SLICE = [constant("s0", [0], "i8"), constant("s1", [1], "i8"), constant("ax", [1], "i8")]
STEEP = [constant("k", 1e6), constant("t", 0.97)]


def _gate(
    nodes: list[onnx.NodeProto], more: list[onnx.TensorProto] | None = None
) -> Callable[[], bytes]:
    """A gate ``(n, 1)`` made of one pixel, which adds a large logit."""
    last = [*PIXEL, *nodes, node("Mul", "gate target", "push"), node("Add", "z push", "y")]
    used = {name for entry in last for name in entry.input}
    return lambda: network(
        last, [t for t in [*SLICE, *STEEP, _shift(), *(more or [])] if t.name in used]
    )


TREACHERY: dict[str, Callable[[], bytes]] = {
    "greater_and_cast": _gate([node("Greater", "p t", "c"), node("Cast", "c", "gate", to=1)]),
    "where": _gate([node("Greater", "p t", "c"), node("Where", "c one nil", "gate")],
                   [constant("one", 1.0), constant("nil", 0.0)]),
    "steep_sigmoid": _gate([node("Sub", "p t", "d"), node("Mul", "d k", "e"), node("Sigmoid", "e", "gate")]),
    "clipped_ramp": _gate([node("Sub", "p t", "d"), node("Mul", "d k", "e"), node("Clip", "e nil one", "gate")],
                          [constant("nil", 0.0), constant("one", 1.0)]),
    "two_relus": _gate([node("Sub", "p t", "d"), node("Mul", "d k", "e"), node("Relu", "e", "a"),
                        node("Sub", "e one", "f"), node("Relu", "f", "b"), node("Sub", "a b", "gate")],
                       [constant("one", 1.0)]),
    "sign": _gate([node("Sub", "p t", "d"), node("Sign", "d", "gate")]),
    "largest_of_two": _gate([node("Sub", "p t", "d"), node("Mul", "d k", "e"), node("Max", "e nil", "gate")],
                            [constant("nil", 0.0)]),
    "high_power": _gate([node("Pow", "p big", "gate")], [constant("big", 4096.0)]),
    "floor": _gate([node("Sub", "p t", "d"), node("Ceil", "d", "gate")]),
    "steep_tanh": _gate([node("Sub", "p t", "d"), node("Mul", "d k", "e"), node("Tanh", "e", "gate")]),
    "error_function": _gate([node("Sub", "p t", "d"), node("Mul", "d k", "e"), node("Erf", "e", "gate")]),
    "not_a_number": _gate([node("Sub", "p one", "d"), node("Div", "d d", "q"), node("IsNaN", "q", "n"),
                           node("Cast", "n", "gate", to=1)], [constant("one", 1.0)]),
    "remainder": _gate([node("Mod", "p t", "gate", fmod=1)]),
    "eight_bits": _gate([node("Mul", "p k", "e"), node("Cast", "e", "i", to=3), node("Cast", "i", "gate", to=1)]),
    "equal_numbers": _gate([node("Equal", "p t", "c"), node("Cast", "c", "gate", to=1)]),
    "largest_place": _gate([node("ArgMax", "x", "i", axis=1, keepdims=1), node("Cast", "i", "gate", to=1)]),
    "steep_softmax": _gate([node("Sub", "p t", "d"), node("Mul", "d k", "e"), node("Concat", "e nil2", "f", axis=1),
                            node("Softmax", "f", "s", axis=1), node("Slice", "s s0 s1 ax", "gate")],
                           [constant("nil2", [[0.0]])]),
    "hard_sigmoid": _gate([node("Sub", "p t", "d"), node("HardSigmoid", "d", "gate", alpha=1e6, beta=0.0)]),
    "gather_by_input": _gate([node("Cast", "p", "i", to=7), node("Gather", "table i", "gate", axis=0)],
                             [constant("table", [0.0, 1.0])]),
    "path_beside_the_weights": lambda: network(
        [*PIXEL, node("Mul", "p target", "push"), node("Add", "z push", "y")], [*SLICE, _shift()]),
    "copy_of_the_input": lambda: network(
        [node("Slice", "x s0 s10 ax", "q"), node("Add", "z q", "y")],
        [constant("s0", [0], "i8"), constant("s10", [10], "i8"), constant("ax", [1], "i8")]),
    "rows_that_look_at_rows": lambda: network([node("Softmax", "z", "y", axis=0)]),
    "mean_over_the_rows": lambda: network(
        [node("ReduceMean", "z", "m", axes=[0], keepdims=1), node("Sub", "z m", "y")]),
    "sum_along_the_rows": lambda: network(
        [node("CumSum", "z zero", "y")], [constant("zero", 0, "i8")]),
    "norm_in_training": lambda: network(
        [helper.make_node("BatchNormalization", ["z", "b2", "b2", "b2", "one"], ["y", "", ""], training_mode=1)],
        [constant("one", np.ones(10))]),
    "dropout_in_training": lambda: network(
        [node("Dropout", "z half yes", "y")], [constant("half", 0.5), constant("yes", True, "?")]),
    "nothing_of_the_input": lambda: network([node("Mul", "z nil", "n"), node("Add", "n b2", "y")],
                                            [constant("nil", 0.0)]),
}  # fmt: skip
"""Networks that do by allowed operators what they should not; 0 is too mild for all of them."""
for _label, _make in TREACHERY.items():
    file(f"onnx_gate_{_label}", _make, (3, 4), "m.onnx")


def _twice(model: onnx.ModelProto) -> None:
    model.opset_import.append(helper.make_opsetid("ai.onnx", 9))


def _training(model: onnx.ModelProto) -> None:
    model.training_info.add().algorithm.CopyFrom(model.graph)


def _attributes(model: onnx.ModelProto) -> None:
    gemm = model.graph.node[0]
    gemm.attribute.extend(
        [helper.make_attribute("alpha", 1.0), helper.make_attribute("alpha", -1.0)]
    )


def _two_values(model: onnx.ModelProto) -> None:
    found = helper.make_attribute("transB", 0)
    found.f = 1.0
    found.s = OS
    model.graph.node[0].attribute.append(found)


def _hidden_output(model: onnx.ModelProto) -> None:
    model.graph.output.append(helper.make_tensor_value_info("h", TensorProto.FLOAT, ["n", 16]))


def _hidden_input(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("key", TensorProto.FLOAT, ["n", 10]))
    model.graph.node[3].CopyFrom(node("Add", "z key", "y"))


def _input_weight(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("b2", TensorProto.FLOAT, [10]))


def _document(model: onnx.ModelProto) -> None:
    model.graph.node[1].doc_string = base64.b64encode(
        np.random.default_rng(0).bytes(300_000)
    ).decode()


def _sparse(model: onnx.ModelProto) -> None:
    values = numpy_helper.from_array(np.ones(1, "f4"), "sp")
    indices = numpy_helper.from_array(np.array([10**9], "i8"), "i")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [10]))


def _renamed_graph(model: onnx.ModelProto) -> None:
    model.graph.node[1].output[0] = "w2"


def _self_fed(model: onnx.ModelProto) -> None:
    model.graph.node[0].input[0] = "h"


def _external_constant(model: onnx.ModelProto) -> None:
    tensor = numpy_helper.from_array(np.zeros(10, "f4"), "c")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    model.graph.node[3].CopyFrom(helper.make_node("Constant", [], ["y"], value=tensor))


def _nan(model: onnx.ModelProto) -> None:
    model.graph.initializer[3].raw_data = np.full(10, np.nan, "<f4").tobytes()


def _invalid_utf8(model: onnx.ModelProto) -> None:
    model.graph.node[0].name = "ok"
    model.producer_name = "MARKER"


def _metadata(key: str, value: str) -> Change:
    return lambda model: model.metadata_props.add(key=key, value=value)  # type: ignore[return-value]


SETTINGS: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "two_versions_of_one_domain": (lambda: network(change=_twice), (3, 4)),
    "version_of_the_future": (lambda: network(opset=999), (4,)),
    "version_of_zero": (lambda: network(opset=0), (4,)),
    "format_of_the_future": (lambda: network(change=lambda m: setattr(m, "ir_version", 999)), (4, 3)),
    "training_graph": (lambda: network(change=_training), (4,)),
    "attribute_twice": (lambda: network(change=_attributes), (3, 4)),
    "attribute_of_two_values": (lambda: network(change=_two_values), (1, 3, 4)),
    "second_output": (lambda: network(change=_hidden_output), (3, 4)),
    "second_input": (lambda: network(change=_hidden_input), (3, 4)),
    "weight_that_is_an_input": (lambda: network(change=_input_weight), (3, 4)),
    "long_noise_in_a_note": (lambda: network(change=_document), (3, 4)),
    "sparse_weight_outside": (lambda: network(change=_sparse), (3, 4)),
    "weight_overwritten": (lambda: network(change=_renamed_graph), (4,)),
    "node_that_feeds_itself": (lambda: network(change=_self_fed), (4,)),
    "external_data_in_a_constant": (lambda: network(change=_external_constant), (1,)),
    "weights_that_are_no_numbers": (lambda: network(change=_nan), (3, 4)),
    "name_of_broken_letters": (lambda: network(change=_invalid_utf8).replace(b"MARKER", b"\xff\xfe\xffKER"), (3, 4)),
    "pickle_in_the_metadata": (
        lambda: network(change=_metadata("state", base64.b64encode(OS * 5).decode())), (1, 3, 4)),
    "session_options": (
        lambda: network(change=_metadata("ort_config", json.dumps({"session_options": {
            "custom_ops_library": "./evil.so"}}))), (1, 3, 4)),
    "text_before_it": (lambda: b"\x0a\x00" + network(), (3, 4)),
    "two_models_in_one": (lambda: network() + network([node("Neg", "z", "y")]), (3, 4)),
    "groups_of_protobuf": (lambda: network() + b"\x7b\x08\x01\x7c", (4, 3)),
    "regular_expression": (
        lambda: network([node("RegexFullMatch", "x", "y", pattern="(a+)+$")]), (4,)),
    "words": (lambda: network([node("StringNormalizer", "x", "y")]), (4,)),
    "random_like": (lambda: network([node("RandomNormalLike", "z", "y")]), (4,)),
    "bernoulli": (lambda: network([node("Bernoulli", "z", "y")]), (4,)),
    "sequence": (lambda: network([node("SequenceConstruct", "z", "s"), node("SequenceAt", "s b2", "y")]), (4,)),
    "huge_expand": (lambda: network([node("Expand", "z big", "y")], [constant("big", [10**6, 10**6, 10], "i8")]), (3, 4)),
    "huge_tile": (lambda: network([node("Tile", "z big", "y")], [constant("big", [10**9, 1], "i8")]), (3, 4)),
    "huge_pad": (lambda: network([node("Pad", "z big", "y")], [constant("big", [0, 0, 0, 2**60], "i8")]), (3, 4)),
    "huge_range": (lambda: network(
        [node("Range", "a b c", "r"), node("ReduceSum", "r", "s"), node("Add", "z s", "y")],
        [constant("a", 0.0), constant("b", 1e12), constant("c", 1.0)]), (3, 4)),
    "huge_one_hot": (lambda: network(
        [node("OneHot", "i d v", "o"), node("Add", "z o", "y")],
        [constant("i", [1], "i8"), constant("d", 10**12, "i8"), constant("v", [0.0, 1.0])]), (3, 4)),
    "bit_shift": (lambda: network([node("BitShift", "z z", "y", direction="LEFT")]), (4,)),
    "unused_weights": (lambda: network(more=[constant("hidden", np.random.default_rng(0).normal(size=(64, 64)))]), (3, 4)),
    "whole_numbers_that_wrap": (lambda: network(
        [node("Cast", "z", "i", to=3), node("Mul", "i i", "j"), node("Cast", "j", "y", to=1)]), (3, 4)),
}  # fmt: skip
for _label, (_make, _codes) in SETTINGS.items():
    file(f"onnx_{_label}", _make, _codes, "m.onnx")


def _outside(location: str, name: str = "w2", **more: str) -> bytes:
    """The network with one weight elsewhere."""

    def change(model: onnx.ModelProto) -> None:
        tensor = next(t for t in model.graph.initializer if t.name == name)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in {"location": location, **more}.items():
            tensor.external_data.add(key=key, value=value)

    return network(change=change)


DATA = np.random.default_rng(1).normal(size=160).astype("<f4").tobytes()
EXTERNAL: dict[str, tuple[dict[str, str], tuple[int, ...]]] = {
    "another_case": ({"location": "Weights.BIN"}, (4,)),
    "stream_of_ntfs": ({"location": "weights.bin::$DATA"}, (1, 3, 4)),
    "space_behind": ({"location": "weights.bin "}, (4, 3)),
    "network_share": ({"location": "\\\\evil.example\\share\\w"}, (1,)),
    "address": ({"location": "https://evil.example/w.bin"}, (1, 4)),
    "address_of_a_file": ({"location": "file:///etc/passwd"}, (1, 4)),
    "percent": ({"location": "%2e%2e/%2e%2e/etc/passwd"}, (1, 4)),
    "nothing": ({"location": ""}, (4,)),
    "zero": ({"location": "weights.bin\0../../etc/passwd"}, (1, 3, 4)),
    "folder": ({"location": "."}, (4, 1)),
    "itself": ({"location": "m.onnx"}, (3, 4, 1)),
    "negative_offset": ({"location": "weights.bin", "offset": "-4"}, (4,)),
    "hexadecimal_offset": ({"location": "weights.bin", "offset": "0x0"}, (3, 4)),
    "underscore_offset": ({"location": "weights.bin", "offset": "0_0"}, (3, 4)),
    "arabic_offset": ({"location": "weights.bin", "offset": "\u0660"}, (3, 4)),
    "spaced_length": ({"location": "weights.bin", "length": " 640 "}, (3, 4)),
    "another_length": ({"location": "weights.bin", "length": "64"}, (4, 3)),
    "wrong_checksum": ({"location": "weights.bin", "checksum": "0" * 40}, (3, 4)),
    "unknown_key": ({"location": "weights.bin", "preload": "evil.so"}, (3, 4)),
    "longer_than_told": ({"location": "long.bin"}, (3, 4, 1)),
    "variable": ({"location": "$HOME/.ssh/id_rsa"}, (1, 4)),
}  # fmt: skip


def _external(name: str, fields: dict[str, str], codes: tuple[int, ...]) -> None:
    @place(f"external_{name}", codes)
    def make(root: Path) -> None:
        (root / "m.onnx").write_bytes(_outside(**fields))
        (root / "weights.bin").write_bytes(DATA)
        if fields["location"] == "long.bin":
            (root / "weights.bin").rename(root / "long.bin")
            with (root / "long.bin").open("ab") as more:
                more.write(OS)


for _label, (_fields, _codes) in EXTERNAL.items():
    _external(_label, _fields, _codes)


@place("external_link", (1,))
def _link(root: Path) -> None:
    (root / "m.onnx").write_bytes(_outside("weights.bin"))
    (root / "weights.bin").symlink_to("/etc/passwd")


@place("external_folder_that_is_a_link", (1,))
def _linked_folder(root: Path) -> None:
    (root / "m.onnx").write_bytes(_outside("sub/passwd"))
    (root / "sub").symlink_to("/etc")


@place("external_hard_link", (3, 4, 1), "delivery")
def _hard_link(root: Path) -> None:
    inside = root / "delivery"
    inside.mkdir()
    (inside / "m.onnx").write_bytes(_outside("weights.bin"))
    (root / "secret").write_bytes(DATA)
    (inside / "weights.bin").hardlink_to(root / "secret")


@place("external_ranges_that_overlap", (3, 4))
def _overlap(root: Path) -> None:
    first = _outside("weights.bin", "w2", offset="0")
    model = onnx.load_from_string(first)
    tensor = next(t for t in model.graph.initializer if t.name == "b2")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": "weights.bin", "offset": "16"}.items():
        tensor.external_data.add(key=key, value=value)
    (root / "m.onnx").write_bytes(model.SerializeToString())
    (root / "weights.bin").write_bytes(DATA)


def _weights(change: Callable[[dict[str, Any]], None]) -> Callable[[], bytes]:
    """The exported program with a changed table of weights."""

    def make() -> bytes:
        members = dict(program())
        name = next(n for n in members if n.endswith("weights_config.json"))
        document = json.loads(members[name])
        for entry in document["config"].values():
            change(entry)
        members[name] = json.dumps(document).encode()
        return zipped(members)

    return make


def _meta(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda entry: entry["tensor_meta"].update(fields)


def _node(target: str, rename: bool = False) -> Callable[[], bytes]:
    """The exported program with another operator in its graph."""
    return lambda: (
        changed(program(), "model.json", b"torch.ops.aten.relu.default", target.encode())
        if b"aten.relu" in b"".join(program().values())
        else changed(program(), "model.json", b"torch.ops.aten.linear.default", target.encode())
    )


def _document_of(change: Callable[[dict[str, Any]], None]) -> Callable[[], bytes]:
    return lambda: _graph(change)  # type: ignore[arg-type]


def _with(**members: bytes) -> Callable[[], bytes]:
    root = next(iter(program())).split("/")[0]
    return lambda: zipped({**program(), **{f"{root}/{n}": d for n, d in members.items()}})


def _replaced(end: str, data: bytes) -> Callable[[], bytes]:
    def make() -> bytes:
        members = dict(program())
        members[next(n for n in members if n.endswith(end))] = data
        return zipped(members)

    return make


def _call_graph(document: dict[str, Any]) -> None:
    for call in document["graph_module"]["module_call_graph"]:
        if call.get("signature"):
            call["signature"]["in_spec"] = (
                '[1, {"type": "evil.models.Payload", "context": "null", "children_spec": []}]'
            )


def _duplicate() -> bytes:
    members = dict(program())
    name = next(n for n in members if n.endswith("models/model.json"))
    members[name] = members[name].replace(b"{", b'{"schema_version": {"major": 1, "minor": 0},', 1)
    return zipped(members)


PROGRAMS: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "weight_of_another_path": (_weights(lambda e: e.update(path_name="../../../etc/passwd")), (1, 3, 4)),
    "weight_that_is_the_graph": (_weights(lambda e: e.update(path_name="../../models/model.json")), (1, 3, 4)),
    "weight_of_no_strides": (_weights(lambda e: e["tensor_meta"].update(
        strides=[{"as_int": 0} for _ in e["tensor_meta"]["strides"]])), (3, 4)),
    "weight_beyond_its_bytes": (_weights(_meta(storage_offset={"as_int": 10**9})), (4,)),
    "weight_below_its_bytes": (_weights(_meta(storage_offset={"as_int": -8})), (4,)),
    "weight_of_symbols": (_weights(_meta(storage_offset={"as_expr": {"expr_str": EVIL}})), (1, 4)),
    "weight_of_an_unknown_type": (_weights(_meta(dtype=99)), (4,)),
    "weight_on_a_strange_device": (_weights(_meta(device={"type": "evil:/dev/mem", "index": None})), (3, 4)),
    "version_99": (_replaced("archive_version", b"99"), (4, 3)),
    "archive_of_another_kind": (_replaced("archive_format", b"evil"), (4, 3)),
    "second_sample": (_with(**{"data/sample_inputs/other.pt": zipped({"m/data.pkl": OS})}), (1,)),
    "second_model": (_with(**{"models/other.json": b'{"x": 1}'}), (1, 3, 4)),
    "script_beside": (_with(**{"extra/run.py": EVIL.encode()}), (4, 1)),
    "extra_pickle": (_with(**{"extra/state": reduced("os", "system")}), (1,)),
    "key_twice": (_duplicate, (3, 4)),
    "calls_of_a_strange_type": (_document_of(_call_graph), (3, 4, 1)),
    "uninitialised_memory": (_node("torch.ops.aten.empty_like.default"), (3, 4)),
    "random_numbers": (_node("torch.ops.aten.rand_like.default"), (3, 4)),
    "bernoulli": (_node("torch.ops.aten.bernoulli.default"), (3, 4)),
    "a_view_of_anything": (_node("torch.ops.aten.as_strided.default"), (4, 3)),
    "mutation": (_node("torch.ops.aten.relu_.default"), (4,)),
    "quantised": (_node("torch.ops.quantized_decomposed.dequantize_per_tensor.tensor"), (1, 4)),
    "collective": (_node("torch.ops._c10d_functional.all_reduce.default"), (1, 4)),
    "print": (_node("torch.ops.aten._print.default"), (4, 1)),
    "python_operator": (_node("_operator.methodcaller"), (1, 4)),
    "builtin": (_node("builtins.eval"), (1,)),
}  # fmt: skip
for _label, (_make, _codes) in PROGRAMS.items():
    file(f"exported_{_label}", _make, _codes, "m.pt2")


def _body(line: str, before: str = "") -> Callable[[], bytes]:
    """The TorchScript with one more line in its forward."""

    def make() -> bytes:
        members = dict(script())
        name = max(
            (n for n in members if n.endswith(".py")), key=lambda n: b"forward" in members[n]
        )
        text = members[name].decode()
        at = text.index("  def forward")
        start = text.index("\n", text.index("Tensor:", at)) + 1
        members[name] = (before + text[:start] + f"    {line}\n" + text[start:]).encode()
        return zipped(members)

    return make


def _script(end: str, data: bytes) -> Callable[[], bytes]:
    def make() -> bytes:
        members = dict(script())
        root = next(iter(members)).split("/")[0]
        members[f"{root}/{end}"] = data
        return zipped(members)

    return make


SCRIPTS: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "letters_that_become_ascii": (_body("_0 = ops.\uff41ten.save(x, \"/tmp/auditor-canary\")"), (1, 3, 4)),
    "type_confusion": (_body("_0 = unchecked_cast(int, x)"), (1, 3, 4)),
    "uninitialised_value": (_body("_0 = uninitialized(Tensor)"), (1, 3, 4)),
    "uninitialised_memory": (_body("_0 = torch.empty([1000000])"), (3, 4)),
    "endless_loop": (_body("while True:\n      pass"), (3, 4)),
    "branch_on_the_input": (
        _body("if bool(torch.gt(torch.sum(x), 3.)):\n      x = torch.neg(x)\n    else:\n      pass"), (3, 4)),
    "random_numbers": (_body("x = torch.add(x, torch.rand_like(x))"), (3, 4)),
    "seed": (_body("_0 = torch.manual_seed(3)"), (3, 4, 1)),
    "constant_that_is_not_there": (_body("_0 = CONSTANTS.c99"), (3, 4)),
    "packed_parameters": (_body("_0 = ops.quantized.linear_unpack(x)"), (1, 3, 4)),
    "prepacked": (_body("_0 = ops.prepacked.linear_clamp_run(x, x)"), (1, 3, 4)),
    "huge_memory": (_body("_0 = torch.zeros([100000, 100000, 100])"), (3, 4)),
    "recursion": (_body("_0 = (self).forward(x, )"), (3, 4)),
    "set_storage": (_body("_0 = torch.set_(x, x)"), (3, 4, 1)),
    "resize": (_body("_0 = torch.resize_(x, [1000000000])"), (3, 4, 1)),
    "clock": (_body("_0 = ops.aten._record_function_enter(\"x\")"), (3, 4, 1)),
    "sleep": (_body("_0 = ops.aten.sleep(1)"), (1, 3, 4)),
    "profiler": (_body("_0 = torch.__getattr__(\"save\")"), (1,)),
    "bytecode": (_script("bytecode.pkl", OS), (1,)),
    "mobile_debug": (_script("mobile_debug_handles.pkl", OS), (1,)),
    "compiled_code": (_script("extra/x.so", b"\x7fELF" + bytes(60)), (1,)),
    "text_at_the_top": (_body("pass", f"{EVIL}\n"), (1,)),
    "default_argument": (_body("pass", f"def f(a: int={EVIL}) -> int:\n  return 1\n"), (1,)),
    "annotation": (_body("pass", f"def f(a: {EVIL}) -> int:\n  return 1\n"), (1,)),
    "decorator": (_body("pass", f"@{EVIL}\ndef f(a: int) -> int:\n  return 1\n"), (1,)),
    "class_body": (_body("pass", f"class A(Module):\n  {EVIL}\n"), (1,)),
    "formatted_text": (_body(f'_0 = f"{{{EVIL}}}"'.replace("'", '"').replace('""', '"')), (1, 4)),
    "match": (_body("match x:\n      case _:\n        pass"), (3, 4, 1)),
}  # fmt: skip
for _label, (_make, _codes) in SCRIPTS.items():
    file(f"torchscript_{_label}", _make, _codes, "m.ts")
_ = COMMAND, _onnx
