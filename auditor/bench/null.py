"""The null distribution: how the contrasts of clean models' classes scatter.

Every clean model of a bank and the clean table models are scanned as an audit scans a delivered
model. Each result is kept in the bank under a name that depends on model and effort, so that a
stopped run goes on, and another effort is another result.
Limits: results that other code of the detector has left are used, because most changes of code
change no result; one line says so. If the change matters, empty the folder ``null`` of the bank.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from importlib.resources import files

import torch

from auditor.bench.bank import Bank
from auditor.bench.facts import Facts
from auditor.bench.null_fit import SHARE, Scanned
from auditor.bench.tables import TableModel
from auditor.core.canonical import digest
from auditor.core.errors import AuditorError
from auditor.core.subject import CleanSet, Subject
from auditor.methods.calibration import TOTAL
from auditor.methods.inversion.effort import Effort
from auditor.methods.inversion.gaps import raw_contrast
from auditor.methods.inversion.lessons import learned, students
from auditor.methods.inversion.scan import Found, Reference, reconstruct, refer
from auditor.methods.inversion.still import held_still
from auditor.writers.atomic import write_atomic

Say = Callable[[str], None]
SINGLE = tuple(
    f"methods/{name}.py" for name in ("students", "margin", "last_layer", "quiet_rows", "moved")
)
FOLDERS = ("methods/inversion", "methods/random_triggers", "architectures")
"""Code that contrasts depend on."""


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
            scanned = scan(case, effort)
            kept = {**asdict(scanned), "effort": asdict(effort), "code": code}
            write_atomic(path, json.dumps(kept).encode())
            top, seconds = max(scanned.scores[TOTAL]), time.perf_counter() - started
            line = f"{number}/{len(cases)}  {case.name}  highest {top:.2f}  {seconds:.0f} s"
            say(f"{time.strftime('%H:%M:%S')}  {line}")
        kept = json.loads(path.read_text("utf-8"))
        done.append(Scanned(**{one.name: kept[one.name] for one in fields(Scanned)}))
        other += kept["code"] != code
    if other:
        where = bank.folder / "null"
        say(f"{other} results come from other code of the detector; empty {where} to scan again")
    return done


def detector_code() -> str:
    """SHA-256 of the code that scores depend on: searches, margins, students, networks."""
    return code_of(SINGLE, FOLDERS)


def code_of(names: Iterable[str], folders: Iterable[str] = ()) -> str:
    """SHA-256 of some files of the package and of all modules in some of its folders."""
    root = files("auditor")
    paths = [root.joinpath(name) for name in names]
    for folder in folders:
        paths += [one for one in root.joinpath(folder).iterdir() if one.name.endswith(".py")]
    return digest(sorted(path.read_text("utf-8") for path in paths))


def scan(case: Case, effort: Effort) -> Scanned:
    """Raw contrasts of one model: total and each form, in the order of the classes."""
    subject, clean = case.open()
    found, reference = looked_at(subject, clean, effort, case.seed)
    gaps = raw_contrast(found.log_size, reference.log_size, found.rows)
    scores = {name: gap.tolist() for name, gap in gaps.items()}
    tabular = subject.spec.kind == "tabular"
    accord = reference.accord
    return Scanned(case.name, case.data, scores, accord.agreement, dict(accord.scatter), tabular)


def looked_at(
    subject: Subject, clean: CleanSet, effort: Effort, seed: int
) -> tuple[Found, Reference]:
    """What an audit's scan finds on a model, and on its students."""
    subject = held_still(subject, clean)
    sets = clean.split(SHARE, seed)
    found = reconstruct(subject, *sets, effort, seed, _quiet)
    taught = students(subject, clean, effort, seed, _quiet)
    known = learned(subject, taught, *sets)
    return found, refer(known, taught, *sets, effort, seed, _quiet, found.classes)


def _key(case: Case, effort: Effort) -> str:
    written = [one.name for one in fields(Scanned)]
    of = {"model": case.name, "seed": case.seed, "effort": asdict(effort), "keeps": written}
    return digest(of)[:10]


def _open(bank: Bank, facts: Facts) -> tuple[Subject, CleanSet]:
    return bank.subject(facts), bank.images("clean", facts.entry.dataset)


def _quiet(share: float, note: str) -> None:
    """A scan is one line; its parts are not shown."""
