"""The questionnaire: a form that can be filled in, answers as declared findings, never more."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from criteria_examples import CATALOGUE, FLAWLESS
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.core.criterion import Outcome, Verdict
from auditor.core.errors import AuditorError
from auditor.core.finding import Finding, Status, as_measure
from auditor.criteria.form import form
from auditor.criteria.judge import judge
from auditor.criteria.load import policy
from auditor.criteria.questionnaire import answers

BASELINE = policy("baseline")
HEAD = 'schema = "auditor/questionnaire/1"\nanswered_by = "A. Uditor"\n'
SUPPLIER = (
    '[answers."doc.supplier"]\nwritten_agreement = true\ntechnical_access = true\n'
    "findings_shared = true\nreaudit_right = true\n"
)


def write(folder: Path, text: str, name: str = "q.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def verdict(criterion: str, *findings: Finding) -> Verdict:
    return next(v for v in judge(CATALOGUE, BASELINE, findings) if v.criterion == criterion)


def measured(test: str, **values: float | bool) -> Finding:
    measures = {name: as_measure(value) for name, value in values.items()}
    return Finding(probe=test, status=Status.COMPLETE, measures=measures)


@pytest.mark.parametrize("name", ["form.toml", "form.yaml"])
def test_an_empty_form_answers_nothing_and_asks_everything(tmp_path: Path, name: str) -> None:
    text = form(CATALOGUE, toml=name.endswith("toml"))
    assert answers(write(tmp_path, text, name), CATALOGUE) == ()
    for test, declared in CATALOGUE.tests.items():
        assert (f'"{test}"' in text) == (declared.asked is not None), test
        for metric in declared.questions:
            assert metric in text


@pytest.mark.parametrize("name", ["form.toml", "form.yaml"])
def test_a_filled_in_form_is_read_back(tmp_path: Path, name: str) -> None:
    text = form(CATALOGUE, toml=name.endswith("toml"))
    lines = []
    for before, line in zip(["", *text.splitlines()], text.splitlines(), strict=False):
        value = "true" if "true, false" in before else "1"
        lines.append(line.replace('"?"', value) if line.endswith('"?"') else line)
    found = answers(write(tmp_path, "\n".join(lines), name), CATALOGUE)
    assert {f.probe for f in found} == {
        f"declared.{t}" for t, d in CATALOGUE.tests.items() if d.asked
    }
    assert {f.tier for f in found} == {"E4"}
    filed = next(f for f in found if f.probe == "declared.doc.technical_file")
    assert filed.measures["items_present"].value == filed.measures["items_required"].value == 6


def test_a_document_makes_a_statement_evidence(tmp_path: Path) -> None:
    (tmp_path / "contract.pdf").write_bytes(b"signed")
    with_it = HEAD + SUPPLIER + 'documents = ["contract.pdf"]\n'
    (finding,) = answers(write(tmp_path, with_it), CATALOGUE)
    assert finding.tier == "E3"
    assert finding.tables["documents"][0]["sha256"] == hashlib.sha256(b"signed").hexdigest()
    assert "A. Uditor" in finding.caveats[0]
    passed = verdict("TAC-DOC-04", finding)
    assert (passed.outcome, passed.confidence, passed.tier) == (Outcome.PASS, "medium", "E3")
    (bare,) = answers(write(tmp_path, HEAD + SUPPLIER), CATALOGUE)
    weak = verdict("TAC-DOC-04", bare)
    assert (weak.outcome, weak.confidence, weak.tier) == (Outcome.PASS, "low", "E4")


def test_a_statement_alone_never_passes_a_blocking_criterion(tmp_path: Path) -> None:
    clean = measured("data.clean_set", min_per_class=60, overlap_known=False,
                     provenance_stated=False)  # fmt: skip
    noise = measured("influence.clean", label_noise_estimate=0.0, ran=True, anomalous_classes=0)
    text = HEAD + ('[answers."data.clean_set"]\noverlap_known = true\noverlap_share = 0\n'
                   "provenance_stated = true\n")  # fmt: skip
    (said,) = answers(write(tmp_path, text), CATALOGUE)
    weak = verdict("TAC-PLAN-02", clean, noise, said)
    assert weak.outcome is Outcome.NOT_ASSESSED
    assert "statement without a document" in weak.reasons[0]
    (tmp_path / "source.txt").write_text("bought from ...")
    (shown,) = answers(write(tmp_path, text + 'documents = ["source.txt"]\n'), CATALOGUE)
    assert verdict("TAC-PLAN-02", clean, noise, shown).outcome is Outcome.PASS


def test_documents_never_settle_the_core(tmp_path: Path) -> None:
    (tmp_path / "lab.pdf").write_bytes(b"%PDF")
    text = HEAD + ('[answers."trigger.internal"]\ndocuments = ["lab.pdf"]\nran = true\n'
                   "p_value = 0.9\nfamilies_agreeing = 0\n")  # fmt: skip
    power = measured("power.calibration", **FLAWLESS["power.calibration"])
    (found,) = answers(write(tmp_path, text), CATALOGUE)
    silent = verdict("TAC-POI-02", power, found)
    assert silent.outcome is Outcome.NOT_ASSESSED
    assert "needs a measurement" in silent.reasons[0]
    (alarm,) = answers(write(tmp_path, text.replace("0.9", "0.01")), CATALOGUE)
    assert verdict("TAC-POI-02", power, alarm).outcome is Outcome.CONCERN


def test_a_measure_outweighs_a_declaration(tmp_path: Path) -> None:
    text = HEAD + '[answers."artefact.signature"]\nvalid = true\nsigner_expected = true\n'
    (said,) = answers(write(tmp_path, text), CATALOGUE)
    bad = measured("artefact.signature", present=True, valid=False)
    assert verdict("TAC-ID-02", bad, said).outcome is Outcome.FAIL


@pytest.mark.parametrize("status", [Status.ERROR, Status.TIMED_OUT])
def test_what_could_not_be_measured_cannot_be_declared(tmp_path: Path, status: Status) -> None:
    text = HEAD + '[answers."robust.ood"]\nauroc = 0.99\ncrashes = 0\nsilent_errors = 0\n'
    (said,) = answers(write(tmp_path, text), CATALOGUE)
    assert verdict("TAC-ROB-02", said).outcome is Outcome.PASS
    crashed = Finding(probe="robust.ood", status=status, reason="It crashed.")
    assert verdict("TAC-ROB-02", crashed, said).outcome is Outcome.NOT_ASSESSED


def test_an_open_item_leaves_the_checklist_uncounted(tmp_path: Path) -> None:
    text = HEAD + '[answers."doc.technical_file"]\ndated_and_signed = true\n'
    items = ["procedures", "data", "metrics", "discrimination", "logs", "reports"]
    full = '[answers."doc.technical_file".items]\n' + "".join(f"{i} = true\n" for i in items)
    (found,) = answers(write(tmp_path, text + full), CATALOGUE)
    assert verdict("TAC-DOC-01", found).outcome is Outcome.PASS
    (part,) = answers(write(tmp_path, text + full.replace("logs = true", 'logs = "?"')), CATALOGUE)
    assert verdict("TAC-DOC-01", part).outcome is Outcome.NOT_ASSESSED


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "the schema is 'nothing'"),
        ('schema = "other"\n', "line 1: the schema is 'other'"),
        (HEAD + "extra = 1\n", "line 3: unknown key 'extra'"),
        (HEAD + "answers = 3\n", "not a table"),
        (HEAD + '[answers."doc.lawyer"]\n', "does not ask about 'doc.lawyer'"),
        (HEAD + '[answers."perf.accuracy"]\nvalue = 1.0\n', "does not ask about 'perf.accuracy'"),
        (HEAD + SUPPLIER + "price = 3\n", "line 8: doc.supplier has no question 'price'"),
        (HEAD + '[answers."doc.supplier"]\nreaudit_right = "yes"\n', "line 4: reaudit_right is"),
        (HEAD + '[answers."doc.supplier"]\nreaudit_right = 1\n', "neither true nor false"),
        (HEAD + '[answers."robust.ood"]\nauroc = 1.5\n', "not a number from 0 to 1"),
        (HEAD + '[answers."robust.ood"]\nauroc = nan\n', "not a number from 0 to 1"),
        (HEAD + '[answers."robust.ood"]\nauroc = true\n', "not a number from 0 to 1"),
        (HEAD + '[answers."robust.ood"]\ncrashes = 0.5\n', "not a whole number"),
        (HEAD + '[answers."robust.ood"]\ncrashes = -1\n', "not a whole number"),
        (HEAD + '[answers."record.seal"]\nsigned = true\n', "no question 'signed'"),
        (HEAD + SUPPLIER + 'documents = "a.pdf"\n', "not a list of file names"),
        (HEAD + SUPPLIER + 'documents = ["gone.pdf"]\n', "there is no file 'gone.pdf'"),
        (HEAD + SUPPLIER + 'documents = ["/dev/zero"]\n', "there is no file '/dev/zero'"),
        (HEAD + SUPPLIER + 'documents = ["a\\u0000b"]\n', "cannot be printed"),
        (HEAD + SUPPLIER + 'note = "\\u202egnihsihp"\n', "turn the line"),
        (HEAD + SUPPLIER + 'note = "\\u001b[2J"\n', "cannot be printed"),
        (HEAD + SUPPLIER + f'note = "{"a" * 10000}"\n', "longer than 2000"),
        (HEAD + '[answers."doc.technical_file".items]\nfile = true\n', "no item 'file'"),
        (HEAD + "[answers\n", "not well formed"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(AuditorError) as caught:
        answers(write(tmp_path, text), CATALOGUE)
    assert complaint in caught.value.message
    assert caught.value.message.count("\n") == 0
    assert caught.value.message.isprintable()
    assert caught.value.hint
    assert caught.value.exit_code == 2


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["q.toml", "q.yaml"]))
def test_whatever_the_file_holds_the_answer_is_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, text: str, name: str
) -> None:
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(text.encode("utf-8", "replace"))
    with pytest.raises(AuditorError):
        answers(path, CATALOGUE)
