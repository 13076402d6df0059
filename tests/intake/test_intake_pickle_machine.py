"""The inert reader of estimators on hostile files: nothing runs, everything is named."""

from __future__ import annotations

import io
import json
import lzma
import pickle  # noqa: TID251  the vendor's side
import random
import zipfile
import zlib
from pathlib import Path

import joblib
import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from auditor.core.errors import DeliveryError
from auditor.intake.estimators.estimator import describe
from auditor.intake.estimators.reading import read_pickle, read_skops
from auditor.intake.inert import packed
from auditor.intake.inert.files import read_part
from auditor.intake.scan import scan

CANARY = Path("/tmp/auditor-estimator-canary")


class Runs:
    """Writes a file when unpickled."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.call  # type: ignore[return-value]


def fitted() -> LogisticRegression:
    rows = np.random.default_rng(0).normal(size=(40, 3))
    return LogisticRegression().fit(rows, (rows[:, 0] > 0).astype(int))


def with_state(**state: object) -> LogisticRegression:
    estimator = fitted()
    estimator.__dict__.update(state)
    return estimator


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("where", ["state", "array"])
def test_a_hidden_call_is_named_and_not_made(where: str, protocol: int) -> None:
    import os

    evil = Runs(os.system, f"touch {CANARY}")
    hidden = np.array([evil, 1], dtype=object) if where == "array" else evil
    stream = io.BytesIO()
    joblib.dump(with_state(C=hidden), stream, protocol=protocol)
    with pytest.raises(DeliveryError, match=r"(posix|nt)\.system.*byte \d+") as caught:
        read_pickle(stream.getvalue(), "model.joblib")
    assert caught.value.kind == "dangerous"
    assert not CANARY.exists()


@pytest.mark.parametrize(
    "function", [eval, exec, __import__, getattr, np.load, np.lib.npyio.NpzFile, io.open, print]
)
def test_no_function_is_allowed(function: object) -> None:
    with pytest.raises(DeliveryError):
        read_pickle(pickle.dumps(with_state(C=Runs(function, "x"))), "model.pkl")


def test_shared_tuples_cost_no_more_than_their_bytes() -> None:
    value: object = (1,)
    for _ in range(60):
        value = (value, value)
    with pytest.raises(DeliveryError):
        describe(read_pickle(pickle.dumps(with_state(classes_=value)), "m"))
    with pytest.raises(DeliveryError, match="keys"):
        read_pickle(b"\x80\x02}" + pickle.dumps(value, 2)[2:-1] + b"K\x01s.", "m")


def test_an_array_that_claims_more_than_the_file_holds() -> None:
    stream = io.BytesIO()
    joblib.dump(np.zeros(1000), stream)
    content = stream.getvalue().replace(b"M\xe8\x03", b"M\xff\xff")
    with pytest.raises(DeliveryError, match="cut off"):
        read_pickle(content, "m.joblib")


@pytest.mark.parametrize("pack", [zlib.compress, lzma.compress])
def test_a_bomb_is_refused(pack: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "LIMIT", 4 << 20)
    path = tmp_path / "m.joblib"
    path.write_bytes(pack(bytes(8 << 20)))  # type: ignore[operator]
    with pytest.raises(DeliveryError, match="more than 4 MiB"):
        scan(path, "sklearn")


def test_bytes_behind_the_pickle_are_not_ignored() -> None:
    with pytest.raises(DeliveryError, match="goes on"):
        read_pickle(pickle.dumps(fitted()) + b"MZ", "m")


def rewritten(content: bytes, change: object) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "schema.json":
                schema = json.loads(data)
                change(schema)  # type: ignore[operator]
                data = json.dumps(schema).encode()
            new.writestr(name, data)
    return out.getvalue()


def _class(schema: dict[str, object]) -> None:
    schema |= {"__module__": "os", "__class__": "system"}


def _function(schema: dict[str, object]) -> None:
    schema |= {
        "__loader__": "FunctionNode",
        "content": {"module_path": "builtins", "function": "eval"},
    }


def _circle(schema: dict[str, object]) -> None:
    schema |= {"__loader__": "CachedNode", "__id__": 1}


@pytest.mark.parametrize(
    ("change", "said"), [(_class, "os.system"), (_function, "builtins.eval"), (_circle, "damaged")]
)
def test_a_hostile_skops_file_is_named(change: object, said: str, tmp_path: Path) -> None:
    path = tmp_path / "m.skops"
    path.write_bytes(rewritten(skops.io.dumps(fitted()), change))
    with pytest.raises(DeliveryError, match=said):
        read_skops(path)


def test_mutated_files_give_answers_or_refusals_only() -> None:
    """Every outcome but an estimator or a `DeliveryError` fails the test by itself."""
    generator = random.Random(0)
    stream = io.BytesIO()
    joblib.dump(fitted(), stream)
    refused = 0
    for content in (pickle.dumps(fitted()), stream.getvalue()):
        for _ in range(400):
            mutated = bytearray(content)
            for _ in range(generator.randint(1, 4)):
                mutated[generator.randrange(len(mutated))] = generator.randrange(256)
            try:
                describe(read_pickle(bytes(mutated), "m")).network()
            except DeliveryError:
                refused += 1
    assert refused > 400


def test_a_pickle_inside_a_torch_file_is_read(tmp_path: Path) -> None:
    inner = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R."
    call = b"\x8c\x0dtorch.storage\x8c\x10_load_from_bytes\x93"
    data = b"\x80\x04" + call + b"C" + bytes([len(inner)]) + inner + b"\x85R."
    with zipfile.ZipFile(tmp_path / "m.pt", "w") as archive:
        archive.writestr("m/data.pkl", data)
        archive.writestr("m/version", "3\n")
    part, _ = read_part(tmp_path, "m.pt")
    assert any(p.level == "danger" and p.name == "os.system" for p in part.problems)


@pytest.mark.parametrize("field", ["_tree", "_dual_coef_"])
def test_private_copies_by_which_scikit_learn_predicts_are_compared(field: str) -> None:
    rows = np.random.default_rng(0).normal(size=(40, 3))
    kind = KNeighborsClassifier if field == "_tree" else SVC
    model, other = (kind().fit(rows + shift, np.arange(40) % 2) for shift in (0, rows**2))
    assert describe(read_pickle(pickle.dumps(model), "m.pkl")).network()
    setattr(model, field, getattr(other, field))
    with pytest.raises(DeliveryError, match=field):
        describe(read_pickle(pickle.dumps(model), "m.pkl"))
