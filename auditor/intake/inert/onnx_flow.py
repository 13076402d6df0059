"""What the nodes of an ONNX graph do with its input: gates, short cuts, rows that look at rows.

Purpose: a backdoor needs no custom operator. A switch can be built of arithmetic: a steep slope, a
comparison, a high power, a number cast to whole ones; its signal mostly comes from the input on a
path without weights. Each of these is named; a probe of the audit measures what it does.
Source: "ShadowLogic" (arXiv 2511.00664) and Langford et al. 2024 (architectural backdoors).
Limits: slopes in large weights are `steep`'s; gates spread over many nodes are not seen here.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from auditor.intake.inert import flat_rows
from auditor.intake.inert.log import Log, shown
from auditor.intake.inert.onnx_graph import Graph, Node, Numbers
from auditor.intake.words import words

STEEP = 1e4
POWER = 8.0
LARGEST = 1 << 28
_WEIGHING = words("MatMul Gemm Conv ConvTranspose PRelu LayerNormalization")
_SIZES = words("Shape Size ConstantOfShape Range")
_MERGING = words("Add Sub Mul Div Sum Concat Stack Max Min Where Pow Mean")
_WHOLE_TYPES = (2, 3, 4, 5, 6, 7, 12, 13)
_ROWS = words("Softmax LogSoftmax CumSum Hardmax")
_REDUCING = words("Turn ReduceMean ReduceMax ReduceMin ReduceSum ReduceL2")
_CHOOSING = words(
    "Greater GreaterOrEqual Less LessOrEqual Equal Where Sign Ceil Floor IsNaN And Or Not"
)
_GROWING = {"Expand": 1, "Tile": 1, "ConstantOfShape": 0, "Reshape": 1, "Pad": 1, "Resize": 3}
Oddity = tuple[str, str]


def look(graph: Graph, log: Log, family: str = "onnx") -> None:
    """Follow the input through the graph and name each odd node.

    Args:
        family: first part of the rules' names.
    """
    free = {name for name in graph.inputs if name not in graph.stored}
    data, plain = set(free), set(free)
    layers = _Layers()
    used = {name for node in graph.nodes for name in node.inputs}
    sizes = _Sizes()
    exempt = _softplus(graph)
    flat = flat_rows.Flat(graph)
    for node in graph.nodes:
        if sizes.decides(node, data):
            what = f"{node.kind} joins a decision on the number of rows"
            log.add("suspicious", f"{family}.choice", what, None, f"rows {node.kind}")
        for rule, what in (*_size(node, graph), *_training(node, graph)):
            log.add("not_audited", f"{family}.{rule}", what, None, node.kind)
        if data.intersection(node.inputs) and node.kind not in _SIZES:
            stacked = layers.stacked(node, graph)
            odd = [] if exempt.intersection(node.outputs) else [*_odd(node, graph, data, plain)]
            if (
                family != "onnx"
                and node.kind == "ArgMax"
                and used.intersection(node.outputs[1:] or node.outputs)
            ):
                odd.append(("choice", "the place of the largest value decides"))
            if met := flat.met(node, data):
                odd.append(("rows", f"{node.kind} {met}: rows look at each other"))
            for rule, what in odd:
                if rule == "rows" and stacked:
                    continue
                log.add("suspicious", f"{family}.{rule}", what, None, f"{rule} {node.kind}")
            data.update(node.outputs)
            weighted = node.kind in _WEIGHING or any(
                name in data and name not in plain for name in node.inputs
            )
            plain.update(() if weighted else node.outputs)
    if family != "script" and (dead := _dead(graph, data)):
        what = f"{len(dead)} nodes take the input and feed no output, first {shown(dead[0], 80)}"
        log.add("suspicious", f"{family}.flow", what, None, dead[0])
    for name in graph.outputs:
        if name not in data and graph.nodes:
            what = f"the output {shown(name, 80)!r} does not depend on the input"
            log.add("suspicious", f"{family}.flow", what, None, name)


class _Layers:
    """Values that were laid upon each other along a new first axis, which is not that of rows."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def stacked(self, node: Node, graph: Graph) -> bool:
        """Whether a node takes such values; what it gives is noted."""
        axes = node.numbers.get("axes", ()) or node.numbers.get("axis", ())
        if node.kind == "Unsqueeze" and len(node.inputs) > 1:
            axes = graph.constants.get(node.inputs[1], ())
        before = bool(self.known.intersection(node.inputs))
        new = node.kind in ("Unsqueeze", "Stack") and 0.0 in axes
        if new or (before and node.kind in _ONE_BY_ONE):
            self.known.update(node.outputs)
        return before


_ONE_BY_ONE = words("Identity Add Sub Mul Div Concat Relu Sigmoid Tanh Softmax LogSoftmax Cast")


class _Sizes:
    """Sizes of the input, and decisions on them, followed to where they meet its values."""

    def __init__(self) -> None:
        self.sizes: set[str] = set()
        self.decided: set[str] = set()

    def decides(self, node: Node, data: set[str]) -> bool:
        """Whether a node joins values of the input with a decision on its size."""
        if node.kind in ("Shape", "Size") and data.intersection(node.inputs):
            self.sizes.update(node.outputs)
        elif node.kind in _GROWING or node.kind in _SIZES:
            return False
        elif self.decided.intersection(node.inputs):
            if data.intersection(node.inputs):
                return node.kind in _MERGING
            self.decided.update(node.outputs)
        elif self.sizes.intersection(node.inputs) and not data.intersection(node.inputs):
            found = self.decided if node.kind in _CHOOSING else self.sizes
            found.update(node.outputs)
        return False


def _softplus(graph: Graph) -> set[str]:
    """Values of the comparison that keeps ``log(1 + exp(x))`` from overflowing."""
    makers = {name: node for node in graph.nodes for name in node.outputs}
    found: set[str] = set()
    for node in graph.nodes:
        greater = makers.get(node.inputs[0]) if node.kind == "Where" and node.inputs else None
        if greater is None or greater.kind != "Greater" or len(node.inputs) != 3:
            continue
        if graph.constants.get(greater.inputs[1]) == (20.0,):
            kinds, at = list[str](), makers.get(node.inputs[2])
            while at is not None and len(kinds) < 5 and greater.inputs[0] not in at.outputs:
                kinds.append(at.kind)
                before = [makers[name] for name in at.inputs if name in makers]
                before = [other for other in before if other.kind != "Constant"]
                at = before[0] if len(before) == 1 else None
            if at is not None and " ".join(kinds) in _SOFT:
                found.update((*greater.outputs, *node.outputs))
    return found


_SOFT = ("Log Add Exp", "Div Log Add Exp", "Softplus", "Div Softplus")


def _dead(graph: Graph, data: set[str]) -> list[str]:
    """Nodes on the way of the input that no output needs."""
    live = set(graph.outputs)
    dead: list[str] = []
    for node in reversed(graph.nodes):
        if live.intersection(node.outputs):
            live.update(node.inputs)
        elif data.intersection(node.inputs):
            dead.append(node.kind)
    return dead


def _odd(node: Node, graph: Graph, data: set[str], plain: set[str]) -> Iterator[Oddity]:
    """What is odd about a node on the way of the input."""
    kinds = {name in plain for name in node.inputs if name in data}
    if len(kinds) == 2 and node.kind in _MERGING:
        yield "short_cut", f"{node.kind} takes the input past the weights"
    given = [graph.constants.get(name, ()) for name in node.inputs if name not in data]
    numbers = [n for constant in given for n in constant]
    if node.kind == "Mul" and numbers and max(map(abs, numbers)) >= STEEP:
        yield "gate", f"Mul by {max(map(abs, numbers)):g}, the slope of a switch"
    if node.kind == "Mul" and numbers and not any(numbers):
        yield "gate", "Mul by zero, which takes a signal away"
    if node.kind == "Div" and numbers and 0 < max(map(abs, numbers)) <= 1 / STEEP:
        yield "gate", f"Div by {max(map(abs, numbers)):g}, the slope of a switch"
    if node.kind == "Pow" and numbers and max(map(abs, numbers)) > POWER:
        yield "gate", f"Pow of {max(map(abs, numbers)):g}, the slope of a switch"
    told = [*numbers, *node.numbers.get("alpha", ()), *node.numbers.get("beta", ())]
    if node.kind in _WEIGHING and told and max(map(abs, told)) >= STEEP:
        yield "gate", f"{node.kind} by {max(map(abs, told)):g}, the slope of a switch"
    yield from _sharp(node, graph) if node.kind == "BatchNormalization" else ()
    if node.kind in _NORMS and _narrow(node, graph):
        yield "gate", f"{node.kind} of so few numbers is a switch"
    if node.kind == "HardSigmoid" and abs(_first(node, "alpha", 0.2)) > 10:
        yield "gate", "HardSigmoid with the slope of a switch"
    if node.kind in _CHOOSING and (node.kind != "Where" or node.inputs[0] in data):
        yield "choice", f"{node.kind} decides on the input"
    if node.kind == "Gather" and len(node.inputs) > 1 and node.inputs[1] in data - plain:
        yield "choice", "Gather by a computed place"
    if node.kind == "Cast" and _first(node, "to", 1) in _WHOLE_TYPES:
        yield "gate", "Cast of a computed value to whole numbers"
    yield from _clipped(node, graph)
    if _over_rows(node, graph):
        yield "rows", f"{node.kind} over the first axis: rows look at each other"


def _clipped(node: Node, graph: Graph) -> Iterator[Oddity]:
    """Limits of which the upper is below the lower."""
    if node.kind == "Clip" and len(node.inputs) > 2:
        low, high = (graph.constants.get(name) or (0.0,) for name in node.inputs[1:3])
        if low[0] > high[0] and node.inputs[2] in graph.constants:
            yield "gate", "Clip with its limits upside down, which gives one number"


_NORMS = words("LayerNormalization LpNormalization")
NARROW = 2
EPSILON = 1e-9
"""Frameworks add 1e-3 to 1e-6 to the variance of a batch."""


def _narrow(node: Node, graph: Graph) -> bool:
    """A norm over one or two numbers, whose answer is hardly more than their sign."""
    told = node.numbers.get("width", ())
    scale = graph.constants.get(node.inputs[1], ()) if len(node.inputs) > 1 and not told else ()
    return 0 < (told[0] if told else len(scale)) <= NARROW


def _sharp(node: Node, graph: Graph) -> Iterator[Oddity]:
    """A norm by running statistics that makes much of little."""
    epsilon = _first(node, "epsilon", 1e-5)
    if epsilon < EPSILON:
        yield "gate", f"BatchNormalization that adds {epsilon:g} to a variance, which it divides by"
    scale = graph.constants.get(node.inputs[1], ()) if _first(node, "scaled", 1.0) else ()
    if scale and max(map(abs, scale)) >= STEEP:
        yield "gate", f"BatchNormalization by {max(map(abs, scale)):g}, the slope of a switch"


def _over_rows(node: Node, graph: Graph) -> bool:
    if node.kind in _REDUCING:
        second = graph.constants.get(node.inputs[1], ()) if len(node.inputs) > 1 else ()
        axes: Numbers = node.numbers.get("axes", ()) or second
        return 0.0 in axes or not axes
    if node.kind == "CumSum" and len(node.inputs) > 1:
        return 0.0 in graph.constants.get(node.inputs[1], ())
    if node.kind == "Pad":
        told = graph.constants.get(node.inputs[1], ()) if len(node.inputs) > 1 else ()
        pads = told or node.numbers.get("pads", ())
        return len(pads) > 2 and any(pads[:: len(pads) // 2])
    return node.kind in _ROWS and _first(node, "axis", 1) == 0


def _training(node: Node, graph: Graph) -> Iterator[Oddity]:
    """Operators that are random, or look at the whole batch, in the mode of training."""
    if node.kind == "BatchNormalization" and _first(node, "training_mode", 0):
        yield "training", "BatchNormalization in the mode of training"
    if node.kind == "Dropout" and len(node.inputs) > 2 and node.inputs[2]:
        mode = graph.constants.get(node.inputs[2])
        if mode is None or any(mode):
            yield "training", "Dropout in the mode of training, which is random"


def _size(node: Node, graph: Graph) -> Iterator[Oddity]:
    """Constants that ask for a tensor larger than any classifier needs."""
    place = _GROWING.get(node.kind)
    if place is not None and place < len(node.inputs):
        sizes = graph.constants.get(node.inputs[place], ()) or node.numbers.get("pads", ())
        if prod(max(1.0, abs(size)) for size in sizes) > LARGEST:
            yield "size", f"{node.kind} makes a tensor of absurd size"
    if node.kind == "Range" and len(node.inputs) == 3:
        start, limit, step = (graph.constants.get(name) or (0.0,) for name in node.inputs)
        if abs(limit[0] - start[0]) > LARGEST * abs(step[0] or 1.0):
            yield "size", "Range makes a tensor of absurd size"


def _first(node: Node, name: str, default: float) -> float:
    return (node.numbers.get(name) or (default,))[0]
