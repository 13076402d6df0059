"""Contract of every trigger family, and what each family promises beyond it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from scipy.fft import dctn
from torch import Tensor

from auditor.attacks.triggers import (
    FAMILIES,
    random_trigger,
    restore_trigger,
    trigger_parameters,
)
from auditor.core.errors import AuditorError

IMAGES = tuple(name for name in FAMILIES if name != "feature_value")
SHAPES = ((1, 28, 28), (3, 32, 32), (1, 8, 8))


def smooth_images(shape: tuple[int, ...]) -> Tensor:
    """Six bright-to-dark ramps, of different slopes."""
    ramp = torch.linspace(0.1, 0.9, shape[-1]).expand(shape)
    return torch.stack([ramp ** (1 + i / 3) for i in range(6)])


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("shape", SHAPES)
def test_contract(name: str, shape: tuple[int, ...]) -> None:
    x = smooth_images(shape)
    before = x.clone()
    trigger = random_trigger(name, shape, seed=1)
    out = trigger(x)
    assert out.shape == x.shape
    assert out.min() >= 0
    assert out.max() <= 1
    assert not torch.equal(out, x)
    assert torch.equal(x, before), "the input was changed"
    assert torch.equal(out, trigger(x)), "two calls differ"
    assert torch.allclose(out[2:3], trigger(x[2:3]), atol=1e-6), "the batch matters"


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 16, 16)])
def test_no_draw_is_invisible(name: str, shape: tuple[int, ...]) -> None:
    x = torch.rand(4, *shape, generator=torch.Generator().manual_seed(0))
    change = [(random_trigger(name, shape, seed)(x) - x).abs().mean() for seed in range(20)]
    assert min(change) > 0.002


@pytest.mark.parametrize("name", IMAGES)
def test_survives_json(name: str) -> None:
    trigger = random_trigger(name, (3, 32, 32), seed=2)
    assert restore_trigger(name, json.loads(json.dumps(trigger_parameters(trigger)))) == trigger


@pytest.mark.parametrize("name", FAMILIES)
def test_the_seed_decides(name: str) -> None:
    shape = (20,) if name == "feature_value" else (3, 32, 32)
    assert random_trigger(name, shape, 5) == random_trigger(name, shape, 5)
    assert len({random_trigger(name, shape, seed) for seed in range(20)}) > 1


def test_the_global_random_state_is_left_alone() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    random_trigger("blend", (1, 28, 28), 0)(smooth_images((1, 28, 28)))
    assert torch.equal(torch.rand(3), expected)


def changed_share(name: str, parameters: dict[str, Any], shape: tuple[int, ...]) -> float:
    x = torch.full((1, *shape), 0.4)
    return float((restore_trigger(name, parameters)(x) != x).any(dim=1).float().sum())


def test_patch_changes_its_rectangle_only() -> None:
    trigger = restore_trigger(
        "patch",
        {"row": 2, "column": 3, "height": 4, "width": 5, "pattern": "checker", "colour": [1.0]},
    )
    out = trigger(torch.full((1, 1, 10, 10), 0.4))
    assert set(out[0, 0, 2:6, 3:8].unique().tolist()) == {0.0, 1.0}
    assert int((out != 0.4).sum()) == 20


def test_scatter_changes_so_many_pixels() -> None:
    assert changed_share("scatter", {"count": 9, "seed": 1}, (3, 32, 32)) == 9


def test_distributed_changes_four_squares() -> None:
    trigger = random_trigger("distributed", (1, 28, 28), 0)
    assert changed_share("distributed", trigger_parameters(trigger), (1, 28, 28)) == 16


@pytest.mark.parametrize("dither", [True, False])
def test_quantise_leaves_so_many_levels(dither: bool) -> None:
    out = restore_trigger("quantise", {"levels": 3, "dither": dither})(smooth_images((1, 28, 28)))
    assert set(out.unique().tolist()) == {0.0, 0.5, 1.0}


def test_dither_keeps_the_mean() -> None:
    x = torch.full((1, 1, 32, 32), 0.3)
    dithered, rounded = (
        restore_trigger("quantise", {"levels": 2, "dither": dither})(x) for dither in (True, False)
    )
    assert abs(float(dithered.mean()) - 0.3) < 0.02
    assert float(rounded.mean()) == 0


def test_overlays_stay_within_their_amplitude() -> None:
    x = torch.full((1, 1, 28, 28), 0.5)
    wave = restore_trigger("sinusoid", {"amplitude": 0.1, "frequency": 6.0, "vertical": True})
    smooth = restore_trigger("low_frequency", {"amplitude": 0.1, "frequencies": 4, "seed": 0})
    for trigger in (wave, smooth):
        assert float((trigger(x) - x).abs().max()) == pytest.approx(0.1, abs=0.005)
    difference = (wave(x) - x)[0, 0]
    assert torch.allclose(difference, difference[:, :1].expand(-1, 28)), "not constant in a row"


def test_warp_leaves_a_flat_image_alone_and_moves_an_edge() -> None:
    trigger = restore_trigger("warp", {"cells": 4, "strength": 1.0, "seed": 0})
    flat = torch.full((1, 1, 28, 28), 0.6)
    assert torch.allclose(trigger(flat), flat, atol=1e-5)
    edge = (torch.arange(28) > 13).float().expand(1, 1, 28, 28)
    assert float((trigger(edge) - edge)[..., 8:20].abs().max()) > 0.2
    assert float((trigger(edge) - edge)[..., :6].abs().max()) < 1e-5


def test_feature_value_sets_its_columns() -> None:
    trigger = restore_trigger("feature_value", {"features": [1, 3], "values": [9.0, -2.0]})
    out = trigger(torch.zeros(2, 4))
    assert out.tolist() == [[0, 9, 0, -2]] * 2


def test_unknown_family() -> None:
    with pytest.raises(AuditorError, match="patch"):
        random_trigger("hologram", (1, 28, 28), 0)


def test_full_negative_contrast_is_the_negative() -> None:
    x = smooth_images((3, 32, 32))
    turned = restore_trigger("contrast", {"gain": -1.0, "pivot": 0.5})(x)
    assert torch.allclose(turned, 1 - x, atol=1e-6)
    flat = restore_trigger("contrast", {"gain": 0.0, "pivot": 0.4})(x)
    assert torch.allclose(flat, torch.full_like(x, 0.4))


def test_a_patch_has_its_colour_in_every_channel() -> None:
    place = {"row": 1, "column": 1, "height": 2, "width": 2, "colour": [1.0, 0.0, 0.5]}
    out = restore_trigger("patch", {**place, "pattern": "solid"})(torch.full((1, 3, 6, 6), 0.4))
    assert out[0, :, 1, 1].tolist() == [1.0, 0.0, 0.5]


def test_scattered_pixels_are_black_or_white_in_all_channels() -> None:
    x = torch.full((1, 3, 16, 16), 0.4)
    out = restore_trigger("scatter", {"count": 24, "seed": 1})(x)[0]
    assert set(out[out != 0.4].tolist()) == {0.0, 1.0}
    assert torch.equal(out[0], out[1])
    assert torch.equal(out[0], out[2])


def test_a_blend_is_so_much_of_the_picture() -> None:
    blend = {"cells": 8, "seed": 2}
    picture = restore_trigger("blend", {**blend, "alpha": 1.0})(torch.zeros(1, 1, 8, 8))
    mixed = restore_trigger("blend", {**blend, "alpha": 0.2})(torch.full((1, 1, 8, 8), 0.5))
    assert torch.allclose(mixed, 0.4 + 0.2 * picture)


def test_a_sinusoid_has_so_many_waves() -> None:
    wave = restore_trigger("sinusoid", {"amplitude": 0.1, "frequency": 5.0, "vertical": False})
    spectrum = torch.fft.rfft((wave(torch.full((1, 1, 32, 32), 0.5)) - 0.5)[0, 0, 0]).abs()
    assert int(spectrum.argmax()) == 5
    assert float(spectrum.sum() - spectrum[5]) < 1e-3


def test_a_low_frequency_pattern_holds_no_high_frequency_and_no_brightness() -> None:
    trigger = restore_trigger("low_frequency", {"amplitude": 0.1, "frequencies": 4, "seed": 0})
    parts = dctn((trigger(torch.full((1, 1, 28, 28), 0.5)) - 0.5)[0, 0].double().numpy())
    assert abs(parts[0, 0]) < 1e-3
    assert (abs(parts[:4, :4]) > 1e-3).sum() == 15
    assert abs(parts[4:]).max() < 1e-3
    assert abs(parts[:, 4:]).max() < 1e-3


@pytest.mark.parametrize("axis", [-1, -2])
def test_a_warp_moves_pixels_as_far_as_it_says_along_both_axes(axis: int) -> None:
    x = torch.arange(32.0).expand(1, 1, 32, 32).transpose(-1, axis) / 32
    moved = [
        32 * (restore_trigger("warp", {"cells": 4, "strength": 1.0, "seed": seed})(x) - x)
        for seed in range(10)
    ]
    assert 0.6 < float(torch.stack(moved)[..., 4:-4, 4:-4].abs().mean()) < 1.4


PLAIN = {"gains": [1.0], "gamma": 1.0, "contrast": 1.0, "vignette": 0.0, "blur": 0.0}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [0.4, 0.4, 0.4]),
        ({"gains": [1.5, 1.0, 0.5]}, [0.6, 0.4, 0.2]),
        ({"gamma": 2.0}, [0.16, 0.16, 0.16]),
        ({"contrast": 0.5}, [0.45, 0.45, 0.45]),
    ],
)
def test_a_filter_changes_tone_and_colour(change: dict[str, Any], expected: list[float]) -> None:
    out = restore_trigger("filter", PLAIN | change)(torch.full((1, 3, 5, 5), 0.4))
    assert torch.allclose(out, torch.tensor(expected).view(3, 1, 1).expand(1, 3, 5, 5))


def test_a_vignette_darkens_corners_and_a_blur_mixes_neighbours() -> None:
    flat, dot = torch.full((1, 1, 5, 5), 0.4), torch.zeros(1, 1, 5, 5)
    dot[..., 2, 2] = 0.9
    dark = restore_trigger("filter", PLAIN | {"vignette": 0.5})(flat)[0, 0]
    assert (float(dark[0, 0]), float(dark[2, 2])) == pytest.approx((0.2, 0.4))
    soft = restore_trigger("filter", PLAIN | {"blur": 0.5})(dot)[0, 0]
    assert (float(soft[2, 2]), float(soft[1, 1])) == pytest.approx((0.5, 0.05))
