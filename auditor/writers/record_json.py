"""record.json, the audit's one document: UTF-8, indented, keys in the order of the specification.

The bytes depend on the record alone, so ``sha256sum record.json`` gives the digest from which
the report takes its number.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from auditor.core.errors import AuditorError, ToolError
from auditor.core.record import SCHEMA, Record
from auditor.writers.atomic import write_atomic

FILE = "record.json"
SIZE_LIMIT = 256 << 20


def dump(record: Record) -> bytes:
    """Bytes of record.json.

    Raises:
        ToolError: a probe left something in the record that JSON cannot hold.
    """
    try:
        text = json.dumps(record.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
        return f"{text}\n".encode()
    except (ValueError, TypeError) as error:
        raise ToolError(f"The record cannot be written as JSON: {error}.") from error


def write(record: Record, out: Path) -> Path:
    """Write ``<out>/record.json``."""
    return write_atomic(out / FILE, dump(record))


def read(path: Path) -> Record:
    """The record at ``path``, a file or an audit folder that holds record.json.

    Raises:
        AuditorError: missing, not JSON, of another schema, or not as specified.
    """
    file = path / FILE if path.is_dir() else path
    content = _parse(file)
    schema = content.get("schema")
    if schema != SCHEMA:
        raise AuditorError(
            f"{file} has schema {str(schema)[:60]!r}, and this version reads {SCHEMA!r}.",
            "Use the version of auditor that wrote it; provenance.auditor in the file names it.",
        )
    try:
        return Record.model_validate(content)
    except ValidationError as error:
        raise _invalid(file, error) from error


def _parse(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > SIZE_LIMIT:
            raise AuditorError(f"{file} is larger than {SIZE_LIMIT >> 20} MB.", HINT)
        content = json.loads(file.read_bytes(), parse_constant=_no_constant)
    except OSError as error:
        raise AuditorError(f"Cannot read {file}: {error.strerror or error}.", HINT) from error
    except (ValueError, RecursionError) as error:
        raise AuditorError(f"{file} is damaged: it is not JSON ({error}).", HINT) from error
    if not isinstance(content, dict):
        raise AuditorError(f"{file} is not a record: it holds no JSON object.", HINT)
    return content


HINT = "Give the folder that `auditor audit --out` wrote, or its record.json."


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _invalid(file: Path, error: ValidationError) -> AuditorError:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])[:120] or "the top"
    return AuditorError(
        f"{file} is not a record of schema {SCHEMA!r}: {first['msg']} at {place}"
        f" ({error.error_count()} problems in all).",
        "Restore it from the archive, or run the audit again.",
    )
