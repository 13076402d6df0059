"""What the commands of ``auditor bench`` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

FC = TypeVar("FC", bound=Callable[..., Any])
FASHION = Path("/usr/share/datasets/fashion-mnist")


def say(line: str) -> None:
    """A line of progress."""
    click.echo(line, err=True)


bank_option = click.option(
    "--bank",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder of the bank.",
)

fashion_option = click.option(
    "--fashion-mnist",
    type=click.Path(path_type=Path),
    envvar="AUDITOR_FASHION_MNIST",
    default=FASHION,
    show_default=True,
    show_envvar=True,
    help="Folder with the four files of Fashion-MNIST.",
)


def archive_option(name: str, said: str) -> Callable[[FC], FC]:
    """An option that names an npz of images, also by an environment variable."""
    return click.option(
        f"--{name}",
        type=click.Path(path_type=Path),
        envvar=f"AUDITOR_{name.upper()}",
        show_envvar=True,
        help=said,
    )


def count_option(
    name: str, said: str, default: int, into: str = "", least: int = 1
) -> Callable[[FC], FC]:
    """An option that is a number, ``least`` or more; ``into`` names its parameter otherwise."""
    return click.option(
        f"--{name}",
        into or name,
        type=click.IntRange(min=least),
        default=default,
        show_default=True,
        help=said,
    )


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
