"""``replay`` and ``diff``: what a record says, recomputed and compared; no model, no torch."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from auditor.cli.shared import answers, print_json
from auditor.core.errors import AuditorError, ExitCode
from auditor.core.record import Record
from auditor.core.spec import Delivery
from auditor.criteria.catalogue import Catalogue
from auditor.criteria.compare import Comparison, compare, compare_deliveries, lines
from auditor.criteria.load import load_catalogue
from auditor.criteria.load import policy as load_policy
from auditor.criteria.replay import Difference, recorded_catalogue, recorded_policy
from auditor.criteria.replay import replay as run_replay
from auditor.intake.delivery import receive
from auditor.writers.record_json import FILE, read

PATH = click.Path(path_type=Path)
KEPT = "catalogue.json"
BUNDLED = "bundled"


@click.command()
@click.argument("record", type=PATH)
@click.option(
    "--criteria",
    help="Another catalogue: a file, or `bundled` for this version's own. "
    "Default: the one kept beside the record.",
)
@click.option("--policy", help="Other limits: a profile or a file. Default: those of the record.")
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@answers
def replay(record: Path, criteria: str | None, policy: str | None, as_json: bool) -> None:
    """Recompute every verdict and the opinion of RECORD (a folder or a record.json) from its
    measures alone, and name each difference.

    Exit code 0: all comes out as recorded. 1: something differs. 2: wrong use.

    \b
    Examples:
      auditor replay audit-1
      auditor replay audit-1/record.json --criteria bundled
    """
    held = read(record)
    catalogue = _catalogue(record, held, criteria)
    limits = load_policy(policy, catalogue) if policy else recorded_policy(held)
    found = run_replay(held, catalogue, limits)
    other = "" if catalogue.label == recorded_catalogue(held) else catalogue.label
    if as_json:
        print_json(_document(found, catalogue, other))
    else:
        click.echo(_text(found, held, other))
    sys.exit(int(ExitCode.REJECT if found else ExitCode.ACCEPT))


def _catalogue(where: Path, record: Record, given: str | None) -> Catalogue:
    """The catalogue asked for, or the one kept beside the record, or this version's own."""
    if given is not None:
        return load_catalogue(None if given == BUNDLED else Path(given))
    kept = (where if where.is_dir() else where.parent) / KEPT
    if not kept.exists():
        return load_catalogue()
    catalogue = load_catalogue(kept)
    if catalogue.label != recorded_catalogue(record):
        raise AuditorError(
            f"{kept} is not the catalogue that the record names.",
            "Restore it, or name a catalogue with --criteria (`bundled` for this version's own).",
        )
    return catalogue


def _document(found: tuple[Difference, ...], catalogue: Catalogue, other: str) -> dict[str, object]:
    return {
        "identical": not found,
        "catalogue": catalogue.label,
        "recorded_catalogue": not other,
        "differences": [vars(difference) for difference in found],
    }


def _text(found: tuple[Difference, ...], record: Record, other: str) -> str:
    told = [f"judged by another catalogue than recorded: {other}"] if other else []
    told += [str(difference) for difference in found]
    verdicts = len(record.verdicts)
    end = f"{len(found)} difference(s)" if found else f"identical: {verdicts} verdicts, 1 opinion"
    return "\n".join([*told, end])


@click.command()
@click.argument("before", type=PATH)
@click.argument("after", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@answers
def diff(before: Path, after: Path, as_json: bool) -> None:
    """Compare two audits (folders or record.json), or the files of two deliveries.

    Exit code 0: no difference. 1: something differs. 2: wrong use.

    \b
    Examples:
      auditor diff audit-1 audit-2
      auditor diff model-v1.onnx model-v2.onnx --json
    """
    found = _compared(_opened(before), _opened(after))
    if as_json:
        print_json({"identical": found.identical, **found.model_dump(mode="json")})
    else:
        click.echo("\n".join(lines(found)))
    sys.exit(int(ExitCode.ACCEPT if found.identical else ExitCode.REJECT))


def _opened(path: Path) -> Record | Delivery:
    if (path / FILE).exists() or path.suffix == ".json":
        return read(path)
    return receive(path)


def _compared(before: Record | Delivery, after: Record | Delivery) -> Comparison:
    if isinstance(before, Record) and isinstance(after, Record):
        return compare(before, after)
    first = before.delivery if isinstance(before, Record) else before
    second = after.delivery if isinstance(after, Record) else after
    return compare_deliveries(first, second)
