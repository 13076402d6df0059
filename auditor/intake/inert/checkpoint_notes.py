"""Settings and texts that a checkpoint keeps beside its weights, read as files of their own are.

Purpose: a library that loads a checkpoint obeys what it finds in it: classes to build (Lightning,
Hydra), code of a hub, templates, YAML as a text, objects of jsonpickle.
Limits: keys that are texts, in dictionaries and lists; what a library makes of other keys is not
known here.
"""

from __future__ import annotations

from typing import Any

from auditor.intake.inert import configs, yamls
from auditor.intake.inert.log import Log
from auditor.intake.inert.values import Made, Pairs

MOST = 100_000
"""So many values are looked at; the limits of a pickle are narrower."""
_WHERE = "the notes of the checkpoint"


def look(root: object, log: Log) -> None:
    """Name what in the notes of a described object is an order to a loader."""
    todo, seen = [root], set[int]()
    while todo and len(seen) < MOST:
        value = todo.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Pairs):
            configs.notes(_texts(value), _WHERE, log)
            todo.extend(inner for _, inner in value.items)
        elif isinstance(value, list | tuple):
            todo.extend(value)
        elif isinstance(value, Made):
            todo.extend((value.args, value.state, *value.extra))
        elif isinstance(value, str) and ":" in value:
            yamls.yaml(value, _WHERE, log)


def _texts(value: Pairs) -> dict[str, Any]:
    """Entries with a text for a key; a dictionary in them is told by its keys."""
    found = {key: inner for key, inner in value.items if isinstance(key, str)}
    return {
        key: _told(inner) if isinstance(inner, Pairs) else inner for key, inner in found.items()
    }


def _told(value: Pairs) -> dict[str, str]:
    return {str(key): "..." for key, _ in value.items[:3]}
