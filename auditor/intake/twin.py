"""Our own network of the declared architecture, with the weights of a delivered graph.

Purpose: if a graph computes what its weights compute in our constructor, nothing was added to it.
TorchScript and .pt2 keep the names of the weights. ONNX exporters rename and transpose matrices and
fold normalisation into convolutions, so its layers are matched by their order and shape; a folded
bias goes into our own normalisation, which is set to do nothing else.
Limits: matching by order needs layers that run in the order of our constructor's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from auditor.architectures import build
from auditor.core.errors import AuditorError
from auditor.core.spec import SpecHints
from auditor.core.subject import Origin
from auditor.intake.factory import from_factory
from auditor.intake.formats import Loaded
from auditor.intake.graphs import of_module
from auditor.intake.onnx.network import Node, OnnxNetwork
from auditor.intake.weights import fit

WRAPPERS = ("FixedBatch", "Exported", "ChannelsLast", "NoChannel")


def origin(loaded: Loaded, hints: SpecHints, classes: int) -> Origin:
    """What was declared about a network, and our own version of it where there is one.

    Args:
        hints: everything known, with the shape of one input.
    """
    declared = hints.arch or ""
    if loaded.graph is None:
        return Origin(declared=declared)
    if not declared:
        return Origin(graph=loaded.graph, reason="No architecture was declared.")
    known = hints.model_copy(update={"classes": classes})
    try:
        own = _fresh(known, classes)
        expected = of_module(own, torch.zeros(2, *(hints.shape or ())))
    except (AuditorError, RuntimeError) as error:
        said = f"{declared} could not be built for comparison: {str(error).splitlines()[0][:120]}"
        return Origin(graph=loaded.graph, declared=declared, reason=said)
    twin, reason = _twin(loaded.network, own, known)
    return Origin(loaded.graph, declared, expected, twin, reason)


def _fresh(hints: SpecHints, classes: int) -> nn.Module:
    assert hints.arch
    if ":" in hints.arch:
        return from_factory(hints.arch, hints.shape, classes).eval()
    return build(hints.arch, hints.shape or (), classes).eval()


def _twin(network: nn.Module, own: nn.Module, hints: SpecHints) -> tuple[nn.Module | None, str]:
    inner = network
    while type(inner).__name__ in WRAPPERS:
        inner = inner.network  # type: ignore[assignment]
    if isinstance(inner, OnnxNetwork):
        unmatched = _by_order(own, inner, torch.zeros(2, *(hints.shape or ())))
        if unmatched:
            return None, f"{unmatched} of the ONNX graph have no counterpart in {hints.arch}."
        return own, ""
    try:
        return fit(inner.state_dict(), hints).network, ""
    except AuditorError as error:
        return None, error.message


@dataclass(frozen=True)
class _Layer:
    """One weighted layer of an ONNX graph; the weight as torch's layers have it.

    ``normalised``: a normalisation of its own follows, so that none is folded into it.
    """

    weight: Tensor
    bias: Tensor | None
    normalised: bool


def _by_order(own: nn.Module, graph: OnnxNetwork, example: Tensor) -> str:
    """Fill our network from an ONNX graph; says what could not be matched, or nothing."""
    state = own.state_dict()
    nodes = [node for node in graph.nodes if isinstance(node, Node)]
    named = {name: value for name, value in _stored(nodes) if _fits(state, name, value)}
    own.load_state_dict(named, strict=False)
    names = {module: name for name, module in own.named_modules()}
    layers, filled = list(_layers(nodes)), set(named)
    weighted, norms = _calls(own, example)
    for module, following in weighted:
        layer = next((entry for entry in layers if _same(entry.weight, module)), None)
        if layer is None:
            return f"Layers such as {names[module]}"
        layers = [entry for entry in layers if entry is not layer]
        filled |= _fill(module, None if layer.normalised else following, layer, names)
    if layers:
        return f"{len(layers)} layers"
    rest = [norm for norm in norms if f"{names[norm]}.running_mean" not in filled]
    for norm, node in zip(rest, _normal(nodes), strict=False):
        filled |= _restore(norm, node, names[norm])
    left = [name for name in state if name not in filled and not name.endswith("tracked")]
    return f"The weights {', '.join(left[:3])}" if left else ""


def _fits(state: dict[str, Tensor], name: str, value: Tensor) -> bool:
    return name in state and state[name].shape == value.shape


def _same(weight: Tensor, module: nn.Module) -> bool:
    own = module.weight
    return isinstance(own, Tensor) and weight.shape == own.shape


def _stored(nodes: list[Node]) -> Iterator[tuple[str, Tensor]]:
    for node in nodes:
        for position in node.stored:
            yield node.sources[position], _constant(node, position)


def _constant(node: Node, position: int) -> Tensor:
    value: Tensor = getattr(node, node.stored[position])
    return value


def _normal(nodes: list[Node]) -> list[Node]:
    return [node for node in nodes if node.kind == "BatchNormalization" and len(node.stored) == 4]


def _layers(nodes: list[Node]) -> Iterator[_Layer]:
    for node in nodes:
        if 1 not in node.stored or node.kind not in ("Conv", "Gemm", "MatMul"):
            continue
        weight = _constant(node, 1)
        bias = _constant(node, 2) if 2 in node.stored else None
        if node.kind == "MatMul":
            weight, bias = weight.mT, _added(node, nodes)
        elif node.kind == "Gemm" and not node.attributes.get("transB"):
            weight = weight.mT
        behind = any(node.results[0] == other.sources[0] for other in _normal(nodes))
        yield _Layer(weight, bias, behind)


def _added(node: Node, nodes: list[Node]) -> Tensor | None:
    """The constant that the next node adds to a product."""
    for other in nodes:
        if other.kind == "Add" and node.results[0] in other.sources and other.stored:
            return _constant(other, next(iter(other.stored)))
    return None


def _calls(
    own: nn.Module, example: Tensor
) -> tuple[list[tuple[nn.Module, nn.Module | None]], list[nn.Module]]:
    """Weighted layers in the order in which they run, each with the normalisation behind it, and
    all normalisations."""
    kept: list[tuple[nn.Module, Tensor, Tensor]] = []
    kinds = (nn.Conv2d, nn.Linear, nn.BatchNorm2d, nn.BatchNorm1d)
    hooks = [
        module.register_forward_hook(lambda m, i, o: kept.append((m, i[0], o)))
        for module in own.modules()
        if isinstance(module, kinds)
    ]
    with torch.no_grad():
        own(example)
    for hook in hooks:
        hook.remove()
    normal = [(module, x) for module, x, _ in kept if hasattr(module, "running_mean")]
    weighted = [
        (module, next((norm for norm, x in normal if x is output), None))
        for module, _, output in kept
        if not hasattr(module, "running_mean")
    ]
    return weighted, [norm for norm, _ in normal]


@torch.no_grad()
def _fill(
    module: nn.Module, following: nn.Module | None, layer: _Layer, names: dict[nn.Module, str]
) -> set[str]:
    """Copy one layer; returns the names of the weights that are settled by it."""
    bias = torch.zeros(len(layer.weight)) if layer.bias is None else layer.bias
    given = {"weight": layer.weight}
    if module.bias is not None:
        given, bias = given | {"bias": bias}, torch.zeros_like(bias)
    settled = _set(module, names[module], given)
    if following is not None:
        ones, eps = torch.ones_like(bias), float(following.eps)  # type: ignore[arg-type]
        neutral = {"running_mean": 0 * ones, "running_var": ones - eps, "weight": ones}
        settled |= _set(following, names[following], {**neutral, "bias": bias})
    return settled


def _restore(norm: nn.Module, node: Node, name: str) -> set[str]:
    parts = ("weight", "bias", "running_mean", "running_var")
    return _set(norm, name, {part: _constant(node, i + 1) for i, part in enumerate(parts)})


@torch.no_grad()
def _set(module: nn.Module, name: str, values: dict[str, Tensor]) -> set[str]:
    """Copy values into a module if all have its shapes; the full names of what was set."""
    own = module.state_dict()
    if any(own[part].shape != value.shape for part, value in values.items()):
        return set()
    module.load_state_dict(values, strict=False)
    return {f"{name}.{part}" for part in values}
