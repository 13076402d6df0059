"""What only shows when all files of a delivery are seen together: names that fold, two models.

Purpose: a system that folds case or forms of letters keeps one of two files, and loaders choose
differently between two files of weights.
"""

from __future__ import annotations

import re
from collections import defaultdict

from auditor.core.hygiene import alike
from auditor.core.scan import Part, Problem

_WEIGHTS = re.compile(
    r"((pytorch_|tf_|flax_)?(model|weights)|adapter_model|consolidated)"
    r"\.(safetensors|bin|pt|pth|h5|msgpack|pkl|onnx|ckpt)", re.I
)  # fmt: skip
"""Names by which loaders look for weights, without asking."""


def between(parts: list[Part], names: list[str]) -> list[Part]:
    """The parts, with problems that are nobody's alone.

    Args:
        names: paths of the plain files, as they are on disk.
    """
    if same := alike(names):
        what = "another file has the same name on systems that fold case or forms"
        shown = "".join(c if c.isprintable() else "?" for c in same)[:400]
        parts = [with_problem(p, "file.alike", what) if p.path == shown else p for p in parts]
    folders: dict[str, list[str]] = defaultdict(list)
    for part in parts:
        folder, _, base = part.path.rpartition("/")
        if _WEIGHTS.fullmatch(base):
            folders[folder].append(part.path)
    several = {path for paths in folders.values() if len(paths) > 1 for path in paths}
    what = "loaders choose differently between it and other weights in its folder"
    return [with_problem(p, "file.several", what) if p.path in several else p for p in parts]


def with_problem(part: Part, rule: str, what: str) -> Part:
    """A part with one more problem, which is suspicious."""
    problem = Problem(
        level="suspicious", rule=rule, message=f"{part.path}: {what}.", part=part.path,
        name=part.path, hint="Ask the vendor for one model, and why it is there.",
    )  # fmt: skip
    return part.model_copy(update={"problems": (*part.problems, problem)[-200:]})
