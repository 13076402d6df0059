"""A fuzzer that follows the branches of the inert readers (atheris); its findings join the corpus.

    python tests/fuzz/guided.py -runs=100000 [FOLDER OF INPUTS]

Purpose: `mutate` changes bytes blindly; this one keeps every input that reaches a new branch.
Limits: atheris slows the readers down; it needs the package ``atheris`` (extra ``fuzz``).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent


def watched() -> Callable[[bytes], None]:
    """Reads one input with branches instrumented; what raises or is slow is kept for the tests."""
    import atheris

    sys.path.insert(0, str(HERE))
    with atheris.instrument_imports(include=["auditor.intake"]):
        from mutate import SLOW_S, keep, read

    def one(data: bytes) -> None:
        before = time.process_time()
        try:
            read(data)
        except Exception:
            keep(data)
            raise
        if time.process_time() - before > SLOW_S:
            keep(data)
            raise TimeoutError("an input took longer than a second")

    return one


def main() -> None:
    """Write the seeds into the folder of inputs, then run."""
    import atheris

    one = watched()
    from mutate import seeds

    folder = Path(next((a for a in sys.argv[1:] if not a.startswith("-")), "guided-inputs"))
    folder.mkdir(exist_ok=True)
    for number, seed in enumerate(seeds()):
        (folder / f"seed-{number}").write_bytes(seed)
    options = [argument for argument in sys.argv if argument.startswith("-")]
    atheris.Setup([sys.argv[0], *options, "-max_len=6000", str(folder)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
