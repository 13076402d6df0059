"""The card beside a model: what its sender says about shape, classes and preprocessing.

Purpose: reads ``card.toml`` in the main process and merges it with the auditor's options; an
option always wins. The table ``[truth]`` of the sample models is for tests and the benchmark;
it is dropped here, so that no probe can see it.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from auditor.core.errors import AuditorError
from auditor.core.spec import SpecHints

CARD = "card.toml"
LIMIT = 256 << 10
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_DOTTED = re.compile(rf"(?<![\w-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{16}}")
"""The parser needs memory with the square of a key's parts, for each line anew."""
_NAME = re.compile(r"[\w.-]{1,100}")
_HINT = "Correct the card, or give the value as an option, which wins over the card."


def read_card(path: Path) -> dict[str, object]:
    """The tables ``model``, ``preprocessing`` and ``declared`` of a card; empty without a file.

    Raises:
        AuditorError: too large, not TOML, or a value of the wrong type (the key is named).
    """
    if not path.is_file():
        return {}
    if path.stat().st_size > LIMIT:
        raise AuditorError(f"The card {path.name} is larger than {LIMIT >> 10} KiB.", _HINT)
    try:
        text = path.read_text(encoding="utf-8")
        if _DOTTED.search(text):
            raise AuditorError(f"The card {path.name} has a key of more than 16 parts.", _HINT)
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise AuditorError(f"The card {path.name} is not valid TOML: {error}.", _HINT) from error
    return check_tables(document)


def check_tables(document: Mapping[str, object]) -> dict[str, object]:
    """The known tables of a card, every value checked; all others are left out.

    Raises:
        AuditorError: a value of the wrong type; the key is named.
    """
    return {name: _table(name, document[name]) for name in (*_KEYS, "declared") if name in document}


def hints(delivery_card: Mapping[str, object], options: SpecHints) -> SpecHints:
    """What is known before the model is opened: options first, then the card."""
    return merged(options, card_hints(delivery_card))


def card_hints(card: Mapping[str, object]) -> SpecHints:
    """A card's tables as hints, each with the source ``card``."""
    values: dict[str, Any] = {}
    for table in _KEYS:
        entries = card.get(table)
        values |= entries if isinstance(entries, dict) else {}
    return sourced("card", **{k: v for k, v in values.items() if k in SpecHints.model_fields})


def sourced(source: str, **values: Any) -> SpecHints:
    """Hints that all come from one source; values of None are left out."""
    given = {name: value for name, value in values.items() if value is not None}
    return SpecHints(**given, sources=dict.fromkeys(given, source))


def merged(first: SpecHints, second: SpecHints) -> SpecHints:
    """``first``, completed from ``second``, with the source of each entry.

    >>> both = merged(SpecHints(classes=4), SpecHints(classes=3, arch="mlp"))
    >>> both.classes, both.arch
    (4, 'mlp')
    """
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name in SpecHints.model_fields:
        for hints_, default in ((first, "option"), (second, "card")):
            value = getattr(hints_, name)
            if name != "sources" and name not in values and value is not None:
                values[name] = value
                sources[name] = hints_.sources.get(name, default)
    return SpecHints(**values, sources=sources)


def _table(name: str, table: object) -> dict[str, object]:
    if not isinstance(table, dict):
        raise AuditorError(f"The card's [{name}] is not a table.", _HINT)
    if name == "declared":
        return {key: _number(f"declared.{key}", value) for key, value in table.items()}
    checks, checked = _KEYS[name], {}
    for key, value in table.items():
        if key in checks:
            checked[key] = checks[key](f"{name}.{key}", value)
        elif near := difflib.get_close_matches(key, checks, n=1, cutoff=0.7):
            raise AuditorError(f"The card has no key {name}.{key}; did you mean {near[0]}?", _HINT)
    span = checked.pop("range", None)
    if isinstance(span, list):
        checked |= {"low": [span[0]], "high": [span[1]]}
    return checked


def _wrong(key: str, wanted: str, value: object) -> AuditorError:
    return AuditorError(f"The card's {key} must be {wanted}, not {value!r:.60}.", _HINT)


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _wrong(key, "a text", value)
    return value


def _architecture(key: str, value: object) -> str:
    """A name of the list: what stands in a card comes from the vendor, who may not choose code."""
    name = _text(key, value)
    if not _NAME.fullmatch(name):
        hint = "Code of your own is named with --arch package.module:factory, never by a card."
        raise AuditorError(f"The card's {key} is no name of an architecture: {name!r:.60}.", hint)
    return name


def _texts(key: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise _wrong(key, "a list of texts", value)
    return value


def _count(key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 2:
        raise _wrong(key, "a whole number of at least 2", value)
    return value


def _shape(key: str, value: object) -> list[int]:
    whole = isinstance(value, list) and all(type(entry) is int and entry > 0 for entry in value)
    if not isinstance(value, list) or not whole or len(value) not in (1, 3):
        raise _wrong(key, "[features] or [channels, height, width]", value)
    return value


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e30:
        raise _wrong(key, "a finite number", value)
    return float(value)


def _numbers(key: str, value: object) -> list[float]:
    entries = value if isinstance(value, list) and value else [value]
    return [_number(key, entry) for entry in entries]


def _positives(key: str, value: object) -> list[float]:
    numbers = _numbers(key, value)
    if min(numbers) <= 0:
        raise _wrong(key, "positive", value)
    return numbers


def _range(key: str, value: object) -> list[float]:
    numbers = _numbers(key, value)
    if len(numbers) != 2 or numbers[0] >= numbers[1]:
        raise _wrong(key, "[low, high] with low < high", value)
    return numbers


_KEYS: dict[str, dict[str, Callable[[str, object], object]]] = {
    "model": {"arch": _architecture, "classes": _count, "shape": _shape, "class_names": _texts},
    "preprocessing": {
        "low": _numbers,
        "high": _numbers,
        "range": _range,
        "mean": _numbers,
        "std": _positives,
    },
}
