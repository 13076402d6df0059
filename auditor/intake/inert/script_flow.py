"""TorchScript's code as a graph in the words of `onnx_graph`, with every method written in place.

Purpose: a program can switch without an odd operator; its lines are followed from ``forward`` on,
through its modules and torch's own functions, and judged as an ONNX graph is.
Limits: values of attributes that are no tensors are unknown; what cannot be followed is taken to
depend on everything it is given. Both sides of a branch are followed, loops once.
"""

from __future__ import annotations

import ast

from auditor.intake.inert.log import Damaged, Log, OutOfBudget, shown
from auditor.intake.inert.onnx_flow import look
from auditor.intake.inert.script_code import (
    NOTHING,
    Code,
    Module,
    Value,
    code_of,
    dotted,
    names_of,
    raises,
    unused,
)  # fmt: skip
from auditor.intake.inert.script_graph import STATE, UNMADE, Writer
from auditor.intake.words import words

DEEPEST, CALLS = 40, 20_000
_HOUSE = ("__torch__.torch.nn.", "__torch__.torch.functional.")
"""Code that is named as torch's own may ask in which mode it runs."""
_QUIET = words("len isinstance")


def follow(sources: dict[str, ast.Module], root: str, log: Log) -> None:
    """Name every odd node on the way of the input through ``forward`` of a class.

    Args:
        sources: parsed files by the dotted name of their module.
        root: qualified name of the class.
    """
    code = code_of(sources)
    methods = code.methods.get(root, {})
    own = methods.get("forward") or methods.get("forward__0")
    if own is None:
        what = f"its class {shown(root or 'in data.pkl', 80)} has no forward that could be followed"
        log.add("not_audited", "script.flow", what, None, root)
        return
    reader = _Reader(code, log)
    needed = len(own.args.args) - len(own.args.defaults)
    inputs = [arg.arg for arg in own.args.args[1:needed]]
    reader.graph.inputs += [f"in.{name}" for name in inputs]
    try:
        result = reader.called(own, [Module(root, "self"), *reader.graph.inputs], 0)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise Damaged(f"its code is not as torch writes it: {error!s:.80}") from error
    reader.graph.outputs += list(names_of(result))
    if not reader.graph.outputs:
        what = "its forward returns nothing that could be followed"
        log.add("not_audited", "script.flow", what, None, root)
    for name in _unreached(methods, reader):
        what = f"forward does not reach its method {shown(name, 80)}, which an audit does not run"
        log.add("not_audited", "script.method", what, None, name)
    for name in sorted(unused(sources, code, root))[:10]:
        what = f"nothing names its class {shown(name, 80)}"
        log.add("suspicious", "script.unused", what, None, name)
    for what in dict.fromkeys(reader.oddities):
        log.add("suspicious", "script.flow", what, None, what)
    if reader.graph.outputs:
        look(reader.graph, log, "script")


def _unreached(methods: dict[str, ast.FunctionDef], reader: _Reader) -> list[str]:
    """Methods of the class that take an input and that only somebody else can call."""
    return [
        name
        for name, function in methods.items()
        if len(function.args.args) > 1
        and not name.startswith("__")
        and id(function) not in reader.followed
    ]


class _Reader(Writer):
    """Follows statements and expressions; every call of an operator is one node."""

    def __init__(self, code: Code, log: Log) -> None:
        super().__init__()
        self.code, self.log, self.calls = code, log, 0
        self.followed: set[int] = set()
        self.house = {
            id(function)
            for kind, methods in code.methods.items()
            if kind.startswith(_HOUSE)
            for function in methods.values()
        } | {id(function) for name, function in code.functions.items() if name.startswith(_HOUSE)}

    def called(self, function: ast.FunctionDef, given: list[Value], depth: int) -> Value:
        """What a function returns for these arguments."""
        if depth > DEEPEST:
            raise OutOfBudget(f"its functions call each other more than {DEEPEST} deep")
        self.calls += 1
        if self.calls > CALLS:
            raise OutOfBudget(f"its functions call each other more than {CALLS} times")
        self.followed.add(id(function))
        args = function.args.args
        defaults = dict(
            zip([a.arg for a in args[::-1]], function.args.defaults[::-1], strict=False)
        )
        env: dict[str, Value] = {}
        for number, arg in enumerate(args):
            default = defaults.get(arg.arg)
            told = self.value(default, {}, depth) if default is not None else None
            env[arg.arg] = given[number] if number < len(given) else told
        if depth == 0:
            self.tainted.update(self.graph.inputs)
        returned: list[Value] = []
        before, self.own = self.own, id(function) not in self.house
        self._block(function.body, env, returned, depth)
        self.own = before
        return returned[0] if len(returned) == 1 else self.joined(returned)

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
                    for _ in range(2):  # what the first round leaves, the second may use
                        self.steered(self.value(test, env, depth), "a loop")
                        self._block(body, env, returned, depth)
                case ast.For(target=target, iter=over, body=body):
                    bound = self.value(over, env, depth)
                    self.steered(bound, "a loop")
                    self._assign(target, bound, env)
                    for _ in range(2):
                        self._block(body, env, returned, depth)

    def _branch(
        self, line: ast.If, env: dict[str, Value], returned: list[Value], depth: int
    ) -> None:
        condition = self.value(line.test, env, depth)
        if known := self.constant(condition):
            self._block(line.body if known[0] else line.orelse, env, returned, depth)
            return
        self.steered(condition, "a branch")
        sides = [dict(env), dict(env)]
        for side, body in zip(sides, (line.body, line.orelse), strict=True):
            self._block(body, side, returned, depth)
        raising = [raises(line.body), raises(line.orelse)]
        rows = self.rows.intersection(names_of(condition))
        asked = self.own and self.circumstances.intersection(names_of(condition))
        for name in {**sides[0], **sides[1]}:
            found = [s[name] for s, r in zip(sides, raising, strict=True) if name in s and not r]
            chosen = self.own and len(found) == 2 and self.numbers_differ(found)
            if rows and (chosen or (len(found) == 2 and self.differ(found) and name not in env)):
                self.oddities.append("a branch is steered by the number of rows")
            if asked and (chosen or (len(found) == 2 and self.differ(found))):
                self.oddities.append("a branch is steered by where or how it runs")
            if found:
                env[name] = found[0] if found[0] is found[-1] else self.joined(found)

    def _assign(self, target: ast.expr, value: Value, env: dict[str, Value]) -> None:
        match target:
            case ast.Name(id=name):
                env[name] = value
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                several = value if isinstance(value, list) and len(value) == len(parts) else None
                for number, part in enumerate(parts):
                    self._assign(part, several[number] if several else value, env)
            case ast.Attribute(attr=name) if name not in STATE:
                self.oddities.append(f"it changes its own {name[:60]} while it runs")

    def value(self, node: ast.expr | None, env: dict[str, Value], depth: int) -> Value:
        """What an expression stands for."""
        found: Value = None
        match node:
            case ast.Name(id=name):
                found = env.get(name)
            case ast.Constant(value=None):
                found = NOTHING
            case ast.Constant(value=bool() | int() | float() as number):
                found = self.number((float(number),))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                found = self.number((-float(number),))
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                found = [self.value(part, env, depth) for part in parts]
            case ast.Attribute():
                found = self._attribute(node, env, depth)
            case ast.Subscript(value=inner, slice=place):
                found = self._item(self.value(inner, env, depth), place, env, depth)
            case ast.Call():
                found = self._call(node, env, depth)
            case ast.expr():
                inside = [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)]
                found = self.joined([self.value(part, env, depth) for part in inside])
        return found

    def _item(self, value: Value, place: ast.expr, env: dict[str, Value], depth: int) -> Value:
        match value, place:
            case list(), ast.Constant(value=int(number)) if -len(value) <= number < len(value):
                return value[number]
        chosen = self.value(place, env, depth)
        self.steered(chosen, "a choice from a list")
        return self.joined([value, chosen])

    def _attribute(self, node: ast.Attribute, env: dict[str, Value], depth: int) -> Value:
        owner = self.value(node.value, env, depth)
        if isinstance(owner, Module):
            return self._part(owner, node.attr)
        if dotted(node)[:1] == ["CONSTANTS"]:
            return self.stored(".".join(dotted(node)))
        return dotted(node) if dotted(node)[:1] in (["__torch__"],) else owner

    def _part(self, owner: Module, name: str) -> Value:
        kind = self.code.parts.get(owner.kind, {}).get(name)
        path = f"{owner.path}.{name}"
        match kind:
            case ast.Constant(value=bool() | int() | float() as number):
                return self.number((float(number),))
            case ast.Attribute():
                return Module(".".join(dotted(kind)), path)
            case ast.Name(id="Tensor"):
                return self.stored(path)
            case ast.Name(id="bool") if name == "training":
                return self.asked_for()
        return None

    def _call(self, node: ast.Call, env: dict[str, Value], depth: int) -> Value:
        given = [self.value(arg, env, depth) for arg in node.args]
        named = {k.arg: self.value(k.value, env, depth) for k in node.keywords if k.arg}
        parts = dotted(node.func)
        if isinstance(node.func, ast.Name):
            return self._builtin(node, given, env, depth)
        if parts[:1] in (["torch"], ["ops"]):
            return self.operator(parts, given, named)
        if parts[:1] == ["__torch__"]:
            function = self.code.functions.get(".".join(parts))
            return (
                self.joined(given) if function is None else self.called(function, given, depth + 1)
            )
        owner: Value = None
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value, env, depth)
            if isinstance(owner, Module):
                method = self.code.methods.get(owner.kind, {}).get(node.func.attr)
                if method is not None:
                    return self.called(method, [owner, *given], depth + 1)
        own = [owner] if isinstance(owner, str) else []
        return self.joined([*own, *given, *named.values()])

    def _builtin(
        self, node: ast.Call, given: list[Value], env: dict[str, Value], depth: int
    ) -> Value:
        assert isinstance(node.func, ast.Name)
        name, known = node.func.id, env.get(node.func.id)
        if isinstance(known, list) and known[:1] == ["__torch__"]:
            function = self.code.functions.get(".".join(map(str, known)))
            return (
                self.joined(given) if function is None else self.called(function, given, depth + 1)
            )
        if name == "print" and self.tainted.intersection(names_of(given)):
            self.oddities.append("it prints values of the input")
        match name, given, node.args:
            case "getattr", [Module() as owner, *_], [_, ast.Constant(value=str(part)), *_]:
                return self._part(owner, part)
            case "uninitialized", _, _:
                return UNMADE
            case (("annotate" | "unchecked_cast" | "int" | "float" | "bool"), [*_, last], _):
                return last
        return None if name in _QUIET else self.joined(given)
