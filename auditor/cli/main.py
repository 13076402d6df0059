"""``auditor``: the group that all commands belong to."""

from __future__ import annotations

import click

from auditor import __version__
from auditor.cli.again import diff, replay
from auditor.cli.archive_keep import archive
from auditor.cli.audit import audit
from auditor.cli.bench import bench
from auditor.cli.fleet import fleet
from auditor.cli.plan import plan
from auditor.cli.reference import criteria, probes, profiles
from auditor.cli.sample import sample
from auditor.cli.scan import scan
from auditor.cli.views import judge, render, verify


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="auditor")
def cli() -> None:
    """Audit a machine-learning model that somebody else trained.

    Give a model file and a small labelled clean set; get a record, an HTML and a PDF report, and an
    exit code for your pipeline: 0 accept, 1 reject, 3 accept with conditions, 4 inconclusive
    (2 wrong use, 5 the tool failed, 130 interrupted).

    \b
    First steps:
      auditor sample list
      auditor audit sample_models/fashion_backdoor --out audit-fashion
      auditor audit model.safetensors --arch resnet18 --clean images/ --out audit-1
    """


for command in (
    audit,
    scan,
    plan,
    judge,
    render,
    verify,
    replay,
    diff,
    fleet,
    archive,
    probes,
    criteria,
    profiles,
    sample,
    bench,
):
    cli.add_command(command)
