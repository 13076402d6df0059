"""From a scanned .pt2 archive to the interpreter: weights from raw bytes, then step by step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from auditor.core.errors import DeliveryError
from auditor.intake.exported import kinds
from auditor.intake.exported.arguments import DTYPES
from auditor.intake.exported.network import Exported, Step, function, names, ordered
from auditor.intake.zips import MEMBER_LIMIT, Archive

NODES = 20_000
CONFIGS = ("data/weights/model_weights_config.json", "data/constants/model_constants_config.json")
_STORED = {"parameter": "parameter_name", "buffer": "buffer_name",
           "tensor_constant": "tensor_constant_name"}  # fmt: skip


def program(archive: Archive, document: dict[str, Any]) -> Exported:
    """The network of a scanned archive.

    Args:
        document: the graph's JSON.

    Raises:
        DeliveryError: an operator that is not on the list, or parts that do not fit each other.
    """
    with _following():
        module = document["graph_module"]
        return _built(module["graph"], module["signature"], dict(_weights(archive)))


def check(document: dict[str, Any]) -> None:
    """Hold every node against its operator, without the weights.

    Raises:
        DeliveryError: as `program`.
    """
    with _following():
        module = document["graph_module"]
        specs = [body for spec in module["signature"]["input_specs"] for body in spec.values()]
        known = {next(names(body["arg"]), "") for body in specs}
        results = _results(module["signature"]["output_specs"])
        _steps(module["graph"]["nodes"], known, set(results))


@contextmanager
def _following() -> Iterator[None]:
    """What is not as torch writes it, in one sentence."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        said = (
            f"The .pt2 graph does not follow torch's schema: {type(error).__name__} {error!s:.60}"
        )
        raise DeliveryError(f"{said}.") from error


def _built(
    graph: dict[str, Any], signature: dict[str, Any], weights: dict[str, Tensor]
) -> Exported:
    network, stored = nn.Module(), {}
    sources = []
    for spec in signature["input_specs"]:
        kind, body = next(iter(spec.items()))
        name = next(names(body["arg"]), "")
        if kind == "user_input":
            sources.append(name)
        elif kind in _STORED:
            stored[name] = body[_STORED[kind]]
            _place(network, stored[name], weights, kind == "parameter")
        else:
            raise DeliveryError(f"The graph takes a {kind[:40]}.", kind="unsupported")
    if len(sources) != 1 or not sources[0]:
        said = f"The model takes {len(sources)} inputs, not one tensor."
        raise DeliveryError(said, kind="unsupported")
    results = _results(signature["output_specs"])
    steps = _steps(graph["nodes"], {*stored, sources[0]}, set(results))
    return Exported(network, stored, steps, sources[0], results)


def _results(specs: list[dict[str, Any]]) -> list[str]:
    kinds = {next(iter(spec)) for spec in specs}
    if strange := kinds - {"user_output", "buffer_mutation"}:
        said = f"The graph has a {min(strange)[:40]}, which a classifier does not need."
        raise DeliveryError(said, kind="unsupported")
    given = [spec["user_output"]["arg"] for spec in specs if "user_output" in spec]
    found = [arg["as_tensor"]["name"] for arg in given if "as_tensor" in arg]
    if not found:
        raise DeliveryError("The graph gives no tensor.", kind="unsupported")
    return found


def _steps(nodes: list[dict[str, Any]], known: set[str], results: set[str]) -> list[Step]:
    """All nodes, each of which may use only what is known before it."""
    if len(nodes) > NODES:
        raise DeliveryError(f"The graph has {len(nodes)} nodes.", kind="unsupported")
    steps = []
    for node in nodes:
        target = str(node["target"])
        own = function(target)
        if own is None:
            continue
        missing = [n for entry in node["inputs"] for n in names(entry["arg"]) if n not in known]
        if missing:
            raise DeliveryError(f"The graph's {target} reads {missing[0][:40]} before it exists.")
        outputs = tuple(_outputs(node["outputs"]))
        known.update(name for entry in outputs for name in _flat(entry))
        kinds.check(target, getattr(own, "_schema", None), node)
        args, keywords = ordered(target, node["inputs"])
        steps.append(Step(target, own, args, keywords, outputs))
    if not results <= known:
        raise DeliveryError("The graph does not compute its output.")
    return _released(steps, results)


def _released(steps: list[Step], results: set[str]) -> list[Step]:
    """The same steps, each with the values that it is the last to read."""
    done, found = set(results), []
    for step in reversed(steps):
        read = {*names([*step.args, *step.keywords.values()])}
        found.append(replace(step, last=frozenset(read - done)))
        done |= read
    return found[::-1]


def _outputs(given: list[dict[str, Any]]) -> Iterator[Any]:
    for entry in given:
        kind, value = next(iter(entry.items()))
        if kind == "as_none":
            yield ""
        elif kind in ("as_tensor", "as_optional_tensor"):
            yield next(names(value), "")
        elif kind == "as_tensors":
            yield [str(part["name"]) for part in value]
        elif kind in ("as_sym_int", "as_sym_float", "as_sym_bool"):
            yield str(value["as_name"])
        else:
            raise DeliveryError(f"A node gives a {kind[:40]}.", kind="unsupported")


def _flat(entry: Any) -> list[str]:
    return entry if isinstance(entry, list) else [entry]


def _place(network: nn.Module, name: str, weights: dict[str, Tensor], trained: bool) -> None:
    """Put a weight into the module that its dotted name stands for."""
    if name not in weights:
        raise DeliveryError(f"The weight {name[:80]} is not in the file.")
    *folders, last = name.split(".")
    for folder in folders:
        if folder not in network._modules:
            network.add_module(folder, nn.Module())
        network = network.get_submodule(folder)
    value = weights[name]
    if last in network._parameters or last in network._buffers:
        return
    if trained:
        network.register_parameter(last, nn.Parameter(value, value.is_floating_point()))
    else:
        network.register_buffer(last, value)


def _weights(archive: Archive) -> Iterator[tuple[str, Tensor]]:
    root = next(iter(archive.members)).partition("/")[0]
    for config in (f"{root}/{name}" for name in CONFIGS):
        if config not in archive.members:
            continue
        folder = config.rpartition("/")[0]
        for name, entry in json.loads(archive.read(config))["config"].items():
            if entry["use_pickle"]:
                raise DeliveryError(f"The tensor {name[:80]} is pickled.", kind="dangerous")
            data = archive.read(f"{folder}/{entry['path_name']}", MEMBER_LIMIT)
            yield name, _tensor(name, data, entry["tensor_meta"])


def _tensor(name: str, data: bytes, meta: dict[str, Any]) -> Tensor:
    """A tensor from raw bytes; sizes and strides have to stay inside them."""
    if meta["dtype"] not in DTYPES:
        said = f"The weight {name[:80]} has the type {str(meta['dtype'])[:20]}."
        raise DeliveryError(said, kind="unsupported")
    dtype = DTYPES[meta["dtype"]]
    shape, stride = ([_size(entry) for entry in meta[key]] for key in ("sizes", "strides"))
    offset = _size(meta["storage_offset"])
    if len(shape) != len(stride):
        raise DeliveryError(f"The weight {name[:80]} has sizes and strides that do not fit.")
    if 0 in shape:
        return torch.empty(shape, dtype=dtype)
    held = len(data) // dtype.itemsize
    last = offset + sum((n - 1) * s for n, s in zip(shape, stride, strict=True))
    if last >= held or prod(shape) > held:
        raise DeliveryError(f"The weight {name[:80]} claims more values than the file holds.")
    whole = torch.frombuffer(bytearray(data[: held * dtype.itemsize]), dtype=dtype)
    return whole.as_strided(shape, stride, offset).clone(memory_format=torch.contiguous_format)


def _size(entry: dict[str, Any]) -> int:
    size = entry["as_int"]
    if type(size) is not int or not 0 <= size < 1 << 40:
        raise ValueError("an absurd size")
    return size
