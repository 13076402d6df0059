"""A converted graph: one module a node, values passed by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from auditor.core.errors import DeliveryError
from auditor.intake.onnx.table import OPS, Attributes


class Node(nn.Module):
    """One operator with its own constants.

    Args:
        kind: name of the operator in `OPS`.
        sources: name of each input; empty where an optional input is left out.
        results: name of each output.
        constants: those inputs that are stored values, by input position.
        attributes: as the operator takes them.
    """

    def __init__(
        self,
        kind: str,
        sources: Sequence[str],
        results: Sequence[str],
        constants: dict[int, Tensor],
        attributes: Attributes,
    ) -> None:
        super().__init__()
        self.kind = kind
        self.sources = tuple(sources)
        self.results = tuple(results)
        self.attributes = attributes
        self.stored = {}
        for position, value in constants.items():
            self.stored[position] = f"constant_{position}"
            if isinstance(value, nn.Parameter):
                self.register_parameter(self.stored[position], value)
            else:
                self.register_buffer(self.stored[position], value)

    def extra_repr(self) -> str:
        """The operator's name, for people who print the network."""
        return self.kind

    def forward(self, inputs: Sequence[Tensor | None], actual: int) -> Any:
        """Outputs of the operator for inputs in their order, at batch size ``actual``."""
        filled = [
            getattr(self, self.stored[i]) if i in self.stored else value
            for i, value in enumerate(inputs)
        ]
        try:
            return OPS[self.kind](filled, {**self.attributes, "actual": actual})
        except (TypeError, KeyError, AttributeError) as error:
            raise DeliveryError(
                f"The ONNX node {self.kind} has wrong inputs or attributes: {error!s:.80}."
            ) from error


class OnnxNetwork(nn.Module):
    """A graph of nodes with one input and its first output."""

    def __init__(self, nodes: Sequence[Node], source: str, result: str) -> None:
        super().__init__()
        self.nodes = nn.ModuleList(nodes)
        self.source = source
        self.result = result
        self.last_use = {
            name: index for index, node in enumerate(nodes) for name in node.sources if name
        }

    def forward(self, x: Tensor) -> Tensor:
        """Inputs ``(n, *shape)`` to the graph's first output."""
        values: dict[str, Tensor] = {self.source: x}
        for index, node in enumerate(self.nodes):
            inputs = [values.get(name) for name in node.sources]  # type: ignore[union-attr]
            outputs = node(inputs, len(x))
            outputs = (outputs,) if isinstance(outputs, Tensor) else outputs
            values.update(zip(node.results, outputs, strict=False))  # type: ignore[arg-type]
            for name in node.sources:  # type: ignore[union-attr]
                if self.last_use.get(name) == index and name != self.result:
                    values.pop(name, None)
        if self.result not in values:
            raise DeliveryError("The ONNX graph does not compute its output.")
        return values[self.result]
