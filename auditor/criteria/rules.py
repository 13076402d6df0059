"""Rules evaluated in three-valued logic: what was not measured is unknown, and stays so.

Purpose: a missing measure is None, and None spreads by Kleene's strong logic (S. C. Kleene,
Introduction to Metamathematics, 1952, section 64): ``False and unknown`` is False, ``True and
unknown`` is unknown. A value can therefore only go from unknown to known when a measure is
added, never from False to True, which is why nothing unmeasured can pass.

Limits: rules must have been checked (``auditor.criteria.grammar``).
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping

from auditor.criteria.grammar import name_of

# Two figures closer than this are equal: 0.92 - 0.02 must not differ from 0.90 by rounding.
ROUNDING = 1e-12

# For each operator the results of ``compare`` that make it true.
ORDERS: dict[type[ast.cmpop], tuple[int, ...]] = {
    ast.Lt: (-1,),
    ast.LtE: (-1, 0),
    ast.Gt: (1,),
    ast.GtE: (0, 1),
    ast.Eq: (0,),
    ast.NotEq: (-1, 1),
}

Facts = Mapping[str, float]
Leaf = ast.Compare | ast.Attribute | ast.Constant


def truth(node: ast.expr, facts: Facts) -> bool | None:
    """Value of a rule or part of one: True, False or None for unknown.

    >>> from auditor.criteria.grammar import parse
    >>> truth(parse("a.b > 1 and a.c").tree, {"a.b": 0.0})
    False
    >>> truth(parse("a.b > 1 or a.c").tree, {"a.b": 0.0}) is None
    True
    """
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            return _conjunction([truth(part, facts) for part in parts])
        case ast.BoolOp(values=parts):
            return _negation(_conjunction([_negation(truth(part, facts)) for part in parts]))
        case ast.UnaryOp(operand=part):
            return _negation(truth(part, facts))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compare(op, number(left, facts), number(right, facts))
        case ast.Constant(value=value):
            return bool(value)
    value = facts.get(name_of(node))
    return None if value is None else value != 0


def _conjunction(parts: list[bool | None]) -> bool | None:
    if False in parts:
        return False
    return None if None in parts else True


def _negation(value: bool | None) -> bool | None:
    return None if value is None else not value


def _compare(op: ast.cmpop, left: float | None, right: float | None) -> bool | None:
    if left is None or right is None:
        return None
    return compare(left, right) in ORDERS[type(op)]


def compare(left: float, right: float) -> int:
    """-1, 0 or 1 as ``left`` is below, equal to (within rounding) or above ``right``."""
    if abs(left - right) <= ROUNDING * max(1.0, abs(left), abs(right)):
        return 0
    return -1 if left < right else 1


def number(node: ast.expr, facts: Facts) -> float | None:
    """Value of an arithmetic part; None where a measure is missing or the result not finite."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(operand=part):
            operand = number(part, facts)
            return None if operand is None else -operand
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(op, number(left, facts), number(right, facts))
    return facts.get(name_of(node))


def _arithmetic(op: ast.operator, left: float | None, right: float | None) -> float | None:
    if left is None or right is None or (isinstance(op, ast.Div) and right == 0):
        return None
    match op:
        case ast.Add():
            value = left + right
        case ast.Sub():
            value = left - right
        case ast.Mult():
            value = left * right
        case _:
            value = left / right
    return value if math.isfinite(value) else None


def deciding(node: ast.expr, facts: Facts) -> Iterator[Leaf]:
    """The comparisons and truth values that made ``node`` what it is.

    Of a false ``and`` only the false parts, of a true ``or`` only the true ones, and of an
    unknown one only the unknown parts.
    """
    match node:
        case ast.BoolOp(values=parts):
            value = truth(node, facts)
            same = [part for part in parts if truth(part, facts) is value]
            for part in same:
                yield from deciding(part, facts)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            yield from deciding(part, facts)
        case ast.Compare() | ast.Attribute() | ast.Constant():
            yield node
