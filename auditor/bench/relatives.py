"""Two nulls and both combined: which p-value of the scan is best calibrated?

The bank's null holds a model against other clean models, the relatives' null against what was
derived from the very model (`auditor.methods.derivations`). Three ways to combine them: twice the
mean and twice the smaller of both p-values, which hold however the two depend on each other (Vovk
and Wang, Biometrika 2020), and one conformal p-value among all the clean models of both. Clean
twins say how each is calibrated, attacked ones what it finds. What is looked at is kept: a stopped
run goes on.
Limits: 8 x 8 digits; the model's own students serve for its relatives, as they do in audits of
larger pictures.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch

from auditor.bench.bank import Bank
from auditor.bench.detection import scanner_code
from auditor.bench.facts import Facts
from auditor.bench.looks import Desk
from auditor.bench.null import code_of
from auditor.bench.power import making, seed_of
from auditor.bench.scores import uniformity
from auditor.core.finding import Measure
from auditor.methods.calibration import models
from auditor.methods.intervals import share
from auditor.power.agenda import Task
from auditor.power.scene import ALPHA, Row, Scene, seen
from auditor.power.tables import derived_null
from auditor.power.work import Bench, do
from auditor.writers.atomic import write_atomic

Say = Callable[[str], None]
LIGHTS = 3


@dataclass(frozen=True)
class Judged:
    """One model's p-values.

    Args:
        model: its name.
        attacked: whether it has a backdoor.
        bank: p-value by the clean models of the bank.
        relatives: conformal p-value among its own clean relatives.
        copies: how many these are.
        others: how many clean models of the bank the first is from.
    """

    model: str
    attacked: bool
    bank: float
    relatives: float
    copies: int
    others: int

    @property
    def p_values(self) -> dict[str, float]:
        """By each null, and by the combinations."""
        return {
            "bank": self.bank,
            "relatives": self.relatives,
            "twice the mean": min(1.0, self.bank + self.relatives),
            "twice the smaller": min(1.0, 2 * min(self.bank, self.relatives)),
            "among all": pooled((self.bank, self.others), (self.relatives, self.copies)),
        }


def pooled(first: tuple[float, int], second: tuple[float, int]) -> float:
    """The conformal p-value among two groups together, from those among each and their sizes.

    A p-value that a fitted tail gave counts as if nobody in its group were as suspicious.

    >>> pooled((0.25, 3), (0.5, 1))  # none of three and none of one is as suspicious
    0.2
    """
    above = sum(max(0.0, p_value * (count + 1) - 1) for p_value, count in (first, second))
    return min(1.0, (1 + above) / (1 + first[1] + second[1]))


def judge(bank: Bank, facts: Sequence[Facts], copies: int, say: Say) -> list[Judged]:
    """Look at models and at ``copies`` clean relatives of each, or read what is kept."""
    torch.set_num_threads(1)
    return [_judged(Desk(bank, one), copies, say) for one in facts]


def _judged(desk: Desk, copies: int, say: Say) -> Judged:
    code = (scanner_code("auditor"), making(), code_of(["methods/derivations.py"], []))
    path = desk.kept("relatives", "json", *code, copies)
    if not path.is_file():
        one = _looked(desk, copies)
        write_atomic(path, json.dumps(asdict(one)).encode())
        say(f"{one.model}  bank {one.bank:.3f}  among {one.copies} relatives {one.relatives:.3f}")
    return Judged(**json.loads(path.read_text("utf-8")))


def _looked(desk: Desk, copies: int) -> Judged:
    name, scene = desk.facts.entry.name, replace(desk.scene(), shared=True)
    suspicion, _ = seen(scene, scene.subject, scene.reference, _quiet)
    first = seed_of(name, "relatives")
    far, light = (
        [row for n in range(count) for row in _relative(what, first + n, scene)]
        for what, count in (("control", copies), ("light", LIGHTS))
    )
    found = derived_null(replace(scene, p_value=suspicion.p_value), far, light)
    counted = [_plain(found[key]) for key in ("p_value_derived", "copies")]
    others = len(models(suspicion.kind).scores)
    attacked = desk.facts.entry.attack is not None
    return Judged(name, attacked, suspicion.p_value, counted[0], int(counted[1]), others)


def _plain(measure: Measure | float) -> float:
    return measure.value if isinstance(measure, Measure) else float(measure)


def _relative(what: str, seed: int, scene: Scene) -> list[Row]:
    return do(Task(what, "", seed), Bench(scene, 1, _quiet))


def _quiet(share: float, note: str) -> None:
    """A model is one line; its parts are not shown."""


def figures(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """For each p-value: is it uniform on clean models, and how many attacked ones lie under .05?"""
    clean = [one.p_values for one in judged if not one.attacked]
    bad = [one.p_values for one in judged if one.attacked]
    rows = []
    for name in clean[0] if clean else ():
        row: dict[str, Any] = {"null": name, **uniformity([each[name] for each in clean])}
        if bad:
            found = share(sum(each[name] <= ALPHA for each in bad), len(bad))
            row["found"] = {"value": found.value, "low": found.low, "high": found.high}
            row["attacked"] = len(bad)
        rows.append(row)
    return rows
