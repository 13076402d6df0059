"""A delivered computation graph in one form for all formats: operators and the values between them.

Purpose: intake writes it, probes read it. Names of operators are short and lower case without the
format's prefix (``conv2d``, ``add``, ``where``); control flow is flattened into nodes ``if`` and
``loop`` behind the nodes of their branches.
Limits: values are names; nothing is computed here, and nothing needs torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """One operator.

    Args:
        op: short name in lower case.
        inputs: names of the values it takes, in order.
        outputs: names of the values it gives.
        deciding: how many of the first inputs decide which branch is taken (``if``, ``loop``).
    """

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    deciding: int = 0


@dataclass(frozen=True)
class Graph:
    """A network's operators in an order in which they can be computed.

    Args:
        inputs: names of the network's inputs, ``outputs``: of its outputs.
        nodes: all operators, also those of branches.
        stored: shape of every stored value (weight or constant) by name.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    stored: Mapping[str, Shape] = field(default_factory=dict)
