"""The algebra of the exponents, with a+, v and log2 n as symbols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from empirics.checking import Evidence, check, control, fails
from theory.takakura_suzuki import rates as claims

Rule = Callable[[Any, Any], Any]


def balanced(a: Any, log_n: Any) -> Any:
    """t = log2(n) / (2 + 1/a+)."""
    return log_n / (2 + 1 / a)


def minimax(a: Any, log_n: Any) -> Any:
    """log2 of n^(-2a+/(2a+ + 1))."""
    return -2 * a / (2 * a + 1) * log_n


@check(claims.balance, "derived", covers=True, scope={"sizes": "all a+ > 0 and n", "method": "rational functions"})
def both_terms_agree(
    level: Rule = balanced, rate: Rule = minimax, dimension: Callable[[Any], Any] = lambda a: 1 / a
) -> Evidence | None:
    """-2 t - rate and t/a+ - log2 n - rate are zero."""
    import sympy

    a, log_n = sympy.symbols("a L", positive=True)
    t, wanted = level(a, log_n), rate(a, log_n)
    for name, term in (("squared bias", -2 * t), ("variance", dimension(a) * t - log_n)):
        residual = sympy.cancel(term - wanted)
        if residual != 0:
            return fails(f"log2 of the {name} is {sympy.factor(term)}", sympy.factor(wanted), sympy.factor(term))
    return None


control(
    both_terms_agree,
    "bias-not-squared",
    "refuted",
    level=lambda a, n: n / (1 + 1 / a),
    reason="balances 2^-t, not 4^-t",
)
control(
    both_terms_agree,
    "rate-of-the-error",
    "refuted",
    rate=lambda a, n: -a / (2 * a + 1) * n,
    reason="that is the root of the risk",
)
control(
    both_terms_agree,
    "wrong-smoothness",
    "refuted",
    dimension=lambda a: 2 / a,
    reason="half the smoothness has more functions",
)
control(
    both_terms_agree,
    "one-fraction",
    "confirmed",
    level=lambda a, n: a * n / (2 * a + 1),
    symmetry="t multiplied by a+/a+",
)


@check(
    claims.error_level,
    "derived",
    covers=True,
    scope={"sizes": "all a_1 > v >= 0 and n", "method": "rational functions"},
)
def levels_of_gamma(
    level: Callable[[Any, Any, Any], Any] = lambda a, v, n: a * n / (2 * (a - v) + 1), loss: Rule = lambda a, v: v
) -> Evidence | None:
    """-2 (1 - v/a) T_0 and T_0/a - log2 n both equal the rate of a+ = a - v; and (1 - v/a) T_0 is the balanced t."""
    import sympy

    a, v, log_n = sympy.symbols("a v L", positive=True)
    v = loss(a, v)
    T = level(a, v, log_n)
    wanted = minimax(a - v, log_n)
    terms = {
        "squared bias": (-2 * (1 - v / a) * T, wanted),
        "variance": (T / a - log_n, wanted),
        "level of the error": ((1 - v / a) * T, balanced(a - v, log_n)),
    }
    for name, (term, goal) in terms.items():
        if sympy.cancel(term - goal) != 0:
            return fails(f"log2 of the {name} is {sympy.factor(term)}", sympy.factor(goal), sympy.factor(term))
    return None


@check(
    claims.size_exponent,
    "derived",
    covers=True,
    scope={"sizes": "all a_1, a~, v and T", "method": "rational functions"},
)
def error_by_size(
    error: Callable[[Any, Any], Any] = lambda a, v: 1 - v / a,
    smoothness: Callable[[Any], Any] = lambda total: 1 / total,
    effective: Rule = lambda a, v: a - v,
) -> Evidence | None:
    """log2 error = -a+ log2 size, for mixed and for anisotropic smoothness."""
    import sympy

    a, total, v, T = sympy.symbols("a s v T", positive=True)
    for name, first, log_size in (("mixed", a, T / a), ("anisotropic", smoothness(total), total * T)):
        residual = sympy.cancel(-error(first, v) * T + effective(first, v) * log_size)
        if residual != 0:
            return fails(f"{name}: log2(error) + a+ log2(size) = {sympy.factor(residual)}", 0, sympy.factor(residual))
    return None


control(error_by_size, "loss-ignored", "refuted", effective=lambda a, v: a, reason="a+ is a_1 - v")
control(error_by_size, "loss-unscaled", "refuted", error=lambda a, v: 1 - v, reason="v/a_1 only where a_1 = 1")
control(error_by_size, "sum-for-inverse", "refuted", smoothness=lambda s: s, reason="the smoothness is 1/a~, not a~")
control(
    error_by_size,
    "one-fraction",
    "confirmed",
    error=lambda a, v: (a - v) / a,
    symmetry="over one denominator",
)

control(
    levels_of_gamma,
    "level-of-the-error",
    "refuted",
    level=lambda a, v, n: n / (2 + 1 / (a - v)),
    reason="for v > 0 it keeps too few functions",
)
control(
    levels_of_gamma,
    "level-of-the-error-without-loss",
    "confirmed",
    level=lambda a, v, n: n / (2 + 1 / (a - v)),
    loss=lambda a, v: 0,
    reason="for v = 0 the two levels are one",
)
control(
    levels_of_gamma,
    "loss-ignored",
    "refuted",
    level=lambda a, v, n: a * n / (2 * a + 1),
    reason="balances as if v were 0",
)
