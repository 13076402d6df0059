"""YAML and TOML: tags, targets and resolvers by which a loader calls Python.

Limits: read by expressions, not by a parser; what only one loader's own dialect means is named.
"""

from __future__ import annotations

import re
import tomllib
from urllib.parse import unquote

from auditor.core.scan import Level
from auditor.intake.inert import json_words, names, settings
from auditor.intake.inert.log import Log, shown

_TOML = 1 << 20
_BRACKETS = 20_000
_YAML_TAG = re.compile(
    r"!!python/[\w/.:]*|tag:yaml\.org,2002:python/?[\w/.:]*|!<tag:[^>]*python[^>]*>"
)
_HYPER = re.compile(r"!(new|name|apply|applyref|module|include):([\w.]+)")
_LOADER = re.compile(r"^[ \t]{0,200}+loader_module:\s*(?!mlflow\.)(\S{1,80})", re.M)
_TARGET = re.compile(
    r"(?:^|[{,])[ \t-]{0,200}+[\"']?(?:_?target_?|class_path|_component_)[\"']?"
    r"\s*:\s*[\"']?(\w+(?:\.\w+)+)",
    re.M,
)
_STRANGE_TAG = re.compile(
    r"(?:^|[\s:\[{,-])(!(?!!(?:str|int|float|bool|null|map|seq|binary|timestamp|set|omap)\b)"
    r"[\w!<][^\s,\]}]{0,80})"
)
_RESOLVER = re.compile(r"\$\{(?!now:|hydra:)[\w.]{1,40}:[^}\n]{0,80}")
_LONG_KEY = re.compile(r"^[ \t-]{0,200}+\?[ \t]", re.M)


def yaml(text: str, base: str, log: Log) -> None:
    """Tags that make a YAML loader call Python, and targets that a configuration library calls."""
    if "%TAG" in text:
        what = "a %TAG directive, which gives tags of a YAML loader other names"
        log.add("not_audited", "text.yaml", what, None, "%TAG")
    if tag := _YAML_TAG.search(unquote(text)):
        what = f"the tag {shown(tag[0], 60)!r} makes a YAML loader run Python"
        log.add("danger", "text.yaml", what, None, tag[0])
    if call := _HYPER.search(text):
        level: Level = "danger" if names.is_module(call[2]) else "not_audited"
        what = f"the tag {shown(call[0], 60)!r} makes a loader of hyperparameters run Python"
        log.add(level, "text.yaml", what, None, call[0])
    if base.endswith((".yaml", ".yml")):
        _more_yaml(text, log)
    if base == "MLmodel" and (module := _LOADER.search(text)):
        what = f"MLflow would import {shown(module[1], 60)!r} to load the model"
        log.add("not_audited", "config.remote_code", what, None, module[1])
    if target := _TARGET.search(text):
        what = f"_target_ names what a configuration library would call: {shown(target[1], 60)}"
        log.add("not_audited", "config.target", what, None, "_target_")


_CALLED = re.compile(r"[:\-\[,]\s{1,20}[\"']?(\$[A-Za-z_@][\w.]{0,80}\s{0,4}[(.][^\n]{0,60})")
_CODE = re.compile(
    r"^[ \t]{1,200}(import [a-z_][\w.]*$|from [\w.]+ import .*"
    r"|(?:os\.system|subprocess\.\w+|exec|eval|__import__)\(.*)",
    re.M,
)
_TABBED = re.compile(r"^ {0,200}\t[ \t]{0,200}[^\s#]", re.M)
_ESCAPED_KEY = re.compile(r"^[ -]{0,200}(\"[^\"\n]{0,200}\\[^\n]{0,200}\"\s{0,20}:)", re.M)
_BLOCK_KEY = re.compile(
    r"^( {0,200})((?:- {1,20}){0,10})"
    r"([\w./-]{1,100}|\"[^\"\n]{1,100}\"|'[^'\n]{1,100}')\s{0,20}:(?=\s|$)(.*)"
)
_SCALAR = re.compile(r"[|>][+-]?\d?[+-]?\s*(#.*)?")


def _read_alike(text: str, log: Log) -> None:
    """What readers of YAML read differently, or read as something else than it looks."""
    if found := _TABBED.search(text):
        log.add("not_audited", "text.yaml", "a line that begins with a tab", found.start(), "tab")
    if found := _ESCAPED_KEY.search(text):
        what = f"a key written by escapes: {shown(found[1], 60)!r}"
        log.add("not_audited", "text.yaml", what, None, "escapes")
    if twice := _twice(text):
        what = f"the key {shown(twice, 60)!r} stands twice in one block; readers differ on it"
        log.add("suspicious", "text.yaml", what, None, twice)
    if _rings(text):
        what = "a value that holds itself"
        log.add("suspicious", "text.yaml", what, None, "ring")


def _rings(text: str) -> bool:
    """An alias inside the block that its anchor names."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if not (found := re.search(r":\s{1,20}&(\w{1,60})\s*$", line)):
            continue
        depth = len(line) - len(line.lstrip())
        for inner in lines[number + 1 :]:
            if inner.strip() and len(inner) - len(inner.lstrip()) <= depth:
                break
            if re.search(rf"\*{found[1]}\b", inner):
                return True
    return False


def _twice(text: str) -> str:
    """A key that one block of a YAML text holds twice; empty if none does."""
    open_: list[tuple[int, set[str]]] = []
    quoted = -1
    for line in text.splitlines():
        if line.startswith(("---", "...")):
            open_, quoted = [], -1
        if not line.strip() or 0 <= quoted < len(line) - len(line.lstrip()):
            continue
        quoted = -1
        if not (found := _BLOCK_KEY.match(line)):
            continue
        depth = len(found[1]) + len(found[2])
        while open_ and (open_[-1][0] > depth or (found[2] and open_[-1][0] >= depth)):
            open_.pop()
        if not open_ or open_[-1][0] < depth:
            open_.append((depth, set()))
        key = found[3].strip("\"'")
        if key in open_[-1][1]:
            return key
        open_[-1][1].add(key)
        quoted = len(found[1]) if _SCALAR.fullmatch(found[4].strip()) else -1
    return ""


def _more_yaml(text: str, log: Log) -> None:
    """Tags, resolvers and keys that only some loader's own code gives a meaning."""
    _read_alike(text, log)
    for pattern, what in (
        (_CALLED, "a value that a configuration library would call"),
        (_CODE, "a program"),
        (_STRANGE_TAG, "a tag that a loader's own code would read"),
        (_RESOLVER, "a resolver that a configuration library would call"),
        (_LONG_KEY, "a key on a line of its own, which hides what it is called"),
    ):
        if found := pattern.search(text):
            said = shown(found[found.lastindex or 0].strip(), 60)
            log.add("not_audited", "text.yaml", f"{what}: {said!r}", None, said)


_DOTTED = re.compile(r"(?:[\w-]{1,100}|\"[^\"\n]{0,100}\")(?:\s{0,9}\.\s{0,9}[\w\"-]{1,100}){16}")


def toml(text: str, base: str, log: Log) -> None:
    """TOML that every reader reads alike, and whose keys are no tool's."""
    if _DOTTED.search(text) or text.count("[") > _BRACKETS:
        what = f"{shown(base)!r} has keys of absurd depth"
        log.add("not_audited", "toml.damaged", what, None, base)
        return
    try:
        document = tomllib.loads(text[:_TOML])
    except (ValueError, RecursionError) as error:
        what = f"{shown(base)!r} is not valid TOML: {error!s:.80}"
        log.add("not_audited", "toml.damaged", what, None, base)
        return
    json_words.look(document, base, log)
    todo = [document]
    while todo:
        table = todo.pop()
        settings.keys(table, base, log)
        todo.extend(value for value in table.values() if isinstance(value, dict))
