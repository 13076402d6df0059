"""``torch.export`` archives (.pt2): members, operators, shape expressions, tree specifications.

Purpose: ``torch.export.load`` runs code in four ways: pickled sample inputs, pickled weights or
objects, shape expressions (``expr_str``, evaluated by sympy) and ``guards_code`` (executed).
None of these is used here: weights come from raw bytes and the graph is interpreted by
``intake.exported``; members, operators and expressions are still checked,
because others will load it.
Limits: control flow (sub-graphs) and custom operators are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from auditor.core.errors import DeliveryError
from auditor.intake import scan_export_document, scan_export_fields
from auditor.intake.graph_operators import CHECKS, GRAPH_OPERATORS, PYTHON, SIZES
from auditor.intake.inert.safetensors_headers import unique
from auditor.intake.operators import RANDOM, aten_names, takes_text
from auditor.intake.report import ScanReport
from auditor.intake.scan_export_expressions import check_expression, check_guard
from auditor.intake.scan_export_layout import check_layout, check_mutations, shows_memory
from auditor.intake.zips import Archive

_MEMBER = re.compile(
    r"(models/model\.json|archive_format|archive_version|version|byteorder|\.data/\w+"
    r"|\.format_version|\.storage_alignment|data/weights/(weight_\d+|model_weights_config\.json)"
    r"|data/constants/(tensor_\d+|model_constants_config\.json))"
)
_PICKLED = re.compile(r"data/(weights|constants)/model\.pt")
_STRIPPED = re.compile(r"(data/sample_inputs/[\w.]+|extra/.*)")
_ATEN = re.compile(r"torch\.ops\.aten\.(\w+)(\.\w+)?")
_TREES = frozenset(
    (None, "builtins.tuple", "builtins.list", "builtins.dict", "collections.OrderedDict")
)
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
    scan_export_fields.check(document)
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
