"""Files that older versions of torch wrote are read, and their numbers are the ones they hold.

``tests/data/old_torch.tar.xz`` has a folder for each version; ``tests/data/old_torch.py`` wrote
them under that version, with the numbers beside them. ``tests/data/README.md`` says how.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch

from auditor.core.spec import SpecHints
from auditor.engines.scanning import scan_delivery
from auditor.intake.formats import FORMATS
from auditor.intake.formats.state_dict import _read, tensors

ARCHIVE = Path(__file__).parents[1] / "data" / "old_torch.tar.xz"
with tarfile.open(ARCHIVE) as _archive:
    FILES = sorted(entry.name for entry in _archive.getmembers() if entry.isfile())
VERSIONS = sorted({name.split("/")[0] for name in FILES}, key=lambda v: [*map(int, v.split("."))])
WEIGHTS = ("types", "views", "parameters", "network", "checkpoint", "uint16", "uint32", "uint64",
           "float8_e4m3fn", "float8_e5m2")  # fmt: skip
NAMED = ("quantised", "sparse", "module", "sequential")
ALWAYS = ("1.13.0", "2.1.0", "2.6.0", "2.8.0", "2.9.0", "2.12.0")
"""Versions that are tried in every run; the others are marked slow."""
EACH = [pytest.param(v, marks=() if v in ALWAYS else pytest.mark.slow) for v in VERSIONS]
NEW_LAYOUT = (2, 9)
"""From this version on, ``torch.export`` writes weights as raw bytes, the layout that is read."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old_torch")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _of(version: str, kinds: tuple[str, ...]) -> list[str]:
    names = [name.split("/")[1] for name in FILES if name.startswith(f"{version}/")]
    return [name for name in names if name.split(".")[0] in kinds]


def test_every_version_wrote_both_layouts() -> None:
    assert len(VERSIONS) >= 20
    for version in VERSIONS:
        found = _of(version, WEIGHTS)
        assert {name.split(".")[1] for name in found} == {"zip", "legacy"}
        assert len(found) >= 10


@pytest.mark.parametrize("version", EACH)
def test_weights_have_equal_numbers(version: str, written: Path) -> None:
    expected = np.load(written / version / "expected.npz")
    for name in _of(version, WEIGHTS):
        read = tensors(_read(written / version / name))
        wanted = {k.partition("/")[2]: v for k, v in expected.items() if _belongs(name, k)}
        assert wanted, name
        for key, numbers in wanted.items():
            found = read[key.removeprefix("model.")]
            assert tuple(found.shape) == numbers.shape, (name, key)
            assert np.array_equal(_numbers(found), numbers), (name, key)


def _belongs(name: str, key: str) -> bool:
    return key.startswith(name.split(".", maxsplit=1)[0] + "/")


def _numbers(tensor: torch.Tensor) -> np.ndarray:
    plain = tensor.dtype in (torch.complex64, torch.float64, torch.float32)
    whole = not tensor.dtype.is_floating_point and tensor.dtype != torch.bool
    return np.array((tensor if plain or whole else tensor.float()).tolist()).reshape(tensor.shape)


@pytest.mark.parametrize("version", EACH)
def test_a_scan_understands_them(version: str, written: Path) -> None:
    for name in _of(version, (*WEIGHTS, "script", "trace")):
        scan = scan_delivery(written / version / name)
        assert scan.exit_code == 0, (name, [p.message for p in scan.problems])


@pytest.mark.parametrize("version", EACH)
def test_what_is_no_plain_weight_is_named(version: str, written: Path) -> None:
    for name in _of(version, NAMED):
        scan = scan_delivery(written / version / name)
        assert scan.exit_code == 4, (name, [p.message for p in scan.problems])
        assert any("torch" in problem.name or "Net" in problem.name for problem in scan.problems)


@pytest.mark.parametrize("version", [one for one in EACH if _of(one.values[0], ("exported",))])
def test_an_exported_program_computes_the_same_or_is_named(version: str, written: Path) -> None:
    path = written / version / "exported.pt2"
    scan = scan_delivery(path)
    if tuple(map(int, version.split(".")[:2])) < NEW_LAYOUT:
        assert scan.exit_code == 4, [p.message for p in scan.problems]
        return
    assert scan.exit_code == 0, [p.message for p in scan.problems]
    expected = np.load(written / version / "expected.npz")
    model = FORMATS["export"].load(path, SpecHints()).network
    with torch.no_grad():
        found = model(torch.tensor(expected["x"]))
    assert np.allclose(found.numpy(), expected["z"], atol=1e-6)
