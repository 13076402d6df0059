"""The JSON Schema of record.json, generated from the record itself.

``python -m auditor.writers.schema`` prints it; the stored copy is
``auditor/core/record.schema.json`` and a test holds the two together.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from auditor.core.record import SCHEMA, Record

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def record_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) that every record.json of this version satisfies."""
    schema = Record.model_json_schema(by_alias=True, mode="serialization")
    schema["properties"]["schema"]["const"] = SCHEMA
    return {"$schema": DIALECT, "$id": SCHEMA, **schema}


def schema_text() -> str:
    """The schema as it is stored."""
    return json.dumps(record_schema(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
