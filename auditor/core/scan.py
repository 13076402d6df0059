"""What a static scan of a delivery found: parts, tensors, problems and one exit code.

Purpose: the document that ``auditor scan`` prints and that writers turn into SARIF. It comes out
of a confined child process, so every field is bounded and validated here.
Limits: a scan says what a file holds and would do; it says nothing about how the model behaves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, FiniteFloat

from auditor.core.finding import Frozen

SCHEMA = "auditor.scan/1"
Level = Literal["danger", "suspicious", "not_audited"]


def printable(text: str) -> str:
    """A text that does nothing to a terminal.

    >>> printable("a\\x1b[31m")
    'a?[31m'
    """
    return "".join(c if c.isprintable() else "?" for c in text)


Text = Annotated[str, Field(max_length=2000), AfterValidator(printable)]
EXITS: dict[Level, int] = {"danger": 1, "not_audited": 4, "suspicious": 3}
"""Worst first: what could not be audited is never hidden behind what is only odd."""


class Problem(Frozen):
    """One thing that stands between a delivery and a clean scan.

    Args:
        level: ``danger`` would run or harm, ``suspicious`` is odd, ``not_audited`` is unknown.
        rule: stable identifier such as ``pickle.global``.
        message: one sentence that names the thing and where it is.
        part: file inside the delivery, and members of archives behind ``!``.
        offset: byte offset inside the innermost member, where there is one.
        name: the offending global, operator, opcode or member alone.
        hint: what to do next.
    """

    level: Level
    rule: Text
    message: Text
    part: Text = ""
    offset: int | None = None
    name: Text = ""
    hint: Text = ""


class TensorRow(Frozen):
    """One stored tensor, and the statistics of its bytes.

    Args:
        values: how many numbers; ``sampled`` of them were looked at.
        chi_square: statistics of the two lowest bytes against noise (255 degrees of freedom),
            worst block of 4096 values; None for types where it says nothing.
    """

    name: Text
    dtype: Text
    shape: tuple[int, ...] = Field(max_length=64)
    values: int = Field(ge=0)
    sampled: int = Field(default=0, ge=0)
    nan: int = Field(default=0, ge=0)
    infinite: int = Field(default=0, ge=0)
    chi_square: tuple[FiniteFloat, FiniteFloat] | None = None


class Part(Frozen):
    """One file of the delivery.

    Args:
        signed: if the file is a signature, the files that it names and their SHA-256 digests.
        claims: files in the same folder whose bytes are this model's weights, all of them read.
    """

    path: Text
    bytes: int = Field(ge=0)
    sha256: str = Field(default="", max_length=64)
    format: Text = "unknown"
    architecture: Text = ""
    tensors: tuple[TensorRow, ...] = Field(default=(), max_length=20_000)
    metadata: dict[Text, Text] = Field(default_factory=dict, max_length=200)
    problems: tuple[Problem, ...] = Field(default=(), max_length=200)
    signed: dict[Text, Text] = Field(default_factory=dict, max_length=5000)
    claims: tuple[Text, ...] = Field(default=(), max_length=1000)
    seconds: float = Field(default=0.0, ge=0)


class Signature(Frozen):
    """A vendor's signature over the delivery (OpenSSF Model Signing, a Sigstore bundle).

    Args:
        verified: True or False where a key was given; None where nobody checked.
        covers: files of the delivery that it names with their right digests.
        differs: files that it names and that are missing or different.
    """

    path: Text
    kind: Text
    verified: bool | None = None
    covers: int = Field(default=0, ge=0)
    differs: tuple[Text, ...] = Field(default=(), max_length=200)


class Scan(Frozen):
    """The whole delivery."""

    schema_name: Literal["auditor.scan/1"] = Field(default="auditor.scan/1", alias="schema")
    name: Text
    parts: tuple[Part, ...]
    licence: Text = ""
    signatures: tuple[Signature, ...] = ()
    exit_code: int = Field(ge=0, le=4)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Problems of all parts, worst first."""
        order = list(EXITS)
        found = [problem for part in self.parts for problem in part.problems]
        return tuple(sorted(found, key=lambda problem: order.index(problem.level)))


def exit_code(problems: Iterable[Problem]) -> int:
    """0 nothing found, 1 danger, 4 a part could not be audited, 3 suspicious.

    >>> exit_code([]), exit_code([Problem(level="suspicious", rule="r", message="m")])
    (0, 3)
    """
    levels = {problem.level for problem in problems}
    return next((code for level, code in EXITS.items() if level in levels), 0)
