"""The header of a safetensors file as JSON: bounded, and every key once."""

from __future__ import annotations

import json
from typing import Any

from auditor.intake.inert.log import Damaged, shown

HEADER_LIMIT = 8 << 20
TENSOR_LIMIT = 20_000
BRACKETS = 4 * TENSOR_LIMIT


def names_in(view: memoryview) -> set[str]:
    """Names of the tensors of a file.

    Raises:
        Damaged: the header cannot be read.
    """
    return set(read_header(view)[0]) - {"__metadata__"}


def read_header(view: memoryview) -> tuple[dict[str, Any], int]:
    """The header, and its length in bytes.

    Raises:
        Damaged: too long, not JSON, or no object.
    """
    length = int.from_bytes(view[:8], "little")
    if len(view) < 8 or length > min(HEADER_LIMIT, len(view) - 8):
        raise Damaged(f"it announces a header of {length} bytes, too long")
    return _parsed(bytes(view[8 : 8 + length])), length


def _parsed(text: bytes) -> dict[str, Any]:
    if text.count(b"[") + text.count(b"{") > BRACKETS:
        raise Damaged("the header holds more lists than tensors could have")
    if text[:1] != b"{" or text.rstrip(b" ")[-1:] != b"}":
        raise Damaged("the header is not one object with spaces behind it")
    try:
        header = json.loads(text.decode(), object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"the header is not valid: {shown(error, 80)}") from error
    if not isinstance(header, dict):
        raise Damaged("the header is not a JSON object")
    return header


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON that writes no key twice.

    Raises:
        ValueError: it does.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key appears twice")
    return found
