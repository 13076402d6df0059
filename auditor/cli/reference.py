"""``probes``, ``criteria`` and ``profiles``: what the tool can measure and how it judges."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from auditor.cli.shared import answers, print_json
from auditor.criteria import ciso_assistant
from auditor.criteria.catalogue import Catalogue
from auditor.criteria.load import PolicyFile, load_catalogue, taxonomies
from auditor.criteria.views import views
from auditor.planning import profiles as all_profiles
from auditor.planning import steps


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


FORMS: dict[str, Callable[[Catalogue], str]] = {
    "list": lambda held: "",
    "ciso-assistant": lambda held: ciso_assistant.text(held).rstrip("\n"),
    "views": lambda held: _json(
        {name: each.model_dump(mode="json") for name, each in views(held, taxonomies()).items()}
    ),
    "schema": lambda held: _json(Catalogue.model_json_schema(by_alias=True)),
    "policy-schema": lambda held: _json(PolicyFile.model_json_schema()),
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("--arch", is_flag=True, help="List the architectures for bare weights instead.")
@answers
def probes(as_json: bool, arch: bool) -> None:
    """List what can be measured, with the measures of each probe and its papers.

    \b
    Examples:
      auditor probes
      auditor probes --arch
    """
    if arch:
        from auditor.architectures import names

        click.echo("\n".join(names()))
        return
    from auditor.core.probe import PROBES
    from auditor.probes import discover

    discover()
    manifests = [PROBES[name].manifest() for name in sorted(PROBES)]
    if as_json:
        print_json([manifest.model_dump(mode="json") for manifest in manifests])
        return
    for manifest in manifests:
        click.echo(f"{manifest.id}: {manifest.title}")
        for name, meaning in manifest.measures.items():
            click.echo(f"    {name}: {meaning}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option(
    "--criteria",
    "path",
    type=click.Path(path_type=Path),
    help="A catalogue of your own, checked and listed instead.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    default="list",
    show_default=True,
    help="ciso-assistant: a library for it; views: the criteria along each outside framework; "
    "schema, policy-schema: JSON Schema of a catalogue or policy file.",
)
@answers
def criteria(as_json: bool, path: Path | None, form: str) -> None:
    """List the criteria that findings are judged by, or print them in another form.

    \b
    Examples:
      auditor criteria
      auditor criteria --criteria own.yaml
      auditor criteria --format ciso-assistant > tac.yaml
    """
    catalogue = load_catalogue(path)
    if form != "list":
        click.echo(FORMS[form](catalogue))
        return
    if as_json:
        print_json([criterion.model_dump(mode="json") for criterion in catalogue.criteria])
        return
    for criterion in catalogue.criteria:
        click.echo(f"{criterion.id:<12} {criterion.gate:<12} {criterion.title}")


@click.command()
@answers
def profiles() -> None:
    """List the profiles and the probes that each runs.

    \b
    Example:
      auditor profiles
    """
    for name, body in all_profiles().items():
        click.echo(f"{name}: {body['title']}\n    {', '.join(steps(name))}")
