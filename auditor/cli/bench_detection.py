"""``auditor bench detection`` and ``power``: what the detector finds in models of known truth."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import click

from auditor.cli.bench_options import FASHION, bank_option, count_option, json_option, say
from auditor.cli.shared import answers, print_json
from auditor.core.errors import AuditorError
from auditor.writers.atomic import write_atomic

FEW = 10
"""Models of the small form of the detection benchmark."""


@click.command()
@click.option(
    "--bank",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the bank; with --quick a folder to keep the small bank in.",
)
@click.option("--quick", is_flag=True, help="Train and scan a small bank of 8 x 8 digits.")
@click.option(
    "--scanner",
    "scanners",
    multiple=True,
    type=click.Choice(["auditor", "neural_cleanse", "mm_bd", "neural_cleanse_short"]),
    help="Measure only this detector; may be repeated.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=2),
    help="Scan so many models, clean and attacked in turn; with --quick 10 if not given.",
)
@json_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for detection.json, detection.md and detection.svg.",
)
@answers
def detection(
    folder: Path | None,
    quick: bool,
    scanners: tuple[str, ...],
    limit: int | None,
    as_json: bool,
    out: Path | None,
) -> None:
    """Measure the detector against Neural Cleanse and MM-BD on the models of a bank.

    Stop it at any time: the same command goes on with the next scan. With --quick, Neural Cleanse
    takes a tenth of its steps.

    \b
    Examples:
      auditor bench detection --quick --json
      auditor bench detection --bank bank --out figures
      auditor bench detection --bank bank --scanner auditor
      auditor bench detection --bank bank --limit 20
    """
    from auditor.bench.bank import Bank
    from auditor.bench.detection import scan_bank, summary
    from auditor.bench.detection_page import picture, table
    from auditor.bench.scanners import FULL, QUICK

    if folder is None and not quick:
        raise AuditorError("There are no models to scan.", "Give --bank FOLDER, or --quick.")
    with tempfile.TemporaryDirectory() as scratch:
        bank = Bank(folder or Path(scratch))
        if quick:
            _build_quick(bank)
        usual, count = (QUICK, limit or FEW) if quick else (FULL, limit)
        scans = scan_bank(bank, scanners or usual, say, count)
    if not scans:
        raise AuditorError(f"{bank.folder} has no models.", "Run auditor bench build first.")
    found = summary(scans)
    if out:
        files = {
            "detection.json": json.dumps(found, indent=1).encode(),
            "detection.md": table(found).encode(),
            "detection.svg": picture(scans),
        }
        for name, content in files.items():
            say(f"written {write_atomic(out / name, content)}")
    if as_json:
        print_json(found)
    else:
        click.echo(table(found))


def _build_quick(bank: Any) -> None:
    from auditor.bench.build import build_missing
    from auditor.bench.datasets import Files
    from auditor.bench.queue import quick

    build_missing(bank, Files(FASHION), quick(), None, say)


@click.command()
@bank_option
@click.option(
    "--twins",
    "settings",
    type=click.IntRange(min=1),
    help="Train so many clean digits models with attacked twins into the folder, and use these.",
)
@click.option("--data", help="Only models of this task, such as fashion.")
@click.option("--family", "only", multiple=True, help="Only this family; may be repeated.")
@click.option("--limit", type=click.IntRange(min=1), help="Plant in so many clean models.")
@count_option("rounds", "Implants of each family in each model.", 1)
@json_option
@answers
def power(
    folder: Path,
    settings: int | None,
    data: str | None,
    only: tuple[str, ...],
    limit: int | None,
    rounds: int,
    as_json: bool,
) -> None:
    """Hold measured power against truth: implants in clean models, and attacked models found.

    Scans the attacked models first. Stop it at any time: the same command goes on with the next
    look. Twins are 8 x 8 digits models that differ in the poison alone; keep them in a folder of
    their own. In them implants may be planted that no attack resembles, such as sparse, sra, dfba
    and last_row; nothing stands beside their figures then.

    \b
    Examples:
      auditor bench power --bank twins --twins 3 --rounds 2
      auditor bench power --bank twins --twins 4 --family sparse
      auditor bench power --bank test-bank
      auditor bench power --bank bank --data fashion --family patch --family blend --limit 3
    """
    from auditor.bench.bank import Bank
    from auditor.bench.detection_page import markdown_of_power
    from auditor.bench.power import against_truth, plant_in

    bank = Bank(folder)
    if settings is None:
        models, attacked = _of_bank(bank, data, only)
    else:
        models, attacked = _twins(bank, settings, only)
    kinds = sorted({one.family for one in attacked} | ({*only} if settings else set()))
    rows = against_truth(plant_in(bank, models[:limit], kinds, rounds, say), attacked)
    if as_json:
        print_json({"families": rows})
    else:
        click.echo(markdown_of_power(rows))


def _of_bank(bank: Any, data: str | None, only: tuple[str, ...]) -> tuple[list[Any], list[Any]]:
    """Clean models and looks at attacked ones that some implant resembles."""
    from auditor.bench.detection import family_of, scan_bank
    from auditor.bench.power import attacked_in, implant_of, plain

    def wanted(facts: Any) -> bool:
        kind = implant_of(family_of(facts))
        return kind is not None and kind in (only or (kind,)) and _about(facts, data)

    attacked = attacked_in(scan_bank(bank, ["auditor"], say, wanted=wanted))
    models = [facts for facts in plain(bank) if _about(facts, data)]
    if not attacked or not models:
        hint = "Run auditor bench build first, or choose other families or data."
        raise AuditorError(f"{bank.folder} has no such clean and attacked models.", hint)
    return models, attacked


def _about(facts: Any, data: str | None) -> bool:
    return data is None or facts.entry.dataset == data


def _twins(bank: Any, settings: int, only: tuple[str, ...]) -> tuple[list[Any], list[Any]]:
    """Clean models and looks at their attacked twins; not every implant has an attack like it."""
    from auditor.bench.datasets import Files
    from auditor.bench.power import attacked_twins, kinds_of_implants
    from auditor.bench.twins import ATTACKS, build_twins

    known = kinds_of_implants()
    if unknown := sorted({*only} - {*known}):
        raise AuditorError(f"There are no implants {unknown[0]}.", f"Known: {', '.join(known)}.")
    attacks = [name for name in only or ATTACKS if name in ATTACKS]
    twins = build_twins(bank, Files(FASHION), settings, attacks, say)
    return [each.clean for each in twins], attacked_twins(bank, twins, say)
