"""The document of a .pt2 archive as a whole: its keys, its versions, and who makes what.

Purpose: torch's loader reads keys that no graph needs here; what is not a key of the format, or a
version that nobody has seen, was not understood. A value is made once and before it is used, and
the answer is made by a node.
Source: ``torch._export.serde.schema`` of torch 2.7 to 2.13 (schema version 8).
"""

from __future__ import annotations

import re
from typing import Any

from auditor.core.errors import DeliveryError
from auditor.intake.argument_names import names
from auditor.intake.words import words

MAJOR = 8
_TOP = words(
    """graph_module opset_version range_constraints schema_version verifiers torch_version
    guards_code"""
)
_MODULE = words("graph signature module_call_graph metadata treespec_namedtuple_fields")
_GRAPH = words(
    """inputs outputs nodes tensor_values sym_int_values sym_bool_values is_single_tensor_return
    custom_obj_values sym_float_values"""
)
_VERIFIERS = words("TRAINING ATEN EDGE EDGE_DIALECT EXIR")
_SYMBOL = re.compile(r"[su]\d{1,9}")


def check(document: dict[str, Any]) -> None:
    """Keys, versions, names of ranges, and the order in which values are made.

    Raises:
        DeliveryError: ``unsupported`` names the key or the value.
    """
    module = document.get("graph_module") or {}
    graph = module.get("graph") or {}
    for part, known in ((document, _TOP), (module, _MODULE), (graph, _GRAPH)):
        if not isinstance(part, dict) or (strange := sorted(set(part) - known)):
            key = strange[0] if isinstance(part, dict) else "?"
            raise _refused(
                f"The graph's document has the key {key!r:.60}, which torch does not write."
            )
    version = document.get("schema_version")
    if not isinstance(version, dict) or version.get("major") != MAJOR:
        raise _refused(f"The version {version!r:.60} of the graph's document is not known.")
    strangers = sorted(set(map(str, document.get("verifiers") or ())) - _VERIFIERS)
    if strangers:
        raise _refused(f"The document names the verifier {strangers[0]!r:.60}.")
    for symbol in document.get("range_constraints") or {}:
        if not _SYMBOL.fullmatch(symbol):
            raise _refused(f"The document bounds {symbol!r:.60}, which is no size.")
    _order(graph, module.get("signature") or {})


def _order(graph: dict[str, Any], signature: dict[str, Any]) -> None:
    made: set[str] = set()
    for node in graph.get("nodes") or ():
        for name in _tensors(node.get("outputs")):
            if name in made:
                raise _refused(f"The graph makes {name!r:.60} twice.")
            made.add(name)
    given = set(_tensors(graph.get("inputs")))
    if twice := sorted(made & given):
        raise _refused(f"The graph makes {twice[0]!r:.60}, which it is given.")
    told = set(_tensors(graph.get("outputs"))) | set(_tensors(signature.get("output_specs")))
    if told and (unmade := sorted(told - made)):
        raise _refused(f"The graph answers with {unmade[0]!r:.60}, which no node makes.")


def _tensors(value: Any) -> list[str]:
    return list(names(value, symbols=False)) if value else []


def _refused(said: str) -> DeliveryError:
    return DeliveryError(said, "Export the model again with torch.export.save.", "unsupported")
