"""Block sizes by counting, truncation and widths by brute force over every block of a box that holds what matters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product

import numpy as np

from empirics.checking import Evidence, Run, check, control, fails, holds
from theory.exact import determinant
from theory.takakura_suzuki import blocks as claims
from theory.takakura_suzuki.counting import count, next_level, width_levels
from theory.takakura_suzuki.roots import Exact
from theory.takakura_suzuki.smoothness import Power, Smoothness, anisotropic, mixed, size_of_block

F = Fraction
CLASSES = (
    mixed(1, 2),
    anisotropic(1, 2),
    mixed(1, F(3, 2), 3),
    anisotropic(F(2, 3), 1, 1),
    Smoothness("mixed", Power(1)),
    Smoothness("anisotropic", Power(2)),
)
LEVELS = (F(1, 2), F(1), F(3, 2), F(2), F(7, 3), F(3), F(4))


def box(smoothness: Smoothness, top: Fraction) -> list[tuple[int, ...]]:
    """Every block with all a_i s_i <= top, from plain products: it holds {gamma <= top}. Small sizes only."""
    found: list[range] = []
    i = 1
    while (smoothness.dimension is None or i <= smoothness.dimension) and smoothness.exact(i) <= top:
        found.append(range(int(top / smoothness.exact(i)) + 1))
        i += 1
    return list(product(*found))


def orders(smoothness: Smoothness, top: Fraction) -> list[Fraction]:
    """The orders up to `top` with multiplicity 2^|s|, ascending, for rational a."""
    held = ((g, size_of_block(s)) for s in box(smoothness, top) if isinstance(g := smoothness.gamma(s), Fraction))
    return [g for g, n in sorted(pair for pair in held if pair[0] <= top) for _ in range(n)]


Interval = Callable[[int], tuple[Fraction, int]]


def dyadic(s: int) -> tuple[Fraction, int]:
    """floor(2^(s-1)) <= |l| < 2^s as an interval."""
    return F(2**s // 2), 2**s


def _members(s: int, interval: Interval, signs: tuple[int, ...] = (1, -1)) -> int:
    low, end = interval(s)
    return len({sign * x for x in range(end) if x >= low for sign in signs})


@check(
    claims.size,
    "exhausted",
    given={"s": sorted(product(range(5), repeat=3), key=lambda s: (sum(s), s))},
    scope={"sizes": "s up to (4, 4, 4)"},
)
def blocks_hold_a_power_of_two(
    s: tuple[int, ...], interval: Interval = dyadic, signs: tuple[int, ...] = (1, -1)
) -> Evidence | None:
    """All l of a block are listed coordinate by coordinate and counted."""
    found = int(np.prod([_members(x, interval, signs) for x in s]))
    return None if found == 2 ** sum(s) else fails(f"block {s} holds {found} functions", 2 ** sum(s), found)


control(
    blocks_hold_a_power_of_two,
    "no-floor",
    "refuted",
    interval=lambda s: (F(2**s, 2), 2**s),
    reason="1/2 <= |l| < 1 has no l",
)
control(blocks_hold_a_power_of_two, "one-sign", "refuted", signs=(1,), reason="cosines are left out")
control(
    blocks_hold_a_power_of_two,
    "end-included",
    "refuted",
    interval=lambda s: (F(2**s // 2), 2**s + 1),
    reason="2^s is in two blocks",
)
control(
    blocks_hold_a_power_of_two,
    "by-bits",
    "confirmed",
    interval=lambda s: (F(1 << s >> 1), 1 << s),
    symmetry="shifts for powers",
)


@check(claims.size, "derived", covers=True, scope={"sizes": "all s", "method": "an identity in s"})
def sizes_with_two_signs(low: Callable = lambda two_s: two_s / 2, signs: int = 2) -> Evidence | None:
    """signs * (2^s - 2^(s-1)) - 2^s for s >= 1, with 2^s as a symbol."""
    import sympy

    two_s = sympy.Symbol("p", positive=True)
    residual = sympy.expand(signs * (two_s - low(two_s)) - two_s)
    return None if residual == 0 else fails(f"s >= 1: the count differs from 2^s by {residual}", 0, residual)


control(sizes_with_two_signs, "one-sign", "refuted", signs=1, reason="half the functions")
control(
    sizes_with_two_signs,
    "low-end-too-high",
    "refuted",
    low=lambda p: p / 2 + 1,
    reason="2^(s-1) itself belongs to the block",
)
control(sizes_with_two_signs, "by-sum", "confirmed", low=lambda p: p - p / 2, symmetry="p - p/2 = p/2")


def _instances(run: Run) -> dict[str, tuple]:
    return {"smoothness": CLASSES, "T": LEVELS + run.pick((), (F(9, 2), F(5)))}


Rule = Callable[[Smoothness, Fraction], Exact]


@check(claims.truncation, "exhausted", given=_instances, scope={"sizes": "six classes, T up to 4"})
def worst_tail(smoothness: Smoothness, T: Fraction, law: Rule = next_level, strict: bool = True) -> Evidence | None:
    """The least order outside the kept set, over every block of a box, against the law; the tail is 2^-that."""
    top = T + smoothness.exact(1)  # some block of the first coordinate alone lies in [T, T + a_1)
    least = min(g for s in box(smoothness, top) if (g := smoothness.gamma(s)) > T or (strict and g == T))
    stated = law(smoothness, T)
    if stated == least:
        return None
    return fails(
        f"{smoothness.kind}, a = {smoothness.a}, T = {T}: the tail is 2^-({least})", f"2^-({stated})", f"2^-({least})"
    )


control(
    worst_tail, "as-a-bound-only", "refuted", law=lambda sm, T: T, reason="T = 1/2 is no value of gamma for a_1 = 1"
)
control(
    worst_tail, "equal-kept", "refuted", strict=False, reason="at T = 1 the block of order 1 is kept, and the next is 2"
)
control(
    worst_tail,
    "first-coordinate-only",
    "refuted",
    law=lambda sm, T: -(-T // sm.exact(1)) * sm.exact(1),
    reason="another coordinate can come sooner: a = (1, 3/2, 3), T = 3/2",
)
control(
    worst_tail,
    "other-smoothness",
    "refuted",
    law=lambda sm, T: next_level(Smoothness("anisotropic", sm.a), T),
    reason="sums of a_i are orders of mixed smoothness only: a = (1, 3/2, 3), T = 7/3 has 5/2",
)
control(
    worst_tail, "by-width", "confirmed", law=lambda sm, T: width_levels(sm, [count(sm, T)])[0], reason="d_N at N = G(T)"
)


@check(claims.width, "exhausted", given=_instances, scope={"sizes": "six classes, T up to 4; N = G(T) and G(T) - 1"})
def widths_are_semi_axes(
    smoothness: Smoothness, T: Fraction, size: Callable = count, shift: int = 0
) -> Evidence | None:
    """The semi-axes of the ball, all listed and sorted: number N + 1 is min{gamma >= T}, number N is below T."""
    N = size(smoothness, T) + shift
    listed = orders(smoothness, T + smoothness.exact(1))
    before, after = listed[N - 1], listed[N]
    if before < T and after == next_level(smoothness, T) and width_levels(smoothness, [N, N - 1]) == [after, before]:
        return None
    words = f"{smoothness.kind}, a = {smoothness.a}, T = {T}, N = {N}: orders number N and N + 1 are {before}, {after}"
    return fails(words, f"below {T}, {next_level(smoothness, T)}", (before, after))


control(widths_are_semi_axes, "one-fewer", "refuted", shift=-1, reason="a function below T is left out")
control(widths_are_semi_axes, "one-more", "refuted", shift=1, reason="a function of order T or more is kept")
control(
    widths_are_semi_axes,
    "floor-for-ceil",
    "refuted",
    size=lambda sm, T: int(np.prod([2 ** int(T / sm.exact(i)) for i in range(1, max(sm.active(T), 1) + 1)])),
    reason="the count of another set",
)
control(
    widths_are_semi_axes,
    "by-listing",
    "confirmed",
    size=lambda sm, T: sum(g < T for g in orders(sm, T)),
    reason="the same N, counted one by one",
)


def _spaces(run: Run) -> Iterator[np.ndarray]:
    draw = np.random.default_rng(run.seed)
    for N in range(1, run.pick(4, 6)):
        for _ in range(4):
            yield draw.integers(-3, 4, size=(N, N + 1))


@check(
    claims.width,
    "tested",
    given=lambda run: {"space": list(_spaces(run)), "smoothness": [sm for sm in CLASSES if sm.exact(1) == 1]},
    scope={"sizes": "random integer subspaces of dimension 1 to 3"},
)
def no_subspace_does_better(space: np.ndarray, smoothness: Smoothness, place: int = 0) -> Evidence:
    """The vector of minors is orthogonal to the N rows; scaled into the ball it is at least d_N away: an exact quotient."""
    N = len(space)
    levels = [g for g in width_levels(smoothness, list(range(N + 1 + max(place, 0)))) if isinstance(g, Fraction)]
    x = [(-1) ** i * determinant(np.delete(space, i, axis=1)) for i in range(N + 1)]
    if not any(x):
        return holds(cases=0)  # dependent rows: a smaller space, which the other draws cover
    width = levels[N + place]
    length = sum(v * v for v in x)
    norm = sum(v * v * F(4) ** int(g) * (2 if g % 1 else 1) for v, g in zip(x, levels, strict=False))
    least = F(4) ** int(width) * (2 if width % 1 else 1)  # 4^gamma, gamma a multiple of 1/2
    if norm <= length * least:
        return holds()
    words = (
        f"{smoothness.kind}, a = {smoothness.a}, the space of {space.tolist()}: its distance squared is {length / norm}"
    )
    return fails(words, f">= {1 / least}", length / norm)


control(
    no_subspace_does_better,
    "one-semi-axis-sooner",
    "refuted",
    place=-1,
    reason="one dimension more beats the width of one fewer",
)
control(no_subspace_does_better, "one-semi-axis-later", "confirmed", place=1, reason="a smaller bound")
