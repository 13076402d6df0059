"""A canonical image tensor as an array that a report can show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


def picture(image: Tensor) -> NDArray[np.float32]:
    """``(c, h, w)`` as ``(h, w, 3)`` or ``(h, w)`` float32 in [0, 1].

    Channel counts other than 3 are shown as their mean in grey.
    """
    values = image.detach().float().clamp(0, 1)
    shown = values.permute(1, 2, 0) if len(values) == 3 else values.mean(0)
    return np.ascontiguousarray(shown.cpu().numpy(), dtype=np.float32)
