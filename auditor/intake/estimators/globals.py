"""Which names a pickled estimator may mention: scikit-learn's classes and what numpy needs.

Purpose: the reader imports none of them; the list says what the file would call in a program that
unpickles it. Classes of other libraries are refused as not audited, everything else as dangerous.
Limits: a class of scikit-learn is believed to do nothing but set its state when it is unpickled.
"""

from __future__ import annotations

import re

import numpy as np

from auditor.core.errors import DeliveryError
from auditor.intake.words import words

_CLASS = re.compile(r"sklearn(\.\w+)*\._?[A-Z]\w*")
_MAKERS = re.compile(
    r"sklearn\.(neighbors|metrics)\._\w+\.newObj"
    r"|sklearn(\.\w+)+\.__pyx_unpickle_\w+"
    r"|(sklearn\.externals\.)?joblib\.numpy_pickle\.NumpyArrayWrapper"
    r"|numpy\.(_core|core)\.multiarray\.(_reconstruct|scalar)"
    r"|numpy\.(_core|core)\.numeric\._frombuffer"
    r"|numpy\.ma\.(core\.)?(MaskedArray|_mareconstruct)"
    r"|numpy\.random(\.\w+)*\.(__\w+_ctor|__pyx_unpickle_SeedSequence|SeedSequence|RandomState"
    r"|Generator|MT19937|PCG64)"
    r"|numpy\.(bool_?|u?int(8|16|32|64|p|c)?|float(16|32|64)|str_)"
)
_PLAIN = words(
    """numpy.ndarray numpy.dtype _codecs.encode collections.OrderedDict collections.defaultdict
    copyreg._reconstructor copy_reg._reconstructor builtins.object __builtin__.object
    builtins.bytes __builtin__.bytes builtins.bytearray builtins.set __builtin__.set
    builtins.frozenset builtins.slice builtins.list builtins.dict builtins.int builtins.float
    builtins.str builtins.bool builtins.range"""
)
_LIBRARIES = words(
    """sklearn numpy scipy pandas xgboost lightgbm catboost imblearn mlxtend skorch torch keras
    tensorflow category_encoders feature_engine statsmodels sktime polars pyarrow joblib"""
)


def is_estimator_global(name: str) -> bool:
    """True for what a pickled estimator may name.

    >>> is_estimator_global("sklearn.svm._classes.SVC"), is_estimator_global("os.system")
    (True, False)
    """
    return name in _PLAIN or bool(_CLASS.fullmatch(name) or _MAKERS.fullmatch(name))


def _is_known_part(name: str) -> bool:
    """A class of a known library, or one of numpy's elementwise functions."""
    root, last = name.partition(".")[0], name.rpartition(".")[2].lstrip("_")
    function = root == "numpy" and isinstance(getattr(np, last, None), np.ufunc)
    return root in _LIBRARIES and (last[:1].isupper() or function)


def refuse_unless_known(name: str, where: str, position: int) -> None:
    """Stop at a name that is not on the list.

    Raises:
        DeliveryError: ``unsupported`` for a class of a known library, else ``dangerous``.
    """
    if is_estimator_global(name):
        return
    if _is_known_part(name):
        raise DeliveryError(
            f"{where} holds a {name[:120]} (byte {position}), which cannot be audited.",
            "Ask for ONNX, or for one of the scikit-learn estimators that the manual lists.",
            "unsupported",
        )
    raise DeliveryError(
        f"The pickle in {where} would call {name[:120]} (byte {position}).",
        "It was not executed. Ask for ONNX or safetensors.",
        "dangerous",
    )
