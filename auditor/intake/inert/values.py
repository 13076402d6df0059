"""What an inert pickle machine builds instead of objects: descriptions, never instances.

Dictionaries are lists of pairs, because hashing nested tuples of a hostile pickle may never end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import prod

Buffer = bytes | memoryview
DEVICE = re.compile(
    r"(cpu|cuda|mps|xpu|meta|hpu|xla|npu|mtia|ipu|vulkan|tpu|musa|privateuseone)(:\d{1,3})?"
)
"""Where torch keeps a tensor."""


class Unknown(Exception):
    """A plain global with arguments that this reader does not know; the message says which."""


class Harmful(Exception):
    """What a loader would call without a name of its own in the pickle."""


@dataclass(eq=False, slots=True)
class Global:
    """A name that a pickle asks for; nothing was imported."""

    name: str
    offset: int


@dataclass(eq=False, slots=True)
class Pairs:
    """A dictionary, in the order in which it was filled."""

    items: list[tuple[object, object]] = field(default_factory=list)

    def get(self, key: str) -> object:
        """The last value under a text key, or None."""
        return next((v for k, v in reversed(self.items) if type(k) is str and k == key), None)


@dataclass(eq=False, slots=True)
class Made:
    """An object that a loader would have made; its parts are kept for inspection."""

    name: str
    args: object = None
    state: object = None
    extra: list[object] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Storage:
    """Bytes of one or more tensors; ``data`` is filled in by the reader of the container."""

    key: str
    dtype: str
    count: int
    data: Buffer | None = None
    offset: int = 0


@dataclass(eq=False, slots=True)
class TensorRef:
    """A tensor as a view of a storage; sizes and strides count values.

    ``hooks`` are the dictionaries of its hooks, which a pickle may fill after it made the tensor.
    """

    storage: Storage
    dtype: str
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int = 0
    hooks: list[Pairs] = field(default_factory=list)

    @property
    def values(self) -> int:
        """Number of values."""
        return prod(self.shape)


@dataclass(eq=False, slots=True)
class DType:
    """A numpy dtype: code such as ``f8``, byte order, and for records the size of one.

    Args:
        fields: of a record, name, type and offset of each.
    """

    code: str
    order: str = "<"
    size: int = 0
    objects: bool = False
    fields: tuple[tuple[str, DType, int], ...] = ()


@dataclass(eq=False, slots=True)
class Array:
    """A numpy array; ``data`` is its bytes in C or Fortran order, ``objects`` what is no number.

    ``axes`` is the order in which numpy would turn the axes of ``shape`` afterwards.
    """

    dtype: DType | None = None
    shape: tuple[int, ...] = ()
    data: Buffer = b""
    fortran: bool = False
    objects: list[object] = field(default_factory=list)
    axes: tuple[int, ...] = ()


ITEM_SIZES = {
    "bool": 1, "uint8": 1, "int8": 1, "int16": 2, "uint16": 2, "float16": 2, "bfloat16": 2,
    "int32": 4, "uint32": 4, "float32": 4, "int64": 8, "uint64": 8, "float64": 8,
    "complex64": 8, "complex128": 16, "float8_e4m3fn": 1, "float8_e5m2": 1,
    "float8_e4m3fnuz": 1, "float8_e5m2fnuz": 1, "float8_e8m0fnu": 1, "complex32": 4,
}  # fmt: skip
STORAGES = {
    "Float": "float32", "Double": "float64", "Half": "float16", "BFloat16": "bfloat16",
    "Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8",
    "Bool": "bool", "ComplexFloat": "complex64", "ComplexDouble": "complex128",
    "Untyped": "uint8",
}  # fmt: skip
