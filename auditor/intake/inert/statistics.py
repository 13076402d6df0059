"""Payloads hidden in weights: byte planes that are not noise, bytes of programs, NaN and infinity.

Purpose: the low mantissa bytes of trained float32 weights are noise (chi-square 229-267 with 255
degrees of freedom on clean networks); text or a program in them is not. Blocks of 4096 values are
tested one by one, so that a payload in a part of a tensor is seen.
Limits: an encrypted or compressed payload in one or two low bytes looks like noise and cannot be
seen; half precision and integers have no noise byte and are checked for program headers only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auditor.core import hygiene
from auditor.core.scan import TensorRow
from auditor.intake.inert import stowed
from auditor.intake.inert.log import Log, shown
from auditor.intake.inert.values import ITEM_SIZES

BLOCK = 4096
SAMPLE = 1 << 20
LIMITS = (16_000.0, 700.0)
"""For byte 0 and byte 1. Fresh weights from torch's generators reach 9,000 and 330 (its uniform
numbers have 24 bits); text in the low byte reaches 136,000, a program 940,000."""
ROUNDED = 64
_ODD = np.arange(256) % 4 != 0
"""Lowest bytes that rounding to fewer bits does not leave."""
HUGE = 1e30
FEW = 0.01
TINY, MANY = {"float32": 1.17549435e-38, "float64": 2.2250738585072014e-308}, 0.5
"""The smallest normal numbers; processors are slow with what is below."""
ROWS = 20_000
_PROGRAMS = {
    b"\x7fELF": "an ELF program", b"MZ\x90\x00": "a Windows program", b"PK\x03\x04": "a zip",
    b"\x80\x02c": "a pickle", b"\x80\x04\x95": "a pickle", b"\x80\x05\x95": "a pickle",
    b"#!/": "a script", b"\x1f\x8b\x08": "a gzip file",
    b"\xca\xfe\xba\xbe": "a Mach-O or Java program", b"\xcf\xfa\xed\xfe": "a Mach-O program",
}  # fmt: skip
_FLOATS = {"float16": np.float16, "float32": np.float32, "float64": np.float64}


def examine(name: str, dtype: str, shape: tuple[int, ...], data: memoryview, log: Log) -> None:
    """Add a row for one tensor, and a problem if its bytes are not what weights are.

    Args:
        data: the tensor's bytes; of large ones evenly spread blocks are looked at.
    """
    if len(log.shared.tensors) >= ROWS:
        return
    log.budget.check()
    if odd := hygiene.of_tensor(name):
        what = f"the name of the tensor {shown(name)!r} {odd}"
        log.add("suspicious", "tensor.name", what, None, name)
    values = len(data) // ITEM_SIZES.get(dtype, 1)
    sample = _sample(data, ITEM_SIZES.get(dtype, 1))
    nan, infinite, chi = 0, 0, None
    if dtype in ("float32", "float64", "float16"):
        numbers = sample.view(_FLOATS[dtype])
        nan, infinite = int(np.isnan(numbers).sum()), int(np.isinf(numbers).sum())
        _not_finite(name, numbers, nan, infinite, log)
        if dtype != "float16":
            chi = planes(sample, ITEM_SIZES[dtype])
            _judge(name, numbers, chi, log)
            _slow(name, numbers, TINY[dtype], log)
    elif dtype == "bfloat16":
        wide = (sample.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
        nan, infinite = int(np.isnan(wide).sum()), int(np.isinf(wide).sum())
        _not_finite(name, wide, nan, infinite, log)
    if dtype == "bool" and len(sample) and int(sample.max()) > 1:
        what = f"the tensor {shown(name)} has truth values that are neither"
        log.add("suspicious", "tensor.bytes", what, None, name)
    _program(name, bytes(data[:8]), log)
    stowed.look(name, dtype, sample, data, log)
    log.shared.tensors.append(
        TensorRow(
            name=shown(name, 200), dtype=dtype[:40], shape=shape[:64], values=values,
            sampled=len(sample) // ITEM_SIZES.get(dtype, 1), nan=nan, infinite=infinite,
            chi_square=None if chi is None else (round(chi[0], 1), round(chi[1], 1)),
        )
    )  # fmt: skip


def _sample(data: memoryview, item: int) -> NDArray[np.uint8]:
    """All bytes, or blocks spread evenly over a large tensor."""
    array = np.frombuffer(data, np.uint8, len(data) // item * item)
    if len(array) <= SAMPLE * item:
        return np.ascontiguousarray(array)
    count = SAMPLE // BLOCK
    blocks = array[: len(array) // (BLOCK * item) * BLOCK * item].reshape(-1, BLOCK * item)
    chosen = np.linspace(0, len(blocks) - 1, count).astype(np.int64)
    return np.ascontiguousarray(blocks[chosen]).reshape(-1)


def planes(sample: NDArray[np.uint8], item: int) -> tuple[float, float] | None:
    """Chi-square of the two lowest bytes, worst block of distinct non-zero values.

    Returns:
        None where no block has enough distinct values (constants, pruned or rounded weights).
    """
    worst: list[float] = []
    for start in range(0, len(sample) // item, BLOCK):
        rows = sample[start * item : (start + BLOCK) * item].reshape(-1, item)
        distinct = np.unique(rows.view(np.uint32 if item == 4 else np.uint64).reshape(-1))
        if len(distinct) >= BLOCK // 2:
            found = [_chi_square((distinct >> shift) & 0xFF) for shift in (0, 8)]
            worst = [max(old, new) for old, new in zip(worst or (0.0, 0.0), found, strict=True)]
    return (worst[0], worst[1]) if worst else None


def _chi_square(low: NDArray[np.integer]) -> float:
    """Against uniform bytes, scaled to 4096 values; 0 for values rounded to few bits."""
    counts = np.bincount(low.astype(np.int64), minlength=256)
    if np.count_nonzero(counts) <= ROUNDED and not counts[_ODD].any():
        return 0.0  # rounded to few bits, such as float32 made from half precision
    expected = len(low) / 256
    return float(((counts - expected) ** 2).sum() / expected)


def _judge(
    name: str, numbers: NDArray[np.floating], chi: tuple[float, float] | None, log: Log
) -> None:
    if chi is not None and (chi[0] > LIMITS[0] or chi[1] > LIMITS[1]):
        numbers_shown = f"chi-square {chi[0]:.0f}, {chi[1]:.0f}"
        what = f"the low bytes of the tensor {shown(name)} are no noise ({numbers_shown})"
        log.add("suspicious", "tensor.low_bytes", what, None, name)
    if len(numbers) >= 64:
        with np.errstate(all="ignore"):
            huge = 0.0 if _is_mask(numbers) else float(np.mean(np.abs(numbers) > HUGE))
        if huge > FEW:
            what = f"{huge:.0%} of the tensor {shown(name)} are absurdly large numbers"
            log.add("suspicious", "tensor.bytes", what, None, name)


def _is_mask(numbers: NDArray[np.floating]) -> bool:
    """Zero and one most negative number, as masks of attention hold; they are no weights."""
    least = numbers.min()
    return bool(least < 0 and ((numbers == 0) | (numbers == least)).all() and (numbers == 0).any())


def _slow(name: str, numbers: NDArray[np.floating], tiny: float, log: Log) -> None:
    """Numbers below the smallest normal one, which no training leaves in such a number."""
    size = np.abs(numbers)
    below = int(((size > 0) & (size < tiny)).sum())
    if below >= 64 and below > MANY * int((size > 0).sum()):
        what = f"{below} numbers of the tensor {shown(name)} are subnormal, which is slow"
        log.add("suspicious", "tensor.subnormal", what, None, name)
    if name.endswith("running_var") and len(numbers) and bool((numbers < 0).any()):
        what = f"the variance {shown(name)} is below zero"
        log.add("suspicious", "tensor.variance", what, None, name)


def _not_finite(
    name: str,
    numbers: NDArray[np.floating],
    nan: int,
    infinite: int,
    log: Log,
) -> None:
    if nan:
        log.add("suspicious", "tensor.nan", f"the tensor {shown(name)} has {nan} NaN", None, name)
    mask = infinite and not nan and bool(np.all((numbers == 0) | (numbers == -np.inf)))
    if infinite and not mask:
        what = f"the tensor {shown(name)} has {infinite} infinite values"
        log.add("suspicious", "tensor.infinite", what, None, name)


def _program(name: str, head: bytes, log: Log) -> None:
    for start, what in _PROGRAMS.items():
        if head.startswith(start):
            log.add(
                "suspicious",
                "tensor.program",
                f"the tensor {shown(name)} begins like {what}",
                0,
                name,
            )
