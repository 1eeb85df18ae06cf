"""Decoding values from M: rank certificates and the decoded values; every small stream by the delta rule; the least dependent keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
from flint import fmpq_mat

from constructions.deltaformer.matrix_certificates import rank_certificate
from constructions.infini_attention.streams import Segment, Stream, cuts, told, written
from empirics.checking import Evidence, Run, check, control, fails, holds
from theory.exact import rank_witness, to_fractions, to_matrix
from theory.infini_attention import decoding as claims


def moments(tokens: int, d: int) -> list[tuple[int, ...]]:
    """(1, x, ..., x^(d-1)) for x = 1 .. tokens: any d of them are independent."""
    return [tuple(x**c for c in range(d)) for x in range(1, tokens + 1)]


def repeated(tokens: int, d: int) -> list[tuple[int, ...]]:
    """The same with the last token's key that of the first."""
    made = moments(tokens, d)
    return [*made[:-1], made[0]]


def with_units(keys: Sequence[tuple[int, ...]]) -> Segment:
    """Tokens whose values are the unit vectors: M is then the matrix of the map from values to M."""
    return tuple((key, tuple(int(i == t) for i in range(len(keys)))) for t, key in enumerate(keys))


def decoded(map_: fmpq_mat, matrix: fmpq_mat) -> fmpq_mat:
    """The values that a map of full column rank leads to this matrix."""
    back = map_.transpose()
    return (back * map_).solve(back * matrix)


@check(
    claims.rank,
    "certified",
    given=lambda run: {"size": [(d, n) for d in range(1, run.pick(5, 7)) for n in range(1, d + 2)]},
    scope=lambda run: {"sizes": f"d <= {run.pick(4, 6)}, N <= d + 1"},
)
def values_come_back(
    size: tuple[int, int], keys: Callable[[int, int], list[tuple[int, ...]]] = moments, most: Callable[[int], int] = int
) -> Evidence:
    """Rank N up to N = d, certified, and values decoded; rank d at d + 1, certified, and two values with one M."""
    d, n = size
    segment = with_units(keys(n, d))
    to_memory = written((segment,)).matrix
    held = to_matrix(to_memory)
    certificates = [rank_certificate(to_memory, claims.rank.id)]
    witness = rank_witness(held)
    if (witness.rank == n) != (n <= most(d)):
        return fails(f"d = {d}, {n} tokens: rank {witness.rank}", f"decoded: {n <= most(d)}", witness.rank)
    if witness.rank == n:
        values = fmpq_mat(n, 2, [(3 * t + c) ** 2 - 5 for t in range(n) for c in range(2)])
        pairs = zip(segment, to_fractions(values).tolist(), strict=True)
        memory = written((tuple((phi, tuple(row)) for (phi, _), row in pairs),))
        if decoded(held, to_matrix(memory.matrix)) != values:
            return fails(f"d = {d}, {n} tokens: other values are decoded")
    else:
        null = _null_vector(held)
        memory = written((tuple((phi, (x,)) for (phi, _), x in zip(segment, null, strict=True)),))
        if memory.matrix.any():
            return fails(f"d = {d}, {n} tokens: the values {null} leave M = {memory.matrix.tolist()}", 0)
    return holds(certificates=certificates)


def _null_vector(map_: fmpq_mat) -> list[Any]:
    """A vector other than 0 that the map takes to 0."""
    echelon, rank = map_.rref()
    table = to_fractions(echelon)
    pivots = [next(j for j, x in enumerate(row) if x) for row in table[:rank]]
    free = next(j for j in range(map_.ncols()) if j not in pivots)
    vector = np.zeros(map_.ncols(), dtype=object)
    vector[free] = 1
    for row, j in zip(table, pivots, strict=False):
        vector[j] = -row[free]
    return vector.tolist()


control(values_come_back, "a-key-again", "refuted", keys=repeated, reason="two tokens of one key add up")
control(values_come_back, "one-more-than-d", "refuted", most=lambda d: d + 1, reason="d equations, d + 1 unknowns")
control(
    values_come_back,
    "keys-scaled",
    "confirmed",
    keys=lambda n, d: [tuple(3 * x for x in key) for key in moments(n, d)],
    symmetry="the length of a key does not change the rank",
)


def _streams(run: Run) -> dict[str, Any]:
    vectors = [(1, 1), (1, 2), (2, 1)]
    most = run.pick(3, 4)
    keys = [list(keys) for n in range(1, most + 1) for keys in product(vectors, repeat=n)]
    return {"stream": [stream for some in keys for stream in cuts(with_units(some))]}


@check(
    claims.delta,
    "exhausted",
    given=_streams,
    scope={"sizes": "at most 3 tokens (full: 4), features (1, 1), (1, 2), (2, 1); all cuts"},
)
def delta_holds_as_many(stream: Stream, rule: str = "delta", constant: int = 0, lost: int = 0) -> Evidence:
    """With unit vectors as values M is the map from values to M; its rank is that of the features."""
    keys = [phi for segment in stream for phi, _ in segment]
    found = rank_witness(written(stream, rule, constant=constant).matrix).rank
    wanted = rank_witness(keys).rank - lost
    return holds() if found == wanted else fails(f"{told(stream)}: rank {found}", wanted, found)


control(delta_holds_as_many, "a-rank-less", "refuted", lost=1, reason="one token of one key has rank 1")
control(delta_holds_as_many, "linear", "confirmed", rule="linear", reason="M is Phi^T")
control(delta_holds_as_many, "z-from-1", "confirmed", constant=1, reason="L is unit lower triangular still")


def _few_keys(run: Run) -> dict[str, Any]:
    made = []
    for d in (1, 2, 3):
        vectors = list(product((1, 2), repeat=d))
        made += [keys for n in range(1, d + 1) for keys in product(vectors, repeat=n) if len(set(keys)) == n]
    return {"keys": made}


@check(claims.as_many, "exhausted", given=_few_keys, scope={"sizes": "N <= d <= 3, features 1 or 2"})
def different_keys_are_decoded(keys: tuple[tuple[int, ...], ...], own: int = 0, tokens: int = 3) -> Evidence:
    """N different keys have rank N; `own` is added to token t's feature t."""
    keys = tuple(tuple(x + own * (c == t) for c, x in enumerate(key)) for t, key in enumerate(keys[:tokens]))
    found = rank_witness(keys).rank
    if found < len(keys):
        return fails(f"keys {', '.join(map(str, keys))}: rank {found}", len(keys), found)
    return holds()


control(different_keys_are_decoded, "own-channel", "confirmed", own=10, reason="a dominant diagonal")
control(different_keys_are_decoded, "one-token", "confirmed", tokens=1, reason="a positive vector is not 0")
