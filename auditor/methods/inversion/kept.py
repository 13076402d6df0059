"""What students said, as arrays: kept as evidence, and read again by whoever looks at copies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from auditor.methods.inversion.scan import Reference

SIZES, SEARCHED, RARE = "reference_", "searched", "rare"
Arrays = Mapping[str, NDArray[Any]]


def written(reference: Reference) -> dict[str, NDArray[Any]]:
    """Arrays by name: log sizes ``(students, m + 1)`` of each form, the searched classes ``(m,)``,
    and which of them are rare, ``(m,)`` of 0 and 1."""
    sizes = {f"{SIZES}{name}": value.numpy() for name, value in reference.log_size.items()}
    classes = reference.classes.numpy()
    return {**sizes, SEARCHED: classes, RARE: np.isin(classes, reference.rare).astype(np.uint8)}


def read(arrays: Arrays, agreement: float) -> Reference:
    """The reference that `written` turned into ``arrays``; others among them are passed over.

    Args:
        arrays: by name.
        agreement: share of held-out inputs on which students and model agree, in [0, 1].
    """
    sizes = {
        name.removeprefix(SIZES): torch.tensor(array)
        for name, array in arrays.items()
        if name.startswith(SIZES)
    }
    classes = torch.tensor(arrays[SEARCHED])
    rare = classes[torch.tensor(arrays[RARE]).bool()]
    return Reference(classes, sizes, agreement, tuple(rare.tolist()))
