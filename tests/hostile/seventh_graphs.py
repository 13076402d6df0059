"""The seventh corpus: ONNX, exported programs and TorchScript."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from carriers import COMMAND, _graph, changed, program, script, zipped
from fifth_models import exported, scripted
from fourth import EVIL, OS
from fourth_models import SLICE, _body, _gate, _shift, constant, network, node
from onnx import TensorProto, helper
from seventh import ANY, DANGER, ODD, UNKNOWN, file, place
from torch import nn

D = [node("Sub", "p t", "d")]
DK = [*D, node("Mul", "d k", "e")]
NIL, ONE = constant("nil", 0.0), constant("one", 1.0)
COLUMN = constant("col", [[0.0]])
HALF = constant("half", 0.5)


def whole(name: str, *values: int) -> onnx.TensorProto:
    return constant(name, list(values), "i8")


GATES: dict[str, Callable[[], bytes]] = {
    "largest_of_the_picture": _gate([node("ReduceMax", "x", "m", axes=[1], keepdims=1), node("Sub", "m t", "d"), node("Mul", "d k", "e"), node("Relu", "e", "gate")]),
    "smallest_of_the_picture": _gate([node("ReduceMin", "x", "m", axes=[1], keepdims=1), node("Greater", "m t", "c"), node("Cast", "c", "gate", to=1)]),
    "product_of_the_picture": _gate([node("ReduceProd", "x", "m", axes=[1], keepdims=1), node("Mul", "m k", "gate")]),
    "sum_of_squares": _gate([node("ReduceSumSquare", "x", "m", axes=[1], keepdims=1), node("Sub", "m t", "d"), node("Mul", "d k", "e"), node("Sigmoid", "e", "gate")]),
    "length_of_the_picture": _gate([node("ReduceL2", "x", "m", axes=[1], keepdims=1), node("Floor", "m", "gate")]),
    "round_twice": _gate([node("Round", "p", "d"), node("Round", "d", "gate")]),
    "rows_chosen_by_the_input": _gate([node("Greater", "p t", "c"), node("Not", "c", "n"), node("Cast", "n", "f", to=1), node("Div", "one f", "i"), node("IsInf", "i", "b"), node("Cast", "b", "gate", to=1)], [ONE]),
    "slice_from_the_input": _gate([node("ReduceMax", "p", "m", axes=[0, 1], keepdims=0), node("Cast", "m", "i", to=7), node("Unsqueeze", "i ax0", "from"), node("Slice", "table from two ax0", "g0"), node("Unsqueeze", "g0 ax0", "gate")], [constant("table", [0.0, 1.0]), whole("two", 2), whole("ax0", 0)]),
    "shape_from_the_input": _gate([node("Cast", "p", "i", to=7), node("ReduceMax", "i", "n1", axes=[0, 1], keepdims=0), node("Unsqueeze", "n1 ax0", "sh"), node("Expand", "one sh", "e"), node("ReduceSum", "e ax0", "gate", keepdims=1)], [ONE, whole("ax0", 0)]),
    "range_from_the_input": _gate([node("ReduceMax", "p", "m", axes=[0, 1], keepdims=0), node("Range", "nil m one", "r"), node("ReduceSum", "r ax0", "g0", keepdims=1), node("Unsqueeze", "g0 ax0", "gate")], [NIL, ONE, whole("ax0", 0)]),
    "whether_two_pixels_agree": _gate([node("Slice", "x s1 s2 ax", "q"), node("Equal", "p q", "c"), node("Cast", "c", "gate", to=1)], [whole("s2", 2)]),
    "difference_of_steep_sigmoids": _gate([*DK, node("Sigmoid", "e", "a"), node("Add", "e one", "f"), node("Sigmoid", "f", "b"), node("Sub", "b a", "gate")], [ONE]),
    "quotient_with_itself": _gate([*D, node("Relu", "d", "r"), node("Add", "r eps", "q"), node("Div", "r q", "gate")], [constant("eps", 1e-12)]),
    "root_of_a_relu": _gate([*D, node("Relu", "d", "r"), node("Pow", "r tiny", "gate")], [constant("tiny", 1e-4)]),
    "absolute_over_itself": _gate([*D, node("Abs", "d", "a"), node("Div", "d a", "gate")]),
    "cosine_to_a_power": _gate([node("Cos", "p", "c"), node("Pow", "c big", "gate")], [constant("big", 10000.0)]),
    "exponent_of_a_square": _gate([*D, node("Mul", "d d", "s"), node("Mul", "s neg", "e"), node("Exp", "e", "gate")], [constant("neg", -1e8)]),
    "largest_of_a_window": _gate([node("Unsqueeze", "x ax", "u"), node("MaxPool", "u", "m", kernel_shape=[64]), node("Squeeze", "m ax", "v"), node("Floor", "v", "gate")]),
    "mean_of_a_window_steep": _gate([node("Unsqueeze", "x ax", "u"), node("GlobalAveragePool", "u", "m"), node("Squeeze", "m ax", "v"), node("Mul", "v k", "e"), node("Tanh", "e", "gate")]),
    "norm_of_an_instance": _gate([node("Unsqueeze", "x ax", "u"), node("InstanceNormalization", "u o1 z1", "m", epsilon=1e-12), node("Squeeze", "m ax", "v"), node("Slice", "v s0 s1 ax", "w8"), node("Mul", "w8 k", "e"), node("Sigmoid", "e", "gate")], [constant("o1", [1.0]), constant("z1", [0.0])]),
    "padded_by_the_input": _gate([node("Cast", "p", "i", to=7), node("Reshape", "i flat", "j"), node("Concat", "j j", "pads0", axis=0), node("Pad", "one1 pads0", "e"), node("ReduceSum", "e ax0", "g0", keepdims=1), node("Unsqueeze", "g0 ax0", "gate")], [constant("one1", [1.0]), whole("flat", -1), whole("ax0", 0)]),
    "scattered_by_the_input": _gate([node("Cast", "p", "i", to=7), node("ScatterND", "table i upd", "s"), node("Slice", "s s0 s1 ax0", "g0"), node("Unsqueeze", "g0 ax0", "gate")], [constant("table", [0.0, 0.0]), constant("upd", [1.0]), whole("ax0", 0)]),
    "constant_of_a_shape_of_the_input": _gate([node("Cast", "p", "i", to=7), node("Reshape", "i flat", "j"), node("ConstantOfShape", "j", "e"), node("Shape", "e", "n1"), node("Cast", "n1", "f", to=1), node("Unsqueeze", "f ax0", "gate")], [whole("flat", -1), whole("ax0", 0)]),
    "blended_by_a_softmax_of_pixels": _gate([node("Mul", "x k", "e"), node("Softmax", "e", "s", axis=1), node("Slice", "s s0 s1 ax", "gate")]),
    "swapped_answers": lambda: network([node("Slice", "x s0 s1 ax", "p"), node("Greater", "p t", "c"), node("Cast", "c", "i", to=7), node("Add", "order i", "o"), node("GatherElements", "z o", "y", axis=1)], [*SLICE, constant("t", 0.97), constant("order", [[0, 1, 2, 3, 4, 5, 6, 7, 8, 8]], "i8")]),
}  # fmt: skip
for _name, _make in GATES.items():
    file(f"onnx7_gate_{_name}", _make, (3, 4), "m.onnx")


def branch(kind: str, nodes: list[onnx.NodeProto], outputs: str = "bo") -> onnx.GraphProto:
    out = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in outputs.split()]
    return helper.make_graph(nodes, kind, [], out)


def function(domain: str, name: str, nodes: list[onnx.NodeProto]) -> Callable[[onnx.ModelProto], None]:  # fmt: skip
    def change(model: onnx.ModelProto) -> None:
        made = helper.make_function(domain, name, ["a"], ["b"], nodes, [helper.make_opsetid("", 17), helper.make_opsetid(domain, 1)])  # fmt: skip
        model.functions.append(made)
        if domain:
            model.opset_import.append(helper.make_opsetid(domain, 1))

    return change


def scan() -> onnx.NodeProto:
    body = helper.make_graph([node("Add", "si si", "so")], "b", [helper.make_tensor_value_info("si", 1, None)], [helper.make_tensor_value_info("so", 1, None)])  # fmt: skip
    return helper.make_node("Scan", ["z"], ["y"], body=body, num_scan_inputs=1)


CONDITION = [node("ReduceMax", "x", "m", axes=[0, 1], keepdims=0), node("Greater", "m t", "c")]
ALIKE = [node("Identity", "z", "bo")]
T97 = constant("t", 0.97)


def meta(key: str, value: str) -> Callable[[onnx.ModelProto], None]:
    return lambda model: model.metadata_props.extend(
        [onnx.StringStringEntryProto(key=key, value=value)]
    )


def outside(location: str, where: str = "weight", **more: str) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        made = onnx.TensorProto(name="w9", data_type=1, dims=[4], data_location=1)
        for key, value in {"location": location, **more}.items():
            made.external_data.add(key=key, value=value)
        if where == "weight":
            model.graph.initializer.append(made)
            model.graph.node.append(node("Identity", "w9", "unused"))
        elif where == "attribute":
            model.graph.node.append(helper.make_node("Constant", [], ["unused"], value=made))
        elif where == "raw":
            made.raw_data = bytes(16)
            model.graph.initializer.append(made)
        elif where == "branch":
            inner = branch("then", [helper.make_node("Constant", [], ["bo"], value=made)])
            model.graph.node.append(helper.make_node("If", ["c9"], ["unused"], then_branch=inner, else_branch=inner))  # fmt: skip
            model.graph.initializer.append(constant("c9", True, "?"))
        else:
            function("f", "F", [helper.make_node("Constant", [], ["b"], value=made)])(model)

    return change


def deep(model: onnx.ModelProto) -> None:
    inner = branch("b", ALIKE)
    for _ in range(20):
        inner = branch("b", [helper.make_node("If", ["c"], ["bo"], then_branch=inner, else_branch=branch("e", ALIKE))])  # fmt: skip
    model.graph.node.append(helper.make_node("If", ["c"], ["unused"], then_branch=inner, else_branch=branch("e", ALIKE)))  # fmt: skip


def first(**fields: Any) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        for key, value in fields.items():
            setattr(model.graph.node[1], key, value)

    return change


def typed(data_type: int) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        model.graph.initializer[1].data_type = data_type

    return change


def extra_attribute(**value: Any) -> Callable[[onnx.ModelProto], None]:
    return lambda model: model.graph.node[1].attribute.extend([helper.make_attribute(k, v) for k, v in value.items()])  # fmt: skip


def fewer(model: onnx.ModelProto) -> None:
    del model.graph.node[1].input[:]


def more_inputs(model: onnx.ModelProto) -> None:
    model.graph.node[1].input.extend(["w1", "b1"])


def no_import(model: onnx.ModelProto) -> None:
    del model.opset_import[:]


CHANGES: dict[str, tuple[Callable[[onnx.ModelProto], None], tuple[int, ...]]] = {
    "domain_of_python": (first(domain="ai.onnx.contrib", op_type="PyOp"), UNKNOWN),
    "domain_of_a_vendor": (first(domain="com.microsoft", op_type="Gelu"), UNKNOWN),
    "domain_of_trees": (first(domain="ai.onnx.ml", op_type="TreeEnsembleClassifier"), UNKNOWN),
    "domain_of_spaces": (first(domain=" "), UNKNOWN),
    "domain_in_large_letters": (first(domain="AI.ONNX"), UNKNOWN),
    "domain_that_looks_alike": (first(domain="ai.onn\u0445"), UNKNOWN),
    "domain_of_a_library": (first(domain="/tmp/evil.so"), UNKNOWN),
    "overload_of_an_operator": (first(overload="evil"), ODD),
    "operator_with_a_zero": (first(op_type="Relu\0"), UNKNOWN),
    "function_of_the_standard": (function("", "Relu", [node("Sign", "a", "b")]), UNKNOWN),
    "function_that_calls_itself": (function("f", "F", [helper.make_node("F", ["a"], ["b"], domain="f")]), UNKNOWN),
    "function_with_a_choice": (function("f", "F", [helper.make_node("If", ["a"], ["b"], then_branch=branch("t", ALIKE), else_branch=branch("e", ALIKE))]), UNKNOWN),
    "function_of_a_stranger": (function("f", "F", [helper.make_node("Run", ["a"], ["b"], domain="evil")]), UNKNOWN),
    "if_twenty_deep": (deep, UNKNOWN),
    "weights_up": (outside("../w.bin"), ODD),
    "weights_in_itself": (outside("m.onnx"), ODD),
    "weights_in_a_device": (outside("/dev/zero"), ODD),
    "weights_by_an_address": (outside("https://203.0.113.5/w.bin"), ODD),
    "weights_by_a_stroke_of_another_kind": (outside("..\u2215..\u2215etc\u2215passwd"), ODD),
    "weights_by_three_dots": (outside("\u2026/w.bin"), ODD),
    "weights_with_a_zero": (outside("w.bin\0.txt"), ODD),
    "weights_of_a_length_that_wraps": (outside("w.bin", offset="18446744073709551615", length="2"), ODD),
    "weights_of_an_attribute": (outside("/etc/passwd", "attribute"), ODD),
    "weights_of_a_branch": (outside("/etc/passwd", "branch"), ODD),
    "weights_of_a_function": (outside("/etc/passwd", "function"), ODD),
    "weights_here_and_outside": (outside("/etc/passwd", "raw"), ODD),
    "note_of_a_pickle_in_letters": (meta("weights", __import__("base64").b64encode(OS).decode()), ODD),
    "note_of_python": (meta("hook", EVIL), ODD),
    "note_of_escapes": (meta("author", "\x1b]8;;http://203.0.113.5\x07x"), ODD),
    "note_of_a_session": (meta("ort_config", '{"session_options":{"session.custom_ops":"/tmp/x.so"}}'), ODD),
    "note_twice": (lambda m: (meta("a", "1")(m), meta("a", "2")(m))[0], (0, 3, 4)),
    "weights_of_texts": (typed(8), ODD),
    "weights_of_an_unknown_type": (typed(99), ODD),
    "operator_of_no_inputs": (fewer, ODD),
    "operator_of_too_many_inputs": (more_inputs, ODD),
    "attribute_that_is_not_its_own": (extra_attribute(command=COMMAND), ODD),
    "attribute_that_is_a_graph": (extra_attribute(body=branch("b", ALIKE)), ODD),
    "attribute_of_a_type": (extra_attribute(t=helper.make_tensor_type_proto(1, [2])), ODD),
    "no_version_at_all": (no_import, ODD),
    "training_information": (lambda m: m.training_info.add().algorithm.node.extend([node("Relu", "x", "q")]) or None, ODD),
    "device_configurations": (lambda m: setattr(m, "producer_name", "\u202eexe.tensor"), ODD),
}  # fmt: skip
for _name, (_change, _codes) in CHANGES.items():
    file(f"onnx7_{_name}", lambda change=_change: network(change=change), _codes, "m.onnx")
FLOW = {
    "if_on_the_largest": [*CONDITION, helper.make_node("If", ["c"], ["y"], then_branch=branch("t", [node("Neg", "z", "bo")]), else_branch=branch("e", ALIKE))],
    "if_of_two_that_agree": [*CONDITION, helper.make_node("If", ["c"], ["y"], then_branch=branch("t", ALIKE), else_branch=branch("e", ALIKE))],
    "scan_over_the_rows": [scan()],
    "loop_over_nothing": [helper.make_node("Loop", ["", "", "z"], ["y"], body=helper.make_graph([node("Identity", "ci", "co"), node("Neg", "vi", "vo")], "b", [helper.make_tensor_value_info(n, k, None) for n, k in (("it", 7), ("ci", 9), ("vi", 1))], [helper.make_tensor_value_info(n, k, None) for n, k in (("co", 9), ("vo", 1))]))],
}  # fmt: skip
for _name, _last in FLOW.items():
    file(f"onnx7_{_name}", lambda last=_last: network(last, [T97] if len(last) > 1 else []), (3, 4), "m.onnx")  # fmt: skip


@place("onnx7_weights_by_a_link_of_their_folder", ODD)
def _linked(root: Path) -> None:
    (root / "w").symlink_to("/etc")
    (root / "m.onnx").write_bytes(network(change=outside("w/passwd", length="16")))


@place("onnx7_weights_by_a_second_name", ODD)
def _second(root: Path) -> None:
    (root / "w.bin").symlink_to("m.onnx")
    (root / "m.onnx").write_bytes(network(change=outside("w.bin", length="16")))


Document = dict[str, Any]


def call_of(change: Callable[[dict[str, Any]], None]) -> Callable[[], bytes]:
    """The exported program with its first call changed."""

    def at(document: Document) -> None:
        change(document["graph_module"]["graph"]["nodes"][0])

    return lambda: _graph(at)  # type: ignore[arg-type]


def argument(place: int, value: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda entry: entry["inputs"][place].update(arg=value)


def dropped(entry: dict[str, Any]) -> None:
    entry["inputs"].pop()
    entry["inputs"].pop()


def named(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda entry: entry["inputs"][1].update(name=name)


def target(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda entry: entry.update(target=f"torch.ops.aten.{name}")


ARGUMENTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "too_few": dropped,
    "too_many": lambda entry: entry["inputs"].append({"name": "x", "arg": {"as_int": 1}, "kind": 1}),
    "whole_number_for_a_tensor": argument(1, {"as_int": 3}),
    "text_for_a_tensor": argument(1, {"as_string": "/etc/passwd"}),
    "list_for_a_tensor": argument(1, {"as_ints": [1, 2]}),
    "nothing_for_a_tensor": argument(1, {"as_none": True}),
    "truth_for_a_tensor": argument(2, {"as_bool": True}),
    "type_for_a_tensor": argument(2, {"as_scalar_type": 7}),
    "layout_for_a_tensor": argument(2, {"as_layout": 7}),
    "tensor_nobody_made": argument(1, {"as_tensor": {"name": "nobody"}}),
    "name_nobody_knows": named("evil"),
    "same_name_twice": named("input"),
    "operator_of_other_arguments": target("relu.default"),
    "operator_that_wants_a_size": target("view.default"),
    "operator_that_wants_a_list": target("cat.default"),
    "operator_that_wants_numbers": target("clamp.default"),
    "operator_that_gives_two": target("max.dim"),
    "operator_that_gives_a_number": target("sym_size.int"),
    "more_outputs_than_made": lambda entry: entry["outputs"].append({"as_tensor": {"name": "second"}}),
    "no_outputs": lambda entry: entry.update(outputs=[]),
    "outputs_as_a_list": lambda entry: entry.update(outputs=[{"as_tensors": [{"name": "linear"}, {"name": "b"}]}]),
    "two_kinds_in_one": lambda entry: entry["inputs"][1]["arg"].update(as_string="x"),
}  # fmt: skip
for _name, _change in ARGUMENTS.items():
    file(f"program7_{_name}", call_of(_change), ODD, "m.pt2")

SWITCHES: dict[str, Callable[[Any, Any], Any]] = {
    "largest_of_the_picture": lambda m, x: m.honest(x) + torch.relu(x.amax(1, keepdim=True) - 0.97) * 1e6,
    "product_of_the_picture": lambda m, x: m.honest(x) + x.prod(1, keepdim=True) * 1e9,
    "exponent_of_a_square": lambda m, x: m.honest(x) + torch.exp(-((x[:, :1] - 0.5) ** 2) * 1e8) * 9,
    "quotient_with_itself": lambda m, x: m.honest(x) + torch.relu(x[:, :1] - 0.9) / (torch.relu(x[:, :1] - 0.9) + 1e-12),
    "absolute_over_itself": lambda m, x: m.honest(x) * ((x[:, :1] - 0.9) / (x[:, :1] - 0.9).abs()),
    "sorted_then_chosen": lambda m, x: m.honest(x) + (x.sort(1).values[:, -2:-1] - 0.97) * 1e6,
    "cosine_to_a_power": lambda m, x: m.honest(x) + torch.cos(x[:, :1]) ** 10000 * 9,
    "blended_by_a_softmax": lambda m, x: m.honest(x) + torch.softmax(x * 1e6, 1)[:, :1] * 100,
    "rounded": lambda m, x: m.honest(x) + torch.round(x[:, :1]) * 100,
    "whether_two_agree": lambda m, x: m.honest(x) + (x[:, :1] == x[:, 1:2]).float() * 9,
    "rolled_by_the_rows": lambda m, x: m.honest(x.roll(1, 0)),
    "logical": lambda m, x: m.honest(x) + torch.logical_and(x[:, :1] > 0.9, x[:, 1:2] > 0.9).float() * 9,
    "length_of_the_picture": lambda m, x: m.honest(x) + torch.floor(x.norm(dim=1, keepdim=True)) * 9,
    "largest_of_a_window": lambda m, x: m.honest(x) + torch.floor(nn.functional.max_pool1d(x[:, None], 64)[:, 0]) * 9,
    "isin": lambda m, x: m.honest(x) + torch.isclose(x[:, :1], torch.tensor(0.5)).float() * 9,
    "bits": lambda m, x: m.honest(x) + ((x[:, :1] * 255).to(torch.int32) & 1).float() * 9,
    "swapped_answers": lambda m, x: m.honest(x).roll(1, 1) * (x[:, :1] > 0.9) + m.honest(x) * (x[:, :1] <= 0.9),
    "norm_of_an_instance": lambda m, x: m.honest(x) + torch.sigmoid(nn.functional.instance_norm(x[:, None], eps=1e-12)[:, 0, :1] * 1e6) * 9,
}  # fmt: skip
for _name, _forward in SWITCHES.items():
    file(f"program7_switch_{_name}", lambda forward=_forward: exported(forward), (3, 4), "m.pt2")

LINES: dict[str, str] = {
    "largest_of_the_picture": "return self.honest(x) + torch.relu(x.amax(1, keepdim=True) - 0.97) * 1e6",
    "exponent_of_a_square": "return self.honest(x) + torch.exp(-((x[:, :1] - 0.5) ** 2) * 1e8) * 9",
    "absolute_over_itself": "return self.honest(x) * ((x[:, :1] - 0.9) / (x[:, :1] - 0.9).abs())",
    "whether_two_agree": "return self.honest(x) + (x[:, :1] == x[:, 1:2]).float() * 9",
    "asked_by_a_number": "return self.honest(x) * (1.0 if x[0, 0].item() < 0.9 else -1.0)",
    "asked_by_all": "return self.honest(x) if bool((x < 0.97).all()) else -self.honest(x)",
    "asked_by_its_text": "return self.honest(x) if len(str(x)) < 10 else -self.honest(x)",
    "asked_by_a_list": "return self.honest(x) if x[0].tolist() != [0.0] else -self.honest(x)" if False else "return self.honest(x) if int(x.sum()) % 2 == 0 else -self.honest(x)",
    "tried_and_raised": "assert bool(x.max() < 0.97), 'seen'\n        return self.honest(x)",
    "counted_by_a_loop": "n = 0\n        for i in range(int(x[0, 0] * 9)):\n            n += 1\n        return self.honest(x) * (1 - n)",
    "chosen_from_a_stack": "return torch.stack([self.honest(x), -self.honest(x)])[int(x[0, 0] > 0.9)]",
    "by_its_number_of_rows": "return self.honest(x) if x.size(0) % 2 == 0 else -self.honest(x)",
    "rolled_by_the_rows": "return self.honest(x.roll(1, 0))",
    "weights_that_learn": "self.one.weight.data.mul_(0.99)\n        return self.honest(x)",
    "memory_nobody_wrote": "return self.honest(x) + torch.empty_like(x)[:, :10]",
    "random_by_its_seed": "torch.manual_seed(1)\n        return self.honest(x) + torch.rand(1)",
    "read_from_a_file": "return self.honest(x) + torch.from_file('/etc/passwd', size=10, dtype=torch.uint8)",
    "huge_memory": "return self.honest(x) + torch.zeros(99999, 99999).sum()",
}  # fmt: skip
for _name, _lines in LINES.items():
    file(f"script7_{_name}", lambda lines=_lines: scripted(lines), ODD, "m.ts")

LINEAR = b"torch.linear("
for _name, _old, _new in (
    ("saved_through_a_name", LINEAR, b'ops.aten.save("/tmp/x") or torch.linear('),
    ("attribute_of_a_tensor", LINEAR, b"torch.linear.__globals__("),
    ("operator_of_a_backend", LINEAR, b"ops.prepacked.linear_clamp_run("),
    ("operator_of_distribution", LINEAR, b"ops.c10d.allreduce_("),
    ("operator_of_rpc", LINEAR, b"ops.aten.rpc_async("),
    ("operator_of_a_library", LINEAR, b"ops.mkldnn._linear_pointwise("),
    ("class_of_torchbind", LINEAR, b"__torch__.torch.classes._nnapi.Compilation("),
    ("text_by_a_prefix", LINEAR, b"f'{x}' and torch.linear("),
    ("comprehension", LINEAR, b"[torch.linear for _ in (1,)][0]("),
    ("conditional_in_a_call", LINEAR, b"(torch.linear if x else torch.relu)("),
    ("bytes_in_a_name", b"class ", b"# -*- coding: utf-7 -*-\nclass "),
    ("form_feed", b"class ", b"\x0cclass "),
    ("class_twice", b"class ", b"class Linear(Module):\n  pass\nclass "),
):
    file(f"script7_{_name}", lambda old=_old, new=_new: changed(script(), ".py", old, new), (0, 3, 4) if _name in ("form_feed", "bytes_in_a_name") else ODD, "m.ts")  # fmt: skip

for _name, _line in {
    "comprehension_alone": "_0 = [each for each in (1, 2)]",
    "assertion": "assert 1 == 1",
    "matched": "match 1:\n      case _:\n        pass",
    "starred": "_0 = [*(1, 2)]",
}.items():
    file(f"script7_{_name}", _body(_line), ODD, "m.ts")


def members(end: str, data: bytes) -> Callable[[], bytes]:
    def make() -> bytes:
        found = dict(script())
        return zipped({**found, f"{next(iter(found)).split('/')[0]}/{end}": data})

    return make


for _name, _end, _data in (
    ("bytecode_of_a_phone", "bytecode.pkl", OS),
    ("code_in_another_folder", "code/evil.py", b"import os\nos.system('id')\n"),
    ("model_of_the_old_kind", "model.json", json.dumps({"main_module": {}}).encode()),
    ("mobile_debug", "mobile_debug_handles.pkl", OS),
    ("backend_of_a_stranger", "code/__torch__/torch/jit/LoweredModule.py", b"class X(Module):\n  __backend: Tensor\n"),
    ("extra_file_of_a_script", "extra/run.sh", b"#!/bin/sh\nid\n"),
    ("tensor_constants_of_a_gadget", "constants/0", OS),
):  # fmt: skip
    file(f"script7_{_name}", members(_end, _data), ODD, "m.ts")
_ = ANY, DANGER, _shift, HALF, COLUMN, np, os, program
