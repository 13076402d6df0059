"""Options for signing and for checking signatures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)


def seal_options(command: F) -> F:
    """``--sign`` and what goes with it."""
    for option in (
        click.option(
            "--trust",
            type=FILE,
            help="Root certificates (PEM) of the signer's and the time stamp's authorities.",
        ),
        click.option(
            "--timestamp",
            help="Address of an RFC 3161 time-stamping authority, or `request` for a request file.",
        ),
        click.option(
            "--certificate",
            type=FILE,
            help="The key's certificate (PEM), then its issuers': signs the PDF as well.",
        ),
        click.option(
            "--sign",
            "key",
            metavar="KEY",
            help="Sign with this private key: a PEM file or a pkcs11: address.",
        ),
    ):
        command = option(command)
    return command


def trust_options(command: F) -> F:
    """``--key``, ``--certificate`` and ``--trust`` of somebody who checks."""
    for option in (
        click.option(
            "--trust",
            type=FILE,
            help="Root certificates (PEM) of the signer's and the time stamp's authorities.",
        ),
        click.option("--certificate", type=FILE, help="The auditor's certificate (PEM)."),
        click.option("--key", type=FILE, help="The auditor's public key (PEM)."),
    ):
        command = option(command)
    return command
