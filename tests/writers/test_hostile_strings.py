"""Hostile strings in every free text of a record: none is active in any output.

HTML (parsed), PDF (its objects), the terminal and JSON. The tool writes no CSV.
"""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pikepdf
import pytest
import report_examples
from click.testing import CliRunner
from lxml import html as lxml_html
from report_examples import GUIDE

from auditor.cli.main import cli
from auditor.cli.summary import summary
from auditor.core.criterion import Opinion
from auditor.writers import html, pdf

STRINGS = (
    "<script>alert(1)</script>", "<SCRIPT SRC=//x.example/a.js></SCRIPT>", "<scr<script>ipt>x",
    "<img src=x onerror=alert(1)>", "<img src='file:///etc/passwd'>", "<svg onload=alert(1)>",
    "<svg><script xlink:href=data:,alert(1)></script>", "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>x</script>'>", "<object data=file:///etc/passwd>",
    "<embed src=http://x.example/>", "<link rel=stylesheet href=http://x.example/a.css>",
    "<link rel=attachment href=file:///etc/passwd>", "<base href=http://x.example/>",
    "<meta http-equiv=refresh content='0;url=http://x.example'>", "<form action=http://x.example>",
    "<a href=javascript:alert(1)>x</a>", "<a href=file:///etc/passwd>x</a>", "<body onload=x()>",
    "<input autofocus onfocus=alert(1)>", "<style>*{background:url(http://x.example/)}</style>",
    "<style>@import 'file:///etc/passwd';</style>", "</style><script>x</script>",
    "</title><script>",
    "--><script>x</script><!--", "]]><script>x</script>", "'\"><script>x</script>",
    "\" onmouseover=\"alert(1)", "' style='background:url(file:///etc/passwd)", "`${alert(1)}`",
    "{{ 7*7 }}", "{% include '/etc/passwd' %}", "{{ self.__init__.__globals__ }}", "${7*7} #{7*7}",
    "javascript:alert(1)", "data:text/html,<script>x</script>", "file:///etc/passwd",
    "&lt;script&gt;x&lt;/script&gt;", "&#60;script&#62;", "\\u003cscript\\u003e", "%3Cscript%3E",
    "=cmd|'/C calc'!A0", "+1+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "-2+3+cmd|x",
    "=HYPERLINK(\"http://x.example\")", "\t=1+1", "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[H",
    "\x1b]0;title\x07", "\x1b]8;;http://x.example\x1b\\x\x1b]8;;\x1b\\", "\x9b31m", "\x1bP+q\x1b\\",
    "a\rACCEPT", "a\nACCEPT  (clear)\n", "a\x08\x08b", "\x00", "\x7f", "\x85", "\u2028x\u2029",
    "\u202egpj.exe", "\u2066a\u2069\u2067b", "\u200bz\u200dy\ufeff", "e" + "\u0301" * 200,
    "\u05e9\u05dc\u05d5\u05dd", "\U000e0041\U000e0042", "\ufff9x\ufffb", "\ud83d\ude00",
    "A" * 10_000,
    "[bold red]x[/] [link=http://x.example]y[/link]", "%s%s%n %(x)s",
    "$(touch /tmp/x) `id`; rm -rf",
    "../../../../etc/passwd", "$\\frac{1}{0}$ \\input{/etc/passwd}", "%PDF-1.7 (x) /JavaScript",
)  # fmt: skip
WRITABLE = tuple(s for s in STRINGS if s.encode("utf-8", "ignore").decode() == s)
ACTIVE = ("script", "iframe", "object", "embed", "link", "base", "form", "input", "svg")
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
KEPT = "\n\u2068\u2069"
"""Line breaks and the isolation that the tool itself puts around right-to-left text."""


def unseen(text: str) -> set[str]:
    """Characters that a reader cannot see or that reorder what he sees."""
    return {c for c in text if unicodedata.category(c) in UNSEEN and c not in KEPT}


@pytest.fixture
def evil(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One hostile string, put into every free text of the example record."""
    monkeypatch.setattr(report_examples, "EVIL", request.param)
    text: str = request.param
    return text


def test_there_are_enough() -> None:
    assert len(set(STRINGS)) == len(STRINGS) >= 70
    assert len(WRITABLE) >= 69


@pytest.mark.parametrize("evil", WRITABLE, indirect=True, ids=ascii)
def test_nothing_is_active_in_the_page(evil: str, tmp_path: Path) -> None:
    page = html.render(report_examples.hostile(tmp_path), tmp_path, GUIDE)
    tree = lxml_html.document_fromstring(page)
    assert not [each.tag for each in tree.iter(*ACTIVE)]
    assert all(href.startswith("#") for href in tree.xpath("//@href"))
    assert not [name for each in tree.iter() for name in each.attrib if name.startswith("on")]
    assert all(src.startswith("data:image/") for src in tree.xpath("//@src"))
    assert len(tree.xpath("//style")) == len(tree.xpath("//title")) == 1
    assert not tree.xpath("//meta[@http-equiv='refresh']")
    assert not [s for s in tree.xpath("//@style") if "url" in s]
    assert "root:x:0" not in page
    assert not unseen(page)


@pytest.mark.parametrize("evil", WRITABLE, indirect=True, ids=ascii)
def test_nothing_is_active_on_the_terminal(evil: str, tmp_path: Path) -> None:
    opinion = Opinion(outcome="adverse", gate="reject", reasons=(evil, evil))
    record = report_examples.hostile(tmp_path).model_copy(update={"opinion": opinion})
    said = summary(record, tmp_path)
    assert not unseen(said)
    assert said.count("\n") <= 5
    name = evil[:99].replace("\0", "")  # no argument of a command can hold it
    result = CliRunner().invoke(cli, ["audit", f"{tmp_path}/{name}", "--out", f"{tmp_path}/o"])
    assert result.exit_code == 2
    assert not unseen(result.output)
    assert "Traceback" not in result.output


@pytest.mark.parametrize("evil", WRITABLE, ids=ascii)
def test_json_is_plain_and_faithful(evil: str, capsys: pytest.CaptureFixture[str]) -> None:
    from auditor.cli.shared import print_json

    print_json({evil: [evil]})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {evil: [evil]}
    assert re.fullmatch(r"[\x20-\x7f\n]*", printed)


def test_nothing_is_active_in_the_pdf(tmp_path: Path) -> None:
    record = report_examples.hostile(tmp_path)
    rows = [{"class": n, "label": text, "score": 1.0} for n, text in enumerate(WRITABLE)]
    finding = record.findings[0].model_copy(
        update={"tables": {"classes": rows[:12], "all": rows}, "caveats": WRITABLE[:40],
                "reason": WRITABLE[2]}
    )  # fmt: skip
    hostile = record.model_copy(update={"findings": (finding,)})
    path = pdf.write(hostile, tmp_path)
    with pikepdf.open(path) as document:
        assert "/OpenAction" not in document.Root
        assert "/AA" not in document.Root
        for each in document.objects:
            if isinstance(each, pikepdf.Dictionary):
                kind = str(each.get("/S", ""))
                assert kind not in ("/JavaScript", "/Launch", "/URI", "/SubmitForm", "/GoToR")
                assert "/JS" not in each
        assert set(document.attachments) <= {"record.json", "evidence.zip", "SHA256SUMS"}
    assert b"root:x:0" not in path.read_bytes()
