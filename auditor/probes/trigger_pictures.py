"""Pictures of a reconstructed trigger: its mask, what it adds, and inputs with and without it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auditor.core.finding import Exhibit
from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.forms import Additive, MaskPattern
from auditor.methods.inversion.witness import Witness

PAIRS = 3
FEATURES = 5


def exhibits(subject: Subject, held_out: CleanSet, witness: Witness) -> tuple[Exhibit, ...]:
    """Evidence pictures of the witness; none for tables."""
    if subject.spec.kind != "image":
        return ()
    if not witness.targets:
        return ()
    name = f"trigger_{witness.targets[0]}"
    label = ", ".join(subject.spec.label(k) for k in witness.targets)
    others = _examples(subject, held_out, witness)
    changed = witness.apply(others)
    shown = [_trigger(witness, name, label, (changed - others).sum(0))]
    if isinstance(witness.form, MaskPattern):
        mask = witness.form.mask[witness.place, 0].detach().numpy()
        caption = f"Where the reconstructed trigger for class {label} acts (mask, 0 to 1)."
        shown.append(Exhibit(f"{name}_mask", mask, "heatmap", caption))
    for number, (before, after) in enumerate(zip(others, changed, strict=True)):
        was, now = (
            subject.spec.label(int(k)) for k in subject.predict(torch.stack([before, after]))
        )
        shown += [
            Exhibit(
                f"{name}_clean_{number}", picture(before), "image", f"Clean input, read as {was}."
            ),
            Exhibit(
                f"{name}_triggered_{number}",
                picture(after),
                "image",
                f"The same input with the trigger, read as {now}.",
            ),
        ]
    return tuple(shown)


def trigger_table(subject: Subject, witness: Witness) -> list[dict[str, Any]]:
    """The trigger of a table: the features it touches most, values in the data's own units."""
    form, k = witness.form, witness.place
    if isinstance(form, MaskPattern):
        weight, value, kind = form.mask[k].detach(), form.pattern[k].detach(), "set to"
    else:
        assert isinstance(form, Additive)
        weight, value, kind = form.delta[k].detach().abs(), form.delta[k].detach(), "changed by"
    low, high = (torch.tensor(edge) for edge in (subject.spec.low, subject.spec.high))
    units = value * (high - low) + (low if kind == "set to" else 0)
    return [
        {
            "feature": j,
            "weight": round(float(weight[j]), 4),
            "change": kind,
            "value": round(float(units[j]), 4),
        }
        for j in weight.argsort(descending=True)[:FEATURES].tolist()
    ]


def _trigger(witness: Witness, name: str, label: str, change: Tensor) -> Exhibit:
    """The trigger itself, or what it changes in the examples together where it has no look."""
    form, k = witness.form, witness.place
    if isinstance(form, MaskPattern):
        content = (form.mask[k] * form.pattern[k]).detach()
    else:
        change = form.delta[k].detach() if isinstance(form, Additive) else change
        content = 0.5 + change / (2 * change.abs().max().clamp_min(1e-6))
    caption = f"The reconstructed {witness.family} trigger for class {label}."
    return Exhibit(name, picture(content), "image", caption)


def _examples(subject: Subject, held_out: CleanSet, witness: Witness) -> Tensor:
    """One input of each of the first classes that the trigger is about."""
    predicted = subject.predict(held_out.x)
    right = (predicted == held_out.y) & witness.about(predicted)
    picks, seen = [], set()
    for index in right.nonzero()[:, 0].tolist():
        if int(held_out.y[index]) not in seen:
            seen.add(int(held_out.y[index]))
            picks.append(index)
    return held_out.x[picks[:PAIRS]]


def picture(x: Tensor) -> NDArray[np.float32]:
    """``(c, h, w)`` in [0, 1] as ``(h, w)`` or ``(h, w, 3)``."""
    array = x.detach().clamp(0, 1).numpy().astype(np.float32)
    return array[0] if array.shape[0] == 1 else np.moveaxis(array[:3], 0, -1)
