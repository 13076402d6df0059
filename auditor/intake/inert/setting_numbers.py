"""Numbers of settings that turn, drown or drop a signal, and labels that are told in two orders.

Purpose: what is added to a variance is small and positive, a factor of a signal is positive, and a
picture is divided by no more than next to nothing. Names of classes agree with their numbers.
Source: settings of transformers (Granite, Gemma 2, Cohere, Falcon-H1) and its image processors.
Limits: the ranges are wide; a number inside them is not measured here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from auditor.intake.inert.log import Log, shown

_EPSILON = re.compile(r"(layer|rms|batch|group)_?(norm)?\w*_eps(ilon)?")
_FACTOR = re.compile(
    r"logit_scale|logits_scaling|(embedding|residual|attention|lm_head|key|ssm_in|ssm_out)_multiplier"
    r"|(final|attn)_logit_softcapping|rescale_factor"
)
_LEAST, _MOST = 1e-6, 1e6
_NARROW = 1e-3
"""A picture in 0 to 1 whose numbers spread less is one colour."""


def look(entry: dict[str, Any], log: Log) -> None:
    """Name what one object of a JSON document sets to no such number."""
    for key, what in (*_numbers(entry), *_labels(entry)):
        log.add("suspicious", "config.number", what, None, key)


def _numbers(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in entry.items():
        number = value if type(value) in (int, float) else None
        if number is not None and _EPSILON.fullmatch(key) and not 0 <= number <= 1:
            yield key, f"{shown(key, 60)} adds {number:g} to a variance"
        if number is not None and _FACTOR.fullmatch(key) and not _LEAST <= number <= _MOST:
            yield key, f"{shown(key, 60)} multiplies or bounds a signal by {number:g}"
        if key == "temperature" and number is not None and number < 0:
            yield key, f"the temperature is {number:g}: what is least likely is said"
    spread = entry.get("image_std")
    spread = [spread] if isinstance(spread, float | int) else spread
    for number in spread if isinstance(spread, list) else ():
        if type(number) in (int, float) and not _NARROW <= number <= _MOST:
            yield "image_std", f"image_std divides pictures by {number:g}"


def _labels(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A label that both tables know has the same number in both."""
    names, numbers = entry.get("id2label"), entry.get("label2id")
    if not isinstance(names, dict) or not isinstance(numbers, dict):
        return
    known = {label for label in names.values() if isinstance(label, str)}
    for label, number in numbers.items():
        if label in known and type(number) is int and names.get(str(number), label) != label:
            told = f"the label {shown(label, 40)!r} has the number {number}"
            yield "label2id", f"{told}, which is that of {shown(names[str(number)], 40)!r}"
            return
