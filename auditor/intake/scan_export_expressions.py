"""Shape expressions and guards of an exported program: arithmetic and comparisons, nothing else.

Others evaluate them (sympy) or execute them (torch); here they are only parsed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from auditor.core.errors import DeliveryError
from auditor.intake.words import words

_SYMBOLIC = words(
    """Symbol Integer Add Mul Pow Mod Max Min FloorDiv CleanDiv CeilDiv Rational Eq Ne Gt Ge Lt Le
    And Or Not PythonMod ModularIndexing"""
)
_NODES = (
    ast.Expression, ast.Call, ast.BinOp, ast.UnaryOp, ast.Compare, ast.operator, ast.unaryop,
    ast.cmpop, ast.Load, ast.keyword,
)  # fmt: skip
_GROW = (ast.Pow, ast.LShift)
LONGEST, POWERS, EXPONENT = 10_000, 4, 8


def _nodes(text: str) -> list[ast.AST]:
    """Every part of an expression; what is none, too long or explodes is one statement."""
    refused: list[ast.AST] = [ast.Pass()]
    if len(text) > LONGEST:
        return refused
    try:
        nodes = list(ast.walk(ast.parse(text, mode="eval")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return refused
    growing = [node for node in nodes if _grows(node)]
    return nodes if len(growing) <= POWERS and all(map(_small, growing)) else refused


def _grows(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return _called(node) == "Pow"
    return isinstance(node, ast.BinOp) and isinstance(node.op, _GROW)


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _small(node: ast.AST) -> bool:
    """A power whose exponent is a small number."""
    right = node.right if isinstance(node, ast.BinOp) else None
    if isinstance(node, ast.Call):
        right = node.args[1] if len(node.args) > 1 else None
    if isinstance(right, ast.UnaryOp) and isinstance(right.op, ast.USub):
        right = right.operand
    if isinstance(right, ast.Call) and _called(right) == "Integer" and right.args:
        right = right.args[0]
    value = right.value if isinstance(right, ast.Constant) else None
    return type(value) is int and value <= EXPONENT


def check_expression(text: object) -> None:
    """A shape expression: symbols, whole numbers and arithmetic, nothing else.

    Raises:
        DeliveryError: ``dangerous``, because sympy would evaluate it.
    """
    _refuse_unless(_plain, text, "The shape expression {} is more than arithmetic.", "evaluated")


def check_guard(text: object) -> None:
    """A guard: comparisons of the inputs' sizes, nothing that calls anything else.

    Raises:
        DeliveryError: ``dangerous``, because torch would execute it.
    """
    said = "The guard {} in guards_code is more than a comparison of sizes."
    _refuse_unless(_guarding, text, said, "executed")


def _refuse_unless(allowed: Callable[[ast.AST], bool], text: object, said: str, done: str) -> None:
    """``said`` holds a place for the text; ``done`` is what was not done with it."""
    if not all(allowed(node) for node in _nodes(str(text))):
        raise DeliveryError(
            said.format(repr(str(text)[:80])),
            f"It was not {done}. Export the model again.",
            "dangerous",
        )


def _guarding(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id == "L"
    if isinstance(node, ast.Attribute):
        return node.attr in ("size", "shape", "ndim")
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and not node.args and not node.keywords
    return isinstance(node, (ast.Subscript, ast.Constant, ast.BoolOp, ast.boolop, *_NODES))


def _plain(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _SYMBOLIC or bool(re.fullmatch(r"[su]\d+", node.id))
    if isinstance(node, ast.Constant):
        number = isinstance(node.value, bool | float) or (
            isinstance(node.value, int) and abs(node.value) < 1 << 63
        )
        return number or bool(re.fullmatch(r"[a-z]{1,3}\d+", str(node.value)))
    if isinstance(node, ast.Call) and not isinstance(node.func, ast.Name):
        return False
    return isinstance(node, _NODES)
