"""What calling a plain global would give, as a description: arguments checked, nothing called."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from auditor.intake.inert import names
from auditor.intake.inert.dtypes import dtype_of
from auditor.intake.inert.log import Damaged
from auditor.intake.inert.values import (
    ITEM_SIZES,
    Array,
    DType,
    Global,
    Made,
    Pairs,
    Storage,
    TensorRef,
)

RANK = 64
SCALARS = (int, float, str, bytes, bool, type(None), complex)
Nested = Callable[[bytes], object]


class Unknown(Exception):
    """A plain global with arguments that this reader does not know; the message says which."""


def call(name: str, args: tuple[object, ...], nested: Nested) -> object:
    """The inert result of a plain global.

    Args:
        nested: reads a torch file inside a pickle (``torch.storage._load_from_bytes``).

    Raises:
        Unknown: arguments outside the short list that loaders write.
        Damaged: a tensor whose parts contradict each other.
    """
    known = _CALLS.get(name)
    try:
        if name == "torch.storage._load_from_bytes" and type(args[0]) is bytes:
            return nested(args[0])
        if name in ("torch._tensor._rebuild_from_type_v2", "torch._tensor._rebuild_from_type"):
            return _typed(args, nested)
        if known is not None:
            return known(name, args)
    except (IndexError, TypeError, ValueError) as error:
        raise Unknown(f"unusual arguments of {name}") from error
    if all(_is_scalar(value) for value in args):
        return Made(name, args)
    raise Unknown(f"unusual arguments of {name}")


def state(value: object, given: object) -> object:
    """What BUILD makes of a described object.

    Raises:
        Unknown: a state that such an object does not have.
    """
    if isinstance(value, Pairs):
        return value  # an OrderedDict carries attributes such as _metadata; they are data
    if isinstance(value, Array) and isinstance(given, tuple) and len(given) == 5:
        return _array_state(value, given)
    if isinstance(value, DType) and isinstance(given, tuple) and len(given) >= 8:
        return _dtype_state(value, given)
    if isinstance(value, Made) and value.name in _STATEFUL:
        value.state = given
        return value
    raise Unknown(f"BUILD on {_called(value)}")


_STATEFUL = ("argparse.Namespace", "types.SimpleNamespace", "joblib.numpy_pickle.NumpyArrayWrapper")


def _called(value: object) -> str:
    if isinstance(value, Made | Global):
        return value.name
    return "a tensor" if isinstance(value, TensorRef) else f"a {type(value).__name__}"


def _is_scalar(value: object) -> bool:
    if isinstance(value, tuple | list) and len(value) <= 16:
        return all(isinstance(item, SCALARS) for item in value)
    return isinstance(value, SCALARS)


def _pairs(name: str, args: tuple[object, ...]) -> Pairs:
    if name == "collections.defaultdict":
        factory, *args_left = args or (None,)
        plain = factory is None or (
            isinstance(factory, Global) and factory.name.startswith("builtins.")
        )
        if not plain:
            raise Unknown("a defaultdict of something else than plain types")
        args = tuple(args_left)
    found = Pairs()
    for given in args:
        if isinstance(given, Pairs):
            found.items += given.items
            continue
        if not isinstance(given, list | tuple):
            raise Unknown(f"unusual arguments of {name}")
        for pair in given:
            if not isinstance(pair, list | tuple) or len(pair) != 2:
                raise Unknown(f"unusual arguments of {name}")
            found.items.append((pair[0], pair[1]))
    return found


def _sequence(name: str, args: tuple[object, ...]) -> list[object]:
    given = args[0] if args else ()
    if not isinstance(given, list | tuple):
        raise Unknown(f"unusual arguments of {name}")
    return list(given)


def _bytes(name: str, args: tuple[object, ...]) -> bytes:
    if not args:
        return b""
    text = args[0]
    if isinstance(text, str) and (len(args) == 1 or args[1] in ("latin1", "latin-1")):
        return text.encode("latin-1")
    if isinstance(text, bytes) and len(args) == 1:
        return text
    raise Unknown(f"unusual arguments of {name}")


def _reconstructor(name: str, args: tuple[object, ...]) -> object:
    cls, base, given = args
    if isinstance(cls, Global) and isinstance(base, Global) and base.name == "builtins.object":
        return Made(cls.name, given)
    raise Unknown("copyreg._reconstructor of a built-in type")


def _whole(value: object) -> tuple[int, ...]:
    if isinstance(value, Made) and value.name == "torch.Size":
        value = value.args
    if not isinstance(value, tuple | list) or len(value) > RANK:
        raise Unknown("a shape that is no tuple of numbers")
    if not all(type(number) is int and 0 <= number < 1 << 48 for number in value):
        raise Damaged("a tensor with negative or absurd sizes")
    return tuple(value)


def _size(name: str, args: tuple[object, ...]) -> object:
    return Made(name, _whole(args[0]))


def _tensor(name: str, args: tuple[object, ...]) -> TensorRef:
    storage, offset, shape, stride, *rest = args
    if not isinstance(storage, Storage) or type(offset) is not int:
        raise Unknown(f"unusual arguments of {name}")
    if len(rest) > 1 and not (isinstance(rest[1], Pairs) and not rest[1].items):
        raise Unknown("a tensor with hooks")
    dtype = storage.dtype
    if name.endswith("_v3"):
        if len(rest) < 3 or not isinstance(rest[2], Global) or not names.is_dtype(rest[2].name):
            raise Unknown(f"unusual arguments of {name}")
        dtype = torch_dtype(rest[2].name)
    return checked(TensorRef(storage, dtype, _whole(shape), _whole(stride), offset))


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


def _parameter(name: str, args: tuple[object, ...]) -> object:
    if not isinstance(args[0], TensorRef):
        raise Unknown(f"{name} of something else than a tensor")
    if len(args) > 2 and not (isinstance(args[2], Pairs) and not args[2].items):
        raise Unknown("a parameter with hooks")
    return args[0]


def _typed(args: tuple[object, ...], nested: Nested) -> object:
    function, cls, given, *_ = args
    plain = isinstance(cls, Global) and cls.name in ("torch.Tensor", "torch.nn.parameter.Parameter")
    if not isinstance(function, Global) or not plain or not isinstance(given, tuple):
        raise Unknown("a tensor of a class of its own")
    return call(function.name, given, nested)


def _empty_array(name: str, args: tuple[object, ...]) -> Array:
    if not isinstance(args[0], Global) or args[0].name != "numpy.ndarray":
        raise Unknown("an array of a class of its own")
    return Array()


def _array_state(array: Array, given: tuple[object, ...]) -> Array:
    _, shape, dtype, fortran, data = given
    if not isinstance(dtype, DType):
        raise Unknown("an array without a dtype")
    array.dtype, array.shape, array.fortran = dtype, _whole(shape), bool(fortran)
    if dtype.objects:
        if not isinstance(data, list):
            raise Unknown("an array of objects")
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


def _buffer_array(name: str, args: tuple[object, ...]) -> Array:
    data, dtype, shape, order = args
    if not isinstance(data, bytes) or not isinstance(dtype, DType) or dtype.objects:
        raise Unknown(f"unusual arguments of {name}")
    return sized(Array(dtype, _whole(shape), data, order == "F"))


def _scalar(name: str, args: tuple[object, ...]) -> Array:
    dtype, data = args
    data = data.encode("latin-1") if isinstance(data, str) else data
    if not isinstance(dtype, DType) or dtype.objects or not isinstance(data, bytes):
        raise Unknown("a numpy scalar that is an object")
    return sized(Array(dtype, (), data))


def _dtype(name: str, args: tuple[object, ...]) -> DType:
    if not isinstance(args[0], str):
        raise Unknown("a dtype that is no text")
    return dtype_of(args[0])


def _dtype_state(dtype: DType, given: tuple[object, ...]) -> DType:
    _, order, subtype, field_names, fields, size, *_ = given
    if subtype is not None:
        raise Unknown("an array of arrays")
    if field_names is None:
        return DType(dtype.code, str(order), dtype.size, dtype.objects)
    if not isinstance(fields, Pairs) or type(size) is not int or not 0 < size < 1 << 20:
        raise Unknown("a record type without fields")
    kinds = [v[0] for _, v in fields.items if isinstance(v, tuple) and v]
    if len(kinds) != len(fields.items) or not all(isinstance(k, DType) for k in kinds):
        raise Unknown("a record type of other fields")
    return DType("V", str(order), size, any(isinstance(k, DType) and k.objects for k in kinds))


_CALLS: dict[str, Callable[[str, tuple[object, ...]], object]] = {
    **dict.fromkeys(
        ("collections.OrderedDict", "collections.defaultdict", "collections.Counter",
         "builtins.dict"), _pairs,
    ),
    **dict.fromkeys(
        ("builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset",
         "collections.deque"), _sequence,
    ),
    **dict.fromkeys(("_codecs.encode", "builtins.bytearray", "builtins.bytes"), _bytes),
    **dict.fromkeys(
        ("torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
         "torch._utils._rebuild_tensor_v3"), _tensor,
    ),
    **dict.fromkeys(
        ("torch._utils._rebuild_parameter", "torch.nn.parameter.Parameter",
         "torch.nn.parameter.Buffer", "torch._utils._rebuild_parameter_with_state"), _parameter,
    ),
    **dict.fromkeys(
        ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"), _empty_array
    ),
    **dict.fromkeys(
        ("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer"), _buffer_array
    ),
    **dict.fromkeys(
        ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"), _scalar
    ),
    "copyreg._reconstructor": _reconstructor,
    "torch.Size": _size,
    "numpy.dtype": _dtype,
}  # fmt: skip
