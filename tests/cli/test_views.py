"""``judge``, ``render`` and ``verify`` work from the folder alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import report_examples
from small_audits import run

from auditor.writers import write_all

pytestmark = pytest.mark.usefixtures("without_pdf")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_all(report_examples.backdoored(tmp_path), tmp_path)
    return tmp_path


def test_judge_changes_nothing(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    result = run("judge", folder, "--policy", "critical", "--json")
    judged = json.loads(result.stdout)
    assert judged["policy"] == "critical"
    assert judged["verdicts"]
    gates = {"accept": 0, "reject": 1, "accept_with_conditions": 3, "inconclusive": 4}
    assert result.exit_code == gates[judged["opinion"]["gate"]]
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_judge_as_text_says_what_changed(folder: Path) -> None:
    output = run("judge", folder).output
    assert "under policy baseline" in output
    assert "TAC-ACC-01" in output


def test_judge_under_a_file(folder: Path) -> None:
    own = folder.parent / "own.toml"
    own.write_text('name = "own"\n[parameters]\npower_floor = 0.95\n')
    assert run("judge", folder, "--policy", own).exit_code in (1, 4)


def test_render_writes_the_same_page_again(folder: Path) -> None:
    before = (folder / "report.html").read_bytes()
    (folder / "report.html").unlink()
    result = run("render", folder)
    assert result.exit_code == 0
    assert str(folder / "report.html") in result.output
    assert len((folder / "report.html").read_bytes()) >= len(before) // 2


def test_verify_names_what_was_changed(folder: Path) -> None:
    assert run("verify", folder).output == "This folder is not signed.\nintact\n"
    (folder / "record.json").write_bytes(b"{}")
    result = run("verify", folder)
    assert result.exit_code == 1
    assert "changed: record.json" in result.stderr


@pytest.mark.parametrize("command", ["judge", "render", "verify"])
def test_a_folder_without_an_audit(command: str, tmp_path: Path) -> None:
    result = run(command, tmp_path)
    assert result.exit_code == 2
    assert result.output.startswith("auditor: ")
    assert "Traceback" not in result.output
