"""ONNX files: only known operators of the standard domain, no control flow, no custom code.

Limits: nothing in an ONNX file can run by itself; custom operators would need a native library
in the vendor's runtime, so they cannot be audited and are called dangerous.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from auditor.core.errors import DeliveryError
from auditor.intake.report import ScanReport
from auditor.intake.words import words

NODES = 20_000
SIZE = 2 << 30
CONTROL = frozenset(("If", "Loop", "Scan", "SequenceMap"))
RANDOM = words(
    """RandomNormal RandomUniform RandomNormalLike RandomUniformLike Multinomial Bernoulli"""
)


def scan_onnx(path: Path) -> ScanReport:
    """Check domain and operator of every node.

    Raises:
        DeliveryError: ``dangerous`` for custom domains, ``unsupported`` for control flow, random
            and unknown operators, ``unreadable`` for damage.
    """
    from auditor.intake.onnx import OPS
    from auditor.intake.onnx.convert import read_model

    if path.stat().st_size > SIZE:
        raise DeliveryError(f"{path.name} is larger than an ONNX file can be.")
    model = read_model(path)
    if not model.graph.node or len(model.graph.node) > NODES:
        raise DeliveryError(f"{path.name} has {len(model.graph.node)} nodes.")
    for node in model.graph.node:
        _check(node, {*OPS, "Constant"})
    _nothing_else(model)
    return ScanReport(safe_format=True, **_unused(model.graph))


def _check(node: Any, known: set[str]) -> None:
    name = f"{node.domain}::{node.op_type}" if node.domain else node.op_type
    where = f"(node {node.name[:80]!r})"
    if node.domain not in ("", "ai.onnx"):
        raise DeliveryError(
            f"The ONNX graph calls the custom operator {name[:120]} {where}.",
            "Export it with standard operators only.",
            "dangerous",
        )
    if node.op_type in CONTROL or any(a.HasField("g") or a.graphs for a in node.attribute):
        raise DeliveryError(
            f"The ONNX graph holds control flow, {name} {where}.",
            "Export a plain feed-forward graph.",
            "unsupported",
        )
    if node.op_type not in known:
        kind = "random" if node.op_type in RANDOM else "unsupported"
        raise DeliveryError(
            f"The ONNX graph uses the {kind} operator {name[:120]} {where}.",
            "Export with standard classifier operators, or deliver safetensors.",
            "unsupported",
        )


def _nothing_else(model: Any) -> None:
    for field in ("functions", "training_info"):
        if len(getattr(model, field)):
            raise DeliveryError(f"The ONNX file holds {field}.", kind="unsupported")
    if len(model.graph.sparse_initializer):
        raise DeliveryError("The ONNX file holds sparse weights.", kind="unsupported")


def _unused(graph: Any) -> dict[str, Any]:
    """Stored values that no node reads: harmless, but why are they there?"""
    read = {name for node in graph.node for name in node.input} | {o.name for o in graph.output}
    unused = [tensor.name for tensor in graph.initializer if tensor.name not in read]
    if not unused:
        return {}
    note = f"{len(unused)} stored tensors are not used, first {unused[0][:80]!r}."
    return {"suspicious": len(unused), "notes": (note,)}
