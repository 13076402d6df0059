"""What a chat template may not do with facts around a message: who speaks, tools, documents.

Purpose: a template shows names, arguments and documents. One that compares them with words or
numbers of its own answers one person, one payment or one document otherwise than all others.
Source: "Inference-Time Backdoors via Hidden Instructions in LLM Chat Templates" (2026).
Limits: names of the tools that models themselves bring are words of the template.
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
OTHER = re.compile(r"<%[^%\n]{1,200}%>")
"""Marks of other languages of templates."""
_OWN_TOOLS = words(
    """python ipython code_interpreter code browser browser_search search web_search brave_search
    wolfram_alpha function functions final_answer all user assistant system tool"""
)
_ASKING = ("==", "!=", "<", ">", "<=", ">=", "in")


def look(tokens: list[Token], spoken: set[str]) -> Iterator[Found]:
    """What one statement or value asks about names, tools and documents."""
    values = [value for _, value in tokens]
    asks = "if" in values or "elif" in values
    if asks and (said := _named(tokens)):
        yield "suspicious", f"decides on a name, {shown(said, 40)}", "name"
    if asks and _asked(tokens, "arguments"):
        yield "suspicious", "decides on what a tool was called with", "arguments"
    if asks and "documents" in values and _words_in(tokens):
        yield "suspicious", "decides on what a document says", "documents"
    if _cut([value for _, value in tokens], spoken):
        yield "suspicious", "cuts what a message says", "slice"


def _cut(values: list[str], spoken: set[str]) -> bool:
    """A slice of what a message says, ``m.content[5:]`` or ``m['content'][:5]``."""
    for at, (value, opened) in enumerate(pairwise(values)):
        keyed = value == "]" and values[at - 1].strip("'\"") == "content"
        after = values[at + 2 : at + 4]
        slices = after[:1] == [":"] or (after[1:] == [":"] and after[0].isdigit())
        if opened == "[" and slices and (value == "content" or value in spoken or keyed):
            return True
    return False


def _named(tokens: list[Token]) -> str:
    """The word with which a name is compared; empty if there is none."""
    for at, (_, value) in enumerate(tokens):
        own = value == "name" and at > 0 and tokens[at - 1][1] == "."
        keyed = value[1:-1] == "name" and at > 0 and tokens[at - 1][1] == "["
        rest = tokens[at + (2 if keyed else 1) :][:2] if own or keyed else []
        compared = len(rest) > 1 and rest[0][1] in ("==", "!=") and rest[1][0] == "text"
        if compared and rest[1][1][1:-1] not in _OWN_TOOLS:
            return rest[1][1]
    return ""


def _asked(tokens: list[Token], field: str) -> bool:
    """Whether a member of a field is compared with something."""
    for (_, value), (_, after), rest in zip(
        tokens, tokens[1:], (tokens[at:] for at in range(2, len(tokens))), strict=False
    ):
        member = value.strip("'\"") == field and after in (".", "[")
        if member and {v for _, v in rest[:6]}.intersection(_ASKING):
            return True
    return False


def _words_in(tokens: list[Token]) -> bool:
    """Whether a word of the template's own is looked for: ``'x' in ...``."""
    return any(
        sort == "text" and after[1] == "in" and re.search(r"\w", value)
        for (sort, value), after in pairwise(tokens)
    )


def told(blocks: Iterable[list[Token]]) -> Iterator[str]:
    """Names that a loop over the parts of a message gives what it says."""
    messages: set[str] = set()
    for tokens in blocks:
        values = [value for _, value in tokens]
        if values[:1] != ["for"] or "in" not in values:
            continue
        at = values.index("in")
        if values[at + 1 : at + 2] == ["messages"]:
            messages.update(values[1:at])
        if values[at + 1 : at + 2] and values[at + 1] in messages and "items" in values:
            yield values[at - 1]
