"""Configurations and templates: what in them asks a loader to run something.

Purpose: Hugging Face's remote code, layers of Keras that are functions, targets of configuration
libraries, and chat templates that reach for Python's insides (CVE-2024-34359).
Limits: other keys are data; what a library of its own makes of them is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from auditor.intake.inert import names
from auditor.intake.inert.log import Log, shown
from auditor.intake.inert.onnx_messages import is_outside

_TOLD = ("architectures", "model_type", "license", "torch_dtype", "transformers_version")
_TEMPLATES = ("chat_template", "template")
_REMOTE = ("auto_map", "custom_pipelines", "trust_remote_code")
_FUNCTIONS = (
    "Lambda", "TFOpLambda", "SlicingOpLambda", "__lambda__", "TorchModuleWrapper", "TFSMLayer",
    "FlaxLayer", "JaxLayer",
)  # fmt: skip
"""Layers that carry a function, or load one from a pickle or a file."""
_KERAS = ("keras", "tf_keras", "keras_core", "keras_hub", "keras_nlp", "keras_cv", "tensorflow")
_COMPUTED = re.compile(r"%c|\|\s*format\b|\\(x[0-7][0-9a-f]|u00[0-7][0-9a-f])", re.I)
_INSIDES = re.compile(
    r"__\w+|_['\"]\s*[~+]\s*['\"]_|\\(x5f|u005f|137)|\|\s*attr\b|\battr\s*\("
    r"|\b(cycler|joiner|lipsum|popen|getattr)\b", re.I,
)  # fmt: skip


def look(document: Any, base: str, log: Log) -> None:
    """Every object of a JSON document."""
    if isinstance(document, dict):
        _tell(document, base, log)
    _named_modules(document, base, log)
    for entry in _objects(document):
        _remote(entry, log)
        _keras(entry, log)
        _vocabulary(entry, log)
        if isinstance(entry.get("_target_"), str):
            what = f"_target_ names what a configuration library would call: {entry['_target_']}"
            log.add("not_audited", "config.target", what, None, "_target_")
        _shards(entry.get("weight_map"), log)
        _jsonpickle(entry, log)
        for text in _texts(entry):
            template(text, base, log)


def template(text: str, base: str, log: Log) -> None:
    """A template that looks for what templates have no use for."""
    if found := _INSIDES.search(text):
        what = f"the template reaches for {shown(found[0], 60)!r}, which leads to Python's insides"
        log.add("danger", "config.template", what, None, found[0])
    elif found := _COMPUTED.search(text):
        what = f"the template puts a word together by {shown(found[0], 60)!r}"
        log.add("suspicious", "config.template", what, None, found[0])


def _tell(document: dict[str, Any], base: str, log: Log) -> None:
    for key in _TOLD:
        if isinstance(document.get(key), str | list):
            log.tell("licence" if key == "license" else key, document[key])
    if base == "config.json" and isinstance(document.get("architectures"), list):
        log.shared.architecture = shown(", ".join(map(str, document["architectures"][:3])), 200)


def _remote(entry: dict[str, Any], log: Log) -> None:
    for key in _REMOTE:
        value = entry.get(key)
        if value and isinstance(value, dict | list | str | bool):
            what = f"{key} asks the loader for remote code: {shown(value, 80)}"
            log.add("not_audited", "config.remote_code", what, None, key)


def _keras(entry: dict[str, Any], log: Log) -> None:
    """Layers that carry a function, and objects of modules that are not Keras's own."""
    kind, module = entry.get("class_name"), entry.get("module")
    if not isinstance(kind, str):
        return
    if kind in _FUNCTIONS:
        what = f"the layer {shown(kind)} carries or loads a function of the vendor's"
        log.add("danger", "config.keras", what, None, kind)
    elif isinstance(module, str) and module.partition(".")[0] in _KERAS and kind[:1].islower():
        what = f"the configuration calls the function {shown(module)}.{shown(kind)}"
        log.add("danger", "config.keras", what, None, kind)
    elif isinstance(module, str) and module.partition(".")[0] not in _KERAS:
        full = f"{module}.{kind}"
        level = "danger" if names.kind(full) == "danger" else "not_audited"
        what = f"the configuration makes a {shown(full)}"
        log.add(level, "config.keras", what, None, full)  # type: ignore[arg-type]


def _vocabulary(entry: dict[str, Any], log: Log) -> None:
    """A layer of Keras reads the file that is given in place of a list of words."""
    inner = entry.get("config")
    path = inner.get("vocabulary") if isinstance(inner, dict) and "class_name" in entry else None
    if isinstance(path, str):
        level = "danger" if is_outside(path) else "suspicious"
        what = f"the vocabulary is to be read from the file {shown(path)!r}"
        log.add(level, "config.path", what, None, "vocabulary")  # type: ignore[arg-type]


def _named_modules(document: Any, base: str, log: Log) -> None:
    """Classes by the names of their modules, which a library imports."""
    found: list[object] = []
    if base == "modules.json" and isinstance(document, list):
        kinds = [entry.get("type") for entry in document if isinstance(entry, dict)]
        found += [kind for kind in kinds if not str(kind).startswith("sentence_transformers.")]
    if isinstance(document, dict) and isinstance(document.get("auto_mapping"), dict):
        library = str(document["auto_mapping"].get("parent_library"))
        found += [] if library.partition(".")[0] in ("transformers", "None") else [library]
    if isinstance(document, dict) and isinstance(document.get("_class_name"), list):
        found += [".".join(map(str, document["_class_name"]))]
    for name in found:
        what = f"{shown(base)} asks the loader to import {shown(name)}"
        log.add("not_audited", "config.remote_code", what, None, str(name))


def _shards(weight_map: Any, log: Log) -> None:
    """Names of the files that hold the weights of a large model."""
    names_ = weight_map.values() if isinstance(weight_map, dict) else ()
    for name in {name for name in names_ if isinstance(name, str)}:
        if is_outside(name):
            what = f"its weights are to be read from {shown(name)!r}, outside the delivery"
            log.add("danger", "config.path", what, None, name)


def _texts(entry: dict[str, Any]) -> Iterator[str]:
    """Templates: values that are called so, and those that look it."""
    for key, value in entry.items():
        if isinstance(value, str) and (key in _TEMPLATES or "{%" in value or "{{" in value):
            yield value


def _jsonpickle(entry: dict[str, Any], log: Log) -> None:
    """Objects that the library jsonpickle would make, by the keys that it writes."""
    for key, value in entry.items():
        if key.startswith("py/"):
            full = value if isinstance(value, str) else ""
            harm = key in ("py/reduce", "py/repr", "py/function") or names.is_module(full)
            what = f"{shown(key)} makes jsonpickle call {shown(full or 'what follows', 80)}"
            log.add("danger" if harm else "not_audited", "config.jsonpickle", what, None, key)


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    todo = [document]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            yield value
        if isinstance(value, dict | list):
            inner = value.values() if isinstance(value, dict) else value
            todo.extend(entry for entry in inner if isinstance(entry, dict | list))
