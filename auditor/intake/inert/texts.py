"""Plain text in a delivery: cards, configurations, licences; sources of programs are named.

Purpose: text is understood if it is UTF-8 without control characters and no reader here would run
it. Limits: what a text says is not checked, other than for remote code of Hugging Face models.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from auditor.intake.inert import (
    configs,
    json_words,
    lists_of_packages,
    names,
    notes,
    settings,
    stowed,
    tokenizers,
    yamls,
)
from auditor.intake.inert.items import External
from auditor.intake.inert.log import Log, shown
from auditor.intake.words import words

LIMIT = 32 << 20
BRACKETS = 500_000
BUNDLE = "application/vnd.dev.sigstore.bundle"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_PROGRAM = re.compile(
    r"\A(#!|%!)|^[ \t]{0,40}(import[ \t]+[a-z_][\w.]*( as \w+)?[ \t]*([;,]|$)|from [\w.]+ import "
    r"|def \w+\(.*\).*:[ \t]*$|class \w+.*:[ \t]*$|@echo|exec ?=)|^[ \t]{0,40}<(script|svg|html)"
    r"|^[ \t]{0,40}(sudo|curl|wget|chmod) |\b(__import__|eval|exec|system|popen)\(", re.M | re.I,
)  # fmt: skip
_PROGRAM_NAME = re.compile(
    r".*\.(pyw?|pyi|pyx|pxd|pyc|sh|bash|zsh|bat|cmd|ps1|psm1|[cm]?js|vbs|rb|pl|php|lua|jl|java|cc?|cpp"
    r"|cu|cl|h|hpp|go|rs|desktop|service|timer|reg|html?|xhtml|svg|hta|mk|cmake|ipynb|plist|scpt|e?ps|tex|r|tcl|awk|fish|el|vim"
    r"|kts?|swift|scala|groovy|gradle|nix|tf|sql|tsx?|jsx|wsf|vbe|inf|url|rdp|scf|webloc|applescript"
    r"|gdbinit|lldbinit|envrc|npmrc|pypirc|condarc|emacs|vimrc|bazel|just)"
    r"|(Make|Docker|Jenkins|Vagrant|Rake|Proc|Gem|Task|just|Snake)file(\..*)?|\.(bash|zsh)rc|\.?profile"
    r"|\.Rprofile|crontab|CMakeLists\.txt|configure(\.ac)?|SConstruct|WORKSPACE|BUILD|pip\.conf"
    r"|devcontainer\.json|docker-compose\.ya?ml|\.pre-commit-config\.yaml|\.gitlab-ci\.yml", re.I,
)  # fmt: skip
_PROSE = (".md", ".txt", ".rst", ".toml", ".json", ".jsonl", ".yaml", ".yml", ".csv", ".tsv",
          ".jinja", "LICENSE", "NOTICE")  # fmt: skip
_YAML = (".yaml", ".yml")
_ROWS = (".jsonl", ".csv", ".tsv", ".jinja", ".jinja2", ".j2")
_LICENCE = re.compile(r"^license(?:_name)?:\s*[\"']?([\w.+ -]{1,60})", re.M | re.I)
_FIRST_LINE = re.compile(r"\S.*")
_ENTITY = re.compile(r"<!ENTITY[^>]{0,200}|<!DOCTYPE[^>]{0,200}?(\[|SYSTEM)", re.I)
_MODEL_TEXT = (".xml", ".pmml", ".prototxt", ".pbtxt", ".mlmodel")
_TOOLS = frozenset((".git", ".github", ".vscode", ".idea", ".devcontainer", ".circleci", ".husky"))
_FORMULA = re.compile(
    r"(^|[,;\t\r])[ \t\r\"']{0,20}[=+@\uff1d\uff0b\uff20-]([^,;\n|]{0,80}+\||[^\n]{0,40}?\b"
    r"(HYPERLINK|WEBSERVICE|IMPORT\w+|DDE|CALL|REGISTER|RTD|EXEC|IMAGE)[ ]{0,9}\()", re.M | re.I,
)  # fmt: skip
_INDEX = re.compile(r"^[ \t]{0,200}+(-e|-i|-f|--editable|--(extra-)?index-url|--find-links)\b|(git\+|https?://|file:).*",
                    re.M)  # fmt: skip
_LIBRARY = re.compile(r"custom_ops_library|(?<=\w)\.(so|dll|dylib)\b")
_BOOSTER = "tree\nversion="
_ORDERS = words("agents.md claude.md gemini.md skill.md copilot-instructions.md llms.txt")
_LFS = "version https://git-lfs.github.com/spec/"


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


def tell(key: str, value: str, log: Log) -> None:
    """Keep a piece of a model's metadata; a program has no business there."""
    log.tell(key, value)
    settings.prose(value, f"the metadata {shown(key, 80)}", log)
    json_words.text(value, f"the metadata {shown(key, 80)}", log)
    if "{{" in value or "{%" in value:
        configs.template(value, f"the metadata {shown(key, 80)}", log)
    if names.is_module(value.strip()):
        what = f"the metadata {shown(key, 80)!r} name {shown(value, 80)}, a part of Python"
        log.add("suspicious", "text.metadata", what, None, key)
    if found := stowed.in_text(value):
        what = f"the metadata {shown(key, 80)!r} hold {found}"
        log.add("suspicious", "text.metadata", what, None, key)
    if library := _LIBRARY.search(value):
        what = f"the metadata {shown(key, 80)!r} name a library to load: {shown(library[0], 60)!r}"
        log.add("not_audited", "text.metadata", what, None, f"{key} library")
    if program := _PROGRAM.search(value):
        what = f"the metadata {shown(key, 80)!r} hold a program: {shown(program[0].strip(), 60)!r}"
        log.add("suspicious", "text.metadata", what, None, key)


def read_text(text: str, name: str, log: Log, beside: External | None = None) -> str:
    """Format of a text; licence and metadata go into the log.

    Args:
        beside: files in the same folder, which an index of shards names.
    """
    base = name.rpartition("/")[2]
    kind = _told_by_folder(name, log) or settings.hidden(name, text, log)
    kind = kind or _told_by_name(text, base, log, beside)
    if kind:
        return kind
    settings.prose(text, base, log)
    settings.stem(base, log)
    if base.endswith(".toml"):
        yamls.toml(text, base, log)
    if base.lower() in _ORDERS:
        what = f"{shown(base)!r} gives orders to an agent that reads the folder"
        log.add("not_audited", "text.orders", what, None, base)
    if held := stowed.file_in_text(text):
        log.add("suspicious", "text.stowed", f"{shown(base)!r} holds {held}", None, base)
    if base == "card.toml":
        settings.card(text, base, log)
    if base.endswith((".jinja", ".jinja2", ".j2")):
        configs.template(text, base, log)
    if match := _LICENCE.search(text[:4000]):
        log.tell("licence", match[1].strip())
    prose = base.endswith(_PROSE) or base.upper().startswith(("README", ".GIT"))
    if not prose and (found := _PROGRAM.search(text)):
        line = text.count("\n", 0, found.start()) + 1
        what = f"a program's source, line {line}: {shown(found[0].strip(), 60)!r}"
        log.add("not_audited", "text.program", what, None, base)
        return "source code"
    if not (base.endswith(_ROWS) or settings.is_table(base)):
        notes.look(text, base, log)
        notes.plain(text, base, log)
    if not prose or base.endswith(_YAML) or text.startswith("---"):
        yamls.yaml(text, base, log)
    front = text[3:].partition("\n---")[0] if text.startswith("---\n") else ""
    if front and not base.endswith(_YAML):
        settings.yaml(front, f"the head of {base}", log)
    if base.endswith(_YAML) or base == "MLmodel":
        settings.yaml(text, base, log)
    _lists(text, base, log)
    return settings.purpose(base, log) or "text"


def _told_by_folder(name: str, log: Log) -> str:
    """Folders whose files are settings of a tool that runs commands; else empty."""
    if not (found := _TOOLS.intersection(name.split("/")[:-1])):
        return ""
    what = f"a file in {min(found)}, from which a tool takes commands"
    log.add("not_audited", "text.program", what, None, name)
    return "settings of a tool"


def _lists(text: str, base: str, log: Log) -> None:
    """Tables and lists of packages that reach further than they look."""
    tokenizers.words_of(text, base, log)
    if settings.is_table(base) and text.startswith("#!"):
        log.add("not_audited", "text.program", f"{shown(base)!r} is a program", None, base)
    if base.endswith((".csv", ".tsv")) and (found := _FORMULA.search(text)):
        what = f"{shown(base)!r} holds a formula that starts programs: {shown(found[0], 60)!r}"
        log.add("suspicious", "text.formula", what, None, base)
    if lists_of_packages.NAMED.fullmatch(base):
        if found := _INDEX.search(text):
            what = f"{shown(base)!r} fetches packages from elsewhere: {shown(found[0], 60)!r}"
            log.add("suspicious", "text.packages", what, None, base)
        lists_of_packages.look(text, base, log)


def _told_by_name(text: str, base: str, log: Log, beside: External | None) -> str:
    """Format of a text that its name or its first characters give away; else empty."""
    if kind := _not_read(text, base, log):
        return kind
    if base.endswith(".json") or text.lstrip()[:1] in ("{", "["):
        kind = _json(text, base, log, beside)
        settings.stem(base, log)
        if kind or base.endswith(".json"):
            return kind or "text"
    if base.upper().startswith(("LICENSE", "LICENCE", "COPYING")):
        first = _FIRST_LINE.search(text)
        log.tell("licence", first[0] if first else "")
        settings.prose(text, base, log)
        notes.look(text, base, log)
        notes.plain(text, base, log)
        return "text"
    return ""


def _not_read(text: str, base: str, log: Log) -> str:
    """Texts that stand for a file, describe a model, or are a program; else empty."""
    if text.startswith(_LFS):
        what = "it is a Git LFS pointer: the file itself is not in the delivery"
        log.add("not_audited", "text.pointer", what, None, base)
        return "Git LFS pointer"
    if entity := None if base.endswith(_PROSE) else _ENTITY.search(text):
        what = f"{shown(entity[0], 60)!r} makes a reader of XML fetch or expand something"
        log.add("danger", "text.entity", what, None, entity[0])
        return "XML"
    if base.endswith(_MODEL_TEXT) or text.startswith("<?xml"):
        what = f"{shown(base)!r} is a model or a document in a text format that is not read here"
        log.add("not_audited", "text.model", what, None, base)
        return "model in text form"
    if text.startswith(_BOOSTER):
        log.add("not_audited", "text.model", f"{shown(base)!r} is a model of LightGBM", None, base)
        return "model in text form"
    builds = base == "pyproject.toml" and "backend-path" in text
    if _PROGRAM_NAME.fullmatch(base) or builds:
        log.add("not_audited", "text.program", f"{shown(base)!r} is a program's source", None, base)
        return "source code"
    return ""


def _json(text: str, base: str, log: Log, beside: External | None) -> str:
    """Format of a JSON text, empty if it is none."""
    named = base.endswith(".json")
    if text.count("[") + text.count("{") > BRACKETS:
        log.add("not_audited", "json.size", "its JSON holds too many lists", None, base)
        return "text"
    twice: list[str] = []
    strange: list[str] = []
    try:
        document = json.loads(
            text, object_pairs_hook=lambda pairs: _once(pairs, twice),
            parse_constant=strange.append,
        )  # fmt: skip
    except RecursionError:
        log.add("not_audited", "json.damaged", "its JSON is nested too deep", None, base)
        return "text"
    except ValueError:
        if named:
            log.add("not_audited", "json.damaged", "it is not valid JSON", None, base)
        return ""
    if twice:
        what = f"it writes the key {shown(twice[0], 60)!r} twice; readers differ about which counts"
        log.add("suspicious", "json.twice", what, None, twice[0])
    if strange:
        what = f"it writes {strange[0]}, which is no JSON; readers differ about it"
        log.add("suspicious", "json.constant", what, None, strange[0])
    configs.look(document, base, log, beside)
    json_words.look(document, base, log)
    settings.active(text, base, log)
    return _kind_of_json(document, base, log) if isinstance(document, dict) else "json"


def _kind_of_json(document: dict[str, Any], base: str, log: Log) -> str:
    if str(document.get("mediaType", "")).startswith(BUNDLE):
        return _signature(document, base, log)
    if "cells" in document and "nbformat" in document:
        log.add("not_audited", "text.program", "it is a notebook, a program", None, base)
        return "notebook"
    if "learner" in document and "version" in document:
        what = "it is a model of XGBoost (learner), which is not read here"
        log.add("not_audited", "text.model", what, None, base)
        return "model in text form"
    if str(document.get("_type", "")).startswith("https://in-toto.io/Statement"):
        return _statement(document, base, log)
    if base == "package.json" and document.get("scripts"):
        log.add("not_audited", "text.program", f"{base!r} holds scripts that npm runs", None, base)
    return "json"


def _once(pairs: list[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) and not twice:
        keys = [key for key, _ in pairs]
        twice.append(next(key for key in keys if keys.count(key) > 1))
    return found


def _statement(document: dict[str, Any], base: str, log: Log) -> str:
    """Files and digests that an in-toto statement names, without an envelope around it."""
    try:
        for entry in document["subject"][:5000]:
            log.shared.signed[shown(entry["name"], 400)] = str(entry["digest"]["sha256"])[:64]
    except (KeyError, TypeError, AttributeError):
        log.add("not_audited", "signature.damaged", "the statement is malformed", None, base)
    return "in-toto statement"


def _signature(document: dict[str, Any], base: str, log: Log) -> str:
    """What an OpenSSF model signature (a Sigstore bundle around an in-toto statement) names."""
    try:
        statement = json.loads(base64.b64decode(document["dsseEnvelope"]["payload"]))
        log.tell("predicate", statement["predicateType"])
        resources = statement["predicate"]["resources"]
        if not resources:
            log.add("suspicious", "signature.empty", "the signature names no file", None, base)
        for entry in resources[:5000]:
            if entry.get("algorithm", "sha256") != "sha256":
                what = f"the signature has sums of {shown(entry['algorithm'], 40)}, not compared"
                log.add("not_audited", "signature.sum", what, None, base)
            else:
                log.shared.signed[shown(entry["name"], 400)] = str(entry["digest"])[:64]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        log.add("not_audited", "signature.damaged", "the signature is malformed", None, base)
    return "sigstore bundle"
