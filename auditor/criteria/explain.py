"""The comparisons that decided, as plain sentences with the figures in them.

Purpose: a verdict's reasons are derived from its rule, so they cannot drift away from it.
Limits: one sentence for each comparison; the catalogue's phrases make them readable.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from auditor.criteria.catalogue import Catalogue
from auditor.criteria.facts import Facts
from auditor.criteria.grammar import name_of, parse
from auditor.criteria.rules import Leaf, compare, deciding, number, truth

POSITIONS = {-1: "below", 0: "exactly at", 1: "above"}
OPERATIONS: dict[type[ast.operator], str] = {
    ast.Add: "plus",
    ast.Sub: "minus",
    ast.Mult: "times",
    ast.Div: "divided by",
}


@dataclass(frozen=True)
class Narrator:
    """Puts rules into words for one catalogue and one set of facts."""

    catalogue: Catalogue
    facts: Facts

    def reasons(self, rule: str) -> tuple[str, ...]:
        """One sentence for each comparison or statement that decided ``rule``, no repeats.

        Where the rule is unknown: what is missing, and why.
        """
        tree = parse(rule).tree
        leaves = tuple(deciding(tree, self.facts.values))
        if truth(tree, self.facts.values) is None:
            sentences = [line for leaf in leaves for line in self._missing(leaf)]
        else:
            sentences = [self._sentence(leaf) for leaf in leaves]
        return tuple(dict.fromkeys(sentences))

    def _missing(self, leaf: Leaf) -> Iterator[str]:
        for name in parse(ast.unparse(leaf)).names:
            if name in self.facts.values:
                continue
            test, _, metric = name.rpartition(".")
            yield self.facts.shortfall(test) or (
                f"The test {test} did not measure {metric}: {self._phrase(name)}."
            )

    def _sentence(self, leaf: Leaf) -> str:
        match leaf:
            case ast.Attribute():
                answer = "yes" if truth(leaf, self.facts.values) else "no"
                return f"{_capital(self._phrase(name_of(leaf)))}: {answer}."
            case ast.Compare(left=left, comparators=[right]):
                return self._comparison(left, right)
        return "By the catalogue's own rule, without a measure."

    def _comparison(self, left: ast.expr, right: ast.expr) -> str:
        values = self.facts.values
        a, b = number(left, values), number(right, values)
        if a is None or b is None:
            return f"{_capital(self._words(left))} could not be compared."
        fact = f"{_capital(self._subject(left))} is {_figure(a, b)}"
        if isinstance(right, ast.Constant) and compare(a, b) == 0:
            return f"{fact}."
        return f"{fact}, {POSITIONS[compare(a, b)]} {self._limit(right, b, a)}."

    def _subject(self, node: ast.expr) -> str:
        return self._phrase(name_of(node)) if isinstance(node, ast.Attribute) else self._words(node)

    def _limit(self, node: ast.expr, value: float, beside: float) -> str:
        figure = _figure(value, beside)
        match node:
            case ast.Constant():
                return figure
            case ast.Attribute() if name_of(node).startswith("policy."):
                return f"the limit of {figure}"
            case ast.Attribute():
                return f"{self._phrase(name_of(node))}, {figure}"
        return f"{figure} ({self._words(node)})"

    def _words(self, node: ast.expr) -> str:
        """An arithmetic expression read aloud."""
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                return f"{self._words(left)} {OPERATIONS[type(op)]} {self._words(right)}"
            case ast.UnaryOp(operand=part):
                return f"minus {self._words(part)}"
            case ast.Attribute():
                name = name_of(node)
                return f"{self._phrase(name)} {_figure(self.facts.values[name])}"
        return ast.unparse(node)

    def _phrase(self, name: str) -> str:
        return self._phrases[name]

    @cached_property
    def _phrases(self) -> dict[str, str]:
        return self.catalogue.phrases()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _figure(value: float, beside: float | None = None) -> str:
    """Three significant digits; more where that would hide a difference to ``beside``.

    >>> _figure(0.9), _figure(12.0), _figure(0.75003, 0.75)
    ('0.9', '12', '0.75003')
    """
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    for digits in (3, 6, 9):
        text = f"{value:.{digits}g}"
        if beside is None or text != f"{beside:.{digits}g}" or compare(value, beside) == 0:
            return text
    return repr(value)
