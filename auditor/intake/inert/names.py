"""What a global in a pickle means: plain data, a program's class, or something that would run.

Purpose: an allow-list decides what is plain. Everything else is either a class of a package
(``program``: could be harmless, cannot be known here) or a function, a module of the standard
library or a known carrier of code (``danger``).
Source: allow-lists after Liu et al. 2025 (arXiv:2508.19774), which breaks every deny-list; the
words below only choose between two ways of not passing.
"""

from __future__ import annotations

import re
import sys
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from typing import Literal

from auditor.intake.inert.values import STORAGES
from auditor.intake.words import words

LONGEST = 500
Kind = Literal["plain", "program", "danger"]
PLAIN = words(
    """collections.OrderedDict collections.defaultdict collections.Counter collections.deque
    builtins.dict builtins.list builtins.tuple builtins.set builtins.frozenset builtins.bytearray
    builtins.bytes builtins.complex builtins.slice builtins.range builtins.int builtins.float
    builtins.bool builtins.str builtins.object builtins.NoneType
    _codecs.encode copyreg._reconstructor argparse.Namespace types.SimpleNamespace
    datetime.datetime datetime.date datetime.time datetime.timedelta datetime.timezone uuid.UUID
    decimal.Decimal fractions.Fraction pathlib.PosixPath pathlib.WindowsPath pathlib.PurePosixPath
    pathlib.PureWindowsPath pathlib.Path pathlib._local.PosixPath pathlib._local.WindowsPath
    torch.Size torch.device torch.Tensor torch.nn.parameter.Parameter torch.nn.parameter.Buffer
    torch._utils._rebuild_tensor torch._utils._rebuild_tensor_v2 torch._utils._rebuild_tensor_v3
    torch._utils._rebuild_parameter torch._utils._rebuild_parameter_with_state
    torch._tensor._rebuild_from_type_v2 torch._tensor._rebuild_from_type
    torch.storage._load_from_bytes torch.storage.UntypedStorage torch.storage.TypedStorage
    torch.UntypedStorage torch.storage._UntypedStorage torch.serialization._get_layout
    torch.strided torch.contiguous_format torch.channels_last torch.preserve_format
    numpy.dtype numpy.ndarray numpy.core.multiarray._reconstruct numpy.core.multiarray.scalar
    numpy._core.multiarray._reconstruct numpy._core.multiarray.scalar
    numpy.core.numeric._frombuffer numpy._core.numeric._frombuffer
    numpy.bool_ numpy.bool numpy.int8 numpy.int16 numpy.int32 numpy.int64 numpy.uint8 numpy.uint16
    numpy.uint32 numpy.uint64 numpy.float16 numpy.float32 numpy.float64 numpy.longlong
    numpy.complex64 numpy.complex128 numpy.str_ numpy.bytes_ numpy.void
    joblib.numpy_pickle.NumpyArrayWrapper"""
)
_STORAGE = re.compile(rf"torch(\.cuda|\.storage)?\.({'|'.join(STORAGES)})Storage")
_DTYPE = re.compile(
    r"torch\.(b?float(16|32|64)?|u?int(8|16|32|64)|bool|double|half|long|short"
    r"|complex(32|64|128)|float8_e\w+)"
)
_NUMPY_DTYPE = re.compile(r"numpy\.dtypes\.(Float|U?Int|Complex|Bool)\d*DType")
_SCRIPT = re.compile(r"__torch__(\.\w+)+|torch\.jit\._pickle\.(build_\w+|restore_type_tag)")
_CLASS = re.compile(r"\w+(\.\w+)*\._{0,2}[A-Z]\w*")
_PROGRAM = re.compile(
    r"numpy\.random\._pickle\.__\w+_ctor|numpy\.ma\.core\._mareconstruct"
    r"|pandas\._libs\.internals\._unpickle_block|pandas\.core\.indexes\.base\._new_Index"
    r"|(sklearn|scipy|numpy\.random|pandas\._libs)(\.\w+)*\.__pyx_unpickle_\w+|torch\._utils\._rebuild_\w+"
    r"|torch\.nn\.functional\.\w+|torch\.(relu|tanh|sigmoid|softmax|sparse_coo|per_tensor_affine"
    r"|per_channel_affine|q?u?int(8|32)|quint4x2|sparse_cs[rc])"
    r"|(numpy|numpy\.core|numpy\._core)\.(log|log1p|log2|log10|exp|expm1|exp2|sqrt|cbrt|abs"
    r"|absolute|square|sign|sin|cos|tanh|arcsinh|sinh|reciprocal|nan_to_num|mean|median|sum|max|min)"
    r"|sklearn\.feature_selection(\.\w+)*\.(f_classif|f_oneway|f_regression|r_regression|chi2"
    r"|mutual_info_classif|mutual_info_regression)|sklearn\.metrics(\.\w+)*\.\w+_(score|error|loss)"
    r"|sklearn\.compose\._column_transformer\.make_column_selector|sklearn\.utils\.validation\.check_array"
    r"|scipy\.sparse\.(_?(csr|csc|coo|lil|dok|bsr|dia)\.)?(csr|csc|coo|lil|dok|bsr|dia)_(matrix|array)"
    r"|numpy\.(matrix|record|recarray|rec\.recarray|matrixlib\.defmatrix\.matrix)"
    r"|numpy\.(number|generic|integer|floating|inexact|object_|signedinteger|unsignedinteger)"
    r"|scipy\._lib\.array_api_compat\.numpy\._aliases\.asarray|scipy\.special\._ufuncs\.\w+"
    r"|joblib\.numpy_pickle(_compat)?\.Z?NDArrayWrapper|xgboost(\.\w+)*\.[A-Z]\w*|torch\.optim(\.\w+)+\.[A-Z]\w*"
)
_RISKY = words(
    """__builtin__ commands copy_reg exceptions urllib2 httplib nt posix pip setuptools distutils
    pkg_resources dill cloudpickle IPython requests aiohttp urllib3 httpx paramiko fsspec imp
    ctypes _ctypes torch.hub torch.package torch.jit torch.serialization torch.utils
    numpy.testing numpy.f2py numpy.ctypeslib numpy.distutils joblib pytest py nose asyncio
    lib2to3 _pyrepl pydevd debugpy"""
)
_WORDS = words(
    """os sys subprocess builtins shutil socket importlib runpy pty ctypes eval exec compile system
    popen Popen spawn getattr setattr __import__ __globals__ __class__ __subclasses__
    __getattribute__ __reduce__ __dict__ __builtins__ marshal timeit pdb code codeop webbrowser
    platform"""
)


def canonical(module: str, name: str, renamed: bool = True) -> str:
    """One name for a global, Python 2's renamed modules included (the unpickler's own table).

    Args:
        renamed: whether the pickle's protocol uses that table.

    >>> canonical("__builtin__", "set"), canonical("UserDict", "UserDict", renamed=False)
    ('builtins.set', 'UserDict.UserDict')
    """
    if not renamed:
        return f"{module}.{name}"
    module, name = NAME_MAPPING.get((module, name), (module, name))
    return f"{IMPORT_MAPPING.get(module, module)}.{name}"


def kind(name: str, script: bool = False) -> Kind:
    """How a scan has to treat a global.

    Args:
        script: inside TorchScript, whose own classes are not Python's.

    >>> kind("torch.FloatStorage"), kind("sklearn.svm._classes.SVC"), kind("posix.system")
    ('plain', 'program', 'danger')
    """
    if len(name) > LONGEST:
        return "danger"
    if name in PLAIN or is_storage(name) or is_dtype(name) or _NUMPY_DTYPE.fullmatch(name):
        return "plain"
    if script and _SCRIPT.fullmatch(name) and "__torch__.torch.classes" not in name:
        return "plain"
    parts = name.split(".")
    if _PROGRAM.fullmatch(name):
        return "program"
    risky = any(".".join(parts[:length]) in _RISKY for length in (1, 2))
    if risky or parts[0] in sys.stdlib_module_names or _WORDS.intersection(parts):
        return "danger"
    return "program" if _CLASS.fullmatch(name) else "danger"


def is_storage(name: str) -> bool:
    """True for the storage classes of torch."""
    return bool(_STORAGE.fullmatch(name))


def is_dtype(name: str) -> bool:
    """True for ``torch.float32`` and its like."""
    return bool(_DTYPE.fullmatch(name))


def storage_dtype(name: str) -> str:
    """Dtype of a storage class.

    >>> storage_dtype("torch.HalfStorage")
    'float16'
    """
    return STORAGES[name.rpartition(".")[2].removesuffix("Storage")]


def is_module(name: str) -> bool:
    """True for a well-formed name in a module of the standard library or a known carrier.

    >>> is_module("builtins.exec"), is_module("hange log.x")
    (True, False)
    """
    root = name.partition(".")[0]
    known = root in sys.stdlib_module_names or root in _RISKY
    return known and bool(re.fullmatch(r"\w+(\.\w+)+", name))
