"""Every key and every text of a JSON document: what honest settings never hold.

Purpose: a key is a name, a text shows what it says, and neither makes a library look something up,
call something or read a file of the machine.
Source: type keys of .NET, Jackson, Fastjson and PFA; look-ups of Log4j; references of JSON Schema.
Limits: words of a tokenizer may be anything and are left to its own checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from auditor.intake.inert import stowed
from auditor.intake.inert.log import Log, shown
from auditor.intake.words import words

_SCHEMA = words("$schema $id $defs $comment")
HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]|[\U000e0000-\U000e01ef]{4}"
    r"|[\u200b\u2060-\u2064\ufeff]"
)  # fmt: skip
_LOOKED_UP = re.compile(r"\$\{\s{0,4}[\w:.-]{1,40}:|\bfile:/|\bjar:", re.I)
CODE = re.compile(
    r"__import__\s{0,4}\(|\b(?:exec|eval|os\.system|subprocess\.\w+|os\.popen)\s{0,4}\("
)
_TABLES = ("tokenizer", "vocab", "added_tokens", "special_tokens", "merges")
SHORT = 16
"""Numbers that a list needs for the head of a file to mean something."""
_FORMATS = {
    "zarr_format": "an array in Zarr",
    "fcns": "a program in PFA",
}


def look(document: Any, base: str, log: Log) -> None:
    """Name what a document of settings has no use for.

    Args:
        base: name of the file; lists of tokens hold any text.
    """
    table = base.lower().startswith(_TABLES)
    settings = "config" in base.lower()
    for key, value in _pairs(document):
        if key is not None:
            _key(key, base, log)
        told = key in _TOLD or (settings and key and key != "content" and not key.endswith("token"))
        if isinstance(value, str) and (told or not table):
            text(value, base, log)
        if isinstance(value, list) and len(value) >= SHORT and stowed.in_numbers(value):
            what = f"{shown(base)!r} holds a file as a list of numbers"
            log.add("suspicious", "text.stowed", what, None, base)
    if isinstance(document, dict):
        for key, what in _FORMATS.items():
            if key in document:
                log.add("not_audited", "text.model", f"{shown(base)!r} is {what}", None, key)


_TOLD = words("chat_template template license description")


def _key(key: str, base: str, log: Log) -> None:
    if key[:1] in ("$", "@") and key not in _SCHEMA:
        does = "makes a library look up a type or a file"
        what = f"{shown(base)!r} has the key {shown(key, 60)!r}, which {does}"
        log.add("not_audited", "config.key", what, None, key)
    if HIDDEN.search(key):
        what = f"{shown(base)!r} has a key with characters that do not show, {shown(key, 60)!r}"
        log.add("suspicious", "config.key", what, None, key)


def text(value: str, base: str, log: Log) -> None:
    """Name what a single text has no use for."""
    if found := HIDDEN.search(value):
        what = (
            f"{shown(base)!r} holds a text with characters that do not show ({ord(found[0][0]):#x})"
        )
        log.add("suspicious", "config.text", what, None, "hidden")
    if found := _LOOKED_UP.search(value):
        what = f"{shown(base)!r} has a text that a library looks up: {shown(value, 60)!r}"
        log.add("not_audited", "config.text", what, None, found[0])
    if found := CODE.search(value):
        what = f"{shown(base)!r} holds a program: {shown(value, 60)!r}"
        log.add("suspicious", "config.text", what, None, found[0])
    if held := stowed.in_text(value):
        log.add("suspicious", "text.stowed", f"{shown(base)!r} holds {held}", None, base)


def _pairs(document: Any) -> Iterator[tuple[str | None, Any]]:
    """Every key with its value, and every entry of a list."""
    todo: list[tuple[str | None, Any]] = [(None, document)]
    while todo:
        key, value = todo.pop()
        yield key, value
        if isinstance(value, dict):
            todo.extend(value.items())
        elif isinstance(value, list):
            todo.extend((None, entry) for entry in value)
