"""An index of shards: every file that it names is there and holds what it says."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from auditor.intake.inert.items import External
from auditor.intake.inert.log import Damaged, Log, shown
from auditor.intake.inert.onnx_messages import is_outside
from auditor.intake.inert.safetensors_headers import names_in

MOST = 1000
_COUNTED = re.compile(r"-of-(\d{1,6})\.")


def look(weight_map: Any, beside: External | None, log: Log) -> None:
    """Names of the files that hold the weights of a large model.

    Args:
        weight_map: name of the file for every tensor.
        beside: files in the same folder; None where nobody knows them.
    """
    if not isinstance(weight_map, dict):
        return
    told: dict[str, set[str]] = defaultdict(set)
    for key, file in weight_map.items():
        told[str(file)].add(key)
    if len(told) > MOST:
        log.add("not_audited", "config.shard", f"it names {len(told)} shards", None, "shards")
    _all_named(sorted(told), log)
    for name in sorted(told)[:MOST]:
        if is_outside(name):
            what = f"its weights are to be read from {shown(name)!r}, outside the delivery"
            log.add("danger", "config.path", what, None, name)
        elif beside is not None:
            _one(name, told[name], beside(name), log)


def _all_named(names: list[str], log: Log) -> None:
    """As many shards as their own names count: another of them is read by nobody's index."""
    counted = {int(found[1]) for name in names if (found := _COUNTED.search(name))}
    if counted and counted != {len(names)}:
        what = f"it names {len(names)} shards, their names count {max(counted)}"
        log.add("suspicious", "config.shard", what, None, "number of shards")


def _one(name: str, told: set[str], view: memoryview | None, log: Log) -> None:
    if view is None:
        what = f"the shard {shown(name)!r} is not in the delivery"
        log.add("not_audited", "config.shard", what, None, name)
        return
    if not name.endswith(".safetensors"):
        return
    try:
        differs = sorted(told ^ names_in(view))
    except Damaged:
        return  # the file itself is read, too
    if differs:
        what = f"the index and {shown(name)!r} differ about the tensor {shown(differs[0], 80)!r}"
        log.add("suspicious", "config.shard", what, None, name)
