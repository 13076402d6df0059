"""Settings that choose a class or a function by its name: each is one plain name.

Purpose: libraries look such a value up in a table of their own, and some import what has a dot or
fetch what has a stroke in it. So a value under a key that chooses is a name without either, or
one of the few paths that published models carry.
Source: configurations of transformers, diffusers, sentence-transformers and PEFT (2023 to 2026).
Limits: a plain name is believed to be one of the library's own.
"""

from __future__ import annotations

import re
from typing import Any

from auditor.intake.inert.log import Log, shown
from auditor.intake.inert.tokenizers import explodes
from auditor.intake.words import words

_CHOOSES = re.compile(
    r"(?:\w*_)?(?:class|type|types|act|activation|activation_f(?:n|unction)|act_fn|dtype|architectures?"
    r"|hook|pass|plugins?|f(?:n|unction)(?:_name)?|loss|method|backend|optimizer|scheduler|checkpoint_format)|_?\w*implementation\w*"
)
_NAME = re.compile(r"[A-Za-z0-9](?:[\w+ :()-]*[\w+)])?")
_KNOWN = re.compile(
    r"torch\.(?:nn\.(?:modules\.(?:activation|linear)\.)?)?\w+|sentence_transformers\.[\w.]+"
    r"|(?:application|audio|image|text|video|tensor)/[\w.+-]+|\w+(?:\.\w+)?\[[\w, ]+\]|"
)
_MEMBERS = words(
    """diffusers transformers onnxruntime stable_diffusion latent_diffusion paint_by_example
    deepfloyd_if stable_diffusion_xl stable_diffusion_safe flux audioldm kandinsky wuerstchen"""
)
"""Libraries, and folders of pipelines in diffusers, from which an index takes its parts."""
_PATTERNS = ("target_modules", "exclude_modules", "layers_pattern", "modules_to_save")
_WIDEST = 10**100
DEEPEST = 64


def look(entry: dict[str, Any], base: str, log: Log) -> None:
    """One object of a document of settings."""
    for key, value in entry.items():
        if _CHOOSES.fullmatch(key.lower()):
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and not _is_name(text):
                    what = f"{shown(key, 60)!r} chooses {shown(text, 80)!r}, which is no plain name"
                    log.add("not_audited", "config.choice", what, None, key)
        if type(value) is int and abs(value) > _WIDEST:
            what = f"{shown(base)!r} has a number of more than 100 digits"
            log.add("suspicious", "config.number", what, None, key)
        if key in _PATTERNS and isinstance(value, str) and explodes(value):
            what = f"the pattern {shown(value, 60)!r} repeats a repetition and may never end"
            log.add("suspicious", "config.pattern", what, None, key)
        for text in (value, *(value if isinstance(value, dict | list) else ())):
            _pattern(key, text, log)
        _path(key, value, log)
    if base.endswith("model_index.json"):
        _parts(entry, log)


def _pattern(key: str, text: object, log: Log) -> None:
    """A pattern, under a key that says so, or with the mark by which quantisers know one."""
    told = _PATTERN.search(key) and key not in _PATTERNS
    if isinstance(text, str) and (told or text.startswith("re:")) and explodes(text):
        what = f"the pattern {shown(text, 60)!r} repeats a repetition and may never end"
        log.add("suspicious", "config.pattern", what, None, key)


def _path(key: str, value: object, log: Log) -> None:
    """A value that climbs out of the delivery, whatever its key; names that are none."""
    if isinstance(value, str) and _CLIMBS.match(value):
        what = f"{shown(key, 60)!r} names a file outside the delivery, {shown(value, 80)!r}"
        log.add("suspicious", "config.path", what, None, key)
    elif isinstance(value, str) and _ABSOLUTE.fullmatch(value) and not _PLACE.search(key):
        what = f"{shown(key, 60)!r} is given the file {shown(value, 80)!r}, but names no file"
        log.add("suspicious", "config.path", what, None, key)
    if key == "revision" and isinstance(value, str) and not _REVISION.fullmatch(value):
        what = f"the revision {shown(value, 60)!r} is no plain name"
        log.add("suspicious", "config.choice", what, None, key)
    if key in _MEMBERS_OF and isinstance(value, list) and any(map(_inside, value)):
        what = f"{shown(key, 60)!r} names a part of Python: {shown(value, 60)}"
        log.add("suspicious", "config.choice", what, None, key)
    if key == "id2label" and isinstance(value, dict):
        for label in value.values():
            if isinstance(label, str) and _FORMULA.match(label):
                what = f"the label {shown(label, 60)!r} is a formula"
                log.add("suspicious", "config.label", what, None, key)


def _inside(name: object) -> bool:
    return isinstance(name, str) and "__" in name


_PATTERN = re.compile(r"pattern|regex", re.I)
_CLIMBS = re.compile(r"(?:~|\.\.)[/\\][\w.]|/(?:etc|proc|dev|root|sys)/")
_ABSOLUTE = re.compile(r"/[\w-]+(?:/[\w.-]+){1,20}")
_PLACE = re.compile(
    r"path|dir|name|file|model|checkpoint|ckpt|data|root|cache|token|output|folder|location|resume"
    r"|weight|log|source|src|url|endpoint|route|text|content|prompt|base|processor|extractor|script"
    r"|repo|target|parent|note|description|comment|id$|train|adapter|encoder|decoder|home|workspace",
    re.I,
)
"""Keys under which published settings name places on the disk of whoever trained."""
_REVISION = re.compile(r"[\w./-]*")
_MEMBERS_OF = ("modules_to_save", "target_modules", "modules_to_not_convert")
_FORMULA = re.compile(r"[=@+][A-Za-z]+\(")


def _is_name(text: str) -> bool:
    return (
        bool(_NAME.fullmatch(text) or _KNOWN.fullmatch(text))
        and "__" not in text
        and not text.startswith("lambda ")
    )


def _parts(entry: dict[str, Any], log: Log) -> None:
    """An index of a pipeline names library and class of each part."""
    for key, value in entry.items():
        match value:
            case [str(), _, {"type_hint": [str(library), _]}] | [str(library), _] if (
                library not in _MEMBERS
            ):
                what = f"the part {shown(key, 60)!r} is a class of {shown(library, 80)!r}"
                log.add("not_audited", "config.remote_code", what, None, library)


def depth(document: Any) -> int:
    """How deep lists and objects lie in each other."""
    found, level = 0, [document]
    while level and found <= DEEPEST:
        found += 1
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return found
