"""Metadata of weights that a loader would obey: entry points, targets, tags of YAML, pages.

Source: targets of Hydra, tags of PyYAML, entry points of Python, addresses of the scheme ``data``.
Limits: modules that trainers of adapters name are taken from networks of their own kind by a part
of the name; expressions of up to 64 KiB are read, and none is evaluated.
"""

from __future__ import annotations

import ast
import re
import warnings

from auditor.intake.inert.log import Log, shown
from auditor.intake.words import words

_OBEYED = (
    (re.compile(r"\"_target_\"\s{0,4}:"), "a target that a library calls"),
    (re.compile(r"!!python/"), "a tag that makes objects of Python"),
    (re.compile(r"\bdata:(?!image/(?:png|jpe?g|gif|webp)\b)[a-z]+/[\w.+-]+[;,]", re.I),
     "an address of data that is no picture"),
)  # fmt: skip
_ENTRY = re.compile(r"[a-z_]\w{0,80}(?:\.\w{1,80}){1,8}:\w{1,80}", re.I)
_OPTIONS = ("ort_config",)
"""Under this key ONNX Runtime takes the options of a session, with files that it writes."""
LONGEST = 1 << 16
_RUNS = words(
    "open exec eval compile getattr setattr globals locals vars input breakpoint __import__"
)
_TRAINED = re.compile(r"(?:.*\.)?(?:networks?|lycoris|peft|diffusers|lora\w*)(?:\..*)?", re.I)
_LOADERS = re.compile(r"load|entry|hook|factory|plugin", re.I)
_HOOKS = re.compile(
    r"(?:^|\.)_(?:forward|backward|state_dict|load_state_dict)\w{0,40}_hooks(?:\.|$)"
)


def look(key: str, value: str, log: Log) -> None:
    """Name what in one piece of metadata is an order to a loader."""
    found = [what for pattern, what in _OBEYED if pattern.search(value)]
    if _LOADERS.search(key) and _ENTRY.fullmatch(value.strip()):
        found.append("an entry point of Python")
    if key in _OPTIONS:
        found.append("options of a session")
    if value[:1] in ("{", "[", "(") and len(value) <= LONGEST and _calls(value):
        found.append("an expression of Python that opens or runs something")
    if key.endswith("network_module") and not _TRAINED.fullmatch(value.strip()):
        found.append("a module that is no network of a trainer")
    for what in found:
        said = f"the metadata {shown(key, 80)!r} hold {what}: {shown(value, 60)!r}"
        log.add("suspicious", "text.metadata", said, None, key)


def _calls(value: str) -> bool:
    """Whether a text is an expression that calls such a function or reaches for Python's insides.

    >>> _calls("{0: open('x').read()}"), _calls("{0: 'open(x)'}"), _calls("[dtype('f4')]")
    (True, False, False)
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nodes = [*ast.walk(ast.parse(value.strip(), mode="eval"))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(
        (isinstance(node, ast.Name) and node.id in _RUNS)
        or (isinstance(node, ast.Attribute) and node.attr.startswith("__"))
        for node in nodes
    )


def is_hook(name: str) -> bool:
    """Whether a tensor has the name of a module's table of hooks.

    >>> is_hook("layer._forward_hooks"), is_hook("hooks.weight")
    (True, False)
    """
    return _HOOKS.search(name) is not None
