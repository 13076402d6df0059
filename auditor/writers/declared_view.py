"""What the supplier declared, beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.core.record import Record
from auditor.writers.amounts import cell, interval, number
from auditor.writers.text import clean

DEEPEST = 3
"""Sections within sections that a card is unfolded to."""


@dataclass(frozen=True)
class Declared:
    """One declared figure beside the measured one."""

    name: str
    declared: str
    measured: str
    interval: str
    difference: str
    probe: str


def declared(record: Record) -> list[Declared]:
    """Every declared figure, with its measurement where there is one."""
    figures = record.plan.declared if record.plan else {}
    return [_compare(record, name, value) for name, value in figures.items()]


def _compare(record: Record, name: str, value: float) -> Declared:
    for finding in record.findings:
        measures = finding.measures
        named = finding.probe.split(".")[-1] == name and "value" in measures
        measure = measures["value"] if named else measures.get(name)
        if measure is not None:
            difference = number(measure.value - value)
            return Declared(
                name,
                number(value),
                number(measure.value),
                interval(measure.low, measure.high),
                difference,
                finding.probe,
            )
    return Declared(name, number(value), "", "", "", "")


def card_rows(card: Mapping[str, Any], under: str = "") -> list[tuple[str, str]]:
    """What the supplier's card says, one line an entry; names of sections stand in front.

    >>> card_rows({"model": {"shape": [1, 28, 28]}, "accuracy": 0.9})
    [('accuracy', '0.9'), ('model.shape', '1, 28, 28')]
    """
    rows: list[tuple[str, str]] = []
    for key in sorted(card, key=str):
        name, value = f"{under}{clean(key, 60)}", card[key]
        if isinstance(value, Mapping) and value and under.count(".") < DEEPEST:
            rows += card_rows(value, f"{name}.")
        else:
            rows.append((name, _entry(value)))
    return rows


def _entry(value: Any) -> str:
    """A list of plain values without brackets, anything else as in a table."""
    if isinstance(value, list | tuple) and value and not any(map(_nested, value)):
        return clean(", ".join(cell(each) for each in value[:60]), 240)
    return cell(value)


def _nested(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple)
