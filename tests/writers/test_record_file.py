"""record.json goes out and comes back; whatever is not one is named in a sentence."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import jsonschema
import pytest
import report_examples

from auditor.core import record as core_record
from auditor.core.criterion import Guide
from auditor.core.errors import AuditorError, ToolError
from auditor.core.record import Record
from auditor.writers import record_json
from auditor.writers.schema import record_schema, schema_text
from auditor.writers.view import build

STORED = Path(core_record.__file__).with_name("record.schema.json")


def test_record_survives_the_round_trip(variant: Record, tmp_path: Path) -> None:
    path = record_json.write(variant, tmp_path)
    assert record_json.read(path) == variant
    assert record_json.dump(record_json.read(tmp_path)) == path.read_bytes()


def test_every_example_satisfies_the_stored_schema(variant: Record) -> None:
    schema = json.loads(STORED.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(record_json.dump(variant)), schema)


def test_stored_schema_is_the_generated_one() -> None:
    assert STORED.read_text() == schema_text(), (
        "run: python -m auditor.writers.schema > auditor/core/record.schema.json"
    )


def test_schema_refuses_an_unknown_key(tmp_path: Path) -> None:
    content = json.loads(record_json.dump(report_examples.dangerous(tmp_path)))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**content, "surprise": 1}, record_schema())


def test_report_number_comes_from_the_file(written: tuple[Record, Path]) -> None:
    record, out = written
    sha256 = hashlib.sha256((out / "record.json").read_bytes()).hexdigest()
    view = build(record, out, Guide())
    assert view.digest == sha256
    assert view.number.replace("-", "") == f"AUD{sha256[:12].upper()}"
    assert sha256 in (out / "report.html").read_text()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"schema": NaN}', "not a JSON number"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no JSON object"),
        (b"{}", "schema 'None'"),
        (b'{"schema": "auditor/record/99"}', "auditor/record/99"),
        (b'{"schema": "auditor/record/1"}', "Field required at opinion"),
    ],
)
def test_what_is_no_record_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "record.json"
    file.write_bytes(content)
    with pytest.raises(AuditorError, match=message):
        record_json.read(file)


def test_missing_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuditorError, match=r"Cannot read .*nowhere"):
        record_json.read(tmp_path / "nowhere")
    with pytest.raises(AuditorError, match=r"record\.json"):
        record_json.read(tmp_path)


def test_what_json_cannot_hold_is_the_tools_fault(tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    broken = record.findings[0].model_copy(update={"params": {"x": object()}})
    with pytest.raises(ToolError, match="JSON"):
        record_json.dump(record.model_copy(update={"findings": (broken,)}))
