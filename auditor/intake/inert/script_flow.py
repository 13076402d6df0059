"""TorchScript's code as a graph in the words of `onnx_graph`, with every method written in place.

Purpose: a program can switch without an odd operator; its lines are followed from ``forward`` on,
through its modules and torch's own functions, and judged as an ONNX graph is.
Limits: values of attributes that are no tensors are unknown; what cannot be followed is taken to
depend on everything it is given. Both sides of a branch are followed, loops once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.intake.inert.aten_kinds import AXES, KINDS, PLACES, SIZES
from auditor.intake.inert.log import Log, OutOfBudget, shown
from auditor.intake.inert.onnx_flow import look
from auditor.intake.inert.onnx_graph import Graph, Node, Numbers
from auditor.intake.words import words

DEEPEST, NODES, CALLS = 40, 20_000, 20_000
_VIEWS = words("data detach view alias slice select t contiguous")
"""Operators whose result is the same memory: a change of it is a change of what is stored."""
_WHOLE = (0.0, 1.0, 2.0, 3.0, 4.0, 11.0)
_STATE = words("num_batches_tracked running_mean running_var")
_OVERWRITING = words("zero fill copy")
_CAST = words("int float bool")
Value = object
"""A name of a value, a `_Module`, a list of values, or None for what says nothing."""


@dataclass(frozen=True)
class _Module:
    kind: str
    path: str


@dataclass
class _Code:
    """Classes and functions of all files, by qualified name."""

    methods: dict[str, dict[str, ast.FunctionDef]] = field(default_factory=dict)
    parts: dict[str, dict[str, ast.expr]] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)


def follow(sources: dict[str, ast.Module], root: str, log: Log) -> None:
    """Name every odd node on the way of the input through ``forward`` of a class.

    Args:
        sources: parsed files by the dotted name of their module.
        root: qualified name of the class.
    """
    code = _code(sources)
    methods = code.methods.get(root, {})
    own = methods.get("forward") or methods.get("forward__0")
    if own is None:
        what = f"its class {shown(root or 'in data.pkl', 80)} has no forward that could be followed"
        log.add("not_audited", "script.flow", what, None, root)
        return
    reader = _Reader(code, log)
    inputs = [arg.arg for arg in own.args.args[1:]]
    reader.graph.inputs += [f"in.{name}" for name in inputs]
    result = reader.called(own, [_Module(root, "self"), *reader.graph.inputs], 0)
    reader.graph.outputs += list(_names(result))
    for what in dict.fromkeys(reader.oddities):
        log.add("suspicious", "script.flow", what, None, what)
    if reader.graph.outputs:
        look(reader.graph, log, "script")


def _code(sources: dict[str, ast.Module]) -> _Code:
    code = _Code()
    for module, tree in sources.items():
        for entry in tree.body:
            if isinstance(entry, ast.FunctionDef):
                code.functions[f"{module}.{entry.name}"] = entry
            elif isinstance(entry, ast.ClassDef):
                name = f"{module}.{entry.name}"
                code.methods[name] = {e.name: e for e in entry.body if isinstance(e, ast.FunctionDef)}
                code.parts[name] = dict(_attributes(entry))
    return code


def _attributes(entry: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """Types of attributes by name; constants by their value."""
    for line in entry.body:
        match line:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=value):
                yield name, value or kind
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=str(name)))], value=kind):
                yield name, kind


class _Reader:
    """Follows statements and expressions; every call of an operator is one node."""

    def __init__(self, code: _Code, log: Log) -> None:
        self.code, self.log = code, log
        self.graph = Graph()
        self.calls = 0
        self.tainted: set[str] = set()
        self.rows: set[str] = set()
        self.oddities: list[str] = []

    def called(self, function: ast.FunctionDef, given: list[Value], depth: int) -> Value:
        """What a function returns for these arguments."""
        if depth > DEEPEST:
            raise OutOfBudget(f"its functions call each other more than {DEEPEST} deep")
        self.calls += 1
        if self.calls > CALLS:
            raise OutOfBudget(f"its functions call each other more than {CALLS} times")
        args = function.args.args
        defaults = dict(zip([a.arg for a in args[::-1]], function.args.defaults[::-1], strict=False))
        env: dict[str, Value] = {}
        for number, arg in enumerate(args):
            default = defaults.get(arg.arg)
            told = self.value(default, {}, depth) if default is not None else None
            env[arg.arg] = given[number] if number < len(given) else told
        if depth == 0:
            self.tainted.update(self.graph.inputs)
        returned: list[Value] = []
        self._block(function.body, env, returned, depth)
        return returned[0] if len(returned) < 2 else self._joined(returned)

    def _block(
        self, lines: list[ast.stmt], env: dict[str, Value], returned: list[Value], depth: int
    ) -> None:
        self.log.budget.check()
        for line in lines:
            match line:
                case ast.Assign(targets=[target], value=value):
                    self._assign(target, self.value(value, env, depth), env)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    self._assign(target, self.value(value, env, depth), env)
                case ast.Return(value=value):
                    returned.append(self.value(value, env, depth))
                case ast.Expr(value=value):
                    self.value(value, env, depth)
                case ast.If():
                    self._branch(line, env, returned, depth)
                case ast.While(test=test, body=body):
                    self._steered(self.value(test, env, depth), "a loop")
                    self._block(body, env, returned, depth)
                    self._steered(self.value(test, env, depth), "a loop")
                case ast.For(target=target, iter=over, body=body):
                    self._assign(target, self.value(over, env, depth), env)
                    self._block(body, env, returned, depth)

    def _steered(self, condition: Value, what: str) -> None:
        if self.tainted.intersection(_names(condition)):
            self.oddities.append(f"{what} is steered by values of the input")

    def _branch(
        self, line: ast.If, env: dict[str, Value], returned: list[Value], depth: int
    ) -> None:
        condition = self.value(line.test, env, depth)
        self._steered(condition, "a branch")
        sides = [dict(env), dict(env)]
        for side, body in zip(sides, (line.body, line.orelse), strict=True):
            self._block(body, side, returned, depth)
        raising = [_raises(line.body), _raises(line.orelse)]
        rows = self.rows.intersection(_names(condition))
        for name in {**sides[0], **sides[1]}:
            found = [s[name] for s, r in zip(sides, raising, strict=True) if name in s and not r]
            if rows and len(found) == 2 and self._differ(found) and name not in env:
                self.oddities.append("a branch is steered by the number of rows")
            if found:
                env[name] = found[0] if found[0] is found[-1] else self._joined(found)

    def _differ(self, found: list[Value]) -> bool:
        return found[0] != found[1] and all(self.tainted.intersection(_names(v)) for v in found)

    def _joined(self, values: list[Value]) -> Value:
        """One value for several that it may be."""
        if all(isinstance(v, list) for v in values) and len({len(v) for v in values}) == 1:  # type: ignore[arg-type]
            return [self._joined(list(several)) for several in zip(*values, strict=True)]  # type: ignore[call-overload]
        modules = [v for v in values if isinstance(v, _Module)]
        if modules:
            return modules[0]
        names = [name for value in values for name in _names(value)]
        same = len({*map(repr, values)}) == 1
        return values[0] if same else self._made("Identity", names) if names else None

    def _assign(self, target: ast.expr, value: Value, env: dict[str, Value]) -> None:
        match target:
            case ast.Name(id=name):
                env[name] = value
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                several = value if isinstance(value, list) and len(value) == len(parts) else None
                for number, part in enumerate(parts):
                    self._assign(part, several[number] if several else value, env)
            case ast.Attribute(attr=name) if name not in _STATE:
                self.oddities.append(f"it changes its own {name[:60]} while it runs")

    def value(self, node: ast.expr | None, env: dict[str, Value], depth: int) -> Value:
        """What an expression stands for."""
        match node:
            case ast.Name(id=name):
                return env.get(name)
            case ast.Constant(value=bool() | int() | float() as number):
                return self.number((float(number),))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return self.number((-float(number),))
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return [self.value(part, env, depth) for part in parts]
            case ast.Attribute():
                return self._attribute(node, env, depth)
            case ast.Subscript(value=inner, slice=place):
                return self._item(self.value(inner, env, depth), place, env, depth)
            case ast.Call():
                return self._call(node, env, depth)
            case None | ast.Constant():
                return None
        inner_ = [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)]
        return self._joined([self.value(part, env, depth) for part in inner_])

    def number(self, numbers: Numbers) -> str:
        """A name for constants."""
        name = "=" + ",".join(map(str, numbers))
        self.graph.constants[name] = numbers
        self.graph.stored.add(name)
        return name

    def _item(self, value: Value, place: ast.expr, env: dict[str, Value], depth: int) -> Value:
        match value, place:
            case list(), ast.Constant(value=int(number)) if -len(value) <= number < len(value):
                return value[number]
        chosen = self.value(place, env, depth)
        self._steered(chosen, "a choice from a list")
        return self._joined([value, chosen])

    def _attribute(self, node: ast.Attribute, env: dict[str, Value], depth: int) -> Value:
        owner = self.value(node.value, env, depth)
        if isinstance(owner, _Module):
            return self._part(owner, node.attr)
        if _dotted(node)[:1] == ["CONSTANTS"]:
            return self._stored(".".join(_dotted(node)))
        return _dotted(node) if _dotted(node)[:1] in (["__torch__"],) else owner

    def _part(self, owner: _Module, name: str) -> Value:
        kind = self.code.parts.get(owner.kind, {}).get(name)
        path = f"{owner.path}.{name}"
        match kind:
            case ast.Constant(value=bool() | int() | float() as number):
                return self.number((float(number),))
            case ast.Attribute():
                return _Module(".".join(_dotted(kind)), path)
            case ast.Name(id="Tensor"):
                return self._stored(path)
        return None

    def _stored(self, name: str) -> str:
        self.graph.stored.add(name)
        return name

    def _call(self, node: ast.Call, env: dict[str, Value], depth: int) -> Value:
        given = [self.value(arg, env, depth) for arg in node.args]
        named = {k.arg: self.value(k.value, env, depth) for k in node.keywords if k.arg}
        parts = _dotted(node.func)
        if isinstance(node.func, ast.Name):
            return self._builtin(node, given, env, depth)
        if parts[:1] in (["torch"], ["ops"]):
            return self._operator(parts, given, named)
        if parts[:1] == ["__torch__"]:
            function = self.code.functions.get(".".join(parts))
            return self._joined(given) if function is None else self.called(function, given, depth + 1)
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value, env, depth)
            if isinstance(owner, _Module):
                method = self.code.methods.get(owner.kind, {}).get(node.func.attr)
                if method is not None:
                    return self.called(method, [owner, *given], depth + 1)
        return self._joined([*given, *named.values()])

    def _builtin(
        self, node: ast.Call, given: list[Value], env: dict[str, Value], depth: int
    ) -> Value:
        assert isinstance(node.func, ast.Name)
        name, known = node.func.id, env.get(node.func.id)
        if name == "getattr" and isinstance(given[0], _Module):
            match node.args:
                case [_, ast.Constant(value=str(part)), *_]:
                    return self._part(given[0], part)
        if isinstance(known, list) and known[:1] == ["__torch__"]:
            function = self.code.functions.get(".".join(map(str, known)))
            if function is not None:
                return self.called(function, given, depth + 1)
        if name in ("annotate", "unchecked_cast"):
            return given[-1]
        if name == "print" and self.tainted.intersection(_names(given)):
            self.oddities.append("it prints values of the input")
        if name in ("range", "len", "isinstance"):
            return None
        if name in _CAST and len(given) == 1:
            return given[0]
        return self._joined(given)

    def _operator(self, parts: list[str], given: list[Value], named: dict[str, Value]) -> Value:
        name = parts[-1]
        op = name if name.startswith("__") else name.rstrip("_")
        names = [n for value in [*given, *named.values()] for n in _names(value)]
        if op in _VIEWS and names and names[0] in self.graph.stored:
            return names[0]
        if name.endswith("_") and op != name and names:
            self._changed(op, names[0])
        if op in SIZES or (parts[0] == "ops" and parts[1] == "prim" and op not in ("max", "min", "abs")):
            return self._size(op, given) if op not in ("data", "NumToTensor") else names[0] if names else None
        if not self.tainted.intersection(names):
            rows = self.rows.intersection(names)
            return self._quiet(names, bool(rows))
        return self._node(op, given, named, names)

    def _size(self, op: str, given: list[Value]) -> Value:
        """The number of rows is marked; other sizes say nothing."""
        if op != "size" or not self.tainted.intersection(_names(given[:1])):
            return None
        place = self.graph.constants.get(next(_names(given[1:2]), ""), ())
        return self._quiet([], place == (0.0,))

    def _quiet(self, names: list[str], rows: bool) -> Value:
        """A value that does not depend on the input, or on the number of its rows alone."""
        if not names and not rows:
            return None
        name = f"v{len(self.graph.stored) + len(self.rows)}q"
        self.graph.stored.add(name)
        if rows:
            self.rows.add(name)
        return name

    def _changed(self, op: str, name: str) -> None:
        """In-place operators on what is stored, and on the input itself."""
        stored = name in self.graph.stored and not name.startswith(("=", "v"))
        if stored and name.rpartition(".")[2] not in _STATE:
            self.oddities.append(f"{op}_ changes the stored {name[:80]} while it runs")
        if name in self.graph.inputs and op in _OVERWRITING:
            self.oddities.append(f"{op}_ overwrites the input")

    def _node(self, op: str, given: list[Value], named: dict[str, Value], names: list[str]) -> Value:
        kind, numbers, inputs = KINDS.get(op, "Identity"), dict[str, Numbers](), names
        second = self.graph.constants.get(next(_names(given[1:2]), ""), ())
        if kind in ("ReduceMean", *AXES):
            inputs = names[:1]
            axes = tuple(a for n in _names(given[1:2]) for a in self.graph.constants.get(n, ()))
            numbers = {"axes": axes or (-9.0,), "axis": axes or (-9.0,)}
            inputs = [names[0], self.number(axes)] if kind == "CumSum" and axes else inputs
        if kind == "Dropout":
            mode = [n for n in _names(given[2:3]) if n.startswith("=")] if any(second) else []
            inputs = [names[0], "", *mode][: 3 if mode else 1]
        if op in ("to", "long", "int"):
            told = [*second, *self.graph.constants.get(next(_names(named.get("dtype")), ""), ())]
            kind, inputs = ("Cast" if told and told[0] in _WHOLE else "Identity"), names[:1]
            numbers = {"to": (7.0,)}
        if op == "masked_fill":
            kind, inputs = "Where", [*_names(given[1:2]), *_names(given[:1])]
        if op in PLACES:
            kind, inputs = "Gather", [*_names(given[:1]), *_names(given[PLACES[op] : PLACES[op] + 1])]
        return self._made("Sign" if kind == "ArgMax" else kind, inputs, numbers)

    def _made(self, kind: str, inputs: list[str], numbers: dict[str, Numbers] | None = None) -> str:
        name = f"v{len(self.graph.nodes)}"
        if len(self.graph.nodes) >= NODES:
            raise OutOfBudget(f"the program has more than {NODES} operators")
        self.graph.nodes.append(Node(kind, tuple(inputs), (name,), numbers or {}))
        if self.tainted.intersection(inputs):
            self.tainted.add(name)
        if self.rows.intersection(inputs):
            self.rows.add(name)
        return name


def _raises(lines: list[ast.stmt]) -> bool:
    """Whether a block ends in an error."""
    return any(
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Call)
        and _dotted(line.value.func)[-1:] == ["RaiseException"]
        for line in lines
    )


def _names(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _names(entry)


def _dotted(node: ast.expr) -> list[str]:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []
