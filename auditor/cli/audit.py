"""``auditor audit``: from a model file and a clean set to a gate decision."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from auditor.cli.declared import digest_of, share_of
from auditor.cli.engagement import engagement_of, engagement_options
from auditor.cli.headings import Headed
from auditor.cli.progress import Watch
from auditor.cli.sealing import seal_options
from auditor.cli.seeds import Seed, drawn
from auditor.cli.shared import (
    GATES,
    Declared,
    Duration,
    Numbers,
    Shape,
    answers,
    language_option,
    policy_options,
    print_json,
    questionnaire_option,
)
from auditor.cli.summary import summary
from auditor.commitment import Committed
from auditor.commitment import read as read_plan
from auditor.core.errors import AuditorError
from auditor.core.spec import SpecHints
from auditor.criteria.catalogue import Catalogue
from auditor.criteria.load import load_catalogue
from auditor.criteria.load import policy as load_policy
from auditor.criteria.questionnaire import answers as answers_of
from auditor.intake.card import merged
from auditor.intake.delivery import model_file
from auditor.pipeline import audit as run_audit
from auditor.request import Request
from auditor.sealing.seal import Order, open_order, refuse_sealed, seal
from auditor.writers.text import visible

PATH = click.Path(path_type=Path)


@click.command(cls=Headed)
@click.argument("model", type=PATH)
@click.option(
    "--clean",
    type=PATH,
    help="Clean set: .npz (x, y), image folder, CSV, Parquet or "
    "safetensors. Default: clean.* beside the model in its folder.",
)
@click.option("--out", type=PATH, required=True, help="Folder for the record and the reports.")
@click.option(
    "--arch",
    help="Constructor for bare weights: a name (`auditor probes --arch` lists "
    "them) or package.module:factory from your own trusted code.",
)
@click.option("--shape", type=Shape(), help="Input shape, such as 3,32,32 (or 30 for a table).")
@click.option("--classes", type=click.IntRange(min=2), help="Number of classes.")
@click.option("--range", "span", type=Numbers(), help="Input range the model wants: 0,1 or 0,255.")
@click.option("--mean", type=Numbers(), help="Mean subtracted after that, per channel.")
@click.option("--std", type=Numbers(), help="Standard deviation divided by, per channel.")
@click.option("--train-data", type=PATH, help="Training data, in the same forms as the clean set.")
@click.option(
    "--checkpoints", type=PATH, help="Folder of the model during training, in the model's format."
)
@click.option("--provenance", type=PATH, help="Manifest of where the training data come from.")
@click.option("--recipe", type=PATH, help="How to train again: TOML with epochs and rate.")
@click.option("--label-column", help="Label column of a CSV or Parquet clean set.")
@policy_options
@questionnaire_option
@click.option("--plan", "plan_file", type=PATH, help="A plan committed with `auditor plan`.")
@click.option("--plan-key", type=PATH, help="Public key (PEM) that the plan's signature must fit.")
@click.option(
    "--profile",
    type=click.Choice(["quick", "standard", "deep"]),
    default="quick",
    show_default=True,
    help="How much is measured.",
)
@click.option("--budget", type=Duration(), help="Time for the whole audit: 90s, 10m, 2h.")
@click.option(
    "--seed",
    type=Seed(),
    default=0,
    show_default=True,
    help="Of everything random; `secret` draws one that nobody could train against.",
)
@click.option(
    "--declare",
    type=Declared(),
    multiple=True,
    help="What the vendor declares: accuracy=0.92, sha256=DIGEST.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=2,
    show_default=True,
    help="Threads of the worker.",
)
@click.option(
    "--allow-unconfined",
    is_flag=True,
    help="Open TorchScript, .pt2 and other programs even where the kernel cannot confine them.",
)
@engagement_options
@seal_options
@language_option
@click.option(
    "--no-pdf",
    is_flag=True,
    help="Leave the PDFs out: HTML and record only. `auditor render DIR` writes them later.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the record on standard output.")
@answers
def audit(out: Path, as_json: bool, **options: Any) -> None:
    """Audit MODEL (a file, or a folder with one model file) and write DIR/report.html, report.pdf
    and record.json. The exit code is the gate decision.

    \b
    Examples:
      auditor audit sample_models/fashion_backdoor --out audit-1
      auditor audit model.onnx --clean clean.npz --range 0,255 --out audit-2
      auditor audit model.onnx --clean clean.npz --plan plan.json --out audit-3
      auditor audit weights.safetensors --arch resnet20 --clean photos/ \\
              --declare accuracy=0.92 --profile standard --budget 20m --out audit-4
      auditor audit model.onnx --clean clean.npz --sign key.pem --out audit-5
    """
    order = _order(out, options)
    request = request_of(out, options)
    request = dataclasses.replace(request, seal=order.row() if order else None)
    with Watch() as watch:
        record = run_audit(request, watch)
    if order is not None:
        seal(record, out, order)
    if as_json:
        print_json(record.to_json())
    else:
        click.echo(summary(record, out))
        if not request.pdf:
            click.echo(
                f"  no PDFs were asked for; `auditor render {visible(str(out))}` writes them"
            )
        if order is not None:
            click.echo(f"  signed: {out / 'manifest.dsse.json'}, key {order.signer.key_id[:16]}")
    sys.exit(int(GATES[record.opinion.gate]))


def typed(option: str) -> bool:
    """Whether an option was given on the command line."""
    source = click.get_current_context().get_parameter_source(option)
    return source is ParameterSource.COMMANDLINE


def request_of(out: Path, given: dict[str, Any], said: Callable[[str], bool] = typed) -> Request:
    """What the options ask for; what they leave open, a committed plan decides.

    Args:
        said: whether an option was given by the user.
    """
    catalogue = load_catalogue(given["criteria"])
    request = _asked(out, given, catalogue)
    if given["questionnaire"] is not None:
        declarations = answers_of(given["questionnaire"], catalogue)
        request = dataclasses.replace(request, declarations=declarations)
    if given["plan_file"] is None:
        if given["plan_key"]:
            raise AuditorError("--plan-key checks a plan.", "Name it with --plan.")
        return request
    committed = read_plan(given["plan_file"], given["plan_key"], given["trust"])
    return _as_committed(request, committed, said)


def _as_committed(request: Request, committed: Committed, said: Callable[[str], bool]) -> Request:
    """The request with every option that was not given taken from the committed plan."""
    plan, options = committed.document.plan, committed.document.options
    kept: dict[str, Any] = {
        "profile": plan.profile,
        "seed": plan.seed,
        "budget": plan.budget_s,
        "policy": plan.policy,
        "declare": plan.declared,
        "label_column": committed.document.label_column,
    }
    fields = {"budget": "budget_s", "declare": "declared"}
    values = {fields.get(name, name): value for name, value in kept.items() if not said(name)}
    named = [name for name, value in options if name != "sources" and value is not None]
    options = options.model_copy(update={"sources": dict.fromkeys(named, "option")})
    hints = merged(request.options, options)
    return dataclasses.replace(request, committed=committed, options=hints, **values)


def _order(out: Path, given: dict[str, Any]) -> Order | None:
    trust = None if given["plan_file"] and not given["key"] else given["trust"]
    order = open_order(given["key"], given["certificate"], given["timestamp"], trust)
    if order is None:
        refuse_sealed(out)
    return order


def _asked(out: Path, given: dict[str, Any], catalogue: Catalogue) -> Request:
    declared = dict(given["declare"])
    sha256 = digest_of(declared.pop("sha256", None))
    return Request(
        model=given["model"],
        clean=given["clean"] or _beside(given["model"]),
        out=out,
        policy=load_policy(given["policy"], catalogue),
        catalogue=catalogue,
        options=_hints(given),
        profile=given["profile"],
        budget_s=given["budget"],
        seed=drawn(given["seed"], out),
        declared={k: share_of(k, v) for k, v in declared.items()},
        declared_sha256=sha256,
        label_column=given["label_column"],
        threads=given["threads"],
        allow_unconfined=given["allow_unconfined"],
        training=_training(given),
        command=("auditor", *sys.argv[1:]),
        language=given["language"],
        pdf=not given.get("no_pdf", False),
        engagement=engagement_of(given, catalogue),
    )


def _training(given: dict[str, Any]) -> dict[str, Path]:
    names = ("train_data", "checkpoints", "provenance", "recipe")
    paths: dict[str, Path] = {name: given[name] for name in names if given[name] is not None}
    if paths and "train_data" not in paths:
        raise AuditorError(
            f"--{next(iter(paths))} says something about training data that were not given.",
            "Give them with --train-data.",
        )
    for path in paths.values():
        if not path.exists():
            raise AuditorError(f"There is nothing at {path}.", "Check the path.")
    return paths


def _beside(model: Path) -> Path:
    found = sorted(model_file(model).parent.glob("clean*"))
    if len(found) == 1:
        return found[0]
    several = f"There are {len(found)} clean sets beside the model."
    raise AuditorError(
        several if found else "No clean set was given, and there is none beside the model.",
        "Name one with --clean: .npz, safetensors, image folder, CSV or Parquet.",
    )


def _hints(given: dict[str, Any]) -> SpecHints:
    span = given["span"]
    if span is not None and (len(span) != 2 or span[0] >= span[1]):
        raise AuditorError(f"--range {span} is not a low and a high value.", "Write --range 0,255.")
    if given["std"] is not None and min(given["std"]) <= 0:
        raise AuditorError(
            f"--std {given['std']} must be positive.", "Write --std 0.5, or one for each channel."
        )
    values = {
        "arch": given["arch"],
        "shape": given["shape"],
        "classes": given["classes"],
        "low": span[:1] if span else None,
        "high": span[1:] if span else None,
        "mean": given["mean"],
        "std": given["std"],
    }
    return SpecHints(**values)
