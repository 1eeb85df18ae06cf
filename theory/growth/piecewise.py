"""The last integer at which a formula in one size is at most 0, exactly.

Between the sizes where an L changes its value, and within one class modulo the divisors of the floors, the formula is made of
polynomials in the quotient q, N = m q + r; a min or max is one of its operands between the integers where their difference
changes sign. A polynomial p is monotone on integers where p(q + 1) - p(q) has one sign, so its own changes of sign are found
by bisection between those of a polynomial of lower degree. Derived here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from theory.bounds import Tree
from theory.growth.checked import value
from theory.growth.trees import Unclear

__all__ = ["last_at_most_zero", "modulus", "sign_changes"]

MOST_CLASSES = 4096

Coefficients = tuple[Fraction, ...]
Piece = tuple[int, int, Coefficients]
"""A polynomial, by its coefficients from the constant one on, for the integers from the first to the second."""


def last_at_most_zero(tree: Tree, size: str, most: int) -> int:
    """The greatest N in 1..most with tree(N) <= 0, or 0. The tree is in the checker's words, and `size` the one size in it.

    Raises Unclear for division by the size, for an L of what may fall, and beyond MOST_CLASSES classes.
    """
    if most < 1:
        return 0
    classes = modulus(tree)
    starts = sorted({1, *(cut for log in _logs(tree) for cut in _steps_of(log, size, most))})
    for first, last in reversed(list(zip(starts, [*(s - 1 for s in starts[1:]), most], strict=True))):
        flat = _folded(tree, size, first)
        found = 0
        for r in range(classes):
            low, high = -((r - first) // classes), (last - r) // classes
            if low > high:
                continue
            for s, e, p in reversed(_pieces(flat, (Fraction(r), Fraction(classes)), low, high)):
                q = _last_in(p, s, e)
                if q is not None:
                    found = max(found, classes * q + r)
                    break
        if found:
            return found
    return 0


def modulus(tree: Tree) -> int:
    """A number modulo which the size decides every floor's fraction. Raises Unclear."""
    if not isinstance(tree, tuple):
        return 1
    made = math.lcm(*(modulus(part) for part in tree[1:] if isinstance(part, tuple)))
    if tree[0] == "floor":
        divisor = _constant(tree[2])
        made *= divisor.numerator
    if made > MOST_CLASSES:
        raise Unclear(f"the formula depends on a size modulo more than {MOST_CLASSES}")
    return made


def _constant(tree: Any) -> Fraction:
    try:
        return value(tree, {})[0]
    except KeyError as error:
        raise Unclear(f"growth has no rule for a comparison with a quotient by {error.args[0]}") from None


def _logs(tree: Any) -> Iterator[tuple]:
    if isinstance(tree, tuple):
        for part in tree[1:]:
            yield from _logs(part)
        if tree[0] in ("L", "up2"):
            yield tree


def _steps_of(log: tuple, size: str, most: int) -> Iterator[int]:
    """Every N in 2..most at which an L differs from that at N - 1."""
    inside = log[1]
    if not _rises(inside, size):
        raise Unclear("growth has no rule for a comparison with the L of what may fall")

    def level(n: int) -> Fraction:
        return value(("L", inside), {size: n})[0]

    n = 1
    while level(n) < level(most):
        low, high = n, most
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if level(middle) > level(n) else (middle, high)
        yield high
        n = high


def _rises(tree: Any, size: str) -> bool:
    """Whether the tree is seen not to fall as the size, from 1 on, grows."""
    if not isinstance(tree, tuple):
        return True
    name, *parts = tree
    if name == "floor":
        return _rises(parts[0], size) and _constant(parts[1]) > 0
    if name == "pow":
        return parts[1] >= 0 and _rises(parts[0], size) and value(parts[0], {size: 1})[0] >= 0
    if name == "*" and any(value(part, {size: 1})[0] < 0 for part in parts):
        return False
    return all(_rises(part, size) for part in parts)


def _folded(tree: Any, size: str, at: int) -> Any:
    """With the value at this size for every L and up2."""
    if not isinstance(tree, tuple):
        return tree
    if tree[0] in ("L", "up2"):
        return value(tree, {size: at})[0]
    return (tree[0], *(_folded(part, size, at) for part in tree[1:]))


def _pieces(tree: Any, size_in_q: Coefficients, low: int, high: int) -> list[Piece]:
    if isinstance(tree, Fraction):
        return [(low, high, (tree,))]
    if isinstance(tree, str):
        return [(low, high, size_in_q)]
    name, *parts = tree
    if name == "pow":
        exponent = parts[1]
        if exponent < 0:
            return [(low, high, (_constant(tree),))]
        if exponent.denominator > 1:
            raise Unclear("growth has no rule for a comparison with a root")
        parts, name = [parts[0]] * int(exponent) or [Fraction(1)], "*"
    made = _pieces(parts[0], size_in_q, low, high)
    if name == "floor":
        return [(s, e, _floored(p, _constant(parts[1]))) for s, e, p in made]
    if name not in ("+", "*", "min", "max"):
        raise Unclear(f"growth has no rule for a comparison with {name}")
    for part in parts[1:]:
        other = _pieces(part, size_in_q, low, high)
        made = [piece for pair in _overlaps(made, other) for piece in _joined(name, *pair)]
    return made


def _floored(p: Coefficients, divisor: Fraction) -> Coefficients:
    first, *rest = (c / divisor for c in p)
    if any(c.denominator > 1 for c in rest):
        raise Unclear("growth has no rule for a comparison with this floor")
    return (Fraction(math.floor(first)), *rest)


def _overlaps(a: Sequence[Piece], b: Sequence[Piece]) -> Iterator[tuple[int, int, Coefficients, Coefficients]]:
    for (s, e, p), (t, f, q) in itertools.product(a, b):
        if max(s, t) <= min(e, f):
            yield max(s, t), min(e, f), p, q


def _joined(name: str, low: int, high: int, p: Coefficients, q: Coefficients) -> Iterator[Piece]:
    if name == "*":
        made = [Fraction(0)] * (len(p) + len(q) - 1)
        for (i, x), (j, y) in itertools.product(enumerate(p), enumerate(q)):
            made[i + j] += x * y
        yield low, high, tuple(made)
        return
    if name == "+":
        yield low, high, _plus(p, q)
        return
    difference = _plus(p, tuple(-x for x in q))
    starts = [low, *sign_changes(difference, low, high)]
    for s, e in zip(starts, [*(x - 1 for x in starts[1:]), high], strict=True):
        yield s, e, p if (_at(difference, s) > 0) == (name == "max") else q


def _plus(p: Coefficients, q: Coefficients) -> Coefficients:
    return tuple(x + y for x, y in itertools.zip_longest(p, q, fillvalue=Fraction(0)))


def _at(p: Coefficients, q: int) -> Fraction:
    total = Fraction(0)
    for c in reversed(p):
        total = total * q + c
    return total


def _sign(p: Coefficients, q: int) -> int:
    x = _at(p, q)
    return (x > 0) - (x < 0)


def sign_changes(p: Coefficients, low: int, high: int) -> list[int]:
    """The integers q in low + 1..high at which the sign of p (-, 0 or +) differs from that at q - 1."""
    if low >= high or len(p) <= 1:
        return []
    starts = [low, *sign_changes(_difference(p), low, high - 1)]
    changes: list[int] = []
    for first, last in zip(starts, [*starts[1:], high], strict=True):
        while _sign(p, first) != _sign(p, last):
            s, e = first, last
            while e - s > 1:
                middle = (s + e) // 2
                s, e = (s, middle) if _sign(p, middle) != _sign(p, first) else (middle, e)
            changes.append(e)
            first = e
    return changes


def _difference(p: Coefficients) -> Coefficients:
    """p(q + 1) - p(q)."""
    made = [sum((c * math.comb(k, i) for k, c in enumerate(p) if k > i), Fraction(0)) for i in range(len(p) - 1)]
    return tuple(made)


def _last_in(p: Coefficients, low: int, high: int) -> int | None:
    """The greatest q in low..high with p(q) <= 0."""
    starts = [low, *sign_changes(p, low, high)]
    for s, e in reversed(list(zip(starts, [*(x - 1 for x in starts[1:]), high], strict=True))):
        if _sign(p, s) <= 0:
            return e
    return None
