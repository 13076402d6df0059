"""Rows of a matrix that look at each other: products of the input with itself, axes from behind.

Purpose: in a matrix ``(rows, features)`` the first axis is also the last but one, a turned matrix
has rows for columns, a product of two matrices of the input mixes rows, be it written with
letters, a matrix that is laid in one row makes one row of all, and a window over rows that were
laid in one example does.
Limits: matrices alone, whose number of dimensions follows from the input; a product of higher
tensors is attention inside an example.
"""

from __future__ import annotations

from auditor.intake.inert.onnx_graph import Graph, Node, Numbers
from auditor.intake.words import words

MATRIX = 2
_SAME = words(
    """Identity Relu Sigmoid Tanh Softmax LogSoftmax Hardmax Add Sub Mul Div Clip Elu LeakyRelu
    Selu Softplus Erf Exp Log Sqrt Neg Abs Gelu BatchNormalization LayerNormalization Dropout"""
)
_FLAT = words("Gemm Flatten")
_PRODUCTS = words("MatMul Gemm")
_WINDOWS = words("AveragePool MaxPool LpPool GlobalAveragePool GlobalMaxPool Conv LRN")
_ALONG = words(
    "Softmax LogSoftmax Hardmax CumSum ReduceMean ReduceMax ReduceMin ReduceSum ReduceL2"
)


class Flat:
    """Which values are matrices of rows, and which of these are turned."""

    def __init__(self, graph: Graph) -> None:
        self.ranks, self.single = dict(graph.ranks), graph.single
        self.constants = graph.constants
        self.turned: set[str] = set()
        self.laid: set[str] = set()

    def met(self, node: Node, data: set[str]) -> str:
        """How rows meet in a node; empty if they do not. What it gives is noted."""
        inputs = [name for name in node.inputs if name in data]
        ranks = [self.ranks.get(name, 0) for name in inputs]
        self._lay(node, ranks)
        self._note(node, ranks)
        if self.laid.intersection(inputs) and node.kind in _WINDOWS:
            return "over rows that are laid in one example"
        return self._of_matrices(node, inputs) if set(ranks) == {MATRIX} else ""

    def _of_matrices(self, node: Node, inputs: list[str]) -> str:
        if self._lettered(node, inputs):
            return "in a product by letters"
        if node.kind == "Reshape" and not self.single and self._second(node)[:2] == (1.0, -1.0):
            return "laid in one row"
        if node.kind in _PRODUCTS and len(inputs) > 1 and node.numbers.get("product", (1.0,))[0]:
            return "of two matrices of the input"
        if self.turned.intersection(inputs) and node.kind in _ALONG:
            return "along turned rows"
        axis = node.numbers.get("axis", (1.0,))
        return "over the last axis but one" if node.kind in _ALONG and axis[:1] == (-2.0,) else ""

    def _lettered(self, node: Node, data: list[str]) -> bool:
        """Whether an equation gives the rows of two matrices, or of the answer, other letters."""
        *firsts, answer = node.numbers.get("firsts", (0.0,))
        rows = {letter for name, letter in zip(node.inputs, firsts, strict=False) if name in data}
        return bool(rows) and rows != {answer}

    def _second(self, node: Node) -> Numbers:
        return self.constants.get(node.inputs[1], ()) if len(node.inputs) > 1 else ()

    def _lay(self, node: Node, ranks: list[int]) -> None:
        """Note rows that a new first axis makes the channels or pixels of one example."""
        axes = node.numbers.get("axes", ()) or node.numbers.get("axis", ())
        if node.kind == "Unsqueeze":
            axes = self._second(node) or axes
        new = node.kind == "Unsqueeze" and 0.0 in axes and set(ranks) == {MATRIX}
        kept = node.kind in ("Transpose", "Unsqueeze") or node.kind in _SAME
        if new or (kept and self.laid.intersection(node.inputs)):
            self.laid.update(node.outputs)

    def _note(self, node: Node, ranks: list[int]) -> None:
        if node.kind == "Transpose" and set(ranks) == {MATRIX}:
            rank = MATRIX
            if node.numbers.get("perm") == (1.0, 0.0):
                self.turned.update(node.outputs)
        else:
            same = node.kind in _SAME and ranks and all(ranks)
            rank = max(ranks) if same else MATRIX if node.kind in _FLAT else 0
        if node.kind == "MatMul" and set(ranks) == {MATRIX}:
            rank = MATRIX
        if rank and node.outputs:
            self.ranks.setdefault(node.outputs[0], rank)
