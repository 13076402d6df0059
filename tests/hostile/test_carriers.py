"""Every file that carries code is refused by name, and nothing of it runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from carriers import CANARY, CARRIERS, code_carrying
from second_carriers import SECOND
from third_carriers import THIRD
from third_files import THIRD_FILES

import auditor.intake.estimators.estimator  # what a scan of one imports, before anybody watches
import auditor.intake.exported.program
from auditor.core.scan import exit_code
from auditor.intake.inert.files import read_part

FORBIDDEN = (
    "os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "socket.connect",
    "pickle.find_class", "exec", "os.remove", "os.rename",
)  # fmt: skip
REBUILDING = (auditor.intake.estimators.estimator, auditor.intake.exported.program)
_seen: list[str] = []
_watching = [False]


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _watching[0] and event in FORBIDDEN and not _is_import(event, arguments):
        _seen.append(event)


def _is_import(event: str, arguments: tuple[object, ...]) -> bool:
    """Modules of this package and of the standard library are executed when first imported."""
    code = getattr(arguments[0], "co_filename", "<") if arguments else "<"
    return event == "exec" and (code.startswith("<frozen") or not code.startswith("<"))


sys.addaudithook(_hook)


@pytest.mark.parametrize("name", CARRIERS)
def test_it_is_named_and_does_not_run(name: str, tmp_path: Path) -> None:
    sample = CARRIERS[name]()
    path = tmp_path / sample.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sample.data)
    _seen.clear()
    _watching[0] = True
    try:
        part, _ = read_part(tmp_path, sample.file)
    finally:
        _watching[0] = False
    assert exit_code(part.problems) in sample.codes, part.problems
    told = " ".join(problem.message + problem.name for problem in part.problems)
    assert sample.named in told, told
    assert _seen == []
    assert not Path(CANARY).exists()


def test_there_are_enough_programs() -> None:
    assert len(code_carrying()) >= 20
    assert len(CARRIERS) >= 200
    assert len(SECOND) >= 60
    assert len(THIRD) + len(THIRD_FILES) >= 150
