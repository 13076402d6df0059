"""Traits of small hand-written graphs."""

from __future__ import annotations

from auditor.core.graph import Graph, Node
from auditor.methods.graphs import missing, traits, unexpected

STORED = {"w1": (8, 3, 3, 3), "w2": (10, 8), "spare": (4, 4), "bn.num_batches_tracked": ()}
TRUNK = (
    Node("conv2d", ("x", "w1"), ("a",)),
    Node("relu_", ("a",), ("b",)),
    Node("mean", ("b",), ("c",)),
    Node("linear", ("c", "w2"), ("y",)),
)


def graph(*nodes: Node, output: str = "y") -> Graph:
    return Graph(("x",), (output,), (*TRUNK, *nodes), STORED)


def test_an_ordinary_graph() -> None:
    found = traits(graph())
    assert found.bypasses == found.decisions == found.control_flow == ()
    assert not found.weightless
    assert found.unused == ("spare",)
    assert dict(found.layers) == {(8, 3, 3, 3): 1, (8, 10): 1}
    assert set(found.operators) == {"conv", "relu", "mean", "matmul"}


def test_sizes_of_the_input_are_no_path() -> None:
    shaped = (Node("size", ("x",), ("n",)), Node("view", ("y", "n"), ("z",)))
    found = traits(graph(*shaped, output="z"))
    assert not found.bypasses
    assert not found.weightless


def test_a_path_around_the_weights() -> None:
    found = traits(graph(Node("amax", ("x",), ("s",)), Node("add", ("y", "s"), ("z",)), output="z"))
    assert found.bypasses == ("add",)
    assert found.weightless


def test_what_no_output_depends_on_decides_nothing() -> None:
    found = traits(graph(Node("gt", ("x",), ("s",))))
    assert not found.decisions


def test_a_branch_on_a_value_and_one_on_a_size() -> None:
    steered = Node("if", ("q", "y", "y"), ("z",), 1)
    on_value = (Node("bool", ("x",), ("q",)), steered)
    on_size = (Node("size", ("x",), ("q",)), steered)
    assert traits(graph(*on_value, output="z")).control_flow == ("if",)
    assert not traits(graph(*on_size, output="z")).control_flow


def test_selection_by_data_and_by_constants() -> None:
    by_data = Node("where", ("y", "y", "c"), ("z",))
    by_constant = Node("gather", ("y", "k"), ("z",))
    assert traits(graph(by_data, output="z")).decisions == ("where",)
    assert not traits(graph(by_constant, output="z")).decisions


def test_differences_name_layers_and_operators() -> None:
    plain = traits(graph())
    other = traits(graph(Node("sin", ("y",), ("z",)), output="z"))
    assert unexpected(other, plain) == {"sin": 1}
    assert unexpected(plain, plain) == {}
    short = traits(Graph(("x",), ("c",), TRUNK[:3], STORED))
    assert missing(short, plain) == {"layer 8x10": 1}
