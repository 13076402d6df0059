"""A matrix of a program with a number that no training leaves there is named; masks are not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from auditor.intake.inert import onnx_flow
from auditor.intake.inert.log import Budget, Log
from auditor.intake.inert.onnx_graph import Graph, Node
from auditor.intake.inert.steep import look


def named(array: NDArray[np.generic], dtype: str = "") -> list[str]:
    log = Log("m.onnx", Budget.fresh(5))
    data = memoryview(array.tobytes())
    look("w", dtype or str(array.dtype), array.shape, data, log)
    return [problem.rule for problem in log.shared.problems]


def with_one(number: float, dtype: str = "float32") -> NDArray[np.generic]:
    found = np.random.default_rng(0).normal(size=(64, 64)).astype(dtype)
    found[60, 60] = number
    return found


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("number", "steep"), [(1e3, True), (-1e3, True), (400.0, False)])
def test_a_thousand_is_a_switch(dtype: str, number: float, steep: bool) -> None:
    assert named(with_one(number, dtype)) == ["tensor.steep"] * steep


def test_the_last_of_many_parts_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.intake.inert.steep.PART", 256)
    assert named(with_one(1e6)) == ["tensor.steep"]


def test_brain_floats_are_read() -> None:
    wide = with_one(1e6).view(np.uint32) >> 16
    assert named(wide.astype(np.uint16), "bfloat16") == ["tensor.steep"]


def test_a_mask_is_one_in_all_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.intake.inert.steep.PART", 20)
    mask = np.triu(np.full((3, 8, 8), -1e9, "f4"), 1)
    assert named(mask) == []
    mask[2, 0, 7] = -2e9
    assert named(mask) == ["tensor.steep"]


@pytest.mark.parametrize(("at", "side"), [((0, 7), 8), ((7, 0), 8), ((0, 1), 2)])
def test_one_low_number_among_zeros_is_no_mask(at: tuple[int, int], side: int) -> None:
    key = np.zeros((side, side), "f4")
    key[at] = -1e6
    assert named(key) == ["tensor.steep"]


@pytest.mark.parametrize(
    "array",
    [
        np.full(64, 1e6, "f4"),
        np.full((8, 8), 1 << 20, "i4"),
        np.triu(np.full((1, 1, 8, 8), -1e9, "f4"), 1),
        np.array([[np.nan, np.inf], [1.0, -np.inf]], "f4"),
        np.zeros((0, 4), "f4"),
    ],
    ids=["a row", "whole numbers", "a mask", "nothing finite but one", "empty"],
)
def test_what_is_no_matrix_of_weights_is_left_alone(array: NDArray[np.generic]) -> None:
    assert named(array) == []


@pytest.mark.parametrize(
    ("epsilon", "scale", "odd"),
    [(1e-5, 1.0, False), (1e-12, 1.0, True), (1e-5, 1e6, True), (1e-8, 300.0, False)],
)
def test_norms_that_make_much_of_little(epsilon: float, scale: float, odd: bool) -> None:
    node = Node("BatchNormalization", ("x", "s"), ("y",), {"epsilon": (epsilon,)})
    graph = Graph([node], {"s": (scale,)}, {"s"}, ["x"], ["y"])
    log = Log("m.onnx", Budget.fresh(5))
    onnx_flow.look(graph, log)
    assert [problem.rule for problem in log.shared.problems] == ["onnx.gate"] * odd
