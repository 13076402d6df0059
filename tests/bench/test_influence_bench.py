"""The influence benchmark: captum beside it, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from small_audits import run

from auditor.bench.influence import full, table
from auditor.bench.influence.captum_runs import captum_run
from auditor.bench.influence.cases import backdoored, case, digits, untouched
from auditor.bench.influence.others import linear
from auditor.bench.influence.paired import medians, questions, rounds
from auditor.bench.influence.quick import double_error
from auditor.bench.influence.quiet import honest, mislabelled, mistakes
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


def test_captum_and_the_store_are_timed_in_turn() -> None:
    case = backdoored(1, epochs=(1,))
    kept, theirs, found = rounds(case, *questions(case, 2), many=2)
    assert len(found) == 2
    assert len(kept) == 1
    assert theirs.scores.shape == (1297, 2)
    assert all(seconds > 0 for one in found for seconds in (*one.theirs, *one.ours))
    assert min(medians(found)) > 0


def test_the_tables_come_from_the_files_of_a_run(tmp_path: Path) -> None:
    for seed, value in ((1, 0.5), (2, 1.0)):
        path = tmp_path / f"digits-flips-{seed}.json"
        path.write_text(json.dumps({"course_ap": value, "course_s": 0.5}), "utf-8")
    peers = {"cleanlab_ap": 0.25, "cleanlab_s": 10.0}
    (tmp_path / "digits-flips-2.peers.json").write_text(json.dumps(peers), "utf-8")
    results = table.Results(tmp_path)
    printed = "\n".join(table.precisions(results))
    assert "| wrong labels: `by_course` | .50 1.00 | .75 | - | - |" in printed
    assert "| wrong labels: cleanlab, five-fold | .25 | .25 | - | - |" in printed
    assert "`by_course`'s | 20.0 | - |" in "\n".join(table.times(results))
    row = {"success": 0.9, "admitted": True, "true_accused": 12, "linked": True,
           "success_after": 0.02, "success_random": 0.9, "success_retrained": 0.01,
           "success_never_poisoned": 0.0, "accuracy_drop": 0.002}  # fmt: skip
    (tmp_path / "removal-edge-1.json").write_text(json.dumps(row), "utf-8")
    lines = list(table.removals(results))
    assert "| edge | 1 | 1 | 1 | .90 | .02 | .90 | .01 | .00 | 0.002 |" in lines
    assert list(table.controls(results))
    assert "0 of 0 accused" in "\n".join(table.others(results))
    left_alone = {"rejected": 0.0, "smallest_p": 0.02, "mistakes_accused": 1.0, "mistakes_p": 0.004,
              "traced": 1.0, "linked": 0.0, "unlearned": 1.0}  # fmt: skip
    (tmp_path / "quiet-digits-200.json").write_text(json.dumps(left_alone), "utf-8")
    wrong = {"share": 0.5, "mistakes_accused": 9.0, "mistakes_listed": 9, "mistakes_right": 8,
             "changed": 12}  # fmt: skip
    (tmp_path / "mislabelled-digits-0.5-200.json").write_text(json.dumps(wrong), "utf-8")
    lines = list(table.quiet(results))
    assert "| honest, digits | 1 | 0 | 0.02 | 1 | 0.004 |" in lines
    assert any("1 models linked to a searched trigger: 0 by" in line for line in lines)
    assert any("50% of a class mislabelled: 1 of 1 accused" in line for line in lines)


def test_verdicts_of_a_training_set_come_from_the_probes() -> None:
    train, held_out = digits(200)
    found = case(mislabelled(train, "digits", 0.5, 200), held_out, untouched, 200, epochs=(4, 16))
    said = mistakes(found, 200)
    assert said["mistakes_accused"] >= 20
    assert said["mistakes_right"] >= 0.8 * said["mistakes_listed"]
    assert not len(honest(train).poisoned_index)


def test_influence_of_logistic_regression_meets_retraining() -> None:
    found = linear("logistic")
    assert found["leave_one_out_r"] >= 0.95
    assert found["lds"] >= 0.8
    assert found["gradient_ascent"][-1] < found["label_flips"][-1] < found["label_flips"][0]
