"""Help for commands with many options: the options stand under headings, in the order of use."""

from __future__ import annotations

import click

HEADINGS = {
    "Files": ("clean", "label_column", "out"),
    "What the model expects": ("arch", "shape", "classes", "span", "mean", "std"),
    "How much is measured": ("profile", "budget", "seed", "threads", "allow_unconfined"),
    "How it is judged": ("policy", "criteria", "questionnaire", "declare"),
    "A committed plan": ("plan_file", "plan_key"),
    "Training data": ("train_data", "checkpoints", "provenance", "recipe"),
    "Who audits": ("auditor", "client", "relation", "ties"),
    "Signatures": ("key", "certificate", "timestamp", "trust"),
    "Output": ("language", "no_pdf", "as_json"),
}


class Headed(click.Command):
    """A command whose help groups its options; those without a group come last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one list of options for each heading that has any."""
        given = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        options = {each.name: each.get_help_record(ctx) for each in given}
        for heading, names in HEADINGS.items():
            _section(formatter, heading, [options.pop(name, None) for name in names])
        _section(formatter, "Others", list(options.values()))


def _section(
    formatter: click.HelpFormatter, heading: str, records: list[tuple[str, str] | None]
) -> None:
    rows = [record for record in records if record]
    if rows:
        with formatter.section(heading):
            formatter.write_dl(rows)
