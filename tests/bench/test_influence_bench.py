"""The influence benchmark: captum beside it, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import torch
from small_audits import run

from auditor.bench.influence import full
from auditor.bench.influence.captum_runs import captum_run
from auditor.bench.influence.cases import backdoored
from auditor.bench.influence.others import linear
from auditor.bench.influence.quick import double_error
from auditor.methods.influence import Queries, tracin


def test_the_whole_benchmark_needs_a_folder() -> None:
    result = run("bench", "influence")
    assert result.exit_code not in (0, 5)
    assert "--out" in result.output


def test_a_case_is_poisoned_as_told_and_captum_agrees_on_it() -> None:
    case = backdoored(1, epochs=(1, 2))
    assert len(case.poisoned) == 26
    assert set(case.train.y[case.poisoned].tolist()) == {3}
    assert case.precision(torch.isin(torch.arange(1297), case.poisoned).float()) == 1
    asked = case.triggered(4)
    theirs = captum_run(case, asked, Queries(asked.x[:1], asked.y[:1]))
    ours = tracin(case.sources(), asked)
    assert float((ours - theirs.scores).abs().max()) <= 1e-5 * float(theirs.scores.abs().max())
    assert double_error(case, 40) <= 1e-9


def test_tasks_have_names_of_their_own_and_run_once(tmp_path: Path) -> None:
    tasks = dict(full._tasks(tmp_path))
    assert len(tasks) == len(list(full._tasks(tmp_path)))
    assert sum(name.startswith("clean-") for name in tasks) >= 40
    said: list[str] = []
    first = full._one(tmp_path, "near-duplicates", tasks["near-duplicates"], said.append)
    assert first["found"] >= 0.99 * first["copies"]
    assert first["others_named"] <= 0.05 * first["others"]
    assert full._one(tmp_path, "near-duplicates", tasks["near-duplicates"], said.append) == first
    assert len(said) == 1


def test_influence_of_logistic_regression_meets_retraining() -> None:
    found = linear("logistic")
    assert found["leave_one_out_r"] >= 0.95
    assert found["lds"] >= 0.8
    assert found["gradient_ascent"][-1] < found["label_flips"][-1] < found["label_flips"][0]
