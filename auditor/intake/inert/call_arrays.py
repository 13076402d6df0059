"""Numpy arrays, scalars and dtypes as pickles describe them: sizes checked against their bytes."""

from __future__ import annotations

from math import prod

from auditor.intake.inert.call_tensors import whole
from auditor.intake.inert.dtypes import dtype_of
from auditor.intake.inert.log import Damaged
from auditor.intake.inert.values import Array, DType, Global, Pairs, Unknown


def empty_array(name: str, args: tuple[object, ...]) -> Array:
    """``_reconstruct``: an array that gets its content by BUILD.

    Raises:
        Unknown, Damaged: what numpy does not write.
    """
    if not isinstance(args[0], Global) or args[0].name != "numpy.ndarray":
        raise Unknown("an array of a class of its own")
    if 0 not in whole(args[1]):
        raise Unknown("an array that is allocated before its content is known")
    return Array()


def array_state(array: Array, given: tuple[object, ...]) -> Array:
    """Content of an array.

    Raises:
        Unknown, Damaged: what numpy does not write.
    """
    _, shape, dtype, fortran, data = given
    if not isinstance(dtype, DType):
        raise Unknown("an array without a dtype")
    array.dtype, array.shape, array.fortran = dtype, whole(shape), bool(fortran)
    if dtype.objects:
        if not isinstance(data, list):
            raise Unknown("an array of objects")
        if prod(array.shape) != len(data):
            raise Damaged("an array that does not have the size that its shape needs")
        array.objects = data
        return array
    if isinstance(data, str):
        data = data.encode("latin-1")
    if not isinstance(data, bytes):
        raise Unknown("an array without bytes")
    array.data = data
    return sized(array)


def sized(array: Array) -> Array:
    """The array, if it has as many bytes as its shape needs.

    Raises:
        Damaged: it has not.
    """
    if array.dtype is not None and prod(array.shape) * array.dtype.size != len(array.data):
        raise Damaged("an array that does not have the size that its shape needs")
    return array


def buffer_array(name: str, args: tuple[object, ...]) -> Array:
    """``_frombuffer``, as protocol 5 writes it.

    Raises:
        Unknown, Damaged: what numpy does not write.
    """
    data, dtype, shape, order, *axes = args
    if not isinstance(data, bytes) or not isinstance(dtype, DType) or dtype.objects:
        raise Unknown(f"unusual arguments of {name}")
    found = sized(Array(dtype, whole(shape), data, order == "F"))
    if order == "K" and axes and axes[0] is not None:
        found.axes = whole(axes[0])
        if sorted(found.axes) != list(range(len(found.shape))):
            raise Damaged("an array whose axes are no permutation")
    return found


def scalar(name: str, args: tuple[object, ...]) -> Array:
    """A numpy number.

    Raises:
        Unknown, Damaged: what numpy does not write.
    """
    dtype, data = args
    data = data.encode("latin-1") if isinstance(data, str) else data
    if not isinstance(dtype, DType) or dtype.objects or not isinstance(data, bytes):
        raise Unknown("a numpy scalar that is an object")
    return sized(Array(dtype, (), data))


def plain_dtype(name: str, args: tuple[object, ...]) -> DType:
    """``numpy.dtype`` of a code.

    Raises:
        Unknown, Damaged: what numpy does not write.
    """
    if not isinstance(args[0], str):
        raise Unknown("a dtype that is no text")
    return dtype_of(args[0])


def dtype_state(dtype: DType, given: tuple[object, ...]) -> DType:
    """Byte order and fields of a dtype.

    Raises:
        Unknown, Damaged: what numpy does not write.
    """
    _, order, subtype, field_names, fields, size, _, flags, *_ = given
    if subtype is not None:
        raise Unknown("an array of arrays")
    sized_by_state = dtype.code[:1] in ("S", "U", "V")
    if type(flags) is not int or size != (dtype.size if sized_by_state else -1):
        raise Unknown("a dtype whose state gives it another size")
    if field_names is not None:
        if not isinstance(fields, Pairs) or dtype.code[:1] != "V" or not 0 < dtype.size < 1 << 20:
            raise Unknown("a record type without fields")
        found = tuple(_field(key, value) for key, value in fields.items)
        dtype.code, dtype.fields = "V", found
        dtype.objects = any(kind.objects for _, kind, _ in found)
    if bool(flags & 1) != dtype.objects:
        raise Unknown("a dtype whose state says otherwise whether it holds objects")
    dtype.order = str(order)
    return dtype  # the same one: the memo may hold it


def _field(key: object, value: object) -> tuple[str, DType, int]:
    if not isinstance(value, tuple) or len(value) < 2 or not isinstance(key, str):
        raise Unknown("a record type of other fields")
    kind, offset = value[0], value[1]
    if not isinstance(kind, DType) or type(offset) is not int or not 0 <= offset < 1 << 20:
        raise Unknown("a record type of other fields")
    return key, kind, offset
