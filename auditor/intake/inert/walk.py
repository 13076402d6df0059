"""Walking over a described object: the tensors, arrays and made objects in it, each once."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.intake.inert.log import Log, OutOfBudget
from auditor.intake.inert.values import Array, Made, Pairs, Storage, TensorRef

NODES = 500_000


def tensors(root: object, log: Log) -> Iterator[tuple[str, TensorRef]]:
    """Every tensor with the names that lead to it, without recursion.

    Raises:
        OutOfBudget: too many values.
    """
    for name, value in leaves(root):
        if isinstance(value, TensorRef):
            yield name, value
    log.budget.check()


def leaves(root: object) -> Iterator[tuple[str, object]]:
    """Tensors, arrays, storages and made objects of a described object, each once.

    Raises:
        OutOfBudget: too many values.
    """
    todo: list[tuple[str, object]] = [("", root)]
    seen: set[int] = set()
    visited = 0
    while todo:
        name, value = todo.pop()
        visited += 1
        if visited > NODES:
            raise OutOfBudget(f"it holds more than {NODES} values")
        if isinstance(value, TensorRef | Array | Storage):
            yield name, value
            if not isinstance(value, Array) or not value.objects:
                continue
        if not isinstance(value, Pairs | Made | Array | list | tuple) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Made):
            yield name, value
        todo.extend(reversed(_children(name, value)))


def _children(name: str, value: object) -> list[tuple[str, object]]:
    if isinstance(value, Pairs):
        named = [(_joined(name, key), entry) for key, entry in value.items]
        keys = [(f"{name}.key", key) for key, _ in value.items if not isinstance(key, str | int)]
        return named + keys
    if isinstance(value, Made):
        return [(name, value.args), (name, value.state), (name, value.extra)]
    value = value.objects if isinstance(value, Array) else value
    assert isinstance(value, list | tuple)
    simple = (str, int, float, bytes, bool, type(None))
    return [(_joined(name, i), v) for i, v in enumerate(value) if not isinstance(v, simple)]


def _joined(name: str, key: object) -> str:
    part = str(key)[:200] if isinstance(key, str | int) else "?"
    return f"{name}.{part}"[-400:] if name else part
