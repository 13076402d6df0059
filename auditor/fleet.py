"""Many deliveries, one plan, one summary.

Each delivery is audited in a folder of its own under the fleet's, so an interrupted fleet goes on
where it stopped and a finished delivery is not opened again. The summary states the multiplicity:
among many sound models some look suspicious by chance, and the q-values (Benjamini and Hochberg)
say how many. The gate of a delivery is that of its own audit, unchanged.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.core.canonical import digest
from auditor.core.errors import AuditorError
from auditor.core.finding import Frozen
from auditor.core.record import Record
from auditor.intake.delivery import receive
from auditor.methods.multiplicity import benjamini_hochberg
from auditor.request import Request
from auditor.writers.atomic import write_atomic
from auditor.writers.record_json import FILE, read

SCHEMA = "auditor/fleet/1"
# The worst first; a delivery that could not be audited at all is inconclusive.
ORDER = ("reject", "inconclusive", "accept_with_conditions", "accept")
METHOD = (
    "q-values after Benjamini and Hochberg (1995) over the {count} p-values of this fleet: of the "
    "deliveries with q at or below a level, at most about that share is expected to be a false "
    "alarm, if the p-values are independent or positively dependent. Gates do not use them."
)
Audit = Callable[[Request], Record]
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Job:
    """One delivery of the fleet, and its order; ``problem`` where it could not be read."""

    name: str
    request: Request | None
    problem: str = ""


class Row(Frozen):
    """One delivery in the summary; figures are None where nothing was measured."""

    name: str
    gate: str
    outcome: str = ""
    sha256: str = ""
    score: float | None = None
    p_value: float | None = None
    q_value: float | None = None
    detected: bool | None = None
    target: int | None = None
    flip_rate: float | None = None
    failed: tuple[str, ...] = ()
    folder: str = ""
    problem: str = ""


class Summary(Frozen):
    """The fleet in one document."""

    schema_: str = SCHEMA
    order: str
    gate: str
    counts: dict[str, int]
    multiplicity: str
    deliveries: tuple[Row, ...]


def run(jobs: Sequence[Job], audit: Audit, tell: Tell = lambda line: None) -> Summary:
    """Audit every delivery, or take up what was finished before.

    An error in one delivery becomes its row; only an interrupt ends the fleet.
    """
    rows = []
    for number, job in enumerate(jobs, 1):
        row = _row(job, audit)
        said = f" - {row.problem}" if row.problem else ""
        tell(f"{number}/{len(jobs)} {job.name}: {row.gate}{said}")
        rows.append(row)
    return summarise(rows, [job.request for job in jobs if job.request])


def summarise(rows: Sequence[Row], requests: Sequence[Request] = ()) -> Summary:
    """Rows with their q-values, counts and the worst gate."""
    known = [row for row in rows if row.p_value is not None]
    adjusted = benjamini_hochberg([row.p_value for row in known if row.p_value is not None])
    q_values = {row.name: q for row, q in zip(known, adjusted, strict=True)}
    done = [row.model_copy(update={"q_value": q_values.get(row.name)}) for row in rows]
    return Summary(
        order=digest([_shared(request) for request in requests[:1]]),
        gate=min((row.gate for row in rows), key=ORDER.index, default="inconclusive"),
        counts={gate: sum(row.gate == gate for row in rows) for gate in ORDER},
        multiplicity=METHOD.format(count=len(known)),
        deliveries=tuple(done),
    )


def _row(job: Job, audit: Audit) -> Row:
    if job.request is None:
        return Row(name=job.name, gate="inconclusive", problem=job.problem)
    try:
        record = _finished(job.request) or _audited(job.request, audit)
    except AuditorError as error:
        return Row(name=job.name, gate="inconclusive", problem=str(error))
    except Exception as error:  # the tool's own failure on one delivery must not end the fleet
        problem = f"The tool itself failed: {type(error).__name__}: {error}"[:500]
        return Row(name=job.name, gate="inconclusive", problem=problem)
    witness = record.backdoor.witness
    return Row(
        name=job.name,
        gate=record.opinion.gate,
        outcome=record.opinion.outcome,
        sha256=record.delivery.sha256,
        score=record.backdoor.score,
        p_value=record.backdoor.p_value,
        detected=record.backdoor.detected,
        target=witness.target if witness else None,
        flip_rate=witness.flip_rate if witness else None,
        failed=tuple(v.criterion for v in record.verdicts if v.outcome == "FAIL"),
        folder=job.request.out.name,
    )


def _audited(request: Request, audit: Audit) -> Record:
    record = audit(request)
    note = {"key": _key(request, record.delivery.sha256)}
    write_atomic(_note(request.out), json.dumps(note).encode())
    return record


def _finished(request: Request) -> Record | None:
    """The record of an audit that this very order finished before, or None."""
    try:
        note = json.loads(_note(request.out).read_bytes())
        record = read(request.out / FILE)
    except (OSError, ValueError, AuditorError):
        return None
    key = _key(request, receive(request.model).sha256)
    return record if isinstance(note, dict) and note.get("key") == key else None


def _note(out: Path) -> Path:
    return out / ".audit" / "finished.json"


def _key(request: Request, delivery_sha256: str) -> str:
    """Digest of the order and of everything it is about."""
    clean = [
        [file.as_posix(), file.stat().st_size, str(file.stat().st_mtime_ns)]
        for file in _files(request.clean)
    ]
    given = [finding.model_dump(mode="json") for finding in request.declarations]
    own = [request.options.model_dump(mode="json"), dict(request.declared), request.declared_sha256]
    own += [request.committed.document.plan_sha256] if request.committed else []
    own += [request.engagement.model_dump(mode="json")] if request.engagement else []
    return digest([delivery_sha256, clean, own, request.label_column, given, _shared(request)])


def _files(path: Path) -> Iterator[Path]:
    yield from (
        sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    )


def _shared(request: Request) -> dict[str, object]:
    """What is the same for the whole fleet."""
    return {
        "profile": request.profile,
        "seed": request.seed,
        "budget_s": request.budget_s,
        "policy": request.policy.sha256,
        "catalogue": request.catalogue.label,
        "committed plan": request.committed is not None,
    }


def one_plan(jobs: Sequence[Job]) -> None:
    """Refuse a fleet whose deliveries are not audited by the same plan, or share a name.

    Raises:
        AuditorError: names the first delivery that differs.
    """
    for name, times in Counter(job.name for job in jobs).items():
        if times > 1:
            raise AuditorError(f"{times} deliveries are called {name}.", "Give each its own name.")
    orders = [(job.name, _shared(job.request)) for job in jobs if job.request]
    for name, order in orders[1:]:
        if order != orders[0][1]:
            what = ", ".join(key for key in order if order[key] != orders[0][1][key])
            raise AuditorError(f"{name} differs from {orders[0][0]} in {what}.", "Use one plan.")
