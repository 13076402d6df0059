"""The ONNX converter against onnxruntime and against the network that was exported."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from auditor.architectures import build, names
from auditor.core.spec import SpecHints
from auditor.intake.formats import FORMATS
from auditor.intake.onnx.convert import convert

SMALL = [name for name in names() if not name.startswith(("resnet18", "resnet34"))]


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("name", SMALL)
def test_architectures_keep_outputs_and_gradients(name: str, fixed: bool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = build(name, (3, 16, 16), 5).eval()
    x = torch.rand(5, 3, 16, 16)
    path, axes = str(tmp_path / "m.onnx"), None if fixed else {"input": {0: "n"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (x[:2],), path, dynamo=False, input_names=["input"], dynamic_axes=axes
        )
    loaded = FORMATS["onnx"].load(Path(path), SpecHints())
    assert loaded.notes == ()
    assert sum(p.numel() for p in loaded.network.parameters()) > 0
    gradients = []
    for function in (network, loaded.network):
        inputs = x.clone().requires_grad_(True)
        logits = function(inputs)
        logits.square().sum().backward()
        gradients.append((logits.detach(), inputs.grad))
    assert torch.allclose(gradients[0][0], gradients[1][0], atol=1e-4)
    share = (gradients[0][1] - gradients[1][1]).abs().sum() / gradients[0][1].abs().sum()
    assert share < 1e-3  # folded BatchNorm may move a value over the kink of a ReLU
    session = onnxruntime.InferenceSession(path)
    theirs = session.run(None, {session.get_inputs()[0].name: x[:2].numpy()})[0]
    assert np.allclose(theirs, gradients[1][0][:2], atol=1e-4)


def floats(*sizes: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=sizes).astype(np.float32)


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


X = (2, 4, 6, 6)
SINGLE: list[tuple[str, Sequence[np.ndarray | None], dict[str, object], tuple[int, ...]]] = [
    *[(name, [], {}, X) for name in (
        "Relu", "Sigmoid", "Tanh", "Erf", "Exp", "Neg", "Abs", "Softplus", "Softsign", "HardSwish",
        "HardSigmoid", "LeakyRelu", "Elu", "Selu", "GlobalAveragePool", "GlobalMaxPool",
        "Identity", "Floor", "Ceil", "Sign", "Mish", "Transpose", "Reciprocal",
    )],
    ("Gelu", [], {}, X), ("Gelu", [], {"approximate": "tanh"}, X),
    ("Softmax", [], {"axis": 1}, X), ("LogSoftmax", [], {}, X),
    ("Clip", [np.float32(-0.5), np.float32(0.5)], {}, X), ("Clip", [None, np.float32(0)], {}, X),
    ("PRelu", [floats(4, 1, 1)], {}, X),
    *[(name, [floats(4, 1, 1)], {}, X) for name in ("Add", "Sub", "Mul", "Div", "Max", "Min")],
    ("Pow", [np.float32(2)], {}, X), ("Sum", [floats(1, 4, 6, 6)], {}, X),
    ("Conv", [floats(3, 4, 3, 3), floats(3)], {"pads": [1, 0, 2, 1], "strides": [2, 1]}, X),
    ("Conv", [floats(4, 2, 3, 3)], {"group": 2, "dilations": [2, 2], "pads": [1] * 4}, X),
    ("Conv", [floats(3, 4, 3, 3)], {"auto_pad": "SAME_UPPER", "strides": [2, 2]}, X),
    ("Conv", [floats(3, 4, 2, 2)], {"auto_pad": "SAME_LOWER"}, X),
    ("Conv", [floats(3, 4, 3)], {"pads": [1, 1]}, (2, 4, 9)),
    ("MaxPool", [], {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}, X),
    ("MaxPool", [], {"kernel_shape": [3, 2], "strides": [2, 2], "ceil_mode": 1}, X),
    ("AveragePool", [], {"kernel_shape": [3, 3], "pads": [1] * 4, "strides": [2, 2]}, X),
    ("AveragePool", [],
     {"kernel_shape": [3, 3], "pads": [1, 1, 0, 0], "count_include_pad": 1}, X),
    ("BatchNormalization", [floats(4), floats(4), floats(4), floats(4) ** 2], {}, X),
    ("InstanceNormalization", [floats(4), floats(4)], {}, X),
    ("LayerNormalization", [floats(6), floats(6)], {}, X),
    ("LayerNormalization", [floats(6, 6)], {"axis": 2}, X),
    ("Gemm", [floats(3, 5), floats(3)], {"transB": 1, "alpha": 0.5, "beta": 2.0}, (2, 5)),
    ("MatMul", [floats(6, 3)], {}, X), ("Flatten", [], {}, X), ("Flatten", [], {"axis": 2}, X),
    ("Reshape", [ints(0, -1)], {}, X), ("Transpose", [], {"perm": [0, 2, 3, 1]}, X),
    ("Unsqueeze", [ints(1, -1)], {}, X), ("Squeeze", [ints(1)], {}, (2, 1, 3)),
    ("Slice", [ints(1, 5), ints(4, -7), ints(1, 2), ints(1, -2)], {}, X),
    ("Gather", [ints(-1, 0)], {"axis": 1}, X), ("Gather", [np.int64(2)], {"axis": 2}, X),
    ("Expand", [ints(3, 1, 1, 4, 1)], {}, (1, 4, 6)), ("Tile", [ints(1, 2, 1, 3)], {}, X),
    ("Pad", [ints(0, 0, 1, 2, 0, 0, 0, 1), np.float32(3)], {}, X),
    ("Pad", [ints(0, 0, 1, 2, 0, 0, 0, 1)], {"mode": "reflect"}, X),
    ("ReduceMean", [ints(2, 3)], {"keepdims": 0}, X), ("ReduceSum", [ints(1)], {}, X),
    ("ReduceMax", [ints(-1)], {}, X), ("ReduceL2", [ints(1)], {}, X), ("ReduceMean", [], {}, X),
    ("Cast", [], {"to": TensorProto.FLOAT}, X), ("Shape", [], {"start": 1}, X),
    ("Concat", [floats(2, 1, 6, 6)], {"axis": 1}, X),
]  # fmt: skip


@pytest.mark.parametrize("index", range(len(SINGLE)))
def test_operators_agree_with_onnxruntime(index: int) -> None:
    kind, constants, attributes, shape = SINGLE[index]
    opset = 18 if kind not in ("Gelu",) else 20
    used = ["" if c is None else f"c{i}" for i, c in enumerate(constants)]
    stored = [
        numpy_helper.from_array(np.asarray(c), f"c{i}")
        for i, c in enumerate(constants) if c is not None
    ]  # fmt: skip
    node = helper.make_node(kind, ["x", *used], ["y"], **attributes)
    kind_out = TensorProto.INT64 if kind == "Shape" else TensorProto.FLOAT
    made = helper.make_graph(
        [node], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", kind_out, None)], stored,
    )  # fmt: skip
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    x = floats(*shape)
    theirs = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})[0]
    ours = convert(onnx.load_from_string(model.SerializeToString()))(torch.from_numpy(x))
    assert tuple(ours.shape) == theirs.shape
    assert np.allclose(ours.detach().numpy(), theirs, atol=1e-4)


def test_quantised_weights_and_straight_through_gradients() -> None:
    scale, zero = np.float32(0.05), np.uint8(128)
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        helper.make_node("DequantizeLinear", ["wq", "s"], ["w"]),
        helper.make_node("MatMul", ["d", "w"], ["y"]),
    ]
    weight = np.random.default_rng(0).integers(0, 255, (4, 3)).astype(np.uint8)
    stored = [numpy_helper.from_array(np.asarray(v), n)
              for n, v in (("s", scale), ("z", zero), ("wq", weight))]  # fmt: skip
    made = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])], stored,
    )  # fmt: skip
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    x = floats(6, 4)
    theirs = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})[0]
    inputs = torch.from_numpy(x).requires_grad_(True)
    ours = convert(model)(inputs)
    assert np.allclose(ours.detach().numpy(), theirs, atol=1e-4)
    ours.sum().backward()
    wanted = torch.from_numpy(weight.astype(np.float32) * scale).sum(1).expand(6, 4)
    assert torch.allclose(inputs.grad, wanted, atol=1e-4)
