"""``auditor scan``: what a delivery holds and what it would do, without doing it."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from auditor.cli.shared import answers
from auditor.core.errors import AuditorError
from auditor.core.scan import Level, Part, Problem, Scan
from auditor.engines.scanning import scan_delivery
from auditor.writers.atomic import write_atomic
from auditor.writers.scan_sarif import scan_sarif

SHOWN, LONGEST = 12, 200
_EXPORTER = ("namespace", "pkg.torch.", "pkg.onnxscript.")
_STYLES: dict[Level, str] = {"danger": "bold red", "not_audited": "yellow", "suspicious": "magenta"}
_WORDS: dict[Level, str] = {
    "danger": "would run or harm", "not_audited": "not audited", "suspicious": "suspicious",
}  # fmt: skip
_ENDS = {
    0: "Every byte was understood and nothing was found. That says nothing about how the model "
    "behaves: audit it.",
    1: "Do not load it: a part would run or do harm.",
    3: "Nothing would run, but something is odd.",
    4: "A part could not be audited, so nothing is promised about it.",
}


@click.command()
@click.argument("delivery")
@click.option("--json", "as_json", is_flag=True, help="Print the whole scan as JSON.")
@click.option("--sarif", type=click.Path(path_type=Path), metavar="FILE", help="Write SARIF 2.1.0.")
@click.option("--tensors", is_flag=True, help="List every tensor, not only the first few.")
@answers
def scan(delivery: str, as_json: bool, sarif: Path | None, tensors: bool) -> None:
    """Look into a delivery (a file, a folder or a zip) without loading anything.

    Says what is inside, what would run, names and sizes of tensors and whether their bytes look
    like weights, licence, metadata and signatures.

    Exit code: 0 every byte was understood and nothing was found, 1 something would run or harm,
    4 a part could not be audited, 3 something is suspicious (the first that holds, in this
    order), 2 wrong use.

    \b
    Examples:
      auditor scan model.pt
      auditor scan delivery/ --json
      auditor scan model.zip --sarif scan.sarif
    """
    if not delivery.strip():
        hint = "Give the path of a file or folder; '.' is the current one."
        raise AuditorError("The path of the delivery is empty.", hint)
    found = scan_delivery(Path(delivery))
    if sarif is not None:
        write_atomic(sarif, scan_sarif(found))
    if as_json:
        click.echo(found.model_dump_json(indent=2, by_alias=True))
    else:
        _print(found, tensors)
    sys.exit(found.exit_code)


def _print(found: Scan, tensors: bool) -> None:
    console = Console(highlight=False)
    table = Table("file", "format", "bytes", "holds", box=None, pad_edge=False)
    for part in found.parts:
        table.add_row(*map(escape, (part.path, part.format, f"{part.bytes:,}", part.architecture)))
    console.print(table)
    for part in found.parts:
        _tensors(console, part, tensors)
        _metadata(console, part)
    for signature in found.signatures:
        state = f"{signature.kind}, {_signed(signature.verified)}"
        counts = f"{signature.covers} files match, {len(signature.differs)} differ"
        console.print(f"  {escape(signature.path)}: {state}; {counts}")
    console.print(f"Licence: {escape(found.licence or 'none found')}")
    for problem in found.problems:
        _problem(console, problem)
    console.print(_ENDS[found.exit_code])


def _metadata(console: Console, part: Part) -> None:
    """What the vendor says; of an exporter's own notes only their number."""
    told = {key: text for key, text in part.metadata.items() if not key.startswith(_EXPORTER)}
    for key, text in told.items():
        short = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
        console.print(f"  {escape(part.path)}: {escape(key)}: {escape(short)}")
    if noted := len(part.metadata) - len(told):
        console.print(f"  {escape(part.path)}: {noted} notes of the exporter (--json has them)")


def _signed(verified: bool | None) -> str:
    return {None: "signature not verified", True: "signature valid", False: "signature WRONG"}[
        verified
    ]


def _tensors(console: Console, part: Part, every: bool) -> None:
    if not part.tensors:
        return
    table = Table("tensor", "type", "shape", "NaN", "inf", "low bytes", box=None, pad_edge=False)
    rows = part.tensors if every else part.tensors[:SHOWN]
    for row in rows:
        shape = "x".join(map(str, row.shape)) or "scalar"
        chi = "" if row.chi_square is None else " ".join(f"{value:.0f}" for value in row.chi_square)
        table.add_row(escape(row.name), row.dtype, shape, str(row.nan), str(row.infinite), chi)
    console.print(table)
    if len(rows) < len(part.tensors):
        console.print(f"... and {len(part.tensors) - len(rows)} more (--tensors lists them)")


def _problem(console: Console, problem: Problem) -> None:
    style = _STYLES[problem.level]
    console.print(f"[{style}]{_WORDS[problem.level]}[/]: {escape(problem.message)}")
    if problem.hint:
        console.print(f"  hint: {escape(problem.hint)}")
