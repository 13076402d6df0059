"""Lines of TorchScript: their numbers and names, and the values in them that were never made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

CODING = re.compile(r"^\s*#.*coding[:=]", re.MULTILINE)


def not_printed(text: str) -> Iterator[str]:
    """What torch's printer never writes, and other readers of Python may read otherwise."""
    if "\t" in text:
        yield "tabs"
    if "\\\n" in text:
        yield "lines that go on behind a backslash"
    if CODING.search(text):
        yield "a line that names another encoding"


def unseen(function: ast.FunctionDef) -> Iterator[int]:
    """Lines of values never made that are handed on only; `inert.script_flow` sees where to."""
    raising = [
        block for node in ast.walk(function) for block in _blocks(node) if any(map(_raises, block))
    ]
    behind = {id(n) for block in raising for line in block for n in ast.walk(line)}
    for node in ast.walk(function):
        match node:
            case ast.Assign(value=ast.Name() as handed):
                behind.add(id(handed))
            case ast.Assign(value=ast.Tuple(elts=handed_on)):
                behind.update(map(id, handed_on))  # an early return that did not happen
    uses: dict[str, list[bool]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            uses.setdefault(node.id, []).append(id(node) in behind)
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=made))):
                if made == "uninitialized" and uses.get(name) and all(uses[name]):
                    yield node.value.lineno


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse"):
        block = getattr(node, name, None)
        if isinstance(block, list) and not isinstance(node, ast.FunctionDef):
            yield block


def _raises(line: ast.stmt) -> bool:
    call = line.value if isinstance(line, ast.Expr) else None
    parts = dotted(call.func) if isinstance(call, ast.Call) else None
    return parts is not None and parts[-1:] == ["RaiseException"]


def line_of(node: ast.AST) -> int:
    """The number of its line; 0 where it has none."""
    return int(getattr(node, "lineno", 0))


def dotted(node: ast.AST) -> list[str] | None:
    """The parts of a dotted name; None of anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else None
