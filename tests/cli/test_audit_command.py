"""``auditor audit`` as a script sees it: exit codes, one JSON document, progress apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result
from model_forms import Digits, save_model
from small_audits import Parcel, run, short_steps

from auditor import planning
from auditor.cli.shared import GATES
from auditor.core.record import Record
from auditor.writers.record_json import read

pytestmark = pytest.mark.usefixtures("brief", "without_pdf")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@dataclass(frozen=True)
class Twice:
    """One command given twice, first with ``--json``: what it printed and recorded each time."""

    folder: Path
    printed: tuple[Result, Result]
    records: tuple[Record, Record]


@pytest.fixture(scope="module")
def twice(parcel: Parcel, tmp_path_factory: pytest.TempPathFactory) -> Twice:
    folder = tmp_path_factory.mktemp("twice") / "out"
    steps = short_steps("data.clean_set", "perf.accuracy", "perf.slices", "perf.repeat")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "steps", lambda profile: steps)
        patch.setattr("auditor.writers.pdf.convert", lambda *_: b"%PDF-1.7 left out")
        first = run(*parcel.arguments(folder), "--seed", "5", "--json")
        before = read(folder)
        assert json.loads(first.stdout) == json.loads((folder / "record.json").read_text())
        again = run(*parcel.arguments(folder), "--seed", "5")
    return Twice(folder, (first, again), (before, read(folder)))


def test_json_is_one_document_on_standard_output(twice: Twice) -> None:
    record = json.loads(twice.printed[0].stdout)
    assert twice.printed[0].exit_code == GATES[record["opinion"]["gate"]]
    assert "perf.accuracy" in twice.printed[0].stderr


def test_text_names_the_gate_and_the_files(twice: Twice) -> None:
    gate, printed = twice.records[1].opinion.gate, twice.printed[1].stdout
    assert printed.startswith(gate.replace("_", " ").upper())
    assert str(twice.folder / "report.html") in printed
    assert (twice.folder / "report.html").exists()


def test_the_same_command_takes_up_a_finished_audit(twice: Twice) -> None:
    first, again = twice.records
    assert again.findings == first.findings
    assert again.plan_sha256 == first.plan_sha256
    assert again.timing.planned == first.timing.planned


def test_same_seed_same_findings(parcel: Parcel, twice: Twice, out: Path) -> None:
    run(*parcel.arguments(out), "--seed", "5")
    known, found = (
        [one.model_copy(update={"seconds": 0.0}) for one in record.findings]
        for record in (twice.records[0], read(out))
    )
    assert known == found


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
