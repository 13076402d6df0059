"""manifest.json: size and SHA-256 of every file of the audit folder, and one digest of them all.

The root digest is defined so that coreutils alone can compute it: it is the SHA-256 of what
``sha256sum`` prints for the files in byte order of their paths (see ``docs/record.md``). Hidden
files at the top of the folder (half-written ones, a resumable audit's notes) are left out, and so
are the manifest's own signature and time stamp.
"""

from __future__ import annotations

import json
from pathlib import Path

from auditor.core.canonical import digest, digest_file
from auditor.core.errors import AuditorError
from auditor.core.record import Record
from auditor.writers.atomic import write_atomic

FILE = "manifest.json"
SCHEMA = "auditor/manifest/1"
# The manifest itself, and what is made of it afterwards.
UNLISTED = frozenset({FILE, "manifest.dsse.json", "manifest.tsq", "manifest.tsr"})

Entry = dict[str, str | int]


def write(record: Record, out: Path) -> Path:
    """Write ``<out>/manifest.json``; call it last, it lists what is there.

    Raises:
        AuditorError: the folder holds something that is neither a plain file nor a folder.
    """
    entries = [_entry(out, path) for path in listed_files(out)]
    content = {
        "schema": SCHEMA,
        "delivery_sha256": record.delivery.sha256,
        "plan_sha256": record.plan_sha256,
        "files": entries,
        "root_sha256": root(entries),
    }
    return write_atomic(out / FILE, f"{json.dumps(content, indent=2)}\n".encode())


def root(entries: list[Entry]) -> str:
    """SHA-256 over the lines that ``sha256sum`` would print for the entries.

    >>> root([])[:8]
    'e3b0c442'
    """
    lines = "".join(f"{entry['sha256']}  {entry['path']}\n" for entry in entries)
    return digest(lines.encode())


def listed_files(out: Path) -> list[Path]:
    """Files that belong to the audit, in byte order of their paths."""
    found = [path for path in out.rglob("*") if _listed(path.relative_to(out))]
    odd = [path for path in found if path.is_symlink() or not (path.is_file() or path.is_dir())]
    if odd:
        raise AuditorError(
            f"{odd[0]} is neither a plain file nor a folder.", "Remove it from the audit folder."
        )
    plain = (path for path in found if path.is_file())
    return sorted(plain, key=lambda path: path.relative_to(out).as_posix().encode())


def _listed(relative: Path) -> bool:
    return not relative.parts[0].startswith(".") and relative.as_posix() not in UNLISTED


def _entry(out: Path, path: Path) -> Entry:
    name = path.relative_to(out).as_posix()
    if "\n" in name or "\\" in name:
        raise AuditorError(f"{name!r} has a name that sha256sum would escape.", "Rename it.")
    return {"path": name, "bytes": path.stat().st_size, "sha256": digest_file(path)}
