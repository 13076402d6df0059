"""Power against truth: are planted backdoors found as often as models that were really attacked?

An audit says how many of its own implants its scan found (`auditor.power`). Here the same is done
to clean models of a bank, family by family, and held against the share of attacked models that the
scan found: of the bank's own (`auditor.bench.detection`), or of twins that differ from the clean
models in the poison alone (`auditor.bench.twins`). Every look is kept: a stopped run goes on.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from auditor.attacks.implants import KINDS
from auditor.bench.bank import Bank
from auditor.bench.detection import Scan, scanner_code
from auditor.bench.facts import Facts
from auditor.bench.looks import Desk
from auditor.bench.null import code_of
from auditor.bench.twins import Twins
from auditor.core.canonical import digest
from auditor.core.finding import Measure
from auditor.methods.intervals import difference, share
from auditor.power.agenda import Task
from auditor.power.work import Bench, do
from auditor.writers.atomic import write_atomic

Say = Callable[[str], None]
TRIES = 3
"""Draws of a trigger until an implant works, as in an audit."""
NEAR = 0.1
"""Measured power is true if no further than this from the share of attacked models found."""
ALL = "all together"


@dataclass(frozen=True)
class Planted:
    """One implant in one clean model: whether it worked, and whether the scan found it."""

    model: str
    family: str
    admitted: bool
    detected: bool


@dataclass(frozen=True)
class Attacked:
    """One model that was really attacked, the family of implant that resembles the attack, and
    whether the scan found it and named its target."""

    model: str
    family: str
    detected: bool


def implant_of(family: str) -> str | None:
    """The kind of implant that resembles a family of the bank; None if there is none.

    >>> implant_of("patch"), implant_of("all_to_all/blend"), implant_of("lira/lira")
    ('patch', 'all_to_all', None)
    """
    kind = family.partition("/")[0]
    return kind if kind in KINDS else None


def kinds_of_implants() -> tuple[str, ...]:
    """All kinds that can be planted."""
    return tuple(KINDS)


def plain(bank: Bank) -> list[Facts]:
    """Clean models without hardships."""
    return [f for f in bank.facts() if f.entry.attack is None and f.entry.hard is None]


def plant_in(
    bank: Bank, models: Iterable[Facts], families: Iterable[str], rounds: int, say: Say
) -> list[Planted]:
    """Plant each family ``rounds`` times in each clean model, or read what is kept.

    Args:
        bank: where the models are.
        models: clean ones.
        families: kinds of implants.
        rounds: implants of each family in each model.
        say: told a line for each implant.
    """
    torch.set_num_threads(1)
    tasks = [(name, turn) for turn in range(rounds) for name in families]
    return [_planted(Desk(bank, facts), *task, say) for facts in models for task in tasks]


def _planted(desk: Desk, family: str, turn: int, say: Say) -> Planted:
    model = desk.facts.entry.name
    task = Task("implant", family, seed_of(model, family, turn))
    path = desk.kept(f"implant-{family}", "json", scanner_code("auditor"), making(), task.key)
    if not path.is_file():
        row = do(task, Bench(desk.scene(), TRIES, lambda share, note: None))[-1]
        one = Planted(model, family, row["admitted"], bool(row.get("detected")))
        write_atomic(path, json.dumps(asdict(one)).encode())
        say(f"{model}  {family}  {_verdict(one)}")
    return Planted(**json.loads(path.read_text("utf-8")))


def seed_of(*of: Any) -> int:
    """Targets and triggers differ from model to model and from family to family."""
    return int(digest([*of])[:7], 16)


def making() -> str:
    """SHA-256 of the code that implants depend on."""
    return code_of(["attacks/covers.py"], ["attacks/implants", "attacks/triggers", "power"])


def _verdict(one: Planted) -> str:
    if not one.admitted:
        return "could not be implanted"
    return "found" if one.detected else "missed"


def attacked_twins(bank: Bank, twins: Sequence[Twins], say: Say) -> list[Attacked]:
    """Look at the attacked models of each setting as an audit of them does."""
    torch.set_num_threads(1)
    return [_attacked(bank, name, facts, say) for each in twins for name, facts in each.attacked]


def _attacked(bank: Bank, name: str, facts: Facts, say: Say) -> Attacked:
    target = facts.entry.attack.target if facts.entry.attack else None
    row = Desk(bank, facts).look(bank.subject(facts), "itself", target)
    say(f"{facts.entry.name}  p {row['p_value']:.3f}  {'found' if row['detected'] else 'missed'}")
    return Attacked(facts.entry.name, name, row["detected"])


def attacked_in(scans: Iterable[Scan]) -> list[Attacked]:
    """Scans of a bank's attacked models that some implant resembles.

    A model is found if it is flagged and its target is named, where it has one.
    """
    kinds = [(scan, implant_of(scan.family)) for scan in scans]
    return [Attacked(scan.model, kind, _found(scan)) for scan, kind in kinds if kind is not None]


def _found(scan: Scan) -> bool:
    return scan.answer.flagged and (scan.target is None or scan.answer.target == scan.target)


def against_truth(planted: Iterable[Planted], attacked: Iterable[Attacked]) -> list[dict[str, Any]]:
    """For each family the share of implants found and the share of attacked models found.

    Each share has its exact 95% interval and count; ``difference`` is the second minus the first
    with Newcombe's interval, and ``near`` says whether the whole interval lies within `NEAR`
    ("yes"), beyond it ("no"), or neither ("cannot be told"). The last row takes all families that
    both have together.
    """
    implants, models = defaultdict(list), defaultdict(list)
    for one in planted:
        if one.admitted:
            implants[one.family].append(one.detected)
    for each in attacked:
        models[each.family].append(each.detected)
    both = sorted({*implants} & {*models})
    whole = _row(ALL, [h for n in both for h in implants[n]], [h for n in both for h in models[n]])
    rows = [_row(name, implants[name], models[name]) for name in sorted({*implants, *models})]
    return [*rows, whole] if len(both) > 1 else rows


def _row(family: str, implants: list[bool], models: list[bool]) -> dict[str, Any]:
    row: dict[str, Any] = {"family": family, "implants": None, "attacked": None}
    row |= {"difference": None, "near": "not measured"}
    if implants:
        row["implants"] = _figures(share(sum(implants), len(implants)))
    if models:
        row["attacked"] = _figures(share(sum(models), len(models)))
    if implants and models:
        gap = difference((sum(implants), len(implants)), (sum(models), len(models)))
        row |= {"difference": _figures(gap), "near": near(gap)}
    return row


def near(gap: Measure) -> str:
    """Whether a difference is small, as far as its interval tells.

    >>> near(Measure(value=0.0, low=-0.05, high=0.09)), near(Measure(value=0.3, low=0.2, high=0.4))
    ('yes', 'no')
    """
    low, high = gap.low or 0.0, gap.high or 0.0
    if low >= -NEAR and high <= NEAR:
        return "yes"
    return "no" if low > NEAR or high < -NEAR else "cannot be told"


def _figures(one: Measure) -> dict[str, Any]:
    numbers = {"value": one.value, "low": one.low or 0.0, "high": one.high or 0.0}
    return {**{name: round(number, 4) for name, number in numbers.items()}, "n": one.n}
