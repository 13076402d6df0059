"""Whole small audits of scikit-learn files and of a folder of transformers."""

from __future__ import annotations

import json
import pickle  # noqa: TID251  the vendor's side
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_forms import save_balanced_folder, save_estimator
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_audits import run, short_steps

from auditor import planning
from auditor.intake.delivery import model_file

PROBES = ("data.clean_set", "artefact.graph", "artefact.equivalence", "perf.accuracy",
          "evasion.whitebox", "trigger.reconstruction", "trigger.templates")  # fmt: skip


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = short_steps(*PROBES)
    monkeypatch.setattr(planning, "steps", lambda profile: steps)


def audited(model: Path, clean: Path, out: Path) -> dict[str, Any]:
    result = run("audit", model, "--clean", clean, "--out", out, "--threads", "1")
    assert "Traceback" not in result.output
    assert result.exit_code in (1, 3, 4), result.output
    record: dict[str, Any] = json.loads((out / "record.json").read_bytes())
    return record | {"by": {finding["probe"]: finding for finding in record["findings"]}}


def verdict(record: dict[str, Any], criterion: str) -> str:
    outcomes = {v["criterion"]: str(v["outcome"]).upper() for v in record["verdicts"]}
    return outcomes[criterion]


@pytest.fixture
def cancer(tmp_path: Path) -> tuple[Any, Any, Path]:
    x, y = load_breast_cancer(return_X_y=True)
    np.savez(tmp_path / "clean.npz", x=x[400:], y=y[400:])
    return x[:400], y[:400], tmp_path / "clean.npz"


def test_a_forest_is_audited_as_far_as_it_can_be(cancer: Any, tmp_path: Path) -> None:
    x, y, clean = cancer
    model = save_estimator(
        RandomForestClassifier(8, random_state=0).fit(x, y), tmp_path, "sklearn_zlib"
    )
    record = audited(model, clean, tmp_path / "out")
    assert record["model"]["gradients"] is False
    assert record["by"]["perf.accuracy"]["measures"]["value"]["value"] > 0.9
    assert record["by"]["trigger.reconstruction"]["status"] == "SKIPPED"
    assert "RandomForestClassifier has none" in record["by"]["trigger.reconstruction"]["reason"]
    searched = record["by"]["trigger.templates"]
    assert searched["status"] == "COMPLETE"
    assert record["backdoor"]["p_value"] == searched["measures"]["p_value"]["value"]
    assert verdict(record, "TAC-POI-01") == "NOT_ASSESSED"
    assert verdict(record, "TAC-ID-04") == "PASS"


@pytest.mark.slow
def test_a_pipeline_is_searched_with_gradients(cancer: Any, tmp_path: Path) -> None:
    x, y, clean = cancer
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y)
    record = audited(save_estimator(pipeline, tmp_path, "skops"), clean, tmp_path / "out")
    assert record["model"]["format"] == "skops"
    assert record["by"]["evasion.whitebox"]["status"] == "COMPLETE"
    assert record["by"]["trigger.reconstruction"]["status"] == "COMPLETE"


def test_a_pickle_that_would_run_code_is_rejected(cancer: Any, tmp_path: Path) -> None:
    x, y, clean = cancer

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return (exec, ("open('/tmp/auditor-canary', 'w')",))

    estimator = LogisticRegression(solver="liblinear").fit(x, y)
    estimator.extra_ = Evil()
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(estimator))
    record = audited(tmp_path / "m.pkl", clean, tmp_path / "out")
    assert record["opinion"]["gate"] == "reject"
    assert "builtins.exec" in json.dumps(record["findings"])
    assert not Path("/tmp/auditor-canary").exists()


def test_a_folder_of_transformers_is_audited(tmp_path: Path) -> None:
    folder = tmp_path / "delivery"
    save_balanced_folder(folder, tmp_path / "clean.npz")
    record = audited(folder, tmp_path / "clean.npz", tmp_path / "out")
    assert record["delivery"]["format"] == "hugging_face"
    assert model_file(folder).name == "model.safetensors"
    assert record["model"]["spec"]["class_names"] == ["cat", "dog"]
    assert verdict(record, "TAC-ID-04") == "PASS"
    assert verdict(record, "TAC-ID-03") == "PASS"
