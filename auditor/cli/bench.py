"""``auditor bench``: the bank that the detector is developed on, and its null distribution."""

from __future__ import annotations

import json
from pathlib import Path

import click

from auditor.cli.bench_detection import detection, power
from auditor.cli.bench_options import archive_option, bank_option, fashion_option, say
from auditor.cli.bench_twins import certificates, hiding, relatives
from auditor.cli.shared import answers, print_json
from auditor.core.errors import AuditorError
from auditor.writers.atomic import write_atomic


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
      auditor bench hiding --bank twins
      auditor bench relatives --bank twins
      auditor bench certificates --bank twins
      auditor bench templates --out templates
    """


@bench.command()
@bank_option
@click.option("--limit", type=click.IntRange(min=1), help="Train at most so many models.")
@click.option("--list", "only_list", is_flag=True, help="List all models and train none.")
@click.option("--test", "is_test", is_flag=True, help="The test bank: give it its own folder.")
@fashion_option
@archive_option("cifar10", "CIFAR-10 as npz; python -m auditor.bench.cifar makes it.")
@archive_option("gtsrb", "GTSRB as npz with x_train, y_train, x_test and y_test.")
@archive_option("mnist", "MNIST as npz; python -m auditor.bench.mnist makes it.")
@answers
def build(
    folder: Path,
    limit: int | None,
    only_list: bool,
    is_test: bool,
    fashion_mnist: Path,
    cifar10: Path | None,
    gtsrb: Path | None,
    mnist: Path | None,
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

    bank, source = Bank(folder), Files(fashion_mnist, cifar10, gtsrb, mnist)
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
    from auditor.bench.null import bank_cases, scan_all, table_cases
    from auditor.bench.null_fit import null_document
    from auditor.bench.tables import table_models
    from auditor.methods.inversion.effort import Effort

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


bench.add_command(detection)
bench.add_command(power)
bench.add_command(hiding)
bench.add_command(relatives)
bench.add_command(certificates)
