"""What clean models score in the cheap detectors: makes ``auditor/methods/clean_scores.json``.

``python -m auditor.bench.clean_scores STUDENTS BANK...`` reads the clean models of the banks and
the clean table models and prints the document. Students are kept in the folder STUDENTS as
``<model>.students.safetensors``; those that are not there are taught, ten seconds each on one core.
Limits: the shipped margins are those of fewer models than the shipped rows; the document says how
many of which data.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.numpy import load_file, save

from auditor.bench.bank import Bank
from auditor.bench.null import Case, bank_cases, table_cases
from auditor.bench.null_fit import Scanned, statistic
from auditor.bench.tables import table_models
from auditor.core.subject import CleanSet, Subject
from auditor.methods.handed import pack, unpack
from auditor.methods.inversion.effort import Effort
from auditor.methods.inversion.lessons import students
from auditor.methods.last_layer import ALONE, find_head, scan
from auditor.methods.margin import NAME, Ascent, contrast
from auditor.writers.atomic import write_atomic

DIGITS = 4
TRIED = 8
STUDENTS = 2


def document(rows: Sequence[Scanned], ascents: Sequence[Scanned]) -> dict[str, Any]:
    """The content of ``clean_scores.json``.

    Args:
        rows: models' last layers, see `rows_of`.
        ascents: models' margins, see `margin_of`.
    """
    scores: dict[str, list[float]] = {}
    for one in rows:
        for name, values in one.scores.items():
            scores.setdefault(name, []).extend(round(value, DIGITS) for value in values)
    kept: dict[str, Any] = {
        name: {"models": len(rows), "scores": sorted(values)} for name, values in scores.items()
    }
    origin = {
        "what": "scores of clean models' classes (channel_alone: layers) by auditor.methods "
        f"last_layer and margin, {STUDENTS} students",
        "models_by_data": dict(Counter(one.data for one in rows)),
        "margins_by_data": dict(Counter(one.data for one in ascents)),
    }
    return {"origin": origin, "statistics": {**kept, NAME: statistic(ascents, NAME)}}


def rows_of(case: Case) -> Scanned | None:
    """One model's weights; None if it has no last linear layer."""
    subject, clean = case.open()
    head = find_head(subject, clean.x[:TRIED])
    if head is None:
        return None
    found = scan(subject, head)
    rows = {name: row.tolist() for name, row in found.rows.items()}
    return Scanned(case.name, case.data, {**rows, ALONE: list(found.alone.values())}, 1.0)


def margin_of(case: Case, folder: Path) -> Scanned:
    """One model's margins against its students."""
    subject, clean = case.open()
    taught = students_of(case, subject, clean, folder)
    found = contrast(subject, taught, clean, Ascent(), case.seed)
    return Scanned(case.name, case.data, {NAME: found.raw.tolist()}, found.agreement)


def students_of(case: Case, subject: Subject, clean: CleanSet, folder: Path) -> list[Subject]:
    """A model's students from ``folder``, taught and kept there if they were not."""
    path = folder / f"{case.name}.students.safetensors"
    if not path.is_file():
        effort = Effort(students=STUDENTS)
        taught = students(subject, clean, effort, case.seed, lambda share, note: None)
        write_atomic(path, save(pack(taught)))
    kept = {f"kept/{name}": array for name, array in load_file(path).items()}
    return unpack(kept, "kept", subject.spec)


def main(folder: str, *banks: str) -> None:
    """Measure everything and print the document."""
    torch.set_num_threads(1)
    cases = [case for each in banks for case in bank_cases(Bank(Path(each)))]
    cases += table_cases(table_models())
    rows = [one for one in map(rows_of, cases) if one is not None]
    ascents = [margin_of(case, Path(folder)) for case in cases]
    sys.stdout.write(json.dumps(document(rows, ascents)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
