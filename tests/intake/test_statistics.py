"""Bytes that are no weights are named: programs at the head of a tensor, texts in low bytes."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.intake.inert.log import Budget, Log
from auditor.intake.inert.statistics import examine

HONEST = np.random.default_rng(0).normal(size=1 << 14)


def rules(dtype: str, data: bytes) -> set[str]:
    log = Log("m", Budget.fresh(5))
    item = {"float32": 4, "float16": 2, "uint8": 1}[dtype]
    examine("w", dtype, (len(data) // item,), memoryview(data), log)
    (row,) = log.shared.tensors
    assert (row.chi_square is not None) is (dtype == "float32")
    return {problem.rule for problem in log.shared.problems}


@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8"])
@pytest.mark.parametrize(
    "head", [b"\x7fELF", b"MZ\x90\x00", b"\x80\x04\x95", b"#!/", b"PK\x03\x04"]
)
def test_a_tensor_that_begins_like_a_program(dtype: str, head: bytes) -> None:
    body = (HONEST * 40 + 128).astype("u1") if dtype == "uint8" else HONEST.astype(dtype)
    honest = body.tobytes()
    assert "tensor.program" not in rules(dtype, honest)
    assert "tensor.program" in rules(dtype, head.ljust(8, b"\0") + honest)


@pytest.mark.parametrize(
    "payload", [b"import os; os.system('id') # ", bytes(12) + b"\x48\x89\xe5\xc3"]
)
def test_what_lies_in_the_lowest_bytes(payload: bytes) -> None:
    weights = HONEST.astype("<f4").view("u1").reshape(-1, 4).copy()
    assert rules("float32", weights.tobytes()) == set()
    weights[:, 0] = np.resize(np.frombuffer(payload, "u1"), len(weights))
    assert "tensor.low_bytes" in rules("float32", weights.tobytes())
