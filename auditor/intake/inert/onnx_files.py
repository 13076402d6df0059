"""ONNX on the wire: every field known, every operator standard, external data inside the delivery.

Purpose: names node and operator with its offset, sub-graphs and functions included, without the
onnx library; unknown fields, which protobuf would skip silently, are reported.
Limits: which operators can be audited is `ONNX_OPERATORS`, the same that our converter has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.intake.inert import (
    json_words,
    metadata_words,
    onnx_attributes,
    onnx_flow,
    onnx_graph,
    onnx_schemas,
    settings,
    stowed,
    texts,
)
from auditor.intake.inert.log import Damaged, Log, OutOfBudget, shown
from auditor.intake.inert.onnx_messages import MESSAGES, ONCE, Message
from auditor.intake.inert.onnx_operators import CONTROL, LOADING, ONNX_OPERATORS, RANDOM, VENDORS
from auditor.intake.inert.onnx_tensors import External, Walk, gaps, read_tensor
from auditor.intake.inert.protobuf import BYTES, VARINT, fields
from auditor.intake.words import words

NODES = 20_000
DEPTH = 16
FIELDS = 1_000_000
LONG = 1024
NEWEST = 26
"""Operator set of ONNX 1.21."""
_REFUSED = {"Training": "training information", "Function": "functions of its own",
            "Sparse": "sparse weights", "Device": "a device configuration"}  # fmt: skip


def read_onnx(view: memoryview, log: Log, external: External) -> None:
    """Walk the whole file.

    Args:
        external: content of a file of the delivery by the name that the model gives.

    Raises:
        Damaged, OutOfBudget: not ONNX, or too large.
    """
    walk = Walk(log, external, functions=frozenset(_functions(view)))
    model = _walk(walk, "Model", view, 0, 0)
    if 7 not in model.values or not walk.nodes:
        raise Damaged("it has no graph with nodes")
    for number, key in ((2, "producer"), (3, "producer version"), (6, "description")):
        if model.text(number):
            log.tell(key, model.text(number))
    gaps(walk)
    _versions(model, log)
    body = model.values[7][-1]
    if isinstance(body, memoryview):
        graph = onnx_graph.graph_of(body)
        onnx_graph.look(graph, model.number(1), log)
        onnx_flow.look(graph, log)
    unused = [name for name in walk.stored if name not in walk.read]
    if unused:
        what = f"{len(unused)} stored tensors are not used, first {shown(unused[0], 80)!r}"
        log.add("suspicious", "onnx.unused", what, walk.stored[unused[0]], unused[0])
    top = ", ".join(f"{count} {name}" for name, count in walk.operators.most_common(6))
    log.shared.architecture = f"ONNX graph of {walk.nodes} nodes ({shown(top, 200)})"


def _versions(model: Message, log: Log) -> None:
    """One version of the operators, which the converter knows."""
    versions: list[int] = []
    for value in model.values.get(8, []):
        parts = {n: v for n, _, v, _ in fields(value)} if isinstance(value, memoryview) else {}
        domain, version = parts.get(1, b""), parts.get(2, 0)
        if not isinstance(domain, int) and bytes(domain) in (b"", b"ai.onnx"):
            versions.append(version if isinstance(version, int) else 0)
    if len(versions) > 1:
        what = f"it names {len(versions)} versions of the standard operators"
        log.add("suspicious", "onnx.version", what, None, "opset")
    if not versions or not all(1 <= version <= NEWEST for version in versions):
        what = f"the version {versions[:1] or 'none'} of the operators is not known"
        log.add("not_audited", "onnx.version", what, None, "opset version")


def _walk(walk: Walk, kind: str, view: memoryview, base: int, depth: int) -> Message:
    """Check one message and everything in it; each message is looked at after its parts."""
    if depth > DEPTH:
        raise OutOfBudget(f"its messages are nested more than {DEPTH} deep")
    table, message, made = MESSAGES[kind], Message(kind, base), set[str]()
    for number, wire, value, at in fields(view, base):
        walk.count += 1
        if walk.count > FIELDS:
            raise OutOfBudget(f"it has more than {FIELDS} fields")
        if walk.count % 4096 == 0:
            walk.log.budget.check()
        expected = table.get(number)
        if expected is None:
            what = f"{kind} has the unknown field {number}"
            walk.log.add("suspicious", "onnx.field", what, at, f"{kind}.{number}")
            continue
        if number in message.values and number in ONCE.get(kind, ()):
            what = f"{kind} writes the field {number} twice"
            walk.log.add("suspicious", "onnx.twice", what, at, f"{kind}.{number}")
        if not _fits(expected, wire):
            raise Damaged(f"the field {number} of {kind} at byte {at} has another type")
        if len(expected) > 1 and isinstance(value, memoryview):
            inner = _walk(walk, expected, value, at, depth + 1)
            if kind == "Graph":
                _made_once(walk, inner, made)
        elif expected == "s" and isinstance(value, memoryview) and texts.decoded(value) is None:
            what = f"a text of {kind} (field {number}) holds bytes that are no text"
            walk.log.add("suspicious", "onnx.text", what, at, f"{kind}.{number}")
        elif (
            expected == "s"
            and isinstance(value, memoryview)
            and (odd := _shows(kind, number, value))
        ):
            walk.log.add("suspicious", "onnx.text", odd, at, f"{kind}.{number}")
        elif expected == "s" and isinstance(value, memoryview) and (found := _stowed(value)):
            what = f"a text of {kind} (field {number}) is {found}"
            walk.log.add("suspicious", "onnx.text", what, at, f"{kind}.{number}")
        message.values.setdefault(number, []).append(value)
    _look(walk, message)
    return message


def _stowed(text: memoryview) -> str:
    """What a long text is instead of one."""
    return stowed.in_text(bytes(text).decode("utf-8", "replace")) if len(text) > LONG else ""


_NAMED = {"Node": (1, 2, 3, 4, 7), "Tensor": (8,), "Value": (1,), "Graph": (2,), "Attribute": (1,)}
_WORD = re.compile(rb"[\w.,:;>() -]{0,200}", re.A)

_COMMAND = re.compile(
    r"\$\([^)\n]|\b__(import|subclasses|reduce|reduce_ex|getattribute|getattr|builtins|globals)__\("
)
"""A shell's substitution, or a call that leads to Python's own: no name or note holds one.

Exporters note lines of source, in which other methods with such names may be called.
"""


def _shows(kind: str, number: int, value: memoryview) -> str:
    """What a name or a note has that does not show, or that a page would run; empty if nothing."""
    text = bytes(value[: 1 << 16]).decode("utf-8", "replace")
    named = number in _NAMED.get(kind, ())
    hidden = json_words.HIDDEN.search(text) or (named and not text.isprintable())
    if hidden:
        return f"a text of {kind} (field {number}) has characters that do not show"
    active = settings.ACTIVE.search(text) or _COMMAND.search(text)
    return f"a text of {kind} (field {number}) holds {shown(active[0], 40)!r}" if active else ""


def _made_once(walk: Walk, part: Message, made: set[str]) -> None:
    """Every value of a graph is stored or computed in one place only."""
    names = [part.text(8)] if part.kind == "Tensor" else []
    if part.kind == "Node":
        names = [bytes(v).decode("utf-8", "replace") for v in part.values.get(2, [])
                 if isinstance(v, memoryview)]  # fmt: skip
    for name in filter(None, names):
        if name in made:
            what = f"the graph gives {shown(name, 80)!r} two values"
            walk.log.add("not_audited", "onnx.twice", what, part.at, name)
        made.add(name)


def _functions(view: memoryview) -> Iterator[tuple[str, str]]:
    for number, _, body, _ in fields(view):
        if number == 25 and isinstance(body, memoryview):
            found = {n: bytes(v) for n, _, v, _ in fields(body) if isinstance(v, memoryview)}
            domain, name = (found.get(n, b"").decode("utf-8", "replace") for n in (10, 1))
            yield domain, name


def _fits(expected: str, wire: int) -> bool:
    if expected == "v":
        return wire in (VARINT, BYTES)
    return wire in (1, 2, 5) if expected == "f" else wire == BYTES


def _look(walk: Walk, message: Message) -> None:
    if message.kind == "Node":
        _node(walk, message)
    elif message.kind == "Tensor":
        read_tensor(walk, message)
    elif message.kind == "Graph":
        for value in message.values.get(12, []):
            walk.read.add(_value_name(value))
    elif message.kind == "Opset" and message.text(1) not in ("", "ai.onnx", "ai.onnx.ml"):
        walk.log.tell("operator set", message.text(1))
        if message.text(1) not in (*VENDORS, *(domain for domain, _ in walk.functions)):
            what = f"the model asks for the operators of {shown(message.text(1), 80)}"
            walk.log.add("not_audited", "onnx.operator", what, message.at, message.text(1))
    elif message.kind == "Attribute":
        onnx_attributes.look(message, walk)
        for value in (*message.values.get(4, []), *message.values.get(9, [])):
            if isinstance(value, memoryview) and not _WORD.fullmatch(bytes(value[:400])):
                said = shown(bytes(value[:60]), 60)
                what = f"the attribute {shown(message.text(1), 40)} says {said}"
                walk.log.add("suspicious", "onnx.attribute", what, message.at, message.text(1))
            elif isinstance(value, memoryview) and message.text(1) not in _SPOKEN:
                what = (
                    f"the attribute {shown(message.text(1), 40)} is a text that no operator reads"
                )
                walk.log.add("suspicious", "onnx.attribute", what, message.at, message.text(1))
    elif message.kind == "Pair":
        texts.tell(message.text(1), message.text(2), walk.log)
        metadata_words.look(message.text(1), message.text(2), walk.log)
    elif message.kind in _REFUSED:
        what = f"the model holds {_REFUSED[message.kind]}"
        walk.log.add("not_audited", "onnx.part", what, message.at, message.kind)


_SPOKEN = words(
    """auto_pad mode direction equation activations coordinate_transformation_mode nearest_mode
    reduction approximate padding_mode keep_aspect_ratio_policy interpolation_mode value_string
    value_strings case_change_action locale stopwords rounding_mode boundary post_transform"""
)
"""Attributes of the standard's operators that are texts."""


def _value_name(value: int | memoryview) -> str:
    if isinstance(value, memoryview):
        for number, _, name, _ in fields(value):
            if number == 1 and isinstance(name, memoryview):
                return bytes(name).decode("utf-8", "replace")
    return ""


def _node(walk: Walk, node: Message) -> None:
    walk.nodes += 1
    if walk.nodes > NODES:
        raise OutOfBudget(f"it has more than {NODES} nodes")
    domain, kind = node.text(7), node.text(4)
    full = f"{domain}::{kind}" if domain else kind
    walk.operators[full[:80]] += 1
    walk.read.update(bytes(v).decode("utf-8", "replace") for v in node.values.get(1, [])
                     if isinstance(v, memoryview))  # fmt: skip
    where = f"(node {shown(node.text(3), 80)!r})"
    if (domain, kind) in walk.functions or (domain in VENDORS and kind not in LOADING):
        what = f"the graph uses {shown(full)} of a domain that is not read here {where}"
        walk.log.add("not_audited", "onnx.operator", what, node.at, full)
    elif domain not in ("", "ai.onnx"):
        what = f"the graph calls the custom operator {shown(full)} {where}"
        walk.log.add("danger", "onnx.operator", what, node.at, full)
    elif kind in CONTROL:
        what = f"the graph holds control flow, {shown(full)} {where}"
        walk.log.add("not_audited", "onnx.control", what, node.at, full)
    elif kind not in ONNX_OPERATORS:
        sort = "random" if kind in RANDOM else "unsupported"
        what = f"the graph uses the {sort} operator {shown(full)} {where}"
        walk.log.add("not_audited", "onnx.operator", what, node.at, full)
    else:
        inner = [value for value in node.values.get(5, []) if isinstance(value, memoryview)]
        odd = onnx_schemas.odd(kind, len(node.values.get(1, [])), map(_value_name, inner))
        odd = odd or ("has an overload" if node.text(8) else "")
        if odd:
            what = f"the operator {shown(full)} {odd} {where}"
            walk.log.add("not_audited", "onnx.operator", what, node.at, f"{full} {odd}")
