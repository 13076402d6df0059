"""Delivered graphs of every format as `core.graph.Graph`.

Limits: reads what the scan has accepted; TorchScript's graph is that of the loaded module, with all
its methods written in place.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor, nn

from auditor.core.errors import DeliveryError
from auditor.core.graph import Graph, Node, Shape
from auditor.intake.argument_names import names

MOST_NODES = 200_000
"""A graph of more is refused: what lies behind them would go unseen."""


def of_script(module: torch.jit.ScriptModule) -> Graph:
    """The graph of a TorchScript module's ``forward``."""
    written = module.inlined_graph
    own, *inputs = (value.debugName() for value in written.inputs())
    reader = _Script(dict(module.state_dict().items()), own)
    reader.block(written)
    outputs = tuple(value.debugName() for value in written.outputs())
    stored = {name: tuple(value.shape) for name, value in reader.state.items()}
    return Graph(tuple(inputs), outputs, tuple(reader.nodes), stored | reader.constants)


def of_module(network: nn.Module, example: Tensor) -> Graph:
    """The graph of one of our own networks, traced on an example ``(n, *shape)``."""
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes become constants, which is wanted here
        traced = torch.jit.trace(network, example, check_trace=False)  # type: ignore[no-untyped-call]
    return of_script(traced)


class _Script:
    """Collects nodes; attributes are followed to the stored tensors that they name."""

    def __init__(self, state: dict[str, Tensor], own: str) -> None:
        self.state = state
        self.nodes: list[Node] = []
        self.paths = {own: ""}
        self.known: dict[str, str] = {}
        self.constants: dict[str, Shape] = {}

    def block(self, block: Any) -> None:
        for node in block.nodes():
            _few(len(self.nodes) + 1)
            self._node(node)

    def _node(self, node: Any) -> None:
        kind = str(node.kind())
        outputs = tuple(value.debugName() for value in node.outputs())
        if kind == "prim::GetAttr":
            self._attribute(node, outputs[0])
        elif kind == "prim::Constant":
            if node.hasAttribute("value") and node.kindOf("value") == "t":
                self.constants[outputs[0]] = tuple(node.t("value").shape)
        elif kind == "prim::If":
            self._branches(node, outputs)
        elif kind == "prim::Loop":
            self._loop(node, outputs)
        else:
            inputs = tuple(self._name(value) for value in node.inputs())
            self.nodes.append(Node(kind.rpartition("::")[2].lower(), inputs, outputs))

    def _name(self, value: Any) -> str:
        name = str(value.debugName())
        return self.known.get(name, name)

    def _attribute(self, node: Any, output: str) -> None:
        source = next(iter(node.inputs())).debugName()
        path = f"{self.paths.get(source, '?')}.{node.s('name')}".lstrip(".")
        if path in self.state:
            self.known[output] = path
        else:
            self.paths[output] = path

    def _branches(self, node: Any, outputs: tuple[str, ...]) -> None:
        results: list[str] = []
        for block in node.blocks():
            self.block(block)
            results += [self._name(value) for value in block.outputs()]
        condition = tuple(self._name(value) for value in node.inputs())
        self.nodes.append(Node("if", (*condition, *results), outputs, len(condition)))

    def _loop(self, node: Any, outputs: tuple[str, ...]) -> None:
        count, condition, *carried = (self._name(value) for value in node.inputs())
        body = next(iter(node.blocks()))
        _, *inner = (value.debugName() for value in body.inputs())
        for before, within in zip(carried, inner, strict=True):
            self.nodes.append(Node("carry", (before,), (within,)))
        self.block(body)
        again, *results = (self._name(value) for value in body.outputs())
        inputs = (count, condition, again, *carried, *results)
        self.nodes.append(Node("loop", inputs, outputs, 3))


def of_export(document: dict[str, Any]) -> Graph:
    """The graph of a ``.pt2`` archive's JSON document."""
    module = document["graph_module"]
    graph, signature = module["graph"], module["signature"]
    sizes = {
        name: tuple(size.get("as_int", 0) for size in value["sizes"])
        for name, value in graph["tensor_values"].items()
    }
    stored, inputs = {}, []
    for spec in signature["input_specs"]:
        kind, body = next(iter(spec.items()))
        name = next(names(body.get("arg", {})), "")
        if kind == "user_input":
            inputs.append(name)
        else:
            stored[name] = sizes.get(name, ())
    _few(len(graph["nodes"]))
    nodes = tuple(_exported(entry) for entry in graph["nodes"])
    outputs = tuple(name for spec in signature["output_specs"] for name in names(spec))
    return Graph(tuple(inputs), outputs, nodes, stored)


def _exported(entry: dict[str, Any]) -> Node:
    parts = str(entry["target"]).split(".")
    op = parts[3] if parts[:2] == ["torch", "ops"] and len(parts) > 3 else parts[-1]
    inputs = tuple(name for value in entry["inputs"] for name in names(value.get("arg")))
    return Node(op.lower(), inputs, tuple(names(entry["outputs"])))


def of_onnx(graph: Any) -> Graph:
    """An ONNX graph; constants count as stored values."""
    stored = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    nodes = []
    _few(len(graph.node))
    for entry in graph.node:
        if entry.op_type == "Constant":
            shapes = [tuple(a.t.dims) for a in entry.attribute if a.HasField("t")]
            stored[entry.output[0]] = shapes[0] if shapes else ()
        else:
            nodes.append(Node(entry.op_type.lower(), tuple(entry.input), tuple(entry.output)))
    inputs = tuple(value.name for value in graph.input if value.name not in stored)
    outputs = tuple(value.name for value in graph.output)
    return Graph(inputs, outputs, tuple(nodes), stored)


def _few(count: int) -> None:
    """Refuse a graph of more than `MOST_NODES` operators."""
    if count > MOST_NODES:
        what = f"The graph has more than {MOST_NODES:,} operators."
        raise DeliveryError(what, "Ask the vendor for the plain network.", "unsupported")
