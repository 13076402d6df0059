"""Scans a delivery in a child process: at most ten seconds and 1 GiB for a file, whatever it holds.

Purpose: the parent looks at names and sizes only. A child that dies or is too slow leaves a
problem in place of the file's part, and another child goes on with the next file.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from auditor.core.errors import AuditorError
from auditor.core.folders import below
from auditor.core.scan import Level, Part, Problem, Scan, Signature, exit_code
from auditor.engines.scan_between import between, with_problem

COMMAND = (sys.executable, "-I", "-W", "ignore", "-m", "auditor.intake.scanner")
SECONDS = 9.0
FILES = 10_000
LINE = 32 << 20
OnPart = Callable[[Part], None]


def scan_delivery(path: Path, on_part: OnPart = lambda part: None) -> Scan:
    """Inspect a file, a folder or a zip.

    Args:
        on_part: called with every part as soon as it is known.

    Raises:
        AuditorError: there is nothing at ``path``, or far too many files.
    """
    root, names, parts = _listed(path)
    for part in [*parts]:
        on_part(part)
    for part in _parts(root, names):
        on_part(part)
        parts.append(part)
    if not parts:
        raise AuditorError(f"The folder {path} holds no files.", "Give the path of a delivery.")
    parts = between(_claimed(sorted(parts, key=lambda part: part.path), root), names)
    parts, signatures = _signatures(parts)
    licence = next((p.metadata["licence"] for p in parts if p.metadata.get("licence")), "")
    return Scan(
        name=path.name or path.resolve().name, parts=tuple(parts), licence=licence,
        signatures=tuple(signatures), exit_code=exit_code(q for p in parts for q in p.problems),
    )  # fmt: skip


def _listed(path: Path) -> tuple[Path, list[str], list[Part]]:
    """Root, names of plain files, and parts for what is no plain file."""
    if not path.exists() and not path.is_symlink():
        raise AuditorError(f"There is nothing at {path}.", "Check the path of the delivery.")
    if not path.exists():
        raise AuditorError(f"{path} is a link to nothing.", "Copy what it should lead to.")
    if not path.is_dir():
        if not path.is_file():
            raise AuditorError(f"{path} is not a plain file.", "Copy the delivery to a plain file.")
        own = path.resolve()
        return own.parent, [own.name], []
    names, odd = [], []
    closed: list[OSError] = []
    for entry in below(path, closed.append):
        name = entry.relative_to(path).as_posix()
        mode = entry.lstat().st_mode
        if stat.S_ISREG(mode):
            names.append(name)
        else:
            odd.append(_irregular(path, entry, name, stat.S_ISLNK(mode)))
        if len(names) + len(odd) > FILES:
            raise AuditorError(f"{path} holds more than {FILES} files.", "Give one model.")
    return path, names, odd + [_unreadable(path, error) for error in closed]


def _unreadable(root: Path, error: OSError) -> Part:
    name = os.path.relpath(error.filename or root, root)
    what = f"{name}: the folder cannot be read: {error.strerror}."
    return _broken(name, "not_audited", "file.unreadable", what)


def _irregular(root: Path, entry: Path, name: str, link: bool) -> Part:
    outside = link and not _real(entry).is_relative_to(_real(root))
    what = "a link out of the delivery" if outside else "a link" if link else "no plain file"
    level: Level = "danger" if outside else "not_audited"
    return _broken(name, level, "file.link", f"{name}: it is {what}.")


def _real(path: Path) -> Path:
    """Where a path leads; one that leads to itself stays as it is."""
    return Path(os.path.realpath(path))


def _broken(name: str, level: Level, rule: str, message: str, size: int = 0) -> Part:
    shown = "".join(c if c.isprintable() else "?" for c in name)[:400]
    problem = Problem(
        level=level, rule=rule, message=message[:2000], part=shown,
        hint="Copy the delivery without it, or ask the vendor for another format.",
    )  # fmt: skip
    return Part(path=shown, bytes=size, problems=(problem,))


def _parts(root: Path, names: list[str]) -> Iterator[Part]:
    left = list(names)
    while left:
        child = _Child(root, left)
        try:
            while left:
                name = left.pop(0)
                part = child.answer(name)
                yield part
                if child.ended:
                    break
        finally:
            child.close()


@dataclass
class _Child:
    root: Path
    names: list[str]
    ended: bool = False
    _buffer: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        sizes = [_size(self.root / name) for name in self.names]
        job = {"root": str(self.root), "files": self.names, "largest": max(sizes)}
        self.process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=_environment(), start_new_session=True,
        )  # fmt: skip
        self.until = time.monotonic() + SECONDS
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(job).encode())
            self.process.stdin.close()

    def answer(self, name: str) -> Part:
        """The part of the next file, or a part that says why there is none."""
        size = _size(self.root / name)
        try:
            line = self._line()
            part = Part.model_validate_json(line)
        except TimeoutError:
            self.ended = True
            what = f"{name}: reading it took longer than {SECONDS:.0f} s and was stopped."
            return _broken(name, "not_audited", "budget.time", what, size)
        except (EOFError, ValueError):
            self.ended = True
            what = f"{name}: its reader died ({self._obituary()}), most likely of its 1 GiB limit."
            return _broken(name, "not_audited", "budget.memory", what, size)
        self.until = time.monotonic() + SECONDS
        return part

    def _line(self) -> bytes:
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        while b"\n" not in self._buffer[-(1 << 16) :]:
            wait = self.until - time.monotonic()
            if wait <= 0 or not select.select([descriptor], [], [], wait)[0]:
                raise TimeoutError
            block = os.read(descriptor, 1 << 16)
            if not block or len(self._buffer) > LINE:
                raise EOFError
            self._buffer += block
        line, _, rest = bytes(self._buffer).partition(b"\n")
        self._buffer = bytearray(rest)
        return line

    def _obituary(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self.process.wait(1.0)
            return signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return "nonsense"

    def close(self) -> None:
        """End the child."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def _size(path: Path) -> int:
    """Bytes of a file; 0 if it went away since it was listed, which its reader reports."""
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _environment() -> dict[str, str]:
    clean = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8",
             "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0",
             "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    return clean | {k: v for k, v in os.environ.items() if k == "LD_LIBRARY_PATH"}


def _claimed(parts: list[Part], root: Path) -> list[Part]:
    """External data that an ONNX model of the delivery names are understood with it."""
    claimed = {
        f"{folder}/{name}" if folder else name
        for part in parts
        for folder in (part.path.rpartition("/")[0],)
        for name in part.claims
    }
    return [_as_data(part, root) if part.path in claimed else part for part in parts]


def _as_data(part: Part, root: Path) -> Part:
    shared = (root / part.path).exists() and (root / part.path).lstat().st_nlink > 1
    if shared:
        what = "it has another name elsewhere (a hard link), as a file of somebody else's would"
        part = with_problem(part, "file.hard_link", what)
    kept = tuple(p for p in part.problems if p.rule not in ("file.unknown", "damaged"))
    if len(kept) == len(part.problems) or any(p.level == "danger" for p in kept):
        return part
    return part.model_copy(update={"problems": kept, "format": "onnx external data"})


def _signatures(parts: list[Part]) -> tuple[list[Part], list[Signature]]:
    digests = {part.path: part.sha256 for part in parts}
    found, judged = [], []
    for part in parts:
        if not part.signed:
            judged.append(part)
            continue
        differs = tuple(n for n, digest in part.signed.items() if digests.get(n) != digest)
        found.append(
            Signature(path=part.path, kind="OpenSSF model signature (Sigstore bundle)",
                      covers=len(part.signed) - len(differs), differs=differs[:200])
        )  # fmt: skip
        judged.append(_unlike(part, differs) if differs else part)
    return judged, found


def _unlike(part: Part, differs: tuple[str, ...]) -> Part:
    problem = Problem(
        level="suspicious", rule="signature.differs", part=part.path, name=differs[0],
        message=f"{part.path}: the signature names {differs[0]}, which is missing or different.",
        hint="Ask the vendor which files were signed.",
    )  # fmt: skip
    return part.model_copy(update={"problems": (*part.problems, problem)[:200]})
