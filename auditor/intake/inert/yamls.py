"""YAML and TOML: tags, targets and resolvers by which a loader calls Python.

Limits: read by expressions, not by a parser; what only one loader's own dialect means is named.
"""

from __future__ import annotations

import re
import tomllib
from urllib.parse import unquote

from auditor.core.scan import Level
from auditor.intake.inert import names
from auditor.intake.inert.log import Log, shown

_TOML = 1 << 20
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


def _more_yaml(text: str, log: Log) -> None:
    """Tags, resolvers and keys that only some loader's own code gives a meaning."""
    for pattern, what in (
        (_STRANGE_TAG, "a tag that a loader's own code would read"),
        (_RESOLVER, "a resolver that a configuration library would call"),
        (_LONG_KEY, "a key on a line of its own, which hides what it is called"),
    ):
        if found := pattern.search(text):
            said = shown(found[found.lastindex or 0].strip(), 60)
            log.add("not_audited", "text.yaml", f"{what}: {said!r}", None, said)


def toml(text: str, base: str, log: Log) -> None:
    """TOML that every reader reads alike."""
    try:
        tomllib.loads(text[:_TOML])
    except (ValueError, RecursionError) as error:
        what = f"{shown(base)!r} is not valid TOML: {error!s:.80}"
        log.add("not_audited", "toml.damaged", what, None, base)
