"""Where training data come from: a manifest, checked against the data themselves.

A manifest is JSON: ``{"schema": "auditor.provenance/1", "files": [...], "rows": [...]}``, either
list may be missing. An entry has ``source`` (where from), ``time`` (ISO 8601), ``transformation``
(what was done; empty text if nothing; "unknown" vouches for nothing) and ``sha256``. A file entry
adds ``path``, relative to the data: of a single file its name, of an image folder each picture. A
row entry adds ``first`` and ``last`` (included); its digest is that of the rows as read, see
``digest_rows``.
Purpose: rows that no entry vouches for, or whose digest differs, are unverified.
Limits: a manifest vouches for what its author wrote. Its signature is not checked here.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auditor.core.canonical import digest_file
from auditor.core.errors import AuditorError
from auditor.intake.pictures import listed
from auditor.intake.raw import RawSet

SCHEMA = "auditor.provenance/1"
NEEDED = ("source", "time", "transformation", "sha256")
UNKNOWN = frozenset({"unknown", "unbekannt", "not known", "n/a", "?", "tbd"})
"""Transformations that say nothing; empty text says that nothing was done."""
HINT = f'Write {{"schema": "{SCHEMA}", "files": [...]}}; the data page explains the entries.'


@dataclass(frozen=True)
class Checked:
    """Rows without verified provenance (None: there is no manifest), and why."""

    unverified: Tensor | None
    doubts: tuple[str, ...]


def digest_rows(raw: RawSet, first: int, last: int) -> str:
    """SHA-256 in hex over rows ``first`` to ``last``, both included.

    Over each row's inputs as little-endian float32 in C order, then its label as little-endian
    int64; 8-bit pictures are divided by 255, as they are read.
    """
    state = hashlib.sha256()
    for i in range(first, last + 1):
        state.update(raw.x[i].astype("<f4").tobytes() + raw.y[i].astype("<i8").tobytes())
    return state.hexdigest()


def verified(manifest: Path, data: Path, raw: RawSet) -> Checked:
    """Hold a manifest against the data.

    Raises:
        AuditorError: the manifest is not one.
    """
    entries = _entries(manifest)
    good = np.zeros(len(raw.y), dtype=bool)
    bad = np.zeros(len(raw.y), dtype=bool)
    doubts: list[str] = []
    for entry in entries:
        rows, doubt = _rows(entry, data, raw)
        (bad if doubt else good)[rows] = True
        doubts += [doubt] if doubt else []
    missing = ~good & ~bad
    if missing.any():
        many = int(missing.sum())
        doubts.append(
            "1 row occurs in no entry." if many == 1 else f"{many} rows occur in no entry."
        )
    left = torch.from_numpy(np.flatnonzero(~good | bad))
    return Checked(left, tuple(doubts))


def _entries(manifest: Path) -> list[dict[str, Any]]:
    try:
        document = json.loads(manifest.read_bytes())
    except (ValueError, RecursionError) as error:
        raise AuditorError(f"The manifest {manifest.name} is not JSON.", HINT) from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise AuditorError(f"{manifest.name} is not a manifest of schema {SCHEMA}.", HINT)
    lists = [document.get(key, []) for key in ("files", "rows")]
    if not all(isinstance(one, list) and all(isinstance(e, dict) for e in one) for one in lists):
        raise AuditorError(f"The lists of the manifest {manifest.name} are damaged.", HINT)
    return [entry for one in lists for entry in one]


def _rows(entry: dict[str, Any], data: Path, raw: RawSet) -> tuple[NDArray[np.int64], str]:
    """Which rows an entry is about, and what is wrong with it."""
    rows, name, digest = _file(entry, data, raw) if "path" in entry else _range(entry, raw)
    lacking = [key for key in NEEDED if not isinstance(entry.get(key), str)]
    if lacking:
        return rows, f"{name}: no {', '.join(lacking)}."
    if not entry["source"].strip() or not _is_time(entry["time"]):
        return rows, f"{name}: no source, or no time in ISO 8601."
    if entry["transformation"].strip().lower() in UNKNOWN:
        return rows, f"{name}: nobody knows what was done to the data."
    if not len(rows):
        return rows, f"{name}: not among the data."
    return rows, "" if digest == entry["sha256"].lower() else f"{name}: the digest differs."


def _file(entry: dict[str, Any], data: Path, raw: RawSet) -> tuple[NDArray[np.int64], str, str]:
    name = str(entry["path"])[:200]
    if data.is_file():
        own = name == data.name
        return np.arange(len(raw.y) if own else 0), name, digest_file(data) if own else ""
    files = [file.relative_to(data).as_posix() for file in listed(data)]
    rows = np.flatnonzero(np.array(files) == name)
    return rows, name, digest_file(data / files[int(rows[0])]) if len(rows) else ""


def _range(entry: dict[str, Any], raw: RawSet) -> tuple[NDArray[np.int64], str, str]:
    first, last = entry.get("first"), entry.get("last")
    name = f"rows {first!r:.20} to {last!r:.20}"
    if not (type(first) is int and type(last) is int and 0 <= first <= last < len(raw.y)):
        return np.arange(0), name, ""
    return np.arange(first, last + 1), name, digest_rows(raw, first, last)


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
