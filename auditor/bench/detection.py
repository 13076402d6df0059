"""The detection benchmark: every scanner on every model of a bank, in the same run.

Each scan runs in a process of its own, so that its peak memory is its own, and is kept in the
bank's folder ``detection`` under a name that depends on the model, the scanner and its code: a
stopped run goes on, and nothing is scanned twice. Scanners see the model and the auditor's clean
images; the truth comes from the bank and is compared afterwards.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib.resources import files
from itertools import zip_longest
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch

from auditor.bench.bank import Bank
from auditor.bench.facts import Facts
from auditor.bench.null import code_of, detector_code
from auditor.bench.scanners import SCANNERS, Answer, Cost, measured
from auditor.bench.scores import auroc, hits_at_low_alarm, middle, uniformity
from auditor.core.canonical import digest
from auditor.core.finding import Measure
from auditor.methods.intervals import share
from auditor.writers.atomic import write_atomic

Say = Callable[[str], None]
SEED = 0
JUDGED = (
    "methods/calibration.py",
    "methods/scatter.py",
    "methods/swift.py",
    "methods/null.json",
    "probes/reconstruction.py",
    "probes/reconstruction_tables.py",
)
"""Code and figures that lead from contrasts to an answer."""


@dataclass(frozen=True)
class Scan:
    """One scanner's answer on one model, beside the truth.

    Args:
        family: ``clean`` or the attack, as ``kind/trigger``; just the trigger for all-to-one.
        target: true target class, None where there is none or no single one.
        hard: what makes a model without a backdoor hard, see `auditor.bench.hard`.
        classes: number of classes K of the model.
    """

    model: str
    scanner: str
    family: str
    target: int | None
    answer: Answer
    cost: Cost
    hard: str = ""
    classes: int = 0


def scan_bank(
    bank: Bank,
    names: Sequence[str],
    say: Say,
    limit: int | None = None,
    wanted: Callable[[Facts], bool] = lambda facts: True,
) -> list[Scan]:
    """Scan admitted models with each scanner, or read what an earlier run kept.

    Args:
        bank: the models.
        names: scanners.
        say: told a line for each scan.
        limit: number of models, clean and attacked in turn; by default all.
        wanted: which models; by default all.
    """
    models = in_turn([facts for facts in bank.facts() if wanted(facts)])[:limit]
    jobs = [(facts, name) for facts in models for name in names]
    scans = []
    for number, (facts, name) in enumerate(jobs, 1):
        path = _path(bank, facts, name)
        if not path.is_file():
            answer, cost = _alone(bank.folder, facts, name)
            write_atomic(path, json.dumps({**asdict(answer), **asdict(cost)}).encode())
            where = f"{number}/{len(jobs)}  {name}  {facts.entry.name}"
            say(f"{where}  score {answer.score:.2f}  {cost.seconds:.0f} s")
        scans.append(_read(path, facts, name))
    return scans


def in_turn(models: Sequence[Facts]) -> list[Facts]:
    """Clean and attacked models in turn, each in the order of the hash in their names."""
    ordered = sorted(models, key=lambda facts: facts.entry.name.rsplit("-", 1)[-1])
    clean = [facts for facts in ordered if facts.entry.attack is None]
    attacked = [facts for facts in ordered if facts.entry.attack is not None]
    return [one for pair in zip_longest(clean, attacked) for one in pair if one is not None]


def family_of(facts: Facts) -> str:
    """``clean``, the trigger of an all-to-one attack, or kind and trigger of another attack."""
    attack = facts.entry.attack
    if attack is None:
        return "clean"
    return attack.family if attack.kind == "all_to_one" else f"{attack.kind}/{attack.family}"


def summary(scans: Iterable[Scan]) -> dict[str, Any]:
    """Figures of merit by scanner, each share with its 95% interval."""
    by_scanner = defaultdict(list)
    for scan in scans:
        by_scanner[scan.scanner].append(scan)
    return {name: figures(rows) for name, rows in by_scanner.items()}


def figures(rows: Sequence[Scan]) -> dict[str, Any]:
    """Figures of merit of one scanner."""
    clean = [row for row in rows if row.family == "clean"]
    bad = [row for row in rows if row.family != "clean"]
    caught = [row for row in bad if row.answer.flagged and row.target is not None]
    shown = [row.answer.witness for row in bad if row.answer.flagged and row.answer.witness]
    return {
        "models": {"clean": len(clean), "attacked": len(bad)},
        **_separation(_scores(bad), _scores(clean)),
        "clean_flagged": _share(sum(row.answer.flagged for row in clean), len(clean)),
        "attacked_flagged": _share(sum(row.answer.flagged for row in bad), len(bad)),
        "target_right": _share(sum(row.answer.target == row.target for row in caught), len(caught)),
        "witness_success": _middle(shown),
        "image_passes": _middle([row.cost.passes for row in rows]),
        "own_passes": _middle([row.cost.own_passes for row in rows]),
        "work": _middle([row.cost.work for row in rows if row.cost.work is not None]),
        "seconds": _middle([row.cost.seconds for row in rows]),
        "megabytes": _middle([row.cost.megabytes for row in rows]),
        "families": _families(bad, clean),
        "clean_kinds": _clean_kinds(clean),
        "clean_p_values": _uniform(clean),
        "class_counts": _class_counts(rows),
    }


def _middle(values: Sequence[float]) -> dict[str, Any] | None:
    return _figures(middle(values)) if values else None


def _uniform(clean: Sequence[Scan]) -> dict[str, Any] | None:
    """Of the detector whose scores are p-values: whether those of clean models are uniform."""
    own = [10**-row.answer.score for row in clean if row.scanner == "auditor"]
    return uniformity(own) if own else None


def _clean_kinds(clean: Sequence[Scan]) -> dict[str, Any]:
    """How many models without a backdoor were flagged, by what makes them hard."""
    groups = defaultdict(list)
    for row in clean:
        groups[row.hard or "plain"].append(row.answer.flagged)
    return {kind: _share(sum(flags), len(flags)) for kind, flags in sorted(groups.items())}


def _class_counts(rows: Sequence[Scan]) -> dict[str, Any]:
    """What was found, and what it cost, by the models' number of classes."""
    groups = defaultdict(list)
    for row in rows:
        groups[row.classes].append(row)
    return {str(count): _of_one_count(groups[count]) for count in sorted(groups)}


def _of_one_count(rows: Sequence[Scan]) -> dict[str, Any]:
    clean = [row for row in rows if row.family == "clean"]
    bad = [row for row in rows if row.family != "clean"]
    return {
        **_separation(_scores(bad), _scores(clean)),
        "clean_flagged": _share(sum(row.answer.flagged for row in clean), len(clean)),
        "attacked_flagged": _share(sum(row.answer.flagged for row in bad), len(bad)),
        "image_passes": _middle([row.cost.passes for row in rows]),
        "seconds": _middle([row.cost.seconds for row in rows]),
    }


def _families(bad: Sequence[Scan], clean: Sequence[Scan]) -> dict[str, Any]:
    groups = defaultdict(list)
    for row in bad:
        groups[row.family].append(row)
    return {
        name: {
            **_separation(_scores(rows), _scores(clean)),
            "flagged": _share(sum(row.answer.flagged for row in rows), len(rows)),
        }
        for name, rows in sorted(groups.items())
    }


def _separation(bad: list[float], clean: list[float]) -> dict[str, Any]:
    if not bad or not clean:
        return {"auroc": None, "tpr_at_5_fpr": None}
    return {
        "auroc": _figures(auroc(bad, clean)),
        "tpr_at_5_fpr": _figures(hits_at_low_alarm(bad, clean)),
    }


def _scores(rows: Sequence[Scan]) -> list[float]:
    return [row.answer.score for row in rows]


def _share(count: int, n: int) -> dict[str, Any] | None:
    return _figures(share(count, n)) if n else None


def _figures(measure: Measure) -> dict[str, Any]:
    numbers = {"value": measure.value, "low": measure.low, "high": measure.high}
    return {**{k: None if v is None else round(v, 4) for k, v in numbers.items()}, "n": measure.n}


def scanner_code(name: str) -> str:
    """SHA-256 of the code that a scanner's answer depends on."""
    if name == "auditor":
        return digest([detector_code(), code_of(JUDGED)])
    baseline = name.removesuffix("_short")
    return digest((files("auditor.bench.baselines") / f"{baseline}.py").read_text("utf-8"))


def _path(bank: Bank, facts: Facts, name: str) -> Path:
    key = digest({"code": scanner_code(name), "seed": SEED})[:10]
    return bank.folder / "detection" / f"{facts.entry.name}-{name}-{key}.json"


def _read(path: Path, facts: Facts, name: str) -> Scan:
    kept = json.loads(path.read_text("utf-8"))
    answer = Answer(**{key: kept[key] for key in Answer.__dataclass_fields__})
    cost = Cost(**{key: kept.get(key) for key in Cost.__dataclass_fields__})
    target = facts.entry.attack.target if facts.entry.attack else None
    hard = facts.entry.hard.kind if facts.entry.hard else ""
    return Scan(facts.entry.name, name, family_of(facts), target, answer, cost, hard, facts.classes)


def _alone(folder: Path, facts: Facts, name: str) -> tuple[Answer, Cost]:
    """One scan in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_scan, folder, facts, name).result()


def _scan(folder: Path, facts: Facts, name: str) -> tuple[Answer, Cost]:
    """On one thread: threads that wait for each other say nothing of a scan's cost."""
    torch.set_num_threads(1)
    bank = Bank(folder)
    clean = bank.images("clean", facts.entry.dataset)
    return measured(SCANNERS[name], bank.subject(facts), clean, SEED)
