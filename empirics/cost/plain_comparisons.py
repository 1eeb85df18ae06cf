"""Comparisons of plain numbers in the user's code: what sizes become after int(), range(), len() or the math module.

While a run is watched, every line of the user's code is looked at before it runs. Where its source has a comparison or a truth test,
the operands are read by a small interpreter that follows names, attributes, items, arithmetic and a few pure functions and
nothing else, so reading has no effect of its own. Two plain numbers are noted in the log; `empirics.cost.sizes` notes the rest itself.
"""

from __future__ import annotations

import ast
import bisect
import functools
import inspect
import linecache
import math
import operator
import sys
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FrameType
from typing import Any

import torch
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode

from empirics.cost.calls import fresh, handled
from empirics.cost.comparisons import Log, kind_of_file
from empirics.cost.rules import plan
from empirics.cost.sizes import Number, Size, logging_to, tree_of

__all__ = ["watching"]

RELATIONS: dict[type, tuple[str, Callable[[Any, Any], bool]]] = {
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
}
ARITHMETIC: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.BitAnd: operator.and_,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
FUNCTIONS = {len, int, float, abs, min, max, round, sum, divmod}
FUNCTIONS |= {
    getattr(math, f) for f in ("sqrt", "log2", "log", "log10", "ceil", "floor", "prod", "isqrt", "exp", "gcd")
}
METHODS = {"size", "dim", "numel", "nelement", "stride", "bit_length"}
HOLDERS = (tuple, list, dict, range, torch.Size)


class Unreadable(Exception):
    """An operand that cannot be read without running the user's code."""


class watching:
    """While open, comparisons of plain numbers in the user's code go to `log`. It takes the place of any trace function
    (a debugger's, a coverage tool's) and puts it back afterwards."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._traces: dict[int, tuple[CodeType, _Lines | None]] = {}  # equal code of two files is two functions
        self._unwatched = _Unwatched()

    def __enter__(self) -> watching:
        self.before = sys.gettrace()
        self._unwatched.__enter__()
        sys.settrace(self._entered)
        return self

    def __exit__(self, *raised: Any) -> None:
        sys.settrace(self.before)
        self._unwatched.__exit__(*raised)

    def _entered(self, frame: FrameType, event: str, arg: Any) -> Any:
        code = frame.f_code
        if id(code) not in self._traces:
            tests = _tests_in(code)
            self._traces[id(code)] = code, _Lines(self.log, tests) if tests else None
        return self._traces[id(code)][1]


class _Unwatched(TorchDispatchMode):
    """Torch's own operations run untraced and fast: none of their lines is the user's."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        return False  # nothing is compiled; asking would load the compiler

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not isinstance(func, OpOverload) or func.namespace != "aten" or handled(types):
            return func(*args, **(kwargs or {}))
        trace = sys.gettrace()
        sys.settrace(None)
        try:
            with torch._C.DisableTorchFunction():
                return (fresh if plan(func).pure else _call)(func, args, kwargs or {})
        finally:
            sys.settrace(trace)


def _call(func: Any, args: Any, kwargs: Any) -> Any:
    return func(*args, **kwargs)


class _Lines:
    """The trace function within one file: called before every line."""

    def __init__(self, log: Log, tests: Mapping[int, list[Test]]) -> None:
        self.log, self.tests = log, tests

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line" and frame.f_lineno in self.tests:
            with logging_to(None):
                for test in self.tests[frame.f_lineno]:
                    self._note(frame, *test)
        return self

    def _note(self, frame: FrameType, k: int, text: str, left: ast.expr, relation: type, right: ast.expr) -> None:
        try:
            a, b = (_Reader(frame).read(side) for side in (left, right))
            if not (_is_plain(a) and _is_plain(b)):
                return
            trees = [tree_of(_Reader(frame, leaves=True).read(side)) for side in (left, right)]
        except Exception:  # what the program itself will meet there, if it gets so far
            return
        name, holds = RELATIONS[relation]
        self.log.note(frame.f_code, frame.f_lineno, -1 - k, (a, trees[0]), name, (b, trees[1]), bool(holds(a, b)), text)


Test = tuple[int, str, ast.expr, type, ast.expr]
"""Number in its block, text, left, relation, right."""


def _is_plain(x: Any) -> bool:
    return isinstance(x, (int, float)) and not isinstance(x, (bool, Size, Number))


@functools.lru_cache(maxsize=256)
def _blocks(file: str) -> list[int]:
    """The lines at which a file's outermost functions and classes begin: torch's files are long, and few of their functions run."""
    lines = linecache.getlines(file)
    starts = [k for k, line in enumerate(lines, 1) if line.startswith(("def ", "class ", "async def ", "@"))]
    return [1, *(k for k in starts if k > 1 and not lines[k - 2].startswith("@")), len(lines) + 1]


@functools.lru_cache(maxsize=4096)
def _tests(file: str, start: int, end: int) -> dict[int, list[Test]]:
    """The comparisons and truth tests in these lines of a file, the last one left out, by line; none where the source cannot be had."""
    lines = linecache.getlines(file)
    try:
        tree = ast.parse("".join(lines[start - 1 : end - 1]))
    except SyntaxError:  # no block after all: a text may look like the beginning of one
        return _tests(file, 1, len(lines) + 1) if end - start < len(lines) else {}
    found: dict[int, list[Test]] = {}
    for k, (left, relation, right, whole) in enumerate(_decisions(tree)):
        found.setdefault(left.lineno + start - 1, []).append((k, ast.unparse(whole), left, relation, right))
    return found


def _tests_in(code: CodeType) -> Mapping[int, list[Test]]:
    """Those in a function of the user's; none in a module that is being imported."""
    if code.co_name == "<module>" or kind_of_file(code.co_filename) != "user":
        return {}
    blocks = _blocks(code.co_filename)
    k = max(1, bisect.bisect_right(blocks, code.co_firstlineno))
    if k >= len(blocks):
        return {}
    tests = _tests(code.co_filename, *blocks[k - 1 : k + 1])
    return {line: tests[line] for _, _, line in code.co_lines() if line in tests}


def _decisions(tree: ast.AST) -> Iterator[tuple[ast.expr, type, ast.expr, ast.expr]]:
    zero = ast.Constant(0)
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for left, relation, right in zip(sides, node.ops, sides[1:], strict=False):
                if type(relation) in RELATIONS:
                    yield left, type(relation), right, node
        tested: list[ast.expr] = []
        if isinstance(node, (ast.If, ast.While, ast.IfExp, ast.Assert)):
            tested = [node.test]
        elif isinstance(node, ast.BoolOp):
            tested = node.values
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            tested = [node.operand]
        elif isinstance(node, ast.comprehension):
            tested = node.ifs
        for test in tested:
            if not isinstance(test, (ast.Compare, ast.BoolOp, ast.Constant)) and not _is_not(test):
                yield test, ast.NotEq, zero, test


def _is_not(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


class _Reader:
    """Values of expressions in a frame, without effects; Unreadable where that cannot be promised.

    With `leaves`, plain numbers that were read become Size or Number, so that the tree of the result tells how they were combined.
    """

    def __init__(self, frame: FrameType, *, leaves: bool = False) -> None:
        self.frame, self.leaves = frame, leaves

    def read(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
                return ARITHMETIC[type(op)](_number(self.read(left)), _number(self.read(right)))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in ARITHMETIC:
                return ARITHMETIC[type(op)](_number(self.read(operand)))
        value = self._stored(node)
        if self.leaves and _is_plain(value):
            return Size(value) if isinstance(value, int) else Number(value)
        return value

    def _stored(self, node: ast.expr) -> Any:
        match node:
            case ast.Name(id=name):
                for scope in (self.frame.f_locals, self.frame.f_globals, self.frame.f_builtins):
                    if name in scope:
                        return scope[name]
            case ast.Attribute(value=inner, attr=name):
                return _attribute(self.read(inner), name)
            case ast.Subscript(value=inner, slice=index) if not isinstance(index, ast.Slice):
                holder = self.read(inner)
                if type(holder) in HOLDERS:
                    return holder[self.read(index)]
            case ast.Call(func=func, args=args, keywords=[]):
                return self._called(func, [self.read(a) for a in args])
        raise Unreadable

    def _called(self, func: ast.expr, args: list[Any]) -> Any:
        if isinstance(func, ast.Attribute) and func.attr in METHODS:
            holder = self.read(func.value)
            if isinstance(holder, (torch.Tensor, torch.Size, int)):
                return getattr(holder, func.attr)(*args)
            raise Unreadable
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            function = getattr(math, func.attr, None) if self.read(func.value) is math else None
        else:
            function = self.read(func)
        if (
            callable(function)
            and function in FUNCTIONS
            and all(isinstance(a, (int, float, torch.Tensor, *HOLDERS)) for a in args)
        ):
            return function(*args)
        raise Unreadable


def _attribute(holder: Any, name: str) -> Any:
    """An attribute that is stored, a module's parameter, buffer or child, or a tensor's shape; never a property's value."""
    if isinstance(holder, torch.Tensor):
        if name in ("shape", "ndim"):
            return getattr(holder, name)
        raise Unreadable
    stored = getattr(holder, "__dict__", {})
    for scope in (stored, *(stored.get(part, {}) for part in ("_parameters", "_buffers", "_modules"))):
        if name in scope:
            return scope[name]
    found = inspect.getattr_static(holder, name)
    if hasattr(type(found), "__get__"):
        raise Unreadable
    return found


def _number(x: Any) -> Any:
    if isinstance(x, (int, float)):
        return x
    raise Unreadable
