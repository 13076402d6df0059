"""The graph of a ``.pt2`` archive in the words of `onnx_graph`, so that one reader follows both.

Purpose: a switch built of allowed operators is the same arithmetic in every format; each call of
aten is written as the ONNX operator that decides, merges, grows or weighs like it.
Limits: constants of up to 64 numbers are read; sizes that are symbols say nothing.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from functools import partial
from math import prod
from typing import Any

from auditor.intake.argument_names import names
from auditor.intake.inert.aten_kinds import AXES, KINDS, PLACES, SIZES
from auditor.intake.inert.log import Damaged, Log
from auditor.intake.inert.onnx_flow import look
from auditor.intake.inert.onnx_graph import SMALL, Graph, Node, Numbers
from auditor.intake.zips import Archive

_tensors = partial(names, symbols=False)
_WHOLE = (1, 2, 3, 4, 5, 12, 28)
_COPIES = ("lift_fresh_copy", "clone", "detach", "alias", "contiguous")
_BATCH_NORMS = ("batch_norm", "_native_batch_norm_legit_no_training", "native_batch_norm")
_PRODUCTS = ("mm", "matmul", "linear")
_FORMATS = {6: "e", 7: "f", 8: "d", 5: "q", 4: "i", 12: "?"}


def follow(document: dict[str, Any], archive: Archive, log: Log) -> None:
    """Name every odd node on the way of the input.

    Raises:
        Damaged: the graph is not built as the exporter builds it.
    """
    try:
        graph = _Reader(document, archive).graph
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise Damaged(f"the graph is malformed: {error!s:.80}") from error
    look(graph, log, "graph")


class _Reader:
    """Writes the nodes of a document down one by one."""

    def __init__(self, document: dict[str, Any], archive: Archive) -> None:
        module = document["graph_module"]
        self.values: dict[str, Any] = module["graph"]["tensor_values"]
        self.graph = Graph()
        self.graph.ranks.update((name, len(v.get("sizes", ()))) for name, v in self.values.items())
        small = dict(_small(archive))
        for spec in module["signature"]["input_specs"]:
            ((kind, body),) = spec.items()
            name = next(_tensors(body.get("arg", {})), "")
            if kind == "user_input":
                self.graph.inputs.append(name)
            else:
                self.graph.stored.add(name)
                told = next((v for k, v in body.items() if k.endswith("_name")), "")
                self.graph.constants[name] = small.get(str(told), ())
        for spec in module["signature"]["output_specs"]:
            self.graph.outputs += _tensors(spec)
        for entry in module["graph"]["nodes"]:
            self._node(entry)

    def _node(self, entry: dict[str, Any]) -> None:  # noqa: PLR0912
        parts = str(entry["target"]).split(".")
        op = (parts[3] if parts[:3] == ["torch", "ops", "aten"] and len(parts) > 3 else "").rstrip(
            "_"
        )
        given = {str(value.get("name")): value.get("arg") or {} for value in entry["inputs"]}
        outputs = tuple(_tensors(entry["outputs"]))
        if not op or op in SIZES or not outputs:
            return
        if op in _COPIES:
            self._copied(outputs, list(_tensors(list(given.values()))))
        kind, numbers = KINDS.get(op, "Identity"), dict[str, Numbers]()
        inputs = [name for arg in given.values() for name in self._values(arg)]
        if kind in ("Stack", "Unsqueeze"):
            axis = float((given.get("dim") or {}).get("as_int", 0))
            numbers["axis"] = (axis,)
            inputs = [name for name in inputs if not name.startswith("=")]
        if kind in ("ReduceMean", "Turn", *AXES):
            axes = self._axes(given, inputs)
            numbers["axis" if kind in AXES else "axes"] = axes
            inputs = inputs[:1]
        if kind == "CumSum":
            inputs.append(self._constant(numbers["axis"]))
        if kind == "Dropout":
            inputs = [*inputs[:1], "", self._constant((float(_first(given.get("train"))),))]
        if op in ("to", "_to_copy", "type_as"):
            inputs = inputs[:1]
            whole = self._dtype(outputs[0]) in _WHOLE and self._dtype(inputs[0]) not in _WHOLE
            kind = "Cast" if whole else "Identity"
            numbers["to"] = (7.0,)
        if op == "masked_fill":
            kind, inputs = "Where", [inputs[1], inputs[0]]
        if op in PLACES:
            kind, inputs = "Gather", self._places(op, given)
        if op in ("layer_norm", "native_layer_norm", "rms_norm"):
            shape = (given.get("normalized_shape") or {}).get("as_ints", [])
            numbers["width"] = (float(prod(shape)),)
        elif kind == "LayerNormalization":
            numbers["width"] = (9.0,)
        if op == "index_put":
            kind, inputs = "Where", [inputs[0], *inputs]
        if op in _BATCH_NORMS:
            epsilon = float((given.get("eps") or {}).get("as_float", 1e-5))
            training = float(_first(given.get("training")))
            kind = "BatchNormalization"
            numbers = {"training_mode": (training,), "epsilon": (epsilon,)}
            numbers["scaled"] = (float(any(_tensors(given.get("weight") or {}))),)
        if kind == "MatMul":
            numbers["product"] = (float(op in _PRODUCTS),)
        if op == "einsum":
            numbers["firsts"] = _first_letters((given.get("equation") or {}).get("as_string", ""))
        self.graph.nodes.append(Node(kind, tuple(inputs), outputs, numbers))

    def _copied(self, outputs: tuple[str, ...], inputs: list[str]) -> None:
        """Copies of small constants are constants."""
        if len(inputs) == len(outputs) == 1 and inputs[0] in self.graph.stored:
            self.graph.stored.add(outputs[0])
            self.graph.constants[outputs[0]] = self.graph.constants.get(inputs[0], ())

    def _values(self, arg: dict[str, Any]) -> Iterator[str]:
        """Names of tensors, and a name for every number."""
        yield from _tensors(arg)
        for key in ("as_float", "as_int"):
            if key in arg and type(arg[key]) in (int, float):
                yield self._constant((float(arg[key]),))

    def _constant(self, numbers: Numbers) -> str:
        name = "=" + ",".join(map(str, numbers))
        self.graph.constants[name] = numbers
        self.graph.stored.add(name)
        return name

    def _places(self, op: str, given: dict[str, Any]) -> list[str]:
        """The values, then the places at which they are taken."""
        args = list(given.values())
        self_ = list(_tensors(args[0]))
        chosen = list(_tensors(args[min(PLACES[op], len(args) - 1)]))
        if not chosen and op in ("scatter", "index_add"):
            chosen = [name for arg in args[1:] for name in _tensors(arg)]
        return [*self_[:1], *chosen]

    def _axes(self, given: dict[str, Any], inputs: list[str]) -> Numbers:
        """Axes counted from the front; none are all of them."""
        rank = len(self.values.get(inputs[0], {}).get("sizes", ()))
        arg = given.get("dim") or given.get("dims") or {}
        told = arg.get("as_ints", [arg["as_int"]] if "as_int" in arg else [])
        return tuple(float(axis + rank if axis < 0 else axis) for axis in told)

    def _dtype(self, name: str) -> int:
        return int(self.values.get(name, {}).get("dtype", 0))


def _first_letters(equation: str) -> Numbers:
    """The first letter of each part of an equation as a number, that of the answer last.

    An equation that tells no answer gives the letters that stand once, in their order.

    >>> _first_letters("bi,ij->bj") == _first_letters("bi, ij") == (98.0, 105.0, 98.0)
    True
    """
    given, arrow, answer = equation.replace(" ", "").partition("->")
    told = (
        answer
        if arrow
        else "".join(sorted(c for c in {*given} if c.isalpha() and given.count(c) == 1))
    )
    return tuple(float(ord(part[:1] or " ")) for part in (*given.split(","), told))


def _first(arg: dict[str, Any] | None) -> bool:
    return bool(arg and arg.get("as_bool"))


def _small(archive: Archive) -> Iterator[tuple[str, Numbers]]:
    """Weights and constants of few numbers, by the names that the signature gives them."""
    for name in [n for n in archive.members if n.endswith("_config.json")]:
        folder = name.rpartition("/")[0]
        for key, entry in json.loads(archive.read(name))["config"].items():
            letter = _FORMATS.get(entry["tensor_meta"]["dtype"])
            member = archive.members.get(f"{folder}/{entry['path_name']}")
            if letter is None or member is None or member.size > 8 * SMALL:
                continue
            raw = archive.read(member.name)
            size = struct.calcsize(f"<{letter}")
            numbers = struct.unpack(f"<{len(raw) // size}{letter}", raw[: len(raw) // size * size])
            yield key, tuple(map(float, numbers))
