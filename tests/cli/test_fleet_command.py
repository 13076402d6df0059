"""``fleet``: one plan for many deliveries, resumable, the worst gate as exit code."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from small_audits import Parcel, run, short_steps

from auditor import planning
from auditor.core.record import Engagement
from auditor.fleet import Row, summarise
from auditor.writers.fleet_page import page
from auditor.writers.fleet_table import table
from auditor.writers.record_json import read


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, without_pdf: None) -> None:
    steps = short_steps("data.clean_set")
    monkeypatch.setattr(planning, "steps", lambda profile: steps)


def fleet_file(parcel: Parcel, folder: Path, more: str = "") -> Path:
    path = folder / "fleet.toml"
    path.write_text(
        f'[[delivery]]\nname = "one"\nmodel = "{parcel.model}"\nclean = "{parcel.clean}"\n'
        f'declare = {{sha256 = "{"0" * 64}"}}\n'
        f'[[delivery]]\nname = "gone"\nmodel = "gone.onnx"\nclean = "{parcel.clean}"\n{more}'
    )
    return path


@pytest.mark.usefixtures("short")
def test_a_fleet_goes_on_where_it_stopped(parcel: Parcel, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["fleet", fleet_file(parcel, tmp_path), "--out", out, "--threads", "1"]
    done = run(*arguments, "--json")
    assert done.exit_code == 1, done.output  # the declared digest is wrong: reject
    summary = json.loads(done.stdout)
    assert summary == json.loads((out / "fleet.json").read_text())
    one, gone = summary["deliveries"]
    assert one["gate"] == summary["gate"] == "reject"
    assert one["failed"] == ["TAC-ID-01"]
    assert gone["gate"] == "inconclusive"
    assert "no model" in gone["problem"]
    record = (out / "one" / "record.json").stat().st_mtime_ns
    again = run(*arguments)
    assert again.exit_code == 1
    assert "data.clean_set" not in again.stderr  # nothing was opened or measured
    assert (out / "one" / "record.json").stat().st_mtime_ns == record
    changed = run(*arguments, "--seed", "3")
    assert "with other options: seed was 0 and now is 3" in changed.output


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "there is no [[delivery]]"),
        ("[[deliver]]\n", "line 1: unknown key 'deliver'"),
        ("[[delivery]]\nname = 'x'\n", "delivery 1 names no model"),
        ("[[delivery]]\nmodel = 'm'\nseed = 3\n", "delivery 1: unknown key 'seed'"),
        ("[[delivery]]\nmodel = 'm'\nname = '../x'\n", "cannot name a folder"),
        ("[[delivery]]\nmodel = 'm'\n[[delivery]]\nmodel = 'm'\n", "2 deliveries are called m"),
    ],
)
def test_a_wrong_list_is_one_sentence(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "f.toml").write_text(text)
    done = run("fleet", tmp_path / "f.toml", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert complaint in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_empty_folder_and_an_unknown_policy(tmp_path: Path) -> None:
    assert run("fleet", tmp_path, "--out", tmp_path / "o").exit_code == 2
    done = run("fleet", tmp_path, "--out", tmp_path / "o", "--policy", "basline")
    assert "Unknown policy" in done.stderr


def row(name: str, p: float | None, gate: str = "accept") -> Row:
    return Row(name=name, gate=gate, p_value=p)


def test_q_values_and_the_worst_gate() -> None:
    summary = summarise([row("a", 0.01), row("b", None, "inconclusive"), row("c", 0.04)])
    assert [each.q_value for each in summary.deliveries] == pytest.approx([0.02, None, 0.04])
    assert summary.gate == "inconclusive"
    assert summary.counts == {
        "reject": 0, "inconclusive": 1, "accept_with_conditions": 0, "accept": 2,
    }  # fmt: skip
    assert "the 2 p-values" in summary.multiplicity
    assert summarise([row("a", 0.5), row("b", 0.5, "reject")]).gate == "reject"
    assert summarise([]).gate == "inconclusive"


HOSTILE = '=1+1<script>alert(1)</script>"\u202e'


def test_hostile_names_do_no_harm_in_the_tables() -> None:
    bad = Row(name=HOSTILE, gate="reject", folder='x"><img src=http://x>', problem=HOSTILE)
    document = summarise([bad]).model_dump(mode="json")
    html = page(document)
    assert "<script" not in html
    assert "<img" not in html
    assert "default-src 'none'" in html
    (cells,) = list(csv.DictReader(table(document["deliveries"]).splitlines()))
    assert cells["name"] == f"'{HOSTILE}"


def test_the_page_says_decision_trigger_and_chance_in_words() -> None:
    found = Row(
        name="a", gate="reject", folder="a", p_value=0.00006, detected=True, target="7",
        flip_rate=0.96, failed=("TAC-POI-01",),
    )  # fmt: skip
    html = page(
        summarise([found, Row(name="b", gate="inconclusive", problem="No such file.")]).model_dump(
            mode="json"
        )
    )
    assert '<p class="word">Reject</p>' in html
    assert "found to class 7, works on 96 of 100 test inputs" in html
    assert "1 of 17\u202f000" in html
    assert "Not audited: No such file." in html


@pytest.mark.usefixtures("short")
def test_a_fleet_obeys_committed_plans(parcel: Parcel, tmp_path: Path) -> None:
    plans, out = tmp_path / "plans", tmp_path / "out"
    plans.mkdir()
    listed = tmp_path / "fleet.toml"
    listed.write_text(
        f'[[delivery]]\nname = "one"\nmodel = "{parcel.model}"\nclean = "{parcel.clean}"\n'
    )
    committed = ["plan", parcel.model, "--clean", parcel.clean, "--seed", "7"]
    assert run(*committed, "--out", plans / "one.json").exit_code == 0
    arguments = ["fleet", listed, "--threads", "1", "--plans", plans, "--auditor", "A. Uditor"]
    changed = run(*arguments, "--out", out, "--seed", "8", "--json")
    (row,) = json.loads(changed.stdout)["deliveries"]
    assert "seed was 7 and now is 8" in row["problem"]
    done = run(*arguments, "--out", out, "--json")
    (row,) = json.loads(done.stdout)["deliveries"]
    assert row["problem"] == ""
    record = read(out / "one")
    plan = json.loads((plans / "one.json").read_text())
    assert record.plan_sha256 == plan["plan_sha256"]
    assert record.timing.planned == plan["committed"]
    assert record.engagement == Engagement(auditor="A. Uditor")
    text = (plans / "one.json").read_text()
    (plans / "one.json").write_text(text.replace('"seed": 7', '"seed": 9'))
    (row,) = json.loads(run(*arguments, "--out", tmp_path / "o2", "--json").stdout)["deliveries"]
    assert "was changed after it was committed" in row["problem"]
    assert row["gate"] == "inconclusive"


def test_a_key_for_plans_needs_plans(parcel: Parcel, tmp_path: Path) -> None:
    done = run(
        "fleet", fleet_file(parcel, tmp_path), "--plan-key", "k.pub", "--out", tmp_path / "o"
    )
    assert done.exit_code == 2
    assert "--plan-key checks plans" in done.stderr
