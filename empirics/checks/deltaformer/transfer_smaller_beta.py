"""Theorem A with beta below 1: the smallest program that is misread, and the drift, derived and seen."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from constructions.deltaformer.swap_tracking import OneHotSwaps
from constructions.deltaformer.variants import UnitTokens
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.program_readings import Layer, never_positive, small_programs, told
from empirics.checks.deltaformer.swap_edits import PairReversed, ScaleMoved, SignDropped
from theory.deltaformer import transfer_one_hot as claims
from theory.programs import SwapProgram


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
