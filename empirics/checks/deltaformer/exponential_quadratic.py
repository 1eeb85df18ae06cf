"""Theorem C's quadratic bound, for any program: its sums with T as a symbol, and a chain that comes near it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from empirics.checking import Evidence, check, control, fails, holds
from theory.deltaformer import exponential_swaps as claims
from theory.deltaformer import margins


@check(claims.quadratic_bound, "derived", covers=True, scope={"sizes": "all T", "method": "T and rho as symbols"})
def sums_of_the_bound(pairs: Any = lambda T: T * (T - 1) / 2, factor: int = 4) -> Evidence:
    """sum_{i<T} (T - i) = T (T-1) / 2, rho + rho * rho / (1 - rho) = rho / (1 - rho), and rho < 1/8 at eta = 1 / (4 T^2)."""
    import sympy

    T, i = sympy.symbols("T i", integer=True, positive=True)
    rho = sympy.Symbol("rho", positive=True)
    residual = sympy.expand(sympy.summation(T - i, (i, 1, T - 1)) - pairs(T))
    if residual != 0:
        return fails(
            f"a row adds up to eta times {sympy.factor(sympy.summation(T - i, (i, 1, T - 1)))}, which differs by {residual}"
        )
    if sympy.cancel(rho + rho * (rho / (1 - rho)) - rho / (1 - rho)) != 0:
        return fails("the geometric sum does not close")
    at_printed = sympy.cancel(pairs(T) / (factor * T**2))
    if sympy.expand(sympy.Rational(1, 8) - at_printed - 1 / (8 * T)) != 0:
        return fails(f"rho = {at_printed} at eta = 1 / ({factor} T^2)")
    return holds(cases=3)


control(sums_of_the_bound, "pairs-halved", "refuted", pairs=lambda T: T * (T - 1) / 4, reason="every pair i < j counts")
control(
    sums_of_the_bound, "temperature-lower", "refuted", factor=1, reason="rho = (T-1) / (2T) does not stay below 1/8"
)
control(sums_of_the_bound, "rearranged", "confirmed", pairs=lambda T: (T**2 - T) / 2, symmetry="the same polynomial")


@dataclass(frozen=True)
class Chain:
    """A0 = -1 just below the diagonal, E = -eta everywhere below it, v = e_1: near the quadratic bound."""

    tokens: int
    rho: Fraction

    def error(self) -> Fraction:
        """max|U~ - U|, exact: U = 1 everywhere."""
        eta = 2 * self.rho / (self.tokens * (self.tokens - 1))
        u, total = [Fraction(1)], Fraction(0)
        for _ in range(1, self.tokens):
            total += u[-1]
            u.append(u[-1] + eta * total)
        return max(abs(x - 1) for x in u)

    def __str__(self) -> str:
        return f"chain of {self.tokens} tokens, rho = {self.rho}"


LEAST_QUADRATIC = Fraction(9, 10)


@check(
    claims.quadratic_bound,
    "tested",
    given=lambda run: {"chain": [Chain(t, r) for t in (2, 5, 30) for r in (Fraction(1, 3), Fraction(1, 16))]},
    scope={"sizes": "T = 2, 5, 30", "evaluation": "exact rationals"},
)
def chain_comes_near(chain: Chain, share: Fraction = Fraction(1), least: Fraction = Fraction(1, 2)) -> Evidence:
    """The chain's error is within the bound, above half of it, and above 9/10 of it for rho = 1/16."""
    bound = margins.quadratic_error(chain.tokens, 2 * chain.rho / (chain.tokens * (chain.tokens - 1)))
    ratio = chain.error() / bound
    wanted = LEAST_QUADRATIC if chain.rho == Fraction(1, 16) else least
    if not wanted <= ratio <= share:
        return fails(f"{chain}: observed/bound is {float(ratio):.3f}, not in {wanted}..{share}", share, float(ratio))
    return holds(ratio=f"{float(ratio):.3f}")


control(chain_comes_near, "half-the-bound", "refuted", share=Fraction(1, 2), reason="the chain exceeds half of it")
control(chain_comes_near, "less-demanded", "confirmed", least=Fraction(1, 3), reason="half is more than a third")
