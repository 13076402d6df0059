"""``judge``, ``render`` and ``verify``: work from the record alone, without torch."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from auditor.cli.shared import GATES, answers, language_option, policy_options, print_json
from auditor.core.criterion import Verdict
from auditor.core.errors import ExitCode
from auditor.core.record import Record
from auditor.criteria.assess import assess
from auditor.criteria.load import guide, load_catalogue
from auditor.criteria.load import policy as load_policy
from auditor.writers import write_all
from auditor.writers.check import problems
from auditor.writers.record_json import read
from auditor.writers.validators import sentence

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=FOLDER)
@language_option
@answers
def render(folder: Path, language: str) -> None:
    """Write the report, the board edition and the annex again from FOLDER/record.json.

    \b
    Examples:
      auditor render audit-1
      auditor render audit-1 --language de
    """
    written = write_all(
        read(folder), folder, views_only=True, guide=guide(load_catalogue()), language=language
    )
    click.echo("\n".join(str(path) for path in written))
    click.echo(sentence(folder / "report.pdf"), err=True)


@click.command()
@click.argument("folder", type=FOLDER)
@policy_options
@click.option("--json", "as_json", is_flag=True, help="Print opinion and verdicts as JSON.")
@answers
def judge(folder: Path, policy: str, criteria: Path | None, as_json: bool) -> None:
    """Judge the findings of FOLDER/record.json under another policy; nothing is changed.

    The exit code is the gate decision under that policy.

    \b
    Example:
      auditor judge audit-1 --policy critical
    """
    catalogue = load_catalogue(criteria)
    record = read(folder)
    judged = assess(catalogue, load_policy(policy, catalogue), record.findings)
    if as_json:
        print_json(
            {
                "policy": policy,
                "opinion": judged.opinion.model_dump(mode="json"),
                "verdicts": [verdict.model_dump(mode="json") for verdict in judged.verdicts],
            }
        )
    else:
        click.echo(_table(record, judged.verdicts))
        click.echo(f"{judged.opinion.gate.replace('_', ' ').upper()} under policy {policy}")
    sys.exit(int(GATES[judged.opinion.gate]))


def _table(record: Record, verdicts: tuple[Verdict, ...]) -> str:
    before = {verdict.criterion: verdict.outcome for verdict in record.verdicts}
    lines = []
    for verdict in verdicts:
        was = before.get(verdict.criterion)
        now = verdict.outcome
        change = "" if was == now else f"  (was {was})"
        lines.append(f"{verdict.criterion:<12} {now:<15} {verdict.title}{change}")
    return "\n".join(lines)


@click.command()
@click.argument("folder", type=FOLDER)
@answers
def verify(folder: Path) -> None:
    """Check every file of an audit FOLDER against its manifest.

    \b
    Example:
      auditor verify audit-1
    """
    found = problems(folder)
    for problem in found:
        click.echo(problem, err=True)
    click.echo("intact" if not found else f"{len(found)} problem(s)")
    sys.exit(int(ExitCode.REJECT if found else ExitCode.ACCEPT))
