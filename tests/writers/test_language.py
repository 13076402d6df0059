"""The languages of the reports: complete, plural-aware, and without English leftovers."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
import report_examples
from lxml import html as lxml_html

from auditor import house
from auditor.core.errors import AuditorError
from auditor.core.probe import PROBES
from auditor.core.record import Record
from auditor.criteria.load import guide, load_catalogue
from auditor.probes import discover
from auditor.writers import html
from auditor.writers.amounts import column, interval, moment, number, size
from auditor.writers.editions import ANNEX, BOARD, EDITIONS, REPORT, Edition
from auditor.writers.language import catalogue, languages, plural, speaking, translate
from auditor.writers.messages import messages
from auditor.writers.phrases import UNIT, phrase, said
from auditor.writers.text import humanise

OTHERS = [code for code in languages() if code != "en"]
ENGLISH = re.compile(
    r"\b(the|of|and|with|were|that|which|this|is|are|not|by|from|to|for|on)\b", re.I
)


def names(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_translated_and_nothing_is_stale(code: str) -> None:
    known = {message.id: message.string for message in catalogue(code, "report") if message.id}
    wanted = {message.id for message in messages() if message.id}
    assert wanted - known.keys() == set()
    assert known.keys() - wanted == set()
    for source, text in known.items():
        forms = text if isinstance(text, tuple) else (text,)
        sources = source if isinstance(source, tuple) else (source,)
        assert all(forms), source
        assert {frozenset(names(form)) for form in forms} <= {frozenset(names(s)) for s in sources}


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("domain", ["record", "criteria"])
def test_phrases_keep_their_names(code: str, domain: str) -> None:
    for message in catalogue(code, domain):
        if message.id:
            assert message.string, message.id
            assert names(str(message.string)) <= names(str(message.id)), message.id


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_of_the_catalogue_is_translated(code: str) -> None:
    says = guide(load_catalogue())
    texts = {*says.limits.values(), *(c.title for c in load_catalogue().criteria)}
    texts |= {step for steps in says.steps.values() for step in steps.values()}
    texts |= {m.says for t in load_catalogue().tests.values() for m in t.metrics.values()}
    with speaking(code):
        assert [text for text in sorted(texts) if phrase(text) is None] == []


@pytest.mark.parametrize("code", OTHERS)
def test_every_probe_is_translated(code: str) -> None:
    discover()
    probes = [PROBES[name] for name in PROBES if PROBES[name].__module__.startswith("auditor.")]
    texts = {each.title for each in probes}
    texts |= {meaning for each in probes for meaning in each.measures.values()}
    texts |= {UNIT.sub("", meaning) for meaning in texts}
    texts |= {humanise(name) for each in probes for name in each.measures}
    with speaking(code):
        assert [text for text in sorted(texts) if phrase(text) is None] == []


@pytest.mark.parametrize("code", OTHERS)
def test_the_findings_of_every_audit_are_translated(code: str) -> None:
    delivery = report_examples.DELIVERY
    found = (
        house.identity(delivery, None, "x"), house.signature(delivery), house.bill(delivery),
        house.no_retest(), house.seal(),
        house.commitment(house.Commitment("", ""), report_examples.POLICY),
    )  # fmt: skip
    texts = {text for each in found for text in (each.title, *each.caveats)}
    texts |= {humanise(name) for each in found for name in each.measures}
    with speaking(code):
        assert [text for text in sorted(texts) if phrase(text) is None] == []


def leftovers(page: str, own: set[str]) -> list[str]:
    """Sentences of a page that hold English words outside what is marked as English or theirs."""
    tree = lxml_html.document_fromstring(page)
    for each in tree.xpath("//style|//code|//pre|//*[@lang='en']|//*[contains(@class, 'sources')]"):
        each.drop_tree()
    texts = [str(text).strip() for text in tree.xpath("//text()|//@alt|//@aria-label|//@title")]
    return [text for text in texts if ENGLISH.search(text) and not any(o in text for o in own)]


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda each: each.name)
def test_no_english_is_left_on_german_pages(edition: Edition, tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    page = html.render(record, tmp_path, guide(load_catalogue()), "de", edition)
    assert '<html lang="de">' in page
    assert leftovers(page, {"T-shirt", "Example Textiles"}) == []


def test_what_is_not_translated_is_marked_as_english() -> None:
    with speaking("de"):
        assert said("A sentence of <b>my</b> own probe.") == (
            '<span lang="en">A sentence of &lt;b&gt;my&lt;/b&gt; own probe.</span>'
        )
        assert said("Clean input.") == "Saubere Eingabe."
    assert said("A sentence of my own probe.") == "A sentence of my own probe."


def test_a_sentence_is_translated_whole_or_not_at_all() -> None:
    with speaking("de"):
        assert phrase(
            "The share of inputs answered differently is 0.25, below the limit of 0.5."
        ) == ("Der Anteil anders beantworteter Eingaben: 0,25, unter dem Grenzwert 0,5.")
        assert phrase("The share of my own is 0.25, below the limit of 0.5.") is None


def test_reasons_within_reasons_are_translated() -> None:
    with speaking("de"):
        text = phrase("Failed: “Everyday disturbance” (TAC-ROB-01). The signature verifies: no.")
        assert text == (
            "Nicht bestanden: „Alltägliche Störung“ (TAC-ROB-01). Die Signatur ist gültig: nein."
        )


def test_numbers_dates_and_plurals_follow_the_language() -> None:
    with speaking("de"):
        assert number(0.931) == "0,931"
        assert number(12345.0) == "12\u202f345"
        assert column([0.5, 12.25]) == ["0,50", "12,25"]
        assert interval(0.5, 0.75) == "0,50 bis 0,75"
        assert moment("2026-03-01T09:30:05+00:00") == "1. März 2026, 09:30:05 UTC"
        assert size(950) == "950 Byte"
        assert plural("{n} more row", "{n} more rows", 1) == "1 weitere Zeile"
        assert plural("{n} more row", "{n} more rows", 2) == "2 weitere Zeilen"
        assert translate("not recorded") == "nicht festgehalten"
    assert number(0.931) == "0.931"


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    record = report_examples.dangerous(tmp_path)
    with pytest.raises(AuditorError, match="language 'xx'"):
        html.render(record, tmp_path, spoken="xx")


def test_hostile_text_is_inert_in_german(tmp_path: Path) -> None:
    for edition in (REPORT, BOARD, ANNEX):
        record: Record = report_examples.hostile(tmp_path)
        page = html.render(record, tmp_path, report_examples.GUIDE, "de", edition)
        assert "<script" not in page
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b-\u200f]", page)
