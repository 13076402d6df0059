"""WCAG 2.2 AA where a program can tell: contrast, names, headings, tables, reflow, axe-core."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import report_examples
from lxml import html as lxml_html

from auditor.writers import html, shapes
from auditor.writers.editions import EDITIONS, Edition

each_edition = pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.name)
TEXT, GRAPHIC = 4.5, 3.0


def colours() -> dict[str, str]:
    """The custom properties of the style sheet that are colours."""
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", str(html.style_sheet())))


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.2, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_guideline_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", ["ink", "muted", "accent", "pass", "concern", "fail", "open"])
def test_text_colours_stand_out_from_paper_and_wash(name: str) -> None:
    known = colours()
    for ground in ("#ffffff", known["wash"]):
        assert contrast(known[name], ground) >= TEXT


@pytest.mark.parametrize("tone", ["pass", "concern", "fail", "open"])
def test_white_words_stand_out_from_each_outcome(tone: str) -> None:
    assert contrast("#ffffff", colours()[tone]) >= TEXT
    assert shapes.COLOURS[tone].lower() == colours()[tone]


def test_outcomes_differ_in_shape_so_that_grey_is_enough() -> None:
    tones = ("pass", "concern", "fail", "open", "na")
    assert len({shapes.OUTLINES[tone] for tone in tones}) == len(tones)
    assert len({shapes.SIGNS[tone] for tone in tones}) == len(tones)


@each_edition
def test_every_status_has_a_word_beside_its_shape(edition: Edition, tmp_path: Path) -> None:
    for element in page(edition, tmp_path).xpath("//span[contains(@class, 'shape')]"):
        holder = element.getparent()
        siblings = holder.getparent().text_content() if holder is not None else ""
        assert re.search(r"\w", holder.text_content() + siblings)


def page(edition: Edition, out: Path, spoken: str = "en") -> lxml_html.HtmlElement:
    record = report_examples.backdoored(out)
    return lxml_html.document_fromstring(
        html.render(record, out, report_examples.GUIDE, spoken, edition)
    )


@each_edition
def test_language_title_landmarks_and_skip_link(edition: Edition, tmp_path: Path) -> None:
    tree = page(edition, tmp_path, "de")
    assert tree.get("lang") == "de"
    assert len(tree.xpath("//title/text()")[0]) > 20
    assert len(tree.xpath("//main")) == 1
    skip = tree.xpath("//body/*[1]")[0]
    assert skip.get("class") == "skip"
    assert tree.xpath(f"//*[@id='{skip.get('href')[1:]}']")


@each_edition
def test_headings_never_skip_a_level(edition: Edition, tmp_path: Path) -> None:
    levels = [
        int(heading.tag[1])
        for heading in page(edition, tmp_path).xpath("//h1|//h2|//h3|//h4|//h5|//h6")
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


@each_edition
def test_tables_have_headers_with_scope(edition: Edition, tmp_path: Path) -> None:
    for table in page(edition, tmp_path).xpath("//table"):
        assert table.xpath(".//th")
        assert all(th.get("scope") in {"col", "row"} for th in table.xpath(".//th"))


@each_edition
def test_what_scrolls_is_reachable_by_keyboard_and_named(edition: Edition, tmp_path: Path) -> None:
    for region in page(edition, tmp_path).xpath("//div[@class='scroll']"):
        assert region.get("tabindex") == "0"
        assert region.get("role") == "region"
        assert region.get("aria-label")


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="no chromium on PATH: pages not opened")


def opened(file: Path, width: int = 1280) -> str:
    """The page's DOM after headless Chromium has laid it out."""
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--window-size={width},900", f"--user-data-dir={file.parent / 'profile'}",
        "--virtual-time-budget=20000", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    return run.stdout


def scripted(edition: Edition, out: Path, script: str, head: str = "") -> Path:
    """The page without its content policy, plus a script of the test's own."""
    text = html.render(report_examples.backdoored(out), out, report_examples.GUIDE, "en", edition)
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    file = out / "scripted.html"
    file.write_text(text.replace("</body>", f"{head}<script>{script}</script></body>"), "utf-8")
    return file


def answer(dom: str) -> str:
    found = re.search(r'data-answer="([^"]*)"', dom)
    assert found, "the script did not answer"
    return lxml_html.fromstring(f"<p>{found[1]}</p>").text_content()


@pytest.mark.slow
@needs_chromium
@each_edition
def test_no_sideways_scrolling_at_320_pixels(edition: Edition, tmp_path: Path) -> None:
    script = """
    const frame = document.createElement('iframe');
    frame.style.cssText = 'width:320px;height:900px;border:0';
    frame.srcdoc = document.documentElement.outerHTML.replace(/<script>[^]*/, '');
    frame.onload = () => document.body.dataset.answer =
      frame.contentDocument.documentElement.scrollWidth;
    document.body.append(frame);
    """
    assert int(answer(opened(scripted(edition, tmp_path, script)))) <= 320


@pytest.mark.slow
@needs_chromium
@each_edition
def test_axe_core_finds_nothing(edition: Edition, tmp_path: Path) -> None:
    axe = os.environ.get("AXE_CORE", "")
    if not Path(axe).is_file():
        pytest.skip("AXE_CORE names no axe.min.js (npm install axe-core): axe did not run")
    script = """
    axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']})
      .then(r => document.body.dataset.answer = JSON.stringify(r.violations.map(
        v => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 120)])));
    """
    head = f"<script>{Path(axe).read_text('utf-8')}</script>"
    assert json.loads(answer(opened(scripted(edition, tmp_path, script, head)))) == []
