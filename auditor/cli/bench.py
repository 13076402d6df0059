"""``auditor bench``: the bank that the detector is developed on, and its null distribution."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import click

from auditor.cli.shared import answers, print_json
from auditor.core.errors import AuditorError
from auditor.writers.atomic import write_atomic

FASHION = Path("/usr/share/datasets/fashion-mnist")
FEW = 10
"""Models of the small form of the detection benchmark."""


@click.group()
def bench() -> None:
    """Train models with known truth and calibrate the detector on them.

    \b
    Examples:
      auditor bench build --bank bank --list
      auditor bench build --bank bank --limit 20
      auditor bench null --bank bank
      auditor bench influence --quick --json
      auditor bench detection --quick
      auditor bench power --bank test-bank
      auditor bench templates --out templates
    """


def say(line: str) -> None:
    """A line of progress."""
    click.echo(line, err=True)


bank_option = click.option(
    "--bank",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder of the bank.",
)

fashion_option = click.option(
    "--fashion-mnist",
    type=click.Path(path_type=Path),
    envvar="AUDITOR_FASHION_MNIST",
    default=FASHION,
    show_default=True,
    show_envvar=True,
    help="Folder with the four files of Fashion-MNIST.",
)


@bench.command()
@bank_option
@click.option("--limit", type=click.IntRange(min=1), help="Train at most so many models.")
@click.option("--list", "only_list", is_flag=True, help="List all models and train none.")
@click.option("--test", "is_test", is_flag=True, help="The test bank: give it its own folder.")
@fashion_option
@click.option(
    "--cifar10",
    type=click.Path(path_type=Path),
    envvar="AUDITOR_CIFAR10",
    show_envvar=True,
    help="CIFAR-10 as npz; python -m auditor.bench.cifar makes it.",
)
@click.option(
    "--gtsrb",
    type=click.Path(path_type=Path),
    envvar="AUDITOR_GTSRB",
    show_envvar=True,
    help="GTSRB as npz with x_train, y_train, x_test and y_test.",
)
@answers
def build(
    folder: Path,
    limit: int | None,
    only_list: bool,
    is_test: bool,
    fashion_mnist: Path,
    cifar10: Path | None,
    gtsrb: Path | None,
) -> None:
    """Train the models that a bank lacks, one after the other, on one thread.

    Stop it at any time: the same command goes on with the next model. Models of data that are not
    there are skipped.

    \b
    Examples:
      auditor bench build --bank bank --list
      nice auditor bench build --bank bank --limit 20
      auditor bench build --bank bank --cifar10 cifar10.npz
      auditor bench build --bank test-bank --test
    """
    from auditor.bench.bank import Bank
    from auditor.bench.build import build_missing, listing
    from auditor.bench.datasets import Files
    from auditor.bench.queue import queue
    from auditor.bench.unseen_queue import test_queue

    bank, source = Bank(folder), Files(fashion_mnist, cifar10, gtsrb)
    recipes = test_queue() if is_test else queue()
    if only_list:
        for name, state in listing(bank, source, recipes):
            click.echo(f"{state:<8} {name}")
        return
    count = build_missing(bank, source, recipes, limit, say)
    say(f"{count} models trained into {bank.models}")


@bench.command()
@bank_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; null.json in the bank if not given.",
)
@answers
def null(folder: Path, out: Path | None) -> None:
    """Scan the clean models of a bank and write the null distribution of their contrasts.

    Stop it at any time: the same command goes on with the next model. The shipped distribution is
    auditor/methods/null.json.

    \b
    Examples:
      auditor bench null --bank bank
      auditor bench null --bank bank --out auditor/methods/null.json
    """
    from auditor.bench.bank import Bank
    from auditor.bench.null import bank_cases, null_document, scan_all, table_cases
    from auditor.bench.tables import table_models
    from auditor.methods.inversion.scan import Effort

    bank, effort = Bank(folder), Effort()
    cases = [*bank_cases(bank), *table_cases(table_models())]
    document = null_document(scan_all(bank, cases, effort, say), effort)
    path = write_atomic(out or folder / "null.json", json.dumps(document).encode() + b"\n")
    say(f"class scores of {len(cases)} models in {path}")


@bench.command()
@click.option("--quick", "is_quick", is_flag=True, help="Minutes on one core: digits only.")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of models and results; needed unless --quick.",
)
@fashion_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@answers
def influence(is_quick: bool, folder: Path | None, fashion_mnist: Path, as_json: bool) -> None:
    """Trace known poison and known wrong labels, beside captum on the same models.

    \b
    Examples:
      auditor bench influence --quick --json
      nice auditor bench influence --out influence
    """
    from auditor.bench.influence.full import full
    from auditor.bench.influence.quick import quick

    if not is_quick and folder is None:
        raise AuditorError("The whole benchmark needs a folder.", "Give --out DIR, or --quick.")
    found = quick() if folder is None else {"models": full(folder, fashion_mnist, say)}
    if as_json:
        print_json(found)
    elif folder is None:
        for name, value in found.items():
            click.echo(f"{name:<28} {'-' if value is None else format(value, '.4g')}")


@bench.command()
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
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
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
        raise click.UsageError("Give --bank FOLDER, or --quick for a bank of digits.")
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


@bench.command()
@bank_option
@click.option("--limit", type=click.IntRange(min=1), help="Plant in so many clean models.")
@click.option(
    "--rounds", type=click.IntRange(min=1), default=1, show_default=True,
    help="Implants of each family in each model.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@answers
def power(folder: Path, limit: int | None, rounds: int, as_json: bool) -> None:
    """Hold measured power against truth: implants in clean models, and attacked models found.

    Scans the bank's attacked models first, unless auditor bench detection has. Stop it at any time:
    the same command goes on with the next implant.

    \b
    Examples:
      auditor bench power --bank test-bank
      auditor bench power --bank test-bank --limit 4 --rounds 2 --json
    """
    from auditor.bench.bank import Bank
    from auditor.bench.detection import scan_bank
    from auditor.bench.detection_page import markdown_of_power
    from auditor.bench.power import against_truth, implant_of, plant_in_bank

    bank = Bank(folder)
    scans = scan_bank(bank, ["auditor"], say)
    if not scans:
        raise AuditorError(f"{bank.folder} has no models.", "Run auditor bench build first.")
    kinds = sorted({kind for scan in scans if (kind := implant_of(scan.family))})
    rows = against_truth(plant_in_bank(bank, kinds, rounds, limit, say), scans)
    if as_json:
        print_json({"families": rows})
    else:
        click.echo(markdown_of_power(rows))


@bench.command()
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder of the scans; what is there is not done again.",
)
@click.option("--null", "only_null", is_flag=True, help="Scan clean models and write null.json.")
@answers
def templates(folder: Path, only_null: bool) -> None:
    """Measure the search without gradients on clean and attacked trees, forests and neighbours.

    The shipped null distribution is auditor/methods/templates/null.json.

    \b
    Examples:
      auditor bench templates --out templates
      auditor bench templates --out templates --null
    """
    from auditor.bench.templates import (
        held_out_models,
        null_document,
        null_models,
        scan_all,
        table,
    )

    if not only_null:
        click.echo(table(scan_all(folder, held_out_models(), say)))
        return
    document = null_document(scan_all(folder, null_models(), say))
    path = write_atomic(folder / "null.json", json.dumps(document).encode() + b"\n")
    say(f"written {path}")
