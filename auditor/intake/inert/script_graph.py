"""Operators of TorchScript as nodes of a graph, with what depends on the input.

Purpose: each call of aten is written as the ONNX operator that decides, merges or weighs like it;
what changes stored values, or is steered by the number of rows, is noted beside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

from auditor.intake.inert.aten_kinds import AXES, KINDS, PLACES, SIZES
from auditor.intake.inert.log import OutOfBudget
from auditor.intake.inert.onnx_graph import Graph, Node, Numbers
from auditor.intake.inert.script_code import NOTHING, Module, Value, names_of
from auditor.intake.words import words

NODES = 20_000
UNMADE = "uninitialized"
"""What the compiler puts where no value is; a branch that makes one is taken in its place."""
_VIEWS = words("data detach view alias slice select t contiguous")
"""Operators whose result is the same memory: a change of it is a change of what is stored."""
_PLAIN = words("max min abs")
"""Of the namespace prim, those that compute."""
_FILLING = words("append extend insert")
_ASKED = words("__is__ __isnot__ __not__")
_SAME = words("data NumToTensor")
_WHOLE = (0.0, 1.0, 2.0, 3.0, 4.0, 11.0)
STATE = words("num_batches_tracked running_mean running_var")
_CIRCUMSTANCES = words(
    """device dtype layout type index requires_grad is_contiguous stride storage_offset
    is_cuda is_cpu
    is_grad_enabled is_autocast_enabled is_autocast_cpu_enabled is_inference is_leaf get_device
    is_floating_point is_complex is_signed is_sparse is_quantized is_nested is_meta is_mkldnn
    numel"""
)
"""What tells on which machine, in which mode and in which memory a program runs, and on what kind
of input: none of it is the picture's content."""
_RECKONING = words("add sub rsub mul div pow where")
_CUTTING = words("slice narrow roll repeat tile expand split chunk select rot90")
_OVERWRITING = words("zero fill copy")


@dataclass
class Writer:
    """Collects nodes.

    Args:
        tainted: values that depend on the input, ``rows``: on the number of its rows.
        maybe: values that may be ``None``.
        own: whether the code that is followed is the vendor's, not torch's.
    """

    graph: Graph = field(default_factory=Graph)
    tainted: set[str] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)
    circumstances: set[str] = field(default_factory=set)
    oddities: list[str] = field(default_factory=list)
    own: bool = True

    def steered(self, condition: Value, what: str) -> None:
        """Note a branch or loop that values of the input steer."""
        if self.tainted.intersection(names_of(condition)):
            self.oddities.append(f"{what} is steered by values of the input")

    def differ(self, found: list[Value]) -> bool:
        """Two values of the input that are not one."""
        return found[0] != found[1] and all(self.tainted.intersection(names_of(v)) for v in found)

    def numbers_differ(self, found: list[Value]) -> bool:
        """Two numbers written in the code that are not one."""
        written = [self.constant(value) for value in found]
        return None not in written and written[0] != written[-1]

    def joined(self, values: list[Value]) -> Value:
        """One value for several that it may be."""
        values = [value for value in values if value != UNMADE] or values
        if all(isinstance(v, list) for v in values) and len({len(v) for v in values}) == 1:  # type: ignore[arg-type]
            return [self.joined(list(several)) for several in zip(*values, strict=True)]
        modules = [v for v in values if isinstance(v, Module)]
        if modules:
            return modules[0]
        if len({*map(repr, values)}) == 1:
            return values[0]
        names = [name for value in values for name in names_of(value)]
        if not names:
            return None
        found = self.made("Identity", names)
        if NOTHING in values or self.maybe.intersection(names):
            self.maybe.add(found)
        return found

    def asked(self, op: str, given: list[Value]) -> Value:
        """The answer of ``is None`` and ``not`` where it is known."""
        first, *rest = given
        known: bool | None = None
        if op == "__not__":
            numbers = self.constant(first)
            known = None if numbers is None else not numbers[0]
        elif rest and rest[0] is NOTHING:
            sure = isinstance(first, Module | list) or (
                isinstance(first, str) and first not in self.maybe
            )
            known = True if first is NOTHING else False if sure else None
            known = known if known is None or op == "__is__" else not known
        return None if known is None else self.number((float(known),))

    def constant(self, value: Value) -> Numbers | None:
        """Numbers of a value that is written in the code."""
        if isinstance(value, str) and value.startswith("="):
            return self.graph.constants.get(value)
        return None

    def number(self, numbers: Numbers) -> str:
        """A name for constants."""
        name = "=" + ",".join(map(str, numbers))
        self.graph.constants[name] = numbers
        self.graph.stored.add(name)
        return name

    def stored(self, name: str) -> str:
        """A name for what the archive holds."""
        self.graph.stored.add(name)
        return name

    def operator(self, parts: list[str], given: list[Value], named: dict[str, Value]) -> Value:
        """What a call of an operator gives."""
        name = parts[-1]
        op = name if name.startswith("__") else name.rstrip("_")
        answer = self.asked(op, given) if op in _ASKED and given else None
        if op in _FILLING and given and isinstance(given[0], list):
            given[0].extend(given[1:])
            answer = given[0]
        if answer is not None:
            return answer
        names = [n for value in [*given, *named.values()] for n in names_of(value)]
        if UNMADE in names and op not in SIZES:
            self.oddities.append(f"{name[:60]} is given what was never made")
        same = op in _SAME or (op in _VIEWS and names and names[0] in self.graph.stored)
        if name.endswith("_") and op != name and names:
            self._changed(op, names[0])
        if (
            same
            or op in SIZES
            or op in _CIRCUMSTANCES
            or (parts[:2] == ["ops", "prim"] and op not in _PLAIN)
        ):
            return next(iter(names), None) if same else self._size(op, given)
        if op in _CUTTING and self.tainted.intersection(
            name for value in [*given[1:], *named.values()] for name in names_of(value)
        ):
            self.oddities.append(f"{op} cuts or turns by values of the input")
        beside = [n for value in given for n in names_of(value) if n in self.circumstances]
        if self.own and beside and op in _RECKONING and self.tainted.intersection(names):
            self.oddities.append("an answer is reckoned from where or how it runs")
        if not self.tainted.intersection(names) and beside:
            return self.asked_for()
        if not self.tainted.intersection(names):
            return self._quiet(names, bool(self.rows.intersection(names)))
        return self._node(op, given, named, names)

    def _size(self, op: str, given: list[Value]) -> Value:
        """The number of rows is marked, and where or how it runs; other sizes say nothing."""
        if op in _CIRCUMSTANCES:
            return self.asked_for()
        if op == "len" and self.tainted.intersection(names_of(given[:1])):
            return self._quiet([], True)
        if op != "size" or not self.tainted.intersection(names_of(given[:1])):
            return None
        place = self.graph.constants.get(next(names_of(given[1:2]), ""), ())
        return self._quiet([], place == (0.0,))

    def asked_for(self) -> str:
        """A value that tells where or how the program runs."""
        name = f"c{len(self.circumstances)}c"
        self.graph.stored.add(name)
        self.circumstances.add(name)
        return name

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
        if stored and name.rpartition(".")[2] not in STATE:
            self.oddities.append(f"{op}_ changes the stored {name[:80]} while it runs")
        if name in self.graph.inputs and op in _OVERWRITING:
            self.oddities.append(f"{op}_ overwrites the input")

    def _node(
        self, op: str, given: list[Value], named: dict[str, Value], names: list[str]
    ) -> Value:
        kind, numbers, inputs = KINDS.get(op, "Identity"), dict[str, Numbers](), names
        second = self.graph.constants.get(next(names_of(given[1:2]), ""), ())
        if kind in ("Stack", "Unsqueeze"):
            inputs = [name for name in names if not name.startswith("=")]
            numbers = {"axis": second or (0.0,) * (kind == "Stack")}
        if kind in ("ReduceMean", *AXES):
            inputs = names[:1]
            axes = tuple(a for n in names_of(given[1:2]) for a in self.graph.constants.get(n, ()))
            numbers = {"axes": axes or (-9.0,), "axis": axes or (-9.0,)}
            inputs = [names[0], self.number(axes)] if kind == "CumSum" and axes else inputs
        if kind == "Turn":  # roll(x, by, axes), rot90(x, by, axes), flip(x, axes)
            place = given[1:2] if op == "flip" else [*given[2:3], *named.values()]
            chosen = [n for value in place for n in names_of(value)]
            axes = tuple(a for n in chosen for a in self.graph.constants.get(n, ()))
            inputs, numbers = names[:1], {"axes": axes}
        if op.endswith(("layer_norm", "rms_norm")):
            shape = [self.graph.constants.get(n, (9.0,)) for n in names_of(given[1:2])]
            numbers = {"width": (prod(n for told in shape for n in told),)}
        elif kind == "LayerNormalization":
            numbers = {"width": (9.0,)}
        if op == "batch_norm":  # input, weight, bias, mean, variance, training, momentum, epsilon
            known = self.graph.constants.get(next(names_of(given[7:8]), ""), ())
            kind, numbers = "BatchNormalization", {"epsilon": known or (1e-5,), "scaled": (0.0,)}
        if kind == "Dropout":
            mode = [n for n in names_of(given[2:3]) if n.startswith("=")] if any(second) else []
            inputs = [names[0], "", *mode][: 3 if mode else 1]
        if op in ("to", "long", "int"):
            told = [*second, *self.graph.constants.get(next(names_of(named.get("dtype")), ""), ())]
            kind, inputs = ("Cast" if told and told[0] in _WHOLE else "Identity"), names[:1]
            numbers = {"to": (7.0,)}
        if op == "masked_fill":
            kind, inputs = "Where", [*names_of(given[1:2]), *names_of(given[:1])]
        if op in PLACES:
            at = PLACES[op]
            kind, inputs = "Gather", [*names_of(given[:1]), *names_of(given[at : at + 1])]
        return self.made(kind, inputs, numbers)

    def made(self, kind: str, inputs: list[str], numbers: dict[str, Numbers] | None = None) -> str:
        """A new value that one node gives."""
        name = f"v{len(self.graph.nodes)}"
        if len(self.graph.nodes) >= NODES:
            raise OutOfBudget(f"the program has more than {NODES} operators")
        self.graph.nodes.append(Node(kind, tuple(inputs), (name,), numbers or {}))
        if self.tainted.intersection(inputs):
            self.tainted.add(name)
        if self.rows.intersection(inputs):
            self.rows.add(name)
        return name
