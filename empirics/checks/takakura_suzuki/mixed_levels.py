"""Mixed smoothness at levels that nobody counts up to, and what ties cost."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, comb

from flint import ctx

from empirics.checking import Evidence, check, control, fails
from empirics.checks.takakura_suzuki.mixed_counting import exceeds, told
from theory.takakura_suzuki import mixed_counting as claims
from theory.takakura_suzuki.constants import PRECISION, ball, ends, product
from theory.takakura_suzuki.counting import count
from theory.takakura_suzuki.expansion import log2_count
from theory.takakura_suzuki.smoothness import Power, Smoothness, mixed

F = Fraction


@check(
    claims.large_levels,
    "exhausted",
    given={
        "smoothness": (
            mixed(1, 2),
            mixed(1, 3, 5),
            mixed(2, 4, 4),
            Smoothness("mixed", Power(2)),
            Smoothness("mixed", Power(4)),
        ),
        "T": (1, 5, 20, F(61, 2), 100),
    },
    scope={"sizes": "five classes, T up to 100"},
)
def remainder_is_small(
    smoothness: Smoothness, T: Fraction, share: Fraction = F(1, 2), first: int = 2
) -> Evidence | None:
    """C_a - G 2^-m lies in [0, bound]; G by the dynamic programme."""
    m = ceil(F(T) / smoothness.exact(1))
    delta = (1 - smoothness.exact(1) / smoothness.exact(2)) * share
    bits = 2 * m + 128  # R is at least 2^-m, the share of s' = 0 in the second sum
    with ctx.workprec(bits):
        R = product(smoothness, first=first, precision=bits) - ball(F(count(smoothness, T), 2**m))
        bound = 2 * ball(2) ** -(ball(delta) * m) * product(smoothness, 1 - delta, precision=bits)
        if R >= 0 and bound >= R:
            return None
        return fails(
            f"{told(smoothness, T)}: C_a - G 2^-m = {float(R):.4g}", f"0 to {float(bound):.4g}", float(bound - R)
        )


control(remainder_is_small, "first-factor-dropped", "refuted", first=3, reason="the constant lacks the factor of a_2")
control(
    remainder_is_small,
    "half-delta",
    "confirmed",
    share=F(1, 4),
    reason="a weaker bound for large m; it holds for every delta",
)


@check(
    claims.large_levels,
    "exhausted",
    given={"smoothness": (Smoothness("mixed", Power(4)),), "T": (10**3, 10**6, 10**17)},
    scope={"sizes": "a_i = i^4, T = 10^3, 10^6, 10^17"},
)
def levels_nobody_counts(
    smoothness: Smoothness, T: int, width: Fraction = F(1, 2**100), shift: int = 0
) -> Evidence | None:
    """log2 G - T is enclosed more narrowly than `width`, and meets an enclosure of log2 C_a that is as narrow."""
    low, high = log2_count(smoothness, T + shift)
    with ctx.workprec(PRECISION):
        about = ends(product(smoothness).log() / ball(2).log())
    if high - low < width and low - T <= about[1] and about[0] <= high - T:
        return None
    return fails(
        f"{told(smoothness, F(T))}: log2 G - T in [{float(low - T)}, {float(high - T)}]",
        float(about[0]),
        float(low - T),
    )


control(levels_nobody_counts, "one-level-more", "refuted", shift=1, reason="G doubles")
control(levels_nobody_counts, "coarser", "confirmed", width=F(1), reason="a weaker claim")

TIED = (
    (mixed(1, 3), 1),
    (mixed(1, 1, ties=True), 2),
    (mixed(2, 2, 3, ties=True), 2),
    (mixed(1, 1, 1, 2, ties=True), 3),
)


@check(
    claims.ties,
    "exhausted",
    given={"case": TIED, "T": (F(1, 2), 1, F(9, 8), 3, F(15, 2), 20, 60)},
    scope={"sizes": "k = 1, 2, 3, T up to 60"},
)
def ties_cost_a_power(
    case: tuple[Smoothness, int], T: Fraction, more: int = 0, scale: int | Fraction = 1
) -> Evidence | None:
    """Both sides, exactly; `more` is added to k in the binomial, `scale` multiplies a and T."""
    smoothness, k = case
    if scale != 1:
        smoothness = mixed(*(scale * smoothness.exact(i) for i in range(1, (smoothness.dimension or k) + 1)), ties=True)
    T = T * scale
    total, first = count(smoothness, T), smoothness.exact(1)
    m = ceil(F(T) / first)
    B = F(comb(m + k + more - 2, k + more - 1)) if k + more > 0 else F(1, m)
    C = ends(product(smoothness, first=k + 1))[0]
    if 2 ** (m - 1) * B <= total and not exceeds(total / (2 * C * B), F(T) / first):
        return None
    return fails(f"{told(smoothness, F(T))}: G = {total}, k = {k}, B = {B}", "2^(m-1) B <= G < 2 C 2^(T/a_1) B", total)


control(ties_cost_a_power, "one-power-more", "refuted", more=1, reason="the lower bound T^k is too high")
control(ties_cost_a_power, "one-power-fewer", "refuted", more=-1, reason="the upper bound T^(k-2) is too low")
control(ties_cost_a_power, "scaled", "confirmed", scale=F(2, 3), symmetry="a and T times 2/3")


@check(
    claims.finite_with_ties,
    "exhausted",
    given={"T": range(1, 81)},
    covers=True,
    scope={"sizes": "a = (1, 1), T up to 80"},
)
def constant_serves(T: int, smoothness: Smoothness = mixed(1, 1, ties=True), bound: int = 64) -> Evidence | None:
    """G(T) <= bound * 2^T."""
    total = count(smoothness, T)
    return (
        None
        if total <= bound * 2**T
        else fails(f"{told(smoothness, F(T))}: G / 2^T = {float(F(total, 2**T)):.6g}", f"<= {bound}", total)
    )


control(
    constant_serves,
    "gap",
    "confirmed",
    smoothness=mixed(1, F(11, 10)),
    reason="C_a = 1 / (1 - 2^(-1/10)) = 14.9, twice that is below 64",
)
control(
    constant_serves, "larger-constant", "confirmed", bound=80, reason="G / 2^T is T - 1 + 2^-T, at most 80 up to T = 80"
)
