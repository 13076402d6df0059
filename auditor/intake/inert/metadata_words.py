"""Metadata of weights that a loader would obey: entry points, targets, tags of YAML, pages.

Source: targets of Hydra, tags of PyYAML, entry points of Python, addresses of the scheme ``data``.
Limits: modules that trainers of adapters name may be any vendor's and are left alone.
"""

from __future__ import annotations

import re

from auditor.intake.inert.log import Log, shown

_OBEYED = (
    (re.compile(r"\"_target_\"\s{0,4}:"), "a target that a library calls"),
    (re.compile(r"!!python/"), "a tag that makes objects of Python"),
    (re.compile(r"\bdata:(?!image/(?:png|jpe?g|gif|webp)\b)[a-z]+/[\w.+-]+[;,]", re.I),
     "an address of data that is no picture"),
)  # fmt: skip
_ENTRY = re.compile(r"[a-z_]\w{0,80}(?:\.\w{1,80}){1,8}:\w{1,80}", re.I)
_LOADERS = re.compile(r"load|entry|hook|factory|plugin", re.I)
_HOOKS = re.compile(
    r"(?:^|\.)_(?:forward|backward|state_dict|load_state_dict)\w{0,40}_hooks(?:\.|$)"
)


def look(key: str, value: str, log: Log) -> None:
    """Name what in one piece of metadata is an order to a loader."""
    found = [what for pattern, what in _OBEYED if pattern.search(value)]
    if _LOADERS.search(key) and _ENTRY.fullmatch(value.strip()):
        found.append("an entry point of Python")
    for what in found:
        said = f"the metadata {shown(key, 80)!r} hold {what}: {shown(value, 60)!r}"
        log.add("suspicious", "text.metadata", said, None, key)


def is_hook(name: str) -> bool:
    """Whether a tensor has the name of a module's table of hooks.

    >>> is_hook("layer._forward_hooks"), is_hook("hooks.weight")
    (True, False)
    """
    return _HOOKS.search(name) is not None
