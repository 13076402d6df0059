"""A pickle machine that builds descriptions: it never imports, never calls, never hashes.

Purpose: follows the opcodes as a real unpickler would, memo and marks included, so that a name
put together through the memo is seen. A global outside the allow-list is written into the log with
its offset, and the machine goes on with a placeholder to find the others.
Limits: budgets on opcodes, memo, stack and time; what the machine cannot follow is `Damaged`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from auditor.intake.inert import handed, names, partials
from auditor.intake.inert.calls import (
    CONTAINERS,
    Nested,
    attributes,
    call,
    no_nested,
    state,
)
from auditor.intake.inert.estimator_names import check_arguments, is_estimator_global
from auditor.intake.inert.log import Damaged, OutOfBudget, shown
from auditor.intake.inert.opcodes import decode
from auditor.intake.inert.partials import PARTIAL, Partials
from auditor.intake.inert.streams import Streams
from auditor.intake.inert.values import Global, Harmful, Made, Pairs, Unknown

OPCODES = 1_000_000
DIGITS = 4000
RENAMED = 3
"""From this protocol on, the names of Python 2 are not translated."""
CHECK_EVERY = 4096
ARRAY_WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"
Arrays = Callable[[Made, int], tuple[object, int]]


@dataclass
class Machine(Streams):
    """One run over one pickle.

    Args:
        view: bytes that hold the pickle.
        log: where problems go.
        nested: reads a torch file inside a pickle.
        arrays: reads the raw array that joblib writes behind a wrapper; None elsewhere.
        script: a pickle of TorchScript.
        estimators: scikit-learn's classes are kept in ``named`` for `estimators.judge`.
        called: whether a real unpickler would have called something by now.
    """

    nested: Nested = no_nested
    arrays: Arrays | None = None
    script: bool = False
    estimators: bool = False
    start: int = 0
    wrapped: bool = False
    called: bool = False
    torch: bool = False
    named: list[tuple[str, int]] = field(default_factory=list)
    partials: Partials = field(default_factory=Partials)

    def run(self, position: int = 0) -> object:
        """The described object; ``self.position`` is then behind STOP.

        Raises:
            Damaged: not a pickle that a loader could read.
            OutOfBudget: too long.
        """
        self.position = self.start = position
        self.protocol = self.frame_end = 0
        self._renew()
        try:
            return self._run()
        finally:
            self.partials.tell(self.log)

    def _run(self) -> object:
        for count in range(OPCODES):
            if count % CHECK_EVERY == 0:
                self.log.budget.check()
            self.steps = count
            at = self.position
            opcode, argument, self.position = decode(self.view, at)
            if opcode == "STOP":
                return self._pop(at)
            self._step(opcode, argument, at)
        raise OutOfBudget(f"the pickle has more than {OPCODES} operations")

    def _step(self, opcode: str, argument: object, at: int) -> None:
        handler = _HANDLERS.get(opcode)
        if handler is None:
            if opcode in _NUMBERS and self.position - at > DIGITS:
                what = f"a number of {self.position - at} bytes, which can stop a loader"
                self.log.add("suspicious", "pickle.number", what, at, opcode)
            self._stack.append(_CONSTANTS.get(opcode, argument))
            return
        try:
            handler(self, argument, at)
        except Unknown as error:
            self.log.add("not_audited", "pickle.unknown", str(error), at, opcode)
            self._stack.append(Made(opcode))
        except (IndexError, TypeError, ValueError, AttributeError) as error:
            raise Damaged(f"{opcode} at byte {at} does not find what it needs") from error

    # Names and calls.

    def name(self, module: object, name: object, at: int) -> None:
        """GLOBAL, INST and STACK_GLOBAL: a name is looked up in the allow-list, never imported."""
        if self._no_text(module) or self._no_text(name):
            raise Damaged(f"a global at byte {at} is named by something that is no text")
        if not isinstance(module, str) or not isinstance(name, str):
            what = "the pickle computes a global"
            self.log.add("danger", "pickle.computed", what, at, "STACK_GLOBAL")
            self._stack.append(Made("computed"))
            return
        full = names.canonical(module, name, self.protocol < RENAMED)
        kind = names.kind(full, self.script)
        if full == PARTIAL:
            self._stack.append(self.partials.named(at))
            return
        if kind == "plain":
            self.torch |= full.startswith("torch.")
            self._stack.append(Global(full, at))
            return
        if self.estimators and "." not in name and is_estimator_global(full):
            self.named.append((full, at))
        elif kind == "danger":
            what = f"the pickle would call {shown(full)}"
            self.log.add("danger", "pickle.global", what, at, full)
        else:
            what = f"the pickle makes {shown(full)}, whose code is not in the file"
            self.log.add("not_audited", "pickle.class", what, at, full)
        self._stack.append(Made(full))

    def _no_text(self, value: object) -> bool:
        """True for what a loader would refuse as a name; results of calls may be texts."""
        if isinstance(value, Made):
            return self.estimators and is_estimator_global(value.name)
        return value is None or isinstance(value, bool | int | float | bytes | list | tuple | Pairs)

    def stack_global(self, argument: object, at: int) -> None:
        """STACK_GLOBAL."""
        name, module = self._stack.pop(), self._stack.pop()
        self.name(module, name, at)

    def apply(self, function: object, args: object, at: int) -> None:
        """REDUCE, NEWOBJ, OBJ, INST: describe what a call would give."""
        if isinstance(args, list):
            args = tuple(args)
        if isinstance(function, Global) and not isinstance(args, tuple):
            raise Unknown(f"{function.name} is called without a tuple")
        if isinstance(function, Global) and isinstance(args, tuple):
            if self.script and names.kind(function.name) != "plain":
                self._stack.append(Made(function.name, args))
            else:
                self._stack.append(call(function.name, args, self.nested))
        elif isinstance(function, Made) and function.name == PARTIAL:
            self._stack.append(self.partials.called(args))
        elif isinstance(function, Made):
            if self.estimators and is_estimator_global(function.name):
                check_arguments(function.name, args)
            self._handed(function.name, args, at)
            self._stack.append(Made(function.name, args))
        else:
            raise TypeError

    def _handed(self, name: str, args: object, at: int) -> None:
        """A class that nobody here knows is handed a path, an address or a command."""
        if not self.script and names.kind(name) == "program" and (place := handed.place(args)):
            what = f"the pickle hands {shown(name)} {shown(place, 60)!r}, which it would open"
            self.log.add("danger", "pickle.handed", what, at, name)

    def reduce(self, argument: object, at: int) -> None:
        """REDUCE."""
        args, function = self._stack.pop(), self._stack.pop()
        self._reduced(function, args, at)

    def newobj(self, argument: object, at: int) -> None:
        """NEWOBJ: what a container is given is for ``__init__``, which this does not call."""
        args, function = self._stack.pop(), self._stack.pop()
        if args and isinstance(function, Global) and function.name in CONTAINERS:
            raise Unknown(f"{function.name} with a content that is not used")
        self._reduced(function, args, at)

    def _reduced(self, function: object, args: object, at: int) -> None:
        self.called = True
        try:
            self.apply(function, args, at)
        except Harmful as error:
            self.log.add("danger", "pickle.build", str(error), at, "REDUCE")
            self._stack.append(Made("?", args))
        except (Unknown, Damaged) as error:
            self.log.add("not_audited", "pickle.arguments", str(error), at, "REDUCE")
            self._stack.append(Made(function.name if isinstance(function, Global) else "?", args))

    def newobj_ex(self, argument: object, at: int) -> None:
        """NEWOBJ_EX."""
        self.called = True
        keywords, args, function = self._stack.pop(), self._stack.pop(), self._stack.pop()
        if isinstance(keywords, Pairs) and not keywords.items:
            self._reduced(function, args, at)
        elif isinstance(function, Global | Made):
            if isinstance(function, Global) or self.estimators:
                what = f"keywords of {function.name}"
                self.log.add("not_audited", "pickle.arguments", what, at, "NEWOBJ_EX")
            self._stack.append(Made(function.name, (args, keywords)))
        else:
            raise TypeError

    def inst(self, argument: object, at: int) -> None:
        """INST: a global and a call in one opcode."""
        items = self._pop_mark()
        assert isinstance(argument, tuple)
        self.name(argument[0], argument[1], at)
        self._reduced(self._stack.pop(), tuple(items), at)

    def obj(self, argument: object, at: int) -> None:
        """OBJ."""
        items = self._pop_mark()
        self._reduced(items[0], tuple(items[1:]), at)

    def build(self, argument: object, at: int) -> None:
        """BUILD: an object's ``__setstate__`` or its attributes."""
        self.called = True
        given = self._stack.pop()
        target = self._stack[-1]
        if isinstance(target, Global):
            what = f"the pickle changes {target.name} itself"
            self.log.add("danger", "pickle.build", what, at, target.name)
            return
        if isinstance(target, Made) and target.name == partials.CALLED:
            self.partials.built(given, at)
            return
        if isinstance(target, Made) and target.name == ARRAY_WRAPPER and self.arrays is not None:
            target.state, self.wrapped = given, True
            self._stack[-1], self.position = self.arrays(target, self.position)
        elif isinstance(target, Made) and (
            names.kind(target.name) != "plain" or target.name == "computed"
        ):
            self._attributes(target, given, at)
            target.state = given
        else:
            try:
                self._stack[-1] = state(target, given)
            except Harmful as error:
                self.log.add("danger", "pickle.build", str(error), at, "BUILD")
            except (Unknown, Damaged) as error:
                self.log.add("not_audited", "pickle.build", str(error), at, "BUILD")

    def _attributes(self, target: Made, given: object, at: int) -> None:
        """The state of an object whose class is not plain; most are reported by their names."""
        if self.estimators and is_estimator_global(target.name):
            try:
                attributes(target, given, data_only=False)
            except Harmful as error:
                self.log.add("danger", "pickle.build", str(error), at, "BUILD")
            except Unknown:
                return  # a state of its own form, which its builder reads


_NUMBERS = ("INT", "LONG", "LONG1", "LONG4")
Handler = Callable[[Machine, object, int], None]
_CONSTANTS: dict[str, object] = {
    "NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": (),
}  # fmt: skip
_HANDLERS: dict[str, Handler] = {
    "MARK": Machine.mark, "POP": Machine.pop, "POP_MARK": Machine.pop_mark, "DUP": Machine.dup,
    "PUT": Machine.put, "BINPUT": Machine.put, "LONG_BINPUT": Machine.put,
    "MEMOIZE": Machine.memoize,
    "GET": Machine.get, "BINGET": Machine.get, "LONG_BINGET": Machine.get,
    "EMPTY_LIST": lambda m, a, at: m._stack.append([]),
    "EMPTY_SET": lambda m, a, at: m._stack.append([]),
    "EMPTY_DICT": lambda m, a, at: m._stack.append(Pairs()),
    "TUPLE": Machine.tuple_of, "LIST": Machine.list_of, "FROZENSET": Machine.frozen,
    "DICT": Machine.dict_of,
    "TUPLE1": lambda m, a, at: m.last(1), "TUPLE2": lambda m, a, at: m.last(2),
    "TUPLE3": lambda m, a, at: m.last(3),
    "APPEND": lambda m, a, at: m.extend([m._stack.pop()]),
    "APPENDS": lambda m, a, at: m.extend(m._pop_mark()),
    "ADDITEMS": lambda m, a, at: m.extend(m.hashed(m._pop_mark())),
    "SETITEM": lambda m, a, at: m.fill([m._stack.pop(), m._stack.pop()][::-1]),
    "SETITEMS": lambda m, a, at: m.fill(m._pop_mark()),
    "GLOBAL": lambda m, a, at: m.name(a[0], a[1], at),  # type: ignore[index]
    "STACK_GLOBAL": Machine.stack_global, "INST": Machine.inst, "OBJ": Machine.obj,
    "REDUCE": Machine.reduce, "NEWOBJ": Machine.newobj, "NEWOBJ_EX": Machine.newobj_ex,
    "BUILD": Machine.build,
    "EXT1": Machine.extension, "EXT2": Machine.extension, "EXT4": Machine.extension,
    "PERSID": Machine.persid, "BINPERSID": Machine.persid,
    "PROTO": Machine.proto, "FRAME": Machine.frame, "READONLY_BUFFER": Machine.readonly,
    "NEXT_BUFFER": Machine.out_of_band,
}  # fmt: skip
