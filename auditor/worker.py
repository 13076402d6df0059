"""The worker process: the only one that opens what the vendor delivered.

It is started by an engine through ``auditor.confined``, talks in frames (``auditor.core.frames``)
over a pipe and hands back JSON and raw arrays. Whatever a probe does wrong becomes a Finding with
a reason; only a dead process is left for the engine to name.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import torch

import auditor.probes
from auditor.core.errors import AuditorError, DeliveryError
from auditor.core.finding import Exhibit, Finding, JsonRow, Status
from auditor.core.frames import Frame, FrameError, receive, send
from auditor.core.plan import Trial
from auditor.core.probe import PROBES, Arrays, Context, OutOfTime, build
from auditor.core.spec import SpecHints
from auditor.intake.load import Opened, open_delivery
from auditor.intake.tensors import digests
from auditor.intake.training import with_training

PROGRESS_EVERY_S = 0.2
SMALLER = "Ask for a smaller model, or audit it on a machine with more memory."


@dataclass
class Wire:
    """The worker's end of the two pipes; several threads of a probe may tell at once."""

    source: int
    sink: int
    last: float = 0.0
    _one: Lock = field(default_factory=Lock)

    def progress(self, share: float, note: str) -> None:
        """Tell the parent how far the trial is, not too often."""
        with self._one:
            if time.monotonic() - self.last > PROGRESS_EVERY_S:
                self.last = time.monotonic()
                send(self.sink, Frame({"kind": "progress", "share": float(share), "note": note}))

    def keep(self, name: str, rows: list[JsonRow]) -> None:
        """Hand a finished part of a trial to the parent, which keeps it."""
        with self._one:
            send(self.sink, Frame({"kind": "part", "name": name, "rows": rows}))


def main(confinement: dict[str, Any]) -> None:
    """Serve one parent until it closes the pipe; first say how this process is confined."""
    wire = Wire(os.dup(0), os.dup(1))
    os.dup2(2, 1)
    send(wire.sink, Frame({"kind": "ready", "confinement": confinement}))
    auditor.probes.discover()
    opened: Opened | None = None
    while True:
        try:
            frame = receive(wire.source)
        except FrameError:
            return
        if frame.header["kind"] == "open":
            opened = _open(frame.header, wire)
        elif opened is not None:
            _answer(frame, opened, wire)


def _open(job: dict[str, Any], wire: Wire) -> Opened | None:
    torch.set_num_threads(job["threads"])
    sys.path.extend(job["import_paths"])
    try:
        opened = open_delivery(
            Path(job["model"]),
            job["format"],
            SpecHints(**job["hints"]),
            Path(job["clean"]),
            job["label_column"],
        )
        if job["training"]:
            hints = SpecHints(**job["hints"])
            column = job["label_column"]
            opened = with_training(opened, job["training"], job["format"], hints, column)
    except AuditorError as error:
        send(wire.sink, Frame(_refusal(error)))
        return None
    except MemoryError:
        said = "The model needs more memory than the worker may use."
        send(wire.sink, Frame(_refusal(DeliveryError(said, SMALLER, "unsupported"))))
        return None
    send(wire.sink, Frame(_welcome(opened)))
    return opened


def _refusal(error: AuditorError) -> dict[str, Any]:
    kind = error.kind if isinstance(error, DeliveryError) else ""
    return {
        "kind": "refused",
        "message": error.message,
        "hint": error.hint,
        "delivery": kind,
        "exit_code": int(error.exit_code),
    }


def _welcome(opened: Opened) -> dict[str, Any]:
    return {
        "kind": "opened",
        "facts": opened.facts.model_dump(mode="json"),
        "data": opened.data.model_dump(mode="json"),
        "scan": dataclasses.asdict(opened.scan),
        "tensors": digests(opened.subject.network),
        "probes": [PROBES[name].manifest().model_dump(mode="json") for name in PROBES],
    }


def _answer(frame: Frame, opened: Opened, wire: Wire) -> None:
    trial = Trial.model_validate(frame.header["trial"])
    earlier = {k: Finding.model_validate(v) for k, v in frame.header["earlier"].items()}
    parts = frame.header.get("parts", {})
    finding, exhibits = run_trial(trial, opened, earlier, frame.arrays, wire, parts)
    header = {
        "kind": "finding",
        "finding": finding.model_dump(mode="json"),
        "exhibits": [{"name": e.name, "kind": e.kind, "caption": e.caption} for e in exhibits],
    }
    send(wire.sink, Frame(header, {e.name: _plain(e.array) for e in exhibits}))


def _plain(array: Any) -> Any:
    array = np.asarray(array)
    return array.astype(np.float32) if array.dtype.kind == "f" else array


def run_trial(
    trial: Trial,
    opened: Opened,
    earlier: dict[str, Finding],
    arrays: Arrays,
    wire: Wire,
    parts: dict[str, list[JsonRow]] | None = None,
) -> tuple[Finding, tuple[Exhibit, ...]]:
    """Run one trial; every failure becomes a Finding."""
    start = time.monotonic()
    torch.manual_seed(trial.seed)
    context = Context(
        seed=trial.seed,
        deadline=start + trial.budget_s,
        arrays=arrays,
        earlier=earlier,
        report=wire.progress,
        training=opened.training,
        parts=parts or {},
        keep=wire.keep,
    )
    try:
        finding, result = build(trial).examine(opened.subject, opened.clean, context)
    except OutOfTime:
        reason = f"The time limit of {trial.budget_s:.0f} s ended before there was an answer."
        return _failed(trial, Status.TIMED_OUT, reason, start), ()
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"[:500]
        return _failed(trial, Status.ERROR, reason, start), ()
    return finding.model_copy(update={"params": trial.params}), result.exhibits


def _failed(trial: Trial, status: Status, reason: str, start: float) -> Finding:
    return Finding(
        probe=trial.probe,
        title=PROBES[trial.probe].title if trial.probe in PROBES else "",
        status=status,
        params=trial.params,
        reason=reason,
        seed=trial.seed,
        seconds=round(time.monotonic() - start, 3),
    )
