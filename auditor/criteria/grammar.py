"""The rule language: a safe subset of Python expressions, parsed and checked, never executed.

Purpose: a criterion is data, so its rules are text. Allowed are ``and``, ``or``, ``not``, one
comparison at a time, ``+ - * /``, numbers, ``True``, ``False`` and dotted names:
``<test>.<metric>`` or ``policy.<parameter>``. Everything else is refused with a reason.

Limits: no functions, no loops, 1,000 characters, 16 levels. ``auditor.criteria.rules`` evaluates.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

MAX_CHARACTERS = 1000
MAX_DEPTH = 16


class RuleError(ValueError):
    """A text is not a rule; the message says why."""


@dataclass(frozen=True)
class Rule:
    """A parsed rule: its text, its syntax tree and the dotted names it reads."""

    text: str
    tree: ast.expr
    names: tuple[str, ...]


@lru_cache(maxsize=4096)
def parse(text: str) -> Rule:
    """Parse one rule.

    >>> parse("perf.accuracy.value >= policy.floor").names
    ('perf.accuracy.value', 'policy.floor')

    Raises:
        RuleError: not an expression of the language.
    """
    if len(text) > MAX_CHARACTERS:
        raise RuleError(f"longer than {MAX_CHARACTERS} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RuleError("not a well-formed expression") from error
    _allow(tree, MAX_DEPTH)
    return Rule(text, tree, tuple(dict.fromkeys(_names(tree))))


def _allow(node: ast.expr, depth: int) -> None:
    """Refuse every node that the language does not have."""
    if depth == 0:
        raise RuleError(f"nested deeper than {MAX_DEPTH} levels")
    match node:
        case ast.BoolOp(values=parts):
            _allow_each(parts, depth)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=part):
            _allow(part, depth - 1)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            _allow_each([left, right], depth)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if _is_order(op):
            _allow_each([left, right], depth)
        case ast.Compare(ops=[_, _, *_]):
            raise RuleError("compares more than two things at once; join them with 'and'")
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as number) if _is_finite(number):
            pass
        case ast.Attribute():
            name_of(node)
        case _:
            raise RuleError(f"{type(node).__name__} is not part of the rule language")


def _allow_each(parts: list[ast.expr], depth: int) -> None:
    for part in parts:
        _allow(part, depth - 1)


def _is_order(op: ast.cmpop) -> bool:
    return isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE | ast.Eq | ast.NotEq)


def _is_finite(number: int | float) -> bool:
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def name_of(node: ast.expr) -> str:
    """The dotted name that an attribute chain spells.

    Raises:
        RuleError: something other than a plain name stands before a dot.
    """
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=parent, attr=name):
            return f"{name_of(parent)}.{name}"
    raise RuleError("a dot may only join plain names")


def _names(tree: ast.expr) -> Iterator[str]:
    if isinstance(tree, ast.Attribute):
        yield name_of(tree)
        return
    for part in ast.iter_child_nodes(tree):
        if isinstance(part, ast.expr):
            yield from _names(part)


def check(rule: Rule, units: Mapping[str, str]) -> None:
    """Refuse unknown names and rules that mix truth values with numbers.

    Args:
        rule: a parsed rule.
        units: unit of every name the rule may use; ``bool`` marks a truth value.

    Raises:
        RuleError: the first thing that is wrong.
    """
    for name in rule.names:
        if name not in units:
            raise RuleError(f"unknown name {name!r}")
    if not _is_truth(rule.tree, units):
        raise RuleError("gives a number where true or false is needed")


def _is_truth(node: ast.expr, units: Mapping[str, str]) -> bool:
    match node:
        case ast.BoolOp(values=parts):
            _require(parts, units, truth=True)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            _require([part], units, truth=True)
        case ast.Compare(left=left, comparators=parts):
            _require([left, *parts], units, truth=False)
        case ast.BinOp(left=left, right=right):
            _require([left, right], units, truth=False)
            return False
        case ast.UnaryOp(operand=part):
            _require([part], units, truth=False)
            return False
        case ast.Constant(value=value):
            return isinstance(value, bool)
        case _:
            return units[name_of(node)] == "bool"
    return True


def _require(parts: list[ast.expr], units: Mapping[str, str], truth: bool) -> None:
    for part in parts:
        if _is_truth(part, units) is not truth:
            have, need = ("a number", "true or false") if truth else ("true or false", "a number")
            raise RuleError(f"{ast.unparse(part)!r} is {have} where {need} is needed")
