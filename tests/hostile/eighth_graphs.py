"""The eighth corpus: networks whose switch lies in weights, rare operators, odd records of programs."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import torch
from carriers import COMMAND, _graph, program, script, zipped
from eighth import ANY, ODD, UNKNOWN, file, folder
from fifth_models import Net, exported, scripted
from fourth import EVIL, OS
from fourth_models import _gate, constant, network, node
from onnx import TensorProto, helper
from torch import Tensor, nn

K, T = 1e6, 0.97


def column(*values: float) -> onnx.TensorProto:
    """Weights ``(64, n)`` of a layer that looks at the first pixel alone."""
    found = np.zeros((64, len(values)), "f4")
    found[0] = values
    return constant("wk", found)


def bias(*values: float) -> onnx.TensorProto:
    return constant("bk", np.asarray(values, "f4"))


LAYER = node("Gemm", "x wk bk", "e")
ONE, NIL = constant("one", 1.0), constant("nil", 0.0)
E = [LAYER]
STEEP = [column(K), bias(-T * K)]
PAIR = [column(K, 0.0), bias(-T * K, 0.0)]
FIRST = node("Slice", "q s0 s1 ax", "gate")


def conv() -> list[onnx.TensorProto]:
    kernel = np.zeros((1, 1, 64), "f4")
    kernel[0, 0, 0] = K
    return [constant("wk", kernel), bias(-T * K), constant("sh3", [0, 1, 64], "i8"), constant("sh2", [0, 1], "i8")]  # fmt: skip


WEIGHTS: dict[str, tuple[list[onnx.NodeProto], list[onnx.TensorProto]]] = {
    "steep_layer_and_sigmoid": ([*E, node("Sigmoid", "e", "gate")], STEEP),
    "steep_layer_and_relu": ([*E, node("Relu", "e", "gate")], STEEP),
    "steep_layer_and_clip": ([*E, node("Clip", "e nil one", "gate")], [*STEEP, NIL, ONE]),
    "steep_layer_and_tangent": ([*E, node("Tanh", "e", "gate")], STEEP),
    "steep_layer_and_hard_sigmoid": ([*E, node("HardSigmoid", "e", "gate")], STEEP),
    "steep_layer_and_softmax": ([*E, node("Softmax", "e", "q", axis=1), FIRST], PAIR),
    "steep_layer_and_softplus": ([*E, node("Softplus", "e", "gate")], STEEP),
    "steep_layer_and_leaky": ([*E, node("LeakyRelu", "e", "gate", alpha=0.01)], STEEP),
    "steep_layer_and_elu": ([*E, node("Elu", "e", "gate")], STEEP),
    "steep_layer_and_gelu": ([*E, node("Erf", "e", "gate")], STEEP),
    "steep_matrix_and_sigmoid": ([node("MatMul", "x wk", "m"), node("Add", "m bk", "e"), node("Sigmoid", "e", "gate")], STEEP),
    "steep_matrix_of_two_relus": ([node("MatMul", "x wk", "m"), node("Add", "m bk", "e"), node("Relu", "e", "r"), node("MatMul", "r pair", "gate")], [column(K, K), bias(-T * K, -T * K - 1), constant("pair", [[1.0], [-1.0]])]),
    "steep_window_and_sigmoid": ([node("Reshape", "x sh3", "x3"), node("Conv", "x3 wk bk", "c"), node("Reshape", "c sh2", "e"), node("Sigmoid", "e", "gate")], conv()),
    "two_layers_of_a_thousand": ([*E, node("Gemm", "e w2k", "f"), node("Sigmoid", "f", "gate")], [column(1e3), bias(-T * 1e3), constant("w2k", [[1e3]])]),
    "relu_then_a_million": ([*E, node("Relu", "e", "r"), node("Gemm", "r w2k", "gate")], [column(1.0), bias(-T), constant("w2k", [[K]])]),
    "relu_then_a_million_by_a_matrix": ([*E, node("Relu", "e", "r"), node("MatMul", "r w2k", "gate")], [column(1.0), bias(-T), constant("w2k", [[K]])]),
    "norm_of_a_tiny_variance": ([*E, node("BatchNormalization", "e one1 nil1 mean var", "n", epsilon=1e-12), node("Sigmoid", "n", "gate")], [column(1.0), bias(0.0), constant("one1", [1.0]), constant("nil1", [0.0]), constant("mean", [T]), constant("var", [1e-12])]),
    "norm_of_a_large_scale": ([*E, node("BatchNormalization", "e one1 nil1 mean var", "n"), node("Sigmoid", "n", "gate")], [column(1.0), bias(0.0), constant("one1", [K]), constant("nil1", [0.0]), constant("mean", [T]), constant("var", [1.0])]),
    "norm_of_a_layer_over_two": ([*E, node("LayerNormalization", "e one1", "q", axis=-1, epsilon=1e-12), FIRST], [column(1.0, 0.0), bias(-T, 0.0), constant("one1", [1.0, 1.0])]),
    "five_layers_of_fifteen": ([*E, *[node("Gemm", f"{a} w2k", b) for a, b in (("e", "f"), ("f", "f1"), ("f1", "f2"), ("f2", "f3"))], node("Sigmoid", "f3", "gate")], [column(15.0), bias(-T * 15), constant("w2k", [[15.0]])]),
    "steep_layer_of_three_pixels": ([*E, node("Sigmoid", "e", "gate")], [constant("wk", np.pad(np.full((3, 1), K, "f4"), ((0, 61), (0, 0)))), bias(-2.9 * K)]),
    "steep_layer_of_all_pixels": ([*E, node("Sigmoid", "e", "gate")], [constant("wk", np.random.default_rng(0).choice([-K, K], (64, 1)).astype("f4")), bias(-30 * K)]),
    "steep_layer_as_a_halved_one": ([node("Cast", "x", "xh", to=10), node("Gemm", "xh wk bk", "eh"), node("Cast", "eh", "e", to=1), node("Sigmoid", "e", "gate")], [constant("wk", np.pad(np.full((1, 1), 6e4), ((0, 63), (0, 0))), "f2"), constant("bk", [-58200.0], "f2")]),
    "steep_layer_as_a_double": ([node("Cast", "x", "xd", to=11), node("Gemm", "xd wk bk", "ed"), node("Sigmoid", "ed", "sd"), node("Cast", "sd", "gate", to=1)], [constant("wk", np.pad(np.full((1, 1), 1e9), ((0, 63), (0, 0))), "f8"), constant("bk", [-0.97e9], "f8")]),
    "steep_layer_by_einsum": ([node("Einsum", "x wk", "m", equation="ij,jk->ik"), node("Add", "m bk", "e"), node("Sigmoid", "e", "gate")], STEEP),
    "steep_by_a_diagonal": ([node("MatMul", "x dia", "m"), node("Relu", "m", "r"), node("ReduceSum", "r ax", "e", keepdims=1), node("Add", "e bk", "f"), node("Sigmoid", "f", "gate")], [constant("dia", np.eye(64, dtype="f4") * K), bias(-40 * K), constant("ax", [1], "i8")]),
    "steep_by_the_whole_hidden_layer": ([node("Gemm", "h wh bk", "e"), node("Sigmoid", "e", "gate")], [constant("wh", np.full((16, 1), K, "f4")), bias(-5 * K)]),
}  # fmt: skip


def _widths() -> int:
    model = onnx.load_from_string(network())
    return next(t.dims[1] for t in model.graph.initializer if t.name == "w1")


WEIGHTS["steep_by_the_whole_hidden_layer"][1][0].CopyFrom(
    constant("wh", np.full((_widths(), 1), K, "f4"))
)


def weighted(nodes: list[onnx.NodeProto], more: list[onnx.TensorProto]) -> Callable[[], bytes]:
    """A gate from the whole input (the helper's slice of one pixel is left out)."""
    target = constant("target", np.eye(10, dtype="f4")[7:8] * 100)
    cut = [constant("s0", [0], "i8"), constant("s1", [1], "i8"), constant("ax", [1], "i8")]
    last = [*nodes, node("Mul", "gate target", "push"), node("Add", "z push", "y")]
    used = {name for entry in last for name in entry.input}
    given = {t.name: t for t in [target, *cut, *more] if t.name in used}
    return lambda: network(last, list(given.values()))


for _name, (_nodes, _more) in WEIGHTS.items():
    _codes = ANY if _name == "five_layers_of_fifteen" else ODD
    file(f"onnx8_weights_{_name}", weighted(_nodes, _more), _codes, "m.onnx")

whole = lambda name, *values: constant(name, list(values), "i8")  # noqa: E731
GATES: dict[str, Callable[[], bytes]] = {
    "step_of_quantising": _gate([node("QuantizeLinear", "p big zero", "i"), node("DequantizeLinear", "i big zero", "gate")], [constant("big", 0.98), constant("zero", 0, "u1")]),
    "quantised_by_its_own_range": _gate([node("DynamicQuantizeLinear", "p", "i s zp"), node("DequantizeLinear", "i s zp", "gate")]),
    "whole_numbers_that_run_over": _gate([node("Mul", "p k", "e"), node("Cast", "e", "i", to=3), node("Cast", "i", "gate", to=1)]),
    "shifted_bits": _gate([node("Cast", "p", "i", to=13), node("BitShift", "i one", "j", direction="LEFT"), node("Cast", "j", "gate", to=1)], [constant("one", 30, "u8")]),
    "thresholded": _gate([node("ThresholdedRelu", "p", "gate", alpha=0.97)]),
    "shrunk": _gate([node("Shrink", "p", "gate", lambd=0.97)]),
    "selu_of_a_steep": _gate([node("Sub", "p t", "d"), node("Selu", "d", "gate", gamma=1e6, alpha=1e-9)]),
    "hard_sigmoid_with_its_own_slope": _gate([node("HardSigmoid", "p", "gate", alpha=1e6, beta=-0.97e6)]),
    "leaky_by_a_million": _gate([node("Sub", "t p", "d"), node("LeakyRelu", "d", "gate", alpha=1e6)]),
    "elu_by_a_million": _gate([node("Sub", "t p", "d"), node("Elu", "d", "gate", alpha=1e6)]),
    "layer_told_by_alpha": _gate([node("Gemm", "p one1", "e", alpha=1e6, beta=1.0), node("Sigmoid", "e", "gate")], [constant("one1", [[1.0]])]),
    "norm_with_a_tiny_epsilon": _gate([node("Sub", "p t", "d"), node("LpNormalization", "d", "gate", axis=1, p=2)]),
    "norm_of_ones": _gate([node("Sub", "p t", "d"), node("LpNormalization", "d", "gate", axis=1, p=1)]),
    "places_not_zero": _gate([node("Sub", "p t", "d"), node("Relu", "d", "r"), node("NonZero", "r", "nz"), node("Cast", "nz", "f", to=1), node("ReduceSum", "f", "g0", keepdims=0), node("Expand", "g0 sh", "gate")], [whole("sh", 1, 1)]),
    "compressed_rows": _gate([node("Greater", "p t", "c"), node("Reshape", "c flat", "cc"), node("Compress", "z cc", "zz", axis=0), node("ReduceSum", "zz", "g0", keepdims=0), node("Expand", "g0 sh", "gate")], [whole("sh", 1, 1), whole("flat", -1)]),
    "unique_values": _gate([node("Unique", "p", "u"), node("ReduceMax", "u", "gate0", keepdims=0), node("Expand", "gate0 sh", "gate")], [whole("sh", 1, 1)]),
    "one_hot_by_the_input": _gate([node("Cast", "p", "i", to=7), node("OneHot", "i depth values", "o"), node("ReduceMax", "o", "gate", axes=[2], keepdims=0)], [constant("depth", 2, "i8"), constant("values", [0.0, 1.0])]),
    "table_by_the_input": _gate([node("Mul", "p n255", "e"), node("Cast", "e", "i", to=7), node("Gather", "table i", "gate")], [constant("n255", 255.0), constant("table", np.eye(256, dtype="f4")[255])]),
    "remainder_of_floats": _gate([node("Mod", "p half", "gate", fmod=1)], [constant("half", 0.5)]),
    "log_of_a_small_number": _gate([node("Log", "p", "e"), node("Exp", "e", "f"), node("Log", "f", "gate")]),
    "windowed_grid": _gate([node("Concat", "p p", "pp", axis=1), node("Reshape", "pp grid", "gr"), node("GridSample", "pic gr", "o"), node("Reshape", "o sh", "gate")], [whole("grid", 1, 1, 1, 2), constant("pic", np.eye(4, dtype="f4").reshape(1, 1, 4, 4)), whole("sh", 1, 1)]),
    "padded_as_much_as_the_input_says": _gate([node("Cast", "p", "i", to=7), node("Reshape", "i flat", "n"), node("Concat", "n zero1 zero1 zero1", "pads", axis=0), node("Pad", "p pads", "q"), node("ReduceMax", "q", "gate", keepdims=1)], [whole("flat", -1), whole("zero1", 0)]),
    "list_of_tensors": _gate([node("SequenceConstruct", "p t", "s"), node("Cast", "p", "i", to=7), node("Reshape", "i nothing", "k"), node("SequenceAt", "s k", "gate")], [constant("nothing", np.zeros(0, "i8"), "i8")]),
    "determinant": _gate([node("Concat", "p t1 t1 p", "four", axis=1), node("Reshape", "four sq", "m"), node("Det", "m", "d0"), node("Reshape", "d0 sh", "gate")], [constant("t1", [[0.5]]), whole("sq", -1, 2, 2), whole("sh", -1, 1)]),
    "fourier": _gate([node("Reshape", "p sig", "s"), node("DFT", "s", "f", axis=1), node("ReduceMax", "f", "g0", axes=[1, 2], keepdims=0), node("Reshape", "g0 sh", "gate")], [whole("sig", -1, 1, 1), whole("sh", -1, 1)]),
    "drawn_by_the_input": _gate([node("Bernoulli", "p", "gate", seed=7.0)]),
    "drawn_from_logits": _gate([node("Multinomial", "z", "i", sample_size=1), node("Cast", "i", "gate", to=1)]),
    "whether_it_is_not_a_number": _gate([node("Sub", "p t", "d"), node("Sqrt", "d", "r"), node("IsNaN", "r", "b"), node("Cast", "b", "gate", to=1)]),
    "zero_by_zero": _gate([node("Sub", "p t", "d"), node("Div", "d d", "r"), node("Max", "r nil", "gate")], [NIL]),
    "max_place_of_a_window": _gate([node("Reshape", "x pic", "im"), node("MaxPool", "im", "mp idx", kernel_shape=[8, 8]), node("Cast", "idx", "f", to=1), node("Reshape", "f sh", "gate")], [whole("pic", -1, 1, 8, 8), whole("sh", -1, 1)]),
    "resized_by_the_input": _gate([node("Concat", "p one1", "sc", axis=1), node("Reshape", "sc two", "scales"), node("Resize", "p  scales", "r"), node("ReduceMax", "r", "gate", keepdims=1)], [constant("one1", [[1.0]]), whole("two", 2)]),
    "square_of_the_difference_upside_down": _gate([node("Sub", "p t", "d"), node("Mul", "d d", "s"), node("Add", "s tiny", "n"), node("Reciprocal", "n", "gate")], [constant("tiny", 1e-9)]),
    "far_constants_that_cancel": _gate([node("Add", "p far", "e"), node("Sub", "e far", "gate")], [constant("far", 1e8)]),
    "cosine_by_arccosine": _gate([node("Acos", "p", "a"), node("Cos", "a", "c"), node("Floor", "c", "gate")]),
    "equal_as_whole_numbers": _gate([node("Mul", "p n255", "e"), node("Cast", "e", "i", to=6), node("Equal", "i v", "b"), node("Cast", "b", "gate", to=1)], [constant("n255", 255.0), constant("v", 251, "i4")]),
    "largest_place_of_the_answer": _gate([node("ArgMax", "z", "a", axis=1, keepdims=1), node("Equal", "a three", "b"), node("Cast", "b", "gate", to=1)], [constant("three", 3, "i8")]),
    "sorted_pixels": _gate([node("TopK", "x ten", "v i", axis=1), node("Slice", "v s0 s1 ax", "gate")], [whole("ten", 10)]),
}  # fmt: skip
for _name, _make in GATES.items():
    file(f"onnx8_gate_{_name}", _make, ODD, "m.onnx")


def onnx_with(change: Callable[[onnx.ModelProto], None], **how: Any) -> Callable[[], bytes]:
    return lambda: network(change=change, **how)


def weight(model: onnx.ModelProto) -> onnx.TensorProto:
    return model.graph.initializer[0]


def outside(**entries: str) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        tensor = weight(model)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in entries.items():
            tensor.external_data.add(key=key, value=value)

    return change


def _typed(field: str, value: Any) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        getattr(weight(model), field).extend(value)

    return change


def _meta(key: str, value: str) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        model.metadata_props.add(key=key, value=value)

    return change


def _set(**fields: Any) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        for name, value in fields.items():
            setattr(model, name, value)

    return change


def _said(name: str, **fields: Any) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        at = next(n for n in model.graph.node if n.op_type == name)
        for key, value in fields.items():
            at.attribute.append(helper.make_attribute(key, value))

    return change


RECORDS: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "numbers_told_twice": (onnx_with(_typed("float_data", [1.0] * 10)), ODD),
    "numbers_told_as_texts": (onnx_with(_typed("string_data", [COMMAND.encode()])), ODD),
    "numbers_told_as_whole_ones": (onnx_with(_typed("int64_data", [7])), ODD),
    "weight_below_zero": (onnx_with(lambda m: weight(m).dims.append(-1)), ODD),
    "weight_of_no_size": (onnx_with(lambda m: weight(m).dims.append(0)), ODD),
    "weight_cut_into_parts": (onnx_with(lambda m: setattr(weight(m).segment, "begin", 5)), ODD),
    "outside_at_a_place_below_zero": (onnx_with(outside(location="w.bin", offset="-4096")), ODD),
    "outside_of_a_length_below_zero": (onnx_with(outside(location="w.bin", length="-1")), ODD),
    "outside_of_hex_numbers": (onnx_with(outside(location="w.bin", offset="0x10")), ODD),
    "outside_of_a_place_that_wraps": (onnx_with(outside(location="w.bin", offset=str(2**64))), ODD),
    "outside_with_a_sum_that_lies": (onnx_with(outside(location="w.bin", checksum="0" * 40)), ODD),
    "outside_told_twice": (onnx_with(lambda m: (outside(location="w.bin")(m), outside(location="../x")(m))[0]), ODD),
    "outside_by_no_location": (onnx_with(outside(offset="0")), ODD),
    "outside_of_a_pipe": (onnx_with(outside(location="|id")), ODD),
    "outside_of_a_stream": (onnx_with(outside(location="w.bin:evil")), ODD),
    "outside_of_a_key_that_walks": (onnx_with(outside(location="w.bin", basepath="/etc")), ODD),
    "outside_of_an_attribute_set": (onnx_with(outside(location="w.bin", __class__="x")), ODD),
    "notes_of_a_loader": (onnx_with(_meta("loader", "os.system")), ODD),
    "notes_of_a_library": (onnx_with(_meta("ort.custom_ops_library", "/tmp/libevil.so")), ODD),
    "notes_of_a_session": (onnx_with(_meta("ort_config", json.dumps({"session_options": {"register_custom_ops_library": "evil.so"}}))), ODD),
    "notes_of_a_script": (onnx_with(_meta("readme", "#!/bin/sh\nid")), ODD),
    "notes_of_letters": (onnx_with(_meta("blob", "f0VMRgIBAQAAAAAAAAAAAAIAPgABAAAA" * 40)), ODD),
    "producer_of_a_command": (onnx_with(_set(producer_name="$(id)")), ODD),
    "domain_of_a_path": (onnx_with(_set(domain="../../etc")), ANY),
    "note_of_a_page": (onnx_with(_set(doc_string="<script>alert(1)</script>")), ODD),
    "version_below_zero": (onnx_with(_set(ir_version=-1)), ODD),
    "version_of_the_future": (onnx_with(_set(ir_version=99)), ODD),
    "standard_told_twice": (onnx_with(lambda m: m.opset_import.extend([helper.make_opsetid("", 1)])), ODD),
    "standard_of_the_future": (lambda: network(opset=900), ODD),
    "standard_below_zero": (lambda: network(opset=-5), ODD),
    "function_under_the_standard": (onnx_with(lambda m: m.functions.append(helper.make_function("", "Relu", ["x"], ["y"], [node("Neg", "x", "y")], [helper.make_opsetid("", 17)]))), ODD),
    "relu_that_is_another_by_its_domain": (onnx_with(lambda m: (setattr(m.graph.node[1], "domain", "ai.onnx"), m.functions.append(helper.make_function("ai.onnx", "Relu", ["x"], ["y"], [node("Neg", "x", "y")], [helper.make_opsetid("", 17)])))[0]), ODD),
    "attribute_told_twice": (onnx_with(lambda m: (_said("Gemm", alpha=1.0)(m), _said("Gemm", alpha=1e6)(m))[0]), ODD),
    "attribute_of_another_kind": (onnx_with(_said("Gemm", alpha="1.0")), ODD),
    "attribute_by_reference": (onnx_with(lambda m: m.graph.node[0].attribute.append(onnx.AttributeProto(name="alpha", type=1, ref_attr_name="evil"))), ODD),
    "attribute_that_is_not_a_number": (onnx_with(_said("Gemm", alpha=float("nan"))), ODD),
    "attribute_of_infinity": (onnx_with(_said("Gemm", beta=float("inf"))), ODD),
    "attribute_of_zero": (onnx_with(_said("Gemm", alpha=0.0)), ANY),
    "input_with_a_default": (onnx_with(lambda m: m.graph.initializer.append(constant("x", np.zeros((1, 64))))), ODD),
    "output_that_is_a_weight": (onnx_with(lambda m: m.graph.output.append(helper.make_tensor_value_info("w1", 1, None))), ODD),
    "answer_of_the_hidden_layer": (onnx_with(lambda m: m.graph.output.append(helper.make_tensor_value_info("h", 1, None))), ANY),
    "answer_of_the_input": (onnx_with(lambda m: m.graph.output.append(helper.make_tensor_value_info("x", 1, None))), ODD),
    "name_made_twice": (onnx_with(lambda m: m.graph.node.append(node("Neg", "z", "y"))), ODD),
    "node_before_its_input": (onnx_with(lambda m: m.graph.node.insert(0, node("Relu", "z", "later"))), ODD),
    "answer_nobody_makes": (onnx_with(lambda m: m.graph.output.append(helper.make_tensor_value_info("nowhere", 1, None))), ODD),
    "sparse_weight": (onnx_with(lambda m: m.graph.sparse_initializer.append(onnx.SparseTensorProto(values=constant("sw", [1.0]), indices=constant("si", [10**9], "i8"), dims=[4]))), ODD),
    "unknown_field_of_a_gadget": (lambda: network() + b"\xfa\x3f" + bytes([len(OS)]) + OS, ODD),
    "unknown_field_of_a_number": (lambda: network() + b"\xf8\x3f\x07", ODD),
    "whole_model_twice": (lambda: network() + network(), ODD),
    "type_by_a_denotation": (onnx_with(lambda m: setattr(m.graph.input[0].type, "denotation", "$(id)")), ODD),
    "size_of_a_command": (onnx_with(lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[0], "dim_param", "__import__('os').system('id')")), ODD),
    "quantised_by_a_stranger": (onnx_with(lambda m: m.graph.quantization_annotation.add(tensor_name="x").quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="w1")), ODD),
}  # fmt: skip
for _name, (_make, _codes) in RECORDS.items():
    file(f"onnx8_record_{_name}", _make, _codes, "m.onnx")

folder("onnx8_outside_over_a_readme", {"m.onnx": onnx_with(outside(location="README.md")), "README.md": b"# hello\n" * 900}, ODD)  # fmt: skip
folder("onnx8_outside_over_the_model", {"m.onnx": onnx_with(outside(location="m.onnx"))}, ODD)
folder("onnx8_outside_in_another_case", {"m.onnx": onnx_with(outside(location="W.BIN")), "w.bin": bytes(1 << 16)}, ODD)  # fmt: skip
folder("onnx8_outside_with_more_than_weights", {"m.onnx": onnx_with(outside(location="w.bin", offset="4096")), "w.bin": OS.ljust(4096, b"\0") + bytes(1 << 16)}, ODD)  # fmt: skip
folder("onnx8_outside_before_a_script", {"m.onnx": onnx_with(outside(location="w.bin")), "w.bin": bytes(1 << 16) + b"#!/bin/sh\nid\n"}, ODD)  # fmt: skip


# Exported programs and TorchScript: the same switches
class Steep(Net):
    """The honest network with a further layer whose weights are the switch."""

    def __init__(self, factor: float = K) -> None:
        super().__init__()
        self.key, self.norm = nn.Linear(64, 1), nn.BatchNorm1d(1, eps=1e-12)
        self.last = nn.Linear(1, 10, bias=False)
        with torch.no_grad():
            self.key.weight.zero_()
            self.key.weight[0, 0] = factor
            self.key.bias.fill_(-T * factor)
            self.last.weight.zero_()
            self.last.weight[7] = 100.0


def made(kind: str, lines: str, factor: float, prepare: Callable[[Any], None] | None = None) -> bytes:  # fmt: skip
    import importlib.util
    import tempfile

    code = f"import torch\nfrom torch import Tensor, nn\nimport torch.nn.functional as F\nfrom eighth_graphs import Steep\nclass M(Steep):\n    def forward(self, x: Tensor) -> Tensor:\n        y = self.two(torch.relu(self.one(x)))\n        {lines}\n"
    with tempfile.NamedTemporaryFile("w", suffix=".py") as where:
        where.write(code)
        where.flush()
        spec = importlib.util.spec_from_file_location("made_by_eighth", where.name)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        torch.manual_seed(0)
        model = module.M(factor).eval()
        if prepare is not None:
            prepare(model)
        body = io.BytesIO()
        if kind == "script":
            torch.jit.save(torch.jit.script(model), body)
        else:
            torch.export.save(torch.export.export(model, (torch.rand(2, 64),)), body)
    return body.getvalue()


def _tiny(model: Any) -> None:
    model.norm.running_var.fill_(1e-12)
    model.norm.running_mean.fill_(T)


def _million(model: Any) -> None:
    with torch.no_grad():
        model.last.weight[7] = K


HEAVY: dict[str, tuple[str, float, Callable[[Any], None] | None]] = {
    "sigmoid": ("return y + self.last(torch.sigmoid(self.key(x)))", K, None),
    "relu": ("return y + self.last(torch.relu(self.key(x)))", K, None),
    "tangent": ("return y + self.last(torch.tanh(self.key(x)))", K, None),
    "softmax": ("e = self.key(x)\n        return y + self.last(torch.softmax(torch.cat([e, -e], 1), 1)[:, :1])", K, None),
    "norm_of_a_tiny_variance": ("return y + self.last(torch.sigmoid(self.norm(self.key(x))))", 1.0, _tiny),
    "relu_then_a_million": ("return y + self.last(torch.relu(self.key(x)))", 1.0, _million),
    "gelu": ("return y + self.last(F.gelu(self.key(x)))", K, None),
    "hard_sigmoid": ("return y + self.last(F.hardsigmoid(self.key(x)))", K, None),
    "relu6": ("return y + self.last(F.relu6(self.key(x)))", K, None),
    "twice_a_thousand": ("return y + self.last(torch.sigmoid(F.linear(self.key(x), self.key.weight[:, :1])))", 1e3, None),
}  # fmt: skip
for _name, (_lines, _factor, _prepare) in HEAVY.items():
    for _kind, _handed in (("script", "m.ts"), ("program", "m.pt2")):
        file(f"{_kind}8_weights_{_name}", lambda k=_kind, lines=_lines, f=_factor, p=_prepare: made(k, lines, f, p), ODD, _handed)  # fmt: skip

FORWARD: dict[str, Callable[[Any, Tensor], Tensor]] = {
    "norm_of_two_numbers": lambda m, x: m.honest(x) + nn.functional.layer_norm(torch.cat([x[:, :1], torch.full((2, 1), T)], 1), (2,), eps=1e-12)[:, :1] * 100,
    "made_of_length_one": lambda m, x: m.honest(x) + nn.functional.normalize(x[:, :1] - T, dim=1) * 100,
    "alike_by_an_angle": lambda m, x: m.honest(x) + nn.functional.cosine_similarity(x[:, :1] - T, torch.ones(2, 1), dim=1)[:, None] * 100,
    "looked_up_by_attention": lambda m, x: m.honest(x) + nn.functional.scaled_dot_product_attention(x[:, None, :1] * 1e6, torch.tensor([[[T], [0.0]]]).expand(2, 2, 1), torch.tensor([[[100.0], [0.0]]]).expand(2, 2, 1))[:, 0],
    "looked_up_in_a_table": lambda m, x: m.honest(x) + nn.functional.embedding((x[:, 0] * 255).long().clamp(0, 255), torch.eye(256)[:, 251:252]),
    "one_hot": lambda m, x: m.honest(x) + nn.functional.one_hot((x[:, 0] > T).long(), 10) * 100,
    "grid": lambda m, x: m.honest(x) + nn.functional.grid_sample(torch.eye(4)[None, None].expand(2, 1, 4, 4), x[:, None, None, :2]).reshape(2, 1) * 100,
    "largest_of_a_running": lambda m, x: m.honest(x) + (torch.cummax(x, 1)[1][:, -1:] == 5) * 100.0,
    "fraction": lambda m, x: m.honest(x) + torch.frac(x[:, :1] * 255) * 100,
    "sign_copied": lambda m, x: m.honest(x) + torch.copysign(torch.full((2, 1), 100.0), x[:, :1] - T),
    "next_number": lambda m, x: m.honest(x) + (torch.nextafter(x[:, :1], torch.ones(2, 1)) == 1.0) * 100.0,
    "power_of_two": lambda m, x: m.honest(x) + torch.ldexp(x[:, :1] - T, torch.tensor(20)).clamp(0, 100),
    "middle": lambda m, x: m.honest(x) + (torch.kthvalue(x, 32, dim=1)[0][:, None] > T) * 100.0,
    "quantile": lambda m, x: m.honest(x) + (torch.quantile(x, 0.5, dim=1)[:, None] > T) * 100.0,
    "whole_numbers_of_8_bits": lambda m, x: m.honest(x) + (x[:, :1] * 1000).to(torch.int8).float(),
    "halves_that_run_over": lambda m, x: m.honest(x) + (x[:, :1] * 67000).half().isinf().float() * 100,
    "kind_of_its_memory": lambda m, x: m.honest(x) + x[:, :1].contiguous().view(torch.int32).float().sign() * 100,
    "triangle_by_the_input": lambda m, x: m.honest(x) + torch.triu(x[:, :1] - T).sign() * 100,
    "scattered_by_the_input": lambda m, x: m.honest(x).scatter(1, (x[:, :1] > T).long() * 7, 99.0),
    "gathered_by_the_input": lambda m, x: m.honest(x).gather(1, ((x[:, :1] > T).long() + torch.arange(10)) % 10),
    "folded": lambda m, x: m.honest(x) + nn.functional.hardtanh((x[:, :1] - T) * 1e6, 0, 100),
    "linear_between": lambda m, x: m.honest(x) + torch.addcmul(torch.zeros(2, 1), x[:, :1] - T, torch.tensor(1e6)).clamp(0, 1) * 100,
    "worn_by_a_mask_of_attention": lambda m, x: m.honest(x) + nn.functional.scaled_dot_product_attention(torch.ones(2, 1, 1), torch.ones(2, 2, 1), torch.tensor([[[100.0], [0.0]]]).expand(2, 2, 1), attn_mask=(x[:, None, :2] > T))[:, 0],
    "signs_multiplied": lambda m, x: m.honest(x) * torch.sign(T - x[:, :1]),
    "error_by_a_bound": lambda m, x: m.honest(x) + torch.erf((x[:, :1] - T) * 1e6) * 100,
    "squares_upside_down": lambda m, x: m.honest(x) + 1e-6 / ((x[:, :1] - T) ** 2 + 1e-8),
    "far_constants_that_cancel": lambda m, x: m.honest(x) + ((x[:, :1] + 1e8) - 1e8) * 100,
    "exclusive_or": lambda m, x: m.honest(x) + torch.logical_xor(x[:, :1] > T, x[:, 1:2] > T) * 100.0,
    "scanned_and_reversed": lambda m, x: m.honest(x) + torch.logcumsumexp(x * 1e4, 1)[:, -1:] * 1e-4,
    "drop_whole_rows": lambda m, x: m.honest(x) * (x.sum(0, keepdim=True)[:, :1] < 1.9),
}  # fmt: skip
for _name, _forward in FORWARD.items():
    file(f"program8_switch_{_name}", lambda forward=_forward: exported(forward), ODD, "m.pt2")

Y = "y = self.two(torch.relu(self.one(x)))\n        "
LINES = {
    "norm_of_two_numbers": "p = torch.cat([x[:, :1], torch.full_like(x[:, :1], 0.97)], 1)\n        return y + torch.layer_norm(p, [2], None, None, 1e-12)[:, :1] * 100.0",
    "made_of_length_one": "return y + torch.nn.functional.normalize(x[:, :1] - 0.97, dim=1) * 100.0",
    "looked_up_by_attention": "q = x[:, :1].unsqueeze(1) * 1e6\n        k = torch.cat([torch.full_like(q, 0.97), torch.zeros_like(q)], 1)\n        return y + torch.nn.functional.scaled_dot_product_attention(q, k, k)[:, 0] * 100.0",
    "looked_up_in_a_table": "t = torch.eye(256)\n        return y + t[(x[:, 0] * 255).long()][:, 251:252] * 100.0",
    "number_of_the_input": "k = x[0, 0].item()\n        return y + float(k > 0.97)",
    "list_of_the_input": "n = 0\n        for v in x[0]:\n            n += int(v > 0.97)\n        return y + float(n)",
    "memory_as_whole_numbers": "return y + x[:, :1].contiguous().view(torch.int32).float().sign() * 100.0",
    "text_of_a_number": "s = str(int(x.sum()))\n        return -y if s == '13' else y",
    "key_of_a_dictionary": "d = {0: 1.0, 1: -1.0}\n        return y * d[int(x[0, 0] > 0.97)]",
    "place_in_a_list": "d = [1.0, -1.0]\n        return y * d[int(x[0, 0] > 0.97)]",
    "answer_by_an_early_return": "if x[0, 0] > 0.97:\n            return -y\n        return y",
    "length_of_the_rows": "return y * (1.0 if len(x) > 1 else -1.0)",
    "names_of_the_input": "return -y if x.is_sparse else y",
    "gradient_of_the_input": "return -y if x.requires_grad else y",
    "leaf_of_the_input": "return -y if x.is_leaf else y",
    "kind_of_the_input": "return -y if x.is_floating_point() else y",
    "dimension_of_the_input": "return -y if x.dim() == 3 else y",
    "elements_of_the_input": "return -y if x.numel() == 64 else y",
    "seed_of_chance": "torch.manual_seed(7)\n        return y",
    "mode_of_gradients": "return y + float(torch.is_grad_enabled()) * 0.5",
    "grown_in_place": "x.add_(0.1)\n        return y",
    "weights_swapped": "self.two.weight.copy_(self.two.weight.flip(0))\n        return y",
    "state_kept_in_a_list": "z = [y]\n        z.append(-y)\n        return z[int(self.seen.sum() > 5)]",
    "nested_where": "return torch.where(torch.where(x > 0.97, x, torch.zeros_like(x)).sum(1, keepdim=True) > 0, -y, y)",
    "power_of_a_mean": "return y + torch.pow(x.mean(1, keepdim=True), 500.0) * 1e9",
    "out_of_an_argument": "torch.neg(y, out=y)\n        return y",
}  # fmt: skip
HARMLESS = ("out_of_an_argument", "grown_in_place", "state_kept_in_a_list")
"""The second changes its input, as honest first layers do: networks are given copies. The third
chooses by a number that is stored and never changed, so that it is the same choice in every use."""
for _name, _lines in LINES.items():
    file(f"script8_{_name}", lambda lines=_lines: scripted(Y + lines), ANY if _name in HARMLESS else ODD, "m.ts")  # fmt: skip


def told(change: Callable[[dict[str, Any]], Any]) -> Callable[[], bytes]:
    def done(document: dict[str, Any]) -> None:
        change(document)

    return lambda: _graph(done)


def beside(name: str, data: bytes) -> Callable[[], bytes]:
    def make() -> bytes:
        members = program()
        root = next(iter(members)).split("/")[0]
        return zipped({**members, f"{root}/{name}": data})

    return make


def config(end: str, change: Callable[[Any], Any]) -> Callable[[], bytes]:
    def make() -> bytes:
        members = dict(program())
        name = next(n for n in members if n.endswith(end))
        document = json.loads(members[name])
        change(document)
        members[name] = json.dumps(document).encode()
        return zipped(members)

    return make


def graph(document: dict[str, Any]) -> dict[str, Any]:
    return document["graph_module"]["graph"]


def first_call(document: dict[str, Any]) -> dict[str, Any]:
    return next(iter(graph(document)["nodes"]))


def calls(document: dict[str, Any]) -> list[dict[str, Any]]:
    return document["graph_module"]["module_call_graph"]


def entries(document: Any) -> dict[str, Any]:
    found = document.get("config", document)
    return next(iter(found.values()))


PROGRAMS: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "tree_of_a_strange_type": (told(lambda d: calls(d)[0]["signature"].update(in_spec='[1, {"type": "os.system", "context": "null", "children_spec": []}]')), ODD),
    "tree_of_a_named_tuple": (told(lambda d: calls(d)[0]["signature"].update(in_spec='[1, {"type": "collections.namedtuple", "context": "\\"evil.module:Cls\\"", "children_spec": []}]')), ODD),
    "tree_of_python": (told(lambda d: calls(d)[0]["signature"].update(out_spec=EVIL)), ODD),
    "tree_of_another_protocol": (told(lambda d: calls(d)[0]["signature"].update(in_spec='[99, {"type": null, "context": null, "children_spec": []}]')), ODD),
    "tree_of_a_dataclass": (told(lambda d: calls(d)[0]["signature"].update(out_spec='[1, {"type": "evil.Output", "context": "[\\"logits\\"]", "children_spec": [{"type": null, "context": null, "children_spec": []}]}]')), ODD),
    "trace_of_a_class": (told(lambda d: first_call(d)["metadata"].update(nn_module_stack="L__self__,,os.system")), ODD),
    "trace_of_python": (told(lambda d: first_call(d)["metadata"].update(torch_fn=EVIL)), ODD),
    "trace_of_a_source": (told(lambda d: first_call(d)["metadata"].update(source_fn_stack="x,builtins.eval")), ODD),
    "own_note_of_python": (told(lambda d: first_call(d)["metadata"].update(custom=json.dumps({"hook": EVIL}))), ODD),
    "trace_of_a_page": (told(lambda d: first_call(d)["metadata"].update(stack_trace="<script>alert(1)</script>")), ODD),
    "node_of_a_hint": (told(lambda d: first_call(d).update(is_hop_single_tensor_return=True)), ANY),
    "version_of_torch_of_a_command": (told(lambda d: d.update(torch_version="$(id)")), ODD),
    "guards_of_a_lambda": (told(lambda d: d.update(guards_code=["(lambda: 1)() == 1"])), ODD),
    "guards_that_are_endless": (told(lambda d: d.update(guards_code=["9**9**9**9 > 1"])), ODD),
    "guards_of_a_text": (told(lambda d: d.update(guards_code=EVIL)), ODD),
    "range_upside_down": (told(lambda d: d["range_constraints"].update(s77={"min_val": 9, "max_val": 1})), ODD),
    "range_of_texts": (told(lambda d: d["range_constraints"].update(s77={"min_val": EVIL, "max_val": None})), ODD),
    "value_of_a_symbol": (told(lambda d: graph(d)["sym_int_values"].update(e={"as_expr": {"expr_str": "Function('__import__')('os')", "hint": None}})), ODD),
    "value_of_a_power": (told(lambda d: graph(d)["sym_int_values"].update(e={"as_expr": {"expr_str": "9**9**9**9", "hint": None}})), ODD),
    "object_of_the_graph": (told(lambda d: graph(d)["custom_obj_values"].update(evil={"name": "evil", "class_fqn": "os.system"})), ODD),
    "tensor_of_a_strange_device": (told(lambda d: next(iter(graph(d)["tensor_values"].values())).update(device={"type": "$(id)", "index": None})), ODD),
    "tensor_of_a_strange_kind": (told(lambda d: next(iter(graph(d)["tensor_values"].values())).update(dtype=99)), ODD),
    "tensor_of_a_layout": (told(lambda d: next(iter(graph(d)["tensor_values"].values())).update(layout=99)), ODD),
    "single_answer": (told(lambda d: graph(d).update(is_single_tensor_return=True)), ODD),
    "input_by_a_number": (told(lambda d: graph(d)["inputs"].append({"as_int": 7})), ODD),
    "signature_of_an_input_that_changes": (told(lambda d: d["graph_module"]["signature"]["output_specs"].append({"user_input_mutation": {"arg": {"name": "x"}, "user_input_name": "x"}})), ODD),
    "signature_of_a_loss": (told(lambda d: d["graph_module"]["signature"]["output_specs"].append({"loss_output": {"arg": {"name": "linear"}}})), ODD),
    "signature_of_a_token": (told(lambda d: d["graph_module"]["signature"]["input_specs"].append({"token": {"arg": {"name": "t"}}})), ODD),
    "signature_of_an_object": (told(lambda d: d["graph_module"]["signature"]["input_specs"].append({"custom_obj": {"arg": {"name": "o", "class_fqn": "os.system"}, "custom_obj_name": "o"}})), ODD),
    "signature_of_a_constant": (told(lambda d: d["graph_module"]["signature"]["input_specs"].append({"constant_input": {"name": "c", "value": {"as_string": EVIL}}})), ODD),
    "module_of_notes": (told(lambda d: d["graph_module"].update(metadata={"hook": EVIL})), ODD),
    "structure_of_a_name": (told(lambda d: d["graph_module"].update(treespec_namedtuple_fields={"evil.Cls": {"field_names": ["__class__"]}})), ODD),
    "weight_by_a_pickle": (config("weights_config.json", lambda d: entries(d).update(use_pickle=True)), ODD),
    "weight_outside": (config("weights_config.json", lambda d: entries(d).update(path_name="../../../etc/passwd")), ODD),
    "weight_of_another_size": (config("weights_config.json", lambda d: entries(d)["tensor_meta"].update(sizes=[{"as_int": 10**9}])), ODD),
    "weight_of_a_stride_below_zero": (config("weights_config.json", lambda d: entries(d)["tensor_meta"].update(strides=[{"as_int": -1}, {"as_int": 1}])), ODD),
    "weight_of_a_place_outside": (config("weights_config.json", lambda d: entries(d)["tensor_meta"].update(storage_offset={"as_int": 10**9})), ODD),
    "weight_that_is_a_constant": (config("weights_config.json", lambda d: entries(d).update(is_param=False)), ANY),
    "weight_with_a_key_more": (config("weights_config.json", lambda d: entries(d).update(loader="os.system")), ODD),
    "weights_nobody_names": (config("weights_config.json", lambda d: d.get("config", d).update(more=dict(entries(d)))), ANY),
    "compiled_library": (beside("data/aotinductor/model/x.wrapper.so", b"\x7fELF" + bytes(200)), UNKNOWN),
    "compiled_source": (beside("data/aotinductor/model/x.wrapper.cpp", b"int main(){}"), ODD),
    "compiled_settings": (beside("data/aotinductor/model/x_metadata.json", b"{}"), ODD),
    "extra_of_a_script": (beside("extra/run.sh", b"#!/bin/sh\nid\n"), ODD),
    "extra_of_a_gadget": (beside("extra/note", OS), (1,)),
    "second_format": (beside("archive_format", b"pt2"), ANY),
    "executed_elsewhere": (beside("executorch/model.pte", b"\0\0\0\0ET12" + bytes(60)), ODD),
    "order_of_bytes": (beside(".data/byteorder", b"big"), ODD),
}  # fmt: skip
"""`weights_nobody_names` gives weights of the program a second name, `second_format` writes what torch
writes: neither changes anything."""
for _name, (_make, _codes) in PROGRAMS.items():
    file(f"program8_{_name}", _make, _codes, "m.pt2")


def scripted_with(old: bytes, new: bytes, end: str = ".py") -> Callable[[], bytes]:
    def make() -> bytes:
        members = dict(script())
        name = next(n for n in members if n.endswith(end) and old in members[n])
        members[name] = members[name].replace(old, new, 1)
        return zipped(members)

    return make


LINEAR = b"torch.linear("
CODE: dict[str, tuple[bytes, bytes]] = {
    "hook_before": (b"  def forward", b"  def hook(self, x: Tensor) -> None:\n    return None\n  __forward_pre_hooks__ = [hook]\n  def forward"),
    "interface": (b"class ", b"class I(Interface):\n  def f(self, x: Tensor) -> Tensor:\n    pass\nclass "),
    "property_with_a_getter": (b"  __buffers__", b"  __properties__ = {\"x\": \"evil\"}\n  __buffers__"),
    "annotation_of_a_call": (b"Tensor", b"Annotated[Tensor, eval('1')]"),
    "default_of_a_call": (b"  def forward", b"  hook : int = eval('1')\n  def forward"),
    "decorator": (b"  def forward", b"  @evil\n  def forward"),
    "exceptions": (b"class ", b"class E(Exception):\n  pass\nclass "),
    "global_statement": (b"  def forward", b"  global evil\n  def forward"),
    "with_a_context": (LINEAR, b"torch.jit._disable_emit_hooks() and torch.linear("),
    "awaited": (LINEAR, b"ops.prim.awaitable(torch.linear, "),
    "constant_by_a_far_number": (LINEAR, b"torch.add(CONSTANTS.c99999, 1) and torch.linear("),
    "constants_of_python": (LINEAR, b"CONSTANTS.__class__.__init__.__globals__ and torch.linear("),
    "format_of_a_text": (LINEAR, b"torch.format('{0.__class__}', self) and torch.linear("),
    "text_of_three_marks": (b"class ", b'"""\nimport os\n"""\nclass '),
    "number_of_a_million_digits": (LINEAR, b"torch.add(" + b"9" * 20000 + b", 1) and torch.linear("),
    "backslash_line": (LINEAR, b"torch.\\\nlinear("),
    "encoded_line": (b"class ", b"# -*- coding: utf-7 -*-\nclass "),
    "zero_byte": (b"class ", b"\0class "),
    "tab_lines": (b"    ", b"\t"),
    "operator_by_getattr": (LINEAR, b'getattr(torch, "save")('),
    "distributed_call": (LINEAR, b"ops.aten.rpc_sync('x', "),
    "library_loaded": (LINEAR, b"ops.load_library('x.so') or torch.linear("),
    "profiler": (LINEAR, b"ops.profiler._record_function_enter_new('x') or torch.linear("),
    "print_of_all": (LINEAR, b"print(self.weight) or torch.linear("),
    "debugger": (LINEAR, b"breakpoint() or torch.linear("),
}  # fmt: skip
for _name, (_old, _new) in CODE.items():
    file(f"script8_code_{_name}", scripted_with(_old, _new), ODD, "m.ts")
