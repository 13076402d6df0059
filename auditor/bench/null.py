"""The null distribution: how the shipped detector scores the classes of clean models.

Every clean model of a bank and the clean table models are scanned as an audit scans a delivered
model. Each result is kept in the bank under a name that depends on model and effort, so that a
stopped run goes on, and another effort is another result. The scores of all classes, apart for
few, ten and many classes, are what `auditor.methods.calibration` reads.
Limits: results that other code of the detector has left are used, because most changes of code
change no result; one line says so. If the change matters, empty the folder ``null`` of the bank.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.resources import files
from typing import Any

import torch

from auditor.bench.bank import Bank
from auditor.bench.facts import Facts
from auditor.bench.tables import TableModel
from auditor.core.canonical import digest
from auditor.core.errors import AuditorError
from auditor.core.subject import CleanSet, Subject
from auditor.methods.calibration import TOTAL
from auditor.methods.inversion.scan import Effort, contrast, reconstruct, references, students
from auditor.writers.atomic import write_atomic

SHARE = 0.5
STARTS = (2, 6, 20)
DIGITS = 4
Scores = dict[str, list[float]]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Case:
    """A clean model to scan.

    Args:
        name: which model; names the kept result.
        data: what it classifies.
        seed: of the clean set's split, the searches and the students.
        open: gives the model and its clean set.
    """

    name: str
    data: str
    seed: int
    open: Callable[[], tuple[Subject, CleanSet]]


@dataclass(frozen=True)
class Scanned:
    """The class scores of one clean model."""

    model: str
    data: str
    scores: Scores

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.scores[TOTAL])


def bank_cases(bank: Bank) -> list[Case]:
    """The clean models of a bank.

    Raises:
        AuditorError: there are none.
    """
    clean = [facts for facts in bank.facts() if facts.entry.attack is None]
    if not clean:
        hint = "Name a bank that auditor bench build has trained."
        raise AuditorError(f"{bank.folder} has no clean models.", hint)
    return [
        Case(facts.entry.name, facts.entry.dataset, 0, partial(_open, bank, facts))
        for facts in clean
    ]


def table_cases(models: Iterable[TableModel]) -> list[Case]:
    """The clean table models."""
    return [Case(model.name, model.table, model.number, model.open) for model in models]


def scan_all(bank: Bank, cases: Sequence[Case], effort: Effort, say: Say) -> list[Scanned]:
    """Scan each model, or read what an earlier run kept; a line for each that is scanned."""
    torch.set_num_threads(1)
    done, code, other = [], detector_code(), 0
    for number, case in enumerate(cases, 1):
        path = bank.folder / "null" / f"{case.name}-{_key(case, effort)}.json"
        if not path.is_file():
            started = time.perf_counter()
            scanned = Scanned(case.name, case.data, scan(case, effort))
            kept = {**asdict(scanned), "effort": asdict(effort), "code": code}
            write_atomic(path, json.dumps(kept).encode())
            top, seconds = max(scanned.scores[TOTAL]), time.perf_counter() - started
            line = f"{number}/{len(cases)}  {case.name}  highest {top:.2f}  {seconds:.0f} s"
            say(f"{time.strftime('%H:%M:%S')}  {line}")
        kept = json.loads(path.read_text("utf-8"))
        done.append(Scanned(kept["model"], kept["data"], kept["scores"]))
        other += kept["code"] != code
    if other:
        where = bank.folder / "null"
        say(f"{other} results come from other code of the detector; empty {where} to scan again")
    return done


def detector_code() -> str:
    """SHA-256 of the code that scores depend on: searches, students and their architectures."""
    methods, networks = files("auditor.methods"), files("auditor.architectures")
    folders = (methods / "inversion", networks)
    paths = [path for folder in folders for path in folder.iterdir() if path.name.endswith(".py")]
    paths.append(methods / "students.py")
    return digest(sorted(path.read_text("utf-8") for path in paths))


def scan(case: Case, effort: Effort) -> Scores:
    """Class scores of one model: total and each form, in the order of the classes."""
    subject, clean = case.open()
    search_set, held_out = clean.split(SHARE, case.seed)
    found = reconstruct(subject, search_set, held_out, effort, case.seed, _quiet)
    taught = students(subject, clean, effort, case.seed, _quiet)
    reference = references(taught, search_set, held_out, effort, case.seed, _quiet)
    result = contrast(found, reference)
    families = {name: gap.tolist() for name, gap in result.by_family.items()}
    return {TOTAL: result.total.tolist(), **families}


def null_document(scanned: Sequence[Scanned], effort: Effort) -> dict[str, Any]:
    """The content of ``null.json``; a group without models is left out."""
    groups = {start: [one for one in scanned if _start(one.classes) == start] for start in STARTS}
    origin = {
        "what": "class contrasts of clean models by auditor.methods.inversion.scan; the clean set "
        f"split {SHARE}, students taught on all of it",
        "effort": asdict(effort),
        "groups": [{"from_classes": k, **_counts(own)} for k, own in groups.items() if own],
    }
    pooled = [{"from_classes": k, "scores": _pooled(own)} for k, own in groups.items() if own]
    return {"origin": origin, "groups": pooled}


def _counts(scanned: Sequence[Scanned]) -> dict[str, Any]:
    per_data = dict(sorted(Counter(one.data for one in scanned).items()))
    classes = sum(one.classes for one in scanned)
    return {"models": len(scanned), "classes": classes, "models_by_data": per_data}


def _pooled(scanned: Sequence[Scanned]) -> Scores:
    return {
        name: sorted(round(score, DIGITS) for one in scanned for score in one.scores[name])
        for name in scanned[0].scores
    }


def _start(classes: int) -> int:
    return max(start for start in STARTS if start <= classes)


def _key(case: Case, effort: Effort) -> str:
    return digest({"model": case.name, "seed": case.seed, "effort": asdict(effort)})[:10]


def _open(bank: Bank, facts: Facts) -> tuple[Subject, CleanSet]:
    return bank.subject(facts), bank.images("clean", facts.entry.dataset)


def _quiet(share: float, note: str) -> None:
    """A scan is one line; its parts are not shown."""
