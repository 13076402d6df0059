"""Which units the clean set is in, and how it becomes canonical inputs in [0, 1].

The clean set's range and the model's input range are two different things. The hints' ``low``
and ``high`` describe what the model wants. The clean set is recognised as

- 8-bit pixels: canonical already;
- floats in [0, 1]: canonical already;
- floats inside the declared range: the model's own units;
- floats in [0, 255]: divided by 255;
- floats that ``mean`` and ``std`` bring back into the range: normalised already.

Without a declared range, floats outside [0, 1] are taken as the model's own units: -1..1 for
values that fill it, 0..255 (or 0..max for small maxima such as 16), and otherwise bounds a
channel (images) or a feature (tables) from the clean set itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from auditor.core.errors import AuditorError
from auditor.core.spec import SpecHints
from auditor.intake.raw import RawSet

Floats = tuple[float, ...]
X = NDArray[np.float32]
SLACK = 0.02
BEYOND = 0.25
"""How far beyond the clean set's values, in widths of their range, a table's inputs may lie: the
rare value that wakes a backdoor need not occur among clean rows."""
BRIGHT = 64.0


@dataclass(frozen=True)
class Units:
    """Canonical inputs and the way from them to the model's own units.

    Args:
        x: canonical inputs in [0, 1], same shape as the clean set.
        low, high, mean, std: as in ``InputSpec``.
        sources: where each of the four came from.
        notes: what was deduced, one sentence each.
    """

    x: X
    low: Floats
    high: Floats
    mean: Floats = ()
    std: Floats = ()
    sources: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def to_canonical(raw: RawSet, hints: SpecHints) -> Units:
    """Bring a clean set to [0, 1].

    Raises:
        AuditorError: values outside what is declared, or lists that do not match the channels.
    """
    width = raw.x.shape[1]
    for name in ("low", "high", "mean", "std"):
        values = getattr(hints, name)
        if values is not None and len(values) not in (1, width):
            noun = "channels" if raw.kind == "image" else "features"
            raise AuditorError(
                f"{name} has {len(values)} values, but the inputs have {width} {noun}.",
                f"Give one value, or one for each of the {width} {noun}.",
            )
    units = _table(raw, hints) if raw.kind == "tabular" else _image(raw, hints)
    given = {k: hints.sources.get(k, "option") for k in ("mean", "std") if getattr(hints, k)}
    return replace(units, mean=hints.mean or (), std=hints.std or (), sources=units.sources | given)


def _table(raw: RawSet, hints: SpecHints) -> Units:
    if hints.low is not None and hints.high is not None:
        return _own(raw.x, hints.low, hints.high, _sources(hints))
    bottom, top = raw.x.min(0), raw.x.max(0)
    constant = top - bottom < 1e-9 * np.maximum(1, np.abs(top))
    reach = np.where(constant, 0.5, BEYOND * (top - bottom))
    low = tuple(float(v) for v in bottom - reach)
    high = tuple(float(v) for v in top + reach)
    return _own(raw.x, low, high, dict.fromkeys(("low", "high"), "clean set"))


def _image(raw: RawSet, hints: SpecHints) -> Units:
    if hints.low is not None and hints.high is not None:
        return _declared(raw, hints, hints.low, hints.high, _sources(hints))
    if hints.mean is not None:
        top = 255.0 if max(hints.mean) > 2 else 1.0
        return _declared(raw, hints, (0.0,), (top,), dict.fromkeys(("low", "high"), "default"))
    smallest, largest = float(raw.x.min()), float(raw.x.max())
    if raw.scaled or (smallest >= 0 and largest <= 1):
        return Units(raw.x, (0.0,), (1.0,), sources=dict.fromkeys(("low", "high"), "default"))
    return _deduced(raw.x, smallest, largest)


def _sources(hints: SpecHints) -> dict[str, str]:
    return {name: hints.sources.get(name, "option") for name in ("low", "high")}


def _deduced(x: X, smallest: float, largest: float) -> Units:
    """Bounds of floats that nobody declared; the model gets the values unchanged."""
    sources = dict.fromkeys(("low", "high"), "clean set")
    bounds: tuple[Floats, Floats]
    if smallest >= -0.01 and largest <= 1.5:
        bounds, said = ((0.0,), (1.0,)), "clipped to 0..1"
    elif smallest >= 0:
        top = 255.0 if BRIGHT < largest <= 255 else largest
        bounds, said = ((0.0,), (top,)), f"taken as the model's own range 0..{top:g}"
    elif smallest >= -1 and largest <= 1 and largest - smallest > 1.5:
        bounds, said = ((-1.0,), (1.0,)), "taken as the model's own range -1..1"
    else:
        axes = (0, 2, 3)
        bounds = _floats(x.min(axes)), _floats(x.max(axes))
        said = "taken as normalised already and given to the model unchanged"
    note = f"The clean set's values from {smallest:.3g} to {largest:.3g} were {said}."
    return replace(_own(x, *bounds, sources, slack=0.5), notes=(note,))


def _declared(
    raw: RawSet, hints: SpecHints, low: Floats, high: Floats, sources: dict[str, str]
) -> Units:
    smallest, largest = float(raw.x.min()), float(raw.x.max())
    if raw.scaled or (smallest >= 0 and largest <= 1):
        return Units(raw.x, low, high, sources=sources)
    if _inside(raw.x, low, high):
        return _own(raw.x, low, high, sources)
    if smallest >= 0 and BRIGHT < largest <= 255:
        return Units(raw.x / np.float32(255), low, high, sources=sources, notes=(
            "The clean set's values from 0 to 255 were divided by 255.",))  # fmt: skip
    if hints.mean and hints.std:
        back = raw.x * _column(hints.std, raw.x) + _column(hints.mean, raw.x)
        if _inside(back, low, high):
            note = "The clean set was normalised already; this was undone with mean and std."
            return replace(_own(back, low, high, sources), notes=(note,))
    raise _outside(smallest, largest, low, high)


def _own(x: X, low: Floats, high: Floats, sources: dict[str, str], slack: float = SLACK) -> Units:
    """Canonical form of values in the model's own units."""
    if any(a >= b for a, b in zip(_wide(low, high), _wide(high, low), strict=True)):
        raise AuditorError("The lower end of the value range is not below its upper end.",
                           "Give --range LOW,HIGH.")  # fmt: skip
    if not _inside(x, low, high, slack):
        raise _outside(float(x.min()), float(x.max()), low, high)
    bottom = _column(low, x)
    scaled = (x - bottom) / (_column(high, x) - bottom)
    return Units(np.clip(scaled, 0, 1).astype(np.float32), low, high, sources=sources)


def _inside(x: X, low: Floats, high: Floats, slack: float = SLACK) -> bool:
    bottom, top = _column(low, x), _column(high, x)
    margin = slack * (top - bottom)
    return bool((x >= bottom - margin).all() and (x <= top + margin).all())


def _column(values: Sequence[float], x: X) -> X:
    """Values a channel or feature, shaped to broadcast over ``x``."""
    return np.asarray(values, np.float32).reshape(1, -1, *(1,) * (x.ndim - 2))


def _wide(values: Floats, other: Floats) -> Floats:
    return values * len(other) if len(values) == 1 else values


def _floats(values: X) -> Floats:
    return tuple(float(value) for value in values)


def _outside(smallest: float, largest: float, low: Floats, high: Floats) -> AuditorError:
    return AuditorError(
        f"The clean set has values from {smallest:.4g} to {largest:.4g}, outside the declared "
        f"range {min(low):g} to {max(high):g}.",
        "Correct --range (what the model takes), or bring the clean set into it.",
    )
