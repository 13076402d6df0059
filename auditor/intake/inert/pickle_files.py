"""Pickles outside torch files: plain ones, and joblib's with arrays between the opcodes.

Source: joblib's layout (``numpy_pickle.py``, 0.10 to 1.6), read from files it wrote.
"""

from __future__ import annotations

import contextlib
from math import prod

from auditor.intake.inert import torch_files
from auditor.intake.inert.estimators import judge
from auditor.intake.inert.log import Damaged, Log, OutOfBudget
from auditor.intake.inert.machine import Machine
from auditor.intake.inert.values import Array, DType, Global, Made, Pairs, Unknown

STREAMS = 100
WRAPPER = ("subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes")


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
    judge(first, running, log)
    if running.wrapped:
        _without_arrays(running, log)
    for _ in range(STREAMS):
        if running.position == len(view):
            return first
        at = running.position
        what = f"{len(view) - at} bytes behind the pickle"
        log.add("suspicious", "pickle.trailing", what, at, "trailing")
        try:
            running = machine(view, log)
            judge(running.run(at), running, log)
        except Damaged:
            return first
    log.add("not_audited", "pickle.trailing", f"more than {STREAMS} pickles in a row", None, "many")
    return first


def _without_arrays(seen: Machine, log: Log) -> None:
    """What a plain unpickler would see in a joblib file: arrays as opcodes."""
    plain = Log(log.part, log.budget)
    machine = Machine(seen.view, plain, estimators=True)
    with contextlib.suppress(Damaged, OutOfBudget):
        machine.run()
    for problem in plain.shared.problems:
        if problem.level == "danger" or problem.rule == "pickle.class":
            log.take(problem)
    more = {name for name, _ in machine.named} - {name for name, _ in seen.named}
    for name in sorted(more):
        what = f"a plain unpickler would also make {name}"
        log.add("not_audited", "pickle.class", what, None, name)


def machine(view: memoryview, log: Log) -> Machine:
    """A machine that knows torch files inside pickles, joblib's arrays and estimators."""
    made = Machine(view, log, nested=lambda data: torch_files.nested(data, log), estimators=True)
    made.arrays = lambda wrapper, at: _array(made, wrapper, at)
    return made


def _array(outer: Machine, wrapper: Made, at: int) -> tuple[object, int]:
    """The array that joblib put right behind its wrapper, and where the pickle goes on."""
    view, log = outer.view, outer.log
    given = wrapper.state
    if not isinstance(given, Pairs):
        raise Unknown("a joblib wrapper without a description")
    if not all(isinstance(key, str) and key in WRAPPER for key, _ in given.items):
        raise Unknown("a joblib wrapper with attributes of its own")
    if at < outer.frame_end:
        raise Unknown("a joblib array that begins inside a frame of opcodes")
    dtype, shape, cls = given.get("dtype"), given.get("shape"), given.get("subclass")
    plain = isinstance(shape, tuple) and all(type(n) is int and 0 <= n < 1 << 48 for n in shape)
    known = given.get("order") in ("C", "F") and isinstance(cls, Global | Made)
    if not isinstance(dtype, DType) or not plain or not known:
        raise Unknown("a joblib wrapper of another kind")
    assert isinstance(shape, tuple)
    if dtype.objects:
        inner = Machine(view, log, estimators=True)  # joblib leaves it to the plain unpickler
        value = inner.run(at)
        outer.named += inner.named
        outer.torch |= inner.torch
        return value, inner.position
    if given.get("numpy_array_alignment_bytes") is not None:
        at += 1 + (view[at] if at < len(view) else 0)
    size = prod(shape) * dtype.size
    data = view[at : at + size]
    if len(data) != size:
        raise Damaged(f"the array at byte {at} is cut off")
    return Array(dtype, shape, data, given.get("order") == "F"), at + size
