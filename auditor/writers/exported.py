"""What the exports share: harmless text, tokens, times and identifiers, from the record alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from auditor.core.canonical import digest
from auditor.core.record import Record
from auditor.writers.amounts import w3c
from auditor.writers.atomic import write_atomic
from auditor.writers.record_json import dump
from auditor.writers.text import clean

FOLDER = "exports"
NAMESPACE = UUID("6f1f6d5c-0f0f-5d57-9d0a-7b1a4c1f0c11")
NO_TIME = "1970-01-01T00:00:00Z"
HEX = re.compile(r"[0-9a-f]{64}")
TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")


def line(value: object, limit: int = 2000) -> str:
    """Harmless text in one line, never empty."""
    return clean(value, limit).strip() or "–"


def sentences(parts: tuple[str, ...]) -> str:
    """Reasons as one text, never empty."""
    return line(" ".join(parts))


def token(name: str) -> str:
    """``name`` if it can be an identifier anywhere, else one made from its digest.

    >>> token("TAC-POI-01"), token("<b>")
    ('TAC-POI-01', 'x-507ca5a2742e5330')
    """
    return name if TOKEN.fullmatch(name) else f"x-{digest(name.encode('utf-8', 'replace'))[:16]}"


def address(name: str) -> str:
    """A file name as a relative URI reference."""
    return quote(line(name, 200), safe="/-._~") or "-"


def is_digest(text: str) -> bool:
    """Whether ``text`` is a SHA-256 in hex."""
    return HEX.fullmatch(text) is not None


def time(stamp: str) -> str:
    """An RFC 3339 time in UTC; the epoch where the record holds none."""
    return w3c(stamp) or NO_TIME


def identifier(record: Record, *parts: object) -> str:
    """A UUID (version 5) of one part of this record: the same whenever it is written."""
    root = (record.delivery.sha256, record.plan_sha256, record.timing.finished)
    return str(uuid5(NAMESPACE, "/".join(map(str, (*root, *parts)))))


def record_digest(record: Record) -> str:
    """SHA-256 of record.json."""
    return digest(dump(record))


def write_json(content: Any, out: Path, name: str) -> Path:
    """``content`` as ``<out>/exports/<name>``."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    return write_atomic(out / FOLDER / name, f"{text}\n".encode())
