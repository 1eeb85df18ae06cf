"""Head dimension: rank of a linear read-out, reflections, characters of translations, and a decoder that reads history."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from constructions.deltaformer.history_numeral import HistoryNumeral
from constructions.deltaformer.matrix_certificates import determinant_certificate, rank_certificate
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


@check(claims.one_token, "derived", covers=True, scope={"sizes": "all n >= 2", "method": "algebra of two reflections"})
def neighbours_have_independent_roots(braid: int = 1, exchanged: bool = False) -> Evidence:
    """The three identities in C, and the determinant m + 1 of m neighbours, for the value `braid` of C_ij C_ji."""
    import sympy

    c: Any = sympy.Matrix(2, 2, lambda i, j: sympy.Symbol(f"C{i + 1}{j + 1}"))
    c = c.T if exchanged else c
    first, second = ((sympy.Integer(1), -_unit(i)) for i in range(2))

    def times(x: Any, y: Any) -> Any:
        """(a + K B W)(a' + K B' W) = a a' + K (a B' + a' B + B C B') W."""
        return x[0] * y[0], x[0] * y[1] + y[0] * x[1] + x[1] * c * y[1]

    def gap(x: Any, y: Any) -> Any:
        return (x[1] - y[1]).expand()

    twos = {c[0, 0]: 2, c[1, 1]: 2}
    square = gap(times(first, first), (1, sympy.zeros(2, 2)))
    commutator = gap(times(first, second), times(second, first))
    braiding = gap(times(times(first, second), first), times(times(second, first), second)).subs(twos).expand()
    cross = c[0, 1] * c[1, 0]
    wanted = (
        ("the square", square, (c[0, 0] - 2) * _unit(0)),
        ("the commutator", commutator, sympy.Matrix([[0, c[0, 1]], [-c[1, 0], 0]])),
        ("the braid", braiding, (1 - cross) * (_unit(0) - _unit(1))),
    )
    for name, found, right in wanted:
        if (found - right).expand() != sympy.zeros(2, 2):
            return fails(f"{name} differs by {(found - right).expand()}", right, found)
    m = sympy.Symbol("m")
    law = m + 1
    step = sympy.expand(2 * law.subs(m, m - 1) - braid * law.subs(m, m - 2) - law)
    if braiding.subs({c[0, 1]: braid, c[1, 0]: 1}) != sympy.zeros(2, 2):
        return fails(f"C_ij C_ji = {braid}: neighbours do not satisfy the braid relation")
    if step != 0 or (law.subs(m, 0), law.subs(m, 1)) != (1, 2):
        return fails(f"D_m = m + 1 misses the recursion by {step}", 0, step)
    return holds(cases=5)


def _unit(i: int) -> Any:
    import sympy

    return sympy.Matrix(2, 2, lambda r, s: int(r == s == i))


control(
    neighbours_have_independent_roots,
    "order-four",
    "refuted",
    braid=2,
    reason="neighbours whose product has order 4 are no swaps",
)
control(neighbours_have_independent_roots, "commuting", "refuted", braid=0, reason="neighbouring swaps do not commute")
control(
    neighbours_have_independent_roots,
    "keys-and-writes-exchanged",
    "confirmed",
    exchanged=True,
    symmetry="C is transposed, and the entries in question come in products C_ij C_ji",
)


def _roots(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Writes and keys `(n-1, n)` of the swaps of neighbours in Theorem A."""
    e = np.eye(n, dtype=np.int64)
    token = OneHotSwaps().swap(lambda slots: e[slots], np.arange(n - 1), np.arange(1, n))
    return token.w, token.k


def _first_and_third_alike(n: int) -> tuple[np.ndarray, np.ndarray]:
    """The two-dimensional representation of S_4, in which (0 1) and (2 3) act alike."""
    w, k = _roots(n)
    if n > 3:
        w, k = w.copy(), k.copy()
        w[2], k[2] = w[0], k[0]
    return w, k


@check(
    claims.one_token,
    "certified",
    given={"n": [2, 3, 4, 5, 8, 16]},
    scope={"sizes": "instances with n = 2, 3, 4, 5, 8, 16"},
)
def neighbours_have_determinant_n(n: int, roots: Callable[[int], tuple[np.ndarray, np.ndarray]] = _roots) -> Evidence:
    """C of Theorem A's own tokens has determinant n: the bound is met by tokens that exist."""
    w, k = roots(n)
    return holds(certificates=[determinant_certificate(w @ k.T, claims.one_token.id, stated=n)])


control(
    neighbours_have_determinant_n,
    "two-swaps-alike",
    "refuted",
    roots=_first_and_third_alike,
    reason="the representation of S_4 on two dimensions is not faithful, and C is singular",
)
control(
    neighbours_have_determinant_n,
    "last-first",
    "confirmed",
    roots=lambda n: (_roots(n)[0][::-1], _roots(n)[1][::-1]),
    symmetry="rows and columns reversed together",
)


def _reflections(d: int, size: int) -> np.ndarray:
    """All matrices I - k w, d x d, with integer entries of k and w in -size..size and w k = 2, each once."""
    vectors = np.array(list(product(range(-size, size + 1), repeat=d)), dtype=np.int64).reshape(-1, d)
    k, w = np.repeat(vectors, len(vectors), axis=0), np.tile(vectors, (len(vectors), 1))
    right = (k * w).sum(axis=1) == 2
    made = np.eye(d, dtype=np.int64) - k[right][:, :, None] * w[right][:, None, :]
    return np.unique(made.reshape(len(made), -1), axis=0).reshape(-1, d, d)


def _neighbours(n: int, d: int, size: int, distinct: bool) -> list[np.ndarray] | None:
    """n - 1 reflections, different if asked, with the relations of the swaps of neighbours; None when there are none."""
    pool = _reflections(d, size)

    def grow(taken: list[int]) -> list[int] | None:
        if len(taken) == n - 1:
            return taken
        allowed = np.ones(len(pool), dtype=bool)
        for place, index in enumerate(taken):
            g = pool[index]
            last = place == len(taken) - 1
            left, right = (g @ pool @ g, pool @ g @ pool) if last else (g @ pool, pool @ g)
            allowed &= (left == right).all(axis=(1, 2))
            allowed[index] &= not distinct
        return next(filter(None, (grow([*taken, int(i)]) for i in np.flatnonzero(allowed))), None)

    found = grow([])
    return None if found is None else [pool[index] for index in found]


@check(
    claims.one_token,
    "exhausted",
    given={"n": [2, 3, 4, 5]},
    scope={"sizes": "n = 2..5, integer keys and writes with entries in -2..2 (n <= 4), -1..1 (n = 5)"},
)
def no_reflections_in_fewer_dimensions(n: int, distinct: bool = True, spare: int = 0) -> Evidence:
    """Every choice of integer reflections: n - 1 with the relations of S_n exist in n - 1 dimensions and not in n - 2."""
    size = 2 if n < 4 else 1
    if _neighbours(n, n - 1 + spare, size, distinct) is None:
        return fails(f"n = {n}: none in {n - 1 + spare} dimensions")
    for d in range(1, n - 1):
        found = _neighbours(n, d, 2 if d < 3 else 1, distinct)
        if found is not None:
            return fails(f"n = {n}: {[g.tolist() for g in found]} in {d} dimensions", "none", d)
    return holds(cases=n)


control(
    no_reflections_in_fewer_dimensions,
    "swaps-may-act-alike",
    "refuted",
    distinct=False,
    reason="the representation of S_n by signs has dimension 1, and that of S_4 as S_3 dimension 2",
)
control(
    no_reflections_in_fewer_dimensions,
    "one-dimension-more",
    "confirmed",
    spare=1,
    reason="what fits into n - 1 dimensions fits into n; none fits into n - 2 still",
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
