"""What a computation graph gives away: paths around the weights, decisions on data, odd operators.

Purpose: an architectural backdoor needs no trained weight: its trigger detector is built from plain
operators and joined to the features or the logits (Bober-Irizar et al., CVPR 2023,
arXiv:2206.07840; Langford et al. 2024, arXiv:2402.06957). Such a branch leaves the input without
passing a weighted layer, or it decides by comparing values of the input.
Limits: a detector written with stored kernels looks like a layer; only the comparison with the
declared architecture shows it. One interleaved with ordinary layers shows by its operators.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.core.graph import Graph, Node, Shape


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


WEIGHTED = _set(
    """conv conv1d conv2d conv3d convolution _convolution convtranspose conv_transpose2d
    convinteger qlinearconv linear addmm addbmm baddbmm gemm matmul mm bmm mv matmulinteger
    qlinearmatmul einsum bilinear embedding _trilinear"""
)
"""Operators that mix inputs with a stored matrix or kernel."""
SHAPES = _set(
    """size sym_size shape dim ndim numel len __len__ stride storage_offset is_floating_point device
    dtype layout zeros_like ones_like empty_like full_like new_zeros new_ones new_empty new_full
    constantofshape is_cuda requires_grad type raiseexception warn"""
)
"""Operators whose result depends on sizes and types only, not on values."""
HARD = _set(
    """eq ne gt lt ge le equal greater less greaterorequal lessorequal sign round floor ceil trunc
    isnan isinf isclose allclose argmax argmin argsort sort topk nonzero unique all any heaviside
    logical_and logical_or logical_not logical_xor bitwise_and bitwise_or bitwise_not bitwise_xor
    and or not xor searchsorted bucketize histc mode count_nonzero remainder fmod mod floor_divide
    is_nonzero hash"""
)
"""Operators that turn values into decisions; an ordinary classifier needs none of them."""
SELECTING: Mapping[str, int] = {
    "where": 0, "masked_fill": 1, "masked_select": 1, "masked_scatter": 1, "index": 1, "take": 1,
    "index_select": 1, "index_put": 1, "index_add": 1, "index_copy": 1, "index_fill": 1,
    "gather": 1, "gathernd": 1, "gatherelements": 1, "scatter": 1, "scatternd": 1, "scatter_add": 1,
    "scatterelements": 1, "compress": 1, "onehot": 0, "one_hot": 0, "embedding": 1,
}  # fmt: skip
"""Operators that choose by another value, and the position from which on inputs choose."""
RANDOM = ("rand", "bernoulli", "multinomial", "poisson", "exponential", "normal", "uniform")
FILES = _set("save load from_file _save _load print open")
FAMILIES: Mapping[str, str] = {
    **dict.fromkeys(_set("conv1d conv2d conv3d convolution _convolution"), "conv"),
    **dict.fromkeys(_set("linear addmm gemm mm bmm baddbmm einsum"), "matmul"),
    **dict.fromkeys(_set("_native_batch_norm_legit_no_training batchnormalization"), "batch_norm"),
    **dict.fromkeys(_set("native_layer_norm layernormalization"), "layer_norm"),
    **dict.fromkeys(
        _set("adaptive_avg_pool2d avg_pool2d globalaveragepool averagepool mean reducemean"), "mean"
    ),
    **dict.fromkeys(
        _set("adaptive_max_pool2d max_pool2d max_pool2d_with_indices maxpool globalmaxpool"),
        "max_pool",
    ),
    **dict.fromkeys(_set("cat concat concatenate stack"), "cat"),
    **dict.fromkeys(_set("hardtanh clip clamp clamp_min clamp_max relu6"), "clip"),
    "_softmax": "softmax", "_log_softmax": "log_softmax", "logsoftmax": "log_softmax",
    "scaled_dot_product_attention": "attention", "_scaled_dot_product_flash_attention": "attention",
    "rsub": "sub", "reciprocal": "div",
}  # fmt: skip
"""Different names of one thing."""
PLAIN = _set(
    """view reshape flatten permute transpose t contiguous clone detach to type_as cast identity
    alias lift_fresh_copy _to_copy slice select expand expandas squeeze unsqueeze unbind chunk split
    split_with_sizes getitem __getitem__ listunpack tupleunpack listconstruct tupleconstruct
    constant getattr dropout feature_dropout numtotensor scalarimplicit implicittensortonum int
    float bool scalar constantpadnd pad movedim swapaxes unflatten narrow as_strided carry if loop
    sym_int intimplicit floatimplicit _assert_async _assert_tensor_metadata copy lift unchecked_cast
    __isnot__ __is__ __contains__ isinstance range arange full zeros ones empty scalartensor
    scalar_tensor tensor setattr uninitialized isnone unwrap_optional append format dictconstruct
    concat_shape quantizelinear dequantizelinear fake_quantize_per_tensor_affine"""
)
"""Operators that move, name or type values; they say nothing about an architecture."""
EXPANSIONS: Mapping[str, frozenset[str]] = {
    "gelu": _set("erf mul div add pow tanh sqrt"),
    "layer_norm": _set("mean sub pow sqrt div mul add rsqrt"),
    "batch_norm": _set("mul add sub div sqrt rsqrt"),
    "attention": _set("matmul softmax mul div sqrt add cat"),
    "silu": _set("sigmoid mul"), "hardswish": _set("mul clip add div hardsigmoid"),
    "hardsigmoid": _set("clip add div mul"), "softmax": _set("exp div sub sum reducesum"),
    "matmul": _set("add mul"), "log_softmax": _set("softmax log"), "leaky_relu": _set("leakyrelu"),
}  # fmt: skip
"""What exporters write in the place of an operator."""


_SILENT = PLAIN | SHAPES | frozenset(SELECTING)
"""Selections are silent as operators, because those that choose by data are counted apart."""


@dataclass(frozen=True)
class Traits:
    """What is peculiar about a graph; every tuple names the operators concerned.

    Args:
        control_flow: branches and loops whose course depends on values of the input.
        decisions: comparisons and selections on values of the input that reach the output.
        bypasses: joins of a path without any weighted layer and one with such layers.
        random: operators that draw numbers, ``files``: that reach outside.
        unused: stored values that no output depends on.
        layers: how often each shape of a weighted layer occurs.
        operators: how often each family of operators occurs.
        weightless: some path from input to output has no weighted layer.
    """

    control_flow: tuple[str, ...]
    decisions: tuple[str, ...]
    bypasses: tuple[str, ...]
    random: tuple[str, ...]
    files: tuple[str, ...]
    unused: tuple[str, ...]
    layers: Mapping[Shape, int]
    operators: Mapping[str, int]
    weightless: bool


def family(op: str) -> str:
    """One name for an operator, whatever its format calls it.

    >>> family("_convolution"), family("relu_"), family("gemm")
    ('conv', 'relu', 'matmul')
    """
    bare = op if op.startswith("__") else op.rstrip("_")
    return FAMILIES.get(bare, bare)


def traits(graph: Graph) -> Traits:
    """Look at every node once forwards and once backwards."""
    depths = _depths(graph)
    live = _live(graph)
    used = [node for node in graph.nodes if set(node.outputs) & live or not node.outputs]
    acting = [node for node in used if any(name in depths for name in node.inputs)]
    joins = [node for node in acting if _is_bypass(node, depths)]
    steered = [n for n in acting if any(name in depths for name in n.inputs[: n.deciding])]
    names = [node.op for node in graph.nodes]
    return Traits(
        control_flow=tuple(node.op for node in steered),
        decisions=tuple(node.op for node in acting if _decides(node, depths)),
        bypasses=tuple(node.op for node in joins),
        random=tuple(name for name in names if name.startswith(RANDOM)),
        files=tuple(name for name in names if name.rstrip("_") in FILES),
        unused=_unused(graph, live),
        layers=Counter(shape for node in used if (shape := _layer(node, graph.stored))),
        operators=Counter(name for node in acting if (name := family(node.op)) not in _SILENT),
        weightless=any(depths.get(name, (1, 1))[0] == 0 for name in graph.outputs),
    )


def _depths(graph: Graph) -> dict[str, tuple[int, int]]:
    """Fewest and most weighted layers between the input and each value that depends on it."""
    depths = dict.fromkeys(graph.inputs, (0, 0))
    for node in graph.nodes:
        before = [depths[name] for name in node.inputs if name in depths]
        if not before or node.op.rstrip("_") in SHAPES:
            continue
        step = 1 if _layer(node, graph.stored) else 0
        depth = min(b[0] for b in before) + step, max(b[1] for b in before) + step
        for name in node.outputs:
            depths[name] = depth
    return depths


def _live(graph: Graph) -> set[str]:
    """Values that an output depends on."""
    live = set(graph.outputs)
    for node in reversed(graph.nodes):
        if live & set(node.outputs):
            live |= set(node.inputs)
    return live


def _is_bypass(node: Node, depths: Mapping[str, tuple[int, int]]) -> bool:
    most = [depths[name][1] for name in node.inputs if name in depths]
    return len(most) > 1 and min(most) == 0 and max(most) > 0


def _decides(node: Node, depths: Mapping[str, tuple[int, int]]) -> bool:
    op = node.op.rstrip("_")
    if op in HARD:
        return True
    start = SELECTING.get(op)
    if start is None:
        return False
    choosing = node.inputs[:1] if start == 0 else node.inputs[start:]
    if op.startswith(("gather", "embedding")) and op != "gather" and len(node.inputs) > 1:
        choosing = node.inputs[1:2]
    return any(name in depths for name in choosing)


def _unused(graph: Graph, live: set[str]) -> tuple[str, ...]:
    return tuple(
        name
        for name in graph.stored
        if name not in live and not name.endswith("num_batches_tracked")
    )


def _layer(node: Node, stored: Mapping[str, Shape]) -> Shape | None:
    """Shape of a weighted layer's weight; matrices with the smaller side first."""
    if node.op.rstrip("_") not in WEIGHTED:
        return None
    shapes = [stored[name] for name in node.inputs if name in stored and len(stored[name]) > 1]
    if not shapes:
        return None
    shape = max(shapes, key=len)
    return tuple(sorted(shape)) if len(shape) == 2 else shape


def unexpected(found: Traits, expected: Traits) -> dict[str, int]:
    """Layers and operators of a graph that another one does not have, and how many of them.

    Folded normalisation and the usual expansions of exporters are expected.
    """
    allowed = set(expected.operators)
    for name in tuple(allowed):
        allowed |= EXPANSIONS.get(name, frozenset())
    foreign = {name: n for name, n in found.operators.items() if name not in allowed}
    more = Counter(found.layers) - Counter(expected.layers)
    return foreign | {f"layer {'x'.join(map(str, shape))}": n for shape, n in more.items()}


def missing(found: Traits, expected: Traits) -> dict[str, int]:
    """Weighted layers that another graph has and this one lacks."""
    less = Counter(expected.layers) - Counter(found.layers)
    return {f"layer {'x'.join(map(str, shape))}": n for shape, n in less.items()}


def counted(names: Iterable[str]) -> str:
    """Names with how often each occurs, for a sentence.

    >>> counted(["add", "mul", "add"])
    'add (2), mul'
    """
    return ", ".join(f"{k} ({n})" if n > 1 else k for k, n in Counter(names).items())
