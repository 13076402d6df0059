"""TorchScript's classes and functions by name, as `script_flow` walks through them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

Value = object
"""A name of a value, a `Module`, a list of values, or None for what says nothing."""


class Nothing:
    """What ``None`` is, apart from what is not known."""


NOTHING = Nothing()


@dataclass(frozen=True)
class Module:
    """A part of the network: its class, and the names that lead to it."""

    kind: str
    path: str


@dataclass
class Code:
    """Classes and functions of all files, by qualified name."""

    methods: dict[str, dict[str, ast.FunctionDef]] = field(default_factory=dict)
    parts: dict[str, dict[str, ast.expr]] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)


def code_of(sources: dict[str, ast.Module]) -> Code:
    """Every class and function of the parsed files."""
    code = Code()
    for module, tree in sources.items():
        for entry in tree.body:
            if isinstance(entry, ast.FunctionDef):
                code.functions[f"{module}.{entry.name}"] = entry
            elif isinstance(entry, ast.ClassDef):
                name = f"{module}.{entry.name}"
                code.methods[name] = {
                    e.name: e for e in entry.body if isinstance(e, ast.FunctionDef)
                }
                code.parts[name] = dict(_attributes(entry))
    return code


def unused(sources: dict[str, ast.Module], code: Code, root: str) -> set[str]:
    """Classes that no line names; torch writes down only what a model needs."""
    named = {
        ".".join(dotted(node))
        for tree in sources.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    }
    return set(code.methods) - named - {root}


def _attributes(entry: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """Types of attributes by name; constants by their value."""
    for line in entry.body:
        match line:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=value):
                yield name, value or kind
            case ast.Assign(
                targets=[ast.Subscript(slice=ast.Constant(value=str(name)))], value=kind
            ):
                yield name, kind


def raises(lines: list[ast.stmt]) -> bool:
    """Whether a block ends in an error."""
    return any(
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Call)
        and dotted(line.value.func)[-1:] == ["RaiseException"]
        for line in lines
    )


def names_of(value: Value) -> Iterator[str]:
    """Names of values in a value, lists included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from names_of(entry)


def dotted(node: ast.expr) -> list[str]:
    """Parts of a dotted name; none for another expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []
