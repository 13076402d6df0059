"""What the vendor hands over of the training: data, checkpoints, provenance manifest, recipe.

Purpose: bring training samples into the model's canonical form and checkpoints into its wrapping,
so that probes can compare them with the delivered model. Checkpoints are scanned and converted
exactly like the delivered model, in the same confined process.
Limits: everything is held in memory; checkpoints have the delivered model's format. The digest of
training data says which data were looked at, not that the model was trained on them.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from auditor.core.errors import AuditorError
from auditor.core.spec import InputSpec, SpecHints
from auditor.core.subject import CleanSet, TrainingSet
from auditor.intake.canonical import Canonical
from auditor.intake.card import merged
from auditor.intake.data import load_clean
from auditor.intake.formats import FORMATS
from auditor.intake.load import Opened
from auditor.intake.provenance import Checked, verified
from auditor.intake.raw import RawSet
from auditor.intake.scan import scan
from auditor.intake.units import to_canonical

RECIPE = ("epochs", "rate", "batch", "momentum", "decay", "seed")


def with_training(
    opened: Opened,
    paths: Mapping[str, str],
    format: str,
    hints: SpecHints,
    label_column: str | None,
) -> Opened:
    """The same with training data.

    Args:
        opened: the delivery.
        paths: ``train_data`` and, where given, ``checkpoints``, ``provenance``, ``recipe``.
        format: of the delivered model and of the checkpoints.
        hints: options and card, merged.
        label_column: as for the clean set.

    Raises:
        AuditorError: one sentence for whatever cannot be used.
    """
    spec, source = opened.subject.spec, Path(paths["train_data"])
    raw = _read(source, label_column, spec)
    manifest = paths.get("provenance")
    checked = verified(Path(manifest), source, raw) if manifest else Checked(None, ())
    return replace(
        opened,
        training=TrainingSet(
            data=_canonical(raw, spec),
            checkpoints=_checkpoints(opened, paths.get("checkpoints"), format, hints),
            unverified=checked.unverified,
            doubts=checked.doubts,
            recipe=_recipe(paths.get("recipe")),
        ),
    )


def _read(path: Path, label_column: str | None, spec: InputSpec) -> RawSet:
    try:
        raw = load_clean(path, label_column, spec.shape)
    except AuditorError as error:
        message = error.message.replace("clean set", "training set")
        raise AuditorError(message, error.hint.replace("--clean", "--train-data")) from error
    if raw.x.shape[1:] == spec.shape:
        return raw
    if math.prod(raw.x.shape[1:]) == math.prod(spec.shape):
        return replace(raw, x=raw.x.reshape(len(raw.x), *spec.shape))
    raise AuditorError(
        f"The training inputs have shape {raw.x.shape[1:]}, but the model takes {spec.shape}.",
        "Give the training data in the model's shape.",
    )


def _canonical(raw: RawSet, spec: InputSpec) -> CleanSet:
    y = raw.y
    if raw.class_names and set(raw.class_names) <= set(spec.class_names):
        y = np.array([spec.class_names.index(name) for name in raw.class_names], np.int64)[y]
    if y.max() >= spec.classes:
        raise AuditorError(
            f"The training set has label {y.max()}, but the model has {spec.classes} classes.",
            "Number the labels as the model's outputs are.",
        )
    if spec.kind == "tabular":  # rows beyond the range that the clean set suggested are drawn in
        low, high = (np.asarray(v, np.float32) for v in (spec.low, spec.high))
        raw = replace(raw, x=np.clip(raw.x, low, high))
    known = SpecHints(low=spec.low, high=spec.high, mean=spec.mean or None, std=spec.std or None)
    units = to_canonical(raw, known)
    return CleanSet(torch.from_numpy(units.x), torch.from_numpy(y))


def _checkpoints(
    opened: Opened, folder: str | None, format: str, hints: SpecHints
) -> tuple[nn.Module, ...]:
    if folder is None:
        return ()
    files = sorted((f for f in Path(folder).iterdir() if f.is_file()), key=_natural)
    if not files:
        raise AuditorError(f"The folder {Path(folder).name} holds no checkpoints.", "Check it.")
    return tuple(_checkpoint(opened, file, format, hints) for file in files)


def _checkpoint(opened: Opened, file: Path, format: str, hints: SpecHints) -> nn.Module:
    scan(file, format)
    known = merged(hints, FORMATS[format].describe(file)).model_copy(
        update={"shape": opened.subject.spec.shape, "classes": opened.subject.spec.classes}
    )
    loaded = FORMATS[format].load(file, known)
    wrapped = opened.subject.network
    if not isinstance(wrapped, Canonical):
        raise AuditorError("Checkpoints cannot be read beside a model of this kind.")
    spec = opened.subject.spec
    own = Canonical(
        loaded.network.eval(), wrapped.head, spec.low, spec.high, spec.mean, spec.std,
        len(spec.shape),
    ).eval()  # fmt: skip
    for parameter in own.parameters():
        parameter.requires_grad_(False)
    return own


def _natural(file: Path) -> list[tuple[int, str]]:
    """``epoch_10`` after ``epoch_9``."""
    parts = re.split(r"(\d+)", file.name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _recipe(path: str | None) -> dict[str, float]:
    if path is None:
        return {}
    hint = f"Write TOML with epochs and rate, and where it matters {', '.join(RECIPE[2:])}."
    try:
        table = tomllib.loads(Path(path).read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise AuditorError(f"The recipe {Path(path).name} is not TOML: {error}.", hint) from error
    if not {"epochs", "rate"} <= set(table) <= set(RECIPE):
        raise AuditorError(f"The recipe has {', '.join(table) or 'nothing'}.", hint)
    for name, value in table.items():
        usable = isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= 1e6
        if not usable or (name in ("epochs", "rate", "batch") and value == 0):
            raise AuditorError(f"The recipe's {name} = {value!r} cannot be used.", hint)
    return {name: float(value) for name, value in table.items()}
