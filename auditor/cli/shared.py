"""What all commands share: how errors end, how JSON is printed, how options are parsed."""

from __future__ import annotations

import functools
import json
import math
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from auditor.core.errors import AuditorError, ExitCode
from auditor.writers.language import languages
from auditor.writers.text import visible

F = TypeVar("F", bound=Callable[..., Any])
UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
KEEPING = {"audit", "fleet", "bench"}
"""Commands that go on where they were interrupted."""
GATES = {
    "accept": ExitCode.ACCEPT,
    "reject": ExitCode.REJECT,
    "accept_with_conditions": ExitCode.ACCEPT_WITH_CONDITIONS,
    "inconclusive": ExitCode.INCONCLUSIVE,
}


def answers(command: F) -> F:
    """Turn errors into one sentence and an exit code; never a traceback."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except AuditorError as error:
            _fail(error.message, error.hint, error.exit_code)
        except KeyboardInterrupt:
            _fail("Interrupted.", _after_interrupt(), ExitCode.INTERRUPTED)
        except PermissionError as error:
            hint = "Give yourself the right to it, or copy it to where you have it."
            _fail(f"You may not use {error.filename or 'a file'}: {error.strerror}.", hint,
                  ExitCode.USAGE)  # fmt: skip
        except OSError as error:
            what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
            _fail(f"The system refused: {what}.", "", ExitCode.TOOL_ERROR)
        except Exception as error:
            if os.environ.get("AUDITOR_DEBUG"):
                raise
            what = f"The tool itself failed: {type(error).__name__}: {error}"[:500]
            _fail(what, "Set AUDITOR_DEBUG=1 for details and report it.", ExitCode.TOOL_ERROR)

    return wrapped  # type: ignore[return-value]


def _after_interrupt() -> str:
    """What is left of the interrupted command."""
    context = click.get_current_context(silent=True)
    if context is None or KEEPING.isdisjoint(context.command_path.split()):
        return "Give the same command again to start over."
    return "What was finished is kept: the same command goes on from there."


def _fail(message: str, hint: str, code: ExitCode) -> NoReturn:
    click.echo(f"auditor: {visible(message)}", err=True)
    if hint:
        click.echo(f"  hint: {visible(hint)}", err=True)
    sys.exit(int(code))


def policy_options(command: F) -> F:
    """``--policy`` and ``--criteria``: the limits and the questions that findings are judged by."""
    for option in (
        click.option(
            "--criteria",
            type=click.Path(path_type=Path),
            help="A catalogue of criteria of your own.",
        ),
        click.option(
            "--policy",
            default="baseline",
            show_default=True,
            help="baseline, elevated, critical, or a file of your own limits.",
        ),
    ):
        command = option(command)
    return command


def questionnaire_option(command: F) -> F:
    """``--questionnaire``: answers that a person gave about what nothing can measure."""
    option = click.option(
        "--questionnaire",
        type=click.Path(path_type=Path),
        help="Answers in the form that `auditor plan --questionnaire` wrote.",
    )
    return option(command)


def language_option(command: F) -> F:
    """``--language``: the language of the reports; the record stays as it is."""
    return click.option(
        "--language",
        type=click.Choice(languages()),
        default="en",
        show_default=True,
        help="Language of the reports.",
    )(command)


def print_json(value: Any) -> None:
    """One JSON document on standard output, in ASCII: a terminal obeys some other characters."""
    click.echo(json.dumps(value, indent=2))


class Duration(click.ParamType[float]):
    """A time such as ``90``, ``90s``, ``10m`` or ``2h``; converted to seconds."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds of ``value``."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", str(value).strip())
        if not match or float(match[1]) <= 0:
            self.fail(f"{value!r} is not a time; write 90s, 10m or 2h.", param, ctx)
        return float(match[1]) * UNITS[match[2]]


class Numbers(click.ParamType[tuple[float, ...]]):
    """Numbers separated by commas, such as ``0.5,0.5,0.5``."""

    name = "numbers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """The numbers."""
        try:
            numbers = tuple(float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not a list of numbers; write 0.5,0.5,0.5.", param, ctx)
        if not all(math.isfinite(number) for number in numbers):
            self.fail(f"{value!r} must be finite numbers.", param, ctx)
        return numbers


class Shape(click.ParamType[tuple[int, ...]]):
    """A shape such as ``1,28,28`` or ``30``."""

    name = "shape"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """The sizes."""
        parts = re.split(r"[x,]", str(value))
        if not all(part.strip().isdigit() and int(part) > 0 for part in parts):
            self.fail(f"{value!r} is not a shape; write 3,32,32.", param, ctx)
        return tuple(int(part) for part in parts)


class Declared(click.ParamType[tuple[str, str]]):
    """What the vendor declares, ``name=number``."""

    name = "name=value"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Name and value."""
        name, separator, number = str(value).partition("=")
        if not separator or not name.strip() or not number.strip():
            self.fail(f"{value!r} is not name=value; write accuracy=0.92.", param, ctx)
        return name.strip(), number.strip()
