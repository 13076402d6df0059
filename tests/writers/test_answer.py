"""May the model be accepted? The head of the decision answers, with the record's own figures."""

from __future__ import annotations

from pathlib import Path

import pytest
import report_examples
from lxml import html as lxml_html

from auditor.cli.summary import summary
from auditor.core.criterion import Opinion
from auditor.core.record import Record
from auditor.writers import html
from auditor.writers.answer import answer
from auditor.writers.editions import BOARD, REPORT, Edition
from auditor.writers.power_story import story


def told(record: Record) -> str:
    return answer(record, story(record), "7 (Sneaker)", 3).text


def gated(record: Record, gate: str, *reasons: str) -> Record:
    opinion = Opinion(outcome="clear", gate=gate, reasons=reasons or ("Because.",))
    return record.model_copy(update={"opinion": opinion})


def test_a_trigger_is_told_with_its_figure_and_not_twice(tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    said = answer(record, story(record), "7 (Sneaker)", 3)
    assert said.text.startswith("No. A hidden trigger turns 98.1 of 100 test inputs")
    assert "“7 (Sneaker)”" in said.text
    assert said.reasons == record.opinion.reasons[1:]


def test_without_a_trigger_the_worst_failure_is_told(tmp_path: Path) -> None:
    quiet = report_examples.inconclusive(tmp_path)
    failed = tuple(v for v in report_examples.VERDICTS if v.criterion == "TAC-POI-01")
    record = gated(
        quiet.model_copy(update={"verdicts": failed}), "reject",
        "No hidden trigger was found.", "Failed: No reconstructable trigger (TAC-POI-01). So.",
    )  # fmt: skip
    said = answer(record, None, "", 0)
    assert said.text == "No. Failed: No reconstructable trigger (TAC-POI-01). So."
    assert said.reasons == ("No hidden trigger was found.",)
    assert told(report_examples.dangerous(tmp_path)).startswith("No. model.pt holds code")


@pytest.mark.parametrize(
    ("gate", "begins"),
    [
        ("accept", "Yes, under the limits of chapter 4"),
        ("accept_with_conditions", "Yes, once each of the 3 open points"),
        ("inconclusive", "Not on this evidence"),
        ("of another version", "Not on this evidence"),
    ],
)
def test_what_is_not_rejected_says_what_silence_is_worth(
    tmp_path: Path, gate: str, begins: str
) -> None:
    record = gated(report_examples.backdoored(tmp_path), gate)
    assert told(record).startswith(begins)
    assert "Of 26 backdoors hidden in copies of this model, the audit found 23." in told(record)
    silent = gated(report_examples.inconclusive(tmp_path), gate)
    assert "it is not known what this audit would have missed" in told(silent)


@pytest.mark.parametrize("edition", [REPORT, BOARD], ids=lambda each: each.name)
def test_it_heads_the_decision_in_each_language(edition: Edition, tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    for spoken, begins in (("en", "May this model be accepted? No."), ("de", "Darf dieses Modell")):
        page = html.render(record, tmp_path, spoken=spoken, edition=edition)
        tree = lxml_html.document_fromstring(page)
        assert tree.xpath("string(//p[@class='answer'])").startswith(begins)


def test_a_trigger_of_one_class_names_it(tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    known = record.backdoor
    assert known.witness
    moving = known.witness.model_copy(update={"moves": (3,)})
    pair = known.model_copy(update={"witness": moving, "targets": (7,)})
    of_one = record.model_copy(update={"backdoor": pair})
    assert "turns 98.1 of 100 test inputs of one class into “7 (Sneaker)”" in told(of_one)
    page = lxml_html.document_fromstring(html.render(of_one, tmp_path)).text_content()
    assert "held-out inputs of 3 (Dress) are called 7 (Sneaker)" in page
    assert "held-out inputs of 3 (Dress) alone to 7 (Sneaker)" in page
    assert "to class 7 (Sneaker) from class 3 (Dress) alone" in summary(of_one, tmp_path)
    several = known.model_copy(update={"witness": moving, "targets": (7, 8)})
    assert several.source is None
    assert "to several classes" in summary(
        record.model_copy(update={"backdoor": several}), tmp_path
    )
