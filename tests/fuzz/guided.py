"""A fuzzer that follows the branches of the inert readers (atheris); its findings join the corpus.

    python tests/fuzz/guided.py -runs=100000 [FOLDER OF INPUTS]

Purpose: `mutate` changes bytes blindly; this one keeps every input that reaches a new branch.
Limits: atheris slows the readers down, so a run is short; it needs the package ``atheris``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["auditor.intake"]):
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from mutate import SLOW_S, keep, read, seeds


def one(data: bytes) -> None:
    """Read one input; what raises or is slow is kept for the ordinary tests."""
    before = time.process_time()
    try:
        read(data)
    except Exception:
        keep(data)
        raise
    if time.process_time() - before > SLOW_S:
        keep(data)
        raise TimeoutError("an input took longer than a second")


def main() -> None:
    """Write the seeds into the folder of inputs, then run."""
    folder = Path(next((a for a in sys.argv[1:] if not a.startswith("-")), "guided-inputs"))
    folder.mkdir(exist_ok=True)
    for number, seed in enumerate(seeds()):
        (folder / f"seed-{number}").write_bytes(seed)
    options = [argument for argument in sys.argv if argument.startswith("-")]
    atheris.Setup([sys.argv[0], *options, "-max_len=6000", str(folder)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
