"""Attackers who know this scan, against models of known truth: how often are they found after all?

Each attacker plants patches in clean models of a bank, once for each turn. Every copy that works is
looked at twice: with students of its own, as an audit of it would have them, and with those of the
clean model, which know nothing of the backdoor. Every look is kept: a stopped run goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import torch

from auditor.attacks.implants import KINDS, Implant, Job
from auditor.attacks.implants.aware import BLIND, hidden
from auditor.bench.bank import Bank
from auditor.bench.detection import scanner_code
from auditor.bench.facts import Facts
from auditor.bench.looks import Desk
from auditor.bench.power import making, seed_of
from auditor.methods.intervals import share
from auditor.power.scene import ALPHA, CannotJudge, Row, Scene, look, seen, verdict
from auditor.writers.atomic import write_atomic

Say = Callable[[str], None]
LOUD, DECOYS, UNAWARE, FULL, HEAVY = "patch", "aware_0.1", "blind_0.1", "capped_0.1", "capped_1"
ATTACKERS: dict[str, Callable[[Job], Implant]] = {
    **{name: KINDS[name].make for name in (LOUD, DECOYS)},
    UNAWARE: partial(hidden, attacker=BLIND, weight=0.1),
    **{name: KINDS[name].make for name in (FULL, HEAVY)},
}
"""One who does not hide; with decoys; three who hide no further than needed, of whom ``blind``
does not know of random triggers and rows."""


@dataclass(frozen=True)
class Hidden:
    """One attempt: its fault if it did not work, else the scan's rows with either students."""

    model: str
    attacker: str
    target: int
    fault: str
    own: Row
    shared: Row


def hide_in(
    bank: Bank, models: Iterable[Facts], names: Iterable[str], rounds: int, say: Say
) -> list[Hidden]:
    """Plant each attacker's backdoor ``rounds`` times in each clean model, or read what is kept."""
    torch.set_num_threads(1)
    tasks = [(turn, name) for turn in range(rounds) for name in names]
    return [_hidden(Desk(bank, facts), name, turn, say) for facts in models for turn, name in tasks]


def _hidden(desk: Desk, name: str, turn: int, say: Say) -> Hidden:
    model = desk.facts.entry.name
    seed = seed_of(model, "hiding", turn)
    path = desk.kept(f"hiding-{name}", "json", scanner_code("auditor"), making(), seed)
    if not path.is_file():
        one = _tried(desk.scene(), model, name, seed)
        write_atomic(path, json.dumps(asdict(one)).encode())
        say(f"{model}  {name}  {one.fault or one.own}")
    return Hidden(**json.loads(path.read_text("utf-8")))


def _tried(scene: Scene, model: str, name: str, seed: int) -> Hidden:
    """The same seed gives all attackers the same target and trigger."""
    made = ATTACKERS[name](Job(scene.subject, scene.search_set, scene.held_out, seed))
    named = partial(Hidden, model, name, made.goal.target or 0)
    if not made.admitted:
        return named(made.fault, {}, {})
    try:
        own = look(scene, made.subject, None, _quiet)
    except CannotJudge as error:
        return named(str(error), {}, {})
    return named("", own, verdict(*seen(scene, made.subject, scene.reference, _quiet), None))


def _quiet(share: float, note: str) -> None:
    """A look is one line; its parts are not shown."""


def figures(attempts: Sequence[Hidden]) -> list[dict[str, Any]]:
    """For each attacker: how many worked, and the shares with an alarm, with an alarm that names
    the target, and with a class that is oddly hard to reach, for either students."""
    return [_row(name, [one for one in attempts if one.attacker == name]) for name in ATTACKERS]


def _row(name: str, attempts: Sequence[Hidden]) -> dict[str, Any]:
    worked = [one for one in attempts if not one.fault]
    row: dict[str, Any] = {"attacker": name, "tried": len(attempts), "worked": len(worked)}
    for students in ("own", "shared"):
        looks = [(getattr(one, students), one.target) for one in worked]
        row[f"alarm_{students}"] = _counted(look["detected"] for look, _ in looks)
        named = (look["detected"] and look["examined"] == target for look, target in looks)
        row[f"named_{students}"] = _counted(named)
        row[f"shunned_{students}"] = _counted(look["p_shunned"] <= ALPHA for look, _ in looks)
    return row


def _counted(hits: Iterable[bool]) -> dict[str, Any] | None:
    known = [*hits]
    if not known:
        return None
    found = share(sum(known), len(known))
    return {"hits": sum(known), "n": found.n, "value": found.value, "low": found.low,
            "high": found.high}  # fmt: skip
