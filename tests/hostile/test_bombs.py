"""Resource bombs: a named finding, within ten seconds, through the real child process."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from bombs import BOMBS

from auditor.engines.scanning import scan_delivery

QUICK = (
    "zip_that_lies_about_its_size", "zips_in_zips", "lzma_with_a_huge_dictionary",
    "pickle_billion_laughs", "pickle_of_a_long_number", "pickle_that_announces_exabytes",
    "storage_of_terabytes", "tensor_of_strides_zero", "array_of_terabytes",
    "safetensors_with_a_nested_header", "onnx_of_nested_graphs", "onnx_of_absurd_sizes",
    "script_with_nested_brackets", "program_with_a_nested_graph",
)  # fmt: skip


def _measure(name: str, folder: Path) -> None:
    BOMBS[name](folder / "model.bin")
    start = time.monotonic()
    found = scan_delivery(folder / "model.bin")
    assert time.monotonic() - start < 10.5
    assert found.problems
    assert found.exit_code in (1, 3, 4)


@pytest.mark.parametrize("name", QUICK)
def test_a_quick_bomb_is_named(name: str, tmp_path: Path) -> None:
    _measure(name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in BOMBS if name not in QUICK])
def test_a_bomb_is_named(name: str, tmp_path: Path) -> None:
    _measure(name, tmp_path)


def test_there_are_enough() -> None:
    assert len(BOMBS) >= 25
