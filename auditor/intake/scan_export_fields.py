"""Fields of a .pt2 document that no graph needs here: only the kinds of values that torch writes.

Purpose: traces, ranges, signatures and descriptions of tensors are read by torch's own loader and
by tools that show a graph, so each holds what the exporter writes and nothing else.
Source: ``torch._export.serde.schema`` of torch 2.7 to 2.13 (schema version 8).
Limits: names of classes in a trace may be any vendor's; only those that run or open are refused.
"""

from __future__ import annotations

import json
import re
from typing import Any

from auditor.core.errors import DeliveryError
from auditor.intake.inert.json_words import CODE

DEVICES = ("cpu", "cuda", "mps", "xpu", "meta")
DTYPES = range(1, 38)
LAYOUTS = range(8)
PROTOCOL = 1
"""Of tree specifications."""
_VERSION = re.compile(r"[\w.+-]{0,80}")
_PAGE = re.compile(r"<(?:script|iframe|object|embed|img|svg)\b[^<>\n]{0,200}>", re.I)
_CALLED = re.compile(
    r"(?:^|[,;])(?:os|posix|nt|subprocess|shutil|importlib|runpy|ctypes|socket|pty)\.\w"
    r"|\bbuiltins\.(?:eval|exec|compile|__import__|open|getattr)\b"
)


def check(document: dict[str, Any]) -> None:
    """Versions, ranges, traces, tensors, signature and trees.

    Raises:
        DeliveryError: ``unsupported`` names the first field that torch does not write so.
    """
    try:
        _check(document)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise _refused("The graph's document has a field of the wrong kind.") from error


def _check(document: dict[str, Any]) -> None:
    module = document.get("graph_module") or {}
    graph = module.get("graph") or {}
    if not _VERSION.fullmatch(str(document.get("torch_version") or "")):
        raise _refused(f"The version of torch is {document['torch_version']!r:.60}.")
    for symbol, bounds in (document.get("range_constraints") or {}).items():
        _check_range(symbol, bounds)
    for node in graph.get("nodes") or ():
        _check_trace(node.get("metadata") or {})
    _check_trace(module.get("metadata") or {})
    for name, tensor in (graph.get("tensor_values") or {}).items():
        _check_tensor(name, tensor)
    _check_graph(graph, module.get("signature") or {})
    for call in module.get("module_call_graph") or ():
        _check_trees(call.get("signature") or {})
    _check_named(module.get("treespec_namedtuple_fields") or {})


def _check_range(symbol: str, bounds: dict[str, Any]) -> None:
    low, high = bounds.get("min_val"), bounds.get("max_val")
    whole = all(value is None or type(value) is int for value in (low, high))
    ordered = whole and (low is None or high is None or low <= high)
    if not ordered or not set(bounds) <= {"min_val", "max_val"}:
        raise _refused(f"The range of {symbol!r:.60} is no range of whole numbers.")


def _check_trace(notes: dict[str, Any]) -> None:
    """A trace names classes and lines of source; only the latter may hold calls."""
    for key, note in notes.items():
        text = note if isinstance(note, str) else json.dumps(note)
        source = key == "stack_trace"
        if _PAGE.search(text) or (not source and (CODE.search(text) or _CALLED.search(text))):
            raise _refused(f"The note {key!r:.60} of the graph is {text[:60]!r}, no trace.")


def _check_tensor(name: str, tensor: dict[str, Any]) -> None:
    device = (tensor.get("device") or {}).get("type", "cpu")
    if device not in DEVICES:
        raise _refused(f"The tensor {name!r:.60} is on the device {device!r:.40}.")
    for key, known in (("dtype", DTYPES), ("layout", LAYOUTS)):
        if tensor.get(key) not in known:
            raise _refused(
                f"The tensor {name!r:.60} has the unknown {key} {tensor.get(key)!r:.40}."
            )


def _check_graph(graph: dict[str, Any], signature: dict[str, Any]) -> None:
    """A whole program has no objects; its signature tells every input once."""
    if graph.get("custom_obj_values"):
        raise _refused("The graph holds custom objects.")
    if graph.get("is_single_tensor_return"):
        raise _refused("The graph returns a single tensor, as only parts of a program do.")
    told = signature.get("input_specs")
    if told is not None and len(told) != len(graph.get("inputs") or ()):
        raise _refused("The signature tells another number of inputs than the graph has.")


def _check_trees(signature: dict[str, Any]) -> None:
    for key in ("in_spec", "out_spec"):
        tree = json.loads(signature[key]) if signature.get(key) else None
        if isinstance(tree, list) and tree and tree[0] != PROTOCOL:
            raise _refused(f"A tree specification has the protocol {tree[0]!r:.40}.")


def _check_named(fields: dict[str, Any]) -> None:
    """Fields of named tuples, which Python does not let begin with an underscore."""
    for name, entry in fields.items():
        for field in entry["field_names"]:
            if not str(field).isidentifier() or str(field).startswith("_"):
                raise _refused(f"The named tuple {name!r:.60} has the field {field!r:.60}.")


def _refused(said: str) -> DeliveryError:
    return DeliveryError(said, "Export the model again with torch.export.save.", "unsupported")
