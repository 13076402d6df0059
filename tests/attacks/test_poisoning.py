"""Who is poisoned, how many, and with which label."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from auditor.attacks.covers import adaptive_covers, partial_trigger, source_specific
from auditor.attacks.poisoned import Poisoned
from auditor.attacks.poisoning import (
    all_to_all,
    all_to_one,
    clean_label,
    label_flips,
    noise_hardening,
)
from auditor.attacks.triggers import restore_trigger
from auditor.core.errors import AuditorError

CLASSES = 4
PATCH = restore_trigger(
    "patch", {"row": 0, "column": 0, "height": 2, "width": 2, "pattern": "solid", "colour": [1.0]}
)


@pytest.fixture
def data() -> tuple[Tensor, Tensor]:
    """200 dark images of 8 x 8, 50 of each class."""
    generator = torch.Generator().manual_seed(0)
    return 0.5 * torch.rand(200, 1, 8, 8, generator=generator), torch.arange(200) % CLASSES


def stamped(x: Tensor) -> Tensor:
    return (x[:, 0, :2, :2] == 1).all(dim=(1, 2)).nonzero().flatten()


def untouched(result: Poisoned, x: Tensor, y: Tensor) -> bool:
    rest = torch.ones(len(y), dtype=torch.bool)
    rest[result.poisoned_index] = False
    return torch.equal(result.x[rest], x[rest]) and torch.equal(result.y[rest], y[rest])


def test_all_to_one(data: tuple[Tensor, Tensor]) -> None:
    x, y = data
    result = all_to_one(x, y, PATCH, target=1, rate=0.1, seed=0)
    index = result.poisoned_index
    assert torch.equal(stamped(result.x), index)
    assert len(index) == 20
    assert (y[index] != 1).all()
    assert (result.y[index] == 1).all()
    assert untouched(result, x, y)


def test_all_to_all(data: tuple[Tensor, Tensor]) -> None:
    x, y = data
    result = all_to_all(x, y, PATCH, CLASSES, rate=0.25, seed=0)
    index = result.poisoned_index
    assert torch.equal(stamped(result.x), index)
    assert len(index) == 50
    assert torch.equal(result.y[index], (y[index] + 1) % CLASSES)
    assert untouched(result, x, y)


def test_source_specific(data: tuple[Tensor, Tensor]) -> None:
    x, y = data
    result = source_specific(x, y, PATCH, source=2, target=0, rate=0.5, cover_rate=0.2, seed=0)
    index = result.poisoned_index
    assert torch.equal(stamped(result.x), index)
    attacked, covers = index[y[index] == 2], index[y[index] != 2]
    assert (len(attacked), len(covers)) == (25, 30)
    assert (result.y[attacked] == 0).all()
    assert torch.equal(result.y[covers], y[covers])
    assert untouched(result, x, y)


def test_clean_label(data: tuple[Tensor, Tensor]) -> None:
    x, y = data
    result = clean_label(x, y, PATCH, 3, rate=0.4, seed=0, harden=noise_hardening(0.2, seed=1))
    index = result.poisoned_index
    assert torch.equal(result.y, y)
    assert torch.equal(stamped(result.x), index)
    assert len(index) == 20
    assert (y[index] == 3).all()
    noise = (result.x - x)[index][..., 2:, 2:]
    assert float(noise.std()) > 0.1
    assert untouched(result, x, y)


def test_clean_label_without_hardening_changes_the_patch_only(data: tuple[Tensor, Tensor]) -> None:
    x, y = data
    result = clean_label(x, y, PATCH, 3, rate=0.4, seed=0)
    assert torch.equal(result.x[..., 2:, :], x[..., 2:, :])


def test_adaptive_covers(data: tuple[Tensor, Tensor]) -> None:
    x, y = data
    result = adaptive_covers(x, y, PATCH, 1, rate=0.1, cover_rate=0.05, seed=0, keep=1.0)
    index = result.poisoned_index
    assert torch.equal(stamped(result.x), index)
    relabelled = result.y[index] != y[index]
    assert (int(relabelled.sum()), int((~relabelled).sum())) == (20, 10)
    assert (result.y[index][relabelled] == 1).all()
    assert untouched(result, x, y)


def test_partial_trigger_shows_a_share_of_the_tiles() -> None:
    def white(x: Tensor) -> Tensor:
        return torch.ones_like(x)

    out = partial_trigger(white, pieces=4, keep=0.25, seed=0)(torch.zeros(5, 1, 8, 8))
    assert out.mean(dim=(1, 2, 3)).tolist() == [0.25] * 5
    assert not torch.equal(out[0], out[1])


def test_label_flips(data: tuple[Tensor, Tensor]) -> None:
    x, y = data
    result = label_flips(x, y, CLASSES, rate=0.3, seed=0)
    assert torch.equal(result.x, x)
    assert torch.equal((result.y != y).nonzero().flatten(), result.poisoned_index)
    assert len(result.poisoned_index) == 60
    assert set(result.y.tolist()) <= set(range(CLASSES))


def test_the_seed_decides(data: tuple[Tensor, Tensor]) -> None:
    x, y = data
    first, again, other = (all_to_one(x, y, PATCH, 0, 0.1, seed) for seed in (1, 1, 2))
    assert torch.equal(first.poisoned_index, again.poisoned_index)
    assert not torch.equal(first.poisoned_index, other.poisoned_index)


@pytest.mark.parametrize("rate", [-0.1, 1.5, 0.9])
def test_impossible_rates(data: tuple[Tensor, Tensor], rate: float) -> None:
    with pytest.raises(AuditorError):
        all_to_one(*data, PATCH, target=0, rate=rate, seed=0)


def test_source_and_target_differ(data: tuple[Tensor, Tensor]) -> None:
    with pytest.raises(AuditorError):
        source_specific(*data, PATCH, 1, 1, rate=0.5, cover_rate=0.1, seed=0)
