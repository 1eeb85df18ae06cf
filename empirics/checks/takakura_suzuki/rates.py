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
