"""What students said survives being kept as evidence, rare classes included."""

from __future__ import annotations

import pytest
import torch
from safetensors.numpy import load, save

from auditor.methods.inversion.kept import read, written
from auditor.methods.inversion.scan import Reference


@pytest.mark.parametrize("rare", [(), (2,), (0, 7)])
def test_what_was_written_is_read(rare: tuple[int, ...]) -> None:
    sizes = {"mask": torch.randn(2, 4), "margin": torch.randn(2, 4)}
    reference = Reference(torch.tensor([0, 2, 7]), sizes, 0.75, rare)
    again = read(load(save(written(reference))), 0.75)
    assert (again.rare, again.agreement) == (rare, 0.75)
    assert again.classes.tolist() == [0, 2, 7]
    assert {name: value.tolist() for name, value in again.log_size.items()} == {
        name: value.tolist() for name, value in sizes.items()
    }
