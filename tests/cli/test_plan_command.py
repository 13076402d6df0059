"""``plan`` commits, ``audit --plan`` obeys; every difference is named and nothing is silent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from authority import Authority, private_pem
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from model_forms import Digits
from small_audits import Parcel, run, short_steps

from auditor import planning
from auditor.writers.record_json import read


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch, without_pdf: None) -> None:
    steps = short_steps("data.clean_set", "perf.accuracy")
    monkeypatch.setattr(planning, "steps", lambda profile: steps)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "key.pem").write_bytes(private_pem(key))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "key.pub").write_bytes(public)
    return folder


@pytest.fixture(scope="module")
def stamped(keys: Path, parcel: Parcel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A signed and stamped plan with its authority's root beside it."""
    folder = tmp_path_factory.mktemp("plan")
    with pytest.MonkeyPatch.context() as patch:
        steps = short_steps("data.clean_set", "perf.accuracy")
        patch.setattr(planning, "steps", lambda profile: steps)
        authority = Authority()
        (folder / "root.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
        with authority.serve() as address:
            done = run(*order(parcel, folder / "plan.json"), "--seed", "7",
                       "--sign", keys / "key.pem", "--timestamp", address)  # fmt: skip
        assert done.exit_code == 0, done.output
        yield folder


def order(parcel: Parcel, out: Path) -> list[str]:
    return ["plan", str(parcel.model), "--clean", str(parcel.clean), "--out", str(out)]


def test_a_plan_says_everything_before_anything_is_measured(parcel: Parcel, tmp_path: Path) -> None:
    done = run(*order(parcel, tmp_path / "plan.json"), "--json")
    assert done.exit_code == 0
    plan = json.loads(done.stdout)
    assert plan == json.loads((tmp_path / "plan.json").read_text())
    assert plan["schema"] == "auditor/plan/1"
    assert all(limit["reason"] for limit in plan["limits"])
    assert [trial["probe"] for trial in plan["plan"]["trials"]] == [
        "data.clean_set", "perf.accuracy",
    ]  # fmt: skip
    again = run(*order(parcel, tmp_path / "plan.json"))
    assert again.exit_code == 2
    assert "not written over" in again.stderr


def test_the_audit_obeys_a_stamped_plan(
    parcel: Parcel, keys: Path, stamped: Path, tmp_path: Path
) -> None:
    done = run(*parcel.arguments(tmp_path / "out"), "--plan", stamped / "plan.json",
               "--plan-key", keys / "key.pub", "--trust", stamped / "root.pem")  # fmt: skip
    assert done.exit_code == 4, done.output
    record = read(tmp_path / "out")
    held = json.loads((stamped / "plan.json").read_text())
    assert record.plan is not None
    assert record.plan.seed == 7
    assert record.plan_sha256 == held["plan_sha256"]
    assert record.timing.planned == held["committed"] < record.timing.first_trial
    assert record.timing.stamped
    commitment = record.finding("plan.commitment")
    assert commitment is not None
    values = {name: measure.value for name, measure in commitment.measures.items()}
    assert values == {
        "present": 1, "signed": 1, "timestamped_before_run": 1, "rationale_present": 1,
        "changed_after_commit": 0,
    }  # fmt: skip
    verdicts = {verdict.criterion: verdict.outcome for verdict in record.verdicts}
    assert verdicts["TAC-PLAN-01"] == "PASS"
    assert run("replay", tmp_path / "out").exit_code == 0


def test_no_difference_is_silent(parcel: Parcel, stamped: Path, tmp_path: Path) -> None:
    done = run(*parcel.arguments(tmp_path / "o"), "--plan", stamped / "plan.json", "--seed", "8",
               "--profile", "deep", "--policy", "critical", "--declare", "accuracy=0.9",
               "--budget", "9m")  # fmt: skip
    assert done.exit_code == 2
    for named in (
        "seed was 7 and now is 8",
        "profile was quick and now is deep",
        "limit power_floor was 0.7 and now is 0.9",
        "declared accuracy was nothing and now is 0.9",
        "budget_s was nothing and now is 540",
    ):
        assert named in done.stderr
    assert not (tmp_path / "o" / "record.json").exists()


def test_another_item_or_clean_set_is_named(
    parcel: Parcel, tiny: Digits, stamped: Path, tmp_path: Path
) -> None:
    other = tmp_path / "clean.npz"
    Digits(tiny.network, tiny.x[:200], tiny.y[:200]).save_clean(other)
    arguments = Parcel(parcel.model, other).arguments(tmp_path / "o")
    done = run(*arguments, "--plan", stamped / "plan.json")
    assert done.exit_code == 2
    assert "clean_sha256 was" in done.stderr


def test_a_changed_plan_is_refused(
    parcel: Parcel, keys: Path, stamped: Path, tmp_path: Path
) -> None:
    for file in stamped.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    plan = json.loads((stamped / "plan.json").read_text())
    run_it = [*parcel.arguments(tmp_path / "o"), "--plan", tmp_path / "plan.json"]
    plan["plan"]["policy"]["parameters"]["power_floor"] = 0.1
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    assert "was changed after it was committed" in run(*run_it).stderr
    plan["plan"]["policy"]["parameters"]["power_floor"] = 0.7
    plan["committed"] = "2020-01-01T00:00:00.000+00:00"
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    done = run(*run_it, "--plan-key", keys / "key.pub")
    assert done.exit_code == 2
    assert "is not the plan that was signed" in done.stderr
    (tmp_path / "plan.dsse.json").unlink()
    assert "not beside the plan" in run(*run_it, "--plan-key", keys / "key.pub").stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "nothing to plan"),
        (["m.onnx"], "needs a file"),
        (["m.onnx", "--out", "p.json", "--timestamp", "request"], "set on a signature"),
        (["--questionnaire", "q.txt"], "neither TOML nor YAML"),
        (["gone.onnx", "--clean", "c.npz", "--out", "p.json"], "no model at gone.onnx"),
    ],
)
def test_wrong_use(arguments: list[str], complaint: str) -> None:
    done = run("plan", *arguments)
    assert done.exit_code == 2
    assert complaint in done.stderr


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "auditor/plan/1"}', "\x00"])
def test_no_plan(parcel: Parcel, tmp_path: Path, text: str) -> None:
    (tmp_path / "p.json").write_text(text)
    done = run(*parcel.arguments(tmp_path / "o"), "--plan", tmp_path / "p.json")
    assert done.exit_code == 2
    assert "p.json is not" in done.stderr


def test_the_questionnaire_from_form_to_verdict(parcel: Parcel, tmp_path: Path) -> None:
    form = tmp_path / "q.toml"
    assert run("plan", "--questionnaire", form).exit_code == 0
    assert run("plan", "--questionnaire", form).exit_code == 2  # it may be filled in
    filled = form.read_text().replace('retention_years = "?"', "retention_years = 12")
    form.write_text(filled.replace('continues_to_learn = "?"', "continues_to_learn = false"))
    done = run(*parcel.arguments(tmp_path / "out"), "--questionnaire", form)
    assert done.exit_code == 4, done.output
    record = read(tmp_path / "out")
    declared = [finding for finding in record.findings if finding.tier != "E1"]
    assert [finding.probe for finding in declared] == [
        "declared.doc.learning",
        "declared.record.seal",
    ]
    verdicts = {verdict.criterion: verdict for verdict in record.verdicts}
    assert verdicts["TAC-ROB-03"].outcome == "NOT_APPLICABLE"
    form.write_text(filled.replace('continues_to_learn = "?"', "continues_to_learn = true"))
    judged = run("judge", tmp_path / "out", "--questionnaire", form, "--json")
    outcomes = {v["criterion"]: v["outcome"] for v in json.loads(judged.stdout)["verdicts"]}
    assert outcomes["TAC-ROB-03"] == "NOT_ASSESSED"
    form.write_text("schema = 1\n")
    assert run("judge", tmp_path / "out", "--questionnaire", form).exit_code == 2
    assert run(*parcel.arguments(tmp_path / "x"), "--questionnaire", form).exit_code == 2
