"""Kinds of arguments and results of a node, held against the operator's own schema.

Purpose: a graph whose operator is given a text for a tensor, or too few results, is refused before
anything is computed, by the scan as by the audit.
Source: types of ``torch._C.Argument`` in torch 2.13; ``torch/_export/serde/schema.py``.
"""

from __future__ import annotations

from typing import Any

from auditor.core.errors import DeliveryError

_NUMBER = ("as_int", "as_float", "as_bool", "as_sym_int", "as_sym_float", "as_sym_bool")
_KINDS: dict[str, tuple[str, ...]] = {
    "Tensor": ("as_tensor",), "List[Tensor]": ("as_tensors",),
    "List[Optional[Tensor]]": ("as_optional_tensors", "as_tensors"),
    "int": ("as_int", "as_sym_int", "as_scalar_type", "as_memory_format", "as_layout", "as_bool"),
    "number": _NUMBER, "float": ("as_float", "as_int", "as_sym_float", "as_sym_int"),
    "bool": ("as_bool", "as_sym_bool"), "str": ("as_string",), "Device": ("as_device",),
    "List[int]": ("as_ints", "as_sym_ints", "as_int", "as_sym_int"),
    "List[float]": ("as_floats", "as_sym_floats", "as_ints"), "List[bool]": ("as_bools",),
    "List[number]": ("as_floats", "as_ints", "as_sym_ints", "as_sym_floats"),
}  # fmt: skip
_BY_NUMBERS = (".Tensor", ".Tensor_mode", ".ScalarOther", ".ScalarSelf")
"""Arithmetic that takes a number in a tensor's place."""
_RESULTS: dict[str, tuple[str, ...]] = {
    "Tensor": ("as_tensor", "as_optional_tensor", "as_none"), "List[Tensor]": ("as_tensors",),
    "int": ("as_sym_int",), "number": ("as_sym_int", "as_sym_float", "as_sym_bool"),
    "float": ("as_sym_float",), "bool": ("as_sym_bool",),
}  # fmt: skip


def check(target: str, schema: Any, node: dict[str, Any]) -> None:
    """Hold one node against its operator.

    Args:
        schema: the operator's ``_schema``; None for arithmetic on sizes, whose arguments are
            checked when it runs.

    Raises:
        DeliveryError: an argument or a result of another kind, or another number of results.
    """
    if schema is None:
        if not all(_kind(entry).startswith("as_sym_") for entry in node["outputs"]):
            raise DeliveryError(f"The graph's {target} gives a number, not a tensor.")
        return
    wanted = {entry.name: str(entry.type) for entry in schema.arguments}
    given = [str(entry["name"]) for entry in node["inputs"]]
    if len({*given}) != len(given):
        raise DeliveryError(f"The graph's {target} is given an argument twice.")
    for entry in node["inputs"]:
        name, arg = str(entry["name"]), entry["arg"]
        scalar = target.endswith(_BY_NUMBERS) and _kind(arg) in _NUMBER
        if name in wanted and not (_fits(arg, wanted[name]) or scalar):
            said = f"The graph's {target} is given {_kind(arg)} as {name[:40]}"
            raise DeliveryError(f"{said}, which takes {wanted[name][:60]}.")
    results = [str(entry.type) for entry in schema.returns]
    kinds = [_kind(entry) for entry in node["outputs"]]
    if len(kinds) != len(results):
        said = f"The graph's {target} gives {len(results)} results, the graph names {len(kinds)}."
        raise DeliveryError(said)
    for kind, result in zip(kinds, results, strict=True):
        if kind not in _RESULTS.get(result, ()):
            raise DeliveryError(f"The graph's {target} gives {result[:40]}, not {kind}.")


def _kind(arg: Any) -> str:
    if not isinstance(arg, dict) or len(arg) != 1:
        raise DeliveryError("An argument in the graph is malformed.")
    return str(next(iter(arg)))[:40]


def _fits(arg: Any, wanted: str) -> bool:
    kind = _kind(arg)
    if wanted.startswith("Optional["):
        if kind == "as_none" or (kind == "as_optional_tensor" and wanted == "Optional[Tensor]"):
            return True
        return _fits(arg, wanted[len("Optional[") : -1])
    if wanted.startswith("List[") and arg[kind] == []:
        return kind.endswith("s")
    return kind in _KINDS.get(wanted, ())
