"""``auditor bench hiding``, ``relatives`` and ``certificates``: digits models trained for it."""

from __future__ import annotations

from pathlib import Path

import click

from auditor.cli.bench_options import FASHION, bank_option, count_option, json_option, say
from auditor.cli.shared import answers, print_json


@click.command()
@bank_option
@count_option(
    "twins",
    "Attack so many clean digits models; they are trained into the folder.",
    4,
    into="settings",
)
@count_option("rounds", "Attempts of each attacker on each model.", 4)
@json_option
@answers
def hiding(folder: Path, settings: int, rounds: int, as_json: bool) -> None:
    """Measure how often attackers who know the scan are found.

    Takes about a quarter of a minute for each attempt and five attempts for each round and model.
    Stop it at any time: the same command goes on with the next attempt.

    \b
    Examples:
      auditor bench hiding --bank twins
    """
    from auditor.bench.bank import Bank
    from auditor.bench.datasets import Files
    from auditor.bench.detection_page import markdown_of_hiding
    from auditor.bench.hiding import ATTACKERS, figures, hide_in
    from auditor.bench.twins import build_twins

    bank = Bank(folder)
    models = [each.clean for each in build_twins(bank, Files(FASHION), settings, (), say)]
    rows = figures(hide_in(bank, models, ATTACKERS, rounds, say))
    if as_json:
        print_json({"attackers": rows})
    else:
        click.echo(markdown_of_hiding(rows))


@click.command()
@bank_option
@count_option(
    "twins", "So many clean digits models; they are trained into the folder.", 20, into="settings"
)
@count_option("attacked", "So many of them beside an attacked twin.", 10, least=0)
@count_option("copies", "Clean relatives of each model; 19 are needed for a p-value of .05.", 19)
@json_option
@answers
def relatives(folder: Path, settings: int, attacked: int, copies: int, as_json: bool) -> None:
    """Compare the null of the bank, that of a model's own clean relatives, and both combined.

    Takes about half a minute for each model. Stop it at any time: the same command goes on with the
    next model.

    \b
    Examples:
      auditor bench relatives --bank twins
      auditor bench relatives --bank twins --twins 8 --attacked 0 --copies 9
    """
    from auditor.bench.bank import Bank
    from auditor.bench.datasets import Files
    from auditor.bench.detection_page import markdown_of_nulls
    from auditor.bench.relatives import figures, judge
    from auditor.bench.twins import build_pairs

    bank = Bank(folder)
    pairs = build_pairs(bank, Files(FASHION), settings, attacked, say)
    rows = figures(judge(bank, pairs, copies, say))
    if as_json:
        print_json({"nulls": rows})
    else:
        click.echo(markdown_of_nulls(rows))


@click.command()
@bank_option
@count_option(
    "twins", "So many clean digits models; they are trained into the folder.", 20, into="settings"
)
@count_option("attacked", "So many of them beside an attacked twin.", 20, least=0)
@count_option("shadows", "Clean relatives of each model behind its p-value.", 0, least=0)
@json_option
@answers
def certificates(folder: Path, settings: int, attacked: int, shadows: int, as_json: bool) -> None:
    """Attack models within what was certified, and count certificates that break.

    Takes some seconds for each model, and half a second more for each clean relative. Stop it at
    any time: the same command goes on with the next model.

    \b
    Examples:
      auditor bench certificates --bank twins
      auditor bench certificates --bank twins --twins 8 --attacked 8 --shadows 19
    """
    from auditor.bench.bank import Bank
    from auditor.bench.certificate_figures import figures, markdown
    from auditor.bench.certificates import certify, proofs
    from auditor.bench.datasets import Files
    from auditor.bench.twins import build_pairs

    bank, probes = Bank(folder), proofs(shadows)
    pairs = build_pairs(bank, Files(FASHION), settings, attacked, say)
    rows = figures(certify(bank, pairs, probes, say), probes[1].share)
    if as_json:
        print_json({"certificates": rows})
    else:
        click.echo(markdown(rows))
