"""``replay``, ``diff`` and the forms of ``criteria`` as a script sees them; none imports torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import report_examples
import yaml
from criteria_examples import CATALOGUE
from small_audits import run

from auditor.core.canonical import canonical_json
from auditor.criteria.assess import assess
from auditor.criteria.load import policy
from auditor.writers.record_json import dump

SCRIPT = """
import sys
from auditor.cli.main import cli
try:
    cli(sys.argv[1:], standalone_mode=False)
except SystemExit as end:
    assert "torch" not in sys.modules, "torch was imported"
    sys.exit(end.code)
assert "torch" not in sys.modules, "torch was imported"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record whose verdicts are those of the bundled catalogue."""
    folder = tmp_path_factory.mktemp("made")
    record = report_examples.backdoored(folder)
    assert record.plan is not None
    limits = policy("baseline")
    plan = record.plan.model_copy(update={"policy": limits, "catalogue": CATALOGUE.label})
    judged = assess(CATALOGUE, limits, record.findings)
    record = record.model_copy(update={
        "plan": plan, "plan_sha256": plan.sha256, "verdicts": judged.verdicts,
        "opinion": judged.opinion, "backdoor": judged.backdoor, "power": judged.power,
    })  # fmt: skip
    (folder / "record.json").write_bytes(dump(record))
    catalogue = CATALOGUE.model_dump(mode="json", by_alias=True)
    (folder / "catalogue.json").write_bytes(canonical_json(catalogue))
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it to work on."""
    for name in ("record.json", "catalogue.json"):
        (tmp_path / name).write_bytes((made / name).read_bytes())
    return tmp_path


def forge(folder: Path, name: str = "forged.json") -> Path:
    content = json.loads((folder / "record.json").read_text())
    content["verdicts"][0]["outcome"] = "FAIL"
    (folder / name).write_text(json.dumps(content))
    return folder / name


def test_replay_of_a_true_and_a_forged_record(folder: Path) -> None:
    done = run("replay", folder)
    assert done.exit_code == 0, done.output
    assert done.output == "identical: 30 verdicts, 1 opinion\n"
    forged = run("replay", forge(folder), "--json")
    assert forged.exit_code == 1
    (difference,) = json.loads(forged.stdout)["differences"]
    assert difference["what"] == "TAC-ID-01, outcome"
    assert difference["recorded"] == "FAIL"


def test_replay_with_another_catalogue_or_policy(folder: Path) -> None:
    own = folder / "own.yaml"
    own.write_text("extends: bundled\ndrop: [TAC-ACC-01]\n")
    dropped = run("replay", folder, "--criteria", own)
    assert dropped.exit_code == 1
    assert "judged by another catalogue" in dropped.output
    assert "TAC-ACC-01: recorded" in dropped.output
    assert run("replay", folder, "--criteria", "bundled").exit_code == 0
    assert run("replay", folder, "--policy", "critical").exit_code == 1
    (folder / "catalogue.json").write_text((own).read_text())
    swapped = run("replay", folder)
    assert swapped.exit_code == 2
    assert "is not the catalogue that the record names" in swapped.stderr


@pytest.mark.parametrize(("other", "code"), [("record.json", 0), ("forged.json", 1)])
def test_diff(folder: Path, other: str, code: int) -> None:
    forge(folder)
    done = run("diff", folder, folder / other)
    assert done.exit_code == code
    found = json.loads(run("diff", folder, folder / other, "--json").stdout)
    assert found["identical"] == (code == 0)
    assert [v["criterion"] for v in found["verdicts"]] == (["TAC-ID-01"] if code else [])


def test_diff_of_two_files(folder: Path) -> None:
    for name in ("a.onnx", "b.onnx"):
        (folder / name).write_bytes(name.encode())
    assert run("diff", folder / "a.onnx", folder / "a.onnx").exit_code == 0
    done = run("diff", folder / "a.onnx", folder / "b.onnx")
    assert done.exit_code == 1
    assert "file changed" in done.output


@pytest.mark.parametrize("command", [["replay", "none"], ["diff", "none", "none"]])
def test_nothing_there(command: list[str], tmp_path: Path) -> None:
    done = run(command[0], *(tmp_path / name for name in command[1:]))
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_no_torch_is_needed(folder: Path) -> None:
    for command in (["replay", str(folder)], ["diff", str(folder), str(folder)],
                    ["plan", "--questionnaire", str(folder / "q.toml")]):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, *command], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_criteria_in_other_forms(tmp_path: Path) -> None:
    library = yaml.safe_load(run("criteria", "--format", "ciso-assistant").stdout)
    assert library["objects"]["framework"]["requirement_nodes"]
    views = json.loads(run("criteria", "--format", "views").stdout)
    assert len(views["atlas"]["rows"]) == 215
    for form in ("schema", "policy-schema"):
        assert json.loads(run("criteria", "--format", form).stdout)["type"] == "object"
    own = tmp_path / "own.yaml"
    own.write_text("extends: bundled\ndrop: [TAC-OVS-01]\n")
    assert "TAC-OVS-01" not in run("criteria", "--criteria", own).stdout
    own.write_text("extends: bundled\ndrop: [TAC-OVS-99]\n")
    assert run("criteria", "--criteria", own).exit_code == 2
