"""Tokenizers of Hugging Face as data: patterns that never end, and words exchanged before reading.

Limits: pairs of quantifiers that overlap without being nested are not seen.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from auditor.core import hygiene
from auditor.intake.inert import tokenizer_stages
from auditor.intake.inert.log import Log, shown

LONGEST = 4000
_CLASS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]", re.S)
_NESTED = re.compile(r"\([^()]*[+*][^()]*\)[+*{]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_PLAIN = re.compile(r"(?!(?:pad|eos|bos|unk|null|none|nil|empty|blank|endoftext)$)[a-z]{3,12}")
"""A word without marks; honest tokens of ends have brackets or capitals."""
_SPOKEN = re.compile(r"[^\W\d_]{2,}\s+[^\W\d_]{2,}")
_MARKUP = re.compile(r"<script\b|javascript:|<iframe\b", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def look(entry: dict[str, Any], log: Log) -> None:
    """One object of ``tokenizer.json``."""
    found = entry.get("pattern")
    pattern: dict[str, Any] = found if isinstance(found, dict) else {}
    regex, words = pattern.get("Regex"), pattern.get("String")
    if isinstance(regex, str) and explodes(regex):
        what = f"the pattern {shown(regex, 60)!r} repeats a repetition and may never end"
        log.add("suspicious", "config.pattern", what, None, "Regex")
    content = entry.get("content")
    exchanged = isinstance(words, str) and isinstance(content, str) and _WORD.search(words)
    if entry.get("type") == "Replace" and exchanged:
        what = f"the tokenizer reads {shown(words, 40)!r} as {shown(content, 40)!r}"
        log.add("suspicious", "config.replace", what, None, "Replace")
    before = entry.get("prepend")
    if isinstance(before, str) and _WORD.search(before):
        what = f"the tokenizer puts {shown(before, 40)!r} before every text"
        log.add("suspicious", "config.replace", what, None, "Prepend")
    for key, token in entry.items():
        if key.endswith("_token") and isinstance(token, str) and hygiene.has_lookalikes(token):
            what = f"the token {shown(token, 40)!r} has letters that look like others"
            log.add("suspicious", "config.token", what, None, key)
    added = entry.get("SpecialToken")
    if isinstance(added, dict) and _SPOKEN.search(str(added.get("id"))):
        what = f"the tokenizer puts {shown(added.get('id'), 40)!r} around every text"
        log.add("suspicious", "config.replace", what, None, "SpecialToken")
    _ends(entry, log)
    vocabulary = entry.get("vocab")
    if isinstance(vocabulary, dict):
        numbers = [number for number in vocabulary.values() if type(number) is int]
        if len(set(numbers)) != len(numbers):
            what = f"{len(numbers) - len(set(numbers))} words of the vocabulary are others, too"
            log.add("suspicious", "config.replace", what, None, "vocab")
    drawn = entry.get("sp_model_kwargs")
    if isinstance(drawn, dict) and drawn.get("enable_sampling"):
        what = "the tokenizer cuts words by chance"
        log.add("suspicious", "config.replace", what, None, "enable_sampling")
    if isinstance(content, str) and "special" in entry and _MARKUP.search(content):
        what = f"the token {shown(content, 40)!r} holds what a browser would run"
        log.add("suspicious", "config.token", what, None, "added_tokens")
    _templates(entry.get("chat_template"), log)
    tokenizer_stages.look(entry, log)
    if "id" in entry and isinstance(content, str) and _CONTROL.search(content):
        what = f"the token {shown(content, 40)!r} has characters that do not show"
        log.add("suspicious", "config.token", what, None, "added_tokens")


def _ends(entry: dict[str, Any], log: Log) -> None:
    """Tokens of ends that texts hold as words."""
    for key in ("eos_token", "pad_token", "bos_token"):
        token = entry.get(key)
        token = token.get("content") if isinstance(token, dict) else token
        if isinstance(token, str) and _PLAIN.fullmatch(token):
            what = f"the {key} is {shown(token, 40)!r}, a word that texts hold"
            log.add("suspicious", "config.token", what, None, key)


def table(document: Any, base: str, log: Log) -> None:
    """A table of words and their numbers in a file of its own: no number twice, none below zero."""
    if base not in ("vocab.json", "added_tokens.json") or not isinstance(document, dict):
        return
    numbers = [number for number in document.values() if type(number) is int]
    if len(set(numbers)) != len(numbers) or min(numbers, default=0) < 0:
        what = f"{shown(base)!r} gives two words one number, or a word a number below zero"
        log.add("suspicious", "config.replace", what, None, "vocab")


def words_of(text: str, base: str, log: Log) -> None:
    """A list of words, one a line, whose numbers are those of the lines: none comes twice."""
    lines = text.splitlines() if base == "vocab.txt" else []
    if len(set(lines)) != len(lines):
        twice = next(line for line, times in Counter(lines).items() if times > 1)
        what = f"{shown(base)!r} has the word {shown(twice, 40)!r} twice; the last one counts"
        log.add("suspicious", "config.replace", what, None, "vocab")


def _templates(listed: object, log: Log) -> None:
    """Several templates: each has a plain name of its own."""
    several = listed if isinstance(listed, list) else []
    named = Counter(str(t.get("name")) for t in several if isinstance(t, dict))
    for name, times in named.items():
        if times > 1 or not re.fullmatch(r"[\w.-]*\w", name) or ".." in name:
            what = f"a template has the name {shown(name, 40)!r}, twice or no plain one"
            log.add("suspicious", "config.template", what, None, name)


def explodes(regex: str) -> bool:
    """Groups that repeat a repetition, however deep.

    >>> explodes(r"(a+)+$"), explodes(r"\\\\s+(?!\\\\S)|[a+]+")
    (True, False)
    """
    if len(regex) > LONGEST:
        return True
    if re.search(r"\(.*[+*].*\\[1-9]", regex):
        return True
    plain = _CLASS.sub("x", regex)
    for _ in range(20):
        if _NESTED.search(plain):
            return True
        inner = re.sub(r"\(([^()]*)\)", lambda m: "x+" if re.search("[+*]", m[1]) else "x", plain)
        if inner == plain:
            return False
        plain = inner
    return True
