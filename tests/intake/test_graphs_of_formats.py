"""Graphs of TorchScript, .pt2 and ONNX in one form: branches, loops, stored values, their names."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from onnx import TensorProto, helper
from torch import Tensor, nn

from auditor.core.errors import DeliveryError
from auditor.core.graph import Node
from auditor.intake import graphs
from auditor.intake.graphs import of_export, of_onnx, of_script
from auditor.methods.graphs import Traits, traits


class Net(nn.Module):
    """One layer, and one that nothing uses."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(8, 4))
        self.spare = nn.Linear(2, 3)
        self.places = torch.tensor([0, 2])


class Plain(Net):
    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.inner(x))


class Branch(Net):
    def forward(self, x: Tensor) -> Tensor:
        y = self.inner(x)
        if bool(y.sum() > 0):
            y = -y
        return y


class Rounds(Net):
    def forward(self, x: Tensor) -> Tensor:
        y = self.inner(x)
        for _ in range(int(y.sum())):
            y = y * 2
        return y


class Again(Net):
    def forward(self, x: Tensor) -> Tensor:
        y = self.inner(x)
        while bool(y.sum() < 3):
            y = y + 1
        return y


class Four(Net):
    def forward(self, x: Tensor) -> Tensor:
        y = self.inner(x)
        for _ in range(4):
            y = torch.relu(y)
        return y


class Past(Net):
    def forward(self, x: Tensor) -> Tensor:
        y, z = self.inner(x), x[:, :4]
        for _ in range(4):
            y, z = y + z, z * 2
        return y


def scripted(network: nn.Module) -> Traits:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return traits(of_script(torch.jit.script(network.eval())))


def test_branches_and_loops_that_values_steer_are_control_flow() -> None:
    assert scripted(Branch()).control_flow == ("if",)
    assert scripted(Rounds()).control_flow == ("loop",)
    assert scripted(Again()).control_flow == ("loop",)
    assert scripted(Four()).control_flow == scripted(Plain()).control_flow == ()


def test_what_a_loop_carries_is_followed() -> None:
    assert "add" in scripted(Past()).bypasses
    assert not scripted(Four()).bypasses


def test_stored_values_of_a_program_have_their_names() -> None:
    found = scripted(Plain())
    assert found.layers == {(4, 8): 1}
    assert {"spare.weight", "spare.bias"} <= set(found.unused)
    assert not {"inner.0.weight", "inner.0.bias"} & set(found.unused)


def entry(target: str, output: str, *inputs: str) -> dict[str, Any]:
    return {
        "target": target,
        "inputs": [{"name": "a", "arg": {"as_tensor": {"name": name}}} for name in inputs],
        "outputs": [{"as_tensor": {"name": output}}],
    }


def test_a_graph_of_torch_export() -> None:
    sizes = {"p_w": [4, 8], "p_s": [3, 2]}
    document = {"graph_module": {
        "graph": {
            "tensor_values": {n: {"sizes": [{"as_int": s} for s in v]} for n, v in sizes.items()},
            "nodes": [entry("torch.ops.aten.linear.default", "h", "x", "p_w"),
                      entry("torch.ops.aten.gt.Scalar", "y", "h")],
        },
        "signature": {
            "input_specs": [
                {"parameter": {"arg": {"name": "p_w"}, "parameter_name": "w"}},
                {"parameter": {"arg": {"name": "p_s"}, "parameter_name": "s"}},
                {"user_input": {"arg": {"as_tensor": {"name": "x"}}}},
            ],
            "output_specs": [{"user_output": {"arg": {"as_tensor": {"name": "y"}}}}],
        },
    }}  # fmt: skip
    graph = of_export(document)
    assert (graph.inputs, graph.outputs) == (("x",), ("y",))
    assert graph.nodes[0] == Node("linear", ("x", "p_w"), ("h",))
    found = traits(graph)
    assert (found.layers, found.decisions, found.unused) == ({(4, 8): 1}, ("gt",), ("p_s",))


def test_a_graph_of_onnx() -> None:
    weight, spare = (
        helper.make_tensor(name, TensorProto.FLOAT, [8, 4], [0.5] * 32) for name in ("w", "s")
    )
    told = helper.make_tensor("t", TensorProto.FLOAT, [4], [1.0] * 4)
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["n", 8]) for n in ("x", "w")]
    made = helper.make_graph(
        [helper.make_node("Constant", [], ["c"], value=told),
         helper.make_node("MatMul", ["x", "w"], ["h"]),
         helper.make_node("Greater", ["h", "c"], ["y"])],
        "g", inputs, [helper.make_tensor_value_info("y", TensorProto.BOOL, ["n", 4])],
        [weight, spare],
    )  # fmt: skip
    graph = of_onnx(made)
    assert (graph.inputs, graph.outputs) == (("x",), ("y",))
    assert [node.op for node in graph.nodes] == ["matmul", "greater"]
    assert dict(graph.stored) == {"w": (8, 4), "s": (8, 4), "c": (4,)}
    found = traits(graph)
    assert (found.decisions, found.unused) == (("greater",), ("s",))


def test_a_graph_of_too_many_operators_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = [helper.make_node("Relu", [f"v{n}"], [f"v{n + 1}"]) for n in range(3)]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("v0", "v3")]
    drawn = helper.make_graph(nodes, "net", ends[:1], ends[1:])
    script = torch.jit.script(Plain().eval())
    exported = {"graph_module": {"graph": {"nodes": [{}] * 3, "tensor_values": {}},
                                 "signature": {"input_specs": [], "output_specs": []}}}  # fmt: skip
    assert len(of_onnx(drawn).nodes) == 3
    monkeypatch.setattr(graphs, "MOST_NODES", 1)
    for read, graph in ((of_onnx, drawn), (of_script, script), (of_export, exported)):
        with pytest.raises(DeliveryError, match="more than 1 operators"):
            read(graph)
