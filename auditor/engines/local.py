"""Runs trials in one child process on this machine, under a watchdog.

The child has a clean environment, no inherited file descriptors, its own session (so that
Ctrl-C reaches the parent alone) and no core dumps. It is not yet confined by the kernel; the
record says so under ``provenance.isolation``.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from auditor.core.errors import AuditorError, DeliveryError, ToolError
from auditor.core.finding import Exhibit, Finding, Status
from auditor.core.frames import Frame, FrameError, receive, send
from auditor.core.plan import Manifest, Trial
from auditor.core.spec import DataIdentity, ModelFacts, SpecHints

COMMAND = (sys.executable, "-I", "-W", "ignore", "-m", "auditor.worker")
OPEN_LIMIT_S = 300.0
GRACE_S = 20.0
ISOLATION = {
    "process": "separate",
    "environment": "clean",
    "protocol": "length-capped frames",
    "namespaces": False,
    "landlock": False,
    "seccomp": False,
}
Arrays = Mapping[str, NDArray[np.generic]]
OnProgress = Callable[[float, str], None]


@dataclass(frozen=True)
class OpenJob:
    """What the worker needs to open a delivery."""

    model: Path
    format: str
    hints: SpecHints
    clean: Path
    label_column: str | None = None
    threads: int = 2
    import_paths: tuple[str, ...] = ()
    training: Mapping[str, Path] = field(default_factory=dict)

    def header(self) -> dict[str, Any]:
        """The job as a frame header."""
        return {
            "kind": "open",
            "model": str(self.model),
            "format": self.format,
            "hints": self.hints.model_dump(mode="json"),
            "clean": str(self.clean),
            "label_column": self.label_column,
            "threads": self.threads,
            "import_paths": list(self.import_paths),
            "training": {name: str(path) for name, path in self.training.items()},
        }


@dataclass(frozen=True)
class Opened:
    """What the worker saw; values only."""

    facts: ModelFacts
    data: DataIdentity
    scan: dict[str, Any]
    probes: tuple[Manifest, ...]


@dataclass
class LocalEngine:
    """One worker at a time; a dead one is replaced for the next trial."""

    job: OpenJob
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _errors: IO[bytes] | None = field(default=None, repr=False)

    def open(self) -> Opened:
        """Start the worker and let it open the delivery.

        Raises:
            AuditorError, DeliveryError: what the worker refused, in its words.
            ToolError: the worker died or fell silent.
        """
        try:
            header = self._ask(Frame(self.job.header()), time.monotonic() + OPEN_LIMIT_S).header
            if header["kind"] != "refused":
                return _opened(header)
            refusal = _refused(header)
        except TimeoutError as error:
            self.close()
            raise _failure(f"did not open the model within {OPEN_LIMIT_S:.0f} s") from error
        except (FrameError, BrokenPipeError) as error:
            raise _failure(f"ended while opening the model ({self._obituary()})") from error
        except (ValueError, KeyError, TypeError) as error:
            self.close()
            raise _failure("gave an answer that makes no sense") from error
        self.close()
        raise refusal

    def run(
        self, trial: Trial, earlier: Mapping[str, Finding], arrays: Arrays, progress: OnProgress
    ) -> tuple[Finding, list[Exhibit]]:
        """One trial, always answered with a Finding."""
        header = {
            "kind": "run",
            "trial": trial.model_dump(mode="json"),
            "earlier": {k: f.model_dump(mode="json") for k, f in earlier.items()},
        }
        start = time.monotonic()
        deadline = start + trial.budget_s * 1.1 + GRACE_S
        try:
            if self._child is None:
                self.open()
            return _answer(self._ask(Frame(header, dict(arrays)), deadline, progress), trial)
        except TimeoutError:
            self.close()
            reason = f"The worker was stopped {deadline - start:.0f} s after it started the trial."
            return _lost(trial, Status.TIMED_OUT, reason, start), []
        except (FrameError, BrokenPipeError, ValueError, KeyError, TypeError) as error:
            reason = f"The worker failed: {error}; {self._obituary()}."
            return _lost(trial, Status.ERROR, reason, start), []
        except ToolError as error:
            reason = f"The worker could not be started again: {error.message}"
            return _lost(trial, Status.ERROR, reason, start), []

    def _ask(
        self, frame: Frame, deadline: float, progress: OnProgress = lambda share, note: None
    ) -> Frame:
        child = self._child or self._start()
        assert child.stdin is not None
        assert child.stdout is not None
        send(child.stdin.fileno(), frame)
        while True:
            answer = receive(child.stdout.fileno(), deadline)
            if answer.header["kind"] != "progress":
                return answer
            progress(float(answer.header["share"]), str(answer.header["note"])[:80])

    def _start(self) -> subprocess.Popen[bytes]:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed in close()
        self._child = _spawn(self.job.threads, self._errors)
        return self._child

    def _obituary(self) -> str:
        """How the worker ended; one that still lives is killed."""
        code = None
        if self._child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._child.wait(2.0)
        words = _last_words(self._errors) if self._errors else ""
        self.close()
        if code is None:
            return "it was stopped"
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}{words}"

    def close(self) -> None:
        """Kill the worker and everything it started."""
        if self._child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.communicate()
        self._child = None
        if self._errors is not None:
            self._errors.close()
            self._errors = None


def _last_words(errors: IO[bytes]) -> str:
    """The last line of standard error, printable characters only."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - 2000))
    lines = errors.read().decode("ascii", "replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    plain = "".join(character for character in last if character.isprintable())
    return f": {plain[:200]}" if plain else ""


def _spawn(threads: int, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    kept = {k: v for k, v in os.environ.items() if k.startswith(("OPENBLAS_", "LD_LIBRARY_PATH"))}
    return subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**environment, **kept},
        start_new_session=True,
    )


def _failure(what: str) -> ToolError:
    return ToolError(f"The worker process {what}.", "Nothing is concluded about the model.")


def _opened(header: dict[str, Any]) -> Opened:
    return Opened(
        ModelFacts.model_validate(header["facts"]),
        DataIdentity.model_validate(header["data"]),
        dict(header["scan"]),
        tuple(Manifest.model_validate(entry) for entry in header["probes"]),
    )


def _refused(header: dict[str, Any]) -> AuditorError:
    message, hint = str(header["message"])[:2000], str(header["hint"])[:2000]
    if header["delivery"]:
        return DeliveryError(message, hint, str(header["delivery"]))
    return AuditorError(message, hint)


def _answer(frame: Frame, trial: Trial) -> tuple[Finding, list[Exhibit]]:
    finding = Finding.model_validate(frame.header["finding"])
    if finding.probe != trial.probe:
        raise FrameError(f"asked for {trial.probe}, got {finding.probe!r}")
    return finding, [
        Exhibit(str(e["name"]), frame.arrays[e["name"]], str(e["kind"]), str(e["caption"]))
        for e in frame.header["exhibits"]
    ]


def _lost(trial: Trial, status: Status, reason: str, start: float) -> Finding:
    return Finding(
        probe=trial.probe,
        status=status,
        params=trial.params,
        reason=reason,
        seed=trial.seed,
        seconds=round(time.monotonic() - start, 3),
    )
