"""A scene of which only the delivered model's p-value matters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.effort import Effort
from auditor.methods.inversion.scan import Reference
from auditor.power.scene import Scene


@pytest.fixture
def scene_of(digits_subject: Subject) -> Callable[[float], Scene]:
    nothing = CleanSet(torch.zeros(0, 1, 8, 8), torch.zeros(0, dtype=torch.int64))

    def made(p_value: float) -> Scene:
        reference = Reference(torch.arange(10), {}, 1.0)
        return Scene(digits_subject, nothing, nothing, nothing, reference, Effort(), 0, p_value)

    return made
