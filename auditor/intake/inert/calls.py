"""What calling a plain global would give, as a description: arguments checked, nothing called.

Purpose: dictionaries, sequences, plain values and attributes; tensors and arrays have their own
modules. Whatever is not on a list is `Unknown`, so that nothing that a loader would allocate,
compute or call passes for data.
"""

from __future__ import annotations

from collections.abc import Callable

from auditor.intake.inert import names
from auditor.intake.inert.call_arrays import (
    array_state,
    buffer_array,
    dtype_state,
    empty_array,
    plain_dtype,
    scalar,
)
from auditor.intake.inert.call_tensors import parameter, rebuilt_tensor, size
from auditor.intake.inert.log import shown
from auditor.intake.inert.plain_values import hashable, is_value
from auditor.intake.inert.values import (
    Array,
    DType,
    Global,
    Harmful,
    Made,
    Pairs,
    TensorRef,
    Unknown,
)

CONTAINERS = (
    "collections.OrderedDict", "collections.defaultdict", "collections.Counter",
    "collections.deque", "builtins.dict", "builtins.list", "builtins.set", "builtins.bytearray",
)  # fmt: skip
Nested = Callable[[bytes], object]


def no_persistent(pid: object) -> object:
    """Outside torch files a persistent id means a loader that nobody knows.

    Raises:
        Unknown: always.
    """
    raise Unknown(f"the persistent id {shown(pid if isinstance(pid, str) else type(pid).__name__)}")


def no_nested(data: bytes) -> object:
    """Nothing is nested here.

    Raises:
        Unknown: always.
    """
    raise Unknown("a torch file inside a pickle")


def call(name: str, args: tuple[object, ...], nested: Nested) -> object:
    """The inert result of a plain global.

    Args:
        nested: reads a torch file inside a pickle (``torch.storage._load_from_bytes``).

    Raises:
        Unknown: arguments outside the short list that loaders write.
        Harmful: an attribute that a loader would call.
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
        if name in ("builtins.str", "numpy.str_") and len(args) == 1 and isinstance(args[0], str):
            return args[0]
    except (IndexError, TypeError, ValueError) as error:
        raise Unknown(f"unusual arguments of {name}") from error
    if not args or is_value(name, args):
        return Made(name, args)
    raise Unknown(f"unusual arguments of {name}")


def state(value: object, given: object) -> object:
    """What BUILD makes of a described object.

    Raises:
        Harmful: an attribute that a loader would call.
        Unknown: a state that such an object does not have.
    """
    if isinstance(value, Pairs):
        attributes(value, given)
        _versions(given)
        return value
    if isinstance(value, Array) and isinstance(given, tuple) and len(given) == 5:
        return array_state(value, given)
    if isinstance(value, DType) and isinstance(given, tuple) and len(given) >= 8:
        return dtype_state(value, given)
    if isinstance(value, Made) and value.name in _STATEFUL:
        attributes(value, given)
        value.state = given
        return value
    raise Unknown(f"BUILD on {_called(value)}")


_WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"
_STATEFUL = ("argparse.Namespace", "types.SimpleNamespace", _WRAPPER)
_CALLED = ("append", "extend", "add", "update")


def attributes(value: object, given: object, data_only: bool = True) -> None:
    """Attributes of an object must be data: BUILD and APPEND call what they find under a name.

    Args:
        data_only: no attribute may be a class or a function.

    Raises:
        Harmful, Unknown: they are not.
    """
    parts = given if isinstance(given, tuple) and len(given) == 2 else (given,)
    for part in parts:
        if not isinstance(part, Pairs | None):
            raise Unknown(f"BUILD on {_called(value)}")
        for key, entry in part.items if part else ():
            if not isinstance(key, str):
                raise Unknown(f"BUILD on {_called(value)} with a name that is no text")
            if key.startswith("__") or key in _CALLED:
                raise Harmful(f"BUILD puts {key!r:.60} on {_called(value)}, which loaders call")
            wrapper = isinstance(value, Made) and value.name == _WRAPPER
            strange = isinstance(entry, Global) and not names.is_dtype(entry.name)
            if strange and data_only and not wrapper:
                raise Unknown(f"BUILD puts {_called(entry)} on {_called(value)}")


def _versions(given: object) -> None:
    """The only attribute that torch gives a dictionary: short data about each module.

    Raises:
        Unknown: another attribute, which could hide a method, or a long text.
    """
    parts = given if isinstance(given, tuple) else (given,)
    for key, entry in (pair for part in parts if isinstance(part, Pairs) for pair in part.items):
        if key != "_metadata" or not isinstance(entry, Pairs):
            raise Unknown(f"BUILD puts {key!r:.60} on a dictionary")
        told = [v for _, inner in entry.items if isinstance(inner, Pairs) for _, v in inner.items]
        if any(isinstance(value, str | bytes) and not _note(value) for value in told):
            raise Unknown("BUILD puts a text that is no note into the metadata of a dictionary")


def _note(value: str | bytes) -> bool:
    return isinstance(value, str) and len(value) <= 200 and not value.startswith("#!")


def _called(value: object) -> str:
    if isinstance(value, Made | Global):
        return value.name
    if isinstance(value, Pairs):
        return "a dictionary"
    return "a tensor" if isinstance(value, TensorRef) else f"a {type(value).__name__}"


def _pairs(name: str, args: tuple[object, ...]) -> Pairs:
    if name == "collections.defaultdict":
        factory, *args_left = args or (None,)
        plain = factory is None or (
            isinstance(factory, Global) and factory.name.startswith("builtins.")
        )
        if not plain:
            raise Unknown("a defaultdict of something else than plain types")
        args = tuple(args_left)
    if len(args) > 1:
        raise Unknown(f"unusual arguments of {name}")
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
    given, *rest = args or ((),)
    length = rest[0] if rest else None
    if (
        not isinstance(given, list | tuple)
        or len(rest) > 1
        or not (length is None or _counts(length))
    ):
        raise Unknown(f"unusual arguments of {name}")
    if rest and name != "collections.deque":
        raise Unknown(f"unusual arguments of {name}")
    if name in ("builtins.set", "builtins.frozenset") and not all(map(hashable, given)):
        raise Unknown(f"{name} of what no set takes")
    return list(given)


def _counts(value: object) -> bool:
    return type(value) is int and value >= 0


def _bytes(name: str, args: tuple[object, ...]) -> bytes:
    if not args:
        return b""
    text, codec = args[0], args[1] if len(args) > 1 else "utf-8"
    if len(args) > 2:
        raise Unknown(f"{name} with a handler of errors")
    if isinstance(text, str) and codec in ("latin1", "latin-1", "utf-8"):
        return text.encode(str(codec))
    if isinstance(text, bytes) and len(args) == 1:
        return text
    raise Unknown(f"unusual arguments of {name}")


def _reconstructor(name: str, args: tuple[object, ...]) -> object:
    cls, base, given = args
    plain = isinstance(base, Global) and base.name == "builtins.object"
    if isinstance(cls, Global | Made) and plain:
        return Made(cls.name, given)
    raise Unknown("copyreg._reconstructor of a built-in type")


def set_state(made: object, given: object = None) -> None:
    """Attributes that torch puts on a tensor after it was made; they have to be data."""
    if given:
        attributes(made, given)


def _stateful_parameter(name: str, args: tuple[object, ...]) -> object:
    made = parameter(name, args)
    set_state(made, *args[3:])
    return made


def _typed(args: tuple[object, ...], nested: Nested) -> object:
    function, cls, given, *more = args
    plain = isinstance(cls, Global) and cls.name in ("torch.Tensor", "torch.nn.parameter.Parameter")
    if not isinstance(function, Global) or not plain or not isinstance(given, tuple):
        raise Unknown("a tensor of a class of its own")
    made = call(function.name, given, nested)
    set_state(made, *more)
    return made


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
         "torch._utils._rebuild_tensor_v3"), rebuilt_tensor,
    ),
    **dict.fromkeys(
        ("torch._utils._rebuild_parameter", "torch.nn.parameter.Parameter",
         "torch.nn.parameter.Buffer"), parameter,
    ),
    **dict.fromkeys(
        ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"), empty_array
    ),
    **dict.fromkeys(
        ("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer"), buffer_array
    ),
    **dict.fromkeys(
        ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"), scalar
    ),
    "torch._utils._rebuild_parameter_with_state": _stateful_parameter,
    "copyreg._reconstructor": _reconstructor,
    "torch.Size": size,
    "numpy.dtype": plain_dtype,
}  # fmt: skip
