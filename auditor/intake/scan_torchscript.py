"""TorchScript archives: the program's text is parsed, never run.

Purpose: every call must be a method of the model itself or an operator that cannot reach outside
it. Operators are judged by their own schema: one that takes a text could name a file, so it is
allowed only if it is in the short list of those whose text is a mode (``gelu``, ``einsum``).
Limits: what the lines do with the input is `inert.script_flow`.
"""

from __future__ import annotations

import ast
import re
from math import prod
from typing import Any

from auditor.core.errors import DeliveryError
from auditor.intake.operators import RANDOM, aten_names, takes_text
from auditor.intake.report import ScanReport
from auditor.intake.script_lines import dotted, line_of, not_printed, unseen
from auditor.intake.words import words
from auditor.intake.zips import Archive

SCRIPT_NAMES = frozenset(("device", "strided", "contiguous_format", "jit", "Tensor"))
NAMESPACES = frozenset(("aten", "prim", "quantized"))
ROOTS = frozenset(("torch", "ops", "__torch__", "prim", "aten"))
HARMLESS = frozenset(("__init__", "__len__", "__contains__", "__iter__", "__getitem__"))
SOURCE = 1 << 20
PRIMS = words(
    """NumToTensor RaiseException data device dtype is_cuda layout max min abs unchecked_cast
    unchecked_unwrap_optional shape requires_grad grad name itemsize isinstance rangelist type
    is_nested is_cpu is_xla is_xpu is_mps is_meta is_sparse
    is_sparse_csr is_quantized is_mkldnn is_ipu
    is_maia is_vulkan is_mtia retains_grad is_leaf ndim nbytes tolist IfThenElse CreateObject
    unwrap_optional Print AutogradZero BroadcastSizes profile"""
)
BUILTINS = words(
    """annotate int float bool complex str range len isinstance unchecked_cast uninitialized
    unwrap_optional unchecked_unwrap_optional list dict tuple min max print getattr hasattr
    torch_jit_enum device dtype"""
)

UNCHECKED = frozenset(("unchecked_cast", "uninitialized"))
UNWRITTEN = words(
    """empty empty_like empty_strided new_empty new_empty_strided empty_permuted resize_ resize_as_
    set_ as_strided as_strided_ as_strided_scatter _resize_output_ resize sleep"""
)
"""Operators that show memory which nobody wrote, or change what a tensor lies in."""
PYTHONS_OWN = words("eval exec compile open globals locals vars input breakpoint setattr delattr")
LARGEST = 1 << 28
LISTS = words("__parameters__ __buffers__ __annotations__")
"""What the body of a class sets by name."""
CONSTANT = re.compile(r"c\d+")
BRACED = re.compile(r"\{\d*\}")

_WRITTEN = (
    ast.Module, ast.ClassDef, ast.FunctionDef, ast.arguments, ast.arg, ast.Import, ast.ImportFrom,
    ast.alias, ast.Assign, ast.AnnAssign, ast.Expr, ast.Return, ast.If, ast.For, ast.While,
    ast.Pass, ast.Break, ast.Continue, ast.Call, ast.keyword, ast.Attribute, ast.Name,
    ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Subscript, ast.Slice, ast.BinOp, ast.UnaryOp,
    ast.BoolOp, ast.Compare, ast.IfExp, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
    ast.expr_context,
)  # fmt: skip
"""What the printer of TorchScript writes."""


def check_code(archive: Archive) -> ScanReport:
    """Check every line of code of the archive; its pickles are the caller's.

    Raises:
        DeliveryError: ``dangerous`` names operator, member and line; ``unsupported`` for code
            that cannot be parsed or that nobody knows.
    """
    sources = [name for name in archive.members if is_code(name)]
    if not sources:
        raise DeliveryError(f"{archive.name} holds no code.", kind="unsupported")
    oddities = [note for name in sources for note in _check_source(archive, name)]
    return ScanReport(suspicious=len(oddities), notes=tuple(oddities[:10]))


def _plain_format(args: list[ast.expr]) -> bool:
    """Whether a text of a message has places to fill, and no more than that in braces."""
    match args:
        case [ast.Constant(value=str(text)), *_]:
            return "{" not in BRACED.sub("", text)
    return True


def is_code(name: str) -> bool:
    """True for a member that holds TorchScript's own text."""
    return "/code/" in f"/{name}" and name.endswith(".py")


def parsed(archive: Archive) -> dict[str, ast.Module]:
    """Every file of code that was checked, by the dotted name of its module."""
    return {
        name.partition("/code/")[2].removesuffix(".py").replace("/", "."): ast.parse(
            archive.read(name, SOURCE).decode()
        )
        for name in archive.members if is_code(name)
    }  # fmt: skip


def _check_source(archive: Archive, member: str) -> list[str]:
    try:
        archive.budget.check()
        text = archive.read(member, SOURCE).decode()
        tree = ast.parse(text)
        visitor = _Visitor(member)
        visitor.oddities += [f"{member} holds {what}." for what in not_printed(text)]
        visitor.visit(tree)
        visitor.top(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise DeliveryError(
            f"The code in {member} cannot be parsed: {error!s:.80}.",
            "Ask for ONNX or safetensors.",
            "unsupported",
        ) from error
    return visitor.oddities


class _Visitor(ast.NodeVisitor):
    """Walks one source file; raises at the first forbidden thing."""

    def __init__(self, member: str) -> None:
        self.member = member
        self.oddities: list[str] = []
        self.unseen: set[int] = set()
        self.aliases: set[str] = set()
        self.tensors: set[str] = set()

    def visit(self, node: ast.AST) -> Any:
        """Python that TorchScript never writes is not looked into."""
        if not isinstance(node, _WRITTEN):
            self._unknown(f"a Python {type(node).__name__}", node)
        return super().visit(node)

    def top(self, tree: ast.Module) -> None:
        """A file of TorchScript holds classes and functions, nothing else."""
        known = (ast.ClassDef, ast.FunctionDef, ast.Import, ast.ImportFrom)
        named = [
            line.name for line in tree.body if isinstance(line, ast.ClassDef | ast.FunctionDef)
        ]
        if len({*named}) != len(named):
            self.oddities.append(f"{self.member} defines a name twice.")
        for line in tree.body:
            if not isinstance(line, known):
                self.oddities.append(f"{self.member} line {line.lineno} is outside any class.")

    def visit_Name(self, node: ast.Name) -> None:
        """Remember local names; what they stand for is visited where it is assigned."""
        if isinstance(node.ctx, ast.Store):
            self.aliases.add(node.id)
        elif node.id in ROOTS:
            self._refuse(f"hands {node.id} on without saying which operator it means", node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Functions that run while the file is loaded are refused."""
        self.tensors = {
            each.arg for each in node.args.args
            if isinstance(each.annotation, ast.Name) and each.annotation.id == "Tensor"
        }  # fmt: skip
        self.unseen = set(unseen(node))
        for call in ast.walk(node):
            own = isinstance(call, ast.Call) and dotted(call.func) == ["self", node.name]
            if own:
                self.oddities.append(f"{self.member} line {line_of(call)} calls itself.")
        for each in node.decorator_list:
            self.visit(each)
            self._unknown("a decorator", node)
        if node.name.startswith("__") and node.name not in HARMLESS:
            self._refuse(f"defines {node.name}, which runs while the file is loaded", node)
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """A class lists parameters, buffers and types; no hooks, no properties."""
        for line in node.body:
            match line:
                case ast.Assign(targets=[ast.Name(id=name)]) if name not in LISTS:
                    self.oddities.append(f"{self.member} line {line.lineno} sets {name[:60]}.")
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        """TorchScript has no imports other than torch's own header."""
        if any(alias.name != "torch" for alias in node.names):
            self._refuse("imports a module", node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """The header ``from torch import Tensor`` and its like."""
        if node.module not in ("torch", "__future__", "typing"):
            self._refuse(f"imports {node.module}", node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Every dotted name, called or not, is looked at whole."""
        parts = dotted(node)
        if parts is None:
            self.generic_visit(node)
        elif parts[0] == "torch":
            self._operator(parts, node)
        elif parts[0] == "ops":
            self._namespaced(parts, node)
        elif parts[0] == "CONSTANTS" and not CONSTANT.fullmatch(".".join(parts[1:])):
            self._unknown(".".join(parts), node)
        elif parts[0] == "__torch__" and parts[1:3] == ["torch", "classes"]:
            self._refuse(f"uses the custom class {'.'.join(parts)}", node)

    def visit_Call(self, node: ast.Call) -> None:
        """Bare names may only be TorchScript's own, or aliases of what was looked at before."""
        known = BUILTINS | self.aliases
        if not isinstance(node.func, ast.Name | ast.Attribute):
            self._unknown("a call of something that has no name", node)
        looks_up = isinstance(node.func, ast.Name) and node.func.id in ("getattr", "hasattr")
        if looks_up and not self._own_part(node.args):
            self._unknown("getattr of something else than self", node)
        if isinstance(node.func, ast.Name) and node.func.id not in known:
            self._unknown(node.func.id, node)
        if isinstance(node.func, ast.Name) and node.func.id in UNCHECKED:
            self._unchecked(node, node.func.id)
        if isinstance(node.func, ast.Name) and node.func.id == "print":
            self.oddities.append(f"{self.member} line {node.lineno} prints.")
        if dotted(node.func) == ["torch", "format"] and not _plain_format(node.args):
            self._unknown("a format that looks into what it is given", node)
        self.generic_visit(node)

    def _own_part(self, args: list[ast.expr]) -> bool:
        """True for a part of ``self``, and for a numbered one of a list of modules."""
        match args:
            case [ast.Name(id="self"), *_]:
                return True
            case [ast.Name(id=owner), ast.Constant(value=str(part))]:
                return owner in self.aliases and part.isdecimal()
        return False

    def visit_While(self, node: ast.While) -> None:
        """A loop that runs as long as its data say."""
        self.oddities.append(f"{self.member} line {node.lineno} loops without a bound.")
        self.generic_visit(node)

    def visit_List(self, node: ast.List) -> None:
        """Sizes of a tensor, written out."""
        written = [n.value for n in node.elts if isinstance(n, ast.Constant)]
        sizes = [size for size in written if isinstance(size, int) and size > 0]
        if prod(sizes) > LARGEST:
            self.oddities.append(f"{self.member} line {node.lineno} asks for absurd sizes.")
        self.generic_visit(node)

    def _unchecked(self, node: ast.Call, name: str) -> None:
        """Values taken for another type than they have, or never made."""
        kind, *rest = node.args or [node]
        other = not (isinstance(kind, ast.Name) and kind.id == "Tensor")
        tensor = any(isinstance(value, ast.Name) and value.id in self.tensors for value in rest)
        never_made = name == "uninitialized" and node.lineno not in self.unseen
        if never_made or (other and tensor):
            self.oddities.append(f"{self.member} line {node.lineno} calls {name}.")

    def _namespaced(self, parts: list[str], node: ast.AST) -> None:
        name = ".".join(parts)
        if len(parts) < 3 or parts[1] not in NAMESPACES:
            self._refuse(f"uses the custom operator {name}", node)
        elif parts[1] == "prim" and parts[2] not in PRIMS:
            self._unknown(name, node)
        elif parts[1] == "quantized":
            self.oddities.append(f"{self.member} line {line_of(node)} calls {name}.")
        elif parts[1] == "aten":
            self._operator(["torch", *parts[2:]], node)

    def _operator(self, parts: list[str], node: ast.AST) -> None:
        name, written = parts[-1], ".".join(parts)
        if takes_text(name):
            self._refuse(f"calls {written}, which can reach files or other text", node)
        if name not in SCRIPT_NAMES | aten_names():
            self._unknown(written, node)
        if RANDOM.search(name) or name in UNWRITTEN:
            self.oddities.append(f"{self.member} line {line_of(node)} calls {written}.")

    def _refuse(self, what: str, node: ast.AST) -> None:
        raise DeliveryError(
            f"The code in {self.member} {what} (line {line_of(node)}).",
            "It was not executed. Ask for ONNX or safetensors.",
            "dangerous",
        )

    def _unknown(self, name: str, node: ast.AST) -> None:
        if name.rsplit(".", maxsplit=1)[-1] in PYTHONS_OWN or "__" in name:
            self._refuse(f"reaches for {name[:80]}, inside Python", node)
        raise DeliveryError(
            f"The code in {self.member} uses {name[:80]} (line {line_of(node)}), "
            "which is not known.",
            "Ask for ONNX or safetensors.",
            "unsupported",
        )
