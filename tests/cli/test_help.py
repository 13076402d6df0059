"""Every command explains itself with an example; a newcomer has nothing else but the README."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from small_audits import run

from auditor import __version__
from auditor.cli.main import cli


def commands(group: click.Group, path: tuple[str, ...] = ()) -> dict[str, click.Command]:
    """Every command and group below ``group``, by the words that one types."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        words = (*path, name)
        found[" ".join(words)] = command
        if isinstance(command, click.Group):
            found |= commands(command, words)
    return found


ALL = commands(cli)


def test_commands_are_there() -> None:
    assert {"audit", "judge", "render", "verify", "probes", "criteria", "sample"} <= set(ALL)


@pytest.mark.parametrize("words", ALL)
def test_help_has_an_example_that_can_be_typed(words: str) -> None:
    result = run(*words.split(), "--help")
    assert result.exit_code == 0
    assert "Example" in result.output
    lines = [line.strip() for line in result.output.splitlines()]
    examples = [line for line in lines if line.startswith("auditor ")]
    assert any(line.startswith(f"auditor {words}") for line in examples)


@pytest.mark.parametrize("words", ALL)
def test_every_option_is_explained(words: str) -> None:
    for parameter in ALL[words].params:
        if isinstance(parameter, click.Option) and parameter.name not in ("seed",):
            assert parameter.help, parameter.name


def test_the_first_page_names_the_exit_codes_and_first_steps() -> None:
    output = " ".join(run("--help").output.split())
    for said in ("0 accept", "1 reject", "3 accept with conditions", "4 inconclusive", "audit "):
        assert said in output


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "auditor", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert __version__ in done.stdout


HELP = ["-h,", "--help", "Show", "this", "message", "and", "exit."]


@pytest.mark.parametrize("words", ["audit", "plan"])
def test_long_help_stands_under_headings(words: str) -> None:
    output = run(words, "--help").output
    for heading in ("What the model expects:", "How it is judged:", "Output:"):
        assert f"\n{heading}\n" in output
    assert output.partition("\nOthers:\n")[2].split() == HELP, "every option has its heading"
    shown = [each for each in ALL[words].params if isinstance(each, click.Option)]
    assert all(f"{option.opts[0]} " in output for option in shown)


def test_an_unknown_command_is_a_usage_error() -> None:
    result = run("adit")
    assert result.exit_code == 2
    assert "No such command" in result.output
