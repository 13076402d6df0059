"""What an inert reader makes of a pickle or a skops file: plain values and named instances.

Purpose: an object of the vendor's is never built; what remains of it is its class's name, the
arguments of its constructor and its state. Arrays are read with numpy from raw bytes, and only
numbers, truth values and texts are allowed in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.core.errors import DeliveryError

Array = NDArray[Any]
KINDS = "biufSUO"
SCALARS = (str, bytes, int, float, type(None))
"""Values whose hash and text cost no more than their size."""


@dataclass(eq=False)
class Instance:
    """An object as it lies in the file; mutable only while the file is read.

    Args:
        name: dotted name of its class or of the function that would make it.
        args: what that would be called with.
        state: what would be set afterwards, most often a dictionary.
        items: entries that would be added to it.
        array: the array that stood behind a joblib wrapper.
    """

    name: str
    args: tuple[Any, ...] = ()
    state: Any = None
    items: list[Any] = field(default_factory=list)
    array: Array | None = None

    @property
    def kind(self) -> str:
        """The class's own name, without its module.

        >>> Instance("sklearn.svm._classes.SVC").kind
        'SVC'
        """
        return self.name.rpartition(".")[2]


@dataclass(frozen=True)
class Global:
    """A name that the file mentions; it is never imported."""

    name: str


def is_array(value: object) -> bool:
    """True for an array, also one that is not decoded yet."""
    known = isinstance(value, Instance) and (
        value.array is not None or value.kind in ("_reconstruct", "ndarray")
    )
    return isinstance(value, np.ndarray) or known


def as_array(value: object) -> Array:
    """The array that a value stands for.

    Raises:
        DeliveryError: it is none, or its bytes, shape and type do not agree.
    """
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, Instance) and value.array is None and value.kind == "_reconstruct":
        value.array = _rebuilt(value.state)
    if isinstance(value, Instance) and value.array is not None:
        return value.array
    if isinstance(value, list) and all(isinstance(entry, int | float) for entry in value):
        return np.array(value)
    raise DeliveryError(f"The file holds {_name(value)} where an array is expected.")


def from_bytes(content: bytes, dtype: np.dtype[Any], shape: tuple[int, ...], order: str) -> Array:
    """Raw bytes as an array.

    Raises:
        DeliveryError: the bytes are not exactly what shape and type need.
    """
    if not all(type(size) is int and 0 <= size < 1 << 40 for size in shape) or len(shape) > 16:
        raise DeliveryError(f"An array claims the shape {str(shape)[:60]}.")
    if dtype.itemsize == 0 or dtype.hasobject or prod(shape) * dtype.itemsize != len(content):
        raise DeliveryError("An array's shape does not fit the bytes that the file holds for it.")
    flat = np.frombuffer(content, dtype)
    return flat.reshape(shape, order="F" if order == "F" else "C")


def as_dtype(value: object) -> np.dtype[Any]:
    """numpy's name of an element type from its pickled description.

    Raises:
        DeliveryError: a type that estimators do not need.
    """
    if not isinstance(value, Instance) or value.kind != "dtype" or not value.args:
        raise DeliveryError(f"The file holds {_name(value)} where a type is expected.")
    code = str(value.args[0])[:20]
    state = value.state if isinstance(value.state, tuple) and len(value.state) >= 5 else None
    if state is not None and isinstance(state[4], dict) and isinstance(state[3], tuple):
        return _record(state)
    try:
        dtype = np.dtype(code)
    except (TypeError, ValueError) as error:
        raise DeliveryError(f"The file has an array of the unknown type {code!r}.") from error
    _refuse_strange(dtype)
    return dtype.newbyteorder(">") if state is not None and state[1] == ">" else dtype


def scalar(args: tuple[Any, ...]) -> object:
    """One number or text in numpy's pickled form ``(dtype, bytes)``."""
    dtype = as_dtype(args[0])
    if dtype.hasobject or not isinstance(args[1], bytes) or len(args[1]) != dtype.itemsize:
        raise DeliveryError("A number in the file is damaged.")
    value: object = np.frombuffer(args[1], dtype)[0].item()
    return value


def _record(state: tuple[Any, ...]) -> np.dtype[Any]:
    """A structured type: name, format and offset of each field."""
    names = [str(name)[:64] for name in state[3]]
    fields = [state[4][name] for name in state[3]]
    if len(names) > 64 or not all(isinstance(entry, tuple) for entry in fields):
        raise DeliveryError("A structured array in the file is damaged.")
    try:
        return np.dtype(
            {
                "names": names,
                "formats": [as_dtype(entry[0]) for entry in fields],
                "offsets": [int(entry[1]) for entry in fields],
                "itemsize": int(state[5]),
            }
        )
    except (TypeError, ValueError, IndexError, RecursionError) as error:
        raise DeliveryError("A structured array in the file is damaged.") from error


def _rebuilt(state: object) -> Array:
    """An array from the state ``(version, shape, dtype, fortran, bytes or list)``."""
    if not isinstance(state, tuple) or len(state) != 5 or not isinstance(state[1], tuple):
        raise DeliveryError("An array in the file has no readable state.")
    _, shape, kind, fortran, content = state
    dtype = as_dtype(kind)
    if isinstance(content, list):
        if not dtype.hasobject or prod(shape) != len(content):
            raise DeliveryError("An array's shape does not fit what the file holds for it.")
        flat = np.empty(len(content), object)
        flat[:] = content
        return flat.reshape(shape, order="F" if fortran else "C")
    if not isinstance(content, bytes):
        raise DeliveryError("An array in the file has no readable content.")
    return from_bytes(content, dtype, shape, "F" if fortran else "C")


def _refuse_strange(dtype: np.dtype[Any]) -> None:
    if dtype.kind not in KINDS:
        raise DeliveryError(f"The file has an array of type {dtype}.", kind="unsupported")


def _name(value: object) -> str:
    return value.name[:80] if isinstance(value, Instance | Global) else type(value).__name__
