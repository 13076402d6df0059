"""``auditor plan``: fix what will be done and by which limits, before anything is measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from auditor import commitment
from auditor.cli.audit import audit, request_of
from auditor.cli.engagement import NAMES as ENGAGEMENT
from auditor.cli.headings import Headed
from auditor.cli.shared import answers, print_json
from auditor.commitment import Document
from auditor.core.errors import AuditorError, ExitCode
from auditor.criteria.form import form
from auditor.criteria.load import load_catalogue
from auditor.pipeline import prepare_plan
from auditor.writers.atomic import write_atomic
from auditor.writers.language import SOURCE

PATH = click.Path(path_type=Path)
# What only a run has: where it writes, and which plan it obeys.
SEALING = ("key", "certificate", "timestamp", "trust")
RUN_ONLY = (
    *SEALING,
    "out",
    "as_json",
    "plan_file",
    "plan_key",
    "questionnaire",
    "model",
    "language",
    *ENGAGEMENT,
)


@click.command(cls=Headed)
@click.argument("model", type=PATH, required=False)
@click.option("--out", type=PATH, help="File for the plan, such as plan.json.")
@click.option("--questionnaire", type=PATH, help="Write an empty questionnaire to this file.")
@click.option("--sign", "key", help="Private key that signs the plan: PEM file or pkcs11: address.")
@click.option(
    "--timestamp",
    help="Address of a time-stamping authority (RFC 3161), or `request` for a request file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the plan on standard output.")
@answers
def plan(
    model: Path | None,
    out: Path | None,
    questionnaire: Path | None,
    key: str | None,
    timestamp: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Commit to the audit of MODEL before it starts: probes, seeds, limits and their reasons.

    Nothing is measured. `auditor audit --plan` then carries out this plan and no other.

    \b
    Examples:
      auditor plan model.onnx --clean clean.npz --profile standard --out plan.json
      auditor plan model.onnx --clean clean.npz --out plan.json --sign key.pem --timestamp request
      auditor plan --questionnaire answers.toml
    """
    _check(model, out, questionnaire, key, timestamp)
    if questionnaire is not None:
        _form(questionnaire, options["criteria"], as_json)
    if model is None or out is None:
        if as_json:
            print_json({"questionnaire": str(questionnaire)})
        return
    unset = dict.fromkeys(("plan_file", "plan_key", "trust", "questionnaire"))
    request = request_of(out, {**options, **unset, "model": model, "language": SOURCE})
    document = prepare_plan(request)
    written = commitment.write(out, document, key, timestamp)
    if as_json:
        print_json(document.to_json())
    else:
        click.echo(summary(document, written))
    sys.exit(int(ExitCode.ACCEPT))


# The options that say what is audited and how are those of the audit, one for one.
plan.params += [each for each in audit.params if each.name not in RUN_ONLY]


def _check(
    model: Path | None,
    out: Path | None,
    questionnaire: Path | None,
    key: str | None,
    timestamp: str | None,
) -> None:
    if model is None and questionnaire is None:
        raise AuditorError("There is nothing to plan.", "Name a MODEL, or --questionnaire FILE.")
    if model is not None and out is None:
        raise AuditorError("The plan needs a file.", "Name it: --out plan.json.")
    if timestamp is not None and key is None:
        raise AuditorError("A time stamp is set on a signature.", "Add --sign KEY.")


def _form(path: Path, criteria: Path | None, quiet: bool) -> None:
    if path.suffix.lower() not in (".toml", ".yaml", ".yml"):
        raise AuditorError(f"{path} is neither TOML nor YAML.", "Name it answers.toml.")
    if path.exists():
        raise AuditorError(
            f"{path} is there already, and may be filled in.", "Choose another name."
        )
    text = form(load_catalogue(criteria), toml=path.suffix.lower() == ".toml")
    write_atomic(path, text.encode())
    if quiet:
        return
    click.echo(f"questionnaire: {path}")


def summary(document: Document, written: list[Path]) -> str:
    """The plan in a few lines for a terminal."""
    held = document.plan
    budget = "by the profile" if held.budget_s is None else f"{held.budget_s:.0f} s"
    unexplained = [limit.name for limit in document.limits if not limit.reason]
    lines = [
        f"plan {document.plan_sha256[:12]} committed {document.committed}",
        f"  item:    {document.delivery.name}  sha256 {document.delivery.sha256}",
        f"  clean:   {document.data.name}  sha256 {document.data.sha256}",
        f"  profile: {held.profile}, seed {held.seed}, time {budget}",
        f"  policy:  {held.policy.name} ({len(document.limits)} limits, {held.policy.source})",
        f"  trials:  {', '.join(trial.probe for trial in held.trials)}",
    ]
    if unexplained:
        lines.append(f"  without a reason: {', '.join(unexplained)}")
    return "\n".join([*lines, *(f"  wrote:   {path}" for path in reversed(written))])
