"""The plainest exact formula of a number that a program compared: a few terms, fitted over Q to its values in several runs.

What layers compare is simple, a size, a product of sizes, a number of chunks, so few runs tell; the terms are tried from plain to
involved, and a formula has to meet more runs than it has coefficients.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

import sympy

from theory.cost.amounts import ceil_log2
from theory.cost.formulas import L, symbol
from theory.cost.recovery.linear import solve_columns

__all__ = ["ROUNDED", "evaluator", "simple_form"]

Point = Mapping[str, int]
ROUNDED = 2.0**-50
"""Roots and logarithms of doubles: the double nearest to the sizes' formula, up to a few roundings of 2^-53 each."""


def simple_form(samples: Sequence[tuple[Point, int | float]]) -> Any:
    """A sympy expression that is exact on all samples, with at least one sample more than coefficients; else None.

    Tried in turn: a constant; a + b t for one term t (a size, a product or quotient of powers, a number of chunks, a remainder, Min,
    Max, L); a root or a logarithm where the
    values are floats; a linear form in all sizes; a polynomial of degree two. Cost: a few hundred small eliminations at most.
    """
    values = [_fraction(v) for _, v in samples]
    if len(set(values)) == 1:
        return sympy.Rational(values[0].numerator, values[0].denominator)
    names = sorted(samples[0][0])
    one = sympy.Integer(1)
    for t in _terms(names):
        found = _solved(samples, values, [one, t])
        if found is not None:
            return found
    symbols = [symbol(name) for name in names]
    for t in _transcendental(symbols) if any(isinstance(v, float) for _, v in samples) else ():
        if all(math.isclose(evaluator(t)(p), v, rel_tol=ROUNDED) for p, v in samples):
            return t
    squares = [a * b for a, b in itertools.combinations_with_replacement(symbols, 2)]
    for terms in ([one, *symbols], [one, *symbols, *squares]):
        found = _solved(samples, values, terms)
        if found is not None:
            return found
    return None


def _terms(names: Sequence[str]) -> Iterator[Any]:
    symbols = [symbol(name) for name in names]
    yield from symbols
    for count in range(2, len(symbols) + 1):
        for some in itertools.combinations(symbols, count):
            yield reduce(lambda a, b: a * b, some)
    for a, b in itertools.permutations(symbols, 2):
        yield from (a / b, sympy.ceiling(a / b), sympy.floor(a / b), sympy.Mod(a, b), a**2 * b)
    for a, b in itertools.combinations(symbols, 2):
        yield from (sympy.Min(a, b), sympy.Max(a, b))
    for a in symbols:
        yield from (a**2, L(a), sympy.Pow(2, L(a)), L(a + 1), a**3)  # pyright: ignore[reportArgumentType]
        for m in (2, 3, 4, 8, 16, 32, 64, 128):
            yield from (sympy.floor(a / m), sympy.ceiling(a / m), sympy.Mod(a, m))


def _transcendental(symbols: Sequence[sympy.Symbol]) -> Iterator[sympy.Expr]:
    products = [a * b for a, b in itertools.combinations(symbols, 2)]
    for a in (*symbols, *products):
        yield from (sympy.sqrt(a), 1 / sympy.sqrt(a), sympy.log(a) / sympy.log(2), sympy.log(a))


def _fraction(x: int | float) -> Fraction:
    """The number; of a float the simplest fraction that rounds to it, as 1/3 for 0.333...."""
    simple = Fraction(x).limit_denominator(10**6)
    return simple if isinstance(x, float) and float(simple) == x else Fraction(x)


def _solved(samples: Sequence[tuple[Point, int | float]], values: list[Fraction], terms: list[sympy.Expr]) -> Any:
    if len(terms) >= len({tuple(sorted(p.items())) for p, _ in samples}):
        return None
    columns = [evaluator(t) for t in terms]
    rows = [[column(p) for column in columns] for p, _ in samples]
    scale = [math.lcm(*(x.denominator for x in row)) for row in rows]
    integers = [[int(x * s) for x in row] for row, s in zip(rows, scale, strict=True)]
    solved = solve_columns(integers, [v * s for v, s in zip(values, scale, strict=True)])
    if solved is None or solved[1] < len(terms):
        return None
    return sympy.Add(*(sympy.Rational(c.numerator, c.denominator) * t for c, t in zip(solved[0], terms, strict=True)))


def evaluator(formula: sympy.Expr) -> Callable[[Point], Fraction]:
    """A quick exact evaluator of a formula of `theory.cost.formulas`; roots come out rounded to a double.

    Raises ZeroDivisionError and KeyError (a symbol without a value) when called, ValueError here for a function it does not know.
    """
    if isinstance(formula, sympy.Rational):
        value = Fraction(int(formula.p), int(formula.q))
        return lambda point: value
    if isinstance(formula, sympy.Symbol):
        name = formula.name
        return lambda point: Fraction(point[name])
    parts = [evaluator(part) for part in formula.args]  # pyright: ignore[reportArgumentType]
    combine = next((of for kind, of in _COMBINED if isinstance(formula, kind)), None)
    if combine is None or not parts:
        raise ValueError(
            f"{formula} has no evaluation; a formula is made of {', '.join(k.__name__ for k, _ in _COMBINED)}"
        )
    return lambda point: combine(*(part(point) for part in parts))


def _power(a: Fraction, b: Fraction) -> Fraction:
    return a**b.numerator if b.denominator == 1 else Fraction(float(a) ** float(b))


_COMBINED: list[tuple[Any, Callable[..., Any]]] = [
    (sympy.Add, lambda *xs: sum(xs, Fraction(0))),
    (sympy.Mul, lambda *xs: reduce(lambda a, b: a * b, xs)),
    (sympy.Pow, _power),
    (sympy.floor, lambda x: Fraction(x.__floor__())),
    (sympy.ceiling, lambda x: Fraction(x.__ceil__())),
    (sympy.Mod, lambda a, b: a - b * (a / b).__floor__()),
    (sympy.Min, lambda *xs: min(xs)),
    (sympy.Max, lambda *xs: max(xs)),
    (sympy.Abs, lambda x: abs(x)),
    (sympy.log, lambda x: Fraction(math.log(x))),
    (L, lambda x: Fraction(ceil_log2(x.__ceil__()))),
]
