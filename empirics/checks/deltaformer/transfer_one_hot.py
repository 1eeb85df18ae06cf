"""Theorem A on variants it was not made for: what carries over, derived; what does not, with the smallest program."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from constructions.deltaformer.swap_tracking import OneHotSwaps
from constructions.deltaformer.variants import Powers, ReducedTokens, UnitTokens
from constructions.layers.kernels import LINEAR, Rounded
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.program_readings import (
    Layer,
    differences_exactly,
    exactly,
    never_decoded,
    never_positive,
    small_programs,
    told,
)
from empirics.checks.deltaformer.swap_edits import PairReversed, ScaleMoved, SignDropped
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


@check(
    claims.a_with_smaller_beta,
    "exhausted",
    given={"program": small_programs(2, 2)},
    scope={
        "sizes": "all programs with n <= 2, S <= 2",
        "arithmetic": "Q(beta)",
        "method": "beta = 1/z, z a symbol above 1",
    },
)
def tracks_with_smaller_beta(program: SwapProgram, layer: Layer = lambda z: UnitTokens(beta=1 / z)) -> Evidence:
    """Whether some beta = 1 / z in (0, 1) reads every slot exactly; entries are polynomials in beta."""
    import sympy

    y = sympy.Symbol("y", positive=True)
    read, contents = layer(1 + y).read(program), program.contents()
    for slot, content in enumerate(contents):
        for place, x in enumerate(read[slot]):
            above, _ = sympy.fraction(sympy.cancel(sympy.together(sympy.sympify(x) - int(place == content))))
            signs = {sympy.sign(c) for c in sympy.Poly(above, y).coeffs()}
            if len(signs) == 1 and signs != {0}:
                shown = [
                    sympy.expand(sympy.cancel(sympy.sympify(x).subs(y, 1 / sympy.Symbol("beta") - 1)))
                    for x in read[slot]
                ]
                return fails(
                    f"{program}: slot {slot} reads {told(shown)}, not content {content}", contents, told(shown)
                )
    return holds()


control(tracks_with_smaller_beta, "beta-1", "confirmed", layer=lambda z: UnitTokens(), reason="Theorem A itself")
control(
    tracks_with_smaller_beta,
    "vectors-longer",
    "confirmed",
    layer=lambda z: UnitTokens(beta=1 / z**2, alpha=1 / z**2, length=z),
    reason="vectors longer by z make up for beta = 1/z^2",
)


def _acts(construction: Any, a: int, b: int, beta: Any) -> Any:
    """The 3 x 3 matrix by which a swap token acts on the rows of the state."""
    import sympy

    units = sympy.eye(3)
    token = construction.swap(lambda slot: units[:, slot], a, b)
    return units - sympy.nsimplify(token.beta) * beta * token.k * token.w.T


@check(
    claims.smaller_beta_drifts,
    "derived",
    covers=True,
    scope={"sizes": "all beta in (0, 1); three slots", "method": "identities in beta, signs of coefficients"},
)
def two_swaps_are_no_third_of_a_turn(
    construction: Any = OneHotSwaps(), beta_of: Callable[[Any], Any] = lambda beta: beta
) -> Evidence:
    """The identities of the argument, for beta = beta_of(symbol), and their signs on (0, 4/7] and (4/7, 1)."""
    import sympy

    beta = sympy.Symbol("beta", positive=True)
    g = _acts(construction, 1, 2, beta_of(beta)) * _acts(construction, 0, 1, beta_of(beta))
    g = g.expand()
    ones = sympy.ones(3, 1)
    if (g * ones - ones).expand() != sympy.zeros(3, 1) or (g.T * ones - ones).expand() != sympy.zeros(3, 1):
        return fails("rows or columns of G do not add up to 1", ones.T, (g * ones).T)
    plane, rho = sympy.expand(g.trace() - 1), 2 * beta_of(beta) - 1
    if sympy.expand(g.det() - rho**2) != 0:
        return fails(f"the determinant is {sympy.factor(g.det())}, not (2 beta - 1)^2")
    cosine = plane / (2 * rho)
    m: Any = sympy.Matrix(3, 3, lambda i, j: sympy.Symbol(f"M{i}{j}"))
    compared = (m[0, 0] - m[2, 0] - m[0, 2] + m[2, 2]) + (m[1, 1] - m[2, 1] - m[1, 2] + m[2, 2])
    compared += m[0, 0] - m[2, 0] + m[1, 1] - m[2, 1] - (m[0, 1] - m[2, 1]) - (m[1, 0] - m[2, 0])
    if sympy.expand(compared - 2 * m.trace() + (sum(m[i] for i in range(9)) - m.trace())) != 0:
        return fails("the three comparisons of A' do not add up to 3 trace - the sum of all entries")
    # The two halves of (0, 1), each the image of y > 0.
    y = sympy.Symbol("y", positive=True)
    small, large = sympy.Rational(4, 7) * y / (1 + y), (sympy.Rational(4, 7) + y) / (1 + y)
    last, row = g.row(2), g.row(0) - g.row(2)
    at_most = (
        ("A: the share of content 0 in slot 2, less that of content 2", last[0] - last[2], small),
        ("A': content 2 less content 0 in row 0", row[2] - row[0], small),
        ("-(cos theta + 1/2)", -cosine - sympy.Rational(1, 2), large),
        ("-(1 - cos theta)", cosine - 1, large),
    )
    for name, value, where in at_most:
        seen = sympy.cancel(sympy.together(sympy.sympify(value).subs(beta, where)))
        if seen == 0 or not never_positive(seen, y):
            return fails(f"{name} = {sympy.factor(value)} is not negative for all beta there", "below 0", value)
    ends = [sympy.sympify(value).subs(beta, sympy.Rational(4, 7)) for _, value, _ in at_most[:2]]
    return holds(cases=10) if max(ends) < 0 else fails(f"at beta = 4/7: {ends}", "below 0", ends)


control(
    two_swaps_are_no_third_of_a_turn,
    "beta-1",
    "refuted",
    beta_of=lambda beta: beta * 0 + 1,
    reason="at beta = 1 two swaps are a third of a turn, and nothing drifts",
)
control(
    two_swaps_are_no_third_of_a_turn,
    "sign-dropped",
    "refuted",
    construction=SignDropped(),
    reason="I - beta (e_a + e_b)(e_a + e_b)^T does not keep the sum of the contents",
)
control(
    two_swaps_are_no_third_of_a_turn,
    "scale-moved",
    "confirmed",
    construction=ScaleMoved(),
    symmetry="only beta times the outer product of k and w enters the state",
)
control(
    two_swaps_are_no_third_of_a_turn,
    "pair-reversed",
    "confirmed",
    construction=PairReversed(),
    symmetry="k and w both change sign",
)


def drifting_program(beta: Fraction) -> SwapProgram:
    """(0 1) (1 2) again and again, 3 k times, k the first for which cos(3 k theta) <= 0; twice in all for beta <= 4/7."""
    if beta <= Fraction(4, 7):
        return SwapProgram(3, [(0, 1), (1, 2)])
    angle = 2 * math.pi - 3 * math.acos((2 - 4 * beta + beta**2) / (2 * (2 * beta - 1)))
    rounds = math.ceil(math.pi / 2 / min(angle, 2 * math.pi - angle))
    return SwapProgram(3, [(0, 1), (1, 2)] * (3 * rounds))


@check(
    claims.smaller_beta_drifts,
    "exhausted",
    given={"beta": [Fraction(1, 4), Fraction(1, 2), Fraction(5, 8), Fraction(3, 4), Fraction(4, 5)]},
    scope={"sizes": "beta = 1/4, 1/2, 5/8, 3/4, 4/5; three slots, up to 84 swaps", "arithmetic": "Q"},
)
def the_drift_is_seen(beta: Fraction, make: Callable[[Fraction], Any] = lambda beta: UnitTokens(beta=beta)) -> Evidence:
    """By the operator: after that program some slot does not show its content most, in A, and in A'."""
    program = drifting_program(beta)
    read, contents = make(beta).read(program), program.contents()
    differences = [*(row - read[-1] for row in read[:-1]), read[-1] - read[0]]
    for theorem, shown in (("A", read), ("A'", differences)):
        if all(max(others) < row[x] for row, x, others in _rivals(shown, contents)):
            return fails(
                f"beta = {beta}, {len(program.swaps)} swaps: {theorem} reads every slot right", "a slot misread"
            )
    return holds()


def _rivals(rows: Any, contents: Any) -> list[tuple[Any, int, list[Any]]]:
    return [(row, x, [y for place, y in enumerate(row) if place != x]) for row, x in zip(rows, contents, strict=True)]


control(the_drift_is_seen, "beta-1", "refuted", make=lambda beta: UnitTokens(), reason="Theorem A itself is exact")
control(
    the_drift_is_seen,
    "vectors-longer",
    "confirmed",
    make=lambda beta: UnitTokens(beta=beta / 4, length=2),
    symmetry="vectors twice as long and a quarter of beta are the same first stage, read four times as large",
)


_SMALL = "all programs with n <= 2, S <= 2"
_TWO = small_programs(2, 2)
exponential = never_decoded(claims.a_under_exponential, _SMALL, lambda z: UnitTokens(Powers(z)), programs=_TWO)
softmax = never_decoded(claims.a_under_softmax, _SMALL, lambda z: UnitTokens(Powers(z, normalised=True)), programs=_TWO)
for _check in (exponential, softmax):
    control(_check, "linear-kernel", "confirmed", layer=lambda z: UnitTokens(LINEAR), reason="Theorem A itself")
    control(_check, "rounded-kernel", "confirmed", layer=lambda z: UnitTokens(Rounded(1)), reason="a-under-rounded")
