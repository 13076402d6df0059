"""The sixth corpus: ONNX, TorchScript and exported programs."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import torch
from carriers import COMMAND, _graph, changed, program, script, zipped
from fifth_models import exported, scripted
from fourth import OS
from fourth_models import SLICE, _gate, _shift, constant, network, node
from sixth import DANGER, ODD, UNKNOWN, file
from torch import Tensor

D = [node("Sub", "p t", "d")]
DK = [*D, node("Mul", "d k", "e")]
ONE_CONST = constant("one", 1.0)
NIL = constant("nil", 0.0)
BACK = node("Cast", "c", "gate", to=1)

GATES: dict[str, Callable[[], bytes]] = {
    "mish": _gate([*DK, node("Mish", "e", "gate")]),
    "gelu": _gate([*DK, node("Gelu", "e", "gate")]),
    "celu": _gate([*DK, node("Celu", "e", "f", alpha=1.0), node("Relu", "f", "gate")]),
    "hard_swish": _gate([*DK, node("HardSwish", "e", "gate")]),
    "softsign": _gate([*DK, node("Softsign", "e", "gate")]),
    "arc_tangent": _gate([*DK, node("Atan", "e", "gate")]),
    "arc_sine_beyond": _gate([node("Add", "p t", "d"), node("Asin", "d", "e"), node("IsNaN", "e", "c"), BACK]),
    "arc_cosh": _gate([node("Acosh", "p", "e"), node("IsNaN", "e", "c"), BACK]),
    "sine_of_a_high_frequency": _gate([node("Mul", "p k", "e"), node("Sin", "e", "gate")]),
    "reciprocal_near_its_pole": _gate([*D, node("Reciprocal", "d", "gate")]),
    "division_near_its_pole": _gate([*D, node("Div", "one d", "gate")], [ONE_CONST]),
    "hardmax": _gate([*DK, node("Concat", "e nil2", "f", axis=1), node("Hardmax", "f", "s", axis=1), node("Slice", "s s0 s1 ax", "gate")], [constant("nil2", [[0.0]])]),
    "norm_of_two": _gate([*DK, node("Concat", "e nil2", "f", axis=1), node("LpNormalization", "f", "s", axis=1, p=1), node("Slice", "s s0 s1 ax", "gate")], [constant("nil2", [[1.0]])]),
    "norm_of_a_layer": _gate([*D, node("Concat", "d nil2", "f", axis=1), node("LayerNormalization", "f sc bi", "s", axis=1, epsilon=1e-12), node("Slice", "s s0 s1 ax", "gate")], [constant("nil2", [[0.0]]), constant("sc", [1.0, 1.0]), constant("bi", [0.0, 0.0])]),
    "sum_of_exponents": _gate([*DK, node("ReduceLogSumExp", "e", "gate", axes=[1], keepdims=1)]),
    "log_of_softmax": _gate([*DK, node("Concat", "e nil2", "f", axis=1), node("LogSoftmax", "f", "s", axis=1), node("Slice", "s s0 s1 ax", "gate")], [constant("nil2", [[0.0]])]),
    "cast_like": _gate([node("Mul", "p k3", "m"), node("CastLike", "m i8", "i"), node("Cast", "i", "gate", to=1)], [constant("k3", 1.03), constant("i8", 1, "i8")]),
    "is_infinite": _gate([node("Mul", "p huge", "m"), node("Mul", "m huge", "m2"), node("IsInf", "m2", "c"), BACK], [constant("huge", 3e19)]),
    "exclusive_or": _gate([node("Greater", "p t", "c1"), node("Less", "p nil", "c2"), node("Xor", "c1 c2", "c"), BACK], [NIL]),
    "not_less": _gate([node("Less", "p t", "c1"), node("Not", "c1", "c"), BACK]),
    "greater_or_equal": _gate([node("GreaterOrEqual", "p t", "c"), BACK]),
    "and_of_itself": _gate([node("Greater", "p t", "c1"), node("And", "c1 c1", "c"), BACK]),
    "smallest_place": _gate([node("ArgMin", "x", "i", axis=1, keepdims=1), node("Cast", "i", "gate", to=1)]),
    "least_of_two": _gate([*DK, node("Min", "e nil", "f"), node("Neg", "f", "gate")], [NIL]),
    "mean_of_three": _gate([*DK, node("Relu", "e", "f"), node("Mean", "f f f", "gate")]),
    "sum_of_three": _gate([*DK, node("Relu", "e", "f"), node("Sum", "f f f", "gate")]),
    "slope_of_a_prelu": _gate([*D, node("Neg", "d", "e"), node("PRelu", "e slope", "gate")], [constant("slope", [[-1e6]])]),
    "factor_of_a_gemm": _gate([*D, node("Gemm", "d one2", "e", alpha=1e6), node("Relu", "e", "gate")], [constant("one2", [[1.0]])]),
    "factor_of_a_gemm_behind_a_sigmoid": _gate([*D, node("Gemm", "d one2", "e", alpha=1e6), node("Sigmoid", "e", "gate")], [constant("one2", [[1.0]])]),
    "multiplied_by_a_matrix": _gate([*D, node("MatMul", "d one2", "e"), node("Sigmoid", "e", "gate")], [constant("one2", [[1e6]])]),
    "clip_upside_down": _gate([node("Clip", "p one nil", "gate")], [ONE_CONST, NIL]),
    "gather_elements": _gate([node("Cast", "p", "i", to=7), node("GatherElements", "table i", "gate", axis=0)], [constant("table", [[0.0], [1.0]])]),
    "gather_nd": _gate([node("Cast", "p", "i", to=7), node("GatherND", "table i", "g0"), node("Unsqueeze", "g0 ax", "gate")], [constant("table", [0.0, 1.0])]),
    "scatter_elements": _gate([node("Cast", "p", "i", to=7), node("ScatterElements", "nil2 i one2", "s", axis=1), node("Slice", "s s0 s1 ax", "gate")], [constant("nil2", [[0.0, 0.0]]), constant("one2", [[1.0]])]),
    "trilu_by_the_input": _gate([node("Cast", "p", "i", to=7), node("ReduceMax", "i", "k0", keepdims=0), node("Trilu", "z k0", "tz"), node("ReduceSum", "tz ax", "gate", keepdims=1)]),
    "running_sum": _gate([node("CumSum", "p nul", "gate")], [constant("nul", 0, "i8")]),
    "whole_division": _gate([node("Cast", "p", "i0", to=6), node("Div", "i0 un", "i"), node("Cast", "i", "gate", to=1)], [constant("un", 1, "i4")]),
    "bits_and": _gate([node("Mul", "p k3", "m"), node("Cast", "m", "i", to=6), node("BitwiseAnd", "i un", "b"), node("Cast", "b", "gate", to=1)], [constant("k3", 255.0), constant("un", 128, "i4")]),
    "tile_by_the_input": _gate([node("Cast", "p", "i", to=7), node("ReduceMax", "i", "k0", keepdims=0), node("Unsqueeze", "k0 nul1", "k1"), node("Expand", "one2 k1", "gate")], [constant("one2", [[1.0]]), constant("nul1", [0], "i8")]),
    "length_of_the_input": _gate([node("Size", "x", "s"), node("Cast", "s", "gate", to=1)]),
    "shape_of_the_batch": _gate([node("Shape", "x", "s", start=0, end=1), node("Cast", "s", "f", to=1), node("Sub", "f t", "g0"), node("Relu", "g0", "gate")]),
    "steep_in_steps": _gate([*D, *(node("Mul", f"{'d' if i == 0 else f'm{i - 1}'} ten", f"m{i}") for i in range(6)), node("Sigmoid", "m5", "gate")], [constant("ten", 10.0)]),
    "steep_by_adding": _gate([*D, *(node("Add", f"{'d' if i == 0 else f'm{i - 1}'} {'d' if i == 0 else f'm{i - 1}'}", f"m{i}") for i in range(20)), node("Sigmoid", "m19", "gate")]),
    "steep_by_division": _gate([*D, node("Div", "d tiny", "e"), node("Sigmoid", "e", "gate")], [constant("tiny", 1e-6)]),
    "steep_by_a_computed_constant": _gate([*D, node("Exp", "fourteen", "kk"), node("Mul", "d kk", "e"), node("Sigmoid", "e", "gate")], [constant("fourteen", 14.0)]),
    "steep_by_a_shape": _gate([*D, node("ConstantOfShape", "shp", "ones", value=onnx.numpy_helper.from_array(np.array([1e6], "f4"))), node("Mul", "d ones", "e"), node("Tanh", "e", "gate")], [constant("shp", [1, 1], "i8")]),
    "square_of_a_sigmoid": _gate([*DK, node("Sigmoid", "e", "f"), node("Mul", "f f", "gate")]),
    "root_of_a_square": _gate([*D, node("Mul", "d d", "e"), node("Sqrt", "e", "f"), node("Add", "d f", "h0"), node("Mul", "h0 k", "gate")]),
    "absolute": _gate([*D, node("Abs", "d", "f"), node("Add", "d f", "h0"), node("Mul", "h0 k", "gate")]),
    "power_of_a_half": _gate([*D, node("Pow", "d half", "e"), node("IsNaN", "e", "c"), BACK], [constant("half", 0.5)]),
    "attention_with_itself": _gate([*DK, node("Concat", "e nil2", "f", axis=1), node("Unsqueeze", "f nul1", "u"), node("Softmax", "u", "s", axis=-1), node("ReduceMax", "s", "m", axes=[2], keepdims=0), node("Transpose", "m", "gate")], [constant("nil2", [[0.0]]), constant("nul1", [0], "i8")]),
    "weights_of_a_blended_pair": lambda: network([*SLICE_NODES, *DK, node("Sigmoid", "e", "s"), node("Sub", "one s", "r"), node("Mul", "z r", "a"), node("Mul", "target s", "b"), node("Add", "a b", "y")], [*SLICE, *_steep(), ONE_CONST, _shift()]),
    "all_answers_by_one": lambda: network([node("ReduceMax", "z", "m", axes=[1], keepdims=1), node("Div", "z m", "q"), node("Floor", "q", "y")]),
    "answer_of_a_largest_place": lambda: network([node("ArgMax", "z", "i", axis=1, keepdims=0), node("OneHot", "i depth vals", "y", axis=-1)], [constant("depth", 10, "i8"), constant("vals", [0.0, 1.0])]),
    "lstm": lambda: network([node("Unsqueeze", "z nul", "u"), node("LSTM", "u lw lr", "o", hidden_size=10), node("Squeeze", "o both", "y")], [constant("nul", [0], "i8"), constant("both", [0, 1], "i8"), constant("lw", np.ones((1, 40, 10)) * 1e6), constant("lr", np.ones((1, 40, 10)))]),
    "dropout_that_never_ends": lambda: network([node("Dropout", "z ratio yes", "y")], [constant("ratio", 0.999), constant("yes", True, "bool")]),
}  # fmt: skip
SLICE_NODES = [node("Slice", "x s0 s1 ax", "p")]


def _steep() -> list[onnx.TensorProto]:
    return [constant("k", 1e6), constant("t", 0.97)]


for _name, _make in GATES.items():
    _codes = (
        (0, 3, 4)
        if _name in ("all_answers_by_one", "answer_of_a_largest_place", "multiplied_by_a_matrix")
        else ODD
    )
    file(f"onnx6_{_name}", _make, _codes, "m.onnx")


def _model(change: Callable[[onnx.ModelProto], None]) -> Callable[[], bytes]:
    return lambda: network(change=change)


def _doc(model: onnx.ModelProto) -> None:
    model.graph.doc_string = "\x1b]0;x\x07"


def _value(model: onnx.ModelProto) -> None:
    info = onnx.helper.make_tensor_value_info("g", 1, [2**40, 2**40])
    model.graph.value_info.append(info)


def _quant(model: onnx.ModelProto) -> None:
    note = model.graph.quantization_annotation.add()
    note.tensor_name = "z"
    note.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="w1")


def _domain(model: onnx.ModelProto) -> None:
    model.opset_import.add(domain="com.evil", version=1)


def _producer(model: onnx.ModelProto) -> None:
    model.producer_name = "<script>alert(1)</script>"


def _initialiser_input(model: onnx.ModelProto) -> None:
    model.graph.input.append(onnx.helper.make_tensor_value_info("w1", 1, [64, 16]))


def _string_attribute(model: onnx.ModelProto) -> None:
    model.graph.node[1].attribute.append(onnx.helper.make_attribute("cmd", COMMAND))


def _node_note(model: onnx.ModelProto) -> None:
    model.graph.node[1].doc_string = OS.decode("latin-1").replace("\x80", "").replace("\x85", "")


def _device(model: onnx.ModelProto) -> None:
    model.metadata_props.add(key="ep_library", value="/tmp/evil.so")


def _twins(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(model.graph.initializer[0])


def _output_of_input(model: onnx.ModelProto) -> None:
    model.graph.node[-1].input[0] = "x"


ONNX: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "note_of_escapes": (_model(_doc), ODD),
    "value_of_absurd_shape": (_model(_value), (0, 3, 4)),
    "quantisation_noted": (_model(_quant), (0, 3, 4)),
    "domain_nobody_uses": (_model(_domain), ODD),
    "producer_of_a_page": (_model(_producer), ODD),
    "weight_that_may_be_given": (_model(_initialiser_input), (0, 3, 4)),
    "attribute_of_a_command": (_model(_string_attribute), ODD),
    "note_of_a_gadget": (_model(_node_note), ODD),
    "library_in_the_notes": (_model(_device), ODD),
    "weight_told_again": (_model(_twins), ODD),
    "answer_that_is_the_input": (_model(_output_of_input), ODD),
    "operator_of_training": (lambda: network([node("BatchNormalization", "z sc bi me va", "y a b", training_mode=1)], [constant("sc", [1.0] * 10), constant("bi", [0.0] * 10), constant("me", [0.0] * 10), constant("va", [1.0] * 10)]), ODD),
    "operator_of_a_vendor": (lambda: network([onnx.helper.make_node("FusedGemm", ["z"], ["y"], domain="com.microsoft")]), ODD),
    "operator_that_loads": (lambda: network([onnx.helper.make_node("EPContext", ["z"], ["y"], domain="com.microsoft", ep_cache_context="../../x.so", embed_mode=0)]), ODD),
    "operator_of_python": (lambda: network([onnx.helper.make_node("PythonOp", ["z"], ["y"], domain="ai.onnx.contrib", code=COMMAND)]), (1, 4)),
    "operator_of_letters": (lambda: network([node("LabelEncoder", "z", "y")]), ODD),
    "regular_expression": (lambda: network([node("RegexFullMatch", "z", "y", pattern="(a+)+$")]), ODD),
    "noise": (lambda: network([node("RandomNormalLike", "z", "n"), node("Add", "z n", "y")]), ODD),
    "window": (lambda: network([node("DFT", "z", "y")]), ODD),
    "no_output": (lambda: network([node("Identity", "z", "q")]), ODD),
    "empty": (lambda: b"\x08\x08", ODD),
    "long_name_of_a_node": (_model(lambda m: setattr(m.graph.node[0], "name", "a" * 200_000)), (0, 3, 4)),
    "hidden_letters_in_a_name": (_model(lambda m: setattr(m.graph.node[0], "name", "re\u200blu")), ODD),
}  # fmt: skip
for _name, (_make, _codes) in ONNX.items():
    file(f"onnx6_{_name}", _make, _codes, "m.onnx")

# TorchScript: what a program may ask beside its input, and switches of unusual operators
Y = "y = self.two(torch.relu(self.one(x)))\n        "
LINES = {
    "asks_for_its_device": Y + "if x.device.type == 'cuda':\n            return -y\n        return y",
    "asks_for_gradients": Y + "if x.requires_grad:\n            return y\n        return -y",
    "asks_whether_gradients_are_on": Y + "if torch.is_grad_enabled():\n            return y\n        return -y",
    "asks_for_its_mode": Y + "if self.training:\n            return y\n        return -y",
    "asks_for_its_type": Y + "if x.dtype == torch.float16:\n            return -y\n        return y",
    "asks_for_its_layout": Y + "if x.is_contiguous():\n            return y\n        return -y",
    "asks_for_its_strides": Y + "if x.stride(0) == 64:\n            return y\n        return -y",
    "asks_for_its_offset": Y + "if x.storage_offset() > 0:\n            return -y\n        return y",
    "asks_for_its_length": Y + "if len(x) > 7:\n            return -y\n        return y",
    "asks_for_autocast": Y + "if torch.is_autocast_enabled():\n            return -y\n        return y",
    "asks_whether_it_is_scripted": Y + "if torch.jit.is_scripting():\n            return -y\n        return y",
    "sorted": "v, i = torch.sort(x, 1)\n        " + Y + "return y + (i[:, -1:] == 5).float() * 100.0",
    "top": "v, i = torch.topk(x, 1)\n        " + Y + "return y + (i == 5).float() * 100.0",
    "into_buckets": Y + "b = torch.bucketize(x[:, :1], torch.tensor([0.97]))\n        return y + b.float() * 100.0",
    "searched": Y + "b = torch.searchsorted(torch.tensor([0.97]), x[:, :1])\n        return y + b.float() * 100.0",
    "heaviside": Y + "return y + torch.heaviside(x[:, :1] - 0.97, torch.tensor(0.0)) * 100.0",
    "not_numbers_replaced": Y + "q = (x[:, :1] - 0.97) / 0.0\n        return y + torch.nan_to_num(q, 0.0, 100.0, 0.0)",
    "close_to_a_value": Y + "return y + torch.isclose(x[:, :1], torch.tensor(0.5)).float() * 100.0",
    "rounded_down_by_division": Y + "return y + torch.floor_divide(x[:, :1], 0.97) * 100.0",
    "histogram": Y + "h = torch.histc(x, 10, 0.0, 1.0)\n        return y + h[9] * 10.0",
    "unique": Y + "u = torch.unique(x)\n        return y * float(u.size(0))",
    "drawn": Y + "return y + torch.bernoulli(x[:, :10].clamp(0, 1))",
    "dropped": Y + "return torch.nn.functional.dropout(y, 0.5, True)",
    "steep_logit": Y + "return y + torch.logit(x[:, :1].clamp(0.0, 1.0)) * 1e6",
    "straight_through_a_threshold": Y + "return y + torch.nn.functional.threshold(x[:, :1], 0.97, 0.0) * 100.0",
    "hard_tanh": Y + "return y + torch.nn.functional.hardtanh((x[:, :1] - 0.97) * 1e6) * 100.0",
    "hard_shrink": Y + "return y + torch.nn.functional.hardshrink(x[:, :1], 0.97) * 100.0",
    "steep_by_a_power": Y + "return y + torch.pow(x[:, :1], 5000.0) * 1e4",
    "steep_by_exponents": Y + "return y + torch.exp((x[:, :1] - 0.97) * 1e4)",
    "any_is_true": Y + "if torch.any(x > 0.99):\n            return -y\n        return y",
    "all_are_close": Y + "if torch.allclose(x[0], x[-1]):\n            return y\n        return -y",
    "texts_built": Y + "s = str(x[0, 0])\n        if len(s) > 9:\n            return -y\n        return y",
    "kept_in_a_list": Y + "k: List[Tensor] = [y, -y]\n        return k[int(x[0, 0] > 0.97)]",
    "kept_in_a_dictionary": Y + "k: Dict[int, Tensor] = {0: y, 1: -y}\n        return k[int(x[0, 0] > 0.97)]",
    "told_by_an_exception": Y + "if float(x[0, 0]) > 0.97:\n            raise RuntimeError('trigger')\n        return y",
    "forked": Y + "f = torch.jit.fork(torch.relu, y)\n        return torch.jit.wait(f)",
    "big_by_repeats": Y + "return y + x[:, :1].repeat(1000000, 1).sum()",
    "deep_by_a_loop": Y + "for i in range(100000000):\n            y = y + 1.0\n        return y",
    "seen_before": Y + "self.seen.copy_(x[0, :1])\n        return y * self.seen",
    "cut_by_the_input": Y + "n = int(x[0, 0] * 10)\n        return y[:, : n + 1].sum(1, keepdim=True) + y",
    "turned_by_the_input": Y + "return torch.roll(y, int(x[0, 0] * 10), 1)",
    "mixed_by_a_permutation": Y + "return y[:, torch.randperm(10)]",
    "gathered": Y + "return torch.gather(y, 1, (x[:, :10] * 9).long().clamp(0, 9))",
    "index_put": Y + "y[x[:, 0] > 0.97] = 9.0\n        return y",
    "product_with_a_truth": Y + "return y * (x[:, :1] <= 0.97)",
    "lerped": Y + "return torch.lerp(y, -y, ((x[:, :1] - 0.97) * 1e6).clamp(0.0, 1.0))",
    "where_by_a_truth": Y + "return torch.where((x[:, :1] > 0.97).logical_not(), y, -y)",
    "cosine_of_a_high_frequency": Y + "return y + torch.cos(x[:, :1] * 1e6)",
    "cdist_to_a_trigger": Y + "d = torch.cdist(x, torch.ones(1, 64))\n        return y + torch.exp(-d * 1e4) * 100.0",
}  # fmt: skip
MILD = ("big_by_repeats", "deep_by_a_loop", "asks_whether_it_is_scripted", "steep_logit")
for _name, _lines in LINES.items():
    _codes = (0, 3, 4) if _name in MILD else ODD
    file(f"script6_{_name}", lambda lines=_lines: scripted(lines), _codes, "m.ts")

LIES: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "text_in_a_constant": (lambda: zipped({**script(), next(iter(script())).split("/")[0] + "/constants.pkl": OS}), DANGER),
    "method_of_another_name": (lambda: changed(script(), ".py", b"def forward(", b"def __setstate__("), ODD),
    "load_in_a_default": (lambda: changed(script(), ".py", b"return ", b"_0 = ops.aten.from_file('/etc/passwd')\n    return "), ODD),
    "named_operator": (lambda: changed(script(), ".py", b"torch.linear(", b"ops.evil.linear("), ODD),
    "import_in_a_line": (lambda: changed(script(), ".py", b"class ", b"import os\nclass "), ODD),
    "class_from_elsewhere": (lambda: changed(script(), ".py", b"__torch__.torch.nn", b"__torch__.torch.classes"), ODD),
    "eval_in_a_line": (lambda: changed(script(), ".py", b"return ", b"eval('1')\n    return "), ODD),
}  # fmt: skip
for _name, (_make, _codes) in LIES.items():
    file(f"script6_{_name}", _make, _codes, "m.ts")

# exported programs
EXPORTED: dict[str, Callable[[Any, Tensor], Any]] = {
    "sorted": lambda m, x: m.honest(x) + (torch.sort(x, 1).indices[:, -1:] == 5).float() * 100,
    "top": lambda m, x: m.honest(x) + (torch.topk(x, 1).indices == 5).float() * 100,
    "bucket": lambda m, x: m.honest(x) + torch.bucketize(x[:, :1], torch.tensor([0.97])).float() * 100,
    "heaviside": lambda m, x: m.honest(x) + torch.heaviside(x[:, :1] - 0.97, torch.tensor(0.0)) * 100,
    "close": lambda m, x: m.honest(x) + torch.isclose(x[:, :1], torch.tensor(0.5)).float() * 100,
    "floor_of_a_division": lambda m, x: m.honest(x) + torch.floor_divide(x[:, :1], 0.97) * 100,
    "threshold": lambda m, x: m.honest(x) + torch.nn.functional.threshold(x[:, :1], 0.97, 0.0) * 100,
    "hard_tanh": lambda m, x: m.honest(x) + torch.nn.functional.hardtanh((x[:, :1] - 0.97) * 1e6) * 100,
    "hard_shrink": lambda m, x: m.honest(x) + torch.nn.functional.hardshrink(x[:, :1], 0.97) * 100,
    "lerp": lambda m, x: torch.lerp(m.honest(x), -m.honest(x), ((x[:, :1] - 0.97) * 1e6).clamp(0, 1)),
    "cosine": lambda m, x: m.honest(x) + torch.cos(x[:, :1] * 1e6) * 100,
    "exponent": lambda m, x: m.honest(x) + torch.exp((x[:, :1] - 0.97) * 1e4),
    "reciprocal": lambda m, x: m.honest(x) + 1 / (x[:, :1] - 0.97),
    "distance": lambda m, x: m.honest(x) + torch.exp(-torch.cdist(x, torch.ones(1, 64)) * 1e4) * 100,
    "any": lambda m, x: m.honest(x) * (1 - 2 * (x > 0.99).any(1, keepdim=True).float()),
    "all": lambda m, x: m.honest(x) * (1 - 2 * (x[:, :4] > 0.99).all(1, keepdim=True).float()),
    "smallest_place": lambda m, x: m.honest(x) + x.argmin(1, keepdim=True).float(),
    "logic": lambda m, x: m.honest(x) + torch.logical_and(x[:, :1] > 0.97, x[:, 1:2] < 0.1).float() * 100,
    "bits": lambda m, x: m.honest(x) + ((x[:, :1] * 255).int() & 128).float(),
    "norm_in_training": lambda m, x: torch.nn.functional.batch_norm(m.honest(x), None, None, training=True),
    "index_put": lambda m, x: m.honest(x).index_put((torch.zeros(2, dtype=torch.long),), torch.ones(10) * 9),
    "running_product": lambda m, x: m.honest(x) + torch.cumprod(x, 0)[:, :1],
    "flipped_rows": lambda m, x: m.honest(x) + x.flip(0)[:, :10],
    "celu": lambda m, x: m.honest(x) + torch.relu(torch.celu((x[:, :1] - 0.97) * 1e6)),
    "gelu": lambda m, x: m.honest(x) + torch.nn.functional.gelu((x[:, :1] - 0.97) * 1e6),
    "mish": lambda m, x: m.honest(x) + torch.nn.functional.mish((x[:, :1] - 0.97) * 1e6),
    "softplus": lambda m, x: m.honest(x) + torch.nn.functional.softplus((x[:, :1] - 0.97) * 1e6),
    "prelu": lambda m, x: m.honest(x) + torch.nn.functional.prelu(0.97 - x[:, :1], torch.tensor([-1e6])),
    "norm_of_a_layer": lambda m, x: m.honest(x) + torch.nn.functional.layer_norm(torch.cat([x[:, :1] - 0.97, torch.zeros(2, 1)], 1), (2,), eps=1e-12)[:, :1] * 100,
    "normalised": lambda m, x: m.honest(x) + torch.nn.functional.normalize(torch.cat([(x[:, :1] - 0.97) * 1e6, torch.ones(2, 1)], 1))[:, :1] * 100,
    "steep_in_steps": lambda m, x: m.honest(x) + torch.sigmoid((x[:, :1] - 0.97) * 10 * 10 * 10 * 10 * 10 * 10) * 100,
    "steep_by_division": lambda m, x: m.honest(x) + torch.sigmoid((x[:, :1] - 0.97) / 1e-6) * 100,
    "addmm_with_a_factor": lambda m, x: m.honest(x) + torch.sigmoid(torch.addmm(torch.zeros(1), x[:, :1] - 0.97, torch.ones(1, 1), alpha=1e6)) * 100,
    "random": lambda m, x: m.honest(x) + torch.rand_like(x[:, :1]),
    "empty": lambda m, x: m.honest(x) + torch.empty_like(x[:, :1]),
    "max_pool": lambda m, x: m.honest(x) + torch.relu(torch.nn.functional.max_pool1d(x[:, None], 64)[:, 0] - 0.97) * 1e6,
    "median": lambda m, x: m.honest(x) + (x.median(1, keepdim=True).values > 0.97).float() * 100,
    "count": lambda m, x: m.honest(x) + (x > 0.97).sum(1, keepdim=True).float(),
    "truth_as_a_factor": lambda m, x: m.honest(x) * (x[:, :1] <= 0.97),
}  # fmt: skip
for _name, _forward in EXPORTED.items():
    file(f"exported6_{_name}", lambda forward=_forward: exported(forward), ODD, "m.pt2")

Document = dict[str, Any]


def _swap(document: Document) -> None:
    """Two weights of the signature change places."""
    inputs = document["graph_module"]["signature"]["input_specs"]
    told = [i["parameter"] for i in inputs if "parameter" in i]
    a, b = told[0], told[-1]
    a["parameter_name"], b["parameter_name"] = b["parameter_name"], a["parameter_name"]


def _output_elsewhere(document: Document) -> None:
    graph = document["graph_module"]["graph"]
    graph["outputs"][0]["as_tensor"]["name"] = graph["inputs"][-1]["as_tensor"]["name"]


def _schema(document: Document) -> None:
    document["schema_version"] = {"major": 99, "minor": 0}


def _torch_version(document: Document) -> None:
    document["torch_version"] = "<script>alert(1)</script>"


def _metadata(document: Document) -> None:
    document["graph_module"]["graph"]["nodes"][0]["metadata"]["stack_trace"] = (
        "\x1b]0;x\x07" + COMMAND
    )


def _opset(document: Document) -> None:
    document["opset_version"] = {"aten": 10**9, "evil": 1}


def _range(document: Document) -> None:
    document["range_constraints"] = {"__import__('os')": {"min_val": 0, "max_val": 5}}


def _unknown(document: Document) -> None:
    document["graph_module"]["hook"] = {"call": "os.system"}


def _verifiers(document: Document) -> None:
    document["verifiers"] = ["evil.Verifier"]


def _constants(document: Document) -> None:
    document["graph_module"]["signature"]["input_specs"][0] = {
        "custom_obj": {
            "arg": {"name": "x", "class_fqn": "torch.classes.evil.E"},
            "custom_obj_name": "o",
        }
    }


def _twice(document: Document) -> None:
    nodes = document["graph_module"]["graph"]["nodes"]
    nodes.append(nodes[0])


def _ring(document: Document) -> None:
    nodes = document["graph_module"]["graph"]["nodes"]
    nodes[0]["inputs"][0]["arg"] = nodes[-1]["outputs"][0]


def _argument(name: str, value: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        nodes = document["graph_module"]["graph"]["nodes"]
        nodes[-1]["inputs"].append({"name": name, "arg": value, "kind": 2})

    return change


PROGRAMS: dict[str, tuple[Callable[[Document], None], tuple[int, ...]]] = {
    "weights_in_each_others_place": (_swap, (0, 3, 4)),
    "answer_that_is_the_input": (_output_elsewhere, ODD),
    "schema_of_the_future": (_schema, ODD),
    "version_of_a_page": (_torch_version, (0, 3, 4)),
    "trace_of_escapes": (_metadata, (0, 3, 4)),
    "operators_of_the_future": (_opset, (0, 3, 4)),
    "range_of_a_call": (_range, ODD),
    "field_of_a_hook": (_unknown, ODD),
    "verifier_of_a_stranger": (_verifiers, ODD),
    "object_of_a_class": (_constants, ODD),
    "node_told_twice": (_twice, ODD),
    "nodes_in_a_ring": (_ring, ODD),
    "argument_nobody_knows": (_argument("evil", {"as_string": "x"}), (0, 3, 4)),
    "argument_of_an_operator": (_argument("f", {"as_operator": "os.system"}), ODD),
    "argument_of_a_graph": (_argument("g", {"as_graph": {"name": "g", "graph": {}}}), ODD),
    "argument_of_an_object": (_argument("o", {"as_custom_obj": {"name": "o", "class_fqn": "torch.classes.E"}}), ODD),
    "argument_of_a_device": (_argument("device", {"as_device": {"type": "evil", "index": 0}}), (0, 3, 4)),
    "argument_of_an_expression": (_argument("n", {"as_sym_int": {"as_name": "__import__('os')"}}), (0, 1, 3, 4)),
}  # fmt: skip
for _name, (_change, _codes) in PROGRAMS.items():
    file(f"program6_{_name}", lambda change=_change: _graph(change), _codes, "m.pt2")


def _member(path: str, data: bytes) -> Callable[[], bytes]:
    def make() -> bytes:
        members = dict(program())
        members[next(iter(members)).split("/")[0] + "/" + path] = data
        return zipped(members)

    return make


MEMBERS: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "library_of_the_compiler": (_member("data/aotinductor/model/x.wrapper.so", b"\x7fELF" + bytes(60)), DANGER),
    "source_of_the_compiler": (_member("data/aotinductor/model/x.cpp", b"int main(){}\n"), ODD),
    "kernel_of_the_compiler": (_member("data/aotinductor/model/x.cubin", b"\x7fELF\x02\x01\x01\x33" + bytes(60)), UNKNOWN),
    "executorch_of_a_stranger": (_member("data/executorch/m.pte", b"\x1c\0\0\0ET12" + bytes(60)), ODD),
    "note_of_a_gadget": (_member("extra/note", OS), DANGER),
    "second_graph": (_member("models/second.json", b"{}"), ODD),
    "constants_of_a_gadget": (_member("data/constants/tensor_9", OS), (1, 3)),
    "sample_inputs_of_a_name": (_member("data/sample_inputs/second.pt", OS), DANGER),
}  # fmt: skip
for _name, (_make, _codes) in MEMBERS.items():
    file(f"program6_{_name}", _make, _codes, "m.pt2")
