"""The audit folder while an audit runs: what is done stays done.

``<out>/.audit/plan.json`` holds the plan; each finished trial lies in
``.audit/findings/<key>.json`` beside the evidence it names. Every file is written to a temporary
name, synced and renamed, so an interrupted audit goes on where it stopped. One audit at a time
holds the folder; the system frees it when that process ends, however it ends.
``<out>/events.jsonl`` is the chained log (``auditor.core.chain``) of what happened when.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from auditor.core import chain
from auditor.core.canonical import digest, digest_file
from auditor.core.errors import AuditorError
from auditor.core.finding import Exhibit, Finding, JsonRow, Status
from auditor.core.plan import Plan, Trial, differences
from auditor.core.record import Record
from auditor.writers.atomic import write_atomic
from auditor.writers.evidence import store
from auditor.writers.record_json import FILE as RECORD
from auditor.writers.record_json import dump, read

NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
"""Answers of file systems that have no locks; there nothing guards against a second audit."""
PART_LIMIT, PARTS_LIMIT = 1 << 16, 4096
"""Largest part of a trial that is kept, in bytes, and how many are."""
FAILED = (Status.ERROR, Status.TIMED_OUT)


@dataclass(frozen=True)
class Journal:
    """The state of one audit in its output folder, held until ``close`` or the process ends.

    Args:
        lock: descriptor of the open file that marks the folder as taken.
    """

    out: Path
    lock: int

    def close(self) -> None:
        """Let another audit have the folder."""
        os.close(self.lock)

    @property
    def _folder(self) -> Path:
        return self.out / ".audit"

    def commit(self, plan: Plan, now: str) -> tuple[Plan, str]:
        """Write the plan before its first trial, or take up the one that was written before.

        Returns:
            The plan that holds, and when it was first written (ISO 8601, UTC).

        Raises:
            AuditorError: the folder holds an audit that was asked for differently.
        """
        path = self._plan
        if not path.exists():
            self.log("plan", now, sha256=plan.sha256)
            held = {"planned": now, "sha256": plan.sha256, "plan": plan.model_dump(mode="json")}
            write_atomic(path, json.dumps(held, indent=1).encode())
            return plan, now
        before, planned = self._held()
        if before.order != plan.order:
            raise self._another(differences(before, plan))
        return before, planned

    def log(self, event: str, time: str, **what: str) -> None:
        """Add an event to the chained log."""
        chain.append(self.events, event, time, **what)

    @property
    def events(self) -> Path:
        """The chained log."""
        return self.out / "events.jsonl"

    def owe(self, asked: str, language: str, record: Record) -> None:
        """Note that a record is finished and its reports are not, until ``settled``.

        Args:
            asked: the fingerprint of the request.
        """
        note = {"asked": asked, "language": language, "record": digest(dump(record))}
        write_atomic(self._owed, json.dumps(note).encode())

    def settled(self) -> None:
        """All reports are written."""
        self._owed.unlink(missing_ok=True)

    def owed(self, asked: Callable[[], str]) -> tuple[Record, str] | None:
        """The finished record of the same request, and the language of its unfinished reports.

        Args:
            asked: gives the fingerprint of the request; not called if nothing is owed.
        """
        try:
            note = json.loads(self._owed.read_bytes())
            if note["asked"] != asked() or note["record"] != digest_file(self.out / RECORD):
                return None
            return read(self.out), str(note["language"])
        except (OSError, ValueError, KeyError, TypeError, AuditorError):
            return None  # the trials are kept all the same

    @property
    def _owed(self) -> Path:
        return self._folder / "owed.json"

    def first_trial(self) -> str | None:
        """When the first trial of this audit began, even if it was in an earlier run."""
        begun = (each["time"] for each in chain.events(self.events) if each["event"] == "trial")
        return next(begun, None)

    def refuse_other(self, delivery_sha256: str) -> None:
        """Keep a delivery that cannot be opened out of another item's folder.

        Raises:
            AuditorError: the folder holds an audit of something else.
        """
        if self._plan.exists() and self._held()[0].delivery_sha256 != delivery_sha256:
            raise self._another()

    @property
    def _plan(self) -> Path:
        return self._folder / "plan.json"

    def _held(self) -> tuple[Plan, str]:
        try:
            document = json.loads(self._plan.read_bytes())
            return Plan.model_validate(document["plan"]), str(document["planned"])
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(self._plan) from error

    def _another(self, how: Sequence[str] = ()) -> AuditorError:
        named = f": {'; '.join(how)}" if how else ""
        return AuditorError(
            f"{self.out} holds an audit of another item or with other options{named}.",
            "Choose another --out, or repeat the earlier command to go on with that audit.",
        )

    def recall(self, trial: Trial) -> Finding | None:
        """The finding of a trial that was finished before; None also for one that failed.

        A failure may lie with the machine or the time given, so the trial is made again.
        """
        path = self._path(trial)
        if not path.exists():
            return None
        try:
            finding = Finding.model_validate_json(path.read_bytes())
        except ValueError as error:
            raise _damaged(path) from error
        return None if finding.status in FAILED else finding

    def keep(self, trial: Trial, finding: Finding, exhibits: list[Exhibit]) -> Finding:
        """Store the evidence and the finding; returns the finding with its evidence named."""
        evidence = tuple(store(self.out, exhibit) for exhibit in exhibits)
        finding = finding.model_copy(update={"evidence": evidence})
        write_atomic(self._path(trial), finding.model_dump_json(indent=1).encode())
        return finding

    def keep_part(self, trial: Trial, name: str, rows: list[JsonRow]) -> None:
        """Store a finished part of a trial, so that an interrupted one need not make it again."""
        path = self._parts(trial) / f"{digest(name.encode())}.json"
        body = json.dumps({"name": name, "rows": rows}, allow_nan=False).encode()
        if len(body) > PART_LIMIT or len([*path.parent.glob("*.json")]) >= PARTS_LIMIT:
            raise ValueError(f"{trial.probe} keeps more parts, or larger ones, than allowed")
        write_atomic(path, body)

    def parts(self, trial: Trial) -> dict[str, list[JsonRow]]:
        """What an interrupted trial had finished, by name."""
        found: dict[str, list[JsonRow]] = {}
        for path in sorted(self._parts(trial).glob("*.json")):
            try:
                held = json.loads(path.read_bytes())
                found[str(held["name"])] = [dict(row) for row in held["rows"]]
            except (ValueError, KeyError, TypeError) as error:
                raise _damaged(path) from error
        return found

    def _parts(self, trial: Trial) -> Path:
        return self._folder / "parts" / trial.key

    def arrays(self, finding: Finding) -> dict[str, NDArray[np.generic]]:
        """Raw arrays among a finding's evidence, keyed ``<probe>/<name>``."""
        found: dict[str, NDArray[np.generic]] = {}
        for item in finding.evidence:
            if item.file.endswith(".safetensors"):
                (array,) = load_file(self.out / item.file).values()
                found[f"{finding.probe}/{item.name}"] = array
        return found

    def _path(self, trial: Trial) -> Path:
        return self._folder / "findings" / f"{trial.key}.json"


def _damaged(path: Path) -> AuditorError:
    return AuditorError(
        f"{path} is damaged, so the audit cannot go on from it.", "Choose another --out."
    )


def held_seed(out: Path) -> int | None:
    """The seed of the audit that a folder holds; None where it holds none that can be read."""
    try:
        seed = json.loads((out / ".audit" / "plan.json").read_bytes())["plan"]["seed"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return seed if isinstance(seed, int) else None


def prepare(out: Path) -> Journal:
    """The journal of an output folder, which is made if need be.

    Raises:
        AuditorError: the path is a file, cannot be written, holds something else, or another
            audit is at work in it.
    """
    notes = out / ".audit"
    try:
        out.mkdir(parents=True, exist_ok=True)
        there = {path.name for path in out.iterdir()}  # one look: another audit may be starting
        if there and notes.name not in there:
            raise AuditorError(
                f"{out} is not empty and holds no audit.", "Choose a new folder for --out."
            )
        notes.mkdir(exist_ok=True)
        lock = _locked(notes / "lock", out)
        _sweep(out)
    except OSError as error:
        raise AuditorError(
            f"Cannot write to {out}: {error.strerror}.", "Choose another --out."
        ) from error
    return Journal(out, lock)


def _locked(path: Path, out: Path) -> int:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in NO_LOCKS:
            return lock
        os.close(lock)
        if error.errno != errno.EWOULDBLOCK:
            raise
        raise AuditorError(
            f"Another audit is at work in {out}.", "Wait for its end, or choose another --out."
        ) from error
    return lock


def _sweep(out: Path) -> None:
    """Remove what writers that were killed left half-written."""
    notes = out / ".audit"
    written = (out, out / "evidence", out / "exports", notes, notes / "findings")
    for folder in (*written, *notes.glob("parts/*")):
        for path in folder.glob(".*.tmp"):
            path.unlink()
