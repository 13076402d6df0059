"""A reader stops by itself when its time or its memory is used up, and says so."""

from __future__ import annotations

import io
import pickle  # noqa: TID251  only dumps
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from safetensors.numpy import save

from auditor.intake.inert.inspect import inspect
from auditor.intake.inert.items import Item
from auditor.intake.inert.log import Budget, Log


def zipped(size: int) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.bin", bytes(size))
    return body.getvalue()


def problems(data: bytes, budget: Budget) -> list[str]:
    log = Log("part", budget)
    inspect(Item(memoryview(data), "part"), log)
    return [f"{one.level} {one.rule} {one.message}" for one in log.shared.problems]


@pytest.mark.parametrize(
    "data",
    [
        save({"w": np.zeros((8, 8), "f4")}),
        pickle.dumps({"w": [1.0] * 4096}),
        zipped(1 << 12),
    ],
    ids=["safetensors", "pickle", "zip"],
)
def test_a_reader_stops_when_its_time_is_over(data: bytes) -> None:
    found = problems(data, Budget.fresh(-1))
    assert any("the time of the scan is over" in one for one in found), found
    assert all(one.startswith("not_audited budget") for one in found if "is over" in one)
    assert not any("is over" in one for one in problems(data, Budget.fresh(60)))


def test_a_reader_stops_when_it_unpacks_too_much() -> None:
    data = zipped(1 << 12)
    small = Budget.fresh(60)
    small.unpacked = 1 << 10
    assert any("unpacks to more than" in one for one in problems(data, small))


@pytest.mark.parametrize(("mib", "fits"), [(64, True), (1200, False)])
def test_the_child_has_one_gibibyte(mib: int, fits: bool) -> None:
    code = f"from auditor.intake.scanner import limit; limit(1 << 20); bytearray({mib} << 20)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode == 0) is fits
    assert fits or b"MemoryError" in done.stderr
