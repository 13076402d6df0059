"""Pickles outside torch files: plain ones, and joblib's with arrays between the opcodes.

Source: joblib's layout (``numpy_pickle.py``, 0.10 to 1.6), read from files it wrote.
"""

from __future__ import annotations

import contextlib
from math import prod

from auditor.intake.inert import torch_files
from auditor.intake.inert.calls import Unknown
from auditor.intake.inert.log import Damaged, Log, OutOfBudget
from auditor.intake.inert.machine import Machine
from auditor.intake.inert.values import Array, DType, Global, Made, Pairs

STREAMS = 100


def read_pickles(view: memoryview, log: Log) -> object:
    """The first described object; all pickles that follow it are read too.

    Raises:
        Damaged, OutOfBudget: as `Machine.run`.
    """
    return read_all(machine(view, log), log)


def read_all(first_machine: Machine, log: Log) -> object:
    """Run a machine, then others over the pickles that follow.

    Raises:
        Damaged, OutOfBudget: of the first pickle.
    """
    view, running = first_machine.view, first_machine
    first = running.run()
    if running.wrapped:
        _without_arrays(view, log)
    for _ in range(STREAMS):
        if running.position == len(view):
            return first
        at = running.position
        log.add("suspicious", "pickle.trailing", f"{len(view) - at} bytes behind the pickle", at)
        try:
            running = machine(view, log)
            running.run(at)
        except Damaged:
            return first
    return first


def _without_arrays(view: memoryview, log: Log) -> None:
    """What a plain unpickler would see in a joblib file: arrays as opcodes."""
    plain = Log(log.part, log.budget)
    with contextlib.suppress(Damaged, OutOfBudget):
        Machine(view, plain).run()
    for problem in plain.shared.problems:
        if problem.level == "danger":
            log.shared.problems.append(problem)


def machine(view: memoryview, log: Log) -> Machine:
    """A machine that knows torch files inside pickles and joblib's arrays."""
    return Machine(
        view, log, nested=lambda data: torch_files.nested(data, log),
        arrays=lambda made, at: _array(view, made, at, log),
    )  # fmt: skip


def _array(view: memoryview, wrapper: Made, at: int, log: Log) -> tuple[object, int]:
    """The array that joblib put right behind its wrapper, and where the pickle goes on."""
    given = wrapper.state
    if not isinstance(given, Pairs):
        raise Unknown("a joblib wrapper without a description")
    dtype, shape, cls = given.get("dtype"), given.get("shape"), given.get("subclass")
    plain = isinstance(shape, tuple) and all(type(n) is int and 0 <= n < 1 << 48 for n in shape)
    if not isinstance(dtype, DType) or not plain or not isinstance(cls, Global | Made):
        raise Unknown("a joblib wrapper of another kind")
    assert isinstance(shape, tuple)
    if dtype.objects:
        inner = machine(view, log)
        log.add("not_audited", "numpy.objects", "an array of pickled objects", at, "dtype=object")
        return [inner.run(at)], inner.position
    if given.get("numpy_array_alignment_bytes") is not None:
        at += 1 + (view[at] if at < len(view) else 0)
    size = prod(shape) * dtype.size
    data = view[at : at + size]
    if len(data) != size:
        raise Damaged(f"the array at byte {at} is cut off")
    return Array(dtype, shape, data, given.get("order") == "F"), at + size
