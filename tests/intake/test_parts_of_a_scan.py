"""What a part of a scan says of one file: format, architecture, tensors and their statistics."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from auditor.core.scan import Part, exit_code
from auditor.intake.inert import files, log, statistics
from auditor.intake.inert.files import read_part
from auditor.intake.inert.log import Budget, Log, OutOfBudget
from auditor.intake.inert.statistics import BLOCK, SAMPLE, examine

RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(0, 0.1, 2 * BLOCK).astype("<f4")


def stored(tensors: dict[str, NDArray[np.float32]], **metadata: str) -> bytes:
    """A file of safetensors."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    data = b""
    for name, values in tensors.items():
        ends = [len(data), len(data) + values.nbytes]
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": ends}
        data += values.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def part_of(folder: Path, name: str, data: bytes) -> Part:
    (folder / name).write_bytes(data)
    return read_part(folder, name)[0]


def test_a_part_says_what_the_file_is(tmp_path: Path) -> None:
    layers = {"a": WEIGHTS[:72].reshape(2, 4, 3, 3), "b": WEIGHTS[:8].reshape(2, 4)}
    part = part_of(tmp_path, "m.safetensors", stored(layers, licence="mit", author="a vendor"))
    assert part.format == "safetensors"
    assert part.architecture == "1 convolution, 1 matrix weights, 80 values in 2 tensors"
    assert part.metadata == {"licence": "mit", "author": "a vendor"}
    assert [(row.name, row.shape, row.values) for row in part.tensors] == [
        ("a", (2, 4, 3, 3), 72), ("b", (2, 4), 8),
    ]  # fmt: skip
    assert exit_code(part.problems) == 0


def test_a_configuration_names_its_architecture(tmp_path: Path) -> None:
    part = part_of(tmp_path, "config.json", b'{"architectures": ["Net"], "license": "mit"}')
    assert (part.architecture, part.metadata["licence"]) == ("Net", "mit")


def rules(values: NDArray[Any], name: str = "w", dtype: str = "float32") -> set[str]:
    book = Log("m", Budget.fresh(60))
    examine(name, dtype, values.shape, memoryview(values.tobytes()), book)
    return {problem.rule for problem in book.shared.problems}


def with_byte(place: int, start: int = 0) -> NDArray[np.float32]:
    """Weights whose bytes at one place are those of a text."""
    raw = WEIGHTS.view(np.uint8).reshape(-1, 4).copy()
    text = np.frombuffer(b"the quick brown fox jumps over the lazy dog. " * 200, np.uint8)
    raw[start:, place] = text[: len(raw) - start]
    return raw.reshape(-1).view("<f4")


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("start", [0, BLOCK])
def test_text_in_a_low_byte_is_no_noise(place: int, start: int) -> None:
    assert "tensor.low_bytes" in rules(with_byte(place, start))


def test_fresh_weights_are_noise() -> None:
    assert rules(WEIGHTS) == set()
    found = statistics.planes(WEIGHTS.view(np.uint8), 4)
    assert found is not None
    assert max(found) < 400


@pytest.mark.parametrize(("value", "rule"), [(np.nan, "nan"), (np.inf, "infinite")])
def test_one_number_that_is_none_is_named(value: float, rule: str) -> None:
    values = WEIGHTS.copy()
    values[77] = value
    assert rules(values) == {f"tensor.{rule}"}
    narrow = values[:100].astype(np.float16)
    assert rules(narrow, dtype="float16") == {f"tensor.{rule}"}


@pytest.mark.parametrize("head", [b"\x7fELF", b"MZ\x90\0", b"#!/b", b"\x1f\x8b\x08", b"\x80\x02c"])
def test_a_program_at_the_start_of_a_tensor_is_named(head: bytes) -> None:
    raw = np.frombuffer(head + bytes(RNG.integers(0, 256, 508, np.uint8)), np.uint8)
    assert "tensor.program" in rules(raw, dtype="uint8")


def test_blocks_of_a_large_tensor_reach_its_end() -> None:
    values = np.zeros(4 * SAMPLE, np.uint8)
    values[-1] = 9
    sample = statistics._sample(memoryview(values.tobytes()), 1)
    assert (len(sample), sample[-1]) == (SAMPLE, 9)


def test_the_worst_is_kept_where_there_is_no_more_room() -> None:
    book = Log("m", Budget.fresh(60))
    for number in range(2 * log.PROBLEMS):
        book.add("suspicious", "a.rule", "odd", None, str(number))
    book.add("danger", "b.rule", "harm")
    found = book.shared.problems
    assert len(found) == log.PROBLEMS
    assert exit_code(found) == 1


@pytest.mark.parametrize("data", [b"", bytes(range(7)) * 9])
def test_what_nobody_understands_is_not_clean(data: bytes, tmp_path: Path) -> None:
    assert exit_code(part_of(tmp_path, "a.bin", data).problems) == 4


def test_every_step_of_a_large_file_is_in_its_digest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(files, "STEP", 8)
    one, other = (
        part_of(tmp_path, "a.txt", b"the same and then the " + end) for end in (b"one", b"two")
    )
    assert one.sha256 != other.sha256


def test_budgets_end_a_scan() -> None:
    with pytest.raises(OutOfBudget, match="time"):
        Budget.fresh(-1).check()
    with pytest.raises(OutOfBudget, match="512 MiB"):
        Budget.fresh(60).take((512 << 20) + 1)
    book = Log("m", Budget.fresh(60))
    for _ in range(6):
        book = book.member("in")
    with pytest.raises(OutOfBudget, match="nested"):
        book.member("in")


def test_an_array_of_numpy_has_a_row(tmp_path: Path) -> None:
    body = io.BytesIO()
    np.save(body, WEIGHTS[:6].reshape(2, 3))
    (row,) = part_of(tmp_path, "a.npy", body.getvalue()).tensors
    assert (row.dtype, row.shape, row.values, row.nan) == ("float32", (2, 3), 6, 0)


def bundle(**predicate: Any) -> bytes:
    """A Sigstore bundle around the statement of an OpenSSF model signature."""
    statement = {"predicateType": "https://model_signing/signature/v1.0", "predicate": predicate}
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    return json.dumps({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "dsseEnvelope": {"payload": payload, "signatures": [{"sig": ""}]},
    }).encode()  # fmt: skip


def named(**more: str) -> dict[str, Any]:
    return {"resources": [{"name": "m", "digest": "ab" * 32, **more}]}


@pytest.mark.parametrize(
    ("predicate", "signed", "rule", "code"),
    [
        (named(algorithm="sha256"), {"m": "ab" * 32}, None, 0),
        (named(), {"m": "ab" * 32}, None, 0),
        (named(algorithm="blake2b"), {}, "signature.sum", 4),
        ({"resources": []}, {}, "signature.empty", 3),
        ({}, {}, "signature.damaged", 4),
    ],
)
def test_a_model_signature_is_read(
    predicate: dict[str, Any], signed: dict[str, str], rule: str | None, code: int, tmp_path: Path
) -> None:
    part = part_of(tmp_path, "model.sig", bundle(**predicate))
    assert part.format == "sigstore bundle"
    assert part.metadata["predicate"] == "https://model_signing/signature/v1.0"
    assert part.signed == signed
    assert [problem.rule for problem in part.problems] == ([rule] if rule else [])
    assert exit_code(part.problems) == code
