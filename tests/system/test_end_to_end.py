"""One audit from wall to wall: a small model in each format, then the bundled samples.

The fast twin uses the real probes with the least effort, so it says nothing about detection; the
slow twins (``-m slow``) audit the sample models as a user would.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from model_forms import FORMS, Digits, plain_name, save_model
from small_audits import Parcel, run, short_steps

from auditor import planning
from auditor.core.record import Record
from auditor.writers.check import problems
from auditor.writers.record_json import read

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_models"
SCHEMA = json.loads((ROOT / "auditor/core/record.schema.json").read_text())
SCORE_TOLERANCE = 1e-6
"""Largest difference of the backdoor score between formats of one model."""
FOLDED_TOLERANCE = 0.02
"""For ONNX: exporters fold BatchNorm; the search amplifies the rounding (docs/benchmarks.md)."""


@pytest.fixture(scope="module")
def audited(tiny: Digits, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Path]:
    """Exit code and folder of one small audit with every probe and every writer."""
    folder = tmp_path_factory.mktemp("audited")
    model = save_model(tiny.network, folder, "safetensors", tiny.x)
    parcel = Parcel(model, tiny.save_clean(folder / "clean.npz"), "small_cnn")
    steps = short_steps()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "steps", lambda profile: steps)
        result = run(*parcel.arguments(folder / "out"), "--declare", "accuracy=0.9")
    assert "Traceback" not in result.output
    return result.exit_code, folder / "out"


@pytest.fixture(scope="module")
def record(audited: tuple[int, Path]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((audited[1] / "record.json").read_bytes())
    return content


def test_folder_holds_what_is_promised(audited: tuple[int, Path]) -> None:
    _, out = audited
    for name in ("record.json", "report.html", "report.pdf", "manifest.json", "evidence"):
        assert (out / name).exists(), name
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert problems(out) == []


def test_record_satisfies_its_schema(record: dict[str, Any]) -> None:
    jsonschema.validate(record, SCHEMA)


def test_record_has_the_keys_that_others_read(record: dict[str, Any]) -> None:
    assert record["schema"] == "auditor/record/1"
    assert record["opinion"]["outcome"] in (
        "clear", "clear_with_exceptions", "adverse", "no_conclusion"
    )  # fmt: skip
    assert len(record["delivery"]["sha256"]) == 64
    assert record["timing"]["wall_s"] > 0
    backdoor = record["backdoor"]
    assert isinstance(backdoor["score"], float)
    assert 0 < backdoor["p_value"] <= 1
    assert backdoor["detected"] in (True, False)
    assert set(backdoor["targets"]) <= set(range(10))
    if backdoor["witness"] is not None:
        assert {"family", "target", "flip_rate", "flip_rate_low", "evidence"} <= set(
            backdoor["witness"]
        )
    for row in record["power"]:
        assert {"family", "planted", "detected", "rate", "low", "high"} <= set(row)
    for finding in record["findings"]:
        assert {"probe", "status", "measures", "seconds"} <= set(finding)
        for measure in finding["measures"].values():
            assert set(measure) == {"value", "low", "high", "n", "unit"}
    for verdict in record["verdicts"]:
        assert {"criterion", "outcome", "reasons"} <= set(verdict)


def test_exit_code_is_the_gate(audited: tuple[int, Path], record: dict[str, Any]) -> None:
    gates = {"accept": 0, "reject": 1, "accept_with_conditions": 3, "inconclusive": 4}
    assert audited[0] == gates[record["opinion"]["gate"]]


def test_every_planned_trial_was_made_and_none_failed(record: dict[str, Any]) -> None:
    planned = [trial["probe"] for trial in record["plan"]["trials"]]
    status = {finding["probe"]: finding["status"] for finding in record["findings"]}
    assert set(planned) == set(planning.steps("quick")) - {"trigger.templates"}
    reasons = {f["probe"]: f["reason"] for f in record["findings"] if f["probe"] in planned}
    assert {status[name] for name in planned} == {"COMPLETE"}, reasons


def test_nothing_unmeasured_passes(record: dict[str, Any]) -> None:
    measured = {f["probe"] for f in record["findings"] if f["status"] == "COMPLETE"}
    for verdict in record["verdicts"]:
        if verdict["outcome"] == "PASS":
            assert set(verdict["tests"]) <= measured, verdict["criterion"]


def test_power_is_measured_on_copies_of_this_model(record: dict[str, Any]) -> None:
    assert record["power"]
    for row in record["power"]:
        assert 0 <= row["detected"] <= row["planted"] <= row["attempted"]
    judged = {verdict["criterion"]: verdict["outcome"] for verdict in record["verdicts"]}
    assert judged["TAC-PLAN-03"] == "NOT_ASSESSED", "two copies are too few"


@pytest.mark.parametrize("command", ["judge", "render", "verify"])
def test_views_need_no_torch(command: str, audited: tuple[int, Path]) -> None:
    script = (
        "import sys\n"
        "from auditor.cli.main import cli\n"
        f"try:\n    cli([{command!r}, {str(audited[1])!r}])\n"
        "except SystemExit as end:\n    assert end.code in (0, 1, 3, 4), end.code\n"
        "loaded = {'torch', 'captum', 'sklearn'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_process_that_judges_never_loads_torch(parcel: Parcel, tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "import small_audits as short\n"
        "steps = short.short_steps('data.clean_set', 'perf.accuracy')\n"
        "short.planning.steps = lambda profile: steps\n"
        f"try:\n    short.cli({parcel.arguments(tmp_path / 'out')!r})\n"
        "except SystemExit as end:\n    assert end.code in (1, 3, 4), end.code\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(ROOT / "tests"), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out/report.pdf").exists()


@pytest.mark.usefixtures("brief", "without_pdf")
@pytest.mark.parametrize("form", FORMS)
def test_each_format_goes_through(form: str, tiny: Digits, tmp_path: Path) -> None:
    model = save_model(tiny.network, tmp_path, form, tiny.x)
    arch = "small_cnn" if form.startswith(("safetensors", "state_dict")) else None
    parcel = Parcel(model, tiny.save_clean(tmp_path / "clean.npz"), arch)
    result = run(*parcel.arguments(tmp_path / "out"))
    assert result.exit_code == 4, result.output
    found = read(tmp_path / "out")
    assert found.delivery.format == plain_name(form)
    accuracy = found.finding("perf.accuracy")
    assert accuracy is not None
    assert accuracy.measures["value"].value > 0.8


def sample(name: str, out: Path, *options: str) -> tuple[int, Record]:
    """Exit code and record of an audit of a bundled model, by a real process."""
    command = [sys.executable, "-m", "auditor", "audit", str(SAMPLES / name), "--out", str(out)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, read(out)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "target"), [("fashion_backdoor", 7), ("cancer_backdoor", 1)])
def test_bundled_backdoor_is_named_and_rejected(name: str, target: int, tmp_path: Path) -> None:
    code, found = sample(name, tmp_path / "out")
    assert code == 1
    assert found.opinion.gate == "reject"
    assert found.backdoor.detected
    assert found.backdoor.targets[0] == target
    assert found.backdoor.witness is not None
    assert found.backdoor.witness.target == target


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fashion_clean", "fashion_flipped"])
def test_bundled_model_without_backdoor_is_not_rejected(name: str, tmp_path: Path) -> None:
    code, found = sample(name, tmp_path / "out")
    assert code in (0, 3, 4)
    assert not found.backdoor.detected
    assert all(finding.status != "ERROR" for finding in found.findings)


@pytest.mark.slow
@pytest.mark.parametrize("budget_s", [60, 120])
def test_budget_is_kept(budget_s: int, tmp_path: Path) -> None:
    """Needs two free cores."""
    code, found = sample("fashion_clean", tmp_path / "out", "--budget", f"{budget_s}s")
    assert code in (0, 3, 4)
    assert found.timing.wall_s <= 1.2 * budget_s


@pytest.mark.slow
def test_same_seed_same_findings(tmp_path: Path) -> None:
    first, second = (
        sample("fashion_backdoor", tmp_path / name, "--seed", "3")[1] for name in ("a", "b")
    )
    assert first.backdoor == second.backdoor
    assert first.power == second.power
    for one, two in zip(first.findings, second.findings, strict=True):
        assert one.model_copy(update={"seconds": 0.0}) == two.model_copy(update={"seconds": 0.0})


@pytest.mark.slow
def test_same_score_in_each_format(tiny: Digits, tmp_path: Path) -> None:
    clean = tiny.save_clean(tmp_path / "clean.npz")
    scores = {}
    for form in ("safetensors", "state_dict", "torchscript", "export", "onnx"):
        model = save_model(tiny.network, tmp_path, form, tiny.x)
        arch = "small_cnn" if form in ("safetensors", "state_dict") else None
        run(*Parcel(model, clean, arch).arguments(tmp_path / form))
        scores[form] = read(tmp_path / form).backdoor.score
    reference = scores["safetensors"]
    assert reference is not None
    assert reference > 0
    folded = scores.pop("onnx")
    assert scores == dict.fromkeys(scores, pytest.approx(reference, abs=SCORE_TOLERANCE))
    assert folded == pytest.approx(reference, abs=FOLDED_TOLERANCE)
