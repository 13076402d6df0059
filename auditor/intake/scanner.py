"""The child process of a scan: reads files one after another and prints one JSON line for each.

Purpose: ``python -I -m auditor.intake.scanner``, started by ``engines.scanning`` with a job on its
standard input; no vendor code, limits on memory and on writing files. torch is imported only where
an estimator or an exported graph is held against its builder.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
from pathlib import Path

from auditor.intake.inert.files import read_part

DATA = 900 << 20
SPACE = 1 << 30


def limit(largest: int) -> None:
    """No core dumps, no files written, at most 1 GiB beside the mapped file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_DATA, (DATA, DATA))
    space = SPACE + 2 * largest
    resource.setrlimit(resource.RLIMIT_AS, (space, space))


def main() -> None:
    """Serve one job: ``{"root": folder, "files": [names], "largest": bytes}``."""
    job = json.loads(sys.stdin.buffer.read(64 << 20))
    limit(int(job["largest"]))
    gc.disable()  # millions of small values of a bomb would be walked again and again
    for name in job["files"]:
        part, _ = read_part(Path(job["root"]), name)
        gc.collect()
        sys.stdout.buffer.write(part.model_dump_json().encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
