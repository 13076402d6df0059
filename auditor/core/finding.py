"""What a probe found: measures with intervals, tables, evidence, caveats. Never pass or fail.

A skip, a crash and a time-out are findings too, each with its reason, so that nothing that
was not measured can look like something that was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

JsonRow = dict[str, Any]
Tier = Literal["E1", "E2", "E3", "E4"]
"""E1 measured here; E2 recomputed from the vendor's data; E3 a document examined, its digest kept;
E4 a statement alone."""


class Frozen(BaseModel):
    """Base of every recorded value: immutable, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Status(StrEnum):
    """How a trial ended."""

    COMPLETE = "COMPLETE"
    SKIPPED = "SKIPPED"
    ERROR = "ERROR"
    TIMED_OUT = "TIMED_OUT"


class Measure(Frozen):
    """One finite number with its 95% interval where one was measured.

    Args:
        value: the estimate; truth values are 0 or 1 with unit ``bool``.
        low: lower end of the interval, ``high``: upper end.
        n: number of independent observations behind it.
        unit: ``1`` (a share or plain number), ``bool``, ``count``, ``s``, ...
    """

    value: FiniteFloat
    low: FiniteFloat | None = None
    high: FiniteFloat | None = None
    n: int | None = None
    unit: str = "1"


class Evidence(Frozen):
    """One file of the evidence folder, named by its content.

    ``file`` is relative to the audit folder (``evidence/<sha256>.<suffix>``).
    """

    name: str
    file: str
    sha256: str
    media_type: str
    bytes: int
    caption: str


class Finding(Frozen):
    """The result of one trial, or with ``tier`` E3 or E4 what somebody declared."""

    probe: str
    title: str = ""
    status: Status
    params: dict[str, Any] = Field(default_factory=dict)
    measures: dict[str, Measure] = Field(default_factory=dict)
    tables: dict[str, list[JsonRow]] = Field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    caveats: tuple[str, ...] = ()
    reason: str = ""
    seed: int = 0
    seconds: FiniteFloat = 0.0
    tier: Tier = "E1"


@dataclass(frozen=True)
class Exhibit:
    """Raw evidence as it leaves the worker: an array and how to show it.

    Args:
        name: identifier, unique within the finding, e.g. ``trigger_0``.
        array: ``(h, w)`` or ``(h, w, 3)`` for pictures, any shape for ``arrays``.
        kind: ``image`` (values in [0, 1]), ``heatmap`` (any finite values) or ``array``
            (kept as safetensors, not shown).
        caption: one sentence for the reader, also the picture's alternative text.
    """

    name: str
    array: NDArray[Any]
    kind: str = "image"
    caption: str = ""


@dataclass(frozen=True)
class Result:
    """What a probe's ``run`` hands back; the worker turns it into a Finding."""

    measures: Mapping[str, Measure | float | bool]
    tables: Mapping[str, list[JsonRow]] | None = None
    exhibits: tuple[Exhibit, ...] = ()
    caveats: tuple[str, ...] = ()


def as_measure(value: Measure | float | bool) -> Measure:
    """A bare number or truth value as a Measure.

    >>> as_measure(True)
    Measure(value=1.0, low=None, high=None, n=None, unit='bool')
    """
    if isinstance(value, Measure):
        return value
    if isinstance(value, bool | np.bool_):
        return Measure(value=float(value), unit="bool")
    return Measure(value=float(value))
