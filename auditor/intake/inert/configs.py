"""Configurations and templates: what in them asks a loader to run something.

Purpose: Hugging Face's remote code, layers of Keras that are functions, targets of configuration
libraries, and chat templates that reach for Python's insides (CVE-2024-34359).
Limits: other keys are data; what a library of its own makes of them is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from auditor.intake.inert import (
    choices,
    names,
    setting_numbers,
    settings,
    shards,
    templates,
    tokenizers,
)
from auditor.intake.inert.items import External
from auditor.intake.inert.log import Log, shown
from auditor.intake.inert.onnx_messages import is_outside
from auditor.intake.words import words

_TOLD = ("architectures", "model_type", "license", "torch_dtype", "transformers_version")
_TEMPLATES = ("chat_template", "template")
_REMOTE = (
    "auto_map", "custom_pipelines", "custom_pipeline", "trust_remote_code", "code_revision",
    "_custom_modules", "custom_objects", "custom_load", "kernel_config", "kernel_mapping",
    "kernels_repo", "use_kernels", "reasoning_parser_plugin", "tool_parser_plugin",
)  # fmt: skip
_TARGETS = ("class_path", "_class_path", "_instantiator")
_OF_LIBRARIES = re.compile(r"_[a-z]+_")
"""Keys like ``_target_``, by which libraries of settings make objects."""
_FUNCTIONS = (
    "Lambda", "TFOpLambda", "SlicingOpLambda", "__lambda__", "TorchModuleWrapper", "TFSMLayer",
    "FlaxLayer", "JaxLayer",
)  # fmt: skip
"""Layers that carry a function, or load one from a pickle or a file."""
_KERAS = ("keras", "tf_keras", "keras_core", "keras_hub", "keras_nlp", "keras_cv", "tensorflow")
_KERNELS = ("custom_generate", "use_kernels")
_PATHS = ("file", "path", "filepath", "filename", "tensor_path", "base_model_name_or_path")
_QUANTISERS = words(
    """bitsandbytes bitsandbytes_4bit bitsandbytes_8bit gptq awq aqlm quanto eetq hqq bitnet higgs
    spqr
    compressed-tensors fbgemm_fp8 torchao vptq fp8 finegrained_fp8 mxfp4 quark auto-round"""
)
_COMPUTED = re.compile(r"%c|\|\s*format\b|\\(x[0-7][0-9a-f]|u00[0-7][0-9a-f])", re.I)
_INSIDES = re.compile(
    r"__\w+|_['\"]\s*[~+]\s*['\"]_|\\(x5f|u005f|137)|\|\s*attr\b|\battr\s*\("
    r"|\b(cycler|joiner|lipsum|popen|getattr)\b", re.I,
)  # fmt: skip


def look(document: Any, base: str, log: Log, beside: External | None = None) -> None:
    """Every object of a JSON document.

    Args:
        beside: files in the same folder, which an index of shards names.
    """
    if isinstance(document, dict):
        _tell(document, base, log)
    if choices.depth(document) > choices.DEEPEST:
        what = f"{shown(base)!r} nests more than {choices.DEEPEST} lists and objects"
        log.add("not_audited", "config.depth", what, None, base)
    _named_modules(document, base, log)
    tokenizers.table(document, base, log)
    for entry in _objects(document):
        _remote(entry, log)
        _keras(entry, log)
        _vocabulary(entry, log)
        _targets(entry, log)
        shards.look(entry.get("weight_map"), beside, log)
        _elsewhere(entry, log)
        choices.look(entry, base, log)
        settings.keys(entry, base, log)
        setting_numbers.look(entry, log)
        tokenizers.look(entry, log)
        _jsonpickle(entry, log)
        for text in _texts(entry):
            template(text, base, log)


def notes(entry: dict[str, Any], base: str, log: Log) -> None:
    """One object of the notes in a checkpoint, whose other keys belong to whoever trained it."""
    for check in (_remote, _targets, _jsonpickle):
        check(entry, log)
    for text in _texts(entry):
        template(text, base, log)


def _targets(entry: dict[str, Any], log: Log) -> None:
    """Objects that a library makes by the names of their classes."""
    for key, value in entry.items():
        if (key in _TARGETS or _OF_LIBRARIES.fullmatch(key)) and isinstance(value, str):
            what = f"{key} names what a configuration library would call: {value}"
            log.add("not_audited", "config.target", what, None, key)
    if "lc" in entry and entry.get("type") in ("constructor", "secret"):
        what = f"LangChain would make or look up {shown(entry.get('id'), 80)}"
        log.add("not_audited", "config.target", what, None, "lc")


def template(text: str, base: str, log: Log) -> None:
    """A template that looks for what templates have no use for."""
    if found := _INSIDES.search(text):
        what = f"the template reaches for {shown(found[0], 60)!r}, which leads to Python's insides"
        log.add("danger", "config.template", what, None, found[0])
    elif found := _COMPUTED.search(text):
        what = f"the template puts a word together by {shown(found[0], 60)!r}"
        log.add("suspicious", "config.template", what, None, found[0])
    templates.look(text, base, log)


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
    strange = "module" in entry and module is None and entry.get("registered_name")
    if kind in _FUNCTIONS:
        what = f"the layer {shown(kind)} carries or loads a function of the vendor's"
        log.add("danger", "config.keras", what, None, kind)
    elif strange:
        what = f"the configuration makes {shown(strange)}, a class that somebody registered"
        log.add("not_audited", "config.keras", what, None, kind)
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
    if isinstance(document, dict) and document.get("megatron_core", "megatron.core") not in (
        None,
        "megatron.core",
    ):
        found += [document["megatron_core"]]
    if isinstance(document, dict) and isinstance(document.get("_class_name"), list):
        found += [".".join(map(str, document["_class_name"]))]
    if base == "router_config.json" and isinstance(document, dict):
        types = document.get("types")
        stages = types.values() if isinstance(types, dict) else ()
        found += [one for one in stages if not str(one).startswith("sentence_transformers.")]
    for name in found:
        what = f"{shown(base)} asks the loader to import {shown(name)}"
        log.add("not_audited", "config.remote_code", what, None, str(name))


def _elsewhere(entry: dict[str, Any], log: Log) -> None:
    """Code of the hub's under another key, files outside, and quantisers nobody knows."""
    for key in _KERNELS:
        if isinstance(entry.get(key), str) and "/" in entry[key]:
            what = f"{key} asks the loader for remote code: {shown(entry[key], 80)}"
            log.add("not_audited", "config.remote_code", what, None, key)
    for key, value in entry.items():
        named = key in _PATHS or key.endswith(("_file", "_path", "_filename"))
        if named and isinstance(value, str) and value and _leaves(key, value):
            what = f"{shown(key)!r} names a file outside the delivery, {shown(value, 80)!r}"
            log.add("suspicious", "config.path", what, None, key)
    method = entry.get("quant_method")
    if isinstance(method, str) and method not in _QUANTISERS:
        what = f"the quantiser {shown(method)!r} is not known"
        log.add("not_audited", "config.remote_code", what, None, "quant_method")


def _leaves(key: str, value: str) -> bool:
    """A path outside; of a base model, which may be a name of the hub's, only one that climbs."""
    climbs = ".." in value.replace("\\", "/").split("/")
    elsewhere = value.startswith(("\\\\", "//")) or "://" in value
    return climbs or elsewhere if key.endswith("name_or_path") else is_outside(value)


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
