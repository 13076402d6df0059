"""The HTML report: well-formed, self-contained, inert, honest, and the same each time."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import lxml.etree
import pytest
import report_examples
from lxml import html as lxml_html
from report_examples import GUIDE

from auditor.core.criterion import Opinion
from auditor.core.record import Power, Record
from auditor.writers import html, wording
from auditor.writers.editions import BOARD, REPORT

VOID = re.compile(r"<(meta|img|br|wbr)\b([^>]*?)/?>")


def parsed(record: Record, out: Path) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(html.render(record, out, GUIDE))


def test_page_is_well_formed(variant: Record, tmp_path: Path) -> None:
    page = html.render(variant, tmp_path, GUIDE).split("\n", 1)
    closed = VOID.sub(r"<\1\2/>", page[1] if page[0].startswith("<!DOC") else "".join(page))
    closed = closed.replace("<!DOCTYPE html>", "")
    root = lxml.etree.fromstring(closed.strip())
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    targets = {href.removeprefix("#") for href in root.xpath("//a/@href")}
    assert targets <= set(ids)


def test_nothing_is_loaded_and_nothing_runs(variant: Record, tmp_path: Path) -> None:
    page = html.render(variant, tmp_path, GUIDE)
    tree = lxml_html.document_fromstring(page)
    assert "<script" not in page.lower()
    assert not tree.xpath("//script|//iframe|//object|//embed|//link|//base|//form")
    assert not [name for each in tree.iter() for name in each.attrib if name.startswith("on")]
    assert all(src.startswith("data:image/") for src in tree.xpath("//@src"))
    assert all(href.startswith("#") for href in tree.xpath("//@href"))
    assert len(tree.xpath("//style")) == 1
    addresses = re.findall(r"url\(([^)]{0,12})", tree.xpath("//style")[0].text)
    assert set(addresses) == {"data:image/s"}
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'")


def test_every_picture_says_what_it_shows(variant: Record, tmp_path: Path) -> None:
    alts = parsed(variant, tmp_path).xpath("//img/@alt")
    assert len(alts) == len(parsed(variant, tmp_path).xpath("//img"))
    assert all(len(alt) > 10 for alt in alts)


def test_decision_comes_first_in_words_colour_and_shape(variant: Record, tmp_path: Path) -> None:
    gate = parsed(variant, tmp_path).xpath("//section[1]//div[starts-with(@class, 'gate')]")[0]
    wanted = wording.gate(variant.opinion.gate).tone
    assert gate.xpath(".//p[@class='word']")[0].text_content() == wanted.word
    assert wanted.css in gate.get("class").split()
    assert gate.xpath("./span[@class]/@class")[0].split() == ["shape", wanted.css, "on"]


@pytest.mark.parametrize("gate", sorted(wording.GATES))
def test_each_gate_has_its_own_word(tmp_path: Path, gate: str) -> None:
    opinion = Opinion(outcome="clear", gate=gate, reasons=("Because.",))
    page = html.render(report_examples.backdoored(tmp_path, opinion=opinion), tmp_path)
    assert f'<p class="word">{wording.GATES[gate].tone.word}</p>' in page


def test_all_chapters_are_there(variant: Record, tmp_path: Path) -> None:
    titles = [h.text_content() for h in parsed(variant, tmp_path).xpath("//section/h2")]
    assert [title.split(" ", 1)[1].strip() for title in titles] == list(wording.CHAPTERS)


def test_witness_pictures_stand_side_by_side(tmp_path: Path) -> None:
    tree = parsed(report_examples.backdoored(tmp_path), tmp_path)
    pair = tree.xpath("//div[@class='witness']//figcaption/b/text()")
    assert pair == ["Clean.", "Triggered."]


def test_not_assessed_is_as_loud_as_fail(tmp_path: Path) -> None:
    tree = parsed(report_examples.backdoored(tmp_path), tmp_path)
    blocks = tree.xpath("//section[h2/@id='s11']//div[@class='loud']")
    loud = [each.text_content() for each in blocks]
    assert any("Adaptive probes find nothing hidden" in each for each in loud)
    assert any("influence.training" in each for each in loud)


def test_unmeasured_power_and_unopened_model_are_said_loudly(tmp_path: Path) -> None:
    tree = parsed(report_examples.dangerous(tmp_path), tmp_path)
    text = " ".join(tree.xpath("//div[@class='loud']//text()"))
    for phrase in ("Not measured", "The model was not opened", "No plan", "No clean set"):
        assert phrase in text
    assert "How the model behaves" in tree.xpath("//section[1]")[0].text_content()


def test_power_is_told_in_cases_of_a_hundred(tmp_path: Path) -> None:
    page = html.render(report_examples.backdoored(tmp_path), tmp_path)
    assert "would have been found in about 75 of 100 cases (95% interval 42 to 95)" in page
    assert "Could not be implanted in this model, so that nothing is known of them: warp." in page


def test_few_planted_backdoors_are_not_told_in_cases_of_a_hundred(tmp_path: Path) -> None:
    one = Power(family="patch", attempted=1, planted=1, detected=1, rate=1.0, low=0.025, high=1.0)
    page = html.render(report_examples.backdoored(tmp_path, power=(one,)), tmp_path)
    assert "too few were planted to say how many of 100 would be found: patch" in page
    assert "in about 100 of 100 cases" not in page


def test_evidence_and_confidence_stand_beside_each_verdict(tmp_path: Path) -> None:
    page = html.render(report_examples.backdoored(tmp_path), tmp_path)
    rows = lxml_html.document_fromstring(page).xpath(
        "//table[contains(@class, 'matrix')]//tbody/tr"
    )
    said = {row.xpath("string(.//code)"): row.xpath("string(td[2])") for row in rows}
    assert "confidence medium" in said["TAC-POI-01"]
    assert "evidence E1" in said["TAC-POI-01"]
    assert "evidence none" in said["TAC-POI-03"]
    assert "evidence" not in said["TAC-POI-06"]  # not applicable


def test_the_auditor_says_who_he_is_or_the_report_says_that_he_does_not(tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    for edition in (REPORT, BOARD):
        page = html.render(record, tmp_path, edition=edition)
        assert "J. Doe, Example Assurance Ltd" in page
        assert "third party: the auditor is independent" in page
    silent = record.model_copy(update={"engagement": None})
    assert "Independence not stated" in html.render(silent, tmp_path)
    said = html.render(silent, tmp_path, edition=BOARD)
    assert "read this audit as the supplier's own" in said


def test_both_times_are_printed(tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    for section in ("<header", 'id="s4"'):
        page = html.render(record, tmp_path).partition(section)[2][:4000]
        for name, time in (("Plan fixed", "09:14:03"), ("First trial", "09:14:04")):
            assert re.search(rf">{name}</th><td>2 March 2026, {time} UTC", page)


def test_findings_at_a_glance_begin_with_the_gravest(tmp_path: Path) -> None:
    page = html.render(report_examples.backdoored(tmp_path), tmp_path)
    tree = lxml_html.document_fromstring(page)
    links = tree.xpath("//table[contains(@class, 'glance')]//tbody/tr/td[1]/a")
    assert {link.get("href") for link in links} <= {f"#{each}" for each in tree.xpath("//@id")}
    outcomes = tree.xpath("//table[contains(@class, 'glance')]//tbody/tr/td[2]//span[2]/text()")
    order = [outcomes.index(word) for word in dict.fromkeys(outcomes)]
    assert outcomes[0] == "Fail"
    assert order == sorted(order)


def test_wording_never_promises(variant: Record, tmp_path: Path) -> None:
    text = parsed(variant, tmp_path).text_content().lower()
    assert "complies" not in text
    assert "backdoor-free" not in text


def test_mappings_say_supports_and_list_every_requirement(tmp_path: Path) -> None:
    text = parsed(report_examples.backdoored(tmp_path), tmp_path).text_content()
    assert "supports in part Art. 15(5)" in text
    assert "supports Art. 15(3)" in text
    assert "Societal and environmental well-being" in text
    assert "nothing in this audit" in text


def test_hostile_strings_are_inert(tmp_path: Path) -> None:
    page = html.render(report_examples.hostile(tmp_path), tmp_path, GUIDE)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b-\u200f]", page)
    assert "A" * 1300 not in page
    assert "49" not in re.findall(r"\{\{ 7\*7 \}\}|31m\s*49", page)
    assert len(page) < 2_000_000
    assert "root:" not in page


def test_tampered_or_missing_evidence_is_not_shown(tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    files = sorted((tmp_path / "evidence").glob("*.png"))
    files[0].write_bytes(files[0].read_bytes() + b"x")
    files[1].unlink()
    page = html.render(record, tmp_path)
    assert "differs from the one that was recorded" in page
    assert "missing from the evidence folder" in page


def test_a_changed_plan_is_noticed(tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path, plan=report_examples.plan(seed=8))
    intact = report_examples.backdoored(tmp_path)
    assert "does NOT agree" in html.render(record, tmp_path)
    assert "does NOT agree" not in html.render(intact, tmp_path)
    assert wording.LIMITS_UNCLEAR in html.render(record, tmp_path)
    assert wording.LIMITS_FIRST in html.render(intact, tmp_path)


def test_a_plan_dated_after_the_first_trial_is_noticed(tmp_path: Path) -> None:
    late = report_examples.TIMING.model_copy(update={"planned": "2026-03-02T09:20:00+00:00"})
    page = html.render(report_examples.backdoored(tmp_path, timing=late), tmp_path)
    assert "AFTER the first trial" in page


def test_declared_figures_stand_beside_measured_ones(tmp_path: Path) -> None:
    tree = parsed(report_examples.backdoored(tmp_path), tmp_path)
    rows = tree.xpath("//section[h2/@id='s8']//tbody/tr")
    cells = [[cell.text_content() for cell in row] for row in rows]
    assert cells[0] == ["Accuracy", "0.92", "0.901", "0.881 to 0.919", "−0.019", "perf.accuracy"]


def test_same_record_same_bytes(variant: Record, tmp_path: Path) -> None:
    first = html.write(variant, tmp_path, GUIDE).read_bytes()
    assert html.write(variant, tmp_path, GUIDE).read_bytes() == first


def test_rendering_needs_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, report_examples as e;"
        "from auditor.writers import WRITERS;"
        "out = pathlib.Path(sys.argv[1]);"
        "record = e.inconclusive(out);"
        "[WRITERS[n](record, out) for n in WRITERS if 'pdf' not in n];"
        "sys.exit('torch' in sys.modules)"
    )
    folder = Path(__file__).parent
    command = [sys.executable, "-c", code, str(tmp_path)]
    assert subprocess.run(command, cwd=folder, check=False).returncode == 0
    assert (tmp_path / "report.html").is_file()
