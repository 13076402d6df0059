"""Tensors as torch's rebuild functions describe them: sizes checked against their storage."""

from __future__ import annotations

from auditor.intake.inert import names
from auditor.intake.inert.log import Damaged
from auditor.intake.inert.values import (
    ITEM_SIZES,
    Global,
    Made,
    Pairs,
    Storage,
    TensorRef,
    Unknown,
)

RANK = 64


def whole(value: object) -> tuple[int, ...]:
    """A shape: a tuple of sizes.

    Raises:
        Unknown, Damaged: it is none.
    """
    if isinstance(value, Made) and value.name == "torch.Size":
        value = value.args
    if not isinstance(value, tuple | list) or len(value) > RANK:
        raise Unknown("a shape that is no tuple of numbers")
    if not all(type(number) is int and 0 <= number < 1 << 48 for number in value):
        raise Damaged("a tensor with negative or absurd sizes")
    return tuple(value)


def size(name: str, args: tuple[object, ...]) -> object:
    """``torch.Size``."""
    return Made(name, whole(args[0]))


def rebuilt_tensor(name: str, args: tuple[object, ...]) -> TensorRef:
    """A tensor as ``_rebuild_tensor`` and its successors make it.

    Raises:
        Unknown, Damaged: hooks, an unknown storage, or sizes that do not fit.
    """
    storage, offset, shape, stride, *rest = args
    if not isinstance(storage, Storage) or type(offset) is not int:
        raise Unknown(f"unusual arguments of {name}")
    most = 4 if name.endswith("_v3") else 3
    if len(rest) > most or (rest and type(rest[0]) is not bool):
        raise Unknown(f"unusual arguments of {name}")
    if len(rest) == most:
        _told(rest[-1], name)
    hooks = _hooks(rest[1]) if len(rest) > 1 else []
    dtype = storage.dtype
    if name.endswith("_v3"):
        if len(rest) < 3 or not isinstance(rest[2], Global) or not names.is_dtype(rest[2].name):
            raise Unknown(f"unusual arguments of {name}")
        dtype = torch_dtype(rest[2].name)
    return checked(TensorRef(storage, dtype, whole(shape), whole(stride), offset, hooks))


def _told(metadata: object, name: str) -> None:
    """Flags that torch keeps beside a tensor, by plain names."""
    if metadata is None:
        return
    if not isinstance(metadata, Pairs):
        raise Unknown(f"unusual arguments of {name}")
    for key, _ in metadata.items:
        if not isinstance(key, str) or key.startswith("__"):
            raise Unknown(f"{name} with metadata called {key!r:.60}")


def _hooks(given: object) -> list[Pairs]:
    """The dictionary of hooks, empty now; whether it stays so is looked at in the end.

    Raises:
        Unknown: it is none, or not empty.
    """
    if not isinstance(given, Pairs) or given.items:
        raise Unknown("a tensor with hooks")
    return [given]


def torch_dtype(name: str) -> str:
    """Canonical name of a torch dtype.

    >>> torch_dtype("torch.half"), torch_dtype("torch.int8")
    ('float16', 'int8')
    """
    short = name.rpartition(".")[2]
    alias = {"half": "float16", "float": "float32", "double": "float64", "long": "int64",
             "int": "int32", "short": "int16"}  # fmt: skip
    return alias.get(short, short)


def checked(tensor: TensorRef) -> TensorRef:
    """The tensor, if its storage can hold it.

    Raises:
        Damaged: it reaches outside its storage or claims more values than there are.
    """
    if len(tensor.shape) != len(tensor.stride) or tensor.offset < 0:
        raise Damaged("a tensor with sizes and strides that do not fit each other")
    if tensor.dtype not in ITEM_SIZES:
        raise Unknown(f"tensors of type {tensor.dtype}")
    held = tensor.storage.count * ITEM_SIZES[tensor.storage.dtype]
    item = ITEM_SIZES[tensor.dtype]
    if not tensor.values:
        return tensor
    last = tensor.offset + sum(
        (n - 1) * s for n, s in zip(tensor.shape, tensor.stride, strict=True)
    )
    if (last + 1) * item > held:
        raise Damaged("a tensor that reaches outside its storage")
    if tensor.values * item > max(held, 1 << 20):
        raise Damaged("a tensor that claims more values than the file holds")
    return tensor


def parameter(name: str, args: tuple[object, ...]) -> object:
    """A parameter is its tensor.

    Raises:
        Unknown: hooks, or no tensor.
    """
    if not isinstance(args[0], TensorRef):
        raise Unknown(f"{name} of something else than a tensor")
    if len(args) > 2:
        args[0].hooks += _hooks(args[2])
    return args[0]
