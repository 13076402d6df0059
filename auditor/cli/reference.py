"""``probes``, ``criteria`` and ``profiles``: what the tool can measure and how it judges."""

from __future__ import annotations

import click

from auditor.cli.shared import answers, print_json
from auditor.criteria.load import load_catalogue
from auditor.planning import profiles as all_profiles
from auditor.planning import steps


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
@answers
def criteria(as_json: bool) -> None:
    """List the criteria that findings are judged by.

    \b
    Example:
      auditor criteria
    """
    catalogue = load_catalogue()
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
