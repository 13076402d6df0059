"""Looks of one detector at many networks: what is kept, and under which name.

A model of a bank is looked at as an audit looks at the one it was given, and so is every copy of
it, by the very code of ``power.calibration``. Students, their searches and every answer are kept in
the bank's folder ``power`` under names that depend on the code they come from: a stopped run goes
on, and a changed detector looks again without teaching students again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save

from auditor.bench.bank import Bank
from auditor.bench.detection import SEED, scanner_code
from auditor.bench.facts import Facts
from auditor.bench.null import code_of
from auditor.bench.null_fit import SHARE
from auditor.core.canonical import digest
from auditor.core.subject import Subject
from auditor.methods.calibration import AWAY
from auditor.methods.handed import pack, unpack
from auditor.methods.inversion.effort import Effort
from auditor.methods.inversion.goals import ANY
from auditor.methods.inversion.kept import read, written
from auditor.methods.inversion.lessons import learned, students
from auditor.methods.inversion.scan import Reference, refer
from auditor.methods.inversion.shortlist import shortlist
from auditor.methods.quiet_rows import row_contrast
from auditor.power.scene import Row, Scene, seen, verdict
from auditor.writers.atomic import write_atomic

FOLDER = "power"
AGREEMENT = "agreement"
UNKNOWN = 1.0
"""The delivered model's own p-value plays no part in looks at its copies."""


@dataclass(frozen=True)
class Desk:
    """One model of a bank with all that looks at it and its copies need.

    Args:
        bank: where results are kept.
        facts: which model.
        seed: of the clean set's split, the searches and the students.
    """

    bank: Bank
    facts: Facts
    seed: int = SEED

    def kept(self, what: str, ending: str, *of: Any) -> Path:
        """Where something is kept that depends on ``of``."""
        key = digest([self.seed, asdict(Effort()), *of])[:10]
        return self.bank.folder / FOLDER / f"{self.facts.entry.name}-{what}-{key}.{ending}"

    def look(self, subject: Subject, what: str, target: int | None, *of: Any) -> Row:
        """What the scan says of ``subject`` beside this model's students, or what was kept.

        Args:
            subject: a network.
            what: names it among all looked at here.
            target: class that an attack leads to, None if to several or unknown.
            of: what the network depends on beside the model.
        """
        path = self.kept(f"look-{what}", "json", scanner_code("auditor"), target, *of)
        if not path.is_file():
            write_atomic(path, json.dumps(_looked(self.scene(), subject, target)).encode())
        row = json.loads(path.read_text("utf-8"))
        return dict(row)

    def scene(self) -> Scene:
        """What an audit's scan of this model would leave behind."""
        subject, effort = self.bank.subject(self.facts), Effort()
        clean = self.bank.images("clean", self.facts.entry.dataset)
        sets, reference = clean.split(SHARE, self.seed), self._reference()
        return Scene(subject, clean, *sets, reference, effort, self.seed, UNKNOWN)

    def _reference(self) -> Reference:
        path = self.kept("reference", "safetensors", scanner_code("auditor"))
        if not path.is_file():
            write_atomic(path, save(_written(self._asked())))
        return _read(load_file(path))

    def _asked(self) -> Reference:
        subject, effort = self.bank.subject(self.facts), Effort()
        sets = self.bank.images("clean", self.facts.entry.dataset).split(SHARE, self.seed)
        rows = row_contrast(subject, sets[0])
        classes = shortlist(subject, sets[0], rows, self.seed, lambda share: None)
        taught = self._taught()
        known = learned(subject, taught, *sets)
        return refer(known, taught, *sets, effort, self.seed, _quiet, classes)

    def _taught(self) -> list[Subject]:
        subject, path = (
            self.bank.subject(self.facts),
            self.kept("students", "safetensors", lessons()),
        )
        if not path.is_file():
            clean = self.bank.images("clean", self.facts.entry.dataset)
            packed = pack(students(subject, clean, Effort(), self.seed, _quiet))
            arrays = {name: torch.from_numpy(vector) for name, vector in packed.items()}
            write_atomic(path, save(arrays))
        vectors = {f"kept/{name}": v.numpy() for name, v in load_file(path).items()}
        return unpack(vectors, "kept", subject.spec)


def _looked(scene: Scene, subject: Subject, target: int | None) -> Row:
    """The verdict, and how far the true goal stands out in each statistic."""
    suspicion, witness = seen(scene, subject, scene.reference, _quiet)
    goal, away = (ANY, True) if target is None else (target, False)
    names = [name for name in suspicion.by_statistic if name.startswith(AWAY) == away]
    contrasts = {n: round(suspicion.of(goal, n.removeprefix(AWAY)), 4) for n in names}
    return {
        **verdict(suspicion, witness, target),
        "p_class": suspicion.p_class,
        "contrasts": contrasts,
    }


def lessons() -> str:
    """SHA-256 of the code that students depend on."""
    return code_of(["methods/students.py"], ["architectures"])


def _written(reference: Reference) -> dict[str, torch.Tensor]:
    arrays = {name: torch.from_numpy(array) for name, array in written(reference).items()}
    return {**arrays, AGREEMENT: torch.tensor([reference.agreement], dtype=torch.float64)}


def _read(kept: dict[str, torch.Tensor]) -> Reference:
    arrays = {name: value.numpy() for name, value in kept.items()}
    return read(arrays, float(kept[AGREEMENT]))


def _quiet(share: float, note: str) -> None:
    """A look is one line; its parts are not shown."""
