"""Theorem A on variants it was not made for: what carries over, derived; what does not, with the smallest program."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from constructions.deltaformer.swap_tracking import OneHotSwaps
from constructions.deltaformer.variants import Powers, ReducedTokens, UnitTokens
from constructions.layers.kernels import LINEAR, Rounded
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.program_readings import (
    differences_exactly,
    exactly,
    never_decoded,
    small_programs,
)
from empirics.checks.deltaformer.swap_edits import SignDropped
from theory.deltaformer import transfer_one_hot as claims
from theory.programs import SwapProgram


def _once_derived(name: str, pairs: list[tuple[str, Any, Any]]) -> Evidence:
    import sympy

    for what, found, wanted in pairs:
        residual = sympy.expand(found - wanted)
        if residual != 0:
            return fails(f"{name}, {what}: off by {residual}", wanted, found)
    return holds(cases=len(pairs))


@check(claims.needs_weight_two, "derived", covers=True, scope={"sizes": "all n, d and m", "method": "one identity"})
def a_token_repeated(weight: Fraction = Fraction(2), sign: int = 1) -> Evidence:
    """u' = (1 - beta w k) u, and the two changes cancel when beta w k is `weight`."""
    import sympy

    k, w, v, s = sympy.symbols("k w v S", commutative=False)
    beta, own = sympy.symbols("beta own")
    k, w = sign * k, sign * w
    u = v - beta * w * s
    again = sympy.expand(v - beta * w * (s + k * u) - (1 - beta * own) * u)
    again = sympy.expand(again.subs(sympy.expand(w * k), own))
    left = sympy.expand((1 + (1 - beta * own)).subs(beta, sympy.Rational(weight.numerator, weight.denominator) / own))
    return _once_derived("a token repeated", [("its u", again, 0), ("what is left of the change", left, 0)])


control(a_token_repeated, "weight-1", "refuted", weight=Fraction(1), reason="the second token does nothing")
control(
    a_token_repeated,
    "weight-just-below-2",
    "refuted",
    weight=Fraction(199, 100),
    reason="a hundredth of the change is left",
)
control(
    a_token_repeated, "both-negated", "confirmed", sign=-1, symmetry="<-k, -w> = <k, w>, and -k carries what k does"
)


@check(claims.a_under_rounded, "derived", covers=True, scope={"sizes": "all n and S", "method": "patterns of equality"})
def inner_products_are_integers(construction: Any = OneHotSwaps(), norm: int = 1) -> Evidence:
    """Every inner product of two of Theorem A's vectors is an integer that rounding leaves alone, in every pattern."""
    import sympy

    from theory.symbolic import Slot, describe, in_pattern, patterns, unit

    a, b, c, d = (Slot(name) for name in "abcd")
    vectors = [construction.write(unit, a).k, construction.swap(unit, a, b).k]
    others = [construction.read(unit, c), construction.swap(unit, c, d).w]
    kernel, decided = Rounded(norm), 0
    for pattern in patterns((a, b, c, d)):
        for x, y in product(vectors, others):
            inner: Any = in_pattern(sympy.sympify(x.inner(y)), pattern)
            rounded = kernel.values(np.array([Fraction(int(inner.p), int(inner.q))], dtype=object))[0]
            if rounded != inner:
                return fails(
                    f"{describe(pattern)}: an inner product of {inner} is rounded to {rounded}", inner, rounded
                )
            decided += 1
    return holds(cases=decided)


control(inner_products_are_integers, "rounded-to-pairs", "refuted", norm=2, reason="1 over 2 is rounded to 0")
control(
    inner_products_are_integers,
    "sign-dropped",
    "confirmed",
    construction=SignDropped(),
    reason="not a swap, but integers all the same",
)


@check(
    claims.a_with_w_equal_q, "derived", covers=True, scope={"sizes": "all n and S", "method": "patterns of equality"}
)
def readers_leave_no_trace(key: int = 0, value: int = 0) -> Evidence:
    """A reader of slot j with key `key` e_j: no row changes, and row j is returned, in every pattern of equality."""
    import sympy

    from theory.symbolic import Slot, describe, in_pattern, patterns, row, unit

    i, j = Slot("i"), Slot("j")
    query = OneHotSwaps().read(unit, j)
    k = query * key
    u = value - query.apply(row)
    returned = query.apply(row) + k.inner(query) * u
    for pattern in patterns((i, j)):
        steps = (("row i", row(i) + k.inner(unit(i)) * u, row(i)), ("what is returned", returned, row(j)))
        for what, found, wanted in steps:
            residual = in_pattern(sympy.sympify(found - wanted), pattern)
            if residual != 0:
                return fails(f"{describe(pattern)}: {what} is off by {residual}", wanted, found)
    return holds(cases=4)


control(readers_leave_no_trace, "key-is-the-query", "refuted", key=1, reason="the reader erases what it reads")
control(readers_leave_no_trace, "key-is-minus-the-query", "refuted", key=-1, reason="the reader doubles what it reads")
control(
    readers_leave_no_trace,
    "reader-with-a-value",
    "confirmed",
    value=5,
    reason="a key of 0 hides the reader's value too",
)

_PROGRAMS = small_programs(3, 2)


@check(
    claims.a_with_w_equal_q,
    "exhausted",
    given={"program": _PROGRAMS},
    scope={"sizes": "all programs with n <= 3, S <= 2", "arithmetic": "Q"},
)
def tracks_with_w_equal_q(program: SwapProgram, layer: Any = UnitTokens(readers="w = q")) -> Evidence:
    """Writes, swaps and a reader a slot as tokens of one sequence, by the operator."""
    return exactly(program, layer)


control(
    tracks_with_w_equal_q,
    "one-vector",
    "refuted",
    layer=UnitTokens(readers="k = w = q"),
    reason="the reader erases what it reads",
)
control(tracks_with_w_equal_q, "readers-apart", "confirmed", layer=UnitTokens(), reason="Theorem A itself")


@check(
    claims.a_with_w_equal_q,
    "exhausted",
    given={"program": small_programs(4, 2, least_slots=2)},
    scope={"sizes": "A': all programs with 2 <= n <= 4, S <= 2", "arithmetic": "Q"},
)
def differences_with_w_equal_q(program: SwapProgram, layer: Any = ReducedTokens(readers="w = q")) -> Evidence:
    """The tokens of A', and a reader for each slot but the last, as tokens of one sequence: rows are differences exactly."""
    return differences_exactly(program, layer)


control(
    differences_with_w_equal_q,
    "kernel-doubled",
    "refuted",
    layer=ReducedTokens(Rounded(Fraction(1, 2)), readers="w = q"),
    reason="all weights twice as large",
)
control(differences_with_w_equal_q, "readers-apart", "confirmed", layer=ReducedTokens(), reason="Theorem A' itself")


@check(
    claims.a_with_one_vector,
    "exhausted",
    given={"program": _PROGRAMS},
    scope={"sizes": "all programs with n <= 3, S <= 2", "arithmetic": "Q"},
)
def tracks_with_one_vector(program: SwapProgram, layer: Any = UnitTokens(readers="k = w = q")) -> Evidence:
    """As before, readers with their query for a key."""
    return exactly(program, layer)


control(tracks_with_one_vector, "readers-apart", "confirmed", layer=UnitTokens(), reason="Theorem A itself")
control(
    tracks_with_one_vector, "readers-without-key", "confirmed", layer=UnitTokens(readers="w = q"), reason="w = q alone"
)


@check(
    claims.a_with_alpha_and_beta,
    "derived",
    covers=True,
    scope={"sizes": "all n, S, alpha, beta", "method": "two identities"},
)
def lengths_make_up_for_beta(power: int = 1, sign: int = 1) -> Evidence:
    """beta <c k, c w> = <k, w> and <c k, c q> alpha u = alpha c^2 <k, q> u when beta c^(2 power) = 1."""
    import sympy

    c, alpha, inner, u = sympy.symbols("c alpha inner u", positive=True)
    c = sign * c
    beta = 1 / c ** (2 * power)
    return _once_derived(
        "vectors longer by c",
        [
            ("the first stage", beta * (c * c * inner), inner),
            ("the second stage", (c * c * inner) * alpha * u, alpha * c**2 * inner * u),
            ("alpha = beta", (beta * c**2 * inner * u), inner * u),
        ],
    )


control(lengths_make_up_for_beta, "beta-c-4", "refuted", power=2, reason="beta c^4 = 1 is not beta c^2 = 1")
control(lengths_make_up_for_beta, "beta-free", "refuted", power=0, reason="beta = 1 with longer vectors overshoots")
control(lengths_make_up_for_beta, "vectors-turned-round", "confirmed", sign=-1, symmetry="c enters as c^2")


@check(
    claims.a_with_alpha_and_beta,
    "exhausted",
    given={"program": _PROGRAMS},
    scope={"sizes": "all programs with n <= 3, S <= 2; beta = alpha = 1/4, c = 2", "arithmetic": "Q"},
)
def tracks_with_alpha_and_beta(
    program: SwapProgram, layer: Any = UnitTokens(beta=Fraction(1, 4), alpha=Fraction(1, 4), length=2)
) -> Evidence:
    """beta = alpha = 1/4 and vectors twice as long, by the operator."""
    return exactly(program, layer)


control(
    tracks_with_alpha_and_beta,
    "vectors-as-they-were",
    "refuted",
    layer=UnitTokens(beta=Fraction(1, 4), alpha=Fraction(1, 4)),
    reason="a quarter of a swap",
)
control(
    tracks_with_alpha_and_beta,
    "alpha-forgotten",
    "refuted",
    layer=UnitTokens(beta=Fraction(1, 4), length=2),
    reason="contents are read four times too large",
)
control(
    tracks_with_alpha_and_beta,
    "beta-4",
    "confirmed",
    layer=UnitTokens(beta=4, alpha=4, length=Fraction(1, 2)),
    reason="another beta, with vectors half as long",
)


_SMALL = "all programs with n <= 2, S <= 2"
_TWO = small_programs(2, 2)
exponential = never_decoded(claims.a_under_exponential, _SMALL, lambda z: UnitTokens(Powers(z)), programs=_TWO)
softmax = never_decoded(claims.a_under_softmax, _SMALL, lambda z: UnitTokens(Powers(z, normalised=True)), programs=_TWO)
for _check in (exponential, softmax):
    control(_check, "linear-kernel", "confirmed", layer=lambda z: UnitTokens(LINEAR), reason="Theorem A itself")
    control(_check, "rounded-kernel", "confirmed", layer=lambda z: UnitTokens(Rounded(1)), reason="a-under-rounded")
