"""A pickle machine that imports nothing and calls nothing.

Purpose: reads a pickled estimator, also with joblib's arrays between the operations, into plain
values and `Instance`s. Every name is checked against an allow-list before anything is kept.
Sets become lists and keys are plain values, because hashing nested tuples may never end.
Limits: protocols 2 to 5; no persistent ids, no extension registry, no buffers out of band.
Arrays of joblib before 0.10, which lay in files of their own, are refused.
"""

from __future__ import annotations

import io
import pickletools
from collections.abc import Callable
from math import prod
from typing import Any

from auditor.core.errors import DeliveryError
from auditor.intake.estimators.globals import refuse_unless_known
from auditor.intake.estimators.values import (
    SCALARS,
    Array,
    Global,
    Instance,
    as_array,
    as_dtype,
    from_bytes,
    scalar,
)  # fmt: skip
from auditor.intake.words import words

OPCODES = 5_000_000
NESTED = 4
_PUSHED = words(
    """BININT BININT1 BININT2 LONG1 LONG4 BINFLOAT BINUNICODE SHORT_BINUNICODE BINUNICODE8
    SHORT_BINSTRING BINSTRING BINBYTES SHORT_BINBYTES BINBYTES8"""
)
_EMPTY: dict[str, Callable[[], object]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False,
    "EMPTY_LIST": list, "EMPTY_TUPLE": tuple, "EMPTY_DICT": dict, "EMPTY_SET": list,
}  # fmt: skip
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_IGNORED = frozenset(("PROTO", "FRAME", "STOP"))
_DAMAGED = (
    IndexError, KeyError, TypeError, ValueError, AttributeError, OverflowError, EOFError,
    UnicodeError, RecursionError, MemoryError,
)  # fmt: skip


def read_pickle(content: bytes, where: str) -> object:
    """The only value of a pickle, without building any object of it.

    Raises:
        DeliveryError: ``dangerous`` or ``unsupported`` names the global and its offset,
            ``unreadable`` stands for damage.
    """
    stream = io.BytesIO(content)
    value = _read(stream, where, NESTED)
    if stream.read(1):
        raise DeliveryError(f"{where} goes on behind its pickle.", kind="unsupported")
    return value


def _read(stream: io.BytesIO, where: str, depth: int) -> object:
    if depth == 0:
        raise DeliveryError(f"The pickles in {where} are nested more than {NESTED} deep.")
    try:
        return _Machine(stream, where, depth).run()
    except DeliveryError:
        raise
    except _DAMAGED as error:
        raise DeliveryError(f"The pickle in {where} is damaged: {error!s:.80}.") from error


class _Machine:
    def __init__(self, stream: io.BytesIO, where: str, depth: int) -> None:
        self.stream, self.where, self.depth = stream, where, depth
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> object:
        for count, (opcode, argument, position) in enumerate(pickletools.genops(self.stream)):
            if count > OPCODES:
                raise DeliveryError(f"The pickle in {self.where} has over {OPCODES} operations.")
            self._step(opcode.name, argument, position or 0)
        return self.stack.pop()

    def _step(self, name: str, argument: Any, position: int) -> None:
        if name in _PUSHED:
            self.stack.append(argument)
        elif name == "BYTEARRAY8":
            self.stack.append(bytes(argument))
        elif name in _EMPTY:
            self.stack.append(_EMPTY[name]())
        elif name in _TUPLES:
            self.stack[-_TUPLES[name] :] = [tuple(self.stack[-_TUPLES[name] :])]
        elif name in ("GLOBAL", "STACK_GLOBAL"):
            self._name(argument, position)
        elif name in ("MEMOIZE", "BINPUT", "LONG_BINPUT"):
            self.memo[len(self.memo) if name == "MEMOIZE" else argument] = self.stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            self.stack.append(self.memo[argument])
        elif name not in _IGNORED:
            self._act(name, position)

    def _act(self, name: str, position: int) -> None:
        action = _ACTIONS.get(name)
        if action is None:
            raise DeliveryError(
                f"The pickle in {self.where} uses {name} at byte {position}, which estimators do "
                "not need.", "It was not executed. Ask for ONNX.", "unsupported",
            )  # fmt: skip
        action(self)

    def _name(self, argument: Any, position: int) -> None:
        if argument is None:
            last, module = self.stack.pop(), self.stack.pop()
            argument = f"{module} {last}"
        name = str(argument).replace(" ", ".", 1)
        refuse_unless_known(name, self.where, position)
        self.stack.append(Global(name))

    def mark(self) -> None:
        self.marks.append(len(self.stack))

    def above(self) -> list[Any]:
        """Everything above the last mark, taken off the stack."""
        start = self.marks.pop()
        taken = self.stack[start:]
        del self.stack[start:]
        return taken

    def pop(self) -> None:
        self.stack.pop()

    def tuple_(self) -> None:
        self.stack.append(tuple(self.above()))

    def append(self) -> None:
        self._extend([self.stack.pop()])

    def appends(self) -> None:
        self._extend(self.above())

    def _extend(self, values: list[Any]) -> None:
        target = self.stack[-1]
        (target.items if isinstance(target, Instance) else target).extend(values)

    def additems(self) -> None:
        self._extend(self.above())

    def setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._update([key, value])

    def setitems(self) -> None:
        self._update(self.above())

    def _update(self, flat: list[Any]) -> None:
        target, pairs = self.stack[-1], list(zip(flat[::2], flat[1::2], strict=True))
        if isinstance(target, Instance):
            target.items.extend(pairs)
        elif all(isinstance(key, SCALARS) for key, _ in pairs):
            target.update(pairs)
        else:
            raise DeliveryError(f"A dictionary in {self.where} has keys that are no plain values.")

    def reduce(self) -> None:
        args, function = self.stack.pop(), self.stack.pop()
        self.stack.append(_called(function, args))

    def newobj(self) -> None:
        args, cls = self.stack.pop(), self.stack.pop()
        self.stack.append(Instance(cls.name, tuple(args)))

    def build(self) -> None:
        """Note an object's state; behind joblib's wrapper the array itself follows."""
        state = self.stack.pop()
        target = self.stack[-1]
        if not isinstance(target, Instance):
            raise DeliveryError(f"The pickle in {self.where} sets the state of a plain value.")
        target.state = state
        if target.kind == "NumpyArrayWrapper":
            target.array = self._following(state)
            self.stack[-1] = target.array

    def _following(self, state: dict[str, Any]) -> Array:
        dtype, shape = as_dtype(state["dtype"]), state["shape"]
        if dtype.hasobject:
            return as_array(_read(self.stream, self.where, self.depth - 1))
        if state.get("numpy_array_alignment_bytes") is not None:
            self.stream.read(self.stream.read(1)[0])
        size = prod(shape) * dtype.itemsize
        if not 0 <= size <= self.stream.getbuffer().nbytes - self.stream.tell():
            raise DeliveryError(f"An array in {self.where} claims more than the file holds.")
        return from_bytes(self.stream.read(size), dtype, tuple(shape), str(state["order"]))


_ACTIONS: dict[str, Callable[[_Machine], None]] = {
    "MARK": _Machine.mark, "POP": _Machine.pop, "TUPLE": _Machine.tuple_,
    "APPEND": _Machine.append, "APPENDS": _Machine.appends, "ADDITEMS": _Machine.additems,
    "SETITEM": _Machine.setitem, "SETITEMS": _Machine.setitems, "REDUCE": _Machine.reduce,
    "NEWOBJ": _Machine.newobj, "BUILD": _Machine.build, "FROZENSET": _Machine.tuple_,
}  # fmt: skip


def _called(function: Any, args: Any) -> object:
    """What a call would give, for the few functions that only make plain values."""
    if not isinstance(function, Global) or not isinstance(args, tuple):
        raise DeliveryError("The pickle calls something that has no name.", kind="dangerous")
    last = function.name.rpartition(".")[2]
    if last in _CALLS:
        return _CALLS[last](args)
    if last.startswith(("float", "int", "uint", "bool", "str")) and len(args) == 1:
        return args[0] if isinstance(args[0], SCALARS) else None
    return Instance(function.name, args)


def _bytes(args: tuple[Any, ...]) -> bytes:
    return bytes(args[0]) if args and isinstance(args[0], bytes) else b""


def _list(args: tuple[Any, ...]) -> list[Any]:
    return args[0] if args and isinstance(args[0], list) else []


def _dict(args: tuple[Any, ...]) -> dict[Any, Any]:
    return {key: value for key, value in _list(args) if isinstance(key, SCALARS)}


_CALLS: dict[str, Callable[[tuple[Any, ...]], object]] = {
    "encode": lambda args: str(args[0]).encode("latin-1") if isinstance(args[0], str) else b"",
    "bytes": _bytes, "bytearray": _bytes, "set": _list, "frozenset": _list, "list": _list,
    "OrderedDict": _dict, "dict": _dict, "scalar": scalar,
    "_frombuffer": lambda args: from_bytes(_bytes(args), as_dtype(args[1]), args[2], args[3]),
    "_reconstructor": lambda args: Instance(args[0].name),
}  # fmt: skip
