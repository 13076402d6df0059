"""A log in which each line holds the digest of the line before it, one JSON object a line.

Purpose: the order of events (plan first, then the trials) can be checked afterwards with
``sha256sum`` alone: ``previous`` of a line is the SHA-256 of the line before it, without its line
feed. Limits: whoever can rewrite the whole file can make another whole one, and lines cut off at
the end leave a whole one; so the record keeps the last digest, and the manifest the file's.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from auditor.core.canonical import canonical_json, digest
from auditor.core.errors import AuditorError

START = "0" * 64
SIZE_LIMIT = 64 << 20
Event = dict[str, Any]


def append(path: Path, event: str, time: str, **what: str) -> None:
    """Add a line and flush it to disk; a line that a crash cut short is dropped first.

    Raises:
        AuditorError: the file cannot be written.
    """
    try:
        whole = _whole(path)
        lines = whole.splitlines()
        last = digest(lines[-1]) if lines else START
        entry = {"n": len(lines), "event": event, "time": time, **what, "previous": last}
        with path.open("r+b" if path.exists() else "w+b") as stream:
            stream.truncate(len(whole))
            stream.seek(len(whole))
            stream.write(canonical_json(entry) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise AuditorError(f"Cannot write {path}: {error.strerror}.", "Free some space.") from error


def _whole(path: Path) -> bytes:
    data = path.read_bytes() if path.exists() else b""
    return data[: data.rfind(b"\n") + 1]


def events(path: Path) -> list[Event]:
    """All events of an intact log; none where there is no file.

    Raises:
        AuditorError: the log is not intact.
    """
    found = problems(path)
    if found:
        raise AuditorError(f"{path}: {found[0]}.", "The log was changed; start in another folder.")
    return [json.loads(line) for line in _whole(path).splitlines()]


def head(path: Path) -> str:
    """Digest of the last line, which stands for the whole log."""
    lines = _whole(path).splitlines()
    return digest(lines[-1]) if lines else START


def problems(path: Path) -> list[str]:
    """What is wrong with the chain, line by line; empty where it is intact."""
    found: list[str] = []
    last = START
    for number, line in enumerate(_whole(path).splitlines()):
        problem = _problem(line, number, last)
        if problem:
            found.append(f"line {number + 1} {problem}")
        last = digest(line)
    return found


def _problem(line: bytes, number: int, last: str) -> str:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return "is not JSON"
    if not isinstance(entry, dict) or not {"event", "time", "previous"} <= set(entry):
        return "is not an event"
    if entry.get("n") != number:
        return f"is numbered {str(entry.get('n'))[:20]}, so a line was added, removed or moved"
    return "" if entry["previous"] == last else "does not follow from the line before it"
