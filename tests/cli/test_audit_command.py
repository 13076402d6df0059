"""``auditor audit`` as a script sees it: exit codes, one JSON document, progress apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from model_forms import Digits, save_model
from small_audits import Parcel, run

from auditor.cli.shared import GATES
from auditor.writers.record_json import read

pytestmark = pytest.mark.usefixtures("brief", "without_pdf")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_json_is_one_document_on_standard_output(parcel: Parcel, out: Path) -> None:
    result = run(*parcel.arguments(out), "--json")
    record = json.loads(result.stdout)
    assert record == json.loads((out / "record.json").read_text())
    assert result.exit_code == GATES[record["opinion"]["gate"]]
    assert "perf.accuracy" in result.stderr


def test_text_names_the_gate_and_the_files(parcel: Parcel, out: Path) -> None:
    result = run(*parcel.arguments(out))
    gate = read(out).opinion.gate
    assert result.stdout.startswith(gate.replace("_", " ").upper())
    assert str(out / "report.html") in result.stdout
    assert (out / "report.html").exists()


def test_the_same_command_takes_up_a_finished_audit(parcel: Parcel, out: Path) -> None:
    run(*parcel.arguments(out))
    first = read(out)
    run(*parcel.arguments(out))
    again = read(out)
    assert again.findings == first.findings
    assert again.plan_sha256 == first.plan_sha256
    assert again.timing.planned == first.timing.planned


def test_same_seed_same_findings(parcel: Parcel, tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        run(*parcel.arguments(tmp_path / name), "--seed", "5")
        findings = read(tmp_path / name).findings
        found.append([finding.model_copy(update={"seconds": 0.0}) for finding in findings])
    assert found[0] == found[1]


def test_the_clean_set_beside_the_model_is_found(parcel: Parcel, out: Path) -> None:
    result = run("audit", parcel.model.parent, "--out", out)
    assert result.exit_code == 4
    assert read(out).data is not None


def test_what_the_vendor_declares_is_compared(parcel: Parcel, out: Path) -> None:
    run(*parcel.arguments(out), "--declare", "accuracy=0.999", "--declare", f"sha256={'0' * 64}")
    record = read(out)
    accuracy, identity = record.finding("perf.accuracy"), record.finding("artefact.hash")
    assert accuracy is not None
    assert identity is not None
    assert accuracy.measures["declared"].value == 0.999
    assert identity.measures["matches_declared"].value == 0.0
    assert record.opinion.gate == "reject"


def test_a_factory_of_the_auditors_own(
    tiny: Digits, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_nets.py").write_text(
        "from auditor.architectures import build\n"
        "def factory(shape, classes):\n    return build('small_cnn', shape, classes)\n"
    )
    monkeypatch.chdir(tmp_path)
    model = save_model(tiny.network, tmp_path, "safetensors", tiny.x)
    parcel = Parcel(model, tiny.save_clean(tmp_path / "clean.npz"), "own_nets:factory")
    assert run(*parcel.arguments(out)).exit_code == 4
    facts = read(out).model
    assert facts is not None
    assert facts.architecture == "own_nets:factory"
