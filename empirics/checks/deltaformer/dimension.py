"""Head dimension: rank of a linear read-out, characters of translations, and a decoder that reads history."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from constructions.deltaformer.history_numeral import HistoryNumeral
from constructions.deltaformer.matrix_certificates import rank_certificate
from constructions.deltaformer.swap_tracking import OneHotSwaps
from empirics.checking import Evidence, Run, check, control, fails, holds
from theory.deltaformer import dimension as claims
from theory.programs import SwapProgram


def over_t(s: Any, t: Any) -> Any:
    """The lower left block S / t of the second factorisation."""
    return s / t


def determinants_agree(lower: Callable[[Any, Any], Any], missing: int) -> Evidence:
    """Two block factorisations of one matrix give det(t - Q S) = t^{n-d} det(t - S Q), and n - d is positive."""
    import sympy

    q, s = sympy.symbols("Q S", commutative=False)
    t = sympy.Symbol("t")
    one, zero = sympy.Integer(1), sympy.Integer(0)
    middle = [[t, q], [s, one]]
    pairs = (
        ([[one, q], [zero, one]], [[t - q * s, zero], [s, one]]),
        ([[one, zero], [lower(s, t), one]], [[t, q], [zero, one - s * q / t]]),
    )
    for left, right in pairs:
        found = [[sympy.expand(sum(left[i][m] * right[m][j] for m in range(2))) for j in range(2)] for i in range(2)]
        if found != middle:
            return fails(f"a factorisation gives {found}, not {middle}", middle, found)
    d = sympy.Symbol("d", integer=True, positive=True)
    power = sympy.expand((d + missing) - d)
    if not power > 0:
        return fails(f"n = d + {missing}: t to the power {power} does not vanish at t = 0", "> 0", power)
    return holds(cases=3)


@check(claims.linear_read_out, "derived", covers=True, scope={"sizes": "all n and d < n", "method": "block identities"})
def products_through_few_dimensions(lower: Callable[[Any, Any], Any] = over_t, missing: int = 1) -> Evidence:
    """Two block factorisations of one matrix give det(t - Q S) = t^{n-d} det(t - S Q), and n - d is positive."""
    return determinants_agree(lower, missing)


control(
    products_through_few_dimensions,
    "t-forgotten",
    "refuted",
    lower=lambda s, t: s,
    reason="the lower factor must divide by t",
)
control(products_through_few_dimensions, "as-many-dimensions", "refuted", missing=0, reason="d = n is enough")
control(products_through_few_dimensions, "two-short", "confirmed", missing=2, reason="a smaller head, all the more")


def _unit_contents(n: int) -> np.ndarray:
    return np.eye(n, dtype=np.int64)


def _vandermonde(n: int) -> np.ndarray:
    return np.vander(np.arange(1, n + 1, dtype=np.int64), n)


def _summing_to_zero(n: int) -> np.ndarray:
    """Distinct contents of rank n - 1: unit vectors less their mean, times n."""
    return n * np.eye(n, dtype=np.int64) - 1


@check(
    claims.linear_read_out,
    "certified",
    given=lambda run: {"program": _programs(run)},
    scope={"sizes": "instances with n = 1, 2, 3, 5, 12"},
)
def what_is_read_has_rank_n(
    program: SwapProgram, contents: Callable[[int], np.ndarray] = _unit_contents, construction: Any = OneHotSwaps()
) -> Evidence:
    """What the readers return after a program, with its rank n: the checker sees a minor and a factorisation."""
    tokens = construction.compile(program)
    read = tokens.read_out(tokens.first_stage()) @ contents(program.n)
    return holds(certificates=[rank_certificate(read, claims.linear_read_out.id, stated=program.n)])


def _programs(run: Run) -> list[SwapProgram]:
    draw = np.random.default_rng(run.seed)
    sizes = [(1, 0), (2, 1), (3, 2), (5, 8), (12, 20)]
    return [SwapProgram(n, [draw.choice(n, 2, replace=False).tolist() for _ in range(s)]) for n, s in sizes]


control(
    what_is_read_has_rank_n,
    "contents-summing-to-zero",
    "refuted",
    contents=_summing_to_zero,
    reason="dependent contents have rank n - 1, and that head dimension suffices for them",
)
control(
    what_is_read_has_rank_n,
    "powers-as-contents",
    "confirmed",
    contents=_vandermonde,
    reason="independent contents that are not unit vectors",
)


_POLYNOMIALS = {4: (1, 1), 8: (1, 1, 0), 9: (2, 0)}
"""x^e = the polynomial with these coefficients, constant first, over the prime field."""


def _field(q: int) -> tuple[int, np.ndarray]:
    """The prime p, and for every element c of F_q that is not 0 the matrix of multiplication by c, `(q - 1, e, e)`."""
    p = next(p for p in range(2, q + 1) if q % p == 0)
    e = round(np.log(q) / np.log(p))
    companion = np.zeros((e, e), dtype=np.int64)
    companion[1:, :-1] = np.eye(e - 1, dtype=np.int64)
    companion[:, -1] = _POLYNOMIALS.get(q, (0,) * e)
    powers = [np.linalg.matrix_power(companion, i) for i in range(e)]
    elements = [c for c in product(range(p), repeat=e) if any(c)]
    return p, np.stack([sum(x * power for x, power in zip(c, powers, strict=True)) % p for c in elements])


def _all_multipliers(p: int, matrices: np.ndarray) -> np.ndarray:
    return matrices


@check(
    claims.prime_powers,
    "exhausted",
    given={"q": [2, 3, 4, 5, 7, 8, 9]},
    covers=True,
    scope={"sizes": "q = 2, 3, 4, 5, 7, 8, 9", "method": "orbits of characters of the translations, written out"},
)
def multiplications_move_characters(
    q: int, multipliers: Callable[[int, np.ndarray], np.ndarray] = _all_multipliers
) -> Evidence:
    """Multiplications of F_q are permutations, and take one non-trivial character of its translations to all q - 1."""
    p, matrices = _field(q)
    e = matrices.shape[-1]
    vectors = np.array(list(product(range(p), repeat=e)), dtype=np.int64)
    for matrix in matrices:
        if len(np.unique(vectors @ matrix.T % p, axis=0)) != q:
            return fails(f"q = {q}: multiplication by {matrix[:, 0].tolist()} is no permutation")
    character = np.zeros(e, dtype=np.int64)
    character[0] = 1
    orbit = {tuple(row) for row in (character @ multipliers(p, matrices) % p).tolist()}
    if len(orbit) != q - 1:
        return fails(f"q = {q}: the character is moved to {len(orbit)} of {q - 1}", q - 1, len(orbit))
    return holds()


control(
    multiplications_move_characters,
    "squares-only",
    "refuted",
    multipliers=lambda p, matrices: matrices @ matrices % p,
    reason="for odd q squares make half of the multiplications",
)
control(
    multiplications_move_characters,
    "prime-field-only",
    "refuted",
    multipliers=lambda p, matrices: np.stack([c * np.eye(matrices.shape[-1], dtype=np.int64) for c in range(1, p)]),
    reason="F_4 has other multiplications than by 1",
)
control(
    multiplications_move_characters,
    "inverse-multiplications",
    "confirmed",
    multipliers=lambda p, matrices: matrices[::-1],
    symmetry="all multiplications in another order",
)


@check(
    claims.any_decoder,
    "exhausted",
    given={"n": [2, 3]},
    scope={"sizes": "n = 2, 3; all sequences of at most 6 swaps"},
)
def no_smaller_head_tracks(n: int, construction: HistoryNumeral = HistoryNumeral()) -> Evidence:
    """A head of dimension 1 whose state is decoded by reading it as a numeral, on every sequence of swaps."""
    from theory.permutations import all_swaps

    if construction.head_dimension >= n - 1:
        return holds()
    longest = 6
    for length in range(longest + 1):
        for swaps in product(all_swaps(n), repeat=length):
            program = SwapProgram(n, swaps)
            if construction.decode(n, construction.state(program)) != program.contents():
                return holds()
    last = SwapProgram(n, [all_swaps(n)[0], all_swaps(n)[-1]])
    return fails(
        f"{n} slots, head dimension {construction.head_dimension}: the state after {last} is {construction.state(last)}, "
        f"in base {len(all_swaps(n)) + 1} the numbers of the swaps, and so for all sequences of at most {longest}",
        f"head dimension {n - 1}",
        f"head dimension {construction.head_dimension}",
    )


control(
    no_smaller_head_tracks,
    "last-digit-kept",
    "confirmed",
    construction=HistoryNumeral(modulus=4),
    reason="a bounded state forgets all but the last swap",
)
control(
    no_smaller_head_tracks,
    "three-digits-kept",
    "confirmed",
    construction=HistoryNumeral(modulus=4**3),
    reason="three digits are not four: some sequence of four swaps is mistaken for another",
)
