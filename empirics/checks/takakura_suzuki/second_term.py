"""The second term of log2 G for a_i = i^q: its size, its sign, its zero, and what they decide."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.takakura_suzuki.excesses import CASES, at_least, at_most, excess, scaled, told
from theory.takakura_suzuki import anisotropic_counting as claims
from theory.takakura_suzuki import bracket
from theory.takakura_suzuki.constants import Enclosure, ball, ends
from theory.takakura_suzuki.expansion import error, kappa, sign

F = Fraction


def without_gains(q: Fraction) -> Enclosure:
    """zeta(1/q) without the gains."""
    return ends(ball(1 / q).zeta())


@check(claims.expansion, "exhausted", given={"case": CASES}, scope={"sizes": "q = 3/2, 2, 3, 7/2, 4, 8; T up to 10^17"})
def two_terms(
    case: tuple[Fraction, int], second: Callable[[Fraction], Enclosure] = kappa, share: Fraction = F(1)
) -> Evidence | None:
    """|log2 G - zeta(q) T - kappa(q) T^(1/q)| against share * (4 T^(1/(q+1)) + 3)."""
    q, T = case
    found, term = excess(q, T), scaled(second(q), T, 1 / q)
    rest = found[0] - term[1], found[1] - term[0]
    allowed = ends(error(q, T))[0] * share
    if at_least(rest, -allowed) and at_most(rest, allowed):
        return None
    return fails(
        f"{told(q, T, found)}, second term {float(term[0]):.6g}",
        f"within {float(allowed):.6g}",
        f"{float(rest[0]):.6g} left",
    )


control(two_terms, "no-gains", "refuted", second=without_gains, reason="the eps_m add 0.8 T^(1/2) at q = 2")
control(two_terms, "no-second-term", "refuted", second=lambda q: (F(0), F(0)), reason="0.6 T^(1/2) is left at q = 2")
control(
    two_terms,
    "sign-turned",
    "refuted",
    second=lambda q: (-kappa(q)[1], -kappa(q)[0]),
    reason="1.2 T^(1/2) is left at q = 2",
)
control(
    two_terms,
    "gains-unweighted",
    "refuted",
    second=lambda q: ends(ball(1 / q).zeta() + 1),
    reason="the eps_m sum to 1, weighted by m^(-1/q) to 0.84 at q = 2",
)
control(two_terms, "double-bound", "confirmed", share=F(2), reason="a weaker bound")
control(
    two_terms,
    "a-hundredth",
    "refuted",
    share=F(1, 100),
    reason="T = 1 has G = 1, so -zeta(q) - kappa(q) is left, more than 7/100",
)


@check(
    claims.sign_change,
    "certified",
    covers=True,
    scope={"sizes": "all q > 1; the zero to 20 decimals", "method": "monotone, signs at two points"},
)
def signs_at_two_points(zero: tuple[Fraction, Fraction] = claims.ZERO, terms: int = 84) -> Evidence:
    """kappa < 0 at the lower end and > 0 at the upper one, as inequalities in rationals, log and exp."""
    return holds(cases=2, certificates=bracket.certificates(*zero, claims.sign_change.id, terms))


_UNIT = F(1, 10**20)
control(
    signs_at_two_points,
    "one-decimal-up",
    "refuted",
    zero=(claims.ZERO[0] + _UNIT, claims.ZERO[1] + _UNIT),
    reason="the zero lies below",
)
control(
    signs_at_two_points,
    "one-decimal-down",
    "refuted",
    zero=(claims.ZERO[0] - _UNIT, claims.ZERO[1] - _UNIT),
    reason="the zero lies above",
)
control(signs_at_two_points, "integers", "confirmed", zero=(F(3), F(4)), terms=24, reason="a wider bracket")


@check(
    claims.sign_change,
    "exhausted",
    given={"pair": [(F(n, 10), F(n + 1, 10)) for n in (11, 12, 15, 20, 33, 34, 40, 80, 400)]},
    scope={"sizes": "nine pairs of q between 1.1 and 40.1"},
)
def kappa_increases(
    pair: tuple[Fraction, Fraction], law: Callable[[Fraction], Enclosure] = kappa, top: Fraction = F(1, 2)
) -> Evidence | None:
    """kappa of the smaller q is below that of the larger, which is below 1/2; FLINT's zeta function."""
    (_, before), (after, most) = law(pair[0]), law(pair[1])
    if before < after and most < top:
        return None
    return fails(
        f"kappa({pair[0]}) = {float(before):.6g}, kappa({pair[1]}) = {float(after):.6g}", f"increasing, below {top}", ""
    )


control(kappa_increases, "lower-limit", "refuted", top=F(2, 5), reason="kappa(40) = 0.466")
control(kappa_increases, "one-over-q", "refuted", law=lambda q: kappa(1 + 1 / q), reason="1 + 1/q falls with q")
control(
    kappa_increases, "fewer-bits", "confirmed", law=lambda q: kappa(q, 64), symmetry="the same number, less sharply"
)


def allowance(q: Fraction) -> Fraction:
    """c = 3 + 4 x^q / (q+1), x = 4 q / (|kappa| (q+1)), for kappa(q) < 0."""
    x = ball(4 * q) / (ball(-kappa(q)[0]) * ball(q + 1))
    return ends(3 + 4 * x ** ball(q) / ball(q + 1))[0]


DECIDED = tuple(
    (q, 10**e)
    for q in (F(3, 2), F(2), F(3), F(10, 3), F(7, 2), F(4), F(8))
    for e in (0, 3, 6, 9, 12, 17)
    if e / (q + 1) <= F(39, 10) and (q < F(7, 2) or e >= 12)
)


@check(
    claims.decided,
    "exhausted",
    given={"case": DECIDED},
    scope={"sizes": "q = 3/2, 2, 3, 10/3 and 7/2, 4, 8; T up to 10^17"},
)
def bound_is_decided(
    case: tuple[Fraction, int], zero: Fraction = claims.ZERO[0], half: Fraction = F(1, 2)
) -> Evidence | None:
    """Below `zero` G <= 2^(zeta(q) T + c); above it the excess is at least half of kappa(q) T^(1/q)."""
    q, T = case
    found = excess(q, T)
    if q < zero:
        if sign(q) < 0 and at_most(found, allowance(q)):
            return None
        return fails(f"{told(q, T, found)}, kappa = {float(kappa(q)[0]):.6g}", "bounded by a constant", float(found[0]))
    wanted = scaled(kappa(q), T, 1 / q)[1] * half
    if sign(q) > 0 and at_least(found, wanted):
        return None
    return fails(
        f"{told(q, T, found)}, kappa = {float(kappa(q)[0]):.6g}", f"at least {float(wanted):.6g}", float(found[0])
    )


control(bound_is_decided, "zero-at-4", "refuted", zero=F(4), reason="kappa(7/2) > 0")
control(bound_is_decided, "zero-at-3", "refuted", zero=F(3), reason="kappa(3) < 0")
control(bound_is_decided, "zero-at-17/5", "confirmed", zero=F(17, 5), reason="no q tried lies between")
control(bound_is_decided, "three-halves", "refuted", half=F(3, 2), reason="the excess is about kappa(q) T^(1/q)")
