"""One audit, on one page: receive, open, plan, try, judge, write.

This side never opens the vendor's bytes and never imports torch: it hashes them, and asks the
worker process (through an engine) for everything else.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from auditor import house, planning
from auditor.commitment import Committed, Document, limits
from auditor.core import chain
from auditor.core.errors import AuditorError, DeliveryError
from auditor.core.finding import Finding, JsonRow, Status
from auditor.core.plan import Plan, Trial, differences
from auditor.core.record import Record, Timing
from auditor.core.spec import Delivery
from auditor.engines.local import LocalEngine, Parts
from auditor.intake.delivery import model_file, receive, unchanged
from auditor.journal import Journal, prepare
from auditor.request import Request, basis, fingerprint, job, record, write
from auditor.writers.evidence import ExhibitError


class Observer(Protocol):
    """Who is told how far the audit is."""

    def planned(self, trials: tuple[Trial, ...]) -> None:
        """The plan stands."""

    def progress(self, trial: Trial, share: float, note: str) -> None:
        """A trial is ``share`` done."""

    def finished(self, finding: Finding) -> None:
        """A trial has its finding."""

    def resumed(self) -> None:
        """The record was finished before; only reports are left to write."""


def audit(request: Request, observer: Observer) -> Record:
    """Audit one delivery and leave record, reports and evidence in ``request.out``.

    Raises:
        AuditorError: the request cannot be carried out as given.
        KeyboardInterrupt: finished trials are kept, and so is a finished record; the same request
            goes on with the rest.
    """
    start = time.monotonic()
    delivery = receive(request.model)
    asked = partial(fingerprint, request, delivery)
    with closing(prepare(request.out)) as journal:
        owed = journal.owed(asked)
        if owed is None:
            with closing(LocalEngine(job(request, delivery))) as engine:
                done = _recorded(request, delivery, journal, engine, observer, start)
            language = None
        else:
            done, language = owed
            observer.resumed()
        journal.owe(asked(), request.language, done)
        write(done, request, there=language == request.language)
        journal.settled()
    return done


def _recorded(
    request: Request,
    delivery: Delivery,
    journal: Journal,
    engine: LocalEngine,
    observer: Observer,
    start: float,
) -> Record:
    """Open, plan, try and judge; ``start`` is a time of ``time.monotonic()``."""
    try:
        opened = engine.open()
    except DeliveryError as error:
        journal.refuse_other(delivery.sha256)
        journal.log("refused", _now(), kind=error.kind)
        return _refused(request, delivery, error, start, journal, engine.isolation)
    plan, planned = _commit(request, planning.make(basis(request, delivery, opened)), journal)
    observer.planned(plan.trials)
    found = _run(plan, engine, journal, observer)
    first = journal.first_trial() or _now()
    journal.log("measured", _now(), trials=str(len(found)))
    engine.close()
    unchanged(request.model, delivery)
    name = model_file(request.model).name
    findings = (
        house.identity(delivery, request.declared_sha256, name, opened.tensors),
        house.signature(delivery),
        house.static_scan(opened.scan),
        house.bill(delivery),
        house.commitment(_held(request.committed, planned, first), plan.policy),
        *found,
        *_skipped(plan),
        house.no_retest(),
        house.seal(journal.events, request.seal),
        *request.declarations,
    )
    timing = Timing(
        planned=planned,
        first_trial=first,
        finished=_now(),
        wall_s=round(time.monotonic() - start, 3),
        stamped=request.committed.stamped if request.committed else "",
        stamped_by=request.committed.authority if request.committed else "",
        log=chain.head(journal.events),
    )
    return record(request, delivery, findings, timing, plan, opened, engine.isolation)


def prepare_plan(request: Request) -> Document:
    """The plan that ``audit`` would carry out now, for somebody to commit to; nothing is tried.

    Raises:
        AuditorError: the request cannot be carried out as given; a ``DeliveryError`` among them.
    """
    delivery = receive(request.model)
    with closing(LocalEngine(job(request, delivery))) as engine:
        opened = engine.open()
    plan = planning.make(basis(request, delivery, opened))
    return Document(
        committed=_now(),
        plan_sha256=plan.sha256,
        delivery=delivery,
        data=opened.data,
        limits=limits(plan, request.catalogue),
        options=request.options,
        label_column=request.label_column,
        plan=plan,
    )


def _commit(request: Request, asked: Plan, journal: Journal) -> tuple[Plan, str]:
    """The plan that holds and when it was fixed: the committed one, or the one asked for now.

    Raises:
        AuditorError: what was asked for is not what was committed; each difference is named.
    """
    if request.committed is None:
        return journal.commit(asked, _now())
    document = request.committed.document
    changed = differences(document.plan, asked)
    if changed:
        raise AuditorError(
            f"This is not the committed plan: {'; '.join(changed)}.",
            "Run the audit as committed, or commit to another plan with `auditor plan`.",
        )
    return journal.commit(document.plan, document.committed)


def _held(committed: Committed | None, planned: str, first: str) -> house.Commitment:
    if committed is None:
        return house.Commitment(planned, first)
    return house.Commitment(
        planned,
        first,
        committed.signed_by,
        committed.stamped,
        committed.authority,
        committed.trusted,
        committed.caveats,
    )


def _run(plan: Plan, engine: LocalEngine, journal: Journal, observer: Observer) -> list[Finding]:
    done: dict[str, Finding] = {}
    for trial in plan.trials:
        finding = journal.recall(trial)
        if finding is None:
            journal.log("trial", _now(), probe=trial.probe, key=trial.key)
            finding = _try(trial, plan, done, engine, journal, observer)
            journal.log("finding", _now(), probe=trial.probe, status=finding.status.value)
        done[trial.probe] = finding
        observer.finished(finding)
    return list(done.values())


def _try(
    trial: Trial,
    plan: Plan,
    done: Mapping[str, Finding],
    engine: LocalEngine,
    journal: Journal,
    observer: Observer,
) -> Finding:
    manifest = plan.probes[trial.probe]
    earlier = {name: done[name] for name in manifest.uses if name in done}
    arrays: dict[str, NDArray[np.generic]] = {}
    for finding in earlier.values():
        arrays |= journal.arrays(finding)

    def progress(share: float, note: str) -> None:
        observer.progress(trial, share, note)

    def keep(name: str, rows: list[JsonRow]) -> None:
        journal.keep_part(trial, name, rows)

    parts = Parts(journal.parts(trial), keep)
    finding, exhibits = engine.run(trial, earlier, arrays, progress, parts)
    finding = finding.model_copy(update={"title": manifest.title})
    try:
        return journal.keep(trial, finding, exhibits)
    except ExhibitError as error:
        return journal.keep(trial, _spoilt(finding, error), [])


def _spoilt(finding: Finding, error: ExhibitError) -> Finding:
    """What is left of a finding whose evidence cannot be kept."""
    kept = {"probe", "title", "params", "seed", "seconds"}
    return Finding(
        **finding.model_dump(include=kept), status=Status.ERROR, reason=f"Evidence: {error}"
    )


def _skipped(plan: Plan) -> list[Finding]:
    return [
        Finding(probe=skip.probe, title=skip.title, status=Status.SKIPPED, reason=skip.reason)
        for skip in plan.skips
    ]


def _refused(
    request: Request,
    delivery: Delivery,
    error: DeliveryError,
    start: float,
    journal: Journal,
    isolation: dict[str, Any],
) -> Record:
    """The record of a delivery that could not be opened: adverse, and complete in itself."""
    now = _now()
    findings = (
        house.identity(delivery, request.declared_sha256, model_file(request.model).name),
        house.signature(delivery),
        house.refusal(error),
        house.bill(delivery),
        house.seal(journal.events, request.seal),
        *request.declarations,
    )
    timing = Timing(
        planned=now,
        first_trial=now,
        finished=now,
        wall_s=round(time.monotonic() - start, 3),
        log=chain.head(journal.events),
    )
    return record(request, delivery, findings, timing, None, None, isolation)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
