"""From a scanned file and a clean set to a Subject: runs in the confined worker only.

scan -> what the file says -> clean set -> network -> units -> head -> accuracy check -> Subject.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from auditor.core.errors import AuditorError, DeliveryError
from auditor.core.spec import DataIdentity, InputSpec, ModelFacts, SpecHints
from auditor.core.subject import CleanSet, Origin, Subject, TrainingSet
from auditor.intake.canonical import Canonical, Logits, choose_head, first_tensor
from auditor.intake.card import merged, sourced
from auditor.intake.data import counts, load_clean
from auditor.intake.digests import digest_data
from auditor.intake.formats import FORMATS, Loaded
from auditor.intake.layouts import REFUSALS, arranged
from auditor.intake.preprocessing import check_accuracy
from auditor.intake.raw import RawSet
from auditor.intake.report import ScanReport
from auditor.intake.scan import scan
from auditor.intake.twin import origin
from auditor.intake.units import Units, to_canonical

TIMED = 128
SLOW_S = 2.0


@dataclass(frozen=True)
class Opened:
    """Everything that the probes need, and what the record says about it."""

    subject: Subject
    clean: CleanSet
    facts: ModelFacts
    data: DataIdentity
    scan: ScanReport
    training: TrainingSet | None = None


def open_delivery(
    model: Path, format: str, hints: SpecHints, clean: Path, label_column: str | None = None
) -> Opened:
    """Scan, load and wrap a model, and bring the clean set into its form.

    Args:
        model: the model file itself (``delivery.model_file``).
        format: as sniffed, e.g. ``safetensors``.
        hints: options and card, merged (``card.hints``).

    Raises:
        DeliveryError: the file is dangerous, damaged or cannot be audited.
        AuditorError: the clean set or a hint is wrong.
    """
    report = scan(model, format)
    known = _with_channel(merged(hints, FORMATS[format].describe(model)))
    raw = load_clean(clean, label_column, known.shape)
    known = merged(known, sourced("clean set", shape=raw.x.shape[1:]))
    raw = _shaped(raw, known)
    loaded = FORMATS[format].load(model, known)
    _finite_weights(loaded.network)
    units = to_canonical(raw, known)
    wrapped, classes, note = _wrapped(loaded.network, units)
    spec = _spec(raw, known, units, classes)
    y = _labels(raw, spec)
    x, labels = torch.from_numpy(units.x), torch.from_numpy(y)
    naming = _naming(raw, known)
    try:
        doubt = check_accuracy(wrapped, spec, x, labels)
    except AuditorError as error:
        raise AuditorError(f"{error.message} {naming}".strip(), error.hint) from error
    notes = (*loaded.notes, *raw.notes, naming, *units.notes, note, doubt)
    subject = Subject(wrapped, spec, _origin(loaded, known, wrapped, units, classes))
    return Opened(
        subject=subject,
        clean=CleanSet(x, labels),
        facts=_facts(subject, loaded, format, tuple(filter(None, notes)), x),
        data=DataIdentity(
            name=clean.name, sha256=digest_data(clean), n=len(y), per_class=counts(y, classes),
            kind=spec.kind,
        ),
        scan=report,
    )  # fmt: skip


def _with_channel(known: SpecHints) -> SpecHints:
    """A shape of height and width alone is that of grey pictures."""
    if known.shape is None or len(known.shape) != 2:
        return known
    return known.model_copy(update={"shape": (1, *known.shape)})


def _shaped(raw: RawSet, known: SpecHints) -> RawSet:
    """Rows of pixels to pictures, pictures to rows, where only this fits the model's shape.

    Raises:
        AuditorError: the clean set's inputs do not have the model's shape.
    """
    shape, own = known.shape, raw.x.shape[1:]
    if shape is None or shape == own:
        return raw
    if len(shape) not in (1, 3):
        raise AuditorError(
            f"{shape} is not the shape of one input.",
            "Write channels,height,width, or the number of features; the batch is not part of it.",
        )
    if prod(shape) == prod(own) and len(shape) != len(own):
        x = raw.x.reshape(len(raw.x), *shape)
        note = f"The clean set's inputs {own} were reshaped to {shape}."
        kind = raw.kind if raw.scaled else ("image" if len(shape) == 3 else "tabular")
        return replace(raw, x=x, kind=kind if len(shape) == 3 else "tabular",
                       notes=(*raw.notes, note))  # fmt: skip
    grey = len(shape) == len(own) == 3 and own == (1, *shape[1:])
    raise AuditorError(
        f"The clean set's inputs have shape {own}, but the model takes {shape} "
        f"(from {known.sources.get('shape', 'option')}).",
        "Repeat the grey channel as the model's author did: x.repeat(3, axis=1)." if grey
        else "Give a clean set of the model's shape, or correct --shape.",
    )  # fmt: skip


def _finite_weights(network: nn.Module) -> None:
    for name, value in network.state_dict().items():
        if isinstance(value, Tensor) and value.is_floating_point():
            bad = int((~torch.isfinite(value)).sum())
            if bad:
                raise DeliveryError(f"The weight {name} has {bad} NaN or infinite values.")


def _wrapped(network: nn.Module, units: Units) -> tuple[Canonical, int, str]:
    """The canonical model, its number of classes, and a note about its outputs."""
    dims = units.x.ndim - 1
    model = Canonical(network.eval(), Logits(), units.low, units.high, units.mean, units.std, dims)
    few = torch.from_numpy(units.x[:: max(1, len(units.x) // 32)][:32])
    model.network, arranged_so, output = _first_pass(model, few)
    model.head, classes, note = choose_head(first_tensor(output))
    several = "" if isinstance(output, Tensor) else (
        "The model returns several outputs; the first with a row of scores a sample is used."
    )  # fmt: skip
    return model.eval(), classes, " ".join(filter(None, (note, arranged_so, several)))


@torch.no_grad()
def _first_pass(model: Canonical, few: Tensor) -> tuple[nn.Module, str, object]:
    """The network in an arrangement that takes the inputs, a note about it, and its output."""
    units = model.units(few)
    try:
        network, note = arranged(model.network, units)
    except REFUSALS as error:
        raise AuditorError(
            f"The model cannot take inputs of shape {tuple(few.shape[1:])}: {_line(error)}.",
            "Give the right shape with --shape, and a clean set of that shape.",
        ) from error
    return network, note, network(units)


def _line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:160].rstrip(".")


def _origin(
    loaded: Loaded, known: SpecHints, wrapped: Canonical, units: Units, classes: int
) -> Origin:
    """Where the arithmetic comes from; our own version behind the same preprocessing and head."""
    found = origin(loaded, known.model_copy(update={"shape": units.x.shape[1:]}), classes)
    if found.twin is None:
        return found
    twin = Canonical(
        found.twin, wrapped.head, units.low, units.high, units.mean, units.std, units.x.ndim - 1
    )
    return replace(found, twin=twin.eval().requires_grad_(False))


def _spec(raw: RawSet, known: SpecHints, units: Units, classes: int) -> InputSpec:
    if known.classes is not None and known.classes != classes:
        raise AuditorError(
            f"The model has {classes} outputs, but {known.classes} classes are declared "
            f"({known.sources.get('classes', 'option')}).",
            "Correct --classes or the card.",
        )
    if classes < 2:
        raise DeliveryError(f"The model has {classes} output.", kind="unsupported")
    names = known.class_names or raw.class_names
    sources = {k: v for k, v in known.sources.items() if k in ("arch", "shape", "class_names")}
    return InputSpec(
        kind=raw.kind, shape=tuple(units.x.shape[1:]), classes=classes,
        low=units.low, high=units.high, mean=units.mean, std=units.std,
        class_names=names if len(names) <= classes else (),
        sources={"classes": "file"} | sources | units.sources,
    )  # fmt: skip


def _labels(raw: RawSet, spec: InputSpec) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Labels in the model's numbering: by name where both sides have names.

    Raises:
        AuditorError: a label that the model has no output for.
    """
    y = raw.y
    if raw.class_names and set(raw.class_names) <= set(spec.class_names):
        order = np.array([spec.class_names.index(name) for name in raw.class_names], np.int64)
        y = order[y]
    if y.max() >= spec.classes:
        low = " The smallest label is 1: do they start at 1?" if y.min() == 1 else ""
        raise AuditorError(
            f"The clean set has label {y.max()}, but the model has {spec.classes} classes "
            f"(0 to {spec.classes - 1}).{low}",
            "Number the labels as the model's outputs are.",
        )
    return y


def _naming(raw: RawSet, known: SpecHints) -> str:
    """How labels that are texts were matched with the model's outputs; empty for numbers.

    Raises:
        AuditorError: the model has names of its own, and one of the labels is not among them.
    """
    if not raw.class_names:
        return ""
    strange = [name for name in raw.class_names if name not in (known.class_names or ())]
    if known.class_names and strange:
        raise AuditorError(
            f"The clean set has the label {strange[0]!r:.60}, which is not a class of the model "
            f"({', '.join(known.class_names[:5])}).",
            "Use the model's own names as labels, or correct class_names in the card.",
        )
    if known.class_names:
        return ""
    order = ", ".join(f"{k} {name}" for k, name in enumerate(raw.class_names[:5]))
    return (
        f"The labels are texts and were numbered in sorted order ({order}); if the model counts "
        "otherwise, give its order as class_names in the card."
    )


def _facts(
    subject: Subject, loaded: Loaded, format: str, notes: tuple[str, ...], x: Tensor
) -> ModelFacts:
    network = subject.network
    layers = sum(
        not list(module.children()) and any(True for _ in module.parameters(recurse=False))
        for module in network.modules()
    )
    return ModelFacts(
        spec=subject.spec, format=format, architecture=loaded.architecture, layers=layers,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        notes=notes, pass_us=pass_us(subject, x), gradients=has_gradients(subject, x),
    )  # fmt: skip


def has_gradients(subject: Subject, x: Tensor) -> bool:
    """True if outputs have gradients towards the inputs; those of trees have none."""
    return subject(x[:2].clone().requires_grad_(True)).requires_grad


def pass_us(subject: Subject, x: Tensor) -> float:
    """Microseconds a sample for forward and backward at batch 128, the faster of two runs.

    Without gradients the forward pass alone is timed.

    A model that needs more than two seconds for a batch is timed at batch 16 only.
    """
    small = _pass_s(subject, x, 16)
    if small * TIMED / 16 > SLOW_S:
        return round(small / 16 * 1e6, 1)
    return round(min(_pass_s(subject, x, TIMED) for _ in range(2)) / TIMED * 1e6, 1)


def _pass_s(subject: Subject, x: Tensor, batch: int) -> float:
    chosen = torch.arange(batch) % len(x)
    inputs = x[chosen].clone().requires_grad_(True)
    start = time.perf_counter()
    loss = subject(inputs).logsumexp(1).sum()
    if loss.requires_grad:
        loss.backward()  # type: ignore[no-untyped-call]
    return time.perf_counter() - start
