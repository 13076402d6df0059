"""What ``auditor scan`` prints and writes of a scan that is already made: nothing is read here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from auditor.cli.main import cli
from auditor.core.scan import Level, Part, Problem, Scan, Signature, TensorRow, exit_code
from auditor.engines import scanning
from auditor.writers.scan_sarif import scan_sarif

ROWS = (
    TensorRow(name="fc.weight", dtype="float32", shape=(10, 64), values=640, sampled=640,
              nan=3, infinite=5, chi_square=(251.0, 248.0)),
    *(TensorRow(name=f"w{number}", dtype="int8", shape=(), values=1) for number in range(20)),
)  # fmt: skip
MODEL = Part(
    path="m.onnx", bytes=12_345, sha256="ab" * 32, format="onnx", architecture="ONNX graph",
    tensors=ROWS, metadata={"producer": "a vendor", "namespace": "x", "pkg.torch.onnx.y": "z"},
)  # fmt: skip


def problem(level: Level, part: str = "m.onnx", offset: int | None = None) -> Problem:
    return Problem(level=level, rule=f"file.{level}", message=f"{part}: odd.", part=part,
                   offset=offset, hint=f"Ask about {level}.")  # fmt: skip


def scan_of(*problems: Problem, **told: Any) -> Scan:
    part = MODEL.model_copy(update={"problems": problems})
    return Scan(name="m.onnx", parts=(part,), exit_code=exit_code(problems), **told)


def printed(monkeypatch: pytest.MonkeyPatch, scan: Scan, *options: str) -> Result:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr("auditor.cli.scan.scan_delivery", lambda path: scan)
    return CliRunner().invoke(cli, ["scan", "m.onnx", *options])


def rows(result: Result) -> list[list[str]]:
    return [line.split() for line in result.stdout.splitlines()]


def test_each_file_has_a_line_of_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = rows(printed(monkeypatch, scan_of(licence="mit")))
    assert ["m.onnx", "onnx", "12,345", "ONNX", "graph"] in lines
    assert ["Licence:", "mit"] in lines
    assert ["Licence:", "none", "found"] in rows(printed(monkeypatch, scan_of()))


def test_metadata_are_shown_and_an_exporters_notes_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = printed(monkeypatch, scan_of()).stdout
    assert "m.onnx: producer: a vendor" in said
    assert "m.onnx: 2 notes of the exporter" in said
    assert "pkg.torch" not in said


def test_the_table_of_tensors_has_the_first_few_or_all(monkeypatch: pytest.MonkeyPatch) -> None:
    few, every = printed(monkeypatch, scan_of()), printed(monkeypatch, scan_of(), "--tensors")
    assert ["tensor", "type", "shape", "NaN", "inf", "low", "bytes"] in rows(few)
    assert ["fc.weight", "float32", "10x64", "3", "5", "251", "248"] in rows(few)
    assert ["w0", "int8", "scalar", "0", "0"] in rows(few)
    assert "and 9 more (--tensors lists them)" in few.stdout
    assert "w19" not in few.stdout
    assert "w19" in every.stdout
    assert "more (" not in every.stdout


@pytest.mark.parametrize(
    ("level", "code", "word", "end"),
    [
        ("danger", 1, "would run or harm", "Do not load it"),
        ("suspicious", 3, "suspicious", "something is odd"),
        ("not_audited", 4, "not audited", "nothing is promised"),
    ],
)
def test_each_level_has_its_word_its_hint_and_its_end(
    level: Level, code: int, word: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = printed(monkeypatch, scan_of(problem(level)))
    assert result.exit_code == code
    assert f"{word}: m.onnx: odd." in result.stdout
    assert f"hint: Ask about {level}." in result.stdout
    assert end in result.stdout.splitlines()[-1]


def test_the_worst_is_printed_first(monkeypatch: pytest.MonkeyPatch) -> None:
    levels: tuple[Level, ...] = ("suspicious", "not_audited", "danger")
    scan = scan_of(*map(problem, levels))
    assert [found.level for found in scan.problems] == [*reversed(levels)]
    assert scan.exit_code == 1
    said = printed(monkeypatch, scan).stdout
    assert said.index("would run or harm: ") < said.index("not audited: ") < said.index("suspic")


def test_a_clean_scan_says_what_it_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    result = printed(monkeypatch, scan_of())
    assert result.exit_code == 0
    assert "Every byte was understood and nothing was found" in result.stdout


@pytest.mark.parametrize(
    ("verified", "words"),
    [(None, "not verified"), (True, "signature valid"), (False, "signature WRONG")],
)
def test_a_signature_is_said_to_be_what_it_was_found_to_be(
    verified: bool | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Signature(path="m.sig", kind="OpenSSF", verified=verified, covers=2, differs=("a",))
    said = printed(monkeypatch, scan_of(signatures=(found,))).stdout
    assert words in said
    assert "2 files match, 1 differ" in said


def test_what_lies_inside_an_archive_has_no_place_in_the_file() -> None:
    scan = scan_of(problem("not_audited", "m.onnx!in", 7), problem("suspicious", offset=9))
    (run,) = json.loads(scan_sarif(scan))["runs"]
    inside, outside = run["results"]
    assert "region" not in inside["locations"][0]["physicalLocation"]
    assert inside["properties"]["offset"] == 7
    assert outside["locations"][0]["physicalLocation"]["region"] == {"byteOffset": 9}
    assert inside["level"] == outside["level"] == "warning"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "file.not_audited", "file.suspicious",
    ]  # fmt: skip
    assert run["invocations"][0]["exitCode"] == 4
    assert run["artifacts"][0]["hashes"] == {"sha-256": "ab" * 32}


def signed(*parts: Part, **digests: str) -> tuple[list[Part], list[Signature]]:
    return scanning._signatures([*parts, Part(path="m.sig", bytes=1, signed=digests)])


def test_a_signature_over_what_is_missing_or_other_is_suspicious() -> None:
    own = Part(path="a", bytes=1, sha256="00")
    parts, (found,) = signed(own, a="00")
    assert (found.covers, found.differs, exit_code(parts[1].problems)) == (1, (), 0)
    for named in ({"a": "00", "b": "11"}, {"a": "11", "b": "11"}):
        parts, (found,) = signed(own, **named)
        assert found.covers == list(named.values()).count("00")
        assert found.differs == tuple(name for name in "ab" if named[name] == "11")
        assert [problem.rule for problem in parts[1].problems] == ["signature.differs"]


def test_the_licence_may_be_told_by_any_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def parts(root: Path, names: list[str]) -> list[Part]:
        return [Part(path=name, bytes=1, metadata={"licence": "mit"} if name == "b" else {})
                for name in names]  # fmt: skip

    for name in "abc":
        (tmp_path / name).write_text("x")
    monkeypatch.setattr(scanning, "_parts", parts)
    assert scanning.scan_delivery(tmp_path).licence == "mit"
