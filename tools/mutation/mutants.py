"""What is changed: one small defect at a time, in the body of one function.

Messages for developers, docstrings, annotations, log lines and what runs at import are left
alone: no test of behaviour could tell the difference.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any, Final, NamedTuple

__all__ = ["Module", "Mutant", "Place", "Verdict"]

_COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_NOT_CODE: Final = frozenset({"annotation", "returns", "decorator_list", "type_params"})
_LOGS: Final = frozenset({"log", "logger"})
_LONGEST: Final = 70

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Place(NamedTuple):
    """A function: the file, its qualified name, and the line on which its code begins."""

    path: str
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a node hangs: below a parent, in a field, at an index if the field is a list."""

    parent: Any
    field: str
    index: int | None
    node: ast.AST

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


@dataclass(frozen=True, slots=True)
class Mutant:
    """One defect in one function; `number` tells it from the others of its module."""

    module: Module
    number: int
    place: Place
    slot: Slot
    changed: ast.AST

    def code(self) -> CodeType | None:
        """Return what the function becomes, None if it cannot be compiled."""
        self.slot.put(self.changed)
        try:
            whole = compile(self.module.tree, self.place.path, "exec")
        except (SyntaxError, ValueError):
            return None
        finally:
            self.slot.put(self.slot.node)
        return _code_at(whole, self.place)

    @property
    def line(self) -> int:
        return getattr(self.slot.node, "lineno", self.place.line)

    @property
    def label(self) -> str:
        """Say what was changed into what, on one line."""
        before, after = _shown(self.slot.node), _shown(self.changed)
        return f"{self.module.name}:{self.line} {self.place.name}: {before} → {after}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: "killed", "survived", "untested" or "not built"."""

    mutant: Mutant
    fate: str


class Module:
    """A file with its tree and all its mutants, in the order of their functions."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.mutants = tuple(self._mutants(str(path)))

    def _mutants(self, path: str) -> Iterator[Mutant]:
        number = 0
        for function, name in _functions(self.tree, ""):
            first = function.decorator_list[0] if function.decorator_list else function
            place = Place(path, name, first.lineno)
            for index, statement in enumerate(function.body):
                for slot in _slots(Slot(function, "body", index, statement)):
                    for changed in _changes(slot.node):
                        ast.copy_location(changed, slot.node)
                        whole = ast.fix_missing_locations(changed)
                        yield Mutant(self, (number := number + 1), place, slot, whole)


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[_Function, str]]:
    """Yield the functions of a module and the methods of its classes, not those inside others."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Function):
            yield child, prefix + child.name
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")


def _slots(slot: Slot) -> Iterator[Slot]:
    """Yield the slot and all below it where a change could be seen."""
    if _is_silent(slot):
        return
    yield slot
    for field, value in ast.iter_fields(slot.node):
        if field in _NOT_CODE:
            continue
        if isinstance(value, ast.AST):
            yield from _slots(Slot(slot.node, field, None, value))
        elif isinstance(value, list):
            for index, child in enumerate(value):
                if isinstance(child, ast.AST):
                    yield from _slots(Slot(slot.node, field, index, child))


def _is_silent(slot: Slot) -> bool:
    """Tell whether nothing here can be seen: docstring, text of an error, line of a log."""
    match slot.node:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
            return name in _LOGS
        case ast.JoinedStr() | ast.Constant(value=str()):
            return _is_message(slot)
    return False


def _is_message(slot: Slot) -> bool:
    if isinstance(slot.parent, ast.JoinedStr):
        return True
    match slot.parent:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            place = 1 if name == "FieldViolation" else 0 if name.endswith("Error") else None
            return slot.field == "args" and slot.index == place
    return False


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare():
            yield from _comparisons(node)
        case ast.BoolOp(op=op):
            yield _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield copy.copy(operand)
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _OPERATORS:
            yield _with(node, op=_OPERATORS[type(op)]())
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.comprehension(ifs=[_, *_]):
            yield _with(node, ifs=[])
        case ast.Constant():
            yield from _constants(node)
        case _:
            yield from _statements(node)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case (
            ast.Return(value=ast.expr() as value)
            | ast.Assign(value=value)
            | ast.AnnAssign(value=ast.expr() as value)
            | ast.keyword(arg=str(), value=value)
        ) if not isinstance(value, ast.Constant):
            yield _with(node, value=ast.Constant(None))
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.Raise():
            yield ast.Pass()
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()


def _comparisons(node: ast.Compare) -> Iterator[ast.AST]:
    for place, op in enumerate(node.ops):
        swapped = _COMPARISONS[type(op)]()
        yield _with(node, ops=[*node.ops[:place], swapped, *node.ops[place + 1 :]])


def _constants(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield _with(node, value=not value)
    elif isinstance(value, int):
        yield _with(node, value=value + 1)
    elif isinstance(value, str):
        yield _with(node, value=f"{value}~")


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _code_at(code: CodeType, place: Place) -> CodeType | None:
    if (code.co_qualname, code.co_firstlineno) == (place.name, place.line):
        return code
    inner = (const for const in code.co_consts if isinstance(const, CodeType))
    return next((found for each in inner if (found := _code_at(each, place)) is not None), None)


def _shown(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.While):  # its body stays as it is
        return f"if {_shown(node.test)}"
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
