"""What the probe of the graph makes of each trait, on graphs of a few nodes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from auditor.core.finding import Result
from auditor.core.graph import Graph, Node
from auditor.core.probe import Context
from auditor.probes.graph import GraphFindings

STORED = {"w1": (8, 3, 3, 3), "w2": (10, 8)}
TRUNK = (
    Node("conv2d", ("x", "w1"), ("a",)),
    Node("relu", ("a",), ("b",)),
    Node("mean", ("b",), ("c",)),
    Node("linear", ("c", "w2"), ("y",)),
)
KINDS = ("control_flow", "decisions", "bypasses", "random", "files", "unused")


def graph(*nodes: Node, **stored: tuple[int, ...]) -> Graph:
    return Graph(("x",), ("z" if nodes else "y",), (*TRUNK, *nodes), {**STORED, **stored})


def measured(delivered: Graph, expected: Graph | None = None) -> Result:
    origin = SimpleNamespace(
        graph=delivered, expected=expected, declared="", reason="No architecture was declared."
    )
    subject: Any = SimpleNamespace(origin=origin)
    clean: Any = None
    return GraphFindings().run(subject, clean, Context())


def value(result: Result, name: str) -> float:
    measure = result.measures[name]
    return float(getattr(measure, "value", measure))


@pytest.mark.parametrize(
    ("kind", "nodes", "custom"),
    [
        ("control_flow", (Node("bool", ("y",), ("q",)), Node("if", ("q", "y", "y"), ("z",), 1)), 1),
        ("control_flow", (Node("loop", ("y", "y", "y"), ("z",), 1),), 1),
        ("decisions", (Node("gt", ("y",), ("q",)), Node("mul", ("q", "y"), ("z",))), 1),
        ("decisions", (Node("where", ("y", "y", "w2"), ("z",)),), 1),
        ("decisions", (Node("index_select", ("w2", "y"), ("z",)),), 1),
        ("bypasses", (Node("amax", ("x",), ("s",)), Node("add", ("y", "s"), ("z",))), 0),
        ("random", (Node("rand_like", ("y",), ("q",)), Node("add", ("y", "q"), ("z",))), 1),
        ("random", (Node("bernoulli", ("y",), ("z",)),), 1),
        ("files", (Node("save", ("y",), ()), Node("relu", ("y",), ("z",))), 1),
        ("files", (Node("from_file", (), ("q",)), Node("add", ("y", "q"), ("z",))), 1),
    ],
)
def test_each_kind_is_counted_and_named(kind: str, nodes: tuple[Node, ...], custom: int) -> None:
    result = measured(graph(*nodes))
    counts = {name: value(result, name) for name in KINDS}
    assert counts == {**dict.fromkeys(KINDS, 0.0), kind: 1.0}
    assert value(result, "custom_code") == custom
    assert nodes[0].op in str(result.tables["findings"]) or nodes[-1].op in str(result.tables)


def test_stored_values_that_nothing_needs_are_counted() -> None:
    result = measured(graph(spare=(4, 4)))
    assert value(result, "unused") == 1
    assert "spare" in str(result.tables["findings"])
    assert value(measured(graph()), "unused") == 0


def test_a_whole_path_without_weights_is_counted() -> None:
    around = measured(Graph(("x",), ("z",), (Node("mean", ("x",), ("z",)),), {}))
    assert value(around, "unexpected_layers") == 1
    assert "without weighted layers" in str(around.tables["findings"])


def test_what_the_declared_architecture_lacks_or_has_more() -> None:
    more = graph(Node("sin", ("y",), ("h",)), Node("linear", ("h", "w3"), ("z",)), w3=(10, 10))
    result = measured(more, graph())
    assert (value(result, "compared"), value(result, "unexpected_layers")) == (1, 2)
    parts = {(row["part"], row["where"]) for row in result.tables["differences"]}
    assert parts == {("sin", "only in the delivery"), ("layer 10x10", "only in the delivery")}
    result = measured(graph(), more)
    assert (value(result, "unexpected_layers"), value(result, "missing_layers")) == (0, 1)
    assert value(measured(more), "compared") == 0
    assert measured(more).caveats == ("No architecture was declared.",)


def test_an_ordinary_graph_has_nothing() -> None:
    result = measured(graph(), graph())
    names = (*KINDS, "unexpected_layers", "missing_layers", "custom_code")
    assert {value(result, name) for name in names} == {0.0}
    assert result.tables["findings"] == result.tables["differences"] == []
