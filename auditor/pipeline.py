"""One audit, on one page: receive, open, plan, try, judge, write.

This side never opens the vendor's bytes and never imports torch: it hashes them, and asks the
worker process (through an engine) for everything else.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from auditor import __version__, house, planning
from auditor.core.errors import DeliveryError
from auditor.core.finding import Finding, Status
from auditor.core.plan import Plan, Policy, Trial
from auditor.core.record import Provenance, Record, Timing
from auditor.core.spec import Delivery, SpecHints
from auditor.criteria.assess import assess
from auditor.criteria.catalogue import Catalogue
from auditor.criteria.load import guide
from auditor.engines.local import ISOLATION, LocalEngine, Opened, OpenJob
from auditor.intake.card import hints
from auditor.intake.delivery import model_file, receive
from auditor.journal import Journal, prepare
from auditor.writers import write_all

PACKAGES = ("torch", "captum", "numpy", "scipy", "scikit-learn", "weasyprint", "jinja2")


class Observer(Protocol):
    """Who is told how far the audit is."""

    def planned(self, trials: tuple[Trial, ...]) -> None:
        """The plan stands."""

    def progress(self, trial: Trial, share: float, note: str) -> None:
        """A trial is ``share`` done."""

    def finished(self, finding: Finding) -> None:
        """A trial has its finding."""


@dataclass(frozen=True)
class Request:
    """What the auditor asked for, as on the command line."""

    model: Path
    clean: Path
    out: Path
    policy: Policy
    catalogue: Catalogue
    options: SpecHints = field(default_factory=SpecHints)
    profile: str = "quick"
    budget_s: float | None = None
    seed: int = 0
    declared: Mapping[str, float] = field(default_factory=dict)
    declared_sha256: str | None = None
    label_column: str | None = None
    threads: int = 2
    command: tuple[str, ...] = ()
    language: str = "en"


def audit(request: Request, observer: Observer) -> Record:
    """Audit one delivery and leave record, reports and evidence in ``request.out``.

    Raises:
        AuditorError: the request cannot be carried out as given.
        KeyboardInterrupt: finished trials are kept; the same request goes on with the rest.
    """
    start = time.monotonic()
    delivery = receive(request.model)
    journal = prepare(request.out)
    engine = LocalEngine(_job(request, delivery))
    with closing(engine):
        try:
            opened = engine.open()
        except DeliveryError as error:
            journal.refuse_other(delivery.sha256)
            return _refused(request, delivery, error, start)
        plan, planned = journal.commit(planning.make(_basis(request, delivery, opened)), _now())
        observer.planned(plan.trials)
        first = _now()
        found = _run(plan, engine, journal, observer)
    findings = (
        house.identity(delivery, request.declared_sha256, model_file(request.model).name),
        house.static_scan(opened.scan),
        house.commitment(),
        *found,
        *_skipped(plan),
        house.no_retest(),
        house.seal(),
    )
    record = _record(
        request,
        delivery,
        findings,
        Timing(
            planned=planned,
            first_trial=first,
            finished=_now(),
            wall_s=round(time.monotonic() - start, 3),
        ),
        plan,
        opened,
    )
    write_all(record, request.out, guide=guide(request.catalogue), language=request.language)
    return record


def _run(plan: Plan, engine: LocalEngine, journal: Journal, observer: Observer) -> list[Finding]:
    done: dict[str, Finding] = {}
    for trial in plan.trials:
        finding = journal.recall(trial)
        if finding is None:
            finding = _try(trial, plan, done, engine, journal, observer)
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

    finding, exhibits = engine.run(trial, earlier, arrays, progress)
    return journal.keep(trial, finding.model_copy(update={"title": manifest.title}), exhibits)


def _skipped(plan: Plan) -> list[Finding]:
    return [
        Finding(probe=skip.probe, title=skip.title, status=Status.SKIPPED, reason=skip.reason)
        for skip in plan.skips
    ]


def _refused(request: Request, delivery: Delivery, error: DeliveryError, start: float) -> Record:
    """The record of a delivery that could not be opened: adverse, and complete in itself."""
    now = _now()
    findings = (
        house.identity(delivery, request.declared_sha256, model_file(request.model).name),
        house.refusal(error),
        house.seal(),
    )
    timing = Timing(
        planned=now, first_trial=now, finished=now, wall_s=round(time.monotonic() - start, 3)
    )
    record = _record(request, delivery, findings, timing, None, None)
    write_all(record, request.out, guide=guide(request.catalogue), language=request.language)
    return record


def _record(
    request: Request,
    delivery: Delivery,
    findings: tuple[Finding, ...],
    timing: Timing,
    plan: Plan | None,
    opened: Opened | None,
) -> Record:
    judged = assess(request.catalogue, request.policy, findings)
    return Record(
        opinion=judged.opinion,
        delivery=delivery,
        data=opened.data if opened else None,
        model=opened.facts if opened else None,
        plan=plan,
        plan_sha256=plan.sha256 if plan else "",
        timing=timing,
        backdoor=judged.backdoor,
        power=judged.power,
        findings=findings,
        verdicts=judged.verdicts,
        provenance=_provenance(request),
    )


def _job(request: Request, delivery: Delivery) -> OpenJob:
    wanted = hints(delivery.card, request.options)
    trusted = ":" in (request.options.arch or "")
    return OpenJob(
        model=model_file(request.model).absolute(),
        format=delivery.format,
        hints=wanted,
        clean=request.clean.absolute(),
        label_column=request.label_column,
        threads=request.threads,
        import_paths=(str(Path.cwd()),) if trusted else (),
    )


def _basis(request: Request, delivery: Delivery, opened: Opened) -> planning.Basis:
    return planning.Basis(
        profile=request.profile,
        seed=request.seed,
        budget_s=request.budget_s,
        policy=request.policy,
        catalogue=request.catalogue.label,
        delivery=delivery,
        clean=opened.data,
        facts=opened.facts,
        probes=opened.probes,
        declared={**_card_declares(delivery), **request.declared},
    )


def _card_declares(delivery: Delivery) -> dict[str, float]:
    table = delivery.card.get("declared", {})
    return dict(table) if isinstance(table, dict) else {}


def _provenance(request: Request) -> Provenance:
    return Provenance(
        auditor=__version__,
        python=platform.python_version(),
        platform=platform.platform(),
        packages={name: _version(name) for name in PACKAGES},
        command=request.command,
        isolation={**ISOLATION, "threads": request.threads},
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
