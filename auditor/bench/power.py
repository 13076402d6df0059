"""Power against truth: are planted backdoors found as often as models that were really attacked?

An audit says how many of its own implants its scan found (`auditor.power`). Here the same is done
to the clean models of a bank, family by family, and held against the share of the bank's attacked
models of that family that the scan found (`auditor.bench.detection`). Every copy is kept in the
bank's folder ``power`` under a name that depends on model, family, seed and code: a stopped run
goes on.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from auditor.attacks.implants import KINDS
from auditor.bench.bank import Bank
from auditor.bench.detection import SEED, Scan, scanner_code
from auditor.bench.facts import Facts
from auditor.bench.null import looked_at
from auditor.bench.null_fit import SHARE
from auditor.core.canonical import digest
from auditor.methods.intervals import share
from auditor.methods.inversion.scan import Effort, contrast
from auditor.power.agenda import Task
from auditor.power.scene import Scene
from auditor.power.work import Bench, do
from auditor.writers.atomic import write_atomic

Say = Callable[[str], None]
TRIES = 3
"""Draws of a trigger until an implant works, as in an audit."""


@dataclass(frozen=True)
class Planted:
    """One implant in one clean model: whether it worked, and whether the scan found it."""

    model: str
    family: str
    admitted: bool
    detected: bool


def implant_of(family: str) -> str | None:
    """The kind of implant that resembles a family of the bank; None if there is none.

    >>> implant_of("patch"), implant_of("all_to_all/blend"), implant_of("lira/lira")
    ('patch', 'all_to_all', None)
    """
    kind = family.partition("/")[0]
    return kind if kind in KINDS else None


def plant_in_bank(
    bank: Bank, families: Iterable[str], rounds: int, limit: int | None, say: Say
) -> list[Planted]:
    """Plant each family ``rounds`` times in each plain clean model, or read what is kept.

    Args:
        bank: its clean models without hardships are used.
        families: kinds of implants.
        rounds: implants of each family in each model.
        limit: number of models; by default all.
        say: told a line for each implant.
    """
    torch.set_num_threads(1)
    plain = [f for f in bank.facts() if f.entry.attack is None and f.entry.hard is None][:limit]
    tasks = [Task("implant", name, SEED + n) for n in range(rounds) for name in families]
    return [one for facts in plain for one in _in_model(bank, facts, tasks, say)]


def _in_model(bank: Bank, facts: Facts, tasks: Sequence[Task], say: Say) -> list[Planted]:
    found, bench = [], None
    for task in tasks:
        path = _path(bank, facts, task)
        if not path.is_file():
            bench = bench or Bench(scene_of(bank, facts), TRIES, lambda share, note: None)
            row = do(task, bench)[-1]
            one = Planted(facts.entry.name, task.name, row["admitted"], bool(row.get("detected")))
            write_atomic(path, json.dumps(asdict(one)).encode())
            say(f"{facts.entry.name}  {task.name}  {_verdict(one)}")
        found.append(Planted(**json.loads(path.read_text("utf-8"))))
    return found


def _verdict(one: Planted) -> str:
    if not one.admitted:
        return "could not be implanted"
    return "found" if one.detected else "missed"


def scene_of(bank: Bank, facts: Facts) -> Scene:
    """What an audit's scan of this model would leave behind."""
    subject, clean = bank.subject(facts), bank.images("clean", facts.entry.dataset)
    effort = Effort()
    found, reference = looked_at(subject, clean, effort, SEED)
    p_value = contrast(subject, found, reference).p_value
    return Scene(subject, clean, *clean.split(SHARE, SEED), reference, effort, SEED, p_value)


def against_truth(planted: Iterable[Planted], scans: Iterable[Scan]) -> list[dict[str, Any]]:
    """For each family the share of implants found and the share of attacked models found.

    An attacked model is found if it is flagged and its target is named, where it has one. Each
    share has its 95% interval and count; ``difference`` is the second minus the first.
    """
    implants, models = defaultdict(list), defaultdict(list)
    for one in planted:
        if one.admitted:
            implants[one.family].append(one.detected)
    for scan in scans:
        if (kind := implant_of(scan.family)) is not None:
            named = scan.target is None or scan.answer.target == scan.target
            models[kind].append(scan.answer.flagged and named)
    return [_row(name, implants[name], models[name]) for name in sorted({*implants, *models})]


def _row(family: str, implants: list[bool], models: list[bool]) -> dict[str, Any]:
    both = implants and models
    difference = sum(models) / len(models) - sum(implants) / len(implants) if both else None
    return {
        "family": family,
        "implants": _share(implants),
        "attacked": _share(models),
        "difference": None if difference is None else round(difference, 4),
    }


def _share(found: list[bool]) -> dict[str, Any] | None:
    if not found:
        return None
    one = share(sum(found), len(found))
    return {"value": one.value, "low": one.low, "high": one.high, "n": one.n}


def _path(bank: Bank, facts: Facts, task: Task) -> Path:
    key = digest({"code": scanner_code("auditor"), "task": task.key})[:10]
    return bank.folder / "power" / f"{facts.entry.name}-{task.name}-{key}.json"
