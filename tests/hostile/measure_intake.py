"""The figures of docs/security-intake.md that the corpora of this folder give.

    python tests/hostile/measure_intake.py carriers|benign|bombs|FOLDER

``FOLDER`` is any folder of files from elsewhere; nothing in it is loaded.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from auditor.core.scan import exit_code
from auditor.intake.inert.files import read_part

ONE = """
import json, resource, sys, time
from pathlib import Path
from auditor.engines.scanning import scan_delivery
start = time.monotonic()
scan = scan_delivery(Path(sys.argv[1]))
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
problem = scan.problems[0].message if scan.problems else ""
print(json.dumps([scan.exit_code, time.monotonic() - start, usage.ru_utime + usage.ru_stime,
                  usage.ru_maxrss // 1024, problem]))
"""


def carriers() -> None:
    """Rows 2, 3 and 4: exit codes, and whether the offender is named."""
    import second_carriers
    import third_carriers
    import third_files
    from carriers import CARRIERS, FIRST, code_carrying

    third = len(third_carriers.THIRD) + len(third_files.THIRD_FILES)
    print(f"corpora of {len(FIRST)}, {len(second_carriers.SECOND)} and {third} files")  # noqa: T201

    codes: Counter[int] = Counter()
    named = 0
    for name, make in CARRIERS.items():
        sample = make()
        code, told = _read(sample.file, sample.data)
        codes[code] += 1
        named += sample.named in told
        if code == 0 or sample.named not in told:
            print("not named:", name, code, told[:200])  # noqa: T201
    caught = sum(_read(CARRIERS[n]().file, CARRIERS[n]().data)[0] != 0 for n in code_carrying())
    print(f"{len(CARRIERS)} carriers, exit codes {dict(codes)}, {named} named")  # noqa: T201
    print(f"{caught} of {len(code_carrying())} programs caught")  # noqa: T201


def benign() -> None:
    """Rows 5 and 6."""
    from benign import files

    codes: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
    for name, data, is_data in files():
        code, told = _read(name, data)
        codes[is_data][code] += 1
        if code == 1 or (is_data and code):
            print(code, name, told[:200])  # noqa: T201
    print(f"data {dict(codes[True])}, programs {dict(codes[False])}")  # noqa: T201


def bombs() -> None:
    """Row 8: wall and processor seconds and MiB of the reading process."""
    from bombs import BOMBS

    for name, make in BOMBS.items():
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder) / "model.bin")
            code = [sys.executable, "-c", ONE, str(Path(folder) / "model.bin")]
            done = subprocess.run(code, capture_output=True, text=True, check=True)
        code_, wall, cpu, peak, problem = json.loads(done.stdout)
        told = f"{code_} {wall:.1f} s, {cpu:.1f} s cpu, {peak} MiB, {name}: {problem[:90]}"
        print(told, flush=True)  # noqa: T201


def folder(path: Path) -> None:
    """Exit codes of every file of a folder."""
    codes: Counter[int] = Counter()
    for file in _files(path):
        part, _ = read_part(file.parent, file.name)
        code = exit_code(part.problems)
        codes[code] += 1
        first = next(iter(part.problems), None)
        print(code, file.name, first.message[:120] if first else "")  # noqa: T201
    print(dict(codes))  # noqa: T201


def _files(path: Path) -> Iterator[Path]:
    return (file for file in sorted(path.rglob("*")) if file.is_file())


def _read(name: str, data: bytes) -> tuple[int, str]:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        part, _ = read_part(Path(place), name)
    told = " ".join(problem.message + problem.name for problem in part.problems)
    return exit_code(part.problems), told


if __name__ == "__main__":
    known = {"carriers": carriers, "benign": benign, "bombs": bombs}
    choice = sys.argv[1]
    known[choice]() if choice in known else folder(Path(choice))
