"""skops files: a zip with ``schema.json`` and arrays, read into the same descriptions as a pickle.

Purpose: the schema names classes, and skops would import them; here they are compared with the same
allow-list as a pickle's names, and only plain values, arrays and states are kept.
Limits: the nodes of skops 0.6 and later; others are named.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from auditor.intake.inert import estimators, names, numpy_files, skops_nodes
from auditor.intake.inert.estimator_names import is_estimator_global
from auditor.intake.inert.log import Damaged, Log, OutOfBudget
from auditor.intake.inert.values import Array, DType, Made, Pairs
from auditor.intake.inert.zip_entries import Member
from auditor.intake.inert.ziplayout import Layout, content

SCHEMA = "schema.json"
DEEPEST = 100
PROTOCOLS = (0, 1, 2)
NODES = 1_000_000
Node = dict[str, Any]


def read_skops(view: memoryview, found: Layout, log: Log) -> object:
    """The described object of a skops file; every name that is not known is a problem.

    Raises:
        Damaged, OutOfBudget: the schema cannot be followed.
    """
    reader = _Reader(view, {member.name: member for member in found.members}, log)
    try:
        schema = json.loads(bytes(content(view, reader.members[SCHEMA], log.budget)))
        root = reader.value(schema, 0)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(f"the schema is damaged: {error!s:.80}") from error
    reader.rest(schema)
    if not isinstance(schema, dict) or schema.get("protocol") not in PROTOCOLS:
        what = f"the protocol {schema.get('protocol')!r:.20} of skops is not known"
        log.add("not_audited", "skops.protocol", what, None, "protocol")
    if estimators.understood(root):
        estimators.tell(root, log)
    elif reader.named:
        what = f"it makes {reader.named[0]}, which is not rebuilt here"
        log.add("not_audited", "pickle.class", what, None, reader.named[0])
    return root


class _Reader:
    def __init__(self, view: memoryview, members: dict[str, Member], log: Log) -> None:
        self.view, self.members, self.log = view, members, log
        self.known: dict[Any, object] = {}
        self.named: list[str] = []
        self.count = 0
        self.seen: set[int] = set()

    def value(self, node: Node, depth: int) -> object:
        """One node of the schema."""
        self.count += 1
        if self.count % 4096 == 0:
            self.log.budget.check()
        if depth > DEEPEST or self.count > NODES:
            raise OutOfBudget("the schema is nested too deep or has too many nodes")
        loader = str(node["__loader__"])
        if loader == "CachedNode":
            return self.known[node["__id__"]]
        self.seen.add(id(node))
        if loader in _CONTAINERS:
            self.name(node, depth)
        made = _LOADERS.get(loader, _Reader.stranger)(self, node, depth + 1)
        if "__id__" in node:
            self.known[node["__id__"]] = made
        return made

    def stranger(self, node: Node, depth: int) -> Made:
        """Functions, methods, partial calls: what skops would hand on as callables."""
        inner = node["content"] if isinstance(node.get("content"), dict) else {}
        function = f"{inner.get('module_path')}.{inner.get('function')}"
        full = function if inner.get("function") else _name(node)
        what = f"the schema holds a {node['__loader__']} of {full}"
        level = "danger" if names.kind(full) == "danger" else "not_audited"
        self.log.add(level, "skops.node", what, None, full)  # type: ignore[arg-type]
        return Made(full)

    def rest(self, schema: object) -> None:
        """Names in parts that were not needed; skops would import them all the same."""
        todo = [schema]
        while todo:
            part = todo.pop()
            inner = part.values() if isinstance(part, dict) else part
            todo.extend(value for value in inner if isinstance(value, dict | list))  # type: ignore[attr-defined]
            if not isinstance(part, dict) or "__loader__" not in part:
                continue
            for said in skops_nodes.look(part, part is schema):
                what = f"the node of {_name(part)} {said}"
                self.log.add("suspicious", "skops.form", what[:200], None, _name(part))
            if id(part) in self.seen:
                continue
            known = part["__loader__"] in _LOADERS or part["__loader__"] == "CachedNode"
            (self.name if known else self.stranger)(part, 0)

    def plain(self, node: Node, depth: int) -> object:
        return json.loads(node["content"])

    def mapping(self, node: Node, depth: int) -> Pairs:
        return Pairs([(key, self.value(entry, depth)) for key, entry in node["content"].items()])

    def sequence(self, node: Node, depth: int) -> list[object]:
        return [self.value(entry, depth) for entry in node["content"]]

    def fixed(self, node: Node, depth: int) -> tuple[object, ...]:
        return tuple(self.sequence(node, depth))

    def instance(self, node: Node, depth: int) -> Made:
        """A class with its state; what else the node says is not needed."""
        made = self.name(node, depth)
        inner = node.get("content")
        if isinstance(inner, dict) and "__loader__" in inner:
            made.state = self.value(inner, depth)
        return made

    def name(self, node: Node, depth: int) -> Made:
        full = _name(node)
        kind = names.kind(full)
        if kind == "program" and is_estimator_global(full):
            self.named.append(full)
        elif kind != "plain":
            what = f"the schema makes {full}"
            level = "danger" if kind == "danger" else "not_audited"
            self.log.add(level, "skops.class", what, None, full)  # type: ignore[arg-type]
        return Made(full)

    def array(self, node: Node, depth: int) -> object:
        self.name(node, depth)
        if node["type"] == "numpy":
            name = str(node["file"])
            data = content(self.view, self.members[name], self.log.budget)
            return numpy_files.read_npy(data, self.log.member(name))
        shape = self.value(node["shape"], depth)
        if not isinstance(shape, tuple | list):
            raise TypeError
        return _objects(self.sequence(node, depth), tuple(shape))


_LOADERS: dict[str, Callable[[_Reader, Node, int], object]] = {
    "JsonNode": _Reader.plain, "DictNode": _Reader.mapping, "DefaultDictNode": _Reader.mapping,
    "ListNode": _Reader.sequence, "TupleNode": _Reader.fixed, "ObjectNode": _Reader.instance,
    "TreeNode": _Reader.instance, "LossNode": _Reader.instance, "NdArrayNode": _Reader.array,
    "TypeNode": _Reader.name, "DTypeNode": _Reader.name, "MaskedArrayNode": _Reader.name,
    "RandomStateNode": _Reader.name, "RandomGeneratorNode": _Reader.name,
}  # fmt: skip


_CONTAINERS = ("JsonNode", "DictNode", "DefaultDictNode", "ListNode", "TupleNode")


def _name(node: Node) -> str:
    return f"{node.get('__module__')}.{node.get('__class__')}"


def _objects(entries: list[Any], shape: tuple[int, ...]) -> Array:
    """An array of objects from nested lists."""
    for _ in shape[1:]:
        entries = [entry for inner in entries for entry in inner]
    return Array(DType("O", "|", 8, True), shape, objects=entries)
