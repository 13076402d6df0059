"""Exhibits become verified files, and bad ones are refused in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray
from PIL import Image

from auditor.core.canonical import digest_file
from auditor.core.errors import AuditorError
from auditor.core.finding import Exhibit
from auditor.writers.evidence import store


def test_image_is_clipped_enlarged_and_named_by_its_content(tmp_path: Path) -> None:
    array = np.array([[-1.0, 0.5], [1.0, 7.0]], dtype=np.float32)
    evidence = store(tmp_path, Exhibit("clean_0", array, "image", "A picture"))
    path = tmp_path / evidence.file
    pixels = np.asarray(Image.open(path))
    assert evidence.file == f"evidence/{digest_file(path)}.png"
    assert evidence.bytes == path.stat().st_size
    assert pixels.shape == (256, 256)
    assert pixels[[0, 0, -1, -1], [0, -1, 0, -1]].tolist() == [0, 128, 255, 255]


def test_colour_image_keeps_its_channels(tmp_path: Path) -> None:
    array = np.zeros((32, 32, 3), dtype=np.float32)
    array[..., 0] = 1.0
    evidence = store(tmp_path, Exhibit("red", array))
    assert np.asarray(Image.open(tmp_path / evidence.file))[0, 0].tolist() == [255, 0, 0]


def test_heatmap_is_even_in_grey_and_symmetric_about_zero(tmp_path: Path) -> None:
    ramp = np.linspace(-1, 2, 64, dtype=np.float32).reshape(8, 8)
    evidence = store(tmp_path, Exhibit("heat", ramp, "heatmap", "Where it acts."))
    grey = np.asarray(Image.open(tmp_path / evidence.file).convert("L"))[::32, ::32].ravel()
    assert evidence.caption == "Where it acts. Scale: dark -2, bright 2."
    assert (np.diff(grey.astype(int)) >= 0).all()
    assert grey[0] > 0


def test_array_comes_back_unchanged(tmp_path: Path) -> None:
    array = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    evidence = store(tmp_path, Exhibit("trigger", array, "array"))
    back = safetensors.numpy.load((tmp_path / evidence.file).read_bytes())
    np.testing.assert_array_equal(back["trigger"], array)


@pytest.mark.parametrize("kind", ["image", "heatmap", "array"])
def test_same_array_gives_same_bytes_and_leaves_no_half_file(tmp_path: Path, kind: str) -> None:
    array = np.random.default_rng(0).random((9, 9)).astype(np.float32)
    first = store(tmp_path / "a", Exhibit("x", array, kind))
    again = store(tmp_path / "b", Exhibit("x", array.copy(), kind))
    assert first == again
    assert len(list((tmp_path / "a").rglob("*"))) == 2


BAD: dict[str, tuple[NDArray[Any], str, str]] = {
    "not finite": (np.array([[np.nan]]), "image", "not finite"),
    "vector": (np.zeros(4), "image", "not a picture"),
    "two channels": (np.zeros((4, 4, 2)), "image", "not a picture"),
    "colour heat map": (np.zeros((4, 4, 3)), "heatmap", "not a picture"),
    "empty": (np.zeros((0, 4)), "image", "empty"),
    "too wide": (np.zeros((1, 5000)), "image", "2048 pixels"),
    "text": (np.array([["a"]]), "image", "not numbers"),
    "unknown kind": (np.zeros((2, 2)), "movie", "unknown kind"),
    "too large": (np.zeros(9 << 20), "array", "64 MB"),
}


@pytest.mark.parametrize("case", sorted(BAD))
def test_bad_exhibits_are_refused(tmp_path: Path, case: str) -> None:
    array, kind, message = BAD[case]
    with pytest.raises(AuditorError, match=message):
        store(tmp_path, Exhibit("x", array, kind))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", "../up", "a b", "x" * 81])
def test_names_are_plain_identifiers(tmp_path: Path, name: str) -> None:
    with pytest.raises(AuditorError, match="plain identifier"):
        store(tmp_path, Exhibit(name, np.zeros((2, 2))))


def test_unwritable_folder_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("in the way")
    with pytest.raises(AuditorError, match="Cannot write"):
        store(tmp_path, Exhibit("x", np.zeros((2, 2))))
