"""The rule language: what it refuses, and Kleene's truth tables."""

from __future__ import annotations

import ast
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.criteria.grammar import RuleError, check, parse
from auditor.criteria.rules import deciding, number, truth

UNITS = {"a.flag": "bool", "b.flag": "bool", "a.share": "1", "policy.limit": "1"}
VALUES = (True, False, None)
HOSTILE = [
    "__import__('os').system('id')",
    "open('/etc/passwd')",
    "a.flag()",
    "[a.flag]",
    "lambda: 1",
    "a.share if a.flag else 1",
    "a.share ** 9 > 1",
    "a.share % 2 == 0",
    "'text' == 'text'",
    "a['flag']",
    "(a.flag).real.imag and b()",
    "a.flag == (b := 1)",
    "1 < a.share < 2",
    "a.share in (1, 2)",
    "flag",
    "f'{a.flag}'",
    "None",
    "1j > 0",
    "1e999 > 0",
    "~a.share > 1",
    "a.share is 1",
    "",
    "a.flag and",
    "a.flag\n b.flag",
    "\x00",
    "b'x' == b'x'",
    "await a.flag",
    "9" * 400 + " > 1",
    "a.flag or " * 200 + "a.flag",
    "not " * 40 + "a.flag",
    "(" * 300 + "a.flag",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_anything_outside_the_language_is_refused(text: str) -> None:
    with pytest.raises(RuleError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a.flog", "unknown name 'a.flog'"),
        ("policy.limmit > 1", "unknown name 'policy.limmit'"),
        ("a.share", "a number where true or false"),
        ("a.share and a.flag", "'a.share' is a number"),
        ("not a.share", "'a.share' is a number"),
        ("a.flag > 1", "'a.flag' is true or false where a number"),
        ("a.flag + 1 > 0", "'a.flag' is true or false"),
        ("a.share == True", "'True' is true or false"),
        ("a.share + policy.limit", "gives a number"),
    ],
)
def test_rules_that_could_never_work_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint):
        check(parse(text), UNITS)


def facts(a: bool | None, b: bool | None) -> dict[str, float]:
    given_values = {"a.flag": a, "b.flag": b}
    return {name: float(value) for name, value in given_values.items() if value is not None}


@pytest.mark.parametrize(("a", "b"), list(itertools.product(VALUES, VALUES)))
def test_kleene_truth_tables(a: bool | None, b: bool | None) -> None:
    order = {False: 0, None: 1, True: 2}
    smaller, larger = sorted((a, b), key=lambda value: order[value])
    assert truth(parse("a.flag and b.flag").tree, facts(a, b)) is smaller
    assert truth(parse("a.flag or b.flag").tree, facts(a, b)) is larger
    assert truth(parse("not a.flag").tree, facts(a, b)) is (None if a is None else not a)


def test_arithmetic_and_comparison() -> None:
    known = {"a.share": 0.9, "policy.limit": 0.02}
    for text in (
        "a.share == 0.92 - policy.limit",
        "a.share >= 0.92 - policy.limit",
        "-a.share < 0",
        "a.share / 2 <= 0.45",
        "a.share * 2 > 1.79",
        "a.share + 1 != 2",
        "not 1 > 2",
    ):
        assert truth(parse(text).tree, known) is True, text


@pytest.mark.parametrize("text", ["a.share / 0 > 1", "b.share > 1", "a.share * 1e308 * 10 > 0"])
def test_what_has_no_value_is_unknown(text: str) -> None:
    assert truth(parse(text).tree, {"a.share": 0.9}) is None


def test_deciding_parts_are_those_that_made_the_value() -> None:
    tree = parse("(a.flag and a.share > 1) or not b.flag").tree
    known = {"a.flag": 1.0, "a.share": 0.5, "b.flag": 0.0}
    assert [parse_back(leaf) for leaf in deciding(tree, known)] == ["b.flag"]
    known["b.flag"] = 1.0
    assert [parse_back(leaf) for leaf in deciding(tree, known)] == ["a.share > 1", "b.flag"]


def parse_back(leaf: ast.expr) -> str:
    return ast.unparse(leaf)


leaves = st.sampled_from(["a.x", "b.x", "c.n > 1", "c.n <= d.n", "d.n == 2", "True"])
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not {}".format, inner),
    ),
    max_leaves=8,
)
known_facts = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from([0.0, 1.0, 2.0]) for name in ("a.x", "b.x", "c.n", "d.n")}
)


@given(trees, known_facts, st.data())
def test_forgetting_a_measure_never_reverses_a_truth_value(
    text: str, known: dict[str, float], data: st.DataObject
) -> None:
    forgotten = data.draw(st.sets(st.sampled_from(sorted(known) or ["none"])))
    less = {name: value for name, value in known.items() if name not in forgotten}
    with_less = truth(parse(text).tree, less)
    assert with_less is None or with_less is truth(parse(text).tree, known)


def test_number_of_a_missing_measure_is_none() -> None:
    tree = parse("-a.share > 0").tree
    assert isinstance(tree, ast.Compare)
    assert number(tree.left, {}) is None
    assert number(tree.left, {"a.share": 0.5}) == -0.5
