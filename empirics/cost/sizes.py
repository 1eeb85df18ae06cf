"""Sizes that remember how they were made and log what they are compared with.

A size is an int and a number here a float, so layers, Python and torch take them for plain numbers. A size made from size symbols
carries its expression as a light tree; one read off a tensor, which keeps numbers only, is a leaf of unknown origin in it. Every
comparison and truth test is noted, while a log is open, at the line that made it: a layer whose cost changes at a threshold has
to compare, and so tells where. So is every size that is written as text, since text can be compared unseen.

A plain number comes out of int(), float(), the math module, range() and the like; `empirics.cost.plain_comparisons` watches those.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Iterator
from typing import Any

from empirics.cost.comparisons import Log, place
from empirics.cost.trees import Tree, Unknown

__all__ = ["Number", "Size", "extreme", "logging_to", "symbol_at", "tree_of"]

LARGEST_DEPTH = 40
"""Of trees: beyond it, as in sums built up by a loop, a size forgets its expression and keeps its value."""

_log: Log | None = None


class logging_to:
    """While this context is open comparisons go to `log`; None silences them. Contexts nest; the log before is restored."""

    def __init__(self, log: Log | None) -> None:
        self.log = log

    def __enter__(self) -> Log | None:
        global _log
        self.before, _log = _log, self.log
        return self.log

    def __exit__(self, *raised: Any) -> None:
        global _log
        _log = self.before


class Size(int):
    """An int with the tree of its expression; a leaf of unknown origin until it is given one."""

    tree: Tree = None
    depth = 0
    __hash__ = int.__hash__

    def __bool__(self) -> bool:
        result = int.__ne__(self, 0)
        if _log is not None:
            _note(self, "!=", 0, result)
        return result

    def bit_length(self) -> int:
        return _made("bits", int.bit_length(self), self)


class Number(float):
    """A float with the tree of its expression: N / C, N ** 0.5, 0.1 * N."""

    tree: Tree = None
    depth = 0
    __hash__ = float.__hash__

    def __bool__(self) -> bool:
        result = float.__ne__(self, 0)
        if _log is not None:
            _note(self, "!=", 0, result)
        return result


_KNOWN = (Size, Number)


def symbol_at(name: str, value: int) -> Size:
    """The size symbol of this name at a value."""
    made = Size(value)
    made.tree = name
    return made


def tree_of(x: Any) -> Tree:
    """The tree of a number: its own; the number itself if it is plain, a constant as far as one can tell."""
    if type(x) not in _KNOWN:
        return x
    return Unknown((_plain(x),)) if x.tree is None else x.tree


def _made(sign: str, value: Any, *operands: Any) -> Any:
    """`value` as a Size or a Number with the tree (sign, *operands), or a leaf where that would be too deep."""
    if type(value) is int:
        made: Any = Size(value)
    elif type(value) is float:
        made = Number(value)
    else:
        return value
    depth = 0
    for x in operands:
        if type(x) in _KNOWN and x.depth >= depth:
            depth = x.depth + 1
    if depth < LARGEST_DEPTH:
        made.tree, made.depth = (sign, *map(tree_of, operands)), depth
    return made


def _note(left: Any, relation: str, right: Any, result: bool) -> None:
    where = place(sys._getframe(2))
    if where is not None and _log is not None:
        _log.note(*where, (_plain(left), tree_of(left)), relation, (_plain(right), tree_of(right)), result)


def _plain(x: Any) -> Any:
    """The number without its tree, so that arithmetic on it is Python's own; None for what is no real number."""
    if isinstance(x, int):
        return int.__int__(x)
    if isinstance(x, float):
        return float.__float__(x)
    return x.item() if type(x).__module__ == "numpy" and not getattr(x, "ndim", 1) else None


def _binary(sign: str, of: Callable[[Any, Any], Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def forward(self: Any, other: Any, *modulus: Any) -> Any:
        plain = other if type(other) is int else _plain(other)
        if plain is None:
            return NotImplemented
        if modulus:
            return pow(_plain(self), plain, *modulus)
        return _made(sign, of(_plain(self), plain), self, other)

    def reflected(self: Any, other: Any, *modulus: Any) -> Any:
        plain = other if type(other) is int else _plain(other)
        if plain is None:
            return NotImplemented
        return _made(sign, of(plain, _plain(self)), other, self)

    return forward, reflected


def _comparison(relation: str, of: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
    def compared(self: Any, other: Any) -> Any:
        plain = _plain(other)
        if plain is None:
            return NotImplemented
        result = of(_plain(self), plain)
        if _log is not None:
            _note(self, relation, other, result)
        return result

    return compared


def _divmod(self: Any, other: Any) -> Any:
    return (self // other, self % other) if _plain(other) is not None else NotImplemented


def _rdivmod(self: Any, other: Any) -> Any:
    return (other // self, other % self) if _plain(other) is not None else NotImplemented


def _round(self: Any, digits: Any = None) -> Any:
    if isinstance(self, int) and digits is None:
        return self
    return _made("", round(_plain(self), digits), self)


def _written(write: Callable[..., str]) -> Callable[..., str]:
    def written(self: Any, *format_: Any) -> str:
        where = None if _log is None else place(sys._getframe(1))
        if where is not None and _log is not None:
            _log.note_text(*where)
        return write(_plain(self), *format_)

    return written


def _operators() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The methods that both classes have."""
    arithmetic = {
        "add": ("+", operator.add),
        "sub": ("-", operator.sub),
        "mul": ("*", operator.mul),
        "truediv": ("/", operator.truediv),
        "floordiv": ("//", operator.floordiv),
        "mod": ("%", operator.mod),
        "pow": ("**", operator.pow),
    }
    for name, (sign, of) in arithmetic.items():
        forward, reflected = _binary(sign, of)
        yield f"__{name}__", forward
        yield f"__r{name}__", reflected
    relations = {
        "lt": ("<", operator.lt),
        "le": ("<=", operator.le),
        "gt": (">", operator.gt),
        "ge": (">=", operator.ge),
        "eq": ("==", operator.eq),
        "ne": ("!=", operator.ne),
    }
    for name, (relation, compare) in relations.items():
        yield f"__{name}__", _comparison(relation, compare)
    yield "__neg__", lambda self: _made("neg", -_plain(self), self)
    yield "__pos__", lambda self: self
    yield "__abs__", lambda self: _made("abs", abs(_plain(self)), self)
    yield "__ceil__", lambda self: self if isinstance(self, int) else _made("ceil", math.ceil(_plain(self)), self)
    yield "__floor__", lambda self: self if isinstance(self, int) else _made("floor", math.floor(_plain(self)), self)
    yield "__divmod__", _divmod
    yield "__rdivmod__", _rdivmod
    yield "__round__", _round
    for name, write in (("str", str), ("repr", repr), ("format", format)):
        yield f"__{name}__", _written(write)


for _name, _method in _operators():
    setattr(Size, _name, _method)
    setattr(Number, _name, _method)

for _name, _sign, _of in (
    ("lshift", "<<", operator.lshift),
    ("rshift", ">>", operator.rshift),
    ("and", "", operator.and_),
    ("or", "", operator.or_),
    ("xor", "", operator.xor),
):
    _forward, _reflected = _binary(_sign, _of)
    setattr(Size, f"__{_name}__", _forward)
    setattr(Size, f"__r{_name}__", _reflected)


def extreme(sign: str, candidates: tuple[Any, ...], choose: Callable[..., Any]) -> Any:
    """min ("min") or max ("max") of several numbers; what `choose` picks, with the tree of the whole choice."""
    chosen = choose(candidates)
    return _made(sign, _plain(chosen), *candidates)
