"""The interpreter: one call of an allowed operator after the other."""

from __future__ import annotations

import copy
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from auditor.core.errors import DeliveryError
from auditor.intake.argument_names import names
from auditor.intake.exported.arguments import argument
from auditor.intake.graph_operators import CHECKS, GRAPH_OPERATORS, PYTHON, SIZES

Function = Callable[..., Any]
_NUMBERS = (int, float)


@dataclass(frozen=True)
class Step:
    """One node of the graph.

    Args:
        target: the operator's full name.
        function: what computes it.
        args: JSON arguments in the order of the operator's schema; None takes the default.
        keywords: those that are passed by name.
        results: names of the outputs; a list where the operator gives a list.
        last: names that no later node reads.
    """

    target: str
    function: Function
    args: tuple[Any, ...]
    keywords: Mapping[str, Any]
    results: tuple[Any, ...]
    last: frozenset[str] = frozenset()


class Exported(nn.Module):
    """An exported graph over its weights, in the mode in which it was exported.

    Args:
        network: holds the weights under their own names.
        stored: name of a value in the graph: name of the weight.
        steps: in the order in which they run.
        source: name of the input, ``results``: of the outputs.
    """

    def __init__(
        self,
        network: nn.Module,
        stored: Mapping[str, str],
        steps: Sequence[Step],
        source: str,
        results: Sequence[str],
    ) -> None:
        super().__init__()
        self.network = network
        self.stored, self.steps = dict(stored), tuple(steps)
        self.source, self.results = source, tuple(results)

    def __deepcopy__(self, memo: dict[int, Any]) -> Exported:
        """Weights are copied; the steps are the same."""
        inner = copy.deepcopy(self.network, memo)
        made = Exported(inner, self.stored, self.steps, self.source, self.results)
        return made.train(self.training)

    def forward(self, x: Tensor) -> Any:
        """Inputs ``(n, *shape)`` to the graph's first output, or all of several."""
        weights = {**dict(self.network.named_parameters()), **dict(self.network.named_buffers())}
        values: dict[str, Any] = {name: weights[key] for name, key in self.stored.items()}
        values[self.source] = x
        for step in self.steps:
            _run(step, values)
        found = [values[name] for name in self.results]
        return found[0] if len(found) == 1 else tuple(found)


def _run(step: Step, values: dict[str, Any]) -> None:
    """Compute one step; what nobody needs any more is let go."""
    args = [argument(given, values) for given in step.args]
    keywords = {name: argument(given, values) for name, given in step.keywords.items()}
    try:
        found = step.function(*args, **keywords)
    except (TypeError, KeyError, AttributeError, NotImplementedError) as error:
        said = f"The graph's {step.target} has wrong arguments: {error!s:.80}."
        raise DeliveryError(said) from error
    several = len(step.results) > 1 or isinstance(step.results[0] if step.results else "", list)
    outputs = found if len(step.results) > 1 else [found]
    if several and not isinstance(found, tuple | list):
        raise DeliveryError(f"The graph's {step.target} gives one value instead of several.")
    for names_, value in zip(step.results, outputs, strict=False):
        if isinstance(names_, list):
            values.update(zip(names_, value, strict=False))
        else:
            values[names_] = value
    for name in step.last:
        values.pop(name, None)


def function(target: str) -> Function | None:
    """What computes an operator; None for one that computes nothing.

    Raises:
        DeliveryError: it is not on the list.
    """
    if target in PYTHON:
        return _arithmetic(target)
    parts = target.split(".")
    if parts[:3] != ["torch", "ops", "aten"] or len(parts) != 5:
        raise unknown(target)
    _, _, _, name, overload = parts
    if name in CHECKS:
        return None
    if name in SIZES:
        return _SIZES[name]
    packet = getattr(torch.ops.aten, name, None) if name in GRAPH_OPERATORS else None
    if packet is None or overload not in packet.overloads() or "out" in overload:
        raise unknown(target)
    found: Function = getattr(packet, overload)
    return found


def unknown(target: str) -> DeliveryError:
    """The error that names an operator that is not on the list."""
    return DeliveryError(
        f"The graph calls {target[:120]}, which is not among the operators that are rebuilt here.",
        "It was not executed. Ask for ONNX, or for safetensors with the architecture's name.",
        "unsupported",
    )


def ordered(target: str, given: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments by position and by name, as the operator's schema wants them.

    Raises:
        DeliveryError: an argument that the operator does not have, or one that it lacks.
    """
    by_name = {str(entry["name"]): entry["arg"] for entry in given}
    schema = getattr(function(target), "_schema", None)
    if schema is None:
        return tuple(entry["arg"] for entry in given), {}
    args, keywords = [], {}
    skipped = False
    for wanted in schema.arguments:
        if wanted.name not in by_name:
            if not wanted.has_default_value():
                raise DeliveryError(f"The graph's {target} lacks the argument {wanted.name}.")
            skipped = True
        elif wanted.kwarg_only or skipped:
            keywords[wanted.name] = by_name.pop(wanted.name)
        else:
            args.append(by_name.pop(wanted.name))
    if by_name:
        raise DeliveryError(f"The graph's {target} has the unknown argument {min(by_name)[:40]}.")
    return tuple(args), keywords


def _arithmetic(target: str) -> Function:
    """Arithmetic on sizes; both sides have to be plain numbers."""
    name = target.rpartition(".")[2]
    own = _SYMBOLIC[name] if name in _SYMBOLIC else getattr(operator, name)

    def compute(*args: Any) -> Any:
        if not all(isinstance(value, _NUMBERS) and abs(value) < 1 << 62 for value in args):
            raise DeliveryError(f"The graph's {target} is given something else than numbers.")
        return own(*args)

    return compute


_SYMBOLIC: dict[str, Function] = {
    "sym_int": int, "sym_float": float, "sym_max": max, "sym_min": min, "sym_not": operator.not_,
}  # fmt: skip
_SIZES: dict[str, Function] = {
    "sym_size": lambda x, dim: x.shape[dim],
    "sym_numel": lambda x: math.prod(x.shape),
}

__all__ = ["Exported", "Step", "function", "names", "ordered", "unknown"]
