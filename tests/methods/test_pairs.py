"""A pair of classes stands out where triggers move one class, and no other, to one class."""

from __future__ import annotations

import torch

from auditor.methods.inversion.pairs import cells, highest_pair


def triggers(count: int = 64, classes: int = 6) -> torch.Tensor:
    return 0.05 * torch.rand(count, classes, classes, generator=torch.Generator().manual_seed(0))


def test_the_planted_pair_is_the_highest() -> None:
    paired = triggers()
    paired[:8, 2, 4] += 0.5
    found = cells(paired)
    assert divmod(int(found.argmax()), 6) == (2, 4)
    assert float(highest_pair(found)) > 5 * float(cells(triggers()).max())


def test_a_target_that_all_classes_go_to_is_no_pair() -> None:
    paired = triggers()
    paired[:8, :, 4] += 0.5
    assert torch.allclose(cells(paired), cells(triggers()), atol=1e-3)


def test_staying_in_a_class_is_no_pair() -> None:
    paired = triggers()
    paired += torch.eye(6)
    assert torch.equal(cells(paired).diagonal(), torch.zeros(6))
