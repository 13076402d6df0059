"""Canonical JSON (RFC 8785) and SHA-256, so that the same content has the same digest anywhere."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import rfc8785

CHUNK = 1 << 20


def canonical_json(value: Any) -> bytes:
    """Bytes of ``value`` (JSON types only) after the JSON Canonicalization Scheme.

    >>> canonical_json({"b": 1, "a": [True, None, 0.5]})
    b'{"a":[true,null,0.5],"b":1}'
    """
    return rfc8785.dumps(value)


def digest(value: Any) -> str:
    """SHA-256 in hex: of bytes as they are, of anything else in canonical JSON."""
    data = value if isinstance(value, bytes) else canonical_json(value)
    return hashlib.sha256(data).hexdigest()


def digest_file(path: Path) -> str:
    """SHA-256 in hex of a file, read in blocks."""
    state = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(CHUNK):
            state.update(block)
    return state.hexdigest()
