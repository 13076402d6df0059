"""Checks an audit folder against its manifest and names each difference."""

from __future__ import annotations

import json
from pathlib import Path

from auditor.core.canonical import digest_file
from auditor.core.errors import AuditorError
from auditor.writers.manifest import FILE, listed_files, root


def problems(folder: Path) -> list[str]:
    """One sentence for each file that is missing, changed or not listed; empty when intact.

    Raises:
        AuditorError: there is no manifest, or it is not one.
    """
    try:
        manifest = json.loads((folder / FILE).read_text("utf-8"))
        entries = {str(entry["path"]): entry for entry in manifest["files"]}
        stated = manifest["root_sha256"]
    except FileNotFoundError as error:
        raise AuditorError(
            f"{folder} holds no {FILE}.", "Give the folder that `auditor audit --out` wrote."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AuditorError(
            f"{folder / FILE} is not a manifest.", "Restore it from a copy."
        ) from error
    present = {path.relative_to(folder).as_posix() for path in listed_files(folder)}
    found = [f"missing: {name}" for name in sorted(entries.keys() - present)]
    found += [f"not in the manifest: {name}" for name in sorted(present - entries.keys())]
    found += [
        f"changed: {name}"
        for name in sorted(present & entries.keys())
        if digest_file(folder / name) != entries[name]["sha256"]
    ]
    if root(list(entries.values())) != stated:
        found.append("the manifest's own digest does not match its list")
    return found
