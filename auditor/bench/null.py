"""The null distribution: how the contrasts of clean models' classes scatter.

Every clean model of a bank and the clean table models are scanned as an audit scans a delivered
model. Each result is kept in the bank under a name that depends on model and effort, so that a
stopped run goes on, and another effort is another result. From them the scatter is fitted as a
plane over the disagreement of students and model and the scatter of the students among themselves,
and the standardised contrasts of all classes are what `auditor.methods.calibration` reads.
Limits: results that other code of the detector has left are used, because most changes of code
change no result; one line says so. If the change matters, empty the folder ``null`` of the bank.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from importlib.resources import files
from typing import Any

import numpy as np
import torch
from scipy.optimize import nnls

from auditor.bench.bank import Bank
from auditor.bench.facts import Facts
from auditor.bench.tables import TableModel
from auditor.core.canonical import digest
from auditor.core.errors import AuditorError
from auditor.core.subject import CleanSet, Subject
from auditor.methods.calibration import (
    CROWD,
    FEW_CLASSES,
    MANY_CLASSES,
    ROWS,
    SCALE,
    TOTAL,
    Accord,
    Statistic,
    away_judged_by,
    fit,
    fused,
    joined,
    kind_of,
    of_several,
    restored,
    smallest_of,
    sums_of,
)
from auditor.methods.inversion.contrast import raw_contrast
from auditor.methods.inversion.scan import Effort, Found, Reference, reconstruct, refer, students
from auditor.methods.inversion.still import held_still
from auditor.writers.atomic import write_atomic

SHARE = 0.5
FLOOR = 0.05
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
    """The raw class contrasts of one clean model, and how far its students agree."""

    model: str
    data: str
    scores: Scores
    agreement: float
    student_scatter: dict[str, float] = field(default_factory=dict)
    tabular: bool = False

    @property
    def kind(self) -> str:
        """Which null it is a part of."""
        return kind_of(self.scores, self.tabular)

    @property
    def accord(self) -> Accord:
        """How far its students agree."""
        return Accord(self.agreement, self.student_scatter, self.classes)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.scores[TOTAL])

    @property
    def views(self) -> list[Scanned]:
        """This model and, if the rows of its last layer are known, the same without them."""
        bare = {name: scores for name, scores in self.scores.items() if name != ROWS}
        return [self] if bare == self.scores else [self, replace(self, scores=bare)]

    def scatter(self, name: str) -> float:
        """Root mean square of one statistic's contrasts."""
        return float(np.sqrt(np.mean(np.square(self.scores[name]))))


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
    methods, networks = files("auditor.methods"), files("auditor.architectures")
    folders = (methods / "inversion", networks)
    paths = [path for folder in folders for path in folder.iterdir() if path.name.endswith(".py")]
    paths += [
        methods / name for name in ("students.py", "margin.py", "last_layer.py", "quiet_rows.py")
    ]
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
    return found, refer(subject, taught, *sets, effort, seed, _quiet, found.classes)


def null_document(scanned: Sequence[Scanned], effort: Effort) -> dict[str, Any]:
    """The content of ``null.json``: the fitted scatter and the standardised contrasts."""
    origin = {
        "what": "class contrasts of clean models by auditor.methods.inversion.scan; the clean set "
        f"split {SHARE}, students taught on all of it",
        "effort": asdict(effort),
        "models": len(scanned),
        "classes": sum(one.classes for one in scanned),
        "models_by_data": dict(sorted(Counter(one.data for one in scanned).items())),
    }
    return {
        "origin": origin,
        "models": {kind: left_out(kind, models) for kind, models in by_kind(scanned).items()},
        "statistics": {kind: calibrated(kind, models) for kind, models in by_kind(scanned).items()},
    }


def by_kind(scanned: Sequence[Scanned]) -> dict[str, list[Scanned]]:
    """The models that each kind's null is made of.

    Few classes and crowds borrow from many; models whose rows can be read count without them, too.
    """
    kinds: dict[str, list[Scanned]] = defaultdict(list)
    for one in (view for whole in scanned for view in whole.views):
        kind = one.kind
        kinds[kind].append(one)
        if kind.startswith(MANY_CLASSES):
            kinds[kind.replace(MANY_CLASSES, FEW_CLASSES)].append(one)
            kinds[kind.replace(MANY_CLASSES, CROWD)].append(one)
    return dict(sorted(kinds.items()))


def left_out(kind: str, scanned: Sequence[Scanned]) -> list[float]:
    """The fused score of each model against the calibration by all others, ascending.

    Few models of a kind have none: there is nothing to hold a single one against.
    """
    scores = []
    for number, one in enumerate(scanned):
        others = [*scanned[:number], *scanned[number + 1 :]]
        if not others:
            continue
        statistics = restored({"statistics": {kind: calibrated(kind, others)}})[kind]
        gaps = {name: np.array(values) for name, values in one.scores.items()}
        over = joined(gaps, one.accord, statistics, kind)
        plain = {name: z.tolist() for name, z in over.items()}
        classes = of_several(min(smallest_of(tuple(sums_of(kind)), plain, statistics)), one.classes)
        away = smallest_of(away_judged_by(plain), plain, statistics)[0]
        scores.append(fused(classes, away, one.classes))
    return sorted(round(score, DIGITS) for score in scores)


def calibrated(kind: str, scanned: Sequence[Scanned]) -> dict[str, Any]:
    """Scatter and standardised contrasts by statistic."""
    single = {name: statistic(scanned, name) for name in scanned[0].scores}
    sums = sums_of(kind)
    return single | {name: summed(scanned, single, parts) for name, parts in sums.items()}


def summed(
    scanned: Sequence[Scanned], single: Mapping[str, Any], parts: Mapping[str, float]
) -> dict[str, Any]:
    """The sum of standardised statistics, which needs no scatter of its own."""

    def part(one: Scanned, name: str) -> Any:
        return parts[name] * np.array(one.scores[name]) / scale(single[name], one, name)

    sums = np.concatenate([sum(part(one, name) for name in parts) for one in scanned])
    scores = sorted(round(float(value), DIGITS) for value in sums)
    unit = dict(zip(SCALE, (1.0, 0.0, 0.0, 0.0), strict=True))
    return {**unit, "models": len(scanned), "scores": scores}


def statistic(scanned: Sequence[Scanned], name: str) -> dict[str, Any]:
    """Scatter of one statistic and its standardised contrasts in models that all have it."""
    fitted = dict(zip(SCALE, fit_scatter(scanned, name), strict=True))
    scores = sorted(
        round(value / scale(fitted, one, name), DIGITS)
        for one in scanned
        for value in one.scores[name]
    )
    where = {part: round(value, DIGITS) for part, value in fitted.items()}
    return {**where, "models": len(scanned), "scores": scores}


def scale(fitted: Mapping[str, Any], one: Scanned, name: str) -> float:
    """Scatter that a fit gives to one model."""
    known = Statistic(**{part: fitted[part] for part in SCALE}, null=fit([0.0]))
    return known.scale(name, one.accord)


def fit_scatter(scanned: Sequence[Scanned], name: str) -> tuple[float, float, float, float]:
    """What the scatter is made of, in the order of `SCALE`.

    Least squares with all shares held positive; each model counts once.
    """
    usual = float(np.sqrt(np.mean([one.student_scatter.get(name, 0.0) ** 2 for one in scanned])))
    own = np.array([one.accord.tempered(name, usual) for one in scanned])
    disagreement = np.array([1.0 - one.agreement for one in scanned])
    rows = np.stack([np.ones(len(own)), disagreement, own], 1)
    shares, _ = nnls(rows, np.array([one.scatter(name) for one in scanned]))
    at_agreement, slope, share = map(float, shares)
    return max(at_agreement, FLOOR), slope, share, usual


def _key(case: Case, effort: Effort) -> str:
    written = [one.name for one in fields(Scanned)]
    of = {"model": case.name, "seed": case.seed, "effort": asdict(effort), "keeps": written}
    return digest(of)[:10]


def _open(bank: Bank, facts: Facts) -> tuple[Subject, CleanSet]:
    return bank.subject(facts), bank.images("clean", facts.entry.dataset)


def _quiet(share: float, note: str) -> None:
    """A scan is one line; its parts are not shown."""
