"""The graph of an ONNX file as nodes and small constants, read once more for what it computes.

Purpose: attributes written twice, values used before they are made, inputs and outputs of which a
converter would take one. What the nodes do with the input is `onnx_flow`.
Limits: the outermost graph; files with others are not audited anyway.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite

from auditor.intake.inert.log import Log, shown
from auditor.intake.inert.protobuf import fields

SMALL = 64
FLOAT, INT64, INT32, DOUBLE, BOOL = 1, 7, 6, 11, 9
_NO_NUMBERS = (8, 14, 15)
"""Texts and complex numbers."""
_PACKED = {FLOAT: "f", INT64: "q", INT32: "i", DOUBLE: "d", BOOL: "?"}
_VALUE_FIELDS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15, 22, 23)
Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Node:
    """One operator; attributes that are numbers, by name."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    numbers: dict[str, Numbers]
    twice: str = ""
    constant: Numbers | None = None


@dataclass
class Graph:
    """Nodes, small constants, and names of everything that is stored."""

    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, Numbers] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    ranks: dict[str, int] = field(default_factory=dict)
    single: bool = False
    """Whether the input is declared to have one row only."""


def graph_of(view: memoryview) -> Graph:
    """Read a GraphProto whose fields have been checked."""
    found = Graph()
    for number, _, value, _ in fields(view):
        if not isinstance(value, memoryview):
            continue
        if number == 1:
            node = _node(value)
            found.nodes.append(node)
            if node.kind == "Constant" and node.outputs:
                found.stored.add(node.outputs[0])
                found.constants[node.outputs[0]] = node.constant or ()
        elif number == 5:
            name, numbers = _tensor(value)
            found.stored.add(name)
            found.constants[name] = numbers
        elif number in (11, 12):
            (found.inputs if number == 11 else found.outputs).append(_first_text(value))
            if number == 11 and (rank := _rank(value)):
                found.ranks[_first_text(value)] = rank
                found.single = _inside(value, (2, 1, 2, 1, 1)) == 1
            if _type(value) in _NO_NUMBERS:
                found.strange.append(_first_text(value))
    return found


def _type(view: memoryview) -> int:
    """Type of the numbers of an input or output; 0 if it says none."""
    found = _inside(view, (2, 1, 1))
    return found if isinstance(found, int) else 0


def _rank(view: memoryview) -> int:
    """How many dimensions an input has; 0 if it does not say."""
    shape = _inside(view, (2, 1, 2))
    return sum(n == 1 for n, _, _, _ in fields(shape)) if isinstance(shape, memoryview) else 0


def _inside(view: memoryview, path: tuple[int, ...]) -> int | memoryview:
    """The first value under these field numbers, one in the other; 0 if there is none."""
    found: int | memoryview = view
    for step in path:
        if not isinstance(found, memoryview):
            return 0
        found = next((value for number, _, value, _ in fields(found) if number == step), 0)
    return found


def look(graph: Graph, format_: int, log: Log) -> None:
    """Name what a reader could understand in two ways."""
    for name in graph.strange:
        what = f"{shown(name, 80)!r} is no tensor of numbers"
        log.add("not_audited", "onnx.inputs", what, None, name)
    free = [name for name in graph.inputs if name not in graph.stored]
    if len(free) != 1:
        what = f"the graph takes {len(free)} inputs, not one"
        log.add("not_audited", "onnx.inputs", what, None, "input")
    if format_ >= 4 and len(free) != len(graph.inputs):
        name = next(n for n in graph.inputs if n in graph.stored)
        what = f"the stored tensor {shown(name, 80)!r} is an input, which may replace it"
        log.add("suspicious", "onnx.inputs", what, None, name)
    if len(graph.outputs) != 1:
        what = f"the graph has {len(graph.outputs)} outputs; one of them is audited"
        log.add("suspicious", "onnx.outputs", what, None, "output")
    made = {*graph.stored, *graph.inputs, ""}
    for node in graph.nodes:
        if node.twice:
            what = f"a node {shown(node.kind, 40)} writes {shown(node.twice, 60)} twice"
            log.add("suspicious", "onnx.twice", what, None, f"{node.kind} {node.twice}")
        for name in node.inputs:
            if name not in made:
                what = f"a node {shown(node.kind, 40)} needs {shown(name, 80)!r} before it is made"
                log.add("not_audited", "onnx.order", what, None, name)
        made.update(node.outputs)
    for name in graph.outputs:
        if name not in made:
            what = f"the output {shown(name, 80)!r} is never made"
            log.add("not_audited", "onnx.order", what, None, name)


def _text(value: int | memoryview) -> str:
    return bytes(value).decode("utf-8", "replace") if isinstance(value, memoryview) else ""


def _first_text(view: memoryview) -> str:
    return next((_text(v) for n, _, v, _ in fields(view) if n == 1), "")


def _node(view: memoryview) -> Node:
    inputs: list[str] = []
    outputs: list[str] = []
    kind, twice = "", ""
    numbers: dict[str, Numbers] = {}
    constant: Numbers | None = None
    for number, _, value, _ in fields(view):
        if number in (1, 2):
            (inputs if number == 1 else outputs).append(_text(value))
        elif number == 4:
            kind = _text(value)
        elif number == 5 and isinstance(value, memoryview):
            name, given, several, tensor = _attribute(value)
            twice = name if name in numbers or several else twice
            numbers[name] = given
            constant = tensor if tensor is not None else (given or constant)
    return Node(kind, tuple(inputs), tuple(outputs), numbers, twice, constant)


def _attribute(view: memoryview) -> tuple[str, Numbers, bool, Numbers | None]:
    """Name, numbers, whether it has values of two kinds, and the numbers of a tensor in it."""
    name, kinds, tensor = "", set[int](), None
    found: list[float] = []
    for number, _, value, _ in fields(view):
        if number == 1:
            name = _text(value)
        elif number in _VALUE_FIELDS:
            kinds.add(number)
        if number in (2, 7):
            found += (
                _floats(value[: 4 * SMALL]) if isinstance(value, memoryview) else [_float(value)]
            )
        elif number in (3, 8):
            found += [float(_signed(n)) for n in _whole(value)]
        elif number == 5 and isinstance(value, memoryview):
            tensor = _tensor(value)[1]
    return name, tuple(found[:SMALL]), len(kinds) > 1, tensor


def _float(value: int | memoryview) -> float:
    assert isinstance(value, int)
    return float(struct.unpack("<f", (value & 0xFFFFFFFF).to_bytes(4, "little"))[0])


def _floats(view: memoryview) -> list[float]:
    return list(struct.unpack(f"<{len(view) // 4}f", view[: len(view) // 4 * 4]))


def _whole(value: int | memoryview) -> Iterator[int]:
    if isinstance(value, int):
        yield value
        return
    number, shift = 0, 0
    for byte in value[: 10 * SMALL]:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield number
            number, shift = 0, 0


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number


def _tensor(view: memoryview) -> tuple[str, Numbers]:
    """Name, and the numbers of a small tensor; none of a large one."""
    name, kind, raw = "", 0, b""
    listed: list[float] = []
    for number, _, value, _ in fields(view):
        if number == 8:
            name = _text(value)
        elif number == 2 and isinstance(value, int):
            kind = value
        elif number == 9 and isinstance(value, memoryview) and len(value) <= 8 * SMALL:
            raw = bytes(value)
        elif number == 4 and isinstance(value, memoryview):
            listed += _floats(value[: 4 * SMALL])
        elif number in (5, 7):
            listed += [float(_signed(n)) for n in _whole(value)]
    if raw and kind in _PACKED:
        letter = _PACKED[kind]
        size = struct.calcsize(f"<{letter}")
        listed = [
            float(n)
            for n in struct.unpack(f"<{len(raw) // size}{letter}", raw[: len(raw) // size * size])
        ]
    return name, tuple(n for n in listed[:SMALL] if isfinite(n))
