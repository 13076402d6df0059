"""What an audit was asked for, and what follows from that alone.

A ``Request`` is the command line as values. From it come the job for the worker, the basis of the
plan, the record of what was found, and the files of the audit folder; nothing here runs a trial.
"""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from auditor import __version__, planning
from auditor.commitment import Committed
from auditor.core.canonical import canonical_json, digest
from auditor.core.finding import Finding
from auditor.core.plan import Plan, Policy
from auditor.core.record import Basis, Engagement, Provenance, Record, Timing
from auditor.core.spec import Delivery, SpecHints
from auditor.criteria.assess import assess
from auditor.criteria.catalogue import Catalogue
from auditor.criteria.load import guide
from auditor.engines.local import Opened, OpenJob
from auditor.intake.card import hints
from auditor.intake.delivery import companions, model_file
from auditor.intake.digests import digest_data
from auditor.writers import PDFS, write_all
from auditor.writers.atomic import write_atomic

CATALOGUE = "catalogue.json"
PACKAGES = ("torch", "captum", "numpy", "scipy", "scikit-learn", "weasyprint", "jinja2")


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
    allow_unconfined: bool = False
    training: Mapping[str, Path] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    committed: Committed | None = None
    declarations: tuple[Finding, ...] = ()
    seal: Mapping[str, str | bool] | None = None
    language: str = "en"
    engagement: Engagement | None = None
    pdf: bool = True


def fingerprint(request: Request, delivery: Delivery) -> str:
    """SHA-256 of all that the record depends on; not of the folder, the language or the PDFs."""
    shown = dataclasses.replace(request, out=Path(), command=(), language="", threads=1, pdf=True)
    data = {name: digest_data(path) for name, path in request.training.items()}
    parts = (__version__, repr(shown), delivery.model_dump_json(), digest_data(request.clean), data)
    return digest(repr(parts).encode())


def job(request: Request, delivery: Delivery) -> OpenJob:
    """What the worker is to open, and what it may read for that."""
    wanted = hints(delivery.card, request.options)
    trusted = ":" in (request.options.arch or "")
    model = model_file(request.model).absolute()
    beside = (request.model.absolute(),) if request.model.is_dir() else companions(model)
    return OpenJob(
        model=model,
        format=delivery.format,
        hints=wanted,
        clean=request.clean.absolute(),
        label_column=request.label_column,
        threads=request.threads,
        import_paths=(str(Path.cwd()),) if trusted else (),
        read=tuple(beside),
        allow_unconfined=request.allow_unconfined,
        training={name: path.absolute() for name, path in request.training.items()},
    )


def basis(request: Request, delivery: Delivery, opened: Opened) -> planning.Basis:
    """What the plan is made from."""
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
        training={name: digest_data(path) for name, path in request.training.items()},
    )


def _card_declares(delivery: Delivery) -> dict[str, float]:
    table = delivery.card.get("declared", {})
    return dict(table) if isinstance(table, dict) else {}


def record(
    request: Request,
    delivery: Delivery,
    findings: tuple[Finding, ...],
    timing: Timing,
    plan: Plan | None,
    opened: Opened | None,
    isolation: dict[str, Any],
) -> Record:
    """The findings judged, with everything that says where they come from."""
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
        provenance=_provenance(request, isolation),
        basis=Basis(catalogue=request.catalogue.label, policy=request.policy),
        engagement=request.engagement,
    )


def write(done: Record, request: Request, there: bool = False) -> None:
    """The record, its reports, and the catalogue that it was judged by.

    Args:
        there: reports in the folder are of this record; PDFs among them are not made again.
    """
    catalogue = request.catalogue.model_dump(mode="json", by_alias=True)
    write_atomic(request.out / CATALOGUE, canonical_json(catalogue))
    files = {name: request.out / f"{edition.name}.pdf" for name, edition in PDFS.items()}
    left_out = {name for name, file in files.items() if there and file.exists()}
    if not there:
        for file in files.values():
            file.unlink(missing_ok=True)
    write_all(
        done,
        request.out,
        guide=guide(request.catalogue),
        language=request.language,
        without=left_out if request.pdf else frozenset(files),
    )


def _provenance(request: Request, isolation: dict[str, Any]) -> Provenance:
    return Provenance(
        auditor=__version__,
        python=platform.python_version(),
        platform=platform.platform(),
        packages={name: _version(name) for name in PACKAGES},
        command=request.command,
        isolation=isolation,
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
