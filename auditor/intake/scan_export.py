"""``torch.export`` archives (.pt2): members, operators, shape expressions, tree specifications.

Purpose: ``torch.export.load`` runs code in four ways: pickled sample inputs, pickled weights or
objects, shape expressions (``expr_str``, evaluated by sympy) and ``guards_code`` (executed).
None of these is used here: weights come from raw bytes and the graph is interpreted by
``intake.exported``; members, operators and expressions are still checked,
because others will load it.
Limits: control flow (sub-graphs) and custom operators are refused.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from auditor.core.errors import DeliveryError
from auditor.intake import scan_export_document
from auditor.intake.graph_operators import CHECKS, GRAPH_OPERATORS, PYTHON, SIZES
from auditor.intake.inert.safetensors_headers import unique
from auditor.intake.operators import RANDOM, aten_names, takes_text
from auditor.intake.report import ScanReport
from auditor.intake.scan_export_layout import check_layout, check_mutations, shows_memory
from auditor.intake.words import words
from auditor.intake.zips import Archive

_MEMBER = re.compile(
    r"(models/model\.json|archive_format|archive_version|version|byteorder|\.data/\w+"
    r"|\.format_version|\.storage_alignment|data/weights/(weight_\d+|model_weights_config\.json)"
    r"|data/constants/(tensor_\d+|model_constants_config\.json))"
)
_PICKLED = re.compile(r"data/(weights|constants)/model\.pt")
_STRIPPED = re.compile(r"(data/sample_inputs/[\w.]+|extra/.*)")
_ATEN = re.compile(r"torch\.ops\.aten\.(\w+)(\.\w+)?")
_SYMBOLIC = words(
    """Symbol Integer Add Mul Pow Mod Max Min FloorDiv CleanDiv CeilDiv Rational Eq Ne Gt Ge Lt Le
    And Or Not PythonMod ModularIndexing"""
)
_TREES = frozenset(
    (None, "builtins.tuple", "builtins.list", "builtins.dict", "collections.OrderedDict")
)
_NODES = (
    ast.Expression, ast.Call, ast.BinOp, ast.UnaryOp, ast.Compare, ast.operator, ast.unaryop,
    ast.cmpop, ast.Load, ast.keyword,
)  # fmt: skip
_GROW = (ast.Pow, ast.LShift)
LONGEST, POWERS, EXPONENT = 10_000, 4, 8
GRAPH = "models/model.json"
OLD_EXPORT = "serialized_exported_program.json"


def check_export(archive: Archive) -> ScanReport:
    """Check every member and every entry of the graph; sample inputs are the caller's.

    Raises:
        DeliveryError: ``dangerous`` names the member, operator or expression; ``unsupported``
            what could not be examined.
    """
    _check_members(archive)
    document = _graph(archive)
    for name in archive.members:
        if _inner(name) == GRAPH:
            _check_document(_json(archive, name))
    if len({name.partition("/")[0] for name in archive.members}) != 1:
        raise DeliveryError("The archive has several folders.", "Export the model again.")
    for name in archive.members:
        if name.endswith("_config.json"):
            _check_payload(_json(archive, name), name)
    check_layout(archive)
    scan_export_document.check(document)
    check_mutations(document)
    random = sorted({t for t in _targets(document) if RANDOM.search(t) or shows_memory(t)})
    return ScanReport(
        suspicious=len(random), notes=tuple(f"The graph calls {target}." for target in random)
    )


def check_document(archive: Archive, name: str) -> ScanReport:
    """Check the graph of an archive in the old layout.

    Raises:
        DeliveryError: as `check_export`.
    """
    _check_document(_json(archive, name))
    return ScanReport()


def _check_document(document: dict[str, Any]) -> None:
    for guard in document.get("guards_code") or []:
        check_guard(guard)
    for entry in _objects(document):
        _check_entry(entry)


def read_graph(archive: Archive) -> dict[str, Any]:
    """The graph's JSON document.

    Raises:
        DeliveryError: there is none.
    """
    return _graph(archive)


def _inner(name: str) -> str:
    return name.partition("/")[2]


def _check_members(archive: Archive) -> int:
    """Number of members that the cleaned copy leaves out."""
    stripped = 0
    for name in archive.members:
        inner = _inner(name)
        if _STRIPPED.fullmatch(inner):
            stripped += 1
        elif _PICKLED.fullmatch(inner):
            raise DeliveryError(
                f"The member {name!r:.80} holds pickled weights, as torch 2.8 exports them.",
                "Export the model again with torch 2.9 or later.",
                "unsupported",
            )
        elif not _MEMBER.fullmatch(inner):
            raise DeliveryError(
                f"The archive has the member {name!r:.80}, which may hold code.",
                "Export the model again with torch.export.save.",
                "dangerous",
            )
    return stripped


def _graph(archive: Archive) -> dict[str, Any]:
    name = next((name for name in archive.members if _inner(name) == GRAPH), None)
    if name is None:
        raise DeliveryError("The archive has no models/model.json.", kind="unsupported")
    return _json(archive, name)


def _json(archive: Archive, name: str) -> dict[str, Any]:
    try:
        document = json.loads(archive.read(name), object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise DeliveryError(f"{name} is not valid JSON: {error!s:.80}.") from error
    if not isinstance(document, dict):
        raise DeliveryError(f"{name} is not a JSON object.")
    return document


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object inside a document, without recursion."""
    todo = [document]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            yield value
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)


def _targets(document: Any) -> Iterator[str]:
    return (entry["target"] for entry in _objects(document) if "target" in entry)


def _check_entry(entry: dict[str, Any]) -> None:
    if "target" in entry:
        _check_target(entry["target"])
    if "expr_str" in entry:
        check_expression(entry["expr_str"])
    for key in ("in_spec", "out_spec"):
        if key in entry:
            _check_tree(entry[key])
    for key in ("as_graph", "as_custom_obj", "as_operator", "custom_obj"):
        if entry.get(key) is not None:
            raise DeliveryError(
                f"The graph holds {key[3:].replace('_', ' ')}: control flow or a custom object.",
                "Export a plain feed-forward graph.",
                "unsupported",
            )


def _check_target(target: object) -> None:
    text = str(target)
    aten = _ATEN.fullmatch(text)
    if text in PYTHON or (aten and aten[1] in GRAPH_OPERATORS | SIZES | CHECKS):
        return
    harmless = aten and aten[1] in aten_names() and not takes_text(aten[1])
    raise DeliveryError(
        f"The graph calls {text[:120]}, which is not among the operators that are rebuilt here.",
        "It was not executed. Export the model with torch's own operators only, or ask for ONNX.",
        "unsupported" if harmless else "dangerous",
    )


def _nodes(text: str) -> list[ast.AST]:
    """Every part of an expression; what is none, too long or explodes is one statement."""
    refused: list[ast.AST] = [ast.Pass()]
    if len(text) > LONGEST:
        return refused
    try:
        nodes = list(ast.walk(ast.parse(text, mode="eval")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return refused
    growing = [node for node in nodes if _grows(node)]
    return nodes if len(growing) <= POWERS and all(map(_small, growing)) else refused


def _grows(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return _called(node) == "Pow"
    return isinstance(node, ast.BinOp) and isinstance(node.op, _GROW)


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _small(node: ast.AST) -> bool:
    """A power whose exponent is a small number."""
    right = node.right if isinstance(node, ast.BinOp) else None
    if isinstance(node, ast.Call):
        right = node.args[1] if len(node.args) > 1 else None
    if isinstance(right, ast.UnaryOp) and isinstance(right.op, ast.USub):
        right = right.operand
    if isinstance(right, ast.Call) and _called(right) == "Integer" and right.args:
        right = right.args[0]
    value = right.value if isinstance(right, ast.Constant) else None
    return type(value) is int and value <= EXPONENT


def check_expression(text: object) -> None:
    """A shape expression: symbols, whole numbers and arithmetic, nothing else.

    Raises:
        DeliveryError: ``dangerous``, because sympy would evaluate it.
    """
    nodes = _nodes(str(text))
    if not all(_plain(node) for node in nodes):
        raise DeliveryError(
            f"The shape expression {str(text)[:80]!r} is more than arithmetic.",
            "It was not evaluated. Export the model again.",
            "dangerous",
        )


def check_guard(text: object) -> None:
    """A guard: comparisons of the inputs' sizes, nothing that calls anything else.

    Raises:
        DeliveryError: ``dangerous``, because torch would execute it.
    """
    nodes = _nodes(str(text))
    if not all(_guarding(node) for node in nodes):
        raise DeliveryError(
            f"The guard {str(text)[:80]!r} in guards_code is more than a comparison of sizes.",
            "It was not executed. Export the model again.",
            "dangerous",
        )


def _guarding(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id == "L"
    if isinstance(node, ast.Attribute):
        return node.attr in ("size", "shape", "ndim")
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and not node.args and not node.keywords
    return isinstance(node, (ast.Subscript, ast.Constant, ast.BoolOp, ast.boolop, *_NODES))


def _plain(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _SYMBOLIC or bool(re.fullmatch(r"[su]\d+", node.id))
    if isinstance(node, ast.Constant):
        number = isinstance(node.value, bool | float) or (
            isinstance(node.value, int) and abs(node.value) < 1 << 63
        )
        return number or bool(re.fullmatch(r"[a-z]{1,3}\d+", str(node.value)))
    if isinstance(node, ast.Call) and not isinstance(node.func, ast.Name):
        return False
    return isinstance(node, _NODES)


def _check_tree(text: object) -> None:
    try:
        specification = json.loads(str(text)) if text else []
    except (ValueError, RecursionError) as error:
        raise DeliveryError("A tree specification is not valid JSON.") from error
    for entry in _objects(specification):
        if entry.get("type") not in _TREES:
            raise DeliveryError(
                f"The model takes or returns {str(entry.get('type'))[:80]}, not plain tensors.",
                "Export it so that it returns logits.",
                "unsupported",
            )


def _check_payload(document: dict[str, Any], name: str) -> None:
    for entry in _objects(document):
        if entry.get("use_pickle") or not isinstance(entry.get("path_name", ""), str):
            raise DeliveryError(
                f"A tensor listed in {name} is pickled.", "Export the model again.", "dangerous"
            )
