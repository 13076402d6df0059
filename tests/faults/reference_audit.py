"""A whole audit of about forty files that takes a tenth of a second, and faults to put into it.

The worker is replaced by figures that never change; planning, journal, judging, writers and the
command's own error handling are the real ones. Each audit runs in a forked child, so that it can
be killed at any point and so that patches end with it.
"""

from __future__ import annotations

import errno
import os
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from auditor import pipeline, planning
from auditor.core.errors import AuditorError
from auditor.core.finding import Exhibit, Finding, Measure, Status
from auditor.core.plan import Manifest, Trial
from auditor.core.record import Record
from auditor.core.spec import DataIdentity, InputSpec, ModelFacts
from auditor.criteria.load import load_catalogue, policy
from auditor.engines.local import Opened, OpenJob
from auditor.writers import html, pdf
from auditor.writers.check import problems
from auditor.writers.record_json import read

PROBES = tuple(f"a.p{number}" for number in range(10))
SPEC = InputSpec(kind="image", shape=(1, 8, 8), classes=10)
FAILED, LOST = 3, 9
CATALOGUE = load_catalogue(None)


@dataclass
class Steady:
    """An engine that measures the same each time."""

    job: OpenJob
    isolation: dict[str, Any] = field(default_factory=lambda: {"level": "confined"})

    def open(self) -> Opened:
        """A small model."""
        data = DataIdentity(name="c", sha256="ef" * 32, n=10, per_class=(1,) * 10, kind="image")
        facts = ModelFacts(spec=SPEC, format="safetensors", architecture="x", layers=1,
                           parameters=9, pass_us=1.0)  # fmt: skip
        scan = {"dangerous": 0, "suspicious": 0, "safe_format": True, "notes": []}
        return Opened(facts, data, scan, tuple(Manifest(id=n, title=n) for n in PROBES))

    def run(self, trial: Trial, *_: object) -> tuple[Finding, list[Exhibit]]:
        """One number and two pieces of evidence."""
        seed = PROBES.index(trial.probe)
        picture = np.full((8, 8), seed / 10, np.float32)
        exhibits = [Exhibit("picture", picture, "image", "Grey."),
                    Exhibit("inputs", picture * 2, "array", "Numbers.")]  # fmt: skip
        measures = {"m": Measure(value=seed / 7)}
        return Finding(probe=trial.probe, status=Status.COMPLETE, seed=trial.seed,
                       measures=measures), exhibits  # fmt: skip

    def close(self) -> None:
        """Nothing to close."""


class Silence:
    """An observer that says nothing."""

    def planned(self, trials: object) -> None: ...

    def progress(self, trial: object, share: float, note: str) -> None: ...

    def finished(self, finding: object) -> None: ...

    def resumed(self) -> None: ...


def request(model: Path, out: Path) -> pipeline.Request:
    """What is asked for, the same each time."""
    return pipeline.Request(
        model=model, clean=model, out=out, policy=policy("baseline", CATALOGUE),
        catalogue=CATALOGUE,
    )  # fmt: skip


@dataclass
class Faults:
    """Counts what touches the disk, and does ``strike`` at call number ``at``."""

    at: int
    strike: Callable[[], None]
    count: int = 0

    def touch(self) -> None:
        """One more call."""
        self.count += 1
        if self.count == self.at:
            self.strike()

    def install(self) -> None:
        """Put a counter before (and after a rename also behind) each call that touches the disk."""
        for module, name in ((os, "fsync"), (os, "fchmod"), (tempfile, "mkstemp")):
            setattr(module, name, self._before(getattr(module, name)))
        rename = os.replace

        def replaced(*arguments: Any) -> None:
            self.touch()
            rename(*arguments)
            if self.strike is die:
                self.touch()

        os.replace = replaced
        fdopen = os.fdopen

        def opened(*arguments: Any, **named: Any) -> Any:
            stream = fdopen(*arguments, **named)
            return Torn(stream, self) if "wb" in arguments else stream

        os.fdopen = opened

    def _before(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.touch()
            return real(*arguments, **named)

        return counted


class Torn:
    """A stream that writes half, touches, and writes the rest."""

    def __init__(self, stream: Any, faults: Faults) -> None:
        self.stream, self.faults = stream, faults

    def write(self, data: bytes) -> None:
        """Both halves reach the disk one after the other."""
        self.stream.write(data[: len(data) // 2])
        self.stream.flush()
        self.faults.touch()
        self.stream.write(data[len(data) // 2 :])

    def __enter__(self) -> Torn:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def die() -> None:
    """The process is killed."""
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(code: int) -> Callable[[], None]:
    """The system call fails."""

    def strike() -> None:
        raise OSError(code, os.strerror(code))

    return strike


def start(model: Path, out: Path, faults: Faults | None = None) -> tuple[int, int]:
    """Begin an audit in a child: its process id, and where its last words can be read."""
    ears, mouth = os.pipe()
    child = os.fork()
    if child:
        os.close(mouth)
        return child, ears
    code, words = LOST, ""
    try:
        code, words = 0, _audit(model, out, faults)
    except AuditorError as error:
        code, words = FAILED, str(error)
    except BaseException as error:
        words = repr(error)
    finally:
        os.write(mouth, words.encode())
        os._exit(code)


def _audit(model: Path, out: Path, faults: Faults | None) -> str:
    pipeline.LocalEngine = Steady  # type: ignore[misc,assignment]
    planning.steps = lambda profile: {name: planning.Step(1.0) for name in PROBES}
    pdf.convert = lambda *_, **__: b"%PDF-1.7 left out"
    html.render = lambda *_, **__: "<html></html>"
    if faults:
        faults.install()
    pipeline.audit(request(model, out), Silence())
    return str(faults.count) if faults else ""


def end(child: int, ears: int) -> tuple[int, str]:
    """Wait for an audit: its exit code (negative for a signal) and its last words."""
    with os.fdopen(ears, "rb") as stream:
        words = stream.read().decode()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), words


def run(model: Path, out: Path, faults: Faults | None = None) -> tuple[int, str]:
    """One audit from start to end."""
    return end(*start(model, out, faults))


def fingerprint(out: Path) -> dict[str, Any]:
    """Everything that must be the same after a resumption: record but for its clock, evidence.

    Raises:
        AssertionError: the folder is not whole.
    """
    assert problems(out) == []
    assert not list(out.rglob(".*.tmp"))
    record: Record = read(out)
    content = record.to_json()
    del content["timing"]
    return {"record": content, "evidence": sorted(path.name for path in out.rglob("evidence/*"))}


ENOSPC, EIO = errno.ENOSPC, errno.EIO
