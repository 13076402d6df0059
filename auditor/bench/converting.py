"""The command of the modules that make an archive of images from an unpacked npm package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from auditor.core.errors import AuditorError


def command(convert: Callable[[Path, Path], int]) -> click.Command:
    """A command around ``convert(package, out)``, which returns the number of images."""

    @click.command()
    @click.argument("package", type=click.Path(path_type=Path, exists=True, file_okay=False))
    @click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
    def main(package: Path, out: Path) -> None:
        """Convert the unpacked npm package PACKAGE into the archive OUT."""
        try:
            click.echo(f"{convert(package, out)} images in {out}")
        except (AuditorError, OSError) as error:
            raise click.ClickException(str(error)) from error

    return main
