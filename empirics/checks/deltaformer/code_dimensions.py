"""How many coordinates codes need: random signs, enough for every n and certified; and queries, too few to differ."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from constructions.deltaformer import codes
from constructions.layers import deltaformer as operator
from constructions.layers.kernels import LINEAR, Kernel, Rounded
from empirics.checking import Evidence, check, control, fails, holds
from theory.deltaformer import rounded_swaps as claims
from theory.inequalities import certificate


def _printed_dimension(n: int) -> int:
    return math.ceil(256 * math.log(n))


@check(claims.logarithmic_codes, "derived", covers=True, scope={"sizes": "all n", "method": "n as a symbol"})
def union_bound(factor: int = 256) -> Evidence:
    """n (n-1) exp(-(factor ln n) / 128) is (1 - 1/n) n^(2 - factor/128), with n as a symbol: below 1 for factor 256."""
    import sympy

    n = sympy.Symbol("n", positive=True)
    bound, exponent = n * (n - 1) * n ** sympy.Rational(-factor, 128), 2 - sympy.Rational(factor, 128)
    residual = sympy.expand(bound) - sympy.expand((1 - 1 / n) * n**exponent)
    if residual != 0 or exponent > 0:
        return fails(f"a draw fails with probability at most {sympy.expand(bound)}, which exceeds 1 for large n")
    return holds()


control(union_bound, "half-the-dimension", "refuted", factor=128, reason="n (n-1) pairs against n")
control(union_bound, "twice-the-dimension", "confirmed", factor=512, reason="more coordinates only help")


@check(
    claims.logarithmic_codes,
    "certified",
    given=lambda run: {"n": [2, 3, 10, 100, 2048, *run.pick([], [10**5, 10**6])]},
    scope={"sizes": "n = 2, 3, 10, 100, 2048"},
)
def certified_dimensions(n: int, dimension: Any = codes.random_sign_dimension) -> Evidence:
    """The least dimension the door accepts: n (n-1) exp(-d/128) < 1 there, and it is at most ceil(256 ln n)."""
    d = dimension(n)
    if d > _printed_dimension(n):
        return fails(f"n = {n}: d = {d} exceeds 256 ln n")
    left = ["*", n * (n - 1), ["exp", Fraction(-d, 128)]]
    return holds(certificates=[certificate(left, "<", 1, claims.logarithmic_codes.id)])


control(
    certified_dimensions,
    "one-dimension-short",
    "refuted",
    dimension=lambda n: codes.random_sign_dimension(n) - 1,
    reason="the least dimension is the least",
)
control(
    certified_dimensions,
    "as-printed",
    "confirmed",
    dimension=_printed_dimension,
    reason="256 ln n exceeds 128 ln(n (n-1))",
)


@check(claims.key_bits, "derived", covers=True, scope={"sizes": "all n, d, bits", "method": "m and j symbols"})
def too_few_queries(fewer: int = 0, power: int = 1) -> Evidence:
    """Among the factors m - i, i < n, of the number of assignments without repetition, n = m + 1 + j - fewer, is one that is 0.

    power: of (m - i), for the number of assignments of `power` queries a slot, each without repetition.
    """
    import sympy

    m = sympy.Symbol("m", integer=True, positive=True)
    i, j = sympy.Symbol("i", integer=True, nonnegative=True), sympy.Symbol("j", integer=True, nonnegative=True)
    n = m + 1 + j - fewer
    vanishing = ((m - i) ** power).subs(i, m)
    among = sympy.expand(n - 1 - m)  # i = m is an index when this is not negative
    if vanishing != 0 or not among.is_nonnegative:
        return fails(
            f"n = {n} slots, m queries: the factor that is 0 has the index m, the last is m + {among}", ">= 0", among
        )
    return holds(cases=2)


control(too_few_queries, "as-many-as-slots", "refuted", fewer=1, reason="m queries for m slots are enough")
control(too_few_queries, "one-slot-more", "confirmed", fewer=-1, reason="all the more")
control(too_few_queries, "two-queries-a-slot", "confirmed", power=2, reason="each of the two repeats already")


@dataclass(frozen=True)
class Queries:
    """n slots and queries of d coordinates of so many bits."""

    n: int
    d: int
    bits: int

    def __str__(self) -> str:
        return f"{self.n} slots, {self.d} coordinates of {self.bits} bits"


@check(
    claims.key_bits,
    "exhausted",
    given=lambda run: {
        "size": [
            Queries(n, d, bits)
            for n in range(2, run.pick(6, 7))
            for d in range(3)
            for bits in range(1, 3)
            if 2 ** (d * bits) < n
        ]
    },
    scope={"sizes": "n <= 5, all assignments of queries with d * bits < log2 n"},
)
def equal_queries_read_alike(size: Queries, extra: int = 0, kernel: Kernel = LINEAR) -> Evidence:
    """Every assignment of queries, by the operator: two slots have one query, hence one reading, and some slot is wrong.

    Queries are the digits of a number, tokens random ones of that many coordinates, each content in the values of one of them.
    """
    values = 2 ** (size.d * size.bits) + extra
    table = np.arange(max(values, 1))[:, None] // (2**size.bits) ** np.arange(size.d) % (2**size.bits)
    draw = np.random.default_rng((size.n, size.d, size.bits))
    keys = draw.integers(-2, 3, (2 * size.n, size.d))
    u = operator.solve(keys, keys, np.eye(2 * size.n, size.n, dtype=np.int64))
    answers = kernel.weights(table, keys) @ u
    for queries in product(range(values), repeat=size.n):
        if len(set(queries)) == size.n:
            return fails(f"{size}: queries {queries} are all different", "two equal", queries)
        if np.array_equal(answers[list(queries)], np.eye(size.n, dtype=np.int64)):
            return fails(f"{size}: queries {queries} read every content")
    return holds(cases=values**size.n)


control(equal_queries_read_alike, "enough-values", "refuted", extra=4, reason="as many queries as slots can all differ")
control(
    equal_queries_read_alike,
    "rounded-kernel",
    "confirmed",
    kernel=Rounded(2),
    reason="whatever the kernel",
)
control(equal_queries_read_alike, "one-value-fewer", "confirmed", extra=-1, reason="fewer queries collide all the more")
