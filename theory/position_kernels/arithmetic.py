"""The arithmetics in which a kernel is evaluated: FLINT's balls, numpy's float64, sympy, the trusted checker's expressions.

A kernel asks an arithmetic for numbers and functions and joins them by + - * / alone, so that what is proved about balls, what the
checker re-verifies and what a torch layer runs (`constructions.layers.position_kernels`) is one definition.

    number(x)                  a parameter: rational, `Root` of 2, or of the arithmetic's own kind
    distance(d)                a distance, an integer d >= 0 (or an array of them)
    exp log cos                functions
    power(x, p)                x**p for x >= 0, 0**p = 0
    logsumexp(terms)           log of the sum of the exponentials
    piecewise(values, starts, d)   values[j] for the last j with starts[j] <= d; starts[0] = 0
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

import numpy as np

__all__ = ["BALLS", "EXPRESSIONS", "FLOATS", "SYMBOLS", "Arithmetic", "Expression", "Root", "half"]


@dataclass(frozen=True)
class Root:
    """2**-exponent for a rational exponent: the released slopes, exactly."""

    exponent: Fraction

    def __str__(self) -> str:
        return f"2^-{self.exponent}" if self.exponent.denominator == 1 else f"2^-({self.exponent})"


def half(rate: Any) -> Any:
    """Half of a rate of any kind, exactly."""
    if isinstance(rate, Root):
        return Root(rate.exponent + 1)
    return Fraction(rate) / 2 if isinstance(rate, int) else rate / 2


@runtime_checkable
class Arithmetic(Protocol):
    """What a kernel may ask for; see the module."""

    def number(self, x: Any) -> Any: ...
    def distance(self, d: Any) -> Any: ...
    def exp(self, x: Any) -> Any: ...
    def log(self, x: Any) -> Any: ...
    def cos(self, x: Any) -> Any: ...
    def power(self, x: Any, p: Any) -> Any: ...
    def logsumexp(self, terms: Sequence[Any]) -> Any: ...
    def piecewise(self, values: Any, starts: Sequence[int], d: Any) -> Any: ...


class _Balls:
    """python-flint's arb, at the precision in force (`flint.ctx`); distances are integers."""

    def number(self, x: Any) -> Any:
        from flint import arb, fmpq

        if isinstance(x, Root):
            return arb(2) ** -self.number(x.exponent)
        return arb(fmpq(x.numerator, x.denominator)) if isinstance(x, Fraction) else arb(x)

    def distance(self, d: Any) -> Any:
        return self.number(d)

    def exp(self, x: Any) -> Any:
        return x.exp()

    def log(self, x: Any) -> Any:
        return x.log()

    def cos(self, x: Any) -> Any:
        return x.cos()

    def power(self, x: Any, p: Any) -> Any:
        return x if x == 0 else x ** self.number(p)

    def logsumexp(self, terms: Sequence[Any]) -> Any:
        first, *rest = terms
        if not rest:
            return first
        others: Any = sum((term - first).exp() for term in rest)
        return first + (1 + others).log()

    def piecewise(self, values: Any, starts: Sequence[int], d: Any) -> Any:
        return self.number(values[bisect_right(starts, d) - 1])


class _Floats:
    """numpy's float64, for figures and searches; distances are arrays of integers."""

    def exp(self, x: Any) -> Any:
        return np.exp(x)

    def log(self, x: Any) -> Any:
        return np.log(x)

    def cos(self, x: Any) -> Any:
        return np.cos(x)

    def number(self, x: Any) -> Any:
        return 2.0 ** -float(x.exponent) if isinstance(x, Root) else float(x)

    def distance(self, d: Any) -> Any:
        return np.asarray(d, dtype=np.float64)

    def power(self, x: Any, p: Any) -> Any:
        return x ** self.number(p)

    def logsumexp(self, terms: Sequence[Any]) -> Any:
        return np.logaddexp.reduce(np.broadcast_arrays(*terms), axis=0)

    def piecewise(self, values: Any, starts: Sequence[int], d: Any) -> Any:
        found = np.searchsorted(np.asarray(starts), d, side="right") - 1
        return np.asarray([self.number(x) for x in values])[found]


class _Symbols:
    """sympy, for identities with rates and distances as symbols; `logsumexp` is written as it is defined."""

    def number(self, x: Any) -> Any:
        import sympy

        if isinstance(x, Root):
            return sympy.Integer(2) ** -self.number(x.exponent)
        return sympy.Rational(x) if isinstance(x, Fraction) else sympy.sympify(x)

    def distance(self, d: Any) -> Any:
        return self.number(d)

    def exp(self, x: Any) -> Any:
        import sympy

        return sympy.exp(x)

    def log(self, x: Any) -> Any:
        import sympy

        return sympy.log(x)

    def cos(self, x: Any) -> Any:
        import sympy

        return sympy.cos(x)

    def power(self, x: Any, p: Any) -> Any:
        return x ** self.number(p)

    def logsumexp(self, terms: Sequence[Any]) -> Any:
        return self.log(sum(map(self.exp, terms)))

    def piecewise(self, values: Any, starts: Sequence[int], d: Any) -> Any:
        return self.number(values[bisect_right(starts, d) - 1])


@dataclass(frozen=True)
class Expression:
    """An expression as `theory.inequalities` writes it, with operators."""

    tree: Any

    def __add__(self, other: Any) -> Expression:
        return Expression(["+", self.tree, _tree(other)])

    __radd__ = __add__

    def __sub__(self, other: Any) -> Expression:
        return Expression(["-", self.tree, _tree(other)])

    def __neg__(self) -> Expression:
        return Expression(["neg", self.tree])

    def __mul__(self, other: Any) -> Expression:
        return Expression(["*", self.tree, _tree(other)])

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Expression:
        return Expression(["/", self.tree, _tree(other)])

    def __rtruediv__(self, other: Any) -> Expression:
        return Expression(["/", _tree(other), self.tree])


def _tree(x: Any) -> Any:
    return x.tree if isinstance(x, Expression) else x


class _Expressions:
    """The checker's language; distances are integers. A root of 2 is exp(-e log 2), an integer one a rational."""

    def number(self, x: Any) -> Any:
        if isinstance(x, Root):
            if x.exponent.denominator == 1:
                return Expression(Fraction(2) ** -int(x.exponent))
            return Expression(["exp", ["*", -x.exponent, ["log", 2]]])
        return x if isinstance(x, Expression) else Expression(Fraction(x))

    def distance(self, d: Any) -> Any:
        return Expression(d)

    def exp(self, x: Any) -> Any:
        return Expression(["exp", _tree(x)])

    def log(self, x: Any) -> Any:
        return Expression(["log", _tree(x)])

    def cos(self, x: Any) -> Any:
        return Expression(["cos", _tree(x)])

    def power(self, x: Any, p: Any) -> Any:
        if _tree(x) == 0:
            return Expression(0)
        if Fraction(p).denominator == 1:
            return Expression(["pow", _tree(x), int(p)])
        return self.exp(self.number(p) * self.log(x))

    def logsumexp(self, terms: Sequence[Any]) -> Any:
        first, *rest = terms
        if not rest:
            return first
        return first + self.log(Expression(["+", 1, *(_tree(self.exp(term - first)) for term in rest)]))

    def piecewise(self, values: Any, starts: Sequence[int], d: Any) -> Any:
        return self.number(values[bisect_right(starts, d) - 1])


BALLS: Arithmetic = _Balls()
FLOATS: Arithmetic = _Floats()
SYMBOLS: Arithmetic = _Symbols()
EXPRESSIONS: Arithmetic = _Expressions()
