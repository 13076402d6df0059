"""Plain text in a delivery: cards, configurations, licences; sources of programs are named.

Purpose: text is understood if it is UTF-8 without control characters and no reader here would run
it. Limits: what a text says is not checked, other than for remote code of Hugging Face models.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from auditor.intake.inert.log import Log, shown

LIMIT = 32 << 20
SEARCHED = 1 << 20
JSON = 8 << 20
BRACKETS = 500_000
BUNDLE = "application/vnd.dev.sigstore.bundle"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_PROGRAM = re.compile(
    r"\A#!|^[ \t]{0,40}(import [a-z_][\w.]*( as \w+)?\s*$|from [\w.]+ import |def \w+\(.*\).*:\s*$"
    r"|class \w+.*:\s*$)|^[ \t]{0,40}<script|^[ \t]{0,40}(sudo|curl|wget|chmod) ", re.M | re.I,
)  # fmt: skip
_PROSE = (".md", ".txt", ".rst", ".toml", ".json", ".yaml", ".yml", ".csv", "LICENSE", "NOTICE")
_LICENCE = re.compile(r"^license(?:_name)?:\s*[\"']?([\w.+ -]{1,60})", re.M | re.I)
_FIRST_LINE = re.compile(r"\S.*")


def decoded(view: memoryview) -> str | None:
    """The text, or None if it is none.

    >>> decoded(memoryview(b"a\\x00b")) is None
    True
    """
    if len(view) > LIMIT:
        return None
    try:
        text = bytes(view).decode("utf-8-sig")
    except UnicodeError:
        return None
    return None if _CONTROL.search(text) else text


def read_text(text: str, name: str, log: Log) -> str:
    """Format of a text; licence and metadata go into the log."""
    base = name.rpartition("/")[2]
    if base.endswith(".json") or text.lstrip()[:1] in ("{", "["):
        return _json(text, base, log)
    if base.upper().startswith(("LICENSE", "LICENCE", "COPYING")):
        first = _FIRST_LINE.search(text)
        log.tell("licence", first[0] if first else "")
        return "text"
    if match := _LICENCE.search(text[:4000]):
        log.tell("licence", match[1].strip())
    prose = base.endswith(_PROSE) or base.upper().startswith(("README", ".GIT"))
    if not prose and (found := _PROGRAM.search(text[:SEARCHED])):
        line = text.count("\n", 0, found.start()) + 1
        what = f"a program's source, line {line}: {shown(found[0].strip(), 60)!r}"
        log.add("not_audited", "text.program", what, None, base)
        return "source code"
    return "text"


def _json(text: str, base: str, log: Log) -> str:
    if text.count("[") + text.count("{") > BRACKETS:
        log.add("not_audited", "json.size", "its JSON holds too many lists", None, base)
        return "text"
    if len(text) > JSON:
        return "text"
    try:
        document = json.loads(text)
    except RecursionError:
        log.add("not_audited", "json.damaged", "its JSON is nested too deep", None, base)
        return "text"
    except ValueError:
        if base.endswith(".json"):
            log.add("not_audited", "json.damaged", "it is not valid JSON", None, base)
        return "text"
    if isinstance(document, dict):
        _config(document, base, log)
        if str(document.get("mediaType", "")).startswith(BUNDLE):
            return _signature(document, base, log)
    return "json"


def _signature(document: dict[str, Any], base: str, log: Log) -> str:
    """What an OpenSSF model signature (a Sigstore bundle around an in-toto statement) names."""
    try:
        statement = json.loads(base64.b64decode(document["dsseEnvelope"]["payload"]))
        log.tell("predicate", statement["predicateType"])
        for entry in statement["predicate"]["resources"][:5000]:
            if entry.get("algorithm", "sha256") == "sha256":
                log.shared.signed[shown(entry["name"], 400)] = str(entry["digest"])[:64]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        log.add("not_audited", "signature.damaged", "the signature is malformed", None, base)
    return "sigstore bundle"


def _config(document: dict[str, Any], base: str, log: Log) -> None:
    for key in ("architectures", "model_type", "license", "torch_dtype", "transformers_version"):
        if isinstance(document.get(key), str | list):
            log.tell("licence" if key == "license" else key, document[key])
    if base == "config.json" and isinstance(document.get("architectures"), list):
        log.shared.architecture = shown(", ".join(map(str, document["architectures"][:3])), 200)
    if document.get("auto_map"):
        what = f"auto_map asks the loader for remote code: {shown(document['auto_map'], 80)}"
        log.add("suspicious", "config.remote_code", what, None, "auto_map")
