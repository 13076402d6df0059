"""Sentences that the record carries, in the language of the report.

A record is written once, in English, and its bytes must not depend on who reads it. So its
sentences are translated when a page is made: ``record.po`` (probes, the tool's own reasons) and
``criteria.po`` (the catalogue) map each sentence to its translation, with ``{names}`` where
figures, names or other phrases stand. A part that must be a phrase itself (``PHRASES``) has to be
known too: no sentence comes out half translated. What no message matches, such as the text of
somebody's own probe, stays as it is and is marked as English for screen readers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup, escape

from auditor.writers.language import SOURCE, catalogue, current, decimal, translate
from auditor.writers.text import LIMIT, clean, humanise

DOMAINS = ("record", "criteria")
NAME = re.compile(r"\{(\w+)\}")
FIGURE = re.compile(r"[-−]?\d+(\.\d+)?(e[-+]?\d+)?(%?)")
PHRASES = frozenset(
    {"covered", "effect", "fact", "phrase", "reason", "reasons", "steps", "subject", "sum"}
    | {"symptom", "title", "titles"}
)
# Phrases that may themselves hold the words after them, such as " is ".
LONG = frozenset({"fact", "subject"})
SENTENCES = re.compile(r"(?<=[.!]) (?=[A-Z])")
LIST = re.compile("; ")
# The unit that a probe's meaning ends with; pages leave it out, as the value shows it already.
UNIT = re.compile(r" \((bool|count|class|1)\)$")
LAST_BRACKET = re.compile(r" \([^()]*\)$")
DEPTH = 4
LONGEST = 4000


@dataclass(frozen=True)
class Pattern:
    """A message with names: the expression that recognises it, and its translation."""

    expression: re.Pattern[str]
    translation: str
    literal: int


@dataclass(frozen=True)
class Book:
    """All phrases of one language."""

    exact: dict[str, str]
    patterns: tuple[Pattern, ...]


@cache
def book(code: str) -> Book:
    """The phrases of a language; patterns with the most fixed text first."""
    exact: dict[str, str] = {}
    patterns: list[Pattern] = []
    for domain in DOMAINS:
        for message in catalogue(code, domain):
            source, translation = str(message.id), str(message.string)
            if not source or not translation:
                continue
            if NAME.search(source):
                patterns.append(_pattern(source, translation))
            else:
                exact[source] = translation
                if UNIT.search(source):
                    exact[UNIT.sub("", source)] = LAST_BRACKET.sub("", translation)
    return Book(exact, tuple(sorted(patterns, key=lambda each: -each.literal)))


def _pattern(source: str, translation: str) -> Pattern:
    parts = NAME.split(source)
    fixed, names = parts[::2], parts[1::2]
    text = re.escape(fixed[0])
    for name, after in zip(names, fixed[1:], strict=True):
        text += f"(?P<{name}>.+{'' if name in LONG else '?'}){re.escape(after)}"
    return Pattern(re.compile(text, re.DOTALL), translation, sum(map(len, fixed)))


def phrase(text: str, depth: int = DEPTH) -> str | None:
    """The sentence in the current language, or None where no message matches.

    >>> phrase("Measured."), phrase("17")
    ('Measured.', '17')
    """
    if current() == SOURCE or not text:
        return text
    if figure := FIGURE.fullmatch(text):
        share = figure[3] == "%"
        return translate("{n}%", n=decimal(text[:-1])) if share else decimal(text)
    known = book(current())
    found = known.exact.get(text) or known.exact.get(text[:1].lower() + text[1:])
    if not found and depth and len(text) <= LONGEST:
        found = _several(text, depth) or _matched(text, known, depth)
    return _begun_like(text, found) if found else None


def _begun_like(source: str, text: str) -> str:
    """``text`` with a capital letter where the source sentence has one."""
    return text[:1].upper() + text[1:] if source[:1].isupper() else text


def _matched(text: str, known: Book, depth: int) -> str | None:
    """The translation by the first pattern that fits, its parts translated as far as known."""
    for pattern in known.patterns:
        found = pattern.expression.fullmatch(text)
        if found:
            parts = {n: _part(n, value, depth - 1) for n, value in found.groupdict().items()}
            if None not in parts.values():
                return pattern.translation.format(**parts)
    return None


def _part(name: str, text: str, depth: int) -> str | None:
    """A part of a sentence: a figure, a phrase of its own, or a name that stays."""
    return phrase(text, depth) or (None if name in PHRASES else text)


def _several(text: str, depth: int) -> str | None:
    """Sentences in a row, or a list: translated if each of them is known."""
    for separator, mark in ((SENTENCES, " "), (LIST, "; ")):
        parts = separator.split(text)
        if len(parts) > 1:
            known = [phrase(part, depth - 1) for part in parts]
            if all(known):
                return mark.join(part or "" for part in known)
    return None


def said(text: object, limit: int = LIMIT) -> Markup:
    """A sentence of the record for the page, marked as English where it is not translated."""
    known = phrase(str(text)[:LONGEST])
    if known is not None:
        return escape(shortened(known, limit))
    return Markup('<span lang="en">{}</span>').format(shortened(text, limit))


def lang_of(text: object) -> Markup:
    """The attribute that marks an element as English if its text has no translation."""
    known = phrase(str(text)[:LONGEST])
    return Markup("") if known is not None else Markup(' lang="en"')


def said_plain(text: object, limit: int = LIMIT) -> str:
    """The same without markup, for attributes and charts."""
    return shortened(phrase(str(text)[:LONGEST]) or text, limit)


def shortened(text: object, limit: int) -> str:
    """Clean text that ends after a whole word where it is too long.

    >>> shortened("a sentence that is far too long", 17)
    'a sentence that…'
    """
    whole = clean(str(text)[:LONGEST])
    if len(whole) <= limit:
        return whole
    head = whole[:limit]
    return clean(head.rsplit(" ", 1)[0].rstrip(" ,;:(") if " " in head else head) + "…"


def words(identifier: object) -> str:
    """An identifier of the tool (a measure, a column, a kind) as words."""
    return said_plain(humanise(str(identifier)), 80)


def plain_words(identifier: object) -> str:
    """An identifier inside a sentence: words, but no capital letter."""
    return said_plain(clean(identifier, 60).replace("_", " "), 60)
