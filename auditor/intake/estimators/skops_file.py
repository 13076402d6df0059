"""skops files: a zip with ``schema.json`` and arrays, read into the same values as a pickle.

Purpose: the schema names classes; skops would import them. Here they are compared with the same
allow-list as a pickle's names, and only plain values, arrays and states are kept.
Limits: protocols of skops 0.6 and later that know these nodes; others are refused by name.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from auditor.core.errors import DeliveryError
from auditor.intake.estimators.globals import refuse_unless_known
from auditor.intake.estimators.values import KINDS, Array, Instance, from_bytes
from auditor.intake.zips import Archive, opened

SCHEMA = "schema.json"
DEEPEST = 100
NODES = 1_000_000
_HEADER = 10_000
Node = dict[str, Any]


def read_skops(path: Path) -> object:
    """The value that a skops file holds, without building any object of it.

    Raises:
        DeliveryError: ``dangerous`` or ``unsupported`` names class or node, ``unreadable`` stands
            for damage.
    """
    with opened(path) as archive:
        if SCHEMA not in archive.members:
            raise DeliveryError(f"{path.name} has no {SCHEMA}.", kind="unsupported")
        strange = [name for name in archive.members if name != SCHEMA and not name.endswith(".npy")]
        if strange:
            said = f"{path.name} has the member {strange[0]!r:.80}, which is no array."
            raise DeliveryError(said, "Ask for a plain skops file.", "unsupported")
        try:
            schema = json.loads(archive.read(SCHEMA))
            return _Reader(archive).value(schema, 0)
        except DeliveryError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DeliveryError(f"The schema of {path.name} is damaged: {error!s:.80}.") from error


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.known: dict[Any, object] = {}
        self.count = 0

    def value(self, node: Node, depth: int) -> Any:
        """One node of the schema as a value."""
        self.count += 1
        if depth > DEEPEST or self.count > NODES:
            raise DeliveryError("The schema is nested too deep or has too many nodes.")
        loader = str(node["__loader__"])
        if loader == "CachedNode":
            return self.known[node["__id__"]]
        if loader not in _LOADERS:
            self._refuse(node, loader)
        made = _LOADERS[loader](self, node, depth + 1)
        if "__id__" in node:
            self.known[node["__id__"]] = made
        return made

    def _refuse(self, node: Node, loader: str) -> None:
        content = node.get("content")
        inner = content if isinstance(content, dict) else {}
        function = f"{inner.get('module_path')}.{inner.get('function')}"
        refuse_unless_known(function if inner.get("function") else _name(node), SCHEMA, 0)
        raise DeliveryError(
            f"The file holds a {loader[:60]}, which cannot be audited.", "Ask for ONNX.",
            "unsupported",
        )  # fmt: skip

    def plain(self, node: Node, depth: int) -> object:
        return json.loads(node["content"])

    def mapping(self, node: Node, depth: int) -> dict[Any, Any]:
        return {key: self.value(entry, depth) for key, entry in node["content"].items()}

    def sequence(self, node: Node, depth: int) -> list[Any]:
        return [self.value(entry, depth) for entry in node["content"]]

    def fixed(self, node: Node, depth: int) -> tuple[Any, ...]:
        return tuple(self.sequence(node, depth))

    def instance(self, node: Node, depth: int) -> Instance:
        """A class with its state; what else the node says is not needed."""
        refuse_unless_known(_name(node), SCHEMA, 0)
        content = node.get("content")
        if not isinstance(content, dict) or "__loader__" not in content:
            return Instance(_name(node))
        return Instance(_name(node), state=self.value(content, depth))

    def array(self, node: Node, depth: int) -> Any:
        refuse_unless_known(_name(node), SCHEMA, 0)
        if node["type"] == "numpy":
            array = _npy(self.archive.read(str(node["file"]), 256 << 20))
            return array if array.ndim or str(node["__class__"]) == "ndarray" else array.item()
        return _objects(self.sequence(node, depth), self.value(node["shape"], depth))

    def name(self, node: Node, depth: int) -> Instance:
        refuse_unless_known(_name(node), SCHEMA, 0)
        return Instance(_name(node))

    def opaque(self, node: Node, depth: int) -> Instance:
        """Random generators and masked arrays: no classifier needs what is in them."""
        refuse_unless_known(_name(node), SCHEMA, 0)
        return Instance(_name(node))


_LOADERS: dict[str, Callable[[_Reader, Node, int], Any]] = {
    "JsonNode": _Reader.plain, "DictNode": _Reader.mapping, "DefaultDictNode": _Reader.mapping,
    "ListNode": _Reader.sequence, "TupleNode": _Reader.fixed, "ObjectNode": _Reader.instance,
    "TreeNode": _Reader.instance, "LossNode": _Reader.instance, "NdArrayNode": _Reader.array,
    "TypeNode": _Reader.name, "DTypeNode": _Reader.opaque, "MaskedArrayNode": _Reader.opaque,
    "RandomStateNode": _Reader.opaque, "RandomGeneratorNode": _Reader.opaque,
}  # fmt: skip


def _name(node: Node) -> str:
    return f"{node.get('__module__')}.{node.get('__class__')}"


def _objects(entries: list[Any], shape: tuple[int, ...]) -> Array:
    """An array of objects from nested lists."""
    for _ in shape[1:]:
        entries = [entry for inner in entries for entry in inner]
    array = np.empty(len(entries), object)
    array[:] = entries
    return array.reshape(shape)


def _npy(content: bytes) -> Array:
    """An array in numpy's own format, without pickles.

    Raises:
        DeliveryError: damaged, of objects, or with a shape that its bytes do not fill.
    """
    stream = io.BytesIO(content)
    formats = np.lib.format
    try:
        version = formats.read_magic(stream)
        read = formats.read_array_header_1_0 if version == (1, 0) else formats.read_array_header_2_0
        shape, fortran, dtype = read(stream, max_header_size=_HEADER)
    except (ValueError, TypeError, SyntaxError, EOFError, RecursionError) as error:
        raise DeliveryError(f"An array of the file is damaged: {error!s:.80}.") from error
    if dtype.names is None and dtype.kind not in KINDS.replace("O", ""):
        raise DeliveryError(f"The file has an array of type {dtype!s:.40}.", kind="unsupported")
    return from_bytes(stream.read(), dtype, shape, "F" if fortran else "C")
