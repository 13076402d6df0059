"""Which values an argument of an exported graph refers to, in the JSON of a ``.pt2`` archive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def names(given: Any, symbols: bool = True) -> Iterator[str]:
    """Names of the values that an argument refers to, in order.

    Args:
        given: the argument, as read from JSON.
        symbols: with those of symbolic sizes; otherwise of tensors alone.

    >>> given = [{"name": "x"}, {"as_sym_int": {"as_name": "s0"}}]
    >>> list(names(given)), list(names(given, symbols=False))
    (['x', 's0'], ['x'])
    """
    if isinstance(given, list):
        for entry in given:
            yield from names(entry, symbols)
    elif isinstance(given, dict):
        for key, entry in given.items():
            if isinstance(entry, str) and (key == "name" or (symbols and key == "as_name")):
                yield entry
            elif isinstance(entry, dict | list) and (symbols or not key.startswith("as_sym")):
                yield from names(entry, symbols)
