"""``auditor sample``: the bundled models with known truth."""

from __future__ import annotations

import tomllib
from pathlib import Path

import click

from auditor.cli.shared import answers
from auditor.core.errors import AuditorError
from auditor.intake.card import CARD

HOME = Path(__file__).resolve().parents[2] / "sample_models"


@click.group()
def sample() -> None:
    """Bundled models with known truth, to try the tool on.

    \b
    Example:
      auditor sample list
    """


@sample.command("list")
@answers
def list_samples() -> None:
    """List the bundled models.

    \b
    Example:
      auditor sample list
    """
    if not HOME.is_dir():
        raise AuditorError(
            "The sample models are not installed.", "Run from a checkout of the repository."
        )
    for folder in sorted(path.parent for path in HOME.glob(f"*/{CARD}")):
        truth = tomllib.loads((folder / CARD).read_text("utf-8"))["truth"]
        click.echo(f"{folder.name:<24} {truth['summary']}")
