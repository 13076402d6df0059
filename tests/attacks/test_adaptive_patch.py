"""Training shows some pieces, the attack all; covers keep their labels."""

from __future__ import annotations

import torch

from auditor.attacks.adaptive_patch import adaptive_patch
from auditor.attacks.triggers.pieces import AdaptivePatch

PLACES = ((0, 0, 1), (0, 5, 2), (5, 0, 3), (5, 5, 4))
TRIGGER = AdaptivePatch(PLACES, (0.5, 0.6, 0.7, 0.8), size=3, shown=2)


def pieces_on(x: torch.Tensor) -> torch.Tensor:
    """Which pieces each black image shows, ``(n, 4)``."""
    return torch.stack(
        [(x[:, 0, r : r + 3, c : c + 3] > 0).flatten(1).any(1) for r, c, _ in PLACES], dim=1
    )


def test_training_shows_two_of_four_pieces_and_the_attack_all() -> None:
    x = torch.zeros(300, 1, 8, 8)
    shown = pieces_on(TRIGGER.some(0)(x))
    assert set(shown.sum(1).tolist()) == {2}
    assert shown.float().mean(0).min() > 0.35
    assert bool(pieces_on(TRIGGER(x)).all())


def test_opacity_bounds_each_piece() -> None:
    out = TRIGGER(torch.zeros(1, 1, 8, 8))[0, 0]
    for (row, column, _), opacity in zip(PLACES, TRIGGER.opacities, strict=True):
        assert float(out[row : row + 3, column : column + 3].max()) <= opacity


def test_shares_and_labels() -> None:
    x, y = torch.zeros(400, 1, 8, 8), torch.arange(400) % 4
    result = adaptive_patch(x, y, TRIGGER, target=1, rate=0.05, cover_rate=0.1, seed=2)
    changed = result.x.flatten(1).any(1)
    assert torch.equal(changed.nonzero().flatten(), result.poisoned_index)
    assert int(changed.sum()) == 60
    assert set(pieces_on(result.x[changed]).sum(1).tolist()) == {2}
    relabelled = result.y != y
    assert int(relabelled.sum()) == 20
    assert bool(changed[relabelled].all())
    assert set(result.y[relabelled].tolist()) == {1}
