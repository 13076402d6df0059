"""One file on disk as a `Part`: opened without following links, mapped, hashed, inspected."""

from __future__ import annotations

import hashlib
import mmap
import os
import stat
import time
from pathlib import Path

from auditor.core import hygiene
from auditor.core.scan import Part
from auditor.intake.inert.inspect import inspect
from auditor.intake.inert.items import External, Item
from auditor.intake.inert.log import Budget, Log, OutOfBudget, shown
from auditor.intake.inert.ziplayout import STEP, forget

HASHED = 1 << 30
HOLLOW = 1 << 26
"""Size from which on it is looked at whether a file is sparse."""


def read_part(root: Path, name: str, budget: Budget | None = None) -> tuple[Part, Log]:
    """Inspect ``root / name``; never raises on what the file holds.

    Args:
        name: path below ``root``; of a single file its own name.
    """
    start = time.monotonic()
    log = Log(shown(name, 400), budget or Budget.fresh())
    path = root / name
    size, digest, kind = 0, "", "unknown"
    try:
        before = path.lstat()
        size = before.st_size
        view = mapped(path)
        if odd := hygiene.of_path(name):
            log.add("suspicious", "name.file", f"the name {shown(name, 200)!r} {odd}", None, name)
        if _hollow(before):
            what = "most of its bytes were never written: a sparse file"
            log.add("suspicious", "file.hollow", what, None, name)
        digest = _hashed(view, log.budget) if size <= HASHED else ""
        kind = inspect(Item(view, name, external(path.parent)), log) if size else _empty(log)
        if _stamp(path.lstat()) != _stamp(before):
            log.add("not_audited", "file.changed", "it changed while it was read", None, name)
    except OutOfBudget as error:
        log.add("not_audited", "budget", str(error))
    except (OSError, ValueError) as error:
        log.add("not_audited", "file.unreadable", f"it cannot be opened: {error}", None, name)
    found = log.shared
    return Part(
        path=shown(name, 400), bytes=size, sha256=digest, format=_format(kind, found.formats),
        architecture=found.architecture, tensors=tuple(found.tensors), metadata=found.metadata,
        problems=tuple(found.problems), signed=found.signed,
        claims=tuple(sorted(found.claims))[:1000],
        seconds=round(time.monotonic() - start, 3),
    ), log  # fmt: skip


def mapped(path: Path) -> memoryview:
    """The bytes of a plain file, read-only.

    Raises:
        OSError: a link, a device, or no permission.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError("it is no plain file")
        if not status.st_size:
            return memoryview(b"")
        return memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
    finally:
        os.close(descriptor)


def external(folder: Path) -> External:
    """Files beside a model, by the plain relative names that it may give."""
    home = os.path.realpath(folder)

    def find(name: str) -> memoryview | None:
        path = folder / name
        if not name or not Path(os.path.realpath(path)).is_relative_to(home):
            return None
        try:
            return mapped(path)
        except (OSError, ValueError):
            return None

    return find


def _hollow(status: os.stat_result) -> bool:
    """Whether a large file takes up less than a tenth of its size; systems without blocks say 0."""
    written = 512 * getattr(status, "st_blocks", status.st_size)
    return status.st_size >= HOLLOW and 10 * written < status.st_size


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    """What changes with a file; its time of change cannot be set by a program."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _hashed(view: memoryview, budget: Budget) -> str:
    state = hashlib.sha256()
    for start in range(0, len(view), STEP):
        budget.check()
        state.update(view[start : start + STEP])
        forget(view)
    return state.hexdigest()


def _empty(log: Log) -> str:
    log.add("not_audited", "file.empty", "the file is empty")
    return "empty"


def _format(kind: str, found: list[str]) -> str:
    """The innermost name, with what it is packed in."""
    if kind in ("zip", "packed", "text", "other") and found:
        return found[0] if kind in ("zip", "text", "other") else f"{found[0]} (packed)"
    return kind
