"""What a chat template may not do with the words of a message.

Purpose: a template shows what a message says, trims it, and looks for the marks between which
models think. It does not measure, count, reckon with, turn or look up what is said: whoever does
can answer one message otherwise than all others.
Source: "Inference-Time Backdoors via Hidden Instructions in LLM Chat Templates" (2026).
Limits: names of persons, tools and documents are not words of a message here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from auditor.core.scan import Level
from auditor.intake.inert.log import shown
from auditor.intake.words import words

Token = tuple[str, str]
Found = tuple[Level, str, str]
SENT = re.compile(r"https?://[^\s{}]{0,200}\{\{")
_MEASURING = words("int float wordcount sort reverse count isdigit isalpha isupper islower random")
_TESTS = words("upper lower eq equalto number")
_CHOSEN = words("'eq' 'equalto' '==' 'in' 'upper' 'lower'")
_SENTENCE = re.compile(r"[.!?,;|~^*+=%&$@-]+|[^\W_]")
_FAR = 10_000


def look(tokens: list[Token], spoken: set[str], days: set[str]) -> Iterator[Found]:
    """What one statement or value does with names that hold what a message says."""
    values = [value for _, value in tokens]
    names = {value for sort, value in tokens if sort == "name"}
    said = bool(names & spoken) or any(v[1:-1] == "content" for s, v in tokens if s == "text")
    texts = [v for s, v in tokens if s == "text" and v[1:-1] != "content"]
    if "if" in names and _elsewhere(values):
        yield "suspicious", "decides on what another message says", "condition"
    if said:
        yield from _measured(tokens, values, names, spoken)
        yield from _compared(values, names, texts)
    if "if" in names and names & days and texts and {"==", "<", ">", "<=", ">=", "in"} & {*values}:
        yield "suspicious", "decides on the day", "day"
    told = [v for v in texts if re.search(r"[^\W\d_]", v) and not re.search(r"[<>\[\]|_/]", v)]
    whole = any(a == "|" and b in ("tojson", "string") for a, b in pairwise(values))
    asked = values[:1] in (["if"], ["elif"]) and _asks_in(values)
    if asked and told and (whole or "values" in names):
        yield "suspicious", f"decides on what a message says, {shown(told[0], 40)}", "condition"
    if "range" in names and any(
        s == "number" and float(v.replace("_", "")) >= _FAR for s, v in tokens
    ):
        yield "suspicious", "counts further than any chat goes", "range"


def _elsewhere(values: list[str]) -> bool:
    """Whether the content of the message before or after is compared with something."""
    reached = zip(values, values[1:], values[2:], strict=False)
    return bool({"==", "!=", "in"} & {*values}) and any(
        thing in ("previtem", "nextitem") and dot in (".", "[") and field.strip("'\"") == "content"
        for thing, dot, field in reached
    )


def _asks_in(values: list[str]) -> bool:
    """Whether a text is looked for in something: ``'x' in ...``."""
    return any(b == "in" and a[:1] in "'\"" for a, b in pairwise(values))


def _measured(
    tokens: list[Token], values: list[str], names: set[str], spoken: set[str]
) -> Iterator[Found]:
    after = [b for a, b in pairwise(values) if a in (".", "|")]
    if found := sorted(_MEASURING.intersection(after)):
        yield "suspicious", f"measures what a message says by {found[0]}", found[0]
    if found := sorted(_TESTS.intersection(b for a, b in pairwise(values) if a == "is")):
        yield "suspicious", f"asks whether what a message says is {found[0]}", found[0]
    if names & {"select", "reject"} and _CHOSEN & {v.replace('"', "'") for v in values}:
        yield "suspicious", "chooses among messages by what they say", "select"
    if {"*", "//", "**"} & {*values}:
        yield "suspicious", "reckons with what a message says", "reckoning"
    if values[:1] == ["for"] and "range" in names and names & {"length", "count"}:
        yield "suspicious", "counts as far as a message is long", "range"
    for (_, opened), (sort, key), (_, closed) in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opened == "[" and closed != ":" and sort == "name" and key in spoken:
            yield "suspicious", "looks up what a message says", "key"
    for before, (_, opened), (sort, key) in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if before[1] in ("}", "]") and opened == "[" and sort == "name" and key not in ("loop",):
            yield "suspicious", "looks up what a message says", "key"


def _compared(values: list[str], names: set[str], texts: list[str]) -> Iterator[Found]:
    plain = [
        v for v in texts if re.search(r"[^\W\d_]{2}", v) and not re.search(r"[<>\[\]{}|#/_:\\]", v)
    ]
    if plain and names & {"replace", "split"}:
        yield "suspicious", f"exchanges words, {shown(plain[0], 40)}", "replace"
    if "if" not in names:
        return
    if {"==", "!="} & {*values} and names & {"lower", "upper", "replace", "title"}:
        yield "suspicious", "decides on what a message says", "condition"
    asked = names & {"startswith", "endswith", "in"} or {"==", "!="} & {*values}
    if asked and (marks := [v for v in texts if _SENTENCE.fullmatch(v[1:-1])]):
        yield "suspicious", f"decides on what a message says, {marks[0]}", "condition"


def days(blocks: Iterable[list[Token]]) -> Iterator[str]:
    """Names that hold the day."""
    for tokens in blocks:
        values = [value for _, value in tokens]
        if values[:1] == ["set"] and "strftime_now" in values:
            yield values[1]


def captured(blocks: Iterable[list[Token]]) -> Iterator[str]:
    """Names that a block without a sign of equality gives what a message says."""
    name = ""
    for tokens in blocks:
        values = [value for _, value in tokens]
        if values[:1] == ["set"] and "=" not in values and len(values) > 1:
            name = values[1]
        elif values[:1] == ["endset"]:
            name = ""
        elif name and any("content" in value for value in values):
            yield name
