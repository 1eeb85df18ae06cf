"""Theorem A' on variants it was not made for, and in n - 1 dimensions with w = k."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from constructions.deltaformer.centred_swaps import CentredSwaps
from constructions.deltaformer.matrix_certificates import rank_certificate
from constructions.deltaformer.reduced_swaps import ReducedSwaps
from constructions.deltaformer.swap_tracking import Token
from constructions.deltaformer.variants import Powers, ReducedTokens
from constructions.layers.kernels import LINEAR, Kernel, Rounded
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.program_readings import (
    differences_by_the_largest,
    differences_exactly,
    never_decoded,
    small_programs,
)
from empirics.checks.deltaformer.reduced_swaps import UnitDropped
from theory.deltaformer import transfer_reduced as claims
from theory.programs import SwapProgram

_PROGRAMS = small_programs(4, 2, least_slots=2)
_SIZES = "all programs with 2 <= n <= 4, S <= 2"


class NotCentred(CentredSwaps):
    """Unit vectors as they are: Theorem A, in n dimensions."""

    def part(self, n: Any) -> Any:
        return 0


class WrittenInPlace(CentredSwaps):
    """Writes with beta = 1, which subtract what they find of the writes before."""

    def write(self, e: Any, ones: Any, part: Any, slot: Any) -> Token:
        return super().write(e, ones, part, slot)._replace(beta=1)


class BothNegated(CentredSwaps):
    """k and w of swaps negated."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return super().swap(e, b, a)


@check(
    claims.a_prime_under_rounded,
    "derived",
    covers=True,
    scope={"sizes": "all n and S", "method": "patterns of equality"},
)
def inner_products_with_ones_are_integers(construction: Any = ReducedSwaps(), norm: int = 1) -> Evidence:
    """Every inner product of a key and a write or query of A' is an integer that rounding leaves alone, in every pattern."""
    import sympy

    from theory.symbolic import Slot, describe, in_pattern, patterns, unit
    from theory.symbolic_ones import all_ones

    a, b, c, d = (Slot(name) for name in "abcd")
    ones = all_ones()
    first, second = construction.swap(unit, a, b), construction.swap(unit, c, d)
    keys = [construction.write(unit, a).k, first.k, construction.swap_last(unit, ones, a).k]
    keys.append(construction.write_last(ones).k)
    writes = [
        construction.write(unit, c).w,
        second.w,
        construction.swap_last(unit, ones, c).w,
        construction.read(unit, c),
    ]
    kernel, decided = Rounded(norm), 0
    for pattern in patterns((a, b, c, d)):
        for x, y in product(keys, writes):
            inner: Any = in_pattern(sympy.sympify(x.inner(y)), pattern)
            rounded = kernel.values(np.array([Fraction(int(inner.p), int(inner.q))], dtype=object))[0]
            if rounded != inner:
                return fails(
                    f"{describe(pattern)}: an inner product of {inner} is rounded to {rounded}", inner, rounded
                )
            decided += 1
    return holds(cases=decided)


control(inner_products_with_ones_are_integers, "rounded-to-pairs", "refuted", norm=2, reason="1 over 2 is rounded to 0")
control(
    inner_products_with_ones_are_integers,
    "unit-dropped",
    "confirmed",
    construction=UnitDropped(),
    reason="not a swap, but integers all the same",
)


@check(
    claims.a_prime_under_rounded, "exhausted", given={"program": _PROGRAMS}, scope={"sizes": _SIZES, "arithmetic": "Q"}
)
def differences_on_rounded(program: SwapProgram, layer: Any = ReducedTokens(Rounded(1))) -> Evidence:
    """By the operator with the rounded kernel: every row is the difference that A' promises."""
    return differences_exactly(program, layer)


control(
    differences_on_rounded,
    "rounded-to-pairs",
    "refuted",
    layer=ReducedTokens(Rounded(2)),
    reason="weights of 1 are lost",
)
control(differences_on_rounded, "linear-kernel", "confirmed", layer=ReducedTokens(LINEAR), reason="Theorem A' itself")


def codes_with_one_turned(n: int) -> np.ndarray:
    """n <= 8 codes of nine signs, of inner products 1, the last turned round: coherence 1/9."""
    rows = np.array([[1]], dtype=np.int64)
    while len(rows) < 8:
        rows = np.block([[rows, rows], [rows, -rows]])
    made = np.concatenate([rows[:n], np.ones((n, 1), dtype=np.int64)], axis=1)
    made[-1] *= -1
    return made


@check(
    claims.a_prime_with_codes,
    "exhausted",
    given={"program": small_programs(5, 2, least_slots=2)},
    scope={"sizes": "all programs with 2 <= n <= 5, S <= 2; codes of nine signs", "arithmetic": "Q"},
)
def differences_with_codes(
    program: SwapProgram,
    units: Callable[[int], np.ndarray] = codes_with_one_turned,
    kernel: Kernel = Rounded(9),
    most_slots: int = 5,
) -> Evidence:
    """Codes of coherence 1/9 for unit vectors, by the operator; programs of more than `most_slots` slots are passed over."""
    return differences_exactly(program, ReducedTokens(kernel, units)) if program.n <= most_slots else holds()


control(
    differences_with_codes,
    "orthonormal-codes",
    "confirmed",
    units=lambda n: 3 * np.eye(n, dtype=np.int64)[:, ::-1],
    reason="orthonormal codes are unit vectors, Theorem A'",
)
control(differences_with_codes, "four-slots", "confirmed", most_slots=4, reason="four errors of 1/9 are rounded away")


@check(
    claims.a_prime_with_w_equal_k,
    "derived",
    covers=True,
    scope={"sizes": "all n and S", "method": "patterns of equality, n a symbol"},
)
def centred_differences_follow(construction: Any = CentredSwaps()) -> Evidence:
    """What a reader of slot j gets after a write and after a swap, in every pattern of equality, with 1/n a symbol."""
    import sympy

    from theory.symbolic import Slot, describe, in_pattern, patterns, row, unit
    from theory.symbolic_ones import all_ones

    a, b, j = Slot("a"), Slot("b"), Slot("j")
    content, n, ones = sympy.Symbol("content"), sympy.Symbol("n", positive=True), all_ones()
    part = construction.part(n)
    write = construction.write(unit, ones, part, a)
    swap = construction.swap(unit, a, b)
    reader = construction.read(unit, ones, part, j)
    if write.k != write.w or swap.k != swap.w:
        return fails("a token has w other than k")

    def with_reader(key: Any) -> Any:
        """<key, p_j>, keys orthogonal to the ones: of p_j only its unit vector matters."""
        return key.inner(reader.part)

    steps = (
        ("write", row(j) + with_reader(write.k) * content, row(j) + (_delta(j, a) - 1 / n) * content, write.beta == 0),
        (
            "swap",
            row(j) - swap.beta * with_reader(swap.k) * swap.w.apply(row),
            row(j) - (_delta(j, a) - _delta(j, b)) * (row(a) - row(b)),
            True,
        ),
    )
    decided = 0
    for pattern in patterns((a, b, j)):
        for name, found, wanted, beta_right in steps:
            residual = in_pattern(sympy.sympify(found - wanted), pattern)
            if residual != 0 or not beta_right:
                return fails(f"{name}, {describe(pattern)}: what slot j reads is off by {residual}", wanted, found)
            decided += 1
        exchanged = row(b) if pattern[j] == pattern[a] else row(a) if pattern[j] == pattern[b] else row(j)
        residual = in_pattern(sympy.sympify(steps[1][1] - exchanged), pattern)
        if residual != 0:
            return fails(f"{describe(pattern)}: the swap exchanges nothing, off by {residual}", exchanged, steps[1][1])
    sums = sympy.expand(1 - part * n)  # <p_j, (1, ..., 1)>
    return holds(cases=decided) if sums == 0 else fails(f"p_j adds up to {sums}: it needs all n dimensions", 0, sums)


def _delta(x: Any, y: Any) -> Any:
    from theory.symbolic import delta

    return delta(x, y)


@check(
    claims.a_prime_with_w_equal_k,
    "exhausted",
    given={"program": _PROGRAMS},
    scope={"sizes": _SIZES, "arithmetic": "Q, in n coordinates of which the vectors span n - 1"},
)
def centred_tokens_track(program: SwapProgram, construction: Any = CentredSwaps()) -> Evidence:
    """By the operator: every slot, the last too, shows its content as the largest entry, by 1 over every other."""
    read = construction.readings(program)
    for slot, content in enumerate(program.contents()):
        others = [x for place, x in enumerate(read[slot]) if place != content]
        if any(read[slot][content] - x != 1 for x in others):
            shown = ", ".join(map(str, read[slot]))
            return fails(f"{program}: slot {slot} reads ({shown}), not content {content} by 1", content, shown)
    return holds()


@check(
    claims.a_prime_with_w_equal_k,
    "certified",
    given={"n": [2, 3, 5, 8]},
    scope={"sizes": "n = 2, 3, 5, 8; keys of all writes and swaps"},
)
def vectors_span_one_dimension_less(n: int, construction: Any = CentredSwaps(), fewer: int = 1) -> Evidence:
    """The keys of all writes and swaps, which are the writes and queries too, have rank n - 1; for the trusted checker."""
    return holds(
        certificates=[rank_certificate(construction.vectors(n), claims.a_prime_with_w_equal_k.id, stated=n - fewer)]
    )


for _check in (centred_differences_follow, centred_tokens_track):
    control(
        _check,
        "written-in-place",
        "refuted",
        construction=WrittenInPlace(),
        reason="p_j are not orthogonal to each other",
    )
    control(_check, "pair-reversed", "confirmed", construction=BothNegated(), symmetry="k and w both change sign")
control(
    centred_differences_follow, "not-centred", "refuted", construction=NotCentred(), reason="that takes n dimensions"
)
control(vectors_span_one_dimension_less, "not-centred", "refuted", construction=NotCentred(), reason="n dimensions")
control(vectors_span_one_dimension_less, "two-fewer", "refuted", fewer=2, reason="the p_j span n - 1")
control(
    vectors_span_one_dimension_less,
    "pair-reversed",
    "confirmed",
    construction=BothNegated(),
    symmetry="a vector and its negative span the same",
)

_THREE = small_programs(3, 1, least_slots=2)
_SMALL = "all programs with n = 2, 3, S <= 1"
exponential_differences = never_decoded(
    claims.a_prime_under_exponential,
    _SMALL,
    lambda z: ReducedTokens(Powers(z)),
    programs=_THREE,
    judge=differences_by_the_largest,
)
softmax_differences = never_decoded(
    claims.a_prime_under_softmax,
    _SMALL,
    lambda z: ReducedTokens(Powers(z, normalised=True)),
    programs=_THREE,
    judge=differences_by_the_largest,
)
for _check in (exponential_differences, softmax_differences):
    control(_check, "linear-kernel", "confirmed", layer=lambda z: ReducedTokens(LINEAR), reason="Theorem A' itself")
    control(
        _check, "rounded-kernel", "confirmed", layer=lambda z: ReducedTokens(Rounded(1)), reason="a-prime-under-rounded"
    )
