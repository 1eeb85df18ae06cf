"""Formulas in the words of the trusted checker: +, *, pow, L, up2, log2, floor of a quotient of integers, min and max.

2^L(e) = up2(e)        ceil(p/q) = floor((p + q - 1)/q)        mod(a, b) = a - b floor(a/b)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from theory.bounds import Tree
from theory.growth.trees import Key, Poly, Unclear, product, to_poly

__all__ = ["as_json", "certificate", "in_checker_words", "value"]


def in_checker_words(tree: Tree) -> Tree:
    """The same number as a tree the checker reads. Raises Unclear for what has no such form."""
    if not isinstance(tree, tuple):
        return tree
    name, *parts = tree
    if name == "pow":
        return ("pow", in_checker_words(parts[0]), parts[1])
    if name == "exp2":
        return _power_of_two(parts[0])
    if name == "ln":
        raise Unclear("the checker has no natural logarithm")
    parts = [in_checker_words(part) for part in parts]
    if name in ("ceil", "floor"):
        return _floor(parts[0], name == "ceil")
    if name == "mod":
        quotient = _floor(("*", parts[0], ("pow", parts[1], Fraction(-1))), up=False)
        return ("+", parts[0], ("*", Fraction(-1), parts[1], quotient))
    return (name, *parts)


def _power_of_two(exponent: Tree) -> Tree:
    factors: list[Tree] = []
    for key, c in to_poly(exponent).items():
        if not key:
            factors.append(Fraction(2) ** int(c))
            continue
        (atom, _), *more = key
        if more or c.denominator > 1 or c < 0 or not isinstance(atom, tuple) or atom[0] != "L":
            raise Unclear("the checker has no rule for a power of 2 whose exponent is no sum of L's")
        power = ("up2", in_checker_words(atom[1]))
        factors.append(power if c == 1 else ("pow", power, c))
    return product(factors)


def _floor(tree: Tree, up: bool) -> Tree:
    """floor or ceil of an expression, its denominators brought to one product of sizes."""
    poly = to_poly(tree)
    below: dict[Tree, Fraction] = {}
    for key in poly:
        for atom, e in key:
            if e < 0:
                below[atom] = min(below.get(atom, e), e)
    if not all(isinstance(atom, str) for atom in below):
        raise Unclear("the checker has no floor of a quotient by what is no product of sizes")
    scale = Fraction(math.lcm(*(c.denominator for c in poly.values())))
    divisor = _product(tuple((atom, -e) for atom, e in below.items()), scale)
    whole = {_times(key, below): c * scale for key, c in poly.items()}
    if not below and scale == 1:
        return tree
    above = _sum(whole)
    return ("floor", ("+", above, divisor, Fraction(-1)) if up else above, divisor)


def _times(key: Key, below: dict[Tree, Fraction]) -> Key:
    exponents = dict(key)
    for atom, e in below.items():
        exponents[atom] = exponents.get(atom, Fraction(0)) - e
    return tuple((atom, e) for atom, e in exponents.items() if e)


def _product(key: Key, coefficient: Fraction) -> Tree:
    factors = [atom if e == 1 else ("pow", atom, e) for atom, e in key]
    if coefficient != 1 or not factors:
        factors.insert(0, coefficient)
    return product(factors)


def _sum(poly: Poly) -> Tree:
    terms = [_product(key, c) for key, c in poly.items()]
    return terms[0] if len(terms) == 1 else ("+", *terms) if terms else Fraction(0)


def as_json(tree: Any) -> Any:
    """Trees, and lists of them, as the checker's JSON: fractions are "p/q", or integers."""
    if isinstance(tree, Fraction):
        return int(tree) if tree.denominator == 1 else f"{tree.numerator}/{tree.denominator}"
    return [as_json(part) for part in tree] if isinstance(tree, (tuple, list)) else tree


def certificate(
    sizes: Sequence[str],
    start: int,
    where: Sequence[tuple[Tree, Tree]],
    count: Tree,
    constant: Fraction,
    bound: Tree,
    proof: list[Any],
) -> dict[str, Any]:
    """The file in which the trusted checker reads count <= constant * bound and its proof."""
    data = {"sizes": sizes, "start": start, "where": where, "count": count, "constant": constant, "bound": bound}
    data = {name: as_json(part) for name, part in {**data, "proof": proof}.items()}
    return {"weightproof": 1, "kind": "growth", "claim": "growth/bound", "data": data}


def value(tree: Tree, sizes: Mapping[str, int]) -> tuple[Fraction, Fraction]:
    """An enclosure of a tree in the checker's words at these sizes: exact, but for irrational log2 and roots, to 64ths.

    Raises Unclear where a divisor is not shown to differ from 0.
    """
    if isinstance(tree, Fraction):
        return tree, tree
    if isinstance(tree, str):
        return Fraction(sizes[tree]), Fraction(sizes[tree])
    name, *parts = tree
    if name == "pow":
        return _power(value(parts[0], sizes), parts[1])
    ends = [value(part, sizes) for part in parts]
    if name == "*":
        made = ends[0]
        for end in ends[1:]:
            products = [x * y for x in made for y in end]
            made = min(products), max(products)
        return made
    low, high = zip(*ends, strict=True)
    if name == "+":
        return sum(low, Fraction(0)), sum(high, Fraction(0))
    if name in ("min", "max"):
        best = min if name == "min" else max
        return best(low), best(high)
    if name == "floor":
        return Fraction(low[0] // low[1]), Fraction(high[0] // high[1])
    if name == "log2":
        return _log2(low[0])[0], _log2(high[0])[1]
    least, most = (max(math.ceil(x) - 1, 0).bit_length() for x in ends[0])
    return (Fraction(least), Fraction(most)) if name == "L" else (Fraction(2**least), Fraction(2**most))


def _power(base: tuple[Fraction, Fraction], exponent: Fraction) -> tuple[Fraction, Fraction]:
    if base[0] <= 0 and (exponent < 0 or exponent.denominator > 1):
        raise Unclear("a divisor or the base of a root is 0 or less")
    low, high = (end ** abs(exponent.numerator) for end in base)
    if exponent.denominator > 1:
        low, high = _root(low, exponent.denominator)[0], _root(high, exponent.denominator)[1]
    if exponent < 0 and not low:
        raise Unclear("a divisor is too small to tell from 0")
    return (1 / high, 1 / low) if exponent < 0 else (min(low, high), max(low, high))


def _root(x: Fraction, q: int) -> tuple[Fraction, Fraction]:
    """Multiples of 1/64 around x^(1/q), the root itself if it is one."""
    scaled = x * 64**q
    low, high = 0, 1 << (math.ceil(scaled).bit_length() // q + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**q <= scaled else (low, middle)
    return Fraction(low, 64), Fraction(low + (low**q < scaled), 64)


def _log2(x: Fraction) -> tuple[Fraction, Fraction]:
    if x < 1:
        raise Unclear("a logarithm of what is below 1")
    power = x**64
    low = (power.numerator // power.denominator).bit_length() - 1
    return Fraction(low, 64), Fraction(low + (2**low < power), 64)
