"""Programs and graphs of a few lines: each thing that an architecture may hide is named.

They are written by hand, so that the readers are tried without a framework's printer.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from auditor.core.errors import DeliveryError
from auditor.intake.hugging_face.folder import scan_hugging_face
from auditor.intake.inert.log import Budget, Log
from auditor.intake.inert.onnx_flow import look
from auditor.intake.inert.onnx_graph import Graph, Node, Numbers
from auditor.intake.inert.script_flow import follow
from auditor.intake.report import ScanReport
from auditor.intake.scan_torchscript import _check_source

HEAD = """class Net(Module):
  __parameters__ = ["weight", ]
  __buffers__ = []
  weight : Tensor
  training : bool
  def forward(self: __torch__.Net,
    x: Tensor) -> Tensor:
    y = torch.linear(x, self.weight)
"""


def program(*lines: str) -> str:
    return HEAD + "".join(f"    {line}\n" for line in (*lines, "return y"))


def followed(*lines: str) -> str:
    log = Log("m", Budget.fresh(60))
    follow({"__torch__": ast.parse(program(*lines))}, "__torch__.Net", log)
    return " ".join(f"{problem.rule} {problem.message}" for problem in log.shared.problems)


def read(*lines: str) -> list[str]:
    text = program(*lines).encode()
    archive: Any = SimpleNamespace(budget=Budget.fresh(60), read=lambda name, size: text)
    return _check_source(archive, "m/code/net.py")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("if bool(torch.gt(torch.sum(x), 3)):", "  y = torch.neg(y)"), "a branch is steered by"),
        (("while bool(torch.gt(torch.sum(y), 3)):", "  y = torch.neg(y)"), "a loop is steered by"),
        (("for i in range(int(torch.sum(x))):", "  y = torch.neg(y)"), "a loop is steered by"),
        (("y = torch.where(torch.gt(x, 0.9), y, torch.neg(y))",), "script.choice"),
        (("y = torch.add(y, x)",), "script.short_cut"),
        (("y = torch.mul(torch.relu(y), 100000.)",), "script.gate"),
        (("y = torch.mul_(self.weight, 2)",), "changes the stored"),
        (("y = torch.neg(self.weight)",), "does not depend on the input"),
    ],
)
def test_a_program_that_switches_is_named(lines: tuple[str, ...], said: str) -> None:
    assert said in followed(*lines)


def test_a_plain_program_is_not() -> None:
    assert followed("y = torch.relu(y)") == ""
    assert read("y = torch.relu(y)") == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("y = torch.add(y, torch.rand_like(y))", "calls torch.rand_like"),
        ("y = torch.bernoulli(y)", "calls torch.bernoulli"),
        ("y = torch.empty_like(y)", "calls torch.empty_like"),
        ("print(y)", "prints"),
    ],
)
def test_random_operators_and_their_like_are_named(line: str, said: str) -> None:
    assert any(said in note for note in read(line))


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('torch.save(y, "a")', "dangerous"),
        ('y = torch.from_file("/etc/passwd", False, 4)', "dangerous"),
        ("y = ops.evil.linear(y)", "dangerous"),
        ("y = __torch__.torch.classes.evil.Net(y)", "dangerous"),
        ("y = torch.no_such_operator(y)", "unsupported"),
    ],
)
def test_operators_on_files_and_of_others_are_refused(line: str, kind: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        read(line)
    assert caught.value.kind == kind


def drawn(*nodes: tuple[str, str, str, dict[str, Numbers]], **constants: Numbers) -> str:
    graph = Graph(inputs=["x"], outputs=["y"], constants=dict(constants))
    graph.stored.update(("w", *constants))
    graph.nodes.append(Node("MatMul", ("x", "w"), ("h",), {}))
    for kind, inputs, output, numbers in nodes:
        graph.nodes.append(Node(kind, tuple(inputs.split()), (output,), numbers))
    log = Log("m", Budget.fresh(60))
    look(graph, log)
    return " ".join(f"{problem.rule} {problem.message}" for problem in log.shared.problems)


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ([("Add", "h x", "y", {})], "onnx.short_cut"),
        ([("Greater", "h c", "q", {}), ("Where", "q h c", "y", {})], "onnx.choice"),
        ([("Mul", "h big", "y", {})], "onnx.gate"),
        ([("Pow", "h c", "y", {})], "onnx.gate"),
        ([("Relu", "h", "g", {}), ("Gather", "w g", "y", {})], "Gather by a computed place"),
        ([("ReduceMean", "h", "y", {"axes": (0.0,)})], "onnx.rows"),
        ([("Relu", "h", "q", {}), ("Neg", "h", "y", {})], "feed no output"),
        ([("Neg", "w", "y", {})], "does not depend on the input"),
    ],
)
def test_a_graph_that_switches_is_named(nodes: list[Any], said: str) -> None:
    assert said in drawn(*nodes, c=(50.0,), big=(1e5,))


def test_a_plain_graph_is_not() -> None:
    assert drawn(("Relu", "h", "y", {})) == ""


@pytest.mark.parametrize("key", ["auto_map", "custom_pipelines", "trust_remote_code"])
@pytest.mark.parametrize("file", ["config.json", "preprocessor_config.json"])
def test_what_would_fetch_code_is_refused_before_a_weight_is_read(
    file: str, key: str, tmp_path: Path
) -> None:
    def never(path: Path) -> ScanReport:
        raise AssertionError(f"{path} was read")

    (tmp_path / file).write_text(json.dumps({key: {"a": "evil--own.Net"}}))
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(DeliveryError, match=key) as caught:
        scan_hugging_face(tmp_path / "model.safetensors", never)
    assert caught.value.kind == "dangerous"
