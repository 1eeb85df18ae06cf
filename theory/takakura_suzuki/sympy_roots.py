"""Sympy's real roots as exact sums of roots, and the product of such sums. Derived here."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from theory.takakura_suzuki.roots import Exact, Real, made, power, terms


def from_sympy(value: Any, name: str) -> Exact:
    """A sum of rational multiples of products of real roots, given as a sympy expression. ValueError for any other."""
    import sympy

    def rational(x: Any) -> Fraction:
        return Fraction(int(x.p), int(x.q))

    total: Exact = Fraction(0)
    for term in sympy.Add.make_args(sympy.expand(value)):
        coefficient, rest = term.as_coeff_Mul()
        made_of: Exact = Fraction(1)
        for base, exponent in (factor.as_base_exp() for factor in sympy.Mul.make_args(rest)):
            if not (coefficient.is_Rational and base.is_Rational and base > 0 and exponent.is_Rational):
                raise ValueError(
                    f"{name} = {value}: {term} is no rational multiple of a real root of a positive rational; give a rational, "
                    "or a sum of such roots, such as 1 + sqrt(2)"
                )
            made_of = product(made_of, power(rational(base), rational(exponent)))
        total = total + made_of * rational(coefficient)
    return total


def product(x: Real, y: Real) -> Exact:
    """The product of two numbers without logarithms."""
    total: Exact = Fraction(0)
    for (left, _), c in terms(x):
        for (right, _), d in terms(y):
            exponents = dict(left)
            coefficient = c * d
            for p, f in right:
                exponents[p] = exponents.get(p, Fraction(0)) + f
                if exponents[p] >= 1:
                    exponents[p] -= 1
                    coefficient *= p
            radical = tuple(sorted((p, f) for p, f in exponents.items() if f))
            total = total + made({(radical, 2): coefficient})
    return total
